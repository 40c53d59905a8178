"""The list of neighbours in one statement; the file of one in a fixed number of reads."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from palier.accounts.actor import Actor
from palier.journal.events import registry
from palier.journal.models import Entry
from palier.kernel import clock
from palier.kernel.ranges import moment
from palier.kernel.text import fold
from palier.matching.models import KeepApart, Offer
from palier.people.models import of_seen_people
from palier.territories.models import HelpKind, Territory
from palier.visits.models import Visit
from palier.volunteers.models import AwayTime, Volunteer

PAGE = 50

# Volunteers are a few hundred to a few thousand: their page is cut first, what is counted is counted for it only.
ROWS = """
with page as (
    select v.id, v.first_name, v.last_name, v.state, v.street, v.city, v.phone, v.resting_until, v.last_asked_at,
           v.search_text
    from volunteers_volunteer v
    where {where} order by v.search_text, v.id limit %(limit)s offset %(offset)s
)
select page.id, page.first_name, page.last_name, page.state, page.street, page.city, page.phone, page.resting_until,
       page.last_asked_at, coalesce(k.names, ''), coalesce(k.number, 0), coalesce(o.asked, 0), coalesce(o.helped, 0)
from page
left join lateral (
    select string_agg(h.name, ', ' order by h."order", h.id) as names, count(*) as number
    from volunteers_acceptedkind a join territories_helpkind h on h.id = a.kind_id where a.volunteer_id = page.id
) k on true
left join lateral (
    select count(*) as asked, count(*) filter (where state = 'accepted') as helped
    from matching_offer where volunteer_id = page.id and asked_at >= %(month)s
) o on true
order by page.search_text, page.id
"""

STATES = {
    "disponibles": ("active", "trial"),
    "candidatures": ("applied",),
    "en-pause": ("resting",),
    "partis": ("ended",),
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address asks for; anything unknown in it asks for nothing."""

    state: str = ""
    kind: str = ""
    words: str = ""
    page: int = 1


@dataclass(slots=True)
class Line:
    """One row of the list."""

    id: int
    first_name: str
    last_name: str
    state: str
    street: str
    city: str
    phone: str
    resting_until: datetime | None
    last_asked_at: datetime | None
    kinds: str
    kinds_number: int
    asked: int
    helped: int

    @property
    def name(self) -> str:
        return f"{self.last_name} {self.first_name}".strip()

    @property
    def area(self) -> str:
        return ", ".join(part for part in (self.street.lstrip("0123456789 ,"), self.city) if part)


def lines(actor: Actor, wanted: Filters, territory: Territory) -> list[Line]:
    """A page of neighbours by name, and one row more."""
    where = ["v.territory_id = %(territory)s"]
    values: dict[str, Any] = {
        "territory": actor.territory_id,
        "limit": PAGE + 1,
        "offset": (wanted.page - 1) * PAGE,
        "month": month_start(territory),
    }
    where.append("v.state = any(%(states)s)" if wanted.state else "v.state <> 'ended'")
    values["states"] = list(STATES.get(wanted.state, ()))
    if wanted.kind:
        where.append(
            "exists (select 1 from volunteers_acceptedkind a join territories_helpkind h on h.id = a.kind_id"
            " where a.volunteer_id = v.id and h.code = %(kind)s)"
        )
        values["kind"] = wanted.kind
    words = (
        [wanted.words.replace(" ", "")]
        if wanted.words.replace(" ", "").isdigit()
        else fold(wanted.words).split()[:6]
    )
    for number, word in enumerate(words):
        # Each word typed begins a word of the name, or stands in the number typed without spaces.
        where.append(f"((' ' || v.search_text) like %(word{number})s or v.phone like %(digits{number})s)")
        values[f"digits{number}"] = f"%{word.lstrip('0')}%" if word.isdigit() and len(word) > 3 else "-"
        values[f"word{number}"] = f"% {word}%"
    with connection.cursor() as cursor:
        cursor.execute(ROWS.format(where=" and ".join(where)), values)
        return [Line(*row) for row in cursor.fetchall()]


def counts(actor: Actor) -> dict[str, int]:
    """How many by state."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select state, count(*) from volunteers_volunteer where territory_id = %s group by state",
            [actor.territory_id],
        )
        by_state = dict(cursor.fetchall())
    found = {name: sum(by_state.get(state, 0) for state in states) for name, states in STATES.items()}
    found[""] = sum(count for state, count in by_state.items() if state != Volunteer.State.ENDED)
    return found


def month_start(territory: Territory) -> datetime:
    first = clock.today(territory.zone).replace(day=1)
    return moment(first, datetime.min.time(), territory.zone)


def kinds() -> list[HelpKind]:
    return list(HelpKind.objects.offered())


# --- One neighbour ------------------------------------------------------------------------------------------------


def history(volunteer: Volunteer, actor: Actor, *, page: int = 1, size: int = 20) -> list[Offer]:
    """What they were asked, the latest first, with what became of it; one more than a page when there are more."""
    start = (page - 1) * size
    return list(
        Offer.objects.filter(of_seen_people(actor, "need__person"), volunteer=volunteer)
        .select_related("need__person", "need__kind", "visit")
        .order_by("-asked_at", "-pk")[start : start + size + 1]
    )


def figures(volunteer: Volunteer, territory: Territory) -> dict[str, int]:
    """How often asked and helping, this month and ever."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select count(*) filter (where asked_at >= %(month)s), count(*) filter (where asked_at >= %(month)s and state = 'accepted'),
                   count(*), (select count(*) from visits_visit where volunteer_id = %(pk)s and state = 'done')
            from matching_offer where volunteer_id = %(pk)s
            """,
            {"pk": volunteer.pk, "month": month_start(territory)},
        )
        row = cursor.fetchone()
    return dict(zip(("asked", "accepted", "ever", "visits"), row, strict=True))


def away_times(volunteer: Volunteer) -> list[AwayTime]:
    return list(volunteer.away_times.filter(ends_at__gt=clock.now()).order_by("starts_at", "pk"))


def kept_apart(volunteer: Volunteer, actor: Actor) -> list[KeepApart]:
    """Who does not want this neighbour: read for the coordination only."""
    return list(
        KeepApart.objects.filter(of_seen_people(actor), volunteer=volunteer)
        .select_related("person")
        .order_by("-at", "-pk")
    )


def planned_visits(volunteer: Volunteer) -> int:
    return Visit.objects.filter(volunteer=volunteer, state=Visit.State.PLANNED).count()


def entries(volunteer: Volunteer, actor: Actor) -> list[Entry]:
    own = Entry.objects.filter(of_seen_people(actor, "person_id"), volunteer_id=volunteer.pk).order_by(
        "-at", "-pk"
    )[:40]
    return [entry for entry in own if entry.code in registry.events]
