"""Calling a web-hook as its sender does: Standard Webhooks over the very bytes that are sent."""

import itertools
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client
from standardwebhooks import Webhook

numbers = itertools.count(1)


def headers(
    secret: str, body: bytes, *, webhook_id: str | None = None, ago: timedelta = timedelta(0)
) -> dict[str, str]:
    webhook_id = webhook_id or f"msg_{next(numbers)}"
    # The library compares with the real clock, not with the tests' own.
    sent = datetime.now(UTC) - ago
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(sent.timestamp())),
        "webhook-signature": Webhook(secret).sign(webhook_id, sent, body.decode()),
    }


def call(
    path: str,
    secret: str,
    data: dict[str, Any] | bytes,
    *,
    endpoint: str = "belrive.standard",
    client: Client | None = None,
    changed: dict[str, str] | None = None,
    sent_body: bytes | None = None,
    **options: Any,
) -> Any:
    """POST `data`, signed; `changed` replaces headers after signing, `sent_body` the bytes."""
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    signed = headers(secret, body, **options) | (changed or {})
    return (client or Client()).generic(
        "POST",
        f"/api/{path}?endpoint={endpoint}",
        sent_body if sent_body is not None else body,
        content_type="application/json",
        headers=signed,
    )
