"""From a valid form to what the operations take, all of it or nothing."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from palier.calls import operations as calls
from palier.calls.models import Call, PlannedCall
from palier.concerns.operations import open_concern
from palier.kernel import clock, ranges, statements
from palier.kernel.errors import NotPossibleNow
from palier.people.operations import create_person
from palier.web.pages import DeskRequest
from palier.web.phone import windows
from palier.web.phone.forms import CallForm
from palier.web.phone.sheet import Sheet


class Namesake(NotPossibleNow):
    """A file of that name is there already; the agent may say that it is somebody else."""


def save(request: DeskRequest, call: Call, sheet: Sheet, form: CallForm) -> Call:
    """Log the call with what it asks for. Nothing of it stays when one part is refused."""
    typed = form.cleaned_data
    with statements.one_step():
        # So that « Annuler » gives the form back as it was.
        calls.save_draft(call.pk, sheet.typed, actor=request.actor)
        person_id = sheet.person.pk if sheet.person else None
        if sheet.chosen == "new":
            person_id = _new_person(request, typed)
        kept = _keep_the_planned_one(request, call, sheet, typed)
        who, contact_id, volunteer_id = _who(sheet, typed)
        worrying = typed["mood"] == Call.Mood.WORRYING and bool(typed["facts"].strip())
        then = Call.Next.CONCERN if worrying and typed["next"] == Call.Next.NOTHING else typed["next"]
        logged = calls.log_call(
            call.pk,
            who=who,
            person_id=person_id,
            contact_id=contact_id,
            volunteer_id=volunteer_id,
            who_name=typed["who_name"],
            reasons=typed["reasons"],
            mood=typed["mood"],
            words=typed["words"],
            next=then,
            call_back_at=_call_back_at(sheet, typed) if then == Call.Next.CALL_BACK else None,
            need=_need(sheet, typed) if then == Call.Next.NEED else None,
            concern=_concern(typed) if then == Call.Next.CONCERN else None,
            keeps_planned_call_ids=[int(pk) for pk in typed["keeps"] if int(pk) != kept],
            logging_seconds=_seconds(typed["opened"]),
            actor=request.actor,
        )
        if worrying and then != Call.Next.CONCERN:
            # « Inquiétant » beside a need or a call back: the report is made as well.
            open_concern(person_id=person_id, **_concern(typed), actor=request.actor)
    return logged


def add_words(request: DeskRequest, call: Call) -> Call:
    """A second desk, or a second thought: the call is logged, these words join it.

    Raises NotPossibleNow with who was first; the words are kept when it does.
    """
    return calls.log_call(
        call.pk,
        who=Call.Who.OTHER,
        words=request.POST.get("words", "")[:10_000],
        next=Call.Next.NOTHING,
        actor=request.actor,
    )


def _new_person(request: DeskRequest, typed: Mapping[str, Any]) -> int:
    try:
        return create_person(
            first_name=typed["new_first_name"],
            last_name=typed["new_last_name"],
            street=typed["new_street"],
            phones=[typed["new_phone"]] if typed["new_phone"].strip() else [],
            despite_namesake=typed["new_despite"],
            actor=request.actor,
        ).pk
    except NotPossibleNow as refusal:
        raise Namesake(str(refusal)) from refusal


def _keep_the_planned_one(
    request: DeskRequest, call: Call, sheet: Sheet, typed: Mapping[str, Any]
) -> int | None:
    """The call that was owed and is this one: kept as such, with what she said of the visit.

    The others that are ticked are replaced by `log_call`.
    """
    ticked = [row for row in sheet.planned if str(row["id"]) in typed["keeps"]]
    asked_for = [row for row in ticked if row["id"] == sheet.planned_id]
    told_of = [row for row in ticked if row["why"] == PlannedCall.Why.FEEDBACK and typed["feedback"]]
    planned = next(iter([*asked_for, *told_of]), None)
    if planned is None:
        return None
    calls.keep_planned_call(
        planned["id"],
        outcome=PlannedCall.Outcome.REACHED,
        feedback=typed["feedback"],
        call_id=call.pk,
        actor=request.actor,
    )
    return int(planned["id"])


def _who(sheet: Sheet, typed: Mapping[str, Any]) -> tuple[str, int | None, int | None]:
    who = typed["who"] or sheet.usual_who
    if who.startswith("contact:"):
        return Call.Who.CONTACT, int(who.removeprefix("contact:")), None
    if who == Call.Who.VOLUNTEER:
        speaks = sheet.volunteer or (sheet.guess.volunteers[0] if len(sheet.guess.volunteers) == 1 else None)
        return who, None, speaks.pk if speaks else None
    return who, None, None


def _call_back_at(sheet: Sheet, typed: Mapping[str, Any]) -> datetime:
    return ranges.moment(typed["back_on"], typed["back_at"], sheet.territory.zone)


def _need(sheet: Sheet, typed: Mapping[str, Any]) -> dict[str, Any]:
    when = windows.window(
        typed["when"], sheet.territory, on=typed["on"], start=typed["from_"], end=typed["until"]
    )
    agrees = typed["neighbour_consent"]
    return {
        "kind": typed["kind"],
        "starts_at": when.starts_at,
        "ends_at": when.ends_at,
        "is_flexible": when.is_flexible,
        "minutes": typed["minutes"],
        "what": typed["what"],
        "details": typed["details"],
        "words_reason": typed["words_reason"],
        "gender_wanted": typed["gender_wanted"],
        "language": typed["language"],
        "constraints": typed["constraints"],
        "wish": typed["wish"],
        "owner_id": int(typed["owner"]) if typed["owner"] else None,
        # A line of the ledger only when she said something else than before.
        "neighbour_consent": agrees if agrees != sheet.agrees_to_neighbours else None,
    }


def _concern(typed: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "facts": typed["facts"],
        "urgency": typed["urgency"] or "today",
        "owner_id": int(typed["concern_owner"]) if typed["concern_owner"] else None,
    }


def _seconds(opened: int | None) -> int | None:
    if not opened:
        return None
    return min(max(int(clock.now().timestamp()) - opened, 0), 86_400)
