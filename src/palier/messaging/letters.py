"""What the sender holds in its hands: a claimed message, and what a provider answered. No Django here."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

# Their body holds a link that signs somebody in: blanked as soon as they are gone.
SECRET = ("account_mail",)


@dataclass(slots=True)
class Letter:
    """One message claimed under a lease. `lease` is also the proof that it is still ours."""

    id: int
    territory_id: int
    key: str
    sender: str
    to: str
    subject: str
    body: str
    template: str
    tries: int
    lease: datetime
    # On this process's own steady clock: how long the lease can be trusted.
    trusted_until: float = 0.0

    @classmethod
    def of(cls, row: tuple[Any, ...], trusted_until: float = 0.0) -> "Letter":
        """From a row of `statements.CLAIM`, whose first two columns are the order."""
        letter = cls(*row[2:])
        letter.trusted_until = trusted_until
        return letter

    @property
    def provider_key(self) -> str:
        """What a provider recognises a repeat by: keys are unique within a territory only."""
        return f"{self.territory_id}:{self.key}"


class Kind(StrEnum):
    """What we know after a sending."""

    ACCEPTED = "accepted"
    # The provider said no and will say no again: a bad number, an address that does not exist.
    REFUSED = "refused"
    # The provider did not take it, certainly: busy, or not there.
    BUSY = "busy"
    # The request was written and no answer came: it may have been taken.
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True, slots=True)
class Result:
    kind: Kind
    provider_id: str = ""
    delivered: bool = False
    error: str = ""
