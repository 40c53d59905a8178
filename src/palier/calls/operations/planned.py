"""Calls owed to somebody: promised, after a missed call, or to ask how a visit went."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from django.db import models, transaction
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.accounts.models import Membership
from palier.calls import events, policies
from palier.calls.models import Call, PlannedCall
from palier.concerns.operations import open_concern
from palier.duties.models import Duty
from palier.duties.models import Kind as DutyKind
from palier.duties.operations import open_duty, settle_duties
from palier.journal.operations import Mention, record
from palier.kernel import clock, ranges, typed
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.kernel.text import day, hour
from palier.needs.models import Need
from palier.people.models import Person
from palier.people.operations import note_contact_made
from palier.territories.hours import calendar_of, working_time
from palier.territories.models import Territory

MOST_ATTEMPTS = 3
FEEDBACK = ("well", "so_so", "badly", "did_not_come")
# The design's rule: two tries an hour apart, then the next working morning.
AGAIN_AFTER = (timedelta(hours=1), timedelta(hours=7))


@transaction.atomic
def plan_call(
    *,
    person_id: int | None = None,
    number: str = "",
    why: str,
    due_at: datetime,
    about: str = "",
    need_id: int | None = None,
    asked_in_id: int | None = None,
    owner_id: int | None = None,
    actor: Actor,
) -> PlannedCall:
    """Owe a call to a person or a number. The same one twice is one; a need is asked about once at a time."""
    if not policies.may_plan(actor):
        raise NotAllowed
    typed.one_of("why", why, PlannedCall.Why.values)
    about = typed.line("about", about, 200)
    if actor.is_ours:
        # What code plans may be due already when it gets to it.
        due_at = max(typed.moment("due_at", due_at), clock.now())
    else:
        due_at = typed.future("due_at", due_at)
    person = _person(person_id, actor)
    region = Territory.objects.values_list("phone_region", flat=True).get(pk=actor.territory_id)
    number = typed.phone("number", number, region)
    if person is None and not number:
        raise BadInput("person_id", _("Pour rappeler, il faut savoir qui, ou quel numéro."), "required")
    if need_id is not None and not Need.objects.filter(territory_id=actor.territory_id, pk=need_id).exists():
        raise BadInput("need_id", _("Ce besoin n’existe pas."), "choice")
    if (
        asked_in_id is not None
        and not Call.objects.filter(territory_id=actor.territory_id, pk=asked_in_id).exists()
    ):
        raise BadInput("asked_in_id", _("Cet appel n’existe pas."), "choice")
    owner = _owner(owner_id)
    open_ones = PlannedCall.objects.filter(
        territory_id=actor.territory_id, closed_at__isnull=True, why=why, person=person
    )
    if need_id is None:
        open_ones = open_ones.filter(need__isnull=True)
    else:
        open_ones = open_ones.filter(need_id=need_id)
    if need_id is None or why != PlannedCall.Why.FEEDBACK:
        open_ones = open_ones.filter(number=number, due_at=due_at, asked_in_id=asked_in_id)
    if (twin := open_ones.first()) is not None:
        return twin
    planned = PlannedCall.objects.create(
        territory_id=actor.territory_id,
        why=why,
        person=person,
        number=number,
        about=about,
        due_at=due_at,
        need_id=need_id,
        asked_in_id=asked_in_id,
        opened_at=clock.now(),
    )
    _owe(planned, owner=owner, actor=actor)
    record(
        events.CALL_PLANNED,
        actor=actor,
        about=_about(planned),
        why=why,
        due_at=due_at.isoformat(),
        need=need_id,
        planned_call=planned.pk,
        words=about,
    )
    return planned


@transaction.atomic
def keep_planned_call(
    planned_call_id: int, *, outcome: str, feedback: str = "", call_id: int | None = None, actor: Actor
) -> PlannedCall:
    """Say what became of a call that was owed.

    Without answer it moves to later, twice; the third time it is closed, and stays with whoever owes it as a
    concern about the person. A call after a visit says how it went (`feedback`). Closed already:
    NotPossibleNow.
    """
    planned = _locked(planned_call_id, actor)
    if not policies.may_plan(actor):
        raise NotAllowed
    typed.one_of("outcome", outcome, PlannedCall.Outcome.values)
    if planned.closed_at is not None:
        raise NotPossibleNow(_("Cet appel est déjà fait."))
    if call_id is not None and not Call.objects.filter(territory_id=actor.territory_id, pk=call_id).exists():
        raise BadInput("call_id", _("Cet appel n’existe pas."), "choice")
    if outcome == PlannedCall.Outcome.NO_ANSWER:
        return _no_answer(planned, call_id, actor)
    if outcome == PlannedCall.Outcome.REACHED and planned.why == PlannedCall.Why.FEEDBACK:
        if feedback not in FEEDBACK:
            raise BadInput("feedback", _("Dites comment la visite s’est passée."), "required")
    else:
        feedback = ""
    return close_planned(planned, outcome, feedback=feedback, call_id=call_id, actor=actor)


def close_planned(
    planned: PlannedCall, outcome: str, *, feedback: str = "", call_id: int | None = None, actor: Actor
) -> PlannedCall:
    """Close one planned call, locked by the caller; visits follow the event."""
    now = clock.now()
    planned.outcome, planned.closed_at, planned.feedback = outcome, now, feedback
    planned.done_in_id = call_id
    written = ["outcome", "closed_at", "feedback", "done_in", "attempts"]
    if outcome == PlannedCall.Outcome.REACHED:
        planned.attempts += 1
        if planned.person_id is not None:
            note_contact_made(planned.person_id, now)
    planned.save(update_fields=written)
    settle_duties(planned, actor=actor)
    woman = planned.person.is_woman if planned.person is not None else True
    record(
        events.CALL_KEPT,
        actor=actor,
        about=_about(planned),
        why=planned.why,
        outcome=outcome,
        feedback=feedback,
        need=planned.need_id,
        call=call_id,
        is_woman=woman,
    )
    return planned


def replace_planned(ids: Iterable[int], call: Call, *, outcome: str, actor: Actor) -> int:
    """« Cet appel le remplace »: close these calls owed to the same person or number."""
    wanted = set(ids)
    if not wanted:
        return 0
    planned = list(
        PlannedCall.objects.filter(territory_id=actor.territory_id, pk__in=wanted)
        .select_related("person")
        .select_for_update(of=("self",), no_key=True)
        .order_by("pk")
    )
    same = [
        one
        for one in planned
        if (one.person_id is not None and one.person_id == call.person_id)
        or (one.number and one.number == call.number)
    ]
    if len(same) != len(wanted):
        raise BadInput("keeps_planned_call_ids", _("Ce rappel est prévu avec quelqu’un d’autre."), "choice")
    closed = [one for one in same if one.closed_at is None]
    for one in closed:
        # How a visit went is asked, not supposed: without an answer the feedback stays empty.
        close_planned(one, outcome, call_id=call.pk, actor=actor)
    return len(closed)


def postpone_calls(person_id: int, *, back_at: datetime, away_from: date, actor: Actor) -> int:
    """Move what is owed to somebody who is away to her return; gives how many. What is due before she leaves stays."""
    territory = Territory.objects.get(pk=actor.territory_id)
    leaves = ranges.day_of(away_from, territory.zone).start
    waiting = PlannedCall.objects.filter(
        person_id=person_id, closed_at__isnull=True, due_at__gte=leaves, due_at__lt=back_at
    ).select_for_update(of=("self",), no_key=True)
    moved = 0
    for planned in waiting.order_by("pk"):
        owner_id = _whose(planned)
        planned.due_at = back_at
        planned.save(update_fields=["due_at"])
        _owe(planned, owner=None, owner_id=owner_id, actor=actor)
        record(
            events.CALL_WAITS,
            actor=actor,
            about=_about(planned),
            why=planned.why,
            due_at=back_at.isoformat(),
        )
        moved += 1
    return moved


def said(planned: PlannedCall) -> str:
    """« Rappel promis, jeudi 12 novembre à 17 h »."""
    tz = Territory.objects.get(pk=planned.territory_id).zone
    return _("%(what)s, %(day)s à %(hour)s") % {
        "what": planned.about or planned.get_why_display(),
        "day": day(planned.due_at.astimezone(tz).date()),
        "hour": hour(planned.due_at, tz=tz),
    }


def reopen_planned(planned: PlannedCall, *, actor: Actor) -> None:
    """The call that kept it was taken back: it is owed again, now if its time is over."""
    planned.outcome, planned.closed_at, planned.feedback, planned.done_in = "", None, "", None
    planned.due_at = max(planned.due_at, clock.now())
    planned.save(update_fields=["outcome", "closed_at", "feedback", "done_in", "due_at"])
    _owe(planned, owner=None, owner_id=actor.membership_id, actor=actor)


def _no_answer(planned: PlannedCall, call_id: int | None, actor: Actor) -> PlannedCall:
    planned.attempts += 1
    owner_id = _whose(planned)
    if planned.attempts >= MOST_ATTEMPTS:
        close_planned(planned, PlannedCall.Outcome.NO_ANSWER, call_id=call_id, actor=actor)
        if planned.person is not None:
            facts = (
                _("Trois appels sans réponse. Elle n’a pas pu être jointe.")
                if planned.person.is_woman
                else _("Trois appels sans réponse. Il n’a pas pu être joint.")
            )
            open_concern(
                person_id=planned.person_id, facts=facts, urgency="today", owner_id=owner_id, actor=actor
            )
        return planned
    wait = AGAIN_AFTER[planned.attempts - 1]
    planned.due_at = working_time(calendar_of(planned.territory_id), clock.now(), wait)
    planned.save(update_fields=["attempts", "due_at"])
    _owe(planned, owner=None, owner_id=owner_id, actor=actor)
    record(
        events.NO_ANSWER,
        actor=actor,
        about=_about(planned),
        why=planned.why,
        count=planned.attempts,
        due_at=planned.due_at.isoformat(),
        need=planned.need_id,
    )
    return planned


def _owe(
    planned: PlannedCall, *, owner: Membership | None, owner_id: int | None = None, actor: Actor
) -> None:
    is_feedback = planned.why == PlannedCall.Why.FEEDBACK
    open_duty(
        planned,
        kind=DutyKind.ASK_HOW_IT_WENT if is_feedback else DutyKind.CALL_BACK,
        due_at=planned.due_at,
        owner=owner,
        owner_id=None if owner else owner_id,
        person_id=planned.person_id,
        label=planned.about,
        actor=actor,
    )


def _whose(planned: PlannedCall) -> int | None:
    """Who owes it now, while they still work here."""
    duty = Duty.objects.open().of("calls.plannedcall", planned.pk).first()
    if duty is None or duty.owner_id is None:
        return None
    return duty.owner_id if Membership.objects.live().filter(pk=duty.owner_id).exists() else None


def _locked(planned_call_id: int, actor: Actor) -> PlannedCall:
    """The person first, as everywhere: who leaves has their calls dropped under that lock."""
    mine = PlannedCall.objects.filter(territory_id=actor.territory_id)
    person_id = mine.values_list("person_id", flat=True).get(pk=planned_call_id)
    if person_id is not None:
        Person.objects.select_for_update(of=("self",), no_key=True).get(pk=person_id)
    return mine.select_related("person").select_for_update(of=("self",), no_key=True).get(pk=planned_call_id)


def _about(planned: PlannedCall) -> Sequence[models.Model | Mention]:
    about: list[models.Model | Mention] = [planned]
    if planned.person_id is not None:
        about.append(Mention("people.person", planned.person_id))
    return about


def _person(person_id: int | None, actor: Actor) -> Person | None:
    if person_id is None:
        return None
    people = Person.objects.visible_to(actor).select_for_update(of=("self",), no_key=True)
    person = people.filter(pk=person_id).first()
    if person is None:
        raise BadInput("person_id", _("Choisissez la personne dans la liste."), "choice")
    # In a care home she may have agreed to new calls there.
    if person.state in (Person.State.DECEASED, Person.State.MOVED):
        raise NotPossibleNow(_("La fiche de %(name)s est fermée.") % {"name": person.full_name})
    return person


def _owner(membership_id: int | None) -> Membership | None:
    if membership_id is None:
        return None
    owner = Membership.objects.live().filter(pk=membership_id).first()
    if owner is None:
        raise BadInput(
            "owner_id", _("Cette personne ne travaille plus ici. Choisissez quelqu’un d’autre."), "choice"
        )
    return owner
