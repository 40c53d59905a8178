"""Notes on a file, in two tiers: shared with the desk, or confidential."""

from django.db import transaction
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.journal.operations import record
from palier.kernel import clock, typed, words
from palier.kernel.errors import BadInput, NotAllowed
from palier.people import events, policies
from palier.people.living import Note
from palier.people.operations.checking import SAME_GESTURE, locked, refuse_watched

LONGEST = 1000


@transaction.atomic
def write_note(
    person_id: int, *, text: str, is_confidential: bool = False, words_reason: str = "", actor: Actor
) -> Note:
    """A dated, signed note. Twice the same click is one note.

    Watched words (health, religion, offences, insults…) are refused until `words_reason` says why they stay (GDP-05,
    code `watched_words`); the reason is kept with the note and in the journal.
    """
    person = locked(person_id, actor=actor)
    if not policies.may_change(actor):
        raise NotAllowed
    text = typed.text("text", text, LONGEST)
    if not text:
        raise BadInput("text", _("Écrivez la note."), "required")
    reason = typed.line("words_reason", words_reason, 120)
    refuse_watched("text", text, reason)
    found = bool(words.found(text))
    now = clock.now()
    twin = person.notes.filter(
        text=text, is_confidential=is_confidential, author_id=actor.membership_id, at__gt=now - SAME_GESTURE
    ).first()
    if twin is not None:
        return twin
    note = Note.objects.create(
        territory_id=actor.territory_id,
        person=person,
        text=text,
        is_confidential=is_confidential,
        words_reason=reason if found else "",
        author_id=actor.membership_id,
        author_name=actor.name[:120],
        at=now,
    )
    record(
        events.NOTE_WRITTEN,
        actor=actor,
        about=[person],
        note=note.pk,
        confidential=is_confidential,
        watched=found,
    )
    return note


@transaction.atomic
def withdraw_note(note_id: int, *, actor: Actor) -> Note:
    """Its author, or the coordination, takes it from the file; what was taken away is no longer read by anybody."""
    person = locked(Note.objects.values_list("person_id", flat=True).get(pk=note_id), actor=actor)
    note = Note.objects.visible_to(actor).get(pk=note_id)
    if not policies.may_withdraw_note(actor, note.author_id):
        raise NotAllowed
    if note.withdrawn_at is not None:
        return note
    note.withdrawn_at = clock.now()
    note.save(update_fields=["withdrawn_at"])
    record(events.NOTE_WITHDRAWN, actor=actor, about=[person], note=note.pk)
    return note
