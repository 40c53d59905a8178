"""Moved, in a care home, deceased: what will stop is shown, then stopped at once, then said; and undone for an error."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from palier.duties.models import Duty, Kind
from palier.people import operations
from palier.people.departures import counted
from palier.people.models import Compartment, Person
from palier.web.jinja import gettext as _
from palier.web.pages import DeskRequest, at_the_desk, permission, render, say, section, to, try_operation
from palier.web.people.living_forms import ApartForm, LeavingForm


@section("people")
@permission(at_the_desk)
def leaving(request: DeskRequest, pk: int) -> HttpResponse:
    """Two steps: what happened, then everything that would stop, to be confirmed. The second says what stopped."""
    person = _person(request, pk)
    form = LeavingForm(request.POST if request.method == "POST" else None)
    context = {"person": person, "form": form, "step": "ask"}
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        confirmed = request.POST.get("confirmed") == "1"
        if confirmed:
            departure, done = try_operation(
                request,
                form,
                lambda: operations.depart(
                    pk,
                    state=told["state"],
                    on=told["on"],
                    condolences=told["condolences"],
                    actor=request.actor,
                ),
            )
        else:
            departure, done = try_operation(
                request,
                form,
                lambda: operations.preview_departure(
                    pk, state=told["state"], on=told["on"], actor=request.actor
                ),
            )
        if done and departure is not None:
            context |= {
                "step": "done" if confirmed else "confirm",
                "stopped": departure.stopped,
                "counted": counted(departure.stopped),
                "state_label": dict(form.fields["state"].choices)[told["state"]],  # type: ignore[attr-defined]
                "remaining": _remaining(pk) if confirmed else [],
                "fields": {
                    "state": told["state"],
                    "on": told["on"].isoformat() if told["on"] else "",
                    "condolences": "on" if told["condolences"] else "",
                    "confirmed": "1",
                },
            }
            if confirmed:
                context["person"] = departure.person
    return render(request, "people/leaving.html", context, status=422 if form.errors else 200)


@require_POST
@section("people")
@permission(at_the_desk)
def coming_back(request: DeskRequest, pk: int) -> HttpResponse:
    """It was an error, or she is home again: what stays stopped is listed."""
    person = _person(request, pk)
    departure = operations.come_back(pk, actor=request.actor)
    context = {
        "person": departure.person,
        "step": "back",
        "stopped": departure.stopped,
        "counted": counted(departure.stopped),
        "form": LeavingForm(),
        "remaining": [],
    }
    if person.state == Person.State.ACTIVE:
        return to(request, "person", pk=pk)
    return render(request, "people/leaving.html", context)


@require_POST
@section("people")
@permission(at_the_desk)
def condolences_done(request: DeskRequest, pk: int) -> HttpResponse:
    """A word was said to those around her."""
    _person(request, pk)
    operations.say_condolences_done(pk, actor=request.actor)
    say(request, _("C’est noté."))
    return to(request, "person", pk=pk)


@section("people")
@permission(at_the_desk)
def keep_apart(request: DeskRequest, pk: int) -> HttpResponse:
    """Who may see this file: everybody of the desk, or those of a compartment that the actor may enter."""
    person = _person(request, pk)
    may_enter = Compartment.objects.open().enterable_by(request.actor).filter(has_own_clock=False)
    choices = [(one.pk, one.name) for one in may_enter.order_by("name", "pk")]
    form = ApartForm(request.POST if request.method == "POST" else None, compartments=choices)
    if request.method == "POST":
        if request.POST.get("open") == "1":
            operations.follow(pk, actor=request.actor)
            say(request, _("Toute l’équipe voit de nouveau cette fiche."))
            return to(request, "person", pk=pk)
        if form.is_valid():
            _result, done = try_operation(
                request,
                form,
                lambda: operations.confine(
                    pk, compartment_id=form.cleaned_data["compartment"], actor=request.actor
                ),
            )
            if done:
                say(request, _("Cette fiche est gardée à part."))
                return to(request, reverse("person", args=[pk]))
    context = {"person": person, "form": form, "choices": choices}
    return render(request, "people/keep_apart.html", context, status=422 if form.errors else 200)


def _remaining(pk: int) -> list[str]:
    """What somebody still has to conclude: a report about her, a call to write down."""
    kinds = dict(Kind.choices)
    rows = Duty.objects.open().filter(person_id=pk).order_by("due_at", "pk")
    return [f"{kinds[row.kind]}{', ' + row.label if row.label else ''}" for row in rows]


def _person(request: DeskRequest, pk: int) -> Person:
    return get_object_or_404(Person.objects.visible_to(request.actor), pk=pk)
