"""When the lead organisation works: due times are moments when somebody is there."""

from datetime import datetime, timedelta

from palier.kernel import calendars
from palier.kernel.calendars import Calendar
from palier.territories.models import Closure, OpeningHours, Organisation, Territory


def calendar_of(territory_id: int) -> Calendar:
    """The hours, closures and public holidays of the organisation that leads the territory."""
    territory = Territory.objects.get(pk=territory_id)
    lead = Organisation.objects.filter(territory_id=territory_id, is_lead=True)
    return Calendar(
        hours=tuple(
            calendars.Hours(weekday, start, end)
            for weekday, start, end in OpeningHours.objects.filter(organisation__in=lead)
            .order_by("weekday", "opens_at")
            .values_list("weekday", "opens_at", "closes_at")
        ),
        closures=tuple(
            calendars.Closure(on, on)
            for on in Closure.objects.filter(organisation__in=lead)
            .order_by("on")
            .values_list("on", flat=True)
        ),
        zone=territory.holidays_zone,
        tz=territory.zone,
    )


def working_day_end(
    calendar: Calendar, at: datetime, *, at_least: timedelta = timedelta(minutes=30)
) -> datetime:
    """The end of the working day at `at`, or of the next one when less than `at_least` is left of it.

    A day later when the organisation never opens: nothing is left without a time.
    """
    begin = calendars.next_opening(calendar, at + at_least)
    if begin is None:
        return at + timedelta(days=1)
    day = begin.astimezone(calendar.tz).date()
    return [opening.end for opening in calendars.openings(calendar, day, 1)][-1]


def working_time(calendar: Calendar, at: datetime, amount: timedelta) -> datetime:
    """`amount` of open time after `at`; as much clock time when the organisation never opens."""
    return calendars.add_working_time(calendar, at, amount) or at + amount
