"""What is kept closed at rest with the installation's key: door codes, numbers that nobody may dial, secrets of web-hooks.

Each purpose has a key of its own, so that what is closed for one cannot be opened for another. Former keys of the
installation (`PALIER_FORMER_SECRET_KEYS`) still open what they closed.
"""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class Unreadable(Exception):
    """It was closed with a key that this installation no longer has."""


def closed(text: str, purpose: str) -> str:
    """What is stored."""
    return _box(purpose).encrypt(text.encode()).decode()


def opened(stored: str, purpose: str) -> str:
    """The text again. Raises Unreadable when neither the present key nor a former one opens it."""
    try:
        return _box(purpose).decrypt(stored.encode()).decode()
    except InvalidToken:
        raise Unreadable from None


def fingerprints(text: str, purpose: str) -> list[str]:
    """By which the same text is recognised without being readable: of the present key first, then of former ones."""
    return [
        hmac.new(f"{purpose}\x00{key}".encode(), text.encode(), hashlib.sha256).hexdigest()
        for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    ]


def _box(purpose: str) -> MultiFernet:
    return MultiFernet(
        [_fernet(purpose, key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    )


def _fernet(purpose: str, key: str) -> Fernet:
    digest = hashlib.sha256(purpose.encode() + b"\x00" + key.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
