"""Who was given somebody's data before: told of a correction or an erasure (article 19), named in her own copy."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from palier.people.models import Person
from palier.referrals.models import Referral


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


# Each place that gives data to somebody else answers here.
SOURCES: list[Callable[[Person], Iterator[Recipient]]] = [_partners]


def of(person: Person) -> list[Recipient]:
    """The newest first."""
    found = [recipient for source in SOURCES for recipient in source(person)]
    return sorted(found, key=lambda recipient: recipient.at, reverse=True)
