"""Put out the light when the supervisor is killed: run as a program, standard library only.

The supervisor writes here what it has started (`+group 12`, `-group 12`, `+server 34`,
`-server 34`). However it ends, `kill -9` included, its end of the pipe closes; whatever is
then still on the list is stopped, process groups first, the database server last.
"""

import os
import signal
import sys
import time

SECONDS_TO_FINISH = 4.0


def _alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _signal_group(group: int, number: int) -> None:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        pass


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    kept: dict[str, set[int]] = {"group": set(), "server": set()}
    for line in sys.stdin:
        verb, process = line.split()
        sign, kind = verb[0], verb[1:]
        if sign == "+":
            kept[kind].add(int(process))
        else:
            kept[kind].discard(int(process))

    for group in kept["group"]:
        _signal_group(group, signal.SIGTERM)
    until = time.monotonic() + SECONDS_TO_FINISH
    while any(map(_alive, kept["group"])) and time.monotonic() < until:
        time.sleep(0.05)
    for group in kept["group"]:
        _signal_group(group, signal.SIGKILL)
    for server in kept["server"]:
        try:
            os.kill(server, signal.SIGINT)  # PostgreSQL's "fast" shutdown
        except (ProcessLookupError, PermissionError):
            pass


if __name__ == "__main__":
    main()
