"""One's own account: where one is signed in, second factor, display, language, place of work."""

import hashlib
from typing import Any

from allauth.mfa.models import Authenticator
from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from palier.accounts import operations
from palier.accounts.models import Membership, Session, User
from palier.journal import live
from palier.kernel import clock
from palier.territories import walls
from palier.web.errors import views as errors
from palier.web.jinja import gettext as _
from palier.web.pages import DeskRequest, anybody, open_to_all, permission, render, say, section, to


def mark_of(session_key: str) -> str:
    """Names a session in a page without giving its secret away."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:24]


BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS X", "Mac"),
    ("CrOS", "Chromebook"), ("Linux", "Linux"),
)  # fmt: skip


def device_name(agent: str) -> str:
    """« Firefox, Windows » for what a browser says of itself; what is not known is shown as it came."""
    browser = next((name for sign, name in BROWSERS if sign in agent), "")
    system = next((name for sign, name in SYSTEMS if sign in agent), "")
    return ", ".join(filter(None, (browser, system))) or agent


@section("account")
@permission(anybody)
def my_account(request: DeskRequest) -> HttpResponse:
    """Sign-ins that are open, the second factor, language, display."""
    sessions = Session.objects.filter(
        user_id=request.actor.user_id or 0, expire_date__gt=clock.now()
    ).order_by("-seen_at", "session_key")
    own = request.session.session_key or ""
    factors = (
        Authenticator.objects.filter(user_id=request.actor.user_id or 0)
        .order_by("pk")
        .values_list("type", flat=True)
    )
    context = {
        "sessions": [
            {
                "mark": mark_of(session.session_key),
                "device": device_name(session.device),
                "opened_at": session.opened_at,
                "seen_at": session.seen_at,
                "is_this": session.session_key == own,
            }
            for session in sessions
        ],
        "factors": set(factors),
        "language": request.desk.user.language,
    }
    return render(request, "account/mine.html", context)


@require_POST
@section("account")
@permission(anybody)
def session_end(request: DeskRequest, mark: str) -> HttpResponse:
    """End one of one's own sign-ins."""
    keys = Session.objects.filter(user_id=request.actor.user_id or 0).values_list("session_key", flat=True)
    for key in keys:
        if mark_of(key) == mark:
            operations.end_session(key, user_id=request.actor.user_id or 0)
            live.publish(request.actor.territory_id, "accounts.session", 0, request.actor.membership_id)
            say(request, _("Cette connexion est fermée."))
    return to(request, "my_account")


class DisplayForm(forms.Form):
    theme = forms.ChoiceField(choices=User.Theme.choices, required=False)
    text = forms.ChoiceField(choices=User.TextSize.choices, required=False)


@require_POST
@permission(anybody)
def display(request: DeskRequest) -> HttpResponse:
    """Text size and background follow the person from one computer to the next."""
    form = DisplayForm(request.POST)
    if form.is_valid():
        wanted: dict[str, Any] = {}
        if form.cleaned_data["theme"]:
            wanted["theme"] = form.cleaned_data["theme"]
        if form.cleaned_data["text"]:
            wanted["text_size"] = form.cleaned_data["text"]
        if wanted:
            User.objects.filter(pk=request.actor.user_id or 0).update(**wanted)
    if request.headers.get("X-Requested-With"):
        return HttpResponse(status=204)
    back = request.POST.get("next", "")
    return HttpResponseRedirect(
        back if back.startswith("/") and not back.startswith("//") else reverse("home")
    )


class LanguageForm(forms.Form):
    language = forms.ChoiceField(choices=[("fr", "Français"), ("en", "English")])


@require_POST
@permission(anybody)
def language(request: DeskRequest) -> HttpResponse:
    """French or English, for this person."""
    form = LanguageForm(request.POST)
    if form.is_valid():
        User.objects.filter(pk=request.actor.user_id or 0).update(language=form.cleaned_data["language"])
    return to(request, "my_account")


@open_to_all
def choose_place(request: HttpRequest) -> HttpResponse:
    """Somebody who works in several places says where they are now; nobody works nowhere."""
    sitting = getattr(request, "sitting", None)
    if sitting is None:
        return errors.signed_out(request)
    with walls.own_rows_of(sitting.user.pk):
        mine = (
            Membership.objects.live()
            .filter(user_id=sitting.user.pk)
            .select_related("territory")
            .order_by("pk")
        )
        rows = [(m.pk, m.territory_id, m.territory.name) for m in mine]
    if request.method == "POST":
        for membership_id, territory_id, _name in rows:
            if str(membership_id) == request.POST.get("place"):
                request.session["membership_id"] = membership_id
                request.session["territory_id"] = territory_id
                request.session.cycle_key()
                return HttpResponseRedirect(reverse("home"))
    places = []
    for membership_id, territory_id, name in rows:
        with walls.inside(territory_id, read_only=True):
            membership = Membership.objects.select_related("organisation").get(pk=membership_id)
            places.append(
                {
                    "id": membership_id,
                    "territory": name,
                    "organisation": membership.organisation.name,
                    "role": membership.get_role_display(),
                }
            )
    return render(
        request, "account/place.html", {"places": places, "territory": {"name": "Palier", "public_phone": ""}}
    )
