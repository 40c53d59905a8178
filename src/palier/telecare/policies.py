"""Who may tell us of events, and who settles those that need a look."""

from palier.accounts.actor import Actor
from palier.telecare.models import Event


def may_tell(actor: Actor, organisation_id: int) -> bool:
    """The operator's own machine, whose signature was checked; or our own code."""
    if actor.kind == "machine":
        return actor.organisation_id == organisation_id
    return actor.kind == "job"


def may_settle(actor: Actor, event: Event) -> bool:
    return actor.is_desk and actor.territory_id == event.territory_id
