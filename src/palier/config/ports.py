"""Free ports, and who holds those that are not."""

import os
import socket
from pathlib import Path


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As the servers do; a port on which somebody listens is refused all the same.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def first_free(start: int, *, tries: int = 21, taken: frozenset[int] = frozenset()) -> int | None:
    """The first port from `start` on that nobody listens on, or None."""
    for port in range(start, min(start + tries, 65536)):
        if port not in taken and is_free(port):
            return port
    return None


def who_listens(port: int) -> str | None:
    """The process that listens on a port, as `1234 (python3 -m http.server)`; None if not ours to see."""
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            rows = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for row in rows:
            columns = row.split()
            if columns[3] == "0A" and int(columns[1].rpartition(":")[2], 16) == port:  # 0A is LISTEN
                inodes.add(f"socket:[{columns[9]}]")
    if not inodes:
        return None
    for entry in filter(str.isdecimal, os.listdir("/proc")):
        try:
            handles = list(Path(f"/proc/{entry}/fd").iterdir())
            if not any(os.readlink(handle) in inodes for handle in handles):
                continue
            command = (
                Path(f"/proc/{entry}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            )
        except OSError:
            continue
        return f"{entry} ({command.strip()[:80]})"
    return None
