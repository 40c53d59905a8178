"""The little HTTP the sender speaks: one request at a time on a kept connection; failure told exactly.

A general client hides the one thing that matters here: whether the request may have reached the other side.
"""

import asyncio
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

LARGEST_ANSWER = 4_000_000


class NotSent(Exception):
    """No byte of the request left: it was certainly not taken."""


class Unanswered(Exception):
    """The request left, wholly or in part, and no whole answer came: it may have been taken."""


class Connection:
    """One kept connection to one address; opened when needed, closed after any failure."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"not an http address: {url!r}")
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._host = parts.hostname
        self._port = parts.port or (443 if self._tls else 80)
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._authority = parts.netloc.rpartition("@")[2]
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def post(self, body: bytes, headers: Mapping[str, str], *, timeout: float) -> tuple[int, bytes]:
        """Status and body. Raises NotSent or Unanswered, and nothing else that the network can do."""
        deadline = asyncio.get_running_loop().time() + timeout
        if self._writer is None or self._writer.is_closing():
            try:
                async with asyncio.timeout_at(deadline):
                    self._reader, self._writer = await asyncio.open_connection(
                        self._host, self._port, ssl=self._tls, limit=65536
                    )
            except (OSError, TimeoutError) as error:
                self.close()
                raise NotSent(str(error) or "no connection in time") from error
        assert self._reader is not None and self._writer is not None
        lines = [
            f"POST {self._path} HTTP/1.1",
            f"Host: {self._authority}",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        whole = False
        try:
            async with asyncio.timeout_at(deadline):
                self._writer.write("\r\n".join(lines).encode("ascii") + b"\r\n\r\n" + body)
                await self._writer.drain()
                status, answer, keep = await self._read()
                whole = True
        except (OSError, EOFError, TimeoutError, ValueError, asyncio.LimitOverrunError) as error:
            raise Unanswered(str(error) or type(error).__name__) from error
        finally:
            # Also when the task is cancelled in the middle: what comes next on this connection is not ours to
            # read.
            if not whole:
                self.close()
        if not keep:
            self.close()
        return status, answer

    async def _read(self) -> tuple[int, bytes, bool]:
        assert self._reader is not None
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        version, _, rest = head[0].partition(" ")
        status = int(rest[:3])
        headers = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(":") for line in head[1:] if line)
        }
        if 100 <= status < 200:
            return await self._read()
        keep = headers.get("connection", "").lower() != "close" and version == "HTTP/1.1"
        if "chunked" in headers.get("transfer-encoding", "").lower():
            return status, await self._chunks(), keep
        if "content-length" in headers:
            length = int(headers["content-length"])
            if length > LARGEST_ANSWER:
                raise ValueError("the answer is too large")
            return status, await self._reader.readexactly(length), keep
        if status in (204, 304):
            return status, b"", keep
        return status, await self._reader.read(LARGEST_ANSWER), False

    async def _chunks(self) -> bytes:
        assert self._reader is not None
        parts, total = [], 0
        while size := int((await self._reader.readuntil(b"\r\n")).split(b";")[0], 16):
            total += size
            if total > LARGEST_ANSWER:
                raise ValueError("the answer is too large")
            parts.append(await self._reader.readexactly(size))
            await self._reader.readexactly(2)
        while await self._reader.readuntil(b"\r\n") != b"\r\n":
            pass
        return b"".join(parts)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None
