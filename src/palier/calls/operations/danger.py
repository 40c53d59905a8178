"""Immediate danger: one key stamps the time and opens a concern; one choice says which service was called."""

from django.db import transaction
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.calls import events, policies
from palier.calls.models import Call
from palier.calls.operations.ringing import about, locked
from palier.concerns.models import Concern
from palier.concerns.operations import complete_concern, open_concern
from palier.journal import live
from palier.journal.models import Entry
from palier.journal.operations import record
from palier.kernel import clock, typed
from palier.kernel.errors import NotAllowed

SERVICES = ("15", "17", "18", "112", "114")


@transaction.atomic
def declare_danger(call_id: int, *, actor: Actor) -> Call:
    """Stamp the moment and open a concern to be looked at now, person known or not. Pressed twice, once."""
    call = locked(call_id, actor=actor)
    if not policies.may_log(actor, call):
        raise NotAllowed
    if call.danger_at is not None:
        return call
    call.danger_at = clock.now()
    facts = _("Danger immédiat déclaré pendant un appel.")
    known = Concern.objects.open().filter(pk=call.concern_id).first() if call.concern_id else None
    if known is None:
        known = open_concern(
            person_id=call.person_id,
            facts=f"{facts} {_number_in_words(call)}".strip(),
            urgency=Concern.Urgency.NOW,
            owner_id=actor.membership_id,
            actor=actor,
        )
    else:
        complete_concern(known.pk, facts=facts, urgency=Concern.Urgency.NOW, actor=actor)
    call.concern = known
    call.save(update_fields=["danger_at", "concern"])
    record(events.DANGER_DECLARED, actor=actor, about=about(call), concern=known.pk)
    live.publish(actor.territory_id, "call", call.pk)
    return call


@transaction.atomic
def note_danger_call(call_id: int, *, service: str, actor: Actor) -> Call:
    """Stamp the first service called and its time on the call; write each in the journal."""
    typed.one_of("service", service, SERVICES)
    call = declare_danger(call_id, actor=actor)
    if call.danger_service == service:
        return call
    if not call.danger_service:
        call.danger_service, call.danger_called_at = service, clock.now()
        call.save(update_fields=["danger_service", "danger_called_at"])
    elif _is_noted(call, service):
        return call
    record(events.DANGER_SERVICE_CALLED, actor=actor, about=about(call), service=service)
    live.publish(actor.territory_id, "call", call.pk)
    return call


def _is_noted(call: Call, service: str) -> bool:
    code = events.DANGER_SERVICE_CALLED.code
    return Entry.objects.filter(
        subject_kind="calls.call", subject_id=call.pk, code=code, data__service=service
    ).exists()


def _number_in_words(call: Call) -> str:
    """Whoever looks at it must be able to ring back, even when nobody knows who it was."""
    if call.number:
        return _("Numéro qui appelait : %(number)s.") % {"number": call.number}
    return _("Numéro masqué.") if call.is_withheld else ""
