"""Who may open a register: somebody named in it, now, who promised secrecy. The role opens nothing by itself (REG-13)."""

from palier.accounts.actor import Actor
from palier.register.models import Designation, Register, Undertaking


def is_designated(actor: Actor, register_id: int | None = None) -> bool:
    """Named in this register, or in any."""
    if not actor.is_desk or actor.membership_id is None:
        return False
    named = Designation.objects.live().filter(membership_id=actor.membership_id)
    return (named if register_id is None else named.filter(register_id=register_id)).exists()


def has_promised(actor: Actor) -> bool:
    return (
        actor.membership_id is not None
        and Undertaking.objects.valid().filter(membership_id=actor.membership_id).exists()
    )


def may_open_any(actor: Actor) -> bool:
    """The pages of the registers: whoever is named in one, promised or not yet."""
    return is_designated(actor)


def may_read(actor: Actor, register_id: int) -> bool:
    """Recording, processing, keeping, changing: the same people (R121-7)."""
    return actor.is_ours or (is_designated(actor, register_id) and has_promised(actor))


def may_administer(actor: Actor) -> bool:
    """Naming people, the notice, the settings: what the head of service does, who sees no entry by it."""
    return actor.grants_compartments or actor.is_ours


def may_see_the_list(actor: Actor) -> bool:
    """Which registers there are."""
    return may_administer(actor) or is_designated(actor)


def may_raise_alert(actor: Actor) -> bool:
    return actor.coordinates or actor.is_ours


def may_read_register(actor: Actor, register: Register) -> bool:
    return may_read(actor, register.pk)
