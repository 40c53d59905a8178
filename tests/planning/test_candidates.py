import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palier.kernel.places import walk_minutes
from palier.planning.candidates import (
    SOFT,
    Ask,
    Candidate,
    Helper,
    Proposal,
    Rule,
    propose,
    wave,
)

PARIS = ZoneInfo("Europe/Paris")
HOME = (652_000.0, 6_752_000.0)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=PARIS)


NOW = at(12, 10, 24)
SATURDAY_MORNING = ((5, 9 * 60, 12 * 60),)
ASK = Ask("shopping", at(14, 8), at(14, 12), 45, NOW, *HOME)


def neighbour(number: int, metres: float = 100.0, **more: object) -> Helper:
    """Somebody who fits ASK, `metres` to the east of her home."""
    fits = Helper(
        number,
        HOME[0] + metres,
        HOME[1],
        kinds=frozenset({"shopping", "visit"}),
        languages=frozenset({"fr"}),
        gender="woman",
        free=SATURDAY_MORNING,
    )
    return replace(fits, **more)  # type: ignore[arg-type]  # each test names real fields


def ids(proposal: Proposal) -> list[int]:
    return [candidate.helper.id for candidate in proposal.candidates]


def only_reason(helper: Helper, ask: Ask = ASK) -> Rule | None:
    """Why he is set aside, or None when he is a candidate."""
    proposal = propose(ask, [helper])
    assert proposal.considered == 1
    return proposal.set_aside[0][0] if proposal.set_aside else None


# --- Who is set aside


def test_a_neighbour_who_fits_every_rule_is_a_candidate() -> None:
    assert only_reason(neighbour(1)) is None


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"vetted": False}, Rule.NOT_VETTED),
        ({"resting": True}, Rule.RESTING),
        ({"away": ((at(14, 0), at(15, 0)),)}, Rule.AWAY),
        ({"is_minor": True}, Rule.MINOR),
        ({"excluded": True}, Rule.EXCLUDED),
        ({"asked_already": True}, Rule.ASKED_ALREADY),
        ({"kinds": frozenset({"visit"})}, Rule.KIND),
        ({"has_phone": False}, Rule.UNREACHABLE),
        ({"free": ()}, Rule.NOT_FREE),
        ({"free": ((5, 14 * 60, 18 * 60),)}, Rule.NOT_FREE),
        ({"x": HOME[0] + 1_100}, Rule.TOO_FAR),
        ({"x": HOME[0] + 400, "reach_minutes": 5}, Rule.TOO_FAR),
        ({"helped_this_month": 4, "max_per_month": 4}, Rule.MONTH_FULL),
    ],
)
def test_each_rule_sets_aside_whoever_fails_it(change: dict[str, object], rule: Rule) -> None:
    assert only_reason(neighbour(1, **change)) is rule  # type: ignore[arg-type]  # fields by name


def test_language_gender_and_constraints_count_only_when_they_are_asked() -> None:
    helper = neighbour(1, refuses=frozenset({"stairs"}))
    assert only_reason(helper) is None
    assert only_reason(helper, replace(ASK, language="pt")) is Rule.LANGUAGE
    assert only_reason(helper, replace(ASK, gender_wanted="man")) is Rule.GENDER
    assert only_reason(helper, replace(ASK, constraints=frozenset({"stairs", "pets"}))) is Rule.CONSTRAINT
    assert only_reason(helper, replace(ASK, constraints=frozenset({"pets"}))) is None


def test_the_first_failed_rule_is_the_one_counted() -> None:
    worst = neighbour(1, metres=9_000, vetted=False, resting=True, is_minor=True, free=(), has_phone=False)
    assert only_reason(worst) is Rule.NOT_VETTED
    assert only_reason(replace(worst, vetted=True, resting=False)) is Rule.MINOR


def test_gdp_23_a_minor_is_never_proposed_alone_not_even_by_telephone() -> None:
    for ask in (ASK, replace(ASK, is_remote=True)):
        proposal = propose(ask, [neighbour(1, is_minor=True)])
        assert proposal.candidates == ()
        assert proposal.almost == ()


def test_somebody_she_asked_not_to_see_is_counted_and_never_shown() -> None:
    proposal = propose(ASK, [neighbour(1, excluded=True), neighbour(2)])
    assert ids(proposal) == [2]
    assert proposal.set_aside == ((Rule.EXCLUDED, 1),)
    assert proposal.almost == ()


def test_distance_plays_no_part_in_help_by_telephone() -> None:
    far = neighbour(1, metres=50_000)
    assert only_reason(far) is Rule.TOO_FAR
    assert only_reason(far, replace(ASK, is_remote=True)) is None


def test_an_unknown_address_is_told_and_comes_last_instead_of_hiding_somebody() -> None:
    proposal = propose(ASK, [neighbour(1, x=None, y=None), neighbour(2, metres=900)])
    assert ids(proposal) == [2, 1]
    assert proposal.candidates[1].minutes is None
    assert "distance_unknown" in [reason.code for reason in proposal.candidates[1].reasons]
    assert only_reason(neighbour(1, metres=9_000), replace(ASK, x=None, y=None)) is None


# --- When somebody is free


def test_a_stretch_shorter_than_the_help_is_not_enough() -> None:
    assert only_reason(neighbour(1, free=((5, 11 * 60 + 15, 14 * 60),))) is None
    assert only_reason(neighbour(1, free=((5, 11 * 60 + 16, 14 * 60),))) is Rule.NOT_FREE


def test_two_slots_that_touch_make_one_stretch() -> None:
    assert only_reason(neighbour(1, free=((5, 10 * 60, 10 * 60 + 30), (5, 10 * 60 + 30, 11 * 60)))) is None
    assert (
        only_reason(neighbour(1, free=((5, 10 * 60, 10 * 60 + 30), (5, 10 * 60 + 31, 11 * 60))))
        is Rule.NOT_FREE
    )


def test_this_week_means_any_free_stretch_until_its_end() -> None:
    this_week = replace(ASK, start=at(9, 0), end=at(16, 0))
    assert only_reason(neighbour(1, free=((4, 17 * 60, 18 * 60),)), this_week) is None
    assert (
        only_reason(neighbour(1, free=((1, 9 * 60, 12 * 60),)), this_week) is Rule.NOT_FREE
    )  # Tuesday is over


def test_an_hour_without_a_window_takes_the_time_of_the_help() -> None:
    at_ten = replace(ASK, start=at(14, 10), end=at(14, 10))
    assert only_reason(neighbour(1), at_ten) is None
    assert only_reason(neighbour(1, free=((5, 10 * 60 + 15, 12 * 60),)), at_ten) is Rule.NOT_FREE


def test_nobody_is_free_in_a_window_that_is_over() -> None:
    assert only_reason(neighbour(1), replace(ASK, now=at(14, 11, 30))) is Rule.NOT_FREE
    assert only_reason(neighbour(1, free=None), replace(ASK, now=at(15, 0))) is Rule.NOT_FREE


def test_who_has_not_said_when_may_be_asked_and_it_shows() -> None:
    proposal = propose(ASK, [neighbour(1, metres=50, free=None), neighbour(2, metres=900)])
    assert ids(proposal) == [2, 1]
    assert ("free_unsaid", "mid") in [(r.code, r.sign) for r in proposal.candidates[1].reasons]


def test_an_absence_that_leaves_enough_time_does_not_set_aside() -> None:
    assert only_reason(neighbour(1, away=((at(14, 10), at(14, 23)),))) is None
    assert only_reason(neighbour(1, away=((at(14, 9, 30), at(14, 23)),))) is Rule.NOT_FREE
    assert only_reason(neighbour(1, away=((at(1, 0), at(14, 8)),))) is None
    assert (
        only_reason(neighbour(1, away=((at(14, 8), at(14, 10)), (at(14, 10, 30), at(14, 12))))) is Rule.AWAY
    )


def test_slots_are_read_on_the_clock_of_the_place_in_winter_and_summer() -> None:
    in_utc = replace(
        ASK, start=datetime(2026, 11, 14, 8, tzinfo=UTC), end=datetime(2026, 11, 14, 9, tzinfo=UTC)
    )
    assert only_reason(neighbour(1, free=((5, 9 * 60, 10 * 60),)), in_utc) is None
    assert only_reason(neighbour(1, free=((5, 8 * 60, 9 * 60),)), in_utc) is Rule.NOT_FREE
    summer = replace(
        ASK,
        start=datetime(2026, 7, 11, 8, tzinfo=UTC),
        end=datetime(2026, 7, 11, 9, tzinfo=UTC),
        now=datetime(2026, 7, 10, tzinfo=UTC),
    )
    assert only_reason(neighbour(1, free=((5, 10 * 60, 11 * 60),)), summer) is None


def test_the_reason_says_when_he_is_free_within_the_window() -> None:
    candidate = propose(ASK, [neighbour(1, free=((5, 10 * 60, 20 * 60),))]).candidates[0]
    (free,) = [reason for reason in candidate.reasons if reason.code == "free"]
    assert free.values == {"start": at(14, 10), "end": at(14, 12)}


# --- Order


def test_who_knows_her_comes_first_then_the_nearest() -> None:
    helpers = [
        neighbour(1, metres=10),
        neighbour(2, metres=700, visits_with_person=14),
        neighbour(3, metres=400),
        neighbour(4, metres=900, visits_with_person=1),
    ]
    assert ids(propose(ASK, helpers)) == [2, 4, 1, 3]


def test_within_five_minutes_who_helped_least_then_who_was_asked_longest_ago_comes_first() -> None:
    helpers = [
        neighbour(1, metres=30, helped_this_month=3),
        neighbour(2, metres=240, helped_this_month=1, last_asked_at=at(10, 9)),
        neighbour(3, metres=250, helped_this_month=1, last_asked_at=at(1, 9)),
        neighbour(4, metres=250, helped_this_month=1),
        neighbour(5, metres=300),
    ]
    assert ids(propose(ASK, helpers)) == [4, 3, 2, 1, 5]


def test_all_else_equal_the_exact_distance_and_then_the_id_decide() -> None:
    assert ids(
        propose(ASK, [neighbour(9, metres=200), neighbour(7, metres=200), neighbour(8, metres=60)])
    ) == [8, 7, 9]


def test_gdp_26_the_order_knows_nothing_but_the_spoken_criteria() -> None:
    """Whatever else is changed on those who fit, the order stays."""
    rng = random.Random(26)
    helpers = [
        neighbour(
            i,
            metres=rng.uniform(0, 1_000),
            visits_with_person=rng.choice([0, 0, 1, 5, 20]),
            helped_this_month=rng.randrange(4),
            last_asked_at=rng.choice([None, NOW - timedelta(days=rng.randrange(1, 90))]),
        )
        for i in range(60)
    ]
    others = [
        replace(
            helper,
            x=HOME[0] - (helper.x - HOME[0]) if helper.x is not None else None,
            kinds=helper.kinds | {rng.choice(["pharmacy", "walk"])},
            languages=frozenset({"fr", rng.choice(["ar", "pt", "wo", "vi"])}),
            gender=rng.choice(["woman", "man", "unsaid", ""]),
            free=(*SATURDAY_MORNING, (rng.randrange(5), 480, 1_200)),
            calls_with_person=rng.randrange(9),
            max_per_month=rng.choice([None, 10, 30]),
            reach_minutes=rng.choice([20, 60]),
            refuses=frozenset(rng.sample(["stairs", "pets", "heavy"], 2)),
            stopped_sms=rng.random() < 0.3,
            away=((at(20, 0), at(25, 0)),) if rng.random() < 0.5 else (),
        )
        for helper in helpers
    ]
    assert ids(propose(ASK, helpers)) == ids(propose(ASK, others))


# --- Almost, waves, reasons


def test_almost_names_the_one_soft_rule_that_failed() -> None:
    proposal = propose(
        ASK, [neighbour(1, metres=1_100), neighbour(2, metres=1_100, free=()), neighbour(3, free=())]
    )
    assert [(c.helper.id, c.failed) for c in proposal.almost] == [(3, Rule.NOT_FREE), (1, Rule.TOO_FAR)]
    assert proposal.almost[0].reasons[0].sign == "no"
    assert proposal.almost[1].reasons[0].values == {"minutes": 22, "limit": 20}
    assert proposal.set_aside == ((Rule.NOT_FREE, 2), (Rule.TOO_FAR, 1))


def test_at_most_five_are_almost_there() -> None:
    assert len(propose(ASK, [neighbour(i, free=()) for i in range(20)]).almost) == 5


def test_a_wave_takes_the_first_who_read_text_messages() -> None:
    proposal = propose(
        ASK, [neighbour(1, metres=10, stopped_sms=True), *(neighbour(i, metres=100 * i) for i in range(2, 9))]
    )
    assert ids(proposal)[0] == 1
    assert [candidate.helper.id for candidate in wave(proposal, 3)] == [2, 3, 4]
    assert wave(propose(ASK, []), 3) == []


def test_the_reasons_are_those_of_the_design() -> None:
    michel = propose(ASK, [neighbour(1, metres=20, visits_with_person=14, helped_this_month=3)]).candidates[0]
    assert [(r.code, r.sign) for r in michel.reasons] == [
        ("knows_by_visits", "yes"),
        ("walk", "yes"),
        ("free", "yes"),
        ("helped", "mid"),
    ]
    jeanne = propose(
        ASK,
        [
            neighbour(
                4, metres=800, calls_with_person=2, last_asked_at=NOW - timedelta(days=1), stopped_sms=True
            )
        ],
    ).candidates[0]
    assert [(r.code, r.sign) for r in jeanne.reasons] == [
        ("knows_by_calls", "yes"),
        ("walk", "mid"),
        ("free", "yes"),
        ("helped", "yes"),
        ("asked_lately", "mid"),
        ("voice_only", "mid"),
    ]


@pytest.mark.parametrize(
    "change",
    [{"minutes": 0}, {"end": at(14, 7)}, {"now": datetime(2026, 11, 12)}],  # noqa: DTZ001 - refused
)
def test_an_impossible_ask_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="an ask"):
        replace(ASK, **change)  # type: ignore[arg-type]  # the point of the test


# --- Whatever comes

_ABSENCES = st.lists(
    st.tuples(st.integers(-72, 72), st.integers(1, 72)).map(
        lambda pair: (at(14, 8) + timedelta(hours=pair[0]), at(14, 8) + timedelta(hours=sum(pair)))
    ),
    max_size=3,
).map(tuple)
_SLOTS = st.one_of(
    st.none(),
    st.lists(
        st.tuples(st.integers(0, 6), st.integers(0, 1380), st.integers(15, 600)).map(
            lambda slot: (slot[0], slot[1], min(1440, slot[1] + slot[2]))
        ),
        max_size=5,
    ).map(tuple),
)
_SOME = st.sampled_from(["shopping", "visit", "pharmacy"])
_MOSTLY = st.sampled_from((True,) * 9 + (False,))
_RARELY = st.sampled_from((False,) * 9 + (True,))
_ANYBODY = st.builds(
    Helper,
    id=st.integers(0, 10_000),
    x=st.one_of(st.none(), st.floats(HOME[0] - 1_500, HOME[0] + 1_500)),
    y=st.one_of(st.none(), st.floats(HOME[1] - 1_500, HOME[1] + 1_500)),
    kinds=st.frozensets(_SOME, min_size=1),
    languages=st.frozensets(st.sampled_from(["fr", "pt", "ar"])),
    gender=st.sampled_from(["", "woman", "man"]),
    free=_SLOTS,
    away=_ABSENCES,
    vetted=_MOSTLY,
    resting=_RARELY,
    reach_minutes=st.integers(5, 40),
    max_per_month=st.one_of(st.none(), st.integers(0, 5)),
    helped_this_month=st.integers(0, 5),
    last_asked_at=st.one_of(st.none(), st.integers(0, 999).map(lambda h: NOW - timedelta(hours=h))),
    visits_with_person=st.integers(0, 15),
    calls_with_person=st.integers(0, 5),
    refuses=st.frozensets(st.sampled_from(["stairs", "pets", "heavy"]), max_size=1),
    asked_already=_RARELY,
    excluded=_RARELY,
    is_minor=_RARELY,
    has_phone=_MOSTLY,
    stopped_sms=st.booleans(),
)
# Who fits every rule of most asks, so that there is an order to speak of.
_FITTING = st.builds(
    neighbour,
    number=st.integers(0, 10_000),
    metres=st.floats(0, 1_000),
    kinds=st.just(frozenset({"shopping"})),
    languages=st.just(frozenset({"fr", "pt"})),
    free=st.one_of(st.none(), st.just(tuple((day, 0, 1440) for day in range(7)))),
    visits_with_person=st.integers(0, 15),
    helped_this_month=st.integers(0, 3),
    last_asked_at=st.one_of(st.none(), st.integers(0, 99).map(lambda h: NOW - timedelta(hours=h))),
    stopped_sms=_RARELY,
)
_HELPERS = st.lists(
    st.one_of(_FITTING, _FITTING, _ANYBODY), min_size=2, max_size=40, unique_by=lambda helper: helper.id
)
_ASKS = st.builds(
    lambda day, hour, length, minutes, remote, gender, language, constraints: Ask(
        "shopping",
        at(day, hour),
        at(day, hour) + timedelta(hours=length),
        minutes,
        NOW,
        *HOME,
        is_remote=remote,
        gender_wanted=gender,
        language=language,
        constraints=constraints,
    ),
    st.integers(11, 20),
    st.integers(0, 23),
    st.one_of(st.integers(0, 8), st.integers(0, 60)),
    st.sampled_from([15, 45, 120]),
    st.booleans(),
    st.sampled_from(["", "", "woman"]),
    st.sampled_from(["", "", "pt"]),
    st.frozensets(st.sampled_from(["stairs", "pets"]), max_size=1),
)


def _minutes_of(ask: Ask) -> set[datetime]:
    """The minutes of the window still to come, one by one: slow, and hard to get wrong."""
    end = max(ask.end, ask.start + timedelta(minutes=ask.minutes)).astimezone(UTC)
    start = max(ask.start, ask.now).astimezone(UTC)
    return {start + timedelta(minutes=i) for i in range(max(0, int((end - start).total_seconds() // 60)))}


@lru_cache(maxsize=50_000)
def _on_the_clock(minute: datetime) -> tuple[int, int]:
    local = minute.astimezone(PARIS)
    return local.weekday(), local.hour * 60 + local.minute


def _has_stretch(minutes: set[datetime], wanted: int) -> bool:
    run = 0
    previous = None
    for minute in sorted(minutes):
        # A stretch ends at midnight: slots are told by day.
        new_day = _on_the_clock(minute)[1] == 0
        run = run + 1 if previous == minute - timedelta(minutes=1) and not new_day else 1
        if run >= wanted:
            return True
        previous = minute
    return False


def _failed_by_the_book(ask: Ask, helper: Helper) -> list[Rule]:
    """Every rule that fails, each written on its own, straight from the sentence that says it."""
    window = _minutes_of(ask)
    there = {m for m in window if not any(start <= m < end for start, end in helper.away)}

    def in_a_slot(minute: datetime) -> bool:
        weekday, clock = _on_the_clock(minute)
        return any(day == weekday and low <= clock < high for day, low, high in helper.free or ())

    free = there if helper.free is None else {m for m in there if in_a_slot(m)}
    walk = None
    if not ask.is_remote and helper.x is not None and helper.y is not None:
        walk = walk_minutes(HOME, (helper.x, helper.y))
    fails: dict[Rule, Callable[[], bool]] = {
        Rule.NOT_VETTED: lambda: not helper.vetted,
        Rule.RESTING: lambda: helper.resting,
        Rule.AWAY: lambda: _has_stretch(window, ask.minutes) and not _has_stretch(there, ask.minutes),
        Rule.MINOR: lambda: helper.is_minor,
        Rule.EXCLUDED: lambda: helper.excluded,
        Rule.ASKED_ALREADY: lambda: helper.asked_already,
        Rule.KIND: lambda: ask.kind not in helper.kinds,
        Rule.UNREACHABLE: lambda: not helper.has_phone,
        Rule.NOT_FREE: lambda: not _has_stretch(free, ask.minutes),
        Rule.TOO_FAR: lambda: walk is not None and walk > min(helper.reach_minutes, ask.walk_limit),
        Rule.LANGUAGE: lambda: bool(ask.language) and ask.language not in helper.languages,
        Rule.GENDER: lambda: bool(ask.gender_wanted) and ask.gender_wanted != helper.gender,
        Rule.CONSTRAINT: lambda: bool(ask.constraints & helper.refuses),
        Rule.MONTH_FULL: lambda: (
            helper.max_per_month is not None and helper.helped_this_month >= helper.max_per_month
        ),
    }
    return [rule for rule in Rule if fails[rule]()]


@settings(max_examples=60, deadline=None)
@given(_ASKS, _HELPERS)
def test_the_rules_are_those_of_the_book(ask: Ask, helpers: list[Helper]) -> None:
    book = {helper.id: _failed_by_the_book(ask, helper) for helper in helpers}
    proposal = propose(ask, helpers)
    assert set(ids(proposal)) == {number for number, failed in book.items() if not failed}
    assert dict(proposal.set_aside) == Counter(failed[0] for failed in book.values() if failed)
    for candidate in proposal.almost:
        assert book[candidate.helper.id] == [candidate.failed]
        assert candidate.failed in SOFT
    soft = sum(1 for failed in book.values() if len(failed) == 1 and failed[0] in SOFT)
    assert len(proposal.almost) == min(5, soft)


@given(_ASKS, _HELPERS, st.randoms(use_true_random=False))
def test_the_order_of_the_list_does_not_matter(ask: Ask, helpers: list[Helper], rng: random.Random) -> None:
    shuffled = list(helpers)
    rng.shuffle(shuffled)
    assert propose(ask, shuffled) == propose(ask, helpers)


@given(_ASKS, _HELPERS)
def test_no_neighbour_disappears(ask: Ask, helpers: list[Helper]) -> None:
    proposal = propose(ask, helpers)
    assert proposal.considered == len(helpers)
    assert len(proposal.candidates) + sum(count for _rule, count in proposal.set_aside) == len(helpers)
    assert [rule for rule, _n in proposal.set_aside] == [r for r in Rule if r in dict(proposal.set_aside)]
    assert not set(ids(proposal)) & {candidate.helper.id for candidate in proposal.almost}


@given(_ASKS, _HELPERS, st.data())
def test_the_order_is_total_and_each_pair_keeps_it_on_its_own(
    ask: Ask, helpers: list[Helper], data: st.DataObject
) -> None:
    proposal = propose(ask, helpers)
    assert len(set(ids(proposal))) == len(ids(proposal))
    if len(proposal.candidates) >= 2:
        pair = data.draw(st.lists(st.sampled_from(proposal.candidates), min_size=2, max_size=2, unique_by=id))
        alone = ids(propose(ask, [candidate.helper for candidate in pair]))
        assert alone == [number for number in ids(proposal) if number in alone]


@given(_ASKS, _HELPERS, st.integers(0, 10))
def test_a_wave_is_the_head_of_the_list(ask: Ask, helpers: list[Helper], size: int) -> None:
    proposal = propose(ask, helpers)
    first: list[Candidate] = wave(proposal, size)
    assert len(first) <= size
    assert all(not candidate.helper.stopped_sms for candidate in first)
    order = ids(proposal)
    assert [order.index(c.helper.id) for c in first] == sorted(order.index(c.helper.id) for c in first)
