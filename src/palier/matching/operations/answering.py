"""What a neighbour answers: the first yes wins, and is taken back in one step."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.journal import live
from palier.journal.events import Event
from palier.journal.operations import record
from palier.kernel import clock, phones
from palier.kernel.errors import NotAllowed, NotPossibleNow
from palier.matching import events, policies
from palier.matching.models import Offer, Wave
from palier.matching.operations.waves import close_open_wave, locked
from palier.matching.states import MOVES, WAITING
from palier.messaging import operations as messages
from palier.needs.models import Need


@transaction.atomic
def answer_offer(offer_id: int, *, yes: bool, how: str, actor: Actor, noted_by: str = "") -> Offer:
    """Take one neighbour's answer. The first yes of a need is accepted and makes the visit; a later one is thanked.

    The same answer twice changes nothing. Raises NotPossibleNow when the need is over, or when this neighbour said
    yes before and now says no: that is a withdrawal, with consequences of its own.
    """
    need_id = Offer.objects.values_list("need_id", flat=True).get(pk=offer_id)
    need = locked(need_id)
    offer = Offer.objects.select_related("volunteer", "wave", "need").get(pk=offer_id)
    if not policies.may_answer(actor, offer):
        raise NotAllowed
    S = Offer.State
    if offer.state == S.WITHDRAWN:
        raise NotPossibleNow(
            _("Vous vous êtes retiré de cette demande. Appelez-nous si vous pouvez venir finalement.")
        )
    if offer.state == S.ACCEPTED:
        if yes:
            return offer
        raise NotPossibleNow(
            _("Vous avez dit oui. Pour vous retirer, utilisez « Finalement, je ne peux pas y aller ».")
        )
    if offer.state == S.TOO_LATE or (offer.state == S.DECLINED and not yes):
        return offer
    if not yes:
        return _settle(offer, S.DECLINED, events.OFFER_DECLINED, how, noted_by, actor)
    if need.closed_at is not None or need.state == Need.State.REFERRED:
        raise NotPossibleNow(_("Ce coup de main n’est plus nécessaire. Merci d’avoir répondu."))
    if need.ends_at <= clock.now():
        raise NotPossibleNow(_("L’heure de ce coup de main est passée. Merci d’avoir répondu."))
    if claim(offer, how=how, noted_by=noted_by):
        return _accepted(need, offer, actor=actor)
    if offer.state == S.CANCELLED and not need.offers.filter(state=S.ACCEPTED).exists():
        # His own visit was called off, or the question taken back: nobody was before him, and nobody waits for him.
        raise NotPossibleNow(_("Cette demande a été annulée. Appelez-nous si vous pouvez venir."))
    offer = _settle(offer, S.TOO_LATE, events.OFFER_TOO_LATE, how, noted_by, actor)
    _say_taken(offer, actor=actor)
    return offer


def claim(offer: Offer, *, how: str, noted_by: str = "") -> bool:
    """Make this offer the yes of its need, if nobody's is; false when somebody was before.

    The need's row is locked by the caller, so that one at a time gets here. Should a caller forget, the unique
    index refuses the second yes all the same.
    """
    if Offer.objects.filter(need_id=offer.need_id, state=Offer.State.ACCEPTED).exists():
        return False
    offer.answered_at, offer.answered_how, offer.noted_by = clock.now(), how, noted_by[:120]
    try:
        with transaction.atomic():
            taken = (
                Offer.objects.filter(pk=offer.pk)
                .filter(state__in=[state for state, then in MOVES.items() if Offer.State.ACCEPTED in then])
                .update(
                    state=Offer.State.ACCEPTED,
                    answered_at=offer.answered_at,
                    answered_how=how,
                    noted_by=offer.noted_by,
                )
            )
    except IntegrityError:
        return False
    if not taken:
        return False
    offer.state = Offer.State.ACCEPTED
    return True


@transaction.atomic
def release_offer(offer_id: int, *, state: str, actor: Actor) -> Offer:
    """Take the yes away from an offer (withdrawn by the neighbour, or cancelled); its need may be given again.

    For what stands above a yes: a visit that will not take place. The caller holds the need's lock and says what
    becomes of the need.
    """
    offer = Offer.objects.select_related("volunteer", "need").get(pk=offer_id)
    if state not in MOVES[offer.state]:
        raise NotPossibleNow(_("Cette réponse a déjà été reprise."))
    offer.state = state
    offer.save(update_fields=["state"])
    messages.cancel(offer, actor=actor)
    return offer


def _settle(offer: Offer, state: str, event: Event, how: str, noted_by: str, actor: Actor) -> Offer:
    if state not in MOVES[offer.state]:
        raise NotPossibleNow(_("Cette demande a déjà sa réponse."))
    offer.state, offer.answered_at, offer.answered_how = state, clock.now(), how
    offer.noted_by = noted_by[:120]
    offer.save(update_fields=["state", "answered_at", "answered_how", "noted_by"])
    _record_answer(event, offer, actor=actor)
    if state == Offer.State.DECLINED:
        _widen_when_all_said_no(offer, actor=actor)
    live.publish(offer.territory_id, "needs.need", offer.need_id)
    return offer


def _record_answer(event: Event, offer: Offer, *, actor: Actor) -> None:
    record(
        event,
        actor=actor,
        about=[offer, offer.need.person, offer.volunteer],
        need=offer.need_id,
        offer=offer.pk,
        wave=offer.wave_id,
        how=offer.answered_how,
        volunteer=offer.volunteer.full_name,
    )


def _widen_when_all_said_no(offer: Offer, *, actor: Actor) -> None:
    """Nobody of the wave is left to wait for: its time is over now, the job widens it at its next minute."""
    wave = Wave.objects.filter(pk=offer.wave_id, closed_at__isnull=True).first()
    now = clock.now()
    if wave is None or wave.answers_by <= now or wave.offers.filter(state__in=WAITING).exists():
        return
    # Never before it was sent, which the constraint would refuse in the very second of asking.
    wave.answers_by = max(now, wave.sent_at + timedelta(seconds=1))
    wave.save(update_fields=["answers_by"])


def _accepted(need: Need, offer: Offer, *, actor: Actor) -> Offer:
    """What the first yes changes: the others are thanked, the wave ends, the visit is made by who reacts."""
    others = list(
        need.offers.filter(state__in=WAITING)
        .exclude(pk=offer.pk)
        .select_related("volunteer", "wave", "need")
        .order_by("pk")
    )
    need.offers.filter(pk__in=[other.pk for other in others]).update(state=Offer.State.CANCELLED)
    for other in others:
        was_asked = other.state == Offer.State.ASKED
        unsent = messages.cancel(other, templates=["offer_request"], actor=actor)
        # Whoever has not even received the question needs no answer to it; whoever let it pass is not written to.
        if was_asked and not unsent:
            _say_taken(other, actor=actor)
    close_open_wave(need, Wave.Outcome.ACCEPTED, actor=actor)
    _record_answer(events.OFFER_ACCEPTED, offer, actor=actor)
    live.publish(need.territory_id, "needs.need", need.pk)
    return offer


def _say_taken(offer: Offer, *, actor: Actor) -> None:
    if not phones.can_receive_sms(offer.volunteer.phone):
        return
    messages.post(
        f"taken:{offer.pk}",
        to=offer.volunteer.phone,
        template="offer_taken",
        context={"first_name": offer.volunteer.first_name},
        about=offer,
        person_id=offer.need.person_id,
        volunteer_id=offer.volunteer_id,
        actor=actor,
    )
