"""« Pour quand ? » and « Quel jour ? »: the answers offered, and the moments they mean."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from palier.kernel import clock, ranges, text
from palier.kernel.errors import BadInput
from palier.territories.models import Territory
from palier.web.jinja import gettext as _

MORNING = (time(9), time(12))
AFTERNOON = (time(14), time(18))
DAY = (time(9), time(18))
EVENING = time(20)
NAMED_DAYS = 5
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Window:
    starts_at: datetime
    ends_at: datetime
    is_flexible: bool


def choices(territory: Territory) -> list[tuple[str, str]]:
    """Today, tomorrow, the next named days by half, this week, another date."""
    today = clock.today(territory.zone)
    return [*_near(today, territory), ("week", _("Cette semaine")), (OTHER, _("Une autre date"))]


def _near(today: date, territory: Territory) -> Iterator[tuple[str, str]]:
    if clock.now() < ranges.moment(today, time(19), territory.zone):
        yield "today", _("Aujourd’hui")
    yield "tomorrow", _("Demain")
    for ahead in range(2, 2 + NAMED_DAYS):
        on = today + timedelta(days=ahead)
        name = text.capital(text.day(on))
        yield f"{on.isoformat()}-am", _("%(day)s, matin") % {"day": name}
        yield f"{on.isoformat()}-pm", _("%(day)s, après-midi") % {"day": name}


def usual(territory: Territory) -> str:
    """What most people mean: tomorrow."""
    return "tomorrow"


def window(
    answer: str,
    territory: Territory,
    *,
    on: date | None = None,
    start: time | None = None,
    end: time | None = None,
) -> Window:
    """The moments an answer means. Raises BadInput for the field that says too little."""
    zone, now = territory.zone, clock.now()
    today = now.astimezone(zone).date()
    match answer:
        case "today":
            last = ranges.moment(today, EVENING, zone)
            if last <= now + timedelta(minutes=30):
                raise BadInput("when", _("Aujourd’hui, c’est trop tard. Choisissez demain ou un autre jour."))
            return Window(_next_quarter(now), last, True)
        case "tomorrow":
            day = ranges.local(today + timedelta(days=1), *DAY, zone)
            return Window(day.start, day.end, True)
        case "week":
            week = ranges.week_of(today, zone)
            sunday = ranges.moment(today + timedelta(days=6 - today.weekday()), EVENING, zone)
            if sunday <= now + timedelta(hours=1):
                raise BadInput("when", _("La semaine est finie. Choisissez un jour."))
            return Window(max(_next_quarter(now), week.start), sunday, True)
        case "other":
            if on is None:
                raise BadInput("on", _("Choisissez un jour, par exemple demain."))
            if end is not None and start is not None and end <= start:
                raise BadInput("until", _("La fin doit venir après le début."))
            hours = ranges.local(on, start or DAY[0], end or DAY[1], zone)
            if start is not None and end is None and hours.length > timedelta(hours=12):
                raise BadInput("until", _("Écrivez aussi jusqu’à quelle heure."))
            return Window(hours.start, hours.end, start is None and end is None)
        case _:
            try:
                on, half = date.fromisoformat(answer[:10]), answer[11:]
                hours = ranges.local(on, *{"am": MORNING, "pm": AFTERNOON}[half], zone)
            except (ValueError, KeyError):
                raise BadInput("when", _("Choisissez un jour, par exemple demain.")) from None
            return Window(hours.start, hours.end, False)


def _next_quarter(now: datetime) -> datetime:
    whole = now.replace(second=0, microsecond=0)
    return whole + timedelta(minutes=15 - whole.minute % 15)
