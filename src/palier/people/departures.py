"""What stops when somebody leaves: each context that stops something says so here, in the same transaction.

A reaction to PERSON_LEFT (or to what follows from it: NEED_CLOSED …) calls `stopped` for each thing it ends. The act
collects them, and shows and records the list. Outside of such an act nothing is collected.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


@dataclass(frozen=True, slots=True)
class Stopped:
    """One thing that will not happen: its kind (a word of the code), and the sentence people read."""

    kind: str
    text: str


_collected: ContextVar[list[Stopped] | None] = ContextVar("palier_stopped", default=None)


@contextmanager
def collecting() -> Iterator[list[Stopped]]:
    found: list[Stopped] = []
    token = _collected.set(found)
    try:
        yield found
    finally:
        _collected.reset(token)


def stopped(kind: str, text: str) -> None:
    """Said by a reaction for each thing it ended."""
    found = _collected.get()
    if found is not None:
        found.append(Stopped(kind, text))


def counted(things: list[Stopped]) -> str:
    """« 1 besoin, 2 appels prévus, 1 visite »; what has no words of its own is counted with the rest."""
    numbers = Counter(thing.kind for thing in things)
    said = [_named(kind, numbers.pop(kind)) for kind in _ORDER if kind in numbers]
    if rest := sum(numbers.values()):
        said.append(ngettext("%(n)s autre chose", "%(n)s autres choses", rest) % {"n": rest})
    return ", ".join(said) or _("rien n’était prévu")


_ORDER = (
    "need",
    "visit",
    "planned_call",
    "asking",
    "referral",
    "message",
    "letter",
    "parcel",
    "away",
    "register",
)


def _named(kind: str, n: int) -> str:
    match kind:
        case "need":
            text = ngettext("%(n)s besoin", "%(n)s besoins", n)
        case "visit":
            text = ngettext("%(n)s visite", "%(n)s visites", n)
        case "planned_call":
            text = ngettext("%(n)s appel prévu", "%(n)s appels prévus", n)
        case "asking":
            text = ngettext("%(n)s demande à des voisins", "%(n)s demandes à des voisins", n)
        case "referral":
            text = ngettext("%(n)s demande confiée", "%(n)s demandes confiées", n)
        case "message":
            text = ngettext("%(n)s message", "%(n)s messages", n)
        case "letter":
            text = ngettext("%(n)s courrier", "%(n)s courriers", n)
        case "parcel":
            text = ngettext("%(n)s colis", "%(n)s colis", n)
        case "away":
            text = ngettext("%(n)s absence à suivre", "%(n)s absences à suivre", n)
        case _:
            text = ngettext("%(n)s inscription", "%(n)s inscriptions", n)
    return text % {"n": n}
