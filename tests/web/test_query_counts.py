"""What a page asks of the database, statement by statement, with two rows on it and with twenty.

The expected lists are read like a story: who is it, what is behind the wall, what the page shows. Each line is the
function that asks and the first words of its statement. A page that asks more than it did fails here, and says where.
Written with real transactions, so that the opening of a request is the one of production.
"""

import re
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from palier.calls import operations as calls
from palier.concerns.operations import open_concern
from palier.kernel import clock
from palier.people.operations import add_contact
from palier.territories import walls
from tests import factories
from tests.web.client import desk_client

pytestmark = pytest.mark.django_db(transaction=True)

SOURCE = Path(walls.__file__).resolve().parents[1]
ENTERING = [
    "web/desk.py find_session: select … accounts_session",
    "territories/walls.py inside: set transaction read only",
    "territories/walls.py inside: select set_config",
    "territories/walls.py inside: select … accounts_membership",
]
CHANGING = [line for line in ENTERING if "read only" not in line]


@contextmanager
def asked() -> Iterator[list[str]]:
    """The statements of the block: `file function: first words`."""
    found: list[str] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        found.append(f"{_who_asks()}: {_head(str(sql))}")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield found


def _who_asks() -> str:
    for frame in reversed(traceback.extract_stack()):
        file = Path(frame.filename)
        if file.is_relative_to(SOURCE) and file.name != "statements.py":
            return f"{file.relative_to(SOURCE)} {frame.name}"
    return "elsewhere"


def _head(sql: str) -> str:
    # Without what stands between brackets: whom a row may be shown to, what is counted beside it.
    outer = sql
    while (shorter := re.sub(r"\([^()]*\)", "", outer)) != outer:
        outer = shorter
    words = outer.replace('"', "").split()
    verb = words[0].lower()
    table = {"select": "from", "insert": "into", "delete": "from"}.get(verb)
    if verb == "update":
        return f"update {words[1]}"
    if "savepoint" in sql.lower():
        return verb
    lower = [word.lower() for word in words]
    tables = [word for word, before in zip(words[1:], lower, strict=False) if before == table and "_" in word]
    if not tables:
        return " ".join(lower[:2]).rstrip(",") if verb == "select" else " ".join(lower[:4])
    return f"{verb} … {tables[-1] if verb == 'select' else tables[0]}"


class Town:
    """A town whose desk has so many people, each with a concern, a number and somebody around her."""

    def __init__(self, count: int) -> None:
        with transaction.atomic():
            territory = factories.territory()
            self.member = factories.member(territory, "Bruno", "Petit", "agent")
            self.actor = factories.actor(self.member)
            self.people = [
                factories.person(territory, f"Odette {n}", "Marchand", phone=f"+3326191{4700 + n}")
                for n in range(count)
            ]
            for n, person in enumerate(self.people):
                open_concern(
                    person_id=person.pk, facts="Volets fermés.", owner_id=self.member.pk, actor=self.actor
                )  # fmt: skip
                add_contact(self.people[0].pk, name=f"Claire {n}", relation="child", actor=self.actor)
        self.territory = territory
        with walls.inside(territory.pk):
            self.client: Client = desk_client(self.member)

    def started_call(self) -> Any:
        with walls.inside(self.territory.pk):
            return calls.start_by_hand(actor=self.actor, person_id=self.people[0].pk)


@pytest.fixture(params=[2, 20])
def town(request: pytest.FixtureRequest) -> Iterator[Town]:
    with clock.at(factories.local(2026, 11, 12, 10, 20)):
        made = Town(request.param)
        # Tables, templates and sentences are read once a process, not once a page.
        made.client.get("/aujourdhui/")
        yield made


def page(town: Town, path: str) -> list[str]:
    with asked() as found:
        answer = town.client.get(path)
    assert answer.status_code == 200, path
    return found


def test_the_day_board(town: Town) -> None:
    assert page(town, "/aujourdhui/") == [
        *ENTERING,
        "web/today/queries.py board: select … duties_duty",
        "web/today/queries.py board: select … duties_duty",
        "web/today/queries.py board: select … duties_duty",
        "web/today/queries.py board: select … visits_visit",
        "web/today/queries.py board: select … duties_duty",
    ]


def test_the_list_of_people(town: Town) -> None:
    assert page(town, "/personnes/") == [
        *ENTERING,
        "web/people/queries.py listed: select … people_person",
    ]


def test_the_file_of_a_person_and_its_line_in_the_access_log(town: Town) -> None:
    assert page(town, f"/personnes/{town.people[0].pk}/") == [
        *ENTERING,
        "web/people/queries.py page_of: select … people_person",
        "web/people/queries.py page_of: select … people_person",
        "web/people/queries.py page_of: select … journal_entry",
        "journal/accesses.py note: select palier_note_access",
    ]


def test_the_page_of_a_call(town: Town) -> None:
    assert page(town, f"/telephone/{town.started_call().pk}/") == [
        *ENTERING,
        "web/phone/views.py _call: select … calls_call",
        "calls/queries.py draft_of: select … calls_calldraft",
        "web/phone/queries.py colleagues: select … accounts_membership",
        "web/phone/sheet.py person: select … people_person",
        "web/phone/sheet.py contacts: select … people_contact",
        "web/phone/queries.py reasons: select … calls_callreason",
        "web/phone/queries.py help_kinds: select … territories_helpkind",
        "web/phone/sheet.py territory: select … territories_territory",
        "web/phone/queries.py planned_calls: select … calls_plannedcall",
        "territories/hours.py calendar_of: select … territories_territory",
        "people/queries.py consents_of: select … people_consent",
        "web/phone/sheet.py dial: select … people_phonenumber",
        "web/phone/queries.py beside: select … calls_call",
        "web/phone/queries.py last_lines: select … journal_entry",
        "web/phone/queries.py owed: select … duties_duty",
        "journal/accesses.py note: select palier_note_access",
    ]


def test_saving_a_call(town: Town) -> None:
    call = town.started_call()
    with asked() as found:
        answer = town.client.post(
            f"/telephone/{call.pk}/",
            {
                "caller": f"p{town.people[0].pk}", "who": "self", "reasons": "talk", "mood": "as_usual",
                "words": "Elle va bien.", "next": "nothing",
            },
        )  # fmt: skip
    assert answer.status_code == 302
    assert found == [
        *CHANGING,
        "web/phone/queries.py to_write: select … calls_call",
        "web/phone/queries.py to_write: select … people_contact",
        "web/phone/queries.py to_write: select … calls_plannedcall",
        "web/phone/saving.py save: savepoint",
        "calls/operations/writing.py save_draft: insert … calls_calldraft",
        "calls/operations/writing.py read_and_lock: select … calls_call",
        "calls/operations/writing.py read_and_lock: select … people_person",
        "calls/operations/writing.py read_and_lock: select … calls_callreason",
        "calls/operations/writing.py _log: update calls_call",
        "calls/operations/writing.py _log: insert … calls_callforreason",
        "calls/operations/writing.py _log: update duties_duty",
        "calls/operations/writing.py _log: update people_person",
        "calls/operations/writing.py _log: select pg_notify",
        "journal/operations.py _insert: insert … journal_entry",
        "web/phone/saving.py save: release",
    ]
