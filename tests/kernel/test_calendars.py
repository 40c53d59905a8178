from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palier.kernel.calendars import (
    Calendar,
    Closure,
    Hours,
    add_working_time,
    holiday_name,
    is_open,
    next_opening,
    openings,
    public_holidays,
    zone_of,
)

PARIS = ZoneInfo("Europe/Paris")
WEEK = tuple(
    Hours(weekday, start, end)
    for weekday in range(5)
    for start, end in ((time(9), time(12)), (time(13, 30), time(17)))
)
DESK = Calendar(WEEK)


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0, *, fold: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=PARIS, fold=fold)


def test_the_mainland_keeps_eleven_public_holidays() -> None:
    assert len(public_holidays(2026)) == 11
    assert holiday_name(date(2026, 5, 14)) == "Ascension"
    assert holiday_name(date(2026, 5, 15)) is None


def test_alsace_and_moselle_keep_good_friday_and_saint_stephen() -> None:
    for zone in ("57", "67", "68"):
        assert holiday_name(date(2026, 4, 3), zone)
        assert holiday_name(date(2026, 12, 26), zone)
    assert holiday_name(date(2026, 4, 3)) is None


def test_overseas_the_end_of_slavery_is_kept_each_on_its_day() -> None:
    assert holiday_name(date(2026, 5, 22), "972")
    assert holiday_name(date(2026, 5, 27), "971")
    assert holiday_name(date(2026, 6, 10), "973")
    assert holiday_name(date(2026, 12, 20), "974")
    assert holiday_name(date(2026, 4, 27), "976")
    assert holiday_name(date(2026, 5, 22), "974") is None


@pytest.mark.parametrize(
    ("commune", "zone"),
    [
        ("57463", "57"),
        ("67482", "67"),
        ("97411", "974"),
        ("98818", "988"),
        ("45234", ""),
        ("2A004", ""),
        ("", ""),
    ],
)
def test_the_zone_follows_from_the_code_of_the_commune(commune: str, zone: str) -> None:
    assert zone_of(commune) == zone


def test_a_desk_is_open_in_its_hours_and_closed_at_lunch() -> None:
    assert is_open(DESK, at(2026, 11, 12, 9))
    assert not is_open(DESK, at(2026, 11, 12, 12))
    assert not is_open(DESK, at(2026, 11, 14, 10))


def test_a_public_holiday_closes_unless_the_place_says_otherwise() -> None:
    assert not is_open(DESK, at(2026, 11, 11, 10))
    assert is_open(Calendar(WEEK, on_holidays=True), at(2026, 11, 11, 10))


def test_a_closure_takes_both_its_days() -> None:
    desk = Calendar(WEEK, (Closure(date(2026, 11, 12), date(2026, 11, 13)),))
    assert not is_open(desk, at(2026, 11, 12, 10))
    assert not is_open(desk, at(2026, 11, 13, 10))
    assert is_open(desk, at(2026, 11, 16, 10))


def test_the_next_opening_skips_the_weekend_and_the_holiday() -> None:
    assert next_opening(DESK, at(2026, 11, 10, 18)) == at(2026, 11, 12, 9)
    assert next_opening(DESK, at(2026, 11, 13, 17)) == at(2026, 11, 16, 9)
    assert next_opening(DESK, at(2026, 11, 12, 10)) == at(2026, 11, 12, 10)


def test_a_place_that_never_opens_has_no_next_opening() -> None:
    closed = Calendar(())
    assert next_opening(closed, at(2026, 11, 12, 10)) is None
    assert add_working_time(closed, at(2026, 11, 12, 10), timedelta(hours=1)) is None


def test_working_time_passes_only_while_the_desk_is_open() -> None:
    assert add_working_time(DESK, at(2026, 11, 12, 11, 30), timedelta(hours=1)) == at(2026, 11, 12, 14)
    assert add_working_time(DESK, at(2026, 11, 10, 16, 30), timedelta(hours=1)) == at(2026, 11, 12, 9, 30)
    assert add_working_time(DESK, at(2026, 11, 14, 10), timedelta(0)) == at(2026, 11, 16, 9)


def test_working_time_cannot_be_negative() -> None:
    with pytest.raises(ValueError, match="not taken away"):
        add_working_time(DESK, at(2026, 11, 12, 10), -timedelta(hours=1))


def test_a_place_open_day_and_night_is_one_long_opening() -> None:
    always = Calendar(tuple(Hours(d, time(0), time(0)) for d in range(7)), on_holidays=True)
    assert len(list(openings(always, date(2026, 10, 20), 10))) == 1
    assert is_open(always, at(2026, 10, 25, 2, 30, fold=1))
    assert add_working_time(always, at(2026, 10, 25, 0), timedelta(hours=24)) == at(2026, 10, 25, 23)


@pytest.mark.parametrize(
    ("weekday", "start", "end"), [(7, time(9), time(12)), (0, time(12), time(9)), (0, time(9), time(9))]
)
def test_impossible_hours_are_refused(weekday: int, start: time, end: time) -> None:
    with pytest.raises(ValueError, match=r"weekday|cannot end"):
        Hours(weekday, start, end)


_MOMENTS = st.integers(0, 365 * 24 * 60).map(
    lambda m: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=m)
)


@given(_MOMENTS)
def test_the_next_opening_is_open_and_nothing_before_it_is(moment: datetime) -> None:
    opens = next_opening(DESK, moment)
    assert opens is not None
    assert is_open(DESK, opens)
    assert opens == moment or not is_open(DESK, moment)


@given(_MOMENTS, st.integers(0, 2000), st.integers(0, 2000))
def test_working_time_adds_up(moment: datetime, one: int, two: int) -> None:
    first = add_working_time(DESK, moment, timedelta(minutes=one))
    assert first is not None
    assert add_working_time(DESK, moment, timedelta(minutes=one + two)) == add_working_time(
        DESK, first, timedelta(minutes=two)
    ) or (two == 0)


@given(st.dates(date(2025, 1, 1), date(2027, 12, 31)))
def test_openings_come_in_order_and_never_overlap(day: date) -> None:
    for one, two in pairwise(openings(DESK, day, 15)):
        assert one.end < two.start
