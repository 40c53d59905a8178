"""Opening and changing a person's file, noting who is around her and what she agreed to."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.journal.operations import record
from palier.kernel import clock, statements, typed
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.kernel.text import fold
from palier.people import events, policies, queries
from palier.people.models import Consent, Contact, Person, PhoneNumber, SearchWord
from palier.territories.models import Organisation, Territory
from palier.territories.streets import locate

# The same answer noted twice in so short a time is one answer and a double click.
SAME_GESTURE = timedelta(minutes=2)
_MOST_NUMBERS = 6

_LINES = {
    "first_name": 60,
    "last_name": 60,
    "birth_name": 60,
    "street": 120,
    "access": 120,
    "postcode": 5,
    "city": 80,
    "insee": 5,
    "telecare_number": 16,
}
_TEXTS = {"talk_note": 300, "home_note": 300}
_FLAGS = ("lives_alone", "has_stairs", "has_pets")
_SEARCHED = {"first_name", "last_name", "birth_name", "street", "city", "birth_on", "phones"}
CHANGEABLE = frozenset(
    {
        *_LINES,
        *_TEXTS,
        *_FLAGS,
        "title",
        "birth_on",
        "x",
        "y",
        "language",
        "telecare_operator_id",
        "phones",
        "state",
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
    telecare_operator_id: int | None = None,
    telecare_number: str = "",
    despite_namesake: bool = False,
    actor: Actor,
) -> Person:
    """Open a file. Refused when one of that name, with the same birth date, street or number, is there.

    `despite_namesake`: the agent has seen the other file and says it is somebody else.
    """
    if not policies.may_create(actor):
        raise NotAllowed
    # One file at a time in a territory: a double click must find the file of the first.
    territory = Territory.objects.select_for_update(no_key=True).get(pk=actor.territory_id)
    values = _checked(
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
            "telecare_operator_id": telecare_operator_id,
            "telecare_number": telecare_number,
        }
    )
    if not values["first_name"] and not values["last_name"]:
        raise BadInput("last_name", _("Écrivez au moins un nom ou un prénom."), "required")
    if x is None and y is None and (place := locate(actor.territory_id, values["street"])):
        values["x"], values["y"] = place
    numbers = _numbers(phones, territory.phone_region)
    if not despite_namesake:
        _refuse_namesake(values, [e164 for e164, _raw in numbers])
    _refuse_taken_unit(values["telecare_operator_id"], values["telecare_number"])
    person = Person.objects.create(
        territory_id=actor.territory_id,
        search_text=queries.search_text_of(**_named(values)),
        created_at=clock.now(),
        **values,
    )
    _write_numbers(person, numbers)
    _write_words(person, [e164 for e164, _raw in numbers])
    record(events.PERSON_CREATED, actor=actor, about=[person], source=actor.kind)
    return person


@transaction.atomic
def change_person(person_id: int, *, actor: Actor, **fields: Any) -> Person:
    """Change the named fields and no other; `phones` replaces all numbers, `state` says that she left.

    What did not change is not written; nothing changed, nothing recorded.
    """
    if unknown := set(fields) - CHANGEABLE:
        raise TypeError(f"change_person does not know {sorted(unknown)}")
    person = _locked(person_id, actor)
    if not policies.may_change(actor):
        raise NotAllowed
    phones = fields.pop("phones", None)
    values = _checked(fields)
    if values.get("street", person.street) != person.street and "x" not in values:
        # Where she lived says nothing of where she lives now.
        values["x"], values["y"] = locate(actor.territory_id, values["street"]) or (None, None)
    changed = {name: value for name, value in values.items() if getattr(person, name) != value}
    former = {name: getattr(person, name) for name in changed}
    for name, value in changed.items():
        setattr(person, name, value)
    if not person.first_name and not person.last_name:
        raise BadInput("last_name", _("Écrivez au moins un nom ou un prénom."), "required")
    if {"telecare_operator_id", "telecare_number"} & set(changed):
        _refuse_taken_unit(person.telecare_operator_id, person.telecare_number, but=person.pk)
    had = list(person.phones.values_list("e164", flat=True))
    numbers = had
    if phones is not None:
        region = Territory.objects.values_list("phone_region", flat=True).get(pk=actor.territory_id)
        wanted = _numbers(phones, region)
        numbers = [e164 for e164, _raw in wanted]
        if numbers != had:
            person.phones.all().delete()
            _write_numbers(person, wanted)
            former["phones"] = had
            changed["phones"] = numbers
    if not changed:
        return person
    if _SEARCHED & set(changed):
        person.search_text = queries.search_text_of(**_named(_values_of(person)))
        SearchWord.objects.filter(person=person).delete()
        _write_words(person, numbers)
    stored = [name.removesuffix("_id") for name in changed if name != "phones"]
    if stored or _SEARCHED & set(changed):
        person.save(update_fields=[*stored, "search_text"])
    seen = set(changed) - {"state"}
    # A place found from the street is part of the street.
    told = sorted(seen - {"x", "y"} if "street" in seen else seen)
    if told:
        record(
            events.PERSON_CHANGED,
            actor=actor,
            about=[person],
            fields=told,
            former={name: _plain(value) for name, value in former.items() if name != "state"},
        )
    if "state" in changed:
        if person.state == Person.State.ACTIVE:
            record(events.PERSON_BACK, actor=actor, about=[person], is_woman=person.is_woman)
        else:
            record(
                events.PERSON_LEFT, actor=actor, about=[person], state=person.state, is_woman=person.is_woman
            )
    return person


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
    person = _locked(person_id, actor)
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


@transaction.atomic
def note_consent(
    person_id: int, *, purpose: str, is_given: bool, channel: str = "phone", actor: Actor
) -> Consent:
    """Add a line to the ledger of what she agreed to. Nothing is ever changed in it; the last line holds."""
    person = _locked(person_id, actor)
    if not policies.may_note_consent(actor):
        raise NotAllowed
    typed.one_of("purpose", purpose, Consent.Purpose.values)
    channel = typed.line("channel", channel, 20)
    last = person.consents.filter(purpose=purpose).order_by("-at", "-pk").first()
    now = clock.now()
    if last and last.is_given == is_given and last.channel == channel and last.at > now - SAME_GESTURE:
        return last
    consent = Consent.objects.create(
        territory_id=actor.territory_id,
        person=person,
        purpose=purpose,
        is_given=is_given,
        at=now,
        channel=channel,
        noted_by=actor.name[:120],
    )
    event = events.CONSENT_GIVEN if is_given else events.CONSENT_REFUSED
    record(event, actor=actor, about=[person], purpose=purpose, channel=channel)
    return consent


def note_contact_made(person_id: int, at: datetime) -> None:
    """Remember when we last had to do with her: what is kept is counted from there."""
    statements.rows(*noting_contact(person_id, at))


NOTE_CONTACT = """
update people_person set last_contact_at = %(at)s
where id = %(id)s and (last_contact_at is null or last_contact_at < %(at)s) returning id
"""


def noting_contact(person_id: int, at: datetime) -> tuple[str, dict[str, Any]]:
    """The statement of `note_contact_made`, for `statements.together`."""
    return NOTE_CONTACT, {"id": person_id, "at": at}


def _locked(person_id: int, actor: Actor) -> Person:
    return Person.objects.visible_to(actor).select_for_update(of=("self",), no_key=True).get(pk=person_id)


def _checked(fields: dict[str, Any]) -> dict[str, Any]:
    """The same fields, fit to be kept; each refusal names its field."""
    values: dict[str, Any] = {}
    for name, value in fields.items():
        if name in _LINES:
            values[name] = typed.line(name, value, _LINES[name])
        elif name in _TEXTS:
            values[name] = typed.text(name, value, _TEXTS[name])
        elif name in _FLAGS:
            values[name] = bool(value)
        elif name == "title":
            values[name] = typed.one_of(name, value, Person.Title.values)
        elif name == "state":
            values[name] = typed.one_of(name, value, Person.State.values)
        elif name == "birth_on":
            values[name] = typed.birth(name, value)
        elif name == "language":
            values[name] = _language(name, value)
        elif name == "telecare_operator_id":
            values[name] = _operator(name, value)
        else:
            values[name] = value
    if values.get("telecare_number") and not values["telecare_number"].isdigit():
        raise BadInput("telecare_number", _("Un numéro d’abonné ne contient que des chiffres."), "digits")
    return values


def _language(field: str, value: str) -> str:
    code = value.strip().lower()
    if len(code) != 2 or not (code.isascii() and code.isalpha()):
        raise BadInput(field, _("Choisissez une langue dans la liste."), "choice")
    return code


def _operator(field: str, organisation_id: int | None) -> int | None:
    if organisation_id is None:
        return None
    operators = Organisation.objects.filter(pk=organisation_id, kind=Organisation.Kind.OPERATOR)
    if not operators.exists():
        raise BadInput(field, _("Cet opérateur n’existe pas. Choisissez dans la liste."), "choice")
    return organisation_id


def _numbers(phones: Iterable[str], region: str) -> list[tuple[str, str]]:
    """(E.164, as typed), each number once, in the order given."""
    numbers: dict[str, str] = {}
    for raw in phones:
        if e164 := typed.phone("phones", raw, region):
            numbers.setdefault(e164, typed.line("phones", raw, 40))
    if len(numbers) > _MOST_NUMBERS:
        raise BadInput("phones", _("Six numéros au plus. Gardez ceux où elle répond."), "too_many")
    return list(numbers.items())


def _write_numbers(person: Person, numbers: list[tuple[str, str]]) -> None:
    PhoneNumber.objects.bulk_create(
        PhoneNumber(territory_id=person.territory_id, person=person, e164=e164, raw=raw, order=order)
        for order, (e164, raw) in enumerate(numbers)
    )


def _write_words(person: Person, numbers: list[str]) -> None:
    words = queries.search_words_of(**_named(_values_of(person)), birth_on=person.birth_on, numbers=numbers)
    SearchWord.objects.bulk_create(
        SearchWord(territory_id=person.territory_id, person=person, word=word) for word in words
    )


def _values_of(person: Person) -> dict[str, Any]:
    return {
        name: getattr(person, name) for name in ("first_name", "last_name", "birth_name", "street", "city")
    }


def _named(values: dict[str, Any]) -> dict[str, str]:
    return {name: values[name] for name in ("first_name", "last_name", "birth_name", "street", "city")}


def _refuse_namesake(values: dict[str, Any], numbers: list[str]) -> None:
    """Two files of one person hide half of her story; two people of one name are told apart by the rest."""
    first, last = fold(values["first_name"]), fold(values["last_name"])
    key = f"{last} {first}".strip()
    near = Person.objects.filter(search_text__gte=key, search_text__lt=key + "\U0010ffff").prefetch_related(
        "phones"
    )
    just_now = clock.now() - SAME_GESTURE
    for other in near.order_by("search_text", "pk")[:50]:
        if fold(other.first_name) != first or fold(other.last_name) != last:
            continue
        born = values["birth_on"]
        if born is not None and other.birth_on not in (None, born):
            continue
        # A file that holds a name and nothing else can only be told apart by not coming twice in a row.
        bare = born is None and not values["street"] and not numbers
        if (
            (born is not None and other.birth_on == born)
            or (values["street"] and fold(other.street) == fold(values["street"]))
            or any(number.e164 in numbers for number in other.phones.all())
            or (bare and other.created_at > just_now)
        ):
            raise NotPossibleNow(
                _("%(name)s a déjà une fiche. Ouvrez-la, ou dites que c’est quelqu’un d’autre.")
                % {"name": other.full_name}
            )


def _refuse_taken_unit(operator_id: int | None, number: str, but: int | None = None) -> None:
    if operator_id is None or not number:
        return
    taken = _("Ce numéro d’abonné est déjà celui d’une autre personne.")
    others = Person.objects.filter(telecare_operator_id=operator_id, telecare_number=number)
    if (others if but is None else others.exclude(pk=but)).exists():
        raise BadInput("telecare_number", taken, "taken")


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
