"""Who may bring a whole list of people in, or take one out: those who answer for the service."""

from palier.accounts.actor import Actor


def may_import(actor: Actor) -> bool:
    return actor.coordinates or actor.is_ours


def may_export(actor: Actor) -> bool:
    return actor.coordinates or actor.is_ours
