"""Calls owed to somebody, kept or tried again."""

from datetime import timedelta

import pytest
from django.db import transaction

from palier.accounts.actor import Actor
from palier.calls.models import PlannedCall
from palier.calls.operations import keep_planned_call, plan_call
from palier.calls.queries import planned_with
from palier.concerns.models import Concern
from palier.duties.models import Duty
from palier.journal.models import Entry
from palier.kernel import clock
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.needs.operations import close_need, open_need
from tests import factories
from tests.at_once import at_once
from tests.factories import local

TOMORROW = local(2026, 11, 13, 10)


@pytest.fixture
def odette(belrive):
    return factories.person(belrive)


@pytest.fixture
def planned(odette, bruno):
    return plan_call(
        person_id=odette.pk,
        why="promised",
        due_at=TOMORROW,
        about="Sa facture",
        owner_id=bruno.membership_id,
        actor=bruno,
    )


def test_a_promise_is_a_duty_of_who_made_it(planned, odette, bruno):
    duty = Duty.objects.open().get()
    assert (duty.kind, duty.owner_id, duty.due_at, duty.person_id) == (
        "call_back",
        bruno.membership_id,
        TOMORROW,
        odette.pk,
    )
    assert planned_with(odette.pk) == [planned]
    assert planned_with(None, "+33261914799") == []


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"due_at": local(2026, 11, 12, 10)}, "due_at"),
        ({"why": "because"}, "why"),
        ({"person_id": None}, "person_id"),
        ({"person_id": 999_999}, "person_id"),
        ({"number": "x"}, "number"),
        ({"need_id": 999_999}, "need_id"),
        ({"asked_in_id": 999_999}, "asked_in_id"),
        ({"owner_id": 999_999}, "owner_id"),
        ({"about": "a" * 201}, "about"),
    ],
)
def test_what_cannot_be_kept_is_refused_beside_its_field(odette, bruno, fields, field):
    with pytest.raises(BadInput) as refusal:
        plan_call(**({"person_id": odette.pk, "why": "promised", "due_at": TOMORROW} | fields), actor=bruno)
    assert refusal.value.field == field


def test_the_same_promise_twice_is_one(planned, odette, bruno):
    assert plan_call(person_id=odette.pk, why="promised", due_at=TOMORROW, actor=bruno).pk == planned.pk


def test_a_job_may_plan_what_is_due_already(belrive, odette):
    job = Actor.job("visits.ask", belrive.pk)
    planned = plan_call(person_id=odette.pk, why="feedback", due_at=local(2026, 11, 12, 9), actor=job)
    assert planned.due_at == clock.now()
    assert Duty.objects.open().get().kind == "ask_how_it_went"


def test_reached_is_closed_and_a_second_time_is_refused(planned, bruno):
    kept = keep_planned_call(planned.pk, outcome="reached", actor=bruno)
    assert (kept.outcome, kept.attempts) == ("reached", 1)
    assert not Duty.objects.open().exists()
    with pytest.raises(NotPossibleNow):
        keep_planned_call(planned.pk, outcome="reached", actor=bruno)


def test_after_a_visit_she_says_how_it_went(odette, bruno):
    planned = plan_call(person_id=odette.pk, why="feedback", due_at=TOMORROW, actor=bruno)
    with pytest.raises(BadInput) as refusal:
        keep_planned_call(planned.pk, outcome="reached", feedback="great", actor=bruno)
    assert refusal.value.field == "feedback"
    keep_planned_call(planned.pk, outcome="reached", feedback="well", actor=bruno)
    entry = Entry.objects.get(code="calls.kept")
    assert (entry.data["why"], entry.data["feedback"]) == ("feedback", "well")


def test_ALR_06_the_third_call_without_an_answer_stays_with_its_owner_as_a_concern(
    planned, odette, bruno, now
):
    with clock.at(TOMORROW):
        keep_planned_call(planned.pk, outcome="no_answer", actor=bruno)
        assert Duty.objects.open().get().due_at == TOMORROW + timedelta(hours=1)
    with clock.at(TOMORROW + timedelta(hours=1)):
        keep_planned_call(planned.pk, outcome="no_answer", actor=bruno)
        # Seven hours of open time after Friday 11 h: six on Friday, one on Monday.
        assert Duty.objects.open().get().due_at == local(2026, 11, 16, 10)
    with clock.at(local(2026, 11, 16, 10)):
        closed = keep_planned_call(planned.pk, outcome="no_answer", actor=bruno)
        assert (closed.outcome, closed.attempts) == ("no_answer", 3)
        concern = Concern.objects.get()
        assert (concern.person, concern.owner_id) == (odette, bruno.membership_id)
        assert list(Duty.objects.open().values_list("kind", flat=True)) == ["look_at_concern"]


def test_a_number_without_a_person_is_tried_three_times_and_closed(bruno):
    planned = plan_call(number="02 61 91 47 99", why="missed", due_at=TOMORROW, actor=bruno)
    for _attempt in range(3):
        keep_planned_call(planned.pk, outcome="no_answer", actor=bruno)
    assert not Concern.objects.exists() and not Duty.objects.open().exists()


def test_nobody_is_asked_about_a_visit_that_is_not_needed_any_more(odette, bruno):
    window = {"starts_at": TOMORROW, "ends_at": TOMORROW + timedelta(hours=2)}
    need = open_need(person_id=odette.pk, kind="shopping", **window, actor=bruno)
    planned = plan_call(person_id=odette.pk, why="feedback", due_at=TOMORROW, need_id=need.pk, actor=bruno)
    again = plan_call(
        person_id=odette.pk, why="feedback", due_at=TOMORROW + timedelta(1), need_id=need.pk, actor=bruno
    )
    assert again.pk == planned.pk
    close_need(need.pk, outcome="no_longer_needed", actor=bruno)
    assert PlannedCall.objects.get().outcome == "dropped"


def test_a_partner_plans_nothing(belrive, planned):
    partner = factories.actor(factories.member(belrive, "Paul", "Partenaire", "partner"))
    with pytest.raises(NotAllowed):
        keep_planned_call(planned.pk, outcome="reached", actor=partner)


def test_SEC_01_a_call_of_another_territory_is_not_there(planned, carla):
    with pytest.raises(PlannedCall.DoesNotExist):
        keep_planned_call(planned.pk, outcome="reached", actor=carla)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("outcome", ["reached", "no_answer"])
def test_a_double_click_is_one_answer_or_two_tries_never_a_lost_one(now, outcome):
    with transaction.atomic():
        town = factories.territory()
        bruno = factories.actor(factories.member(town))
        planned = plan_call(person_id=factories.person(town).pk, why="promised", due_at=TOMORROW, actor=bruno)
    results = at_once(
        town.pk, now, *[lambda: keep_planned_call(planned.pk, outcome=outcome, actor=bruno)] * 2
    )
    if outcome == "reached":
        assert sorted(type(one).__name__ for one in results) == ["NotPossibleNow", "PlannedCall"]
    else:
        assert sorted(one.attempts for one in results) == [1, 2]
