"""What the journal's events below make owed: a message that did not get through, or may not have."""

from datetime import timedelta

from palier.accounts.actor import Actor
from palier.duties.models import Kind
from palier.duties.operations import open_duty, settle_duties
from palier.journal.events import reacts_to
from palier.journal.models import Entry
from palier.journal.operations import Mention
from palier.kernel import clock
from palier.messaging.events import MESSAGE_MENDED, MESSAGE_NEEDS_CARE

# Somebody is waiting for what the message said; the desk sees it within the hour.
TIME_TO_MEND = timedelta(hours=1)


@reacts_to(MESSAGE_NEEDS_CARE)
def somebody_looks_at_the_message(entry: Entry) -> None:
    """The desk owes a look; nobody sends it again by itself."""
    open_duty(
        Mention(entry.subject_kind, entry.subject_id),
        kind=Kind.MEND_MESSAGE,
        due_at=clock.now() + TIME_TO_MEND,
        person_id=entry.person_id,
        actor=Actor.job(entry.code, entry.territory_id),
    )


@reacts_to(MESSAGE_MENDED)
def the_message_is_settled(entry: Entry) -> None:
    settle_duties(
        Mention(entry.subject_kind, entry.subject_id),
        kinds=[Kind.MEND_MESSAGE],
        actor=Actor(kind="job", territory_id=entry.territory_id, name=entry.actor_name),
    )
