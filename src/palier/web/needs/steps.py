"""The small steps on the page of a need: an answer by voice, the visit, what both said. Each is one POST."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from palier.calls import operations as calls
from palier.kernel import clock
from palier.kernel.errors import BadInput
from palier.kernel.ranges import moment
from palier.matching import operations as matching
from palier.matching.models import Offer
from palier.needs.models import Need
from palier.visits import operations as visits
from palier.visits.models import Visit
from palier.web.jinja import gettext as _
from palier.web.needs.forms import CameForm, FeedbackForm, ReasonForm
from palier.web.needs.showing import call_of, show
from palier.web.pages import DeskRequest, at_the_desk, permission, say, section, to, try_operation


@section("needs")
@permission(at_the_desk)
@require_POST
def need_answer(request: DeskRequest, pk: int, offer_pk: int) -> HttpResponse:
    """What a neighbour answered on the telephone."""
    need = _need(request, pk)
    offer = get_object_or_404(Offer.objects.select_related("volunteer"), pk=offer_pk, need=need)
    said = request.POST.get("said", "")
    if said not in ("yes", "no"):
        raise BadInput("said", _("Choisissez une des deux réponses."))
    answered, done = try_operation(
        request,
        None,
        lambda: matching.answer_offer(
            offer.pk, yes=said == "yes", how=Offer.How.VOICE, noted_by=request.actor.name, actor=request.actor
        ),
    )
    if done:
        name = {"name": offer.volunteer.first_name}
        if answered.state == Offer.State.ACCEPTED:
            say(request, _("Oui de %(name)s : la visite est prévue.") % name)
        elif answered.state == Offer.State.TOO_LATE:
            say(request, _("Quelqu’un avait dit oui avant %(name)s, qui est remercié.") % name, "warning")
        else:
            say(request, _("Réponse notée. « Pas cette fois » est une bonne réponse."))
    return to(request, f"{reverse('need', args=[need.pk])}#reponses")


@section("needs")
@permission(at_the_desk)
@require_POST
def need_keep_apart(request: DeskRequest, pk: int) -> HttpResponse:
    """She does not want this neighbour any more: he is never proposed to her again, and he is told nothing."""
    need = _need(request, pk)
    number = request.POST.get("volunteer", "")
    offer = (
        need.offers.filter(volunteer_id=int(number)).first()
        if number.isdigit() and len(number) < 19
        else None
    )
    if offer is None:
        raise BadInput("volunteer", _("Choisissez un des voisins contactés pour ce besoin."))
    matching.keep_apart(need.person_id, offer.volunteer_id, actor=request.actor)
    say(request, _("C’est noté : ce voisin ne sera plus proposé."))
    return to(request, f"{reverse('need', args=[need.pk])}#reponses")


@section("needs")
@permission(at_the_desk)
@require_POST
def visit_prove(request: DeskRequest, pk: int, visit_pk: int) -> HttpResponse:
    """Somebody said on the telephone that the visit took place."""
    need, visit = _visit(request, pk, visit_pk)
    form = CameForm(request.POST, prefix="faite")
    if form.is_valid():
        came_at = _came_at(form, visit, need)
        _result, done = try_operation(
            request,
            form,
            lambda: visits.prove(visit.pk, how=Visit.Proof.CALL, came_at=came_at, actor=request.actor),
        )
        if done:
            say(request, _("Visite notée comme faite. Il reste à demander comment cela s’est passé."))
            return to(request, "need", need.pk)
    return show(request, pk, came_form=form, status=422)


def _came_at(form: CameForm, visit: Visit, need: Need) -> datetime | None:
    """The hour said, on the day of the visit; of a visit over several days, today or the last of them."""
    hour = form.cleaned_data["came_at"]
    if hour is None:
        return None
    zone = need.territory.zone
    last = min(visit.ends_at.astimezone(zone).date(), clock.today(zone))
    day = last if visit.is_flexible else visit.starts_at.astimezone(zone).date()
    return moment(day, hour, zone)


@section("needs")
@permission(at_the_desk)
@require_POST
def visit_not_done(request: DeskRequest, pk: int, visit_pk: int) -> HttpResponse:
    return _with_reason(
        request, pk, visit_pk, "not_done", _("C’est noté. Le besoin est à proposer de nouveau.")
    )


@section("needs")
@permission(at_the_desk)
@require_POST
def visit_cancel(request: DeskRequest, pk: int, visit_pk: int) -> HttpResponse:
    return _with_reason(request, pk, visit_pk, "cancel", _("Visite annulée. Le voisin est prévenu par SMS."))


@section("needs")
@permission(at_the_desk)
@require_POST
def visit_withdraw(request: DeskRequest, pk: int, visit_pk: int) -> HttpResponse:
    return _with_reason(
        request, pk, visit_pk, "withdraw", _("C’est noté. Les voisins suivants sont contactés tout de suite.")
    )


# The form and the operation of each of the three ways in which a visit does not take place.
WAYS = {
    "not_done": ("not_done_form", "pas", visits.not_done),
    "cancel": ("cancel_form", "annuler", visits.cancel),
    "withdraw": ("withdraw_form", "retrait", visits.withdraw),
}


def _with_reason(request: DeskRequest, pk: int, visit_pk: int, way: str, said: str) -> HttpResponse:
    need, visit = _visit(request, pk, visit_pk)
    name, prefix, operation = WAYS[way]
    form = ReasonForm(request.POST, prefix=prefix)
    if form.is_valid():
        _result, done = try_operation(
            request,
            form,
            lambda: operation(visit.pk, reason=form.cleaned_data["reason"], actor=request.actor),
        )
        if done:
            say(request, said)
            return to(request, "need", need.pk)
    forms: dict[str, Any] = {name: form}
    return show(request, pk, status=422, **forms)


@section("needs")
@permission(at_the_desk)
@require_POST
def visit_report(request: DeskRequest, pk: int, visit_pk: int) -> HttpResponse:
    """The neighbour's opinion, given by voice."""
    need, visit = _visit(request, pk, visit_pk)
    said, note = request.POST.get("said", ""), request.POST.get("note", "")[:2000]
    _result, done = try_operation(
        request, None, lambda: visits.neighbour_report(visit.pk, says=said, note=note, actor=request.actor)
    )
    if done and said == "worried":
        say(
            request,
            _("C’est noté, et un signalement est ouvert : quelqu’un le regarde maintenant."),
            "warning",
        )
    elif done:
        say(request, _("C’est noté."))
    return to(request, "need", need.pk)


@section("needs")
@permission(at_the_desk)
@require_POST
def need_feedback(request: DeskRequest, pk: int, call_pk: int) -> HttpResponse:
    """The call owed after a visit: what she said, or that nobody answered."""
    need = _need(request, pk)
    call = call_of(need, call_pk)
    form = FeedbackForm(request.POST, prefix="retour")
    if form.is_valid():
        said = form.cleaned_data["feedback"]
        reached = said != "no_answer"
        _result, done = try_operation(
            request,
            form,
            lambda: calls.keep_planned_call(
                call.pk,
                outcome="reached" if reached else "no_answer",
                feedback=said if reached else "",
                actor=request.actor,
            ),
        )
        if done:
            say(
                request,
                _("Son avis est noté.") if reached else _("Pas de réponse : l’appel est remis à plus tard."),
            )
            return to(request, "need", need.pk)
    return show(request, pk, feedback_form=form, status=422)


def _need(request: DeskRequest, pk: int) -> Need:
    return get_object_or_404(
        Need.objects.visible_to(request.actor).select_related("territory", "kind"), pk=pk
    )


def _visit(request: DeskRequest, pk: int, visit_pk: int) -> tuple[Need, Visit]:
    need = _need(request, pk)
    return need, get_object_or_404(Visit.objects.visible_to(request.actor), pk=visit_pk, need=need)
