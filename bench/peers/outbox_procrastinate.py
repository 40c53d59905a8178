"""The peer of the outbox: procrastinate as documented, one job per message, deferred in batches,
sixteen at once in each worker, a retry a second later."""

import asyncio
import json
import logging
from typing import Any

import procrastinate


class Gone(Exception):
    """The provider did not answer, or was busy: the job is tried again."""


class Connection:
    """The least that speaks to the provider: kept open, no checks."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.writer: asyncio.StreamWriter | None = None

    async def send(self, letters: list[dict[str, str]]) -> Any:
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        body = json.dumps(letters).encode()
        try:
            self.writer.write(
                b"POST /send HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
            )
            await self.writer.drain()
            head = await self.reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            answer = await self.reader.readexactly(length)
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            self.writer = None
            raise Gone from error
        if b" 200 " not in head[:16]:
            raise Gone
        return json.loads(answer)


def application(dsn: str, port: int) -> procrastinate.App:
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=dsn, min_size=2, max_size=20))
    free: list[Connection] = []

    @app.task(name="sms", queue="sms", retry=procrastinate.RetryStrategy(max_attempts=20, wait=1))
    async def sms(key: str, to: str) -> None:
        connection = free.pop() if free else Connection(port)
        try:
            await connection.send([{"key": key, "to": to}])
        finally:
            free.append(connection)

    return app


async def fill(dsn: str, n: int) -> None:
    app = application(dsn, 0)
    async with app.open_async():
        task = app.tasks["sms"]
        for start in range(0, n, 5000):
            await task.batch_defer_async(
                *[
                    {"key": f"1:c-{i}", "to": f"+3363998{i % 10000:04d}"}
                    for i in range(start, min(n, start + 5000))
                ]
            )


def work(dsn: str, port: int) -> None:
    """One worker process, until it is ended."""
    logging.disable(logging.CRITICAL)

    async def run() -> None:
        app = application(dsn, port)
        async with app.open_async():
            await app.run_worker_async(
                queues=["sms"],
                concurrency=16,
                wait=True,
                fetch_job_polling_interval=0.2,
                delete_jobs="never",
                install_signal_handlers=False,
            )

    asyncio.run(run())
