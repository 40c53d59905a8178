"""The visit in the neighbour's own calendar (RFC 5545): a file that says no more than a colleague may read over a shoulder.

« Visite » , the first name and the town: no family name, no street, no telephone. The neighbour's calendar may be
copied to a firm in another country; the address stays on the page.
"""

from datetime import UTC, date, datetime, time, timedelta

from django.utils.translation import gettext as _
from icalendar import Calendar, Event, Timezone

from palier.kernel import clock
from palier.kernel.text import window
from palier.visits.models import Visit
from palier.visits.states import ENDED_WITHOUT

PRODUCT = "-//Palier//Visites//FR"


def ics(visit: Visit) -> bytes:
    """The calendar file of a visit: the same UID for ever, a SEQUENCE that grows, METHOD:CANCEL once it is off.

    A visit « cette semaine » is a whole-day line that does not make its owner busy.
    """
    territory = visit.territory
    is_off = visit.state in ENDED_WITHOUT
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "CANCEL" if is_off else "PUBLISH")
    event = Event()
    event.add("uid", f"visite-{visit.pk}@{territory.public_host}")
    event.add("dtstamp", clock.now().astimezone(UTC))
    event.add("sequence", visit.sequence)
    event.add("status", "CANCELLED" if is_off else "CONFIRMED")
    names = {"name": visit.person.first_name, "town": visit.person.city or territory.name}
    event.add("summary", _("Visite : %(name)s (%(town)s)") % names)
    event.add("location", names["town"])
    zone = territory.zone
    if visit.is_flexible:
        event.add("dtstart", visit.starts_at.astimezone(zone).date())
        event.add("dtend", _day_after(visit.ends_at.astimezone(zone)))
        event.add("transp", "TRANSPARENT")
        event.add(
            "description",
            _("Une visite, %(when)s, quand cela vous convient.")
            % {"when": window(visit.starts_at, visit.ends_at, zone)},
        )
    else:
        event.add("dtstart", visit.starts_at.astimezone(zone))
        event.add("dtend", visit.ends_at.astimezone(zone))
        years = {visit.starts_at.year, visit.ends_at.year}
        calendar.add_component(
            Timezone.from_tzinfo(
                zone,
                territory.timezone,
                first_date=date(min(years), 1, 1),
                last_date=date(max(years) + 1, 1, 1),
            )
        )
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _day_after(end: datetime) -> date:
    """The end of a whole-day line is the day after its last one; an end at midnight is that day already."""
    return end.date() if end.time() == time.min else end.date() + timedelta(days=1)
