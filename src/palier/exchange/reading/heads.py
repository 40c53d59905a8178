"""Where the table begins and ends: titles above, the line of names, empty lines, totals at the foot."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from palier.exchange.reading.apart import Cell
from palier.exchange.reading.cells import is_empty, text_of
from palier.kernel.text import fold

_FURTHEST = 40
_FOOT = re.compile(
    r"^(?:sous )?total\b|^totaux\b|^nombre (?:de|d)\b|^nb (?:de|d)\b|^effectif|^soit\b|^moyenne\b|^somme\b|^source\b"
    r"|^mis a jour|^mise a jour|^maj\b|^edite le|^imprime le|^page \d|^fin\b|^nota\b|^nb\b|^legende"
)  # fmt: skip


@dataclass(frozen=True)
class Headed:
    """The names of the columns, once each, and where the rows under them begin (0 when the file has no names)."""

    names: list[str]
    first_row: int
    is_found: bool = True
    # The columns that hold nothing at all.
    empty: frozenset[int] = frozenset()


def find(rows: list[list[Cell]], known: Callable[[str], bool], forced: int | None = None) -> Headed:
    """`known`: whether a name is one that we know a column by. `forced`: the row that somebody pointed at, -1 for none."""
    width = max((len(row) for row in rows), default=0)
    empty = frozenset(column for column in range(width) if all(is_empty(_at(row, column)) for row in rows))
    place = _best(rows, known) if forced is None else (forced if 0 <= forced < len(rows) else None)
    if place is None:
        return Headed([letters(column) for column in range(width)], 0, False, empty)
    own = [text_of(_at(rows[place], column)) for column in range(width)]
    above = _group(rows[place - 1], width) if place else None
    if above and len({fold(name) for name in own if name}) < len([name for name in own if name]):
        # « Personne à prévenir » over « Nom », « Téléphone »: the group tells the second « Nom » from the first.
        seen: dict[str, int] = {}
        for name in own:
            seen[fold(name)] = seen.get(fold(name), 0) + 1
        own = [
            f"{above[column]} {name}" if name and seen[fold(name)] > 1 and above[column] else name
            for column, name in enumerate(own)
        ]
    return Headed(_once_each(own), place + 1, True, empty)


def is_foot(row: list[Cell], width: int) -> bool:
    """A total, a source, a date of printing: few cells, and the first of them says so."""
    filled = [text_of(cell) for cell in row if not is_empty(cell)]
    if not filled or len(filled) > max(2, width // 2):
        return False
    return any(_FOOT.match(fold(cell)) for cell in filled[:2])


def is_heading(row: list[Cell], names: list[str]) -> bool:
    """The line of names once more, as on the second page of a printed list."""
    filled = [(column, fold(text_of(cell))) for column, cell in enumerate(row) if not is_empty(cell)]
    return len(filled) >= 2 and all(
        column < len(names) and (said == fold(names[column]) or said in fold(names[column]))
        for column, said in filled
    )


def letters(column: int) -> str:
    """« A », « B », … « AA », as the spreadsheet calls a column without a name."""
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def _best(rows: list[list[Cell]], known: Callable[[str], bool]) -> int | None:
    best, kept = None, 0.0
    for place, row in enumerate(rows[:_FURTHEST]):
        filled = [cell for cell in row if not is_empty(cell)]
        texts = [text_of(cell) for cell in filled if isinstance(cell, str)]
        if not texts:
            continue
        hits = sum(known(text) for text in texts if len(text) < 80)
        datalike = sum(_is_data(cell) for cell in filled)
        distinct = len({fold(text) for text in texts}) == len(texts)
        below = len([cell for cell in rows[place + 1] if not is_empty(cell)]) if place + 1 < len(rows) else 0
        if hits == 0 or (hits == 1 and len(filled) > 2 and datalike):
            continue
        score = hits * 3 + len(texts) * 0.2 + distinct - datalike * 2 + (below > 1) - place * 0.05
        if score > kept and (len(filled) > 1 or below == 1):
            best, kept = place, score
    return best


def _is_data(cell: Cell) -> bool:
    if isinstance(cell, bool) or not isinstance(cell, str):
        return isinstance(cell, date | int | float) and not isinstance(cell, bool)
    digits = sum(sign.isdigit() for sign in cell)
    return digits >= 4


def _group(row: list[Cell], width: int) -> list[str] | None:
    """The titles over several columns, each carried to the next; a single one is the title of the page."""
    filled = [column for column in range(width) if not is_empty(_at(row, column))]
    if len(filled) < 2:
        return None
    said, carried = [], ""
    for column in range(width):
        carried = text_of(_at(row, column)) or carried
        said.append(carried)
    return said


def _once_each(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    once = []
    for column, name in enumerate(names):
        name = name[:80] or letters(column)
        key = fold(name) or name
        seen[key] = seen.get(key, 0) + 1
        once.append(name if seen[key] == 1 else f"{name} ({seen[key]})")
    return once


def _at(row: list[Cell], column: int) -> Cell:
    return row[column] if column < len(row) else None
