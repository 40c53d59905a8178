"""Run the queued and periodic jobs, and beside them the sending of messages."""

import argparse
import asyncio
import logging
import signal
import time

logger = logging.getLogger("palier.worker")

# Jobs take ids and are cut into pieces; one that is interrupted is given back to the queue and runs again.
SECONDS_TO_FINISH = 3.0
SECONDS_OF_TRIAL = 3.0


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="palier worker", description="Run the jobs and send the messages.")
    parser.add_argument("--concurrency", type=int, default=4, help="jobs run at once (default 4)")
    parser.add_argument(
        "--only", choices=("jobs", "messages"), help="one of both, where each has a process of its own"
    )
    parser.add_argument(
        "--once", action="store_true", help="run the jobs that are due, send nothing, and stop"
    )
    chosen = parser.parse_args(arguments)

    import django

    django.setup()
    asyncio.run(
        _run(
            concurrency=chosen.concurrency,
            once=chosen.once,
            jobs=chosen.only != "messages",
            messages=chosen.only != "jobs" and not chosen.once,
        )
    )
    return 0


async def _run(*, concurrency: int, once: bool, jobs: bool, messages: bool) -> None:
    """Both until a signal asks to stop; when one of them fails, the other stops as well."""
    from palier.messaging import engine

    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    tasks = []
    if jobs:
        tasks.append(asyncio.create_task(_work(stop, concurrency=concurrency, once=once)))
    if messages:
        tasks.append(asyncio.create_task(engine.run(stop)))
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stop.set()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
    for end in ends:
        if isinstance(end, BaseException):
            # Whoever watches over this process starts it again.
            raise end


async def _work(stop: asyncio.Event, *, concurrency: int, once: bool) -> None:
    """Run the queue; procrastinate's worker ends when the database goes away, and is then begun again."""
    asked = asyncio.create_task(stop.wait())
    while True:
        since = time.monotonic()
        work = asyncio.create_task(_work_until_trouble(concurrency=concurrency, once=once))
        await asyncio.wait([work, asked], return_when=asyncio.FIRST_COMPLETED)
        if stop.is_set():
            # It finishes what it can in the time it has.
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
            return
        error = work.exception()
        # Ending at once although the database answers is no passing trouble, say tables that are missing.
        short = time.monotonic() - since < SECONDS_OF_TRIAL
        if once or (short and await asyncio.to_thread(_database_answers)):
            asked.cancel()
            if error:
                raise error
            if once:
                return
            raise RuntimeError("The queue ends as soon as it is begun; the log says why.")
        logger.warning("The queue was interrupted and is taken up again.")
        await asyncio.wait([asked], timeout=1.0)


async def _work_until_trouble(*, concurrency: int, once: bool) -> None:
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.django_connector import DjangoConnector

    assert isinstance(app.connector, DjangoConnector)
    # Django's own connections are synchronous; the worker listens for new jobs, and needs its pool.
    with app.replace_connector(app.connector.get_worker_connector()) as running:
        async with running.open_async():
            await running.run_worker_async(
                concurrency=concurrency,
                wait=not once,
                shutdown_graceful_timeout=SECONDS_TO_FINISH,
                install_signal_handlers=False,
            )


def _database_answers() -> bool:
    from django.db import DatabaseError, connection

    try:
        connection.close()
        connection.ensure_connection()
    except DatabaseError:
        return False
    finally:
        connection.close()
    return True
