"""Programs kept running as one: nothing outlives the supervisor, however it ends."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from palier.config import ports
from palier.config.supervise import Program, ProgramFailed, StopAsked, Supervisor

# Sleeps, and has a child that sleeps; neither minds being asked to end.
STUBBORN = "trap '' TERM; sleep 60 & echo $! >>pids; echo $$ >>pids; sleep 60; sleep 60"
# The same, ending when asked.
MILD = "sleep 60 & echo $! >>pids; echo $$ >>pids; wait"


def shell(name: str, script: str, folder: Path) -> Program:
    environment = {"PATH": os.environ["PATH"]}
    return Program(name, ["/bin/sh", "-c", f"cd '{folder}'\n{script}"], environment)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def soon(true: Callable[[], bool], patience: float = 10.0) -> bool:
    until = time.monotonic() + patience
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(0.05)
    return False


def pids(folder: Path, count: int) -> list[int]:
    file = folder / "pids"
    assert soon(lambda: file.exists() and len(file.read_text().split()) >= count)
    return [int(line) for line in file.read_text().split()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    # Everything below happens in a folder with a space in its name.
    made = tmp_path / "a folder"
    made.mkdir()
    return made


def test_leaving_stops_programs_and_what_they_started(folder: Path) -> None:
    with Supervisor(folder / "log", print) as supervisor:
        supervisor.start(shell("mild", MILD, folder))
        started = pids(folder, 2)
        assert all(map(alive, started))
    assert not any(map(alive, started))


def test_programs_that_do_not_listen_are_killed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("palier.config.supervise.SECONDS_TO_FINISH", 0.3)
    with Supervisor(folder / "log", print) as supervisor:
        supervisor.start(shell("stubborn", STUBBORN, folder))
        started = pids(folder, 2)
    assert soon(lambda: not any(map(alive, started)), 2)


def test_a_signal_to_end_stops_the_watch(folder: Path) -> None:
    with Supervisor(folder / "log", print) as supervisor:
        supervisor.start(shell("mild", MILD, folder))
        started = pids(folder, 2)
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(StopAsked):
            supervisor.watch()
    assert not any(map(alive, started))
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_a_program_that_ends_is_started_again_with_a_message(folder: Path) -> None:
    said: list[str] = []
    once = "[ -e was ] || { touch was; echo first >&2; exit 7; }; " + MILD
    with Supervisor(folder / "log", said.append) as supervisor:
        supervisor.start(shell("web", once, folder))
        assert supervisor.wait_until(lambda: (folder / "pids").exists(), patience=10)
    assert len(said) == 1
    assert said[0].startswith("web ended (exit status 7) and is started again; its log is ")
    assert (folder / "log" / "web.log").read_text() == "first\n"


def test_the_children_of_a_killed_program_do_not_stay_beside_its_successor(folder: Path) -> None:
    with Supervisor(folder / "log", lambda message: None) as supervisor:
        supervisor.start(shell("web", MILD, folder))
        child, program = pids(folder, 2)
        os.kill(program, signal.SIGKILL)
        assert supervisor.wait_until(lambda: len((folder / "pids").read_text().split()) == 4, patience=10)
        assert not alive(child)


def test_a_program_that_fails_twice_stops_everything_and_says_why(folder: Path) -> None:
    with (
        pytest.raises(ProgramFailed, match=r"(?s)web ended twice .*exit status 3.*no such setting"),
        Supervisor(folder / "log", lambda message: None) as supervisor,
    ):
        supervisor.start(shell("mild", MILD, folder))
        started = pids(folder, 2)
        supervisor.start(shell("web", "echo no such setting; exit 3", folder))
        supervisor.watch()
    assert not any(map(alive, started))


def test_what_programs_stand_on_is_asked_before_any_is_started_again(folder: Path) -> None:
    order: list[str] = []
    with Supervisor(folder / "log", lambda message: order.append("program")) as supervisor:
        supervisor.foundations.append(lambda: order.append("database") if "database" not in order else None)
        supervisor.start(shell("web", "exit 1", folder))
        assert soon(lambda: supervisor.running[0].process.poll() is not None)
        supervisor.look_after()
    assert order == ["database", "program"]


def test_a_step_that_ends_by_itself_gives_its_status_and_its_log(folder: Path) -> None:
    with Supervisor(folder / "log", print) as supervisor:
        program = shell("step", "echo done; exit 4", folder)
        assert supervisor.run(program, logged=True) == 4
        assert supervisor.run(program, logged=True) == 4
        assert supervisor.log_of(program).read_text() == "done\n"


def test_programs_get_their_environment_and_nothing_of_ours(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PALIER_DB_HOST", "a real site's")
    with Supervisor(folder / "log", print) as supervisor:
        program = shell("step", "echo host: $PALIER_DB_HOST", folder)
        supervisor.run(program, logged=True)
        assert supervisor.log_of(program).read_text() == "host:\n"


SUPERVISED = """
    import sys
    from pathlib import Path
    from palier.config.supervise import Program, Supervisor

    folder = Path(sys.argv[1])
    with Supervisor(folder / "log", print) as supervisor:
        for name in ("web", "worker"):
            script = f"cd '{folder}'; " + sys.argv[2]
            supervisor.start(Program(name, ["/bin/sh", "-c", script], {"PATH": "/usr/bin:/bin"}))
        server = int(sys.argv[3])
        if server:
            supervisor.adopt_server(server)
        supervisor.watch()
"""


def test_nothing_outlives_a_supervisor_that_is_killed(folder: Path) -> None:
    # Stands for the database server: ends at SIGINT, and is nobody's child.
    script = "trap 'exit 0' INT; while true; do sleep 0.05; done"
    server = subprocess.Popen(["/bin/bash", "-c", script], start_new_session=True)
    supervisor = subprocess.Popen(
        [sys.executable, "-P", "-c", textwrap.dedent(SUPERVISED), str(folder), MILD, str(server.pid)],
        stdout=subprocess.DEVNULL,
    )
    try:
        started = pids(folder, 4)
        time.sleep(0.2)
        os.kill(supervisor.pid, signal.SIGKILL)
        supervisor.wait()
        assert soon(lambda: not any(map(alive, started)), 6)
        assert server.wait(6) == 0
    finally:
        supervisor.kill()
        server.kill()
        server.wait()


def test_even_stubborn_programs_do_not_outlive_a_supervisor_that_is_killed(folder: Path) -> None:
    supervisor = subprocess.Popen(
        [sys.executable, "-P", "-c", textwrap.dedent(SUPERVISED), str(folder), STUBBORN, "0"],
        stdout=subprocess.DEVNULL,
    )
    started = pids(folder, 4)
    os.kill(supervisor.pid, signal.SIGKILL)
    supervisor.wait()
    assert soon(lambda: not any(map(alive, started)), 8)


def listening() -> socket.socket:
    busy = socket.socket()
    busy.bind(("127.0.0.1", 0))
    busy.listen()
    return busy


def test_a_busy_port_is_seen_and_its_holder_named() -> None:
    with listening() as busy:
        port = busy.getsockname()[1]
        assert not ports.is_free(port)
        holder = ports.who_listens(port)
        assert holder
        assert holder.startswith(f"{os.getpid()} (")
        free = ports.first_free(port)
        assert free is None or free > port
    assert ports.is_free(port)
    assert ports.who_listens(port) is None


def test_ports_that_are_already_given_are_passed_over() -> None:
    with listening() as busy:
        port = busy.getsockname()[1]
    assert ports.first_free(port, tries=1, taken=frozenset({port})) is None
