"""The process that writes an import is killed half-way: nothing is there; then it runs again, and all of it is."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from palier.exchange import jobs, operations
from palier.exchange.models import Import, Line, Progress
from palier.journal.models import Entry
from palier.people.models import Contact, Person, PhoneNumber, SearchWord
from palier.territories import walls
from palier.territories.models import Territory
from tests import factories, racing
from tests.exchange import sheets
from tests.racing import at_once

pytestmark = pytest.mark.chaos

ROWS = 2_500
SOURCE = Path(__file__).resolve().parents[2] / "src"
WORK = """
import os, sys
import django
django.setup()
from palier.exchange import jobs
{work}(territory_id={territory}, import_id={number}, membership_id={member})
"""


@pytest.fixture
def town(transactional_db: None) -> Territory:
    return racing.town()


@pytest.fixture
def alba(town: Territory) -> Any:
    with transaction.atomic(), walls.inside(town.pk):
        return factories.actor(factories.member(town, "Alba", "Moreau", "coordinator"))


def ready(town: Territory, alba: Any, rows: list[list[Any]]) -> Import:
    with walls.inside(town.pk):
        made = operations.bring(sheets.as_csv(sheets.whole(rows)), name="liste.csv", actor=alba)
        operations.ask_check(made.pk, actor=alba)
    with walls.inside(town.pk):
        return operations.check(made.pk, actor=alba)


def begin(work: str, made: Import, alba: Any) -> subprocess.Popen[bytes]:
    settings = connection.settings_dict
    surroundings = {
        **{name: value for name, value in os.environ.items() if not name.startswith("COV")},
        "DJANGO_SETTINGS_MODULE": "palier.config.settings", "PYTHONPATH": str(SOURCE), "PALIER_DB_HOST": str(settings["HOST"]),
        "PALIER_DB_PORT": str(settings["PORT"] or ""), "PALIER_DB_NAME": str(settings["NAME"]), "PALIER_DB_USER": "palier_app",
    }  # fmt: skip
    script = WORK.format(work=work, territory=made.territory_id, number=made.pk, member=alba.membership_id)
    return subprocess.Popen([sys.executable, "-P", "-c", script], env=surroundings, stderr=subprocess.DEVNULL)


def kill_half_way(process: subprocess.Popen[bytes], made: Import) -> tuple[int, int]:
    """Kill -9 as soon as it has told that some lines are done, and not all; gives what it had told."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        with walls.inside(made.territory_id):
            told = Progress.objects.get(source=made)
        if 0 < told.done < told.total:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            return told.done, told.total
        assert process.poll() is None, "it was done before it could be killed: more rows are needed"
        time.sleep(0.02)
    raise AssertionError("it never told how far it is")


def counts(town: Territory) -> dict[str, int]:
    with walls.inside(town.pk):
        return {
            model.__name__: model.objects.count()
            for model in (Person, PhoneNumber, SearchWord, Contact, Entry)
        }


def test_killed_half_way_nothing_is_there_then_all_is_there(town: Territory, alba: Any) -> None:
    made = ready(town, alba, sheets.many(ROWS))
    with walls.inside(town.pk):
        operations.ask_apply(made.pk, actor=alba)
    before = counts(town)
    done, total = kill_half_way(begin("jobs.apply", made, alba), made)
    assert 0 < done < total == ROWS
    assert counts(town) == before, "nothing there"
    with walls.inside(town.pk):
        made.refresh_from_db()
        assert made.state == "applying" and not Line.objects.exclude(done="").exists()
    # What the queue does with the job of a worker that is gone.
    jobs.apply(territory_id=town.pk, import_id=made.pk, membership_id=alba.membership_id)
    after = counts(town)
    assert after["Person"] == ROWS and after["PhoneNumber"] == ROWS
    with walls.inside(town.pk):
        made.refresh_from_db()
        assert made.state == "applied" and made.counts["created"] == ROWS
        assert Entry.objects.filter(code="people.created").count() == ROWS
    # Given back twice by an impatient queue: once is enough.
    jobs.apply(territory_id=town.pk, import_id=made.pk, membership_id=alba.membership_id)
    assert counts(town) == after
    # And the way back, killed as well: the import is whole until it is gone.
    with walls.inside(town.pk):
        operations.ask_take_back(made.pk, actor=alba)
    kill_half_way(begin("jobs.take_back", made, alba), made)
    assert counts(town)["Person"] == ROWS, "still whole"
    jobs.take_back(territory_id=town.pk, import_id=made.pk, membership_id=alba.membership_id)
    assert counts(town)["Person"] == 0
    with walls.inside(town.pk):
        made.refresh_from_db()
        assert (made.state, made.counts["removed"], made.counts["kept"]) == ("taken_back", ROWS, 0)


def test_two_clicks_at_once_import_once(town: Territory, alba: Any, now: Any) -> None:
    made = ready(town, alba, sheets.many(30))
    with walls.inside(town.pk):
        operations.ask_apply(made.pk, actor=alba)
    told = at_once(town.pk, now, [lambda: operations.apply(made.pk, actor=alba)] * 3)
    assert [one.state for one in told] == ["applied"] * 3
    assert counts(town)["Person"] == 30
    with walls.inside(town.pk):
        operations.ask_take_back(made.pk, actor=alba)
    told = at_once(town.pk, now, [lambda: operations.take_back(made.pk, actor=alba)] * 3)
    assert [one.state for one in told] == ["taken_back"] * 3 and counts(town)["Person"] == 0


def test_of_two_imports_at_once_one_waits(town: Territory, alba: Any, now: Any) -> None:
    first, second = ready(town, alba, sheets.many(5)), ready(town, alba, sheets.many(5))
    told = at_once(
        town.pk,
        now,
        [
            lambda: operations.ask_apply(first.pk, actor=alba),
            lambda: operations.ask_apply(second.pk, actor=alba),
        ],
    )
    assert sorted(type(one).__name__ for one in told) == ["Import", "NotPossibleNow"]


def test_the_same_list_brought_twice_opens_nobody_twice(town: Territory, alba: Any) -> None:
    """Both were checked before either was applied."""
    first, second = ready(town, alba, sheets.many(40)), ready(town, alba, sheets.many(40))
    for made in (first, second):
        with walls.inside(town.pk):
            operations.ask_apply(made.pk, actor=alba)
        with walls.inside(town.pk):
            made = operations.apply(made.pk, actor=alba)
    assert counts(town)["Person"] == 40 and made.counts["meanwhile"] == 40
