"""What may stand in a file: each refusal names its field."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.kernel import clock, typed, words
from palier.kernel.errors import BadInput, NotPossibleNow
from palier.kernel.text import fold
from palier.people.models import Person
from palier.territories.models import Organisation

# The same answer noted twice in so short a time is one answer and a double click.
SAME_GESTURE = timedelta(minutes=2)
_MOST_NUMBERS = 6

LINES = {
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
TEXTS = {"talk_note": 300, "home_note": 300}
FLAGS = ("lives_alone", "has_stairs", "has_pets", "needs_interpreter")


def reason_of(field: str, raw: str) -> str:
    """Why somebody opens what is kept closed: a few words, noted with their name."""
    why = typed.line(field, raw, 200)
    if len(why) < 4:
        raise BadInput(
            field, _("Dites pourquoi, en quelques mots : votre nom et ce motif sont notés."), "required"
        )
    return why


def refuse_watched(field: str, text: str, reason: str) -> None:
    """Words that do not belong in a file stay only with a reason (GDP-05, code `watched_words`)."""
    found = list(dict.fromkeys(hit.word for hit in words.found(text)))
    if found and not reason:
        raise BadInput(
            field,
            _(
                "La personne peut lire ce texte. Enlevez ces mots, ou dites pourquoi ils doivent rester : %(words)s."
            )
            % {"words": ", ".join(found)},
            "watched_words",
        )


def locked(person_id: int, *, actor: Actor) -> Person:
    return Person.objects.visible_to(actor).select_for_update(of=("self",), no_key=True).get(pk=person_id)


def checked(fields: dict[str, Any]) -> dict[str, Any]:
    """The same fields, fit to be kept; each refusal names its field."""
    values: dict[str, Any] = {}
    for name, value in fields.items():
        if name in LINES:
            values[name] = typed.line(name, value, LINES[name])
        elif name in TEXTS:
            values[name] = typed.text(name, value, TEXTS[name])
        elif name in FLAGS:
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


def numbers_of(phones: Iterable[str], region: str) -> list[tuple[str, str]]:
    """(E.164, as typed), each number once, in the order given."""
    numbers: dict[str, str] = {}
    for raw in phones:
        if e164 := typed.phone("phones", raw, region):
            numbers.setdefault(e164, typed.line("phones", raw, 40))
    if len(numbers) > _MOST_NUMBERS:
        raise BadInput("phones", _("Six numéros au plus. Gardez ceux où elle répond."), "too_many")
    return list(numbers.items())


def refuse_namesake(values: dict[str, Any], numbers: list[str], *, actor: Actor) -> None:
    """Two files of one person hide half of her story; two people of one name are told apart by the rest.

    Among the files that the actor sees: a refusal would say that somebody has a file kept apart.
    """
    first, last = fold(values["first_name"]), fold(values["last_name"])
    key = f"{last} {first}".strip()
    near = (
        Person.objects.visible_to(actor)
        .filter(search_text__gte=key, search_text__lt=key + "\U0010ffff")
        .prefetch_related("phones")
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


def refuse_taken_unit(operator_id: int | None, number: str, but: int | None = None) -> None:
    if operator_id is None or not number:
        return
    taken = _("Ce numéro d’abonné est déjà celui d’une autre personne.")
    others = Person.objects.filter(telecare_operator_id=operator_id, telecare_number=number)
    if (others if but is None else others.exclude(pk=but)).exists():
        raise BadInput("telecare_number", taken, "taken")


def plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
