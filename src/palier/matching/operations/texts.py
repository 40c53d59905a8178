"""A text message that comes in, understood as the answer to the last question, or left to a person."""

from django.db import transaction

from palier.accounts.actor import Actor
from palier.duties.models import Kind as DutyKind
from palier.duties.operations import open_duty, settle_duties
from palier.duties.queries import owner_of
from palier.journal.operations import record
from palier.kernel import clock
from palier.kernel.errors import NotAllowed, NotPossibleNow
from palier.matching import events, policies, queries, replies
from palier.matching.models import Offer
from palier.matching.operations.answering import answer_offer
from palier.messaging import operations as messages
from palier.messaging.models import Inbound
from palier.needs.models import Need


@transaction.atomic
def read_inbound(inbound: Inbound, *, actor: Actor) -> Offer | None:
    """Understand a text message as the answer to the last question its sender was asked.

    « OUI », « oui merci », « NON désolé » answer it; a « non » after a yes takes the yes back. An answer to a question
    that is over is thanked, once. Anything else, or a sender who was asked nothing, goes to the desk as an open
    message with a duty: never guessed.
    """
    inbound = Inbound.objects.select_for_update(of=("self",), no_key=True).get(pk=inbound.pk)
    if inbound.understood_as:
        return None
    answer = replies.understand(inbound.body)
    offer = queries.latest_question(inbound.sender)
    asked = offer or queries.question_over(inbound.sender)
    if answer is not None and asked is not None and _changes_nothing(asked, answer):
        if answer:
            _say_over(asked, actor=actor)
        _understood(inbound, answer, actor=actor)
        return None
    if answer is None or offer is None:
        _leave_to_the_desk(inbound, offer, actor=actor)
        return None
    neighbour = Actor.neighbour(offer.volunteer_id, offer.volunteer.full_name, offer.territory_id)
    try:
        with transaction.atomic():
            if offer.state == Offer.State.ACCEPTED and not answer:
                record(
                    events.OFFER_TAKEN_BACK,
                    actor=neighbour,
                    about=[offer, offer.need.person, offer.volunteer],
                    need=offer.need_id,
                    offer=offer.pk,
                    how=Offer.How.SMS,
                    volunteer=offer.volunteer.full_name,
                )
                offer.refresh_from_db()
            else:
                offer = answer_offer(offer.pk, yes=answer, how=Offer.How.SMS, actor=neighbour)
    except NotPossibleNow:
        _leave_to_the_desk(inbound, offer, actor=actor)
        return None
    _understood(inbound, answer, actor=actor)
    return offer


@transaction.atomic
def settle_inbound(inbound_id: int, *, actor: Actor) -> Inbound:
    """Somebody of the desk read a text that was not understood, and did what it asked for. Twice is once."""
    inbound = Inbound.objects.select_for_update(of=("self",), no_key=True).get(pk=inbound_id)
    if not policies.may_read_inbound(actor, inbound):
        raise NotAllowed
    if inbound.closed_at is None:
        inbound.closed_at = clock.now()
        inbound.save(update_fields=["closed_at"])
        settle_duties(inbound, actor=actor)
    return inbound


def _changes_nothing(offer: Offer, answer: bool) -> bool:
    """A « no » to a question taken back, or any answer once the need is over and this neighbour has no visit.

    A « yes » to a question taken back while the need is still open is another matter: the desk may want it.
    """
    need = offer.need
    if need.closed_at is not None or need.state == Need.State.REFERRED or need.ends_at <= clock.now():
        return offer.state not in (Offer.State.ACCEPTED, Offer.State.WITHDRAWN)
    return not answer and offer.state == Offer.State.CANCELLED


def _say_over(offer: Offer, *, actor: Actor) -> None:
    messages.post(
        f"over:{offer.pk}",
        to=offer.volunteer.phone,
        template="offer_over",
        context={"first_name": offer.volunteer.first_name},
        about=offer,
        person_id=offer.need.person_id,
        volunteer_id=offer.volunteer_id,
        actor=actor,
    )


def _understood(inbound: Inbound, answer: bool, *, actor: Actor) -> None:
    inbound.understood_as = "yes" if answer else "no"
    inbound.closed_at = clock.now()
    inbound.save(update_fields=["understood_as", "closed_at"])
    settle_duties(inbound, actor=actor)


def _leave_to_the_desk(inbound: Inbound, offer: Offer | None, *, actor: Actor) -> None:
    """Somebody reads it; a neighbour we asked something is told so, once."""
    inbound.understood_as = "unclear"
    inbound.save(update_fields=["understood_as"])
    open_duty(
        inbound,
        kind=DutyKind.MEND_MESSAGE,
        due_at=clock.now(),
        owner_id=owner_of(offer.need, named=offer.need.owner_id) if offer else None,
        person_id=offer.need.person_id if offer else None,
        actor=actor,
    )
    if offer is not None:
        messages.post(
            f"not_understood:{inbound.pk}",
            to=inbound.sender,
            template="not_understood",
            context={"first_name": offer.volunteer.first_name},
            about=inbound,
            volunteer_id=offer.volunteer_id,
            actor=actor,
        )
