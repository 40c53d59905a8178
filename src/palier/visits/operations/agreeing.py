"""Planned by a yes, reminded the day before, taken back, called off."""

from datetime import time, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.duties.models import Kind as DutyKind
from palier.duties.operations import open_duty
from palier.duties.queries import owner_of
from palier.journal import live
from palier.kernel import clock
from palier.kernel.errors import NotAllowed, NotPossibleNow
from palier.matching import links
from palier.matching.models import Offer
from palier.matching.operations import ask_again, release_offer
from palier.needs.models import Need
from palier.needs.operations import set_state
from palier.visits import events, policies, queries
from palier.visits.models import Visit
from palier.visits.operations.proving import grace
from palier.visits.operations.recording import each, end, locked, locked_or_left, record_visit, text_neighbour

REMINDER_HOUR = time(17)


@transaction.atomic
def plan_visit(offer_id: int, *, actor: Actor) -> Visit:
    """Make the visit of an accepted offer, once; the need is agreed, and somebody follows it."""
    offer = queries.offer_to_plan(offer_id)
    need = offer.need
    if offer.state != Offer.State.ACCEPTED:
        raise NotPossibleNow(_("Ce voisin n’a pas dit oui."))
    if (made := Visit.objects.filter(offer=offer).first()) is not None:
        return made
    now = clock.now()
    visit = Visit.objects.create(
        territory_id=offer.territory_id,
        need=need,
        person=need.person,
        volunteer=offer.volunteer,
        offer=offer,
        starts_at=need.starts_at,
        ends_at=need.ends_at,
        is_flexible=need.is_flexible,
        minutes=need.minutes,
        agreed_at=now,
    )
    owner_id = owner_of(need, named=need.owner_id)
    set_state(need, Need.State.AGREED, actor=actor)
    open_duty(
        visit,
        kind=DutyKind.FOLLOW_VISIT,
        due_at=visit.ends_at + grace(visit),
        owner_id=owner_id,
        person_id=need.person_id,
        actor=actor,
    )
    links.link_for(offer)
    links.set_expiry(offer, queries.address_until(visit))
    record_visit(events.VISIT_PLANNED, visit, actor=actor)
    if offer.answered_how != Offer.How.LINK:
        # Who said yes aloud or by SMS has not seen the page yet.
        text_neighbour(visit, "confirmed", "visit_confirmed", with_link=True, priority=1, actor=actor)
    live.publish(visit.territory_id, "visits.visit", visit.pk)
    return visit


@transaction.atomic
def withdraw(visit_id: int, *, actor: Actor, reason: str = "") -> Visit:
    """The neighbour cannot come after all: the next neighbours are asked at once, and the agent is told by a duty.

    Saying it twice changes nothing.
    """
    visit = locked(visit_id)
    if not policies.may_withdraw(actor, visit):
        raise NotAllowed
    if visit.state == Visit.State.WITHDRAWN:
        return visit
    if visit.ends_at <= clock.now() and not actor.is_desk:
        raise NotPossibleNow(
            _(
                "L’heure de la visite est passée. Dites-nous plutôt comment elle s’est passée, ou appelez-nous."
            )
        )
    need = visit.need
    owner_id = owner_of(need, visit, named=need.owner_id)
    end(visit, Visit.State.WITHDRAWN, actor=actor)
    release_offer(visit.offer_id, state=Offer.State.WITHDRAWN, actor=actor)
    links.set_expiry(visit.offer, clock.now() + links.KIND_WORDS)
    set_state(need, Need.State.ASKING, actor=actor)
    record_visit(events.VISIT_WITHDRAWN, visit, actor=actor, reason=reason[:200])
    text_neighbour(visit, "withdrawn", "withdrawn_thanks", actor=actor)
    ask_again(need.pk, actor=actor)
    open_duty(
        need,
        kind=DutyKind.FIND_SOMEBODY,
        due_at=clock.now(),
        owner_id=owner_id,
        person_id=need.person_id,
        label=_("Le voisin s’est retiré : prévenir la personne"),
        actor=actor,
    )
    live.publish(visit.territory_id, "visits.visit", visit.pk)
    return visit


@transaction.atomic
def cancel(visit_id: int, *, actor: Actor, reason: str = "") -> Visit:
    """The desk calls the visit off: the neighbour is told not to come, the need is to be proposed again if still open."""
    visit = locked(visit_id)
    if not policies.may_cancel(actor, visit):
        raise NotAllowed
    if visit.state == Visit.State.CANCELLED:
        return visit
    need = visit.need
    end(visit, Visit.State.CANCELLED, actor=actor)
    release_offer(visit.offer_id, state=Offer.State.CANCELLED, actor=actor)
    links.set_expiry(visit.offer, max(clock.now(), visit.ends_at) + links.KIND_WORDS)
    if need.closed_at is None:
        set_state(need, Need.State.TO_PROPOSE, due_at=clock.now(), actor=actor)
    record_visit(events.VISIT_CANCELLED, visit, actor=actor, reason=reason[:200])
    if visit.ends_at > clock.now():
        # Somebody may already have a coat on: before the ordinary messages, and useless once the visit is over.
        text_neighbour(
            visit, "cancelled", "need_cancelled", priority=1, expires_at=visit.ends_at, actor=actor
        )
    live.publish(visit.territory_id, "visits.visit", visit.pk)
    return visit


def remind_due(*, actor: Actor) -> int:
    """The evening before, at five: who goes is reminded. Not who said yes after that hour, not who withdrew meanwhile."""
    now = clock.now()
    soon = Visit.objects.filter(
        state=Visit.State.PLANNED,
        reminded_at__isnull=True,
    ).filter(
        Q(is_flexible=False, starts_at__gt=now, starts_at__lte=now + timedelta(hours=33))
        | Q(is_flexible=True, ends_at__gt=now, ends_at__lte=now + timedelta(hours=50))
    )
    return each(soon, remind, actor=actor)


@transaction.atomic
def remind(visit_id: int, *, actor: Actor) -> bool:
    """Remind one neighbour if it is time; the visit's need is locked, as a withdrawal locks it: one of both is first."""
    visit = locked_or_left(visit_id)
    if visit is None or visit.state != Visit.State.PLANNED or visit.reminded_at is not None:
        return False
    due, day = queries.reminder_time(visit, REMINDER_HOUR)
    now = clock.now()
    if now < due or visit.agreed_at >= due or now >= day:
        return False
    visit.reminded_at = now
    visit.save(update_fields=["reminded_at"])
    # « Demain » is no longer true after midnight: a reminder that could not leave before is not sent.
    text_neighbour(visit, "tomorrow", "visit_tomorrow", with_link=True, expires_at=day, actor=actor)
    record_visit(events.VISIT_REMINDED, visit, actor=actor)
    return True
