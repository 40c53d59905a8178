"""The search field on 1,000,000 people: is she among the ten, and how long did it take?

    script/setup && .venv/bin/python bench/person_search.py [--people 1000000] [--queries 300] [--seeds 101,102] [--only …]

Cases: `name+year` (full name misspelt, year of birth), `name` (full name misspelt, nothing else), `tail+name` (the last four
digits of a telephone, a misspelt name), `street` (surname, street, year), `prefix` (five letters and three). The queries are
drawn from the corruption law of french_people.py: a surname written as heard (.6) or with a slip (.4), three first names in
ten with a slip as well.

Each is asked through the real view of the field, with session, second factor, rights, wall and rendering, as the
application's role behind forced row-level security. Beside it, in the same run and on the same rows: plain pg_trgm (GIN,
threshold .3, ordered by similarity, as superuser, without any wall), and the ceiling: every row scored by RapidFuzz
(three scorers, the best of them counts). One line of JSON a case and seed; `load` is the machine's, since figures in
milliseconds mean little on a busy one. Keeps its database in var/bench-search (about 5 GB; some minutes the first time).
"""

import argparse
import json
import os
import random
import re
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "src"), str(HERE)]

import person_search_data as data  # noqa: E402
from french_people import Gen  # noqa: E402

SHOWN = 10
CASES = ("name+year", "name", "tail+name", "street", "prefix")
# Trigrams take half a second each: as many queries as time allows.
PEER_QUERIES = 60
_LINK = re.compile(r'href="/personnes/(\d+)/"')


@dataclass(frozen=True)
class Query:
    person: int
    typed: str
    name: str
    year: int | None


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=300)
    parser.add_argument(
        "--seeds", default="101,102,103", help="of the queries, with commas; other than the people's"
    )
    parser.add_argument("--only", default=",".join(CASES), help="cases, with commas")
    parser.add_argument("--ours-only", action="store_true", help="without the peers, while working on it")
    parser.add_argument("--missed", action="store_true", help="show the queries that did not find her")
    chosen = parser.parse_args()
    cases = chosen.only.split(",")
    if unknown := set(cases) - set(CASES):
        parser.error(f"no case called {', '.join(sorted(unknown))}")
    ground = data.prepare(chosen.people)
    bench = Bench(ground)
    for seed in map(int, chosen.seeds.split(",")):
        drawn = bench.draw(seed, chosen.queries)
        for case in cases:
            line = bench.measure(case, drawn[case], with_peers=not chosen.ours_only, missed=chosen.missed)
            print(json.dumps({"case": case, "seed": seed, **line}), flush=True)
    return 0


class Bench:
    def __init__(self, ground: data.Ground) -> None:
        import psycopg
        from django.conf import settings
        from django.test import Client

        self.ground = ground
        settings.ALLOWED_HOSTS.append("testserver")
        self.client = Client(
            headers={
                "cookie": f"{settings.SESSION_COOKIE_NAME}={data.open_session(ground)}",
                "HX-Request": "true",
                "HX-Target": "q-found",
            }
        )
        self.db = psycopg.connect(ground.url, autocommit=True, prepare_threshold=1)
        self.names: list[str] = []
        self.ids: list[int] = []
        self.years: Any = None

    # --- queries

    def draw(self, seed: int, count: int) -> dict[str, list[Query]]:
        from palier.kernel.text import fold

        gen, chance = Gen(seed), random.Random(seed)
        ids = chance.sample(range(self.ground.first, self.ground.first + self.ground.people), count)
        rows = {
            row[0]: row
            for row in self.db.execute(
                "select p.id, p.last_name, p.first_name, extract(year from p.birth_on)::int, p.street,"
                " (select e164 from people_phonenumber f where f.person_id = p.id limit 1)"
                " from people_person p where p.id = any(%s)",
                [ids],
            )
        }
        drawn: dict[str, list[Query]] = {case: [] for case in CASES}
        for pk in ids:
            _pk, last, first, year, street, phone = rows[pk]
            bad_last = gen.phon(last) if chance.random() < 0.6 else gen.typo(last)
            bad_first = first if chance.random() < 0.7 else gen.typo(first)
            bad = fold(f"{bad_last} {bad_first}")
            typed = f"{bad_last} {bad_first}"
            if chance.random() < 0.5:
                typed = bad
            drawn["name"].append(Query(pk, typed, bad, None))
            drawn["name+year"].append(Query(pk, f"{typed} {year}", bad, year))
            if phone:
                drawn["tail+name"].append(Query(pk, f"{typed} {phone[-4:]}", bad, None))
            drawn["street"].append(Query(pk, f"{last} {street.split(' ', 1)[1]} {year}", fold(last), year))
            drawn["prefix"].append(
                Query(pk, f"{fold(last)[:5]} {fold(first)[:3]}", fold(f"{last[:5]} {first[:3]}"), None)
            )
        return drawn

    # --- ours

    def ask(self, query: Query) -> list[int]:
        answer = self.client.get("/personnes/trouver/", {"q": query.typed})
        if answer.status_code != 200:
            raise SystemExit(f"« {query.typed} »: {answer.status_code}\n{answer.content.decode()[:2000]}")
        return [int(pk) for pk in _LINK.findall(answer.content.decode())][:SHOWN]

    # --- peers

    def trigrams(self, query: Query) -> list[int]:
        self.db.execute("set pg_trgm.similarity_threshold = 0.3")
        return [
            pk
            for (pk,) in self.db.execute(
                "select id from bench.trigrams where norm %% %s"
                " order by similarity(norm, %s) desc, (%s::int is not null and year is distinct from %s::int) limit 10",
                [query.name, query.name, query.year, query.year],
                prepare=False,
            )
        ]

    def brute_force(self, queries: list[Query]) -> dict[str, float]:
        """Every row scored; with a year, those of the year first."""
        import numpy
        from rapidfuzz import process
        from rapidfuzz.distance import OSA, Indel, JaroWinkler

        if not self.names:
            rows = self.db.execute(
                "select id, norm, coalesce(year, 0) from bench.trigrams order by id"
            ).fetchall()
            self.ids = [row[0] for row in rows]
            self.names = [row[1] for row in rows]
            self.years = numpy.array([row[2] for row in rows])
        place = {query.person: query.person - self.ids[0] for query in queries}
        found: dict[str, float] = {}
        scorers: dict[str, Callable[..., float]] = {
            "osa": OSA.normalized_similarity,
            "indel": Indel.normalized_similarity,
            "jaro_winkler": JaroWinkler.normalized_similarity,
        }
        for name, scorer in scorers.items():
            hits = 0
            for start in range(0, len(queries), 20):
                part = queries[start : start + 20]
                scores = process.cdist(
                    [query.name for query in part], self.names, scorer=scorer, dtype=numpy.float32
                )
                for row, query in zip(scores, part, strict=True):
                    if query.year is not None:
                        row = row + (self.years == query.year) * 0.25
                    best = numpy.argpartition(-row, SHOWN)[:SHOWN]
                    hits += place[query.person] in best
            found[name] = round(hits / len(queries), 4)
        return found

    # --- measuring

    def measure(self, case: str, queries: list[Query], *, with_peers: bool, missed: bool) -> dict[str, Any]:
        load = os.getloadavg()[0]
        for query in queries[:20]:
            self.ask(query)
        ours, took = 0, []
        for query in queries:
            since = time.perf_counter()
            found = self.ask(query)
            took.append((time.perf_counter() - since) * 1e3)
            hit = query.person in found if case != "prefix" else bool(found)
            ours += hit
            if missed and not hit:
                shown = self.db.execute(
                    "select shown, year from bench.trigrams where id = %s", [query.person]
                ).fetchone()
                print(f"  missed: {query.typed!r} is {shown}", file=sys.stderr)
        line: dict[str, Any] = {
            "queries": len(queries), "recall": round(ours / len(queries), 4), "p50_ms": round(statistics.median(took), 2),
            "p95_ms": round(sorted(took)[int(len(took) * 0.95)], 2), "max_ms": round(max(took), 1), "load": round(load, 2),
        }  # fmt: skip
        if not with_peers or case in ("tail+name", "street", "prefix"):
            return line
        theirs, slow = 0, []
        # By turns with ours, so that a slow moment of the machine is everybody's.
        again = []
        for query in queries[:PEER_QUERIES]:
            since = time.perf_counter()
            found = self.trigrams(query)
            slow.append((time.perf_counter() - since) * 1e3)
            theirs += query.person in found
            since = time.perf_counter()
            self.ask(query)
            again.append((time.perf_counter() - since) * 1e3)
        ceiling = self.brute_force(queries)
        return line | {
            "peer": "pg_trgm", "peer_recall": round(theirs / len(slow), 4), "peer_p50_ms": round(statistics.median(slow), 1),
            "peer_p95_ms": round(sorted(slow)[int(len(slow) * 0.95)], 1),
            "ratio_p50": round(statistics.median(again) / statistics.median(slow), 4),
            "ratio_p95": round(sorted(again)[int(len(again) * 0.95)] / sorted(slow)[int(len(slow) * 0.95)], 4),
            "ceiling": max(ceiling.values()), "brute_force": ceiling,
        }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
