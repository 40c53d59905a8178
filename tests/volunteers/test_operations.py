"""A neighbour's way from applying to ending."""

from datetime import date, time, timedelta

import pytest

from palier.duties.models import Duty
from palier.journal.models import Entry
from palier.kernel import clock
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.volunteers.models import Application, Volunteer
from palier.volunteers.operations import (
    apply,
    change_volunteer,
    come_back,
    come_back_due,
    end,
    note_check,
    rest,
    welcome,
)
from palier.volunteers.queries import by_number, search
from tests import factories
from tests.at_once import at_once

MICHEL = {"first_name": "Michel", "last_name": "Lefort", "phone": "06 39 98 40 17"}
DAY = date(2026, 11, 10)


@pytest.fixture
def applicant(bruno):
    return apply(
        **MICHEL, gender="man", kinds=["shopping", "visit"], free=[(5, "09:00", "12:00")], actor=bruno
    )


def vet(volunteer, actor):
    for check in ("interview", "identity", "charter"):
        note_check(volunteer.pk, check=check, on=DAY, actor=actor)


def test_somebody_who_applies_is_owed_an_answer_within_a_week(applicant):
    assert applicant.state == "applied"
    assert [kind.code for kind in applicant.kinds.order_by("order")] == ["shopping", "visit"]
    assert [(t.weekday, t.starts_at) for t in applicant.free_times.all()] == [(5, time(9))]
    duty = Duty.objects.get(kind="vet_volunteer")
    assert duty.settled_at is None and clock.now() < duty.due_at < clock.now() + timedelta(days=8)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"phone": ""}, "phone"),
        ({"phone": "12"}, "phone"),
        ({"first_name": "  "}, "first_name"),
        ({"last_name": ""}, "last_name"),
        ({"email": "pas une adresse"}, "email"),
        ({"kinds": ["cuisine"]}, "kinds"),
        ({"free": [(7, "09:00", "12:00")]}, "free"),
        ({"free": [(1, "12:00", "09:00")]}, "free"),
        ({"free": [(1, "neuf heures", "12:00")]}, "free"),
        ({"avoids": ["cats"]}, "avoids"),
        ({"max_per_month": 0}, "max_per_month"),
        ({"reach_minutes": 500}, "reach_minutes"),
        ({"languages": ["français"]}, "languages"),
        ({"birth_on": date(2027, 1, 1)}, "birth_on"),
    ],
)
def test_what_cannot_be_kept_is_refused_beside_its_field(bruno, fields, field):
    with pytest.raises(BadInput) as refusal:
        apply(**(MICHEL | fields), actor=bruno)
    assert refusal.value.field == field


def test_a_neighbour_applies_once(applicant, bruno):
    with pytest.raises(NotPossibleNow, match="Michel Lefort"):
        apply(**MICHEL, actor=bruno)
    assert apply(**(MICHEL | {"first_name": "Fatou"}), actor=bruno).pk != applicant.pk


@pytest.mark.django_db(transaction=True)
def test_a_double_click_makes_one_applicant(now):
    from django.db import transaction

    with transaction.atomic():
        town = factories.territory()
        bruno = factories.actor(factories.member(town))
    results = at_once(town.pk, now, *[lambda: apply(**MICHEL, actor=bruno)] * 2)
    assert sorted(type(one).__name__ for one in results) == ["NotPossibleNow", "Volunteer"]


def test_nobody_is_welcomed_before_the_three_checks(applicant, bruno):
    with pytest.raises(NotPossibleNow, match="l’entretien, l’identité vérifiée, la charte signée"):
        welcome(applicant.pk, actor=bruno)
    note_check(applicant.pk, check="interview", on=DAY, actor=bruno)
    note_check(applicant.pk, check="identity", on=DAY, actor=bruno)
    with pytest.raises(NotPossibleNow, match="la charte signée"):
        welcome(applicant.pk, actor=bruno)
    note_check(applicant.pk, check="charter", on=DAY, actor=bruno)
    welcomed = welcome(applicant.pk, actor=bruno)
    assert welcomed.state == "active"
    assert Application.objects.get().outcome == "accepted"
    assert not Duty.objects.open().exists()
    with pytest.raises(NotPossibleNow, match="déjà"):
        welcome(applicant.pk, actor=bruno)


def test_GDP_15_a_check_is_a_date_and_a_name(applicant, bruno):
    note_check(applicant.pk, check="identity", on=DAY, actor=bruno)
    seen = note_check(applicant.pk, check="identity", on=DAY, actor=bruno)
    assert (seen.identity_seen_on, seen.identity_seen_by) == (DAY, "Bruno Petit")
    assert Entry.objects.filter(code="volunteers.checked").count() == 1
    with pytest.raises(BadInput):
        note_check(applicant.pk, check="identity", on=date(2026, 11, 13), actor=bruno)
    with pytest.raises(BadInput):
        note_check(applicant.pk, check="casier", on=DAY, actor=bruno)


def test_a_rest_ends_by_itself(belrive, bruno, now):
    michel = factories.volunteer(belrive)
    rest(michel.pk, until=now + timedelta(days=10), actor=bruno)
    assert not Volunteer.objects.asked_at().exists()
    with clock.at(now + timedelta(days=9)):
        assert come_back_due(actor=bruno) == 0
    with clock.at(now + timedelta(days=10)):
        assert come_back_due(actor=bruno) == 1
        assert Volunteer.objects.asked_at().get() == michel
        assert come_back(michel.pk, actor=bruno).state == "active"
    with pytest.raises(BadInput):
        rest(michel.pk, until=now - timedelta(days=1), actor=bruno)


def test_only_the_coordination_says_goodbye(belrive, alba, bruno):
    michel = factories.volunteer(belrive)
    with pytest.raises(NotAllowed):
        end(michel.pk, actor=bruno)
    assert end(michel.pk, actor=alba).ended_at is not None
    with pytest.raises(NotPossibleNow):
        end(michel.pk, actor=alba)
    assert by_number(michel.phone) == []


def test_an_applicant_who_is_thanked_closes_the_application(applicant, alba):
    end(applicant.pk, outcome="declined", actor=alba)
    assert Application.objects.get().outcome == "declined"
    assert not Duty.objects.open().exists()


def test_a_change_touches_the_named_fields_only(belrive, bruno):
    michel = factories.volunteer(belrive)
    changed = change_volunteer(
        michel.pk, last_name="Le Fort", kinds=["visit"], free=[(0, "14:00", "18:00")], actor=bruno
    )
    assert changed.search_text == "le fort michel"
    assert [kind.code for kind in changed.kinds.all()] == ["visit"]
    assert changed.free_times.count() == 1
    assert Entry.objects.get().data["fields"] == ["free", "kinds", "last_name"]
    change_volunteer(michel.pk, kinds=["visit"], actor=bruno)
    assert Entry.objects.count() == 1
    assert search("fort mich", actor=bruno) == [michel]


def test_SEC_01_a_neighbour_of_another_territory_is_not_there(belrive, carla):
    michel = factories.volunteer(belrive)
    with pytest.raises(Volunteer.DoesNotExist):
        rest(michel.pk, until=clock.now() + timedelta(days=2), actor=carla)
