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


def may_open_compartment(actor: Actor) -> bool:
    return actor.grants_compartments or actor.is_ours


def may_grant(actor: Actor) -> bool:
    """Heads say who may enter the files that are kept apart; a head enters them with a grant like everybody."""
    return actor.grants_compartments or actor.is_ours
