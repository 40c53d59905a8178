"""Whose unit it is, and which visit an event may belong to."""

from datetime import datetime, timedelta

from django.db.models import Q

from palier.people.models import Consent, Person
from palier.people.queries import consents_of
from palier.telecare.models import Event
from palier.visits.models import Visit

# TEL-03: somebody may be early, and presses the button again on leaving.
BEFORE = timedelta(minutes=30)
AFTER = timedelta(hours=2)


def person_of(organisation_id: int, unit: str) -> Person | None:
    """The subscriber of a unit; nobody when she refused that we exchange with her operator."""
    person = Person.objects.filter(telecare_operator_id=organisation_id, telecare_number=unit).first()
    if person is None or consents_of([person.pk])[person.pk].get(Consent.Purpose.TELECARE) is False:
        return None
    return person


def visits_around(person_id: int, at: datetime) -> list[Visit]:
    """Her visits whose window, half an hour before to two hours after, holds this moment: both edges count.

    Visits already proved count too, or the order in which events arrive would decide which visit they prove.
    """
    return list(
        Visit.objects.filter(
            Q(state=Visit.State.PLANNED) | Q(state=Visit.State.DONE),
            person_id=person_id,
            starts_at__lte=at + BEFORE,
            ends_at__gte=at - AFTER,
        )
        .select_related("volunteer", "person")
        .order_by("starts_at", "pk")
    )


def nearest_visit(event: Event) -> Visit | None:
    """The visit a person at the desk most likely means: planned or done, the nearest to the event within a day."""
    if event.person_id is None:
        return None
    around = Visit.objects.filter(
        state__in=[Visit.State.PLANNED, Visit.State.DONE],
        person_id=event.person_id,
        starts_at__lte=event.at + timedelta(days=1),
        ends_at__gte=event.at - timedelta(days=1),
    ).select_related("volunteer", "person")
    return min(around, key=lambda visit: _away(visit, event.at), default=None)


def _away(visit: Visit, at: datetime) -> tuple[timedelta, int]:
    return max(visit.starts_at - at, at - visit.ends_at, timedelta(0)), visit.pk
