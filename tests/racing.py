"""What several people do at once, on connections of their own, with committed data."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import psycopg
from django.db import connection, transaction

from palier.kernel import clock
from palier.territories import walls
from palier.territories.models import Territory
from tests import factories


def at_once(territory_id: int, moment: datetime, steps: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run the steps in threads that start together, each in a transaction of its own; results or exceptions."""
    together = threading.Barrier(len(steps))

    def run(step: Callable[[], Any]) -> Any:
        try:
            with clock.at(moment):
                # The connection is opened before the start, or the first thread would always win.
                connection.ensure_connection()
                together.wait(60)
                with walls.inside(territory_id), connection.cursor() as cursor:
                    # Fifty in a row on a busy machine: what is tested is the order, not the patience.
                    cursor.execute("set local lock_timeout = '60s'")
                    cursor.execute("set local statement_timeout = '90s'")
                    return step()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(steps)) as pool:
        return list(pool.map(run, steps))


@contextmanager
def without_index(name: str, clean_up: str) -> Iterator[None]:
    """Take a unique index away as the database's owner, to show what it is there for; put it back afterwards."""
    settings = connection.settings_dict
    owner = psycopg.connect(
        host=settings["HOST"],
        port=settings["PORT"] or None,
        user="palier_owner",
        dbname=settings["NAME"],
        autocommit=True,
    )
    with owner:
        row = owner.execute("select indexdef from pg_indexes where indexname = %s", [name]).fetchone()
        assert row is not None
        owner.execute(f"drop index {name}")  # type: ignore[call-overload]
        try:
            yield
        finally:
            owner.execute(clean_up)  # type: ignore[call-overload]
            owner.execute(row[0])


def town(**fields: Any) -> Territory:
    """A territory that is committed, for threads to see."""
    with transaction.atomic():
        return factories.territory(**fields)
