"""The town's own page: asking to be called, without an account and without a script."""

import re
import secrets
from datetime import timedelta
from typing import Any

from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from palier.accounts.actor import Actor
from palier.documents import papers
from palier.kernel import clock
from palier.kernel.errors import BadInput
from palier.register import letters, operations
from palier.register.models import Notice, Register
from palier.territories import walls
from palier.territories.models import Territory
from palier.web.errors import views as errors
from palier.web.jinja import gettext as _
from palier.web.pages import open_to_all, render
from palier.web.register.answers import file
from palier.web.register.forms import PublicForm

# Requests from one address before a pause: a library or a care worker may send several.
TRIES, PAUSE = 12, 3600
# Nobody fills in such a form in less; after a day it is asked to be read again.
FASTEST, SLOWEST = timedelta(seconds=4), timedelta(hours=24)
TICKET, RECEIVED = "palier.register.ticket", "palier.register.received"
_REFERENCE = re.compile(r"R-\d{4}-\d{4,}")


def _town(code: str) -> Territory | None:
    return (
        Territory.objects.filter(code=code, ready_at__isnull=False).first()
        or Territory.objects.filter(code=code).first()
    )


@open_to_all
def public_form(request: HttpRequest, code: str) -> HttpResponse:
    """The form, with the five parts of the notice and the telephone number; what was typed is never lost."""
    territory = _town(code)
    if territory is None:
        return errors.not_found(request)
    with walls.inside(territory.pk, read_only=request.method != "POST"):
        register = Register.objects.filter(territory=territory, kind=Register.Kind.STATUTORY).first()
        notice = letters.published(register) if register else None
        if register is None or notice is None:
            return errors.not_found(request)
        if request.method == "POST":
            return _sent(request, territory, register, notice)
        form = PublicForm(
            initial={
                "ticket": _ticket(notice),
                "requester": "third_party" if request.GET.get("pour") == "autre" else "self",
            }
        )
        return _page(request, territory, register, notice, form)


def _sent(request: HttpRequest, territory: Territory, register: Register, notice: Notice) -> HttpResponse:
    form = PublicForm(request.POST)
    key = f"register-form:{request.META.get('REMOTE_ADDR', '')}"
    if int(cache.get(key, 0)) >= TRIES:
        form.is_valid()
        form.add_error(
            None, _("Beaucoup de demandes viennent de cette connexion. Attendez une heure, ou appelez-nous.")
        )
        return _page(request, territory, register, notice, _again(form, notice), status=429)
    if not form.is_valid():
        return _page(request, territory, register, notice, form, status=422)
    shown = _read(form.cleaned_data["ticket"], notice)
    if form.cleaned_data["website"]:
        form.add_error(None, _("Laissez vide la case « Site internet », puis envoyez de nouveau."))
    elif shown is None:
        form.add_error(
            None,
            _(
                "Cette page est restée ouverte longtemps, ou a été envoyée très vite. Relisez, puis envoyez de nouveau."
            ),
        )
    if form.errors or shown is None:
        return _page(request, territory, register, notice, _again(form, notice), status=422)
    values = {name: value for name, value in form.cleaned_data.items() if name not in ("website", "ticket")}
    values["isolation_prevention"] = values["isolation_prevention"] or "not_asked"
    try:
        made = operations.receive_request(
            register.pk,
            notice_id=shown["notice"],
            form_key=shown["key"],
            **values,
            actor=Actor.machine(_("formulaire en ligne"), territory.pk),
        )
    except BadInput as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return _page(request, territory, register, notice, form, status=422)
    if not cache.add(key, 1, PAUSE):
        cache.incr(key)
    # The reference travels signed: the next page names nobody and cannot be made to say something else.
    said = signing.dumps({"r": made.reference, "t": made.is_by_third_party}, salt=RECEIVED)
    return HttpResponseRedirect(
        f"{reverse('public_received', args=[territory.code])}?{urlencode({'r': said})}"
    )


def _ticket(notice: Notice) -> str:
    """When the page was shown, with which version of the notice, and the key that makes two clicks one request."""
    shown = {"at": clock.now().timestamp(), "notice": notice.pk, "key": secrets.token_hex(16)}
    return signing.dumps(shown, salt=TICKET)


def _read(ticket: str, notice: Notice) -> dict[str, Any] | None:
    try:
        shown: dict[str, Any] = signing.loads(ticket, salt=TICKET)
        age = timedelta(seconds=clock.now().timestamp() - float(shown["at"]))
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        return None
    known = Notice.objects.filter(register=notice.register_id, pk=shown["notice"], published_at__isnull=False)
    return shown if FASTEST <= age <= SLOWEST and known.exists() else None


def _again(form: PublicForm, notice: Notice) -> PublicForm:
    """The same form with a fresh ticket: everything typed stays."""
    data = QueryDict(mutable=True)
    data.update(form.data)
    data["ticket"] = _ticket(notice)
    form.data = data
    return form


def _page(
    request: HttpRequest,
    territory: Territory,
    register: Register,
    notice: Notice,
    form: PublicForm,
    *,
    status: int = 200,
) -> HttpResponse:
    context = {"territory": territory, "register": register, "notice": notice, "form": form}
    return render(request, "registers/public.html", context, status=status)


@open_to_all
@require_safe
def public_received(request: HttpRequest, code: str) -> HttpResponse:
    """What happens next, and the reference to give on the telephone."""
    territory = _town(code)
    try:
        said = signing.loads(request.GET.get("r", ""), salt=RECEIVED)
        reference = str(said["r"])
    except (signing.BadSignature, KeyError, TypeError):
        return errors.not_found(request)
    if territory is None or not _REFERENCE.fullmatch(reference):
        return errors.not_found(request)
    context = {"territory": territory, "reference": reference, "by_third_party": bool(said.get("t"))}
    return render(request, "registers/received.html", context)


@open_to_all
@require_safe
def public_paper(request: HttpRequest, code: str) -> HttpResponse:
    """The same form on paper, to print at home or at the pharmacy."""
    territory = _town(code)
    if territory is None:
        return errors.not_found(request)
    with walls.inside(territory.pk, read_only=True):
        register = Register.objects.filter(territory=territory, kind=Register.Kind.STATUTORY).first()
        paper = letters.blank(register, third_party=request.GET.get("qui") == "tiers") if register else None
    if paper is None:
        return errors.not_found(request)
    return file(papers.pdf(paper, large_print=bool(request.GET.get("gros"))), "bulletin.pdf")
