"""Lists as towns keep them, in every kind of file. Invented people, numbers of the fictional ranges."""

import csv
import io
import zipfile
from collections.abc import Sequence
from typing import Any

import xlsxwriter

HEAD = ["Civilité", "NOM Prénom", "Date de naissance", "Adresse", "CP", "Ville", "Téléphone", "Vit seul(e)", "Personne à prévenir", "Tél. personne à prévenir"]  # fmt: skip
ROWS: list[list[Any]] = [
    ["Mme", "MARCHAND Odette", "02/03/1942", "12 rue des Tilleuls", 45990, "BELRIVE", "02.61.91.47.20", "oui", "Claire Marchand, sa fille", "06 39 98 00 21"],
    ["M.", "LE GOFF Yves", "3 mars 1938", "3 quai Neuf, 2e étage", 45990, "BELRIVE", 261911234, "x", "", ""],
    ["M. et Mme", "DUPONT Jean et Odile", "", "8 avenue du Stade", 45990, "BELRIVE", "02 61 91 33 44 / 06 39 98 11 22", "non", "", ""],
    ["Mme", "NGUYEN Thi Lan née TRAN", "12.11.36", "5 place de l’Église", 45990, "BELRIVE", "06 39 98 55 66", "1", "", ""],
    [None] * 10,
    ["Mme", "FERRAND Lucette", "31/02/1940", "1 rue Haute", 45990, "BELRIVE", "02 61", "oui", "", ""],
    ["TOTAL", "6 personnes", "", "", "", "", "", "", "", ""],
]  # fmt: skip


def whole(rows: Sequence[Sequence[Any]] = ROWS, head: Sequence[str] = HEAD) -> list[list[Any]]:
    """With the titles that stand above such lists."""
    return [["CCAS de Belrive"], ["Liste des personnes suivies"], [], list(head), *map(list, rows)]


def as_csv(rows: Sequence[Sequence[Any]], *, encoding: str = "utf-8-sig", separator: str = ";") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows([["" if c is None else c for c in row] for row in rows])
    return out.getvalue().encode(encoding)


def as_xlsx(
    rows: Sequence[Sequence[Any]], *, hidden: Sequence[int] = (), more: dict[str, Any] | None = None
) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    for name, told in {"Liste": rows, **(more or {})}.items():
        sheet = book.add_worksheet(name)
        for column in hidden:
            sheet.set_column(column, column, None, None, {"hidden": True})
        for number, row in enumerate(told):
            for column, cell in enumerate(row):
                if cell not in (None, ""):
                    sheet.write(number, column, cell)
    book.close()
    return out.getvalue()


def as_ods(rows: Sequence[Sequence[Any]]) -> bytes:
    """By odfdo, which is not what we write with."""
    from odfdo import Cell, Document, Row, Table

    document = Document("spreadsheet")
    document.body.clear()
    table = Table("Liste")
    for told in rows:
        row = Row()
        for cell in told:
            row.append_cell(Cell("" if cell is None else cell))
        table.append_row(row)
    document.body.append(table)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def many(count: int) -> list[list[Any]]:
    """Different people, as many as wanted."""
    first = [
        "Odette",
        "Yvonne",
        "Marcel",
        "Jeanne",
        "Roger",
        "Simone",
        "André",
        "Paulette",
        "Lucien",
        "Thérèse",
    ]
    last = [
        "MARCHAND",
        "LE GOFF",
        "DUPRÉ",
        "NGUYEN",
        "PETIT",
        "MOREAU",
        "FERRAND",
        "LEROY",
        "GAUTHIER",
        "BIHAN",
    ]
    rows = []
    for n in range(count):
        rows.append(
            [
                "Mme" if n % 2 else "M.", f"{last[n % 10]}{'' if n < 10 else '-' + _letters(n)} {first[n // 10 % 10]}",
                f"{n % 28 + 1:02}/{n // 28 % 12 + 1:02}/{1925 + n % 40}", f"{n % 90 + 1} rue {_letters(n // 90)}", "45990", "BELRIVE",
                f"02 61 91 {n // 100 % 100:02} {n % 100:02}", "oui" if n % 3 else "non",
                f"Proche {_letters(n)}" if n % 4 == 0 else "", f"06 39 98 {n // 100 % 100:02} {n % 100:02}" if n % 4 == 0 else "",
            ]
        )  # fmt: skip
    return rows


def _letters(n: int) -> str:
    text = ""
    n += 26
    while n:
        n, rest = divmod(n, 26)
        text = chr(65 + rest) + text
    return text.capitalize()
