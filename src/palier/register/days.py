"""Days as the people of the territory live them: midnights, the eight days of the letter (R121-6)."""

from datetime import date, datetime, time, timedelta

from palier.kernel import clock
from palier.territories.models import Territory

# The letter leaves within eight days. It is red on the board from the sixth, and climbs on the seventh (REG-08).
RED_ON, CLIMBS_ON, DUE_ON = 6, 7, 8


def midnight(day: date, territory: Territory) -> datetime:
    """The first moment of a local day."""
    return datetime.combine(day, time.min, territory.zone)


def today(territory: Territory) -> date:
    return clock.today(territory.zone)


def letter_clock(requested_on: date, territory: Territory) -> tuple[datetime, datetime]:
    """When the letter is late on the board, and when it climbs: the last second of day 5, the first of day 7.

    Counted on the calendar, so that an hour more or less in March and October moves neither.
    """
    late = midnight(requested_on + timedelta(days=RED_ON), territory) - timedelta(seconds=1)
    return late, midnight(requested_on + timedelta(days=CLIMBS_ON), territory)
