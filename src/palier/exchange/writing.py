"""Tables as files: .xlsx, .ods, .csv, in which no cell is ever a formula."""

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from xml.sax.saxutils import escape

import xlsxwriter

from palier.exchange.reading.apart import Cell

# What a spreadsheet would take for the beginning of a formula, or of a command (OWASP, CSV injection).
_RUNS = ("=", "+", "-", "@", "\t", "\r")
FORMATS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}
_WIDEST = 45


def safe(text: str) -> str:
    """The same text, which no spreadsheet runs: behind an apostrophe, and without signs that XML refuses."""
    clean = "".join(
        sign
        for sign in text
        if sign in "\t\n"
        or ("\x20" <= sign and not "\ud800" <= sign <= "\udfff" and sign not in "\ufffe\uffff")
    )
    return f"'{clean}" if clean.startswith(_RUNS) or text.startswith(_RUNS) else clean


def as_xlsx(names: Sequence[str], rows: Iterable[Sequence[Cell]], title: str) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    sheet = book.add_worksheet(_sheet_name(title))
    bold = book.add_format({"bold": True, "text_wrap": True})
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    for column, name in enumerate(names):
        sheet.set_column(column, column, min(max(len(name) + 2, 12), _WIDEST))
        sheet.write_string(0, column, safe(name), bold)
    sheet.freeze_panes(1, 0)
    for number, row in enumerate(rows, start=1):
        for column, cell in enumerate(row):
            if isinstance(cell, bool):
                sheet.write_string(number, column, "oui" if cell else "non")
            elif isinstance(cell, date) and cell.year >= 1900:
                sheet.write_datetime(number, column, cell, day)
            elif isinstance(cell, int | float):
                sheet.write_number(number, column, cell)
            elif cell not in (None, ""):
                sheet.write_string(number, column, safe(_text(cell))[:32_000])
    book.close()
    return out.getvalue()


_ODS_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<office:document-content'
    ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0" office:version="1.3"><office:automatic-styles>'
    '<number:date-style style:name="D"><number:day number:style="long"/><number:text>/</number:text><number:month number:style="long"/>'
    '<number:text>/</number:text><number:year number:style="long"/></number:date-style>'
    '<style:style style:name="day" style:family="table-cell" style:data-style-name="D"/></office:automatic-styles>'
    "<office:body><office:spreadsheet>"
)
_ODS_MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"'
    ' manifest:version="1.3"><manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
)


def as_ods(names: Sequence[str], rows: Iterable[Sequence[Cell]], title: str) -> bytes:
    """Written row by row: fifty thousand people do not stand in memory as a tree."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("mimetype", (2026, 1, 1, 0, 0, 0)), FORMATS["ods"])
        archive.writestr("META-INF/manifest.xml", _ODS_MANIFEST)
        with archive.open("content.xml", "w") as content:
            content.write(
                f'{_ODS_HEAD}<table:table table:name="{escape(_sheet_name(title), {chr(34): "&quot;"})}">'.encode()
            )
            content.write(_ods_row(list(names)).encode())
            for cells in rows:
                content.write(_ods_row(cells).encode())
            content.write(b"</table:table></office:spreadsheet></office:body></office:document-content>")
    return out.getvalue()


def as_csv(
    names: Sequence[str], rows: Iterable[Sequence[Cell]], *, separator: str = ";", encoding: str = "utf-8-sig"
) -> bytes:
    """A spreadsheet's own French: semicolons, and the mark by which Excel knows UTF-8."""
    out = io.StringIO()
    write = csv.writer(
        out, delimiter=separator if separator in (";", ",", "\t", "|") else ";", lineterminator="\r\n"
    ).writerow
    write([safe(name) for name in names])
    for row in rows:
        write([safe(_text(cell)) for cell in row])
    try:
        return out.getvalue().encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return out.getvalue().encode("utf-8-sig", errors="replace")


def as_json(what: dict[str, Any]) -> bytes:
    return json.dumps(what, ensure_ascii=False, indent=1, default=str).encode()


def as_file(
    kind: str, names: Sequence[str], rows: Iterable[Sequence[Cell]], title: str, **options: str
) -> tuple[bytes, str]:
    """(the file, the ending of its name); the older formats of Excel are written as the present one."""
    if kind == "csv":
        return as_csv(names, rows, **options), "csv"
    if kind == "ods":
        return as_ods(names, rows, title), "ods"
    return as_xlsx(names, rows, title), "xlsx"


def _ods_row(cells: Sequence[Cell]) -> str:
    said = []
    for cell in cells:
        if isinstance(cell, bool) or not isinstance(cell, date | int | float):
            text = safe(_text(cell))
            if not text:
                said.append("<table:table-cell/>")
                continue
            lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in text.split("\n"))
            said.append(f'<table:table-cell office:value-type="string">{lines}</table:table-cell>')
        elif isinstance(cell, date):
            said.append(
                f'<table:table-cell table:style-name="day" office:value-type="date" office:date-value="{cell.isoformat()}">'
                f"<text:p>{_text(cell)}</text:p></table:table-cell>"
            )
        else:
            said.append(
                f'<table:table-cell office:value-type="float" office:value="{cell}"><text:p>{cell}</text:p></table:table-cell>'
            )
    return f"<table:table-row>{''.join(said)}</table:table-row>"


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "oui" if cell else "non"
    if isinstance(cell, date):
        return f"{cell.day:02}/{cell.month:02}/{cell.year:04}"
    return str(cell)


def _sheet_name(title: str) -> str:
    return (
        "".join(sign for sign in title if sign not in "[]:*?/\\'\"<>&" and sign.isprintable())[:31].strip()
        or "Liste"
    )
