"""He came, by the page, the button or a call; or nobody knows, and somebody asks."""

from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.calls.operations import plan_call
from palier.duties.models import Duty
from palier.duties.models import Kind as DutyKind
from palier.duties.operations import open_duty, settle_duties
from palier.duties.queries import owner_of
from palier.journal import live
from palier.kernel import clock
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.matching import links
from palier.matching.models import Offer
from palier.matching.operations import release_offer
from palier.messaging import operations as messages
from palier.needs.models import Need
from palier.needs.operations import set_state
from palier.visits import events, policies, queries
from palier.visits.models import Visit
from palier.visits.operations.concluding import TO_CONCLUDE
from palier.visits.operations.recording import each, end, locked, locked_or_left, record_visit

# Somebody may ring a little before the hour.
EARLY = timedelta(minutes=30)
# A clock that runs a little fast is no lie about the future.
AHEAD = timedelta(minutes=5)
# The desk calls her back in the morning, when she is up and the day is long.
FEEDBACK_HOUR = time(10)


@transaction.atomic
def prove(visit_id: int, *, how: str, came_at: datetime | None = None, actor: Actor) -> Visit:
    """The visit took place, as his page, the telecare button or a call says. The first proof holds, others are noted.

    She is then owed a call (« comment ça s’est passé ? »), and the need is to be concluded.
    """
    if how not in Visit.Proof.values:
        raise BadInput("how", _("Dites comment on sait que la visite a eu lieu."), "unknown_choice")
    visit = locked(visit_id)
    if not policies.may_prove(actor, visit):
        raise NotAllowed
    now = clock.now()
    # Told by telephone the day after, it took place in its window at the latest.
    came = came_at or (min(now, visit.ends_at) if how == Visit.Proof.CALL else now)
    if came > now + AHEAD:
        raise BadInput("came_at", _("Cette heure n’est pas encore passée."), "in_the_future")
    if visit.state == Visit.State.DONE:
        return _note_second_proof(visit, how, came, actor=actor)
    if visit.state != Visit.State.PLANNED:
        raise NotPossibleNow(_("Cette visite n’est plus prévue."))
    if came < visit.starts_at - EARLY:
        raise NotPossibleNow(_("Cette visite n’a pas encore commencé."))
    need = visit.need
    owner_id = owner_of(need, visit, named=need.owner_id)
    visit.proof, visit.proved_at, visit.came_at = how, now, came
    end(visit, Visit.State.DONE, actor=actor, also=["proof", "proved_at", "came_at"])
    messages.cancel(visit.offer, actor=actor)
    set_state(need, Need.State.TO_CONCLUDE, due_at=now + TO_CONCLUDE, actor=actor)
    # Done when he was there, not when we heard of it.
    Need.objects.filter(pk=need.pk).update(done_at=came)
    record_visit(events.VISIT_PROVED, visit, actor=actor, how=how, came_at=came.isoformat())
    plan_call(
        person_id=visit.person_id,
        why="feedback",
        due_at=queries.next_working_moment(visit.territory_id, now, FEEDBACK_HOUR),
        about=_("Comment s’est passée la visite ?"),
        need_id=need.pk,
        owner_id=owner_id,
        # A neighbour's proof owes the call; planning calls is not a neighbour's to do.
        actor=Actor.job("visits.feedback", visit.territory_id),
    )
    live.publish(visit.territory_id, "visits.visit", visit.pk)
    return visit


@transaction.atomic
def not_done(visit_id: int, *, actor: Actor, reason: str = "") -> Visit:
    """Nobody came: the need is to be proposed again, now."""
    visit = locked(visit_id)
    if not policies.may_say_not_done(actor, visit):
        raise NotAllowed
    if visit.state == Visit.State.NOT_DONE:
        return visit
    end(visit, Visit.State.NOT_DONE, actor=actor)
    release_offer(visit.offer_id, state=Offer.State.CANCELLED, actor=actor)
    links.set_expiry(visit.offer, clock.now())
    set_state(visit.need, Need.State.TO_PROPOSE, due_at=clock.now(), actor=actor)
    record_visit(events.VISIT_NOT_DONE, visit, actor=actor, reason=reason[:200])
    live.publish(visit.territory_id, "visits.visit", visit.pk)
    return visit


def miss_due(*, actor: Actor) -> int:
    """Visits whose time is over without a proof become a duty of their owner."""
    known = Duty.objects.open().filter(
        subject_kind="visits.visit", subject_id=OuterRef("pk"), kind=DutyKind.PROVE_VISIT
    )
    over = Visit.objects.filter(state=Visit.State.PLANNED, ends_at__lte=clock.now()).exclude(Exists(known))
    return each(over, miss, actor=actor)


@transaction.atomic
def miss(visit_id: int, *, actor: Actor) -> bool:
    """Ask the owner to find out whether one visit took place, the territory's minutes of grace after its window."""
    visit = locked_or_left(visit_id)
    if visit is None or visit.state != Visit.State.PLANNED or clock.now() < visit.ends_at + grace(visit):
        return False
    owner_id = owner_of(visit, visit.need, named=visit.need.owner_id)
    open_duty(
        visit,
        kind=DutyKind.PROVE_VISIT,
        due_at=clock.now(),
        owner_id=owner_id,
        person_id=visit.person_id,
        actor=actor,
    )
    settle_duties(visit, kinds=[DutyKind.FOLLOW_VISIT], actor=actor)
    record_visit(events.VISIT_UNPROVED, visit, actor=actor)
    live.publish(visit.territory_id, "visits.visit", visit.pk)
    return True


def _note_second_proof(visit: Visit, how: str, came: datetime, *, actor: Actor) -> Visit:
    if how == Visit.Proof.TELECARE == visit.proof:
        # The button is pressed on coming and on leaving, and told in any order: the earlier press is the coming.
        if visit.came_at is not None and came < visit.came_at:
            visit.came_at = came
            visit.save(update_fields=["came_at"])
            Need.objects.filter(pk=visit.need_id, done_at__gt=came).update(done_at=came)
    elif how != visit.proof:
        record_visit(events.VISIT_PROVED_AGAIN, visit, actor=actor, how=how, came_at=came.isoformat())
    return visit


def grace(visit: Visit) -> timedelta:
    return timedelta(minutes=visit.territory.proof_grace_minutes)
