"""The same person twice: pairs of lines that may be one person, how likely, and why. Plain columns in and out.

`pairs(table_of(columns))` over a whole list; `likely(candidate, others)` while somebody is being typed. Measured by
bench/duplicates.py; how it works: docs/decisions/0011-the-same-person-twice.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from palier.planning.duplicates.blocks import candidates
from palier.planning.duplicates.comparisons import (
    LEVELS,
    SUBJECTS,
    Birth,
    Comparer,
    First,
    Levels,
    Population,
)
from palier.planning.duplicates.reasons import Reason, reasons_of
from palier.planning.duplicates.table import COLUMNS, Ints, Table, fold_all, sounds_of, table_of
from palier.planning.duplicates.weights import (
    ENOUGH,
    NO_CORRECTION,
    Correction,
    Numbers,
    adjusted,
    probability,
    shipped,
)

__all__ = [
    "COLUMNS",
    "ENOUGH",
    "LEVELS",
    "NO_CORRECTION",
    "SUBJECTS",
    "THRESHOLD",
    "Correction",
    "Levels",
    "Match",
    "Pairs",
    "Population",
    "Reason",
    "Table",
    "adjusted",
    "fold_all",
    "likely",
    "pairs",
    "reasons_of",
    "scored",
    "sounds_of",
    "table_of",
]

# More likely one person than two. Fixed: it was not looked for on any file.
THRESHOLD = 0.5
_AT_ONCE = 250_000
# Pairs with one number looked at, how many tell, and the share of couples below which there are none.
_LOOKED_AT, _ENOUGH_TO_TELL, _FEW_HOUSEHOLDS = 20_000, 150, 0.02


@dataclass(frozen=True, slots=True)
class Pairs:
    """Lines a < b with the probability that they are one person, likeliest first, and the levels compared."""

    a: Ints
    b: Ints
    probability: Numbers
    levels: Levels
    # How many pairs were compared to find these.
    compared: int = 0

    def __len__(self) -> int:
        return len(self.a)

    def reasons(self, place: int) -> tuple[Reason, ...]:
        return reasons_of(self.levels[:, place])


@dataclass(frozen=True, slots=True)
class Match:
    """One of the others, as likely the same person as `probability` says, for these reasons."""

    index: int
    probability: float
    reasons: tuple[Reason, ...]
    # One level a subject: what a decision is remembered by.
    levels: tuple[int, ...] = field(default=())


def pairs(
    table: Table,
    *,
    threshold: float = THRESHOLD,
    correction: Correction = NO_CORRECTION,
    population: Population | None = None,
) -> Pairs:
    """All pairs of the table that are more likely than `threshold` one person."""
    a, b = candidates(table)
    if numbers_are_personal(table, a, b):
        table = replace(table, phone=np.full_like(table.phone, -1), identifier=table.phone)
    return scored(table, a, b, threshold=threshold, correction=correction, population=population)


def numbers_are_personal(table: Table, a: Ints, b: Ints) -> bool:
    """Whether the numbers in the column of telephones are each one person's: a list that calls a personal number so.

    Where people live together, some pairs with one number have another first name and another birth date: a
    couple. In a list of thousands without a single household the number says more than a telephone does.
    """
    if (table.identifier >= 0).any() or (table.other_phone >= 0).any():
        return False
    same = np.flatnonzero((table.phone[a] == table.phone[b]) & (table.phone[a] >= 0))[:_LOOKED_AT]
    levels = Comparer(table).compare(a[same], b[same])
    dated = levels[2] != Birth.UNKNOWN
    apart = dated & (levels[1] >= First.SHARED) & (levels[2] >= Birth.OTHER)
    return int(dated.sum()) >= _ENOUGH_TO_TELL and float(apart.sum()) < _FEW_HOUSEHOLDS * float(dated.sum())


def scored(
    table: Table,
    a: Ints,
    b: Ints,
    *,
    threshold: float = THRESHOLD,
    correction: Correction = NO_CORRECTION,
    population: Population | None = None,
) -> Pairs:
    """These pairs of lines, those above the threshold kept."""
    weights, comparer = shipped(), Comparer(table, population)
    kept: list[tuple[Ints, Ints, Numbers, Levels]] = []
    for start in range(0, max(len(a), 1), _AT_ONCE):
        left, right = a[start : start + _AT_ONCE], b[start : start + _AT_ONCE]
        levels = comparer.compare(left, right)
        likely_ = probability(weights.logits(levels, correction))
        hit = likely_ >= threshold
        kept.append((left[hit], right[hit], likely_[hit], levels[:, hit]))
    first, second, likelihood, levels = (np.concatenate(part, axis=-1) for part in zip(*kept, strict=True))
    order = np.lexsort((second, first, -likelihood))
    return Pairs(first[order], second[order], likelihood[order], levels[:, order], compared=len(a))


def likely(
    candidate: Mapping[str, str],
    others: Sequence[Mapping[str, str]],
    *,
    threshold: float = THRESHOLD,
    correction: Correction = NO_CORRECTION,
    population: Population | None = None,
) -> list[Match]:
    """Which of the others may be the candidate, likeliest first; fields are COLUMNS, any may be missing.

    All of them are compared: pick a few hundred at most, and say by `population` how common their names are.
    """
    if not others:
        return []
    lines = [candidate, *others]
    table = table_of({name: [line.get(name, "") or "" for line in lines] for name in COLUMNS})
    b = np.arange(1, len(lines), dtype=np.int64)
    found = scored(
        table, np.zeros_like(b), b, threshold=threshold, correction=correction, population=population
    )
    return [
        Match(
            int(found.b[i]) - 1,
            float(found.probability[i]),
            found.reasons(i),
            tuple(int(level) for level in found.levels[:, i]),
        )
        for i in range(len(found))
    ]
