"""What a person's departure does to her needs, in the same transaction."""

from palier.accounts.actor import Actor
from palier.journal.events import reacts_to
from palier.journal.models import Entry
from palier.kernel.text import window
from palier.needs.models import Need
from palier.needs.operations import close_need
from palier.people import departures
from palier.people.events import PERSON_LEFT


@reacts_to(PERSON_LEFT)
def close_her_needs(entry: Entry) -> None:
    """Deceased, gone or in a care home: nobody may be sent any more, today."""
    if entry.person_id is None:
        return
    actor = Actor.job("needs.close_her_needs", entry.territory_id)
    for need in (
        Need.objects.open()
        .filter(person_id=entry.person_id)
        .select_related("kind", "territory")
        .order_by("pk")
    ):
        close_need(need.pk, outcome=Need.Outcome.NO_LONGER, actor=actor)
        departures.stopped(
            "need", f"{need.kind.name}, {window(need.starts_at, need.ends_at, need.territory.zone)}"
        )
