"""Who may change a person's file."""

from palier.accounts.actor import Actor
from palier.accounts.models import Role

DESK_ROLES = (Role.AGENT, Role.COORDINATOR, Role.HEAD)


def may_create(actor: Actor) -> bool:
    return actor.is_desk or actor.is_ours


def may_change(actor: Actor) -> bool:
    return actor.is_desk or actor.is_ours


def may_note_consent(actor: Actor) -> bool:
    """What she agreed to is written down by somebody who heard her, or by an import that has the paper."""
    return actor.is_desk or actor.is_ours


def may_search(actor: Actor) -> bool:
    return actor.is_desk or actor.is_ours


def may_join(actor: Actor) -> bool:
    """Two files that the actor sees become one, or are said to be of two people."""
    return actor.is_desk or actor.is_ours


def may_reset_learning(actor: Actor) -> bool:
    return actor.coordinates or actor.is_ours


def may_open_compartment(actor: Actor) -> bool:
    return actor.grants_compartments or actor.is_ours


def may_grant(actor: Actor) -> bool:
    """Heads say who may enter the files that are kept apart; a head enters them with a grant like everybody."""
    return actor.grants_compartments or actor.is_ours


def may_lift_do_not_contact(actor: Actor) -> bool:
    """Everybody of the desk may protect somebody; to call again is for the coordination to say."""
    return actor.coordinates


def may_write_confidential(actor: Actor) -> bool:
    return actor.is_desk or actor.is_ours


def may_withdraw_note(actor: Actor, author_id: int | None) -> bool:
    return actor.coordinates or (author_id is not None and author_id == actor.membership_id)


def may_see_who_opened(actor: Actor) -> bool:
    """Who opened a file is for the head of service to read (GDP-10)."""
    return actor.grants_compartments
