"""Finding people by what was half heard: the vocabulary of names first, then the people who bear them.

Three steps, a round trip or two each. The names near to each word typed (or to several written as one) come from the
keys of the vocabulary: the same name, one slip of a finger away, or sounding alike. Pairs of such names, names with a
year, beginnings, numbers and streets each bring a few people from an index. What they bring is weighed together: all
that was typed before a part of it; what is the same before what begins alike, sounds alike, is one letter away.

Behind a row-level policy only leak-proof comparisons use an index, so everything here is equality or a range on text
under `COLLATE "C"`. What the desk may see is asked at the end, of the people themselves (`visible_to`).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property
from typing import Any

from django.db.models import Exists, OuterRef, Q
from rapidfuzz.distance import OSA

from palier.accounts.actor import Actor
from palier.kernel import statements
from palier.kernel.clock import today
from palier.kernel.phonetics import slips, sounds
from palier.people.asked import MOST_SIGNS as MOST_SIGNS
from palier.people.asked import Asked, understand
from palier.people.finding_sql import (
    BEGINNINGS,
    FIRST_BEGINS_IN_A_YEAR,
    FIRST_OF_A_YEAR,
    KEYS,
    LAST_BEGINS_IN_A_YEAR,
    NAME_AND_BEGINNING,
    NAME_BEGINS,
    OF_A_BEGINNING,
    OF_A_NAME,
    OF_A_NAME_AND_PLACE,
    OF_A_NAME_YEAR_AND_PLACE,
    OF_A_NUMBER,
    OF_A_YEAR,
    PAIRS,
    PAIRS_OF_A_YEAR,
    WORD_BEGINS,
    WORDS_BEGIN,
)
from palier.people.indexing import BORN, DIALLED, PARTICLES, REVERSED, SOUND, STREET_NOISE
from palier.people.likeness import BEGINS, EXACT, NEAR, Likeness, likeness, near_year, worth
from palier.people.models import Contact, Person, PersonQuerySet, SearchWord
from palier.people.sight import seen
from palier.people.sight import values as sight_of
from palier.people.weighing import Reason, Weighing

LAST_SIGN = "\U0010ffff"
# Beyond these nothing is gained: more names than there are near ones, more people than a list shows.
_UNITS, _LAST_NAMES, _FIRST_NAMES, _PAIRS, _WEIGHED, _A_FEW_MORE = 9, 80, 32, 500, 40, 4


@dataclass(slots=True)
class Found:
    person: Person
    # Where she answers, in E.164, first to call first.
    numbers: list[str] = field(default_factory=list)
    reasons: list[Reason] = field(default_factory=list)
    # All that was typed is there, in one way or another.
    is_whole: bool = True


Row = tuple[int, str, str, int]


def search(text: str, *, actor: Actor, limit: int = 20) -> list[Person]:
    """The people that `find` finds, best first; who answers to a part only where nobody answers to all."""
    found = find(text, actor=actor, limit=limit)
    return [one.person for one in found if one.is_whole] or [one.person for one in found]


def everybody(text: str, *, actor: Actor, limit: int) -> list[Person]:
    """All to whom every word typed belongs, as it is written; in the order of the alphabet. For an export: no guess,
    nobody left out. Where nobody is written so, those whom the search field finds for all that was typed.
    """
    asked = understand(text, today())
    if asked.is_empty or not (actor.is_desk or actor.is_ours):
        return []
    people = Search(asked, actor, limit).written_so().order_by("search_text", "pk")
    return list(people[:limit]) or [
        one.person for one in find(text, actor=actor, limit=min(limit, 100)) if one.is_whole
    ]


def find(text: str, *, actor: Actor, limit: int = 20) -> list[Found]:
    """Who may be meant by `text`: names in any order and spelling, birth, number, street, telecare number.

    Whole answers first, in order of likeness and then of the alphabet; parts of it only where nothing answers to all.
    Nobody when nothing was typed, or when the actor may not see files.
    """
    asked = understand(text, today())
    if asked.is_empty or not (actor.is_desk or actor.is_ours):
        return []
    return Search(asked, actor, limit).found()


class Search:
    """One search: what was asked, the names near to it, the people these names brought."""

    def __init__(self, asked: Asked, actor: Actor, limit: int) -> None:
        self.asked, self.actor, self.limit = asked, actor, limit
        self.words = asked.words
        self.must = [place for place, word in enumerate(self.words) if word in asked.telling]
        self.units = self._units()
        self.near: dict[str, dict[str, list[Likeness]]] = {"last": {}, "first": {}}
        self.heard: dict[str, str] = {}
        # What so many names begin with that they are not all at hand.
        self.crowded: set[str] = set()
        # What each person's best way of saying her name is worth.
        self.best: dict[int, float] = {}
        self.whole: set[int] = set()

    # --- the names near to what was typed

    def _units(self) -> list[tuple[frozenset[int], str]]:
        """The words that may be a name, one by one and up to three written as one: « le goff » is legoff."""
        places = self.asked.names
        found = []
        for length in (1, 2, 3):
            for start in range(len(places) - length + 1):
                run = places[start : start + length]
                if run[-1] - run[0] != length - 1:
                    continue
                if length == 1 and len(places) > 1 and self.words[run[0]] in (PARTICLES | STREET_NOISE):
                    continue
                found.append((frozenset(run), "".join(self.words[place] for place in run)[:40]))
        return found[: _UNITS + len(places)]

    def _look_up(self) -> None:
        keys: set[str] = set()
        for _places, unit in self.units:
            if len(unit) > 1:
                keys.update(slips(unit))
                if len(unit) > 2 and (sound := sounds(unit)):
                    self.heard[unit] = SOUND + sound
                    keys.add(SOUND + sound)
        if not self.units:
            return
        territory = self.actor.territory_id
        starts = [unit for _places, unit in self.units]
        rows, begun = statements.together(
            (KEYS, {"territory": territory, "keys": sorted(keys)}),
            (
                WORDS_BEGIN,
                {"territory": territory, "start": starts, "stop": [start + LAST_SIGN for start in starts]},
            ),
        )
        counts = Counter(start for _kind, _word, start in begun)
        self.crowded = {start for start, count in counts.items() if count == OF_A_BEGINNING}
        heard: dict[tuple[str, str], str] = {}
        for kind, word, sound in rows:
            heard[kind, word] = heard.get((kind, word)) or sound
        for (kind, word), sound in heard.items():
            self.compare(kind, word, sound)
        for kind, word, _start in begun:
            self.compare(kind, word)

    def compare(self, kind: str, word: str, sound: str | None = None) -> list[Likeness]:
        """How one name is alike to each stretch of what was typed; kept. `sound`: its key, where the vocabulary told it."""
        known = self.near[kind].get(word)
        if known is None:
            known = []
            for places, unit in self.units:
                alike = likeness(unit, word, None if sound is None else sound == self.heard.get(unit))
                if alike is not None and (len(unit) > 1 or alike[0] in (EXACT, BEGINS)):
                    known.append(Likeness(places, *alike, self._weight(places)))
            self.near[kind][word] = known
        return known

    def _weight(self, places: Iterable[int]) -> float:
        return sum(1.0 if place in self.must else 0.2 for place in places)

    def _names(self, kind: str, most: int, but: tuple[str, ...] = (NEAR,)) -> list[str]:
        """The names of the vocabulary that are near, nearest first; no stretch of the words takes the place of the others."""
        found: dict[tuple[frozenset[int], bool], list[tuple[float, str]]] = {}
        for word, alike in self.near[kind].items():
            for one in alike:
                if one.how not in but:
                    key = one.places, one.how == BEGINS
                    found.setdefault(key, []).append((-worth(one.how, one.near), word))
        share = max(most // max(len(found), 1), 16)
        best = sorted(pair for names in found.values() for pair in sorted(names)[:share])
        return list(dict.fromkeys(word for _worth, word in best))

    def _pairs(self) -> list[tuple[str, str]]:
        """Surnames with first names, of different words of what was typed, nearest first."""
        lasts = [(word, one) for word in self._names("last", _LAST_NAMES) for one in self.near["last"][word]]
        firsts = [
            (word, one) for word in self._names("first", _FIRST_NAMES) for one in self.near["first"][word]
        ]
        found: dict[tuple[str, str], float] = {}
        for last, a in lasts:
            for first, b in firsts:
                if a.places & b.places or NEAR in (a.how, b.how):
                    continue
                value = worth(a.how, a.near) * a.weight + worth(b.how, b.near) * b.weight
                if value > found.get((last, first), 0.0):
                    found[last, first] = value
        return sorted(found, key=lambda pair: (-found[pair], pair))[:_PAIRS]

    # --- the people who bear them

    def found(self) -> list[Found]:
        self._look_up()
        if self.asked.numbers:
            self._take(self._by_number(), bonus=1.0)
        if self.units:
            self._take(self._by_names(), counts=not self.asked.numbers)
            if not self.whole:
                self._take_placed(self._by_name_and_place())
            if self.asked.born and not self.whole:
                self._take(self._by_first_name_and_year())
        others = self._by_words() if len(self.must) < 2 or not self.whole else []
        found = self._weigh(others)
        if self.units and not any(one.is_whole for one in found):
            # Nothing answers to all of it: whoever answers to most.
            self._take(self._by_one_name(), counts=False)
            found = self._weigh(others)
        return found[: self.limit]

    def _by_number(self) -> Iterator[Row]:
        starts = [
            start
            for digits in self.asked.numbers
            for start in (DIALLED + digits, REVERSED + digits[::-1], digits)
        ]
        values = {
            "territory": self.actor.territory_id,
            "start": starts,
            "stop": [start + LAST_SIGN for start in starts],
        }
        yield from statements.rows(OF_A_NUMBER, values)

    def _by_name_and_place(self) -> Iterator[Row]:
        """« dupont lilas »: a surname that is near, and every other word of the street, the town or a second name."""
        asked = []
        for last in self._names("last", 12):
            for one in self.near["last"][last]:
                rest = [self.words[place] for place in self.must if place not in one.places]
                if one.how != NEAR and rest and len(rest) < len(self.must):
                    two = sorted(rest, key=len)[-2:]
                    asked.append((last, two[0], two[0] + LAST_SIGN, two[-1], two[-1] + LAST_SIGN))
        if asked:
            columns = _columns(list(dict.fromkeys(asked)))
            names = ("last", "start", "stop", "other", "other_stop")
            values = {"territory": self.actor.territory_id, **dict(zip(names, columns, strict=True))}
            if self.asked.years:
                values["years"] = list(self.asked.years)
                yield from statements.rows(OF_A_NAME_YEAR_AND_PLACE, values)
            else:
                yield from statements.rows(OF_A_NAME_AND_PLACE, values)

    def _by_names(self) -> Iterator[Row]:
        territory = self.actor.territory_id
        years = list(self.asked.years)
        lasts = self._names("last", _LAST_NAMES)
        asked: list[tuple[str, Any]] = []
        pairs = self._pairs()
        if pairs:
            last, first = _columns(pairs)
            asked.append((PAIRS, {"territory": territory, "last": last, "first": first}))
            if years:
                asked.append(
                    (PAIRS_OF_A_YEAR, {"territory": territory, "last": last, "first": first, "years": years})
                )
        beginnings = [
            (a, a + LAST_SIGN, b, b + LAST_SIGN)
            for places, a in self.units
            for others, b in self.units
            if not places & others
            and len(places | others) == len(self._name_places)
            and self.crowded & {a, b}
        ][:8]
        if beginnings:
            last, last_end, first, first_end = _columns(beginnings)
            asked.append(
                (
                    BEGINNINGS,
                    {"territory": territory, "last": last, "last_end": last_end, "first": first, "first_end": first_end},
                )
            )  # fmt: skip
        near = [
            (last, unit, unit + LAST_SIGN)
            for last in lasts[:20]
            for places, unit in self.units
            if unit in self.crowded and not any(one.places & places for one in self.near["last"][last])
        ][:45]
        if near:
            last, first, first_end = _columns(near)
            asked.append(
                (
                    NAME_AND_BEGINNING,
                    {"territory": territory, "last": last, "first": first, "first_end": first_end},
                )
            )
        if years:
            if lasts:
                asked.append((OF_A_YEAR, {"territory": territory, "last": lasts, "years": years}))
            starts = [unit for _places, unit in self.units]
            values = {
                "territory": territory,
                "start": starts,
                "stop": [start + LAST_SIGN for start in starts],
                "years": years,
            }
            asked.append((LAST_BEGINS_IN_A_YEAR, values))
            if len(self.must) < 2:
                asked.append((FIRST_BEGINS_IN_A_YEAR, values))
        elif len(self._name_places) == 1 or len(self.must) == 1:
            many = self.limit + _WEIGHED
            starts = [self.units[-1][1]] if len(self.must) == 1 else [unit for _places, unit in self.units]
            asked.append(
                (
                    NAME_BEGINS,
                    {"territory": territory, "start": starts, "stop": [start + LAST_SIGN for start in starts], "many": many},
                )
            )  # fmt: skip
            if lasts:
                asked.append((OF_A_NAME, {"territory": territory, "last": lasts, "many": 12}))
        for rows in statements.together(*asked) if asked else ():
            yield from rows

    def _by_first_name_and_year(self) -> Iterator[Row]:
        """A surname that was not understood, of somebody of this first name and year: a few hundred, compared one by one."""
        firsts = self._names("first", 4, (NEAR, BEGINS))
        rest = [unit for _places, unit in self.units if len(unit) > 3]
        if not firsts or len(self.must) < 2 or not rest:
            return
        values = {"territory": self.actor.territory_id, "first": firsts, "years": list(self.asked.years)}
        for row in statements.rows(FIRST_OF_A_YEAR, values):
            if any(OSA.normalized_similarity(unit, row[1], score_cutoff=0.45) for unit in rest):
                yield row

    def _by_one_name(self) -> Iterator[Row]:
        lasts = self._names("last", 12)
        if lasts:
            yield from statements.rows(
                OF_A_NAME, {"territory": self.actor.territory_id, "last": lasts, "many": 12}
            )

    @property
    def _name_places(self) -> set[int]:
        return {place for places, _unit in self.units for place in places}

    def _take(self, rows: Iterable[Row], *, bonus: float = 0.0, counts: bool = True) -> None:
        """Keep of each person the way of saying her name that is nearest.

        `bonus`: what else of her was asked and found; `counts`: these rows may answer to all that was asked.
        """
        wanted = set(self.must)
        years = set(self.asked.years)
        for person_id, last, first, born in rows:
            value, places = self._value(last, first)
            if not value and not bonus:
                continue
            value += bonus
            if years:
                value += 1.0 if born in years else 0.1 if not born else near_year(born, years)
            if value > self.best.get(person_id, -1.0):
                self.best[person_id] = value
            if counts and wanted <= places and (not years or born in years or bonus):
                self.whole.add(person_id)

    def _take_placed(self, rows: Iterable[Row]) -> None:
        """The same of people whose other words are known to fit."""
        for person_id, last, first, born in rows:
            value, places = self._value(last, first)
            value += len(self.must) - len(places & set(self.must))
            self.best[person_id] = max(self.best.get(person_id, 0.0), value + (born in self.asked.years))
            self.whole.add(person_id)

    def _value(self, last: str, first: str) -> tuple[float, frozenset[int]]:
        """What one way of saying a name is worth against what was typed, and the words it answers."""
        best, covered = 0.0, frozenset[int]()
        lasts = self.compare("last", last) if last else []
        firsts = self.compare("first", first) if first else []
        for a in lasts:
            value = worth(a.how, a.near) * a.weight
            if value > best:
                best, covered = value, a.places if a.how != NEAR else frozenset()
            for b in firsts:
                if a.places & b.places:
                    continue
                both = value + worth(b.how, b.near) * b.weight
                if both > best:
                    best = both
                    covered = (a.places if a.how != NEAR else frozenset()) | (
                        b.places if b.how != NEAR else frozenset()
                    )
        for b in firsts:
            value = worth(b.how, b.near) * b.weight
            if value > best:
                best, covered = value, b.places if b.how != NEAR else frozenset()
        return best, covered

    def _by_words(self) -> list[int]:
        """Those who have every word typed at the beginning of one of theirs, and whose birth fits: streets, towns, all names."""
        born = self.asked.born
        many = self.limit + _WEIGHED
        if not self.must or (len(self.must) == 1 and not born and not self.asked.numbers):
            # One thing was asked: the first of them.
            ranges = [(self.words[place], self.words[place] + LAST_SIGN) for place in self.must]
            if born and not self.must:
                ranges.append((f"{BORN}{born[0].isoformat()}", f"{BORN}{born[1].isoformat()}{LAST_SIGN}"))
                # Rows of before the vocabulary know the year only.
                ranges += [(f"{BORN}{year}", f"{BORN}{year}\x01") for year in self.asked.years]
            if not ranges:
                return list(self._around)
            start, stop = zip(*ranges, strict=True)
            values = {
                "territory": self.actor.territory_id,
                "start": list(start),
                "stop": list(stop),
                "many": many,
            }
            return [*dict.fromkeys(pk for (pk,) in statements.rows(WORD_BEGINS, values)), *self._around]
        ids = self.written_so().order_by("search_text", "pk").values_list("pk", flat=True)
        return [*ids[:many], *self._around]

    def written_so(self) -> PersonQuerySet:
        """Those the actor may see who have every word, number and birth as it was typed."""
        clauses = [_begins(self.words[place]) for place in self.must]
        clauses += [_number(digits) for digits in self.asked.numbers]
        if self.asked.born is not None:
            born = _born(*self.asked.born)
            if self.asked.numbers and not self.words:
                clauses[-1] |= born
            else:
                clauses.append(born)
        found = Person.objects.visible_to(self.actor)
        for clause in clauses:
            found = found.filter(Exists(SearchWord.objects.filter(clause, person=OuterRef("pk"))))
        return found

    # --- weighing

    @cached_property
    def _around(self) -> dict[int, Contact]:
        """Whose number it is, when it is of somebody around a person; never of one who must not be called."""
        if not self.asked.whole_number:
            return {}
        contacts = Contact.objects.callable().filter(phone=self.asked.whole_number)
        return {contact.person_id: contact for contact in contacts.order_by("-pk")[:50]}

    def _weigh(self, others: list[int]) -> list[Found]:
        """The people themselves, those the actor may see, best first."""
        # Of those the names brought, the best and a few more; all that the words brought.
        enough = self.limit + (_A_FEW_MORE if self.whole else _WEIGHED)
        ids = sorted(self.best, key=lambda pk: (-self.best[pk], pk))[:enough]
        wanted = sorted({*ids, *others})
        if not wanted:
            return []
        around = self._around
        weighed = [
            (Weighing(self.asked, self.must, self.compare, person, numbers, around.get(person.pk)), person)
            for person, numbers in _seen_people(wanted, self.actor)
        ]
        weighed.sort(
            key=lambda pair: (-pair[0].matched, -round(pair[0].value, 3), pair[1].search_text, pair[1].pk)
        )
        return [
            Found(person, one.numbers, one.reasons, one.is_whole) for one, person in weighed if one.matched
        ]


def _columns(rows: Sequence[tuple[str, ...]]) -> list[list[str]]:
    return [list(column) for column in zip(*rows, strict=True)]


@cache
def _people_statement() -> str:
    """The people of these numbers whom the actor may see, each with her telephones: planned once, asked at each letter."""
    return (
        f"select {statements.columns(Person, 'p')}, array(select f.e164 from people_phonenumber f"
        ' where f.person_id = p.id order by f."order", f.id)'
        f" from people_person p where p.territory_id = %(territory)s and p.id = any(%(ids)s::bigint[]) and {seen()}"
    )


def _seen_people(ids: Sequence[int], actor: Actor) -> Iterator[tuple[Person, list[str]]]:
    values = {"territory": actor.territory_id, "ids": list(ids), **sight_of(actor)}
    for row in statements.rows(_people_statement(), values):
        yield statements.made(Person, row[:-1]), list(row[-1])


def _begins(start: str) -> Q:
    """A range and not LIKE: behind a row-level policy only leak-proof comparisons use an index."""
    return Q(word__gte=start, word__lt=start + LAST_SIGN)


def _number(digits: str) -> Q:
    return _begins(DIALLED + digits) | _begins(REVERSED + digits[::-1]) | _begins(digits)


def _born(first: date, last: date) -> Q:
    """Between two days. Rows of before the vocabulary know the year only."""
    years = [f"{BORN}{year}" for year in range(first.year, last.year + 1)]
    return Q(word__gte=f"{BORN}{first.isoformat()}", word__lte=f"{BORN}{last.isoformat()}") | Q(
        word__in=years
    )
