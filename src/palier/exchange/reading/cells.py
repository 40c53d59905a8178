"""What people write in cells: days, numbers, yes and no, postcodes, addresses. Pure: a cell in, a value or Bad out."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from palier.exchange.reading.apart import Cell
from palier.kernel import phones
from palier.kernel.text import fold

_FIRST_SERIAL = date(1899, 12, 30)
_OLDEST = 108

_MONTHS = {
    "janvier": 1, "janv": 1, "jan": 1, "fevrier": 2, "fevr": 2, "fev": 2, "mars": 3, "mar": 3, "avril": 4, "avr": 4,
    "mai": 5, "juin": 6, "juillet": 7, "juil": 7, "jul": 7, "aout": 8, "aou": 8, "septembre": 9, "sept": 9, "sep": 9,
    "octobre": 10, "oct": 10, "novembre": 11, "nov": 11, "decembre": 12, "dec": 12,
    "january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6, "july": 7, "august": 8, "september": 9,
    "october": 10, "november": 11, "december": 12,
}  # fmt: skip
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?")
_THREE = re.compile(r"(\d{1,2})\s*[-/. ]\s*(\d{1,2})\s*[-/. ]\s*(\d{4}|\d{2})(?:\s+\d{1,2}[:h]\d{2}.*)?")
_WORDS = re.compile(r"(\d{1,2})(?:er|e)?[\s\-/.]+([a-z]+)[\s\-/.]+(\d{4}|\d{2})")
_EIGHT = re.compile(r"(\d{2})(\d{2})(\d{4})")
_YEAR = re.compile(r"(?:vers |en |ca |env |environ |nee? en )?(1[89]\d{2}|20\d{2})")
_WEEKDAY = re.compile(r"^(?:lun|mar|mer|jeu|ven|sam|dim)[a-z]*\.?\s+(?=\d)")

_YES = frozenset("oui o x 1 vrai true yes y ok v ✓ ✔ ☑ ■".split())
_NO = frozenset("non n 0 faux false no - – — / ☐ □ neant aucun aucune".split())
_NOTHING = frozenset({"", "-", "--", "---", "–", "—", "/", "?", "??", "n/a", "na", "nc", "n.c.", "nr", "néant", "neant",
                      "inconnu", "inconnue", "non communiqué", "non communique", "non renseigné", "non renseigne", "#n/a",
                      "null", "none", "nan", "ras", "."})  # fmt: skip
_RUNS = frozenset("=+-@")
_BROKEN = re.compile(r"#(?:REF|DIV/0|VALEUR|VALUE|NOM|NAME|NUL|NULL|NOMBRE|NUM|N/A)[!?]?", re.IGNORECASE)

_NUMBER = re.compile(
    r"(?<![\d+])(?:\+\s*33|00\s*33|0)\s*(?:\(0\))?[\s.\-/_]*[1-9](?:[\s.\-/_\u00a0\u202f]*\d){8}(?!\d)"
)
_BETWEEN = re.compile(r"\s*(?:[/;,|\n\r]|\bou\b|\bet\b|\bpuis\b)\s*", re.IGNORECASE)

_TOWN = re.compile(
    r"^(.*?)[\s,;\-–]*\b(\d{2}\s?\d{3}|2[AB]\s?\d{3})\s+([^\d,;]{2,80}?)(?:\s+cedex.*)?$",
    re.IGNORECASE | re.DOTALL,
)
_FLOOR = re.compile(
    r"[,;]?\s*\b((?:b[âa]t(?:iment)?|r[ée]s(?:idence)?|appt?(?:artement)?|esc(?:alier)?|[ée]tage|porte|rdc|rez|"
    r"\d+\s?(?:e|er|[èe]me)\s+[ée]t(?:age|\.)?)\b.*)$",
    re.IGNORECASE,
)  # fmt: skip


class Bad(Exception):
    """A cell that cannot be taken; `code` is a key of `exchange.wording.REASONS`."""

    def __init__(self, code: str, value: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.value = value[:60]


@dataclass(frozen=True)
class Day:
    """A day; or, where only that is known, a year."""

    on: date | None
    year: int


def text_of(cell: Cell) -> str:
    """One line as a person reads the cell; nothing for what people write when there is nothing."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "oui" if cell else "non"
    if isinstance(cell, date):
        return cell.strftime("%d/%m/%Y") if cell.year >= 1000 else cell.isoformat()
    if isinstance(cell, float):
        return f"{cell:.10g}".replace(".", ",")
    if isinstance(cell, int):
        return str(cell)
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in cell).split())
    # As we give files back: what a spreadsheet would run stands behind an apostrophe.
    if line.startswith("'") and line[1:2] in _RUNS:
        line = line[1:].strip()
    return "" if line.casefold() in _NOTHING else line


def is_broken(text: str) -> bool:
    """« #REF! »: the spreadsheet's own complaint."""
    return _BROKEN.fullmatch(text.strip()) is not None


def is_empty(cell: Cell) -> bool:
    return text_of(cell) == ""


def day(cell: Cell, today: date, *, month_first: bool = False, past: bool = True) -> Day | None:
    """A day in any habit. Two figures are the year of somebody who lives, when `past`; else the nearest not to come."""
    if isinstance(cell, bool):
        raise Bad("date", text_of(cell))
    if isinstance(cell, date):
        return Day(cell, cell.year)
    if isinstance(cell, int | float):
        return _from_number(cell)
    text = text_of(cell)
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) < 8:
        return _from_number(int(text))
    plain = _WEEKDAY.sub("", _unaccented(text))
    plain = re.sub(r"^(?:ne|nee|ne\(e\))?\s*le\s+", "", plain).strip()
    if found := _ISO.fullmatch(plain):
        return _made(int(found[1]), int(found[2]), int(found[3]), text)
    if found := _EIGHT.fullmatch(plain):
        return _made(int(found[3]), int(found[2]), int(found[1]), text)
    if found := _THREE.fullmatch(plain):
        first, second = int(found[1]), int(found[2])
        year = _year(found[3], today, past)
        if (month_first and second > 12 >= first) or (month_first and first <= 12):
            first, second = second, first
        if second > 12 >= first:
            first, second = second, first
        return _made(year, second, first, text)
    if (found := _WORDS.fullmatch(plain)) and found[2] in _MONTHS:
        return _made(_year(found[3], today, past), _MONTHS[found[2]], int(found[1]), text)
    if found := _YEAR.fullmatch(plain):
        return Day(None, int(found[1]))
    raise Bad("date", text)


def writes_month_first(cells: list[Cell]) -> bool:
    """Whether a column is written the American way: some second number is no month, and no first one is too large."""
    firsts, seconds = [], []
    for cell in cells:
        if isinstance(cell, str) and (found := _THREE.fullmatch(cell.strip())):
            firsts.append(int(found[1]))
            seconds.append(int(found[2]))
    return bool(seconds) and max(seconds) > 12 and max(firsts) <= 12


def yes(cell: Cell) -> bool | None:
    """« oui », « x », « 1 » or their contraries; nothing for an empty cell."""
    if isinstance(cell, bool):
        return cell
    text = text_of(cell).strip(" .()").casefold()
    if not text:
        return None
    word = _unaccented(text)
    if word in _YES or word.startswith(("oui", "vit seul", "seul")):
        return True
    if word in _NO or word.startswith(("non", "en couple", "avec ")):
        return False
    raise Bad("yes_no", text_of(cell))


def numbers(cell: Cell, region: str = "FR") -> list[tuple[str, str]]:
    """(E.164, as written) of each number in a cell; the zero that a spreadsheet has eaten is put back."""
    text = text_of(cell)
    if not text:
        return []
    found = [match.group().strip() for match in _NUMBER.finditer(text)]
    rest = _NUMBER.sub(" ", text)
    if len(re.sub(r"\D", "", rest)) >= 6 or not found:
        # Not whole numbers side by side: piece by piece, each must be one.
        found = [part for part in _BETWEEN.split(text) if part.strip()]
        # « Fille : 06 39 98 00 12 »: what is said of a number is no number.
        found = [re.sub(r"^[^\d+(]*|[^\d)]*$", "", part) or part for part in found]
    told: dict[str, str] = {}
    for raw in found:
        told.setdefault(_e164(raw, region, text), raw[:40])
    return list(told.items())


def _e164(raw: str, region: str, cell: str) -> str:
    digits = re.sub(r"\D", "", raw)
    if len(digits) == 9 and digits[0] in "123456789" and not raw.lstrip().startswith("+"):
        raw = "0" + digits
    elif len(digits) == 11 and digits.startswith("33") and not raw.lstrip().startswith("+"):
        raw = "+" + digits
    try:
        return phones.parse(raw, region).e164
    except phones.BadPhone as error:
        raise Bad("phone", cell) from error


def postcode(cell: Cell) -> str:
    """Five figures; « 1000 » has lost its zero."""
    text = text_of(cell).replace(" ", "").removesuffix(",0")
    if not text:
        return ""
    if text.isascii() and text.isdigit() and len(text) == 4:
        text = "0" + text
    if (
        len(text) != 5
        or not text.isascii()
        or not (text.isdigit() or (text[:2].upper() in ("2A", "2B") and text[2:].isdigit()))
    ):
        raise Bad("postcode", text_of(cell))
    return text.upper()


def address(text: str) -> dict[str, str]:
    """« 12 rue des Tilleuls, 2e étage, 45990 BELRIVE » in its parts."""
    parts = {"street": text, "access": "", "postcode": "", "city": ""}
    if found := _TOWN.match(text):
        parts["street"] = found[1]
        parts["postcode"] = found[2].replace(" ", "").upper()
        parts["city"] = capitals_softened(found[3].strip(" ,-"))
    street = parts["street"].strip(" ,;-–")
    if (found := _FLOOR.search(street)) and found.start() > 3:
        street, parts["access"] = street[: found.start()], found[1].strip(" ,;")
    parts["street"] = street.strip(" ,;-–")
    return parts


_SMALL = frozenset(
    "de du des la le les et sur sous en aux au lès lez à l d rue avenue boulevard place chemin impasse allée allee quai"
    " route square cours bis ter".split()
)


def capitals_softened(text: str) -> str:
    """« SAINT-JEAN-DE-LA-RUELLE » as people write it; what is not all in capitals stays as it is."""
    if not text.isupper():
        return text
    words = re.split(r"([\s\-’'])", text.lower())
    soft = [
        word if place and word in _SMALL else word[:1].upper() + word[1:] for place, word in enumerate(words)
    ]
    return "".join(soft)


def _unaccented(text: str) -> str:
    import unicodedata

    plain = "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))
    return " ".join(plain.split())


def _from_number(value: int | float) -> Day:
    if value != value or value in (float("inf"), float("-inf")):
        raise Bad("date", "")
    number = int(value)
    if 1850 <= number <= 2100 and number == value:
        return Day(None, number)
    if 1 <= number <= 73_000:
        on = _FIRST_SERIAL + timedelta(days=number)
        return Day(on, on.year)
    if 10_000_000 <= number <= 99_999_999:
        if 1800 <= number // 10_000 <= 2100:
            return _made(number // 10_000, number // 100 % 100, number % 100, str(number))
        return _made(number % 10_000, number // 10_000 % 100, number // 1_000_000, str(number))
    if 1_000_000 <= number < 10_000_000:
        # 3031942: the zero of 03/03/1942 is eaten.
        return _made(number % 10_000, number // 10_000 % 100, number // 1_000_000, str(number))
    raise Bad("date", str(number))


def _year(written: str, today: date, past: bool) -> int:
    if len(written) == 4:
        return int(written)
    year = int(written)
    if past:
        return 1900 + year if today.year - (1900 + year) <= _OLDEST else 2000 + year
    return 2000 + year if 2000 + year <= today.year + 1 else 1900 + year


def _made(year: int, month: int, number: int, text: str) -> Day:
    try:
        on = date(year, month, number)
    except ValueError:
        raise Bad("date", text) from None
    return Day(on, on.year)


RELATIONS = (
    ("spouse", ("conjoint", "epoux", "epouse", "mari", "femme", "compagn")),
    ("child", ("fils", "fille", "enfant")),
    ("neighbour", ("voisin", "gardien")),
    ("doctor", ("medecin", "docteur", "dr ")),
    ("nurse", ("infirm", "ssiad", "kine")),
    ("home_help", ("aide a domicile", "auxiliaire", "aide menag", "saad", "portage", "admr")),
    ("relative", ("soeur", "frere", "niece", "neveu", "petit", "cousin", "belle", "beau", "gendre", "bru", "famille", "mere",
                  "pere", "tante", "oncle", "parent", "filleul")),
)  # fmt: skip


def relation(text: str) -> str:
    """The nearest of our words for « sa fille », « voisine du dessus »."""
    folded = fold(text) + " "
    # « petite-fille », « belle-fille »: family, not a child.
    if any(sign in folded for sign in ("petit fils", "petite fille", "belle", "beau")):
        return "relative"
    for code, signs in RELATIONS:
        if any(f" {sign}" in f" {folded}" for sign in signs):
            return code
    return "other"
