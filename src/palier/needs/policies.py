"""Who may open, change and close a need."""

from palier.accounts.actor import Actor
from palier.needs.models import Need


def may_open(actor: Actor) -> bool:
    return actor.is_desk or actor.is_ours


def may_change(actor: Actor, need: Need) -> bool:
    return (actor.is_desk or actor.is_ours) and actor.territory_id == need.territory_id


def may_close(actor: Actor, need: Need) -> bool:
    return may_change(actor, need)
