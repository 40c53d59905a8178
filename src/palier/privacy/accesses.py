"""Who opened what: for the person who asks, for an incident, and for no report on anybody's work (GDP-09, GDP-10)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.db.models import Count, Max, Min

from palier.accounts.actor import Actor
from palier.accounts.models import Membership
from palier.journal.models import Access
from palier.people.models import Person
from palier.volunteers.models import Volunteer

PAGE = 50
# A file with more lines is cut there, and says so.
MOST = 50_000


@dataclass(frozen=True)
class Opened:
    """One line, with the names that the reader may see."""

    at: datetime
    who: str
    operation: str
    kind: str
    number: int | None
    name: str
    reason: str


@dataclass(frozen=True)
class Touched:
    """Somebody whose data one member had on the screen, from when to when, how often."""

    kind: str
    number: int
    name: str
    first: datetime
    last: datetime
    times: int


@dataclass(frozen=True)
class Wanted:
    """What is asked of the log: between two moments, of one file, by one member."""

    start: datetime
    end: datetime
    person_id: int | None = None
    membership_id: int | None = None


def lines(wanted: Wanted, *, actor: Actor, page: int = 1, most: int = PAGE) -> tuple[list[Opened], bool]:
    """The newest first; and whether there are more."""
    first = (page - 1) * most
    rows = list(_of(wanted, actor).order_by("-at", "-pk")[first : first + most + 1])
    return _named(rows[:most], actor), len(rows) > most


def touched(wanted: Wanted, *, actor: Actor) -> list[Touched]:
    """Whose data was touched: what has to be known within 72 hours of an incident (GDP-09)."""
    rows = list(
        _of(wanted, actor)
        .filter(object_kind__in=["people.person", "volunteers.volunteer"], object_id__isnull=False)
        .values("object_kind", "object_id")
        .annotate(first=Min("at"), last=Max("at"), times=Count("pk"))
        .order_by("-last", "object_kind", "object_id")[:MOST]
    )
    keys = [(row["object_kind"], row["object_id"] or 0) for row in rows]
    names = _names(keys, actor)
    return [
        Touched(
            *key,
            names.get(key, ""),
            row["first"],
            row["last"],
            row["times"],
        )
        for key, row in zip(keys, rows, strict=True)
    ]


def members() -> list[tuple[int, str]]:
    """Everybody who works or worked here."""
    rows = Membership.objects.select_related("user", "organisation").order_by("user__last_name", "pk")
    return [(row.pk, f"{row.user.get_full_name()}, {row.organisation.short_name}") for row in rows]


def _of(wanted: Wanted, actor: Actor) -> "models.QuerySet[Access]":
    rows = Access.objects.filter(territory_id=actor.territory_id, at__gte=wanted.start, at__lt=wanted.end)
    if wanted.person_id is not None:
        rows = rows.filter(object_kind="people.person", object_id=wanted.person_id)
    if wanted.membership_id is not None:
        rows = rows.filter(membership_id=wanted.membership_id)
    return rows


def _named(rows: list[Access], actor: Actor) -> list[Opened]:
    names = _names(((row.object_kind, row.object_id) for row in rows), actor)
    who = {
        member.pk: member.user.get_full_name()
        for member in Membership.objects.filter(pk__in={row.membership_id for row in rows}).select_related(
            "user"
        )
    }
    return [
        Opened(
            row.at,
            who.get(row.membership_id or 0, ""),
            row.operation,
            row.object_kind,
            row.object_id,
            names.get((row.object_kind, row.object_id or 0), ""),
            row.reason,
        )
        for row in rows
    ]


def _names(things: Iterable[tuple[str, int | None]], actor: Actor) -> dict[tuple[str, int], str]:
    """Of those whom the reader may see; the others keep their number."""
    wanted: dict[str, set[int]] = {"people.person": set(), "volunteers.volunteer": set()}
    for kind, number in things:
        if kind in wanted and number is not None:
            wanted[kind].add(number)
    found: dict[tuple[str, int], str] = {}
    for person in Person.objects.visible_to(actor).filter(pk__in=wanted["people.person"]):
        found["people.person", person.pk] = person.full_name
    for volunteer in Volunteer.objects.visible_to(actor).filter(pk__in=wanted["volunteers.volunteer"]):
        found["volunteers.volunteer", volunteer.pk] = volunteer.full_name
    return found
