"""Telling open screens that something changed: NOTIFY with numbers only; each screen then asks for what it may see."""

import json
from typing import Any

from palier.kernel import statements

CHANNEL = "palier_live"


def publish(territory_id: int, kind: str, subject_id: int, membership_id: int | None = None) -> None:
    """Sent by PostgreSQL when the running transaction commits, and not at all when it does not."""
    statements.rows(*publishing(territory_id, kind, subject_id, membership_id))


def publishing(
    territory_id: int, kind: str, subject_id: int, membership_id: int | None = None
) -> tuple[str, list[Any]]:
    """The statement of `publish`, for `statements.together`."""
    payload = {"territory": territory_id, "kind": kind, "id": subject_id, "for": membership_id}
    return "select pg_notify(%s, %s)", [CHANNEL, json.dumps(payload)]
