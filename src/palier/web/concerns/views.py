"""Concern reports: what worries somebody, who looks at it, by when, and what was done."""

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy

from palier.concerns import operations
from palier.concerns.models import Concern
from palier.duties.models import Duty
from palier.people.models import Person
from palier.web.jinja import gettext as _
from palier.web.pages import (
    DeskRequest,
    at_the_desk,
    page_or_part,
    permission,
    render,
    say,
    section,
    to,
    try_operation,
)


@section("concerns")
@permission(at_the_desk)
def concerns(request: DeskRequest) -> HttpResponse:
    closed = request.GET.get("voir") == "faits"
    rows = Concern.objects.visible_to(request.actor).filter(closed_at__isnull=not closed)
    rows = rows.select_related("person", "owner__user").order_by("-opened_at", "-pk")
    page = Paginator(rows, 30).get_page(request.GET.get("page"))
    due = dict(
        Duty.objects.open()
        .filter(subject_kind="concerns.concern", subject_id__in=[concern.pk for concern in page])
        .values_list("subject_id", "due_at")
    )
    address = reverse("concerns")
    context = {
        "concerns": page,
        "due": due,
        "closed": closed,
        "seg": [
            {"url": address, "label": _("En cours"), "current": not closed},
            {"url": f"{address}?voir=faits", "label": _("Faits"), "current": closed},
        ],
    }
    return page_or_part(request, "concerns/concerns.html", "list", context)


class ConcernForm(forms.Form):
    facts = forms.CharField(
        label=gettext_lazy("Les faits"),
        max_length=4000,
        help_text=gettext_lazy("Vus, entendus ou rapportés. La personne peut lire ce texte."),
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={
            "required": gettext_lazy("Écrivez ce que vous avez vu, entendu, ou ce qu’on vous a dit.")
        },
    )
    urgency = forms.ChoiceField(
        label=gettext_lazy("Agir"), choices=Concern.Urgency.choices, initial="today", widget=forms.RadioSelect
    )
    person = forms.IntegerField(required=False, widget=forms.HiddenInput)


@section("concerns")
@permission(at_the_desk)
def concern_new(request: DeskRequest) -> HttpResponse:
    """Report facts about a person, or about somebody not known yet."""
    form = ConcernForm(request.POST or None, initial={"person": request.GET.get("person")})
    about = str(form["person"].value() or "")
    person = (
        get_object_or_404(Person.objects.visible_to(request.actor), pk=int(about))
        if about.isdigit()
        else None
    )
    if request.method == "POST" and form.is_valid():
        made, done = try_operation(
            request,
            form,
            lambda: operations.open_concern(
                person_id=person.pk if person else None,
                facts=form.cleaned_data["facts"],
                urgency=form.cleaned_data["urgency"],
                owner_id=request.actor.membership_id,
                actor=request.actor,
            ),
        )
        if done:
            say(request, _("Signalement enregistré, à votre nom."))
            return to(request, "concern", pk=made.pk)
    return render(
        request, "concerns/new.html", {"form": form, "person": person}, status=422 if form.errors else 200
    )


class CloseForm(forms.Form):
    outcome = forms.ChoiceField(
        label=gettext_lazy("Qu’en est-il ?"),
        choices=Concern.Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choisissez comment cela s’est terminé.")},
    )
    what_was_done = forms.CharField(
        label=gettext_lazy("Ce qui a été fait"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": gettext_lazy("Écrivez en une phrase ce qui a été fait.")},
    )


@section("concerns")
@permission(at_the_desk)
def concern(request: DeskRequest, pk: int) -> HttpResponse:
    """One report: the facts, whose it is, and closing it with what was done."""
    row = get_object_or_404(
        Concern.objects.visible_to(request.actor).select_related("person", "owner__user"), pk=pk
    )
    form = CloseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        _result, done = try_operation(
            request, form, lambda: operations.close_concern(pk, **form.cleaned_data, actor=request.actor)
        )
        if done:
            say(request, _("Signalement terminé."))
            return to(request, "concerns")
    if row.person_id is not None:
        request.accesses.append(("read", "people.person", row.person_id, "concern"))
    duty = (
        Duty.objects.open()
        .of("concerns.concern", pk)
        .select_related("owner__user")
        .order_by("due_at", "pk")
        .first()
    )
    return render(
        request,
        "concerns/concern.html",
        {"concern": row, "form": form, "duty": duty},
        status=422 if form.errors else 200,
    )
