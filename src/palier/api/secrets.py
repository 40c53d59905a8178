"""The secrets of web-hooks, encrypted at rest with the installation's key; former keys still open what they closed."""

import base64
import secrets as generator

from palier.kernel import sealing

PREFIX = "whsec_"
# Standard Webhooks: between 24 and 64 bytes.
BYTES = 32
_PURPOSE = "palier.api.endpoint"


class UnreadableSecret(Exception):
    """The stored secret was closed with a key that this installation no longer has."""


def new_secret() -> str:
    """`whsec_` and base64, as Standard Webhooks writes it."""
    return PREFIX + base64.b64encode(generator.token_bytes(BYTES)).decode()


def closed(secret: str) -> str:
    """What is stored."""
    return sealing.closed(secret, _PURPOSE)


def opened(stored: str) -> str:
    """The secret again. Raises UnreadableSecret when neither the present key nor a former one opens it."""
    try:
        return sealing.opened(stored, _PURPOSE)
    except sealing.Unreadable:
        raise UnreadableSecret from None
