"""The interface does what its own description says, for whatever the description allows and more."""

from urllib.parse import urlencode

import pytest
import requests
import schemathesis
import urllib3
from django.test import Client
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from palier.api.views import api
from tests.api import signing
from tests.api.conftest import machine

pytestmark = pytest.mark.django_db

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
KINDS = {"telephony": "telephony", "telecare": "telecare", "sms": "sms"}


PATHS = ("/api/telephony/events", "/api/telecare/events", "/api/sms/inbound", "/api/sms/receipts")
SCHEMA = schemathesis.openapi.from_dict(api.get_openapi_schema(path_prefix="/api/"))


@pytest.fixture
def machines(belrive):
    return {kind: machine(belrive, kind, f"m-{kind}") for kind in KINDS}


def answer_to(
    case: schemathesis.Case, headers: dict[str, str], body: bytes, endpoint: str
) -> requests.Response:
    """Send it in process, and give the answer the form that the checks read."""
    sent = Client().generic(
        case.method,
        f"{case.path}?{urlencode({'endpoint': endpoint})}",
        body,
        content_type="application/json",
        headers=headers,
    )
    answer = requests.Response()
    answer.status_code, answer._content = sent.status_code, sent.content
    answer.headers.update(dict(sent.headers))
    # The checks read the headers where the network would have left them.
    answer.raw = urllib3.HTTPResponse(b"", headers=dict(sent.headers), status=sent.status_code, version=11)
    answer.request = requests.Request(
        case.method, f"http://127.0.0.1{case.path}", data=body, headers=headers
    ).prepare()
    return answer


def body_of(case: schemathesis.Case) -> bytes:
    kwargs = case.as_transport_kwargs(base_url="http://127.0.0.1")
    wanted = {name: kwargs[name] for name in ("json", "data") if name in kwargs}
    body = requests.Request(case.method, "http://127.0.0.1/", **wanted).prepare().body or b""
    return body.encode() if isinstance(body, str) else body


def cases(path: str, examples: int):
    """Run a function on cases made after the description of one web-hook."""

    def decorate(check):
        strategy = SCHEMA[path]["POST"].as_strategy()
        run = given(case=strategy)(check)
        return settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))(run)

    return decorate


@pytest.mark.parametrize("path", PATHS)
def test_a_signed_call_is_answered_as_described(path, machines):
    who = machines[path.split("/")[2]]

    @cases(path, 40)
    def check(case):
        body = body_of(case)
        answer = answer_to(case, signing.headers(who.secret, body), body, who.name)
        assert answer.status_code != 401
        case.validate_response(answer, checks=CHECKS)

    check()


@pytest.mark.parametrize("path", PATHS)
def test_an_unsigned_call_is_always_refused(path, machines):
    who = machines[path.split("/")[2]]

    @cases(path, 5)
    def check(case):
        answer = answer_to(case, {}, body_of(case), who.name)
        assert answer.status_code == 401
        case.validate_response(answer, checks=CHECKS)

    check()


def test_the_description_is_served_and_names_every_refusal(client):
    answer = client.get("/api/openapi.json")
    assert answer.status_code == 200
    paths = answer.json()["paths"]
    assert set(paths) == {
        "/api/telephony/events",
        "/api/telecare/events",
        "/api/sms/inbound",
        "/api/sms/receipts",
    }
    for path in paths.values():
        assert set(path["post"]["responses"]) == {"200", "400", "401", "409", "413", "422"}
