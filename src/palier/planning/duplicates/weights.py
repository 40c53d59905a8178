"""From what two lines say of each other to a probability: a sum of weights, learnt elsewhere and kept as a file.

One weight a level of each subject and one for each two levels of two subjects (« same surname » counts less when
the street is the same too: a couple), added up and passed through the logistic function. The weights come from
invented towns (bench/duplicates_train.py), never from the people compared. A territory corrects them by a few
numbers of its own, learnt from what its agents decided (`adjusted`).
"""

import itertools
import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from palier.planning.duplicates.comparisons import LEVELS, SUBJECTS, Levels

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Correction:
    """What a territory's own decisions add: a shift, and for each subject how much more or less it counts."""

    shift: float = 0.0
    subjects: tuple[float, ...] = (0.0,) * len(SUBJECTS)


NO_CORRECTION = Correction()


@dataclass(frozen=True, slots=True)
class Weights:
    bias: float
    singles: tuple[Numbers, ...]
    doubles: tuple[Numbers, ...]

    def parts(self, levels: Levels) -> Numbers:
        """What each subject adds, shape (subjects, pairs); a weight of two subjects is halved between them."""
        parts = np.stack([table[level] for table, level in zip(self.singles, levels, strict=True)])
        for table, (i, j) in zip(self.doubles, _TWOS, strict=True):
            half = table[levels[i], levels[j]] / 2
            parts[i] += half
            parts[j] += half
        return parts

    def logits(self, levels: Levels, correction: Correction = NO_CORRECTION) -> Numbers:
        if correction != NO_CORRECTION:
            factors = 1 + np.array(correction.subjects)
            corrected: Numbers = (self.parts(levels) * factors[:, None]).sum(axis=0)
            corrected += self.bias + correction.shift
            return corrected
        total: Numbers = np.full(levels.shape[1], self.bias)
        for table, level in zip(self.singles, levels, strict=True):
            total += table[level]
        for table, (i, j) in zip(self.doubles, _TWOS, strict=True):
            total += table.ravel()[levels[i].astype(np.intp) * table.shape[1] + levels[j]]
        return total


_TWOS = list(itertools.combinations(range(len(SUBJECTS)), 2))


def probability(logits: Numbers) -> Numbers:
    likely: Numbers = 1 / (1 + np.exp(-np.clip(logits, -40, 40)))
    return likely


@lru_cache(maxsize=1)
def shipped() -> Weights:
    """The weights of weights.json; refused when they are not those of these levels."""
    kept = json.loads(files(__package__).joinpath("weights.json").read_text("utf-8"))
    singles = tuple(np.array(kept["singles"][name]) for name in SUBJECTS)
    doubles = tuple(np.array(kept["doubles"][f"{SUBJECTS[i]} {SUBJECTS[j]}"]) for i, j in _TWOS)
    shapes = [table.shape for table in singles + doubles]
    if shapes != [(n,) for n in LEVELS] + [(LEVELS[i], LEVELS[j]) for i, j in _TWOS]:
        raise ValueError("weights.json was made for other levels: run bench/duplicates_train.py")
    return Weights(float(kept["bias"]), singles, doubles)


# --- What agents decided

# So many decisions of each kind before anything is learnt; and what is believed without them, as strong as so
# many: the shipped weights are moved, never replaced.
ENOUGH = 15
_BELIEF_SHIFT, _BELIEF_SUBJECT = 4.0, 30.0
_FURTHEST_SHIFT, _FURTHEST_SUBJECT = 2.0, 0.5


def adjusted(levels: Levels, same: NDArray[np.bool_], weights: Weights | None = None) -> Correction:
    """What pairs decided by people say of the weights, shape of `levels` (subjects, pairs).

    A logistic regression on what each subject added, held to the shipped weights by a strong belief and by
    bounds. Nothing changes before there are `ENOUGH` of each kind; without decisions the correction is none.
    """
    same = np.asarray(same, dtype=bool)
    if min(int(same.sum()), int((~same).sum())) < ENOUGH:
        return NO_CORRECTION
    weights = weights or shipped()
    parts = weights.parts(levels)
    base = weights.bias + parts.sum(axis=0)
    x = np.vstack([np.ones(parts.shape[1]), parts])
    # What was proposed is not all there is: both kinds weigh alike, so that the share proposed teaches nothing.
    weigh = np.where(same, 0.5 / same.mean(), 0.5 / (~same).mean())
    belief = np.array([_BELIEF_SHIFT] + [_BELIEF_SUBJECT] * len(SUBJECTS))
    moved = np.zeros(len(belief))
    for _ in range(50):
        p = probability(base + moved @ x)
        slope = x @ (weigh * (p - same)) + belief * moved
        curve = (x * (weigh * p * (1 - p))) @ x.T + np.diag(belief)
        step = np.linalg.solve(curve, slope)
        moved -= step
        if np.abs(step).max() < 1e-7:
            break
    shift = float(np.clip(moved[0], -_FURTHEST_SHIFT, _FURTHEST_SHIFT))
    subjects = tuple(np.clip(moved[1:], -_FURTHEST_SUBJECT, _FURTHEST_SUBJECT).tolist())
    return Correction(shift, subjects)
