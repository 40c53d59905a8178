"""One person against what was typed: how well she answers, and why, where it is not plain to see."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from palier.kernel.text import fold
from palier.people.asked import Asked
from palier.people.indexing import forms, national
from palier.people.likeness import NEAR, SLIP, SOUNDS, Likeness, likeness, near_year, worth
from palier.people.models import Contact, Person


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody was found, where it is not plain to see: what was typed, what is in the file."""

    kind: str
    typed: str = ""
    found: str = ""


def _halves(name: str) -> list[tuple[bool, str]]:
    """The whole name, then its parts, marked as such."""
    return [(place > 0, word) for place, word in enumerate(forms(name))]


class _Told(NamedTuple):
    """One name of a person that is like something typed."""

    one: Likeness
    shown: str
    is_birth: bool
    is_half: bool

    @property
    def value(self) -> float:
        """Half of a name counts a little less than the whole; of two names she bears, that of today when both fit."""
        value = worth(self.one.how, self.one.near) * self.one.weight
        return value - 0.02 * self.is_half - 0.001 * self.is_birth


class Weighing:
    """How well one person answers, and why where it is not plain to see."""

    def __init__(
        self,
        asked: Asked,
        must: Sequence[int],
        compare: Callable[[str, str], Sequence[Likeness]],
        person: Person,
        numbers: list[str],
        around: Contact | None,
    ) -> None:
        """`must`: the places of the words that have to be found; `compare`: a name against what was typed."""
        self.asked, self.compare, self.person, self.numbers, self.around = (
            asked,
            compare,
            person,
            numbers,
            around,
        )
        self.value = 0.0
        self.matched = 0
        self.reasons: list[Reason] = []
        missing = self._name(set(must))
        missing = self._place(missing)
        fits = self._birth() + self._numbers()
        wanted = len(asked.numbers) + (asked.born is not None)
        if asked.numbers and asked.born and not asked.words:
            # « 1938 » is a year or the end of a number: one of them is all that was asked.
            wanted, fits = 1, min(fits, 1)
        self.matched = len(must) - len(missing) + fits
        if missing:
            words = " ".join(asked.words[place] for place in sorted(missing))
            self.reasons.append(Reason("missing", words))
        self.is_whole = not missing and fits >= wanted

    def _name(self, missing: set[int]) -> set[int]:
        person, compare = self.person, self.compare
        told = [
            _Told(one, name, is_birth, is_half)
            for name, is_birth in ((person.last_name, False), (person.birth_name, True))
            for is_half, word in _halves(name)
            for one in compare("last", word)
        ]
        given = [
            _Told(one, person.first_name, False, is_half)
            for is_half, word in _halves(person.first_name)
            for one in compare("first", word)
        ]
        best: tuple[float, tuple[_Told, ...]] = (0.0, ())
        for a in (None, *told):
            for b in (None, *given):
                if a is None or b is None:
                    parts = tuple(part for part in (a, b) if part is not None)
                    value = sum(part.value for part in parts)
                elif a.one.places & b.one.places:
                    continue
                else:
                    parts = (a, b)
                    # The surname first, as in a list.
                    value = a.value + b.value + 0.01 * (max(a.one.places) < min(b.one.places))
                if value > best[0]:
                    best = value, parts
        self.value += best[0]
        for part in best[1]:
            typed = " ".join(self.asked.words[place] for place in sorted(part.one.places))
            if part.one.how != NEAR:
                missing = missing - part.one.places
            if part.is_birth:
                self.reasons.append(Reason("birth_name", typed, part.shown))
            if part.one.how in (SOUNDS, SLIP, NEAR):
                self.reasons.append(Reason(part.one.how, typed, part.shown))
        return missing

    def _place(self, missing: set[int]) -> set[int]:
        """The words that are of her street or town, or of a second name."""
        if not missing:
            return missing
        person = self.person
        there = set(
            fold(
                f"{person.street} {person.city} {person.birth_name} {person.last_name} {person.first_name}"
            ).split()
        )
        left = set()
        for place in missing:
            typed = self.asked.words[place]
            found = [alike for word in there if (alike := likeness(typed, word)) and alike[0] != NEAR]
            if not found:
                left.add(place)
                continue
            how, near = max(found, key=lambda alike: worth(*alike))
            self.value += worth(how, near)
        # A house number is no proof, but tells two of one street apart.
        self.value += 0.1 * sum(word.isdigit() and word in there for word in self.asked.words)
        return left

    def _birth(self) -> int:
        born = self.asked.born
        if born is None:
            return 0
        hers = self.person.birth_on
        if hers is None:
            self.reasons.append(Reason("no_birth"))
            self.value += 0.1
            return 0
        if born[0] <= hers <= born[1]:
            self.value += 1.0
            return 1
        if not (self.asked.numbers and not self.asked.words):
            self.reasons.append(Reason("other_birth", self.asked.text, hers.isoformat()))
        self.value += near_year(hers.year, set(self.asked.years))
        return 0

    def _numbers(self) -> int:
        found = 0
        for digits in self.asked.numbers:
            mine = next((e164 for e164 in self.numbers if _is_of(digits, national(e164))), None)
            if mine is not None:
                self.reasons.append(Reason("number", digits, mine))
            elif self.person.telecare_number.startswith(digits):
                self.reasons.append(Reason("telecare", digits, self.person.telecare_number))
            elif self.around is not None and self.asked.whole_number == self.around.phone:
                self.reasons.append(Reason("around", digits, self.around.name))
            elif digits not in fold(f"{self.person.street} {self.person.city}").split():
                continue
            found += 1
            self.value += 1.0
        return found


def _is_of(digits: str, number: str) -> bool:
    return number.startswith(digits) or number.endswith(digits)
