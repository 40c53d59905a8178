"""Who could go, on 900, 5,000 and 100,000 neighbours: our plain Python beside a numpy brute force.

    python bench/candidates.py            (any Python from 3.11 on; numpy only for the peer)

Both answer the same question in the same run, and the answers are compared: same people, same order, same
counts. The peer keeps its arrays ready in memory and returns ids; ours takes the objects that a query returns
and gives the reasons too. One JSON line per case: milliseconds (median), and ours / peer.
"""

import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

from palier.kernel.places import DETOUR, METRES_PER_MINUTE, metres_for
from palier.planning.candidates import Ask, Helper, Proposal, Rule, Slot, propose

try:
    import numpy as np
except ImportError:  # the peer is optional
    np = None

KINDS = ("shopping", "visit", "paperwork", "pharmacy", "repairs")
PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 12, 10, 24, tzinfo=PARIS)
# Saturday morning, at a home near the middle.
START, END = datetime(2026, 11, 14, 8, tzinfo=PARIS), datetime(2026, 11, 14, 12, tzinfo=PARIS)
# (neighbours, side of the town in metres): a town of 50,000, a large town, a département.
CASES = ((900, 6_000.0), (5_000, 9_000.0), (100_000, 40_000.0))


def neighbours(count: int, side: float, seed: int = 1) -> list[Helper]:
    """A town of `side` metres with quarters, and what its neighbours said."""
    rng = random.Random(seed)
    quarters = [(rng.uniform(0, side), rng.uniform(0, side)) for _ in range(max(25, count // 400))]
    helpers = []
    for number in range(count):
        x, y = rng.choice(quarters)
        slots: list[Slot] = []
        for _ in range(rng.randrange(1, 5)):
            begin = rng.choice((480, 540, 840, 1_020))
            slots.append((rng.randrange(7), begin, begin + rng.choice((60, 180, 240))))
        helpers.append(
            Helper(
                number,
                x + rng.gauss(0, 350),
                y + rng.gauss(0, 350),
                kinds=frozenset(kind for kind in KINDS if rng.random() < 0.55),
                languages=frozenset({"fr"}),
                gender=rng.choice(("woman", "woman", "man")),
                free=tuple(slots) if rng.random() < 0.9 else None,
                vetted=rng.random() < 0.9,
                resting=rng.random() < 0.08,
                reach_minutes=rng.choice((10, 15, 20, 30)),
                max_per_month=rng.choice((None, 2, 4)),
                helped_this_month=rng.choice((0, 0, 0, 1, 2, 4)),
                last_asked_at=NOW - timedelta(hours=rng.randrange(1, 2_000)) if rng.random() < 0.7 else None,
                visits_with_person=rng.choice((0,) * 200 + (1, 4, 12)),
                excluded=rng.random() < 0.002,
                is_minor=rng.random() < 0.01,
                has_phone=rng.random() < 0.98,
            )
        )
    return helpers


class Peer:
    """The same rules over arrays kept in memory: every neighbour, every time, no index."""

    def __init__(self, helpers: list[Helper]) -> None:
        def column(value: Callable[[Helper], object], kind: str) -> "np.ndarray":
            return np.array([value(h) for h in helpers], dtype=kind)

        self.id = column(lambda h: h.id, "i8")
        self.x, self.y = column(lambda h: h.x, "f8"), column(lambda h: h.y, "f8")
        self.kinds = column(lambda h: sum(1 << i for i, k in enumerate(KINDS) if k in h.kinds), "i4")
        self.ruled_out = [
            (Rule.NOT_VETTED, column(lambda h: not h.vetted, "?")),
            (Rule.RESTING, column(lambda h: h.resting, "?")),
            (Rule.MINOR, column(lambda h: h.is_minor, "?")),
            (Rule.EXCLUDED, column(lambda h: h.excluded, "?")),
        ]
        self.silent = column(lambda h: not h.has_phone, "?")
        self.unsaid = column(lambda h: h.free is None, "?")
        longest = max(len(h.free or ()) for h in helpers)
        empty: Slot = (9, 0, 0)
        self.slots = np.array(
            [[*(h.free or ()), *[empty] * (longest - len(h.free or ()))] for h in helpers], dtype="i2"
        )
        self.reach = column(lambda h: h.reach_minutes, "i4")
        self.room = column(lambda h: 99 if h.max_per_month is None else h.max_per_month, "i4")
        self.helped = column(lambda h: h.helped_this_month, "i4")
        self.asked = column(lambda h: h.last_asked_at.timestamp() if h.last_asked_at else -np.inf, "f8")
        self.visits = column(lambda h: h.visits_with_person, "i4")

    def propose(self, ask: Ask) -> tuple[list[int], dict[Rule, int]]:
        day = ask.start.astimezone(ask.tz)
        low, high = day.hour * 60, ask.end.astimezone(ask.tz).hour * 60
        on, start, end = self.slots[:, :, 0], self.slots[:, :, 1], self.slots[:, :, 2]
        stretch = np.minimum(end, high) - np.maximum(start, low)
        free = self.unsaid | ((on == day.weekday()) & (stretch >= ask.minutes)).any(axis=1)
        metres = np.hypot(self.x - ask.x, self.y - ask.y)
        minutes = np.maximum(1, np.ceil(metres * DETOUR / METRES_PER_MINUTE)).astype("i4")
        left = np.ones(len(self.id), dtype="?")
        counts: dict[Rule, int] = {}
        for rule, fails in (
            *self.ruled_out,
            (Rule.KIND, self.kinds & (1 << KINDS.index(ask.kind)) == 0),
            (Rule.UNREACHABLE, self.silent),
            (Rule.NOT_FREE, ~free),
            (Rule.TOO_FAR, (minutes > self.reach) | (minutes > ask.walk_limit)),
            (Rule.MONTH_FULL, self.helped >= self.room),
        ):
            falls = left & fails
            if falls.any():
                counts[rule] = int(falls.sum())
            left &= ~fails
        who = np.flatnonzero(left)
        visits = self.visits[who]
        familiar = (visits > 0).astype("i4") + (visits > 2) + (visits > 9)
        order = np.lexsort(
            (
                self.id[who],
                minutes[who],
                self.asked[who],
                self.helped[who],
                (minutes[who] - 1) // 5,
                self.unsaid[who],
                -familiar,
            )
        )
        return self.id[who[order]].tolist(), counts


def median_ms(call: Callable[[], object], seconds: float = 2.0) -> float:
    call()
    times: list[float] = []
    until = time.perf_counter() + seconds
    while len(times) < 5 or time.perf_counter() < until:
        begin = time.perf_counter()
        call()
        times.append((time.perf_counter() - begin) * 1_000)
    return statistics.median(times)


def ids(proposal: Proposal) -> list[int]:
    return [candidate.helper.id for candidate in proposal.candidates]


def main() -> int:
    if np is None:
        print(
            "numpy is missing: the peer is not measured. In an environment of its own:\n"
            "  python3 -m venv /tmp/peers && /tmp/peers/bin/pip install numpy\n"
            "  /tmp/peers/bin/python bench/candidates.py",
            file=sys.stderr,
        )
    for count, side in CASES:
        helpers = neighbours(count, side)
        middle = min(helpers, key=lambda h: abs((h.x or 0) - side / 2) + abs((h.y or 0) - side / 2))
        ask = Ask("shopping", START, END, 45, NOW.astimezone(UTC), middle.x, middle.y, tz=PARIS)
        answer = propose(ask, helpers)
        peer_ms = None
        if np is not None:
            peer = Peer(helpers)
            same = peer.propose(ask)
            if same != (ids(answer), dict(answer.set_aside)):
                print(f"the two answers differ on {count} neighbours", file=sys.stderr)
                return 1
            peer_ms = median_ms(lambda peer=peer, ask=ask: peer.propose(ask))  # type: ignore[misc]
        reach = metres_for(ask.walk_limit)
        near = [
            h
            for h in helpers
            if abs((h.x or 0) - (ask.x or 0)) <= reach and abs((h.y or 0) - (ask.y or 0)) <= reach
        ]
        if ids(propose(ask, near)) != ids(answer):
            print(f"the box around the home loses somebody among {count}", file=sys.stderr)
            return 1
        for name, group in (("all", helpers), ("box of the database", near)):
            ours = median_ms(lambda group=group, ask=ask: propose(ask, group))  # type: ignore[misc]
            line = {
                "case": f"candidates, {count} neighbours, {name}",
                "ours": round(ours, 3),
                "peer": None if peer_ms is None else round(peer_ms, 3),
                "ratio": None if peer_ms is None else round(ours / peer_ms, 2),
                "considered": len(group),
                "candidates": len(answer.candidates),
            }
            print(json.dumps(line), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
