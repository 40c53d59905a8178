"""Checking a file line by line: what each will become, said before anything is written."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.exchange import matching, progress, wording
from palier.exchange.enrolling import Wanted
from palier.exchange.models import Import, Outcome
from palier.exchange.operations.uploading import head_of, locked, read_table
from palier.exchange.reading import guessing, records
from palier.exchange.reading.records import Read, Record
from palier.kernel import clock, typed, words
from palier.kernel.errors import BadInput, NotPossibleNow
from palier.kernel.text import fold
from palier.people import operations as people
from palier.people.models import Person
from palier.people.operations import NewFile
from palier.territories.models import Organisation, Territory
from palier.territories.streets import key_of

BATCH = 500
# What a file may bring to a person who has one, where hers is empty.
FILLED = (
    "title", "first_name", "birth_name", "birth_on", "street", "access", "postcode", "city", "insee", "talk_note", "home_note",
    "telecare_number",
)  # fmt: skip
FLAGS = ("lives_alone", "has_pets", "has_stairs")

INSERT = """
insert into exchange_line (territory_id, source_id, number, place, outcome, name, told, problems, remarks, match_id, match, adds,
  decision, done, former, given)
select %s, %s, l.number, l.place, l.outcome, l.name, l.told, l.problems, l.remarks, l.match_id, l.match, l.adds, '', '', '{}', '{}'
from jsonb_to_recordset(%s::jsonb) l (number int, place int, outcome text, name text, told jsonb, problems jsonb, remarks jsonb,
  match_id bigint, match jsonb, adds jsonb)
"""


@transaction.atomic
def ask_check(import_id: int, *, actor: Actor) -> Import:
    """The columns are right: check the lines. Asked twice is asked once; the work itself is `check`."""
    made = locked(import_id, actor=actor)
    if made.state == Import.State.CHECKING:
        return made
    if made.state not in (Import.State.UPLOADED, Import.State.READY):
        raise NotPossibleNow(_("Ce fichier est déjà importé ou abandonné."))
    if found := guessing.problems(made.mapping):
        raise BadInput("columns", wording.column_problem(*found[0]), found[0][0])
    made.state, made.trouble = Import.State.CHECKING, ""
    made.save(update_fields=["state", "trouble"])
    progress.begin(made)
    return made


def check(import_id: int, *, actor: Actor) -> Import:
    """Read every line and say what it will become. One transaction: stopped half-way it leaves nothing, and runs again."""
    with transaction.atomic():
        made = locked(import_id, actor=actor)
        if made.state != Import.State.CHECKING:
            return made
        try:
            with transaction.atomic(), progress.telling(made) as teller:
                made.counts = _check(made, actor, teller)
        except BadInput as refusal:
            # The sheet read yesterday cannot be read today: said on the page, where the columns can be said again.
            made.state, made.trouble = Import.State.UPLOADED, str(refusal)[:300]
            made.save(update_fields=["state", "trouble"])
            return made
        made.state, made.checked_at = Import.State.READY, clock.now()
        made.save(update_fields=["state", "checked_at", "counts"])
        return made


def _check(made: Import, actor: Actor, teller: progress.Teller) -> dict[str, int]:
    table = read_table(bytes(made.content or b""), name=made.name, sheet=made.sheet)
    head = head_of(table, made.head_row)
    territory = Territory.objects.get(pk=actor.territory_id)
    choices = records.Choices(
        lenient=bool(made.choices.get("lenient")),
        first_of_january=bool(made.choices.get("first_of_january")),
        city=str(made.choices.get("city") or ""),
        postcode=str(made.choices.get("postcode") or ""),
        region=territory.phone_region,
    )
    with connection.cursor() as cursor:
        cursor.execute("delete from exchange_line where source_id = %s", [made.pk])
    total = len(table.rows) - head.first_row
    lines = records.read(table.rows, head, made.mapping, today=clock.today(territory.zone), choices=choices)
    checker = Checker(actor, choices.lenient, Wanted.of(made, actor=actor))
    counts: Counter[str] = Counter()
    done = 0
    for batch in _batches(lines, BATCH):
        rows = checker.judge(batch)
        counts.update(row["outcome"] for row in rows)
        with connection.cursor() as cursor:
            cursor.execute(INSERT, [made.territory_id, made.pk, json.dumps(rows)])
        done += len(batch)
        teller.tell(done, total)
    teller.tell(done, total, now=True)
    return dict(counts)


class Checker:
    """Judges the lines of one file in their order; remembers who was on the lines before."""

    def __init__(self, actor: Actor, lenient: bool, wanted: Wanted | None = None) -> None:
        self.actor, self.lenient, self.wanted = actor, lenient, wanted
        self.seen: dict[str, list[tuple[int, Record]]] = defaultdict(list)
        self.units: set[str] = set()
        operators = Organisation.objects.filter(
            territory_id=actor.territory_id, kind=Organisation.Kind.OPERATOR, is_active=True
        )
        found = list(operators.order_by("pk").values_list("pk", flat=True)[:2])
        self.operator_id = found[0] if len(found) == 1 else None

    def judge(self, lines: Sequence[Read]) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        open_: list[tuple[dict[str, Any], Record]] = []
        for line in lines:
            if line.left_out:
                rows.append(_row(line.number, 0, Outcome.LEFT_OUT, match={"why": line.left_out}))
                continue
            if not line.people:
                rows.append(
                    _row(
                        line.number,
                        0,
                        Outcome.ERROR,
                        problems=_plain(line.problems),
                        remarks=_plain(line.remarks),
                    )
                )
            for place, record in enumerate(line.people):
                row = _row(line.number, place, Outcome.NEW, name=record.name)
                row["problems"], row["remarks"] = _plain(line.problems), _plain(line.remarks)
                self._fit(record, row)
                if self.wanted is not None and (refused := self.wanted.problem(record)):
                    row["problems"].append(refused)
                row["told"] = typed.clean(record.as_json())
                rows.append(row)
                if row["problems"]:
                    row["outcome"] = Outcome.ERROR
                else:
                    open_.append((row, record))
        self._match(open_)
        return rows

    def _fit(self, record: Record, row: dict[str, Any]) -> None:
        """What the operations would refuse is refused here, in their own words."""
        for key in ("talk_note", "home_note"):
            if found := words.found(getattr(record, key)):
                row["remarks"].append(
                    [key, "watched", ", ".join(dict.fromkeys(hit.word for hit in found))[:60]]
                )
                setattr(record, key, "")
        if record.telecare_number and self.operator_id is None:
            row["remarks"].append(["telecare_number", "no_operator", record.telecare_number[:60]])
            record.telecare_number = ""
        for _attempt in range(12):
            try:
                people.check_new_file(new_file(record, self.operator_id))
                return
            except BadInput as refusal:
                told = [refusal.field, "refused", str(refusal)[:160]]
                field = refusal.field
                if not self.lenient or field in ("first_name", "last_name") or not hasattr(record, field):
                    row["problems"].append(told)
                    return
                row["remarks"].append(told)
                setattr(record, field, "")

    def _match(self, found: list[tuple[dict[str, Any], Record]]) -> None:
        people_ = [record for _row, record in found]
        twins = matching.twins(people_, [row["number"] for row, _record in found], self.seen)
        matches = matching.find(people_, actor=self.actor)
        objected = matching.objected(people_, self.actor.territory_id)
        for place, (row, record) in enumerate(found):
            match = matches[place]
            if place in twins:
                row["outcome"], row["match"] = Outcome.TWICE, {"line": twins[place]}
                continue
            if match is not None:
                self._against(row, record, match)
            elif place in objected:
                row["outcome"], row["match"] = Outcome.MAYBE, {"objected": True}
                row["remarks"].append(["last_name", "objected", ""])
            if record.telecare_number and row["outcome"] == Outcome.NEW:
                if record.telecare_number in self.units or _unit_taken(
                    self.operator_id, record.telecare_number
                ):
                    row["remarks"].append(["telecare_number", "unit_taken", record.telecare_number])
                    row["told"].pop("telecare_number", None)
                self.units.add(record.telecare_number)

    def _against(self, row: dict[str, Any], record: Record, match: matching.Match) -> None:
        adds, differs = additions(record, match.person, self.operator_id)
        row["match_id"] = match.person.pk
        row["match"] = {
            "name": match.person.full_name,
            "reasons": list(match.reasons),
            "score": round(match.score, 2),
        }
        row["adds"] = adds
        row["remarks"] += [[key, "differs", value] for key, value in differs]
        if not match.certain:
            row["outcome"] = Outcome.MAYBE
        else:
            row["outcome"] = Outcome.COMPLETES if adds else Outcome.THERE


def new_file(record: Record, operator_id: int | None) -> NewFile:
    """The record as a file to be opened."""
    values: dict[str, Any] = {
        "title": record.title,
        "first_name": record.first_name,
        "last_name": record.last_name,
        "birth_name": record.birth_name if fold(record.birth_name) != fold(record.last_name) else "",
        "birth_on": date.fromisoformat(record.birth_on) if record.birth_on else None,
        "street": record.street,
        "access": record.access,
        "postcode": record.postcode,
        "city": record.city,
        "insee": record.insee,
        "lives_alone": bool(record.lives_alone),
        "has_pets": bool(record.has_pets),
        "has_stairs": bool(record.has_stairs),
        "talk_note": record.talk_note,
        "home_note": record.home_note,
        "telecare_number": record.telecare_number,
    }
    if record.telecare_number:
        values["telecare_operator_id"] = operator_id
    return NewFile(values, record.phones, record.contacts)


def additions(
    record: Record, person: Person, operator_id: int | None
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """What the line knows and her file does not; and where both say something else: her file is then kept as it is."""
    values = new_file(record, operator_id).values
    adds: dict[str, Any] = {}
    differs: list[tuple[str, str]] = []
    for key in FILLED:
        told, held = values.get(key), getattr(person, key)
        if told in ("", None, "none"):
            continue
        if held in ("", None, "none"):
            adds[key] = told.isoformat() if isinstance(told, date) else told
        elif not _alike(key, told, held):
            differs.append((key, str(told.strftime("%d/%m/%Y") if isinstance(told, date) else told)[:60]))
    if "telecare_number" in adds:
        if person.telecare_operator_id is None and not _unit_taken(operator_id, adds["telecare_number"]):
            adds["telecare_operator_id"] = operator_id
        else:
            del adds["telecare_number"]
    for key in FLAGS:
        if getattr(record, key) and not getattr(person, key):
            adds[key] = True
    had = [number.e164 for number in person.phones.all()]
    fresh = [(e164, raw) for e164, raw in record.phones if e164 not in had]
    if fresh and len(had) + len(fresh) <= 6:
        adds["phones"] = fresh
    known = {(fold(contact.name), contact.phone) for contact in person.contacts.all()}
    dialled = {contact.phone for contact in person.contacts.all() if contact.phone}
    around = [
        one
        for one in record.contacts
        if (fold(one["name"]), one.get("phone", "")) not in known
        and (not one.get("phone") or one["phone"] not in dialled)
    ]
    if around:
        adds["contacts"] = around
    return adds, differs


def _alike(key: str, told: Any, held: Any) -> bool:
    if key == "street":
        return key_of(str(told)) == key_of(str(held))
    if isinstance(told, str):
        return fold(told) == fold(str(held)) or key in ("access", "talk_note", "home_note")
    return bool(told == held)


def _unit_taken(operator_id: int | None, number: str) -> bool:
    return Person.objects.filter(telecare_operator_id=operator_id, telecare_number=number).exists()


def _row(number: int, place: int, outcome: str, **values: Any) -> dict[str, Any]:
    return {
        "number": number, "place": place, "outcome": outcome, "name": "", "told": {}, "problems": [], "remarks": [],
        "match_id": None, "match": {}, "adds": {},
    } | values  # fmt: skip


def _plain(problems: Sequence[records.Problem]) -> list[list[str]]:
    return [[one.field, one.code, str(typed.clean(one.value))] for one in problems]


def _batches(lines: Iterator[Read], size: int) -> Iterator[list[Read]]:
    while batch := list(islice(lines, size)):
        yield batch
