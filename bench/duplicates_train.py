"""Learn the weights of `palier.planning.duplicates` from invented towns, and write them where the program reads them.

    var/peers-duplicates/bin/python bench/duplicates_train.py [--towns 60] [--jobs 2]

Needs scikit-learn, which the program does not. The towns come from duplicates_law.py and never from the corpus of
duplicates.py. What is fitted is one logistic regression over what two lines say of each other: one weight a level
of each subject, one for each two levels of two subjects, pulled towards zero. Towns 1 to n teach; the towns
after them tell whether it was learnt (printed, not used).
"""

import argparse
import itertools
import json
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

from bench.duplicates_law import town  # noqa: E402
from palier.planning.duplicates.blocks import candidates  # noqa: E402
from palier.planning.duplicates.comparisons import LEVELS, SUBJECTS, Comparer, Surname  # noqa: E402
from palier.planning.duplicates.table import table_of  # noqa: E402

TARGET = ROOT / "src/palier/planning/duplicates/weights.json"
TABLES = list(itertools.combinations(range(len(SUBJECTS)), 2))


def pairs_of(seed: int) -> tuple[np.ndarray, np.ndarray, int]:
    """Levels of the candidates of a town, whether they are one person, and how many true pairs were not found."""
    columns, truth = town(seed)
    table = table_of(columns)
    a, b = candidates(table)
    levels = Comparer(table).compare(a, b)
    codes = {x * table.size + y for x, y in truth}
    same = np.fromiter((code in codes for code in (a * table.size + b).tolist()), bool, len(a))
    # In one town of five the names are not counted, as for a few lines picked from many.
    if seed % 5 == 0:
        levels[SUBJECTS.index("rarity")] = 0
    return levels, same, len(codes) - int(same.sum())


def offsets() -> tuple[list[int], int]:
    sizes = list(LEVELS) + [LEVELS[i] * LEVELS[j] for i, j in TABLES]
    starts = np.concatenate(([0], np.cumsum(sizes)))
    return starts[:-1].tolist(), int(starts[-1])


def cells(levels: np.ndarray) -> np.ndarray:
    """For each pair the numbers of the weights that are added up, shape (pairs, weights)."""
    starts, _ = offsets()
    single = [starts[i] + levels[i].astype(np.int32) for i in range(len(SUBJECTS))]
    double = [
        starts[len(SUBJECTS) + k] + levels[i].astype(np.int32) * LEVELS[j] + levels[j]
        for k, (i, j) in enumerate(TABLES)
    ]
    return np.stack(single + double, axis=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--towns", type=int, default=60)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--strength", type=float, default=0.3, help="how little weights are pulled to zero")
    options = parser.parse_args()
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    with ProcessPoolExecutor(options.jobs) as pool:
        drawn = list(pool.map(pairs_of, range(1, options.towns + options.towns // 4 + 1)))
    taught, kept = drawn[: options.towns], drawn[options.towns :]
    _, width = offsets()

    def matrix(levels: np.ndarray) -> "csr_matrix":
        columns = cells(levels)
        rows, each = columns.shape
        ones = np.ones(rows * each, dtype=np.float32)
        return csr_matrix((ones, columns.ravel(), np.arange(0, rows * each + 1, each)), shape=(rows, width))

    levels = np.concatenate([lv for lv, _, _ in taught], axis=1)
    same = np.concatenate([s for _, s, _ in taught])
    # Lines that agree in every level count once, with how often they came.
    packed, place = np.unique(levels, axis=1, return_inverse=True)
    yes = np.bincount(place.ravel(), weights=same, minlength=packed.shape[1])
    no = np.bincount(place.ravel(), weights=~same, minlength=packed.shape[1])
    x = matrix(np.concatenate([packed, packed], axis=1))
    y = np.concatenate([np.ones(len(yes)), np.zeros(len(no))])
    model = LogisticRegression(C=options.strength, max_iter=600, tol=1e-5)
    model.fit(x, y, sample_weight=np.concatenate([yes, no]))
    weights, bias = model.coef_[0], float(model.intercept_[0])
    for seed, (lv, s, missed) in enumerate(kept, start=options.towns + 1):
        score = weights[cells(lv)].sum(axis=1) + bias
        hit = score > 0
        right = int((hit & s).sum())
        precision, recall = right / max(1, int(hit.sum())), right / max(1, int(s.sum()) + missed)
        f1 = 2 * precision * recall / max(1e-9, precision + recall)
        print(json.dumps({"town": seed, "pairs": int(s.sum()) + missed, "f1": round(f1, 4), "precision": round(precision, 4), "recall": round(recall, 4), "found": round(int(s.sum()) / max(1, int(s.sum()) + missed), 4)}))  # fmt: skip
    starts, _ = offsets()
    singles = {name: np.round(weights[starts[i] : starts[i] + LEVELS[i]], 3).tolist() for i, name in enumerate(SUBJECTS)}  # fmt: skip
    doubles = {
        f"{SUBJECTS[i]} {SUBJECTS[j]}": np.round(weights[starts[len(SUBJECTS) + k] :][: LEVELS[i] * LEVELS[j]], 3).reshape(LEVELS[i], LEVELS[j]).tolist()
        for k, (i, j) in enumerate(TABLES)
    }  # fmt: skip
    assert len(Surname) == LEVELS[0]
    parts = [f' "about": "made by bench/duplicates_train.py --towns {options.towns}, from bench/duplicates_law.py"', f' "bias": {bias:.3f}']  # fmt: skip
    parts += [f' "{key}": {{\n' + ",\n".join(f'  "{name}": {json.dumps(value)}' for name, value in group.items()) + "\n }" for key, group in (("singles", singles), ("doubles", doubles))]  # fmt: skip
    TARGET.write_text("{\n" + ",\n".join(parts) + "\n}\n")


if __name__ == "__main__":
    main()
