"""Answering: a page or its part, a redirection that a fragment understands, a refusal said where it belongs."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url

from palier.accounts.actor import Actor
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.web.jinja import ours, page_context

Params = ParamSpec("Params")


class DeskRequest(HttpRequest):
    """A request of somebody who signed in: `actor` is there."""

    actor: Actor
    desk: Any
    sitting: Any
    # What to write in the access log before the answer leaves: (operation, kind, number, reason).
    accesses: list[tuple[str, str, int | None, str]]
    htmx: Any


def render(
    request: HttpRequest, template: str, context: Mapping[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """The whole page."""
    page = ours().get_template(template)
    return HttpResponse(page.render(_values(request, context)), status=status)


def part(
    request: HttpRequest,
    template: str,
    block: str,
    context: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """One block of a page, as it stands in the page."""
    page = ours().get_template(template)
    scope = page.new_context(_values(request, context))
    # Names imported at the head of the page are part of its blocks; the page itself stops at its first word.
    next(page.root_render_func(scope), None)
    return HttpResponse("".join(page.blocks[block](scope)), status=status)


def _values(request: HttpRequest, context: Mapping[str, Any] | None) -> dict[str, Any]:
    return {"request": request, **page_context(request), **(context or {})}


def page_or_part(
    request: HttpRequest,
    template: str,
    block: str,
    context: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """The part for a swap, the page without."""
    if request.headers.get("HX-Request") and not request.headers.get("HX-Boosted"):
        return part(request, template, block, context, status=status)
    return render(request, template, context, status=status)


def to(request: HttpRequest, target: Any, *args: Any, **kwargs: Any) -> HttpResponse:
    """Go to another page after something was done; a fragment's request leaves its page too."""
    address = resolve_url(target, *args, **kwargs)
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = address
        return response
    return HttpResponseRedirect(address)


def say(request: HttpRequest, sentence: object, tone: str = "success") -> None:
    """A sentence at the head of the next page: success, info, warning or error."""
    messages.add_message(request, getattr(messages, tone.upper()), str(sentence))


def try_operation(
    request: HttpRequest, form: forms.Form | None, operation: Callable[[], Any]
) -> tuple[Any, bool]:
    """Run an operation; what it refuses goes to the field it names, or to a message. Gives (result, done)."""
    try:
        return operation(), True
    except BadInput as refusal:
        if form is not None:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            say(request, refusal, "warning")
    except NotPossibleNow as refusal:
        if form is not None:
            form.add_error(None, str(refusal))
        else:
            say(request, refusal, "warning")
    return None, False


def permission(
    rule: Callable[[Actor], bool],
) -> Callable[
    [Callable[Concatenate[Any, Params], HttpResponse]], Callable[Concatenate[Any, Params], HttpResponse]
]:
    """Say who may use a view: a policy on the actor. A stranger to it gets 403 with the name of who can."""

    def decorate(
        view: Callable[Concatenate[Any, Params], HttpResponse],
    ) -> Callable[Concatenate[Any, Params], HttpResponse]:
        @wraps(view)
        def checked(request: Any, /, *args: Params.args, **kwargs: Params.kwargs) -> HttpResponse:
            if not rule(request.actor):
                raise NotAllowed
            return view(request, *args, **kwargs)

        checked.permission = rule  # type: ignore[attr-defined]
        return checked

    return decorate


def section(name: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Which entry of the rail a view belongs to."""

    def mark(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        view.section = name  # type: ignore[attr-defined]
        return view

    return mark


def open_to_all(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page without sign-in: a neighbour's link, the accessibility statement."""
    view.open_to_all = True  # type: ignore[attr-defined]
    return view


def at_the_desk(actor: Actor) -> bool:
    return actor.is_desk


def coordinates(actor: Actor) -> bool:
    return actor.coordinates


def administers(actor: Actor) -> bool:
    return actor.administers


def anybody(actor: Actor) -> bool:
    return actor.kind == "member"
