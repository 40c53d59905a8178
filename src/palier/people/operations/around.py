"""Who is around a person, in the order to call them; and who must not be called."""

from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.journal.operations import note_access, record
from palier.kernel import clock, sealing, typed
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.kernel.text import fold
from palier.people import events, policies
from palier.people.models import Contact, Person
from palier.people.operations.checking import locked, reason_of
from palier.people.queries import SEALED_CONTACT
from palier.territories.models import Territory

_CHANGEABLE = {"name", "relation", "note", "phone", "has_key", "is_professional"}


@transaction.atomic
def add_contact(
    person_id: int,
    *,
    name: str,
    relation: str,
    phone: str = "",
    note: str = "",
    has_key: bool = False,
    order: int | None = None,
    is_professional: bool = False,
    actor: Actor,
) -> Contact:
    """Note somebody around a person, last in the order to call unless told; same name and number once."""
    person = locked(person_id, actor=actor)
    if not policies.may_change(actor):
        raise NotAllowed
    values = _values(
        {
            "name": name,
            "relation": relation,
            "phone": phone,
            "note": note,
            "has_key": has_key,
            "is_professional": is_professional,
        },
        actor,
    )
    for known in person.contacts.current():
        if known.phone == values["phone"] and fold(known.name) == fold(values["name"]):
            return known
    _refuse_sealed(person, values["phone"])
    if order is None:
        order = (person.contacts.aggregate(last=Max("order"))["last"] or 0) + 1
    contact = Contact.objects.create(territory_id=actor.territory_id, person=person, order=order, **values)
    record(
        events.CONTACT_ADDED,
        actor=actor,
        about=[person],
        relation=relation,
        contact=contact.pk,
        name=contact.name,
    )
    return contact


@transaction.atomic
def change_contact(contact_id: int, *, actor: Actor, **fields: Any) -> Contact:
    """Change the named fields and no other. Of somebody who is not to be contacted the number cannot be written."""
    if unknown := set(fields) - _CHANGEABLE:
        raise TypeError(f"change_contact does not know {sorted(unknown)}")
    person, contact = _locked(contact_id, actor)
    values = _values(fields, actor)
    if contact.do_not_contact and values.pop("phone", ""):
        raise BadInput(
            "phone", _("Son numéro est gardé fermé : cette personne ne doit pas être contactée."), "sealed"
        )
    _refuse_sealed(person, values.get("phone", ""))
    changed = {name: value for name, value in values.items() if getattr(contact, name) != value}
    if not changed:
        return contact
    for name, value in changed.items():
        setattr(contact, name, value)
    contact.save(update_fields=list(changed))
    record(
        events.CONTACT_CHANGED,
        actor=actor,
        about=[person],
        contact=contact.pk,
        fields=sorted(changed),
        name=contact.name,
    )
    return contact


@transaction.atomic
def move_contact(contact_id: int, *, up: bool, actor: Actor) -> Contact:
    """One place earlier or later among those to call. At the end of the list nothing happens."""
    person, contact = _locked(contact_id, actor)
    line = list(person.contacts.current().order_by("order", "pk"))
    here = next(place for place, one in enumerate(line) if one.pk == contact.pk)
    there = here - 1 if up else here + 1
    if not 0 <= there < len(line):
        return contact
    line[here], line[there] = line[there], line[here]
    for place, one in enumerate(line, start=1):
        if one.order != place:
            one.order = place
            one.save(update_fields=["order"])
    record(events.CONTACTS_ORDERED, actor=actor, about=[person])
    return next(one for one in line if one.pk == contact.pk)


@transaction.atomic
def remove_contact(contact_id: int, *, actor: Actor) -> None:
    """Take somebody from around her: their number goes, their name stays for the lines that tell of them."""
    person, contact = _locked(contact_id, actor)
    if contact.do_not_contact and not policies.may_lift_do_not_contact(actor):
        # Taken away and put back, they would be called again.
        raise NotAllowed
    contact.ended_at, contact.phone, contact.has_key = clock.now(), "", False
    contact.save(update_fields=["ended_at", "phone", "has_key"])
    person.protections.filter(representative=contact, ended_at__isnull=True).update(representative=None)
    record(events.CONTACT_REMOVED, actor=actor, about=[person], contact=contact.pk, name=contact.name)


@transaction.atomic
def do_not_contact(contact_id: int, *, reason: str, actor: Actor) -> Contact:
    """Nobody rings or writes to them any more: the number is closed away, where no screen, letter or round reads it.

    The reason is confidential: it is read with the number, by whoever says why they look.
    """
    person, contact = _locked(contact_id, actor)
    why = typed.text("reason", reason, 500)
    if not why:
        raise BadInput("reason", _("Dites pourquoi. Ce motif reste confidentiel."), "required")
    if contact.do_not_contact:
        return contact
    contact.do_not_contact = True
    contact.sealed_phone = sealing.closed(contact.phone, SEALED_CONTACT) if contact.phone else ""
    contact.sealed_mark = sealing.fingerprints(contact.phone, SEALED_CONTACT)[0] if contact.phone else ""
    contact.phone = ""
    contact.apart_reason, contact.apart_by, contact.apart_at = why, actor.name[:120], clock.now()
    contact.save(
        update_fields=[
            "do_not_contact",
            "sealed_phone",
            "sealed_mark",
            "phone",
            "apart_reason",
            "apart_by",
            "apart_at",
        ]
    )
    record(events.CONTACT_SET_APART, actor=actor, about=[person], contact=contact.pk, name=contact.name)
    return contact


@transaction.atomic
def allow_contact(contact_id: int, *, reason: str, actor: Actor) -> Contact:
    """The coordination says that they may be contacted again, and why."""
    person, contact = _locked(contact_id, actor)
    if not policies.may_lift_do_not_contact(actor):
        raise NotAllowed
    why = reason_of("reason", reason)
    if not contact.do_not_contact:
        return contact
    contact.do_not_contact = False
    contact.phone = sealing.opened(contact.sealed_phone, SEALED_CONTACT) if contact.sealed_phone else ""
    contact.sealed_phone = contact.sealed_mark = contact.apart_reason = contact.apart_by = ""
    contact.apart_at = None
    contact.save(
        update_fields=[
            "do_not_contact",
            "phone",
            "sealed_phone",
            "sealed_mark",
            "apart_reason",
            "apart_by",
            "apart_at",
        ]
    )
    record(
        events.CONTACT_ALLOWED, actor=actor, about=[person], contact=contact.pk, name=contact.name, why=why
    )
    return contact


@transaction.atomic
def reveal_contact(contact_id: int, *, why: str, actor: Actor) -> tuple[Contact, str]:
    """The number of somebody not to be contacted, to read and not to dial (for the police, a judge): noted with its reason."""
    person, contact = _locked(contact_id, actor)
    why = reason_of("why", why)
    if not contact.do_not_contact:
        raise NotPossibleNow(_("Ce numéro n’est pas gardé fermé."))
    number = sealing.opened(contact.sealed_phone, SEALED_CONTACT) if contact.sealed_phone else ""
    note_access(actor=actor, operation="reveal", about=contact, reason=why)
    record(events.CONTACT_REVEALED, actor=actor, about=[person], contact=contact.pk, why=why)
    return contact, number


def _locked(contact_id: int, actor: Actor) -> tuple[Person, Contact]:
    """Her row is the root, then the contact as it is now."""
    if not policies.may_change(actor):
        raise NotAllowed
    person_id = Contact.objects.current().values_list("person_id", flat=True).get(pk=contact_id)
    person = locked(person_id, actor=actor)
    return person, Contact.objects.current().get(pk=contact_id)


def _values(fields: dict[str, Any], actor: Actor) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in fields.items():
        if name == "name":
            values[name] = typed.line(name, value, 120)
            if not values[name]:
                raise BadInput("name", _("Écrivez le nom de ce proche."), "required")
        elif name == "relation":
            values[name] = typed.one_of(name, value, Contact.Relation.values)
        elif name == "note":
            values[name] = typed.line(name, value, 120)
        elif name == "phone":
            region = Territory.objects.values_list("phone_region", flat=True).get(pk=actor.territory_id)
            values[name] = typed.phone(name, value, region)
        else:
            values[name] = bool(value)
    return values


def _refuse_sealed(person: Person, phone: str) -> None:
    """The number of somebody not to be contacted, written again under another name, would be called."""
    if (
        phone
        and person.contacts.filter(
            do_not_contact=True, sealed_mark__in=sealing.fingerprints(phone, SEALED_CONTACT)
        ).exists()
    ):
        raise BadInput(
            "phone", _("Ce numéro est celui de quelqu’un qui ne doit pas être contacté."), "sealed"
        )
