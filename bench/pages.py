"""Pages under load (wrk, 16 connections): day board, person list, person file and call save, on a territory with 100,000
people and 1,000,000 journal rows, with everything a real request does: session, second factor, permission, wall, access
log. Beside them, in the same run and by turns, a page of a typical Django project and a page with no framework
(pages_peers/), on the same rows.

    script/setup && .venv/bin/python bench/pages.py [--quick] [--only board,list,file,save] [--seconds 5] [--runs 3]

Prints a line of JSON a case: requests per second of the three (medians), both ratios, our 95th percentile in ms, and the
statements a request of ours costs. Keeps a database of its own in var/bench (1 GB; made in a minute or two the first
time). Anchors: at least a quarter of the rate without framework, three times the typical one, p95 under 40 ms.
"""

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent
sys.path[:0] = [str(PROJECT / "src"), str(HERE)]

PORTS = {"ours": 8391, "typical": 8392, "raw": 8393}
CONNECTIONS = 16
WORKERS, THREADS = 2, 2
WARM_UP = 2


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="one run of two seconds each")
    parser.add_argument("--only", default="board,list,file,save", help="cases, with commas")
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=THREADS, help="threads of each of the two workers")
    parser.add_argument("--ours-only", action="store_true", help="without the peers, while working on a page")
    chosen = parser.parse_args()
    if chosen.quick:
        chosen.seconds, chosen.runs = 2, 1
    if shutil.which("wrk") is None:
        print(
            "wrk is missing, which asks for the pages. On Debian, as root:\n    apt-get install wrk",
            file=sys.stderr,
        )
        return 2
    cases = chosen.only.split(",")
    if unknown := set(cases) - {"board", "list", "file", "save"}:
        parser.error(f"no case called {', '.join(sorted(unknown))}")
    url = prepare_database()
    import pages_data

    pages_data.tidy(url)
    ground = pages_data.freshen(url)
    try:
        measure(url, ground, cases, chosen)
    finally:
        pages_data.tidy(url)
    return 0


def prepare_database() -> str:
    """A cluster of its own, so that neither the demo's nor the tests' rows are met; gives its address as superuser."""
    from palier.config import pg

    def tell(sentence: str) -> None:
        print(sentence, file=sys.stderr, flush=True)

    var = Path(os.environ.get("PALIER_VAR", PROJECT / "var")) / "bench"
    server = pg.start(var, say=tell)
    os.environ.update(pg.environment(var))
    os.environ.update(
        PALIER_VAR=str(var), PALIER_DB_USER=pg.OWNER, DJANGO_SETTINGS_MODULE="palier.config.settings"
    )
    wanted = shape_of_the_data()
    said = pg.run_sql(
        server, "select shobj_description(oid, 'pg_database') from pg_database where datname = 'palier'"
    )
    if said != wanted:
        pg.drop_database(server)
    import django

    django.setup()
    from palier.config import database

    if said != wanted:
        from django.core.management import call_command

        tell("making the data (once): 100,000 people, 1,000,000 journal rows")
        call_command("migrate", verbosity=0)
        database.build()
        import pages_data

        pages_data.make(server.url(pg.SUPERUSER))
        pg.run_sql(server, f"comment on database palier is '{wanted}'")
    else:
        # Walls and functions may have changed since.
        database.build()
    return server.url(pg.SUPERUSER)


def shape_of_the_data() -> str:
    import hashlib

    import pages_data

    digest = hashlib.sha256(f"{pages_data.VERSION} {pages_data.PEOPLE} {pages_data.JOURNAL}".encode())
    for file in sorted((PROJECT / "src" / "palier").glob("*/migrations/[0-9]*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:32]


# --- Servers


@contextmanager
def serving(name: str, ground: Any, threads: int) -> Iterator[None]:
    """One of the three, on its port, until it is left: the product's own command, or granian with the same numbers."""
    environment = {
        **os.environ,
        "PEER_TERRITORY": str(ground.territory),
        "PEER_ORGANISATION": str(ground.organisation),
        "PEER_MEMBERSHIP": str(ground.membership),
        "PALIER_LOG_LEVEL": "ERROR",
    }
    if name == "ours":
        environment |= {
            "PALIER_DB_USER": "palier_app",
            "PALIER_PUBLIC_URL": f"http://127.0.0.1:{PORTS[name]}",
        }
        command = ["-P", "-m", "palier.config", "web", "--threads", str(threads)]
    else:
        module = {"typical": "typical:application", "raw": "raw:application"}[name]
        environment["PYTHONPATH"] = f"{HERE / 'pages_peers'}:{PROJECT / 'src'}"
        command = [
            "-m",
            "granian",
            "--interface",
            "wsgi",
            "--blocking-threads",
            str(threads),
            "--no-ws",
            module,
        ]
    command += ["--workers", str(WORKERS), "--port", str(PORTS[name])]
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [sys.executable, *command], env=environment, cwd=PROJECT, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            wait_for(PORTS[name], process, log)
            yield
        finally:
            process.terminate()
            process.wait(timeout=20)


def wait_for(port: int, process: subprocess.Popen[bytes], log: Any) -> None:
    import socket

    for _attempt in range(150):
        if process.poll() is not None:
            break
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    log.seek(0)
    raise SystemExit(f"the server on port {port} did not start:\n{log.read()}")


# --- Requests


@dataclass(frozen=True)
class Visitor:
    """How one of the three is asked: its cookie, the address of each page, and what a form must carry."""

    name: str
    cookie: str
    token: str
    board: str
    people: str
    person: Callable[[int], str]
    call: Callable[[int], str]


def visitors(ground: Any) -> list[Visitor]:
    import pages_data
    from django.conf import settings

    token = "b" * 32
    ours = f"{settings.SESSION_COOKIE_NAME}={pages_data.open_session(ground)}; {settings.CSRF_COOKIE_NAME}={token}"
    typical = subprocess.run(
        [sys.executable, str(HERE / "pages_peers" / "typical.py")], capture_output=True, text=True, check=True
    ).stdout.strip()
    theirs = {
        "board": "/board/",
        "people": "/people/",
        "person": lambda pk: f"/people/{pk}/",
        "call": lambda pk: f"/calls/{pk}/",
    }
    return [
        Visitor(
            "ours",
            ours,
            token,
            "/aujourdhui/",
            "/personnes/",
            lambda pk: f"/personnes/{pk}/",
            lambda pk: f"/telephone/{pk}/",
        ),
        Visitor("typical", f"sessionid={typical}; csrftoken={token}", token, **theirs),  # type: ignore[arg-type]
        Visitor("raw", "", token, **theirs),  # type: ignore[arg-type]
    ]


def reads(case: str, visitor: Visitor, ground: Any) -> list[str]:
    chance = random.Random(3)
    if case == "board":
        return [visitor.board]
    if case == "list":
        keys = chance.choices(ground.list_keys, k=2_000)
        return [f"{visitor.people}?apres={quote(f'{text}~{pk}')}" for text, pk in keys]
    return [visitor.person(pk) for pk in chance.choices(ground.often, k=4_000)]


def posts(visitor: Visitor, calls: list[tuple[int, int]]) -> list[str]:
    """A whole note, as the form sends it."""
    import pages_data

    return [
        visitor.call(call)
        + "\t"
        + urlencode(
            {
                "csrfmiddlewaretoken": visitor.token,
                "caller": f"p{person}",
                "who": "self",
                "reasons": "talk",
                "mood": "as_usual",
                "words": pages_data.WORDS,
                "next": "nothing",
                "opened": int(time.time()) - 40,
                "back": "",
            }
        )
        for call, person in calls
    ]


def wrk(visitor: Visitor, requests: list[str], seconds: int, *, posting: bool) -> dict[str, float]:
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(requests) + "\n")
        file.flush()
        environment = {**os.environ, "REQUESTS": file.name, "COOKIE": visitor.cookie}
        environment.pop("POSTS", None)
        if posting:
            environment["POSTS"] = "1"
        made = subprocess.run(
            ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "10s", "-s",
             str(HERE / "pages_peers" / "wrk.lua"), f"http://127.0.0.1:{PORTS[visitor.name]}"],
            env=environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
    return dict(json.loads(made.stdout.strip().splitlines()[-1]))


# --- Measuring


def measure(url: str, ground: Any, cases: list[str], chosen: argparse.Namespace) -> None:
    with ExitStack() as stack:
        asked = [v for v in visitors(ground) if v.name == "ours" or not chosen.ours_only]
        for visitor in asked:
            stack.enter_context(serving(visitor.name, ground, chosen.threads))
        for case in cases:
            if case == "save":
                results = saves(url, ground, asked, chosen)
            else:
                for visitor in asked:
                    check(visitor, reads(case, visitor, ground)[0])
                results = turns(
                    asked,
                    chosen,
                    lambda v, seconds, case=case: wrk(v, reads(case, v, ground), seconds, posting=False),
                )
            print(json.dumps(line_of(case, results, statements_of(case, url, ground))), flush=True)


def turns(
    asked: list[Visitor], chosen: argparse.Namespace, run: Callable[[Visitor, int], dict[str, float]]
) -> dict[str, list[dict[str, float]]]:
    """Each in its turn, so that a slow moment of the machine is everybody's."""
    results: dict[str, list[dict[str, float]]] = {visitor.name: [] for visitor in asked}
    for visitor in asked:
        run(visitor, WARM_UP)
    for _number in range(chosen.runs):
        for visitor in asked:
            found = run(visitor, chosen.seconds)
            if found["failed"]:
                raise SystemExit(
                    f"{visitor.name}: {found['failed']:.0f} of {found['requests']:.0f} requests failed"
                )
            results[visitor.name].append(found)
    return results


def saves(
    url: str, ground: Any, asked: list[Visitor], chosen: argparse.Namespace
) -> dict[str, list[dict[str, float]]]:
    """Calls are made ready before each turn, and counted after it: what wrk heard must be what the tables say."""
    import pages_data

    def run(visitor: Visitor, seconds: int) -> dict[str, float]:
        # More than any of them writes down; requests that wrk cuts at its end may be written or not.
        calls = pages_data.start_calls(url, ground, int(seconds * 3_000))
        found = wrk(visitor, posts(visitor, calls), seconds, posting=True)
        written = pages_data.logged(url, calls)
        if not found["requests"] <= written <= found["requests"] + CONNECTIONS:
            raise SystemExit(
                f"{visitor.name} answered {found['requests']:.0f} times and wrote {written} calls"
            )
        return found

    return turns(asked, chosen, run)


def check(visitor: Visitor, path: str) -> None:
    """The page is the page: one that refuses is fast as well."""
    request = Request(f"http://127.0.0.1:{PORTS[visitor.name]}{path}", headers={"Cookie": visitor.cookie})
    with urlopen(request, timeout=20) as answer:
        text = answer.read().decode()
        if answer.status != 200 or answer.url != request.full_url or "</" not in text or "<h1>" not in text:
            raise SystemExit(
                f"{visitor.name} {path}: not the page ({answer.status}, {answer.url})\n{text[:2000]}"
            )


def statements_of(case: str, url: str, ground: Any) -> int:
    """How many statements one request of ours costs, counted in this process."""
    import pages_data
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    settings.ALLOWED_HOSTS.append("testserver")
    visitor = next(v for v in visitors(ground) if v.name == "ours")
    client = Client(headers={"cookie": visitor.cookie})
    if case == "save":
        path, body = posts(visitor, pages_data.start_calls(url, ground, 2))[1].split("\t")
        ask = lambda: client.post(path, body, content_type="application/x-www-form-urlencoded")  # noqa: E731
    else:
        path = reads(case, visitor, ground)[0]
        client.get(path)
        ask = lambda: client.get(path)  # noqa: E731
    with CaptureQueriesContext(connection) as captured:
        answer = ask()
    if answer.status_code not in (200, 302):
        raise SystemExit(f"{case}: {answer.status_code}")
    if os.environ.get("PAGES_SHOW_STATEMENTS"):
        for one in captured.captured_queries:
            print("   ", " ".join(one["sql"].split())[:300], file=sys.stderr)
    return len(captured)


def line_of(case: str, results: dict[str, list[dict[str, float]]], statements: int) -> dict[str, Any]:
    def median(name: str, what: str) -> float | None:
        return statistics.median(found[what] for found in results[name]) if results.get(name) else None

    def ratio(name: str) -> float | None:
        theirs = median(name, "rate")
        return None if theirs is None else round((median("ours", "rate") or 0) / theirs, 3)

    return {
        "case": case,
        "ours": median("ours", "rate"),
        "peer_typical": median("typical", "rate"),
        "peer_raw": median("raw", "rate"),
        "ratio_typical": ratio("typical"),
        "ratio_raw": ratio("raw"),
        "p95_ms": median("ours", "p95"),
        "queries": statements,
    }


if __name__ == "__main__":
    sys.exit(main())
