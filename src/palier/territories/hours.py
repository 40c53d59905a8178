"""When the lead organisation works: due times are moments when somebody is there."""

import zoneinfo
from datetime import datetime, time, timedelta

from palier.kernel import calendars, statements
from palier.kernel.calendars import Calendar

_CALENDAR = """
select t.holidays_zone, t.timezone,
  (select json_agg(json_build_array(h.weekday, h.opens_at, h.closes_at) order by h.weekday, h.opens_at)
   from territories_openinghours h where h.organisation_id = o.id),
  (select array_agg(c.on order by c.on) from territories_closure c where c.organisation_id = o.id)
from territories_territory t
left join territories_organisation o on o.territory_id = t.id and o.is_lead
where t.id = %s
"""


def calendar_of(territory_id: int) -> Calendar:
    """The hours, closures and public holidays of the organisation that leads the territory."""
    zone, timezone, hours, closures = statements.rows(_CALENDAR, [territory_id])[0]
    return Calendar(
        hours=tuple(
            calendars.Hours(weekday, time.fromisoformat(start), time.fromisoformat(end))
            for weekday, start, end in hours or ()
        ),
        closures=tuple(calendars.Closure(on, on) for on in closures or ()),
        zone=zone,
        tz=zoneinfo.ZoneInfo(timezone),
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
