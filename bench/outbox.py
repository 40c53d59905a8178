"""The outbox beside one job per message: the same provider and faults, the same database server, one run.

    python bench/outbox.py [--n 10000] [--workers 2] [--per-request 1]     how fast, ours and the peer python
    bench/outbox.py --crash 100 [--n 20000]                         kill -9 at random: what is lost, what
    doubles

Prints one JSON line a case: {"case", "ours", "peer", "ratio", …}; speeds in messages a second.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(PROJECT / "src"), str(PROJECT)]

import psycopg  # noqa: E402

from bench.peers import outbox_procrastinate as peer  # noqa: E402
from palier.config import pg  # noqa: E402
from palier.messaging.engine import Engine, Pace  # noqa: E402
from palier.messaging.transports import Gateway  # noqa: E402


@contextmanager
def provider(*options: str) -> Iterator[int]:
    """The pretended provider as a process of its own; gives its port."""
    process = subprocess.Popen(
        [sys.executable, str(PROJECT / "bench" / "outbox_gateway.py"), *options],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def ask(port: int, what: str) -> Any:
    request = urllib.request.Request(f"http://127.0.0.1:{port}/{what}", data=b"[]", method="POST")
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read())


@contextmanager
def database(var: Path, *, throwaway: bool = False) -> Iterator[pg.Server]:
    """A cluster of its own with the product's schema, walls and roles."""
    server = pg.start(var, throwaway=throwaway)
    try:
        pg.drop_database(server)
        migrate(var)
        yield server
    finally:
        pg.stop(var)


def migrate(var: Path) -> None:
    surroundings = {
        name: value for name, value in os.environ.items() if not name.startswith(("PALIER_", "DJANGO_"))
    }
    subprocess.run(
        [sys.executable, "-P", "-m", "palier.config", "migrate", "--verbosity=0", "--skip-checks"],
        cwd=PROJECT,
        env=surroundings | {"PALIER_VAR": str(var), "PYTHONPATH": str(PROJECT / "src")},
        check=True,
    )


TOWN = """
insert into territories_territory (id, code, name, kind, sender_name, public_phone, public_email, public_host,
  timezone, holidays_zone, phone_region, wave_size, wave_minutes, reach_minutes, quiet_from, quiet_until,
  proof_grace_minutes, climb_minutes, note_of_the_day, note_by, is_demo) values (1, 'belrive', 'Belrive',
  'town', 'Belrive', '+33261910012', '', 'palier.belrive.example', 'Europe/Paris', '', 'FR', 3, 60, 20,
  '00:00', '00:00', 30, 60, '', '', false) on conflict do nothing
"""
FILL = """
insert into messaging_message (territory_id, key, channel, sender, "to", subject, body, segments, template,
  priority, due_at, tries, provider, provider_id, error, about_kind, about_id, created_at)
select 1, 'c-' || n, 'sms', 'Belrive', '+3363998' || lpad((n %% 10000)::text, 4, '0'), '',
  'CCAS de Belrive. Il fera tres chaud demain. Buvez, fermez les volets. Question ? 02 61 91 00 12', 1,
  'a_template', 5, now(), 0, '', '', '', 'bench.case', n, now()
from generate_series(%s::bigint, %s::bigint) n
"""


def fill(server: pg.Server, n: int, start: int = 0) -> None:
    with psycopg.connect(server.url(pg.OWNER), autocommit=True) as link:
        link.execute(TOWN)
        link.execute(FILL, (start, start + n - 1))
        link.execute("analyze messaging_message")


def left(server: pg.Server) -> int:
    return number(server, "select count(*) from messaging_message where state in ('queued', 'sending')")


def states(server: pg.Server) -> dict[str, int]:
    with psycopg.connect(server.url(pg.OUTBOX), autocommit=True) as link:
        return dict(link.execute("select state, count(*) from messaging_message group by state").fetchall())


def number(server: pg.Server, sql: str, user: str = pg.OUTBOX) -> int:
    with psycopg.connect(server.url(user), autocommit=True) as link:
        row = link.execute(sql).fetchone()  # type: ignore[call-overload]
        return int(row[0])


def sender(
    dsn: str, port: int, per_request: int, timeout: float, pace: Pace, idempotent: bool = True
) -> None:
    """One sender process, until SIGTERM."""

    async def run() -> None:
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        gateway = Gateway(
            f"http://127.0.0.1:{port}/send",
            idempotent=idempotent,
            per_request=per_request,
            lanes=32,
            timeout=timeout,
        )
        await Engine(dsn, {"sms": gateway}, pace).run(stop)

    import logging

    logging.disable(logging.CRITICAL)
    asyncio.run(run())


def until(done: Callable[[], bool], seconds: float, every: float = 0.25) -> float:
    """Seconds until something holds."""
    began = time.monotonic()
    while not done():
        if time.monotonic() - began > seconds:
            raise SystemExit(f"not finished after {seconds} s")
        time.sleep(every)
    return time.monotonic() - began


FORK = multiprocessing.get_context("fork")


def measure(server: pg.Server, port: int, n: int, workers: int, per_request: int) -> dict[str, Any]:
    ask(port, "reset")
    began = time.monotonic()
    fill(server, n)
    filled = time.monotonic() - began
    pace = Pace(batch=2000)
    began = time.monotonic()
    running = [
        FORK.Process(target=sender, args=(server.url(pg.OUTBOX), port, per_request, 10.0, pace))
        for _ in range(workers)
    ]
    for process in running:
        process.start()
    until(lambda: left(server) == 0, 1200)
    seconds = time.monotonic() - began
    for process in running:
        process.terminate()
        process.join()
    said = ask(port, "stats")
    assert said["distinct"] == said["messages"] == n, said
    assert states(server) == {"sent": n}
    return {
        "per_second": round(n / seconds),
        "fill_per_second": round(n / filled),
        "repeats_absorbed": said["repeats"],
    }


def measure_peer(server: pg.Server, port: int, n: int, workers: int) -> dict[str, Any]:
    ask(port, "reset")
    dsn = server.url(pg.APP)
    began = time.monotonic()
    asyncio.run(peer.fill(dsn, n))
    filled = time.monotonic() - began
    with psycopg.connect(server.url(pg.OWNER), autocommit=True) as link:
        link.execute("analyze procrastinate_jobs")
    began = time.monotonic()
    running = [FORK.Process(target=peer.work, args=(dsn, port)) for _ in range(workers)]
    for process in running:
        process.start()
    unfinished = "select count(*) from procrastinate_jobs where status in ('todo', 'doing')"
    until(lambda: number(server, unfinished, pg.APP) == 0, 3600)
    seconds = time.monotonic() - began
    for process in running:
        process.kill()
        process.join()
    said = ask(port, "stats")
    assert said["distinct"] == n, said
    return {
        "per_second": round(n / seconds),
        "fill_per_second": round(n / filled),
        "repeats_absorbed": said["repeats"],
    }


def crash(
    server: pg.Server, port: int, n: int, workers: int, kills: int, seed: int, *, recognises: bool
) -> dict[str, Any]:
    """Kill senders at random moments, often enough; let the last ones finish; count at the provider."""
    ask(port, "reset")
    fill(server, n)
    luck, made, posted = random.Random(seed), 0, n
    pace = Pace(batch=300, lease=3.0, spare=0.5, sweep=0.5)

    def start() -> multiprocessing.context.ForkProcess:
        process = FORK.Process(target=sender, args=(server.url(pg.OUTBOX), port, 1, 1.0, pace, recognises))
        process.start()
        return process

    began = time.monotonic()
    running = [start() for _ in range(workers)]
    while made < kills:
        time.sleep(luck.uniform(0.02, 0.5))
        victim = luck.randrange(workers)
        process = running[victim]
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        made += 1
        running[victim] = start()
        if left(server) < n // 4:
            fill(server, n, posted)
            posted += n
    until(lambda: left(server) == 0, 600)
    for process in running:
        process.terminate()
        process.join()
    said, ended = ask(port, "stats"), states(server)
    return {
        "case": "outbox_crash" if recognises else "outbox_crash_forgetful_provider",
        "kills": made,
        "messages": posted,
        # With a provider that forgets keys, what is unclear is in somebody's hands.
        "lost": posted
        - ended.get("sent", 0)
        - ended.get("unclear", 0)
        + max(0, ended.get("sent", 0) - said["distinct"]),
        "double": said["messages"] - said["distinct"],
        "states": ended,
        "repeats_absorbed": said["repeats"],
        "seconds": round(time.monotonic() - began, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--n", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--per-request", type=int, default=1)
    parser.add_argument("--crash", type=int, default=0, metavar="KILLS")
    parser.add_argument("--forgetful", action="store_true", help="with --crash: the provider forgets keys")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--throwaway", action="store_true", help="a database that does not wait for the disk")
    chosen = parser.parse_args()
    var = pg.var_folder() / "bench-outbox"
    options = ["--seed", str(chosen.seed), *(["--forgetful"] if chosen.forgetful else [])]
    with database(var, throwaway=chosen.throwaway) as server, provider(*options) as port:
        if chosen.crash:
            said = crash(
                server,
                port,
                chosen.n,
                chosen.workers,
                chosen.crash,
                chosen.seed,
                recognises=not chosen.forgetful,
            )
            print(json.dumps(said), flush=True)
            if said["lost"] or said["double"]:
                raise SystemExit(1)
            return
        ours = measure(server, port, chosen.n, chosen.workers, chosen.per_request)
        theirs = measure_peer(server, port, chosen.n, chosen.workers)
        line = {
            "case": "outbox",
            "n": chosen.n,
            "workers": chosen.workers,
            "per_request": chosen.per_request,
            "ours": ours["per_second"],
            "peer": theirs["per_second"],
            "ratio": round(ours["per_second"] / theirs["per_second"], 2),
            "unit": "messages/s",
            "peer_name": "procrastinate, one job per message",
            "ours_detail": ours,
            "peer_detail": theirs,
        }
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
