"""The door of the registers' pages: named by the mayor, now, and having promised secrecy; every refusal is written down."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import Http404, HttpResponse

from palier.kernel.errors import NotAllowed
from palier.register import policies
from palier.register.models import Register
from palier.register.models.designations import UNDERTAKING
from palier.register.undertaking import TEXTS
from palier.web.errors import views as errors
from palier.web.jinja import gettext as _
from palier.web.pages import DeskRequest, render

Params = ParamSpec("Params")
View = Callable[Concatenate[Any, Params], HttpResponse]


def named_only(
    view: "Callable[Concatenate[Any, Params], HttpResponse]",
) -> "Callable[Concatenate[Any, Params], HttpResponse]":
    """Only for who is named in a register (403 and a line in the access log otherwise), and promised (REG-13, REG-14)."""

    @wraps(view)
    def checked(request: Any, /, *args: Params.args, **kwargs: Params.kwargs) -> HttpResponse:
        if not policies.may_open_any(request.actor):
            return refused(request, "not named")
        if not policies.has_promised(request.actor):
            note_refusal(request, "no undertaking")
            return undertaking_page(request, status=403)
        return view(request, *args, **kwargs)

    checked.permission = policies.may_open_any  # type: ignore[attr-defined]
    return checked


def refused(request: DeskRequest, reason: str) -> HttpResponse:
    """An answer and not an exception: what an exception undoes includes the line that says so."""
    note_refusal(request, reason)
    return errors.forbidden(
        request,
        NotAllowed(
            _("Le registre s’ouvre aux personnes nommées par le maire, pour la durée de leur désignation. "
              "Demandez à la personne responsable du service.")
        ),
    )  # fmt: skip


def note_refusal(request: DeskRequest, reason: str) -> None:
    request.accesses.append(("refused", "register.register", None, reason))


def undertaking_page(request: DeskRequest, *, status: int = 200) -> HttpResponse:
    context = {
        "version": UNDERTAKING,
        "sentences": TEXTS[UNDERTAKING],
        "promised": status == 200 and policies.has_promised(request.actor),
        "next": request.get_full_path() if status == 403 and request.method == "GET" else "",
    }
    return render(request, "registers/undertaking.html", context, status=status)


def entered(request: DeskRequest, pk: int) -> Register:
    """A register whose entries this person may read; of the others nobody here says that they exist."""
    register = Register.objects.enterable_by(request.actor).filter(pk=pk).first()
    if register is None:
        raise Http404
    return register
