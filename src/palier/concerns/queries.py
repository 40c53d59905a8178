"""Reading concerns; when each has to be looked at."""

from datetime import datetime, timedelta

from palier.concerns.models import Concern
from palier.kernel import clock
from palier.territories.hours import calendar_of, working_day_end


def open_of(person_id: int) -> list[Concern]:
    """What somebody is worried about now, the newest first."""
    return list(
        Concern.objects.open()
        .filter(person_id=person_id)
        .select_related("owner__user")
        .order_by("-opened_at", "-pk")
    )


def due_time(territory_id: int, urgency: str) -> datetime:
    """By when somebody has looked: a quarter of an hour, the end of the working day, 48 hours, a week."""
    now = clock.now()
    if urgency == Concern.Urgency.NOW:
        return now + timedelta(minutes=15)
    if urgency == Concern.Urgency.TWO_DAYS:
        return now + timedelta(hours=48)
    if urgency == Concern.Urgency.WEEK:
        return now + timedelta(days=7)
    return working_day_end(calendar_of(territory_id), now)
