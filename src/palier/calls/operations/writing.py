"""Writing a call down: the draft, the note in one go, and taking it back at once."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.calls import events, policies
from palier.calls.models import Call, CallDraft, PlannedCall
from palier.calls.operations.planned import plan_call, replace_planned
from palier.calls.operations.ringing import about
from palier.calls.states import MOVES, S
from palier.concerns.models import Concern
from palier.concerns.operations import complete_concern, open_concern
from palier.duties.operations import settling
from palier.journal import live
from palier.journal.operations import record
from palier.kernel import clock, statements, typed
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.kernel.text import clip, hour
from palier.needs.models import Need
from palier.needs.operations import open_need
from palier.people import sight
from palier.people.models import Contact, Person, of_seen_people
from palier.people.operations import noting_contact
from palier.territories.models import Territory
from palier.volunteers.models import Volunteer

LONGEST_WORDS = 10_000
_LARGEST_DRAFT = 60_000


DRAFT = """
insert into calls_calldraft (territory_id, call_id, membership_id, typed, saved_at)
select c.territory_id, c.id, %(me)s, %(typed)s::jsonb, %(at)s from calls_call c
where c.id = %(call)s and c.territory_id = %(territory)s
on conflict (call_id, membership_id) do update set typed = excluded.typed, saved_at = excluded.saved_at
returning id
"""


def save_draft(call_id: int, typed_fields: Mapping[str, Any], *, actor: Actor) -> CallDraft:
    """Keep what this desk typed so far: it survives a reload, a lost network, an expired session."""
    if not policies.may_write(actor) or actor.membership_id is None:
        raise NotAllowed
    kept = typed.clean(dict(typed_fields))
    text = json.dumps(kept, ensure_ascii=False)
    if len(text) > _LARGEST_DRAFT:
        raise BadInput("words", _("Ce texte est trop long pour être gardé. Raccourcissez-le."), "too_long")
    now = clock.now()
    # One statement: it is written every five seconds by everybody who is on the telephone.
    written = statements.row(
        DRAFT,
        {
            "me": actor.membership_id,
            "typed": text,
            "at": now,
            "call": call_id,
            "territory": actor.territory_id,
        },
    )
    if written is None:
        raise Call.DoesNotExist
    return CallDraft(
        pk=written[0],
        territory_id=actor.territory_id,
        call_id=call_id,
        membership_id=actor.membership_id,
        typed=kept,
        saved_at=now,
    )


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
    with statements.step():
        call, found = read_and_lock(call_id, person_id, set(reasons), actor=actor)
        if not policies.may_log(actor, call):
            raise NotAllowed
        if call.state != S.LOGGED:
            return _log(
                call, found, note, person_id, contact_id, volunteer_id, call_back_at, need, concern,
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
    found: "_Found",
    note: _Note,
    person_id: int | None,
    contact_id: int | None,
    volunteer_id: int | None,
    call_back_at: datetime | None,
    need: Mapping[str, Any] | None,
    concern: Mapping[str, Any] | None,
    keeps: Iterable[int],
    actor: Actor,
) -> Call:
    if S.LOGGED not in MOVES[call.state]:
        raise NotPossibleNow(_("Cet appel est classé sans suite."))
    contact = _contact(note.who, contact_id, actor)
    if contact is not None and person_id is None:
        person = _person(
            contact.person_id, Person.objects.visible_to(actor).filter(pk=contact.person_id).first()
        )
    else:
        person = _person(person_id, found.person)
    if contact is not None and person is not None and contact.person_id != person.pk:
        raise BadInput("contact_id", _("Ce proche n’est pas de l’entourage de cette personne."), "choice")
    volunteer = _volunteer(note.who, volunteer_id, actor)
    _all_there(found)
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
    written: list[tuple[str, statements.Values]] = [
        (UPDATE, [*(getattr(call, name) for name in LOG_COLUMNS), call.pk])
    ]
    if found.reasons:
        reason_ids = [reason_id for reason_id, _code in found.reasons]
        written.append((FOR_REASONS, [call.territory_id, call.pk, reason_ids]))
    written.append(settling(call, actor=actor))
    if person is not None and call.next != Call.Next.NEED:
        written.append(noting_contact(person.pk, now))
    written.append(live.publishing(actor.territory_id, "call", call.pk, call.answered_by_id))
    statements.together(*written)
    kept_as = PlannedCall.Outcome.REACHED if call.direction == "outbound" else PlannedCall.Outcome.REPLACED
    replace_planned(keeps, call, outcome=kept_as, actor=actor)
    _record(call, person, contact, volunteer, [code for _id, code in found.reasons], actor)
    return call


_NUMBERS = ("person", "contact", "volunteer", "need", "concern", "logged_by")
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
LOG_COLUMNS = tuple(f"{name}_id" if name in _NUMBERS else name for name in LOG_FIELDS)
UPDATE = f"update calls_call set {', '.join(f'{name} = %s' for name in LOG_COLUMNS)} where id = %s"
FOR_REASONS = """
insert into calls_callforreason (territory_id, call_id, reason_id) select %s, %s, unnest(%s::bigint[])
"""


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
    reasons: list[str],
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
        reasons=reasons,
        by=actor.name,
        need=call.need_id,
        concern=call.concern_id,
        name=name,
        words=clip(call.words, 500),
        **gender,
    )


@dataclass(frozen=True)
class _Found:
    """What was read with the lock on the call."""

    person: Person | None
    wanted: set[str]
    reasons: list[tuple[int, str]]


LOCK = "for no key update"


def read_and_lock(
    call_id: int, person_id: int | None, codes: set[str], *, actor: Actor
) -> tuple[Call, _Found]:
    """The call, locked, then the person and the reasons, in one round trip."""
    calls, people, reasons = statements.together(
        (
            f"select {statements.columns(Call, 'c')} from calls_call c"
            f" where c.id = %s and c.territory_id = %s {LOCK}",
            [call_id, actor.territory_id],
        ),
        (
            f"select {statements.columns(Person, 'p')} from people_person p"
            f" where p.id = %(person)s and p.territory_id = %(territory)s and {sight.seen('p')}",
            {"person": person_id, "territory": actor.territory_id, **sight.values(actor)},
        ),
        (
            'select id, code from calls_callreason where territory_id = %s and code = any(%s) order by "order", id',
            [actor.territory_id, sorted(codes)],
        ),
    )
    if not calls:
        raise Call.DoesNotExist
    person = statements.made(Person, people[0]) if people else None
    return statements.made(Call, calls[0]), _Found(person, codes, [(pk, code) for pk, code in reasons])


def _person(person_id: int | None, person: Person | None) -> Person | None:
    if person_id is None:
        return None
    if person is None:
        raise BadInput("person_id", _("Choisissez la personne dans la liste, ou laissez vide."), "choice")
    return person


def _contact(who: str, contact_id: int | None, actor: Actor) -> Contact | None:
    if who != Call.Who.CONTACT:
        return None
    contact = (
        Contact.objects.filter(of_seen_people(actor), pk=contact_id).first()
        if contact_id is not None
        else None
    )
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


def _all_there(found: _Found) -> None:
    if {code for _id, code in found.reasons} != found.wanted:
        raise BadInput(
            "reasons", _("Un de ces motifs n’est plus dans la liste. Choisissez de nouveau."), "choice"
        )


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
