"""Who may take, give or acknowledge a duty."""

from palier.accounts.actor import Actor
from palier.duties.models import Duty


def may_see(actor: Actor, duty: Duty) -> bool:
    return actor.is_ours or (actor.kind == "member" and actor.organisation_id == duty.organisation_id)


def may_take(actor: Actor, duty: Duty) -> bool:
    return actor.is_desk and may_see(actor, duty)


def may_give(actor: Actor, duty: Duty) -> bool:
    """The owner hands on their own; whoever coordinates hands on anybody's."""
    if not may_take(actor, duty):
        return False
    return actor.coordinates or duty.owner_id in (None, actor.membership_id)
