"""What duties do by themselves, each minute: the overdue ones climb."""

import logging

from procrastinate.contrib.django import app

from palier.accounts.actor import Actor
from palier.duties import operations
from palier.duties.models import Duty
from palier.kernel import clock
from palier.territories import walls
from palier.territories.everywhere import run_everywhere

logger = logging.getLogger("palier.duties")


def climb_due(territory_id: int) -> int:
    """Take every duty that is due to climb one step up; gives how many climbed.

    One transaction each: a duty that another worker holds is left to it, and one that fails does not stop the rest.
    """
    actor = Actor.job("duties.climb", territory_id)
    with walls.inside(territory_id):
        due = list(
            Duty.objects.open()
            .filter(climbs_at__lte=clock.now())
            .order_by("climbs_at", "pk")
            .values_list("pk", flat=True)
        )
    climbed = failed = 0
    for duty_id in due:
        try:
            with walls.inside(territory_id):
                climbed += operations.climb(duty_id, actor=actor) is not None
        except Exception:
            logger.exception("duty %s could not climb", duty_id)
            failed += 1
    if failed:
        raise RuntimeError(f"{failed} duties could not climb")
    return climbed


@app.periodic(cron="* * * * *")
@app.task(name="duties.climb", queue="upkeep", queueing_lock="duties.climb")
def climb_everywhere(timestamp: int) -> None:
    run_everywhere(climb_due)
