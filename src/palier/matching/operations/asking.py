"""Asking neighbours, asking again, or no longer; keeping two people apart."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.journal.operations import record
from palier.kernel import clock
from palier.kernel.errors import NotAllowed, NotPossibleNow
from palier.matching import events, policies
from palier.matching.models import KeepApart, Offer, Wave
from palier.matching.operations.waves import (
    choose,
    close_open_wave,
    locked,
    may_be_given_to_neighbours,
    next_wave,
    refuse_when_settled,
    send,
)
from palier.matching.states import WAITING
from palier.messaging import operations as messages
from palier.needs.models import Need
from palier.needs.operations import set_state
from palier.people.models import Person
from palier.volunteers.models import Volunteer


@transaction.atomic
def send_wave(
    need_id: int,
    volunteer_ids: Sequence[int] = (),
    *,
    answers_by: datetime | None = None,
    by_voice: bool = False,
    actor: Actor,
) -> Wave:
    """Ask these neighbours, or the first of the proposal when none is named; a human confirms by calling this.

    By text message, or by the agent's own voice: then nothing is sent and the agent notes the answers. A wave that
    was still open gives way to this one. During quiet hours the messages wait until the morning, and so does the
    moment to answer by. Raises NotPossibleNow when the person's consent is missing, when the need is not one for
    neighbours, when somebody already said yes; BadInput("volunteers") for somebody who cannot be asked.
    """
    need = locked(need_id)
    if not policies.may_send_wave(actor, need):
        raise NotAllowed
    assert actor.membership_id is not None
    refuse_when_settled(need)
    if reason := may_be_given_to_neighbours(need, actor=actor):
        raise NotPossibleNow(reason)
    chosen = choose(need, volunteer_ids, by_voice=by_voice)
    close_open_wave(need, Wave.Outcome.WIDENED, actor=actor)
    return send(need, chosen, actor.membership_id, answers_by=answers_by, by_voice=by_voice, actor=actor)


@transaction.atomic
def ask_again(need_id: int, *, actor: Actor) -> Wave | None:
    """Go on asking after a yes was taken back: the next neighbours at once, confirmed by who confirmed the last wave.

    None when nobody is left; the need is then back with its owner.
    """
    need = locked(need_id)
    last = need.waves.order_by("-number").first()
    if last is None:
        raise NotPossibleNow(_("Personne n’a encore été choisi pour cette demande."))
    return next_wave(need, last, actor=actor)


@transaction.atomic
def cancel_asking(need_id: int, *, actor: Actor) -> Need:
    """Stop asking: the open wave ends, unsent messages stay here, the need is back with its owner."""
    need = locked(need_id)
    if not policies.may_cancel_asking(actor, need):
        raise NotAllowed
    if need.state != Need.State.ASKING:
        raise NotPossibleNow(_("Aucun voisin n’est en train d’être contacté pour cette demande."))
    stop_asking(need, actor=actor)
    return set_state(need, Need.State.TO_PROPOSE, actor=actor)


def stop_asking(need: Need, *, actor: Actor) -> int:
    """End what is open for a locked need without touching the need itself; gives how many questions were open."""
    closed = close_open_wave(need, Wave.Outcome.CANCELLED, actor=actor)
    open_offers = list(need.offers.filter(state__in=WAITING))
    for offer in open_offers:
        messages.cancel(offer, actor=actor)
    need.offers.filter(pk__in=[offer.pk for offer in open_offers]).update(state=Offer.State.CANCELLED)
    if closed is not None or open_offers:
        record(
            events.ASKING_CANCELLED,
            actor=actor,
            about=[need, need.person],
            need=need.pk,
            count=len(open_offers),
        )
    return len(open_offers)


@transaction.atomic
def keep_apart(person_id: int, volunteer_id: int, *, actor: Actor) -> KeepApart:
    """This person does not want this neighbour: he is never proposed to her again. Saying it twice changes nothing."""
    if not policies.may_keep_apart(actor):
        raise NotAllowed
    person = Person.objects.get(pk=person_id)
    volunteer = Volunteer.objects.get(pk=volunteer_id)
    kept, created = KeepApart.objects.get_or_create(
        territory_id=actor.territory_id,
        person=person,
        volunteer=volunteer,
        defaults={"noted_by": actor.name[:120], "at": clock.now()},
    )
    if created:
        record(events.KEPT_APART, actor=actor, about=[person])
        for offer in Offer.objects.filter(
            need__person=person, volunteer=volunteer, state__in=WAITING, need__closed_at__isnull=True
        ).order_by("pk"):
            messages.cancel(offer, actor=actor)
            Offer.objects.filter(pk=offer.pk, state__in=WAITING).update(state=Offer.State.CANCELLED)
    return kept


def stop_asking_neighbour(volunteer_id: int, *, actor: Actor) -> int:
    """End every question still open for a neighbour who left; gives how many. Their waves go on without them."""
    open_offers = list(
        Offer.objects.filter(
            volunteer_id=volunteer_id, state__in=WAITING, need__closed_at__isnull=True
        ).order_by("pk")
    )
    for offer in open_offers:
        messages.cancel(offer, actor=actor)
        Offer.objects.filter(pk=offer.pk, state__in=WAITING).update(state=Offer.State.CANCELLED)
    return len(open_offers)
