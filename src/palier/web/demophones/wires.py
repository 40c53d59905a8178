"""The way from the demo's telephones to our own web-hooks: put in place by `config`, which knows addresses and secrets."""

from collections.abc import Callable
from typing import Any, Literal

Kind = Literal["telephony", "telecare", "sms"]
# (territory, kind, path under /api/, body, the organisation that sends) -> what the web-hook answered.
Send = Callable[[int, Kind, str, dict[str, Any], int | None], dict[str, Any]]


class NotDelivered(Exception):
    """The web-hook did not take it; the text says what it answered."""


class _Wires:
    send: Send | None = None


def connect(send: Send) -> None:
    _Wires.send = send


def tell(
    territory_id: int, kind: Kind, path: str, body: dict[str, Any], organisation_id: int | None = None
) -> dict[str, Any]:
    """Sign and post it, as the machine on the other side would."""
    if _Wires.send is None:
        raise NotDelivered("no wire is connected")
    return _Wires.send(territory_id, kind, path, body, organisation_id)
