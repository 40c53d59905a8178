"""Live updates, heard from the real server: a process of its own, PostgreSQL's NOTIFY, a browser's cookie."""

import http.client
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection, transaction

from palier.accounts.actor import Actor
from palier.accounts.models import Membership, Session
from palier.calls import operations as calls
from palier.journal import live
from palier.kernel import clock
from palier.territories import walls
from tests import factories
from tests.web.client import desk_client

PATIENCE = 30
ORIGIN = "http://desk.example"

# The server prints nothing when it is ready: it is asked until it answers.
START = "import sys; from palier.config.run_web import live; live(['--port', sys.argv[1]])"


class Stream:
    """An EventSource, in as few lines as possible."""

    def __init__(self, port: int, key: str, origin: str = ORIGIN) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        headers = {"Cookie": f"palier={key}"} | ({"Origin": origin} if origin else {})
        self.connection.request("GET", "/live/", headers=headers)
        self.answer = self.connection.getresponse()

    def close(self) -> None:
        self.answer.close()
        self.connection.close()

    def next(self) -> dict[str, Any] | None:
        """The next event with its cursor, past what only keeps the line open; None when the server ended it."""
        cursor = ""
        while line := self.answer.readline():
            text = line.decode().rstrip("\n")
            if text.startswith("id: "):
                cursor = text[4:]
            elif text.startswith("data: "):
                return {**json.loads(text[6:]), "cursor": cursor}
        return None

    def until(self, kind: str) -> dict[str, Any] | None:
        while (event := self.next()) is not None:
            if event["kind"] == kind:
                return event
        return None


@dataclass
class Town:
    pk: int
    membership: Membership
    key: str

    def ring(self, name: str) -> int:
        with walls.inside(self.pk):
            machine = Actor.machine("telephone", self.pk)
            return calls.ring(provider="pbx", call_key=name, number_raw="02 61 91 47 20", actor=machine).pk


def town(code: str, name: str, role: str = "agent") -> Town:
    with transaction.atomic():
        made = factories.territory(code, name)
        membership = factories.member(made, "Bruno", name, role)
        key = desk_client(membership).cookies["palier"].value
    return Town(made.pk, membership, key)


@dataclass
class Listening:
    """The server, and the streams a test opened on it."""

    port: int
    streams: list[Stream]

    def open(self, key: str, origin: str = ORIGIN) -> Stream:
        self.streams.append(Stream(self.port, key, origin))
        return self.streams[-1]


@pytest.fixture
def server(transactional_db: None) -> Iterator[Listening]:
    """The process that `palier live` is, on the tests' database."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "palier.config.settings_test",
        "PALIER_DB_NAME": connection.settings_dict["NAME"],
        "PALIER_PUBLIC_URL": ORIGIN,
    }
    process = subprocess.Popen(
        [sys.executable, "-c", START, str(port)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _attempt in range(PATIENCE * 10):
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=1):
                    break
            except OSError:
                if process.poll() is not None:
                    raise
                try:
                    process.wait(0.1)
                except subprocess.TimeoutExpired:
                    pass
        listening = Listening(port, [])
        yield listening
        for stream in listening.streams:
            stream.close()
    finally:
        process.terminate()
        process.wait(PATIENCE)


def test_a_ringing_telephone_is_heard_with_its_number_and_no_name(server: Listening) -> None:
    belrive = town("belrive", "Belrive")
    stream = server.open(belrive.key)
    assert stream.answer.status == 200
    assert stream.answer.headers["Content-Type"].startswith("text/event-stream")
    assert stream.answer.headers["X-Accel-Buffering"] == "no"
    assert stream.answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert stream.answer.headers["Access-Control-Allow-Credentials"] == "true"
    assert stream.until("hello")
    call = belrive.ring("one")
    event = stream.until("call")
    assert event is not None and event["id"] == call
    assert set(event) == {"kind", "id", "cursor"} and event["cursor"].startswith("t")


def test_two_territories_do_not_hear_each_other(server: Listening) -> None:
    belrive, valmont = town("belrive", "Belrive"), town("valmont", "Valmont")
    here, there = server.open(belrive.key), server.open(valmont.key)
    assert here.until("hello") and there.until("hello")
    first = belrive.ring("first")
    second = valmont.ring("second")
    # Valmont's first news is its own, though Belrive's came before.
    heard = there.until("call")
    assert heard is not None and heard["id"] == second
    heard = here.until("call")
    assert heard is not None and heard["id"] == first


def test_what_is_for_one_desk_is_not_told_to_another(server: Listening) -> None:
    belrive = town("belrive", "Belrive")
    with walls.inside(belrive.pk):
        other = factories.member(walls_town(belrive), "Alba", "Moreau", "coordinator")
        other_key = desk_client(other).cookies["palier"].value
    mine, theirs = server.open(belrive.key), server.open(other_key)
    assert mine.until("hello") and theirs.until("hello")
    with walls.inside(belrive.pk):
        live.publish(belrive.pk, "duty", 1, belrive.membership.pk)
        live.publish(belrive.pk, "duty", 2)
    heard = mine.until("duty")
    assert heard is not None and heard["id"] == 1
    heard = theirs.until("duty")
    assert heard is not None and heard["id"] == 2


def test_sec_03_a_membership_that_ends_ends_the_stream(server: Listening) -> None:
    belrive = town("belrive", "Belrive")
    stream = server.open(belrive.key)
    assert stream.until("hello")
    with walls.inside(belrive.pk):
        Membership.objects.filter(pk=belrive.membership.pk).update(ends_at=clock.now())
        live.publish(belrive.pk, "accounts.membership", belrive.membership.pk)
    stream.until("accounts.membership")
    assert stream.next() is None
    assert server.open(belrive.key).answer.status == 401


def test_an_ended_session_stops_hearing(server: Listening) -> None:
    belrive = town("belrive", "Belrive")
    stream = server.open(belrive.key)
    assert stream.until("hello")
    Session.objects.filter(pk=belrive.key).delete()
    with walls.inside(belrive.pk):
        live.publish(belrive.pk, "accounts.session", 0)
    stream.until("accounts.session")
    assert stream.next() is None


def test_a_database_that_drops_the_line_is_listened_to_again(server: Listening) -> None:
    belrive = town("belrive", "Belrive")
    stream = server.open(belrive.key)
    assert stream.until("hello")
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid() and query ilike 'listen %'"
        )
        assert cursor.fetchone()[0] == 1
    # The desk is let go, so that it asks what it missed; then it comes back.
    assert stream.next() is None
    again = server.open(belrive.key)
    assert again.answer.status == 200 and again.until("hello")
    call = belrive.ring("after")
    heard = again.until("call")
    assert heard is not None and heard["id"] == call


def test_who_has_no_place_at_the_desk_hears_nothing(server: Listening) -> None:
    caller = town("belrive", "Belrive", role="caller")
    assert server.open(caller.key).answer.status == 401
    assert server.open("nobody").answer.status == 401
    assert server.open("").answer.status == 401


def test_another_site_may_not_listen_with_the_cookie_of_this_one(server: Listening) -> None:
    belrive = town("belrive", "Belrive")
    assert server.open(belrive.key, origin="http://elsewhere.example").answer.status == 403
    assert server.open(belrive.key, origin="").answer.status == 200


def walls_town(town: Town) -> Any:
    from palier.territories.models import Territory

    return Territory.objects.get(pk=town.pk)
