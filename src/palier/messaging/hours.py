"""Quiet hours: nobody's telephone rings at night for an ordinary message (SMS-03)."""

from datetime import datetime, time, timedelta

from palier.territories.models import Territory


def next_moment(territory: Territory, at: datetime) -> datetime:
    """The first moment from `at` on when a message may arrive: `at` itself, or the end of the quiet hours."""
    local = at.astimezone(territory.zone)
    if not _is_quiet(territory, local.time()):
        return at
    return _next(territory, at, _time(territory.quiet_until))


def next_quiet(territory: Territory, at: datetime) -> datetime | None:
    """When the quiet hours after `at` begin; None where there are none."""
    if _time(territory.quiet_from) == _time(territory.quiet_until):
        return None
    return _next(territory, at, _time(territory.quiet_from))


def _is_quiet(territory: Territory, local: time) -> bool:
    start, end = _time(territory.quiet_from), _time(territory.quiet_until)
    if start <= end:
        return start <= local < end
    return local >= start or local < end


def _next(territory: Territory, at: datetime, wall_time: time) -> datetime:
    """The next moment after `at` when the town's clocks show `wall_time`, whatever they do in between."""
    day = at.astimezone(territory.zone).date()
    for ahead in range(3):
        moment = datetime.combine(day + timedelta(days=ahead), wall_time, territory.zone)
        if moment > at:
            return moment.astimezone(at.tzinfo)
    raise AssertionError("three days hold every hour")


def _time(value: time | str) -> time:
    # A territory that was just made still holds the defaults as written in the model.
    return time.fromisoformat(value) if isinstance(value, str) else value
