"""What the registers' pages show, each in a few statements whatever the number of rows."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Count, Q

from palier.accounts.actor import Actor
from palier.journal.models import Entry
from palier.kernel import clock
from palier.kernel.text import fold
from palier.people import finding
from palier.people.models import Person
from palier.register import policies
from palier.register.models import Enrolment, EnrolmentRequest, Register
from palier.register.models.enrolments import FRESH_FOR
from palier.web.people.queries import worded

PAGE = 50
VIEWS = ("", "confirmer", "lettres", "reconfirmer")


def listed(register: Register, view: str, wanted: str) -> "models.QuerySet[Enrolment]":
    """The entries of a register, by name."""
    rows = Enrolment.objects.present().filter(register=register)
    match view:
        case "confirmer":
            rows = rows.filter(state=Enrolment.State.PENDING)
        case "lettres":
            rows = rows.filter(request__closed_at__isnull=True)
        case "reconfirmer":
            rows = rows.to_reconfirm()
    for word in fold(wanted).split():
        rows = rows.filter(person__search_text__contains=word)
    order = ("request__requested_on", "pk") if view == "lettres" else ("person__search_text", "pk")
    return rows.select_related("person", "request").prefetch_related("person__phones").order_by(*order)


def counts(register: Register) -> dict[str, int]:
    """How many each filter holds, and the requests nobody matched yet."""
    found: dict[str, int] = (
        Enrolment.objects.present()
        .filter(register=register)
        .aggregate(
            all=Count("pk"),
            confirmer=Count("pk", filter=Q(state=Enrolment.State.PENDING)),
            lettres=Count("pk", filter=Q(request__isnull=False, request__closed_at__isnull=True)),
            reconfirmer=Count("pk", filter=Q(last_confirmed_on__lt=clock.today() - FRESH_FOR)),
        )
    )
    found["demandes"] = received(register).count()
    return found


def received(register: Register) -> "models.QuerySet[EnrolmentRequest]":
    """Requests of the public form that wait for somebody."""
    return (
        EnrolmentRequest.objects.open()
        .filter(register=register, enrolment__isnull=True)
        .order_by("received_at", "pk")
    )


def to_print(register: Register) -> "models.QuerySet[EnrolmentRequest]":
    """Letters that are owed, the oldest request first."""
    return (
        EnrolmentRequest.objects.open()
        .filter(register=register, enrolment__isnull=False)
        .select_related("enrolment__person")
        .order_by("requested_on", "pk")
    )


def thread_of(kind: str, pk: int) -> list[dict[str, Any]]:
    """What happened to an entry, a communication: the journal's lines about it, newest first."""
    rows = Entry.objects.filter(subject_kind=kind, subject_id=pk).order_by("-at", "-pk")[:60]
    return [
        worded(
            (
                row.pk,
                row.code,
                row.at,
                row.actor_name if row.actor_kind == "member" else "",
                row.data,
                row.personal,
            )
        )
        for row in rows
    ]


@dataclass(frozen=True)
class Alike:
    """Somebody who may be the person that was typed."""

    person: Person
    is_there: bool


def alike(register: Register, typed: dict[str, Any], actor: Actor) -> list[Alike]:
    """Same number, or a name that sounds like it: shown before a second file is opened."""
    found: dict[int, Person] = {}
    name = f"{typed.get('last_name', '')} {typed.get('first_name', '')}".strip()
    for wanted in (name, str(typed.get("phone", ""))):
        if wanted:
            found |= {person.pk: person for person in finding.search(wanted, actor=actor, limit=5)}
    born: date | None = typed.get("birth_on")
    people = [
        person for person in found.values() if not (born and person.birth_on and person.birth_on != born)
    ]
    there = set(
        Enrolment.objects.present()
        .filter(register=register, person__in=people)
        .values_list("person_id", flat=True)
    )
    return [Alike(person, person.pk in there) for person in people]


def registers_of(person_id: int, actor: Actor) -> list[tuple[int, str, str]]:
    """« Inscrite au registre », for who may know: entry, register's name, state (REG-15)."""
    if not (policies.is_designated(actor) and policies.has_promised(actor)):
        return []
    rows = (
        Enrolment.objects.visible_to(actor).present().filter(person_id=person_id).select_related("register")
    )
    return [(row.pk, row.register.name, row.state) for row in rows.order_by("pk")]
