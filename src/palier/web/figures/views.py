"""The figures: a sentence, then tables, each number a link to its list; printed and exported with small numbers kept back."""

import csv
import io
from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from palier.kernel import clock, phones
from palier.reporting import queries
from palier.reporting.conditions import UnknownKey
from palier.reporting.figures import Figure
from palier.reporting.figures import Figures as Counted
from palier.web.figures import showing
from palier.web.figures.forms import ExportForm, SpanForm
from palier.web.jinja import gettext as _
from palier.web.pages import DeskRequest, at_the_desk, permission, render, section

# What a spreadsheet would take for a formula (SEC-16).
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")
# A figure's name where only its key travelled.
_LINKS = {
    "calls.call": "call",
    "needs.need": "need",
    "people.person": "person",
    "volunteers.volunteer": "volunteer",
    "concerns.concern": "concern",
    "telecare.event": "telecare_settle",
}


@section("figures")
@permission(at_the_desk)
def figures(request: DeskRequest) -> HttpResponse:
    """Between two days, this year unless said; `publier` shows what may be printed and given away."""
    return _page(request, _span_form(request), ExportForm())


@section("figures")
@permission(at_the_desk)
def figures_list(request: DeskRequest) -> HttpResponse:
    """The things that one figure counted."""
    form = _span_form(request)
    if not form.is_valid():
        raise Http404
    start, end = form.span
    key = request.GET.get("chiffre", "")[:120]
    page = (
        int(request.GET["page"])
        if request.GET.get("page", "").isdigit() and len(request.GET["page"]) < 6
        else 1
    )
    page = max(1, page)
    territory_id = request.actor.territory_id
    try:
        rows, more = queries.listed(territory_id, start, end, key, page=page)
        counted = queries.count(territory_id, start, end, key)
    except UnknownKey as unknown:
        raise Http404 from unknown
    request.accesses.append(("read", "reporting.list", None, key))
    address = f"{reverse('figures_list')}?{urlencode({'chiffre': key} | _dates(form))}"
    first = (page - 1) * queries.PAGE
    context = {
        "title": showing.title_of(territory_id, key),
        "span": showing.span_in_words(start, end),
        "rows": [_line(row) for row in rows],
        "counted": counted,
        "back": f"{reverse('figures')}?{urlencode(_dates(form))}",
        "previous": f"{address}&page={page - 1}" if page > 1 else None,
        "following": f"{address}&page={page + 1}" if more else None,
        "first": first + 1,
        "last": first + len(rows),
    }
    return render(request, "figures/list.html", context)


@require_POST
@section("figures")
@permission(at_the_desk)
def figures_export(request: DeskRequest) -> HttpResponse:
    """The same figures as a file; who took them and why is written down."""
    span, export = SpanForm(request.POST), ExportForm(request.POST)
    if not (span.is_valid() and export.is_valid()):
        return _page(request, span, export, status=422)
    start, end = span.span
    counted = queries.figures(request.actor.territory_id, start, end)
    if not export.cleaned_data["exact"]:
        counted = counted.guarded()
    reason = export.cleaned_data["reason"]
    request.accesses.append(("export", "reporting.figures", None, reason))
    response = HttpResponse(as_csv(counted), content_type="text/csv; charset=utf-8")
    name = f"chiffres-{start.isoformat()}-{(end - timedelta(days=1)).isoformat()}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def as_csv(counted: Counted) -> str:
    """A spreadsheet's own French: semicolons, a comma in numbers, and nothing that it would run as a formula."""
    out = io.StringIO()
    write = csv.writer(out, delimiter=";", lineterminator="\r\n").writerow
    write(
        [
            _("Du"),
            counted.start.strftime("%d/%m/%Y"),
            _("au"),
            (counted.end - timedelta(days=1)).strftime("%d/%m/%Y"),
        ]
    )
    for table in counted.tables:
        write([])
        write([_safe(table.title), _("Nombre"), _("Part, en %"), ""])
        for figure in (*([table.total] if table.total else ()), *table.figures):
            write([_safe(figure.label), *_numbers(figure), figure.key])
    write([])
    write([_safe(counted.grid.title), *(_safe(column) for column in counted.grid.columns)])
    for name, cells in counted.grid.rows:
        write([_safe(name), *(_numbers(cell)[0] for cell in cells)])
    return "\ufeff" + out.getvalue()


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULAS) else text


def _numbers(figure: Figure) -> list[str]:
    if figure.hidden:
        return [showing.hidden_words(figure), ""]
    number = "" if figure.number is None else f"{figure.number:g}".replace(".", ",")
    if isinstance(figure.number, int):
        number = str(figure.number)
    return [number, "" if figure.share is None else f"{figure.share:.1f}".replace(".", ",")]


def _span_form(request: DeskRequest) -> SpanForm:
    """The days of the address; without any, this year."""
    if "du" in request.GET or "au" in request.GET:
        return SpanForm(request.GET)
    today = clock.today()
    return SpanForm({"du": date(today.year, 1, 1), "au": today})


def _page(request: DeskRequest, form: SpanForm, export: ExportForm, *, status: int = 200) -> HttpResponse:
    is_good = form.is_valid()
    today = clock.today()
    start, end = form.span if is_good else (date(today.year, 1, 1), today + timedelta(days=1))
    counted = queries.figures(request.actor.territory_id, start, end)
    published = "publier" in request.GET and request.method == "GET"
    if published:
        counted = counted.guarded()
    address = f"{reverse('figures')}?{urlencode({'du': start.isoformat(), 'au': (end - timedelta(days=1)).isoformat()})}"
    context: dict[str, Any] = {
        "form": form,
        "export": export,
        "published": published,
        "span": showing.span_in_words(start, end),
        "sentences": showing.sentences(counted),
        "tables": showing.tables(
            counted, link=None if published else f"{reverse('figures_list')}{address[address.index('?') :]}"
        ),
        "grid": showing.grid(
            counted, link=None if published else f"{reverse('figures_list')}{address[address.index('?') :]}"
        ),
        "quick": showing.quick_spans(today, start, end),
        "address": address,
        "dates": {"du": start.isoformat(), "au": (end - timedelta(days=1)).isoformat()},
    }
    if status == 200 and not is_good:
        status = 422
    return render(request, "figures/figures.html", context, status=status)


def _dates(form: SpanForm) -> dict[str, str]:
    return {"du": form.cleaned_data["du"].isoformat(), "au": form.cleaned_data["au"].isoformat()}


def _line(row: queries.Listed) -> dict[str, Any]:
    if row.kind in _LINKS:
        href = reverse(_LINKS[row.kind], args=[row.pk])
    elif row.person_id is not None:
        href = reverse("person", args=[row.person_id])
    else:
        href = None
    title = phones.pretty(row.title) if row.title.startswith("+") else row.title
    return {"pk": row.pk, "at": row.at, "title": title or _("Sans nom"), "text": row.text, "href": href}
