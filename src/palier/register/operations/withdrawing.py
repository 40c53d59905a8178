"""Taking an entry out that a list put in by mistake: as if it had not been, as long as nothing was done about it."""

from django.db import transaction

from palier.accounts.actor import Actor
from palier.duties.operations import settle_duties
from palier.people.models import Confined
from palier.register.models import Enrolment
from palier.register.operations import checking


@transaction.atomic
def withdraw(enrolment_id: int, *, actor: Actor) -> bool:
    """Whether the entry is gone, with its request and the letter it owed. False when something was done about it since:
    a letter printed or sent, a confirmation, a communication, a removal; then it is removed like any other."""
    if not Enrolment.objects.visible_to(actor).filter(pk=enrolment_id).exists():
        return False
    entry = checking.locked_enrolment(enrolment_id, actor=actor)
    request = entry.request
    # Of a register that was taken over: its letter had gone out before the list came.
    taken_over = request.ack_sent_at is not None and request.ack_sent_at < request.received_at
    untouched = request.closed_at is None and request.ack_printed_at is None and request.ack_sent_at is None
    if (
        not (untouched or taken_over)
        or entry.state == Enrolment.State.REMOVED
        or entry.last_confirmed_on != entry.requested_on
        or entry.communicated.exists()
        or entry.confirmations.exists()
    ):
        return False
    settle_duties(request, actor=actor)
    Confined.objects.filter(
        person_id=entry.person_id, compartment_id=entry.register.compartment_id, person__is_followed=True
    ).delete()
    entry.delete()
    return True
