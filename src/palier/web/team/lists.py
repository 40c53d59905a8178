"""The territory's own lists: kinds of help, reasons for calling, opening hours, closures, partners."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.text import slugify
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from palier.calls.models import CallReason
from palier.kernel import gsm
from palier.partners import operations as partners
from palier.partners.models import PartnerService
from palier.territories.models import Closure, HelpKind, OpeningHours, Organisation
from palier.web.jinja import gettext as _
from palier.web.pages import DeskRequest, administers, permission, render, say, section, to, try_operation


class KindForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    class Meta:
        model = HelpKind
        fields = (
            "name",
            "in_a_message",
            "usual_minutes",
            "is_remote",
            "is_for_neighbours",
            "is_active",
            "order",
        )
        labels = {
            "name": gettext_lazy("Nom"),
            "in_a_message": gettext_lazy("Dans un SMS, après « aurait besoin »"),
            "usual_minutes": gettext_lazy("Durée habituelle, en minutes"),
            "is_remote": gettext_lazy("Se fait par téléphone : la distance ne compte pas"),
            "is_for_neighbours": gettext_lazy("Peut être confié à un voisin"),
            "is_active": gettext_lazy("Proposé dans les listes"),
            "order": gettext_lazy("Rang"),
        }
        help_texts = {
            "in_a_message": gettext_lazy("Par exemple : de courses, d'une visite. Sans accent rare.")
        }

    def clean_in_a_message(self) -> str:
        said = str(self.cleaned_data["in_a_message"]).strip()
        if not gsm.is_gsm(said):
            raise forms.ValidationError(
                _("Ce texte contient un signe que les SMS ne portent pas. Essayez : %(text)s")
                % {"text": gsm.to_gsm(said)}
            )
        return said


class ReasonForm(forms.ModelForm):  # type: ignore[type-arg]  # idem
    class Meta:
        model = CallReason
        fields = ("name", "order", "is_active")
        labels = {
            "name": gettext_lazy("Motif"),
            "order": gettext_lazy("Rang"),
            "is_active": gettext_lazy("Proposé au téléphone"),
        }


@section("team")
@permission(administers)
def lists(request: DeskRequest) -> HttpResponse:
    """What the town helps with, and why people call: in its own words and order."""
    context = {
        "kinds": HelpKind.objects.order_by("order", "pk"),
        "reasons": CallReason.objects.order_by("order", "pk"),
    }
    return render(request, "team/lists.html", context)


@section("team")
@permission(administers)
def kind(request: DeskRequest, pk: int) -> HttpResponse:
    """One kind of help; 0 for a new one."""
    row = get_object_or_404(HelpKind, pk=pk) if pk else None
    return _one_row(request, KindForm, row, HelpKind(), _("Genre d’aide"))


@section("team")
@permission(administers)
def reason(request: DeskRequest, pk: int) -> HttpResponse:
    """One reason for calling; 0 for a new one."""
    row = get_object_or_404(CallReason, pk=pk) if pk else None
    return _one_row(request, ReasonForm, row, CallReason(), _("Motif d’appel"))


def _one_row(request: DeskRequest, form_class: Any, row: Any, empty: Any, title: str) -> HttpResponse:
    form = form_class(request.POST or None, instance=row or empty)
    if request.method == "POST" and form.is_valid():
        made = form.save(commit=False)
        if row is None:
            made.territory_id = request.actor.territory_id
            made.code = _free_code(type(empty), form.cleaned_data["name"])
            made.save(force_insert=True)
        else:
            made.save(update_fields=list(form.fields))
        say(request, _("Enregistré."))
        return to(request, "lists")
    return render(
        request,
        "team/row.html",
        {"form": form, "title": title, "back": "lists"},
        status=422 if form.errors else 200,
    )


def _free_code(model: Any, name: str) -> str:
    base = slugify(name)[:24] or "autre"
    code, number = base, 1
    while model.objects.filter(code=code).exists():
        number += 1
        code = f"{base}-{number}"
    return code


class HoursForm(forms.Form):
    weekday = forms.TypedChoiceField(
        label=gettext_lazy("Jour"),
        coerce=int,
        choices=[
            (0, gettext_lazy("lundi")), (1, gettext_lazy("mardi")), (2, gettext_lazy("mercredi")), (3, gettext_lazy("jeudi")),
            (4, gettext_lazy("vendredi")), (5, gettext_lazy("samedi")), (6, gettext_lazy("dimanche")),
        ],
    )  # fmt: skip
    opens_at = forms.TimeField(
        label=gettext_lazy("De"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    closes_at = forms.TimeField(
        label=gettext_lazy("À"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if "opens_at" in values and "closes_at" in values and values["closes_at"] <= values["opens_at"]:
            self.add_error("closes_at", _("La fermeture doit venir après l’ouverture."))
        return values


class ClosureForm(forms.Form):
    on = forms.DateField(
        label=gettext_lazy("Jour fermé"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    label = forms.CharField(label=gettext_lazy("Pourquoi"), max_length=80)


@section("team")
@permission(administers)
def hours(request: DeskRequest) -> HttpResponse:
    """When our organisation answers; public holidays are known without being written."""
    ours = Organisation.objects.get(pk=request.actor.organisation_id or 0)
    which = request.POST.get("quoi", "")
    form = HoursForm(request.POST if which == "heures" else None)
    closure = ClosureForm(request.POST if which == "fermeture" else None)
    if which == "heures" and form.is_valid():
        OpeningHours.objects.get_or_create(
            territory_id=request.actor.territory_id, organisation=ours, **form.cleaned_data
        )
        say(request, _("Horaire ajouté."))
        return to(request, "hours")
    if which == "fermeture" and closure.is_valid():
        Closure.objects.update_or_create(
            territory_id=request.actor.territory_id,
            organisation=ours,
            on=closure.cleaned_data["on"],
            defaults={"label": closure.cleaned_data["label"]},
        )
        say(request, _("Fermeture notée."))
        return to(request, "hours")
    days = dict(form.fields["weekday"].choices)  # type: ignore[attr-defined]
    context = {
        "organisation": ours,
        "rows": [
            {
                "pk": row.pk,
                "day": str(days[row.weekday]),
                "opens_at": row.opens_at,
                "closes_at": row.closes_at,
            }
            for row in OpeningHours.objects.filter(organisation=ours).order_by("weekday", "opens_at", "pk")
        ],
        "closures": Closure.objects.filter(organisation=ours).order_by("on"),
        "form": form,
        "closure": closure,
    }
    return render(request, "team/hours.html", context, status=422 if form.errors or closure.errors else 200)


@require_POST
@section("team")
@permission(administers)
def hours_remove(request: DeskRequest, pk: int) -> HttpResponse:
    OpeningHours.objects.filter(pk=pk, organisation_id=request.actor.organisation_id or 0).delete()
    return to(request, "hours")


@require_POST
@section("team")
@permission(administers)
def closure_remove(request: DeskRequest, pk: int) -> HttpResponse:
    Closure.objects.filter(pk=pk, organisation_id=request.actor.organisation_id or 0).delete()
    return to(request, "hours")


class PartnerForm(forms.Form):
    organisation = forms.CharField(label=gettext_lazy("Association ou service"), max_length=120)
    name = forms.CharField(label=gettext_lazy("Ce qu’il propose"), max_length=120)
    nature = forms.ChoiceField(label=gettext_lazy("Nature"), choices=PartnerService.Nature.choices)
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Pour quelles aides"), widget=forms.CheckboxSelectMultiple, choices=()
    )
    phone = forms.CharField(label=gettext_lazy("Téléphone"), max_length=40, required=False)
    email = forms.EmailField(label=gettext_lazy("Courriel"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kinds"].choices = list(  # type: ignore[attr-defined]
            HelpKind.objects.offered().order_by("order", "pk").values_list("code", "name")
        )


KIND_OF_NATURE = {
    PartnerService.Nature.ASSOCIATION: Organisation.Kind.ASSOCIATION,
    PartnerService.Nature.TOWN: Organisation.Kind.TOWN_SERVICE,
    PartnerService.Nature.OTHER: Organisation.Kind.ASSOCIATION,
}


@section("team")
@permission(administers)
def partner_list(request: DeskRequest) -> HttpResponse:
    """Who takes over what neighbours cannot do."""
    form = PartnerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        name = values.pop("organisation").strip()
        organisation, _made = Organisation.objects.get_or_create(
            territory_id=request.actor.territory_id,
            name=name,
            defaults={"short_name": name[:40], "kind": KIND_OF_NATURE[values["nature"]]},
        )
        _result, done = try_operation(
            request,
            form,
            lambda: partners.add_service(organisation_id=organisation.pk, **values, actor=request.actor),
        )
        if done:
            say(request, _("Partenaire ajouté."))
            return to(request, "partner_list")
    services = (
        PartnerService.objects.select_related("organisation")
        .prefetch_related("kinds")
        .order_by("organisation__name", "pk")
    )
    return render(
        request,
        "team/partners.html",
        {"services": services, "form": form},
        status=422 if form.errors else 200,
    )
