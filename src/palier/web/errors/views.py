"""Pages for what went wrong: same style, what was typed given back, and what to do next."""

import logging
import secrets
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template import engines
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from django.utils.http import urlencode

from palier.kernel.errors import BadInput
from palier.web.jinja import gettext as _

logger = logging.getLogger("palier.web")

# Never shown again, in no error page.
SECRET_FIELDS = ("password", "csrfmiddlewaretoken", "code", "token", "credential")


def page(request: HttpRequest, status: int, **context: Any) -> HttpResponse:
    """An error page; a fragment's or script's request gets the sentence alone."""
    desk = getattr(request, "desk", None)
    if desk is not None:
        context.setdefault("phone", desk.public_phone)
    if not request.headers.get("HX-Request"):
        context.setdefault("kept", kept(request))
        if request.method == "POST" and status in (401, 409, 500, 503):
            context.setdefault("retry_url", request.get_full_path())
            context.setdefault("retry_fields", fields(request))
    template = engines["jinja2"].get_template(f"errors/{status}.html")
    context.setdefault("lang", translation.get_language() or "fr")
    return HttpResponse(template.render(context, request), status=status)


def kept(request: HttpRequest) -> list[tuple[str, str]]:
    """What was typed, longest first: the fields a person would hate to write again."""
    typed = [(name, value) for name, value in fields(request) if len(value) > 3 and not value.isdigit()]
    return [
        (_("Ce que vous aviez écrit"), value) for _name, value in sorted(typed, key=lambda p: -len(p[1]))[:5]
    ]


def fields(request: HttpRequest) -> list[tuple[str, str]]:
    try:
        posted = request.POST
    except Exception:
        return []
    return [
        (name, value)
        for name, values in posted.lists()
        if not any(secret in name for secret in SECRET_FIELDS)
        for value in values
    ]


def signed_out(request: HttpRequest) -> HttpResponse:
    """Sign in and come back; nothing typed is lost (A11Y-13)."""
    login = f"{reverse('account_login')}?{urlencode({'next': request.get_full_path()})}"
    if request.headers.get("HX-Request") or request.headers.get("X-Requested-With") == "palier":
        return JsonResponse({"signed_out": True}, status=401)
    if request.method == "POST":
        return page(request, 401, login_url=reverse("account_login"))
    return HttpResponseRedirect(login)


def no_place(request: HttpRequest) -> HttpResponse:
    """Signed in, but the membership ended or none was chosen: choose one, or learn whom to ask."""
    try:
        return HttpResponseRedirect(reverse("choose_place"))
    except NoReverseMatch:
        return page(request, 403)


def forbidden(request: HttpRequest, refusal: Exception | None = None) -> HttpResponse:
    return page(request, 403, sentence=str(refusal) if refusal and str(refusal) else "")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, 404)


def conflict(request: HttpRequest, refusal: Exception) -> HttpResponse:
    return page(request, 409, sentence=str(refusal))


def bad_input(request: HttpRequest, refusal: BadInput) -> HttpResponse:
    return page(request, 422, sentence=str(refusal))


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler: a malformed request, or one that is too large."""
    if exception is not None and type(exception).__name__ == "RequestDataTooBig":
        return page(request, 413, kept=[], retry_url="")
    return page(request, 400, kept=[])


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page was open across a sign-in, or for a very long time: what was typed can be sent again at once."""
    return page(
        request,
        403,
        is_stale=True,
        sentence=_("Rien n’est perdu : réessayez."),
        retry_url=request.get_full_path(),
        retry_fields=fields(request),
    )


def broken(request: HttpRequest, error: Exception) -> HttpResponse:
    reference = secrets.token_hex(4)
    logger.error("request failed, reference %s", reference, exc_info=error)
    if settings.DEBUG or getattr(settings, "RAISE_IN_TESTS", False):
        raise error
    return page(request, 500, reference=reference)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler, for what failed outside our views."""
    return page(request, 500, reference=secrets.token_hex(4))


def database_away(request: HttpRequest, error: Exception) -> HttpResponse:
    logger.error("database away: %s", type(error).__name__)
    response = page(request, 503)
    response["Retry-After"] = "10"
    return response
