"""Who may report a concern, and who may close one."""

from palier.accounts.actor import Actor
from palier.concerns.models import Concern


def may_open(actor: Actor) -> bool:
    """Anybody who works with our people, a neighbour from their page included: reporting is never refused."""
    return actor.kind == "neighbour" or actor.is_ours or actor.kind == "member"


def may_add(actor: Actor, concern: Concern) -> bool:
    return (actor.is_desk or actor.is_ours) and actor.territory_id == concern.territory_id


def may_close(actor: Actor, concern: Concern) -> bool:
    """Saying that nobody needs to worry any more is for whoever coordinates."""
    return (actor.coordinates or actor.is_ours) and actor.territory_id == concern.territory_id
