"""Text tables: any encoding, any separator, quoted or not."""

import csv
import io
import re
from collections import Counter

from charset_normalizer import from_bytes

from palier.exchange.reading.files import MOST_COLUMNS, MOST_ROWS, MOST_SIGNS, Unreadable

SEPARATORS = (";", "\t", ",", "|")
_SAMPLE = 200_000
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe\x00\x00", "utf-32"), (b"\x00\x00\xfe\xff", "utf-32"),
          (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))  # fmt: skip
_ONE_BYTE = ("cp1252", "iso8859_15", "mac_roman", "cp850")
# Letters of French names and streets; what the wrong reading of a byte gives is rarely among them.
_FRENCH = frozenset("éèêëàâäîïôöûüùçœæÉÈÊËÀÂÄÎÏÔÖÛÜÙÇŒÆ’«»°€–—…\u00a0")


def decoded(content: bytes) -> tuple[str, str]:
    """(text, name of the encoding). Every byte has a reading: the last resort replaces what it cannot read."""
    for mark, name in _MARKS:
        if content.startswith(mark):
            return content.decode(name, errors="replace"), name
    odd, even = content[1:4096:2].count(0), content[:4096:2].count(0)
    if max(odd, even) > len(content[:4096]) // 8:
        name = "utf-16-le" if odd > even else "utf-16-be"
        return content.decode(name, errors="replace"), name
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        # A few broken bytes in a text that is UTF-8 otherwise: no other encoding gives whole letters by chance.
        text = content.decode("utf-8", errors="replace")
        whole = sum(sign > "\x7f" for sign in text) - text.count("\ufffd")
        if whole and whole >= len(re.findall("\ufffd+", text)):
            return text, "utf-8"
    sample = _telling(content)
    best = max(_ONE_BYTE, key=lambda name: _fit(sample, name))
    if _fit(sample, best) < 0:
        guessed = from_bytes(sample).best()
        best = guessed.encoding if guessed is not None else "cp1252"
    return content.decode(best, errors="replace"), best


def _telling(content: bytes) -> bytes:
    """The lines that hold something else than ASCII: the others fit every encoding."""
    lines = [line for line in content.splitlines() if any(sign > 127 for sign in line)]
    return b"\n".join(lines)[:_SAMPLE]


def _fit(sample: bytes, name: str) -> float:
    """How French the text reads: letters of ours count for, signs that no French word holds count against."""
    try:
        text = sample.decode(name)
    except UnicodeDecodeError:
        return -1.0
    # Accents are small letters inside words: « DUPRÉ » in capitals is rarer than « Hélène ».
    score, counted = 0.0, 0
    for place, sign in enumerate(text):
        if sign < "\x80":
            continue
        counted += 1
        before = text[place - 1] if place else " "
        if sign not in _FRENCH:
            score -= 2
        elif sign.islower():
            score += 1 if not before.isupper() or before in "LDNJ" else -0.2
        elif sign.isupper():
            score += 0.8 if before.isupper() or not before.isalpha() else -1
        else:
            score += 0.3
    return score / max(counted, 1)


def table_of(text: str) -> tuple[list[list[str]], str]:
    """(rows, separator). Quotes that are never closed do not swallow the file."""
    text = text.replace("\x00", "")
    first, _line_end, rest = text.partition("\n")
    separator = ""
    # Excel's own first line: « sep=; ».
    if first.strip().lower().startswith("sep=") and len(first.strip()) == 5:
        separator, text = first.strip()[4], rest
    separator = separator or separator_of(text)
    rows = _rows(text, separator, quoted=True)
    longest = max((len(cell) for row in rows for cell in row), default=0)
    if longest > 20_000 and text.count("\n") > len(rows) * 3:
        rows = _rows(text, separator, quoted=False)
    return rows, separator


def separator_of(text: str) -> str:
    """The one that cuts most lines into the same number of cells, more than one."""
    sample = text[:_SAMPLE]
    best, kept = "", 0.0
    for sign in SEPARATORS:
        if sign not in sample:
            continue
        counts = Counter(len(row) for row in _rows(sample, sign, quoted=True)[:200] if any(row))
        if not counts:
            continue
        width, lines = max(counts.items(), key=lambda pair: (pair[1] if pair[0] > 1 else 0, pair[0]))
        share = lines / sum(counts.values()) if width > 1 else 0.0
        worth = share * min(width, 12) ** 0.5
        if worth > kept:
            best, kept = sign, worth
    return best or ";"


def _rows(text: str, separator: str, *, quoted: bool) -> list[list[str]]:
    csv.field_size_limit(50_000_000)
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=separator,
        quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
        doublequote=True,
        strict=False,
    )
    rows: list[list[str]] = []
    try:
        for row in reader:
            if len(row) > MOST_COLUMNS and any(cell.strip() for cell in row[MOST_COLUMNS:]):
                raise Unreadable("too_many_columns", most=MOST_COLUMNS)
            rows.append([cell[:MOST_SIGNS] for cell in row[:MOST_COLUMNS]])
            if len(rows) > MOST_ROWS + 1_000:
                raise Unreadable("too_many_rows", most=MOST_ROWS)
    except csv.Error as error:
        raise Unreadable("damaged") from error
    return rows
