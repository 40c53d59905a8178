"""Taking back a note that was saved by mistake, with what came of it, while nobody has touched that yet."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.calls import events, policies
from palier.calls.models import Call, CallDraft, CallForReason, PlannedCall
from palier.calls.operations.planned import close_planned, reopen_planned
from palier.calls.operations.ringing import LOG_WITHIN, about, locked
from palier.calls.operations.writing import LOG_FIELDS, save_draft
from palier.calls.states import S
from palier.concerns.models import Concern
from palier.concerns.operations import take_back_concern
from palier.duties.models import Kind as DutyKind
from palier.duties.operations import open_duty
from palier.journal import live
from palier.journal.models import Entry
from palier.journal.operations import record
from palier.kernel import clock
from palier.kernel.errors import NotAllowed, NotPossibleNow
from palier.needs.models import Need
from palier.needs.operations import close_need

UNDO_WITHIN = timedelta(minutes=5)


@transaction.atomic
def undo_log(call_id: int, *, actor: Actor) -> Call:
    """Take back a note saved a moment ago, with what came of it, if nobody has touched that yet.

    The need and the concern are closed, the call back is dropped, and what was typed is a draft again.
    """
    call = locked(call_id, actor=actor)
    if not policies.may_log(actor, call):
        raise NotAllowed
    if call.state != S.LOGGED or call.logged_at is None:
        raise NotPossibleNow(_("Cet appel n’est pas noté."))
    if not policies.may_undo(actor, call):
        raise NotAllowed
    if clock.now() - call.logged_at > UNDO_WITHIN:
        raise NotPossibleNow(_("C’est trop tard pour annuler. Complétez la fiche plutôt."))
    need = call.need
    concern = call.concern if call.next == Call.Next.CONCERN else None
    promised = list(
        PlannedCall.objects.filter(asked_in=call, why=PlannedCall.Why.PROMISED, closed_at__isnull=True)
        .select_for_update(of=("self",), no_key=True)
        .order_by("pk")
    )
    if _is_touched(need, "needs.need", "needs.opened") or _is_touched(
        concern, "concerns.concern", "concerns.opened"
    ):
        raise NotPossibleNow(_("Quelqu’un s’en occupe déjà : l’appel reste noté."))
    _restore_draft(call, need, concern, promised, actor)
    if need is not None:
        close_need(
            need.pk,
            outcome=Need.Outcome.NO_LONGER,
            note=_("Annulé avec l’appel, juste après l’enregistrement."),
            actor=actor,
        )
    if concern is not None and call.danger_at is None:
        take_back_concern(concern.pk, actor=actor)
    for one in promised:
        close_planned(one, PlannedCall.Outcome.DROPPED, actor=actor)
    kept = (
        PlannedCall.objects.filter(done_in=call).select_for_update(of=("self",), no_key=True).order_by("pk")
    )
    for one in kept:
        reopen_planned(one, actor=actor)
    record(
        events.LOG_UNDONE,
        actor=actor,
        about=about(call),
        need=need.pk if need else None,
        concern=concern.pk if concern else None,
    )
    _unlog(call, keeps_concern=call.danger_at is not None)
    open_duty(
        call,
        kind=DutyKind.LOG_CALL,
        due_at=clock.now() + LOG_WITHIN,
        owner_id=actor.membership_id,
        person_id=call.person_id,
        actor=actor,
    )
    live.publish(actor.territory_id, "call", call.pk, call.answered_by_id)
    return call


def _is_touched(thing: Need | Concern | None, kind: str, opened: str) -> bool:
    """Whether anything was written about it since it was opened: an answer, a change, an owner."""
    if thing is None:
        return False
    if thing.closed_at is not None:
        return True
    since = Entry.objects.filter(subject_kind=kind, subject_id=thing.pk).exclude(code=opened)
    if kind == "concerns.concern":
        since = since.exclude(code="concerns.completed")
    return since.exists()


def _restore_draft(
    call: Call, need: Need | None, concern: Concern | None, promised: list[PlannedCall], actor: Actor
) -> None:
    """The form as it was typed, with the words that were saved; made from what was saved when none was kept."""
    if actor.membership_id is None:
        return
    draft = CallDraft.objects.filter(call=call, membership_id=actor.membership_id).first()
    if draft is not None:
        save_draft(call.pk, {**draft.typed, "words": call.words}, actor=actor)
        return
    reasons = CallForReason.objects.filter(call=call).order_by("reason__order", "pk")
    saved: dict[str, Any] = {
        "who": call.who,
        "person_id": call.person_id,
        "contact_id": call.contact_id,
        "volunteer_id": call.volunteer_id,
        "who_name": call.who_name,
        "reasons": list(reasons.values_list("reason__code", flat=True)),
        "mood": call.mood,
        "words": call.words,
        "next": call.next,
    }
    if promised:
        saved["call_back_at"] = promised[0].due_at.isoformat()
    if need is not None:
        saved["need"] = {
            "kind": need.kind.code,
            "starts_at": need.starts_at.isoformat(),
            "ends_at": need.ends_at.isoformat(),
            "is_flexible": need.is_flexible,
            "minutes": need.minutes,
            "what": need.what,
            "details": need.details,
            "words_reason": need.words_reason,
            "owner_id": need.owner_id,
        }
    if concern is not None:
        saved["concern"] = {"facts": concern.facts, "urgency": concern.urgency}
    save_draft(call.pk, saved, actor=actor)


def _unlog(call: Call, *, keeps_concern: bool) -> None:
    CallForReason.objects.filter(call=call).delete()
    call.state = S.ENDED if call.ended_at else S.ANSWERED
    if call.answered_at is None:
        call.answered_at = call.rang_at
    call.who = call.who_name = call.mood = call.words = call.next = ""
    call.contact = call.volunteer = call.need = None
    if not keeps_concern:
        call.concern = None
    call.logged_at = call.closed_at = call.logging_seconds = call.logged_by = None
    call.save(update_fields=[*LOG_FIELDS, "answered_at"])
