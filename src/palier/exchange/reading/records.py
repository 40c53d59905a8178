"""From the rows of a table to the people in them: what is known of each, and why a line cannot be taken."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from palier.exchange.reading import cells, heads, names
from palier.exchange.reading.apart import Cell
from palier.exchange.reading.cells import Bad, text_of
from palier.exchange.reading.guessing import FORBIDDEN
from palier.kernel.text import fold

# Groups of columns around a person, with what they are to her where no column says it.
AROUND = (("contact", "other"), ("contact2", "other"), ("doctor", "doctor"), ("home_help", "home_help"))
_FLAGS = ("lives_alone", "has_pets", "has_stairs")
_TEXTS = ("street", "street_name", "access", "talk_note", "home_note")


@dataclass(frozen=True)
class Problem:
    """A cell that cannot be taken: where, why (a key of `exchange.wording.REASONS`), and what stands there."""

    field: str
    code: str
    value: str = ""


@dataclass
class Record:
    """What a line tells of one person. `household`: she shares her line, and so home and telephone, with another."""

    title: str = "none"
    first_name: str = ""
    last_name: str = ""
    birth_name: str = ""
    birth_on: str = ""
    birth_year: int = 0
    phones: list[tuple[str, str]] = field(default_factory=list)
    street: str = ""
    access: str = ""
    postcode: str = ""
    city: str = ""
    insee: str = ""
    lives_alone: bool | None = None
    has_pets: bool | None = None
    has_stairs: bool | None = None
    talk_note: str = ""
    home_note: str = ""
    telecare_number: str = ""
    contacts: list[dict[str, str]] = field(default_factory=list)
    household: bool = False
    capacity: str = ""
    requested_on: str = ""
    requester: str = ""
    requester_capacity: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            name: value
            for name, value in asdict(self).items()
            if value not in ("", [], None, 0, False, "none")
        }

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Record":
        made = cls(**told)
        made.phones = [(e164, raw) for e164, raw in made.phones]
        return made

    @property
    def name(self) -> str:
        return f"{self.last_name} {self.first_name}".strip()


@dataclass
class Read:
    """One line of the file: the people in it (none when it is left out), what is wrong, and what is only said."""

    number: int
    people: list[Record] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    remarks: list[Problem] = field(default_factory=list)
    # « empty », « foot », « heading » when the line is left out.
    left_out: str = ""


@dataclass(frozen=True)
class Habits:
    """What only the whole of a column tells."""

    last_first: bool = True
    month_first: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Choices:
    """What the person who imports decided. `lenient`: a cell that cannot be read is left empty instead of refusing its line."""

    lenient: bool = False
    first_of_january: bool = False
    city: str = ""
    postcode: str = ""
    region: str = "FR"


def habits_of(rows: Sequence[Sequence[Cell]], mapping: Mapping[int, str]) -> Habits:
    whole = [place for place, key in mapping.items() if key == "full_name"]
    texts = [text_of(row[place]) for place in whole for row in rows[:400] if place < len(row)]
    american = frozenset(
        place
        for place, key in mapping.items()
        if key in ("birth_on", "requested_on")
        and cells.writes_month_first([row[place] for row in rows[:2000] if place < len(row)])
    )
    return Habits(names.column_is_last_first([text for text in texts if text]), american)


def read(
    rows: Sequence[Sequence[Cell]],
    head: heads.Headed,
    mapping: Mapping[int, str],
    *,
    today: date,
    choices: Choices = Choices(),
) -> Iterator[Read]:
    """Each row under the names, in its order, with its number in the file (the first row is 1)."""
    body = rows[head.first_row :]
    habits = habits_of(body, mapping)
    width = len(head.names)
    for place, row in enumerate(body):
        line = Read(head.first_row + place + 1)
        if all(cells.is_empty(cell) for cell in row):
            line.left_out = "empty"
        elif head.is_found and heads.is_heading(list(row), head.names):
            line.left_out = "heading"
        elif heads.is_foot(list(row), width):
            line.left_out = "foot"
        else:
            _Reader(line, row, mapping, habits, today, choices).read()
        yield line


class _Reader:
    """One line: its cells by field, each read once, each refusal noted with its field."""

    def __init__(
        self,
        line: Read,
        row: Sequence[Cell],
        mapping: Mapping[int, str],
        habits: Habits,
        today: date,
        choices: Choices,
    ) -> None:
        self.line, self.habits, self.today, self.choices = line, habits, today, choices
        self.cells: dict[str, list[tuple[int, Cell]]] = {}
        for place, key in mapping.items():
            if key and key != FORBIDDEN and place < len(row) and not cells.is_empty(row[place]):
                if cells.is_broken(text_of(row[place])):
                    self.wrong(key, "broken", text_of(row[place]))
                else:
                    self.cells.setdefault(key, []).append((place, row[place]))

    def wrong(self, key: str, code: str, value: str = "") -> None:
        into = (
            self.line.remarks
            if self.choices.lenient and key not in ("full_name", "last_name", "first_name")
            else self.line.problems
        )
        into.append(Problem(key, code, value[:60]))

    def text(self, key: str) -> str:
        return " ".join(text_of(cell) for _place, cell in self.cells.get(key, ()))

    def read(self) -> None:
        people = self._people()
        if not people:
            if not self.line.problems:
                self.wrong(
                    "last_name",
                    "no_name",
                    next((text_of(c) for found in self.cells.values() for _p, c in found), ""),
                )
            return
        shared = self._shared()
        for place, name in enumerate(people):
            record = Record(**shared)
            record.title, record.first_name, record.last_name = name.title, name.first, name.last
            record.birth_name = name.birth or (shared["birth_name"] if place == len(people) - 1 else "")
            record.household = len(people) > 1
            if place:
                # A date, a unit or a reason to be registered is one person's.
                record.birth_on, record.birth_year, record.telecare_number = "", 0, ""
            if record.household:
                record.lives_alone = None if record.lives_alone else record.lives_alone
            self.line.people.append(record)
        if len(people) > 1 and (shared["birth_on"] or shared["birth_year"]):
            self.line.remarks.append(
                Problem("birth_on", "one_date_for_two", shared["birth_on"] or str(shared["birth_year"]))
            )

    def _people(self) -> list[names.Name]:
        title = self.text("title")
        if title and not names.titles_of(title):
            self.line.remarks.append(Problem("title", "title", title[:60]))
        first, last, whole = self.text("first_name"), self.text("last_name"), self.text("full_name")
        birth = self.text("birth_name")
        if whole and not last:
            found = names.people_in(whole, last_first=self.habits.last_first)
            if first and len(found) == 1 and not found[0].first:
                return names.pair(title, first, whole, birth)
            titles = names.titles_of(title)
            if len(titles) == 2 and len(found) == 1:
                found = names.pair(title, found[0].first, found[0].last, found[0].birth)
            elif titles and len(found) == 1 and found[0].title == "none":
                found = [names.Name(titles[0], found[0].first, found[0].last, found[0].birth)]
            return [one for one in found if one.first or one.last]
        return [one for one in names.pair(title, first, last, birth) if one.first or one.last]

    def _shared(self) -> dict[str, Any]:
        told: dict[str, Any] = {"birth_name": self.text("birth_name")}
        told["birth_on"], told["birth_year"] = self._birth()
        told["requested_on"] = self._day("requested_on")
        told["phones"] = self._numbers("phones")
        told.update(self._home())
        for key in _FLAGS:
            told[key] = self._flag(key)
        for key in ("talk_note", "home_note"):
            told[key] = self.text(key)
        digits = self.text("telecare_number").replace(" ", "")
        if digits and not digits.isdigit():
            self.wrong("telecare_number", "digits", digits)
            digits = ""
        told["telecare_number"] = digits
        told["contacts"] = [one for group, usual in AROUND if (one := self._contact(group, usual))]
        for key in ("capacity", "requester", "requester_capacity"):
            told[key] = self.text(key)
        return told

    def _birth(self) -> tuple[str, int]:
        for place, cell in self.cells.get("birth_on", ())[:1]:
            try:
                day = cells.day(cell, self.today, month_first=place in self.habits.month_first)
            except Bad as bad:
                self.wrong("birth_on", bad.code, bad.value)
                continue
            if day is None:
                continue
            if day.on is None:
                if not 1900 <= day.year <= self.today.year:
                    self.wrong("birth_on", "birth_year", str(day.year))
                    continue
                if self.choices.first_of_january:
                    return date(day.year, 1, 1).isoformat(), day.year
                self.line.remarks.append(Problem("birth_on", "year_only", str(day.year)))
                return "", day.year
            if day.on > self.today:
                self.wrong("birth_on", "birth_to_come", text_of(cell))
            elif day.year < 1900:
                self.wrong("birth_on", "birth_too_old", text_of(cell))
            else:
                return day.on.isoformat(), day.year
        return "", 0

    def _day(self, key: str) -> str:
        for place, cell in self.cells.get(key, ())[:1]:
            try:
                day = cells.day(cell, self.today, month_first=place in self.habits.month_first, past=False)
            except Bad as bad:
                self.wrong(key, bad.code, bad.value)
                continue
            if day is not None and day.on is not None:
                if day.on > self.today:
                    self.wrong(key, "to_come", text_of(cell))
                    continue
                return day.on.isoformat()
            self.wrong(key, "date", text_of(cell))
        return ""

    def _numbers(self, key: str) -> list[tuple[str, str]]:
        told: dict[str, str] = {}
        for _place, cell in self.cells.get(key, ()):
            try:
                for e164, raw in cells.numbers(cell, self.choices.region):
                    told.setdefault(e164, raw)
            except Bad as bad:
                self.wrong(key, bad.code, bad.value)
        if len(told) > 6:
            self.wrong(key, "too_many_numbers", str(len(told)))
            return []
        return list(told.items())

    def _flag(self, key: str) -> bool | None:
        for _place, cell in self.cells.get(key, ())[:1]:
            try:
                return cells.yes(cell)
            except Bad as bad:
                # Said and not refused: « avec son fils » is an answer, only not one of two.
                self.line.remarks.append(Problem(key, bad.code, bad.value))
        return None

    def _home(self) -> dict[str, str]:
        home = {"street": "", "access": "", "postcode": "", "city": "", "insee": self.text("insee")}
        if len(home["insee"]) == 4:
            home["insee"] = "0" + home["insee"]
        whole = self.text("full_address") or self.text("street")
        if whole:
            home |= cells.address(whole)
        if name := self.text("street_name"):
            home["street"] = f"{self.text('street_number')} {cells.capitals_softened(name)}".strip()
        elif (number := self.text("street_number")) and home["street"] and not home["street"][:1].isdigit():
            home["street"] = f"{number} {home['street']}"
        home["street"] = cells.capitals_softened(home["street"])
        if more := self.text("access"):
            home["access"] = f"{home['access']}, {more}".strip(", ")
        both = self.text("postcode_city")
        if both:
            code, _space, city = both.partition(" ")
            if code.isdigit() and len(code) == 5:
                home["postcode"], home["city"] = code, cells.capitals_softened(city.strip())
            else:
                home["city"] = cells.capitals_softened(both)
        for _place, cell in self.cells.get("postcode", ())[:1]:
            try:
                home["postcode"] = cells.postcode(cell)
            except Bad as bad:
                self.wrong("postcode", bad.code, bad.value)
        if city := self.text("city"):
            home["city"] = cells.capitals_softened(city)
        # The town that the whole list is of.
        if self.choices.city and not home["city"]:
            home["city"] = self.choices.city
        if self.choices.postcode and not home["postcode"] and fold(home["city"]) == fold(self.choices.city):
            home["postcode"] = self.choices.postcode
        return home

    def _contact(self, group: str, usual: str) -> dict[str, str]:
        name, said = self.text(f"{group}_name"), self.text(f"{group}_relation")
        numbers = self._numbers(f"{group}_phone")
        if not name and not numbers:
            return {}
        kind = usual
        if group.startswith("contact"):
            kind = cells.relation(said or name)
        if not name:
            name = said or {"doctor": "Médecin", "home_help": "Aide à domicile"}.get(
                group, "Personne à prévenir"
            )
        if len(numbers) > 1:
            self.line.remarks.append(Problem(f"{group}_phone", "one_number", numbers[1][1]))
        return {"name": name, "relation": kind, "note": said, "phone": numbers[0][0] if numbers else ""}
