"""What two lines say of each other, one level a subject: the same number, a date turned round, another street."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from palier.planning.duplicates.table import Ints, Names, Table, sounds_of

Levels = NDArray[np.uint8]
Flags = NDArray[np.bool_]
Shares = NDArray[np.float64]

SUBJECTS = ("surname", "first", "birth", "phone", "address", "place", "sex", "rarity", "identifier")


class Surname(IntEnum):
    UNKNOWN = 0
    SAME = 1
    SOUND = 2
    CLOSE = 3
    LIKE = 4
    PART = 5
    FAR = 6
    OTHER = 7
    # Married name on one side, birth name on the other.
    BIRTH_SAME = 8
    BIRTH_CLOSE = 9
    # First name in the place of the last.
    TURNED_SAME = 10
    TURNED_CLOSE = 11


class First(IntEnum):
    UNKNOWN = 0
    SAME = 1
    SOUND = 2
    CLOSE = 3
    INITIAL = 4
    PART = 5
    LIKE = 6
    # Marie-Claude and Marie-Louise: sisters more often than a mistake.
    SHARED = 7
    OTHER = 8


class Birth(IntEnum):
    UNKNOWN = 0
    SAME = 1
    SAME_YEAR_ONLY = 2
    TURNED = 3
    SAME_YEAR_CLOSE = 4
    SAME_YEAR = 5
    YEAR_SLIP = 6
    ANNIVERSARY = 7
    CLOSE = 8
    OTHER = 9
    GENERATION = 10


class Phone(IntEnum):
    UNKNOWN = 0
    SAME = 1
    SAME_SHARED = 2
    SAME_CROWD = 3
    CLOSE = 4
    OTHER = 5


class Address(IntEnum):
    UNKNOWN = 0
    SAME = 1
    SAME_CROWD = 2
    STREET = 3
    OTHER_HOUSE = 4
    LIKE_STREET = 5
    OTHER_STREET = 6


class Place(IntEnum):
    UNKNOWN = 0
    SAME = 1
    CLOSE = 2
    OTHER = 3


class Identifier(IntEnum):
    UNKNOWN = 0
    SAME = 1
    CLOSE = 2
    OTHER = 3


class Sex(IntEnum):
    UNKNOWN = 0
    SAME = 1
    OTHER = 2


# How many people of that name chance alone would bring together: upper ends of the levels 1, 2, …
RARITY_ENDS = (0.002, 0.007, 0.02, 0.07, 0.2, 0.7, 2.0, 7.0)
LEVELS = (12, 9, 11, 6, 7, 4, 3, len(RARITY_ENDS) + 2, 4)
SMALLEST_POPULATION = 200
_CROWD_AT_A_NUMBER = 6
_FAMILY_AT_A_NUMBER = 3
_CROWD_AT_A_DOOR = 6


class Comparer:
    """Compares lines of one table; keeps what is counted once (how many share a number, a name, a door)."""

    def __init__(self, table: Table, population: "Population | None" = None) -> None:
        self.table = table
        self.at_number = _Counted(np.concatenate((table.phone, table.other_phone)))
        self.at_door = _Counted(_door(table))
        self.people = population.people if population else table.size
        # A handful of lines says nothing of how common a name is.
        self.is_counted = population is not None or table.size >= SMALLEST_POPULATION
        self.surname_share, self.first_share = (
            population.shares(table.names) if population else _own_shares(table)
        )

    def compare(self, a: Ints, b: Ints) -> Levels:
        """Levels of each pair, shape (subjects, pairs)."""
        levels = np.zeros((len(SUBJECTS), len(a)), dtype=np.uint8)
        if not len(a):
            return levels
        levels[0], levels[1], last_a, last_b, first_a = self._names(a, b)
        levels[2] = self._birth(a, b)
        levels[3] = self._phone(a, b)
        levels[4], levels[5] = self._address(a, b)
        sex = self.table.sex
        levels[6] = np.where((sex[a] == 0) | (sex[b] == 0), 0, np.where(sex[a] == sex[b], 1, 2))
        levels[7] = self._rarity(last_a, last_b, first_a)
        levels[8] = self._identifier(a, b)
        return levels

    # --- Names

    def _names(self, a: Ints, b: Ints) -> tuple[Levels, Levels, Ints, Ints, Ints]:
        table, names = self.table, self.table.names
        last_a, last_b, first_a, first_b = table.last[a], table.last[b], table.first[a], table.first[b]
        surname = _surname_level(names, last_a, last_b)
        first = _first_level(names, first_a, first_b)
        by_a, by_b = last_a.copy(), last_b.copy()
        # First name and last name in each other's place.
        asked = np.flatnonzero(
            (surname >= Surname.LIKE)
            & (surname <= Surname.OTHER)
            & (first >= First.INITIAL)
            & (first_a >= 0)
            & (first_b >= 0)
        )
        if len(asked):
            one = _surname_level(names, last_a[asked], first_b[asked])
            two = _surname_level(names, first_a[asked], last_b[asked])
            turned = (np.minimum(one, two) <= Surname.CLOSE) & (np.maximum(one, two) <= Surname.LIKE)
            turned &= (one > 0) & (two > 0)
            hit = asked[turned]
            exact = (one[turned] == Surname.SAME) & (two[turned] == Surname.SAME)
            surname[hit] = np.where(exact, Surname.TURNED_SAME, Surname.TURNED_CLOSE)
            first[hit] = np.where(two[turned] == Surname.SAME, First.SAME, First.CLOSE)
        # Married name on one side, birth name on the other, where the last names say nothing.
        for left, right in (
            (table.birth_name[a], last_b),
            (last_a, table.birth_name[b]),
            (table.birth_name[a], table.birth_name[b]),
        ):
            asked = np.flatnonzero(
                ((surname >= Surname.LIKE) & (surname <= Surname.OTHER) | (surname == Surname.UNKNOWN))
                & (left >= 0)
                & (right >= 0)
            )
            if not len(asked):
                continue
            level = _surname_level(names, left[asked], right[asked])
            better = level <= Surname.CLOSE
            hit = asked[better]
            surname[hit] = np.where(level[better] == Surname.SAME, Surname.BIRTH_SAME, Surname.BIRTH_CLOSE)
            by_a[hit], by_b[hit] = left[hit], right[hit]
        return surname, first, by_a, by_b, first_a

    def _rarity(self, last_a: Ints, last_b: Ints, first_a: Ints) -> Levels:
        if not self.is_counted or not len(self.surname_share):
            return np.zeros(len(last_a), dtype=np.uint8)
        surname = np.minimum(self.surname_share[last_a], self.surname_share[last_b])
        expected = surname * self.first_share[first_a] * self.people
        level = np.searchsorted(np.array(RARITY_ENDS), expected).astype(np.uint8) + 1
        return np.where((last_a < 0) | (last_b < 0) | (first_a < 0), 0, level).astype(np.uint8)

    # --- Birth date

    def _birth(self, a: Ints, b: Ints) -> Levels:
        table = self.table
        ya, yb, ma, mb = table.year[a], table.year[b], table.month[a], table.month[b]
        da, db = table.day[a], table.day[b]
        whole = (ma >= 0) & (mb >= 0)
        gap = np.abs(ya - yb)
        same_month, same_day, turned = ma == mb, da == db, (ma == db) & (da == mb)
        slip = (gap == 10) | (gap <= 1) | _one_digit(ya, yb) | _swapped_digits(ya, yb)
        near_day = _one_digit(da, db) | _swapped_digits(da, db) | (np.abs(da - db) <= 1)
        near_month = _one_digit(ma, mb) | _swapped_digits(ma, mb) | (np.abs(ma - mb) <= 1)
        close_date = (same_month & near_day) | (same_day & near_month)
        level = np.full(len(a), Birth.OTHER, dtype=np.uint8)
        level[gap >= 15] = Birth.GENERATION
        level[slip & (close_date | turned)] = Birth.CLOSE
        level[~whole & slip] = Birth.CLOSE
        level[whole & same_month & same_day] = Birth.ANNIVERSARY
        level[whole & same_month & same_day & slip] = Birth.YEAR_SLIP
        same_year = gap == 0
        level[same_year & whole] = Birth.SAME_YEAR
        level[same_year & whole & close_date] = Birth.SAME_YEAR_CLOSE
        level[same_year & whole & turned] = Birth.TURNED
        level[same_year & ~whole] = Birth.SAME_YEAR_ONLY
        level[same_year & whole & same_month & same_day] = Birth.SAME
        level[(ya < 0) | (yb < 0)] = Birth.UNKNOWN
        return level

    # --- Telephone

    def _phone(self, a: Ints, b: Ints) -> Levels:
        table = self.table
        pa, pb = table.phone[a], table.phone[b]
        level = np.full(len(a), Phone.OTHER, dtype=np.uint8)
        unlike = np.flatnonzero((pa != pb) & (pa >= 0) & (pb >= 0))
        near = _near_numbers(pa[unlike], pb[unlike])
        level[unlike[near]] = Phone.CLOSE
        level[(pa < 0) | (pb < 0)] = Phone.UNKNOWN
        same = (pa == pb) & (pa >= 0)
        number = np.where(same, pa, -1)
        others = table.other_phone
        if (others >= 0).any():
            for left, right in ((pa, others[b]), (others[a], pb), (others[a], others[b])):
                hit = (left == right) & (left >= 0) & (number < 0)
                number[hit] = left[hit]
        shared = self.at_number.of(number)
        level[number >= 0] = Phone.SAME
        level[(number >= 0) & (shared > _FAMILY_AT_A_NUMBER)] = Phone.SAME_SHARED
        level[(number >= 0) & (shared > _CROWD_AT_A_NUMBER)] = Phone.SAME_CROWD
        return level

    def _identifier(self, a: Ints, b: Ints) -> Levels:
        ia, ib = self.table.identifier[a], self.table.identifier[b]
        level = np.where(ia == ib, Identifier.SAME, Identifier.OTHER).astype(np.uint8)
        unlike = np.flatnonzero((ia != ib) & (ia >= 0) & (ib >= 0))
        level[unlike[_near_numbers(ia[unlike], ib[unlike])]] = Identifier.CLOSE
        level[(ia < 0) | (ib < 0)] = Identifier.UNKNOWN
        return level

    # --- Address

    def _address(self, a: Ints, b: Ints) -> tuple[Levels, Levels]:
        table = self.table
        sa, sb, na, nb = table.street.of[a], table.street.of[b], table.number.of[a], table.number.of[b]
        ca, cb, ta, tb = table.postcode.of[a], table.postcode.of[b], table.city.of[a], table.city.of[b]
        known = (sa >= 0) & (sb >= 0)
        like = known & (sa == sb)
        like |= known & (table.street_sound[a] == table.street_sound[b])
        asked = np.flatnonzero(known & ~like)
        if len(asked):
            like[asked] = _likeness(table.street.words, sa[asked], sb[asked], cutoff=0.9) >= 0.9
        same_number = (na >= 0) & (na == nb)
        same_code = (ca >= 0) & (ca == cb)
        same_city = (ta >= 0) & (ta == tb)
        level = np.full(len(a), Address.OTHER_STREET, dtype=np.uint8)
        level[same_number & (same_code | same_city)] = Address.LIKE_STREET
        level[like] = Address.OTHER_HOUSE
        level[like & ((na < 0) | (nb < 0))] = Address.STREET
        level[like & same_number] = Address.SAME
        crowd = np.maximum(self.at_door.line(a), self.at_door.line(b)) > _CROWD_AT_A_DOOR
        level[like & same_number & crowd] = Address.SAME_CROWD
        level[~known] = Address.UNKNOWN

        place = np.full(len(a), Place.OTHER, dtype=np.uint8)
        unknown = ((ca < 0) | (cb < 0)) & ((ta < 0) | (tb < 0))
        asked = np.flatnonzero(~unknown & ~(same_code | same_city) & (ca >= 0) & (cb >= 0))
        if len(asked):
            near = _likeness(table.postcode.words, ca[asked], cb[asked], cutoff=0.85) >= 0.85
            place[asked[near]] = Place.CLOSE
        asked = np.flatnonzero(~unknown & ~(same_code | same_city) & (ta >= 0) & (tb >= 0))
        if len(asked):
            near = _likeness(table.city.words, ta[asked], tb[asked], cutoff=0.9) >= 0.9
            place[asked[near]] = Place.CLOSE
        # The code says where; a town has many spellings, and a town alone many codes.
        place[same_city | same_code] = Place.SAME
        place[unknown] = Place.UNKNOWN
        return level, place


def _door(table: Table) -> Ints:
    known = (table.street.of >= 0) & (table.number.of >= 0)
    return np.where(known, table.street.of * (len(table.number.words) + 1) + table.number.of, -1)


class _Counted:
    """How often each value stands in a column; -1 is not counted."""

    def __init__(self, column: Ints) -> None:
        self.values, places, counts = np.unique(column, return_inverse=True, return_counts=True)
        self.counts = np.where(self.values < 0, 0, counts)
        self.places = places

    def line(self, lines: Ints) -> Ints:
        return self.counts[self.places[lines]]

    def of(self, values: Ints) -> Ints:
        if not len(self.values):
            return np.zeros(len(values), dtype=np.int64)
        return self.counts[np.minimum(np.searchsorted(self.values, values), len(self.values) - 1)]


# --- How common a name is


@dataclass(frozen=True, slots=True)
class Population:
    """How many people there are and how many of them bear a name that sounds alike.

    Counted from the table itself; for a few lines picked from many it is counted elsewhere and handed over, by
    what is heard (`sounds_of` the folded name; for first names, of the whole of it).
    """

    people: int
    surnames: Mapping[str, int]
    firsts: Mapping[str, int]

    def shares(self, names: Names) -> tuple[Shares, Shares]:
        heard = sounds_of(names.words)
        people = max(self.people, 1)
        surnames = [max(self.surnames.get(sound, 0), 1) / people for sound in heard]
        firsts = [max(self.firsts.get(sound, 0), 1) / people for sound in heard]
        return np.array(surnames), np.array(firsts)


def _own_shares(table: Table) -> tuple[Shares, Shares]:
    sound = table.names.sound
    count = int(sound.max()) + 1 if len(sound) else 0
    last = np.bincount(sound[table.last[table.last >= 0]], minlength=count) if count else np.zeros(0)
    first = np.bincount(sound[table.first[table.first >= 0]], minlength=count) if count else np.zeros(0)
    people = max(table.size, 1)
    return np.maximum(last[sound], 1) / people, np.maximum(first[sound], 1) / people


# --- Names and numbers side by side


def _likeness(words: list[str], a: Ints, b: Ints, cutoff: float = 0.0) -> Shares:
    """Jaro-Winkler of the words at two places, 0 below the cut-off."""
    return process.cpdist(
        [words[i] for i in a.tolist()],
        [words[i] for i in b.tolist()],
        scorer=JaroWinkler.normalized_similarity,
        score_cutoff=cutoff,
        dtype=np.float32,
        workers=1,
    )


def _surname_level(names: Names, a: Ints, b: Ints) -> Levels:
    level = np.full(len(a), Surname.OTHER, dtype=np.uint8)
    unknown = (a < 0) | (b < 0)
    same = ~unknown & (names.joined_id[a] == names.joined_id[b])
    asked = np.flatnonzero(~unknown & ~same)
    if len(asked):
        left, right = a[asked], b[asked]
        like = _likeness(names.joined, left, right)
        found = np.full(len(asked), Surname.OTHER, dtype=np.uint8)
        found[like >= 0.75] = Surname.FAR
        compound = (names.parts[left] > 1) != (names.parts[right] > 1)
        heads, tails = names.head_sound, names.tail_sound
        part = (heads[left] == heads[right]) | (tails[left] == tails[right])
        found[compound & part & _telling(names, left, right)] = Surname.PART
        heard = names.sound[left] == names.sound[right]
        found[(like >= 0.85) | (heard & (like >= 0.6))] = Surname.LIKE
        found[like >= 0.92] = Surname.CLOSE
        found[heard & (like >= 0.75)] = Surname.SOUND
        level[asked] = found
    level[same] = Surname.SAME
    level[unknown] = Surname.UNKNOWN
    return level


def _telling(names: Names, a: Ints, b: Ints) -> Flags:
    """The word that two double names share is more than a particle."""
    long = names.part_length
    enough: Flags = np.minimum(long[a], long[b]) >= 3
    return enough


def _first_level(names: Names, a: Ints, b: Ints) -> Levels:
    level = np.full(len(a), First.OTHER, dtype=np.uint8)
    unknown = (a < 0) | (b < 0)
    same = ~unknown & (names.joined_id[a] == names.joined_id[b])
    asked = np.flatnonzero(~unknown & ~same)
    if len(asked):
        left, right = a[asked], b[asked]
        like = _likeness(names.joined, left, right)
        found = np.full(len(asked), First.OTHER, dtype=np.uint8)
        found[like >= 0.8] = First.LIKE
        found[like >= 0.9] = First.CLOSE
        found[(names.sound[left] == names.sound[right]) & (like >= 0.75)] = First.SOUND
        left_parts, right_parts = names.parts[left], names.parts[right]
        # Two double names are compared by their second half too.
        double = (left_parts > 1) & (right_parts > 1)
        shared_head = names.head_sound[left] == names.head_sound[right]
        other_tail = names.tail_sound[left] != names.tail_sound[right]
        unsure = np.flatnonzero(double & shared_head & other_tail)
        if len(unsure):
            tails = _likeness(names.tails, left[unsure], right[unsure])
            found[unsure[tails < 0.75]] = First.SHARED
        one = (left_parts > 1) != (right_parts > 1)
        found[one & (names.head[left] == names.head[right])] = First.PART
        found[one & (names.head[left] != names.head[right]) & shared_head] = First.PART
        # « J. », « J.-P. »
        short = np.minimum(names.head_length[left], names.head_length[right]) == 1
        found[short & (names.initial[left] == names.initial[right])] = First.INITIAL
        level[asked] = found
    level[same] = First.SAME
    level[unknown] = First.UNKNOWN
    return level


def _one_digit(a: Ints, b: Ints) -> Flags:
    """Two numbers of four digits at most that differ in one of them."""
    unlike = np.zeros(len(a), dtype=np.int64)
    for place in (1, 10, 100, 1000):
        unlike += a // place % 10 != b // place % 10
    one: Flags = unlike == 1
    return one


def _swapped_digits(a: Ints, b: Ints) -> Flags:
    """The last two digits stand the wrong way round: 1942 and 1924."""
    swapped: Flags = (a // 100 == b // 100) & (a % 10 == b // 10 % 10) & (a // 10 % 10 == b % 10) & (a != b)
    return swapped


def _near_numbers(a: Ints, b: Ints) -> Flags:
    """Telephone numbers that differ in one digit, or in two neighbouring ones that changed places."""
    places = [10**place for place in range(12)]
    unlike = np.stack([a // place % 10 != b // place % 10 for place in places])
    count = unlike.sum(axis=0)
    swapped = np.zeros(len(a), dtype=bool)
    for i in range(len(places) - 1):
        pair = 100 * places[i]
        left, right = a % pair // places[i], b % pair // places[i]
        swapped |= unlike[i] & unlike[i + 1] & (left // 10 == right % 10) & (left % 10 == right // 10)
    near: Flags = (count == 1) | ((count == 2) & swapped)
    return near
