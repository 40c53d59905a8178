"""Taking in what telecare operators tell us, each event once, and looking at what is not plainly a visit."""

import re
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.duties.models import Kind as DutyKind
from palier.duties.operations import open_duty, settle_duties
from palier.journal import live
from palier.journal.operations import record
from palier.kernel import clock, typed
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.people.models import Person
from palier.telecare import events, policies, queries
from palier.telecare.models import Event
from palier.telecare.states import ALARM_CODES, MESSAGE_TYPES, OPEN, VISIT_CODES, is_about_a_person
from palier.territories.models import Organisation
from palier.visits import operations as visits
from palier.visits.models import Visit

# The operator handles alarms (TEL-01); what it left to us is looked at soon all the same.
LOOK_WITHIN = timedelta(minutes=15)
SUGGESTION_WITHIN = timedelta(hours=2)
# Clocks of units drift; an event of tomorrow is a mistake.
AHEAD = timedelta(minutes=5)
# What waited longer at the operator no longer says anything about a visit.
OLDEST = timedelta(days=62)
_CODE = re.compile(r"[0-9A-Za-z._:-]{1,16}")


@transaction.atomic
def receive_event(
    *,
    organisation_id: int,
    unit: str,
    reference: str,
    status_code: int,
    message_type: str = "ME",
    at: datetime,
    marked_as_visit: bool = False,
    actor: Actor,
) -> Event:
    """Take in one event; the same (operator, unit, reference) again gives the first one back and changes nothing.

    A visit code, or an alarm that the operator marked as a visit, inside one planned window proves the visit
    (TEL-03). With two windows, or none, a person chooses. Alarms and unknown codes are open until somebody looked
    (TEL-02). Only numbers come in: no name, nothing about health (TEL-08).
    """
    if not policies.may_tell(actor, organisation_id):
        raise NotAllowed
    at = _checked(unit, reference, status_code, message_type, at)
    # Events of one operator come in one after the other: the same one twice at once is then seen as known.
    Organisation.objects.select_for_update(of=("self",), no_key=True).only("pk").get(pk=organisation_id)
    person = queries.person_of(organisation_id, unit)
    known = Event.objects.filter(organisation_id=organisation_id, unit=unit, reference=reference).first()
    if known is not None:
        return known
    state, visit = _meaning(person, status_code, message_type, at, marked_as_visit=marked_as_visit)
    if state == Event.State.VISIT and visit is not None:
        try:
            with transaction.atomic():
                visits.prove(visit.pk, how=Visit.Proof.TELECARE, came_at=at, actor=_prover(actor))
        except NotPossibleNow:
            # Called off in this very moment: somebody was there all the same.
            state, visit = Event.State.SUGGESTION, None
    now = clock.now()
    event = Event.objects.create(
        territory_id=actor.territory_id,
        organisation_id=organisation_id,
        unit=unit,
        reference=reference,
        status_code=status_code,
        message_type=message_type,
        marked_as_visit=marked_as_visit,
        at=at,
        received_at=now,
        person=person,
        visit=visit,
        state=state,
        closed_at=None if state in OPEN else now,
        closed_by="" if state in OPEN else actor.name[:120],
    )
    if event.state in OPEN:
        open_duty(
            event,
            kind=DutyKind.REVIEW_EVENT,
            due_at=now + (LOOK_WITHIN if event.state == Event.State.TO_REVIEW else SUGGESTION_WITHIN),
            person_id=event.person_id,
            actor=actor,
        )
    record(
        events.EVENT_RECEIVED,
        actor=actor,
        about=[event, *([person] if person else []), *([visit.volunteer] if visit else [])],
        state=event.state,
        status_code=status_code,
        message_type=message_type,
        organisation=organisation_id,
        visit=visit.pk if visit else None,
    )
    live.publish(actor.territory_id, "telecare.event", event.pk)
    return event


@transaction.atomic
def settle_event(event_id: int, *, as_visit: bool, actor: Actor, visit_id: int | None = None) -> Event:
    """Somebody looked: it was a visit (the given one, or the nearest of that day), or it was not."""
    event = Event.objects.select_for_update(of=("self",), no_key=True).get(pk=event_id)
    if not policies.may_settle(actor, event):
        raise NotAllowed
    if event.state not in OPEN:
        raise NotPossibleNow(_("C’est déjà réglé par %(name)s.") % {"name": event.closed_by})
    if as_visit:
        visit = _visit_meant(event, visit_id)
        visits.prove(visit.pk, how=Visit.Proof.TELECARE, came_at=_within(visit, event.at), actor=actor)
        event.visit = visit
    event.state = Event.State.VISIT if as_visit else Event.State.NOTED
    event.closed_at, event.closed_by = clock.now(), actor.name[:120]
    event.save(update_fields=["state", "visit", "closed_at", "closed_by"])
    settle_duties(event, actor=actor)
    record(
        events.EVENT_SETTLED,
        actor=actor,
        about=[event, *([event.person] if event.person else [])],
        as_visit=as_visit,
        visit=event.visit_id,
    )
    live.publish(actor.territory_id, "telecare.event", event.pk)
    return event


# --- Parts of the above -----------------------------------------------------------------------------------------


def _checked(unit: str, reference: str, status_code: int, message_type: str, at: datetime) -> datetime:
    """The moment in UTC, once everything is what it can be."""
    for field, value in (("unit", unit), ("reference", reference)):
        if not _CODE.fullmatch(value):
            raise BadInput(
                field, _("De 1 à 16 signes : des chiffres, des lettres, point, tiret."), "bad_code"
            )
    if not 0 <= status_code <= 9999:
        raise BadInput("status_code", _("Un code de 0 à 9999."), "range")
    if message_type not in MESSAGE_TYPES:
        raise BadInput("message_type", _("Un type parmi ME, RE, IN, PI."), "choice")
    at, now = typed.moment("at", at), clock.now()
    if at > now + AHEAD:
        raise BadInput("at", _("Cette date n’est pas encore passée."), "in_the_future")
    if at < now - OLDEST:
        raise BadInput("at", _("Cette date est trop ancienne. Vérifiez l’année."), "too_old")
    return at


def _meaning(
    person: Person | None, status_code: int, message_type: str, at: datetime, *, marked_as_visit: bool
) -> tuple[str, Visit | None]:
    # A mark turns an alarm into a visit; it cannot turn an empty battery into one.
    says_visit = message_type not in ("PI",) and (
        status_code in VISIT_CODES or (marked_as_visit and status_code in ALARM_CODES)
    )
    if says_visit and person is not None:
        around = queries.visits_around(person.pk, at)
        if len(around) == 1:
            return Event.State.VISIT, around[0]
        return Event.State.SUGGESTION, None
    if says_visit or is_about_a_person(status_code, message_type):
        return Event.State.TO_REVIEW, None
    return Event.State.NOTED, None


def _prover(actor: Actor) -> Actor:
    """The operator's machine proves as our own code: it has no right on visits of its own."""
    return Actor.machine(actor.name, actor.territory_id, actor.organisation_id)


def _visit_meant(event: Event, visit_id: int | None) -> Visit:
    if visit_id is None:
        visit = queries.nearest_visit(event)
    else:
        visit = (
            Visit.objects.filter(pk=visit_id, person_id=event.person_id).first() if event.person_id else None
        )
    if visit is None:
        raise NotPossibleNow(_("Aucune visite n’était prévue ce jour-là pour cette personne."))
    return visit


def _within(visit: Visit, at: datetime) -> datetime:
    """A person at the desk says it was this visit, though the button was pressed earlier than its window allows."""
    return min(max(at, visit.starts_at - visits.EARLY), clock.now())
