"""Half-open ranges [start, end), and local days and hours turned into moments across daylight saving."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Self


@dataclass(frozen=True, slots=True, order=True)
class Range:
    """Aware moments from `start` (in) to `end` (out), kept in UTC. An empty range has start == end.

    Raises ValueError for naive moments, or an end before the start.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a range takes aware datetimes only")
        # In UTC before comparing: two moments of one zone are otherwise compared by their wall clocks.
        object.__setattr__(self, "start", self.start.astimezone(UTC))
        object.__setattr__(self, "end", self.end.astimezone(UTC))
        if self.end < self.start:
            raise ValueError(f"a range cannot end before it starts: {self.start} > {self.end}")

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment < self.end

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    @property
    def minutes(self) -> int:
        """Whole minutes, rounded down."""
        return int(self.length.total_seconds() // 60)

    def overlap(self, other: Self) -> "Range | None":
        """What both share, or None. Two ranges that only touch share nothing."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Range(start, end) if start < end else None


def overlap_minutes(a: Range, b: Range) -> int:
    """Whole minutes two ranges share."""
    shared = a.overlap(b)
    return shared.minutes if shared else 0


def moment(day: date, at: time, tz: tzinfo, *, late: bool = False) -> datetime:
    """The moment, in UTC, at which clocks in `tz` show `at` on `day`.

    In the night clocks go forward, an hour does not exist: 2:30 becomes 3:30. In the night they go back, an
    hour comes twice: the first is meant, or the second when `late`.
    """
    local = datetime.combine(day, at.replace(tzinfo=None, fold=0), tz)
    first = local.astimezone(UTC)
    if not late:
        return first
    # On the missing hour fold=1 would go back to 1:30; the later of the two readings is 3:30 in both cases.
    return max(first, local.replace(fold=1).astimezone(UTC))


def local(day: date, start: time, end: time, tz: tzinfo) -> Range:
    """From one hour to another of a local day; an end at or before the start belongs to the next day.

    An ambiguous start is the first of the two, an ambiguous end the second: nothing said is lost. A window
    that lies wholly in the missing hour keeps its place after it.
    """
    last = day if end > start else day + timedelta(days=1)
    begin = moment(day, start, tz)
    return Range(begin, max(begin, moment(last, end, tz, late=True)))


def day_of(day: date, tz: tzinfo) -> Range:
    """The local day: 23, 24 or 25 hours."""
    return Range(moment(day, time.min, tz), moment(day + timedelta(days=1), time.min, tz))


def week_of(day: date, tz: tzinfo) -> Range:
    """The local week that holds `day`, from Monday to Monday."""
    monday = day - timedelta(days=day.weekday())
    return Range(moment(monday, time.min, tz), moment(monday + timedelta(days=7), time.min, tz))
