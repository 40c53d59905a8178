"""The invented towns: alive on the very day, built in one piece, and only in a demo."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from palier.accounts.actor import Actor
from palier.accounts.models import Membership, User
from palier.calls.models import Call, PlannedCall
from palier.demo import belrive, people_who_sign_in
from palier.duties.models import Duty
from palier.kernel import clock
from palier.messaging.models import Inbound, Message
from palier.needs.models import Need
from palier.people import queries as people_queries
from palier.people.models import Person
from palier.people.suppression import Suppression
from palier.referrals.models import Referral
from palier.register.models import Communication, Enrolment, EnrolmentRequest
from palier.reporting.queries import open_things
from palier.telecare.models import Event
from palier.territories import walls
from palier.territories.models import Territory
from palier.visits.models import Visit
from palier.volunteers.models import Volunteer
from tests import factories

pytestmark = pytest.mark.django_db
# A Sunday: the office is closed, and the board has to be alive all the same.
SUNDAY = (2026, 11, 22, 11, 5)


class KilledError(Exception):
    pass


@pytest.mark.timeout(600)
def test_belrive_is_alive_on_the_day_it_is_built_and_a_second_build_changes_nothing():
    said: list[str] = []
    with clock.at(factories.local(*SUNDAY)):
        town = belrive.build(said.append)
        now = clock.now()
        assert [line.split("  ")[0] for line in said] == [f"step {n}/7" for n in range(1, 8)]
        with walls.inside(town.pk):
            _is_alive(town, now)
            before = _counts()
        belrive.build(said.append)
        with walls.inside(town.pk):
            assert _counts() == before


def _has_a_register(now: object) -> None:
    """Domain calibration: 250 to 350 enrolled in a town of 50,000; letters late and owed, one to confirm, one objection."""
    present = Enrolment.objects.present()
    assert 250 <= present.count() <= 350
    assert present.filter(state="pending").count() == 1
    assert present.filter(person__is_followed=False).count() >= 7
    assert present.to_reconfirm().count() > 50
    owed = Duty.objects.open().filter(kind="send_acknowledgement")
    assert owed.filter(due_at__lt=now).count() >= 2 and owed.filter(due_at__gt=now).exists()
    assert Suppression.objects.filter(scope="register").count() == 1
    assert Communication.objects.get().downloads == 1
    assert EnrolmentRequest.objects.open().filter(enrolment__isnull=True).count() == 1


def _is_alive(town: Territory, now: object) -> None:
    assert town.ready_at is not None
    assert 290 <= Person.objects.filter(is_followed=True).count() <= 305
    _has_a_register(now)
    assert Person.objects.exclude(state="active").count() == 7
    assert {"applied", "active", "resting", "ended"} <= set(Volunteer.objects.values_list("state", flat=True))
    assert Volunteer.objects.vetted().count() > 110
    # Every state of a need, something late, something for today, something without a name.
    assert set(Need.objects.values_list("state", flat=True)) == set(Need.State.values)
    nadia = Membership.objects.get(user__email="nadia@belrive.example")
    mine = Duty.objects.open().filter(owner=nadia)
    assert mine.filter(due_at__lt=now).count() >= 3 and mine.filter(due_at__gt=now).count() >= 3
    assert Duty.objects.open().filter(owner__isnull=True).exists()
    kinds = set(Duty.objects.open().values_list("kind", flat=True))
    assert {
        "log_call", "call_back", "find_somebody", "await_answers", "follow_visit", "prove_visit", "ask_how_it_went", "close_need",
        "look_at_concern", "follow_referral", "mend_message", "review_event", "vet_volunteer",
    } <= kinds  # fmt: skip
    assert sum(thing.without_duty for thing in open_things(town.pk)) == 0
    assert Call.objects.filter(state="ended").count() == 1 and Call.objects.count() > 100
    assert Visit.objects.filter(state="done", proof="telecare").exists()
    assert Inbound.objects.filter(understood_as="unclear", closed_at__isnull=True).exists()
    assert Event.objects.filter(closed_at__isnull=True).exists()
    assert Referral.objects.filter(closed_at__isnull=True).exists()
    assert PlannedCall.objects.filter(closed_at__isnull=True, why="feedback").exists()
    assert not Message.objects.filter(state__in=["failed", "unclear", "sending"]).exists()
    odette = people_queries.by_number("+33261914720", actor=Actor.job("test", town.pk))
    assert [person.full_name for person in odette] == ["Odette Marchand"]
    assert Need.objects.get(person=odette[0], state="to_propose").kind.code == "shopping"
    # Numbers kept for fiction, addresses that nobody has.
    assert not [
        phone
        for phone in Volunteer.objects.values_list("phone", flat=True)
        if not phone.startswith("+3363998")
    ]
    assert not User.objects.exclude(email__endswith=".example").exists()


def _counts() -> tuple[int, ...]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select (select count(*) from journal_entry), (select count(*) from people_person), (select count(*) from territories_territory)"
        )
        return tuple(cursor.fetchone())


@pytest.mark.parametrize("killed_at", ["step 3/7", "step 5/7"])
def test_a_build_killed_half_way_leaves_nothing_of_the_town_behind(killed_at, monkeypatch):
    def say(line: str) -> None:
        if line.startswith(killed_at):
            raise KilledError

    # A hamlet is enough to be killed in.
    monkeypatch.setattr(belrive._Belrive, "people", lambda self, count: None)
    monkeypatch.setattr(belrive._Belrive, "neighbours", lambda self: None)
    with clock.at(factories.local(*SUNDAY)), pytest.raises(KilledError):
        belrive.build(say)
    assert list(Territory.objects.values_list("code", flat=True)) == ["valmont"]
    assert not User.objects.filter(email="nadia@belrive.example").exists()


def test_an_older_unfinished_town_is_told_and_how_to_begin_anew():
    Territory.objects.create(
        code="valmont", name="Valmont", sender_name="V", public_phone="+33353010012", public_host="v.example"
    )
    with pytest.raises(RuntimeError, match="--reset"):
        belrive.build(lambda line: None)


def test_invented_people_are_refused_outside_a_demo(settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="PALIER_DEMO"):
        call_command("build_demo", stdout=StringIO())


def test_who_can_sign_in_is_told_for_each_role_with_one_password_long_enough():
    people = people_who_sign_in()
    assert {person["password"] for person in people} == {belrive.PASSWORD} and len(belrive.PASSWORD) >= 14
    assert len({person["e-mail"] for person in people}) == len(people) == 9
    assert all(person["what they see"] for person in people)
    assert any("Valmont" in person["role"] for person in people)
