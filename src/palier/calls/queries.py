"""Who may be calling, what was typed, what is owed."""

from dataclasses import dataclass, field
from typing import Any

from palier.accounts.actor import Actor
from palier.calls.models import Call, CallDraft, PlannedCall
from palier.people import queries as people_queries
from palier.people.models import Contact, Person
from palier.volunteers import queries as volunteer_queries
from palier.volunteers.models import Volunteer


@dataclass(frozen=True)
class CallerGuess:
    """Everybody this number may be; never chosen automatically, a number is not an identity (TEL-21)."""

    people: list[Person] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    volunteers: list[Volunteer] = field(default_factory=list)
    is_withheld: bool = False
    is_unknown: bool = False

    @property
    def count(self) -> int:
        return len(self.people) + len(self.contacts) + len(self.volunteers)


def who_may_be(call: Call, *, actor: Actor) -> CallerGuess:
    """The people, those around them and the neighbours who have this number. Three queries, or none."""
    if call.is_withheld:
        return CallerGuess(is_withheld=True)
    if not call.number:
        return CallerGuess(is_unknown=True)
    people = people_queries.by_number(call.number, actor=actor)
    contacts = people_queries.contacts_by_number(call.number, actor=actor)
    volunteers = volunteer_queries.by_number(call.number)
    return CallerGuess(people, contacts, volunteers, is_unknown=not (people or contacts or volunteers))


def draft_of(call: Call, actor: Actor) -> dict[str, Any]:
    """What this desk typed and did not save; nothing once the call is closed."""
    if call.closed_at is not None or actor.membership_id is None:
        return {}
    draft = CallDraft.objects.filter(call=call, membership_id=actor.membership_id).first()
    return draft.typed if draft else {}


def others_at(call: Call, actor: Actor) -> list[CallDraft]:
    """The other desks that are writing about this call (« Claire est en ligne avec elle »)."""
    if call.closed_at is not None:
        return []
    drafts = CallDraft.objects.filter(call=call).exclude(membership_id=actor.membership_id or 0)
    return list(drafts.select_related("membership__user").order_by("-saved_at", "-pk"))


def planned_with(person_id: int | None, number: str = "") -> list[PlannedCall]:
    """The calls owed to this person, or to this number when nobody knows whose it is."""
    planned = (
        PlannedCall.objects.filter(closed_at__isnull=True)
        .select_related("need__kind")
        .order_by("due_at", "pk")
    )
    if person_id is not None:
        return list(planned.filter(person_id=person_id))
    return list(planned.filter(person__isnull=True, number=number)) if number else []
