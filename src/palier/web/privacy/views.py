"""The rights desk: what people asked about their own data, and each step of the answer."""

import json
from collections.abc import Callable
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from palier.duties.models import Duty
from palier.kernel import clock
from palier.people.models import Person
from palier.privacy import erasing, own_copy, policies, recipients, record_of_processing, requests
from palier.privacy.models import PrivacySettings, RightsRequest
from palier.volunteers.models import Volunteer
from palier.web.jinja import gettext as _
from palier.web.pages import (
    DeskRequest,
    administers,
    at_the_desk,
    coordinates,
    page_or_part,
    permission,
    render,
    say,
    section,
    to,
    try_operation,
)
from palier.web.privacy.forms import (
    AnswerForm,
    ExtendForm,
    IdentityForm,
    RequestForm,
    SettingsForm,
    VisaForm,
)
from palier.web.privacy.log import as_csv


@section("people")
@permission(at_the_desk)
def rights_requests(request: DeskRequest) -> HttpResponse:
    """What is open, the first due first; or what was answered."""
    closed = request.GET.get("voir") == "conclues"
    rows = RightsRequest.objects.visible_to(request.actor).filter(closed_at__isnull=not closed)
    rows = rows.select_related("owner__user", "person", "volunteer")
    rows = rows.order_by("-closed_at", "-pk") if closed else rows.order_by("due_on", "pk")
    address = reverse("rights_requests")
    context = {
        "requests": Paginator(rows, 30).get_page(request.GET.get("page")),
        "closed": closed,
        "today": clock.today(),
        "seg": [
            {"url": address, "label": _("En cours"), "current": not closed},
            {"url": f"{address}?voir=conclues", "label": _("Conclues"), "current": closed},
        ],
    }
    return page_or_part(request, "privacy/requests.html", "list", context)


@section("people")
@permission(at_the_desk)
def rights_request_new(request: DeskRequest) -> HttpResponse:
    """Take a request down, about somebody with a file or without."""
    form = RequestForm(
        request.POST or None,
        initial={
            "received_on": clock.today(),
            "person": request.GET.get("personne"),
            "volunteer": request.GET.get("voisin"),
            "owner_id": request.actor.membership_id if request.actor.coordinates else None,
        },
    )
    person = _asked_about(request, form, "person", Person)
    volunteer = _asked_about(request, form, "volunteer", Volunteer)
    if request.method == "POST" and form.is_valid():
        values = {
            name: value for name, value in form.cleaned_data.items() if name not in ("person", "volunteer")
        }
        made, done = try_operation(
            request,
            form,
            lambda: requests.take_down(
                **values,
                person_id=person.pk if person else None,
                volunteer_id=volunteer.pk if volunteer else None,
                actor=request.actor,
            ),
        )
        if done:
            say(
                request,
                _("Demande notée. Réponse due le %(day)s.") % {"day": made.due_on.strftime("%d/%m/%Y")},
            )
            return to(request, "rights_request", pk=made.pk)
    context = {"form": form, "person": person, "volunteer": volunteer}
    return render(request, "privacy/new.html", context, status=422 if form.errors else 200)


def _asked_about(request: DeskRequest, form: forms.Form, name: str, model: type[Any]) -> Any:
    number = str(form[name].value() or "")
    if not number.isdigit() or len(number) > 18:
        return None
    return get_object_or_404(model.objects.visible_to(request.actor), pk=int(number))


@section("people")
@permission(at_the_desk)
def rights_request(request: DeskRequest, pk: int) -> HttpResponse:
    """One request, step by step: who asks, what is done, what is answered."""
    return _page(request, _visible(request, pk))


@require_POST
@section("people")
@permission(at_the_desk)
def rights_identity(request: DeskRequest, pk: int) -> HttpResponse:
    form = IdentityForm(request.POST)
    return _step(
        request, pk, "identity", form,
        lambda: requests.note_identity(pk, **form.cleaned_data, actor=request.actor), _("Identité notée, sans copie."),
    )  # fmt: skip


@require_POST
@section("people")
@permission(coordinates)
def rights_extend(request: DeskRequest, pk: int) -> HttpResponse:
    form = ExtendForm(request.POST)
    return _step(
        request, pk, "extend", form,
        lambda: requests.extend(pk, **form.cleaned_data, actor=request.actor), _("Réponse reportée. Prévenez la personne."),
    )  # fmt: skip


@require_POST
@section("people")
@permission(coordinates)
def rights_review(request: DeskRequest, pk: int) -> HttpResponse:
    return _step(
        request, pk, "", None, lambda: requests.note_review(pk, actor=request.actor), _("Relecture notée.")
    )


@require_POST
@section("people")
@permission(coordinates)
def rights_recipients(request: DeskRequest, pk: int) -> HttpResponse:
    return _step(
        request,
        pk,
        "",
        None,
        lambda: requests.note_recipients_told(pk, actor=request.actor),
        _("C’est noté."),
    )


@require_POST
@section("people")
@permission(coordinates)
def rights_copy(request: DeskRequest, pk: int) -> HttpResponse:
    """The copy, as a paper in one of two sizes or as data; the download is written down."""
    row = _visible(request, pk)
    wanted = request.POST.get("quoi", "pdf")
    wanted = wanted if wanted in ("pdf", "gros", "json") else "pdf"
    made, done = try_operation(
        request,
        None,
        lambda: own_copy.make(
            pk, form="json" if wanted == "json" else "pdf", large_print=wanted == "gros", actor=request.actor
        ),
    )
    if not done:
        return to(request, "rights_request", pk=pk)
    if isinstance(made, bytes):
        return _file(made, "application/pdf", f"copie-{row.reference}.pdf")
    text = json.dumps(made, ensure_ascii=False, indent=1)
    return _file(text.encode(), "application/json; charset=utf-8", f"copie-{row.reference}.json")


@require_POST
@section("people")
@permission(coordinates)
def rights_visa_ask(request: DeskRequest, pk: int) -> HttpResponse:
    return _step(
        request, pk, "", None, lambda: erasing.ask_visa(pk, actor=request.actor),
        _("Rien n’est effacé avant le visa. Envoyez le bordereau aux archives."),
    )  # fmt: skip


@require_POST
@section("people")
@permission(coordinates)
def rights_visa(request: DeskRequest, pk: int) -> HttpResponse:
    form = VisaForm(request.POST)
    return _step(
        request, pk, "visa", form,
        lambda: erasing.note_visa(pk, **form.cleaned_data, actor=request.actor), _("Visa noté."),
    )  # fmt: skip


@section("people")
@permission(coordinates)
def rights_elimination(request: DeskRequest, pk: int) -> HttpResponse:
    """The list the archives sign, as a paper."""
    row = get_object_or_404(_mine(request).filter(kind=RightsRequest.Kind.ERASURE), pk=pk)
    return _file(erasing.elimination_list(row), "application/pdf", f"bordereau-{row.reference}.pdf")


@require_POST
@section("people")
@permission(coordinates)
def rights_erase(request: DeskRequest, pk: int) -> HttpResponse:
    if request.POST.get("sur") != "oui":
        say(request, _("Cochez que vous avez relu ce qui sera effacé."), "warning")
        return to(request, "rights_request", pk=pk)
    return _step(
        request,
        pk,
        "",
        None,
        lambda: erasing.erase(pk, actor=request.actor),
        _("Effacé. Écrivez-le à la personne."),
    )


@require_POST
@section("people")
@permission(coordinates)
def rights_answer(request: DeskRequest, pk: int) -> HttpResponse:
    form = AnswerForm(request.POST)
    return _step(
        request, pk, "answer", form,
        lambda: requests.answer(pk, **form.cleaned_data, actor=request.actor), _("Demande conclue."),
    )  # fmt: skip


@section("team")
@permission(administers)
def privacy_settings(request: DeskRequest) -> HttpResponse:
    """Who the officer is, and whether the archives must agree before a file goes."""
    row = PrivacySettings.of(request.actor.territory_id)
    form = SettingsForm(
        request.POST or None,
        initial={
            name: getattr(row, name) for name in ("officer_name", "officer_email", "needs_archive_visa")
        },
    )
    if request.method == "POST" and form.is_valid():
        _result, done = try_operation(
            request, form, lambda: requests.change_settings(**form.cleaned_data, actor=request.actor)
        )
        if done:
            say(request, _("Enregistré."))
            return to(request, "privacy_settings")
    return render(request, "privacy/settings.html", {"form": form}, status=422 if form.errors else 200)


@section("team")
@permission(administers)
def processing_record(request: DeskRequest) -> HttpResponse:
    """The record of article 30, from the rules that are applied here, for a spreadsheet."""
    text = as_csv([record_of_processing.head(), *record_of_processing.rows()])
    return _file(text.encode(), "text/csv; charset=utf-8", "registre-des-traitements.csv")


def _step(
    request: DeskRequest,
    pk: int,
    name: str,
    form: forms.Form | None,
    operation: Callable[[], Any],
    sentence: str,
) -> HttpResponse:
    """One step of the page: back to it when done, the page with its words and their errors when not."""
    row = _visible(request, pk)
    if form is None or form.is_valid():
        _result, done = try_operation(request, form, operation)
        if done:
            say(request, sentence)
            return to(request, "rights_request", pk=pk)
    if form is None:
        return to(request, "rights_request", pk=pk)
    return _page(request, row, {name: form}, status=422)


def _page(
    request: DeskRequest, row: RightsRequest, bound: dict[str, forms.Form] | None = None, *, status: int = 200
) -> HttpResponse:
    if row.person_id is not None:
        request.accesses.append(("read", "people.person", row.person_id, row.reference))
    today = clock.today()
    shown: dict[str, forms.Form] = {
        "identity": IdentityForm(initial={"seen_on": today}),
        "extend": ExtendForm(),
        "visa": VisaForm(initial={"on": today}),
        "answer": AnswerForm(),
    } | (bound or {})
    kinds = RightsRequest.Kind
    wants_copy = row.kind in (kinds.ACCESS, kinds.PORTABILITY) and row.subject is not None
    erases = row.kind == kinds.ERASURE and row.person is not None
    context = {
        "row": row,
        "forms": shown,
        "errors": [form for form in shown.values() if form.is_bound],
        "may_answer": policies.may_answer(request.actor, row) and row.is_open,
        "wants_copy": wants_copy,
        "erases": erases,
        "plan": erasing.plan(row) if erases and row.is_open and row.erased_at is None else None,
        "told": recipients.of(row.person) if row.person and row.kind in (kinds.RECTIFICATION, kinds.ERASURE) else [],
        "duty": Duty.objects.open().of("privacy.rightsrequest", row.pk).filter(kind="answer_rights").select_related("owner__user").first(),
        "is_late": row.is_open and row.due_on < today,
        "days_left": (row.due_on - today).days,
    }  # fmt: skip
    return render(request, "privacy/request.html", context, status=status)


def _mine(request: DeskRequest) -> Any:
    return RightsRequest.objects.visible_to(request.actor).select_related(
        "person", "volunteer", "owner__user"
    )


def _visible(request: DeskRequest, pk: int) -> RightsRequest:
    row: RightsRequest = get_object_or_404(_mine(request), pk=pk)
    return row


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
