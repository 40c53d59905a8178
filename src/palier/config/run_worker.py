"""Run the queued and periodic jobs, and beside them the sending of messages."""

import argparse
import asyncio
import signal

# Jobs take ids and are cut into pieces; one that is interrupted is given back to the queue and runs again.
SECONDS_TO_FINISH = 3.0


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
    if not jobs:
        _stop_at_signals(stop)
        await engine.run(stop)
        return
    sending = asyncio.create_task(engine.run(stop)) if messages else None
    working = asyncio.create_task(_work(concurrency=concurrency, once=once))
    try:
        await asyncio.wait([task for task in (sending, working) if task], return_when=asyncio.FIRST_COMPLETED)
    finally:
        stop.set()
        if sending and not working.done():
            # Nobody asked: the sending failed. Whoever watches over this process starts it again.
            working.cancel()
        await asyncio.gather(*(task for task in (sending, working) if task), return_exceptions=True)
    for task in (sending, working):
        if task and not task.cancelled():
            task.result()


async def _work(*, concurrency: int, once: bool) -> None:
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.django_connector import DjangoConnector

    assert isinstance(app.connector, DjangoConnector)
    # Django's own connections are synchronous; the worker listens for new jobs, and needs its pool.
    with app.replace_connector(app.connector.get_worker_connector()) as running:
        async with running.open_async():
            # It takes the signals to stop by itself, and returns when its jobs are done.
            await running.run_worker_async(
                concurrency=concurrency, wait=not once, shutdown_graceful_timeout=SECONDS_TO_FINISH
            )


def _stop_at_signals(stop: asyncio.Event) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
