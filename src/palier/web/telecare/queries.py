"""Events of telecare units: for the desk those to look at first, for the operator their own."""

from collections import defaultdict
from datetime import timedelta
from typing import Any

from palier.accounts.actor import Actor
from palier.kernel import clock, text
from palier.telecare.models import Event
from palier.telecare.states import OPEN
from palier.territories.models import Territory
from palier.visits.models import Visit

PAGE = 40


def to_settle(actor: Actor) -> list[Event]:
    """What somebody has to look at, the oldest first; at most a page: more would be an outage, said as a number."""
    return list(
        Event.objects.visible_to(actor)
        .filter(state__in=OPEN)
        .select_related("person", "organisation")
        .order_by("received_at", "pk")[: PAGE + 1]
    )


def settled(actor: Actor, *, page: int) -> list[Event]:
    """What has its answer, the latest first; one more than a page when there are more."""
    start = (page - 1) * PAGE
    return list(
        Event.objects.visible_to(actor)
        .exclude(state__in=OPEN)
        .select_related("person", "organisation", "visit__volunteer")
        .order_by("-at", "-pk")[start : start + PAGE + 1]
    )


def visits_meant(events: list[Event]) -> dict[int, list[Visit]]:
    """For each event the visits it may belong to: hers, planned or done, within a day. One read for all."""
    people = {event.person_id for event in events if event.person_id is not None}
    if not people:
        return {}
    first, last = min(event.at for event in events), max(event.at for event in events)
    day = timedelta(days=1)
    by_person: dict[int, list[Visit]] = defaultdict(list)
    for visit in (
        Visit.objects.filter(
            person_id__in=people,
            state__in=[Visit.State.PLANNED, Visit.State.DONE],
            starts_at__lte=last + day,
            ends_at__gte=first - day,
        )
        .select_related("volunteer")
        .order_by("starts_at", "pk")
    ):
        by_person[visit.person_id].append(visit)
    return {
        event.pk: [
            visit
            for visit in by_person.get(event.person_id or 0, ())
            if visit.starts_at <= event.at + day and visit.ends_at >= event.at - day
        ]
        for event in events
    }


def moment_of(event: Event, territory: Territory) -> dict[str, Any]:
    local, today = event.at.astimezone(territory.zone), clock.today(territory.zone)
    return {
        "day": text.day_short(local.date(), today),
        "hour": text.hour(local),
        "iso": local.isoformat(timespec="minutes"),
    }
