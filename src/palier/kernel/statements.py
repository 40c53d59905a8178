"""Statements that every page runs: prepared once a connection, then only executed.

Django binds values on its own side, so that PostgreSQL parses and plans the same statement at each request. Here the
values travel beside the statement: the second time on, it is already planned. Meant for the few fixed texts of pages
that are asked for all day; everything else goes through the ORM or an ordinary cursor. Statements are seen by
Django's query log and its wrappers like all others.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any, TypeVar

import psycopg
from django.db import connection, models, transaction

Values = Sequence[Any] | Mapping[str, Any]
One = TypeVar("One", bound=models.Model)


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
        return [[] if cursor.rownumber is None else cursor.fetchall() for cursor in cursors]


@cache
def columns(model: type[models.Model], alias: str) -> str:
    """All columns of a model for a fixed statement, in the order that `made` wants."""
    return ", ".join(f'{alias}."{field.column}"' for field in model._meta.concrete_fields)


@cache
def names(model: type[models.Model]) -> tuple[str, ...]:
    return tuple(field.attname for field in model._meta.concrete_fields)


def made(model: type[One], values: Sequence[Any]) -> One:
    """The object of a row that was asked for with `columns`."""
    return model.from_db("default", names(model), values)


_is_one_step: ContextVar[bool] = ContextVar("palier_one_step", default=False)


@contextmanager
def one_step() -> Iterator[None]:
    """Several operations that stand or fall together: one savepoint for all. Whoever catches a refusal catches it outside."""
    with transaction.atomic():
        token = _is_one_step.set(True)
        try:
            yield
        finally:
            _is_one_step.reset(token)


@contextmanager
def step() -> Iterator[None]:
    """One operation, undone when it is refused: a savepoint of its own, unless it is part of `one_step`."""
    with transaction.atomic(savepoint=not _is_one_step.get()):
        yield


def _sent(statement: str, values: Values) -> Any:
    cursor = connection._prepare_cursor(psycopg.Cursor(connection.connection))  # type: ignore[attr-defined]
    cursor.execute(statement, values)
    return cursor
