"""The letter of eight days and what follows it: agreement by word or by silence, objection (R121-6)."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.duties.operations import settle_duties
from palier.journal.operations import Mention, record
from palier.kernel import clock
from palier.kernel.errors import NotAllowed, NotPossibleNow
from palier.people.suppression import Suppression, suppress
from palier.register import events, policies
from palier.register.models import Enrolment, EnrolmentRequest
from palier.register.operations.changing import forget
from palier.register.operations.checking import locked_enrolment
from palier.register.operations.enrolling import traits_of
from palier.register.states import MOVES


@transaction.atomic
def mark_printed(request_ids: Sequence[int], *, large: bool = False, actor: Actor) -> int:
    """The letters came out of the printer; they are owed until somebody says that they left. Gives how many."""
    printed = 0
    for request in _locked(request_ids, actor):
        if request.closed_at is None and request.enrolment_id is not None:
            request.ack_printed_at = clock.now()
            request.save(update_fields=["ack_printed_at"])
            record(events.LETTER_PRINTED, actor=actor, about=[_entry(request)], large=large)
            printed += 1
    return printed


@transaction.atomic
def mark_sent(request_ids: Sequence[int], *, actor: Actor) -> int:
    """The letters left: the requests are closed with it. Whoever says it twice changes nothing. Gives how many."""
    sent = 0
    now = clock.now()
    for request in _locked(request_ids, actor):
        if request.closed_at is not None or request.enrolment_id is None:
            continue
        request.ack_sent_at, request.ack_sent_by = now, actor.name[:120]
        request.closed_at, request.outcome = now, EnrolmentRequest.Outcome.ACKNOWLEDGED
        request.save(update_fields=["ack_sent_at", "ack_sent_by", "closed_at", "outcome"])
        settle_duties(request, actor=actor)
        record(events.ACKNOWLEDGED, actor=actor, about=[_entry(request)], on=f"{now:%Y-%m-%d}")
        sent += 1
    return sent


@transaction.atomic
def note_agreement(enrolment_id: int, *, actor: Actor) -> Enrolment:
    """The person said herself that she wants to be in the register that a third party asked for."""
    enrolment = locked_enrolment(enrolment_id, actor=actor)
    if enrolment.state == Enrolment.State.ACTIVE:
        return enrolment
    _agree(enrolment, Enrolment.Agreed.SAID, actor)
    return enrolment


@transaction.atomic
def note_objection(enrolment_id: int, *, actor: Actor) -> None:
    """She objects to a third party's request: everything is erased at once, and he cannot ask again (REG-09).

    Of her stays a keyed hash, for three years.
    """
    enrolment = locked_enrolment(enrolment_id, actor=actor)
    if not enrolment.third_party_name:
        raise NotPossibleNow(
            _("Cette inscription ne vient pas d’un tiers : notez plutôt un retrait à sa demande.")
        )
    register = enrolment.register
    suppress(
        traits_of(enrolment.person),
        scope=Suppression.Scope.REGISTER,
        register=register.code,
        reason=Suppression.Reason.OBJECTION,
        third_party=enrolment.third_party_name,
        actor=actor,
    )
    forget([enrolment], actor=actor)
    record(events.OBJECTED, actor=actor, about=[register])


@transaction.atomic
def agree_silent(*, actor: Actor) -> int:
    """Nobody objected in the days after the letter: what a third party asked for counts (R121-6). Gives how many."""
    if not actor.is_ours:
        raise NotAllowed
    agreed = 0
    waiting = (
        Enrolment.objects.filter(
            state=Enrolment.State.PENDING, request__ack_sent_at__isnull=False, register__ended_at__isnull=True
        )
        .select_related("register", "request")
        .order_by("pk")
        .select_for_update(of=("self",), no_key=True, skip_locked=True)
    )
    now = clock.now()
    for enrolment in waiting:
        sent_at = enrolment.request.ack_sent_at
        if sent_at is not None and sent_at + timedelta(days=enrolment.register.objection_days) <= now:
            _agree(enrolment, Enrolment.Agreed.SILENCE, actor)
            agreed += 1
    return agreed


def _agree(enrolment: Enrolment, how: str, actor: Actor) -> None:
    if Enrolment.State.ACTIVE not in MOVES[Enrolment.State(enrolment.state)]:
        raise NotPossibleNow(_("Cette personne n’est plus au registre."))
    enrolment.state, enrolment.agreed_how, enrolment.agreed_at = Enrolment.State.ACTIVE, how, clock.now()
    enrolment.save(update_fields=["state", "agreed_how", "agreed_at"])
    record(events.AGREED, actor=actor, about=[enrolment], how=how)


def _locked(request_ids: Sequence[int], actor: Actor) -> list[EnrolmentRequest]:
    """In one order, whoever prints: two batches that overlap wait for each other and never cross."""
    requests = list(
        EnrolmentRequest.objects.visible_to(actor)
        .filter(pk__in=request_ids)
        .order_by("pk")
        .select_for_update(of=("self",), no_key=True)
    )
    if any(not policies.may_read(actor, number) for number in {request.register_id for request in requests}):
        raise NotAllowed
    return requests


def _entry(request: EnrolmentRequest) -> Mention:
    return Mention("register.enrolment", request.enrolment_id or 0)
