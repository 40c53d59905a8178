"""What is known after each way a provider can answer, or not: taken, refused, certainly not, unknown."""

import asyncio
import json
import socket
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from django.conf import LazySettings

from palier.kernel import clock
from palier.messaging.http_client import Connection, NotSent, Unanswered
from palier.messaging.letters import Kind, Letter, Result
from palier.messaging.transports import Demo, Gateway, Smtp, configured

Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Any]


def letter(number: int = 1) -> Letter:
    return Letter(
        number, 4, f"offer:{number}", "Belrive", "+33639980012", "", "Bonjour", "offer_taken", 0, clock.now()
    )


def answered(status: int, body: object = None, *, headers: str = "") -> Behaviour:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await read_request(reader)
            said = json.dumps(body).encode()
            writer.write(
                f"HTTP/1.1 {status} .\r\nContent-Length: {len(said)}\r\n{headers}\r\n".encode() + said
            )
            await writer.drain()

    return behave


async def read_request(reader: asyncio.StreamReader) -> tuple[str, Any]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    length = int(head.lower().split("content-length:")[1].split("\r\n")[0])
    return head, json.loads(await reader.readexactly(length))


def against(
    behave: Behaviour, letters: Sequence[Letter], times: int = 1, **options: Any
) -> list[list[Result]]:
    """Send against a server that behaves so."""

    async def work() -> list[list[Result]]:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await behave(reader, writer)
            except (asyncio.IncompleteReadError, ConnectionError):
                pass
            finally:
                writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        gateway = Gateway(f"http://127.0.0.1:{port}/send", **({"timeout": 2.0} | options))
        try:
            return [await gateway.send(letters) for _ in range(times)]
        finally:
            await gateway.close()
            server.close()

    return asyncio.run(work())


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, [{"key": "4:offer:1", "id": "x"}], Kind.ACCEPTED),
        (200, [{"key": "4:offer:1", "state": "refused", "reason": "bad number"}], Kind.REFUSED),
        # An answer that speaks of something else tells nothing about our message.
        (200, [{"key": "4:offer:9", "id": "x"}], Kind.AMBIGUOUS),
        (200, "what?", Kind.AMBIGUOUS),
        (400, {}, Kind.REFUSED),
        (422, {}, Kind.REFUSED),
        (401, {}, Kind.BUSY),
        (429, {}, Kind.BUSY),
        (503, {}, Kind.BUSY),
        (500, {}, Kind.AMBIGUOUS),
        (502, {}, Kind.AMBIGUOUS),
        (504, {}, Kind.AMBIGUOUS),
        (302, {}, Kind.AMBIGUOUS),
    ],
)
def test_what_each_answer_means(status: int, body: object, expected: Kind) -> None:
    assert against(answered(status, body), [letter()])[0][0].kind is expected


def test_one_bad_message_of_several_does_not_condemn_the_others() -> None:
    assert [r.kind for r in against(answered(400, {}), [letter(1), letter(2)])[0]] == [Kind.BUSY, Kind.BUSY]
    mixed = [{"key": "4:offer:2", "id": "b"}, {"key": "4:offer:1", "state": "refused", "reason": "no\nsuch"}]
    results = against(answered(200, mixed), [letter(1), letter(2)])[0]
    assert [(r.kind, r.provider_id, r.error) for r in results] == [
        (Kind.REFUSED, "", "no such"),
        (Kind.ACCEPTED, "b", ""),
    ]


def test_the_key_the_sender_and_our_right_to_send_are_in_the_request() -> None:
    seen: list[tuple[str, Any]] = []

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await read_request(reader))
        writer.write(b"HTTP/1.1 503 .\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()

    against(behave, [letter()], token="a secret")
    head, body = seen[0]
    assert "Authorization: Bearer a secret" in head
    assert body == [{"key": "4:offer:1", "sender": "Belrive", "to": "+33639980012", "text": "Bonjour"}]


def test_a_connection_that_breaks_after_the_request_leaves_a_doubt() -> None:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)

    assert against(behave, [letter()])[0][0].kind is Kind.AMBIGUOUS


def test_an_answer_that_does_not_come_leaves_a_doubt() -> None:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        await reader.read()

    assert against(behave, [letter()], timeout=0.2)[0][0].kind is Kind.AMBIGUOUS


def test_half_an_answer_is_none() -> None:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n[{"key": "4:offer:1"')
        await writer.drain()

    assert against(behave, [letter()])[0][0].kind is Kind.AMBIGUOUS


def test_nobody_there_is_certainly_not_sent() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    results = asyncio.run(Gateway(f"http://127.0.0.1:{port}/send").send([letter()]))
    assert results[0].kind is Kind.BUSY


def test_a_connection_is_kept_and_replaced_when_the_provider_closes_it() -> None:
    connections = 0

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await answered(200, [{"key": "4:offer:1", "id": "x"}])(reader, writer)

    results = against(behave, [letter()], times=3)
    assert [r[0].kind for r in results] == [Kind.ACCEPTED] * 3 and connections == 1

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await answered(200, [{"key": "4:offer:1"}], headers="Connection: close\r\n")(reader, writer)

    results = against(once, [letter()], times=3)
    assert [r[0].kind for r in results] == [Kind.ACCEPTED] * 3 and connections == 4


def test_an_answer_in_chunks_is_read_whole() -> None:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await read_request(reader)
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for part in (b'[{"key": "4:of', b'fer:1", "id": "x"}]'):
                writer.write(b"%x\r\n%b\r\n" % (len(part), part))
            writer.write(b"0\r\n\r\n")
            await writer.drain()

    assert [r[0].provider_id for r in against(behave, [letter()], times=2)] == ["x", "x"]


@pytest.mark.parametrize(
    "answer", [b"garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"]
)
def test_nonsense_is_a_doubt_and_no_fault_of_ours(answer: bytes) -> None:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(answer)
        await writer.drain()

    assert against(behave, [letter()])[0][0].kind is Kind.AMBIGUOUS


def test_the_client_tells_not_sent_from_unanswered() -> None:
    async def work() -> None:
        server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(Unanswered):
            await Connection(f"http://127.0.0.1:{port}/").post(b"[]", {}, timeout=1)
        server.close()
        await server.wait_closed()
        with pytest.raises(NotSent):
            await Connection(f"http://127.0.0.1:{port}/").post(b"[]", {}, timeout=1)

    asyncio.run(work())
    with pytest.raises(ValueError, match="not an http address"):
        Connection("ftp://provider.example/")


def test_the_demo_telephones_give_the_same_identity_to_a_repeat() -> None:
    first, second = Demo().answer([letter(), letter()])
    assert first == second and first.delivered and first.kind is Kind.ACCEPTED


@pytest.fixture
def chosen(settings: LazySettings) -> Iterator[LazySettings]:
    settings.SMS_TRANSPORT, settings.MAIL_TRANSPORT = "demo", "demo"
    yield settings


def test_the_settings_choose_the_transports(chosen: LazySettings) -> None:
    assert {channel: one.name for channel, one in configured().items()} == {"sms": "demo", "email": "demo"}
    chosen.SMS_TRANSPORT, chosen.MAIL_TRANSPORT = "gateway", "smtp"
    chosen.SMS_URL, chosen.SMS_IDEMPOTENT, chosen.SMS_PER_SECOND = "https://sms.example/send", False, 20
    sms, mail = configured()["sms"], configured()["email"]
    assert (sms.name, sms.idempotent, sms.per_second) == ("gateway", False, 20)
    assert isinstance(mail, Smtp) and not mail.idempotent
    chosen.SMS_TRANSPORT = "pigeon"
    with pytest.raises(ValueError, match="pigeon"):
        configured()
