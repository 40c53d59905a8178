"""Each night every file is compared with every other; what was written under a hidden file goes where it belongs."""

from procrastinate.contrib.django import app

from palier.accounts.actor import Actor
from palier.people import operations
from palier.territories import walls
from palier.territories.everywhere import run_everywhere


def find_doubles(territory_id: int) -> int:
    """Gives how many pairs are new on the list."""
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
