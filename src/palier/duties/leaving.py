"""When somebody leaves: their open duties go to their deputy, else back to the team, in the same transaction."""

from datetime import timedelta

from django.db import transaction

from palier.accounts import operations as accounts
from palier.accounts.actor import Actor
from palier.accounts.models import Membership
from palier.duties.models import Duty
from palier.duties.operations import climb_minutes, desk_team
from palier.kernel import clock
from palier.territories.models import Team


@transaction.atomic
def leave(membership_id: int, *, actor: Actor) -> int:
    """End a membership and hand over what it owned; gives how many duties found another name."""
    membership = accounts.end_membership(membership_id, actor=actor)
    deputy = (
        Membership.objects.live().filter(pk=membership.deputy_id).first() if membership.deputy_id else None
    )
    team = (
        None
        if deputy
        else Team.objects.filter(organisation_id=membership.organisation_id)
        .order_by("-answers_the_phone", "pk")
        .first()
        or desk_team(actor.territory_id)
    )
    soon = clock.now() + timedelta(minutes=climb_minutes(actor.territory_id))
    Duty.objects.open().filter(raised_to=membership).update(raised_to=None)
    return (
        Duty.objects.open().filter(owner=membership).update(owner=deputy, team=team, level=0, climbs_at=soon)
    )
