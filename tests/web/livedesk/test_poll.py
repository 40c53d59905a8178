"""The desk without a stream: what changed since a cursor, numbers only."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from palier.accounts.actor import Actor
from palier.calls import operations as calls
from palier.kernel import clock
from palier.people.operations import create_person
from palier.territories import walls
from palier.web.livedesk import queries
from tests import factories
from tests.web.client import desk_client


def asked(client: Any, cursor: str = "") -> dict[str, Any]:
    answer = client.get("/nouveautes/", {"after": cursor} if cursor else {})
    assert answer.status_code == 200
    return json.loads(answer.content)


def ring(town: Any, name: str = "one") -> Any:
    return calls.ring(
        provider="pbx", call_key=name, number_raw="02 61 91 47 20", actor=Actor.machine("pbx", town.pk)
    )


def test_the_first_question_begins_at_the_present(belrive: Any, bruno: Any) -> None:
    ring(belrive)
    assert asked(desk_client(bruno))["events"] == []


def test_a_ringing_call_is_told_once(belrive: Any, bruno: Any) -> None:
    client = desk_client(bruno)
    cursor = asked(client)["last"]
    ring(belrive)
    news = asked(client, cursor)
    assert news["events"] == [{"kind": "call", "id": 0}]
    assert asked(client, news["last"])["events"] == []


def test_a_change_is_told_once_with_its_kind_and_number(belrive: Any, bruno: Any) -> None:
    client = desk_client(bruno)
    cursor = asked(client)["last"]
    person = create_person(first_name="Yvonne", last_name="Thibaut", actor=bruno)
    news = asked(client, cursor)
    assert {"kind": "people.person", "id": person.pk} in news["events"]
    assert asked(client, news["last"])["events"] == []


def test_a_line_that_commits_late_is_told_all_the_same(belrive: Any, bruno: Any) -> None:
    """Numbers are given before the commit: a line may appear below the last that was told."""
    cursor = queries.news_since("").last
    with connection.cursor() as sql:
        sql.execute("select nextval('journal_entry_id_seq')")
        early = sql.fetchone()[0]
    create_person(first_name="Yvonne", last_name="Thibaut", actor=bruno)
    cursor = queries.news_since(cursor).last
    with connection.cursor() as sql:
        sql.execute(
            "insert into journal_entry (id, territory_id, code, at, actor_kind, actor_name, subject_kind, subject_id, data,"
            " personal) values (%s, %s, 'x.y', now(), 'job', 'x', 'needs.need', 7, '{}', '{}')",
            [early, belrive.pk],
        )
    assert queries.news_since(cursor).events == [{"kind": "needs.need", "id": 7}]


def test_the_cursor_of_a_stream_is_understood(belrive: Any, bruno: Any) -> None:
    moment = f"t{int(clock.now().timestamp() * 1000)}"
    create_person(first_name="Yvonne", last_name="Thibaut", actor=bruno)
    kinds = [event["kind"] for event in queries.news_since(moment).events]
    assert "people.person" in kinds and "call" in kinds


@pytest.mark.parametrize(
    "cursor", ["x", "i~", "t", "i9999999999999999999~", "i1.zzzzz~ab", "t99999999999999999", "\x00"]
)
def test_a_forged_cursor_begins_at_the_present(belrive: Any, bruno: Any, cursor: str) -> None:
    assert isinstance(asked(desk_client(bruno), cursor)["events"], list)


def test_another_territory_is_not_heard(belrive: Any, bruno: Any, carla: Any) -> None:
    client = desk_client(bruno)
    cursor = asked(client)["last"]
    walls.enter(carla.territory_id)
    create_person(first_name="Yvonne", last_name="Thibaut", actor=carla)
    calls.start_by_hand(actor=carla)
    walls.enter(belrive.pk)
    assert asked(client, cursor)["events"] == []


def test_only_the_desk_asks(belrive: Any) -> None:
    caller = factories.member(belrive, "Julien", "Roux", "caller")
    assert desk_client(caller).get("/nouveautes/").status_code == 403


def test_signed_out_the_script_is_told_so(belrive: Any, bruno: Any, client: Any) -> None:
    assert client.get("/nouveautes/", headers={"X-Requested-With": "palier"}).status_code == 401


def test_the_question_costs_three_statements_however_much_changed(belrive: Any, bruno: Any) -> None:
    cursor = queries.news_since("").last
    for name in range(20):
        ring(belrive, str(name))
    with CaptureQueriesContext(
        connection,
    ) as spent:
        queries.news_since(cursor)
    assert len(spent) == 3


def test_sec_08_a_desk_left_alone_closes_although_its_pages_keep_asking(belrive: Any, bruno: Any) -> None:
    client = desk_client(bruno)
    now = clock.now()
    for minutes in range(2, 32, 2):
        with clock.at(now + timedelta(minutes=minutes)):
            client.get("/nouveautes/")
            client.get(
                "/telephone/",
                headers={"HX-Request": "true", "HX-Trigger": "en-cours", "HX-Target": "en-cours"},
            )
    with clock.at(now + timedelta(minutes=32)):
        assert client.get("/nouveautes/", headers={"X-Requested-With": "palier"}).status_code == 401


def test_sec_08_somebody_who_works_stays_signed_in(belrive: Any, bruno: Any) -> None:
    client = desk_client(bruno)
    now = clock.now()
    for minutes in range(10, 60, 10):
        with clock.at(now + timedelta(minutes=minutes)):
            assert client.get("/telephone/").status_code == 200
