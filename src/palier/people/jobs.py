"""Comparing every file with every other at night. What keeps people findable: those without their search rows get them, names nobody bears any more leave the vocabulary."""

from collections.abc import Callable

from procrastinate.contrib.django import app

from palier.accounts.actor import Actor
from palier.people import indexing, operations
from palier.territories import walls
from palier.territories.everywhere import run_everywhere
from palier.territories.models import Territory

BATCH = 500
# A job stops after so many people, and asks for another one.
MOST = 10_000


def index_waiting(
    territory_id: int,
    *,
    most: int = MOST,
    again: bool = False,
    say: Callable[[int], None] = lambda count: None,
) -> tuple[int, bool]:
    """Write the search rows of those who have none (`again`: of everybody), a batch a transaction.

    May be stopped at any time and begun anew: what is written is not done twice. Gives how many, and whether all are done.
    """
    done = after = 0
    while done < most:
        with walls.inside(territory_id):
            ids = indexing.waiting(after, min(BATCH, most - done), all_of_them=again)
            if not ids:
                return done, True
            done += indexing.index_again(territory_id, ids)
        after = ids[-1]
        say(done)
    return done, False


def forget_unused(territory_id: int) -> int:
    """Take the names that nobody bears any more out of the vocabulary, a batch a transaction."""
    with walls.inside(territory_id, read_only=True):
        unused = indexing.unused_words(territory_id)
    gone = 0
    for start in range(0, len(unused), BATCH):
        with walls.inside(territory_id):
            gone += indexing.forget_words(territory_id, unused[start : start + BATCH])
    return gone


@app.periodic(cron="50 3 * * *")
@app.task(name="people.tidy_search", queue="upkeep", queueing_lock="people.tidy_search")
def tidy_everywhere(timestamp: int) -> None:
    """After the retention rules of the night: who was blanked then is in nobody's vocabulary by four."""
    for territory_id in Territory.objects.order_by("pk").values_list("pk", flat=True):
        tidy_search.defer(territory_id=territory_id)


@app.task(name="people.tidy_search_in_territory", queue="upkeep", retry=2)
def tidy_search(*, territory_id: int) -> None:
    _done, is_finished = index_waiting(territory_id)
    if not is_finished:
        tidy_search.defer(territory_id=territory_id)
        return
    forget_unused(territory_id)


def find_doubles(territory_id: int) -> int:
    """Compare all files, and bring what was written under a hidden file where it belongs; gives how many pairs are new."""
    actor = Actor.job("people.doubles", territory_id)
    with walls.inside(territory_id):
        operations.sweep_strays(actor=actor)
    with walls.inside(territory_id):
        return operations.propose_doubles(actor=actor)


@app.periodic(cron="20 3 * * *")
@app.task(name="people.doubles", queue="upkeep", queueing_lock="people.doubles")
def find_doubles_everywhere(timestamp: int) -> None:
    run_everywhere(find_doubles)


@app.task(name="people.doubles_here", queue="upkeep", retry=1)
def find_doubles_here(*, territory_id: int) -> None:
    """At will: somebody asked for it on the page."""
    find_doubles(territory_id)
