"""How far a long work is, told on a connection beside its transaction: others see it move before anything is written."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connection, connections

from palier.exchange.models import Import, Progress
from palier.kernel import clock
from palier.territories.walls import SET_WALL

_SELDOM = 0.7
TELL = "update exchange_progress set done = %s, total = %s, updated_at = %s where source_id = %s"


class Teller:
    """Writes at most every other second; a line that cannot be written is not worth stopping for."""

    def __init__(self, source: Import) -> None:
        self.source = source
        self._beside = connections.create_connection("default")
        self._last = 0.0

    def tell(self, done: int, total: int, *, now: bool = False) -> None:
        if not now and time.monotonic() - self._last < _SELDOM:
            return
        self._last = time.monotonic()
        try:
            with self._beside.cursor() as cursor:
                cursor.execute("begin")
                cursor.execute("set local lock_timeout = '500ms'")
                cursor.execute(SET_WALL, [str(self.source.territory_id)])
                cursor.execute(TELL, [done, total, clock.now(), self.source.pk])
                cursor.execute("commit")
        except DatabaseError:
            self._beside.close()

    def close(self) -> None:
        self._beside.close()


@contextmanager
def telling(source: Import) -> Iterator[Teller]:
    teller = Teller(source)
    try:
        yield teller
    finally:
        teller.close()


def begin(source: Import, total: int = 0) -> None:
    """Nothing done yet; in the transaction that asks for the work."""
    now = clock.now()
    Progress.objects.update_or_create(
        source=source,
        defaults={
            "territory_id": source.territory_id,
            "done": 0,
            "total": total,
            "started_at": now,
            "updated_at": now,
        },
    )


def check_now() -> None:
    """What is checked at commit is checked now: a hundred thousand waiting checks are one long wait at the end."""
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("set constraints all deferred")
