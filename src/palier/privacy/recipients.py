"""Who was given somebody's data before: told of a correction or an erasure (article 19), named in her own copy."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from palier.people.models import Person
from palier.referrals.models import Referral
from palier.register.models import CommunicatedEntry


@dataclass(frozen=True)
class Recipient:
    """A body, not a person: « Aide et Présence, aide à domicile »."""

    name: str
    why: str
    at: datetime


def _partners(person: Person) -> Iterator[Recipient]:
    for referral in (
        Referral.objects.filter(need__person=person)
        .select_related("service__organisation", "need__kind")
        .order_by("-proposed_at", "-pk")
    ):
        yield Recipient(
            f"{referral.service.organisation.name}, {referral.service.name}",
            referral.need.kind.name,
            referral.proposed_at,
        )


def _authorities(person: Person) -> Iterator[Recipient]:
    """Whoever received the register with her entry in it, and may still hold it or not (REG-19)."""
    for line in (
        CommunicatedEntry.objects.filter(enrolment__person=person)
        .select_related("communication")
        .order_by("-communication__closed_at", "-pk")
    ):
        made = line.communication
        for one in made.recipients:
            yield Recipient(
                f"{one['service']} ({one['name']})",
                f"{made.plan}, {made.reference}",
                made.closed_at or made.asked_at,
            )


# Each place that gives data to somebody else answers here.
SOURCES: list[Callable[[Person], Iterator[Recipient]]] = [_partners, _authorities]


def of(person: Person) -> list[Recipient]:
    """The newest first."""
    found = [recipient for source in SOURCES for recipient in source(person)]
    return sorted(found, key=lambda recipient: recipient.at, reverse=True)
