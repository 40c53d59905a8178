"""Opening and changing a person's file."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.journal.operations import record
from palier.kernel import clock, typed, words
from palier.kernel.errors import BadInput, NotAllowed
from palier.people import events, indexing, policies
from palier.people.models import Compartment, Confined, Person, PhoneNumber
from palier.people.operations.checking import (
    FLAGS,
    LINES,
    TEXTS,
    checked,
    locked,
    numbers_of,
    plain,
    refuse_namesake,
    refuse_taken_unit,
    refuse_watched,
)
from palier.people.operations.leaving import come_back, depart
from palier.territories.models import Territory
from palier.territories.streets import locate

_SEARCHED = {
    "first_name",
    "last_name",
    "birth_name",
    "street",
    "city",
    "birth_on",
    "phones",
    "telecare_number",
}
CHANGEABLE = frozenset(
    {
        *LINES,
        *TEXTS,
        *FLAGS,
        "title",
        "birth_on",
        "x",
        "y",
        "language",
        "telecare_operator_id",
        "phones",
        "state",
        "words_reason",
    }
)


@transaction.atomic
def create_person(
    *,
    first_name: str,
    last_name: str,
    title: str = "none",
    birth_on: date | None = None,
    birth_name: str = "",
    street: str = "",
    access: str = "",
    postcode: str = "",
    city: str = "",
    insee: str = "",
    x: float | None = None,
    y: float | None = None,
    phones: Sequence[str] = (),
    lives_alone: bool = False,
    language: str = "fr",
    talk_note: str = "",
    home_note: str = "",
    has_stairs: bool = False,
    has_pets: bool = False,
    needs_interpreter: bool = False,
    telecare_operator_id: int | None = None,
    telecare_number: str = "",
    is_followed: bool = True,
    compartment: Compartment | None = None,
    words_reason: str = "",
    despite_namesake: bool = False,
    actor: Actor,
) -> Person:
    """Open a file. Refused when one of that name, with the same birth date, street or number, is there.

    `despite_namesake`: the agent has seen the other file and says it is somebody else. `is_followed` and `compartment`:
    a file that is kept apart, or known to a register only, is seen through its compartment.
    """
    if not policies.may_create(actor):
        raise NotAllowed
    if (
        compartment is not None
        and not Compartment.objects.open().enterable_by(actor).filter(pk=compartment.pk).exists()
    ):
        raise NotAllowed
    if compartment is None and not is_followed:
        raise BadInput("compartment", _("Une fiche gardée à part est dans un volet."), "required")
    # One file at a time in a territory: a double click must find the file of the first.
    territory = Territory.objects.select_for_update(no_key=True).get(pk=actor.territory_id)
    values = checked(
        {
            "first_name": first_name,
            "last_name": last_name,
            "title": title,
            "birth_on": birth_on,
            "birth_name": birth_name,
            "street": street,
            "access": access,
            "postcode": postcode,
            "city": city,
            "insee": insee,
            "x": x,
            "y": y,
            "lives_alone": lives_alone,
            "language": language,
            "talk_note": talk_note,
            "home_note": home_note,
            "has_stairs": has_stairs,
            "has_pets": has_pets,
            "needs_interpreter": needs_interpreter,
            "telecare_operator_id": telecare_operator_id,
            "telecare_number": telecare_number,
        }
    )
    if not values["first_name"] and not values["last_name"]:
        raise BadInput("last_name", _("Écrivez au moins un nom ou un prénom."), "required")
    reason = _watched(values, words_reason)
    if x is None and y is None and (place := locate(actor.territory_id, values["street"])):
        values["x"], values["y"] = place
    numbers = numbers_of(phones, territory.phone_region)
    if not despite_namesake:
        refuse_namesake(values, [e164 for e164, _raw in numbers], actor=actor)
    refuse_taken_unit(values["telecare_operator_id"], values["telecare_number"])
    person = Person.objects.create(
        territory_id=actor.territory_id,
        search_text=indexing.search_text_of(**named(values)),
        created_at=clock.now(),
        is_followed=is_followed,
        **values,
    )
    if compartment is not None:
        Confined.objects.create(
            territory_id=actor.territory_id, person=person, compartment=compartment, at=clock.now()
        )
    write_numbers(person, numbers)
    indexing.index_person(person, [e164 for e164, _raw in numbers], is_new=True)
    record(events.PERSON_CREATED, actor=actor, about=[person], source=actor.kind, words_reason=reason)
    return person


@transaction.atomic
def change_person(person_id: int, *, actor: Actor, **fields: Any) -> Person:
    """Change the named fields and no other; `phones` replaces all numbers, `state` says that she left.

    What did not change is not written; nothing changed, nothing recorded. `words_reason`: why a watched word stays in
    what may be read by her (GDP-05).
    """
    words_reason = fields.pop("words_reason", "")
    state = fields.pop("state", None)
    if unknown := set(fields) - CHANGEABLE:
        raise TypeError(f"change_person does not know {sorted(unknown)}")
    if state is not None:
        typed.one_of("state", state, Person.State.values)
    person = locked(person_id, actor=actor)
    if not policies.may_change(actor):
        raise NotAllowed
    phones = fields.pop("phones", None)
    values = checked(fields)
    if values.get("street", person.street) != person.street and "x" not in values:
        # Where she lived says nothing of where she lives now.
        values["x"], values["y"] = locate(actor.territory_id, values["street"]) or (None, None)
    changed = {name: value for name, value in values.items() if getattr(person, name) != value}
    reason = _watched(changed, words_reason)
    former = {name: getattr(person, name) for name in changed}
    for name, value in changed.items():
        setattr(person, name, value)
    if not person.first_name and not person.last_name:
        raise BadInput("last_name", _("Écrivez au moins un nom ou un prénom."), "required")
    if {"telecare_operator_id", "telecare_number"} & set(changed):
        refuse_taken_unit(person.telecare_operator_id, person.telecare_number, but=person.pk)
    had = list(person.phones.values_list("e164", flat=True))
    numbers = had
    if phones is not None:
        region = Territory.objects.values_list("phone_region", flat=True).get(pk=actor.territory_id)
        wanted = numbers_of(phones, region)
        numbers = [e164 for e164, _raw in wanted]
        if numbers != had:
            person.phones.all().delete()
            write_numbers(person, wanted)
            former["phones"] = had
            changed["phones"] = numbers
    if not changed:
        return _moved_on(person, state, actor)
    if _SEARCHED & set(changed):
        person.search_text = indexing.search_text_of(**named(values_of(person)))
        indexing.index_person(person, numbers)
    stored = [name.removesuffix("_id") for name in changed if name != "phones"]
    if stored or _SEARCHED & set(changed):
        person.save(update_fields=[*stored, "search_text"])
    # A place found from the street is part of the street.
    told = sorted(set(changed) - {"x", "y"} if "street" in changed else set(changed))
    if told:
        record(
            events.PERSON_CHANGED,
            actor=actor,
            about=[person],
            fields=told,
            former={name: plain(value) for name, value in former.items()},
            words_reason=reason,
        )
    return _moved_on(person, state, actor)


def write_numbers(person: Person, numbers: list[tuple[str, str]]) -> None:
    PhoneNumber.objects.bulk_create(
        PhoneNumber(territory_id=person.territory_id, person=person, e164=e164, raw=raw, order=order)
        for order, (e164, raw) in enumerate(numbers)
    )


def values_of(person: Person) -> dict[str, Any]:
    return {
        name: getattr(person, name) for name in ("first_name", "last_name", "birth_name", "street", "city")
    }


def named(values: dict[str, Any]) -> dict[str, str]:
    return {name: values[name] for name in ("first_name", "last_name", "birth_name", "street", "city")}


def _moved_on(person: Person, state: str | None, actor: Actor) -> Person:
    if state is None or state == person.state:
        return person
    if state == Person.State.ACTIVE:
        return come_back(person.pk, actor=actor).person
    return depart(person.pk, state=state, actor=actor).person


def _watched(values: dict[str, Any], reason: str) -> str:
    """The reason, when one was needed."""
    reason = typed.line("words_reason", reason, 120)
    texts = {name: text for name, text in values.items() if name in TEXTS and text}
    for name, text in texts.items():
        refuse_watched(name, text, reason)
    return reason if any(words.found(text) for text in texts.values()) else ""
