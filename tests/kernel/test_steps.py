"""Operations that stand or fall together share one savepoint; alone, each has its own."""

from typing import Any

import pytest
from django.db import connection, transaction

from palier.kernel import statements
from palier.kernel.errors import NotPossibleNow

pytestmark = pytest.mark.django_db


def write(value: str) -> None:
    statements.rows("select set_config('palier.step', %s, true)", [value])


def written() -> str:
    found = statements.row("select current_setting('palier.step', true)", [])
    return str(found[0] if found else "")


def refused() -> None:
    with statements.step():
        write("refused")
        raise NotPossibleNow


def test_a_refused_operation_leaves_nothing_and_its_caller_goes_on() -> None:
    write("before")
    with pytest.raises(NotPossibleNow):
        refused()
    assert written() == "before"


def test_one_refusal_undoes_all_of_one_step_and_its_caller_goes_on() -> None:
    write("before")
    with pytest.raises(NotPossibleNow), statements.one_step():
        with statements.step():
            write("first")
        refused()
    assert written() == "before"
    # What comes after stands on its own again.
    with pytest.raises(NotPossibleNow):
        refused()
    assert written() == "before"


def test_one_step_costs_one_savepoint_however_many_operations() -> None:
    asked: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append(sql.split()[0])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note), statements.one_step():
        for value in ("first", "second", "third"):
            with statements.step():
                write(value)
    assert asked == ["SAVEPOINT", "select", "select", "select", "RELEASE"]
    assert written() == "third"


def test_a_refusal_caught_inside_one_step_is_not_overlooked() -> None:
    with pytest.raises(transaction.TransactionManagementError), statements.one_step():
        with pytest.raises(NotPossibleNow):
            refused()
        write("too late")
