"""Keep a few programs running as one: start, watch, restart once, stop all together.

Each program has a process group of its own, so that nothing it starts survives it, and a
log file. A keeper process stops everything when the supervisor itself is killed.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import IO, Self

# Two failures of one program within this time are not bad luck.
SECONDS_OF_TRIAL = 60.0
SECONDS_TO_FINISH = 4.0
PR_SET_PDEATHSIG = 1

# Looked up here, as little as possible being safe between fork and exec.
_prctl = ctypes.CDLL(None).prctl


@dataclass(frozen=True)
class Program:
    name: str
    command: Sequence[str]
    environment: Mapping[str, str]  # all of it: nothing comes from ours


@dataclass
class _Running:
    program: Program
    process: subprocess.Popen[bytes]
    failed_at: float | None = None


class ProgramFailed(Exception):
    """A program ended twice; the text holds the end of its log."""


class StopAsked(Exception):
    """Ctrl-C, or a signal to end."""


def _die_with_parent() -> None:
    # Runs in the child, between fork and exec. The keeper does this too, and for whole groups.
    _prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Supervisor:
    """Use as a context; on the way out, for whatever reason, everything is stopped."""

    def __init__(self, logs: Path, say: Callable[[str], None]) -> None:
        self.logs = logs
        self.say = say
        self.running: list[_Running] = []
        # Asked before any program is started again, such as whether the database is up.
        self.foundations: list[Callable[[], None]] = []
        self._stop_asked = False
        self._stopping = False
        self._keeper: subprocess.Popen[str] | None = None
        self._handlers: dict[int, object] = {}

    def __enter__(self) -> Self:
        self.logs.mkdir(parents=True, exist_ok=True)
        self._keeper = subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(__file__).with_name("keeper.py"))],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            text=True, start_new_session=True, cwd="/",
        )  # fmt: skip
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self._handlers[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.stop()
        finally:
            for number, handler in self._handlers.items():
                signal.signal(number, handler)  # type: ignore[arg-type]  # what signal() gave us
            if self._keeper and self._keeper.stdin:
                with suppress(BrokenPipeError):
                    self._keeper.stdin.close()
                # It now stops the database server, if it was told of one.
                self._keeper.wait()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self._stopping:
            # Impatience: the second Ctrl-C does not wait for anybody.
            for each in self.running:
                _signal_group(each.process.pid, signal.SIGKILL)
            return
        self._stop_asked = True

    def check(self) -> None:
        """Raise StopAsked when somebody asked to stop; long waits call this often."""
        if self._stop_asked:
            raise StopAsked

    def _tell_keeper(self, line: str) -> None:
        assert self._keeper and self._keeper.stdin, "used outside its context"
        with suppress(BrokenPipeError):
            self._keeper.stdin.write(line + "\n")
            self._keeper.stdin.flush()

    def adopt_server(self, pid: int) -> None:
        """Have the database server stopped after the programs, however this process ends."""
        self._tell_keeper(f"+server {pid}")

    def release_server(self, pid: int) -> None:
        self._tell_keeper(f"-server {pid}")

    # --- Programs that end by themselves

    def run(self, program: Program, *, logged: bool, waiting: Callable[[], None] = lambda: None) -> int:
        """Run one program to its end, in its log or on our own terminal; gives its exit status."""
        self.check()
        if logged:
            # What the last time left would only mislead whoever reads its end.
            self.log_of(program).unlink(missing_ok=True)
        process = self._spawn_logged(program) if logged else self._spawn(program, None)
        try:
            while process.poll() is None:
                self.check()
                waiting()
                time.sleep(0.05)
        finally:
            _end_group(process, SECONDS_TO_FINISH)
            self._tell_keeper(f"-group {process.pid}")
        return process.returncode

    # --- Programs that stay

    def start(self, program: Program) -> None:
        self.check()
        log = self.log_of(program)
        if log.exists():
            # One log a run, and the one before it.
            log.replace(log.with_suffix(".log.1"))
        self.running.append(_Running(program, self._spawn_logged(program)))

    def log_of(self, program: Program) -> Path:
        return self.logs / f"{program.name}.log"

    def _spawn_logged(self, program: Program) -> subprocess.Popen[bytes]:
        with self.log_of(program).open("ab") as output:
            return self._spawn(program, output)

    def _spawn(self, program: Program, output: IO[bytes] | None) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            list(program.command),
            env=dict(program.environment),
            stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            # A group of its own, not a session: what writes to the terminal keeps it.
            process_group=0, preexec_fn=_die_with_parent,
        )  # fmt: skip
        self._tell_keeper(f"+group {process.pid}")
        return process

    def wait_until(self, ready: Callable[[], bool], *, patience: float) -> bool:
        """Watch over the programs until one of them can be used; False when patience ends."""
        until = time.monotonic() + patience
        while time.monotonic() < until:
            self.look_after()
            if ready():
                return True
            time.sleep(0.1)
        return False

    def watch(self) -> None:
        """Watch until somebody asks to stop (StopAsked) or a program fails twice (ProgramFailed)."""
        while True:
            self.look_after()
            time.sleep(0.2)

    def look_after(self) -> None:
        self.check()
        for see_to in self.foundations:
            see_to()
        for each in self.running:
            status = each.process.poll()
            if status is None:
                continue
            # What it had started may still hold its port.
            _end_group(each.process, 1.0)
            self._tell_keeper(f"-group {each.process.pid}")
            now = time.monotonic()
            if each.failed_at is not None and now - each.failed_at < SECONDS_OF_TRIAL:
                raise ProgramFailed(
                    f"{each.program.name} ended twice within a minute ({_how_it_ended(status)}).\n"
                    f"The end of its log, {self.log_of(each.program)}:\n{tail(self.log_of(each.program))}"
                )
            each.failed_at = now
            self.say(
                f"{each.program.name} ended ({_how_it_ended(status)}) and is started again; "
                f"its log is {self.log_of(each.program)}"
            )
            each.process = self._spawn_logged(each.program)

    def stop(self) -> None:
        """All at once, kindly, then not."""
        self._stopping = True
        for each in self.running:
            _signal_group(each.process.pid, signal.SIGTERM)
        until = time.monotonic() + SECONDS_TO_FINISH
        for each in self.running:
            _end_group(each.process, max(0.0, until - time.monotonic()), asked=True)
            self._tell_keeper(f"-group {each.process.pid}")
        self.running.clear()


def _signal_group(group: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _end_group(process: subprocess.Popen[bytes], patience: float, *, asked: bool = False) -> None:
    """See a program and all it started to their end."""
    if not asked:
        _signal_group(process.pid, signal.SIGTERM)
    until = time.monotonic() + patience
    while time.monotonic() < until:
        process.poll()
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            break
        except PermissionError:
            pass
        time.sleep(0.02)
    _signal_group(process.pid, signal.SIGKILL)
    process.wait()


def _how_it_ended(status: int) -> str:
    if status >= 0:
        return f"exit status {status}"
    try:
        return f"killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"killed by signal {-status}"


def tail(log: Path, lines: int = 15) -> str:
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 20_000))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
    except OSError:
        return "(no log)"
