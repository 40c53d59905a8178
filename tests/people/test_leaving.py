"""Moved, deceased, in a care home: everything stops at once, says so, and can be undone for an error."""

from datetime import timedelta

import pytest

from palier.accounts.actor import Actor
from palier.calls.models import PlannedCall
from palier.calls.operations import plan_call
from palier.duties.models import Duty
from palier.journal.models import Entry
from palier.kernel import clock
from palier.kernel.errors import BadInput, NotPossibleNow
from palier.matching.models import Offer
from palier.messaging.models import Message
from palier.messaging.operations import post
from palier.needs.models import Need
from palier.people import operations as people
from palier.people.departures import counted
from palier.people.models import Away, Person
from palier.referrals.models import Referral
from palier.referrals.operations import propose_referral
from palier.territories import walls
from palier.visits.models import Visit
from tests import factories, flow, racing
from tests.referrals.test_referrals import service_of

STATES = ("moved", "in_care_home", "deceased")


@pytest.fixture
def odette(belrive):
    return factories.person(belrive)


def owe_a_call(person, actor):
    return plan_call(
        person_id=person.pk,
        why="promised",
        due_at=clock.now() + timedelta(hours=3),
        about="Ses courses",
        actor=actor,
    )


@pytest.fixture
def busy(belrive, odette, bruno):
    """A visit agreed, a need asked to neighbours, a need handed over, a call owed, a day at hospital."""
    michel = factories.volunteer(belrive)
    visit = flow.agreed_visit(odette, michel, bruno)
    asked = flow.need_for(odette, bruno, kind="paperwork", what="Un papier")
    flow.ask(asked, [factories.volunteer(belrive, "Fatou", "Ndiaye", x=620_300.0)], bruno)
    planned = owe_a_call(odette, bruno)
    people.say_away(odette.pk, reason="hospital", starts_on=clock.today() + timedelta(days=20), actor=bruno)
    return {"visit": visit, "asked": asked, "planned": planned}


@pytest.mark.parametrize("state", STATES)
def test_one_act_stops_everything_and_says_what_it_stopped(odette, bruno, busy, state):
    done = people.depart(odette.pk, state=state, on=clock.today(), actor=bruno)
    assert done.person.state == state and done.person.left_on == clock.today()
    assert not Need.objects.open().exists()
    assert Visit.objects.get().state == "cancelled"
    assert not PlannedCall.objects.filter(closed_at__isnull=True).exists()
    assert not Offer.objects.filter(state__in=["asked", "viewed"]).exists()
    assert not Away.objects.open().exists()
    kinds = sorted(thing.kind for thing in done.stopped)
    assert kinds == ["asking", "away", "need", "need", "planned_call", "visit"]
    texts = " / ".join(thing.text for thing in done.stopped)
    assert "Michel Lefort" in texts and "Courses" in texts and "Ses courses" in texts
    entry = Entry.objects.get(code="people.stopped")
    assert entry.data["counts"]["need"] == 2
    assert "2 besoins, 1 visite, 1 appel prévu" in counted(done.stopped)
    # Nobody owes anything that can no longer be done.
    assert not Duty.objects.open().filter(person_id=odette.pk).exists()


def test_the_neighbour_who_was_coming_is_told_not_to(odette, bruno, busy):
    people.depart(odette.pk, state="moved", actor=bruno)
    told = Message.objects.filter(template="need_cancelled")
    assert told.count() == 1 and told.get().state == "queued"
    # What was queued before is taken back, each by whoever had it written or, if nobody did, by the act itself.
    waiting = Message.objects.filter(person_id=odette.pk, state="queued").exclude(pk=told.get().pk)
    assert not waiting.exists()


def test_a_message_about_her_that_nobody_takes_back_is_taken_back_with_her(odette, bruno):
    post(
        "a-word",
        to="+33639981245",
        template="offer_over",
        context={"first_name": "Sylvie"},
        about=odette,
        person_id=odette.pk,
        actor=bruno,
    )
    done = people.depart(odette.pk, state="deceased", actor=bruno)
    assert [thing.kind for thing in done.stopped] == ["message"]
    assert Message.objects.get().state == "cancelled"


def test_a_need_that_was_handed_over_is_taken_back(belrive, odette, bruno):
    need = flow.need_for(odette, bruno)
    service = service_of(belrive, "Les Tilleuls")
    propose_referral(need.pk, service.pk, actor=bruno)
    done = people.depart(odette.pk, state="deceased", actor=bruno)
    assert Referral.objects.get().state == "withdrawn"
    assert [thing.text for thing in done.stopped if thing.kind == "referral"] == [str(service)]


def test_what_will_stop_is_shown_before_and_nothing_is_done_yet(odette, bruno, busy):
    before = Entry.objects.count(), Message.objects.count(), Duty.objects.open().count()
    shown = people.preview_departure(odette.pk, state="deceased", actor=bruno)
    assert len(shown.stopped) >= 6
    assert (Entry.objects.count(), Message.objects.count(), Duty.objects.open().count()) == before
    assert Person.objects.get().state == "active"
    assert Visit.objects.get().state == "planned"
    done = people.depart(odette.pk, state="deceased", actor=bruno)
    assert [thing.text for thing in done.stopped] == [thing.text for thing in shown.stopped]


def test_an_error_is_undone_and_what_stays_stopped_is_said(odette, bruno, busy):
    done = people.depart(odette.pk, state="deceased", condolences=True, actor=bruno)
    assert Duty.objects.open().filter(kind="condolences").count() == 1
    back = people.come_back(odette.pk, actor=bruno)
    assert Person.objects.get().state == "active" and Person.objects.get().left_on is None
    assert back.stopped == done.stopped
    assert not Duty.objects.open().filter(kind="condolences").exists()
    assert not Need.objects.open().exists(), "it stays stopped"
    assert flow.need_for(odette, bruno).pk, "and may be noted anew"
    assert people.come_back(odette.pk, actor=bruno).stopped == []


def test_whoever_moved_may_later_be_said_to_have_died_and_not_the_other_way_round(odette, bruno):
    people.depart(odette.pk, state="moved", actor=bruno)
    people.depart(odette.pk, state="deceased", actor=bruno)
    assert people.depart(odette.pk, state="deceased", actor=bruno).stopped == []
    assert Entry.objects.filter(code="people.left").count() == 2
    with pytest.raises(NotPossibleNow):
        people.depart(odette.pk, state="moved", actor=bruno)


def test_a_day_to_come_is_no_day_of_departure(odette, bruno):
    for on in (clock.today() + timedelta(days=1), odette.birth_on - timedelta(days=1)):
        with pytest.raises(BadInput) as refused:
            people.depart(odette.pk, state="deceased", on=on, actor=bruno)
        assert refused.value.field == "on"
    with pytest.raises(BadInput):
        people.depart(odette.pk, state="active", actor=bruno)
    assert Person.objects.get().state == "active"


def test_a_word_to_her_family_is_owed_when_asked_for_only(odette, bruno):
    people.depart(odette.pk, state="deceased", condolences=True, actor=bruno)
    duty = Duty.objects.open().get(kind="condolences")
    assert duty.owner_id == bruno.membership_id
    people.say_condolences_done(odette.pk, actor=bruno)
    assert not Duty.objects.open().exists()


def test_nobody_around_her_is_told_by_itself(belrive, odette, bruno):
    andre = factories.person(belrive, "André", "Marchand", phone="+33261914711")
    people.share_home(odette.pk, andre.pk, actor=bruno)
    people.depart(odette.pk, state="deceased", actor=bruno)
    assert not Message.objects.exists()
    assert not Entry.objects.filter(person_id=andre.pk, code="people.left").exists()


def test_nothing_is_planned_for_who_has_left(odette, bruno):
    for state in ("moved", "deceased"):
        people.depart(odette.pk, state=state, actor=bruno)
        with pytest.raises(NotPossibleNow):
            owe_a_call(odette, bruno)
        with pytest.raises(NotPossibleNow):
            flow.need_for(odette, bruno)
        with pytest.raises(NotPossibleNow):
            people.say_away(odette.pk, reason="hospital", starts_on=clock.today(), actor=bruno)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(4))
def test_a_call_planned_while_she_is_said_to_have_died_is_not_left_behind(now, attempt):
    """The same row is locked by both: the call comes first and is dropped, or comes second and is refused."""
    town = racing.town()
    with walls.inside(town.pk):
        bruno = factories.actor(factories.member(town))
        odette = factories.person(town)
    results = racing.at_once(
        town.pk,
        now,
        [
            lambda: people.depart(odette.pk, state="deceased", actor=bruno),
            lambda: owe_a_call(odette, bruno),
        ],
    )
    assert not isinstance(results[0], Exception)
    assert not isinstance(results[1], Exception) or isinstance(results[1], NotPossibleNow)
    with walls.inside(town.pk):
        assert not PlannedCall.objects.filter(closed_at__isnull=True).exists()


def test_a_job_may_say_it_too(belrive, odette, bruno, busy):
    """The yearly round, an import: the same act."""
    done = people.depart(odette.pk, state="moved", actor=Actor.job("round", belrive.pk))
    assert len(done.stopped) >= 6
