"""Who may enrol, vet, change and end a neighbour."""

from palier.accounts.actor import Actor


def may_enrol(actor: Actor) -> bool:
    return actor.is_desk or actor.is_ours


def may_vet(actor: Actor) -> bool:
    """The checks are made by somebody who sat in front of the neighbour."""
    return actor.is_desk or actor.is_ours


def may_welcome(actor: Actor) -> bool:
    return actor.is_desk or actor.is_ours


def may_change(actor: Actor) -> bool:
    return actor.is_desk or actor.is_ours


def may_end(actor: Actor) -> bool:
    """Saying goodbye to a neighbour is for whoever coordinates."""
    return actor.coordinates or actor.is_ours
