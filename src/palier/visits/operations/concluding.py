"""What both sides said is weighed, and the thread ends."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.duties.models import Kind as DutyKind
from palier.duties.operations import open_duty
from palier.duties.queries import owner_of
from palier.kernel import clock
from palier.kernel.errors import NotAllowed, NotPossibleNow
from palier.needs.models import Need
from palier.needs.operations import close_need
from palier.visits.models import Visit
from palier.visits.operations.recording import each, locked_or_left
from palier.visits.states import CONTENT

# A neighbour who says nothing for so long is taken to have nothing to say.
SILENCE = timedelta(hours=48)
# What the owner has to conclude a thread that does not conclude itself.
TO_CONCLUDE = timedelta(days=3)


@transaction.atomic
def conclude(need_id: int, *, outcome: str | None = None, actor: Actor, note: str = "") -> Need:
    """Close a need whose visit took place: met by a neighbour, unless the agent says otherwise."""
    need = Need.objects.get(pk=need_id)
    if not (actor.is_desk or actor.is_ours):
        raise NotAllowed
    if need.state != Need.State.TO_CONCLUDE:
        raise NotPossibleNow(_("Ce besoin n’est pas à conclure."))
    return close_need(need_id, outcome=outcome or Need.Outcome.NEIGHBOUR, note=note, actor=actor)


def conclude_silent(*, actor: Actor) -> int:
    """Close what she is content with and he has said nothing about for two days; hand the rest to its owner."""
    quiet = Visit.objects.filter(
        state=Visit.State.DONE,
        need__state=Need.State.TO_CONCLUDE,
        neighbour_says="",
        proved_at__lte=clock.now() - SILENCE,
    ).exclude(person_says="")
    return each(quiet, weigh, actor=actor)


@transaction.atomic
def weigh(visit_id: int, *, actor: Actor) -> bool:
    """Close the thread of one visit if all is well; true when it did."""
    visit = locked_or_left(visit_id)
    if visit is None:
        return False
    return conclude_if_heard(visit, actor=actor)


def _owe_conclusion(need: Need, due_at: datetime, owner_id: int | None, *, actor: Actor) -> None:
    open_duty(
        need,
        kind=DutyKind.CLOSE_NEED,
        due_at=due_at,
        owner_id=owner_id,
        person_id=need.person_id,
        actor=actor,
    )


def conclude_if_heard(visit: Visit, *, actor: Actor) -> bool:
    """Both sides are content: the thread closes by itself. Something else was said: its owner concludes, now."""
    need = visit.need
    need.refresh_from_db(fields=["state", "closed_at"])
    if visit.state != Visit.State.DONE or need.state != Need.State.TO_CONCLUDE or visit.proved_at is None:
        return False
    hers, his = visit.person_says, visit.neighbour_says
    has_been_silent = not his and clock.now() >= visit.proved_at + SILENCE
    if hers in CONTENT and (his == "well" or has_been_silent):
        conclude(need.pk, actor=Actor.job("visits.conclude", visit.territory_id))
        return True
    if his == "worried" or (hers and hers not in CONTENT):
        _owe_conclusion(need, clock.now(), owner_of(need, named=need.owner_id), actor=actor)
    return False
