"""Who may announce, answer, log and plan calls."""

from palier.accounts.actor import Actor
from palier.calls.models import Call


def may_announce(actor: Actor) -> bool:
    """A telephone system whose signature was checked, or the desk's own telephone page."""
    return actor.is_ours or actor.is_desk


def may_write(actor: Actor) -> bool:
    return actor.is_desk or actor.is_ours


def may_log(actor: Actor, call: Call) -> bool:
    return may_write(actor) and actor.territory_id == call.territory_id


def may_undo(actor: Actor, call: Call) -> bool:
    """Whoever logged it, or whoever coordinates."""
    if not may_log(actor, call):
        return False
    return actor.coordinates or actor.is_ours or call.logged_by_id == actor.membership_id


def may_start(actor: Actor) -> bool:
    return actor.is_desk


def may_plan(actor: Actor) -> bool:
    return actor.is_desk or actor.is_ours
