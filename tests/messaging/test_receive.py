"""What comes back: answers counted once, STOP and START, receipts that never go backwards."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from palier.accounts.actor import Actor
from palier.duties.models import Duty
from palier.duties.operations import open_duty
from palier.journal.models import Entry
from palier.kernel import clock
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.messaging import operations, queries, retention
from palier.messaging.models import Inbound, Message, Suppression
from palier.privacy import operations as privacy
from palier.territories.models import Territory

MICHEL = "+33639980012"
pytestmark = pytest.mark.django_db


@pytest.fixture
def provider(belrive: Territory) -> Actor:
    return Actor.machine("gateway", belrive.pk)


def receive(actor: Actor, body: str, provider_id: str = "in-1", sender: str = MICHEL) -> Inbound | None:
    """As the machine interface does: what is left open gets a reader in the same transaction."""
    inbound = operations.receive(
        provider="gateway", provider_id=provider_id, sender=sender, body=body, actor=actor
    )
    if inbound is not None and inbound.closed_at is None:
        open_duty(inbound, kind="mend_message", due_at=clock.now(), actor=actor)
    return inbound


def made(actor: Actor, key: str = "k", **fields: Any) -> Message:
    message = operations.post(
        key,
        to=MICHEL,
        template="offer_taken",
        context={"first_name": "Michel"},
        about=Territory.objects.get(pk=actor.territory_id),
        actor=actor,
    )
    assert message is not None
    if fields:
        Message.objects.filter(pk=message.pk).update(**fields)
        message.refresh_from_db()
    return message


def check_at_commit() -> None:
    """What the database checks when the transaction ends, checked now."""
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("set constraints all deferred")


@pytest.mark.parametrize(
    "body", ["STOP", "stop", " Stop. ", "ARRET", "Arrêt", "ARRÊT SVP", "stop svp", "Stop, merci !", "arrêtez"]
)
def test_SMS_06_stop_is_understood_however_it_is_written(body: str, provider: Actor) -> None:
    waiting = made(provider)
    inbound = receive(provider, body)
    assert inbound is not None and inbound.understood_as == "stop" and inbound.closed_at
    assert Suppression.objects.filter(address=MICHEL, ended_at__isnull=True).count() == 1
    waiting.refresh_from_db()
    assert waiting.state == "cancelled"
    check_at_commit()


@pytest.mark.parametrize(
    "body", ["OUI", "Non merci", "Je suis à l'arrêt de bus", "Je ne peux pas, stop", "", "👍"]
)
def test_SMS_06_other_words_stop_nothing(body: str, provider: Actor) -> None:
    inbound = receive(provider, body)
    assert inbound is not None and inbound.understood_as == "" and inbound.closed_at is None
    assert not Suppression.objects.exists()


def test_SMS_06_start_restores(provider: Actor) -> None:
    receive(provider, "STOP", "in-1")
    assert operations.post("x", to=MICHEL, template="offer_taken", context={"first_name": "M"},
                           about=Territory.objects.get(), actor=provider) is None  # fmt: skip
    receive(provider, "Start svp", "in-2")
    assert not queries.is_suppressed(provider.territory_id, "sms", MICHEL)
    assert made(provider, "y")
    receive(provider, "stop", "in-3")
    assert queries.is_suppressed(provider.territory_id, "sms", MICHEL)
    assert Suppression.objects.count() == 2


def test_a_stop_keeps_back_no_warning_of_danger(provider: Actor) -> None:
    danger = made(provider, holds_at=None)
    receive(provider, "STOP")
    danger.refresh_from_db()
    assert danger.state == "queued"


def test_the_same_message_delivered_twice_counts_once(provider: Actor) -> None:
    assert receive(provider, "OUI") is not None
    assert receive(provider, "OUI") is None
    assert Inbound.objects.count() == 1 and Entry.objects.filter(code="messaging.received").count() == 1


def test_an_answer_that_nobody_reads_is_refused_at_commit(provider: Actor) -> None:
    with pytest.raises(IntegrityError, match="nobody is responsible"), transaction.atomic():
        operations.receive(
            provider="gateway",
            provider_id="in-1",
            sender=MICHEL,
            body="je rappelle plus tard",
            actor=provider,
        )
        check_at_commit()
    assert not Inbound.objects.exists()


def test_an_answer_that_somebody_owes_a_look_at_is_kept(provider: Actor) -> None:
    assert receive(provider, "je rappelle plus tard") is not None
    check_at_commit()


def test_SMS_01_a_receipt_never_goes_backwards(provider: Actor) -> None:
    message = made(provider, state="sent", sent_at=clock.now(), provider="gateway", provider_id="p-1")
    for state, expected in (
        ("delivered", "delivered"),
        ("sent", "delivered"),
        ("failed", "delivered"),
        ("delivered", "delivered"),
    ):
        operations.note_receipt("gateway", "p-1", state, actor=provider)
        message.refresh_from_db()
        assert message.state == expected
    assert not Duty.objects.exists()


def test_a_receipt_faster_than_the_answer_finds_its_message_by_our_key(provider: Actor) -> None:
    made(provider, state="sending", lease_until=clock.now() + timedelta(seconds=30), provider="gateway")
    noted = operations.note_receipt("gateway", "p-9", "delivered", key="k", actor=provider)
    assert noted is not None and noted.state == "delivered" and noted.provider_id == "p-9" and noted.sent_at


def test_a_receipt_of_an_unknown_message_is_asked_for_again(provider: Actor) -> None:
    assert operations.note_receipt("gateway", "nobody", "delivered", actor=provider) is None
    with pytest.raises(BadInput):
        operations.note_receipt("gateway", "nobody", "exploded", actor=provider)


def test_a_failed_receipt_goes_to_somebody_and_a_late_delivery_settles_it(provider: Actor) -> None:
    message = made(provider, state="sent", sent_at=clock.now(), provider="gateway", provider_id="p-1")
    operations.note_receipt("gateway", "p-1", "failed", error="absent subscriber", actor=provider)
    check_at_commit()
    duty = Duty.objects.get(kind="mend_message")
    assert duty.subject_id == message.pk and duty.settled_at is None and duty.team is not None
    operations.note_receipt("gateway", "p-1", "delivered", actor=provider)
    check_at_commit()
    duty.refresh_from_db()
    assert duty.settled_at is not None


@pytest.mark.parametrize("how", operations.MENDED)
def test_an_unclear_message_is_settled_by_a_person_and_never_sent_again(
    how: str, provider: Actor, bruno: Actor
) -> None:
    message = made(provider, state="unclear", handed_at=clock.now())
    operations.ask_for_care(message, actor=provider)
    operations.ask_for_care(message, actor=provider)
    check_at_commit()
    assert Entry.objects.filter(code="messaging.needs_care").count() == 1
    operations.mend(message.pk, how=how, actor=bruno)
    check_at_commit()
    message.refresh_from_db()
    assert message.closed_at is not None
    assert message.state == ("sent" if how == "sent_anyway" else "unclear")
    assert Duty.objects.get().settled_at is not None
    with pytest.raises(NotPossibleNow):
        operations.mend(message.pk, how=how, actor=bruno)


def test_a_neighbour_settles_no_message(provider: Actor) -> None:
    message = made(provider, state="unclear", handed_at=clock.now())
    operations.ask_for_care(message, actor=provider)
    with pytest.raises(NotAllowed):
        operations.mend(message.pk, how="drop", actor=Actor.neighbour(1, "Michel", provider.territory_id))
    with pytest.raises(BadInput):
        operations.mend(message.pk, how="again", actor=provider)


def test_the_thread_of_a_telephone_shows_what_arrived_and_what_was_written(provider: Actor) -> None:
    made(provider, "a", state="delivered", sent_at=clock.now() - timedelta(minutes=2))
    made(provider, "b")
    receive(provider, "OUI")
    assert [(line.incoming, line.body[:3]) for line in queries.thread(provider.territory_id, MICHEL)] == [
        (True, "CCA"),
        (False, "OUI"),
    ]


def test_content_is_blanked_after_a_year_and_secrets_at_once(provider: Actor) -> None:
    old = made(provider, "old", created_at=clock.now() - timedelta(days=366))
    new = made(provider, "new")
    secret = made(provider, "secret", template="account_mail", created_at=clock.now() - timedelta(hours=3))
    town = Territory.objects.get(pk=provider.territory_id)
    assert privacy.apply_to(town, at=clock.now()).counts()["messaging.message"] == 2
    for message, kept in ((old, False), (new, True), (secret, False)):
        message.refresh_from_db()
        assert bool(message.body) is kept
    assert old.to == MICHEL
    assert retention.forget_address(provider.territory_id, MICHEL) == 3
