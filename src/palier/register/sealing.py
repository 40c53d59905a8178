"""The file of a communication: a spreadsheet inside a 7z archive, both its content and its names encrypted (AES-256)."""

import io
from collections.abc import Sequence

import py7zr
import xlsxwriter


def sealed(head: Sequence[str], rows: Sequence[Sequence[str]], *, title: str, password: str) -> bytes:
    """The archive, with one sheet `registre.xlsx`: text cells only, so that no cell is taken for a formula."""
    sheet_file = io.BytesIO()
    with xlsxwriter.Workbook(sheet_file, {"in_memory": True, "strings_to_formulas": False}) as book:
        book.set_properties({"title": title})
        sheet = book.add_worksheet("Registre")
        bold = book.add_format({"bold": True})
        for column, name in enumerate(head):
            sheet.write_string(0, column, name, bold)
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                sheet.write_string(number, column, value)
        sheet.set_column(0, max(len(head) - 1, 0), 24)
        sheet.freeze_panes(1, 0)
    archive = io.BytesIO()
    with py7zr.SevenZipFile(archive, "w", password=password, header_encryption=True) as closed:
        closed.writestr(sheet_file.getvalue(), "registre.xlsx")
    return archive.getvalue()
