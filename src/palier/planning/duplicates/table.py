"""The people to compare, column by column: every distinct word once, in the form in which it is compared."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

COLUMNS = (
    "first_name",
    "last_name",
    "birth_name",
    "sex",
    "birth_on",
    "phone",
    "other_phone",
    "identifier",
    "number",
    "street",
    "postcode",
    "city",
)
YEAR_ONLY = (1, 1)

_LIGATURES = {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
_STREET_WORDS = {
    "av": "avenue",
    "ave": "avenue",
    "bd": "boulevard",
    "bld": "boulevard",
    "blvd": "boulevard",
    "bvd": "boulevard",
    "r": "rue",
    "pl": "place",
    "imp": "impasse",
    "ch": "chemin",
    "che": "chemin",
    "all": "allee",
    "rte": "route",
    "sq": "square",
    "res": "residence",
    "st": "saint",
    "ste": "sainte",
    "fg": "faubourg",
    "fbg": "faubourg",
    "gal": "general",
    "mal": "marechal",
    "str": "strasse",
}
_FEMALE = frozenset(
    "f femme female mme madame mlle mademoiselle frau w weiblich feminin ms mrs miss 2".split()
)
_MALE = frozenset("m h homme male mr monsieur herr maennlich mannlich masculin 1".split())


def fold_all(values: Sequence[str]) -> list[str]:
    """Small letters without accents, digits, one space between words: of a whole column at once.

    The column is folded as one text, a value a line: ten times quicker than value by value.
    """
    if not values:
        return []
    text = "\n".join(values)
    if text.count("\n") != len(values) - 1:
        text = "\n".join(" ".join(value.split()) for value in values)
    text = text.casefold()
    if not text.isascii():
        text = re.sub("[\u0300-\u036f]+", "", unicodedata.normalize("NFKD", text))
        for sign, letters in _LIGATURES.items():
            text = text.replace(sign, letters)
    text = re.sub(r"[^\w\n]+|_+", " ", text)
    if "\n\n" in text or "  " in text or "\n " in text or " \n" in text or text[:1] == " ":
        text = re.sub(r"(?m)^ +| +$", "", re.sub(" {2,}", " ", text))
    return text.rstrip(" ").split("\n")


def sounds_of(folded: Sequence[str]) -> list[str]:
    """What is heard of each folded name, in French ears: « lefebvre » and « lefevre » give the same.

    Rewriting in order, vowels by sound, mute endings dropped. Names of other languages get a stable key too.
    """
    if not folded:
        return []
    text = "\n".join(folded).replace(" ", "")
    for pattern, heard in _SOUNDS:
        text = pattern.sub(heard, text) if isinstance(pattern, re.Pattern) else text.replace(pattern, heard)
    return [key[:9] or name.replace(" ", "")[:9] for key, name in zip(text.split("\n"), folded, strict=True)]


_SOUNDS: list[tuple[str | re.Pattern[str], str]] = [
    ("sch", "1"), ("sh", "1"), ("ch", "1"), ("ph", "f"), ("th", "t"), ("pt", "t"),
    ("bv", "v"), ("h", ""), ("cq", "k"), ("ck", "k"), ("qu", "k"), ("q", "k"), ("gn", "ni"), ("ç", "s"),
    (re.compile("sc(?=[eiy])"), "s"), (re.compile("c(?=[eiy])"), "s"), ("c", "k"),
    (re.compile("gu(?=[eiy])"), "g"), (re.compile("ge(?=[ao])"), "j"), (re.compile("g(?=[eiy])"), "j"),
    (re.compile("eaux?|aux?(?=[^a-z]|$)|au[ld]t?s?$", re.MULTILINE), "o"), ("au", "o"), ("oeu", "e"), ("oe", "e"),
    ("eu", "e"), ("oux", "u"), ("ou", "u"), ("w", "v"), ("oy", "oi"),
    (re.compile("([ae]i?n|[iy]n)(?=[^aeiouyn]|$)", re.MULTILINE), "n"), (re.compile("[aei]m(?=[bp])"), "n"),
    ("ai", "e"), ("ei", "e"), ("ay", "e"), ("ey", "e"), (re.compile("(er|ez|et|est|ed)$", re.MULTILINE), "e"),
    ("y", "i"), ("z", "s"), ("x", "s"), ("ill", "i"), (re.compile(r"([a-z0-9])\1+"), r"\1"),
    (re.compile("(?<=[a-z0-9]{2})[dtspxe]+$", re.MULTILINE), ""),
]  # fmt: skip


@dataclass(slots=True)
class Words:
    """One column: `of[i]` is the place in `words` of what line i says, -1 where it says nothing."""

    of: Ints
    words: list[str]


def distinct(values: Sequence[str]) -> tuple[Ints, list[str]]:
    """Where each value stands among the distinct ones, and these, in the order in which they come."""
    words = list(dict.fromkeys(values))
    places = dict(zip(words, range(len(words)), strict=True))
    return np.array(list(map(places.__getitem__, values)), dtype=np.int64), words


def _renumber(of: Ints, forms: Sequence[str]) -> Words:
    """The column again with the forms of its words; forms that are alike become one, the empty one -1."""
    places: dict[str, int] = {}
    new = np.array(
        [places.setdefault(form, len(places)) if form else -1 for form in forms] or [-1], dtype=np.int64
    )
    return Words(new[of] if len(forms) else of, list(places))


@dataclass(slots=True)
class Names:
    """All names of all columns, in one vocabulary: a first name typed in the place of the last is found."""

    words: list[str]
    # Without spaces: « le goff » and « legoff ».
    joined: list[str]
    joined_id: Ints
    sound: Ints
    # Of the first word alone: « marie » of « marie therese ».
    head: Ints
    head_sound: Ints
    tail_sound: Ints
    # The last word, and how long the first, and the shortest of the two, are.
    tails: list[str]
    head_length: Ints
    part_length: Ints
    # How many words, and the first letter.
    parts: Ints
    initial: Ints


@dataclass(slots=True)
class Table:
    """People as columns of numbers. Made by `table_of`; nothing in it can be read back as a file."""

    size: int
    names: Names
    last: Ints
    birth_name: Ints
    first: Ints
    sex: Ints
    year: Ints
    month: Ints
    day: Ints
    # The digits as dialled, as one number; -1 without.
    phone: Ints
    other_phone: Ints
    # A number that is one person's alone (a social security number), as digits; -1 without.
    identifier: Ints
    number: Words
    street: Words
    street_sound: Ints
    postcode: Words
    city: Words


def table_of(columns: Mapping[str, Sequence[str]]) -> Table:
    """`columns`: texts as they were typed, all of one length; a column that is not there says nothing.

    Names are COLUMNS. Dates in any usual habit (1942-03-07, 7/3/1942, 19420307, 1942); telephone numbers too;
    `sex` as F/M, « Mme », « homme »…; the number of the house may stand in front of the street.
    """
    size = max((len(values) for values in columns.values()), default=0)
    raw: dict[str, tuple[Ints, list[str]]] = {}
    for name in COLUMNS:
        values = columns.get(name)
        if values is not None and len(values) != size:
            raise ValueError(f"column {name} holds {len(values)} values, not {size}")
        raw[name] = distinct(values) if values is not None else (np.zeros(size, dtype=np.int64), [""])
    return table_of_distinct(size, raw)


def table_of_distinct(size: int, raw: Mapping[str, tuple[Ints, list[str]]]) -> Table:
    """The same from columns already taken apart: for each its places and its distinct texts."""
    names, (last, birth_name, first) = _names([raw["last_name"], raw["birth_name"], raw["first_name"]])
    year, month, day = _dates(*raw["birth_on"])
    street, number = _addresses(raw["street"], raw["number"])
    return Table(
        size=size,
        names=names,
        last=last,
        birth_name=birth_name,
        first=first,
        sex=_sexes(*raw["sex"]),
        year=year,
        month=month,
        day=day,
        phone=_phones(*raw["phone"]),
        other_phone=_phones(*raw["other_phone"]),
        identifier=_phones(*raw["identifier"]),
        number=number,
        street=street,
        street_sound=_through(distinct(sounds_of(street.words))[0], street.of),
        postcode=_renumber(raw["postcode"][0], [w.replace(" ", "") for w in fold_all(raw["postcode"][1])]),
        city=_renumber(raw["city"][0], fold_all(raw["city"][1])),
    )


def _through(values: Ints, of: Ints) -> Ints:
    """`values` of the words a column points at; -1 where it points at none."""
    if not len(values):
        return np.full(len(of), -1, dtype=np.int64)
    return np.where(of >= 0, values[of], -1)


def _names(columns: list[tuple[Ints, list[str]]]) -> tuple[Names, list[Ints]]:
    places: dict[str, int] = {}
    out: list[Ints] = []
    for of, texts in columns:
        # A letter alone is kept (an initial); digits and « ? » are not a name.
        forms = re.sub(r"(?m)\d+ ?", "", "\n".join(fold_all(texts))).split("\n")
        new = np.array(
            [places.setdefault(form, len(places)) if form else -1 for form in forms] or [-1], np.int64
        )
        out.append(new[of])
    words = list(places)
    joined = [word.replace(" ", "") for word in words]
    heads = [word.partition(" ")[0] for word in words]
    tails = [word.rpartition(" ")[2] for word in words]
    # One numbering of sounds for whole names and their parts.
    sound_of, _ = distinct(sounds_of(words + heads + tails))
    whole, head, tail = np.split(sound_of, 3) if words else (sound_of, sound_of, sound_of)
    names = Names(
        words=words,
        joined=joined,
        joined_id=distinct(joined)[0],
        sound=whole,
        head=distinct(heads)[0],
        head_sound=head,
        tail_sound=tail,
        tails=tails,
        head_length=np.array([len(word) for word in heads], dtype=np.int64),
        part_length=np.array(
            [min(len(h), len(t)) for h, t in zip(heads, tails, strict=True)], dtype=np.int64
        ),
        parts=np.array([word.count(" ") + 1 for word in words], dtype=np.int64),
        initial=np.array([ord(word[0]) for word in words], dtype=np.int64),
    )
    return names, out


_ISO = re.compile(r"(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})(?:[T ].*)?")
_DAY_FIRST = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})(?:[T ].*)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\.0)?")
_YEAR = re.compile(r"(\d{4})(?:\.0)?")


def _date(text: str) -> tuple[int, int, int]:
    """(year, month, day), -1 for what is not known; a first of January is only a year for most files."""
    text = text.strip()
    if found := _ISO.fullmatch(text) or _COMPACT.fullmatch(text):
        year, month, day = (int(part) for part in found.groups())
    elif found := _DAY_FIRST.fullmatch(text):
        day, month, year = (int(part) for part in found.groups())
        if month > 12 >= day:
            day, month = month, day
    elif found := _YEAR.fullmatch(text):
        year, month, day = int(found[1]), -1, -1
    else:
        return -1, -1, -1
    if not 1850 <= year <= 2100:
        return -1, -1, -1
    if not 1 <= month <= 12 or not 1 <= day <= 31 or (month, day) == YEAR_ONLY:
        return year, -1, -1
    return year, month, day


def _dates(of: Ints, texts: list[str]) -> tuple[Ints, Ints, Ints]:
    parts = np.array([_date(text) for text in texts] or [(-1, -1, -1)], dtype=np.int64)
    return parts[of, 0], parts[of, 1], parts[of, 2]


_NOT_DIGITS = re.compile(r"[^\d\n]+", re.ASCII)


def _phones(of: Ints, texts: list[str]) -> Ints:
    plain = "\n".join(text if text.isascii() and "\n" not in text else _western(text) for text in texts)
    numbers = [_phone(digits) for digits in _NOT_DIGITS.sub("", plain).split("\n")]
    return np.array(numbers if texts else [-1], dtype=np.int64)[of]


def _western(text: str) -> str:
    """Digits of other scripts are digits; lines within a value are one line."""
    return "".join(str(unicodedata.digit(sign, "")) if sign.isdigit() else " " for sign in text)


def _phone(digits: str) -> int:
    if digits.startswith("0033"):
        digits = digits[4:]
    elif digits.startswith("33") and len(digits) >= 11:
        digits = digits[2:]
    digits = digits.lstrip("0")
    return int(digits[-12:]) if len(digits) >= 5 else -1


def _sexes(of: Ints, texts: list[str]) -> Ints:
    codes = [1 if word in _FEMALE else 2 if word in _MALE else 0 for word in fold_all(texts)]
    return np.array(codes or [0], dtype=np.int64)[of]


_HOUSE = re.compile(r"(\d+(?: ?(?:bis|ter|quater|[a-d])(?= |$))?) +(?=\D)")


def _addresses(streets: tuple[Ints, list[str]], numbers: tuple[Ints, list[str]]) -> tuple[Words, Words]:
    """Streets without abbreviations, and the number of the house wherever it was written."""
    of, texts = streets
    folded = fold_all(texts)
    houses = [found[1] if (found := _HOUSE.match(word)) else "" for word in folded]
    plain = [
        word[len(house) :].strip() if house else word for word, house in zip(folded, houses, strict=True)
    ]
    full = [
        " ".join([_STREET_WORDS.get(word, word) for word in street.split()]) if street else ""
        for street in plain
    ]
    number_of, number_texts = numbers
    number_forms = [" ".join(form.split()) for form in fold_all(number_texts)]
    if any(houses):
        places: dict[str, int] = {}
        own = np.array([places.setdefault(f, len(places)) if f else -1 for f in number_forms], np.int64)
        within = np.array([places.setdefault(h, len(places)) if h else -1 for h in houses], np.int64)
        of_house = np.where(own[number_of] >= 0, own[number_of], within[of])
        number = Words(of_house, list(places))
    else:
        number = _renumber(number_of, number_forms)
    return _renumber(of, full), number
