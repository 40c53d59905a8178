"""What the telephone says: it rings, somebody answers, it ends; and what a missed call owes.

Telephone systems repeat their events and send them in any order. Each function may run twice, and says the
same whatever came before it (TEL-20).
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import models, transaction
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.accounts.models import Membership
from palier.calls import events, policies
from palier.calls.models import Call, PlannedCall
from palier.calls.operations.planned import close_planned, plan_call
from palier.calls.states import MOVES, S
from palier.duties.models import Kind as DutyKind
from palier.duties.operations import open_duty, settle_duties
from palier.journal import live
from palier.journal.operations import Mention, record
from palier.kernel import clock, phones, typed
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.people import queries as people_queries
from palier.people.models import Person
from palier.territories.models import Territory

LOG_WITHIN = timedelta(minutes=30)
CALL_BACK_WITHIN = timedelta(minutes=30)
BY_HAND = "desk"
_SAME_KEYSTROKE = timedelta(seconds=10)
# Some exchanges send the name of their template instead of the number.
_NOT_A_NUMBER = ("[", "{", "<", "$")


@transaction.atomic
def ring(
    *, provider: str, call_key: str, number_raw: str, line: str = "", at: datetime | None = None, actor: Actor
) -> Call:
    """A call comes in. The desk owes its note from now on; who it may be is for `queries.who_may_be` to say.

    The same key again gives the same call, completed by what was not known yet. `line` is the number that was
    called; a territory has one desk, so it decides nothing.
    """
    if not policies.may_announce(actor):
        raise NotAllowed
    call, created = _called(provider, call_key, number_raw, at, actor)
    if not created and number_raw and not call.number_raw:
        number, is_withheld = _number(number_raw, actor.territory_id)
        call.number, call.number_raw, call.is_withheld = number, _raw(number_raw), is_withheld
        call.rang_at = min(call.rang_at, at) if at else call.rang_at
        call.save(update_fields=["number", "number_raw", "is_withheld", "rang_at"])
        if _was_missed(call):
            _owe_call_back(call, actor)
    live.publish(actor.territory_id, "call", call.pk, call.answered_by_id)
    return call


@transaction.atomic
def answer(
    call_id: int | None = None,
    *,
    provider: str = "",
    call_key: str = "",
    by_membership_id: int | None = None,
    extension: str = "",
    at: datetime | None = None,
    actor: Actor,
) -> Call:
    """Somebody picked up: known by membership or by the extension on their desk, they owe the note now.

    After « ended » it still says that the call was not missed; a later one (a transfer) moves it to the next
    desk.
    """
    if not policies.may_announce(actor):
        raise NotAllowed
    call = _found(call_id, provider, call_key, at, actor)
    by = _who_answers(by_membership_id, extension, actor)
    moment = _moment(at)
    if call.state == S.LOGGED or (call.state == S.SET_ASIDE and not _was_missed(call)):
        if call.answered_at is None:
            call.answered_at = moment
            call.save(update_fields=["answered_at"])
        return call
    if call.answered_at is None:
        call.answered_at = moment
    if by is not None:
        call.answered_by = by
    call.rang_at = min(call.rang_at, call.answered_at)
    if call.state == S.RINGING:
        call.state = S.ANSWERED
    elif call.state == S.SET_ASIDE:
        call.state, call.closed_at, call.closing_note = S.ENDED, None, ""
        _forget_call_back(call, actor)
    call.save(update_fields=["answered_at", "answered_by", "rang_at", "state", "closed_at", "closing_note"])
    _owe_note(call, actor)
    live.publish(actor.territory_id, "call", call.pk, call.answered_by_id)
    return call


@transaction.atomic
def hang_up(
    call_id: int | None = None,
    *,
    provider: str = "",
    call_key: str = "",
    was_answered: bool | None = None,
    at: datetime | None = None,
    actor: Actor,
) -> Call:
    """The call is over. Answered, its note is owed; never answered, a call back is, and it is closed.

    `was_answered`: what the exchange says itself (it counted seconds of talk), when its « answered » was
    lost.
    """
    if not policies.may_announce(actor):
        raise NotAllowed
    call = _found(call_id, provider, call_key, at, actor)
    if call.ended_at is not None:
        return call
    call.ended_at = _moment(at)
    call.rang_at = min(call.rang_at, call.ended_at)
    if call.state == S.RINGING:
        if was_answered:
            call.answered_at = call.rang_at
            call.state = S.ENDED
        else:
            call.state = S.MISSED
    elif call.state == S.ANSWERED:
        call.state = S.ENDED
    call.save(update_fields=["ended_at", "rang_at", "answered_at", "state"])
    if call.state == S.MISSED:
        _miss(call, actor)
    live.publish(actor.territory_id, "call", call.pk, call.answered_by_id)
    return call


@transaction.atomic
def start_by_hand(*, actor: Actor, person_id: int | None = None, direction: str = "inbound") -> Call:
    """F2: a call that no telephone system announced. Twice the key within ten seconds is one call."""
    if not policies.may_start(actor):
        raise NotAllowed
    typed.one_of("direction", direction, ("inbound", "outbound"))
    now = clock.now()
    if person_id is not None and not Person.objects.visible_to(actor).filter(pk=person_id).exists():
        raise BadInput("person_id", _("Choisissez la personne dans la liste, ou laissez vide."), "choice")
    me = Membership.objects.select_for_update(no_key=True).get(pk=actor.membership_id or 0)
    mine = Call.objects.open().filter(provider=BY_HAND, answered_by=me, direction=direction)
    mine = mine.filter(drafts__isnull=True, danger_at__isnull=True, rang_at__gt=now - _SAME_KEYSTROKE)
    mine = mine.filter(person__isnull=True) if person_id is None else mine.filter(person_id=person_id)
    again = mine.first()
    if again is not None:
        return again
    call = Call.objects.create(
        territory_id=actor.territory_id,
        provider=BY_HAND,
        call_key=secrets.token_hex(16),
        direction=direction,
        state=S.ANSWERED,
        rang_at=now,
        answered_at=now,
        answered_by_id=actor.membership_id,
        person_id=person_id,
    )
    _owe_note(call, actor)
    live.publish(actor.territory_id, "call", call.pk, actor.membership_id)
    return call


@transaction.atomic
def set_aside(call_id: int, *, note: str, actor: Actor) -> Call:
    """Give up a call with a reason: a wrong number, an advertisement, a test."""
    call = locked(call_id, actor=actor)
    if not policies.may_log(actor, call):
        raise NotAllowed
    note = typed.line("note", note, 200)
    if not note:
        raise BadInput(
            "note",
            _("Dites pourquoi cet appel reste sans suite, par exemple « erreur de numéro »."),
            "required",
        )
    if call.state == S.SET_ASIDE and call.closing_note == note:
        return call
    if S.SET_ASIDE not in MOVES[call.state]:
        raise NotPossibleNow(
            _("Cet appel est déjà noté.") if call.state == S.LOGGED else _("Cet appel est déjà classé.")
        )
    if call.danger_at is not None:
        raise NotPossibleNow(_("Un danger a été déclaré pendant cet appel : notez-le."))
    call.state, call.closed_at, call.closing_note = S.SET_ASIDE, clock.now(), note
    call.logged_by_id = actor.membership_id
    call.save(update_fields=["state", "closed_at", "closing_note", "logged_by"])
    settle_duties(call, actor=actor)
    record(events.CALL_SET_ASIDE, actor=actor, about=about(call), words=note)
    live.publish(actor.territory_id, "call", call.pk, call.answered_by_id)
    return call


def locked(call_id: int, *, actor: Actor) -> Call:
    calls = Call.objects.filter(territory_id=actor.territory_id)
    return calls.select_for_update(of=("self",), no_key=True).get(pk=call_id)


def about(call: Call, person_id: int | None = None) -> Sequence[models.Model | Mention]:
    things: list[models.Model | Mention] = [call]
    if (known := person_id or call.person_id) is not None:
        things.append(Mention("people.person", known))
    if call.volunteer_id is not None:
        things.append(Mention("volunteers.volunteer", call.volunteer_id))
    return things


def _called(
    provider: str, call_key: str, number_raw: str, at: datetime | None, actor: Actor
) -> tuple[Call, bool]:
    """The call of this key, locked, made when it is new."""
    provider, call_key = typed.line("provider", provider, 40), typed.line("call_key", call_key, 80)
    if not provider or not call_key:
        raise BadInput("call_key", _("Il manque le nom que le téléphone donne à cet appel."), "required")
    calls = Call.objects.filter(territory_id=actor.territory_id).select_for_update(of=("self",), no_key=True)
    number, is_withheld = _number(number_raw, actor.territory_id)
    call, created = calls.get_or_create(
        provider=provider,
        call_key=call_key,
        defaults={
            "territory_id": actor.territory_id,
            "number": number,
            "number_raw": _raw(number_raw),
            "is_withheld": is_withheld,
            "rang_at": _moment(at),
        },
    )
    if created:
        _owe_note(call, actor)
    return call, created


def _found(call_id: int | None, provider: str, call_key: str, at: datetime | None, actor: Actor) -> Call:
    if call_id is not None:
        return locked(call_id, actor=actor)
    return _called(provider, call_key, "", at, actor)[0]


def _moment(at: datetime | None) -> datetime:
    """The exchange's own time, unless its clock runs ahead of ours."""
    now = clock.now()
    return min(typed.moment("at", at), now) if at else now


def _number(raw: str, territory_id: int) -> tuple[str, bool]:
    """(E.164 or nothing, whether the caller hides it)."""
    text = raw.strip()
    if not text or text.startswith(_NOT_A_NUMBER):
        return "", False
    if phones.is_withheld(text):
        return "", True
    region = Territory.objects.values_list("phone_region", flat=True).get(pk=territory_id)
    try:
        return phones.parse(text, region).e164, False
    except phones.BadPhone:
        return "", False


def _raw(number_raw: str) -> str:
    return str(typed.clean(number_raw)).strip()[:60]


def _who_answers(membership_id: int | None, extension: str, actor: Actor) -> Membership | None:
    live_ones = Membership.objects.live().filter(organisation__is_lead=True)
    if membership_id is not None:
        return live_ones.filter(pk=membership_id).first()
    if extension.strip():
        return live_ones.filter(extension=extension.strip()[:20]).order_by("pk").first()
    if actor.is_desk and actor.membership_id is not None:
        return live_ones.filter(pk=actor.membership_id).first()
    return None


def _owe_note(call: Call, actor: Actor) -> None:
    open_duty(
        call,
        kind=DutyKind.LOG_CALL,
        due_at=(call.answered_at or call.rang_at) + LOG_WITHIN,
        owner_id=call.answered_by_id,
        person_id=call.person_id,
        actor=actor,
    )


def _was_missed(call: Call) -> bool:
    """Closed by the telephone, not by somebody of the desk."""
    return (
        call.state == S.SET_ASIDE
        and call.answered_at is None
        and call.ended_at is not None
        and call.logged_by_id is None
    )


def _miss(call: Call, actor: Actor) -> None:
    call.state, call.closed_at = S.SET_ASIDE, clock.now()
    _owe_call_back(call, actor)
    call.save(update_fields=["state", "closed_at", "closing_note", "person"])
    settle_duties(call, actor=actor)
    record(events.CALL_MISSED, actor=actor, about=about(call), is_withheld=call.is_withheld)


def _owe_call_back(call: Call, actor: Actor) -> None:
    """A call back is owed to the number; several calls in a row from one number are one."""
    call.closing_note = _("Appel manqué")
    if not call.number or phones.is_emergency(call.number):
        return
    if people_queries.is_not_to_be_rung(call.number):
        call.closing_note = _("Appel manqué, à ne pas rappeler")
        return
    waiting = PlannedCall.objects.filter(
        closed_at__isnull=True, why=PlannedCall.Why.MISSED, number=call.number
    )
    if waiting.exists():
        return
    # The number of one person alone may be rung back as hers; of several, nobody is chosen (TEL-21).
    # A file kept apart stays out of it: the desk that rings back sees a number.
    owners = people_queries.by_number(call.number, actor=Actor.job("calls.missed", actor.territory_id))
    alone = owners[0] if len(owners) == 1 and owners[0].is_followed else None
    alone = alone if alone is not None and alone.state == Person.State.ACTIVE else None
    call.person_id = alone.pk if alone else None
    plan_call(
        person_id=call.person_id,
        number=call.number,
        why=PlannedCall.Why.MISSED,
        due_at=clock.now() + CALL_BACK_WITHIN,
        asked_in_id=call.pk,
        actor=actor,
    )


def _forget_call_back(call: Call, actor: Actor) -> None:
    """It was answered after all; a call back that somebody already tried stays."""
    planned = PlannedCall.objects.filter(
        asked_in=call, why=PlannedCall.Why.MISSED, closed_at__isnull=True, attempts=0
    ).select_for_update(of=("self",), no_key=True)
    for one in planned.order_by("pk"):
        close_planned(one, PlannedCall.Outcome.DROPPED, actor=actor)
