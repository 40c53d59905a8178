"""Who may be somebody we know already: files as the comparison reads them, and the few worth comparing while typing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q

from palier.accounts.actor import Actor
from palier.kernel.text import fold
from palier.people import finding
from palier.people.indexing import BORN
from palier.people.models import DoublesLearning, Person, PhoneNumber, SearchWord
from palier.planning import duplicates
from palier.planning.duplicates import Correction, Match, Population, Table

_SEXES = {Person.Title.MADAME.value: "F", Person.Title.MONSIEUR.value: "M"}
_FIELDS = ("first_name", "last_name", "birth_name", "title", "birth_on", "street", "postcode", "city")
_MOST = 200
_STREET_WORD = 4


@dataclass(frozen=True, slots=True)
class Likely:
    """A file that may be hers."""

    person: Person
    match: Match


def line_of(values: Mapping[str, Any], phones: Sequence[str]) -> dict[str, str]:
    """One file, or what is being typed, as the comparison reads it; the number of the house stands in the street."""
    born = values.get("birth_on")
    return {
        "first_name": values.get("first_name") or "",
        "last_name": values.get("last_name") or "",
        "birth_name": values.get("birth_name") or "",
        "sex": _SEXES.get(values.get("title") or "", ""),
        "birth_on": born.isoformat() if isinstance(born, date) else (born or ""),
        "phone": phones[0] if phones else "",
        "other_phone": phones[1] if len(phones) > 1 else "",
        "street": values.get("street") or "",
        "postcode": values.get("postcode") or "",
        "city": values.get("city") or "",
    }


def everybody() -> tuple[list[int], Table]:
    """All files of this territory but the hidden ones: their numbers, and the table of them."""
    numbers: dict[int, list[str]] = {}
    for person_id, e164 in PhoneNumber.objects.order_by("person_id", "order", "pk").values_list(
        "person_id", "e164"
    ):
        numbers.setdefault(person_id, []).append(e164)
    ids: list[int] = []
    columns: dict[str, list[str]] = {name: [] for name in duplicates.COLUMNS}
    for values in Person.objects.filter(merged_into=None).order_by("pk").values("pk", *_FIELDS).iterator():
        line = line_of(values, numbers.get(values["pk"], []))
        # Whoever was forgotten has a dash for a name.
        if not fold(line["last_name"] + line["first_name"]):
            continue
        ids.append(values["pk"])
        for name in columns:
            columns[name].append(line.get(name, ""))
    return ids, duplicates.table_of(columns)


def correction() -> Correction:
    """What this territory's decisions changed; none before there were enough."""
    kept = DoublesLearning.objects.order_by("pk").first()
    if kept is None or len(kept.subjects) != len(duplicates.SUBJECTS):
        return duplicates.NO_CORRECTION
    return Correction(kept.shift, tuple(float(value) for value in kept.subjects))


def near(
    values: Mapping[str, Any], phones: Sequence[str], *, actor: Actor, but: int | None = None, limit: int = 5
) -> list[Likely]:
    """Files that may be of whoever is being typed, likeliest first, among those the actor may see.

    For the creation of a file, an enrolment, a line of an import. `phones` in E.164. Nothing without a name.
    """
    last, first = fold(values.get("last_name") or ""), fold(values.get("first_name") or "")
    if not last and not first:
        return []
    people = Person.objects.visible_to(actor).filter(
        pk__in=_worth_comparing(values, phones, last, first, actor)
    )
    if but is not None:
        people = people.exclude(pk=but)
    files = list(people.order_by("search_text", "pk").prefetch_related("phones")[:_MOST])
    if not files:
        return []
    others = [line_of(vars(file), [number.e164 for number in file.phones.all()]) for file in files]
    matches = duplicates.likely(
        line_of(values, phones), others, correction=correction(), population=_population(last, first, files)
    )
    return [Likely(files[match.index], match) for match in matches[:limit]]


def compared(one: Person, other: Person) -> list[Match]:
    """Two files side by side, whatever they share."""
    lines = [line_of(vars(file), [number.e164 for number in file.phones.all()]) for file in (one, other)]
    return duplicates.likely(
        lines[0],
        [lines[1]],
        threshold=0.0,
        correction=correction(),
        population=_population(fold(one.last_name), fold(one.first_name), [other]),
    )


def _worth_comparing(
    values: Mapping[str, Any], phones: Sequence[str], last: str, first: str, actor: Actor
) -> list[int]:
    """Numbers of files that share something with her: a telephone, or two of name, first name, year, street."""
    found: dict[int, int] = {}

    def add(weight: int, ids: Sequence[int]) -> None:
        for pk in ids:
            found[pk] = found.get(pk, 0) + weight

    if phones:
        add(
            2,
            list(
                PhoneNumber.objects.filter(e164__in=list(phones))
                .order_by("pk")
                .values_list("person_id", flat=True)[:_MOST]
            ),
        )
    names = {word for word in f"{last} {fold(values.get('birth_name') or '')}".split() if len(word) > 1}
    heads = [word[: max(3, len(word) - 3)] for word in names]
    born = values.get("birth_on")
    year = str(born.year) if isinstance(born, date) else str(born or "")[:4]
    street = [
        word
        for word in fold(values.get("street") or "").split()
        if len(word) >= _STREET_WORD and not word.isdigit()
    ]
    for weight, clause in (
        (1, _any_begins(heads)),
        (1, _any_begins(first.split()[:1])),
        (1, Q(word=f"{BORN}{year}") if len(year) == 4 and year.isdigit() else None),
        (1, Q(word=street[-1]) if street else None),
    ):
        if clause is not None:
            words = SearchWord.objects.filter(clause).order_by("word", "person_id")
            add(weight, list(dict.fromkeys(words.values_list("person_id", flat=True)[: 20 * _MOST])))
    # Half-heard names, as the search field finds them.
    wanted = " ".join([first, last, year if year.isdigit() else ""]).strip()
    add(2, [found.person.pk for found in finding.find(wanted, actor=actor, limit=30)])
    best = sorted((pk for pk, weight in found.items() if weight >= 2), key=lambda pk: (-found[pk], pk))
    return best[:_MOST]


def _any_begins(starts: Sequence[str]) -> Q | None:
    """A range and not LIKE, as everywhere in the table of words."""
    clause = None
    for start in starts:
        one = Q(word__gte=start, word__lt=start + "\U0010ffff")
        clause = one if clause is None else clause | one
    return clause


def _population(last: str, first: str, files: Sequence[Person]) -> Population:
    """How common these names are here, counted by their words."""
    people = Person.objects.filter(merged_into=None).count()
    words = {word for word in {last, first, *(fold(file.last_name) for file in files), *(fold(file.first_name) for file in files)} if word}  # fmt: skip
    counts = {word: 0 for word in words}
    for word in (
        SearchWord.objects.filter(word__in=words).order_by("word").values_list("word", flat=True)[:5_000]
    ):
        counts[word] += 1
    heard: dict[str, int] = {}
    listed = sorted(counts)
    for word, sound in zip(listed, duplicates.sounds_of(listed), strict=True):
        heard[sound] = heard.get(sound, 0) + counts[word]
    return Population(people, heard, heard)
