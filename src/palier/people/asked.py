"""What somebody typed into the search field, understood: names, numbers, a birth, a street.

Pure: nothing is looked up here. « dupont rue des lilas 1938 » is the word dupont, the street word lilas and the year
1938; « mme le goff née le 3 mars 1938 » the words le and goff and a day; « 84 ans » two years of birth.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

from palier.kernel import phones
from palier.kernel.text import fold
from palier.people.indexing import PARTICLES, STREET_NOISE, STREET_TYPES

MOST_SIGNS = 200
MOST_WORDS = 8
FEWEST_DIGITS = 4
_OLDEST = 1900
# Said before a number.
_OF_A_NUMBER = frozenset("n no numero tel telephone abonne abonnee".split())
# Said of a person and borne by nobody; kept when nothing else was typed.
_SAID = frozenset("m mr mme mlle melle monsieur madame mademoiselle nee ne en".split())
_MONTHS = {
    "janvier": 1, "janv": 1, "fevrier": 2, "fevr": 2, "fev": 2, "mars": 3, "avril": 4, "avr": 4, "mai": 5, "juin": 6,
    "juillet": 7, "juil": 7, "aout": 8, "septembre": 9, "sept": 9, "octobre": 10, "oct": 10, "novembre": 11, "nov": 11,
    "decembre": 12, "dec": 12,
}  # fmt: skip
_DAY = re.compile(r"(?<![\d/.\-])(?<!\d )(\d{1,2})([/.\- ])(\d{1,2})\2((?:19|20)\d\d)(?![\d/])")
_SHORT_DAY = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})/(\d\d)(?![\d/])")
_ISO = re.compile(r"(?<!\d)((?:19|20)\d\d)-(\d{1,2})-(\d{1,2})(?!\d)")
_WRITTEN = re.compile(
    rf"(?<!\d)(\d{{1,2}})(?:er)?\s+({'|'.join(sorted(_MONTHS, key=len, reverse=True))})\.?\s+((?:19|20)?\d\d)(?!\d)"
)
_TOGETHER = re.compile(r"(?<!\d)(\d\d)(\d\d)(19\d\d|20\d\d)(?!\d)")
_AGE = re.compile(r"(?<!\d)(\d{1,3})\s*ans\b")
_YEAR = re.compile(r"(?<![\d+])((?:19|20)\d\d)(?!\d)")
_SPACE = r"[ .\-/\u00a0\u202f]"
_NUMBER = re.compile(
    rf"(?<![\w+])(?:(?:\+\d|00\d)(?:{_SPACE}{{0,2}}\d){{3,12}}|0(?:{_SPACE}{{0,2}}\d){{3,9}})(?!\d)"
)
_ONLY_DIGITS = re.compile(r"[+\d .\-/()\u00a0\u202f]+")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for. `words` in the order they were typed; those of `street` stand after « rue », « place »…"""

    text: str = ""
    words: tuple[str, ...] = ()
    street: frozenset[str] = frozenset()
    # As dialled in France, or any other run of four digits.
    numbers: tuple[str, ...] = ()
    # The whole number in E.164, when one was typed.
    whole_number: str = ""
    # First and last day of birth that fit; several when « 1938 » may also be the end of a number.
    born: tuple[date, date] | None = None

    @property
    def names(self) -> tuple[int, ...]:
        """The places of the words that may be of a name."""
        of_the_street = self.street | STREET_TYPES if self.street else self.street
        return tuple(
            place for place, word in enumerate(self.words) if word not in of_the_street and not word.isdigit()
        )

    @property
    def telling(self) -> tuple[str, ...]:
        """The words that must be found; « le », « rue », « des » alone say nothing, and a house number little."""
        kept = tuple(
            word
            for word in self.words
            if word not in STREET_NOISE and word not in PARTICLES and not _is_short(word)
        )
        return kept or self.words[:1]

    @property
    def years(self) -> tuple[int, ...]:
        if self.born is None:
            return ()
        return tuple(range(self.born[0].year, self.born[1].year + 1))

    @property
    def is_empty(self) -> bool:
        return not (self.words or self.numbers or self.born)

    @property
    def is_one_day(self) -> bool:
        return self.born is not None and self.born[0] == self.born[1]


def understand(typed: str, today: date) -> Asked:
    """What `typed` asks for; whatever it is, something sensible or nothing at all."""
    text = " ".join(typed[: MOST_SIGNS + 1].replace("\x00", " ").split())
    if len(typed) > MOST_SIGNS:
        # Half a word says another word.
        text = text.rpartition(" ")[0] or text
    if not text.isascii():
        text = "".join(str(unicodedata.digit(sign)) if sign.isdigit() else sign for sign in text)
    if _ONLY_DIGITS.fullmatch(text) and len(_digits(text)) >= FEWEST_DIGITS:
        return _only_digits(text, today)
    rest = _plain(text)
    born, rest = _birth(rest, today)
    numbers: list[str] = []
    rest = rest.replace("(0)", "")

    def taken(match: re.Match[str]) -> str:
        numbers.append(_digits(match.group()))
        return " "

    whole = _whole_number(next((m.group() for m in _NUMBER.finditer(rest)), ""))
    rest = _NUMBER.sub(taken, rest)
    if born is None and (year := _a_year(rest, today)):
        born = date(year, 1, 1), date(year, 12, 31)
        rest = _YEAR.sub(" ", rest, count=1)
    words = fold(rest).split()
    said = _SAID | _OF_A_NUMBER if numbers or any(word.isdigit() for word in words) else _SAID
    telling = [word for word in words if word not in said]
    words = list(dict.fromkeys(word[:40] for word in telling or (words if not (numbers or born) else [])))[
        :MOST_WORDS
    ]
    numbers += [word for word in words if word.isdigit() and len(word) >= FEWEST_DIGITS]
    words = [word for word in words if word not in numbers]
    return Asked(
        text,
        tuple(words),
        _street_of(words),
        tuple(dict.fromkeys(number[:20] for number in numbers)),
        whole,
        born,
    )


def _only_digits(text: str, today: date) -> Asked:
    digits = _digits(text)[:20]
    born, rest = _birth(text, today)
    if born is not None and not rest.strip():
        # « 01121938 » may be the first eight digits of a number as well.
        as_number = (digits,) if text.isdigit() else ()
        return Asked(text, (), frozenset(), as_number, "", born)
    if len(digits) == 4 and _OLDEST <= int(digits) <= today.year:
        born = date(int(digits), 1, 1), date(int(digits), 12, 31)
    return Asked(text, (), frozenset(), (digits,), _whole_number(text), born)


def _birth(text: str, today: date) -> tuple[tuple[date, date] | None, str]:
    """A day of birth or an age, and the text without it."""
    for pattern, order in (
        (_DAY, (4, 3, 1)),
        (_ISO, (1, 2, 3)),
        (_WRITTEN, (3, 2, 1)),
        (_SHORT_DAY, (3, 2, 1)),
        (_TOGETHER, (3, 2, 1)),
    ):
        for match in pattern.finditer(text):
            year, month, day = (match[place] for place in order)
            found = _day(year, month, day, today) or _day(year, day, month, today)
            if found is not None:
                return (found, found), f"{text[: match.start()]} {text[match.end() :]}"
            if (
                pattern is not _TOGETHER
                and " " != match[2]
                and len(year) == 4
                and _OLDEST <= int(year) <= today.year
            ):
                # « 31 février 1938 »: the year at least.
                whole = date(int(year), 1, 1), date(int(year), 12, 31)
                return whole, f"{text[: match.start()]} {text[match.end() :]}"
    if (said := _AGE.search(text)) and 1 <= (age := int(said[1])) <= 120:
        first = _years_before(today, age + 1) + timedelta(days=1)
        return (first, _years_before(today, age)), f"{text[: said.start()]} {text[said.end() :]}"
    return None, text


def _day(year: str, month: str, day: str, today: date) -> date | None:
    number = int(year)
    if number < 100:
        # « 38 » is 1938: who is looked for here is seldom born after 1999.
        number += 1900
    try:
        found = date(number, _MONTHS.get(month) or int(month), int(day))
    except ValueError:
        return None
    return found if _OLDEST <= found.year and found <= today else None


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def _a_year(text: str, today: date) -> int | None:
    match = _YEAR.search(text)
    return int(match[1]) if match and _OLDEST <= int(match[1]) <= today.year else None


def _street_of(words: list[str]) -> frozenset[str]:
    """The words after « rue », « place »… and the number before."""
    for place, word in enumerate(words):
        if (word in STREET_TYPES and len(word) > 2) or word in ("bd", "av"):
            if any(other not in STREET_NOISE for other in words[place + 1 :]):
                return frozenset(words[place + 1 :])
    return frozenset()


def _is_short(word: str) -> bool:
    return word.isdigit() and len(word) < FEWEST_DIGITS


def _plain(text: str) -> str:
    """Small letters without accents, the signs kept: dates and numbers live by them."""
    return "".join(
        _LETTER.get(sign) or (fold(sign) or sign if sign.isalpha() else sign) for sign in text.casefold()
    )


_LETTER = {"’": "'", "\u2011": "-", "\u2013": "-"}


def _digits(text: str) -> str:
    """As dialled in France: « +33 2 61 » and « 00 33 2 61 » are « 02 61 »."""
    plain = text.strip().replace("(0)", "")
    digits = re.sub(r"\D", "", plain)
    if plain.startswith("+33"):
        return "0" + digits[2:]
    return "0" + digits[4:] if digits.startswith("0033") else digits


def _whole_number(text: str) -> str:
    try:
        return phones.parse(text).e164 if text else ""
    except phones.BadPhone:
        return ""
