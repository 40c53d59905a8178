"""Sending without the sender: the scenario and the tests empty one outbox on the simulated clock."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from palier.accounts.actor import Actor
from palier.kernel import clock
from palier.messaging import operations, statements
from palier.messaging.letters import SECRET, Letter
from palier.messaging.models import Message
from palier.messaging.transports import Demo
from palier.territories import walls


@transaction.atomic
def drain(now: datetime | None = None) -> int:
    """Send all that is due at `now` to the demo's telephones, behind the present wall; gives how many left.

    The statements are those of the sender: claim, last look, result.
    """
    territory_id = walls.current()
    if territory_id is None:
        raise RuntimeError("the outbox is drained behind a wall")
    now = now or clock.now()
    demo, sent = Demo(), 0
    with clock.at(now):
        operations.wake_the_held(actor=Actor.job("messaging.drain", territory_id))
    _run(statements.EXPIRED, now)
    for channel in Message.Channel.values:
        while rows := _run(statements.CLAIM, now, channel=channel, provider=demo.name, limit=500, lease=60):
            letters = {row[2]: Letter.of(row) for row in sorted(rows, key=lambda row: row[:3])}
            ids = list(letters)
            leases = [letter.lease for letter in letters.values()]
            wanted = [letters[found] for found, _ in _run(statements.LOOK, now, ids=ids, leases=leases)]
            results = demo.answer(wanted)
            sent += len(
                _run(
                    statements.SENT,
                    now,
                    keeps_secrets=demo.keeps_secrets,
                    ids=[letter.id for letter in wanted],
                    provider_ids=[result.provider_id for result in results],
                    delivered=[result.delivered for result in results],
                )
            )
    return sent


def _run(
    statement: str, now: datetime, **values: Any
) -> list[tuple[Any, ...]]:  # parameters and rows of several shapes
    parameters: dict[str, Any] = {"now": now, "secret": list(SECRET)} | values
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []
