"""Neighbours whose rest is over can be asked again."""

from procrastinate.contrib.django import app

from palier.accounts.actor import Actor
from palier.territories import walls
from palier.territories.models import Territory
from palier.volunteers import operations


@app.periodic(cron="7 * * * *")
@app.task(name="volunteers.come_back_due", queue="upkeep", queueing_lock="volunteers.come_back_due")
def come_back_due(timestamp: int) -> None:
    for territory_id in Territory.objects.order_by("pk").values_list("pk", flat=True):
        with walls.inside(territory_id):
            operations.come_back_due(actor=Actor.job("volunteers.come_back_due", territory_id))
