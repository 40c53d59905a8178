"""Who may change who works here."""

from palier.accounts.actor import Actor


def may_change_members(actor: Actor) -> bool:
    return actor.administers or actor.is_ours


def may_say_absent(actor: Actor, membership_id: int) -> bool:
    """Everybody for themselves; whoever administers or coordinates for the others."""
    return actor.administers or actor.coordinates or actor.membership_id == membership_id
