"""Serve the pages (WSGI) and the live updates (ASGI) with granian."""

import argparse
from pathlib import Path

from granian import Granian
from granian.constants import Interfaces

# A page that takes longer than this has lost its reader; an open event stream never ends by itself.
SECONDS_TO_FINISH = 3


def web(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="palier web", description="Serve the pages.")
    _add_address(parser, 8000)
    parser.add_argument("--workers", type=int, default=2, help="processes (default 2)")
    parser.add_argument(
        "--threads", type=int, default=4, help="requests a process answers at once (default 4)"
    )
    chosen = parser.parse_args(arguments)
    Granian(
        "palier.config.wsgi:application",
        address=chosen.host,
        port=chosen.port,
        uds=chosen.socket,
        interface=Interfaces.WSGI,
        workers=chosen.workers,
        blocking_threads=chosen.threads,
        websockets=False,
        log_access=chosen.access_log,
        respawn_failed_workers=True,
        workers_kill_timeout=SECONDS_TO_FINISH,
        process_name=None,
    ).serve()
    return 0


def live(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="palier live", description="Serve the live updates.")
    _add_address(parser, 8001)
    chosen = parser.parse_args(arguments)
    # One process: it holds one LISTEN connection, and a thousand idle streams cost it 80 MB.
    Granian(
        "palier.web.live:application",
        address=chosen.host,
        port=chosen.port,
        uds=chosen.socket,
        interface=Interfaces.ASGINL,
        workers=1,
        websockets=False,
        log_access=chosen.access_log,
        respawn_failed_workers=True,
        workers_kill_timeout=1,
    ).serve()
    return 0


def _add_address(parser: argparse.ArgumentParser, port: int) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, default=port, help=f"port to listen on (default {port})")
    parser.add_argument("--socket", type=Path, help="listen on a Unix socket instead")
    parser.add_argument("--access-log", action="store_true", help="log each request (with its address)")
