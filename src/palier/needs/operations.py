"""Opening a need, changing it, moving it on, concluding it with an outcome, opening it again."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.accounts.models import Membership
from palier.duties.models import Duty
from palier.duties.operations import open_duty, settle_duties
from palier.journal.operations import record
from palier.kernel import clock, typed
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.kernel.text import clip
from palier.needs import events, policies, queries
from palier.needs.models import Need
from palier.needs.states import MOVES, OWES, SETTLED_WINDOW, S
from palier.people.models import Consent, Person
from palier.people.operations import SAME_GESTURE, note_consent, note_contact_made
from palier.territories.models import HelpKind, Territory
from palier.volunteers.models import Volunteer

CONSTRAINTS = ("stairs", "pets", "heavy")
_LONGEST_WINDOW = timedelta(days=62)
_LINES = {"what": 120, "wish": 160, "words_reason": 200}
CHANGEABLE = frozenset(
    {
        "starts_at",
        "ends_at",
        "is_flexible",
        "minutes",
        "what",
        "details",
        "words_reason",
        "gender_wanted",
        "language",
        "constraints",
        "wish",
        "owner_id",
    }
)
_WINDOW = frozenset({"starts_at", "ends_at", "is_flexible"})


@transaction.atomic
def open_need(
    *,
    person_id: int,
    kind: str,
    starts_at: datetime,
    ends_at: datetime,
    is_flexible: bool = False,
    minutes: int | None = None,
    what: str = "",
    details: str = "",
    words_reason: str = "",
    gender_wanted: str = "",
    language: str = "",
    constraints: Iterable[str] = (),
    wish: str = "",
    owner_id: int | None = None,
    source: str = "call",
    neighbour_consent: bool | None = None,
    actor: Actor,
) -> Need:
    """Write down what a person needs once; somebody has to be found for it, by the owner or by the desk.

    `neighbour_consent` writes the ledger when she was asked just now. The same need noted twice in a row (a
    double click) is one. Raises BadInput for a window that is past, an unknown kind, and words that a
    neighbour should not read unless `words_reason` says why they stay (code `watched_words`).
    """
    if not policies.may_open(actor):
        raise NotAllowed
    # The person is the root: two desks that note for her at once come one after the other.
    person = (
        Person.objects.visible_to(actor)
        .select_for_update(of=("self",), no_key=True)
        .filter(pk=person_id)
        .first()
    )
    if person is None:
        raise BadInput("person_id", _("Choisissez la personne pour qui noter ce besoin."), "required")
    if person.state in (Person.State.DECEASED, Person.State.MOVED):
        raise NotPossibleNow(_("La fiche de %(name)s est fermée.") % {"name": person.full_name})
    help_kind = HelpKind.objects.offered().filter(code=kind).first()
    if help_kind is None:
        raise BadInput("kind", _("Choisissez une aide dans la liste."), "choice")
    starts_at, ends_at = _window(starts_at, ends_at, is_flexible, actor)
    values = _checked(
        {
            "minutes": help_kind.usual_minutes if minutes is None else minutes,
            "what": what,
            "details": details,
            "words_reason": words_reason,
            "gender_wanted": gender_wanted,
            "language": language,
            "constraints": constraints,
            "wish": wish,
        }
    )
    typed.one_of("source", source, Need.Source.values)
    owner = _owner(owner_id)
    _refuse_watched_words(values["what"], values["details"], values["words_reason"])
    now = clock.now()
    just_opened = Need.objects.open().filter(opened_at__gt=now - SAME_GESTURE, reopens__isnull=True)
    twin = just_opened.filter(
        person=person,
        kind=help_kind,
        starts_at=starts_at,
        ends_at=ends_at,
        what=values["what"],
        details=values["details"],
        opened_by=actor.name[:120],
    ).first()
    if twin is not None:
        return twin
    if neighbour_consent is not None:
        note_consent(
            person.pk,
            purpose=Consent.Purpose.NEIGHBOUR_HELP,
            is_given=neighbour_consent,
            channel="phone",
            actor=actor,
        )
    need = Need.objects.create(
        territory_id=actor.territory_id,
        person=person,
        kind=help_kind,
        source=source,
        starts_at=starts_at,
        ends_at=ends_at,
        is_flexible=is_flexible,
        owner=owner,
        opened_at=now,
        opened_by=actor.name[:120],
        **values,
    )
    _owe(need, S.TO_PROPOSE, owner=owner, actor=actor)
    note_contact_made(person.pk, now)
    record(
        events.NEED_OPENED,
        actor=actor,
        about=[need, person],
        kind=help_kind.code,
        kind_name=help_kind.name,
        source=source,
        starts_at=starts_at.isoformat(),
        ends_at=ends_at.isoformat(),
        is_flexible=is_flexible,
        words=clip(need.what or need.details, 200),
    )
    return need


@transaction.atomic
def change_need(need_id: int, *, actor: Actor, **fields: Any) -> Need:
    """Change the named fields of an open need.

    Its window stays once neighbours or a partner were told of it: they would come at the wrong time.
    """
    if unknown := set(fields) - CHANGEABLE:
        raise TypeError(f"change_need does not know {sorted(unknown)}")
    need = _locked(need_id, actor)
    if not policies.may_change(actor, need):
        raise NotAllowed
    _refuse_closed(need)
    values: dict[str, Any] = {}
    if _WINDOW & set(fields):
        flexible = bool(fields.get("is_flexible", need.is_flexible))
        begin = typed.moment("starts_at", fields.get("starts_at", need.starts_at))
        finish = typed.moment("ends_at", fields.get("ends_at", need.ends_at))
        if (begin, finish, flexible) != (need.starts_at, need.ends_at, need.is_flexible):
            if need.state in SETTLED_WINDOW:
                raise NotPossibleNow(
                    _(
                        "Ce moment a déjà été annoncé. Arrêtez d’abord ce qui est en cours, puis changez"
                        " le jour ou l’heure."
                    )
                )
            begin, finish = _window(begin, finish, flexible, actor)
            values |= {"starts_at": begin, "ends_at": finish, "is_flexible": flexible}
    values |= _checked({name: value for name, value in fields.items() if name not in _WINDOW | {"owner_id"}})
    if "owner_id" in fields:
        owner = _owner(fields["owner_id"])
        values["owner_id"] = owner.pk if owner else None
    if {"what", "details"} & set(values):
        _refuse_watched_words(
            values.get("what", need.what),
            values.get("details", need.details),
            values.get("words_reason", need.words_reason),
        )
    changed = {name: value for name, value in values.items() if getattr(need, name) != value}
    if not changed:
        return need
    former = {name: _plain(getattr(need, name)) for name in changed}
    for name, value in changed.items():
        setattr(need, name, value)
    need.save(update_fields=[name.removesuffix("_id") for name in changed])
    if {"owner_id", "starts_at", "ends_at", "is_flexible"} & set(changed):
        _owe(need, need.state, owner=need.owner, actor=actor)
    record(
        events.NEED_CHANGED,
        actor=actor,
        about=[need, need.person],
        fields=sorted(name.removesuffix("_id").removesuffix("_") for name in changed),
        former=former,
    )
    return need


@transaction.atomic
def close_need(need_id: int, *, outcome: str, actor: Actor, note: str = "") -> Need:
    """Conclude a need with an outcome; those who follow the event cancel what is still under way for it.

    Closed already: NotPossibleNow says by whom.
    """
    need = _locked(need_id, actor)
    if not policies.may_close(actor, need):
        raise NotAllowed
    typed.one_of("outcome", outcome, Need.Outcome.values)
    note = typed.text("note", note, 1000)
    _refuse_closed(need)
    former, now = need.state, clock.now()
    need.state, need.outcome = S.CLOSED, outcome
    need.closed_at, need.closed_by = now, actor.name[:120]
    written = ["state", "outcome", "closed_at", "closed_by"]
    met = (Need.Outcome.NEIGHBOUR, Need.Outcome.ASSOCIATION, Need.Outcome.SERVICE)
    if need.done_at is None and outcome in met:
        need.done_at = now
        written.append("done_at")
    need.save(update_fields=written)
    settle_duties(need, actor=actor)
    record(
        events.NEED_CLOSED,
        actor=actor,
        about=[need, need.person],
        outcome=outcome,
        kind=need.kind.code,
        former=former,
        words=note,
    )
    return need


@transaction.atomic
def reopen_need(need_id: int, *, starts_at: datetime, ends_at: datetime, actor: Actor) -> Need:
    """Open a new need like a closed one, which stays as it ended; once at a time."""
    old = _locked(need_id, actor)
    if not policies.may_change(actor, old):
        raise NotAllowed
    if old.closed_at is None:
        raise NotPossibleNow(_("Ce besoin est encore en cours."))
    if old.reopened_as.filter(closed_at__isnull=True).exists():
        raise NotPossibleNow(_("Ce besoin est déjà rouvert."))
    if old.person.state in (Person.State.DECEASED, Person.State.MOVED):
        raise NotPossibleNow(_("La fiche de %(name)s est fermée.") % {"name": old.person.full_name})
    starts_at, ends_at = _window(starts_at, ends_at, old.is_flexible, actor)
    need = Need.objects.create(
        territory_id=actor.territory_id,
        person=old.person,
        kind=old.kind,
        source=Need.Source.DESK,
        starts_at=starts_at,
        ends_at=ends_at,
        is_flexible=old.is_flexible,
        minutes=old.minutes,
        what=old.what,
        details=old.details,
        words_reason=old.words_reason,
        gender_wanted=old.gender_wanted,
        language=old.language,
        conditions=old.conditions,
        wish=old.wish,
        owner=old.owner if old.owner_id and _is_live(old.owner_id) else None,
        opened_at=clock.now(),
        opened_by=actor.name[:120],
        reopens=old,
    )
    _owe(need, S.TO_PROPOSE, owner=need.owner, actor=actor)
    record(
        events.NEED_REOPENED,
        actor=actor,
        about=[need, need.person],
        kind=need.kind.code,
        kind_name=need.kind.name,
        reopens=old.pk,
        starts_at=starts_at.isoformat(),
        ends_at=ends_at.isoformat(),
    )
    return need


@transaction.atomic
def set_state(need: Need, state: str, *, actor: Actor, due_at: datetime | None = None) -> Need:
    """Move a need on, for matching, visits and referrals; gives it locked and fresh.

    Checks MOVES, stamps `agreed_at`, `done_at` and `nobody_at`, and keeps the one duty of the need itself in
    step (`states.OWES`), due at `due_at` or when `queries.due_time` says. Being there already changes
    nothing. Closing goes through `close_need`.
    """
    fresh = _locked(need.pk, actor)
    if state == fresh.state:
        return fresh
    if state == S.CLOSED or state not in MOVES[fresh.state]:
        raise NotPossibleNow(
            _("Ce besoin est terminé.")
            if fresh.closed_at
            else _("Ce besoin a changé entre-temps. Regardez où il en est.")
        )
    former, now = fresh.state, clock.now()
    written = ["state"]
    fresh.state = state
    if state == S.AGREED:
        fresh.agreed_at = now
        written.append("agreed_at")
    elif state == S.TO_CONCLUDE:
        fresh.done_at = now
        written.append("done_at")
    elif state in (S.TO_PROPOSE, S.ASKING) and (fresh.agreed_at or fresh.done_at):
        # The neighbour withdrew or did not come: the time to a yes is that of the one who goes.
        fresh.agreed_at = fresh.done_at = None
        written += ["agreed_at", "done_at"]
    if state == S.NOBODY and fresh.nobody_at is None:
        fresh.nobody_at = now
        written.append("nobody_at")
    fresh.save(update_fields=written)
    _owe(fresh, state, owner=fresh.owner, actor=actor, due_at=due_at)
    record(events.NEED_MOVED, actor=actor, about=[fresh], state=state, former=former)
    return fresh


def _locked(need_id: int, actor: Actor) -> Need:
    needs = Need.objects.filter(territory_id=actor.territory_id).select_related("person", "kind", "owner")
    return needs.select_for_update(of=("self",), no_key=True).get(pk=need_id)


def _owe(
    need: Need, state: str, *, owner: Membership | None, actor: Actor, due_at: datetime | None = None
) -> None:
    """Open or move the duty of this state, then settle those of the other states: never none in between."""
    kind = OWES[state]
    current = Duty.objects.open().of("needs.need", need.pk).select_related("owner", "team").first()
    if owner is None and current is not None:
        # Whoever took it keeps it.
        owner = current.owner
    open_duty(
        need,
        kind=kind,
        due_at=due_at or queries.due_time(need, state),
        actor=actor,
        owner=owner,
        person_id=need.person_id,
        label=need.kind.name,
    )
    if current is not None and current.kind != kind:
        settle_duties(need, actor=actor, kinds=set(OWES.values()) - {kind})


def _refuse_closed(need: Need) -> None:
    if need.closed_at is not None:
        raise NotPossibleNow(_("Ce besoin a déjà été conclu par %(name)s.") % {"name": need.closed_by})


def _window(
    starts_at: datetime, ends_at: datetime, is_flexible: bool, actor: Actor
) -> tuple[datetime, datetime]:
    """The window in UTC. One that began this morning is good until it is over; one of last week is not."""
    now = clock.now()
    starts_at, ends_at = typed.moment("starts_at", starts_at), typed.moment("ends_at", ends_at)
    if ends_at <= starts_at:
        raise BadInput("ends_at", _("La fin doit venir après le début."), "order")
    if ends_at <= now:
        raise BadInput("starts_at", _("Ce moment est déjà passé. Choisissez un jour à venir."), "past")
    if starts_at < now and not is_flexible:
        zone = Territory.objects.get(pk=actor.territory_id).zone
        if starts_at.astimezone(zone).date() < now.astimezone(zone).date():
            raise BadInput("starts_at", _("Ce moment est déjà passé. Choisissez un jour à venir."), "past")
    typed.near("starts_at", starts_at)
    if ends_at - starts_at > _LONGEST_WINDOW:
        raise BadInput(
            "ends_at", _("C’est trop long pour un seul besoin. Choisissez une fin plus proche."), "too_long"
        )
    return starts_at, ends_at


def _checked(fields: dict[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in fields.items():
        if name in _LINES:
            values[name] = typed.line(name, value, _LINES[name])
        elif name == "details":
            values[name] = typed.text(name, value, 1000)
        elif name == "minutes":
            if not 5 <= value <= 480:
                raise BadInput(name, _("Entre 5 minutes et 8 heures."), "range")
            values[name] = value
        elif name == "gender_wanted":
            values[name] = typed.one_of(name, value, ("", Volunteer.Gender.WOMAN, Volunteer.Gender.MAN))
        elif name == "language":
            code = value.strip().lower()
            if code and (len(code) != 2 or not (code.isascii() and code.isalpha())):
                raise BadInput(name, _("Choisissez une langue dans la liste."), "choice")
            values[name] = code
        elif name == "constraints":
            values["conditions"] = sorted({typed.one_of(name, code, CONSTRAINTS) for code in value})
    return values


def _refuse_watched_words(what: str, details: str, reason: str) -> None:
    hits = queries.watched_words(what, details)
    if hits and not reason:
        words = ", ".join(dict.fromkeys(hit.word for hit in hits))
        raise BadInput(
            "details",
            _("Le voisin lira ce texte. Enlevez ces mots, ou dites pourquoi ils doivent rester : %(words)s.")
            % {"words": words},
            "watched_words",
        )


def _owner(membership_id: int | None) -> Membership | None:
    if membership_id is None:
        return None
    owner = Membership.objects.live().filter(pk=membership_id, organisation__is_lead=True).first()
    if owner is None:
        raise BadInput(
            "owner_id", _("Cette personne ne travaille plus ici. Choisissez quelqu’un d’autre."), "choice"
        )
    return owner


def _is_live(membership_id: int) -> bool:
    return Membership.objects.live().filter(pk=membership_id).exists()


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
