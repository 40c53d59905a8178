"""What the telephone says, in whatever order it says it."""

from datetime import timedelta
from itertools import permutations

import pytest
from django.db import transaction

from palier.accounts.actor import Actor
from palier.calls.models import Call, PlannedCall
from palier.calls.operations import answer, hang_up, log_call, ring, save_draft, set_aside, start_by_hand
from palier.calls.queries import who_may_be
from palier.duties.models import Duty
from palier.journal.models import Entry
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.people.operations import add_contact
from tests import factories
from tests.at_once import at_once

KEY = {"provider": "standard", "call_key": "abc-1"}
NUMBER = "02 61 91 47 20"


@pytest.fixture
def exchange(belrive):
    return Actor.machine("standard", belrive.pk)


def duties(call):
    return list(Duty.objects.open().of("calls.call", call.pk).values_list("kind", "owner_id"))


def test_TEL_20_a_call_that_rings_is_owed_a_note_by_the_desk(exchange):
    call = ring(**KEY, number_raw=NUMBER, actor=exchange)
    assert (call.state, call.number, call.is_withheld) == ("ringing", "+33261914720", False)
    assert duties(call) == [("log_call", None)]
    assert ring(**KEY, number_raw=NUMBER, actor=exchange).pk == call.pk
    assert Call.objects.count() == 1
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    ("raw", "number", "is_withheld"),
    [
        ("+33261914720", "+33261914720", False),
        ("0033261914720", "+33261914720", False),
        ("anonymous", "", True),
        ("Anonyme", "", True),
        ("[Number]", "", False),
        ("{caller}", "", False),
        ("", "", False),
        ("n'importe quoi", "", False),
        ("<script>alert(1)</script>", "", False),
        ("9" * 500, "", False),
        ("02\x00 61", "", False),
    ],
)
def test_TEL_21_any_number_is_taken_and_none_is_invented(exchange, bruno, raw, number, is_withheld):
    call = ring(**KEY, number_raw=raw, actor=exchange)
    assert (call.number, call.is_withheld) == (number, is_withheld)
    guess = who_may_be(call, actor=bruno)
    assert guess.is_withheld == is_withheld
    assert guess.is_unknown == (not is_withheld)


def test_TEL_21_several_who_share_a_number_are_all_named(belrive, bruno, exchange):
    odette, andre = factories.person(belrive), factories.person(belrive, "André", "Marchand")
    other = factories.person(belrive, "Lise", "Roux", phone="+33261914799")
    sylvie = add_contact(other.pk, name="Sylvie", relation="child", phone=NUMBER, actor=bruno)
    michel = factories.volunteer(belrive, phone="+33261914720")
    call = ring(**KEY, number_raw=NUMBER, actor=exchange)
    guess = who_may_be(call, actor=bruno)
    assert (guess.people, guess.contacts, guess.volunteers) == ([andre, odette], [sylvie], [michel])
    assert guess.count == 4 and call.person is None


def test_whoever_answers_owes_the_note(belrive, exchange, bruno):
    nadia = factories.member(belrive, "Nadia", "Benali", extension="12")
    call = ring(**KEY, number_raw=NUMBER, actor=exchange)
    answer(**KEY, extension="12", actor=exchange)
    assert duties(call) == [("log_call", nadia.pk)]
    answer(**KEY, by_membership_id=bruno.membership_id, actor=exchange)
    assert duties(call) == [("log_call", bruno.membership_id)]
    assert hang_up(**KEY, actor=exchange).state == "ended"


def test_an_extension_nobody_has_leaves_the_note_to_the_desk(exchange):
    call = ring(**KEY, number_raw=NUMBER, actor=exchange)
    assert answer(**KEY, extension="99", actor=exchange).state == "answered"
    assert duties(call) == [("log_call", None)]


def test_a_call_nobody_answered_is_closed_and_a_call_back_is_owed(belrive, exchange):
    odette = factories.person(belrive)
    ring(**KEY, number_raw=NUMBER, actor=exchange)
    call = hang_up(**KEY, actor=exchange)
    assert (call.state, call.closing_note) == ("set_aside", "Appel manqué")
    planned = PlannedCall.objects.get()
    assert (planned.why, planned.number, planned.person, planned.asked_in) == (
        "missed",
        "+33261914720",
        odette,
        call,
    )
    assert list(Duty.objects.open().values_list("kind", "subject_kind")) == [
        ("call_back", "calls.plannedcall")
    ]
    assert set(Entry.objects.values_list("code", flat=True)) == {"calls.missed", "calls.planned"}


def test_three_missed_calls_of_one_number_are_one_call_back(exchange):
    for number in range(3):
        key = {"provider": "standard", "call_key": f"k{number}"}
        ring(**key, number_raw=NUMBER, actor=exchange)
        hang_up(**key, actor=exchange)
    assert PlannedCall.objects.count() == 1


def test_a_missed_call_without_a_number_is_closed_and_said(exchange):
    ring(**KEY, number_raw="anonymous", actor=exchange)
    assert hang_up(**KEY, actor=exchange).state == "set_aside"
    assert not PlannedCall.objects.exists()
    assert Entry.objects.get().code == "calls.missed"


def test_TEL_20_answered_calls_end_the_same_in_every_order_and_with_repetitions(belrive, exchange, now):
    """`ended` before `answered`, `answered` before `ringing`, each twice: always ended, owed by who spoke."""
    nadia = factories.member(belrive, "Nadia", "Benali", extension="12")
    steps = {
        "ringing": lambda key: ring(**key, number_raw=NUMBER, at=now - timedelta(minutes=5), actor=exchange),
        "answered": lambda key: answer(**key, extension="12", at=now - timedelta(minutes=4), actor=exchange),
        "ended": lambda key: hang_up(**key, at=now - timedelta(minutes=1), actor=exchange),
    }
    for number, order in enumerate(permutations([*steps, *steps])):
        if number % 30:
            continue
        key = {"provider": "standard", "call_key": f"order-{number}"}
        for step in order:
            steps[step](key)
        call = Call.objects.get(call_key=key["call_key"])
        assert (call.state, call.number, call.answered_by_id) == ("ended", "+33261914720", nadia.pk), order
        assert call.rang_at <= call.answered_at < call.ended_at, order
        assert duties(call) == [("log_call", nadia.pk)], order
    assert not PlannedCall.objects.filter(closed_at__isnull=True).exists()


def test_TEL_20_missed_calls_end_the_same_in_every_order(exchange, now):
    steps = {
        "ringing": lambda key: ring(**key, number_raw=NUMBER, at=now - timedelta(minutes=5), actor=exchange),
        "ended": lambda key: hang_up(**key, at=now - timedelta(minutes=4), actor=exchange),
    }
    for number, order in enumerate(permutations([*steps, *steps])):
        key = {"provider": "standard", "call_key": f"order-{number}"}
        for step in order:
            steps[step](key)
        call = Call.objects.get(call_key=key["call_key"])
        assert (call.state, call.number) == ("set_aside", "+33261914720"), order
        assert duties(call) == []
    assert PlannedCall.objects.filter(closed_at__isnull=True).count() == 1


def test_the_clock_of_an_exchange_that_runs_ahead_is_not_believed(exchange, now):
    call = ring(**KEY, number_raw=NUMBER, at=now + timedelta(hours=3), actor=exchange)
    assert call.rang_at == now


def test_what_the_exchange_says_after_the_note_changes_nothing(exchange, bruno):
    call = ring(**KEY, number_raw=NUMBER, actor=exchange)
    log_call(call.pk, who="other", next="nothing", actor=bruno)
    assert answer(**KEY, actor=exchange).state == "logged"
    assert hang_up(**KEY, actor=exchange).state == "logged"
    assert duties(call) == []


def test_F2_opens_a_call_of_the_agent_and_twice_is_once(belrive, bruno, now):
    odette = factories.person(belrive)
    call = start_by_hand(actor=bruno, person_id=odette.pk)
    assert (call.state, call.person, call.answered_by_id) == ("answered", odette, bruno.membership_id)
    assert duties(call) == [("log_call", bruno.membership_id)]
    assert start_by_hand(actor=bruno, person_id=odette.pk).pk == call.pk
    assert start_by_hand(actor=bruno).pk != call.pk
    save_draft(call.pk, {"words": "Bonjour"}, actor=bruno)
    assert start_by_hand(actor=bruno, person_id=odette.pk).pk != call.pk
    with pytest.raises(BadInput):
        start_by_hand(actor=bruno, person_id=999_999)


def test_a_call_is_given_up_with_a_reason(exchange, bruno):
    call = ring(**KEY, number_raw=NUMBER, actor=exchange)
    with pytest.raises(BadInput):
        set_aside(call.pk, note=" ", actor=bruno)
    assert set_aside(call.pk, note="Erreur de numéro", actor=bruno).state == "set_aside"
    assert set_aside(call.pk, note="Erreur de numéro", actor=bruno).pk == call.pk
    assert duties(call) == []
    # The telephone's later events do not bring back what an agent closed.
    assert answer(**KEY, actor=exchange).state == "set_aside"
    with pytest.raises(NotPossibleNow):
        log_call(call.pk, who="other", next="nothing", actor=bruno)


def test_a_partner_rings_no_desk(belrive, bruno):
    partner = factories.actor(factories.member(belrive, "Paul", "Partenaire", "partner"))
    with pytest.raises(NotAllowed):
        ring(**KEY, number_raw=NUMBER, actor=partner)
    with pytest.raises(NotAllowed):
        start_by_hand(actor=partner)


@pytest.mark.parametrize("key", [{"provider": "", "call_key": "1"}, {"provider": "x", "call_key": "k" * 81}])
def test_a_call_without_a_usable_key_is_refused(exchange, key):
    with pytest.raises(BadInput):
        ring(**key, number_raw=NUMBER, actor=exchange)


@pytest.mark.django_db(transaction=True)
def test_the_same_event_delivered_four_times_at_once_is_one_call(now):
    with transaction.atomic():
        town = factories.territory()
    exchange = Actor.machine("standard", town.pk)
    results = at_once(town.pk, now, *[lambda: ring(**KEY, number_raw=NUMBER, actor=exchange)] * 4)
    assert len({call.pk for call in results}) == 1


def test_SEC_01_the_same_key_in_another_territory_is_another_call(exchange, belrive, carla):
    from palier.territories import walls

    call = ring(**KEY, number_raw=NUMBER, actor=exchange)
    walls.enter(carla.territory_id)
    other = ring(**KEY, number_raw=NUMBER, actor=Actor.machine("standard", carla.territory_id))
    walls.enter(belrive.pk)
    assert other.pk != call.pk
