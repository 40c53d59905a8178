"""The sender: claims what is due under a lease, calls the providers in pipelined lanes, writes down results.

Nothing is lost: a message is a row until its result is written, and a lease that runs out frees it. Nothing
is sent twice: a provider that recognises our key may be asked again; one that does not is never asked again
after an answer that leaves a doubt; a person is (`unclear`). Between claim and call there is one more look at
the row, so that what was taken back a moment ago stays here.

No barrier between batches: waiting for the slowest of a batch before claiming the next one was measured seven
times slower with a provider that sometimes takes two seconds (bench/outbox.py).
"""

import asyncio
import json
import logging
import random
from collections import deque
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

import psycopg
from psycopg.conninfo import make_conninfo

from palier.messaging import statements
from palier.messaging.letters import SECRET, Kind, Letter, Result
from palier.messaging.transports import Transport

logger = logging.getLogger("palier.outbox")

CHANNEL = "palier_outbox"
LIVE = "palier_live"
# Stopping takes less than two seconds in all: calls under way may end, then results are written.
SECONDS_FOR_CALLS = 1.0
SECONDS_FOR_RESULTS = 0.7
# After this many tries, about an hour, somebody has to know.
MOST_TRIES = 18
LONGEST_WAIT = 300.0

T = TypeVar("T")


@dataclass
class Counters:
    """What this process did; each is raised after the database confirmed it, never before."""

    claimed: int = 0
    sent: int = 0
    again: int = 0
    failed: int = 0
    unclear: int = 0
    set_aside: int = 0


@dataclass(frozen=True)
class Pace:
    """How the sender moves; the tests and the bench choose their own."""

    batch: int = 500
    lease: float = 40.0
    poll: float = 1.0
    sweep: float = 2.0
    flush: float = 0.04
    # What a lease must outlive a call by, for its result to be written.
    spare: float = 4.0


class Stopping(Exception):
    """The sender stops; what was under way is left to the leases."""


class Link:
    """One connection to the database that comes back by itself after the database was away."""

    def __init__(self, dsn: str, gone: asyncio.Event) -> None:
        self._dsn, self._gone = dsn, gone
        self._connection: psycopg.AsyncConnection[tuple[Any, ...]] | None = None  # rows of several shapes
        self._turn = asyncio.Lock()

    async def rows(self, statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run one statement, again if the database went away: each is written so that twice is once."""
        wait = 0.05
        async with self._turn:
            while True:
                try:
                    connection = await self.connection()
                    cursor = await connection.execute(statement, values)
                    return await cursor.fetchall() if cursor.description else []
                except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                    await self.close()
                    if self._gone.is_set():
                        raise Stopping from error
                    logger.warning("the database is away: %s", type(error).__name__)
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._gone.wait(), wait)
                    wait = min(wait * 2, 2.0)

    async def connection(self) -> psycopg.AsyncConnection[tuple[Any, ...]]:
        if self._connection is None or self._connection.closed:
            self._connection = await psycopg.AsyncConnection.connect(self._dsn, autocommit=True)
        return self._connection

    async def close(self) -> None:
        if self._connection is not None:
            with suppress(psycopg.Error):
                await self._connection.close()
            self._connection = None


@dataclass
class Outcomes:
    """Results not yet written. They outlive a database that is away."""

    sent: list[tuple[Letter, Result]] = field(default_factory=list)
    again: list[tuple[Letter, Result]] = field(default_factory=list)
    ended: list[tuple[Letter, Result, str]] = field(default_factory=list)
    aside: list[Letter] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.sent or self.again or self.ended or self.aside)


class Pump:
    """Carries one channel through one transport."""

    def __init__(self, engine: "Engine", channel: str, transport: Transport) -> None:
        self.channel, self.transport = channel, transport
        self.outcomes = Outcomes()
        self.wake = asyncio.Event()
        self._engine, self._pace = engine, engine.pace
        self._claims, self._gate_link, self._results = engine.link(), engine.link(), engine.link()
        # Claimed; then, after the last look, ready for a lane.
        self._claimed: deque[Letter] = deque()
        self._has_claimed = asyncio.Event()
        self._ready: asyncio.Queue[list[Letter]] = asyncio.Queue(maxsize=2 * transport.lanes)
        self._room = asyncio.Event()
        # Between the two: chosen for the last look, not yet in the lanes' queue.
        self._in_gate: deque[Letter] = deque()
        self._under_way: set[asyncio.Task[Any]] = set()  # of several results
        self._calling = 0
        self._refusals_in_a_row = 0
        self._next_free = 0.0
        # A message is handed over only while its lease outlives the call and the writing of its result.
        self._margin = transport.timeout + self._pace.spare
        self._lease = max(self._pace.lease, 2 * self._margin)
        self._batch = self._pace.batch

    # --- claiming

    async def claim(self) -> None:
        """Keep enough messages in hand; when there are none, wait to be told or for the next look."""
        while True:
            self.wake.clear()
            if len(self._claimed) <= self._batch // 2:
                await self._wait_out_an_outage()
                found = await self._whole(self._claim_some())
                if found == self._batch:
                    await asyncio.sleep(0)
                    continue
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.wake.wait(), self._pace.poll)
            else:
                await asyncio.sleep(0.005)

    async def _claim_some(self) -> int:
        started = asyncio.get_running_loop().time()
        values = {
            "now": None,
            "channel": self.channel,
            "provider": self.transport.name,
            "limit": self._batch,
            "lease": self._lease,
        }
        rows = await self._claims.rows(statements.CLAIM, values)
        # An update returns its rows in any order; the first two columns are the order they were chosen in.
        for row in sorted(rows, key=lambda row: row[:3]):
            self._claimed.append(Letter.of(row, trusted_until=started + self._lease))
        self._engine.counters.claimed += len(rows)
        if rows:
            self._has_claimed.set()
        return len(rows)

    async def _whole(self, work: Coroutine[Any, Any, T]) -> T:
        """Not broken off in the middle when the sender stops: the database has done it; we have to know."""
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return await asyncio.shield(task)

    async def _wait_out_an_outage(self) -> None:
        """While a provider takes nothing, few messages at a time find out whether it is back."""
        if self._refusals_in_a_row >= 20:
            await asyncio.sleep(min(15.0, 0.1 * 2 ** min(self._refusals_in_a_row // 20, 8)))

    # --- the last look

    async def gate(self) -> None:
        """Let messages through to the lanes just before they are called, and not if they were taken back."""
        lanes, per = self.transport.lanes, self.transport.per_request
        while True:
            while self._ready.qsize() > lanes // 2:
                self._room.clear()
                await self._room.wait()
            if not self._claimed:
                self._has_claimed.clear()
                await self._has_claimed.wait()
            room = (self._ready.maxsize - self._ready.qsize()) * per
            self._in_gate.extend(self._claimed.popleft() for _ in range(min(len(self._claimed), room)))
            await self._whole(self._keep_what_is_wanted())
            while self._in_gate:
                letters = [self._in_gate[n] for n in range(min(per, len(self._in_gate)))]
                await self._keep_the_pace(len(letters))
                await self._ready.put(letters)
                for _ in letters:
                    self._in_gate.popleft()

    async def _keep_what_is_wanted(self) -> None:
        started, letters = asyncio.get_running_loop().time(), list(self._in_gate)
        # Waiting in the lanes' queue counts too.
        if any(letter.trusted_until < started + 2 * self._margin for letter in letters):
            wanted = await self._hand(letters, mark=False)
        else:
            leases = dict(await self._gate_link.rows(statements.LOOK, self._proofs(letters)))
            self.outcomes.aside += [letter for letter in letters if letter.id not in leases]
            wanted = [letter for letter in letters if letter.id in leases]
        self._in_gate = deque(wanted)

    async def _hand(self, letters: list[Letter], *, mark: bool) -> list[Letter]:
        """Look once more and renew the lease in one; with `mark`, note that a provider has it from now on."""
        started = asyncio.get_running_loop().time()
        values = self._proofs(letters) | {"lease": self._lease, "mark": mark}
        leases = dict(await self._gate_link.rows(statements.HAND, values))
        for letter in letters:
            if letter.id in leases:
                letter.lease, letter.trusted_until = leases[letter.id], started + self._lease
        self.outcomes.aside += [letter for letter in letters if letter.id not in leases]
        return [letter for letter in letters if letter.id in leases]

    @staticmethod
    def _proofs(letters: Sequence[Letter]) -> dict[str, Any]:  # arrays of several types
        return {
            "now": None,
            "ids": [letter.id for letter in letters],
            "leases": [letter.lease for letter in letters],
        }

    async def _keep_the_pace(self, count: int) -> None:
        if self.transport.per_second:
            loop = asyncio.get_running_loop()
            self._next_free = max(self._next_free, loop.time()) + count / self.transport.per_second
            if (wait := self._next_free - loop.time()) > 0.01:
                await asyncio.sleep(wait)

    # --- calling

    async def lane(self) -> None:
        while True:
            letters = await self._ready.get()
            self._room.set()
            self._calling += 1
            try:
                if letters := await self._ours_to_call(letters):
                    await self._call(letters)
            finally:
                self._calling -= 1

    async def _ours_to_call(self, letters: list[Letter]) -> list[Letter]:
        if not self.transport.idempotent:
            # Marked one call at a time: a sender that is killed leaves only the calls under way in doubt.
            return await self._whole(self._hand(letters, mark=True))
        if asyncio.get_running_loop().time() > letters[0].trusted_until - self._margin:
            # They waited longer than thought: the process was stopped, or the provider is very slow.
            self.outcomes.aside += letters
            return []
        return letters

    async def _call(self, letters: list[Letter]) -> None:
        results = [Result(Kind.AMBIGUOUS, error="stopped in the middle of the call")] * len(letters)
        try:
            results = await self.transport.send(letters)
        except Exception as error:
            # A fault of ours in one call must not stop all the others; nobody knows what the call did.
            logger.exception("a call failed in a way it may not")
            results = [Result(Kind.AMBIGUOUS, error=type(error).__name__)] * len(letters)
        finally:
            self._note(letters, results)

    def _note(self, letters: Sequence[Letter], results: Sequence[Result]) -> None:
        for letter, result in zip(letters, results, strict=True):
            match result.kind:
                case Kind.ACCEPTED:
                    self.outcomes.sent.append((letter, result))
                case Kind.REFUSED:
                    self.outcomes.ended.append((letter, result, "failed"))
                case Kind.AMBIGUOUS if not self.transport.idempotent:
                    self.outcomes.ended.append((letter, result, "unclear"))
                case _:
                    self.outcomes.again.append((letter, result))
        busy = all(result.kind in (Kind.BUSY, Kind.AMBIGUOUS) for result in results)
        self._refusals_in_a_row = self._refusals_in_a_row + 1 if busy else 0

    # --- writing results

    async def record(self) -> None:
        while True:
            await asyncio.sleep(self._pace.flush)
            if self.outcomes:
                await self.write()

    async def write(self) -> None:
        """Write what is known. What could not be written stays known until it can be."""
        known, counters = self.outcomes, self._engine.counters
        common = {"now": None, "secret": list(SECRET), "idempotent": self.transport.idempotent}
        if sent := known.sent[:5000]:
            rows = await self._write(
                statements.SENT,
                common
                | {
                    "keeps_secrets": self.transport.keeps_secrets,
                    "ids": [letter.id for letter, _ in sent],
                    "provider_ids": [result.provider_id for _, result in sent],
                    "delivered": [result.delivered for _, result in sent],
                },
            )
            counters.sent += len(rows)
            del known.sent[: len(sent)]
            if self.transport.name == "demo":
                await self._show(rows)
        if again := known.again[:5000]:
            rows = await self._write(
                statements.AGAIN,
                common
                | {
                    "most": MOST_TRIES,
                    "ids": [letter.id for letter, _ in again],
                    "leases": [letter.lease for letter, _ in again],
                    "waits": [wait_after(letter.tries) for letter, _ in again],
                    "unclear": [result.kind is Kind.AMBIGUOUS for _, result in again],
                    "errors": [clean(result.error) for _, result in again],
                },
            )
            counters.again += len(rows)
            del known.again[: len(again)]
        if ended := known.ended[:5000]:
            await self._write(
                statements.ENDED,
                common
                | {
                    "ids": [letter.id for letter, _, _ in ended],
                    "leases": [letter.lease for letter, _, _ in ended],
                    "states": [state for _, _, state in ended],
                    "errors": [clean(result.error) for _, result, _ in ended],
                },
            )
            counters.failed += sum(state == "failed" for _, _, state in ended)
            counters.unclear += sum(state == "unclear" for _, _, state in ended)
            del known.ended[: len(ended)]
        if aside := known.aside[:5000]:
            await self._write(
                statements.SET_ASIDE,
                common
                | {"ids": [letter.id for letter in aside], "leases": [letter.lease for letter in aside]},
            )
            counters.set_aside += len(aside)
            del known.aside[: len(aside)]

    async def _write(self, statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        try:
            return await self._results.rows(statement, values)
        except psycopg.Error:
            # Refused, not away: their leases run out and they are looked at again, one result in a thousand
            # is not worth all of them.
            logger.exception("results were refused by the database")
            await self._results.close()
            return []

    async def _show(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Tell open telephone pages of the demo."""
        payloads = [
            json.dumps({"territory": territory_id, "kind": "message", "id": message_id, "for": None})
            for message_id, territory_id in rows
        ]
        await self._write(
            "select pg_notify(%(channel)s, payload) from unnest(%(payloads)s::text[]) as t(payload)",
            {"channel": LIVE, "payloads": payloads},
        )

    # --- stopping

    def tasks(self) -> list[Coroutine[Any, Any, None]]:
        return [self.claim(), self.gate(), self.record(), *(self.lane() for _ in range(self.transport.lanes))]

    async def finish(self, lanes: Sequence["asyncio.Task[None]"]) -> None:
        """Let calls under way end, then write all that is known and give back the rest."""
        loop = asyncio.get_running_loop()
        until = loop.time() + SECONDS_FOR_CALLS
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=SECONDS_FOR_CALLS)
        handed = [letter for letters in self._drained_queue() for letter in letters]
        # One that was put and not yet taken off is in both.
        self.outcomes.aside += {
            letter.id: letter for letter in [*handed, *self._in_gate, *self._claimed]
        }.values()
        while self._calling and loop.time() < until:
            await asyncio.sleep(0.01)
        for lane in lanes:
            lane.cancel()
        await asyncio.gather(*lanes, return_exceptions=True)
        with suppress(TimeoutError, Stopping):
            async with asyncio.timeout(SECONDS_FOR_RESULTS):
                while self.outcomes:
                    await self.write()
        await self.transport.close()
        for link in (self._claims, self._gate_link, self._results):
            await link.close()

    def _drained_queue(self) -> Iterator[list[Letter]]:
        while not self._ready.empty():
            yield self._ready.get_nowait()


class Engine:
    """One sender; any number may run beside each other, on one machine or several."""

    def __init__(self, dsn: str, transports: Mapping[str, Transport], pace: Pace | None = None) -> None:
        self.dsn, self.pace, self.counters = dsn, pace or Pace(), Counters()
        # Set at the very end: what still waits for a database that is away gives up.
        self._gone = asyncio.Event()
        self.pumps = [Pump(self, channel, transport) for channel, transport in transports.items()]

    def link(self) -> Link:
        return Link(self.dsn, self._gone)

    async def run(self, stop: asyncio.Event) -> None:
        working = [asyncio.create_task(self._guard(task)) for task in (self._listen, self._sweep)]
        lanes: list[tuple[Pump, list[asyncio.Task[None]]]] = []
        for pump in self.pumps:
            claim, gate, record, *calls = pump.tasks()
            working += [asyncio.create_task(one) for one in (claim, gate, record)]
            lanes.append((pump, [asyncio.create_task(one) for one in calls]))
        stopping = asyncio.create_task(stop.wait())
        everything = [*working, *(lane for _, tasks in lanes for lane in tasks)]
        done, _ = await asyncio.wait([stopping, *everything], return_when=asyncio.FIRST_COMPLETED)
        for task in [stopping, *working]:
            task.cancel()
        await asyncio.gather(stopping, *working, return_exceptions=True)
        await asyncio.gather(*(pump.finish(tasks) for pump, tasks in lanes))
        self._gone.set()
        for task in done - {stopping}:
            # A fault in the sender itself: said, so that whoever started it starts it again.
            task.result()

    async def _guard(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        while True:
            try:
                await work()
            except psycopg.Error as error:
                logger.warning("%s: %s", work.__name__, type(error).__name__)
                await asyncio.sleep(1.0)

    async def _listen(self) -> None:
        """Be told of new messages at once; the regular look stands in while this does not work."""
        link = self.link()
        try:
            connection = await link.connection()
            await connection.execute(f"listen {CHANNEL}")
            async for _ in connection.notifies():
                for pump in self.pumps:
                    pump.wake.set()
        finally:
            await link.close()

    async def _sweep(self) -> None:
        """Free what killed senders held, and take what makes no sense any more out of the queue."""
        link = self.link()
        transports = [pump.transport for pump in self.pumps]
        values = {
            "now": None,
            "secret": list(SECRET),
            "idempotent": [one.name for one in transports if one.idempotent],
            "once": [one.name for one in transports if not one.idempotent],
        }
        try:
            while True:
                for message_id, state in await link.rows(statements.LEASES_OVER, values):
                    logger.warning("message %s: its sender stopped in the middle; now %s", message_id, state)
                await link.rows(statements.EXPIRED, values)
                await asyncio.sleep(self.pace.sweep)
        finally:
            await link.close()


def wait_after(tries: int) -> float:
    """Seconds until the next try: half, one, two… five minutes, spread so that they come back apart."""
    return float(min(LONGEST_WAIT, 0.5 * 2.0 ** min(tries, 10)) * random.uniform(0.5, 1.5))


def clean(error: str) -> str:
    """What a provider said, without what PostgreSQL or a log line cannot hold."""
    return " ".join(error.replace("\x00", "").split())[:200]


def dsn_of_the_settings() -> str:
    """The database of the settings, as the role that sees the outbox of all territories and nothing else."""
    from django.conf import settings

    database: dict[str, Any] = settings.DATABASES["default"]  # values of several types
    return make_conninfo(
        host=database["HOST"] or None,
        port=database["PORT"] or None,
        dbname=database["NAME"],
        user=settings.OUTBOX_DB_USER,
        password=settings.OUTBOX_DB_PASSWORD or None,
        connect_timeout=5,
        application_name="palier-outbox",
        options="-c statement_timeout=15s -c lock_timeout=5s -c timezone=UTC",
    )


async def run(stop: asyncio.Event, dsn: str | None = None) -> None:
    """Send what is posted until `stop` is set; returns within two seconds of it. Django must be set up."""
    from palier.messaging.transports import configured

    await Engine(dsn or dsn_of_the_settings(), configured()).run(stop)
