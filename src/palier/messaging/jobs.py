"""What the sender may not do, having no right to anything but the outbox: done behind each wall in turn."""

from procrastinate.contrib.django import app

from palier.accounts.actor import Actor
from palier.messaging import operations, queries
from palier.territories import walls
from palier.territories.models import Territory


def care_for_territory(territory_id: int) -> int:
    """Hand what failed, or may or may not have left, to somebody; give what the night overtook a new time."""
    actor = Actor.job("messaging.care", territory_id)
    with walls.inside(territory_id):
        operations.wake_the_held(actor=actor)
        messages = queries.in_trouble(territory_id)
        for message in messages:
            operations.ask_for_care(message, actor=actor)
        return len(messages)


@app.periodic(cron="* * * * *")
@app.task(name="messaging.care_for_messages", queue="upkeep", queueing_lock="messaging.care_for_messages")
def care_for_messages(timestamp: int) -> None:
    for territory_id in Territory.objects.order_by("pk").values_list("pk", flat=True):
        care_for_territory(territory_id)
