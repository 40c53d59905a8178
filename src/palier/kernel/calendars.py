"""Opening hours across public holidays, closures and daylight saving.

Public holidays come from the holidays library, by zone: Alsace and Moselle keep two more, overseas
départements the day slavery ended there.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from palier.kernel.ranges import Range, local

# A zone is a département or a territory as the official geographic code writes it; "" is the mainland.
_SUBDIVISIONS = {
    "57": "57",
    "67": "6AE",
    "68": "6AE",
    "971": "971",
    "972": "972",
    "973": "973",
    "974": "974",
    "975": "PM",
    "976": "976",
    "977": "BL",
    "978": "MF",
    "986": "WF",
    "987": "PF",
    "988": "NC",
}
# A year and a half without an opening: the calendar is wrong, or the place is closed for good.
_HORIZON_DAYS = 550


@dataclass(frozen=True, slots=True)
class Hours:
    """One weekly opening: `weekday` 0 is Monday; local hours. An end at 0:00 is the end of the day."""

    weekday: int
    start: time
    end: time

    def __post_init__(self) -> None:
        if not 0 <= self.weekday <= 6:
            raise ValueError(f"a weekday goes from 0 to 6, not {self.weekday}")
        if self.end != time.min and self.end <= self.start:
            raise ValueError(f"an opening cannot end before it starts: {self.start} > {self.end}")


@dataclass(frozen=True, slots=True)
class Closure:
    """Whole days closed, both included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Calendar:
    """When a place is open. `zone` tells the public holidays; it is closed then, unless `on_holidays`."""

    hours: tuple[Hours, ...]
    closures: tuple[Closure, ...] = ()
    zone: str = ""
    tz: tzinfo = field(default_factory=lambda: ZoneInfo("Europe/Paris"))
    on_holidays: bool = False


def zone_of(commune: str) -> str:
    """The zone of a commune by its INSEE code: "57463" gives "57", "97411" gives "974", others ""."""
    department = commune[:3] if commune[:2] in ("97", "98") else commune[:2]
    return department if department in _SUBDIVISIONS else ""


@lru_cache(maxsize=512)
def public_holidays(year: int, zone: str = "") -> dict[date, str]:
    """The public holidays of a year with their names in French. Do not change the answer: it is shared."""
    found = holidays.France(years=year, subdiv=_SUBDIVISIONS.get(zone), language="fr")  # type: ignore[attr-defined]  # built at import
    return dict(found.items())


def holiday_name(day: date, zone: str = "") -> str | None:
    """« Fête du Travail », or None for an ordinary day."""
    return public_holidays(day.year, zone).get(day)


def is_closed_on(calendar: Calendar, day: date) -> bool:
    """Whether a closure or a public holiday takes this day, whatever the weekly hours say."""
    if not calendar.on_holidays and holiday_name(day, calendar.zone) is not None:
        return True
    return any(day in closure for closure in calendar.closures)


def openings(calendar: Calendar, first: date, days: int) -> Iterator[Range]:
    """The openings of `days` local days from `first` on, in order, those that touch or overlap joined."""
    current: Range | None = None
    for offset in range(days):
        day = first + timedelta(days=offset)
        if is_closed_on(calendar, day):
            continue
        for hours in sorted((h for h in calendar.hours if h.weekday == day.weekday()), key=lambda h: h.start):
            opening = local(day, hours.start, hours.end, calendar.tz)
            if opening.start == opening.end:
                continue
            if current is not None and opening.start <= current.end:
                current = Range(current.start, max(current.end, opening.end))
                continue
            if current is not None:
                yield current
            current = opening
    if current is not None:
        yield current


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Whether the place is open at an aware moment."""
    day = at.astimezone(calendar.tz).date()
    return any(at in opening for opening in openings(calendar, day, 1))


def next_opening(calendar: Calendar, after: datetime) -> datetime | None:
    """`after` itself when open then, else the moment the place opens next (UTC). None when it never does."""
    day = after.astimezone(calendar.tz).date()
    for opening in openings(calendar, day, _HORIZON_DAYS):
        if after < opening.end:
            return max(after.astimezone(opening.start.tzinfo), opening.start)
    return None


def add_working_time(calendar: Calendar, start: datetime, amount: timedelta) -> datetime | None:
    """The moment when `amount` of open time has passed since `start` (UTC). None when it never will.

    No amount at all gives the next open moment. Raises ValueError for a negative amount.
    """
    if amount < timedelta(0):
        raise ValueError("working time is added, not taken away")
    left = amount
    day = start.astimezone(calendar.tz).date()
    for opening in openings(calendar, day, _HORIZON_DAYS):
        if opening.end <= start:
            continue
        begin = max(start.astimezone(opening.start.tzinfo), opening.start)
        if opening.end - begin >= left:
            return begin + left
        left -= opening.end - begin
    return None
