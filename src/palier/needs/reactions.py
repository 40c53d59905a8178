"""What a person's departure does to her needs, in the same transaction."""

from palier.accounts.actor import Actor
from palier.journal.events import reacts_to
from palier.journal.models import Entry
from palier.needs.models import Need
from palier.needs.operations import close_need
from palier.people.events import PERSON_LEFT
from palier.people.models import Person


@reacts_to(PERSON_LEFT)
def close_her_needs(entry: Entry) -> None:
    """Deceased or gone: nobody may be sent any more, today."""
    gone = entry.data.get("state") in (Person.State.DECEASED, Person.State.MOVED)
    if not gone or entry.person_id is None:
        return
    actor = Actor.job("needs.close_her_needs", entry.territory_id)
    hers = Need.objects.open().filter(person_id=entry.person_id).order_by("pk")
    for need_id in hers.values_list("pk", flat=True):
        close_need(need_id, outcome=Need.Outcome.NO_LONGER, actor=actor)
