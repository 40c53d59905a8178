"""Who may take down a request about somebody's own data, answer it, erase, and read the access log."""

from palier.accounts.actor import Actor
from palier.privacy.models import RightsRequest


def may_take_down(actor: Actor) -> bool:
    """Whoever picks up the telephone: a request made to an agent counts from that day."""
    return actor.is_desk or actor.is_ours


def may_answer(actor: Actor, request: RightsRequest | None = None) -> bool:
    """Copies, corrections and refusals commit the organisation: for whoever coordinates."""
    here = request is None or request.territory_id == actor.territory_id
    return here and (actor.coordinates or actor.is_ours)


def may_set(actor: Actor) -> bool:
    return actor.administers or actor.is_ours


def may_read_accesses(actor: Actor) -> bool:
    """Who opened what is for security, for the persons concerned and for nobody's productivity (GDP-10)."""
    return actor.administers
