"""How long messages are kept: a year for their content and their fate (compliance reference, retention)."""

from datetime import datetime, timedelta

from palier.messaging.letters import SECRET
from palier.messaging.models import Inbound, Message

CONTENT = timedelta(days=365)
SECRETS = timedelta(hours=2)


def blank_old(territory_id: int, at: datetime) -> int:
    """Empty what was written a year ago, and any secret link at once; gives how many messages changed.

    The row stays: who was written to, when, and whether it arrived are part of the thread of a need.
    """
    old = Message.objects.filter(territory_id=territory_id, created_at__lt=at - CONTENT).exclude(body="")
    secret = Message.objects.filter(
        territory_id=territory_id, template__in=SECRET, created_at__lt=at - SECRETS
    ).exclude(body="")
    count = old.update(body="", subject="") + secret.update(body="")
    count += (
        Inbound.objects.filter(territory_id=territory_id, received_at__lt=at - CONTENT)
        .exclude(body="")
        .update(body="")
    )
    return count


def forget_address(territory_id: int, address: str) -> int:
    """Blank everything exchanged with an address whose owner is erased; suppression stays, so that STOP holds."""
    count = Message.objects.filter(territory_id=territory_id, to=address).update(body="", subject="", to="")
    return count + Inbound.objects.filter(territory_id=territory_id, sender=address).update(
        body="", sender=""
    )
