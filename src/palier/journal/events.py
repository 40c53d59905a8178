"""The declaration of events: a code, a sentence for the timeline, which data is personal, and who follows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from palier.journal.models import Entry

Wording = Callable[[Mapping[str, Any]], str]
Reaction = Callable[[Entry], None]


@dataclass(frozen=True)
class Event:
    """What can be written in the journal. `title` makes the line that stands alone in a timeline."""

    code: str
    title: Wording
    public: frozenset[str] = frozenset()
    personal: frozenset[str] = frozenset()
    icon: str = "note"
    # How the timeline draws it: "", "late" or "vois" (a neighbour).
    tone: str = ""
    # Which filter of the timeline shows it.
    strand: str = "other"


@dataclass
class _Registry:
    events: dict[str, Event] = field(default_factory=dict)
    reactions: dict[str, list[Reaction]] = field(default_factory=dict)
    followers: dict[str, list[Reaction]] = field(default_factory=dict)


registry = _Registry()


def declare(
    code: str,
    title: Wording,
    *,
    public: tuple[str, ...] = (),
    personal: tuple[str, ...] = (),
    icon: str = "note",
    tone: str = "",
    strand: str = "other",
) -> Event:
    """Declare an event once, at import; codes are `context.what_happened`."""
    if code in registry.events:
        raise ValueError(f"event {code} is declared twice")
    event = Event(code, title, frozenset(public), frozenset(personal), icon, tone, strand)
    registry.events[code] = event
    return event


def reacts_to(*events: Event) -> Callable[[Reaction], Reaction]:
    """Run in the same transaction as the event: its consequence commits or fails with it."""

    def register(reaction: Reaction) -> Reaction:
        for event in events:
            registry.reactions.setdefault(event.code, []).append(reaction)
        return reaction

    return register


def follows(*events: Event) -> Callable[[Reaction], Reaction]:
    """Run as a job after the commit; may run twice, so it must have its effect once."""

    def register(follower: Reaction) -> Reaction:
        for event in events:
            registry.followers.setdefault(event.code, []).append(follower)
        return follower

    return register
