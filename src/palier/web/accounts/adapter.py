"""allauth, bent to a house where accounts are made by whoever administers, never by signing up."""

from datetime import datetime, timedelta
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from palier.accounts.models import Membership
from palier.kernel import clock
from palier.territories import walls


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def login(self, request: HttpRequest, user: Any) -> None:
        """Start the session at the person's one place of work; with several they choose."""
        super().login(request, user)
        request.session["opened_at"] = clock.now().isoformat()
        request.session["device"] = request.headers.get("User-Agent", "")[:200]
        request.session.set_expiry(settings.SESSION_COOKIE_AGE)
        with walls.own_rows_of(user.pk):
            places = list(
                Membership.objects.live().filter(user=user).order_by("pk").values("pk", "territory_id")[:2]
            )
        if len(places) == 1:
            request.session["membership_id"] = places[0]["pk"]
            request.session["territory_id"] = places[0]["territory_id"]

    def is_reauthentication_required(self, *, app: str) -> bool:
        """Not for somebody who has just come in: their first second factor is set up without a second password."""
        opened_at = context.request.session.get("opened_at")
        fresh = timedelta(seconds=settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)
        if opened_at and clock.now() - datetime.fromisoformat(opened_at) < fresh:
            return False
        return bool(super().is_reauthentication_required(app=app))

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        if "membership_id" not in request.session:
            return reverse("choose_place")
        return str(super().get_login_redirect_url(request))

    def ajax_response(self, request: HttpRequest, response: HttpResponse, **kwargs: Any) -> HttpResponse:
        return response
