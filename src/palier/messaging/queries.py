"""Reads of the outbox: the demo telephones, the figures, what may be sent to an address."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from palier.messaging.models import Inbound, Message, Suppression


@dataclass(frozen=True)
class Line:
    """One message on a telephone: `incoming` as its owner sees it, from us to them."""

    at: datetime
    body: str
    incoming: bool
    state: str
    message_id: int | None = None


def thread(territory_id: int, address: str, limit: int = 50) -> list[Line]:
    """What a telephone shows: the newest `limit` messages in the order they came, nothing still queued."""
    arrived = Message.objects.filter(
        territory_id=territory_id,
        to=address,
        state__in=[Message.State.SENT, Message.State.DELIVERED],
        sent_at__isnull=False,
    ).order_by("-sent_at", "-pk")[:limit]
    written = Inbound.objects.filter(territory_id=territory_id, sender=address).order_by("-pk")[:limit]
    lines = [
        Line(message.sent_at, message.body, True, message.state, message.pk)
        for message in arrived
        if message.sent_at
    ]
    lines += [Line(inbound.received_at, inbound.body, False, "") for inbound in written]
    return sorted(lines, key=lambda line: line.at)[-limit:]


def addresses(territory_id: int) -> list[str]:
    """Every address that was ever written to: the telephones of the demo."""
    return list(
        Message.objects.filter(territory_id=territory_id)
        .order_by("to")
        .values_list("to", flat=True)
        .distinct()
    )


def is_suppressed(territory_id: int, channel: str, address: str) -> bool:
    return Suppression.objects.filter(
        territory_id=territory_id, channel=channel, address=address, ended_at__isnull=True
    ).exists()


def in_trouble(territory_id: int) -> "list[Message]":
    """What could not be sent, or may have been, and is not yet in anybody's hands."""
    return list(
        Message.objects.filter(
            territory_id=territory_id,
            state__in=[Message.State.FAILED, Message.State.UNCLEAR],
            needs_care=False,
            closed_at__isnull=True,
        ).order_by("pk")[:500]
    )


def figures(territory_id: int, since: datetime) -> dict[str, int]:
    """How many messages are in each state, of those made since: counted, so that it cannot drift."""
    rows = (
        Message.objects.filter(Q(territory_id=territory_id), created_at__gte=since)
        .order_by()
        .values_list("state")
        .annotate(count=Count("pk"))
    )
    return dict(rows)
