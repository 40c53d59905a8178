"""Whether somebody on a line has a file already: found by name and by number among the files that the importer sees."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import connection
from django.db.models import Q
from rapidfuzz.distance import Levenshtein

from palier.accounts.actor import Actor
from palier.exchange.reading.records import Record
from palier.kernel.text import fold
from palier.people.models import Person, PhoneNumber, Suppression
from palier.people.suppression import Traits
from palier.territories.streets import key_of

_LAST = "\U0010ffff"
# Of « almost the same »: a letter in four.
_NEAR = 0.25
_MOST_OF_ONE_NUMBER = 20

BY_NAME = """
select v.place, p.id from unnest(%(places)s::int[], %(keys)s::text[]) v (place, key)
join people_person p on p.territory_id = %(territory)s
  and p.search_text >= v.key collate "C" and p.search_text < (v.key || %(last)s) collate "C"
"""


@dataclass(frozen=True)
class Match:
    """A file that may be hers: `certain`, or for a person to decide; why, and how sure (0 to 1)."""

    person: Person
    certain: bool
    reasons: tuple[str, ...]
    score: float


def find(records: Sequence[Record], *, actor: Actor) -> list[Match | None]:
    """The likeliest file of each, or None; two statements for all of them, then the files themselves."""
    candidates = _candidates(records, actor)
    wanted = {pk for found in candidates.values() for pk in found}
    files = {
        person.pk: person
        for person in Person.objects.visible_to(actor)
        .filter(pk__in=wanted)
        .order_by("pk")
        .prefetch_related("phones", "contacts")
    }
    found: list[Match | None] = []
    for place, record in enumerate(records):
        matches = [
            match
            for pk in sorted(candidates.get(place, ()))
            if pk in files and (match := compare(record, files[pk])) is not None
        ]
        found.append(
            max(matches, key=lambda match: (match.certain, match.score, -match.person.pk), default=None)
        )
    return found


def compare(record: Record, person: Person) -> Match | None:
    """What speaks for the same person. Couples share a telephone and a street: without the name both say nothing."""
    reasons: list[str] = []
    name = _name(record, person)
    if not name:
        return None
    reasons.append(name)
    birth = _birth(record, person)
    if birth:
        reasons.append(birth)
    known = {number.e164 for number in person.phones.all()}
    if known & {e164 for e164, _raw in record.phones}:
        reasons.append("same_phone")
    if record.street and person.street and key_of(record.street) == key_of(person.street):
        reasons.append("same_street")
    against = record.birth_year and person.birth_on is not None and not birth
    support = len([reason for reason in reasons[1:] if reason != "same_year"])
    whole = name in ("same_name", "same_birth_name")
    if against:
        # Another birth date and everything else alike: a slip of the pen, or a mother and her daughter.
        certain, score = False, 0.4 if whole and support == 2 else 0.0
    elif whole:
        certain, score = support > 0, min(0.6 + 0.2 * support, 0.99)
        if not record.first_name or not person.first_name:
            if _titles_differ(record.title, person.title):
                return None
            # « Mme Dupont » at this address, of two who may live there; she again, when nothing more is known of either.
            certain = (
                certain and record.first_name == person.first_name and record.title == person.title != "none"
            )
            score = 0.3 + 0.2 * support
    else:
        strong = "same_birth" in reasons
        certain, score = False, 0.5 + 0.2 * support if strong else (0.45 if support == 2 else 0.0)
    if score < 0.45:
        return None
    return Match(person, certain, tuple(reasons), score)


def twins(
    records: Sequence[Record], numbers: Sequence[int], seen: dict[str, list[tuple[int, Record]]]
) -> dict[int, int]:
    """The places that say what an earlier line of the file said, with its number; remembers the others in `seen`."""
    found: dict[int, int] = {}
    for place, (record, number) in enumerate(zip(records, numbers, strict=True)):
        key = _key(record)
        for earlier, other in seen[key]:
            # Two on one line are a couple.
            if earlier != number and _same_line(record, other):
                found[place] = earlier
                break
        else:
            seen[key].append((number, record))
    return found


def objected(records: Sequence[Record], territory_id: int) -> set[int]:
    """The places of those who asked to be erased, or objected to a file (GDP-08)."""
    if not Suppression.objects.filter(territory_id=territory_id, scope=Suppression.Scope.FILE).exists():
        return set()
    places: dict[str, set[int]] = defaultdict(set)
    births: set[str] = set()
    homes: set[str] = set()
    for place, record in enumerate(records):
        birth_on = date.fromisoformat(record.birth_on) if record.birth_on else None
        traits = Traits(record.first_name, record.last_name, birth_on, record.street, record.postcode)
        for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
            _whole, birth, home = traits.keys(territory_id, secret)
            births.add(birth)
            homes.add(home)
            places[birth].add(place)
            places[home].add(place)
    same = Q(birth_key__in=births - {""}) | Q(home_key__in=homes - {""})
    noted = Suppression.objects.filter(same, territory_id=territory_id, scope=Suppression.Scope.FILE)
    found: set[int] = set()
    for birth, home in noted.order_by().values_list("birth_key", "home_key"):
        found |= places.get(birth or "-", set()) | places.get(home or "-", set())
    return found


def key_of_names(last_name: str, first_name: str) -> str:
    return f"{fold(last_name)}|{fold(first_name)}"


def name_key(record: Record) -> str:
    return key_of_names(record.last_name, record.first_name)


def _candidates(records: Sequence[Record], actor: Actor) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    places: list[int] = []
    keys: list[str] = []
    for place, record in enumerate(records):
        last, first, birth = fold(record.last_name), fold(record.first_name), fold(record.birth_name)
        for key in {
            f"{last} {first}".strip(),
            f"{birth} {first}".strip() if birth else "",
            f"{first} {last}".strip(),
        }:
            if key:
                places.append(place)
                keys.append(key)
    with connection.cursor() as cursor:
        cursor.execute(
            BY_NAME, {"places": places, "keys": keys, "territory": actor.territory_id, "last": _LAST}
        )
        for place, pk in cursor.fetchall():
            found[place].add(pk)
    owners: dict[str, set[int]] = defaultdict(set)
    numbers = {e164 for record in records for e164, _raw in record.phones}
    for e164, person_id in (
        PhoneNumber.objects.filter(territory_id=actor.territory_id, e164__in=numbers)
        .order_by()
        .values_list("e164", "person_id")
    ):
        owners[e164].add(person_id)
    for place, record in enumerate(records):
        for e164, _raw in record.phones:
            # The number of a residence says nothing.
            if len(owners[e164]) <= _MOST_OF_ONE_NUMBER:
                found[place] |= owners[e164]
    return found


def _name(record: Record, person: Person) -> str:
    first, other_first = fold(record.first_name), fold(person.first_name)
    lasts = {fold(record.last_name), fold(record.birth_name)} - {""}
    others = {fold(person.last_name), fold(person.birth_name)} - {""}
    swapped = {first} & others and other_first in lasts
    if first == other_first or swapped or not first or not other_first:
        if lasts & others or swapped:
            return "same_name" if fold(record.last_name) in others or swapped else "same_birth_name"
    one = f"{fold(record.last_name)} {first}".replace(" ", "")
    two = f"{fold(person.last_name)} {other_first}".replace(" ", "")
    # A whole other first name is somebody else: his wife.
    if (
        first
        and other_first
        and Levenshtein.normalized_distance(first, other_first) > 0.4
        and not first.startswith(other_first[:4])
    ):
        return ""
    if Levenshtein.normalized_distance(one, two) <= _NEAR:
        return "near_name"
    return ""


def _birth(record: Record, person: Person) -> str:
    if person.birth_on is None or not record.birth_year:
        return ""
    if record.birth_on:
        if record.birth_on == person.birth_on.isoformat():
            return "same_birth"
        mine, hers = record.birth_on.replace("-", ""), f"{person.birth_on:%Y%m%d}"
        different = sum(a != b for a, b in zip(mine, hers, strict=True))
        swapped = mine[:4] == hers[:4] and mine[4:6] == hers[6:] and mine[6:] == hers[4:6]
        return "near_birth" if different == 1 or swapped else ""
    return "same_year" if record.birth_year == person.birth_on.year else ""


def _key(record: Record) -> str:
    return " ".join(sorted(fold(f"{record.last_name} {record.first_name}").split()))


def _titles_differ(one: str, other: str) -> bool:
    return "none" not in (one, other) and one != other


def _same_line(one: Record, other: Record) -> bool:
    if not one.first_name and _titles_differ(one.title, other.title):
        return False
    if one.birth_on and other.birth_on:
        return one.birth_on == other.birth_on
    if one.street and other.street and key_of(one.street) != key_of(other.street):
        return False
    numbers = {e164 for e164, _raw in one.phones} & {e164 for e164, _raw in other.phones}
    same_home = bool(one.street) and key_of(one.street) == key_of(other.street)
    bare = not (one.birth_year or one.street or one.phones) and not (
        other.birth_year or other.street or other.phones
    )
    return bool(numbers) or same_home or (bare and bool(one.first_name))
