"""Who calls: an endpoint by its public name, proved by the signature of Standard Webhooks (SEC-31)."""

import logging
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.security.apikey import APIKeyHeader
from standardwebhooks import Webhook, WebhookVerificationError

from palier.accounts.actor import Actor
from palier.api import secrets
from palier.api.models import Endpoint
from palier.kernel import clock
from palier.territories import walls
from palier.territories.models import Territory

logger = logging.getLogger("palier.api")

LARGEST = 20_000
LONGEST_ID = 100
HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")
# Opened for an unknown name too, so that its refusal takes as long as that of a wrong signature.
_NOBODY = secrets.new_secret()


@dataclass(frozen=True, slots=True)
class Caller:
    """A machine whose signature was checked."""

    endpoint_id: int
    code: str
    organisation_id: int
    webhook_id: str
    actor: Actor


class Signed(APIKeyHeader):
    """Lets in who signs as an endpoint of this kind; everybody else learns nothing but 401.

    `?endpoint=belrive.standard` says who calls, `webhook-id`, `webhook-timestamp` and `webhook-signature` prove it.
    The time must be within five minutes of ours.
    """

    param_name = "webhook-signature"

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__()

    def authenticate(self, request: HttpRequest, key: str | None) -> Caller | None:
        body = body_of(request)
        territory_code, _dot, code = request.GET.get("endpoint", "").partition(".")
        territory = Territory.objects.filter(code=territory_code[:40]).first()
        if territory is None or "\x00" in code:
            _is_signed(request, body, [_NOBODY])
            return None
        with walls.inside(territory.pk, read_only=True):
            endpoint = (
                Endpoint.objects.filter(code=code[:40], kind=self.kind, is_active=True)
                .select_related("organisation")
                .first()
            )
        if endpoint is None:
            _is_signed(request, body, [_NOBODY])
            return None
        if not _is_signed(request, body, _secrets_of(endpoint)):
            return None
        return Caller(
            endpoint_id=endpoint.pk,
            code=endpoint.code,
            organisation_id=endpoint.organisation_id,
            webhook_id=request.headers["webhook-id"],
            actor=Actor.machine(endpoint.organisation.short_name, territory.pk, endpoint.organisation_id),
        )


def body_of(request: HttpRequest) -> bytes:
    """The bytes as they were signed. Raises 413 for more than a web-hook ever needs, without reading them."""
    try:
        announced = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        announced = 0
    if announced > LARGEST or len(request.body) > LARGEST:
        raise HttpError(413, "The body is larger than 20 kB.")
    return request.body


def _secrets_of(endpoint: Endpoint) -> list[str]:
    """The present secret and, during a rotation, the former one."""
    stored = [endpoint.secret]
    if endpoint.former_secret and endpoint.former_until is not None and endpoint.former_until > clock.now():
        stored.append(endpoint.former_secret)
    opened = []
    for each in stored:
        try:
            opened.append(secrets.opened(each))
        except secrets.UnreadableSecret:
            # The operator changed the installation's key and did not name the former one.
            logger.error("the secret of endpoint %s cannot be read with the present keys", endpoint.pk)
    return opened or [_NOBODY]


def _is_signed(request: HttpRequest, body: bytes, keys: list[str]) -> bool:
    headers: dict[str, Any] = {name: request.headers.get(name, "") for name in HEADERS}
    if not 0 < len(headers["webhook-id"]) <= LONGEST_ID or "\x00" in headers["webhook-id"]:
        return False
    # All of them are tried: how long it takes does not tell which one fits.
    return any([_fits(key, body, headers) for key in keys])


def _fits(key: str, body: bytes, headers: dict[str, str]) -> bool:
    try:
        Webhook(key).verify(body, headers, json_parse=False)
    except (WebhookVerificationError, ValueError):
        # The library splits and decodes what it was given before it compares; what is no signature is none.
        return False
    return True
