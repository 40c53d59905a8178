"""The entries: the list with what is owed, enrolling, one entry, its letter, its end."""

from typing import Any

from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from palier.documents import papers
from palier.duties.models import Duty
from palier.kernel import clock
from palier.people import operations as people
from palier.people.models import Person
from palier.register import fields, letters, operations
from palier.register.models import (
    Alert,
    ConfirmationRound,
    Enrolment,
    EnrolmentRequest,
    Rectification,
    Register,
)
from palier.web.jinja import gettext as _
from palier.web.pages import DeskRequest, page_or_part, render, say, section, to, try_operation
from palier.web.register import queries
from palier.web.register.answers import file
from palier.web.register.forms import ChangeForm, CloseRequestForm, EnrolForm, RemoveForm, ResultForm
from palier.web.register.gate import entered, named_only


@section("registers")
@named_only
def register(request: DeskRequest, pk: int) -> HttpResponse:
    """Everybody in a register, and what waits: to confirm, letters, requests, to ask again."""
    found = entered(request, pk)
    view = request.GET.get("voir", "")
    view = view if view in queries.VIEWS else ""
    wanted = request.GET.get("q", "").strip()[:80]
    page = Paginator(queries.listed(found, view, wanted), queries.PAGE).get_page(request.GET.get("page"))
    counts, address = queries.counts(found), reverse("register", args=[pk])
    labels = {
        "": (_("Toutes"), "all"), "confirmer": (_("À confirmer"), "confirmer"), "lettres": (_("Accusés à envoyer"), "lettres"),
        "reconfirmer": (_("À reconfirmer"), "reconfirmer"),
    }  # fmt: skip
    request.accesses.append(("list", "register.register", pk, view))
    context = {
        "register": found,
        "page": page,
        "view": view,
        "q": wanted,
        "counts": counts,
        "received": list(queries.received(found)[:20]) if counts["demandes"] else [],
        "seg": [
            {
                "url": f"{address}?{urlencode({'voir': code})}" if code else address,
                "label": label,
                "current": code == view,
                "count": counts[key],
            }
            for code, (label, key) in labels.items()
        ],
        "base": f"{address}?{urlencode({'voir': view, 'q': wanted})}&page=",
        "alerts": list(Alert.objects.open().filter(territory_id=request.actor.territory_id)),
        "today": clock.today(),
    }
    return page_or_part(request, "registers/register.html", "list", context)


@section("registers")
@named_only
def enrol(request: DeskRequest, pk: int) -> HttpResponse:
    """Desk, telephone, post, e-mail or a request of the public form: one page, found or new person."""
    found = entered(request, pk)
    demand = _demand(request, found)
    said = request.POST.get("person") or request.GET.get("personne") or ""
    choice = request.POST.get("same_as", "")
    known = _person(request, choice if choice.isdigit() else said)
    initial = {"requested_on": clock.today()} | (_typed(demand) if demand else {})
    form = EnrolForm(request.POST or None, initial=initial, register=found, known=known)
    candidates: list[queries.Alike] = []
    if request.method == "POST" and form.is_valid():
        values = {name: value for name, value in form.cleaned_data.items() if name != "same_as"}
        if known is None and choice != "new":
            candidates = queries.alike(found, values, request.actor)
        if candidates:
            form.add_error(None, _("Quelqu’un lui ressemble : dites si c’est la même personne."))
        else:
            made, done = try_operation(request, form, lambda: _enrol(request, found, known, values, demand))
            if done:
                say(
                    request,
                    _("Inscription enregistrée. La lettre est à envoyer avant le %(day)s.")
                    % {"day": f"{made.request.ack_due_on:%d/%m/%Y}"},
                )
                return to(request, "enrolment", pk=made.pk)
    context = {
        "register": found, "form": form, "known": known, "demand": demand, "candidates": candidates,
        "notice": letters.published(found),
    }  # fmt: skip
    return render(request, "registers/enrol.html", context, status=422 if form.errors else 200)


def _enrol(
    request: DeskRequest,
    register: Register,
    known: Person | None,
    values: dict[str, Any],
    demand: EnrolmentRequest | None,
) -> Enrolment:
    """Both or nothing: no file stays of somebody who could not be enrolled."""
    with transaction.atomic():
        if known is None:
            person = people.create_person(
                first_name=values["first_name"],
                last_name=values["last_name"],
                title=values["title"],
                birth_on=values["birth_on"],
                street=values["street"],
                postcode=values["postcode"],
                city=values["city"],
                phones=[values["phone"]],
                is_followed=False,
                compartment=register.compartment,
                despite_namesake=True,
                actor=request.actor,
            )
        else:
            person = known
        kept: dict[str, Any] = {
            name: values[name]
            for name in (
                "channel", "requested_on", "requester", "requester_name", "requester_capacity", "written_proof",
                "home_service_name", "home_service_phone", "to_warn_name", "to_warn_phone", "isolation_prevention",
            )
            if name in values
        }  # fmt: skip
        if demand is not None:
            kept |= {
                "channel": demand.channel,
                "requested_on": demand.requested_on,
                "request_id": demand.pk,
                "notice_id": demand.notice_id,
            }
        return operations.enrol(
            register.pk,
            person_id=person.pk,
            capacity=values.get("capacity", "any"),
            **kept,
            actor=request.actor,
        )


def _demand(request: DeskRequest, register: Register) -> EnrolmentRequest | None:
    number = request.GET.get("demande", "")
    if not number.isdigit():
        return None
    return get_object_or_404(queries.received(register), pk=int(number))


def _typed(demand: EnrolmentRequest) -> dict[str, Any]:
    return {
        **demand.typed,
        "requester": demand.requester,
        "requester_name": demand.requester_name,
        "requester_capacity": demand.requester_capacity,
        "requested_on": demand.requested_on,
        "channel": demand.channel,
    }


def _person(request: DeskRequest, number: str) -> Person | None:
    if not number.isdigit() or len(number) > 18:
        return None
    return get_object_or_404(Person.objects.visible_to(request.actor), pk=int(number))


@require_POST
@section("registers")
@named_only
def request_close(request: DeskRequest, pk: int) -> HttpResponse:
    """A request of the public form that leads to no entry."""
    found = get_object_or_404(EnrolmentRequest.objects.visible_to(request.actor), pk=pk)
    form = CloseRequestForm(request.POST)
    if form.is_valid():
        _made, done = try_operation(
            request,
            None,
            lambda: operations.close_request(pk, outcome=form.cleaned_data["outcome"], actor=request.actor),
        )
        if done:
            say(request, _("Demande terminée sans inscription."))
    else:
        say(request, _("Choisissez pourquoi."), "warning")
    return to(request, "register", pk=found.register_id)


def _entry(request: DeskRequest, pk: int) -> Enrolment:
    rows = Enrolment.objects.visible_to(request.actor).select_related("register", "person", "request__notice")
    return get_object_or_404(rows.prefetch_related("person__phones"), pk=pk)


@section("registers")
@named_only
def enrolment(request: DeskRequest, pk: int) -> HttpResponse:
    """One entry: what the law lets it say, where it stands, what is owed, and what happened."""
    return _show(request, _entry(request, pk))


def _show(request: DeskRequest, row: Enrolment, change: ChangeForm | None = None) -> HttpResponse:
    request.accesses.append(("read", "register.enrolment", row.pk, ""))
    request.accesses.append(("read", "people.person", row.person_id, "register"))
    record = fields.record_of(row)
    names = [name for name in fields.STATUTORY if name in row.register.fields or row.register.is_statutory]
    if not row.register.is_statutory:
        names = [name for name in names if name != "capacity"]
    context = {
        "row": row,
        "facts": list(zip([fields.STATUTORY[name] for name in names], record.cells(names), strict=True)),
        "change": change or ChangeForm(register=row.register, initial=_initial_of(row)),
        "remove": RemoveForm(),
        "entries": queries.thread_of("register.enrolment", row.pk),
        "handed": list(
            row.communicated.select_related("communication").order_by("-communication__closed_at", "-pk")
        ),
        "today": clock.today(),
    }
    return render(request, "registers/enrolment.html", context, status=422 if change is not None else 200)


def _initial_of(row: Enrolment) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ChangeForm.base_fields}


@require_POST
@section("registers")
@named_only
def enrolment_change(request: DeskRequest, pk: int) -> HttpResponse:
    row = _entry(request, pk)
    form = ChangeForm(request.POST, register=row.register, initial=_initial_of(row))
    if form.is_valid():
        changed = {name: form.cleaned_data[name] for name in form.changed_data}
        _made, done = try_operation(
            request, form, lambda: operations.change_enrolment(pk, actor=request.actor, **changed)
        )
        if done:
            say(request, _("Inscription modifiée."))
            return to(request, "enrolment", pk=pk)
    return _show(request, row, form)


@require_POST
@section("registers")
@named_only
def enrolment_agree(request: DeskRequest, pk: int) -> HttpResponse:
    """She said herself that she agrees."""
    _entry(request, pk)
    _made, done = try_operation(request, None, lambda: operations.note_agreement(pk, actor=request.actor))
    if done:
        say(request, _("C’est noté : l’inscription est confirmée."))
    return to(request, "enrolment", pk=pk)


@section("registers")
@named_only
def enrolment_object(request: DeskRequest, pk: int) -> HttpResponse:
    """She objects to a third party's request: asked once more, then everything is erased."""
    row = _entry(request, pk)
    register_id = row.register_id
    if request.method == "POST":
        _made, done = try_operation(request, None, lambda: operations.note_objection(pk, actor=request.actor))
        if done:
            say(
                request, _("Opposition enregistrée : tout est effacé, et ce tiers ne pourra pas recommencer.")
            )
            return to(request, "register", pk=register_id)
        return to(request, "enrolment", pk=pk)
    return render(request, "registers/object.html", {"row": row})


@require_POST
@section("registers")
@named_only
def enrolment_remove(request: DeskRequest, pk: int) -> HttpResponse:
    """Out of every list at once."""
    row = _entry(request, pk)
    form = RemoveForm(request.POST)
    if not form.is_valid():
        say(request, _("Choisissez pourquoi la personne quitte le registre."), "warning")
        return to(request, reverse("enrolment", args=[pk]) + "#fin")
    _made, done = try_operation(
        request, None, lambda: operations.remove(pk, reason=form.cleaned_data["reason"], actor=request.actor)
    )
    if done:
        say(
            request,
            _("%(name)s n’est plus au registre. Tout sera effacé dans la journée.")
            % {"name": row.person.full_name},
        )
    return to(request, "enrolment", pk=pk)


@require_POST
@section("registers")
@named_only
def enrolment_confirm(request: DeskRequest, pk: int) -> HttpResponse:
    """What she answered to the yearly question."""
    _entry(request, pk)
    form = ResultForm(request.POST)
    if form.is_valid():
        _made, done = try_operation(
            request,
            None,
            lambda: operations.note_confirmation(pk, result=form.cleaned_data["result"], actor=request.actor),
        )
        if done:
            say(request, _("C’est noté."))
    return to(
        request,
        request.POST.get("vers")
        if request.POST.get("vers", "").startswith("/registres/")
        else reverse("enrolment", args=[pk]),
    )


@section("registers")
@named_only
def letter(request: DeskRequest, pk: int) -> HttpResponse:
    """The letter of one entry: the acknowledgement, or what is said to somebody who moved."""
    row = _entry(request, pk)
    request.accesses.append(("read", "register.enrolment", pk, "letter"))
    if row.removal_reason == Enrolment.Reason.MOVED_OUT:
        made: list[papers.Paper] = [letters.moved(row.register, row)]
    elif row.state == Enrolment.State.REMOVED:
        raise Http404
    else:
        made = letters.acknowledgements(row.register, [row.request])
    content = papers.pdf_many(made, large_print=bool(request.GET.get("gros")))
    return file(content, f"{row.request.reference}.pdf")


@require_POST
@section("registers")
@named_only
def letters_print(request: DeskRequest, pk: int) -> HttpResponse:
    """All letters that are owed in one file; they stay owed until they left."""
    found = entered(request, pk)
    owed = list(queries.to_print(found)[:500])
    if not owed:
        say(request, _("Aucun accusé de réception à envoyer."))
        return to(request, "register", pk=pk)
    large = bool(request.POST.get("gros"))
    operations.mark_printed([row.pk for row in owed], large=large, actor=request.actor)
    request.accesses.append(("export", "register.register", pk, f"letters, {len(owed)}"))
    content = papers.pdf_many(letters.acknowledgements(found, owed), large_print=large, duplex=True)
    return file(content, f"accuses-{clock.today():%Y-%m-%d}.pdf")


@require_POST
@section("registers")
@named_only
def letters_sent(request: DeskRequest, pk: int) -> HttpResponse:
    """The printed letters left: one of them, or all that were printed."""
    entered(request, pk)
    asked = [int(one) for one in request.POST.getlist("demande") if one.isdigit() and len(one) < 19]
    waiting = EnrolmentRequest.objects.open().filter(register_id=pk, enrolment__isnull=False)
    chosen = waiting.filter(pk__in=asked) if asked else waiting.filter(ack_printed_at__isnull=False)
    numbers = list(chosen.order_by("pk").values_list("pk", flat=True))
    sent = operations.mark_sent(numbers, actor=request.actor)
    if sent:
        say(request, _("Noté : %(count)s accusé·s de réception envoyé·s aujourd’hui.") % {"count": sent})
    else:
        say(request, _("Imprimez d’abord les lettres."), "warning")
    back = request.POST.get("vers", "")
    return to(request, back if back.startswith("/registres/") else reverse("register", args=[pk]))


@section("registers")
@named_only
def register_duty(request: DeskRequest, pk: int) -> HttpResponse:
    """From the day board to the page where it is done: the board itself names nobody."""
    duty = get_object_or_404(
        Duty, pk=pk, organisation_id=request.actor.organisation_id, subject_kind__startswith="register."
    )
    number = duty.subject_id
    match duty.subject_kind:
        case "register.enrolmentrequest":
            found = get_object_or_404(EnrolmentRequest.objects.visible_to(request.actor), pk=number)
            if found.enrolment_id is not None:
                return to(request, "enrolment", pk=found.enrolment_id)
            return to(request, f"{reverse('enrol', args=[found.register_id])}?demande={found.pk}")
        case "register.communication":
            return to(request, "communication", pk=number)
        case "register.rectification":
            told = get_object_or_404(Rectification.objects.visible_to(request.actor), pk=number)
            return to(request, "communication", pk=told.communication_id)
    asked = get_object_or_404(ConfirmationRound.objects.visible_to(request.actor), pk=number)
    return to(request, "register_round", pk=asked.register_id)


@section("registers")
@named_only
def register_use(request: DeskRequest, pk: int) -> HttpResponse:
    """A list for one of the register's purposes, to call from or to print; drawn by a POST, for it is written down."""
    found = entered(request, pk)
    if request.method != "POST":
        return to(request, "register", pk=pk)
    alert = request.POST.get("alerte", "")
    used = operations.use_list(
        pk,
        use=request.POST.get("usage", ""),
        alert_id=int(alert) if alert.isdigit() and len(alert) < 19 else None,
        actor=request.actor,
    )
    rows = [(row, fields.record_of(row)) for row in used.enrolments]
    return render(request, "registers/list.html", {"register": found, "used": used, "rows": rows})
