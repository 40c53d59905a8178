"""What happens around visits by itself: the reminder, the missing proof, the question afterwards, the conclusion."""

from procrastinate.contrib.django import app

from palier.accounts.actor import Actor
from palier.territories.everywhere import run_everywhere
from palier.visits import operations


def remind_due(territory_id: int) -> int:
    """Remind neighbours the day before; gives how many were."""
    return operations.remind_due(actor=Actor.job("visits.remind", territory_id))


def miss_due(territory_id: int) -> int:
    """Give visits without a proof to somebody once their time is over; gives how many."""
    return operations.miss_due(actor=Actor.job("visits.miss", territory_id))


def ask_after(territory_id: int) -> int:
    """Ask neighbours how it went, and close the threads where all is well; gives how many of both."""
    asked = operations.ask_neighbours(actor=Actor.job("visits.ask_after", territory_id))
    return asked + operations.conclude_silent(actor=Actor.job("visits.conclude", territory_id))


@app.periodic(cron="*/5 * * * *")
@app.task(name="visits.remind", queue="upkeep", queueing_lock="visits.remind")
def remind_everywhere(timestamp: int) -> None:
    run_everywhere(remind_due)


@app.periodic(cron="* * * * *")
@app.task(name="visits.miss", queue="upkeep", queueing_lock="visits.miss")
def miss_everywhere(timestamp: int) -> None:
    run_everywhere(miss_due)


@app.periodic(cron="*/5 * * * *")
@app.task(name="visits.ask_after", queue="upkeep", queueing_lock="visits.ask_after")
def ask_after_everywhere(timestamp: int) -> None:
    run_everywhere(ask_after)
