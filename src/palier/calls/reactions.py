"""What happens to the calls owed when a person leaves, or her need comes to nothing."""

from palier.accounts.actor import Actor
from palier.calls.models import PlannedCall
from palier.calls.operations.planned import close_planned
from palier.journal.events import reacts_to
from palier.journal.models import Entry
from palier.needs.events import NEED_CLOSED
from palier.needs.models import Need
from palier.people.events import PERSON_LEFT
from palier.people.models import Person


@reacts_to(PERSON_LEFT)
def drop_her_calls(entry: Entry) -> None:
    """Deceased or gone: nobody rings there any more."""
    if entry.data.get("state") in (Person.State.DECEASED, Person.State.MOVED):
        _drop(entry, "calls.drop_her_calls", person_id=entry.person_id)


@reacts_to(NEED_CLOSED)
def drop_its_calls(entry: Entry) -> None:
    """Nobody came, so nobody is asked how it went. Of a need that was met she is still asked."""
    if entry.data.get("outcome") in (Need.Outcome.NO_LONGER, Need.Outcome.UNMET):
        _drop(entry, "calls.drop_its_calls", need_id=entry.subject_id)


def _drop(entry: Entry, job: str, **of: int | None) -> None:
    actor = Actor.job(job, entry.territory_id)
    planned = (
        PlannedCall.objects.filter(closed_at__isnull=True, **of)
        .select_related("person")
        .select_for_update(of=("self",), no_key=True)
    )
    for one in planned.order_by("pk"):
        close_planned(one, PlannedCall.Outcome.DROPPED, actor=actor)
