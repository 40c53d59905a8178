"""Reading needs for screens and jobs."""

from datetime import datetime, timedelta

from palier.kernel import clock
from palier.kernel.words import Hit, Kind, found
from palier.needs.models import Need
from palier.needs.states import S
from palier.territories.hours import calendar_of, working_day_end, working_time

# Kinds of words that a text for a neighbour should not hold (GDP-05, GDP-06).
WATCHED = (Kind.HEALTH, Kind.RELIGION, Kind.OFFENCE, Kind.INSULT, Kind.MONEY, Kind.ACCESS)


def open_of(person_id: int) -> list[Need]:
    """Her needs under way, the nearest first."""
    return list(
        Need.objects.open()
        .filter(person_id=person_id)
        .select_related("kind", "owner__user")
        .order_by("starts_at", "pk")
    )


def watched_words(*texts: str) -> list[Hit]:
    """The words of these texts that a neighbour should not read, for the form to underline."""
    return [hit for text in texts if text for hit in found(text, WATCHED)]


def due_time(need: Need, state: str) -> datetime:
    """By when what is owed in `state` should be done.

    Somebody is looked for at once for a need of today or tomorrow, otherwise within a working day. While
    neighbours are asked, the wave widens by itself: the need itself is due when its window opens. Once
    somebody goes, it is concluded within a working day after the window.
    """
    now = clock.now()
    calendar = calendar_of(need.territory_id)
    if state == S.ASKING:
        return max(need.starts_at, now + timedelta(hours=1))
    if state in (S.AGREED, S.REFERRED):
        return working_day_end(calendar, max(need.ends_at, now) + timedelta(days=1))
    if state == S.TO_CONCLUDE:
        return working_day_end(calendar, now + timedelta(days=1))
    if state == S.NOBODY:
        return working_time(calendar, now, timedelta(minutes=30))
    if need.starts_at <= now + timedelta(hours=36) and not need.is_flexible:
        return now + timedelta(minutes=30)
    return working_time(calendar, now, timedelta(hours=4))
