"""What a file is, by its content and never by its name; and the limits within which it is opened at all."""

import io
import re
import zipfile
import zlib
from dataclasses import dataclass

MOST_BYTES = 20_000_000
MOST_ROWS = 100_000
MOST_COLUMNS = 300
# What is left of a cell: nobody's name, address or note is longer.
MOST_SIGNS = 4_000
MOST_PARTS = 5_000
MOST_UNPACKED = 300_000_000

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
# By their first bytes: what people send instead of a table, in the words of `exchange.wording.OTHER_FILES`.
_OTHERS = (
    (b"%PDF", "pdf"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"{\\rtf", "word"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"\x1f\x8b", "archive"),
)
_ENTITY = re.compile(rb"<!\s*(?:ENTITY|DOCTYPE)", re.IGNORECASE)
_HIDDEN = re.compile(rb'<col\b(?=[^>]*\bhidden="(?:1|true)")[^>]*>')
_NUMBER = re.compile(rb'\b(min|max)="(\d{1,5})"')
_ODS_COLUMN = re.compile(rb"<table:table-column\b([^>]*)>")
_REPEATED = re.compile(rb'number-columns-repeated="(\d{1,6})"')
_CHUNK = 1 << 20
_HEAD = 64_000


class Unreadable(Exception):
    """The file cannot be read as a table; `code` is a key of `exchange.wording.SENTENCES`."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


@dataclass(frozen=True)
class Kind:
    """`name`: xlsx, xlsb, xls, ods or csv. `hidden`: the hidden columns of the first sheet's part, by part."""

    name: str
    hidden: tuple[tuple[int, ...], ...] = ()


def kind_of(content: bytes) -> Kind:
    """Raises Unreadable for whatever is no table, is locked, broken, or would fill the memory once unpacked."""
    if len(content) > MOST_BYTES:
        raise Unreadable("too_large", megabytes=MOST_BYTES // 1_000_000)
    if not content.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise Unreadable("empty_file")
    if content.startswith(b"PK"):
        return _zipped(content)
    if content.startswith(_OLE):
        return _ole(content)
    for start, what in _OTHERS:
        if content.startswith(start):
            raise Unreadable("not_a_table", what=what)
    head = content[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<!doctype html", b"<html", b"<table", b"<?xml")):
        raise Unreadable("not_a_table", what="web")
    if _looks_binary(content):
        raise Unreadable("not_a_table", what="unknown")
    return Kind("csv")


def extension_disagrees(name: str, kind: str) -> bool:
    """Whether the name says something else than the content; the content decides."""
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    same = {"csv": {"csv", "txt", "tsv"}, "xlsx": {"xlsx", "xlsm", "xltx", "xltm"}, "xlsb": {"xlsb"}}
    return ending not in same.get(kind, {kind})


def _zipped(content: bytes) -> Kind:
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError) as error:
        raise Unreadable("damaged") from error
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise Unreadable("too_heavy")
    if any(part.flag_bits & 0x1 for part in parts):
        raise Unreadable("encrypted")
    names = {part.filename for part in parts}
    kind = _kind_of_parts(archive, names)
    hidden: list[tuple[int, ...]] = []
    unpacked = 0
    for part in sorted(parts, key=lambda part: _sheet_number(part.filename)):
        if not part.filename.endswith((".xml", ".rels", ".bin", "mimetype")):
            continue
        head, size = _unpacked(archive, part, MOST_UNPACKED - unpacked)
        unpacked += size
        if part.filename.endswith((".xml", ".rels")) and _ENTITY.search(head):
            raise Unreadable("unsafe")
        if kind == "ods" and part.filename == "META-INF/manifest.xml" and b"encryption-data" in head:
            raise Unreadable("encrypted")
        if kind == "xlsx" and part.filename.startswith("xl/worksheets/sheet"):
            hidden.append(_hidden_in_xlsx(head))
        if kind == "ods" and part.filename == "content.xml":
            hidden += _hidden_in_ods(head)
    return Kind(kind, tuple(hidden))


def _kind_of_parts(archive: zipfile.ZipFile, names: set[str]) -> str:
    if "mimetype" in names:
        try:
            with archive.open("mimetype") as part:
                said = part.read(200)
        except (
            zipfile.BadZipFile,
            zlib.error,
            OSError,
            NotImplementedError,
            EOFError,
            RuntimeError,
        ) as error:
            raise Unreadable("damaged") from error
        if said.startswith(_ODS):
            return "ods"
        raise Unreadable("not_a_table", what="word" if b"opendocument" in said else "archive")
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "xl/workbook.bin" in names:
        return "xlsb"
    raise Unreadable(
        "not_a_table", what="word" if any(name.startswith("word/") for name in names) else "archive"
    )


def _unpacked(archive: zipfile.ZipFile, part: zipfile.ZipInfo, most: int) -> tuple[bytes, int]:
    """The beginning of a part, and its size as it really is: what the archive says of itself proves nothing."""
    head, size = b"", 0
    try:
        with archive.open(part) as stream:
            while chunk := stream.read(_CHUNK):
                size += len(chunk)
                if size > most:
                    raise Unreadable("too_heavy")
                if len(head) < _HEAD:
                    head += chunk[:_HEAD]
    except (
        zipfile.BadZipFile,
        zlib.error,
        OSError,
        NotImplementedError,
        EOFError,
        RuntimeError,
        ValueError,
    ) as error:
        raise Unreadable("damaged") from error
    return head, size


def _sheet_number(name: str) -> tuple[int, str]:
    found = re.search(r"sheet(\d+)\.xml$", name)
    return (int(found[1][:9]) if found else 0, name)


def _hidden_in_xlsx(head: bytes) -> tuple[int, ...]:
    found: set[int] = set()
    for column in _HIDDEN.findall(head.partition(b"<sheetData")[0]):
        span = {key: int(value) for key, value in _NUMBER.findall(column)}
        first, last = span.get(b"min", 0), span.get(b"max", 0)
        if 0 < first <= MOST_COLUMNS:
            found.update(range(first - 1, min(last, MOST_COLUMNS)))
    return tuple(sorted(found))


def _hidden_in_ods(head: bytes) -> list[tuple[int, ...]]:
    sheets = []
    for sheet in head.split(b"<table:table ")[1:]:
        found: list[int] = []
        column = 0
        for said in _ODS_COLUMN.findall(sheet.partition(b"<table:table-row")[0]):
            repeated = _REPEATED.search(said)
            count = int(repeated[1]) if repeated else 1
            if b'visibility="collapse"' in said:
                found += range(column, min(column + count, MOST_COLUMNS))
            column += count
        sheets.append(tuple(found))
    return sheets


def _ole(content: bytes) -> Kind:
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise Unreadable("encrypted")
    if "WordDocument".encode("utf-16-le") in content or "PowerPoint".encode("utf-16-le") in content:
        raise Unreadable("not_a_table", what="word")
    return Kind("xls")


def _looks_binary(content: bytes) -> bool:
    sample = content[:4096]
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    zeros = sample.count(0)
    if zeros <= max(3, len(sample) // 100):
        return sum(sign < 9 or 13 < sign < 32 for sign in sample) > len(sample) // 10
    # UTF-16 without its mark: every second byte of a French text is zero.
    odd, even = sample[1::2].count(0), sample[::2].count(0)
    return not (max(odd, even) > len(sample) * 0.3 and min(odd, even) < len(sample) * 0.05)
