"""Immediate danger: one key, one time, one concern."""

from datetime import timedelta

import pytest
from django.db import transaction

from palier.calls.operations import declare_danger, log_call, note_danger_call, set_aside, start_by_hand
from palier.concerns.models import Concern
from palier.duties.models import Duty
from palier.journal.models import Entry
from palier.kernel import clock
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from tests import factories
from tests.at_once import at_once


@pytest.fixture
def call(bruno):
    return start_by_hand(actor=bruno)


def test_SAF_02_the_key_stamps_the_moment_and_opens_a_concern_for_now(call, bruno, now):
    declared = declare_danger(call.pk, actor=bruno)
    assert declared.danger_at == now
    concern = Concern.objects.get()
    assert (concern.urgency, concern.person, concern.owner_id) == ("now", None, bruno.membership_id)
    assert declared.concern_id == concern.pk
    duty = Duty.objects.open().get(kind="look_at_concern")
    assert (duty.owner_id, duty.due_at) == (bruno.membership_id, now + timedelta(minutes=15))
    with clock.at(now + timedelta(minutes=1)):
        assert declare_danger(call.pk, actor=bruno).danger_at == now
    assert Concern.objects.count() == 1


def test_the_service_called_is_stamped_once_and_each_is_written(call, bruno, now):
    first = note_danger_call(call.pk, service="15", actor=bruno)
    assert (first.danger_service, first.danger_called_at) == ("15", now)
    with clock.at(now + timedelta(minutes=2)):
        note_danger_call(call.pk, service="15", actor=bruno)
        note_danger_call(call.pk, service="18", actor=bruno)
        last = note_danger_call(call.pk, service="18", actor=bruno)
    assert (last.danger_service, last.danger_called_at) == ("15", now)
    said = Entry.objects.filter(code="calls.danger_service_called").order_by("pk")
    assert [entry.data["service"] for entry in said] == ["15", "18"]
    with pytest.raises(BadInput):
        note_danger_call(call.pk, service="3615", actor=bruno)


def test_the_note_completes_the_concern_and_opens_no_second_one(belrive, call, bruno):
    odette = factories.person(belrive)
    declare_danger(call.pk, actor=bruno)
    facts = {"facts": "Tombée dans la cuisine.", "urgency": "today"}
    logged = log_call(call.pk, who="self", person_id=odette.pk, next="concern", concern=facts, actor=bruno)
    concern = Concern.objects.get()
    assert logged.concern_id == concern.pk
    assert (concern.person, concern.urgency) == (odette, "now")
    assert "Tombée dans la cuisine." in concern.facts


def test_danger_after_the_note_raises_the_concern_of_the_call(belrive, call, bruno):
    odette = factories.person(belrive)
    log_call(
        call.pk, who="self", person_id=odette.pk, next="concern", concern={"facts": "Fatiguée."}, actor=bruno
    )
    declare_danger(call.pk, actor=bruno)
    assert Concern.objects.get().urgency == "now"


def test_a_call_with_danger_is_not_given_up(call, bruno):
    declare_danger(call.pk, actor=bruno)
    with pytest.raises(NotPossibleNow):
        set_aside(call.pk, note="Erreur", actor=bruno)


def test_a_partner_declares_nothing_on_our_calls(belrive, call):
    partner = factories.actor(factories.member(belrive, "Paul", "Partenaire", "partner"))
    with pytest.raises(NotAllowed):
        declare_danger(call.pk, actor=partner)


@pytest.mark.django_db(transaction=True)
def test_a_double_press_is_one_danger(now):
    with transaction.atomic():
        town = factories.territory()
        bruno = factories.actor(factories.member(town))
        call = start_by_hand(actor=bruno)
    results = at_once(town.pk, now, *[lambda: note_danger_call(call.pk, service="15", actor=bruno)] * 2)
    assert results[0].concern_id == results[1].concern_id
    from palier.territories import walls

    with walls.inside(town.pk):
        assert Concern.objects.count() == 1
        assert Entry.objects.filter(code="calls.danger_service_called").count() == 1
