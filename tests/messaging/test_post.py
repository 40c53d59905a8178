"""Posting: once per key, out of the quiet hours, never to who said STOP."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from palier.accounts.actor import Actor
from palier.kernel import clock
from palier.kernel.errors import BadInput
from palier.messaging import hours, operations
from palier.messaging.models import Message, Suppression
from palier.territories.models import Territory
from tests.factories import local

MICHEL = "+33639980012"
pytestmark = pytest.mark.django_db


@pytest.fixture
def job(belrive: Territory) -> Actor:
    return Actor.job("matching.widen", belrive.pk)


def post(job: Actor, key: str = "offer:1", **fields: Any) -> Message | None:
    values: dict[str, Any] = {
        "to": MICHEL,
        "template": "offer_taken",
        "context": {"first_name": "Michel"},
        "about": Territory.objects.get(pk=job.territory_id),
    } | fields
    return operations.post(key, actor=job, **values)


def test_the_same_key_twice_is_one_message(job: Actor) -> None:
    first, second = post(job), post(job, context={"first_name": "Fatou"})
    assert first is not None and first == second
    assert Message.objects.count() == 1
    assert "Michel" in Message.objects.get().body


def test_the_same_key_in_another_territory_is_another_message(job: Actor, carla: Actor) -> None:
    from palier.territories import walls

    assert post(job)
    with walls.inside(carla.territory_id):
        assert post(Actor.job("a job", carla.territory_id))
        assert Message.objects.count() == 1


def test_the_number_is_kept_as_the_networks_write_it(job: Actor) -> None:
    message = post(job, to="06 39 98 00 12")
    assert message is not None and message.to == MICHEL and message.sender == "CCAS Belriv"


def test_PHN_02_a_fixed_line_is_not_written_to(job: Actor) -> None:
    assert post(job, to="+33261910012") is None
    assert not Message.objects.exists()


def test_what_is_no_number_is_said(job: Actor) -> None:
    with pytest.raises(BadInput):
        post(job, to="chez Michel")


def test_a_mail_needs_an_address(job: Actor) -> None:
    with pytest.raises(BadInput):
        post(
            job,
            to="a\r\nBcc: b@c.example",
            channel="email",
            template="account_mail",
            context={"subject": "", "body": ""},
        )


def test_a_text_template_does_not_go_by_mail(job: Actor) -> None:
    with pytest.raises(ValueError, match="does not go by"):
        post(job, channel="email", to="a@b.example")


def test_SMS_03_an_ordinary_message_waits_for_the_morning(job: Actor) -> None:
    with clock.at(local(2026, 11, 12, 21, 5)):
        message = post(job)
    assert message is not None and message.due_at == local(2026, 11, 13, 8)
    assert message.holds_at == local(2026, 11, 13, 20)


def test_SMS_03_danger_does_not_wait(job: Actor) -> None:
    with clock.at(local(2026, 11, 12, 23)):
        message = post(job, ignores_quiet_hours=True)
        assert message is not None and message.due_at == clock.now() and message.holds_at is None


def test_a_message_for_the_night_before_is_moved_too(job: Actor) -> None:
    message = post(job, not_before=local(2026, 11, 15, 3))
    assert message is not None and message.due_at == local(2026, 11, 15, 8)


def test_a_message_that_expires_during_the_quiet_hours_is_never_sent(job: Actor) -> None:
    with clock.at(local(2026, 11, 12, 21)):
        message = post(job, expires_at=local(2026, 11, 13, 7))
    assert message is not None and message.state == "cancelled"


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        # The night clocks go back (25 October 2026) lasts an hour longer, the one they go forward an hour
        # less.
        (datetime(2026, 10, 24, 19, 0, tzinfo=UTC), datetime(2026, 10, 25, 7, 0, tzinfo=UTC)),
        (datetime(2027, 3, 27, 20, 0, tzinfo=UTC), datetime(2027, 3, 28, 6, 0, tzinfo=UTC)),
        (datetime(2026, 10, 25, 18, 59, tzinfo=UTC), datetime(2026, 10, 25, 18, 59, tzinfo=UTC)),
        (datetime(2026, 10, 25, 19, 0, tzinfo=UTC), datetime(2026, 10, 26, 7, 0, tzinfo=UTC)),
    ],
)
def test_SMS_03_quiet_hours_are_those_of_the_clocks_on_the_wall(at: datetime, expected: datetime) -> None:
    assert hours.next_moment(Territory(), at) == expected


def test_quiet_hours_follow_the_island_they_are_on() -> None:
    reunion = Territory(timezone="Indian/Reunion")
    # 18:00 in Paris is 21:00 there.
    assert hours.next_moment(reunion, local(2026, 11, 12, 18)) == datetime(2026, 11, 13, 4, 0, tzinfo=UTC)


def test_quiet_hours_at_noon_and_none_at_all() -> None:
    siesta = Territory(quiet_from=time(13), quiet_until=time(14))
    assert hours.next_moment(siesta, local(2026, 11, 12, 13, 30)) == local(2026, 11, 12, 14)
    assert hours.next_moment(siesta, local(2026, 11, 12, 22)) == local(2026, 11, 12, 22)
    never = Territory(quiet_from=time(0), quiet_until=time(0))
    assert hours.next_moment(never, local(2026, 11, 12, 3)) == local(2026, 11, 12, 3)
    assert hours.next_quiet(never, local(2026, 11, 12, 3)) is None


def test_no_moment_given_is_ever_quiet() -> None:
    zone = ZoneInfo("Europe/Paris")
    for step in range(0, 366 * 24, 5):
        at = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(hours=step)
        given = hours.next_moment(Territory(), at)
        assert at <= given <= at + timedelta(hours=13)
        assert 8 <= given.astimezone(zone).hour < 20


def test_a_message_the_night_overtook_in_the_queue_gets_a_new_time(job: Actor) -> None:
    with clock.at(local(2026, 11, 12, 19, 59)):
        message = post(job)
    with clock.at(local(2026, 11, 12, 20, 1)):
        assert operations.wake_the_held(actor=job) == 1
        assert operations.wake_the_held(actor=job) == 0
    assert message is not None
    message.refresh_from_db()
    assert message.due_at == local(2026, 11, 13, 8) and message.holds_at == local(2026, 11, 13, 20)


def test_who_said_stop_is_not_written_to_save_for_danger(job: Actor) -> None:
    Suppression.objects.create(
        territory_id=job.territory_id, channel="sms", address=MICHEL, since=clock.now()
    )
    assert post(job) is None
    assert post(job, key="danger", ignores_quiet_hours=True) is not None


def test_cancel_takes_back_what_is_queued_and_ends_what_is_in_hand(job: Actor) -> None:
    queued, held, gone = post(job, key="a"), post(job, key="b"), post(job, key="c")
    assert queued and held and gone
    Message.objects.filter(pk=held.pk).update(
        state="sending", lease_until=clock.now() + timedelta(seconds=30)
    )
    Message.objects.filter(pk=gone.pk).update(state="sent", sent_at=clock.now())
    about = Territory.objects.get(pk=job.territory_id)
    assert operations.cancel(about, templates=["visit_tomorrow"], actor=job) == 0
    assert operations.cancel(about, actor=job) == 2
    states = dict(Message.objects.values_list("key", "state"))
    assert states == {"a": "cancelled", "b": "sending", "c": "sent"}
    assert Message.objects.get(key="b").expires_at == clock.now()
