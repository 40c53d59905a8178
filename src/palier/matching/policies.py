"""Who may ask neighbours, and who may answer for one."""

from palier.accounts.actor import Actor
from palier.matching.models import Offer
from palier.messaging.models import Inbound
from palier.needs.models import Need


def may_see_candidates(actor: Actor, need: Need) -> bool:
    return (actor.is_desk or actor.is_ours) and actor.territory_id == need.territory_id


def may_send_wave(actor: Actor, need: Need) -> bool:
    """A human of the desk chooses or confirms who is asked; no job ever starts asking by itself (GDP-26)."""
    return actor.is_desk and actor.membership_id is not None and actor.territory_id == need.territory_id


def may_answer(actor: Actor, offer: Offer) -> bool:
    """The neighbour for themself, the desk for a yes said aloud, the message gateway for a text message."""
    if actor.territory_id != offer.territory_id:
        return False
    if actor.kind == "neighbour":
        return actor.volunteer_id == offer.volunteer_id
    return actor.is_desk or actor.is_ours


def may_cancel_asking(actor: Actor, need: Need) -> bool:
    return (actor.is_desk or actor.is_ours) and actor.territory_id == need.territory_id


def may_keep_apart(actor: Actor) -> bool:
    return actor.is_desk


def may_see_kept_apart(actor: Actor) -> bool:
    """Who she does not want is a delicate thing: the coordination sees the name, others that there is one."""
    return actor.coordinates


def may_read_inbound(actor: Actor, inbound: Inbound) -> bool:
    return actor.is_desk and actor.territory_id == inbound.territory_id
