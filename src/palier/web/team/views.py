"""Who works here: roles, teams, deputies, absences, on call; and the territory's settings."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from palier.accounts import operations
from palier.accounts.models import Absence, Membership, OnCall
from palier.duties import leaving
from palier.journal import live
from palier.kernel import clock, gsm, phones
from palier.territories.models import Territory
from palier.web.jinja import gettext as _
from palier.web.pages import (
    DeskRequest,
    administers,
    anybody,
    permission,
    render,
    say,
    section,
    to,
    try_operation,
)
from palier.web.team.forms import MemberForm, NewMemberForm, OnCallForm, PeriodForm, SettingsForm


@section("team")
@permission(administers)
def team(request: DeskRequest) -> HttpResponse:
    now = clock.now()
    members = (
        Membership.objects.live()
        .select_related("user", "organisation", "team", "deputy__user")
        .order_by("-organisation__is_lead", "organisation__name", "user__last_name", "pk")
    )
    away = dict(
        Absence.objects.filter(starts_at__lte=now, ends_at__gt=now)
        .order_by("ends_at")
        .values_list("membership_id", "ends_at")
    )
    on_call = (
        OnCall.objects.filter(ends_at__gt=now)
        .select_related("membership__user")
        .order_by("starts_at", "pk")[:10]
    )
    return render(
        request,
        "team/team.html",
        {
            "members": members,
            "away": away,
            "on_call": on_call,
            "form": OnCallForm(organisation_id=request.actor.organisation_id or 0),
        },
    )


@section("team")
@permission(administers)
def member_new(request: DeskRequest) -> HttpResponse:
    form = NewMemberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made, done = try_operation(
            request, form, lambda: operations.add_member(**form.cleaned_data, actor=request.actor)
        )
        if done:
            say(
                request,
                _("Accès donné. La personne choisit son mot de passe depuis « Mot de passe oublié »."),
            )
            return to(request, "member", pk=made.pk)
    return render(request, "team/new.html", {"form": form}, status=422 if form.errors else 200)


@section("team")
@permission(administers)
def member(request: DeskRequest, pk: int) -> HttpResponse:
    """One member: role, team, deputy; changes hold from their next click."""
    row = _member(pk)
    initial = {
        "role": row.role, "team_id": row.team_id, "title": row.title, "extension": row.extension, "deputy_id": row.deputy_id,
    }  # fmt: skip
    form = MemberForm(request.POST or None, initial=initial, member=row)
    if request.method == "POST" and form.is_valid():
        _result, done = try_operation(
            request, form, lambda: operations.change_member(pk, actor=request.actor, **form.cleaned_data)
        )
        if done:
            # An open stream of theirs looks again at what it may hear.
            live.publish(request.actor.territory_id, "accounts.membership", pk, pk)
            say(request, _("Modifié."))
            return to(request, "team")
    absences = Absence.objects.filter(membership=row, ends_at__gt=clock.now()).order_by("starts_at", "pk")
    return render(
        request,
        "team/member.html",
        {"member": row, "form": form, "absences": absences, "period": PeriodForm()},
        status=422 if form.errors else 200,
    )


@require_POST
@section("team")
@permission(administers)
def member_end(request: DeskRequest, pk: int) -> HttpResponse:
    """Their access ends now; what they owned goes to their deputy, or back to the team."""
    row = _member(pk)
    moved, done = try_operation(request, None, lambda: leaving.leave(pk, actor=request.actor))
    if done:
        live.publish(request.actor.territory_id, "accounts.membership", pk, pk)
        say(
            request,
            _("L’accès de %(name)s est terminé. Actions reprises : %(n)s.")
            % {"name": row.user.get_full_name(), "n": moved},
        )
    return to(request, "team")


@require_POST
@section("team")
@permission(anybody)
def absence_add(request: DeskRequest, pk: int) -> HttpResponse:
    """An absence, one's own or a colleague's."""
    row = _member(pk)
    form = PeriodForm(request.POST)
    if form.is_valid():
        _result, done = try_operation(
            request, form, lambda: operations.add_absence(pk, **form.cleaned_data, actor=request.actor)
        )
        if done:
            say(request, _("Absence notée."))
            return to(
                request,
                "member" if request.actor.administers else "my_account",
                **({"pk": pk} if request.actor.administers else {}),
            )
    return render(request, "team/absence.html", {"member": row, "period": form}, status=422)


@require_POST
@section("team")
@permission(anybody)
def absence_remove(request: DeskRequest, pk: int) -> HttpResponse:
    absence = Absence.objects.filter(pk=pk).first()
    operations.remove_absence(pk, actor=request.actor)
    if absence is not None and request.actor.administers:
        return to(request, "member", pk=absence.membership_id)
    return to(request, "my_account")


@require_POST
@section("team")
@permission(administers)
def on_call_add(request: DeskRequest) -> HttpResponse:
    form = OnCallForm(request.POST, organisation_id=request.actor.organisation_id or 0)
    if form.is_valid():
        _result, done = try_operation(
            request,
            form,
            lambda: operations.put_on_call(
                form.cleaned_data["membership"],
                starts_at=form.cleaned_data["starts_at"],
                ends_at=form.cleaned_data["ends_at"],
                actor=request.actor,
            ),
        )
        if done:
            say(request, _("Astreinte notée."))
            return to(request, "team")
    return render(request, "team/on_call.html", {"form": form}, status=422)


@section("team")
@permission(administers)
def settings_page(request: DeskRequest) -> HttpResponse:
    """How the territory is named in messages, and how neighbours are asked."""
    row = Territory.objects.get(pk=request.actor.territory_id)
    shown = {"public_phone": phones.pretty(row.public_phone)}
    form = SettingsForm(request.POST or None, instance=row, initial=shown)
    if request.method == "POST" and form.is_valid():
        try:
            number = phones.parse(form.cleaned_data["public_phone"], row.phone_region)
        except phones.BadPhone as refusal:
            form.add_error("public_phone", str(refusal))
        else:
            sender = form.cleaned_data["sender_name"]
            if not gsm.is_gsm(sender):
                form.add_error(
                    "sender_name", _("Ce nom contient un signe que les SMS ne portent pas. Écrivez-le sans.")
                )
            else:
                changed = form.save(commit=False)
                changed.public_phone = number.e164
                changed.save(update_fields=list(form.fields))
                say(request, _("Réglages enregistrés."))
                return to(request, "territory_settings")
    return render(request, "team/settings.html", {"form": form}, status=422 if form.errors else 200)


def _member(pk: int) -> Membership:
    return get_object_or_404(Membership.objects.live().select_related("user", "organisation"), pk=pk)
