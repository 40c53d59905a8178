"""The secrets of web-hooks, encrypted at rest with the installation's key; former keys still open what they closed."""

import base64
import hashlib
import secrets as generator

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

PREFIX = "whsec_"
# Standard Webhooks: between 24 and 64 bytes.
BYTES = 32


class UnreadableSecret(Exception):
    """The stored secret was closed with a key that this installation no longer has."""


def new_secret() -> str:
    """`whsec_` and base64, as Standard Webhooks writes it."""
    return PREFIX + base64.b64encode(generator.token_bytes(BYTES)).decode()


def closed(secret: str) -> str:
    """What is stored."""
    return _box().encrypt(secret.encode()).decode()


def opened(stored: str) -> str:
    """The secret again. Raises UnreadableSecret when neither the present key nor a former one opens it."""
    try:
        return _box().decrypt(stored.encode()).decode()
    except InvalidToken:
        raise UnreadableSecret from None


def _box() -> MultiFernet:
    return MultiFernet([_fernet(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _fernet(key: str) -> Fernet:
    # A key of its own: nothing else that is derived from the installation's key can open these.
    digest = hashlib.sha256(b"palier.api.endpoint\x00" + key.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
