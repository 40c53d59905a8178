"""What a visit shows to whom: the neighbour's card is a closed list (GDP-13)."""

from datetime import datetime, time, timedelta
from typing import Any

from palier.kernel import calendars, clock
from palier.kernel.ranges import moment
from palier.matching.models import Offer
from palier.territories.hours import calendar_of
from palier.visits.models import Visit

# Name, address and telephone are shown from the yes until so long after the end of the visit.
ADDRESS_KEPT = timedelta(hours=24)

CLOSED_AT_MOST = 40

# Nothing else ever reaches a neighbour's telephone; a test holds these lists.
CARD_ALWAYS = ("kind", "starts_at", "ends_at", "is_flexible", "minutes")
CARD_WHILE_AGREED = (
    *CARD_ALWAYS,
    "first_name",
    "name",
    "street",
    "access",
    "city",
    "phones",
    "talk_note",
    "home_note",
    "what",
    "details",
)


def offer_to_plan(offer_id: int) -> Offer:
    return Offer.objects.select_related(
        "volunteer", "wave", "need__person", "need__kind", "need__territory"
    ).get(pk=offer_id)


def visit_with_all(visit_id: int) -> Visit:
    """The visit with everything that its steps read."""
    return Visit.objects.select_related(
        "territory",
        "need__kind",
        "need__territory",
        "need__person",
        "person",
        "volunteer",
        "offer__wave",
        "offer__need",
    ).get(pk=visit_id)


def visit_of_offer(offer_id: int) -> Visit | None:
    """The visit that a neighbour's link leads to, once he said yes."""
    visit_id = Visit.objects.filter(offer_id=offer_id).values_list("pk", flat=True).first()
    return visit_with_all(visit_id) if visit_id is not None else None


def address_until(visit: Visit) -> datetime:
    return visit.ends_at + ADDRESS_KEPT


def shows_address(visit: Visit, at: datetime) -> bool:
    """Only while the visit is agreed or just done: never after it was taken back, called off or is a day old."""
    return visit.state in (Visit.State.PLANNED, Visit.State.DONE) and at <= address_until(visit)


def mission_card(visit: Visit, at: datetime | None = None) -> dict[str, Any]:
    """What the neighbour who said yes may read: exactly `CARD_WHILE_AGREED`, then exactly `CARD_ALWAYS`."""
    card: dict[str, Any] = {
        "kind": visit.need.kind.name,
        "starts_at": visit.starts_at,
        "ends_at": visit.ends_at,
        "is_flexible": visit.is_flexible,
        "minutes": visit.minutes,
    }
    if not shows_address(visit, at or clock.now()):
        return card
    person = visit.person
    return card | {
        "first_name": person.first_name,
        "name": person.full_name,
        "street": person.street,
        "access": person.access,
        "city": person.city,
        "phones": [phone.e164 for phone in person.phones.all()],
        "talk_note": person.talk_note,
        "home_note": person.home_note,
        "what": visit.need.what,
        "details": visit.need.details,
    }


def reminder_time(visit: Visit, hour: time) -> tuple[datetime, datetime]:
    """When the reminder is due (that hour of the day before), and the local midnight after which « demain » is wrong.

    For a visit « cette semaine » it is the day before the last one.
    """
    zone = visit.territory.zone
    # An end at midnight belongs to the day before it.
    moment_of_visit = visit.ends_at - timedelta(seconds=1) if visit.is_flexible else visit.starts_at
    day = moment_of_visit.astimezone(zone).date()
    return moment(day - timedelta(days=1), hour, zone), moment(day, time.min, zone)


def next_working_moment(territory_id: int, after: datetime, hour: time) -> datetime:
    """That hour of the next day on which the lead organisation works, or when it opens if later."""
    calendar = calendar_of(territory_id)
    tomorrow = after.astimezone(calendar.tz).date() + timedelta(days=1)
    for opening in calendars.openings(calendar, tomorrow, CLOSED_AT_MOST):
        wanted = moment(opening.start.astimezone(calendar.tz).date(), hour, calendar.tz)
        if wanted < opening.end:
            return max(wanted, opening.start)
    # No hours are written down: somebody still has to call.
    return moment(tomorrow, hour, calendar.tz)
