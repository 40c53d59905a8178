"""What happens to an entry when her file says that she left, moved or changed, in the same transaction."""

from palier.accounts.actor import Actor
from palier.journal.events import reacts_to
from palier.journal.models import Entry
from palier.people.events import PERSON_CHANGED, PERSON_LEFT
from palier.people.models import Person
from palier.register.models import Enrolment
from palier.register.operations.changing import take_out
from palier.register.operations.checking import lives_here
from palier.register.operations.correcting import owe_correction

_REASONS = {
    Person.State.DECEASED: Enrolment.Reason.DECEASED,
    Person.State.MOVED: Enrolment.Reason.MOVED_OUT,
    Person.State.IN_CARE_HOME: Enrolment.Reason.CARE_HOME,
}
# What a copy of the register holds of the file itself.
_TOLD = {"first_name", "last_name", "birth_name", "birth_on", "street", "postcode", "city", "phones"}
_PLACE = {"insee", "postcode"}


@reacts_to(PERSON_LEFT)
def take_her_out(entry: Entry) -> None:
    """Deceased, gone, in a care home: she is no longer called, today."""
    reason = _REASONS.get(Person.State(str(entry.data.get("state"))))
    if reason is None or entry.person_id is None:
        return
    actor = Actor(kind="job", territory_id=entry.territory_id, name=entry.actor_name)
    for enrolment in _hers(entry.person_id):
        take_out(enrolment, reason, actor=actor)


@reacts_to(PERSON_CHANGED)
def follow_her_address(entry: Entry) -> None:
    """Another commune is a removal (REG-10), in the town her entry simply goes with her; copies are put right."""
    changed = set(entry.data.get("fields") or ())
    if entry.person_id is None or not changed & (_TOLD | _PLACE):
        return
    actor = Actor(kind="job", territory_id=entry.territory_id, name=entry.actor_name)
    for enrolment in _hers(entry.person_id):
        if changed & _PLACE and not lives_here(enrolment.person):
            take_out(enrolment, Enrolment.Reason.MOVED_OUT, actor=actor)
        elif changed & _TOLD:
            owe_correction([enrolment], actor=actor)


def _hers(person_id: int) -> list[Enrolment]:
    rows = Enrolment.objects.present().filter(person_id=person_id).select_related("person", "register")
    return list(rows.order_by("pk").select_for_update(of=("self",), no_key=True))
