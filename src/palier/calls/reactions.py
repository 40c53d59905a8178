"""What happens to the calls owed when a person leaves, or her need comes to nothing."""

from datetime import date, datetime

from palier.accounts.actor import Actor
from palier.calls import operations
from palier.calls.models import PlannedCall
from palier.calls.operations.planned import close_planned, said
from palier.journal.events import reacts_to
from palier.journal.models import Entry
from palier.needs.events import NEED_CLOSED
from palier.needs.models import Need
from palier.people import departures
from palier.people.events import AWAY_SAID, PERSON_LEFT


@reacts_to(PERSON_LEFT)
def drop_her_calls(entry: Entry) -> None:
    """Deceased, gone or in a care home: nobody rings there any more."""
    _drop(entry, "calls.drop_her_calls", person_id=entry.person_id)


@reacts_to(AWAY_SAID)
def her_calls_wait(entry: Entry) -> None:
    """She is not at home: what is due meanwhile is due on the morning when somebody asks whether she is back."""
    operations.postpone_calls(
        entry.person_id or 0,
        back_at=datetime.fromisoformat(entry.data["back_at"]),
        away_from=date.fromisoformat(entry.data["starts_on"]),
        actor=Actor.job("calls.her_calls_wait", entry.territory_id),
    )


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
        departures.stopped("planned_call", said(one))
