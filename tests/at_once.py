"""Two people at once, for real: threads with connections of their own, each behind the wall."""

import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.utils import translation

from palier.kernel import clock
from palier.territories import walls


def at_once(territory_id: int, moment: datetime, *steps: Callable[[], Any]) -> list[Any]:
    """Run every step in its own thread and transaction; gives what each returned, or what it raised."""
    start = threading.Barrier(len(steps))
    results: list[Any] = [None] * len(steps)

    def run(place: int, step: Callable[[], Any]) -> None:
        try:
            with clock.at(moment), translation.override("fr"):
                start.wait(timeout=10)
                with walls.inside(territory_id):
                    results[place] = step()
        except Exception as refusal:  # given back to the test, which says which ones it expects
            results[place] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place, step)) for place, step in enumerate(steps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return results


class Meeting:
    """A place in the code where both wait for each other, if the lock before it lets both come."""

    def __init__(self, people: int = 2, patience: float = 0.7) -> None:
        self._barrier = threading.Barrier(people)
        self._patience = patience

    def wait(self) -> None:
        try:
            self._barrier.wait(timeout=self._patience)
        except threading.BrokenBarrierError:
            pass


@pytest.fixture(autouse=True)
def every_open_thing_has_a_name(request: pytest.FixtureRequest) -> Iterator[None]:
    """What is checked at commit is checked at the end of each test too, which is rolled back instead."""
    if "belrive" in request.fixturenames:
        request.getfixturevalue("belrive")
    yield
    if "belrive" in request.fixturenames:
        with connection.cursor() as cursor:
            cursor.execute("set constraints all immediate")
