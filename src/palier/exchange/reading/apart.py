"""Opening a file in a process of its own, and what it gave back."""

import json
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from palier.exchange.reading import files
from palier.exchange.reading.files import MOST_BYTES, Unreadable

Cell = str | int | float | bool | date | None

PACKAGES = Path(__file__).resolve().parents[3]
PATIENCE = 45.0
# JSON of the largest table that is taken.
MOST_ANSWER = 400_000_000
START = "import sys; sys.path.insert(0, sys.argv.pop(1)); from palier.exchange.reading.child import main; sys.exit(main(sys.argv[1:]))"


@dataclass(frozen=True)
class Sheet:
    number: int
    name: str
    rows: int
    hidden: bool


@dataclass(frozen=True)
class Table:
    """The cells of one sheet as they stand, and how they were read."""

    kind: str
    rows: list[list[Cell]]
    encoding: str = ""
    separator: str = ""
    sheets: list[Sheet] = field(default_factory=list)
    sheet: int = 0
    hidden: frozenset[int] = frozenset()
    # The name of the file says something else than its content.
    misnamed: bool = False


def read(content: bytes, *, name: str = "", sheet: int | None = None) -> Table:
    """The table in a file of any kind. Raises Unreadable, and nothing else, for whatever cannot be read."""
    if len(content) > MOST_BYTES:
        raise Unreadable("too_large", megabytes=MOST_BYTES // 1_000_000)
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-c", START, str(PACKAGES), json.dumps({"sheet": sheet})],
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE,
            env={"LANG": "C.UTF-8", "PYTHONIOENCODING": "utf-8"},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Unreadable("too_heavy") from error
    if len(done.stdout) > MOST_ANSWER:
        raise Unreadable("too_heavy")
    lines = done.stdout.splitlines()
    if not lines:
        raise Unreadable("too_heavy")
    try:
        head = json.loads(lines[0])
        last = json.loads(lines[-1])
    except ValueError as error:
        # It died in the middle of a line.
        raise Unreadable("too_heavy") from error
    if isinstance(last, dict) and "error" in last:
        raise Unreadable(last["error"], **last["values"])
    if done.returncode != 0:
        raise Unreadable("too_heavy")
    rows = [[_cell(value) for value in json.loads(line)] for line in lines[1:]]
    while rows and not any(_is_there(cell) for cell in rows[-1]):
        rows.pop()
    if not rows:
        raise Unreadable("no_rows")
    return Table(
        kind=head["kind"],
        rows=rows,
        encoding=head["encoding"],
        separator=head["separator"],
        sheets=[Sheet(**one) for one in head["sheets"]],
        sheet=head["sheet"],
        hidden=frozenset(head["hidden"]),
        misnamed=bool(name) and files.extension_disagrees(name, head["kind"]),
    )


def _cell(value: Any) -> Cell:
    if isinstance(value, dict):
        return date.fromisoformat(value["d"])
    if isinstance(value, str):
        # Lone surrogates are no signs: nothing can store or show them.
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value  # type: ignore[no-any-return]  # JSON's own: a number, a boolean or nothing


def _is_there(cell: Cell) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))
