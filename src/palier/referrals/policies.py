"""Who hands a need over, and who answers for the partner."""

from palier.accounts.actor import Actor
from palier.needs.models import Need
from palier.referrals.models import Referral


def may_propose(actor: Actor, need: Need) -> bool:
    return actor.is_desk and actor.territory_id == need.territory_id


def may_answer(actor: Actor, referral: Referral) -> bool:
    """The partner's own members, or the desk when the partner answered by telephone."""
    if actor.territory_id != referral.territory_id:
        return False
    if actor.is_desk or actor.is_ours:
        return True
    return actor.kind == "member" and actor.organisation_id == referral.service.organisation_id


def may_withdraw(actor: Actor, referral: Referral) -> bool:
    return (actor.is_desk or actor.is_ours) and actor.territory_id == referral.territory_id
