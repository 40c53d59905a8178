"""What matching does by itself, each minute: widening the waves whose time is over."""

from procrastinate.contrib.django import app

from palier.accounts.actor import Actor
from palier.matching import operations
from palier.territories.everywhere import run_everywhere


def widen_due(territory_id: int) -> int:
    """Widen what is due in one territory; gives how many waves were over. Running twice has one effect."""
    return operations.widen_due(actor=Actor.job("matching.widen", territory_id))


@app.periodic(cron="* * * * *")
@app.task(name="matching.widen", queue="upkeep", queueing_lock="matching.widen")
def widen_everywhere(timestamp: int) -> None:
    run_everywhere(widen_due)
