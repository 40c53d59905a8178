"""Senders killed at random, a provider with faults, a database that dies: nothing lost, nothing doubled.

Each promise has its control: the same run without the rule shows the second message.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bench import outbox
from palier.config import pg
from palier.duties.models import Duty
from palier.kernel import clock
from palier.messaging import jobs
from palier.messaging.models import Message
from palier.territories import walls
from palier.territories.models import Territory
from tests.messaging.conftest import count

pytestmark = pytest.mark.chaos

SENDER = Path(outbox.PROJECT) / "bench" / "outbox_sender.py"
# Two seconds of lease, four calls at once, a provider that is slow: a sender's life is a hundred messages.
CAUTIOUS = ["--lanes", "4", "--batch", "60", "--lease", "2", "--timeout", "0.5", "--spare", "0.4"]
SLOW = ["--slow", "1.0", "--seconds", "0.02", "--busy", "0.02"]


def bulk(town: Territory, n: int) -> None:
    with walls.inside(town.pk):
        Message.objects.bulk_create(
            Message(
                territory_id=town.pk,
                key=f"c-{number}",
                channel="sms",
                to="+33639980012",
                body="CCAS de Belrive. Un essai. 02 61 91 00 12",
                template="offer_taken",
                due_at=clock.now(),
                about_kind="territories.territory",
                about_id=town.pk,
            )
            for number in range(n)
        )


@contextmanager
def senders(dsn: str, port: int, *options: str, number: int = 2) -> Iterator[list[subprocess.Popen[str]]]:
    running = [start(dsn, port, *options) for _ in range(number)]
    try:
        yield running
    finally:
        for process in running:
            process.send_signal(signal.SIGTERM)
        for process in running:
            process.communicate(timeout=20)


def start(dsn: str, port: int, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(SENDER), dsn, f"http://127.0.0.1:{port}/send", *CAUTIOUS, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={name: value for name, value in os.environ.items() if not name.startswith("COV")},
    )


def kill_at_random(
    running: list[subprocess.Popen[str]], again: Callable[[], subprocess.Popen[str]], kills: int, seed: int
) -> None:
    luck = random.Random(seed)
    for _ in range(kills):
        # A Python that has just started is not yet a sender.
        time.sleep(luck.uniform(0.25, 0.8))
        which = luck.randrange(len(running))
        running[which].kill()
        running[which].communicate()
        running[which] = again()


def finish(dsn: str, patience: float = 60.0) -> None:
    until = time.monotonic() + patience
    while count(dsn, "queued", "sending"):
        assert time.monotonic() < until, "the outbox did not get empty"
        time.sleep(0.1)


def run(
    dsn: str, town: Territory, n: int, *, kills: int, options: tuple[str, ...], provider: tuple[str, ...]
) -> Any:
    bulk(town, n)
    with outbox.provider(*SLOW, *provider, "--seed", "7") as port:
        with senders(dsn, port, *options) as running:
            kill_at_random(running, lambda: start(dsn, port, *options), kills, seed=11)
            finish(dsn)
        return outbox.ask(port, "stats")


def test_twenty_kills_lose_nothing_and_double_nothing(dsn: str, town: Territory) -> None:
    n = 2000
    said = run(dsn, town, n, kills=20, options=(), provider=("--silent", "0.02"))
    assert said["distinct"] == n, "lost"
    assert said["messages"] == n, "sent twice"
    assert said["repeats"] > 0, "no repeat was needed, so that the run shows nothing"
    assert count(dsn, "sent") == n


def test_the_control_a_provider_that_forgets_keys_sends_twice_if_it_is_asked_again(
    dsn: str, town: Territory
) -> None:
    """The same run with the provider's idempotency off and our rule off: the second messages are there."""
    n = 600
    said = run(dsn, town, n, kills=6, options=(), provider=("--silent", "0.02", "--forgetful"))
    assert said["distinct"] == n
    assert said["messages"] > n


def test_a_provider_that_forgets_keys_never_sends_twice_and_what_is_unclear_goes_to_people(
    dsn: str, town: Territory
) -> None:
    n = 900
    said = run(dsn, town, n, kills=10, options=("--once",), provider=("--silent", "0.02", "--forgetful"))
    assert said["messages"] == said["distinct"], "sent twice"
    sent, unclear = count(dsn, "sent"), count(dsn, "unclear")
    assert sent + unclear == n, "lost"
    # Whatever the provider did not get is among the unclear ones, and so in somebody's hands.
    assert n - said["distinct"] <= unclear and unclear > 0
    while jobs.care_for_territory(town.pk):
        pass
    with walls.inside(town.pk):
        assert Duty.objects.open().filter(kind="mend_message").count() == unclear
        assert not Message.objects.filter(state="unclear", needs_care=False).exists()


def test_SIGTERM_gives_the_leases_back_and_says_truly_what_was_sent(dsn: str, town: Territory) -> None:
    bulk(town, 400)
    with outbox.provider(*SLOW, "--silent", "0") as port:
        process = start(dsn, port)
        until = time.monotonic() + 20
        while count(dsn, "sent") < 10:
            assert time.monotonic() < until
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        printed, _ = process.communicate(timeout=20)
        assert process.returncode == 0
        assert count(dsn, "sending") == 0
        assert outbox.ask(port, "stats")["messages"] == count(dsn, "sent")
    assert f"sent={count(dsn, 'sent')}" in printed


def test_the_database_is_killed_too_and_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    n = 1500
    with outbox.database(tmp_path) as server, outbox.provider(*SLOW, "--silent", "0.02") as port:
        outbox.fill(server, n)
        dsn = server.url(pg.OUTBOX)
        with senders(dsn, port) as running:
            luck = random.Random(5)
            for _ in range(2):
                time.sleep(luck.uniform(1.0, 2.0))
                number = pg.postmaster(tmp_path)
                assert number is not None
                os.kill(number, signal.SIGKILL)
                time.sleep(0.3)
                pg.start(tmp_path)
                kill_at_random(running, lambda: start(dsn, port), 1, seed=luck.randrange(1000))
            finish(dsn)
        said = outbox.ask(port, "stats")
        assert (said["distinct"], said["messages"]) == (n, n)
        assert outbox.states(server) == {"sent": n}
