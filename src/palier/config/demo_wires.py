"""What ties the demo's telephones to our own web-hooks: endpoints for its machines, and the signed way to them."""

import json
import secrets
import urllib.error
import urllib.request
from typing import Any

from django.conf import settings
from standardwebhooks import Webhook

from palier.accounts.actor import Actor
from palier.api import secrets as api_secrets
from palier.api.models import Endpoint
from palier.api.operations import create_endpoint
from palier.demo import belrive
from palier.demo.ground import Ground
from palier.kernel import clock
from palier.web.demophones import wires

SECONDS = 8.0


def connect() -> None:
    if settings.DEMO:
        belrive.afterwards.append(create_endpoints)
        wires.connect(post)


def create_endpoints(ground: Ground) -> None:
    """The town's telephone exchange, its telecare operator, and the provider of text messages."""
    actor = Actor.job("demo", ground.territory.pk)
    machines = [("telephony", "standard", "ccas"), ("sms", "demo", "ccas")]
    if "vigiloire" in ground.bodies:
        machines.append(("telecare", "vigiloire", "vigiloire"))
    for kind, code, body in machines:
        create_endpoint(kind=kind, code=code, organisation_id=ground.bodies[body].pk, actor=actor)


def signed(
    territory_id: int, kind: str, body: bytes, organisation_id: int | None
) -> tuple[str, dict[str, str]]:
    """The endpoint's public name, and the headers of Standard Webhooks over these bytes."""
    endpoints = Endpoint.objects.filter(territory_id=territory_id, kind=kind, is_active=True)
    if organisation_id is not None:
        endpoints = endpoints.filter(organisation_id=organisation_id)
    endpoint = endpoints.select_related("territory").order_by("pk").first()
    if endpoint is None:
        raise wires.NotDelivered(f"this territory has no {kind} endpoint")
    key, at = f"demo_{secrets.token_hex(12)}", clock.now()
    headers = {
        "content-type": "application/json",
        "webhook-id": key,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(api_secrets.opened(endpoint.secret)).sign(key, at, body.decode()),
    }
    return f"{endpoint.territory.code}.{endpoint.code}", headers


def post(
    territory_id: int, kind: str, path: str, body: dict[str, Any], organisation_id: int | None = None
) -> dict[str, Any]:
    """To our own public address, through every layer that a machine outside goes through."""
    content = json.dumps(body).encode()
    name, headers = signed(territory_id, kind, content, organisation_id)
    request = urllib.request.Request(
        f"{settings.PUBLIC_URL}/api/{path}?endpoint={name}", data=content, headers=headers, method="POST"
    )
    try:
        # No proxy of the machine's environment: it is ourselves.
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
            request, timeout=SECONDS
        ) as answer:
            return dict(json.loads(answer.read()))
    except urllib.error.HTTPError as error:
        raise wires.NotDelivered(f"HTTP {error.code}, {error.read(300).decode(errors='replace')}") from error
    except (OSError, ValueError) as error:
        raise wires.NotDelivered(str(error)) from error
