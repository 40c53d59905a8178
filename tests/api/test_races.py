"""The same web-hook twice at the same moment."""

import json

import pytest
from django.test import Client

from palier.accounts.actor import Actor
from palier.api.models import Received
from palier.api.operations import create_endpoint
from palier.calls.models import Call
from palier.kernel import clock
from palier.telecare.models import Event
from palier.telecare.operations import receive_event
from palier.territories import walls
from palier.territories.models import Organisation
from tests import factories, racing
from tests.api import signing

pytestmark = pytest.mark.django_db(transaction=True)


def test_SEC_31_the_same_web_hook_from_eight_connections_has_one_effect(now):
    town = racing.town()
    with walls.inside(town.pk):
        _endpoint, secret = create_endpoint(
            kind="telephony",
            code="standard",
            organisation_id=factories.lead(town).pk,
            actor=Actor.job("tests", town.pk),
        )
    body = json.dumps(
        {"call_key": "c-1", "state": "ringing", "from": "0261914720", "at": now.isoformat()}
    ).encode()
    headers = signing.headers(secret, body, webhook_id="msg_same")

    def send():
        return Client().generic(
            "POST",
            "/api/telephony/events?endpoint=belrive.standard",
            body,
            content_type="application/json",
            headers=headers,
        )

    answers = racing.at_once(town.pk, now, [send] * 8)
    assert {(answer.status_code, answer.content) for answer in answers} == {(200, answers[0].content)}
    with walls.inside(town.pk):
        assert Call.objects.count() == 1 and Received.objects.count() == 1


def test_TEL_04_the_same_event_of_an_unknown_unit_from_six_connections_is_one(now):
    town = racing.town()
    with walls.inside(town.pk):
        operator = Organisation.objects.create(
            territory=town, kind="telecare_operator", name="VigiLoire", short_name="VigiLoire"
        )
    machine = Actor.machine("VigiLoire", town.pk, operator.pk)

    def tell():
        return receive_event(
            organisation_id=operator.pk,
            unit="1",
            reference="r",
            status_code=10,
            at=clock.now(),
            actor=machine,
        )

    events = racing.at_once(town.pk, now, [tell] * 6)
    assert len({event.pk for event in events}) == 1
    with walls.inside(town.pk):
        assert Event.objects.count() == 1
