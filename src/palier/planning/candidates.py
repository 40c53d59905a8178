"""Who could go: neighbours set aside by spoken rules, the others ranked in an order that can be said aloud.

No score and no learning: a rule is one sentence, the first one that fails is the one told. Health, origin and
the like are not even fields here (GDP-26). A person decides; this only proposes.

Plain data in and out: metres (Lambert-93), aware moments, minutes. Measured by bench/candidates.py.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Literal
from zoneinfo import ZoneInfo

from palier.kernel.places import DETOUR, METRES_PER_MINUTE
from palier.kernel.ranges import Range, local

# Nobody is sent further than this on foot, unless the one who asks says so.
WALK_LIMIT = 20
ALMOST_SHOWN = 5
WAVE_SIZE = 3
# From so many this month on, the list says to spare him; asked within so many days, it says that too.
MANY_THIS_MONTH = 3
LATELY = timedelta(days=3)
STEP_MINUTES = 5

Slot = tuple[int, int, int]
"""(weekday from 0 Monday, first minute of the local day, minute after the last: 1440 is midnight)."""


class Rule(StrEnum):
    """Why somebody is set aside, in the order in which the rules are asked."""

    NOT_VETTED = "not_vetted"
    RESTING = "resting"
    AWAY = "away"
    MINOR = "minor"
    EXCLUDED = "excluded"
    ASKED_ALREADY = "asked_already"
    KIND = "kind"
    UNREACHABLE = "unreachable"
    NOT_FREE = "not_free"
    TOO_FAR = "too_far"
    LANGUAGE = "language"
    GENDER = "gender"
    CONSTRAINT = "constraint"
    MONTH_FULL = "month_full"


# What an agent may ask somebody to bend. The others protect a person, or cannot be bent.
SOFT = frozenset({Rule.NOT_FREE, Rule.TOO_FAR, Rule.GENDER, Rule.MONTH_FULL})


@dataclass(frozen=True, slots=True)
class Helper:
    """One neighbour, as far as the rules go. `free` None: has not said; an empty tuple: never free.

    `x`, `y` in metres, None when the address is not known. `away`: (start, end) aware, half-open.
    """

    id: int
    x: float | None = None
    y: float | None = None
    kinds: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    gender: str = ""
    free: tuple[Slot, ...] | None = None
    away: tuple[tuple[datetime, datetime], ...] = ()
    vetted: bool = True
    resting: bool = False
    reach_minutes: int = WALK_LIMIT
    max_per_month: int | None = None
    helped_this_month: int = 0
    last_asked_at: datetime | None = None
    visits_with_person: int = 0
    calls_with_person: int = 0
    refuses: frozenset[str] = frozenset()
    asked_already: bool = False
    excluded: bool = False
    is_minor: bool = False
    has_phone: bool = True
    stopped_sms: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked: a kind of help for `minutes` within [start, end), seen from `now`. All moments aware.

    `x`, `y` None: the home is not located, distance is then not asked. `is_remote`: done by telephone,
    distance plays no part. Raises ValueError for naive moments, an end before the start, or no minutes.
    """

    kind: str
    start: datetime
    end: datetime
    minutes: int
    now: datetime
    x: float | None = None
    y: float | None = None
    is_remote: bool = False
    tz: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Paris"))
    gender_wanted: str = ""
    language: str = ""
    constraints: frozenset[str] = frozenset()
    walk_limit: int = WALK_LIMIT

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None or self.now.tzinfo is None:
            raise ValueError("an ask takes aware datetimes only")
        if self.end < self.start:
            raise ValueError("an ask cannot end before it starts")
        if self.minutes <= 0:
            raise ValueError("an ask takes some minutes")


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing to know about a candidate: a code to be worded, ✓ ~ or –, and what the sentence needs."""

    code: str
    sign: Literal["yes", "mid", "no"]
    values: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who could go. `minutes` on foot, None if distance plays no part; `failed` only if "almost"."""

    helper: Helper
    reasons: tuple[Reason, ...]
    minutes: int | None
    failed: Rule | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """Everybody considered: `candidates` in order, the others counted by the first rule that failed.

    `almost` are at most five of those set aside, by exactly one soft rule, which they bear in `failed`.
    considered == len(candidates) + the sum of the counts.
    """

    candidates: tuple[Candidate, ...]
    set_aside: tuple[tuple[Rule, int], ...]
    almost: tuple[Candidate, ...]
    considered: int


def propose(ask: Ask, helpers: Iterable[Helper]) -> Proposal:
    """Set aside, rank, explain. The order of `helpers` does not matter; their ids must be distinct.

    Ranked by: knows her (visits, in steps) · said to be free before has not said · distance on foot in steps
    of five minutes (none for help by telephone) · helped least this month · asked longest ago · exact
    distance · id. Steps, because one minute less must not send the same neighbour every time.
    """
    frame = _Frame(ask)
    counts: dict[Rule, int] = {}
    fitting: list[tuple[_Rank, Helper, int | None]] = []
    nearly: list[tuple[_Rank, Helper, int | None, Rule]] = []
    considered = 0
    for helper in helpers:
        considered += 1
        rule = frame.firm_failure(helper)
        if rule is not None:
            counts[rule] = counts.get(rule, 0) + 1
            continue
        minutes = frame.walk(helper)
        failures = frame.later_failures(helper, minutes)
        rule = next(failures, None)
        if rule is None:
            fitting.append((_rank(helper, minutes), helper, minutes))
            continue
        counts[rule] = counts.get(rule, 0) + 1
        if rule in SOFT and next(failures, None) is None:
            nearly.append((_rank(helper, minutes), helper, minutes, rule))
    fitting.sort(key=lambda found: found[0])
    nearly.sort(key=lambda found: found[0])
    return Proposal(
        candidates=tuple(Candidate(h, frame.reasons(h, minutes), minutes) for _r, h, minutes in fitting),
        set_aside=tuple((rule, counts[rule]) for rule in Rule if rule in counts),
        almost=tuple(
            Candidate(h, frame.reasons(h, minutes, rule), minutes, rule)
            for _r, h, minutes, rule in nearly[:ALMOST_SHOWN]
        ),
        considered=considered,
    )


def wave(proposal: Proposal, size: int = WAVE_SIZE) -> list[Candidate]:
    """The first to be asked: the best ranked who take text messages. Few, because asking wears people out."""
    return [candidate for candidate in proposal.candidates if not candidate.helper.stopped_sms][:size]


_Rank = tuple[int, bool, int, int, float, int, int]


def _rank(helper: Helper, minutes: int | None) -> _Rank:
    return (
        -_familiarity(helper.visits_with_person),
        helper.free is None,
        # An unknown distance comes after every known one.
        1_000 if minutes is None else (minutes - 1) // STEP_MINUTES,
        helper.helped_this_month,
        -math.inf if helper.last_asked_at is None else helper.last_asked_at.timestamp(),
        0 if minutes is None else minutes,
        helper.id,
    )


def _familiarity(visits: int) -> int:
    """Never, once or twice, a few times, often: fourteen visits must not beat thirteen for ever."""
    return (visits > 0) + (visits > 2) + (visits > 9)


class _Frame:
    """What the rules need of one ask, worked out once."""

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self.located = not ask.is_remote and ask.x is not None and ask.y is not None
        length = timedelta(minutes=ask.minutes)
        # « À 10 h » is a window without length: the time the help takes gives it one.
        end = max(ask.end, ask.start + length)
        self.window = Range(min(max(ask.start, ask.now), end), end)
        self.pieces = self._pieces(self.window)
        self.has_room = any(high - low >= ask.minutes for _day, low, high in self.pieces)

    def walk(self, helper: Helper) -> int | None:
        ask = self.ask
        if not self.located or helper.x is None or helper.y is None:
            return None
        # The formula of kernel.places, written out: this line runs for every neighbour of a town.
        metres = math.hypot(helper.x - (ask.x or 0.0), helper.y - (ask.y or 0.0))
        return max(1, math.ceil(metres * DETOUR / METRES_PER_MINUTE))

    def firm_failure(self, helper: Helper) -> Rule | None:
        """The first failure among the rules that nobody bends and that ask for no arithmetic."""
        if not helper.vetted:
            return Rule.NOT_VETTED
        if helper.resting:
            return Rule.RESTING
        if helper.away and self._is_away(helper):
            return Rule.AWAY
        if helper.is_minor:
            return Rule.MINOR
        if helper.excluded:
            return Rule.EXCLUDED
        if helper.asked_already:
            return Rule.ASKED_ALREADY
        if self.ask.kind not in helper.kinds:
            return Rule.KIND
        return None if helper.has_phone else Rule.UNREACHABLE

    def later_failures(self, helper: Helper, minutes: int | None) -> Iterator[Rule]:
        """The other rules that fail, in order; worked out one by one, as far as the caller wants to know."""
        ask = self.ask
        if not self._is_free(helper):
            yield Rule.NOT_FREE
        if minutes is not None and (minutes > helper.reach_minutes or minutes > ask.walk_limit):
            yield Rule.TOO_FAR
        if ask.language and ask.language not in helper.languages:
            yield Rule.LANGUAGE
        if ask.gender_wanted and ask.gender_wanted != helper.gender:
            yield Rule.GENDER
        if not ask.constraints.isdisjoint(helper.refuses):
            yield Rule.CONSTRAINT
        if helper.max_per_month is not None and helper.helped_this_month >= helper.max_per_month:
            yield Rule.MONTH_FULL

    def reasons(self, helper: Helper, minutes: int | None, failed: Rule | None = None) -> tuple[Reason, ...]:
        """In the order in which they are read: what fails, knows her, distance, free, load, how to ask."""
        ask = self.ask
        reasons = [] if failed is None else [self._failure(helper, minutes, failed)]
        if helper.visits_with_person:
            reasons.append(Reason("knows_by_visits", "yes", {"visits": helper.visits_with_person}))
        elif helper.calls_with_person:
            reasons.append(Reason("knows_by_calls", "yes", {"calls": helper.calls_with_person}))
        else:
            reasons.append(Reason("does_not_know", "mid"))
        if ask.is_remote:
            reasons.append(Reason("by_telephone", "yes"))
        elif minutes is None:
            reasons.append(Reason("distance_unknown", "mid"))
        elif failed is not Rule.TOO_FAR:
            reasons.append(
                Reason("walk", "yes" if minutes <= 2 * STEP_MINUTES else "mid", {"minutes": minutes})
            )
        if failed is not Rule.NOT_FREE:
            reasons.append(self._free_reason(helper))
        if ask.language:
            reasons.append(Reason("speaks", "yes", {"language": ask.language}))
        if failed is not Rule.MONTH_FULL:
            count = helper.helped_this_month
            reasons.append(Reason("helped", "mid" if count >= MANY_THIS_MONTH else "yes", {"count": count}))
        if helper.last_asked_at is not None and ask.now - helper.last_asked_at < LATELY:
            reasons.append(Reason("asked_lately", "mid", {"at": helper.last_asked_at}))
        if helper.stopped_sms:
            reasons.append(Reason("voice_only", "mid"))
        return tuple(reasons)

    def _failure(self, helper: Helper, minutes: int | None, failed: Rule) -> Reason:
        values: dict[Rule, dict[str, object]] = {
            Rule.TOO_FAR: {"minutes": minutes, "limit": min(helper.reach_minutes, self.ask.walk_limit)},
            Rule.GENDER: {"wanted": self.ask.gender_wanted},
            Rule.MONTH_FULL: {"count": helper.helped_this_month, "limit": helper.max_per_month},
        }
        return Reason(failed.value, "no", values.get(failed, {}))

    def _free_reason(self, helper: Helper) -> Reason:
        if helper.free is None:
            return Reason("free_unsaid", "mid", {"start": self.window.start, "end": self.window.end})
        _length, day, low, high = max(
            ((high - low, day, low, high) for day, low, high in self._free(helper)),
            key=lambda stretch: (stretch[0], -stretch[1].toordinal(), -stretch[2]),
        )
        stretch = local(day, _time(low), _time(high), self.ask.tz)
        return Reason("free", "yes", {"start": stretch.start, "end": stretch.end})

    # A piece is (local day, first minute, minute after the last) on the wall clock: neighbours say « le
    # samedi de 9 h à 12 h », not how many seconds that is in the two nights when clocks change.

    def _pieces(self, window: Range) -> list[tuple[date, int, int]]:
        first, last = window.start.astimezone(self.ask.tz), window.end.astimezone(self.ask.tz)
        pieces = []
        for offset in range((last.date() - first.date()).days + 1):
            day = first.date() + timedelta(days=offset)
            low = _minute(first) + (first.second > 0) if offset == 0 else 0
            high = _minute(last) if day == last.date() else 1440
            if low < high:
                pieces.append((day, low, high))
        return pieces

    def _pieces_for(self, helper: Helper) -> list[tuple[date, int, int]]:
        """The pieces of the window in which he is not away."""
        parts = [self.window]
        for start, end in helper.away:
            if start < self.window.end and self.window.start < end:
                parts = [
                    Range(low, high)
                    for part in parts
                    for low, high in ((part.start, min(part.end, start)), (max(part.start, end), part.end))
                    if low < high
                ]
        return self.pieces if parts == [self.window] else [p for part in parts for p in self._pieces(part)]

    def _is_away(self, helper: Helper) -> bool:
        """Whether his absences alone leave no room, although the window would have had some."""
        wanted = self.ask.minutes
        return self.has_room and not any(high - low >= wanted for _d, low, high in self._pieces_for(helper))

    def _is_free(self, helper: Helper) -> bool:
        if not self.has_room:
            return False
        if helper.free is None:
            return True
        wanted = self.ask.minutes
        if not helper.away:
            # The common case, without building anything.
            for day, low, high in self.pieces:
                weekday = day.weekday()
                for on, start, end in helper.free:
                    if on == weekday and min(high, end) - max(low, start) >= wanted:
                        return True
        return any(high - low >= wanted for _day, low, high in self._free(helper))

    def _free(self, helper: Helper) -> list[tuple[date, int, int]]:
        """The stretches of the window when he is free, slots that touch joined."""
        stretches: list[tuple[date, int, int]] = []
        for day, low, high in self._pieces_for(helper):
            weekday = day.weekday()
            for start, end in _joined([(a, b) for on, a, b in helper.free or () if on == weekday]):
                if max(low, start) < min(high, end):
                    stretches.append((day, max(low, start), min(high, end)))
        return stretches


def _joined(slots: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(slots):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _minute(moment: datetime) -> int:
    return moment.hour * 60 + moment.minute


def _time(minute: int) -> time:
    return time.min if minute >= 1440 else time(minute // 60, minute % 60)
