"""What surrounds every request: headers, language, who it is, the wall, the access log, and what refusals become."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.middleware import SessionMiddleware as DjangoSessions
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.common import CommonMiddleware as DjangoCommon
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import constant_time_compare

from palier.accounts.models import Session
from palier.journal import accesses
from palier.kernel import clock
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.territories import walls
from palier.web import desk
from palier.web.errors import views as errors

Answer = Callable[[HttpRequest], HttpResponse]

SAFE = ("GET", "HEAD", "OPTIONS")


def security_headers(get_response: Answer) -> Answer:
    """SEC-12: nothing from elsewhere, no inline script or style, no frame, no trace of the address."""
    live = f" {settings.LIVE_URL}" if settings.LIVE_URL else ""
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
        f"connect-src 'self'{live}; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
    )
    hsts = (
        f"max-age={settings.SECURE_HSTS_SECONDS}; includeSubDomains" if settings.SECURE_HSTS_SECONDS else ""
    )

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        headers = response.headers
        headers["Content-Security-Policy"] = policy
        headers["X-Content-Type-Options"] = "nosniff"
        # A link's secret is in no Referer; but the origin is told, or its forms come back as from nowhere (Origin: null).
        headers["Referrer-Policy"] = "strict-origin" if request.path.startswith("/r/") else "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
        if hsts:
            headers["Strict-Transport-Security"] = hsts
        if not request.path.startswith(settings.STATIC_URL):
            headers.setdefault("Cache-Control", "no-store")
        return response

    return answer


class SessionMiddleware(DjangoSessions):
    """Django's; a fast path in ActorAndWallMiddleware fills the session from the row it read anyway."""


class CommonMiddleware(DjangoCommon):
    """Django's."""


def language(get_response: Answer) -> Answer:
    """Public pages: French, or English when the browser asks; the desk follows the user's own choice."""

    def answer(request: HttpRequest) -> HttpResponse:
        wanted = translation.get_language_from_request(request)
        with translation.override(wanted if wanted in ("fr", "en") and _is_public(request) else "fr"):
            response = get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or "fr")
            return response

    return answer


def _is_public(request: HttpRequest) -> bool:
    return request.path.startswith(("/r/", "/inscription/", "/accessibilite"))


class ActorAndWallMiddleware:
    """Sets `request.actor` and runs the view in one transaction behind its territory's wall; a GET cannot write."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        request.actor = request.desk = request.sitting = None
        request.accesses = []
        key = request.session.session_key
        if key:
            try:
                request.sitting = self._sitting(request, key)
            except (OperationalError, InterfaceError) as error:
                return errors.database_away(request, error)
        if request.sitting is not None and not _is_public(request):
            # Their own language, on pages of errors too. Until the end of the request: `language` puts it back.
            translation.activate(request.sitting.user.language)
        return self.get_response(request)

    def _sitting(self, request: Any, key: str) -> desk.Sitting | None:
        sitting = desk.find_session(key)
        now = clock.now()
        if sitting is None or sitting.expires_at <= now or not sitting.user.is_active:
            return None
        idle = timedelta(seconds=settings.SESSION_IDLE_SECONDS)
        if sitting.seen_at + idle <= now:
            Session.objects.filter(pk=key).delete()
            return None
        data = request.session.decode(sitting.data)
        if not constant_time_compare(data.get("_auth_user_hash", ""), sitting.user.get_session_auth_hash()):
            return None
        request.session._session_cache = data
        request.user = request._cached_user = sitting.user
        if sitting.seen_at + timedelta(minutes=1) <= now and not _asks_by_itself(request):
            Session.objects.filter(pk=key).update(seen_at=now)
        return sitting

    def process_view(
        self, request: Any, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if getattr(view, "open_to_all", False) or getattr(view, "__module__", "").startswith(
            ("allauth.", "django.", "ninja.", "palier.api.")
        ):
            # Their own transactions and walls; sign-in pages belong to no territory.
            return self._around_the_account(request) if view.__module__.startswith("allauth.") else None
        sitting = request.sitting
        if sitting is None:
            return errors.signed_out(request)
        if settings.SECOND_FACTOR_REQUIRED and not sitting.has_second_factor:
            return HttpResponseRedirect(reverse("mfa_activate_totp"))
        if sitting.territory_id is None:
            return errors.no_place(request)
        try:
            with walls.inside(
                sitting.territory_id,
                read_only=request.method in SAFE,
                reader=sitting.membership_id if request.method in SAFE else None,
                ask=[desk.place_of(sitting, clock.now())],
            ) as (place,):
                request.desk = desk.desk_of(sitting, place)
                if request.desk is None:
                    return errors.no_place(request)
                request.actor = request.desk.actor
                response = self._answer(request, view, args, kwargs)
                if response.status_code >= 500:
                    raise _Undo(response)
            for operation, kind, number, reason in request.accesses:
                accesses.note(request.actor, clock.now(), operation, kind, number, reason)
            return response
        except _Undo as undo:
            return undo.response
        except (OperationalError, InterfaceError) as error:
            return errors.database_away(request, error)
        except DatabaseError as error:
            return errors.broken(request, error)

    def _around_the_account(self, request: Any) -> HttpResponse | None:
        """The pages of one's password and second factor show the desk around them."""
        sitting = request.sitting
        if sitting is None:
            return None
        if sitting.territory_id is not None and (
            sitting.has_second_factor or not settings.SECOND_FACTOR_REQUIRED
        ):
            try:
                with walls.inside(sitting.territory_id, read_only=True):
                    request.desk = desk.find_desk(sitting, clock.now())
            except (OperationalError, InterfaceError) as error:
                return errors.database_away(request, error)
        return None

    def _answer(self, request: Any, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> HttpResponse:
        """The view's answer, or the page of its refusal; what a refused view wrote is undone."""
        try:
            response: HttpResponse = view(request, *args, **kwargs)
            return response
        except (NotAllowed, PermissionDenied) as refusal:
            raise _Undo(errors.forbidden(request, refusal)) from refusal
        except NotPossibleNow as refusal:
            raise _Undo(errors.conflict(request, refusal)) from refusal
        except BadInput as refusal:
            raise _Undo(errors.bad_input(request, refusal)) from refusal
        except Http404 as refusal:
            raise _Undo(errors.not_found(request, refusal)) from refusal
        except (OperationalError, InterfaceError):
            raise
        except SuspiciousOperation as refusal:
            raise _Undo(errors.bad_request(request, refusal)) from refusal
        except Exception as error:
            raise _Undo(errors.broken(request, error)) from error


def _asks_by_itself(request: HttpRequest) -> bool:
    """What an open page fetches without anybody there: an unattended desk closes all the same (SEC-08)."""
    if request.method not in SAFE:
        return False
    part = request.headers.get("HX-Trigger")
    return request.path == reverse("live_poll") or (
        part is not None and part == request.headers.get("HX-Target")
    )


class _Undo(Exception):
    """Carries an answer out of the transaction, which is rolled back."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__()
        self.response = response
