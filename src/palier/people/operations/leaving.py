"""Moved, deceased, in a care home: one act stops everything at once and says what it stopped."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.duties.models import Kind as DutyKind
from palier.duties.operations import open_duty, settle_duties
from palier.journal.models import Entry
from palier.journal.operations import record
from palier.kernel import clock
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.messaging.operations import take_back, waiting_about
from palier.people import departures, events, policies
from palier.people.departures import Stopped
from palier.people.models import Person
from palier.people.operations.checking import locked
from palier.people.operations.living import end_away
from palier.territories.models import Territory

# A word to those who lived with her is not urgent, and not forgotten.
CONDOLENCES_WITHIN = timedelta(days=7)
GONE = (Person.State.MOVED, Person.State.IN_CARE_HOME, Person.State.DECEASED)


@dataclass(frozen=True, slots=True)
class Departure:
    """Who left, and all that stopped with it, in the words people read."""

    person: Person
    stopped: list[Stopped] = field(default_factory=list)


@transaction.atomic
def depart(
    person_id: int, *, state: str, on: date | None = None, condolences: bool = False, actor: Actor
) -> Departure:
    """Every need, visit, call, question to neighbours, hand-over, message and letter about her stops, all or nothing.

    What each context stopped is given back, and stands in the journal. Whoever left already may still be said to have
    died. `condolences`: somebody owes a word to those around her; nobody is told by itself.
    """
    person = locked(person_id, actor=actor)
    if not policies.may_change(actor):
        raise NotAllowed
    if state not in GONE:
        raise BadInput("state", _("Dites si elle est partie, en établissement ou décédée."), "choice")
    today = clock.today(Territory.objects.get(pk=actor.territory_id).zone)
    if on is not None and on > today:
        raise BadInput("on", _("Ce jour n’est pas encore venu. Écrivez le jour où c’est arrivé."), "future")
    if on is not None and person.birth_on is not None and on < person.birth_on:
        raise BadInput("on", _("Cette date est avant sa naissance. Vérifiez l’année."), "range")
    if person.state == state:
        return Departure(person)
    if person.state == Person.State.DECEASED:
        raise NotPossibleNow(
            _("Le décès de %(name)s est déjà noté. Si c’est une erreur, annulez-le d’abord.")
            % {"name": person.full_name}
        )
    person.state, person.left_on = state, on
    person.save(update_fields=["state", "left_on"])
    stopped = record_left(person, actor=actor)
    if condolences and state == Person.State.DECEASED:
        open_duty(
            person,
            kind=DutyKind.CONDOLENCES,
            due_at=clock.now() + CONDOLENCES_WITHIN,
            owner_id=actor.membership_id if actor.is_desk else None,
            person_id=person.pk,
            label=_("Un mot à ses proches"),
            actor=actor,
        )
    return Departure(person, stopped)


def preview_departure(person_id: int, *, state: str, on: date | None = None, actor: Actor) -> Departure:
    """What would stop: the act itself, undone. Nothing is written and nobody is told."""
    with transaction.atomic():
        point = transaction.savepoint()
        try:
            return depart(person_id, state=state, on=on, actor=actor)
        finally:
            transaction.savepoint_rollback(point)


def record_left(person: Person, *, actor: Actor) -> list[Stopped]:
    """Tell everybody that she left, and write down what they stopped. The caller has locked and changed her row."""
    # Not those that tell others not to come, which are written meanwhile.
    waiting = waiting_about(person.pk)
    with departures.collecting() as stopped:
        record(events.PERSON_LEFT, actor=actor, about=[person], state=person.state, is_woman=person.is_woman)
        for away in person.away_times.open():
            end_away(away, actor=actor)
            departures.stopped("away", str(away.get_reason_display()))
        for _number in range(take_back(waiting, why="she left", actor=actor)):
            departures.stopped("message", _("Un message qui allait partir"))
    record(
        events.PERSON_STOPPED,
        actor=actor,
        about=[person],
        counts=dict(Counter(thing.kind for thing in stopped)),
        lines=[[thing.kind, thing.text] for thing in stopped],
    )
    return stopped


@transaction.atomic
def come_back(person_id: int, *, actor: Actor) -> Departure:
    """It was an error, or she is home again: her file is open. What had stopped stays stopped, and is given back to be said."""
    person = locked(person_id, actor=actor)
    if not policies.may_change(actor):
        raise NotAllowed
    if person.state == Person.State.ACTIVE:
        return Departure(person)
    person.state, person.left_on = Person.State.ACTIVE, None
    person.save(update_fields=["state", "left_on"])
    settle_duties(person, actor=actor, kinds=[DutyKind.CONDOLENCES])
    record(events.PERSON_BACK, actor=actor, about=[person], is_woman=person.is_woman)
    return Departure(person, last_stopped(person.pk))


@transaction.atomic
def say_condolences_done(person_id: int, *, actor: Actor) -> None:
    """A word was said to those around her."""
    person = locked(person_id, actor=actor)
    if not policies.may_change(actor):
        raise NotAllowed
    if settle_duties(person, actor=actor, kinds=[DutyKind.CONDOLENCES]):
        record(events.CONDOLENCES_SAID, actor=actor, about=[person])


def last_stopped(person_id: int) -> list[Stopped]:
    """What stopped when she left the last time, as the journal tells it."""
    entry = (
        Entry.objects.filter(Q(person_id=person_id), code=events.PERSON_STOPPED.code)
        .order_by("-at", "-pk")
        .first()
    )
    lines = entry.personal.get("lines", []) if entry is not None else []
    return [Stopped(kind, text) for kind, text in lines]
