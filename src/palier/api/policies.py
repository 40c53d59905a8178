"""Who connects the machines of others."""

from palier.accounts.actor import Actor


def may_keep_endpoints(actor: Actor) -> bool:
    return actor.administers or actor.kind == "job"
