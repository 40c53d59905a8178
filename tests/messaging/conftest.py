"""A town whose outbox is really committed, and a sender that works beside the test, as its own role."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection, connections, transaction
from psycopg.conninfo import make_conninfo

from palier.accounts.actor import Actor
from palier.kernel import clock
from palier.messaging import operations
from palier.messaging.engine import Engine, Pace
from palier.messaging.letters import Kind, Letter, Result
from palier.messaging.models import Message
from palier.messaging.transports import Transport
from palier.territories import walls
from palier.territories.models import Territory
from tests import factories

QUICK = Pace(batch=50, lease=2.0, poll=0.1, sweep=0.1, flush=0.01, spare=0.5)


class Recording:
    """A provider in the test's own hands: `answers` says what becomes of each letter."""

    name = "recording"
    per_request = 1
    per_second: float | None = None
    keeps_secrets = False

    def __init__(
        self,
        answers: Callable[[Letter], Result] | None = None,
        *,
        idempotent: bool = True,
        lanes: int = 4,
        seconds: float = 0.0,
        timeout: float = 0.5,
    ) -> None:
        self.answers = answers or (lambda letter: Result(Kind.ACCEPTED, f"r-{letter.id}"))
        self.idempotent, self.lanes, self.seconds, self.timeout = idempotent, lanes, seconds, timeout
        self.calls: list[str] = []

    async def send(self, letters: Sequence[Letter]) -> list[Result]:
        self.calls += [letter.key for letter in letters]
        if self.seconds:
            await asyncio.sleep(self.seconds)
        return [self.answers(letter) for letter in letters]

    async def close(self) -> None:
        return None


@pytest.fixture
def dsn() -> str:
    """The database of the tests, as the role of the sender."""
    settings = connection.settings_dict
    return make_conninfo(
        host=settings["HOST"], port=settings["PORT"] or None, dbname=settings["NAME"], user="palier_outbox"
    )


@pytest.fixture
def town(transactional_db: None) -> Territory:
    """Committed, without quiet hours: what is posted here is due at once, at whatever hour the tests run."""
    with transaction.atomic():
        return factories.territory(quiet_from="00:00", quiet_until="00:00")


@pytest.fixture
def posted(town: Territory) -> Callable[..., list[Message]]:
    """Post messages and commit them."""

    def post(*keys: str, **fields: Any) -> list[Message]:
        with walls.inside(town.pk):
            made = [
                operations.post(
                    key,
                    to="+33639980012",
                    about=town,
                    actor=Actor.job("a test", town.pk),
                    **({"template": "offer_taken", "context": {"first_name": "Michel"}} | fields),
                )
                for key in keys
            ]
        return [message for message in made if message is not None]

    return post


@pytest.fixture
def states(town: Territory) -> Callable[[], dict[str, str]]:
    def read() -> dict[str, str]:
        with walls.inside(town.pk):
            return dict(Message.objects.order_by("key").values_list("key", "state"))

    return read


def send(
    dsn: str,
    *transports: tuple[str, Transport],
    until: Callable[[], bool],
    pace: Pace = QUICK,
    patience: float = 10.0,
    senders: int = 1,
) -> list[Engine]:
    """Run senders until something holds (asked from a thread of its own), then stop them as SIGTERM does."""
    engines = [Engine(dsn, dict(transports), pace) for _ in range(senders)]

    def asked() -> bool:
        try:
            return until()
        finally:
            # The thread's own connection, should it have used one.
            connections.close_all()

    async def work() -> None:
        stop = asyncio.Event()
        running = [asyncio.create_task(engine.run(stop)) for engine in engines]
        loop = asyncio.get_running_loop()
        deadline = loop.time() + patience
        try:
            while not await asyncio.to_thread(asked):
                for task in running:
                    if task.done():
                        task.result()
                assert loop.time() < deadline, "the sender did not get there"
                await asyncio.sleep(0.02)
        finally:
            stop.set()
            await asyncio.gather(*running)

    asyncio.run(work())
    return engines


def look(dsn: str, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """Read the outbox over a connection of its own."""
    with psycopg.connect(dsn, autocommit=True) as link:
        return link.execute(sql, values).fetchall()


def count(dsn: str, *wanted: str) -> int:
    return int(look(dsn, "select count(*) from messaging_message where state = any(%s)", list(wanted))[0][0])


def soon(seconds: float) -> Any:
    return clock.now() + timedelta(seconds=seconds)
