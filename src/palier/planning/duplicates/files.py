"""Reading a list of people from a text file: any separator, any encoding, French or English column names."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from palier.planning.duplicates.table import COLUMNS, Ints, Table, fold_all, table_of_distinct

if TYPE_CHECKING:
    import _csv

# What columns are called, folded and without spaces; the first that is there is taken.
HEADINGS: dict[str, tuple[str, ...]] = {
    "identifier": ("socsecid", "ssn", "nir", "numerosecuritesociale", "numerodesecuritesociale", "numsecu", "securitesociale", "nss"),
    "id": ("id", "identifiant", "ident", "recid", "recordid", "uniqueid", "ref", "reference", "numerodossier", "ndossier", "nodossier", "dossier", "nfiche", "code", "cle", "key", "personid", "numfiche"),
    "first_name": ("first", "firstname", "givenname", "prenom", "prenoms", "forename", "given", "prenomusuel", "vorname", "nome", "nombre"),
    "last_name": ("last", "lastname", "surname", "familyname", "nom", "nomusage", "nomdusage", "nomusuel", "nomdefamille", "nommarital", "nomepouse", "nachname", "apelido", "apellido", "name"),
    "birth_name": ("birthname", "maidenname", "nomdenaissance", "nomnaissance", "nomdejeunefille", "nomjf", "nomjeunefille", "maiden", "geburtsname", "ne", "nee"),
    "sex": ("sex", "gender", "sexe", "genre", "civilite", "title", "titre", "titel", "geschlecht"),
    "birth_on": ("dob", "birthon", "birthdate", "dateofbirth", "birth", "datedenaissance", "datenaissance", "naissance", "neele", "nele", "neeele", "ddn", "birthday", "birthyear", "anneedenaissance", "geburtsdatum", "datadenascimento"),
    "phone": ("phone", "telephone", "tel", "phonenumber", "telephonefixe", "telfixe", "fixe", "tel1", "telephone1", "phone1", "numerodetelephone", "numtel", "telefon", "telefone"),
    "other_phone": ("otherphone", "mobile", "portable", "telephoneportable", "telportable", "telephonemobile", "telmobile", "gsm", "tel2", "telephone2", "phone2", "cell", "cellphone"),
    "number": ("num", "number", "housenumber", "streetnumber", "numero", "numerovoie", "numvoie", "numerorue", "numerodevoie", "hausnummer", "n", "no"),
    "street": ("street", "address", "address1", "adresse", "adresse1", "rue", "voie", "libellevoie", "streetaddress", "addressline1", "addr", "nomvoie", "nomdelavoie", "strasse", "rua", "adressepostale"),
    "postcode": ("postcode", "postalcode", "codepostal", "cp", "zip", "zipcode", "plz", "codigopostal"),
    "city": ("city", "town", "suburb", "ville", "commune", "localite", "ort", "cidade", "locality"),
}  # fmt: skip
_MOST_BYTES = 2 * 1024**3
_AT_ONCE = 20_000


class Unreadable(Exception):
    """The file is not a list of people that can be compared; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A file as a table; `ids[i]` names its line i: the id column, or the number of the line in the file."""

    ids: Sequence[str]
    table: Table
    # Column -> heading as written in the file.
    columns: dict[str, str]
    encoding: str
    separator: str


def read(path: Path) -> Listed:
    """Read the file column by column; lines shorter or longer than the heading are taken as far as they go.

    Raises Unreadable.
    """
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise Unreadable(f"{path} is a folder, not a file")
        if size > _MOST_BYTES:
            raise Unreadable(f"{path} is larger than 2 GB")
        with path.open("rb") as file:
            head = file.read(200_000)
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}") from None
    if head[:4] == b"PK\x03\x04" or head[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise Unreadable(f"{path} is a spreadsheet: save it as CSV first")
    if not head.strip():
        raise Unreadable(f"{path} is empty")
    encoding = _encoding(path, head)
    with path.open(encoding=encoding, newline="", errors="replace") as text:
        separator = _separator(text.readline() + text.readline())
        text.seek(0)
        return _read(text, separator, encoding, path)


def _encoding(path: Path, head: bytes) -> str:
    """What the bytes say; old French exports are in Windows' code."""
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if head.startswith(mark):
            return name
    if b"\0" in head:
        raise Unreadable(f"{path} is not a text file")
    try:
        with path.open(encoding="utf-8") as text:
            while text.read(1 << 22):
                pass
    except UnicodeDecodeError:
        # DOS: é is 0x82 there, a sign nobody types in Windows' code.
        return "cp850" if head.count(b"\x82") > head.count(b"\xe9") else "cp1252"
    return "utf-8"


def _separator(lines: str) -> str:
    first = lines.partition("\n")[0]
    return max(";\t,|", key=lambda sign: (first.count(sign), lines.count(sign)))


def _heading(text: str) -> str:
    return re.sub(r"\W|_", "", fold_all([text])[0])


def _read(text: io.TextIOBase, separator: str, encoding: str, path: Path) -> Listed:
    csv.field_size_limit(1_000_000)
    rows = csv.reader(text, delimiter=separator)
    try:
        headings = next(rows)
    except (csv.Error, StopIteration):
        raise Unreadable(f"{path} has no heading that can be read") from None
    folded = [_heading(heading) for heading in headings]
    where = {
        column: folded.index(name)
        for column, names in HEADINGS.items()
        if (name := next((name for name in names if name in folded), None)) is not None
    }
    if "last_name" not in where and "first_name" not in where:
        seen = ", ".join(heading.strip() or "—" for heading in headings[:12])
        raise Unreadable(
            f"{path}: no column of names. Its headings are: {seen}. Expected for instance: "
            "id; nom; prenom; nom de naissance; date de naissance; telephone; numero; rue; code postal; ville"
        )
    columns = {name: _Column() for name in COLUMNS if name in where}
    ids: list[str] = []
    for line_numbers, block in _blocks(rows, path):
        for name, column in columns.items():
            place = where[name]
            column.add([row[place] if place < len(row) else "" for row in block])
        if "id" in where:
            place = where["id"]
            ids += [
                (row[place].strip() if place < len(row) else "") or f"line {number}"
                for row, number in zip(block, line_numbers, strict=True)
            ]
        else:
            ids += [str(number) for number in line_numbers]
    raw: dict[str, tuple[Ints, list[str]]] = {
        name: columns[name].taken() if name in columns else (np.zeros(len(ids), dtype=np.int64), [""])
        for name in COLUMNS
    }
    table = table_of_distinct(len(ids), raw)
    names = {column: headings[place].strip() for column, place in where.items()}
    return Listed(ids, table, names, encoding, separator)


def _blocks(rows: "_csv.Reader", path: Path) -> Iterator[tuple[list[int], list[list[str]]]]:
    """Lines that say something, many at once, with the number each ends at."""
    numbers: list[int] = []
    block: list[list[str]] = []
    try:
        for row in rows:
            if any(row):
                block.append(row)
                numbers.append(rows.line_num)
                if len(block) == _AT_ONCE:
                    yield numbers, block
                    numbers, block = [], []
    except csv.Error as error:
        raise Unreadable(f"{path}, line {rows.line_num}: {error}") from None
    yield numbers, block


class _Column:
    """A column read block by block, each distinct text kept once."""

    def __init__(self) -> None:
        self.places: dict[str, int] = {}
        self.blocks: list[Ints] = []

    def add(self, values: list[str]) -> None:
        places = self.places
        for value in set(values):
            if value not in places:
                places[value] = len(places)
        self.blocks.append(np.array(list(map(places.__getitem__, values)), dtype=np.int64))

    def taken(self) -> tuple[Ints, list[str]]:
        of = np.concatenate(self.blocks) if self.blocks else np.zeros(0, dtype=np.int64)
        return of, list(self.places) or [""]
