"""How alike a word typed and a word of a file are. Pure."""

from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA, JaroWinkler

from palier.kernel.phonetics import sounds

# How they are alike, and what each likeness is worth.
EXACT, BEGINS, SOUNDS, SLIP, NEAR = "exact", "begins", "sounds", "slip", "near"
WORTH = {EXACT: 1.0, BEGINS: 0.9, SOUNDS: 0.8, SLIP: 0.7, NEAR: 0.35}


@dataclass(frozen=True, slots=True)
class Likeness:
    """One name of the vocabulary against one stretch of the words typed: the places of these words, how, how near."""

    places: frozenset[int]
    how: str
    near: float
    # A name that is only a particle, or a letter, weighs less than the others it stands beside.
    weight: float


@lru_cache(maxsize=16_384)
def likeness(typed: str, word: str, heard: bool | None = None) -> tuple[str, float] | None:
    """How alike two folded words are, and how near, from 0 to 1; None when they are not.

    `heard`: whether they sound alike, where the vocabulary has told.
    """
    if typed == word:
        return EXACT, 1.0
    near = OSA.normalized_similarity(typed, word)
    if word.startswith(typed):
        return BEGINS, near
    if min(len(typed), len(word)) < 3:
        return (SLIP, near) if len(typed) == 2 and len(word) < 4 and near > 0.6 else None
    if heard is None:
        # Names that sound alike are never written quite differently: most need not be heard.
        heard = near > 0.34 and sounds(typed) == sounds(word) != ""
    if heard:
        return SOUNDS, near
    if near >= 0.6 and OSA.distance(typed, word, score_cutoff=1) <= 1:
        return SLIP, near
    if (
        near >= 0.5
        and min(len(typed), len(word)) > 3
        and JaroWinkler.normalized_similarity(typed, word) >= 0.84
    ):
        return NEAR, near
    return None


def worth(how: str, near: float) -> float:
    """Between the worth of this likeness and of the one above it."""
    return WORTH[how] + 0.09 * near


def near_year(born: int, years: set[int]) -> float:
    """A year heard wrong is often one or ten years off."""
    off = min((abs(born - year) for year in years), default=99)
    return 0.5 if off == 1 else 0.4 if off == 10 else 0.0
