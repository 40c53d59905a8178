"""Who may do what with a visit: the neighbour with their own, the desk with all, jobs and checked machines."""

from palier.accounts.actor import Actor
from palier.visits.models import Visit


def is_theirs(actor: Actor, visit: Visit) -> bool:
    return (
        actor.kind == "neighbour"
        and actor.territory_id == visit.territory_id
        and actor.volunteer_id == visit.volunteer_id
    )


def may_withdraw(actor: Actor, visit: Visit) -> bool:
    return is_theirs(actor, visit) or (actor.is_desk and actor.territory_id == visit.territory_id)


def may_cancel(actor: Actor, visit: Visit) -> bool:
    return (actor.is_desk or actor.is_ours) and actor.territory_id == visit.territory_id


def may_prove(actor: Actor, visit: Visit) -> bool:
    return is_theirs(actor, visit) or may_cancel(actor, visit)


def may_say_not_done(actor: Actor, visit: Visit) -> bool:
    return actor.is_desk and actor.territory_id == visit.territory_id


def may_report(actor: Actor, visit: Visit) -> bool:
    """The neighbour's own words; the desk writes them down when he telephones."""
    return is_theirs(actor, visit) or (actor.is_desk and actor.territory_id == visit.territory_id)


def may_note_feedback(actor: Actor, visit: Visit) -> bool:
    return may_cancel(actor, visit)
