"""What she agreed to, and when we last had to do with her."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.journal.operations import record
from palier.kernel import clock, statements, typed
from palier.kernel.errors import NotAllowed, NotPossibleNow
from palier.people import events, policies
from palier.people.models import Consent, Objection
from palier.people.operations.checking import SAME_GESTURE, locked


@transaction.atomic
def note_consent(
    person_id: int, *, purpose: str, is_given: bool, channel: str = "phone", actor: Actor
) -> Consent:
    """Add a line to the ledger of what she agreed to. Nothing is ever changed in it; the last line holds."""
    person = locked(person_id, actor=actor)
    if not policies.may_note_consent(actor):
        raise NotAllowed
    typed.one_of("purpose", purpose, Consent.Purpose.values)
    channel = typed.line("channel", channel, 20)
    last = person.consents.filter(purpose=purpose).order_by("-at", "-pk").first()
    now = clock.now()
    if last and last.is_given == is_given and last.channel == channel and last.at > now - SAME_GESTURE:
        return last
    consent = Consent.objects.create(
        territory_id=actor.territory_id,
        person=person,
        purpose=purpose,
        is_given=is_given,
        at=now,
        channel=channel,
        noted_by=actor.name[:120],
    )
    event = events.CONSENT_GIVEN if is_given else events.CONSENT_REFUSED
    record(event, actor=actor, about=[person], purpose=purpose, channel=channel)
    return consent


@transaction.atomic
def note_objection(
    person_id: int, *, to: str, holds: bool = True, channel: str = "phone", actor: Actor
) -> Objection:
    """Write down what she no longer wants us to do, or that she takes it back. The last line about a thing holds."""
    person = locked(person_id, actor=actor)
    if not policies.may_note_consent(actor):
        raise NotAllowed
    typed.one_of("to", to, Objection.To.values)
    channel = typed.line("channel", channel, 20)
    last = person.objections.filter(to=to).order_by("-at", "-pk").first()
    if last is not None and last.holds == holds:
        return last
    if last is None and not holds:
        raise NotPossibleNow(_("Aucune opposition de ce genre n’est notée."))
    objection = Objection.objects.create(
        territory_id=actor.territory_id,
        person=person,
        to=to,
        holds=holds,
        at=clock.now(),
        channel=channel,
        noted_by=actor.name[:120],
    )
    event = events.OBJECTION_NOTED if holds else events.OBJECTION_LIFTED
    record(event, actor=actor, about=[person], to=to, channel=channel)
    return objection


def note_contact_made(person_id: int, at: datetime) -> None:
    """Remember when we last had to do with her: what is kept is counted from there."""
    statements.rows(*noting_contact(person_id, at))


NOTE_CONTACT = """
update people_person set last_contact_at = %(at)s
where id = %(id)s and (last_contact_at is null or last_contact_at < %(at)s) returning id
"""


def noting_contact(person_id: int, at: datetime) -> tuple[str, dict[str, Any]]:
    """The statement of `note_contact_made`, for `statements.together`."""
    return NOTE_CONTACT, {"id": person_id, "at": at}
