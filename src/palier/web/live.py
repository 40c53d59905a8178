"""Live updates: one small ASGI application that says « kind, number » to open desks, never a name.

Pages are served by WSGI; a stream that stays open for hours would hold one of their threads. One process holds one
LISTEN connection; what PostgreSQL notifies at commit (journal.live) is handed to the streams of that territory.
While no stream comes, desks ask `live_poll` every two seconds.
"""

import asyncio
import json
import logging
import os
import random
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from datetime import timedelta
from http.cookies import CookieError, SimpleCookie
from typing import Any

import django
from django.apps import apps

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "palier.config.settings")
if not apps.ready:
    django.setup()

import psycopg
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import close_old_connections
from django.utils.crypto import constant_time_compare

from palier.accounts.session import SessionStore
from palier.journal.live import CHANNEL
from palier.kernel import clock
from palier.territories import walls
from palier.web import desk

logger = logging.getLogger("palier.live")

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

SECONDS_BETWEEN_HEARTBEATS = 25.0
SECONDS_BETWEEN_CHECKS = 60.0
# A desk that reads more slowly than this is let go: it comes back, and asks what it missed.
LONGEST_QUEUE = 100
LONGEST_PAUSE = 5.0
# A call that one desk answered must stop ringing on all the others.
KINDS_FOR_ALL = frozenset({"call"})
# These end somebody's right to listen; whoever they may concern is checked at once.
ENDING_KINDS = frozenset({"accounts.membership", "accounts.session", "accounts.user"})


# --- who may listen ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody listens: their membership of one territory."""

    territory_id: int
    membership_id: int


def place_of(session_key: str) -> Place | None:
    """The place of a session that is still good, by the rules of the pages; it does not prolong the session.

    None when it expired, was idle too long, was ended, when the password changed, or the membership ended.
    """
    close_old_connections()
    sitting = desk.find_session(session_key)
    now = clock.now()
    if (
        sitting is None
        or sitting.territory_id is None
        or sitting.expires_at <= now
        or not sitting.user.is_active
    ):
        return None
    if sitting.seen_at + timedelta(seconds=settings.SESSION_IDLE_SECONDS) <= now:
        return None
    data = SessionStore().decode(sitting.data)
    if not constant_time_compare(data.get("_auth_user_hash", ""), sitting.user.get_session_auth_hash()):
        return None
    with walls.inside(sitting.territory_id, read_only=True):
        found = desk.find_desk(sitting, now)
    if found is None or not found.actor.is_desk or found.actor.membership_id is None:
        return None
    return Place(sitting.territory_id, found.actor.membership_id)


_place_of = sync_to_async(place_of, thread_sensitive=True)


# --- what is heard ----------------------------------------------------------------------------------------------


@dataclass(eq=False, slots=True)
class Stream:
    """One open desk."""

    place: Place
    queue: asyncio.Queue[str | None] = field(default_factory=lambda: asyncio.Queue(LONGEST_QUEUE))
    look_again: asyncio.Event = field(default_factory=asyncio.Event)
    is_over: bool = False

    def put(self, line: str) -> None:
        if self.is_over:
            return
        try:
            self.queue.put_nowait(line)
        except asyncio.QueueFull:
            self.end()

    def end(self) -> None:
        """Let the browser come back, and ask what it missed meanwhile."""
        self.is_over = True
        while not self.queue.empty():
            self.queue.get_nowait()
        self.queue.put_nowait(None)


class Hub:
    """The one LISTEN connection of this process, and the streams it feeds."""

    def __init__(self) -> None:
        self.streams: dict[int, set[Stream]] = {}
        self.listening = asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    async def join(self, stream: Stream) -> None:
        """From now on the stream hears its territory. Waits for the first LISTEN; raises TimeoutError without one."""
        self.streams.setdefault(stream.place.territory_id, set()).add(stream)
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self._listen(), name="palier-live")
        async with asyncio.timeout(LONGEST_PAUSE):
            await self.listening.wait()

    def leave(self, stream: Stream) -> None:
        here = self.streams.get(stream.place.territory_id, set())
        here.discard(stream)
        if not here:
            self.streams.pop(stream.place.territory_id, None)

    async def _listen(self) -> None:
        pause = 0.2
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    **_parameters(), autocommit=True
                ) as connection:
                    await connection.execute(f"listen {CHANNEL}")
                    self.listening.set()
                    pause = 0.2
                    async for notice in connection.notifies():
                        self.tell(notice.payload)
            except (psycopg.Error, OSError) as error:
                logger.warning("live updates lost the database: %s", type(error).__name__)
            self.listening.clear()
            # What happens meanwhile is not heard: every desk is let go, asks by itself, and comes back.
            for streams in self.streams.values():
                for stream in streams:
                    stream.end()
            await asyncio.sleep(pause * random.uniform(0.8, 1.2))
            pause = min(LONGEST_PAUSE, pause * 2)

    def tell(self, payload: str) -> None:
        try:
            news = json.loads(payload)
            territory_id, kind, number, whom = (
                news["territory"],
                str(news["kind"]),
                int(news["id"]),
                news.get("for"),
            )
        except (ValueError, KeyError, TypeError):
            logger.error("a live payload could not be read")
            return
        line = event(kind, number)
        for stream in tuple(self.streams.get(territory_id, ())):
            if whom is None or kind in KINDS_FOR_ALL or whom == stream.place.membership_id:
                stream.put(line)
                if kind in ENDING_KINDS:
                    stream.look_again.set()


def event(kind: str, number: int) -> str:
    """One event. Its id is the cursor `live_poll` goes on from when the stream breaks."""
    return f"id: t{int(clock.now().timestamp() * 1000)}\ndata: {json.dumps({'kind': kind, 'id': number})}\n\n"


def _parameters() -> dict[str, Any]:
    database = settings.DATABASES["default"]
    return {
        "host": database["HOST"] or None,
        "port": database["PORT"] or None,
        "dbname": database["NAME"],
        "user": database["USER"],
        "password": database["PASSWORD"] or None,
        "connect_timeout": 5,
        # A database that vanished without a word is noticed in half a minute.
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
    }


hub = Hub()


# --- the application --------------------------------------------------------------------------------------------


async def application(scope: Message, receive: Receive, send: Send) -> None:
    if scope["type"] != "http":
        return
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    origin = headers.get("origin", "")
    if scope["path"] not in ("/live/", "/live"):
        await _answer(send, 404)
    elif scope["method"] != "GET":
        await _answer(send, 405)
    elif origin and origin != settings.PUBLIC_URL:
        # Another site may not listen with the cookie of this one.
        await _answer(send, 403)
    else:
        await _serve(headers, origin, receive, send)


async def _serve(headers: dict[str, str], origin: str, receive: Receive, send: Send) -> None:
    key = _session_key(headers.get("cookie", ""))
    try:
        place = await _place_of(key) if key else None
    except DatabaseError as error:
        logger.warning("live updates have no database: %s", type(error).__name__)
        await _answer(send, 503, origin)
        return
    if place is None:
        await _answer(send, 401, origin)
        return
    stream = Stream(place)
    try:
        await hub.join(stream)
    except TimeoutError:
        hub.leave(stream)
        await _answer(send, 503, origin)
        return
    try:
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": _headers(
                    origin,
                    (b"content-type", b"text/event-stream; charset=utf-8"),
                    (b"x-accel-buffering", b"no"),
                ),
            }
        )
        # The first word carries a cursor, for a stream that breaks before any news.
        await _write(send, "retry: 2000\n" + event("hello", 0))
        await _first_of(_feed(stream, send), _watch(stream, key), _gone(receive))
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    except OSError:
        # The browser left while it was being written to.
        pass
    finally:
        hub.leave(stream)


async def _feed(stream: Stream, send: Send) -> None:
    while True:
        try:
            line = await asyncio.wait_for(stream.queue.get(), SECONDS_BETWEEN_HEARTBEATS)
        except TimeoutError:
            line = ": \n\n"
        if line is None:
            return
        await _write(send, line)


async def _watch(stream: Stream, key: str) -> None:
    """Ends when the session or the membership has ended (SEC-03)."""
    while True:
        try:
            await asyncio.wait_for(stream.look_again.wait(), SECONDS_BETWEEN_CHECKS)
        except TimeoutError:
            pass
        stream.look_again.clear()
        try:
            if await _place_of(key) != stream.place:
                return
        except DatabaseError:
            # Nobody is let in or kept without the database: the hub ends all streams by itself.
            return


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _first_of(*waits: Awaitable[None]) -> None:
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        done, _others = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _write(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _answer(send: Send, status: int, origin: str = "") -> None:
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": _headers(origin, (b"content-length", b"0")),
        }
    )
    await send({"type": "http.response.body", "body": b""})


def _headers(origin: str, *more: tuple[bytes, bytes]) -> list[tuple[bytes, bytes]]:
    headers = [(b"cache-control", b"no-store"), (b"vary", b"Origin, Cookie"), *more]
    if origin:
        headers += [
            (b"access-control-allow-origin", origin.encode("latin-1")),
            (b"access-control-allow-credentials", b"true"),
        ]
    return headers


def _session_key(cookies: str) -> str:
    try:
        morsel = SimpleCookie(cookies).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return ""
    return morsel.value if morsel else ""
