"""What the registers do by themselves: silence becomes agreement, what was removed is erased."""

from procrastinate.contrib.django import app

from palier.accounts.actor import Actor
from palier.register import operations
from palier.territories import walls
from palier.territories.everywhere import run_everywhere


def agree_silent(territory_id: int) -> int:
    """Third parties' requests that nobody objected to count now; gives how many."""
    with walls.inside(territory_id):
        return operations.agree_silent(actor=Actor.job("register.agree", territory_id))


def purge(territory_id: int) -> int:
    """Erase what was removed; gives how many entries."""
    done = 0
    while True:
        with walls.inside(territory_id):
            step = operations.purge(actor=Actor.job("register.purge", territory_id))
        done += step
        if step < 500:
            return done


@app.periodic(cron="17 * * * *")
@app.task(name="register.agree", queue="upkeep", queueing_lock="register.agree")
def agree_everywhere(timestamp: int) -> None:
    run_everywhere(agree_silent)


@app.periodic(cron="47 * * * *")
@app.task(name="register.purge", queue="upkeep", queueing_lock="register.purge")
def purge_everywhere(timestamp: int) -> None:
    """Each hour: removed at noon, gone in the afternoon. The nightly retention is the second pair of hands."""
    run_everywhere(purge)
