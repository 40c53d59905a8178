"""Telling open screens that something changed: NOTIFY with numbers only; each screen then asks for what it may see."""

import json

from django.db import connection

CHANNEL = "palier_live"


def publish(territory_id: int, kind: str, subject_id: int, membership_id: int | None = None) -> None:
    """Sent by PostgreSQL when the running transaction commits, and not at all when it does not."""
    payload = {"territory": territory_id, "kind": kind, "id": subject_id, "for": membership_id}
    with connection.cursor() as cursor:
        cursor.execute("select pg_notify(%s, %s)", [CHANNEL, json.dumps(payload)])
