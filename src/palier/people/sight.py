"""Who sees whom, for statements written by hand: the words of `Person.objects.visible_to` in SQL.

A statement that shows anything of a person joins her row, named `p`, with `SEEN`, and passes `values(actor)`. Nobody
learns a name through a side door: somebody without the grant finds a call from an unknown number, and no row.
"""

from typing import Any

from palier.accounts.actor import Actor
from palier.kernel import clock

_SEEN = """({p}.merged_into_id is null and (%(sees_all)s or {p}.is_followed or exists (
  select 1 from people_confined kept join people_compartmentgrant entered on entered.compartment_id = kept.compartment_id
  where kept.person_id = {p}.id and entered.membership_id = %(seen_by)s and entered.starts_at <= %(seen_at)s
    and (entered.ends_at is null or entered.ends_at > %(seen_at)s))))"""


def seen(alias: str = "p") -> str:
    """The condition on a row of people_person of that name."""
    return _SEEN.replace("{p}", alias)


def values(actor: Actor) -> dict[str, Any]:
    """What the condition asks: who looks, and when. Meant for the desk and for our own work."""
    return {
        "sees_all": actor.is_ours,
        "seen_by": actor.membership_id if actor.is_desk else None,
        "seen_at": clock.now(),
    }
