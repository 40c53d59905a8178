"""Which signs our fonts hold, and text made of what they can draw.

A PDF/UA file may hold no sign without a shape, and a name may hold any: what no font of ours draws (an emoji of
last year, Chinese) becomes □, one for a sequence that is read as one sign. The person is told so where her words
are given back to her (`has_stand_ins`).
"""

import re
import struct
import unicodedata
from functools import cache
from pathlib import Path
from typing import Final, Literal

from palier.kernel.text import NBSP, french

FONTS: Final = Path(__file__).parent / "fonts"
NARROW: Final = "\u202f"
STAND_IN: Final = "□"
# A word nobody would write: it may be broken after so many signs instead of leaving the sheet.
LONGEST: Final = 36

Face = Literal["letter", "sheet"]
FILES: Final[dict[Face, tuple[str, ...]]] = {
    "letter": ("dejavu-sans/2.37.3/DejaVuSans.ttf", "dejavu-sans/2.37.3/DejaVuSans-Bold.ttf"),
    "sheet": (
        "atkinson-hyperlegible-next/0.4.1/AtkinsonHyperlegibleNext_400Regular.ttf",
        "atkinson-hyperlegible-next/0.4.1/AtkinsonHyperlegibleNext_700Bold.ttf",
    ),
}
Run = list[str]

_JOINED = re.compile("[\u200d\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")
_SEVERAL = re.compile(rf"{STAND_IN}(?:\u200d{STAND_IN})+")
_BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
_LONG = re.compile(rf"\S{{{LONGEST},}}")
_BEFORE_HIGH = re.compile(f"{NBSP}(?=[;!?])")


@cache
def drawn(face: Face) -> frozenset[int]:
    """The code points that both weights of a face draw."""
    regular, bold = (_character_map((FONTS / name).read_bytes()) for name in FILES[face])
    return frozenset(regular & bold)


def _character_map(font: bytes) -> set[int]:
    """The code points of a TrueType font: its character map, in the two formats that ours have (4 and 12)."""
    (count,) = struct.unpack_from(">H", font, 4)
    tables = {}
    for i in range(count):
        tag, _sum, offset, _length = struct.unpack_from(">4sIII", font, 12 + 16 * i)
        tables[tag] = offset
    start = tables[b"cmap"]
    (count,) = struct.unpack_from(">H", font, start + 2)
    found: set[int] = set()
    for i in range(count):
        platform, _encoding, offset = struct.unpack_from(">HHI", font, start + 4 + 8 * i)
        at = start + offset
        (kind,) = struct.unpack_from(">H", font, at)
        if platform not in (0, 3):
            continue
        if kind == 12:
            (groups,) = struct.unpack_from(">I", font, at + 12)
            for j in range(groups):
                first, last, _glyph = struct.unpack_from(">III", font, at + 16 + 12 * j)
                found.update(range(first, last + 1))
        elif kind == 4:
            found |= _segments(font, at)
    return found


def _segments(font: bytes, at: int) -> set[int]:
    (double,) = struct.unpack_from(">H", font, at + 6)
    half = double // 2
    ends = struct.unpack_from(f">{half}H", font, at + 14)
    starts = struct.unpack_from(f">{half}H", font, at + 16 + double)
    deltas = struct.unpack_from(f">{half}H", font, at + 16 + 2 * double)
    ranges_at = at + 16 + 3 * double
    ranges = struct.unpack_from(f">{half}H", font, ranges_at)
    found = set()
    for j in range(half):
        for code in range(starts[j], min(ends[j], 0xFFFE) + 1):
            if ranges[j]:
                place = ranges_at + 2 * j + ranges[j] + 2 * (code - starts[j])
                (glyph,) = struct.unpack_from(">H", font, place)
            else:
                glyph = (code + deltas[j]) & 0xFFFF
            if glyph:
                found.add(code)
    return found


# --- Text -----------------------------------------------------------------------------------------


def legible(text: str) -> str:
    """The same words, of signs that one of our fonts draws; control signs go, line breaks stay."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    if text.isascii() and text.isprintable():
        return text
    known = drawn("letter") | drawn("sheet")
    signs = []
    for sign in text:
        if sign == "\n" or (
            ord(sign) in known and unicodedata.category(sign) not in ("Cc", "Cf", "Co", "Cs")
        ):
            signs.append(sign)
        elif sign == "\u200d" and signs:
            signs.append(sign)
        elif _JOINED.match(sign) or unicodedata.category(sign) in ("Cc", "Cf", "Mn", "Me"):
            continue
        else:
            signs.append(STAND_IN)
    whole = _SEVERAL.sub(STAND_IN, "".join(signs))
    return whole.replace("\u200d", "")


def has_stand_ins(text: str) -> bool:
    """Whether printing it replaces a sign."""
    return legible(text).count(STAND_IN) > text.count(STAND_IN)


def runs(text: str, face: Face, *, typography: bool = True, bold: bool = False) -> list[Run]:
    """[style, text] for the template: b bold, w in the wide font that draws nearly everything.

    A word with one strange letter is set in one font as a whole: two fonts within a word look like a mistake, and
    the parts of a letter with two accents would be read twice. « Verbatim » is typography=False.
    """
    text = legible(text)
    if typography:
        text = french(text)
        text = re.sub(r"(?<=\w)'(?=\w)", "’", text)
    if face == "letter":
        text = _BEFORE_HIGH.sub(NARROW, text)
    else:
        text = text.replace(NARROW, NBSP)
    text = _LONG.sub(_broken, text)
    style = "b" if bold else ""
    if face == "letter":
        return [[style, text]] if text else []
    parts: list[Run] = []
    own = drawn(face)
    for piece in re.split(r"([^\S\u00a0]+)", text):
        strange = any(ord(sign) not in own and sign not in "\n\u200b" for sign in piece)
        worn = style + ("w" if strange else "")
        if parts and (parts[-1][0] == worn or piece.isspace()):
            parts[-1][1] += piece
        elif piece:
            parts.append([worn, piece])
    return parts


def _broken(match: re.Match[str]) -> str:
    word = match.group()
    return "\u200b".join(word[i : i + LONGEST // 2] for i in range(0, len(word), LONGEST // 2))


def said(template: str, face: Face, values: dict[str, str] | None = None) -> list[Run]:
    """A sentence of ours with **what matters** in bold and %(values)s put in: no value can make anything bold."""
    values = {key: str(value).replace("**", "*\u2060*") for key, value in (values or {}).items()}
    parts: list[Run] = []
    filled = template % values if values else template
    for i, piece in enumerate(_BOLD.split(french(filled))):
        parts += runs(piece, face, bold=bool(i % 2))
    return parts
