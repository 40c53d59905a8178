"""A list comes in: brought, its columns said, shown line by line, applied, taken back; and lists that go out."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from palier.exchange import giving_back, jobs, operations, policies
from palier.exchange.models import Import, Line, Outcome
from palier.exchange.operations.applying import to_write
from palier.exchange.operations.exporting import count_people
from palier.exchange.writing import FORMATS
from palier.kernel import clock
from palier.kernel.text import fold
from palier.territories.models import Commune
from palier.web.exchange import showing
from palier.web.exchange.forms import ColumnsForm, ExportForm, SheetForm, UploadForm
from palier.web.jinja import gettext as _
from palier.web.pages import DeskRequest, page_or_part, permission, render, say, section, to, try_operation

RECENT = 20


@section("people")
@permission(policies.may_import)
def imports(request: DeskRequest) -> HttpResponse:
    """Bring a file; below, the files of before."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        made, done = try_operation(
            request, form, lambda: operations.bring(file.read(), name=file.name, actor=request.actor)
        )
        if done:
            return to(request, "import_columns", pk=made.pk)
    files = Import.objects.visible_to(request.actor).light().exclude(state=Import.State.DROPPED)
    context = {"form": form, "files": list(files[:RECENT])}
    return render(request, "exchange/imports.html", context, status=422 if form.errors else 200)


@section("people")
@permission(policies.may_import)
def import_file(request: DeskRequest, pk: int) -> HttpResponse:
    """Where the file is: its columns, its preview, its progress, its result."""
    made = _file(request, pk)
    if made.state == Import.State.DROPPED:
        raise Http404
    if made.state == Import.State.UPLOADED:
        return to(request, "import_columns", pk=pk)
    if made.is_under_way:
        context = {"made": made, "progress": showing.progress_of(made), "steps": showing.steps(made.state)}
        return page_or_part(request, "exchange/under_way.html", "progress", context)
    if request.headers.get("HX-Target") == "avance":
        response = HttpResponse(status=204)
        response["HX-Refresh"] = "true"
        return response
    request.accesses.append(("read", "exchange.import", pk, ""))
    return render(request, "exchange/lines.html", _lines(request, made))


def _lines(request: DeskRequest, made: Import) -> dict[str, Any]:
    chosen = request.GET.get("quoi", "")
    chosen = chosen if chosen in (*Outcome.values, "kept") else ""
    page = min(max(1, int(request.GET["page"])), 10_000) if request.GET.get("page", "").isdigit() else 1
    rows, more = showing.lines_of(made, chosen, page)
    address = reverse("import_file", args=[made.pk])

    def at(number: int) -> str:
        return f"{address}?{urlencode({'quoi': chosen, 'page': str(number)})}"

    return {
        "made": made,
        "rows": rows,
        "chosen": chosen,
        "seg": showing.outcomes(made, chosen),
        "steps": showing.steps(made.state),
        "here": f"{address}?{urlencode({'quoi': chosen, 'page': str(page)})}",
        "previous": at(page - 1) if page > 1 else None,
        "following": at(page + 1) if more else None,
        "writes": made.lines.filter(to_write(made)).count() if made.state == Import.State.READY else 0,
        "waiting": made.lines.filter(outcome=Outcome.MAYBE, decision="").count()
        if made.state == Import.State.READY
        else 0,
        "can_go_back": made.state == Import.State.APPLIED
        and made.back_until is not None
        and made.back_until > clock.now(),
    }


@section("people")
@permission(policies.may_import)
def import_columns(request: DeskRequest, pk: int) -> HttpResponse:
    """What each column is; the guess is filled in."""
    made = _file(request, pk)
    if made.state not in (Import.State.UPLOADED, Import.State.READY):
        return to(request, "import_file", pk=pk)
    initial = {key: made.choices.get(key) for key in ("lenient", "first_of_january", "city", "postcode")}
    if not made.choices:
        initial |= _our_town(request)
    initial |= {key: made.choices.get(key) for key in ("requested_on", "acknowledged", "register_only")}
    initial["register"] = made.register_id
    form = ColumnsForm(request.POST or None, told=made.columns, actor=request.actor, initial=initial)
    if request.method == "POST" and form.is_valid():

        def say_and_check() -> Import:
            operations.say_columns(pk, fields=form.chosen, choices=form.cleaned_data, actor=request.actor)
            return jobs.begin_check(pk, actor=request.actor)

        _made, done = try_operation(request, form, say_and_check)
        if done:
            return to(request, "import_file", pk=pk)
    sheet_form = SheetForm(
        sheets=made.sheets, initial={"sheet": made.sheet, "head_row": made.head_row}, auto_id="feuille_%s"
    )
    context = {
        "made": made,
        "form": form,
        "sheet_form": sheet_form,
        "steps": showing.steps("uploaded"),
        "unsure": sum(not c["field"] and not c["empty"] for c in made.columns),
        "remembered": any(c.get("remembered") for c in made.columns),
    }
    return render(request, "exchange/columns.html", context, status=422 if form.errors else 200)


@require_POST
@section("people")
@permission(policies.may_import)
def import_sheet(request: DeskRequest, pk: int) -> HttpResponse:
    """Another sheet of the workbook, or another line for the names of the columns."""
    made = _file(request, pk)
    form = SheetForm(request.POST, sheets=made.sheets)
    if form.is_valid():
        told = form.cleaned_data
        # A sheet that was not looked at yet is looked at without a line in mind.
        head_row = told["head_row"] if told["sheet"] == made.sheet else None
        _made, done = try_operation(
            request,
            None,
            lambda: operations.choose_sheet(pk, sheet=told["sheet"], head_row=head_row, actor=request.actor),
        )
        if done:
            say(request, _("Les colonnes sont relues."))
    else:
        say(request, _("Choisissez une feuille, et le numéro de la ligne des titres."), "warning")
    return to(request, "import_columns", pk=pk)


@require_POST
@section("people")
@permission(policies.may_import)
def import_decide(request: DeskRequest, pk: int) -> HttpResponse:
    """What becomes of one line that waits for somebody to decide."""
    line = get_object_or_404(Line.objects.filter(source__in=Import.objects.visible_to(request.actor)), pk=pk)
    try_operation(
        request,
        None,
        lambda: operations.decide(pk, decision=request.POST.get("decision", "?")[:20], actor=request.actor),
    )
    back = f"{reverse('import_file', args=[line.source_id])}?{urlencode({'quoi': Outcome.MAYBE.value, 'page': _page(request)})}"
    return to(request, f"{back}#ligne-{pk}")


@require_POST
@section("people")
@permission(policies.may_import)
def import_decide_all(request: DeskRequest, pk: int) -> HttpResponse:
    """The same for all lines that wait."""
    _file(request, pk)
    try_operation(
        request,
        None,
        lambda: operations.decide_all(
            pk, decision=request.POST.get("decision", "?")[:20], actor=request.actor
        ),
    )
    return to(request, f"{reverse('import_file', args=[pk])}?{urlencode({'quoi': Outcome.MAYBE.value})}")


@require_POST
@section("people")
@permission(policies.may_import)
def import_apply(request: DeskRequest, pk: int) -> HttpResponse:
    """Write everything that was shown, or nothing."""
    _file(request, pk)
    try_operation(request, None, lambda: jobs.begin_apply(pk, actor=request.actor))
    return to(request, "import_file", pk=pk)


@require_POST
@section("people")
@permission(policies.may_import)
def import_take_back(request: DeskRequest, pk: int) -> HttpResponse:
    """One click: everything as before, but for what somebody changed since."""
    _file(request, pk)
    try_operation(request, None, lambda: jobs.begin_take_back(pk, actor=request.actor))
    return to(request, "import_file", pk=pk)


@require_POST
@section("people")
@permission(policies.may_import)
def import_drop(request: DeskRequest, pk: int) -> HttpResponse:
    _file(request, pk)
    _made, done = try_operation(request, None, lambda: operations.drop(pk, actor=request.actor))
    if done:
        say(request, _("Le fichier est oublié. Rien n’a été importé."))
    return to(request, "imports")


@section("people")
@permission(policies.may_import)
def import_errors(request: DeskRequest, pk: int) -> HttpResponse:
    """The lines to be corrected, as the file they came in, with the reason in a last column."""
    made = get_object_or_404(Import.objects.visible_to(request.actor), pk=pk)
    if not made.content or not made.count(Outcome.ERROR):
        raise Http404
    content, ending = giving_back.file_of_errors(made)
    request.accesses.append(("export", "exchange.import", pk, "a-corriger"))
    name = fold(made.name.rpartition(".")[0] or made.name).replace(" ", "-")[:60] or "liste"
    return _download(content, f"a-corriger-{name}.{ending}", ending)


@section("people")
@permission(policies.may_export)
def people_export(request: DeskRequest) -> HttpResponse:
    """A list of people as a file: what one sees, with a reason that is noted."""
    form = ExportForm(request.POST or None, initial={"q": request.GET.get("q", "")[:200], "state": "active"})
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        exported, done = try_operation(
            request,
            form,
            lambda: operations.export_people(
                reason=told["reason"],
                chosen=told["columns"],
                format=told["format"],
                words=told["q"],
                state=told["state"],
                actor=request.actor,
            ),
        )
        if done:
            day = clock.today().isoformat()
            return _download(exported.content, f"personnes-{day}.{exported.ending}", exported.ending)
    count = count_people(words=request.GET.get("q", "")[:200], state="active", actor=request.actor)
    return render(
        request, "exchange/export.html", {"form": form, "count": count}, status=422 if form.errors else 200
    )


def _file(request: DeskRequest, pk: int) -> Import:
    return get_object_or_404(Import.objects.visible_to(request.actor).light(), pk=pk)


def _page(request: DeskRequest) -> str:
    told = request.POST.get("page", "")
    return told if told.isdigit() and len(told) < 6 else "1"


def _our_town(request: DeskRequest) -> dict[str, str]:
    """Where there is one commune only, a line that names none is of it."""
    towns = list(
        Commune.objects.filter(territory_id=request.actor.territory_id)
        .order_by("pk")
        .values("name", "postcode")[:2]
    )
    return {"city": towns[0]["name"], "postcode": towns[0]["postcode"]} if len(towns) == 1 else {}


def _download(content: bytes, name: str, ending: str) -> HttpResponse:
    response = HttpResponse(content, content_type=FORMATS[ending])
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
