"""An entry after its beginning: corrected, removed, erased; and what the recipients of a copy are told of it."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.duties.operations import settle_duties
from palier.journal import live
from palier.journal.operations import record
from palier.kernel import clock, typed
from palier.kernel.errors import NotAllowed, NotPossibleNow
from palier.people.models import Confined, Person
from palier.register import events
from palier.register.models import Confirmation, Enrolment, EnrolmentRequest
from palier.register.operations import checking
from palier.register.operations.correcting import owe_correction
from palier.register.states import MOVES
from palier.territories.models import Territory

CHANGEABLE = frozenset(
    {
        "capacity",
        "home_service_name",
        "home_service_phone",
        "to_warn_name",
        "to_warn_phone",
        "isolation_prevention",
    }
)
# What recipients of a copy hold of an entry; the second purpose is none of it.
_TOLD = CHANGEABLE - {"isolation_prevention"}


@transaction.atomic
def change_enrolment(enrolment_id: int, *, actor: Actor, **fields: Any) -> Enrolment:
    """Correct the named fields and no other. What did not change is not written, nor told."""
    if unknown := set(fields) - CHANGEABLE:
        raise TypeError(f"change_enrolment does not know {sorted(unknown)}")
    enrolment = checking.locked_enrolment(enrolment_id, actor=actor)
    if enrolment.state == Enrolment.State.REMOVED:
        raise NotPossibleNow(_("Cette personne n’est plus au registre."))
    region = Territory.objects.values_list("phone_region", flat=True).get(pk=actor.territory_id)
    current = {name: getattr(enrolment, name) for name in CHANGEABLE}
    wanted = current | fields
    values: dict[str, Any] = checking.around(wanted, region, enrolment.register)
    if "capacity" in fields:
        values["capacity"] = checking.capacity_of(
            enrolment.register, fields["capacity"], enrolment.person.birth_on, enrolment.requested_on
        )
    if "isolation_prevention" in fields:
        values["isolation_prevention"] = typed.one_of(
            "isolation_prevention", fields["isolation_prevention"], Enrolment.Answer.values
        )
    changed = {name: value for name, value in values.items() if current[name] != value}
    if not changed:
        return enrolment
    for name, value in changed.items():
        setattr(enrolment, name, value)
    enrolment.save(update_fields=list(changed))
    record(events.ENTRY_CHANGED, actor=actor, about=[enrolment], fields=sorted(changed))
    if _TOLD & set(changed):
        owe_correction([enrolment], actor=actor)
    return enrolment


@transaction.atomic
def remove(enrolment_id: int, *, reason: str, actor: Actor) -> Enrolment:
    """Take somebody out of a register: from this moment she is in no list; the row goes with the next purge (REG-11)."""
    enrolment = checking.locked_enrolment(enrolment_id, actor=actor)
    typed.one_of("reason", reason, Enrolment.Reason.values)
    if enrolment.state == Enrolment.State.REMOVED:
        return enrolment
    take_out(enrolment, reason, actor=actor)
    return enrolment


def take_out(enrolment: Enrolment, reason: str, *, actor: Actor) -> None:
    """The same for an entry that is locked already."""
    if Enrolment.State.REMOVED not in MOVES[Enrolment.State(enrolment.state)]:
        raise NotPossibleNow(_("Cette personne n’est plus au registre."))
    now = clock.now()
    enrolment.state, enrolment.removed_at, enrolment.removal_reason = Enrolment.State.REMOVED, now, reason
    enrolment.save(update_fields=["state", "removed_at", "removal_reason"])
    for request in EnrolmentRequest.objects.open().filter(enrolment=enrolment):
        # Nothing is owed to somebody who is gone, or does not want it any more.
        request.closed_at, request.outcome = now, EnrolmentRequest.Outcome.WITHDRAWN
        request.save(update_fields=["closed_at", "outcome"])
        settle_duties(request, actor=actor)
    Confirmation.objects.filter(enrolment=enrolment, result="", round__closed_at__isnull=True).update(
        result=Confirmation.Result.REMOVED, noted_at=now, noted_by=actor.name[:120]
    )
    owe_correction([enrolment], actor=actor)
    record(events.REMOVED, actor=actor, about=[enrolment], reason=reason)
    live.publish(actor.territory_id, "register.enrolment", enrolment.pk)


@transaction.atomic
def purge(*, actor: Actor) -> int:
    """Erase what was removed, and the files of people whom only the register knew (within a day, REG-11)."""
    if not actor.is_ours:
        raise NotAllowed
    removed = list(
        Enrolment.objects.filter(territory_id=actor.territory_id, state=Enrolment.State.REMOVED)
        .select_related("register", "person")
        .order_by("pk")
        .select_for_update(of=("self",), no_key=True, skip_locked=True)[:500]
    )
    forget(removed, actor=actor)
    for register in {enrolment.register for enrolment in removed}:
        count = sum(enrolment.register_id == register.pk for enrolment in removed)
        record(events.PURGED, actor=actor, about=[register], count=count)
    return len(removed)


def leave_registers(person: Person, *, actor: Actor) -> int:
    """Her data is erased on her request: her entries go with it, at once. Gives how many there were."""
    hers = list(
        Enrolment.objects.filter(person=person)
        .select_related("register", "person")
        .order_by("pk")
        .select_for_update(of=("self",), no_key=True)
    )
    forget(hers, actor=actor)
    return len(hers)


def forget(enrolments: Sequence[Enrolment], *, actor: Actor) -> None:
    """No trace of the entries, their requests and letters; nor of somebody whom nothing else knows."""
    for enrolment in enrolments:
        for request in EnrolmentRequest.objects.filter(enrolment=enrolment):
            settle_duties(request, actor=actor)
        if enrolment.state != Enrolment.State.REMOVED:
            owe_correction([enrolment], actor=actor)
        person, compartment_id = enrolment.person, enrolment.register.compartment_id
        enrolment.delete()
        again = Enrolment.objects.filter(person=person, register__compartment_id=compartment_id)
        if not again.exists():
            Confined.objects.filter(person=person, compartment_id=compartment_id).delete()
        _forget_file(person)


def _forget_file(person: Person) -> None:
    """She was in a register only: her file was opened for it and goes with it."""
    known = Person.objects.select_for_update(of=("self",), no_key=True).filter(
        pk=person.pk, is_followed=False
    )
    for alone in known:
        if not Confined.objects.filter(person=alone).exists():
            erase_file(alone)


def erase_file(person: Person) -> None:
    """Nothing of the person is left but a number that other rows may name."""
    person.phones.all().delete()
    person.contacts.all().delete()
    person.words.all().delete()
    for name in (
        "first_name", "birth_name", "street", "access", "postcode", "city", "insee", "telecare_number", "talk_note",
        "home_note", "search_text",
    ):  # fmt: skip
        setattr(person, name, "")
    person.last_name, person.birth_on, person.x, person.y, person.telecare_operator = (
        "—",
        None,
        None,
        None,
        None,
    )
    person.title, person.lives_alone = Person.Title.NONE, False
    person.has_stairs = person.has_pets = False
    person.save(
        update_fields=[
            "first_name", "birth_name", "street", "access", "postcode", "city", "insee", "telecare_number", "talk_note",
            "home_note", "search_text", "last_name", "birth_on", "x", "y", "telecare_operator", "title", "lives_alone",
            "has_stairs", "has_pets",
        ]
    )  # fmt: skip
