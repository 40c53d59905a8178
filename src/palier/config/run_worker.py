"""Run the queued and periodic jobs."""

import argparse
import asyncio

# Jobs take ids and are cut into pieces; one that is interrupted is given back to the queue and runs again.
SECONDS_TO_FINISH = 3.0


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="palier worker", description="Run the jobs and send the messages.")
    parser.add_argument("--concurrency", type=int, default=4, help="jobs run at once (default 4)")
    parser.add_argument("--once", action="store_true", help="stop when no job is left")
    chosen = parser.parse_args(arguments)

    import django

    django.setup()
    asyncio.run(_run(concurrency=chosen.concurrency, once=chosen.once))
    return 0


async def _run(*, concurrency: int, once: bool) -> None:
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.django_connector import DjangoConnector

    assert isinstance(app.connector, DjangoConnector)
    # Django's own connections are synchronous; the worker listens for new jobs, and needs its pool.
    with app.replace_connector(app.connector.get_worker_connector()) as running:
        async with running.open_async():
            await running.run_worker_async(
                concurrency=concurrency, wait=not once, shutdown_graceful_timeout=SECONDS_TO_FINISH
            )
