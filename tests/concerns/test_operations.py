"""What worries somebody has facts, a name and a time."""

from datetime import timedelta

import pytest
from django.db import transaction

from palier.accounts.actor import Actor
from palier.concerns.models import Concern
from palier.concerns.operations import close_concern, complete_concern, open_concern
from palier.duties.models import Duty
from palier.journal.models import Entry
from palier.kernel import clock
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from tests import factories
from tests.at_once import at_once
from tests.factories import local

FACTS = "Elle n’a pas ouvert à sa voisine ce matin."


@pytest.mark.parametrize(
    ("urgency", "due"),
    [
        ("now", local(2026, 11, 12, 10, 35)),
        ("today", local(2026, 11, 12, 17)),
        ("two_days", local(2026, 11, 14, 10, 20)),
        ("week", local(2026, 11, 19, 10, 20)),
    ],
)
def test_each_urgency_is_due_in_its_time(belrive, bruno, urgency, due):
    person = factories.person(belrive)
    concern = open_concern(person_id=person.pk, facts=FACTS, urgency=urgency, actor=bruno)
    duty = Duty.objects.open().get()
    assert (duty.kind, duty.due_at, duty.person_id) == ("look_at_concern", due, person.pk)
    assert (concern.reported_by, concern.source) == ("Bruno Petit", "agent")


def test_today_after_closing_time_is_the_next_working_day(belrive, bruno):
    with clock.at(local(2026, 11, 13, 16, 50)):
        open_concern(person_id=None, facts=FACTS, actor=bruno)
    assert Duty.objects.open().get().due_at == local(2026, 11, 16, 17)


def test_a_public_holiday_is_not_a_working_day(belrive, bruno):
    with clock.at(local(2026, 12, 24, 18)):
        open_concern(person_id=None, facts=FACTS, actor=bruno)
    assert Duty.objects.open().get().due_at == local(2026, 12, 28, 17)


def test_an_unknown_caller_may_worry_too(belrive, bruno):
    assert open_concern(person_id=None, facts=FACTS, actor=bruno).person is None


def test_a_neighbour_reports_from_their_page(belrive, bruno):
    person, michel = factories.person(belrive), factories.volunteer(belrive)
    neighbour = Actor.neighbour(michel.pk, "Michel", belrive.pk)
    concern = open_concern(person_id=person.pk, facts="Volets fermés.", source="neighbour", actor=neighbour)
    assert concern.reported_by == "Michel"
    with pytest.raises(NotAllowed):
        complete_concern(concern.pk, facts="Encore.", actor=neighbour)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"facts": " \n "}, "facts"),
        ({"facts": "a" * 4001}, "facts"),
        ({"urgency": "soon"}, "urgency"),
        ({"source": "bird"}, "source"),
        ({"person_id": 999_999}, "person_id"),
        ({"owner_id": 999_999}, "owner_id"),
    ],
)
def test_what_cannot_be_kept_is_refused_beside_its_field(belrive, bruno, fields, field):
    with pytest.raises(BadInput) as refusal:
        open_concern(**({"person_id": None, "facts": FACTS} | fields), actor=bruno)
    assert refusal.value.field == field


def test_completing_adds_and_raises_and_never_lowers(belrive, bruno):
    person = factories.person(belrive)
    concern = open_concern(person_id=None, facts=FACTS, urgency="week", actor=bruno)
    completed = complete_concern(
        concern.pk, facts="Le chien aboie.", urgency="now", person_id=person.pk, actor=bruno
    )
    assert completed.facts == f"{FACTS}\nLe chien aboie."
    assert (completed.urgency, completed.person_id) == ("now", person.pk)
    duty = Duty.objects.open().get()
    assert (duty.due_at, duty.person_id) == (clock.now() + timedelta(minutes=15), person.pk)
    assert complete_concern(concern.pk, urgency="week", actor=bruno).urgency == "now"
    assert Entry.objects.filter(code="concerns.completed").count() == 1


def test_the_coordination_closes_with_what_was_done_and_once(belrive, alba, bruno):
    concern = open_concern(person_id=factories.person(belrive).pk, facts=FACTS, actor=bruno)
    with pytest.raises(NotAllowed):
        close_concern(concern.pk, outcome="reassured", what_was_done="Vue.", actor=bruno)
    with pytest.raises(BadInput):
        close_concern(concern.pk, outcome="reassured", what_was_done=" ", actor=alba)
    closed = close_concern(concern.pk, outcome="reassured", what_was_done="Vue, tout va bien.", actor=alba)
    assert closed.closed_by == "Alba Moreau"
    assert not Duty.objects.open().exists()
    with pytest.raises(NotPossibleNow, match="Alba Moreau"):
        close_concern(concern.pk, outcome="reassured", what_was_done="Encore.", actor=alba)


def test_SEC_01_a_concern_of_another_territory_is_not_there(belrive, bruno, carla):
    concern = open_concern(person_id=None, facts=FACTS, actor=bruno)
    with pytest.raises(Concern.DoesNotExist):
        close_concern(concern.pk, outcome="reassured", what_was_done="Vu.", actor=carla)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_known", [True, False])
def test_a_double_click_reports_once(now, is_known):
    with transaction.atomic():
        town = factories.territory()
        bruno = factories.actor(factories.member(town))
        person_id = factories.person(town).pk if is_known else None
    results = at_once(
        town.pk, now, *[lambda: open_concern(person_id=person_id, facts=FACTS, actor=bruno)] * 2
    )
    assert results[0].pk == results[1].pk
