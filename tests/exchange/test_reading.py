"""Reading files: every habit of a list, and every file that was made to hurt."""

import io
import json
import struct
import zipfile
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from palier.exchange import wording, writing
from palier.exchange.reading import apart, cells, files, guessing, heads, names, plain, records
from palier.exchange.reading.apart import Table
from palier.exchange.reading.files import Unreadable
from tests.exchange import sheets

TODAY = date(2026, 11, 12)


def people(table: Table) -> list[records.Record]:
    head = heads.find(table.rows, guessing.is_known_name)
    guesses = guessing.guess(head.names, table.rows[head.first_row :], hidden=table.hidden, empty=head.empty)
    mapping = {place: one.field for place, one in enumerate(guesses)}
    return [
        one
        for line in records.read(table.rows, head, mapping, today=TODAY)
        for one in line.people
        if not line.problems
    ]


@pytest.mark.parametrize("make", [sheets.as_xlsx, sheets.as_ods, sheets.as_csv], ids=["xlsx", "ods", "csv"])
def test_the_same_list_is_the_same_people_in_every_kind_of_file(make):
    found = people(apart.read(make(sheets.whole())))
    assert [one.name for one in found] == [
        "Marchand Odette",
        "Le Goff Yves",
        "Dupont Jean",
        "Dupont Odile",
        "Nguyen Thi Lan",
    ]
    assert [one.birth_on for one in found] == ["1942-03-02", "1938-03-03", "", "", "1936-11-12"]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "iso8859_15", "mac_roman", "cp850"]
)
@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_every_encoding_and_separator(encoding, separator):
    rows = [["Nom", "Prénom", "Adresse"], ["LEFÈVRE", "Hélène", "3 allée des Chênes"], ["Noël", "François", "1 rue de l'Hôpital"]] * 1  # fmt: skip
    table = apart.read(sheets.as_csv(rows, encoding=encoding, separator=separator))
    assert table.rows == rows and table.separator == separator


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("MARCHAND Odette", [("none", "Odette", "Marchand", "")]),
        ("Mme Odette MARCHAND née DUPUIS", [("madame", "Odette", "Marchand", "Dupuis")]),
        ("M. et Mme Jean DUPONT", [("monsieur", "Jean", "Dupont", ""), ("madame", "", "Dupont", "")]),
        ("Mme veuve MARTIN Odette", [("madame", "Odette", "Martin", "")]),
        ("DUPONT Jean et Odette", [("monsieur", "Jean", "Dupont", ""), ("madame", "Odette", "Dupont", "")]),
        (
            "M. Jean DUPONT et Mme Odette DURAND",
            [("monsieur", "Jean", "Dupont", ""), ("madame", "Odette", "Durand", "")],
        ),
        ("Mlle Anne-Marie de LA TOUR", [("madame", "Anne-Marie", "de La Tour", "")]),
        ("Mme DUPUIS Odette épouse MARCHAND", [("madame", "Odette", "Marchand", "Dupuis")]),
        ("D'ALMEIDA Maria", [("none", "Maria", "D'Almeida", "")]),
        ("Martin Jean", [("none", "Jean", "Martin", "")]),
        ("Jean Martin", [("none", "Jean", "Martin", "")]),
        ("Marchand, Odette", [("none", "Odette", "Marchand", "")]),
    ],
)
def test_names_as_lists_write_them(name, said):
    assert [(one.title, one.first, one.last, one.birth) for one in names.people_in(name)] == said


@pytest.mark.parametrize(
    ("cell", "on", "year"),
    [
        ("02/03/1942", date(1942, 3, 2), 1942), ("2.3.42", date(1942, 3, 2), 1942), ("3 mars 1942", date(1942, 3, 3), 1942),
        ("1er avril 1938", date(1938, 4, 1), 1938), ("1942-03-02", date(1942, 3, 2), 1942), (15403, date(1942, 3, 3), 1942),
        ("15403", date(1942, 3, 3), 1942), (1942, None, 1942), ("vers 1940", None, 1940), ("12/31/1942", date(1942, 12, 31), 1942),
        ("02/03/12", date(2012, 3, 2), 2012), ("02/03/26", date(1926, 3, 2), 1926), (date(1942, 3, 2), date(1942, 3, 2), 1942),
        ("né le 2/3/42", date(1942, 3, 2), 1942), (3031942, date(1942, 3, 3), 1942),
    ],
)  # fmt: skip
def test_days_in_every_habit(cell, on, year):
    assert cells.day(cell, TODAY) == cells.Day(on, year)


@pytest.mark.parametrize("cell", ["31/02/1942", "hier", "1942/1943", 0.5, True, 10**12, "٣ mars"])
def test_what_is_no_day_is_refused(cell):
    with pytest.raises(cells.Bad):
        cells.day(cell, TODAY)


@pytest.mark.parametrize(
    ("cell", "numbers"),
    [
        ("02.61.91.47.20", ["+33261914720"]), (261914720, ["+33261914720"]), ("06 39 98 00 12 / 02 61 91 00 12", ["+33639980012", "+33261910012"]),
        ("Fille : 06 39 98 00 12", ["+33639980012"]), ("+33 (0)6 39 98 00 12", ["+33639980012"]), ("33639980012", ["+33639980012"]),
        ("'+33639980012", ["+33639980012"]), ("0639980012 ou 0261910012", ["+33639980012", "+33261910012"]), ("néant", []),
    ],
)  # fmt: skip
def test_numbers_in_every_habit(cell, numbers):
    assert [e164 for e164, _raw in cells.numbers(cell)] == numbers


def test_addresses_and_postcodes():
    assert cells.address("3 quai Neuf, Bât B, 2e étage, 45990 SAINT-JEAN-DE-LA-RUELLE") == {
        "street": "3 quai Neuf", "access": "Bât B, 2e étage", "postcode": "45990", "city": "Saint-Jean-de-la-Ruelle",
    }  # fmt: skip
    assert cells.postcode(1000) == "01000" and cells.postcode("2A004") == "2A004"
    with pytest.raises(cells.Bad):
        cells.postcode("459")


def test_a_group_over_two_columns_tells_the_second_name_from_the_first():
    rows = [
        ["Identité", "", "Personne à prévenir", ""], ["Nom", "Tél", "Nom", "Tél"], ["MARCHAND Odette", "0261914720", "Claire", "0639980021"],
    ]  # fmt: skip
    head = heads.find(rows, guessing.is_known_name)
    assert head.names == [
        "Identité Nom",
        "Identité Tél",
        "Personne à prévenir Nom",
        "Personne à prévenir Tél",
    ]
    assert [one.field for one in guessing.guess(head.names, rows[2:])] == [
        "full_name",
        "phones",
        "contact_name",
        "contact_phone",
    ]


def test_hidden_columns_are_not_taken_by_themselves():
    table = apart.read(sheets.as_xlsx(sheets.whole(), hidden=[6]))
    assert table.hidden == {6}
    head = heads.find(table.rows, guessing.is_known_name)
    assert guessing.guess(head.names, table.rows[head.first_row :], hidden=table.hidden)[6].field == ""


def test_the_fullest_sheet_is_read_and_another_can_be_asked_for():
    content = sheets.as_xlsx([["Notes"]], more={"Personnes": sheets.whole()})
    assert apart.read(content).sheet == 1
    assert apart.read(content, sheet=0).rows == [["Notes"]]


# --- files that were made to hurt


def refused(content: bytes) -> str:
    with pytest.raises(Unreadable) as error:
        apart.read(content)
    said = wording.unreadable(error.value)
    assert len(said) > 20 and "Traceback" not in said
    return error.value.code


GOOD = sheets.as_xlsx(sheets.whole())


def cell_far_away() -> bytes:
    """One cell at the last place of the largest sheet: unpacked into a table it is a terabyte."""
    book = zipfile.ZipFile(io.BytesIO(GOOD))
    parts = {name: book.read(name) for name in book.namelist()}
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"].replace(
        b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    )
    return sheets.zipped(parts)


def entities() -> bytes:
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><worksheet>&b;</worksheet>'
    book = zipfile.ZipFile(io.BytesIO(GOOD))
    parts = {name: book.read(name) for name in book.namelist()} | {"xl/worksheets/sheet1.xml": bomb}
    return sheets.zipped(parts)


def lying_size() -> bytes:
    """The archive says of a part that it is small."""
    content = bytearray(sheets.zipped({"xl/workbook.xml": b"0" * 5_000_000, "[Content_Types].xml": b"x"}))
    at = content.rfind(b"PK\x01\x02")
    content[at + 24 : at + 28] = struct.pack("<I", 10)
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"), (b"   \n\n ", "empty_file"), (b"\xef\xbb\xbf", "empty_file"), (b"%PDF-1.4", "not_a_table"), (b"\x89PNG\r\n\x1a\n" + b"0" * 99, "not_a_table"),
        (b"<html><table><tr><td>Nom</td></tr></table></html>", "not_a_table"), (b"MZ\x90\x00" + bytes(range(256)) * 9, "not_a_table"),
        (GOOD[: len(GOOD) // 2], "damaged"), (b"PK\x03\x04" + b"\x00" * 200, "damaged"), (sheets.zipped({"a.txt": b"x"}), "not_a_table"),
        (sheets.zipped({"xl/workbook.xml": b"0" * 301_000_000}), "too_heavy"), (sheets.zipped({"word/document.xml": b"x"}), "not_a_table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le") + b"\x00" * 600, "encrypted"),
        (sheets.as_csv([["x"] * 1_000] * 3), "too_many_columns"), (sheets.as_xlsx([["x"] * 1_000]), "too_many_columns"),
        (b"Nom;Prenom\n" + b"a;b\n" * 102_000, "too_many_rows"), (b"x" * 20_000_001, "too_large"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_refused_in_words(content, code):
    assert refused(content) == code


def test_a_cell_at_the_end_of_the_world_does_not_fill_the_memory():
    assert refused(cell_far_away()) in ("too_heavy", "too_many_rows", "damaged")


def test_entities_of_a_document_type_are_not_opened():
    assert refused(entities()) == "unsafe"


def test_a_part_that_lies_about_its_size_is_not_believed():
    assert refused(lying_size()) in ("damaged", "too_heavy")


def test_a_cell_of_ten_megabytes_is_cut_and_its_line_refused_or_short():
    table = apart.read(sheets.as_csv([["Nom", "Prénom"], ["x" * 10_000_000, "Odette"]]))
    assert len(str(table.rows[1][0])) == files.MOST_SIGNS


def test_the_content_decides_and_says_so():
    assert apart.read(GOOD, name="liste.csv").misnamed
    assert not apart.read(GOOD, name="liste.xlsx").misnamed


def test_control_signs_and_halves_of_signs_are_no_text():
    table = apart.read("Nom;Prénom\nMar\x00\x07chand;Odette\ud800\n".encode("utf-8", "surrogatepass"))
    found = people(table)[0]
    json.dumps(found.as_json()).encode()
    assert found.first_name.startswith("Odette") and "\x07" not in found.last_name


CELL = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**16), 10**16), st.floats(), st.dates(date(1000, 1, 1)), st.text(max_size=40),
    st.sampled_from(["Nom", "Téléphone", "M. et Mme", "TOTAL", "=1+1", "@SUM(A1)", "+33 6 39 98", "12/12/12", "née", "et", "45990 Belrive", "#REF!", "\ud800", "née DUPUIS", ", ,"]),
)  # fmt: skip
GRID = st.lists(st.lists(CELL, max_size=8), min_size=1, max_size=12)


@settings(max_examples=250, suppress_health_check=[HealthCheck.too_slow])
@given(rows=GRID, fields=st.lists(st.sampled_from(["", *guessing.BY_KEY]), min_size=8, max_size=8))
@example(rows=[["Nom"], ["M. et Mme"]], fields=["full_name"] * 8)
def test_QA_02_whatever_stands_in_a_table_nothing_but_words_comes_of_it(rows: Any, fields: list[str]) -> None:
    """Every row becomes people, a reason, or is left out; each reason has its sentence."""
    head = heads.find(rows, guessing.is_known_name)
    guessing.guess(head.names, rows[head.first_row :], empty=head.empty)
    guessing.fingerprint(head.names)
    for lenient in (False, True):
        choices = records.Choices(lenient=lenient, first_of_january=lenient, city="Belrive")
        for line in records.read(rows, head, dict(enumerate(fields)), today=TODAY, choices=choices):
            assert line.people or line.problems or line.left_out
            for problem in (*line.problems, *line.remarks):
                said = wording.reason([problem.field, problem.code, problem.value])
                assert not said.endswith(problem.code), "a code is no sentence"
            for record in line.people:
                assert record.first_name or record.last_name
                assert records.Record.of(json.loads(json.dumps(record.as_json()))).name == record.name


@settings(max_examples=300)
@given(content=st.binary(max_size=600))
def test_QA_02_any_bytes_are_a_text_table_or_are_refused(content: bytes) -> None:
    try:
        kind = files.kind_of(content)
    except Unreadable as error:
        assert wording.unreadable(error)
        return
    if kind.name == "csv":
        text, _encoding = plain.decoded(content)
        rows, separator = plain.table_of(text)
        assert separator in plain.SEPARATORS or (
            text.lower().startswith("sep=") and all(isinstance(c, str) for r in rows for c in r)
        )


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(where=st.integers(0, len(GOOD) - 1), bytes_=st.binary(min_size=1, max_size=40))
def test_QA_02_a_workbook_with_bytes_changed_is_read_or_refused(where: int, bytes_: bytes) -> None:
    try:
        apart.read(GOOD[:where] + bytes_ + GOOD[where + len(bytes_) :])
    except Unreadable as error:
        assert wording.unreadable(error)


@settings(max_examples=60)
@given(
    rows=st.lists(
        st.lists(
            st.one_of(st.text(max_size=30), st.sampled_from(["=1+1", "+1", "-1", "@a", "\t=1"])),
            min_size=2,
            max_size=4,
        ),
        min_size=1,
        max_size=6,
    )
)
def test_no_cell_that_is_given_back_is_ever_a_formula(rows: Any) -> None:
    names_ = ["=a", "@b", "c", "d"]
    text = writing.as_csv(names_, rows).decode("utf-8-sig", "replace")
    import csv

    for row in csv.reader(io.StringIO(text, newline=""), delimiter=";"):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)
    book = zipfile.ZipFile(io.BytesIO(writing.as_xlsx(names_, rows, "x")))
    assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")
    content = zipfile.ZipFile(io.BytesIO(writing.as_ods(names_, rows, "x"))).read("content.xml")
    assert b"table:formula" not in content


def test_what_we_write_another_program_reads():
    """By odfdo and calamine, which are not what we write with."""
    from odfdo import Document

    content = writing.as_ods(["Nom", "Né le", "N"], [["Hélène <&>", date(1942, 3, 2), 7]], "Personnes")
    table = Document(io.BytesIO(content)).body.tables[0]
    assert table.get_values()[1][0] == "Hélène <&>"
    assert apart.read(content).rows == [["Nom", "Né le", "N"], ["Hélène <&>", date(1942, 3, 2), 7]]
    assert apart.read(writing.as_xlsx(["Nom", "Né le"], [["Hélène", date(1942, 3, 2)]], "x")).rows[1] == [
        "Hélène",
        date(1942, 3, 2),
    ]
