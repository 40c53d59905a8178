"""Who may be calling from a number; what somebody agreed to. Finding people by what was half heard is in `finding`."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from palier.accounts.actor import Actor
from palier.kernel import sealing
from palier.people.living import Away, Objection
from palier.people.models import Consent, Contact, Person, PhoneNumber, of_seen_people

# What the numbers of those who must not be contacted are closed with.
SEALED_CONTACT = "palier.people.contact"


def by_number(e164: str, *, actor: Actor) -> list[Person]:
    """Everybody who may be calling from this number, by name; there is never an automatic choice (TEL-21).

    Whose file is kept apart calls from an unknown number, for those who may not see it.
    """
    if not e164:
        return []
    owners = PhoneNumber.objects.filter(e164=e164).values("person_id")
    people = Person.objects.visible_to(actor).filter(pk__in=owners)
    return list(people.order_by("search_text", "pk")[:20])


def contacts_by_number(e164: str, *, actor: Actor) -> list[Contact]:
    """Those around our people who may be calling from this number, with the person they are around."""
    if not e164:
        return []
    around = Contact.objects.callable().filter(of_seen_people(actor), phone=e164)
    return list(around.select_related("person").order_by("name", "pk")[:20])


def files_of(person_ids: Sequence[int]) -> "QuerySet[Person]":
    """These files and those that were joined to them: what is written once is read under all their numbers."""
    return Person.objects.filter(Q(pk__in=list(person_ids)) | Q(merged_into__in=list(person_ids)))


def consents_of(person_ids: Sequence[int]) -> dict[int, dict[str, bool]]:
    """What each of these people last said of each purpose; a purpose never asked about is not there."""
    said: dict[int, dict[str, bool]] = {pk: {} for pk in person_ids}
    lines = (
        Consent.objects.filter(person__in=files_of(person_ids))
        .annotate(whose=Coalesce("person__merged_into_id", "person_id"))
        .order_by("whose", "purpose", "-at", "-pk")
        .distinct("whose", "purpose")
        .values_list("whose", "purpose", "is_given")
    )
    for person_id, purpose, is_given in lines:
        said[person_id][purpose] = is_given
    return said


def agrees(person_id: int, purpose: str) -> bool | None:
    """What she last said of one purpose; None when she was never asked."""
    return consents_of([person_id])[person_id].get(purpose)


def objections_of(person_id: int) -> set[str]:
    """What she no longer wants, as she last said (`Objection.To`)."""
    lines = (
        Objection.objects.filter(person__in=files_of([person_id]))
        .order_by("to", "-at", "-pk")
        .distinct("to")
        .values_list("to", "holds")
    )
    return {to for to, holds in lines if holds}


def away_on(person_id: int, day: date) -> Away | None:
    """Her absence of that day, when nobody said that she is back."""
    return Away.objects.open().on(day).filter(person_id=person_id).order_by("starts_on", "pk").first()


def away_of(person_id: int, today: date) -> Away | None:
    """Her absence that lasts today or begins later: whoever plans something for her should know."""
    lasting = Away.objects.open().filter(Q(ends_on__isnull=True) | Q(ends_on__gte=today), person_id=person_id)
    return lasting.order_by("starts_on", "pk").first()


def is_not_to_be_rung(e164: str) -> bool:
    """Somebody who must not be contacted calls from this number: nobody rings back, nobody says anything."""
    if not e164:
        return False
    return Contact.objects.filter(
        do_not_contact=True, sealed_mark__in=sealing.fingerprints(e164, SEALED_CONTACT)
    ).exists()
