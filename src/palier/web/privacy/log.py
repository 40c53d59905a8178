"""« Qui a ouvert » : the access log, for the person concerned and for an incident; reading it is written down as well."""

import csv
import io
from typing import Any

from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.timezone import localtime
from django.views.decorators.http import require_POST

from palier.people import finding
from palier.people.models import Person
from palier.privacy import accesses
from palier.territories.models import Territory
from palier.web.jinja import gettext as _
from palier.web.pages import DeskRequest, administers, permission, render, section, to
from palier.web.privacy.forms import AccessForm, TakeOutForm

# What a spreadsheet would take for a formula (SEC-16).
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")
_ADDRESSES = {"people.person": "person", "volunteers.volunteer": "volunteer"}


@section("team")
@permission(administers)
def access_log(request: DeskRequest) -> HttpResponse:
    """Of one file, by one member, between two days; line by line, or the files that were touched (GDP-09)."""
    return _page(request, request.GET, TakeOutForm())


@require_POST
@section("team")
@permission(administers)
def access_log_export(request: DeskRequest) -> HttpResponse:
    """The same as a file; who took it and why is written down."""
    form, why = _form(request.POST), TakeOutForm(request.POST)
    if not (form.is_valid() and why.is_valid()):
        return _page(request, request.POST, why, status=422)
    wanted = _wanted(request, form)
    request.accesses.append(("export", "journal.access", wanted.person_id, why.cleaned_data["reason"]))
    if form.cleaned_data["voir"] == "fiches":
        head = [_("Fiche"), _("Numéro"), _("Nom"), _("Première fois"), _("Dernière fois"), _("Nombre")]
        rows = [
            [_kind(row.kind), row.number, row.name, _moment(row.first), _moment(row.last), row.times]
            for row in accesses.touched(wanted, actor=request.actor)
        ]
    else:
        head = [_("Quand"), _("Qui"), _("Quoi"), _("Fiche"), _("Numéro"), _("Nom"), _("Précision")]
        found, more = accesses.lines(wanted, actor=request.actor, most=accesses.MOST)
        rows = [
            [
                _moment(row.at),
                row.who,
                _operation(row.operation),
                _kind(row.kind),
                row.number or "",
                row.name,
                row.reason,
            ]
            for row in found
        ]
        if more:
            rows.append(
                [_("La suite n’est pas dans ce fichier : choisissez moins de jours."), "", "", "", "", "", ""]
            )
    response = HttpResponse(as_csv([head, *rows]), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="qui-a-ouvert.csv"'
    return response


def _page(request: DeskRequest, data: QueryDict, why: TakeOutForm, *, status: int = 200) -> HttpResponse:
    form = _form(data)
    context: dict[str, Any] = {
        "form": form, "why": why, "lines": [], "touched": [], "choices": [], "about": None, "previous": None, "following": None,
        "by_file": data.get("voir") == "fiches", "sends": {}, "seg": [],
    }  # fmt: skip
    if not form.is_valid():
        return render(request, "privacy/log.html", context, status=422)
    wanted = _wanted(request, form)
    typed = form.cleaned_data["q"].strip()
    if typed and wanted.person_id is None:
        # Several of that name: which of them is asked before anything is shown.
        context["choices"] = finding.search(typed, actor=request.actor, limit=10)
        context["nobody"] = not context["choices"]
        if len(context["choices"]) == 1 and request.method == "GET":
            return to(request, _address(form, personne=context["choices"][0].pk, q=None))
    else:
        request.accesses.append(("read", "journal.access", wanted.person_id, _asked(wanted)))
        number = data.get("page") or ""
        page = int(number) if number.isdigit() and len(number) < 6 else 1
        if context["by_file"]:
            context["touched"] = accesses.touched(wanted, actor=request.actor)
        else:
            context["lines"], more = accesses.lines(wanted, actor=request.actor, page=max(1, page))
            if page > 1:
                context["previous"] = _address(form, page=page - 1)
            if more:
                context["following"] = _address(form, page=page + 1)
    if wanted.person_id is not None:
        context["about"] = Person.objects.visible_to(request.actor).filter(pk=wanted.person_id).first()
        context["number"] = wanted.person_id
    context["sends"] = _values(form)
    context["kinds"] = {name: _kind(name) for name in ("people.person", "volunteers.volunteer")}
    context["operation"] = _operation
    context["addresses"] = _ADDRESSES if request.actor.is_desk else {}
    context["without_person"] = _address(form, personne=None, q=None)
    context["with_person"] = lambda pk: _address(form, personne=pk, q=None)
    context["seg"] = [
        {
            "url": _address(form, voir="lignes"),
            "label": _("Ligne par ligne"),
            "current": not context["by_file"],
        },
        {"url": _address(form, voir="fiches"), "label": _("Fiches touchées"), "current": context["by_file"]},
    ]
    return render(request, "privacy/log.html", context, status=status)


def _form(data: QueryDict) -> AccessForm:
    given = data.dict()
    if "du" not in given and "au" not in given:
        given = {**given, **AccessForm.usual()}
    return AccessForm(given, members=accesses.members())


def _wanted(request: DeskRequest, form: AccessForm) -> accesses.Wanted:
    start, end = form.moments(Territory.objects.get(pk=request.actor.territory_id).zone)
    typed = form.cleaned_data["q"].strip()
    number = form.cleaned_data["personne"] or (int(typed) if typed.isdigit() and len(typed) < 10 else None)
    return accesses.Wanted(start, end, number, form.cleaned_data["membre"])


def _asked(wanted: accesses.Wanted) -> str:
    return f"{wanted.start:%d/%m/%Y}-{wanted.end:%d/%m/%Y} {wanted.membership_id or ''}".strip()


def _values(form: AccessForm) -> dict[str, str]:
    values = form.cleaned_data
    return {
        name: value.isoformat() if name in ("du", "au") else str(value)
        for name, value in values.items()
        if value not in (None, "")
    }


def _address(form: AccessForm, **changes: Any) -> str:
    values = {**_values(form), **changes}
    return f"{reverse('access_log')}?{urlencode({key: value for key, value in values.items() if value})}"


def _operation(code: str) -> str:
    return {"read": _("ouvert"), "export": _("sorti"), "search": _("cherché"), "reveal": _("dévoilé")}.get(
        code, code
    )


def _kind(name: str) -> str:
    return {"people.person": _("Personne"), "volunteers.volunteer": _("Voisin")}.get(name, name)


def _moment(at: Any) -> str:
    return localtime(at).strftime("%d/%m/%Y %H:%M:%S")


def as_csv(rows: list[list[Any]]) -> str:
    """A spreadsheet's own French, with nothing that it would run as a formula."""
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows(
        [[_safe(cell) for cell in row] for row in rows]
    )
    return "\ufeff" + out.getvalue()


def _safe(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULAS) else cell
