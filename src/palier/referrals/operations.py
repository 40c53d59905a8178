"""Handing a need over to an association or a service, with the person's consent, until it is done."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.duties.models import Kind as DutyKind
from palier.duties.operations import open_duty, settle_duties
from palier.duties.queries import owner_of
from palier.journal import live
from palier.journal.events import Event
from palier.journal.operations import record
from palier.kernel import clock
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.messaging import operations as messages
from palier.needs.models import Need
from palier.needs.operations import close_need, set_state
from palier.partners.models import PartnerService
from palier.referrals import events, letters, policies, queries
from palier.referrals.models import Referral
from palier.referrals.states import MOVES, OUTCOMES
from palier.territories.hours import calendar_of, working_time

# What a partner has to answer, in time when the desk is there to read it.
TIME_TO_ANSWER = timedelta(hours=16)
TIME_TO_TELL = timedelta(days=2)


@transaction.atomic
def propose_referral(
    need_id: int, service_id: int, *, note: str = "", answer_by: datetime | None = None, actor: Actor
) -> Referral:
    """Hand a need over to a partner. Neighbours who were being asked are not asked any more.

    Raises NotPossibleNow without the person's consent (the sentence tells what to ask her), when the partner takes
    nobody now, and when a neighbour or another partner has it already.
    """
    need = _locked_need(need_id)
    if not policies.may_propose(actor, need):
        raise NotAllowed
    service = PartnerService.objects.select_related("organisation").filter(pk=service_id).first()
    if service is None or not service.served.filter(kind_id=need.kind_id).exists():
        raise BadInput("service", _("Choisissez un partenaire qui prend ce genre de demande."), "choice")
    current = queries.open_referral(need.pk)
    if current is not None:
        if current.service_id == service.pk:
            return current
        raise NotPossibleNow(
            _("Ce besoin est déjà confié à %(service)s. Reprenez-le d’abord.") % {"service": current.service}
        )
    S = Need.State
    if need.state not in (S.TO_PROPOSE, S.ASKING, S.NOBODY):
        raise NotPossibleNow(
            _("Ce besoin est terminé.")
            if need.closed_at
            else _("Un voisin a déjà dit oui pour cette demande.")
        )
    if reason := queries.refusal_for_partners(need):
        raise NotPossibleNow(reason)
    if not service.is_open or not service.organisation.is_active:
        raise NotPossibleNow(
            _("%(service)s ne prend personne en ce moment. %(note)s")
            % {"service": service, "note": service.status_note}
        )
    now = clock.now()
    if answer_by is None or answer_by <= now:
        answer_by = working_time(calendar_of(need.territory_id), now, TIME_TO_ANSWER)
    owner_id = owner_of(need, named=need.owner_id)
    referral = Referral.objects.create(
        territory_id=need.territory_id,
        need=need,
        service=service,
        note=note.strip()[:1000],
        proposed_at=now,
        proposed_by=actor.name[:120],
        answer_by=answer_by,
    )
    set_state(need, S.REFERRED, actor=actor)
    open_duty(
        referral,
        kind=DutyKind.FOLLOW_REFERRAL,
        due_at=answer_by,
        owner_id=owner_id,
        person_id=need.person_id,
        label=service.name,
        actor=actor,
    )
    _record(
        events.REFERRAL_PROPOSED, referral, actor=actor, note=referral.note, answer_by=answer_by.isoformat()
    )
    letters.tell_handed_over(referral, actor=actor)
    return referral


@transaction.atomic
def answer_referral(referral_id: int, *, accepted: bool, answer: str = "", actor: Actor) -> Referral:
    """The partner takes it, or does not: then the need is back with its owner. The same answer twice counts once."""
    referral = _locked(referral_id)
    if not policies.may_answer(actor, referral):
        raise NotAllowed
    state = Referral.State.ACCEPTED if accepted else Referral.State.DECLINED
    if referral.state == state:
        return referral
    _move(referral, state, answer, answered=True)
    if accepted:
        open_duty(
            referral,
            kind=DutyKind.FOLLOW_REFERRAL,
            due_at=max(referral.need.ends_at, clock.now()) + TIME_TO_TELL,
            owner_id=owner_of(referral, named=referral.need.owner_id),
            person_id=referral.need.person_id,
            label=referral.service.name,
            actor=actor,
        )
    else:
        _give_back(referral, actor=actor)
    _record(events.REFERRAL_ANSWERED, referral, actor=actor, accepted=accepted, answer=referral.answer)
    return referral


@transaction.atomic
def referral_done(referral_id: int, *, answer: str = "", actor: Actor) -> Referral:
    """The partner did it: the need is closed as met by an association or by a service."""
    referral = _locked(referral_id)
    if not policies.may_answer(actor, referral):
        raise NotAllowed
    if referral.state == Referral.State.DONE:
        return referral
    _move(referral, Referral.State.DONE, answer, answered=referral.answered_at is None)
    settle_duties(referral, actor=actor)
    _record(events.REFERRAL_DONE, referral, actor=actor, answer=referral.answer)
    set_state(referral.need, Need.State.TO_CONCLUDE, actor=actor)
    # A partner's word concludes the need, though a partner has no right on needs.
    closer = actor if actor.is_desk or actor.is_ours else Actor.job("referrals.done", actor.territory_id)
    close_need(referral.need_id, outcome=OUTCOMES[referral.service.nature], actor=closer)
    return referral


@transaction.atomic
def withdraw_referral(referral_id: int, *, actor: Actor, answer: str = "") -> Referral:
    """The desk takes the need back from the partner; it is to be proposed again if it is still open."""
    referral = _locked(referral_id)
    if not policies.may_withdraw(actor, referral):
        raise NotAllowed
    if referral.state == Referral.State.WITHDRAWN:
        return referral
    _move(referral, Referral.State.WITHDRAWN, answer, answered=False)
    _give_back(referral, actor=actor)
    _record(events.REFERRAL_WITHDRAWN, referral, actor=actor)
    if not messages.cancel(referral, templates=["partner_mail"], actor=actor):
        letters.tell_taken_back(referral, actor=actor)
    return referral


# --- Parts of the above -----------------------------------------------------------------------------------------


def _locked_need(need_id: int) -> Need:
    """The need's row is the root: who changes anything about it holds this lock."""
    Need.objects.select_for_update(of=("self",), no_key=True).only("pk").get(pk=need_id)
    return Need.objects.select_related("person", "kind").get(pk=need_id)


def _locked(referral_id: int) -> Referral:
    _locked_need(Referral.objects.values_list("need_id", flat=True).get(pk=referral_id))
    return queries.referral_with_all(referral_id)


def _move(referral: Referral, state: str, answer: str, *, answered: bool) -> None:
    if state not in MOVES[referral.state]:
        raise NotPossibleNow(
            _("C’est déjà réglé avec %(service)s : %(state)s.")
            % {"service": referral.service, "state": referral.get_state_display()}
        )
    now = clock.now()
    referral.state = state
    referral.answer = answer.strip()[:1000] or referral.answer
    if answered:
        referral.answered_at = now
    if not MOVES[state]:
        referral.closed_at = now
    referral.save(update_fields=["state", "answer", "answered_at", "closed_at"])


def _give_back(referral: Referral, *, actor: Actor) -> None:
    settle_duties(referral, actor=actor)
    need = referral.need
    if need.closed_at is None:
        back = Need.State.NOBODY if need.nobody_at else Need.State.TO_PROPOSE
        set_state(need, back, due_at=clock.now(), actor=actor)


def _record(event: Event, referral: Referral, *, actor: Actor, **data: object) -> None:
    record(
        event,
        actor=actor,
        about=[referral, referral.need.person],
        need=referral.need_id,
        referral=referral.pk,
        service=referral.service.name,
        service_id=referral.service_id,
        **data,
    )
    live.publish(referral.territory_id, "needs.need", referral.need_id)
