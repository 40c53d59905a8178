"""Who is around a person, in the order to call them."""

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.journal.operations import record
from palier.kernel import typed
from palier.kernel.errors import BadInput, NotAllowed
from palier.kernel.text import fold
from palier.people import events, policies
from palier.people.models import Contact
from palier.people.operations.checking import locked
from palier.territories.models import Territory


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
    name = typed.line("name", name, 120)
    if not name:
        raise BadInput("name", _("Écrivez le nom de ce proche."), "required")
    typed.one_of("relation", relation, Contact.Relation.values)
    region = Territory.objects.values_list("phone_region", flat=True).get(pk=actor.territory_id)
    e164 = typed.phone("phone", phone, region)
    for known in person.contacts.all():
        if known.phone == e164 and fold(known.name) == fold(name):
            return known
    if order is None:
        order = (person.contacts.aggregate(last=Max("order"))["last"] or 0) + 1
    contact = Contact.objects.create(
        territory_id=actor.territory_id,
        person=person,
        name=name,
        relation=relation,
        note=typed.line("note", note, 120),
        phone=e164,
        order=order,
        has_key=has_key,
        is_professional=is_professional,
    )
    record(
        events.CONTACT_ADDED, actor=actor, about=[person], relation=relation, contact=contact.pk, name=name
    )
    return contact
