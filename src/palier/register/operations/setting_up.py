"""Opening a register, saying what it is for, writing its notice, ending it."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.journal.operations import record
from palier.kernel import clock, typed
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.kernel.text import fold
from palier.people.operations import open_compartment
from palier.register import events, policies
from palier.register.models import BLOCKS, Enrolment, Notice, Register
from palier.register.operations.changing import take_out
from palier.territories.models import Territory

_LINES = {
    "name": 120,
    "purpose": 500,
    "legal_basis": 300,
    "retention": 300,
    "signatory_name": 120,
    "signatory_role": 120,
    "signatory_authority": 120,
}
_NEEDED = {"name", "purpose", "legal_basis", "retention"}
# What the law fixes for the statutory register is not the town's to change.
_FIXED = {"purpose", "legal_basis", "retention"}
CHANGEABLE = frozenset({*_LINES, "sender_address", "objection_days", "keep_days"})
# What another register may hold of R121-4's list: the person herself, and whom to warn.
_ORDINARY = ("last_name", "first_names", "birth_on", "address", "phone", "to_warn", "requested_on")


@transaction.atomic
def open_register(
    *,
    kind: str,
    name: str,
    purpose: str,
    legal_basis: str,
    retention: str,
    keep_days: int | None = None,
    actor: Actor,
) -> Register:
    """Begin another register, for a purpose of its own; it takes nobody before its notice is published (REG-24)."""
    if not policies.may_administer(actor):
        raise NotAllowed
    typed.one_of("kind", kind, set(Register.Kind.values) - {Register.Kind.STATUTORY})
    values = _lines({"name": name, "purpose": purpose, "legal_basis": legal_basis, "retention": retention})
    Territory.objects.select_for_update(no_key=True).get(pk=actor.territory_id)
    code = fold(values["name"]).replace(" ", "-")[:40]
    if Register.objects.filter(territory_id=actor.territory_id, code=code).exists():
        raise BadInput("name", _("Un registre porte déjà ce nom."), "taken")
    register = Register.objects.create(
        territory_id=actor.territory_id,
        code=code,
        kind=kind,
        fields=list(_ORDINARY),
        keep_days=keep_days,
        compartment=open_compartment(
            name=values["name"],
            code=f"registre_{code}"[:40],
            has_own_clock=True,
            actor=Actor.job("register.open", actor.territory_id),
        ),
        opened_at=clock.now(),
        **values,
    )
    Notice.objects.create(territory_id=actor.territory_id, register=register, version=1)
    record(events.REGISTER_OPENED, actor=actor, about=[register], kind=kind)
    return register


@transaction.atomic
def change_register(register_id: int, *, actor: Actor, **fields: Any) -> Register:
    """Change the named settings and no other."""
    if unknown := set(fields) - CHANGEABLE:
        raise TypeError(f"change_register does not know {sorted(unknown)}")
    register = _locked(register_id, actor)
    values: dict[str, Any] = _lines({name: value for name, value in fields.items() if name in _LINES})
    if register.is_statutory and any(
        name in _FIXED and value != getattr(register, name) for name, value in values.items()
    ):
        raise BadInput(
            "purpose", _("La loi fixe à quoi sert ce registre : ce texte ne se change pas ici."), "fixed"
        )
    if "sender_address" in fields:
        values["sender_address"] = typed.text("sender_address", fields["sender_address"], 300)
    if "objection_days" in fields:
        if not 8 <= (fields["objection_days"] or 0) <= 60:
            raise BadInput("objection_days", _("Entre 8 et 60 jours."), "range")
        values["objection_days"] = fields["objection_days"]
    if "keep_days" in fields:
        values["keep_days"] = fields["keep_days"]
    changed = {name: value for name, value in values.items() if getattr(register, name) != value}
    if changed:
        for name, value in changed.items():
            setattr(register, name, value)
        register.save(update_fields=list(changed))
        record(events.REGISTER_CHANGED, actor=actor, about=[register], fields=sorted(changed))
    return register


@transaction.atomic
def draft_notice(register_id: int, *, actor: Actor, **blocks: str) -> Notice:
    """Write the next version of the notice; nobody reads it before it is published."""
    register = _locked(register_id, actor)
    values = {name: typed.text(name, blocks.get(name, ""), 2000) for name in BLOCKS}
    draft = Notice.objects.filter(register=register, published_at__isnull=True).first()
    if draft is None:
        last = Notice.objects.filter(register=register).order_by("-version").first()
        draft = Notice(
            territory_id=actor.territory_id, register=register, version=last.version + 1 if last else 1
        )
    for name, value in values.items():
        setattr(draft, name, value)
    draft.save()
    return draft


@transaction.atomic
def publish_notice(register_id: int, *, actor: Actor) -> Notice:
    """The draft becomes what people are told from now on; refused while one of the five parts is empty (REG-01)."""
    register = _locked(register_id, actor)
    draft = Notice.objects.filter(register=register, published_at__isnull=True).first()
    if draft is None:
        raise NotPossibleNow(_("Il n’y a pas de nouvelle notice à publier."))
    for name, value in draft.blocks.items():
        if not value.strip():
            raise BadInput(
                name, _("Cette partie est obligatoire : la notice se publie avec les cinq."), "required"
            )
    draft.published_at, draft.published_by = clock.now(), actor.name[:120]
    draft.save(update_fields=["published_at", "published_by"])
    record(events.NOTICE_PUBLISHED, actor=actor, about=[register], version=draft.version)
    return draft


@transaction.atomic
def end_register(register_id: int, *, actor: Actor) -> Register:
    """A drive or a list that is over: everybody is taken out. The statutory register does not end."""
    register = _locked(register_id, actor)
    if register.is_statutory:
        raise NotPossibleNow(_("Le registre de la loi ne se termine pas."))
    if register.ended_at is not None:
        return register
    register.ended_at = clock.now()
    register.save(update_fields=["ended_at"])
    entries = list(
        Enrolment.objects.present().filter(register=register).order_by("pk").select_for_update(no_key=True)
    )
    for enrolment in entries:
        take_out(enrolment, Enrolment.Reason.ENDED, actor=actor)
    record(events.REGISTER_ENDED, actor=actor, about=[register], count=len(entries))
    return register


def _locked(register_id: int, actor: Actor) -> Register:
    if not policies.may_administer(actor):
        raise NotAllowed
    registers = Register.objects.filter(territory_id=actor.territory_id)
    return registers.select_for_update(of=("self",), no_key=True).get(pk=register_id)


def _lines(fields: dict[str, str]) -> dict[str, str]:
    values = {name: typed.line(name, value, _LINES[name]) for name, value in fields.items()}
    for name in _NEEDED & set(values):
        if not values[name]:
            raise BadInput(name, _("Écrivez quelques mots : c’est obligatoire."), "required")
    return values
