"""The demo: everything in one process tree, from nothing to an address to open.

The order is: the database server, its schema, the territory, then web, live updates and
worker. Whatever ends this process ends all of them.
"""

import argparse
import fcntl
import hashlib
import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from palier.config import pg, ports
from palier.config.supervise import Program, ProgramFailed, StopAsked, Supervisor, tail

WEB_PORT = 8000
LIVE_PORT = 8001
SECONDS_UNTIL_READY = 90.0
# The whole stop has to fit in five seconds, of which the programs may take four.
SECONDS_FOR_THE_DATABASE = 4.0

# What a step takes on two ordinary cores; replaced by what it took here the last time.
FIRST_ESTIMATES = {"database": 4.0, "schema": 20.0, "territory": 60.0, "programs": 8.0}


class DemoError(Exception):
    """The demo cannot go on; the text says why and what to do."""


class Steps:
    """One line a step: what, how long it should take, how long it took."""

    def __init__(self, times_file: Path) -> None:
        self.times_file = times_file
        self.on_terminal = sys.stdout.isatty()
        self.number = 0
        try:
            self.times = FIRST_ESTIMATES | {
                str(k): float(v) for k, v in json.loads(times_file.read_text()).items()
            }
        except (OSError, ValueError, AttributeError, TypeError):
            self.times = dict(FIRST_ESTIMATES)

    @contextmanager
    def step(self, key: str, text: str) -> Iterator[Callable[[], None]]:
        self.number += 1
        label = f"[{self.number}/4] {text}"
        about = f"about {max(1, round(self.times[key]))} s"
        since = time.monotonic()
        shown = 0

        def tick() -> None:
            nonlocal shown
            seconds = int(time.monotonic() - since)
            if self.on_terminal and seconds > shown:
                shown = seconds
                print(f"\r{label}: {seconds} s of {about}\033[K", end="", flush=True)

        print(f"{label} ({about})", end="" if self.on_terminal else "\n", flush=True)
        try:
            yield tick
        except BaseException:
            print(flush=True)
            raise
        took = time.monotonic() - since
        start = "\r" if self.on_terminal else ""
        end = "\033[K" if self.on_terminal else ""
        print(f"{start}{label}: done in {took:.1f} s{end}", flush=True)
        self.times[key] = took

    def note(self, text: str) -> None:
        start = "\r" if self.on_terminal else ""
        print(f"{start}      {text}" + ("\033[K" if self.on_terminal else ""), flush=True)

    def remember(self) -> None:
        self.times_file.write_text(json.dumps(self.times))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="script/demo",
        description="Start Palier with an invented town. Ctrl-C stops it; its data stay for the next start.",
    )
    parser.add_argument(
        "--port", type=int, help=f"listen there or nowhere (default: from {WEB_PORT} on, the first free)"
    )
    parser.add_argument("--reset", action="store_true", help="throw the demo's data away and build them anew")
    parser.add_argument("--no-serve", action="store_true", help="build, and end without serving")
    chosen = parser.parse_args(arguments)
    if chosen.port is not None and not 0 < chosen.port < 65536:
        parser.error("a port is a number from 1 to 65535")
    try:
        return Demo(pg.var_folder()).run(port=chosen.port, reset=chosen.reset, serve=not chosen.no_serve)
    except (DemoError, ProgramFailed, pg.PgError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except (StopAsked, KeyboardInterrupt):
        return 130


class Demo:
    def __init__(self, var: Path) -> None:
        self.var = var
        self.state_file = var / "demo.json"
        self.people_file = var / "demo-people.json"
        self.server_mark = var / "demo-server"
        self.server_pid: int | None = None
        self.environment: dict[str, str] = {}

    def run(self, *, port: int | None, reset: bool, serve: bool) -> int:
        try:
            self.var.mkdir(parents=True, exist_ok=True)
            lock = (self.var / "demo.lock").open("a")
        except OSError as error:
            raise DemoError(
                f"{self.var} cannot be written: {error.strerror}. Use a folder of your own."
            ) from error
        with lock:
            if not _take(lock):
                return self._say_that_it_runs(reset=reset)
            self.state_file.unlink(missing_ok=True)
            self._note_state(url=None)
            try:
                return self._run(port=port, reset=reset, serve=serve)
            finally:
                self.state_file.unlink(missing_ok=True)

    def _say_that_it_runs(self, *, reset: bool) -> int:
        try:
            state = json.loads(self.state_file.read_text())
        except (OSError, ValueError):
            state = {}
        process = f"process {state['pid']}" if "pid" in state else "another process"
        if reset:
            raise DemoError(f"The demo runs ({process}). Stop it (Ctrl-C in its window), then reset it.")
        if state.get("url"):
            print(f"The demo already runs at {state['url']} ({process}).")
        else:
            print(f"The demo is already being started by {process}; its window will show the address.")
        return 0

    def _note_state(self, *, url: str | None) -> None:
        fresh = self.state_file.with_suffix(".new")
        fresh.write_text(json.dumps({"pid": os.getpid(), "url": url}))
        fresh.replace(self.state_file)

    def _run(self, *, port: int | None, reset: bool, serve: bool) -> int:
        web_port, live_port = _choose_ports(port) if serve else (WEB_PORT, LIVE_PORT)
        public, live = f"http://localhost:{web_port}", f"http://localhost:{live_port}"
        # Nothing that was exported for a real site: neither its database nor its mail server.
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith("PALIER_")
        }
        self.environment |= {
            "DJANGO_SETTINGS_MODULE": "palier.config.settings",
            "PALIER_DEMO": "1",
            "PALIER_VAR": str(self.var),
            "PALIER_PUBLIC_URL": public,
            "PALIER_LIVE_URL": live,
            "PALIER_DB_USER": pg.APP,
            "PYTHONUNBUFFERED": "1",
        }
        steps = Steps(self.var / "demo-times.json")
        with Supervisor(self.var / "log", steps.note) as supervisor:
            try:
                self._start_database(supervisor, steps, reset=reset)
                self._bring_schema(supervisor, steps)
                self._build_territory(supervisor, steps)
                if not serve:
                    steps.remember()
                    print("\nThe demo is built. ./script/demo starts it.")
                    return 0
                self._start_programs(supervisor, steps, web_port, live_port)
                steps.remember()
                self._note_state(url=public)
                self._welcome(public)
                supervisor.watch()
            except StopAsked:
                print("\nStopping…", flush=True)
                return 0
            finally:
                supervisor.stop()
                self._stop_database(supervisor)
        return 0

    # --- The steps

    def _start_database(self, supervisor: Supervisor, steps: Steps, *, reset: bool) -> None:
        with steps.step("database", "The database"):
            # A server that was up before us is somebody's, and stays up after us; unless it is what
            # a demo killed between starting its server and saying so has left.
            ours = self.server_mark.exists() or pg.running(self.var) is None
            if ours:
                self.server_mark.touch()
            server = pg.start(self.var, say=steps.note)
            self.server_pid = pg.postmaster(self.var) if ours else None
            if self.server_pid:
                supervisor.adopt_server(self.server_pid)
            if reset:
                pg.drop_database(server)
                self.people_file.unlink(missing_ok=True)
            self.environment |= pg.environment(self.var)

        def keep_up() -> None:
            if pg.running(self.var) is None:
                supervisor.say("The database ended and is started again.")
                pg.start(self.var, say=steps.note)
                pid = pg.postmaster(self.var)
                if self.server_pid and pid:
                    supervisor.release_server(self.server_pid)
                    self.server_pid = pid
                    supervisor.adopt_server(pid)

        supervisor.foundations.append(keep_up)

    def _stop_database(self, supervisor: Supervisor) -> None:
        if self.server_pid:
            pg.stop(self.var, patience=SECONDS_FOR_THE_DATABASE)
            supervisor.release_server(self.server_pid)
            self.server_mark.unlink(missing_ok=True)

    def _program(self, name: str, *arguments: str) -> Program:
        return Program(name, [sys.executable, "-P", "-m", *arguments], self.environment)

    def _bring_schema(self, supervisor: Supervisor, steps: Steps) -> None:
        server = pg.Server(Path(self.environment["PALIER_DB_HOST"]))
        wanted = f"Palier, migrated by {_fingerprint()}"
        with steps.step("schema", "The tables and their walls") as tick:
            about = "SELECT shobj_description(oid, 'pg_database') FROM pg_database"
            if pg.run_sql(server, f"{about} WHERE datname = '{pg.DATABASE}'") == wanted:
                return
            program = self._program("migrate", "palier.config", "migrate", "--no-color")
            if supervisor.run(program, logged=True, waiting=tick):
                raise DemoError(
                    "The database could not be brought to this version. The end of "
                    f"{supervisor.log_of(program)}:\n{tail(supervisor.log_of(program))}\n\n"
                    "If the data are of an earlier state of Palier, throw them away: ./script/demo --reset"
                )
            pg.run_sql(server, f"COMMENT ON DATABASE {pg.DATABASE} IS '{wanted}'")

    def _build_territory(self, supervisor: Supervisor, steps: Steps) -> None:
        with steps.step("territory", "The demo town"):
            if steps.on_terminal:
                print(flush=True)
            # On our terminal: it shows its own progress.
            program = self._program("territory", "palier.config.demo_territory", str(self.people_file))
            if supervisor.run(program, logged=False):
                raise DemoError(
                    "The demo town could not be built; the reason stands above. Start again to go on from\n"
                    "there, or throw what there is away and begin anew: ./script/demo --reset"
                )

    def _start_programs(self, supervisor: Supervisor, steps: Steps, web_port: int, live_port: int) -> None:
        cores = len(os.sched_getaffinity(0))
        workers = "2" if cores >= 2 else "1"
        with steps.step("programs", "The pages, the live updates and the worker") as tick:
            supervisor.start(
                self._program("web", "palier.config", "web", "--port", str(web_port), "--workers", workers)
            )
            supervisor.start(self._program("live", "palier.config", "live", "--port", str(live_port)))
            supervisor.start(self._program("worker", "palier.config", "worker"))

            def ready() -> bool:
                tick()
                return _answers(f"http://127.0.0.1:{web_port}/")

            if not supervisor.wait_until(ready, patience=SECONDS_UNTIL_READY):
                log = self.var / "log" / "web.log"
                raise DemoError(f"The pages did not come up. The end of {log}:\n{tail(log)}")

    def _welcome(self, url: str) -> None:
        from rich.console import Console
        from rich.table import Table

        console = Console(highlight=False)
        console.print(f"\n[bold]Palier runs at {url}[/bold]  (Ctrl-C stops it)")
        console.print(f"Its logs are in {self.var / 'log'}\n", soft_wrap=True)
        people = json.loads(self.people_file.read_text(encoding="utf-8"))
        if people:
            table = Table(title="Who can sign in", title_justify="left", box=None, pad_edge=False)
            for column in people[0]:
                table.add_column(column.replace("_", " "), overflow="fold")
            for person in people:
                table.add_row(*(str(person.get(column, "")) for column in people[0]))
            console.print(table)
            console.print()


def _take(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _choose_ports(asked: int | None) -> tuple[int, int]:
    if asked is not None:
        if not ports.is_free(asked):
            who = ports.who_listens(asked)
            if who:
                raise DemoError(
                    f"Port {asked} is used by process {who}.\n"
                    f"Stop it (kill {who.split()[0]}), or choose another port."
                )
            raise DemoError(
                f"Port {asked} cannot be used: it is held by a program of another user\n"
                f"(as root, `ss -ltnp sport = :{asked}` names it), or is reserved. Choose another port."
            )
        web = asked
    else:
        found = ports.first_free(WEB_PORT)
        if found is None:
            raise DemoError(
                f"The ports {WEB_PORT} to {WEB_PORT + 20} are all in use.\n"
                "Choose another: ./script/demo --port 9000"
            )
        web = found
        if web != WEB_PORT:
            holder = ports.who_listens(WEB_PORT)
            by = f" by process {holder}" if holder else ""
            print(f"Port {WEB_PORT} is in use{by}; Palier takes {web}.")
    start = LIVE_PORT if asked is None else min(asked + 1, 65000)
    live = ports.first_free(start, tries=41, taken=frozenset({web}))
    if live is None:
        raise DemoError(f"No port is free for the live updates, from {start} on. Choose others: --port 9000")
    return web, live


def _fingerprint() -> str:
    """Whatever may change tables, walls or what the migrations do."""
    digest = hashlib.sha256()
    source = Path(__file__).resolve().parents[1]
    requirements = pg.project() / "requirements" / "run.txt"
    for path in [*sorted(source.rglob("*.py")), requirements]:
        digest.update(str(path.relative_to(source) if source in path.parents else path.name).encode())
        digest.update(path.read_bytes() if path.exists() else b"")
    return digest.hexdigest()[:32]


def _answers(url: str) -> bool:
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=20):
            return True
    except urllib.error.HTTPError:
        return True
    except (OSError, ValueError):
        return False
