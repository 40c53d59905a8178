"""Statements that every page runs: prepared once a connection, then only executed.

Django binds values on its own side, so that PostgreSQL parses and plans the same statement at each request. Here the
values travel beside the statement: the second time on, it is already planned. Meant for the few fixed texts of pages
that are asked for all day; everything else goes through the ORM or an ordinary cursor. Statements are seen by
Django's query log and its wrappers like all others.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from django.db import connection

Values = Sequence[Any] | Mapping[str, Any]


Rows = list[tuple[Any, ...]]


def rows(statement: str, values: Values) -> Rows:
    """All rows of a fixed statement."""
    with connection.wrap_database_errors:
        connection.ensure_connection()
        raw = psycopg.Cursor(connection.connection)
    with connection._prepare_cursor(raw) as cursor:  # type: ignore[attr-defined]
        cursor.execute(statement, values)
        found: Rows = cursor.fetchall()
        return found


def row(statement: str, values: Values) -> tuple[Any, ...] | None:
    """The first row of a fixed statement, or None."""
    found = rows(statement, values)
    return found[0] if found else None


def together(*asked: tuple[str, Values]) -> list[Rows]:
    """Several fixed statements in one round trip, in their order; the rows of each. One that fails fails them all."""
    with connection.wrap_database_errors:
        connection.ensure_connection()
        with connection.connection.pipeline():
            cursors = [_sent(statement, values) for statement, values in asked]
        return [cursor.fetchall() if cursor.description else [] for cursor in cursors]


def _sent(statement: str, values: Values) -> Any:
    cursor = connection._prepare_cursor(psycopg.Cursor(connection.connection))  # type: ignore[attr-defined]
    cursor.execute(statement, values)
    return cursor
