"""The process that opens a stranger's file: little memory, little time, no database, no secrets (`apart` starts it).

Reads the file on its standard input, writes JSON lines: a head, then one line a row. A workbook that makes the reader
fail, hang or fill the memory ends this process and nothing else.
"""

import datetime
import io
import json
import resource
import sys
from typing import Any, TextIO

from palier.exchange.reading import files, plain
from palier.exchange.reading.files import MOST_COLUMNS, MOST_ROWS, MOST_SIGNS, Unreadable

MEMORY = 1_500_000_000
SECONDS = 40
MOST_SHEETS = 30


def main(arguments: list[str]) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    asked = json.loads(arguments[0]) if arguments else {}
    out = sys.stdout
    try:
        read(sys.stdin.buffer.read(), asked.get("sheet"), out)
    except Unreadable as error:
        _say(out, {"error": error.code, "values": error.values})
    except MemoryError:
        _say(out, {"error": "too_heavy", "values": {}})
    # Whatever the reader raises, a panic of its Rust part included, means one thing for the person who sent the file.
    except BaseException:
        _say(out, {"error": "damaged", "values": {}})
    out.flush()
    return 0


def read(content: bytes, sheet: int | None, out: TextIO) -> None:
    kind = files.kind_of(content)
    if kind.name == "csv":
        _read_text(content, out)
    else:
        _read_workbook(content, kind, sheet, out)


def _read_text(content: bytes, out: TextIO) -> None:
    text, encoding = plain.decoded(content)
    rows, separator = plain.table_of(text)
    _say(
        out,
        {"kind": "csv", "encoding": encoding, "separator": separator, "sheets": [], "sheet": 0, "hidden": []},
    )
    for row in rows:
        _say(out, row)


def _read_workbook(content: bytes, kind: files.Kind, wanted: int | None, out: TextIO) -> None:
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    except python_calamine.PasswordError as error:
        raise Unreadable("encrypted") from error
    sheets: list[dict[str, Any]] = []
    read = {}
    for number, about in enumerate(book.sheets_metadata[:MOST_SHEETS]):
        if about.typ != python_calamine.SheetTypeEnum.WorkSheet:
            continue
        found = book.get_sheet_by_index(number)
        read[number] = found
        is_hidden = about.visible != python_calamine.SheetVisibleEnum.Visible
        sheets.append({"number": number, "name": about.name[:80], "rows": found.height, "hidden": is_hidden})
    if not sheets:
        raise Unreadable("no_rows")
    if wanted not in read:
        # The one with the most lines, of those that can be seen.
        wanted = max(sheets, key=lambda one: (not one["hidden"], one["rows"], -one["number"]))["number"]
    chosen = read[wanted]
    if chosen.height > MOST_ROWS + 1_000:
        raise Unreadable("too_many_rows", most=MOST_ROWS)
    hidden = list(kind.hidden[wanted]) if wanted < len(kind.hidden) else []
    offset = chosen.start[1] if chosen.start else 0
    hidden = [column - offset for column in hidden if column >= offset]
    _say(
        out,
        {
            "kind": kind.name,
            "encoding": "",
            "separator": "",
            "sheets": sheets,
            "sheet": wanted,
            "hidden": hidden,
        },
    )
    # Without the empty rows and columns before the table.
    for row in chosen.to_python(skip_empty_area=True) if chosen.height else ():
        cells = [_cell(value) for value in row]
        if len(cells) > MOST_COLUMNS and any(cell not in ("", None) for cell in cells[MOST_COLUMNS:]):
            raise Unreadable("too_many_columns", most=MOST_COLUMNS)
        _say(out, cells[:MOST_COLUMNS])


def _cell(value: Any) -> Any:
    match value:
        case bool():
            return value
        case str():
            return value[:MOST_SIGNS]
        case datetime.datetime():
            return {"d": value.date().isoformat()}
        case datetime.date():
            return {"d": value.isoformat()}
        case float() if value != value or value in (float("inf"), float("-inf")):
            return ""
        case float() if value.is_integer() and abs(value) < 1e15:
            return int(value)
        case int() | float():
            return value
        case _:
            return str(value)


def _say(out: TextIO, value: Any) -> None:
    out.write(json.dumps(value))
    out.write("\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
