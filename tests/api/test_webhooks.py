"""SEC-31: who may call, what a forged or repeated call does, and that nothing is learnt from a refusal."""

import json
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import override_settings

from palier.api import operations, secrets
from palier.api.models import Endpoint, Received
from palier.calls.models import Call
from palier.kernel import clock
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.matching.models import Offer
from palier.messaging.models import Inbound, Message
from palier.telecare.models import Event
from palier.territories import walls
from tests import factories, flow
from tests.api import signing
from tests.api.conftest import machine

pytestmark = pytest.mark.django_db


def ringing(key: str = "c-1", **fields):
    return {
        "call_key": key,
        "state": "ringing",
        "from": "02 61 91 47 20",
        "to": "+33261910012",
        "at": clock.now().isoformat(),
    } | fields


def test_a_signed_event_rings_the_desk(standard):
    answer = signing.call("telephony/events", standard.secret, ringing())
    assert answer.status_code == 200 and answer.json()["state"] == "ringing"
    call = Call.objects.get()
    assert (call.provider, call.call_key, call.number) == ("standard", "c-1", "+33261914720")
    assert answer.json()["id"] == call.pk


def test_the_same_web_hook_twice_has_one_effect_and_one_answer(standard):
    first = signing.call("telephony/events", standard.secret, ringing(), webhook_id="msg_same")
    again = signing.call("telephony/events", standard.secret, ringing("c-2"), webhook_id="msg_same")
    assert first.json() == again.json() and again.status_code == 200
    assert Call.objects.count() == 1 and Received.objects.count() == 1


def test_a_replay_after_six_minutes_is_refused_and_at_four_it_is_not(standard):
    late = signing.call("telephony/events", standard.secret, ringing(), ago=timedelta(minutes=6))
    early = signing.call("telephony/events", standard.secret, ringing(), ago=timedelta(minutes=-6))
    assert late.status_code == early.status_code == 401
    assert not Call.objects.exists()
    assert (
        signing.call("telephony/events", standard.secret, ringing(), ago=timedelta(minutes=4)).status_code
        == 200
    )


def test_every_forgery_gets_the_same_answer_and_leaves_nothing(standard, belrive):
    body = json.dumps(ringing()).encode()
    attempts = [
        signing.call("telephony/events", secrets.new_secret(), ringing()),
        signing.call("telephony/events", standard.secret, ringing(), endpoint="belrive.nobody"),
        signing.call("telephony/events", standard.secret, ringing(), endpoint="nowhere.standard"),
        signing.call("telephony/events", standard.secret, ringing(), endpoint=""),
        signing.call("telephony/events", standard.secret, ringing(), endpoint="belrive.%00standard"),
        # A telephone system cannot speak as an operator.
        signing.call("telecare/events", standard.secret, ringing()),
        signing.call("telephony/events", standard.secret, body, sent_body=body.replace(b"c-1", b"c-9")),
        signing.call("telephony/events", standard.secret, body, changed={"webhook-id": "msg_other"}),
        signing.call("telephony/events", standard.secret, body, changed={"webhook-signature": ""}),
        signing.call("telephony/events", standard.secret, body, changed={"webhook-signature": "v1"}),
        signing.call(
            "telephony/events", standard.secret, body, changed={"webhook-signature": "v1,é v1,=, ,"}
        ),
        signing.call("telephony/events", standard.secret, body, changed={"webhook-signature": "v1a,AAAA"}),
        signing.call("telephony/events", standard.secret, body, changed={"webhook-timestamp": "nan"}),
        signing.call("telephony/events", standard.secret, body, changed={"webhook-timestamp": "1e999"}),
        signing.call("telephony/events", standard.secret, body, sent_body=b"\xff\xfe"),
    ]
    assert {(answer.status_code, answer.content) for answer in attempts} == {(401, attempts[0].content)}
    assert not Call.objects.exists() and not Received.objects.exists()


def test_an_endpoint_of_another_territory_rings_there_and_not_here(standard, carla):
    walls.enter(carla.territory_id)
    from palier.territories.models import Territory

    theirs = machine(Territory.objects.get(pk=carla.territory_id), "telephony", "standard")
    walls.enter(standard.endpoint.territory_id)
    assert signing.call("telephony/events", theirs.secret, ringing()).status_code == 401
    answer = signing.call("telephony/events", theirs.secret, ringing(), endpoint="valmont.standard")
    assert answer.status_code == 200
    assert not Call.objects.exists()
    walls.enter(carla.territory_id)
    assert Call.objects.count() == 1


def test_a_body_over_twenty_kilobytes_is_refused_before_anything_else(standard):
    answer = signing.call("telephony/events", standard.secret, ringing(to="x" * 20_001))
    assert answer.status_code == 413 and answer.json()["code"] == "too_large"


def test_what_is_not_the_form_is_named_and_not_repeated(standard):
    answer = signing.call(
        "telephony/events",
        standard.secret,
        ringing(state="exploded", at="2026-11-12T10:00:00", to="SECRET" * 20),
    )
    assert answer.status_code == 422
    assert {one["loc"][-1] for one in answer.json()["detail"]} == {"state", "at", "to"}
    assert b"SECRET" not in answer.content and b"exploded" not in answer.content


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"text"', b'{"a": NaN}', "é".encode("latin-1")])
def test_what_is_no_json_object_is_400_or_422_and_never_500(standard, body):
    if body == "é".encode("latin-1"):
        # Bytes that are no text cannot be signed by the library; they are refused all the same.
        answer = signing.call("telephony/events", standard.secret, b"{}", sent_body=body)
        assert answer.status_code == 401
        return
    assert signing.call("telephony/events", standard.secret, body).status_code in (400, 422)


def test_a_refused_event_may_be_sent_again_under_the_same_id(vigiloire):
    tomorrow = {
        "unit": "33000417",
        "reference": "r1",
        "status_code": 121,
        "at": flow.later(days=1).isoformat(),
    }
    assert (
        signing.call(
            "telecare/events", vigiloire.secret, tomorrow, endpoint=vigiloire.name, webhook_id="m"
        ).status_code
        == 422
    )
    now = tomorrow | {"at": clock.now().isoformat()}
    assert (
        signing.call(
            "telecare/events", vigiloire.secret, now, endpoint=vigiloire.name, webhook_id="m"
        ).status_code
        == 200
    )


def test_both_secrets_work_during_a_rotation_and_the_former_ends(standard, belrive):
    from palier.accounts.actor import Actor

    _endpoint, fresh = operations.rotate_secret(standard.endpoint.pk, actor=Actor.job("tests", belrive.pk))
    assert signing.call("telephony/events", standard.secret, ringing()).status_code == 200
    assert signing.call("telephony/events", fresh, ringing()).status_code == 200
    with clock.at(clock.now() + operations.ROTATION + timedelta(seconds=1)):
        assert signing.call("telephony/events", standard.secret, ringing()).status_code == 401
        assert signing.call("telephony/events", fresh, ringing()).status_code == 200


def test_a_closed_endpoint_takes_nothing_more(standard, belrive):
    from palier.accounts.actor import Actor

    operations.close_endpoint(standard.endpoint.pk, actor=Actor.job("tests", belrive.pk))
    assert signing.call("telephony/events", standard.secret, ringing()).status_code == 401


def test_secrets_are_encrypted_and_survive_a_change_of_the_installations_key(standard):
    stored = Endpoint.objects.get(pk=standard.endpoint.pk).secret
    assert standard.secret not in stored and secrets.opened(stored) == standard.secret
    with override_settings(
        SECRET_KEY="another key of at least fifty signs, for this test only",
        SECRET_KEY_FALLBACKS=[settings.SECRET_KEY],
    ):
        assert signing.call("telephony/events", standard.secret, ringing()).status_code == 200
    with override_settings(
        SECRET_KEY="another key of at least fifty signs, for this test only", SECRET_KEY_FALLBACKS=[]
    ):
        assert signing.call("telephony/events", standard.secret, ringing()).status_code == 401


def test_only_who_administers_opens_connections(belrive, bruno, alba, carla):
    for actor in (bruno, alba):
        with pytest.raises(NotAllowed):
            operations.create_endpoint(
                kind="telephony", code="standard", organisation_id=factories.lead(belrive).pk, actor=actor
            )
    head = factories.actor(factories.member(belrive, "Hélène", "Chef", "head"))
    made = operations.create_endpoint(
        kind="telephony", code="standard", organisation_id=factories.lead(belrive).pk, actor=head
    )
    assert made[1].startswith("whsec_")
    with pytest.raises(NotPossibleNow):
        operations.create_endpoint(
            kind="sms", code="standard", organisation_id=factories.lead(belrive).pk, actor=head
        )
    for wrong in ({"code": "Mon Standard"}, {"kind": "fax"}, {"organisation_id": 10**9}):
        with pytest.raises(BadInput):
            operations.create_endpoint(
                **({"kind": "sms", "code": "autre", "organisation_id": factories.lead(belrive).pk} | wrong),
                actor=head,
            )


def test_events_of_a_call_in_any_order_give_the_same_call(standard, belrive):
    factories.member(belrive, "Nadia", "Benali", extension="12")
    steps = [
        ringing(),
        ringing(state="answered", agent_ext="12", at=flow.later(seconds=-20).isoformat()),
        ringing(state="ended", at=flow.later(seconds=-1).isoformat()),
    ]
    for step in reversed(steps):
        assert signing.call("telephony/events", standard.secret, step).status_code == 200
    call = Call.objects.get()
    assert (call.state, call.number, call.answered_by.extension) == ("ended", "+33261914720", "12")


def test_TEL_08_a_telecare_event_bears_numbers_only(vigiloire):
    """TEL-08: nothing of the operator's file can come in: an unknown field refuses the whole."""
    event = {"unit": "33000417", "reference": "r1", "status_code": 121, "at": clock.now().isoformat()}
    answer = signing.call(
        "telecare/events", vigiloire.secret, event | {"diagnosis": "diabète"}, endpoint=vigiloire.name
    )
    assert answer.status_code == 422 and "diab" not in answer.content.decode()
    answer = signing.call("telecare/events", vigiloire.secret, event, endpoint=vigiloire.name)
    assert (answer.status_code, answer.json()["state"]) == (200, "to_review")
    assert Event.objects.get().unit == "33000417"


def test_yes_by_text_message_answers_the_question(gateway, belrive, bruno):
    odette, michel = factories.person(belrive), factories.volunteer(belrive)
    need = flow.need_for(odette, bruno)
    flow.ask(need, [michel], bruno)
    message = {"id": "in-1", "from": michel.phone, "text": "Oui, avec plaisir !"}
    answer = signing.call("sms/inbound", gateway.secret, message, endpoint=gateway.name)
    assert (answer.status_code, answer.json()["state"]) == (200, "yes")
    again = signing.call("sms/inbound", gateway.secret, message, endpoint=gateway.name)
    assert again.json()["state"] == "known"
    assert Offer.objects.get().state == "accepted" and Inbound.objects.count() == 1


def test_a_text_nobody_understands_waits_for_somebody(gateway):
    answer = signing.call(
        "sms/inbound",
        gateway.secret,
        {"id": "in-1", "from": "VOTREOPERATEUR", "text": "Promo 😀"},
        endpoint=gateway.name,
    )
    assert (answer.status_code, answer.json()["state"]) == (200, "unclear")
    assert Inbound.objects.get().closed_at is None


def test_stop_by_text_message_is_taken_at_once(gateway):
    answer = signing.call(
        "sms/inbound",
        gateway.secret,
        {"id": "in-1", "from": "0639980001", "text": "Stop svp"},
        endpoint=gateway.name,
    )
    assert answer.json()["state"] == "stop"


def test_a_receipt_moves_the_message_and_an_unknown_one_is_asked_for_again(gateway, belrive, bruno):
    odette, michel = factories.person(belrive), factories.volunteer(belrive)
    flow.ask(flow.need_for(odette, bruno), [michel], bruno)
    Message.objects.update(state="sent", sent_at=clock.now(), provider="demo", provider_id="out-1")
    unknown = signing.call(
        "sms/receipts", gateway.secret, {"id": "out-9", "state": "delivered"}, endpoint=gateway.name
    )
    assert unknown.status_code == 409
    answer = signing.call(
        "sms/receipts", gateway.secret, {"id": "out-1", "state": "delivered"}, endpoint=gateway.name
    )
    assert (answer.status_code, answer.json()["state"]) == (200, "delivered")


def test_a_browser_session_opens_nothing(standard, client):
    answer = client.post(
        "/api/telephony/events?endpoint=belrive.standard", ringing(), content_type="application/json"
    )
    assert answer.status_code == 401
    assert client.get("/api/telephony/events").status_code == 405
