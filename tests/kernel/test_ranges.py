from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palier.kernel.ranges import Range, day_of, local, moment, overlap_minutes, week_of

PARIS = ZoneInfo("Europe/Paris")
FORWARD = date(2026, 3, 29)  # 2:00 becomes 3:00
BACK = date(2026, 10, 25)  # 3:00 becomes 2:00


def utc(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def test_a_range_holds_its_start_and_not_its_end() -> None:
    morning = Range(utc(14, 8), utc(14, 11))
    assert utc(14, 8) in morning
    assert utc(14, 11) not in morning


def test_two_ranges_that_touch_share_nothing() -> None:
    assert Range(utc(14, 8), utc(14, 11)).overlap(Range(utc(14, 11), utc(14, 12))) is None


def test_two_ranges_share_what_lies_in_both() -> None:
    shared = Range(utc(14, 8), utc(14, 11)).overlap(Range(utc(14, 10), utc(14, 12)))
    assert shared == Range(utc(14, 10), utc(14, 11))
    assert overlap_minutes(Range(utc(14, 8), utc(14, 11)), Range(utc(14, 10, 15), utc(14, 12))) == 45


def test_a_range_cannot_end_before_it_starts() -> None:
    with pytest.raises(ValueError, match="cannot end before"):
        Range(utc(14, 11), utc(14, 8))


def test_a_range_takes_aware_moments_only() -> None:
    with pytest.raises(ValueError, match="aware"):
        Range(datetime(2026, 11, 14), datetime(2026, 11, 15))  # noqa: DTZ001 - this is what is refused


def test_the_repeated_hour_is_told_apart_though_the_wall_clock_goes_back() -> None:
    first = datetime(2026, 10, 25, 2, 40, tzinfo=PARIS)
    second = datetime(2026, 10, 25, 2, 20, fold=1, tzinfo=PARIS)
    assert Range(first, second).minutes == 40


def test_a_morning_is_an_hour_ahead_of_utc_in_winter_and_two_in_summer() -> None:
    assert local(date(2026, 11, 14), time(9), time(12), PARIS) == Range(utc(14, 8), utc(14, 11))
    assert local(date(2026, 7, 14), time(9), time(12), PARIS).start.hour == 7


def test_half_past_two_does_not_exist_in_the_spring_night_and_becomes_half_past_three() -> None:
    assert moment(FORWARD, time(2, 30), PARIS) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert moment(FORWARD, time(2, 30), PARIS).astimezone(PARIS).time() == time(3, 30)
    assert moment(FORWARD, time(2, 30), PARIS, late=True) == moment(FORWARD, time(2, 30), PARIS)


def test_half_past_two_comes_twice_in_the_autumn_night() -> None:
    assert moment(BACK, time(2, 30), PARIS) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert moment(BACK, time(2, 30), PARIS, late=True) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_a_window_over_the_change_counts_real_hours() -> None:
    assert local(FORWARD, time(1), time(4), PARIS).length == timedelta(hours=2)
    assert local(BACK, time(1), time(4), PARIS).length == timedelta(hours=4)


def test_a_window_that_starts_in_the_missing_hour_never_runs_backwards() -> None:
    assert local(FORWARD, time(2, 30), time(3, 0), PARIS).length == timedelta(0)


def test_an_end_before_the_start_belongs_to_the_next_day() -> None:
    assert local(date(2026, 11, 14), time(22), time(6), PARIS).length == timedelta(hours=8)


def test_a_day_has_twenty_three_twenty_four_or_twenty_five_hours() -> None:
    assert day_of(FORWARD, PARIS).length == timedelta(hours=23)
    assert day_of(date(2026, 11, 14), PARIS).length == timedelta(hours=24)
    assert day_of(BACK, PARIS).length == timedelta(hours=25)


def test_a_week_goes_from_monday_to_monday_and_follows_daylight_saving() -> None:
    week = week_of(date(2026, 10, 25), PARIS)
    assert week.start.astimezone(PARIS) == datetime(2026, 10, 19, tzinfo=PARIS)
    assert week.end.astimezone(PARIS) == datetime(2026, 10, 26, tzinfo=PARIS)
    assert week.length == timedelta(days=7, hours=1)


_DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
_HOURS = st.times().map(lambda t: t.replace(second=0, microsecond=0))


@given(_DAYS, _HOURS, _HOURS)
def test_any_local_window_is_a_range(day: date, start: time, end: time) -> None:
    window = local(day, start, end, PARIS)
    assert timedelta(0) <= window.length <= timedelta(hours=25)


@given(_DAYS)
def test_days_follow_each_other_without_gap_or_overlap(day: date) -> None:
    assert day_of(day, PARIS).end == day_of(day + timedelta(days=1), PARIS).start
    assert day_of(day, PARIS).overlap(week_of(day, PARIS)) == day_of(day, PARIS)


_RANGES = st.tuples(st.integers(0, 600_000), st.integers(0, 600_000)).map(
    lambda pair: Range(utc(1, 0) + timedelta(minutes=min(pair)), utc(1, 0) + timedelta(minutes=max(pair)))
)


@given(_RANGES, _RANGES)
def test_overlap_does_not_depend_on_the_order(one: Range, two: Range) -> None:
    assert one.overlap(two) == two.overlap(one)
    assert overlap_minutes(one, two) <= min(one.minutes, two.minutes)
