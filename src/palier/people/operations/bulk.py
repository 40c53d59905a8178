"""Many files at once, for an import: written as `create_person` writes each, a few statements for a thousand.

The checks are those of one file; a test compares what both ways write. Looking for namesakes is the caller's: it does so
for all of them together, shows them, and asks (see `exchange`).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, models
from django.db.models import Q
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.journal.operations import Mention, record_many
from palier.kernel import clock, typed
from palier.kernel.errors import BadInput, NotAllowed
from palier.people import events, indexing, policies
from palier.people.models import (
    Compartment,
    Confined,
    Contact,
    Double,
    Person,
    PhoneNumber,
    SearchName,
    SearchWord,
)
from palier.people.operations.checking import TEXTS, checked, refuse_watched
from palier.people.operations.files import named, values_of
from palier.territories.streets import locate_all

BATCH = 1000
_PERSON = "people.person"
# What goes with a file that is taken away again; a row of any other kind about her means that she is in use.
OWN: tuple[type[models.Model], ...] = (SearchWord, SearchName, PhoneNumber, Contact, Confined)

INSERT_NUMBERS = """
insert into people_phonenumber (territory_id, person_id, e164, raw, "order")
select %s, * from unnest(%s::bigint[], %s::text[], %s::text[], %s::smallint[])
"""


@dataclass
class NewFile:
    """What `create_person` takes, with the numbers read already: (E.164, as typed)."""

    values: dict[str, Any]
    numbers: Sequence[tuple[str, str]] = ()
    contacts: Sequence[Mapping[str, str]] = field(default_factory=tuple)


def check_new_file(file: NewFile) -> dict[str, Any]:
    """The values fit to be kept. Raises BadInput with the field, as opening one file would."""
    operator_id = file.values.get("telecare_operator_id")
    values = checked({name: value for name, value in file.values.items() if name != "telecare_operator_id"})
    values["telecare_operator_id"] = operator_id
    if not values.get("first_name") and not values.get("last_name"):
        raise BadInput("last_name", _("Écrivez au moins un nom ou un prénom."), "required")
    for name in TEXTS:
        refuse_watched(name, values.get(name, ""), "")
    for contact in file.contacts:
        typed.line("contact_name", contact["name"], 120)
        typed.line("contact_relation", contact.get("note", ""), 120)
        typed.one_of("contact_relation", contact["relation"], Contact.Relation.values)
    return values


def create_people(
    files: Sequence[NewFile],
    *,
    is_followed: bool = True,
    compartment: Compartment | None = None,
    actor: Actor,
) -> list[int]:
    """Open these files and give their numbers, in order; inside the transaction of the caller, in steps of a thousand."""
    if not policies.may_create(actor):
        raise NotAllowed
    if (
        compartment is not None
        and not Compartment.objects.open().enterable_by(actor).filter(pk=compartment.pk).exists()
    ):
        raise NotAllowed
    if compartment is None and not is_followed:
        raise BadInput("compartment", _("Une fiche gardée à part est dans un volet."), "required")
    ids: list[int] = []
    for start in range(0, len(files), BATCH):
        ids += _create(files[start : start + BATCH], is_followed, compartment, actor)
    return ids


def _create(
    files: Sequence[NewFile], is_followed: bool, compartment: Compartment | None, actor: Actor
) -> list[int]:
    checked_values = [check_new_file(file) for file in files]
    places = locate_all(actor.territory_id, [values.get("street", "") for values in checked_values])
    now = clock.now()
    people = []
    for values, place in zip(checked_values, places, strict=True):
        if place is not None and values.get("x") is None and values.get("y") is None:
            values["x"], values["y"] = place
        person = Person(territory_id=actor.territory_id, created_at=now, is_followed=is_followed, **values)
        person.search_text = indexing.search_text_of(**named(values_of(person)))
        people.append(person)
    Person.objects.bulk_create(people)
    if compartment is not None:
        Confined.objects.bulk_create(
            Confined(territory_id=actor.territory_id, person=person, compartment=compartment, at=now)
            for person in people
        )
    write_many_numbers(
        actor.territory_id, {person.pk: file.numbers for person, file in zip(people, files, strict=True)}
    )
    write_many_words(
        people,
        {person.pk: [n for n, _raw in file.numbers] for person, file in zip(people, files, strict=True)},
    )
    record_many(
        events.PERSON_CREATED,
        actor=actor,
        about=people,
        data=[{"source": actor.kind, "words_reason": ""}] * len(people),
    )
    add_contacts({person.pk: file.contacts for person, file in zip(people, files, strict=True)}, actor=actor)
    return [person.pk for person in people]


def write_many_numbers(territory_id: int, numbers: Mapping[int, Sequence[tuple[str, str]]]) -> None:
    rows = [
        (person_id, e164, typed.line("phones", raw, 40), order)
        for person_id, listed in numbers.items()
        for order, (e164, raw) in enumerate(listed)
    ]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(
                INSERT_NUMBERS, [territory_id, *(list(column) for column in zip(*rows, strict=True))]
            )


def write_many_words(people: Sequence[Person], numbers: Mapping[int, Sequence[str]]) -> None:
    if people:
        indexed = [indexing.of_person(person, numbers[person.pk]) for person in people]
        indexing.index(people[0].territory_id, indexed)


def add_contacts(contacts: Mapping[int, Sequence[Mapping[str, str]]], *, actor: Actor) -> list[int]:
    """Somebody around each of these people who has nobody yet, in the order to call them."""
    made = [
        Contact(
            territory_id=actor.territory_id,
            person_id=person_id,
            name=typed.line("contact_name", one["name"], 120),
            relation=typed.one_of("contact_relation", one["relation"], Contact.Relation.values),
            note=typed.line("contact_relation", one.get("note", ""), 120),
            phone=one.get("phone", ""),
            order=order,
            is_professional=one["relation"] in ("doctor", "nurse", "home_help"),
        )
        for person_id, listed in contacts.items()
        for order, one in enumerate(listed, start=1)
    ]
    Contact.objects.bulk_create(made)
    record_many(
        events.CONTACT_ADDED,
        actor=actor,
        about=[Mention(_PERSON, contact.person_id) for contact in made],
        data=[{"relation": one.relation, "contact": one.pk, "name": one.name} for one in made],
    )
    return [contact.pk for contact in made]


def in_use(person_ids: Collection[int]) -> set[int]:
    """Those of them whom something else than their own file speaks of: a call, a need, a consent…"""
    found: set[int] = set()
    for relation in Person._meta.related_objects:
        model = relation.related_model
        if model in OWN or not isinstance(model, type) or relation.field is None:
            continue
        name = relation.field.attname
        rows = model._default_manager.filter(**{f"{name}__in": list(person_ids)})
        if model is Double:
            # That two files look alike is nobody's word yet.
            rows = rows.exclude(state__in=[Double.State.PROPOSED, Double.State.LATER])
        found.update(rows.order_by().values_list(name, flat=True).distinct())
    return found


def remove_people(person_ids: Sequence[int], *, why: str, actor: Actor) -> None:
    """Take files away that were opened by mistake, with what is theirs alone; their journal says why and stays.

    Only for those whom `in_use` does not name: a file with a story is corrected or erased, never undone.
    """
    if not policies.may_create(actor):
        raise NotAllowed
    ids = list(person_ids)
    Double.objects.filter(Q(first__in=ids) | Q(second__in=ids)).delete()
    for model in OWN:
        model._default_manager.filter(person_id__in=ids).delete()
    with connection.cursor() as cursor:
        cursor.execute("delete from people_person where id = any(%s)", [ids])
    record_many(
        events.PERSON_WITHDRAWN,
        actor=actor,
        about=[Mention(_PERSON, pk) for pk in ids],
        data=[{"why": why}] * len(ids),
    )
