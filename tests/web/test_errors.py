"""When something goes wrong: a page in the same style, what was typed given back, what to do next (A11Y-13)."""

from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client, RequestFactory
from django.urls import reverse

from palier.accounts.actor import Actor
from palier.kernel.errors import BadInput, NotPossibleNow
from palier.web import desk
from palier.web.errors import views as errors
from palier.web.phone import views as phone
from palier.web.team import views as team
from tests.web.client import desk_client

TYPED = {
    "first_name": "Zoé",
    "last_name": "Delaunay-Marchand",
    "email": "pas une adresse",
    "title": "Agente de secteur",
}


def body(answer: Any) -> str:
    text: str = answer.content.decode()
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


@pytest.fixture
def head(belrive: Any) -> Client:
    from tests import factories

    return desk_client(factories.member(belrive, "Hélène", "Chef", "head"))


def stops_with(monkeypatch: pytest.MonkeyPatch, refusal: Exception) -> None:
    """The operation behind « Donner un accès » ends like this, past the form."""

    def refuse(*_args: Any, **_kwargs: Any) -> Any:
        raise refusal

    monkeypatch.setattr(team, "try_operation", refuse)


def give_access(client: Client) -> Any:
    client.raise_request_exception = False
    return client.post(reverse("member_new"), {**TYPED, "email": "zoe@belrive.example", "role": "agent",
                                               "organisation_id": organisation()})  # fmt: skip


def organisation() -> int:
    from palier.territories.models import Organisation

    return Organisation.objects.get(is_lead=True).pk


def test_404_an_address_that_does_not_exist(client: Client, db: None) -> None:
    answer = client.get("/nulle-part/")
    assert answer.status_code == 404 and "<h1>" in body(answer)


def test_404_a_file_that_does_not_exist(bruno: Actor) -> None:
    answer = desk_client(bruno).get(reverse("person", args=[987654321]))
    assert answer.status_code == 404 and "02 61 91 00 12" in body(answer), "and whom to call"


def test_403_says_whom_to_ask(bruno: Actor) -> None:
    answer = desk_client(bruno).get(reverse("team"))
    assert answer.status_code == 403
    assert "Vous n’avez pas accès à cette page" in body(answer) and "coordonne" in body(answer)


def test_409_keeps_what_was_typed_and_offers_to_try_again(
    head: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    stops_with(monkeypatch, NotPossibleNow("Quelqu’un vient de le faire."))
    answer = give_access(head)
    assert answer.status_code == 409
    assert "Quelqu’un vient de le faire." in body(answer)
    assert "Delaunay-Marchand" in body(answer) and "Réessayer" in body(answer)


def test_422_of_an_operation_keeps_what_was_typed(head: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    stops_with(monkeypatch, BadInput("email", "Cette adresse ne va pas."))
    answer = give_access(head)
    assert answer.status_code == 422
    assert "Cette adresse ne va pas." in body(answer) and "Agente de secteur" in body(answer)


def test_422_of_a_form_is_the_form_with_everything_in_it(head: Client) -> None:
    answer = head.post(reverse("member_new"), TYPED)
    assert answer.status_code == 422
    assert 'value="Delaunay-Marchand"' in body(answer) and "prenom.nom@ville.fr" in body(answer)


def test_500_keeps_what_was_typed_and_gives_a_reference(
    head: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stops_with(monkeypatch, ZeroDivisionError("secret of the house"))
    answer = give_access(head)
    assert answer.status_code == 500
    assert "Delaunay-Marchand" in body(answer) and "Réessayer" in body(answer)
    assert "secret of the house" not in body(answer) and "Traceback" not in body(answer)
    reference = caplog.records[0].getMessage().split()[-1]
    assert reference in body(answer), "what is read out leads to the line of the log"


def test_500_undoes_what_the_view_had_written(bruno: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    from palier.calls.models import Call

    def fails(*_args: Any, **_kwargs: Any) -> Any:
        raise RuntimeError

    client = desk_client(bruno)
    client.raise_request_exception = False
    monkeypatch.setattr(phone, "to", fails)
    assert client.post(reverse("call_start")).status_code == 500
    assert not Call.objects.exists()


def test_503_the_database_away_before_anything_is_known(
    bruno: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SEC-20: what was typed comes back, and a second try is one touch."""

    def away(_key: str) -> Any:
        raise OperationalError("the connection is lost")

    client = desk_client(bruno)
    monkeypatch.setattr(desk, "find_session", away)
    answer = client.post(reverse("need_new"), {"details": "Du lait et du pain pour demain"})
    assert answer.status_code == 503 and answer["Retry-After"]
    assert "Du lait et du pain pour demain" in body(answer) and "Réessayer" in body(answer)
    assert "connection is lost" not in body(answer)


def test_503_the_database_away_in_the_middle(head: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    stops_with(monkeypatch, OperationalError("server closed the connection"))
    answer = give_access(head)
    assert answer.status_code == 503 and "Delaunay-Marchand" in body(answer)


def test_413_a_body_that_is_too_large(bruno: Actor) -> None:
    answer = desk_client(bruno).post(
        reverse("need_new"), "details=" + "x" * 1_100_000, content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 413


def test_a_page_open_for_too_long_is_sent_again_with_one_touch(bruno: Actor) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = desk_client(bruno).cookies
    answer = client.post(
        reverse("need_new"), {"details": "Du lait et du pain", "csrfmiddlewaretoken": "ancien"}
    )
    assert answer.status_code == 403
    assert "Du lait et du pain" in body(answer) and "Réessayer" in body(answer)
    assert "ancien" not in body(answer), "with a token of its own"
    assert 'name="csrfmiddlewaretoken"' in body(answer)


def test_an_ended_sign_in_gives_back_what_was_typed(db: None) -> None:
    answer = Client().post("/besoins/nouveau/", {"details": "Du lait et du pain"})
    assert answer.status_code in (401, 404)
    assert answer.status_code == 404 or "Du lait et du pain" in body(answer)


def test_a_secret_is_never_given_back() -> None:
    request = RequestFactory().post("/", {"password": "une phrase", "code": "123456", "note": "Une note"})
    assert errors.fields(request) == [("note", "Une note")]


def test_a_part_of_a_page_gets_the_refusal_without_the_text(bruno: Actor) -> None:
    answer = desk_client(bruno).get(reverse("team"), headers={"HX-Request": "true"})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "path", ["/", "/aujourdhui/", "/compte/login/", "/nulle-part/", "/accessibilite/", "/r/rien", "/etat/"]
)
def test_SEC_12_each_answer_bears_the_headers(client: Client, db: None, path: str) -> None:
    answer = client.get(path)
    policy = answer["Content-Security-Policy"]
    for part in (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ):
        assert part in policy
    assert "unsafe" not in policy and "*" not in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] in ("same-origin", "strict-origin")
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Cache-Control"] and "public" not in answer["Cache-Control"]


def test_SEC_12_every_address_bears_them(head: Client) -> None:
    from tests.guards.test_permission_matrix import ours

    for name, entry in ours().items():
        values = {
            key: 1 if type(converter).__name__ == "IntConverter" else "x"
            for key, converter in entry.pattern.converters.items()
        }
        head.raise_request_exception = False
        answer = head.get(reverse(name, kwargs=values))
        assert "default-src 'none'" in answer["Content-Security-Policy"], name
        assert answer["X-Content-Type-Options"] == "nosniff", name


def test_SEC_12_over_https_the_house_is_only_reached_so(client: Client, settings: Any) -> None:
    from django.http import HttpResponse

    from palier.web.middleware import security_headers

    settings.SECURE_HSTS_SECONDS = 63_072_000
    answer = security_headers(lambda _request: HttpResponse())(RequestFactory().get("/"))
    assert answer["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
