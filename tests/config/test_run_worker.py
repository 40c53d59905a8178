"""The worker: queue and sending side by side, through a database that comes and goes."""

import asyncio
import os
import signal
from collections.abc import Callable

import pytest

from palier.config import run_worker


class Queue:
    """Stands in for procrastinate's worker: ends, or fails, as often as it is told to, and then runs."""

    def __init__(self, *ends: BaseException | None) -> None:
        self.ends = list(ends)
        self.begun = 0
        self.cancelled = False

    async def work(self, *, concurrency: int, once: bool) -> None:
        self.begun += 1
        if self.ends:
            if error := self.ends.pop(0):
                raise error
            return
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            self.cancelled = True
            raise


async def sends(stop: asyncio.Event) -> None:
    await stop.wait()


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def run_with(
        queue: Queue,
        *,
        database: bool = True,
        sending: object = sends,
        once: bool = False,
        ask_to_stop: bool = True,
    ) -> None:
        monkeypatch.setattr(run_worker, "_work_until_trouble", queue.work)
        monkeypatch.setattr(run_worker, "_database_answers", lambda: database)
        monkeypatch.setattr("palier.messaging.engine.run", sending)

        async def all_of_it() -> None:
            if ask_to_stop:
                asyncio.get_running_loop().call_later(1.5, os.kill, os.getpid(), signal.SIGTERM)
            await run_worker._run(concurrency=1, once=once, jobs=True, messages=not once)

        asyncio.run(all_of_it())

    return run_with


def test_a_signal_to_end_stops_queue_and_sending(run: Callable[..., None]) -> None:
    queue = Queue()
    run(queue)
    assert queue.cancelled


def test_a_queue_that_loses_its_database_is_taken_up_again(run: Callable[..., None]) -> None:
    queue = Queue(None)
    run(queue, database=False)
    assert queue.begun == 2
    queue = Queue(ConnectionError("away"))
    run(queue, database=False)
    assert queue.begun == 2


def test_a_queue_that_fails_at_once_beside_a_database_that_answers_is_an_error(
    run: Callable[..., None],
) -> None:
    with pytest.raises(LookupError, match="no such table"):
        run(Queue(LookupError("no such table")), ask_to_stop=False)
    with pytest.raises(RuntimeError, match="ends as soon as it is begun"):
        run(Queue(None), ask_to_stop=False)


def test_when_the_sending_fails_the_queue_stops_and_the_process_says_why(run: Callable[..., None]) -> None:
    async def fails(stop: asyncio.Event) -> None:
        raise OSError("no provider")

    queue = Queue()
    with pytest.raises(OSError, match="no provider"):
        run(queue, sending=fails, ask_to_stop=False)
    assert queue.cancelled


def test_once_ends_when_no_job_is_left(run: Callable[..., None]) -> None:
    queue = Queue(None)
    run(queue, once=True, ask_to_stop=False)
    assert queue.begun == 1
