"""Each night the retention rules are applied, one job for each territory."""

from procrastinate.contrib.django import app

from palier.kernel import clock
from palier.privacy import operations
from palier.territories.models import Territory


@app.periodic(cron="40 2 * * *")
@app.task(name="privacy.apply", queue="upkeep", queueing_lock="privacy.apply")
def apply(timestamp: int) -> None:
    """What belongs to the whole installation at once; each territory in a job of its own."""
    operations.apply_to_installation(at=clock.now())
    for territory_id in Territory.objects.order_by("pk").values_list("pk", flat=True):
        apply_in_territory.defer(territory_id=territory_id)


@app.task(name="privacy.apply_in_territory", queue="upkeep", retry=2)
def apply_in_territory(*, territory_id: int) -> None:
    """Does a minute's work; while there is more, asks for another run."""
    report = operations.apply_to(Territory.objects.get(pk=territory_id), at=clock.now())
    if not report.is_finished:
        apply_in_territory.defer(territory_id=territory_id)
    if report.failed:
        raise RuntimeError(f"retention failed: {', '.join(report.failed)}")
