"""Tokens of one-purpose links: the secret in `…/r/7KQ2M…`, stored only as a hash.

Sixteen signs of an alphabet of thirty are 78 bits: short enough for one text message and to be typed from
paper, far beyond guessing through a page that counts its failures.
"""

import hashlib
import hmac
import re
import secrets
import unicodedata

# Without 0 O, 1 I L, and U (read as V): nothing that two people write differently.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 16

_SIGNS = frozenset(ALPHABET)
_IGNORED = frozenset(" \t\r\n\u00a0\u202f-‐‑‒–—_.")


def new_token() -> str:
    """Sixteen signs drawn by the operating system's generator."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def normalise(typed: str) -> str | None:
    """The token somebody typed by hand (lower case, in groups, with hyphens), or None if it cannot be one."""
    if len(typed) > 4 * LENGTH:
        return None
    token = "".join(c for c in unicodedata.normalize("NFKC", typed).upper() if c not in _IGNORED)
    return token if len(token) == LENGTH and _SIGNS.issuperset(token) else None


def hash_token(token: str, purpose: str = "") -> str:
    """What is stored: 64 hexadecimal signs. A token made for one `purpose` does not open another.

    A plain hash is enough: unlike a password, the token is random, and there is nothing to guess faster.
    """
    return hashlib.sha256(f"{purpose}\x00{token}".encode()).hexdigest()


def matches(token: str, stored: str, purpose: str = "") -> bool:
    """Whether `token` is the one whose hash was stored, in a time that does not tell how close it was."""
    return hmac.compare_digest(hash_token(token, purpose), stored)


def hide_secrets(text: str) -> str:
    """A message as colleagues may read it: without the secret of the personal link, which would answer in his name."""
    return re.sub(r"(/r/)[^\s/]+", r"\1…", text)
