"""The `palier` command: what it lists, as whom it runs, and what the demo answers before it starts."""

import fcntl
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from palier.config import cli, pg, run_demo


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What reaches Django, which is not run."""
    calls: list[list[str]] = []
    monkeypatch.setattr("django.core.management.execute_from_command_line", calls.append)
    monkeypatch.setenv("PALIER_DB_HOST", "/somewhere")
    monkeypatch.setenv("PALIER_DB_USER", pg.APP)
    # Put back after the test, whatever the command makes of it.
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", os.environ.get("DJANGO_SETTINGS_MODULE", "somebody.elses"))
    return calls


def test_help_lists_our_commands_first(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == 0
    text = capsys.readouterr().out
    places = [
        text.index(f"  {name} ")
        for name in ("demo", "web", "live", "worker", "migrate", "messages", "papers", "pg")
    ]
    assert places == sorted(places)
    assert text.index("Django") > places[-1]
    assert cli.main([]) == 0


def test_every_command_tells_its_options_without_a_database() -> None:
    environment = {"PATH": os.environ["PATH"], "PALIER_VAR": "/nonexistent"}
    for name in ("demo", "messages", "papers", "pg"):
        made = subprocess.run(
            [sys.executable, "-P", "-m", "palier.config", name, "--help"],
            env=environment, capture_output=True, text=True,
        )  # fmt: skip
        assert made.returncode == 0, made.stderr
        assert made.stdout.startswith("usage: ")


def test_any_other_name_goes_to_django_as_the_application(
    called: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "somebody.elses")
    assert cli.main(["shell", "-c", "pass"]) == 0
    assert called == [["palier", "shell", "-c", "pass"]]
    assert os.environ["PALIER_DB_USER"] == "palier_app"
    assert os.environ["DJANGO_SETTINGS_MODULE"] == "palier.config.settings"


def test_migrations_are_made_as_the_owner(called: list[list[str]]) -> None:
    assert cli.main(["makemigrations", "--check"]) == 0
    assert called == [["palier", "makemigrations", "--check"]]
    assert os.environ["PALIER_DB_USER"] == "palier_owner"


@pytest.mark.parametrize(("options", "built"), [([], True), (["--plan"], False), (["needs", "0001"], True)])
def test_the_walls_are_built_after_each_real_migration(
    options: list[str], built: bool, called: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    order = called
    monkeypatch.setattr("palier.config.database.build", lambda: order.append(["walls"]))
    assert cli.main(["migrate", *options]) == 0
    assert order == [["palier", "migrate", *options], *([["walls"]] if built else [])]
    assert os.environ["PALIER_DB_USER"] == "palier_owner"


def test_the_database_of_the_folder_is_started_only_when_none_is_named(
    called: list[list[str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PALIER_VAR", str(tmp_path))
    started: list[str] = []
    monkeypatch.setattr(pg, "start", lambda **options: started.append("started"))
    cli.main(["check"])
    assert started == []
    monkeypatch.setenv("PALIER_DB_HOST", "")
    cli.main(["check"])
    assert started == ["started"]
    assert os.environ["PALIER_DB_HOST"] == str(tmp_path / "pg-socket")


def test_trouble_with_the_database_is_a_sentence_and_no_trace(
    called: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PALIER_VAR", str(tmp_path))
    monkeypatch.setenv("PALIER_DB_HOST", "")
    monkeypatch.setenv("PG_BIN", "/nonexistent")
    assert cli.main(["check"]) == 1
    assert called == []
    assert "PG_BIN is /nonexistent" in capsys.readouterr().err


# --- The demo, before it starts anything


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PALIER_VAR", str(tmp_path))
    return tmp_path


def test_a_second_demo_says_where_the_first_runs(var: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (var / "demo.json").write_text(json.dumps({"pid": 4711, "url": "http://localhost:8003"}))
    with (var / "demo.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert run_demo.main([]) == 0
        assert "The demo already runs at http://localhost:8003 (process 4711)." in capsys.readouterr().out
        assert run_demo.main(["--reset"]) == 1
        assert "Stop it (Ctrl-C in its window)" in capsys.readouterr().err


def test_a_second_demo_says_that_the_first_is_being_started(
    var: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (var / "demo.json").write_text(json.dumps({"pid": 4711, "url": None}))
    with (var / "demo.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert run_demo.main([]) == 0
    assert "already being started by process 4711" in capsys.readouterr().out


def test_a_port_that_was_asked_for_and_is_busy_names_who_to_stop(
    var: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        assert run_demo.main(["--port", str(port)]) == 1
    text = capsys.readouterr().err
    assert f"Port {port} is used by process {os.getpid()} (" in text
    assert f"kill {os.getpid()}" in text


def test_busy_ports_are_passed_over_and_it_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("palier.config.ports.is_free", lambda port: port not in {8000, 8001, 8003})
    assert run_demo._choose_ports(None) == (8002, 8004)
    assert "Port 8000 is in use" in capsys.readouterr().out


def test_no_free_port_at_all_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("palier.config.ports.is_free", lambda port: False)
    with pytest.raises(run_demo.DemoError, match="8000 to 8020 are all in use"):
        run_demo._choose_ports(None)


def test_a_folder_that_cannot_be_written_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a file").touch()
    monkeypatch.setenv("PALIER_VAR", str(tmp_path / "a file" / "var"))
    assert run_demo.main([]) == 1
    assert "cannot be written" in capsys.readouterr().err
