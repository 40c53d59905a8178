"""Who keeps the list of what partners take over."""

from palier.accounts.actor import Actor


def may_keep_services(actor: Actor) -> bool:
    return actor.coordinates or actor.is_ours
