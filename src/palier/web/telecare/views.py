"""What the telecare operators' units say: the desk looks at what is not plainly a visit; operators follow their own."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from palier.accounts.actor import Actor
from palier.accounts.models import Role
from palier.kernel import clock, text
from palier.kernel.errors import BadInput
from palier.telecare import operations
from palier.telecare.models import Event
from palier.telecare.states import ALARM_CODES, OPEN, VISIT_CODES, is_about_a_person
from palier.territories.models import Territory
from palier.visits.models import Visit
from palier.web.jinja import gettext as _
from palier.web.pages import (
    DeskRequest,
    at_the_desk,
    page_or_part,
    permission,
    say,
    section,
    to,
    try_operation,
)
from palier.web.telecare import queries


def sees_events(actor: Actor) -> bool:
    return actor.is_desk or (actor.kind == "member" and actor.role == Role.OPERATOR)


@section("telecare")
@permission(sees_events)
@require_safe
def telecare_events(request: DeskRequest) -> HttpResponse:
    """What waits for somebody, then what has its answer, by page."""
    territory = Territory.objects.get(pk=request.actor.territory_id)
    page = request.GET.get("page", "")
    number = max(1, int(page)) if page.isdigit() and len(page) < 6 else 1
    waiting = queries.to_settle(request.actor)
    done = queries.settled(request.actor, page=number)
    more, done = len(done) > queries.PAGE, done[: queries.PAGE]
    desk = request.actor.is_desk
    visits = queries.visits_meant(waiting) if desk else {}
    rows = [_row(event, territory, visits.get(event.pk, []), desk=desk) for event in waiting[: queries.PAGE]]
    if desk:
        for person_id in {event.person_id for event in (*waiting, *done) if event.person_id is not None}:
            request.accesses.append(("read", "people.person", person_id, ""))
    context: dict[str, Any] = {
        "desk": desk,
        # What only the operator can mend comes first on their page.
        "to_mend": [row for row in rows if row["unknown"]] if not desk else [],
        "waiting": rows if desk else [row for row in rows if not row["unknown"]],
        "count": len(rows),
        "many": len(waiting) > queries.PAGE,
        "done": [_row(event, territory, [], desk=desk) for event in done],
        "previous": f"{reverse('telecare_events')}?page={number - 1}" if number > 1 else None,
        "next": f"{reverse('telecare_events')}?page={number + 1}" if more else None,
        "page": number,
    }
    return page_or_part(request, "telecare/events.html", "list", context)


def _row(event: Event, territory: Territory, visits: list[Visit], *, desk: bool) -> dict[str, Any]:
    """One line; the operator reads numbers only, never a name (TEL-08)."""
    unit = _("Appareil %(unit)s") % {"unit": event.unit}
    return {
        "pk": event.pk,
        "title": event.person.full_name if desk and event.person else unit,
        "person_id": event.person_id if desk else None,
        "unit": unit,
        "operator": event.organisation.short_name,
        "unknown": event.person_id is None,
        "what": _what(event),
        "reference": event.reference,
        "state": str(event.get_state_display()),
        "tag": {"visit": ("ok", "check"), "suggestion": ("due", "clock"), "to_review": ("late", "alert")}.get(event.state, (None, "note")),
        "is_open": event.state in OPEN,
        "is_alarm": event.state == Event.State.TO_REVIEW,
        "answer": _answer(event, territory),
        "visits": [
            (visit.pk, _("%(name)s, %(when)s") % {
                "name": visit.volunteer.full_name,
                "when": text.window(visit.starts_at, visit.ends_at, territory.zone, clock.today(territory.zone)),
            })
            for visit in visits
        ],
        **queries.moment_of(event, territory),
    }  # fmt: skip


def _what(event: Event) -> str:
    if event.status_code in VISIT_CODES or event.marked_as_visit:
        return _("Bouton de visite (code %(code)s)") % {"code": event.status_code}
    if event.status_code in ALARM_CODES:
        return _("Appel d’alarme, traité par l’opérateur (code %(code)s)") % {"code": event.status_code}
    return _("Autre événement (code %(code)s)") % {"code": event.status_code}


def _answer(event: Event, territory: Territory) -> str:
    """What the CCAS made of it."""
    if event.state in OPEN:
        if event.person_id is None:
            return _("Ce numéro d’appareil n’est pas connu du CCAS. Vérifiez-le, puis appelez.")
        return _("Le CCAS regarde.")
    if event.state == Event.State.VISIT:
        return _("Visite confirmée.")
    # What says nothing about a person is noted by itself as it comes in.
    if event.status_code in VISIT_CODES or is_about_a_person(event.status_code, event.message_type):
        return _("Noté : ce n’était pas une visite.")
    return _("Noté.")


@section("telecare")
@permission(at_the_desk)
@require_POST
def telecare_settle(request: DeskRequest, pk: int) -> HttpResponse:
    """Somebody looked: it was this visit, or it was none."""
    event = get_object_or_404(Event.objects.visible_to(request.actor), pk=pk)
    said, visit = request.POST.get("said", ""), request.POST.get("visit", "")
    if said not in ("visit", "noted"):
        raise BadInput("said", _("Choisissez une des deux réponses."))
    visit_id = int(visit) if visit.isdigit() and len(visit) < 19 else None
    _result, done = try_operation(
        request,
        None,
        lambda: operations.settle_event(
            event.pk,
            as_visit=said == "visit",
            visit_id=visit_id if said == "visit" else None,
            actor=request.actor,
        ),
    )
    if done:
        say(request, _("Visite confirmée.") if said == "visit" else _("C’est noté."))
    return to(request, "telecare_events")
