"""A need from noted to concluded, and the one duty that is always open for it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.db.models import QuerySet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from palier.duties.models import Duty
from palier.duties.operations import take
from palier.journal.models import Entry
from palier.kernel import clock
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.needs import operations
from palier.needs.models import Need
from palier.needs.operations import change_need, close_need, open_need, reopen_need, set_state
from palier.needs.states import MOVES, OWES
from palier.people.queries import agrees
from tests import factories
from tests.at_once import Meeting, at_once
from tests.factories import local


@pytest.fixture
def odette(belrive):
    return factories.person(belrive, agrees=False)


def shopping(person, actor, **fields):
    values = {
        "kind": "shopping",
        "starts_at": local(2026, 11, 14, 9),
        "ends_at": local(2026, 11, 14, 12),
    } | fields
    return open_need(person_id=person.pk, actor=actor, **values)


def test_a_need_is_owed_to_her_by_the_desk_until_somebody_takes_it(odette, bruno):
    need = shopping(odette, bruno, what="Des courses légères", neighbour_consent=True)
    duty = Duty.objects.open().get()
    assert (duty.kind, duty.owner, duty.person_id, duty.label) == (
        "find_somebody",
        None,
        odette.pk,
        "Courses",
    )
    assert need.minutes == 45 and need.state == "to_propose" and need.opened_by == "Bruno Petit"
    assert agrees(odette.pk, "neighbour_help") is True
    entry = Entry.objects.get(code="needs.opened")
    assert (entry.person_id, entry.data["kind"], entry.personal["words"]) == (
        odette.pk,
        "shopping",
        "Des courses légères",
    )
    odette.refresh_from_db()
    assert odette.last_contact_at == clock.now()


def test_a_need_has_the_owner_it_was_given(odette, alba, bruno):
    need = shopping(odette, bruno, owner_id=alba.membership_id)
    assert need.owner_id == Duty.objects.open().get().owner_id == alba.membership_id


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"starts_at": local(2026, 11, 11, 9), "ends_at": local(2026, 11, 11, 12)}, "starts_at"),
        ({"starts_at": local(2026, 11, 14, 12), "ends_at": local(2026, 11, 14, 9)}, "ends_at"),
        ({"starts_at": local(2026, 11, 14, 9), "ends_at": local(2026, 11, 14, 9)}, "ends_at"),
        ({"starts_at": local(2029, 11, 14, 9), "ends_at": local(2029, 11, 14, 12)}, "starts_at"),
        ({"ends_at": local(2027, 3, 14, 9)}, "ends_at"),
        ({"starts_at": datetime(2026, 11, 14, 9)}, "starts_at"),  # noqa: DTZ001
        ({"kind": "cuisine"}, "kind"),
        ({"minutes": 2}, "minutes"),
        ({"minutes": 1000}, "minutes"),
        ({"what": "a" * 121}, "what"),
        ({"gender_wanted": "cat"}, "gender_wanted"),
        ({"constraints": ["snow"]}, "constraints"),
        ({"language": "xyz"}, "language"),
        ({"owner_id": 999_999}, "owner_id"),
        ({"source": "mail"}, "source"),
    ],
)
def test_what_cannot_be_kept_is_refused_beside_its_field(odette, bruno, fields, field):
    with pytest.raises(BadInput) as refusal:
        shopping(odette, bruno, **fields)
    assert refusal.value.field == field
    assert not Need.objects.exists()


def test_a_window_of_today_that_has_begun_is_good_until_it_is_over(odette, bruno):
    today = {"starts_at": local(2026, 11, 12, 8), "ends_at": local(2026, 11, 12, 18)}
    assert shopping(odette, bruno, **today).pk
    week = {"starts_at": local(2026, 11, 9, 0), "ends_at": local(2026, 11, 16, 0), "is_flexible": True}
    assert shopping(odette, bruno, **week).pk
    with pytest.raises(BadInput):
        shopping(odette, bruno, **week | {"is_flexible": False})


def test_a_window_across_daylight_saving_is_measured_in_real_time(odette, bruno):
    """On 28 March 2027 clocks go from 2 to 3: by the wall clock 1:30 to 3:30, in truth one hour."""
    night = {
        "starts_at": datetime(2027, 3, 28, 1, 30, tzinfo=clock.PARIS),
        "ends_at": datetime(2027, 3, 28, 3, 30, tzinfo=clock.PARIS),
    }
    need = shopping(odette, bruno, **night)
    assert need.ends_at - need.starts_at == timedelta(hours=1)
    # In October 2:30 comes twice: the second is after the first, though the wall clock says the same.
    first = datetime(2027, 10, 31, 2, 30, tzinfo=clock.PARIS)
    again = shopping(odette, bruno, starts_at=first, ends_at=first.replace(fold=1))
    assert again.ends_at - again.starts_at == timedelta(hours=1)
    assert again.starts_at.tzinfo == UTC


def test_GDP_05_words_about_health_are_left_only_with_a_reason(odette, bruno):
    with pytest.raises(BadInput) as refusal:
        shopping(odette, bruno, details="Elle a un cancer, ne pas la fatiguer.")
    assert (refusal.value.field, refusal.value.code) == ("details", "watched_words")
    assert "cancer" in str(refusal.value)
    need = shopping(odette, bruno, details="Elle a un cancer.", words_reason="Elle veut qu’il le sache.")
    with pytest.raises(BadInput):
        change_need(need.pk, words_reason="", details="Elle a un cancer grave.", actor=bruno)


def test_the_same_need_noted_twice_in_a_row_is_one(odette, bruno):
    first = shopping(odette, bruno)
    assert shopping(odette, bruno).pk == first.pk
    assert shopping(odette, bruno, what="Du lait").pk != first.pk


def test_nothing_is_opened_for_somebody_of_another_territory(odette, carla):
    with pytest.raises(BadInput) as refusal:
        shopping(odette, carla)
    assert refusal.value.field == "person_id"


def test_whoever_took_the_need_keeps_it_through_its_states(odette, bruno):
    need = shopping(odette, bruno)
    take(Duty.objects.open().get().pk, actor=bruno)
    for state in ("asking", "nobody", "asking", "agreed", "to_conclude"):
        set_state(need, state, actor=bruno)
        duty = Duty.objects.open().get()
        assert (duty.kind, duty.owner_id) == (OWES[state], bruno.membership_id)
    need.refresh_from_db()
    assert need.nobody_at and need.agreed_at and need.done_at


def test_a_need_that_is_told_keeps_its_window(odette, bruno):
    need = shopping(odette, bruno)
    change_need(need.pk, starts_at=local(2026, 11, 15, 9), ends_at=local(2026, 11, 15, 12), actor=bruno)
    set_state(need, "asking", actor=bruno)
    with pytest.raises(NotPossibleNow):
        change_need(need.pk, starts_at=local(2026, 11, 16, 9), ends_at=local(2026, 11, 16, 12), actor=bruno)
    changed = change_need(need.pk, details="Une brique de lait.", owner_id=bruno.membership_id, actor=bruno)
    assert changed.owner_id == bruno.membership_id == Duty.objects.open().get().owner_id
    assert Entry.objects.filter(code="needs.changed").count() == 2


def test_closing_needs_an_outcome_and_happens_once(odette, alba, bruno):
    need = shopping(odette, bruno)
    with pytest.raises(BadInput):
        close_need(need.pk, outcome="done", actor=bruno)
    closed = close_need(need.pk, outcome="met_by_service", note="Portage de repas.", actor=bruno)
    assert (closed.state, closed.outcome, closed.closed_by) == ("closed", "met_by_service", "Bruno Petit")
    assert not Duty.objects.open().exists()
    with pytest.raises(NotPossibleNow, match="Bruno Petit"):
        close_need(need.pk, outcome="unmet", actor=alba)
    for call in (
        lambda: change_need(need.pk, what="x", actor=bruno),
        lambda: set_state(need, "asking", actor=bruno),
    ):
        with pytest.raises(NotPossibleNow):
            call()


def test_a_partner_changes_no_need(belrive, odette, bruno):
    need = shopping(odette, bruno)
    partner = factories.actor(factories.member(belrive, "Paul", "Partenaire", "partner"))
    with pytest.raises(NotAllowed):
        close_need(need.pk, outcome="unmet", actor=partner)


def test_reopening_links_to_the_first_which_stays_as_it_ended(odette, bruno):
    need = shopping(odette, bruno, what="Du pain", constraints=["stairs"])
    again = {"starts_at": local(2026, 11, 20, 9), "ends_at": local(2026, 11, 20, 12)}
    with pytest.raises(NotPossibleNow, match="en cours"):
        reopen_need(need.pk, **again, actor=bruno)
    close_need(need.pk, outcome="unmet", actor=bruno)
    new = reopen_need(need.pk, **again, actor=bruno)
    assert (new.reopens_id, new.what, new.conditions, new.state) == (
        need.pk,
        "Du pain",
        ["stairs"],
        "to_propose",
    )
    assert Need.objects.get(pk=need.pk).outcome == "unmet"
    with pytest.raises(NotPossibleNow, match="déjà rouvert"):
        reopen_need(need.pk, **again, actor=bruno)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(sorted(Need.State.values)), max_size=8), st.sampled_from(Need.Outcome.values))
def test_whatever_is_tried_moves_as_allowed_and_leaves_exactly_one_duty(odette, bruno, states, outcome):
    with transaction.atomic():
        need = shopping(odette, bruno, what=f"{states} {outcome}"[:120])
        for state in states:
            before = Need.objects.get(pk=need.pk).state
            try:
                after = set_state(need, state, actor=bruno).state
                assert after == before or after in MOVES[before]
            except NotPossibleNow:
                assert state == "closed" or state not in MOVES[before]
            assert Duty.objects.open().of("needs.need", need.pk).count() == 1
        close_need(need.pk, outcome=outcome, actor=bruno)
        assert not Duty.objects.open().of("needs.need", need.pk).exists()


# --- two agents at once ------------------------------------------------------------------------------------


@pytest.fixture
def committed(now, transactional_db):
    with transaction.atomic():
        town = factories.territory()
        bruno = factories.actor(factories.member(town))
        alba = factories.actor(factories.member(town, "Alba", "Moreau", "coordinator"))
        need = shopping(factories.person(town), bruno)
    return town, alba, bruno, need


def close_together(committed, now, monkeypatch):
    """Both agents have seen the need open before either of them writes, if the lock lets them."""
    town, alba, bruno, need = committed
    meeting, look = Meeting(), operations._refuse_closed

    def look_then_wait(seen):
        look(seen)
        meeting.wait()

    monkeypatch.setattr(operations, "_refuse_closed", look_then_wait)
    return at_once(
        town.pk,
        now,
        lambda: close_need(need.pk, outcome="unmet", actor=alba),
        lambda: close_need(need.pk, outcome="no_longer_needed", actor=bruno),
    )


def closings(town):
    from palier.territories import walls

    with walls.inside(town.pk):
        return Entry.objects.filter(code="needs.closed").count()


def test_two_agents_close_one_need_and_one_is_told_who_was_first(committed, now, monkeypatch):
    results = close_together(committed, now, monkeypatch)
    assert sorted(type(one).__name__ for one in results) == ["Need", "NotPossibleNow"]
    assert closings(committed[0]) == 1


def test_control_without_the_lock_both_agents_close_the_same_need(committed, now, monkeypatch):
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **options: self)
    results = close_together(committed, now, monkeypatch)
    assert [type(one).__name__ for one in results] == ["Need", "Need"]
    assert closings(committed[0]) == 2


def test_a_double_click_opens_one_need(committed, now):
    town, _alba, bruno, need = committed
    results = at_once(town.pk, now, *[lambda: shopping(need.person, bruno, what="Du pain")] * 2)
    assert results[0].pk == results[1].pk


def test_a_double_click_reopens_once(committed, now):
    from palier.territories import walls

    town, _alba, bruno, need = committed
    with walls.inside(town.pk):
        close_need(need.pk, outcome="unmet", actor=bruno)
    again = {"starts_at": local(2026, 11, 20, 9), "ends_at": local(2026, 11, 20, 12), "actor": bruno}
    results = at_once(town.pk, now, *[lambda: reopen_need(need.pk, **again)] * 2)
    assert sorted(type(one).__name__ for one in results) == ["Need", "NotPossibleNow"]
