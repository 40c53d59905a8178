"""A pretended SMS provider on loopback, with the faults of real ones; used by the bench and by the tests.

POST /send takes `[{"key", "to", …}]` and answers `[{"key", "id"}]`. Some requests get 503 and are not taken,
some are taken and never answered (the case that makes naive senders send twice), some are slow. A repeated
key is one message, unless the provider is --forgetful: then every request that is taken is one more.

POST /stats tells what happened, POST /reset forgets it, POST /doubled gives the keys that were sent twice.
"""

import argparse
import asyncio
import json
import random


class Provider:
    def __init__(
        self, *, busy: float, silent: float, slow: float, seconds: float, forgetful: bool, seed: int
    ) -> None:
        self.busy, self.silent, self.slow, self.seconds, self.forgetful = (
            busy,
            silent,
            slow,
            seconds,
            forgetful,
        )
        self.random = random.Random(seed)
        self.forget()

    def forget(self) -> None:
        self.requests = self.repeats = 0
        # How many messages a telephone got, by key.
        self.messages: dict[str, int] = {}

    def take(self, letters: list[dict[str, str]]) -> None:
        for letter in letters:
            key = letter["key"]
            if key in self.messages:
                self.repeats += 1
                self.messages[key] += self.forgetful
            else:
                self.messages[key] = 1

    async def answer(self, path: str, body: bytes) -> tuple[int, bytes] | None:
        """Status and body; None closes the connection without an answer."""
        if path == "/reset":
            self.forget()
            return 200, b"{}"
        if path == "/stats":
            said = {
                "requests": self.requests,
                "distinct": len(self.messages),
                "messages": sum(self.messages.values()),
                "repeats": self.repeats,
            }
            return 200, json.dumps(said).encode()
        if path == "/doubled":
            return 200, json.dumps([key for key, count in self.messages.items() if count > 1]).encode()
        self.requests += 1
        letters = json.loads(body)
        luck = self.random.random()
        if luck < self.busy:
            return 503, b"{}"
        self.take(letters)
        if luck < self.busy + self.silent:
            return None
        if luck < self.busy + self.silent + self.slow:
            await asyncio.sleep(self.seconds)
        return 200, json.dumps([{"key": one["key"], "id": f"g-{one['key']}"} for one in letters]).encode()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = 0
                for line in head.split(b"\r\n"):
                    if line.lower().startswith(b"content-length:"):
                        length = int(line.split(b":")[1])
                body = await reader.readexactly(length) if length else b""
                answer = await self.answer(head.split(b" ", 2)[1].decode(), body)
                if answer is None:
                    return
                status, said = answer
                writer.write(b"HTTP/1.1 %d .\r\nContent-Length: %d\r\n\r\n" % (status, len(said)) + said)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--busy", type=float, default=0.03)
    parser.add_argument("--silent", type=float, default=0.01)
    parser.add_argument("--slow", type=float, default=0.005)
    parser.add_argument("--seconds", type=float, default=0.2)
    parser.add_argument("--forgetful", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    chosen = vars(parser.parse_args())
    port = chosen.pop("port")
    provider = Provider(**chosen)
    server = await asyncio.start_server(provider.serve, "127.0.0.1", port, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
