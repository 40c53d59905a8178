"""Who may change a person's file."""

from palier.accounts.actor import Actor


def may_create(actor: Actor) -> bool:
    return actor.is_desk or actor.is_ours


def may_change(actor: Actor) -> bool:
    return actor.is_desk or actor.is_ours


def may_note_consent(actor: Actor) -> bool:
    """What she agreed to is written down by somebody who heard her, or by an import that has the paper."""
    return actor.is_desk or actor.is_ours


def may_search(actor: Actor) -> bool:
    return actor.is_desk or actor.is_ours
