"""The ways out of the house: the demo's telephones, an SMS provider over HTTP, a mail server.

A transport says after each sending what is known, never more: taken, refused, certainly not taken, or
unknown. `idempotent` is its promise that the same key twice is one message; without it an unknown is never
repeated.
"""

import asyncio
import hashlib
import json
import smtplib
import threading
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Protocol

from palier.messaging.http_client import Connection, NotSent, Unanswered
from palier.messaging.letters import Kind, Letter, Result


class Transport(Protocol):
    name: str
    idempotent: bool
    # How many letters go into one call, how many calls are made at once, how long one may take.
    per_request: int
    lanes: int
    timeout: float
    # The provider's own limit; None when it has none.
    per_second: float | None
    # Whether a secret link stays readable after sending: on the demo's telephones only.
    keeps_secrets: bool

    async def send(self, letters: Sequence[Letter]) -> list[Result]:
        """One result for each letter, in order; raises nothing that the other side can cause."""
        ...

    async def close(self) -> None: ...


class Demo:
    """The demo's telephones: everything arrives at once, and is read on a page."""

    name = "demo"
    idempotent = True
    per_request = 100
    lanes = 1
    timeout = 5.0
    per_second: float | None = None
    keeps_secrets = True

    async def send(self, letters: Sequence[Letter]) -> list[Result]:
        return self.answer(letters)

    def answer(self, letters: Sequence[Letter]) -> list[Result]:
        """The same without waiting, for `drain`."""
        return [
            Result(Kind.ACCEPTED, str(uuid.uuid5(uuid.NAMESPACE_OID, letter.provider_key)), delivered=True)
            for letter in letters
        ]

    async def close(self) -> None:
        return None


class Gateway:
    """An SMS provider that takes JSON over HTTP and recognises a repeat by our key.

    Sent: `[{"key", "sender", "to", "text"}]`. Answered: 200 with
    `[{"key", "id", "state": "accepted"|"refused", "reason"}]`, where the state may be left
    out when accepted. 429 and 503 mean: not taken, try again.
    """

    name = "gateway"
    idempotent = True
    keeps_secrets = False

    def __init__(
        self,
        url: str,
        *,
        token: str = "",
        idempotent: bool = True,
        per_request: int = 1,
        lanes: int = 32,
        timeout: float = 10.0,
        per_second: float | None = None,
    ) -> None:
        self.idempotent, self.per_request, self.lanes = idempotent, per_request, lanes
        self.timeout, self.per_second = timeout, per_second
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._free: list[Connection] = []

    async def send(self, letters: Sequence[Letter]) -> list[Result]:
        connection = self._free.pop() if self._free else Connection(self._url)
        body = json.dumps(
            [
                {"key": letter.provider_key, "sender": letter.sender, "to": letter.to, "text": letter.body}
                for letter in letters
            ]
        ).encode()
        try:
            status, answer = await connection.post(body, self._headers, timeout=self.timeout)
        except NotSent as error:
            return [Result(Kind.BUSY, error=f"not reached: {error}"[:200])] * len(letters)
        except Unanswered as error:
            return [Result(Kind.AMBIGUOUS, error=f"no answer: {error}"[:200])] * len(letters)
        finally:
            self._free.append(connection)
        if status == 200:
            return _read_answers(letters, answer)
        return [_by_status(status, alone=len(letters) == 1)] * len(letters)

    async def close(self) -> None:
        while self._free:
            self._free.pop().close()


def _by_status(status: int, *, alone: bool) -> Result:
    error = f"answered {status}"
    if status in (401, 403, 404, 408, 425, 429, 503):
        # Our account or their load, not this message: it was not taken.
        return Result(Kind.BUSY, error=error)
    if 400 <= status < 500:
        return Result(Kind.REFUSED if alone else Kind.BUSY, error=error)
    # 500, 502, 504: something broke on the way, before or after it was taken.
    return Result(Kind.AMBIGUOUS, error=error)


def _read_answers(letters: Sequence[Letter], answer: bytes) -> list[Result]:
    try:
        said: dict[str, dict[str, Any]] = {one["key"]: one for one in json.loads(answer)}  # JSON from outside
    except (ValueError, TypeError, KeyError):
        said = {}
    return [_read_one(said.get(letter.provider_key)) for letter in letters]


def _read_one(one: dict[str, Any] | None) -> Result:
    if one is None:
        return Result(Kind.AMBIGUOUS, error="the answer does not name this message")
    if one.get("state") == "refused":
        return Result(Kind.REFUSED, error=" ".join(str(one.get("reason", "refused")).split())[:200])
    return Result(Kind.ACCEPTED, str(one.get("id", ""))[:80])


class Smtp:
    """A mail server. After DATA a lost answer leaves us not knowing, and mail has no key to repeat with."""

    name = "smtp"
    idempotent = False
    per_request = 1
    lanes = 2
    per_second: float | None = None
    keeps_secrets = False

    def __init__(
        self,
        host: str,
        port: int,
        *,
        user: str = "",
        password: str = "",
        starttls: bool = False,
        sender: str,
        timeout: float = 15.0,
    ) -> None:
        self.timeout = timeout
        self._settings: dict[str, Any] = {  # what Django's backend takes, of several types
            "host": host,
            "port": port,
            "username": user,
            "password": password,
            "use_tls": starttls,
            "timeout": timeout,
        }
        self._sender = sender
        self._free: list[Any] = []  # Django's backends, which have no type of their own

    async def send(self, letters: Sequence[Letter]) -> list[Result]:
        return [await _in_a_thread(self._send, letter) for letter in letters]

    def _send(self, letter: Letter) -> Result:
        kept = self._free.pop() if self._free else None
        result, backend = self._try(letter, kept)
        if kept is not None and backend is None and result.kind is Kind.BUSY:
            # The server had closed a connection that was kept too long; a fresh one says what is the matter.
            result, backend = self._try(letter, None)
        if backend is not None:
            self._free.append(backend)
        return result

    def _try(self, letter: Letter, backend: Any) -> tuple[Result, Any]:
        from palier.messaging.smtp_backend import NotingBackend, message_of

        backend = backend or NotingBackend(**self._settings)
        message_id = message_id_of(letter, self._sender)
        backend.reached_data = False
        try:
            backend.open()
            backend.send_messages([message_of(letter, self._sender, message_id)])
        except smtplib.SMTPResponseException as error:
            result = self._answered(error.smtp_code, error.smtp_error)
        except smtplib.SMTPRecipientsRefused as error:
            result = self._answered(*next(iter(error.recipients.values())))
        except ValueError as error:
            # Django refuses a header with a line break in it.
            result = Result(Kind.REFUSED, error=str(error)[:200])
        except (smtplib.SMTPException, OSError) as error:
            kind = Kind.AMBIGUOUS if backend.reached_data else Kind.BUSY
            result = Result(kind, error=f"{type(error).__name__}: {error}"[:200])
        else:
            return Result(Kind.ACCEPTED, message_id[:80]), backend
        backend.forget()
        return result, None

    @staticmethod
    def _answered(code: int, text: bytes | str) -> Result:
        said = text.decode(errors="replace") if isinstance(text, bytes) else text
        kind = Kind.REFUSED if code >= 500 and code not in (530, 535) else Kind.BUSY
        return Result(kind, error=f"{code} {said}"[:200])

    async def close(self) -> None:
        while self._free:
            self._free.pop().forget()


async def _in_a_thread(work: Callable[[Letter], Result], letter: Letter) -> Result:
    """Run what blocks in a thread that nobody waits for: a mail server that hangs must not hold us up."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Result] = loop.create_future()

    def settle(result: Result) -> None:
        if not answer.done():
            answer.set_result(result)

    def run() -> None:
        try:
            result = work(letter)
        except Exception as error:  # a fault of ours, after which nobody knows
            result = Result(Kind.AMBIGUOUS, error=f"{type(error).__name__}: {error}"[:200])
        with suppress(RuntimeError):  # the loop is closed: the sender has stopped
            loop.call_soon_threadsafe(settle, result)

    threading.Thread(target=run, daemon=True, name="palier-mail").start()
    return await answer


def message_id_of(letter: Letter, sender: str) -> str:
    """The same for every try of one message, so that a mailbox that got two can tell."""
    digest = hashlib.sha256(letter.provider_key.encode()).hexdigest()[:40]
    return f"<{digest}@{sender.rpartition('@')[2].strip('<> ') or 'localhost'}>"


def configured() -> dict[str, Transport]:
    """The transports of the settings, by channel."""
    from django.conf import settings

    sms: Transport
    match settings.SMS_TRANSPORT:
        case "demo":
            sms = Demo()
        case "gateway":
            sms = Gateway(
                settings.SMS_URL,
                token=settings.SMS_TOKEN,
                idempotent=settings.SMS_IDEMPOTENT,
                per_request=settings.SMS_PER_REQUEST,
                lanes=settings.SMS_LANES,
                per_second=settings.SMS_PER_SECOND or None,
            )
        case "":
            raise ValueError(
                "PALIER_SMS_TRANSPORT is not set: without it no text message would ever leave (gateway)"
            )
        case other:
            raise ValueError(f"PALIER_SMS_TRANSPORT: there is no transport {other!r} (demo, gateway)")
    mail: Transport
    match settings.MAIL_TRANSPORT:
        case "demo":
            mail = Demo()
        case "smtp":
            mail = Smtp(
                settings.EMAIL_HOST,
                settings.EMAIL_PORT,
                user=settings.EMAIL_HOST_USER,
                password=settings.EMAIL_HOST_PASSWORD,
                starttls=settings.EMAIL_USE_TLS,
                sender=settings.DEFAULT_FROM_EMAIL,
                timeout=settings.EMAIL_TIMEOUT,
            )
        case other:
            raise ValueError(f"PALIER_MAIL_TRANSPORT: there is no transport {other!r} (demo, smtp)")
    return {"sms": sms, "email": mail}
