"""The sender of `palier worker` as a program of its own, for the bench and for tests that kill it.

usage: outbox_sender.py DSN URL [--per-request N] [--lanes N] [--batch N] [--lease S] [--timeout S] [--once]
"""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

from palier.messaging.engine import Engine, Pace
from palier.messaging.transports import Gateway


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dsn")
    parser.add_argument("url")
    parser.add_argument("--per-request", type=int, default=1)
    parser.add_argument("--lanes", type=int, default=32)
    parser.add_argument("--batch", type=int, default=1000)
    parser.add_argument("--lease", type=float, default=40.0)
    parser.add_argument("--timeout", type=float, default=10.0)
    parser.add_argument("--spare", type=float, default=4.0)
    parser.add_argument("--once", action="store_true", help="the provider does not recognise a repeat")
    chosen = parser.parse_args()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    transport = Gateway(
        chosen.url,
        idempotent=not chosen.once,
        per_request=chosen.per_request,
        lanes=chosen.lanes,
        timeout=chosen.timeout,
    )
    pace = Pace(batch=chosen.batch, lease=chosen.lease, spare=chosen.spare, sweep=0.5)
    engine = Engine(chosen.dsn, {"sms": transport}, pace)
    await engine.run(stop)
    print(engine.counters, flush=True)


if __name__ == "__main__":
    asyncio.run(main())
