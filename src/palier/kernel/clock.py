"""The one clock. Everything asks it, so that tests and the scenario can move through a year in a minute."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")

_fixed: ContextVar[datetime | None] = ContextVar("palier_clock", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC; the simulated one inside `at()`."""
    return _fixed.get() or datetime.now(UTC)


def today(zone: ZoneInfo = PARIS) -> date:
    """The present day as the people of the territory see it."""
    return now().astimezone(zone).date()


def is_simulated() -> bool:
    """True inside `at()`: what waits for real seconds must not wait."""
    return _fixed.get() is not None


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Stop the clock at an aware moment for the code inside (and for what it calls in this thread or task)."""
    if moment.tzinfo is None:
        raise ValueError("the clock takes aware datetimes only")
    token = _fixed.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _fixed.reset(token)
