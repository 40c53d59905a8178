"""Who may enter the files that are kept apart: everybody of the desk reads it, the head of service changes it."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from palier.accounts.actor import Actor
from palier.accounts.models import Membership
from palier.kernel.ranges import day_of
from palier.people import operations, policies
from palier.people.models import Compartment, CompartmentGrant
from palier.web.jinja import gettext as _
from palier.web.pages import DeskRequest, at_the_desk, permission, render, say, section, to, try_operation

Members = list[tuple[int, str]]


def grants_compartments(actor: Actor) -> bool:
    return actor.grants_compartments


class CompartmentForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Nom du volet"),
        max_length=120,
        help_text=gettext_lazy("Par exemple : volet confidentiel, adultes de moins de 60 ans."),
        error_messages={"required": gettext_lazy("Donnez un nom à ce volet.")},
    )


class GrantForm(forms.Form):
    membership = forms.TypedChoiceField(
        label=gettext_lazy("Qui"),
        coerce=int,
        error_messages={"required": gettext_lazy("Choisissez quelqu’un de l’équipe.")},
    )
    until = forms.DateField(
        label=gettext_lazy("Jusqu’au"),
        required=False,
        help_text=gettext_lazy("Ce jour compris. Vide : sans fin prévue."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": gettext_lazy("Écrivez la date comme 14/03/2027.")},
    )

    def __init__(self, *args: Any, members: Members, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["membership"].choices = [("", gettext_lazy("Choisir")), *members]  # type: ignore[attr-defined]


def _members() -> Members:
    """Who may be given an access: the desk of the lead organisation."""
    desk = Membership.objects.live().filter(organisation__is_lead=True, role__in=policies.DESK_ROLES)
    return [
        (member.pk, member.user.get_full_name())
        for member in desk.select_related("user").order_by("user__last_name", "pk")
    ]


@section("people")
@permission(at_the_desk)
def compartments(request: DeskRequest) -> HttpResponse:
    """Whom to ask for a file that is kept apart; no file is named here."""
    return _show(request)


def _show(
    request: DeskRequest,
    *,
    opening: CompartmentForm | None = None,
    granting: tuple[int, GrantForm] | None = None,
) -> HttpResponse:
    manages = request.actor.grants_compartments
    live = CompartmentGrant.objects.live().select_related("membership__user")
    grants: dict[int, list[CompartmentGrant]] = {}
    for one in live.order_by("membership__user__last_name", "pk"):
        grants.setdefault(one.compartment_id, []).append(one)
    members = _members() if manages else []
    rows = [
        {
            "compartment": compartment,
            "grants": grants.get(compartment.pk, []),
            "form": granting[1]
            if granting and granting[0] == compartment.pk
            else GrantForm(members=members, auto_id=f"volet{compartment.pk}_%s")
            if manages
            else None,
        }
        for compartment in Compartment.objects.open().order_by("name", "pk")
    ]
    context = {"rows": rows, "manages": manages, "opening": opening or CompartmentForm()}
    wrong = (opening and opening.errors) or (granting and granting[1].errors)
    return render(request, "people/compartments.html", context, status=422 if wrong else 200)


@require_POST
@section("people")
@permission(grants_compartments)
def compartment_open(request: DeskRequest) -> HttpResponse:
    """A new place for files kept apart; nobody may enter it yet."""
    form = CompartmentForm(request.POST)
    if form.is_valid():
        _made, done = try_operation(
            request,
            form,
            lambda: operations.open_compartment(name=form.cleaned_data["name"], actor=request.actor),
        )
        if done:
            say(request, _("Volet ouvert. Dites maintenant qui y a accès."))
            return to(request, "compartments")
    return _show(request, opening=form)


@require_POST
@section("people")
@permission(grants_compartments)
def compartment_grant(request: DeskRequest, pk: int) -> HttpResponse:
    """Somebody may enter, until the end of a day or without end."""
    compartment = get_object_or_404(Compartment.objects.open().visible_to(request.actor), pk=pk)
    form = GrantForm(request.POST, members=_members(), auto_id=f"volet{pk}_%s")
    if form.is_valid():
        until = form.cleaned_data["until"]
        _made, done = try_operation(
            request,
            form,
            lambda: operations.grant(
                compartment.pk,
                membership_id=form.cleaned_data["membership"],
                ends_at=day_of(until, request.desk.zone).end if until else None,
                actor=request.actor,
            ),
        )
        if done:
            say(request, _("Accès donné."))
            return to(request, "compartments")
    return _show(request, granting=(pk, form))


@require_POST
@section("people")
@permission(grants_compartments)
def compartment_revoke(request: DeskRequest, pk: int) -> HttpResponse:
    """From the next click on they see nobody of it."""
    held = get_object_or_404(
        CompartmentGrant.objects.filter(compartment__in=Compartment.objects.visible_to(request.actor)), pk=pk
    )
    operations.revoke(held.pk, actor=request.actor)
    say(request, _("Accès retiré."))
    return to(request, "compartments")
