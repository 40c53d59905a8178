"""The `palier` command.

What Palier adds is listed in COMMANDS; every other name goes to Django's management
commands. Django takes seconds to load, so that each command loads it only if needed.
"""

import os
import sys
from collections.abc import Callable, Sequence
from typing import NamedTuple

from palier.config import pg

SETTINGS_MODULE = "palier.config.settings"
# These change the shape of the database, and so run as the role that owns it.
AS_OWNER = frozenset({"migrate", "makemigrations", "sqlmigrate", "squashmigrations", "optimizemigration"})
# `migrate` with one of these changes nothing.
ONLY_LOOKING = frozenset({"--plan", "--check", "--help", "-h"})


class Command(NamedTuple):
    summary: str
    run: Callable[[list[str]], int]


def main(arguments: Sequence[str] | None = None) -> int:
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    name = arguments[0] if arguments else "--help"
    if name in {"--help", "-h", "help"} and len(arguments) < 2:
        print(overview())
        return 0
    command = COMMANDS.get(name)
    try:
        return command.run(arguments[1:]) if command else manage(arguments)
    except pg.PgError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def overview() -> str:
    width = max(map(len, COMMANDS)) + 2
    lines = ["usage: palier <command> [options]", "", "Palier's commands:"]
    lines += [f"  {name:<{width}}{command.summary}" for name, command in COMMANDS.items()]
    lines += [
        "",
        "`palier <command> --help` tells more of each. All of Django's commands work as well",
        "(`palier shell`, `palier check`, …); `palier help --commands` lists them.",
    ]
    return "\n".join(lines)


# --- Getting ready


def prepare(*, as_owner: bool = False) -> None:
    """Choose the settings, the role, and, where no database is named, the one of this folder."""
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS_MODULE
    if as_owner:
        os.environ["PALIER_DB_USER"] = pg.OWNER
    if not os.environ.get("PALIER_DB_HOST"):
        pg.start(say=_tell)
        os.environ.update(pg.environment())


def _tell(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def manage(arguments: list[str]) -> int:
    """Any of Django's management commands, ours among them; « import-people » is `import_people`."""
    arguments = [arguments[0].replace("-", "_"), *arguments[1:]] if arguments[0][:1] != "-" else arguments
    prepare(as_owner=bool(arguments) and arguments[0] in AS_OWNER)
    from django.core.management import execute_from_command_line

    execute_from_command_line(["palier", *arguments])
    return 0


def migrate(arguments: list[str]) -> int:
    """Django's migrate, then the policies, grants and triggers, which follow from the models."""
    prepare(as_owner=True)
    from django.core.management import execute_from_command_line

    execute_from_command_line(["palier", "migrate", *arguments])
    if not ONLY_LOOKING.intersection(arguments):
        from palier.config import database

        database.build()
    return 0


def _web(arguments: list[str]) -> int:
    prepare()
    from palier.config import run_web

    return run_web.web(arguments)


def _live(arguments: list[str]) -> int:
    prepare()
    from palier.config import run_web

    return run_web.live(arguments)


def _worker(arguments: list[str]) -> int:
    prepare()
    from palier.config import run_worker

    return run_worker.main(arguments)


def _demo(arguments: list[str]) -> int:
    from palier.config import run_demo

    return run_demo.main(arguments)


def _messages(arguments: list[str]) -> int:
    from palier.config import catalogues

    return catalogues.main(arguments)


def _papers(arguments: list[str]) -> int:
    # Nothing is read from a database: only the settings, for the translations.
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS_MODULE
    import django

    django.setup()
    from palier.documents import samples

    return samples.main(arguments)


def _duplicates(arguments: list[str]) -> int:
    from palier.config import duplicates

    return duplicates.main(arguments)


COMMANDS = {
    "demo": Command("start the demo: database, territory, web, live updates, worker", _demo),
    "web": Command("serve the pages", _web),
    "live": Command("serve the live updates", _live),
    "worker": Command("run the jobs and send the messages", _worker),
    "migrate": Command("bring the database to this version, as its owner, and build the walls", migrate),
    "makemigrations": Command(
        "write the migrations that the models need", lambda rest: manage(["makemigrations", *rest])
    ),
    "import-people": Command(
        "import a list of people from a spreadsheet", lambda rest: manage(["import_people", *rest])
    ),
    "export-territory": Command(
        "take everything of a territory out, for another Palier",
        lambda rest: manage(["export_territory", *rest]),
    ),
    "take-in": Command("take a territory in from another Palier", lambda rest: manage(["take_in", *rest])),
    "messages": Command("extract, update, compile or check the translations", _messages),
    "papers": Command("print a sample of every letter, form and sheet", _papers),
    "duplicates": Command("find lines of a list that may be the same person", _duplicates),
    "pg": Command("start, stop or open the PostgreSQL of this folder", pg.main),
}
