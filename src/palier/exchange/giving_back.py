"""The lines that cannot be taken, given back as the file they came in, with a column that says why."""

from collections.abc import Iterator
from datetime import date

from django.utils.translation import gettext as _

from palier.exchange import wording, writing
from palier.exchange.models import Import, Outcome
from palier.exchange.operations.uploading import head_of, read_table
from palier.exchange.reading.apart import Cell


def file_of_errors(made: Import) -> tuple[bytes, str]:
    """(content, ending of the name): the same kind of file, its columns as they were, the reason in the last one."""
    reasons: dict[int, list[str]] = {}
    for line in made.lines.filter(outcome=Outcome.ERROR).order_by("number", "place"):
        said = reasons.setdefault(line.number, [])
        said += [text for problem in line.problems if (text := wording.reason(problem)) not in said]
    table = read_table(bytes(made.content or b""), name=made.name, sheet=made.sheet)
    head = head_of(table, made.head_row)
    names = [*head.names, _("À corriger")]

    def rows() -> Iterator[list[Cell]]:
        for number, said in sorted(reasons.items()):
            row = list(table.rows[number - 1]) if number <= len(table.rows) else []
            row += [""] * (len(head.names) - len(row))
            yield [*(_whole(cell) for cell in row[: len(head.names)]), " ".join(said)]

    options = {}
    if table.kind == "csv":
        options = {
            "separator": table.separator,
            "encoding": table.encoding if "utf" not in table.encoding else "utf-8-sig",
        }
    return writing.as_file(table.kind, names, rows(), _("À corriger"), **options)


def _whole(cell: Cell) -> Cell:
    return cell if not isinstance(cell, date) or cell.year >= 1900 else cell.isoformat()
