"""Writing a call down: the draft, the note in one go, and taking it back at once."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.calls import events, policies
from palier.calls.models import Call, CallDraft, CallForReason, CallReason, PlannedCall
from palier.calls.operations.planned import plan_call, replace_planned
from palier.calls.operations.ringing import about, locked
from palier.calls.states import MOVES, S
from palier.concerns.models import Concern
from palier.concerns.operations import complete_concern, open_concern
from palier.duties.operations import settle_duties
from palier.journal import live
from palier.journal.operations import record
from palier.kernel import clock, typed
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.kernel.text import clip, hour
from palier.needs.models import Need
from palier.needs.operations import open_need
from palier.people.models import Contact, Person
from palier.people.operations import note_contact_made
from palier.territories.models import Territory
from palier.volunteers.models import Volunteer

LONGEST_WORDS = 10_000
_LARGEST_DRAFT = 60_000


@transaction.atomic
def save_draft(call_id: int, typed_fields: Mapping[str, Any], *, actor: Actor) -> CallDraft:
    """Keep what this desk typed so far: it survives a reload, a lost network, an expired session."""
    call = Call.objects.visible_to(actor).get(pk=call_id)
    if not policies.may_log(actor, call) or actor.membership_id is None:
        raise NotAllowed
    kept = typed.clean(dict(typed_fields))
    if len(json.dumps(kept, ensure_ascii=False)) > _LARGEST_DRAFT:
        raise BadInput("words", _("Ce texte est trop long pour être gardé. Raccourcissez-le."), "too_long")
    draft = CallDraft(
        territory_id=actor.territory_id,
        call=call,
        membership_id=actor.membership_id,
        typed=kept,
        saved_at=clock.now(),
    )
    # One statement: it is written every five seconds by everybody who is on the telephone.
    CallDraft.objects.bulk_create(
        [draft],
        update_conflicts=True,
        unique_fields=["call", "membership"],
        update_fields=["typed", "saved_at"],
    )
    return draft


def log_call(
    call_id: int,
    *,
    who: str,
    person_id: int | None = None,
    contact_id: int | None = None,
    volunteer_id: int | None = None,
    who_name: str = "",
    reasons: Sequence[str] = (),
    mood: str = "",
    words: str = "",
    next: str,
    call_back_at: datetime | None = None,
    need: Mapping[str, Any] | None = None,
    concern: Mapping[str, Any] | None = None,
    keeps_planned_call_ids: Iterable[int] = (),
    logging_seconds: int | None = None,
    actor: Actor,
) -> Call:
    """Write a call down with what it asks for: nothing, a call back, a need, a concern. All of it or nothing.

    Nothing is a full result. A call that somebody else logged meanwhile keeps the words of both, and
    NotPossibleNow says who was first; the same desk saving twice is told nothing, and may add words. BadInput
    of the need and of the concern comes through with their own field names.
    """
    note = _note(who, who_name, mood, words, next, logging_seconds)
    with transaction.atomic():
        call = locked(call_id, actor=actor)
        if not policies.may_log(actor, call):
            raise NotAllowed
        if call.state != S.LOGGED:
            return _log(
                call, note, person_id, contact_id, volunteer_id, reasons, call_back_at, need, concern,
                keeps_planned_call_ids, actor,
            )  # fmt: skip
        mine = call.logged_by_id is not None and call.logged_by_id == actor.membership_id
        _add_words(call, note.words, actor)
    if mine and note.next in (call.next, Call.Next.NOTHING):
        return call
    # After the block: what the second desk wrote is kept, then it is told.
    raise NotPossibleNow(_who_was_first(call, words_kept=bool(note.words)))


@dataclass(frozen=True)
class _Note:
    who: str
    who_name: str
    mood: str
    words: str
    next: str
    seconds: int | None


def _note(who: str, who_name: str, mood: str, words: str, next: str, seconds: int | None) -> _Note:
    if not who:
        raise BadInput("who", _("Dites qui parle."), "required")
    if not next:
        raise BadInput("next", _("Dites la suite. « Rien » convient."), "required")
    return _Note(
        who=typed.one_of("who", who, Call.Who.values),
        who_name=typed.line("who_name", who_name, 120),
        mood=typed.one_of("mood", mood, Call.Mood.values),
        words=typed.text("words", words, LONGEST_WORDS),
        next=typed.one_of("next", next, Call.Next.values),
        seconds=None if seconds is None else min(max(seconds, 0), 86_400),
    )


def _log(
    call: Call,
    note: _Note,
    person_id: int | None,
    contact_id: int | None,
    volunteer_id: int | None,
    reasons: Sequence[str],
    call_back_at: datetime | None,
    need: Mapping[str, Any] | None,
    concern: Mapping[str, Any] | None,
    keeps: Iterable[int],
    actor: Actor,
) -> Call:
    if S.LOGGED not in MOVES[call.state]:
        raise NotPossibleNow(_("Cet appel est classé sans suite."))
    contact = _contact(note.who, contact_id)
    person = _person(person_id if contact is None or person_id is not None else contact.person_id, actor)
    if contact is not None and person is not None and contact.person_id != person.pk:
        raise BadInput("contact_id", _("Ce proche n’est pas de l’entourage de cette personne."), "choice")
    volunteer = _volunteer(note.who, volunteer_id, actor)
    found = _reasons(reasons)
    now = clock.now()
    call.person, call.contact, call.volunteer = person, contact, volunteer
    call.who, call.who_name, call.mood, call.words, call.next = (
        note.who, note.who_name, note.mood, note.words, note.next,
    )  # fmt: skip
    _follow_up(call, person, call_back_at, need, concern, actor)
    call.state = S.LOGGED
    call.logged_at = call.closed_at = now
    call.logged_by_id = actor.membership_id
    call.logging_seconds = note.seconds
    call.save(update_fields=LOG_FIELDS)
    CallForReason.objects.bulk_create(
        CallForReason(territory_id=call.territory_id, call=call, reason=reason) for reason in found
    )
    settle_duties(call, actor=actor)
    kept_as = PlannedCall.Outcome.REACHED if call.direction == "outbound" else PlannedCall.Outcome.REPLACED
    replace_planned(keeps, call, outcome=kept_as, actor=actor)
    if person is not None and call.next != Call.Next.NEED:
        note_contact_made(person.pk, now)
    _record(call, person, contact, volunteer, found, actor)
    live.publish(actor.territory_id, "call", call.pk, call.answered_by_id)
    return call


LOG_FIELDS = [
    "person",
    "contact",
    "volunteer",
    "who",
    "who_name",
    "mood",
    "words",
    "next",
    "need",
    "concern",
    "state",
    "logged_at",
    "closed_at",
    "logged_by",
    "logging_seconds",
]


def _follow_up(
    call: Call,
    person: Person | None,
    call_back_at: datetime | None,
    need: Mapping[str, Any] | None,
    concern: Mapping[str, Any] | None,
    actor: Actor,
) -> None:
    """What the call asks for. A concern opened by « danger immédiat » is completed, never doubled."""
    person_id = person.pk if person else None
    if call.next == Call.Next.CALL_BACK:
        if call_back_at is None:
            raise BadInput(
                "call_back_at", _("Choisissez un jour et une heure, par exemple demain à 10 h."), "required"
            )
        if person_id is None and not call.number:
            raise BadInput("person_id", _("Pour rappeler, il faut savoir qui, ou quel numéro."), "required")
        call_back_at = _named("call_back_at", call_back_at)
        plan_call(
            person_id=person_id,
            number=call.number,
            why=PlannedCall.Why.PROMISED,
            due_at=call_back_at,
            asked_in_id=call.pk,
            owner_id=actor.membership_id,
            actor=actor,
        )
    elif call.next == Call.Next.NEED:
        if person_id is None:
            raise BadInput("person_id", _("Choisissez la personne pour qui noter ce besoin."), "required")
        if not need:
            raise BadInput("kind", _("Choisissez une aide dans la liste."), "required")
        call.need = open_need(**{"source": Need.Source.CALL, **need, "person_id": person_id, "actor": actor})
    facts = dict(concern or {}) if call.next == Call.Next.CONCERN else {}
    if call.next == Call.Next.CONCERN and not str(facts.get("facts", "")).strip():
        raise BadInput("facts", _("Écrivez les faits : vus, entendus ou rapportés."), "required")
    if call.concern_id is not None and Concern.objects.open().filter(pk=call.concern_id).exists():
        if facts or person_id is not None:
            complete_concern(
                call.concern_id,
                facts=facts.get("facts", ""),
                urgency=facts.get("urgency", ""),
                person_id=person_id,
                actor=actor,
            )
    elif call.next == Call.Next.CONCERN:
        call.concern = open_concern(
            **{"source": Concern.Source.AGENT, **facts, "person_id": person_id, "actor": actor}
        )


def _named(field: str, at: datetime) -> datetime:
    """Asked here, so that the sentence stands beside this form's own field."""
    return typed.future(field, at)


def _record(
    call: Call,
    person: Person | None,
    contact: Contact | None,
    volunteer: Volunteer | None,
    reasons: list[CallReason],
    actor: Actor,
) -> None:
    name = contact.name if contact else volunteer.full_name if volunteer else call.who_name
    gender = {"is_woman": person.is_woman} if person else {}
    record(
        events.CALL_LOGGED,
        actor=actor,
        about=about(call),
        who=call.who,
        direction=call.direction,
        mood=call.mood,
        next=call.next,
        reasons=[reason.code for reason in reasons],
        by=actor.name,
        need=call.need_id,
        concern=call.concern_id,
        name=name,
        words=clip(call.words, 500),
        **gender,
    )


def _person(person_id: int | None, actor: Actor) -> Person | None:
    if person_id is None:
        return None
    person = Person.objects.visible_to(actor).filter(pk=person_id).first()
    if person is None:
        raise BadInput("person_id", _("Choisissez la personne dans la liste, ou laissez vide."), "choice")
    return person


def _contact(who: str, contact_id: int | None) -> Contact | None:
    if who != Call.Who.CONTACT:
        return None
    contact = Contact.objects.filter(pk=contact_id).first() if contact_id is not None else None
    if contact is None:
        raise BadInput("contact_id", _("Choisissez le proche qui parle, ou « Un proche »."), "required")
    return contact


def _volunteer(who: str, volunteer_id: int | None, actor: Actor) -> Volunteer | None:
    if who != Call.Who.VOLUNTEER or volunteer_id is None:
        return None
    volunteer = Volunteer.objects.visible_to(actor).filter(pk=volunteer_id).first()
    if volunteer is None:
        raise BadInput("volunteer_id", _("Choisissez le voisin dans la liste, ou laissez vide."), "choice")
    return volunteer


def _reasons(codes: Sequence[str]) -> list[CallReason]:
    wanted = set(codes)
    if not wanted:
        return []
    found = list(CallReason.objects.filter(code__in=wanted).order_by("order", "pk"))
    if {reason.code for reason in found} != wanted:
        raise BadInput(
            "reasons", _("Un de ces motifs n’est plus dans la liste. Choisissez de nouveau."), "choice"
        )
    return found


def _add_words(call: Call, words: str, actor: Actor) -> None:
    """Keep what a second desk wrote about a call that is logged already, if it is anything new."""
    if not words or words in call.words:
        return
    tz = Territory.objects.get(pk=call.territory_id).zone
    signed = _("%(name)s, %(hour)s : %(words)s") % {
        "name": actor.name,
        "hour": hour(clock.now(), tz=tz),
        "words": words,
    }
    call.words = f"{call.words}\n\n{signed}".strip()
    call.save(update_fields=["words"])
    record(events.CALL_COMPLETED, actor=actor, about=about(call), by=actor.name, words=clip(words, 500))


def _who_was_first(call: Call, *, words_kept: bool) -> str:
    tz = Territory.objects.get(pk=call.territory_id).zone
    names = {
        "name": str(call.logged_by.user) if call.logged_by else _("Quelqu’un"),
        "hour": hour(call.logged_at or clock.now(), tz=tz),
    }
    if words_kept:
        return _("%(name)s a déjà noté cet appel à %(hour)s. Votre texte est ajouté au sien.") % names
    return _("%(name)s a déjà noté cet appel à %(hour)s.") % names
