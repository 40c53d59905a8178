"""What the search field shows of each person it found: her name with what was typed marked in it, and why she is there."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Any

from markupsafe import Markup, escape

from palier.kernel import phones, text
from palier.kernel.clock import today
from palier.people.asked import Asked, understand
from palier.people.finding import Found
from palier.people.indexing import PARTICLES
from palier.people.models import NameWord, Person
from palier.people.weighing import Reason
from palier.web.jinja import gettext as _
from palier.web.jinja import url

_WORD = re.compile(r"[\w\u0300-\u036f]+")


@dataclass
class Shown:
    """One line of what was found."""

    found: Found
    asked: Asked
    url: str

    @property
    def person(self) -> Person:
        return self.found.person

    @cached_property
    def name(self) -> Markup:
        return marked(f"{self.person.last_name} {self.person.first_name}".strip(), self.asked.words)

    @cached_property
    def birth_name(self) -> Markup:
        """« née Moreau », where she bears another name now."""
        name = self.person.birth_name
        if not name or text.fold(name) == text.fold(self.person.last_name):
            return Markup("")
        sentence = _("né %(name)s") if self.person.title == "monsieur" else _("née %(name)s")
        return Markup(escape(sentence)) % {"name": marked(name, self.asked.words)}

    @cached_property
    def address(self) -> Markup:
        parts = [part for part in (self.person.street, self.person.city) if part]
        return marked(", ".join(parts), self.asked.words)

    @cached_property
    def phone(self) -> str:
        """The number that was asked for, else the first."""
        asked = next((reason.found for reason in self.found.reasons if reason.kind == "number"), "")
        return asked or next(iter(self.found.numbers), "")

    @cached_property
    def birth(self) -> str:
        """« 84 ans », and the day when a birth was asked for."""
        born = self.person.birth_on
        if born is None:
            return ""
        age = text.age(born, today())
        return f"{age}, {born:%d/%m/%Y}" if self.asked.born else age

    @cached_property
    def state(self) -> str:
        return "" if self.person.state == "active" else str(self.person.get_state_display())

    @cached_property
    def why(self) -> list[str]:
        """Sentences for what is not plain to see."""
        said = [_why(reason, self.person) for reason in self.found.reasons]
        return list(dict.fromkeys(sentence for sentence in said if sentence))


def shown(found: Iterable[Found], typed: str, *, for_need: bool = False) -> list[Shown]:
    """The lines, each leading to the file, or to a need of the person."""
    asked = understand(typed, today())
    return [
        Shown(
            one,
            asked,
            f"{url('need_new')}?person={one.person.pk}" if for_need else url("person", one.person.pk),
        )
        for one in found
    ]


def carried_over(typed: str) -> dict[str, Any]:
    """What was looked for in vain, as the first words of a new file."""
    asked = understand(typed, today())
    names = [asked.words[place] for place in asked.names]
    values: dict[str, Any] = {}
    if len(names) == 1:
        values["last_name"] = _capital(names)
    elif names[:-1] and all(name in PARTICLES for name in names[:-1]):
        values["last_name"] = _capital(names)
    elif names:
        given = set(NameWord.objects.filter(kind="first", word__in=names).values_list("word", flat=True))
        if names[0] in given and names[-1] not in given:
            values["first_name"], values["last_name"] = _capital(names[:1]), _capital(names[1:])
        else:
            values["first_name"], values["last_name"] = _capital(names[-1:]), _capital(names[:-1])
    if asked.street:
        start = min(asked.words.index(word) for word in asked.words if word not in names)
        values["street"] = " ".join(word for word in asked.words[start:] if word not in names)
    if asked.whole_number:
        values["phones"] = phones.pretty(asked.whole_number)
    if asked.born and asked.is_one_day:
        values["birth_on"] = asked.born[0]
    return {name: value[:60] if isinstance(value, str) else value for name, value in values.items()}


def _capital(words: Iterable[str]) -> str:
    return " ".join(text.capital(word) for word in words)


def _why(reason: Reason, person: Person) -> str:
    man = person.title == "monsieur"
    values = {"typed": reason.typed, "found": reason.found}
    if reason.kind == "sounds":
        return _("« %(typed)s » sonne comme %(found)s") % values
    if reason.kind == "slip":
        return _("« %(typed)s » : à une lettre de %(found)s") % values
    if reason.kind == "near":
        return _("« %(typed)s » ressemble à %(found)s") % values
    if reason.kind == "birth_name":
        return _("par son nom de naissance")
    if reason.kind == "number":
        whole = text.fold(reason.typed) == _as_dialled(reason.found)
        return (
            _("même numéro")
            if whole
            else _("son numéro : %(number)s") % {"number": phones.pretty(reason.found)}
        )
    if reason.kind == "around":
        return _("numéro de %(found)s, de son entourage") % values
    if reason.kind == "telecare":
        return (_("abonné %(found)s") if man else _("abonnée %(found)s")) % values
    if reason.kind == "other_birth":
        day = date.fromisoformat(reason.found)
        sentence = _("mais né le %(day)s") if man else _("mais née le %(day)s")
        return sentence % {"day": f"{day:%d/%m/%Y}"}
    if reason.kind == "no_birth":
        return _("date de naissance inconnue")
    return _("rien pour « %(typed)s »") % values


def _as_dialled(e164: str) -> str:
    return "0" + e164[3:] if e164.startswith("+33") else e164.lstrip("+")


@lru_cache(maxsize=4096)
def marked(sentence: str, words: tuple[str, ...]) -> Markup:
    """The sentence with the beginnings that were typed marked."""
    parts: list[Markup] = []
    done = 0
    for start, end in _beginnings(sentence, words) if words else ():
        parts += (
            escape(sentence[done:start]),
            Markup("<mark>"),
            escape(sentence[start:end]),
            Markup("</mark>"),
        )
        done = end
    parts.append(escape(sentence[done:]))
    return Markup("".join(parts))


def _beginnings(sentence: str, words: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """Where words of the sentence begin with one that was typed: from which sign to which."""
    for match in _WORD.finditer(sentence):
        piece = match.group()
        folded = text.fold(piece)
        length = max((len(word) for word in words if folded.startswith(word)), default=0)
        if length:
            yield match.start(), match.start() + _cut(piece, length)


def _cut(piece: str, length: int) -> int:
    """How many signs of `piece` fold to the first `length` letters: « Œuvrard » and « oe » are one."""
    if piece.isascii():
        return length
    for cut in range(1, len(piece) + 1):
        if len(text.fold(piece[:cut])) >= length:
            while cut < len(piece) and not text.fold(piece[cut]):
                cut += 1
            return cut
    return len(piece)
