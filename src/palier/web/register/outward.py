"""Communications, alerts and yearly rounds."""

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from palier.documents import papers
from palier.kernel import clock
from palier.kernel.errors import NotPossibleNow
from palier.register import letters, operations, policies
from palier.register.models import Alert, Communication, Confirmation, ConfirmationRound, Rectification
from palier.web.jinja import gettext as _
from palier.web.pages import DeskRequest, at_the_desk, permission, render, say, section, to, try_operation
from palier.web.register import queries
from palier.web.register.answers import file
from palier.web.register.forms import AlertForm, ChangeAlertForm, CommunicationForm
from palier.web.register.gate import entered, named_only

# --- Communications


@section("registers")
@named_only
def communications(request: DeskRequest, pk: int) -> HttpResponse:
    register = entered(request, pk)
    rows = (
        Communication.objects.visible_to(request.actor)
        .filter(register=register)
        .select_related("asked_by__user", "decided_by__user")
    )
    context = {
        "register": register,
        "rows": list(rows.defer("content")[:100]),
        "triggered": Alert.objects.open()
        .filter(territory_id=request.actor.territory_id, is_triggered=True)
        .exists(),
    }
    return render(request, "registers/communications.html", context)


@section("registers")
@named_only
def communication_new(request: DeskRequest, pk: int) -> HttpResponse:
    """Asking: for the prefect, or directly for the services on the ground while a plan is triggered."""
    register = entered(request, pk)
    by_mayor = request.GET.get("voie") == "maire"
    alert = (
        Alert.objects.open()
        .filter(territory_id=request.actor.territory_id, is_triggered=True)
        .order_by("-started_at")
        .first()
    )
    if by_mayor and alert is None:
        raise NotPossibleNow(
            _("Aucun plan n’est déclenché : hors alerte, seul le préfet peut demander le registre.")
        )
    initial = {"plan": alert.get_plan_display(), "reference": alert.act} if by_mayor and alert else {}
    form = CommunicationForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        made, done = try_operation(
            request,
            form,
            lambda: operations.ask_communication(
                pk,
                authority="mayor" if by_mayor else "prefect",
                alert_id=alert.pk if by_mayor and alert else None,
                **form.cleaned_data,
                actor=request.actor,
            ),
        )
        if done:
            say(request, _("Demande enregistrée : une autre personne nommée doit l’approuver."))
            return to(request, "communication", pk=made.pk)
    context = {"register": register, "form": form, "by_mayor": by_mayor}
    return render(request, "registers/communication_new.html", context, status=422 if form.errors else 200)


def _communication(request: DeskRequest, pk: int) -> Communication:
    rows = Communication.objects.visible_to(request.actor).select_related(
        "register", "asked_by__user", "decided_by__user", "alert"
    )
    return get_object_or_404(rows.defer("content"), pk=pk)


@section("registers")
@named_only
def communication(request: DeskRequest, pk: int) -> HttpResponse:
    return _show(request, _communication(request, pk))


def _show(request: DeskRequest, row: Communication, password: str = "") -> HttpResponse:
    context = {
        "row": row,
        "password": password,
        "is_mine": row.asked_by_id == request.actor.membership_id
        or row.asked_by.user_id == request.actor.user_id,
        "is_over": row.expires_at <= clock.now(),
        "entries": queries.thread_of("register.communication", row.pk),
        "notices": list(row.rectifications.order_by("opened_at", "pk")),
    }
    return render(request, "registers/communication.html", context)


@require_POST
@section("registers")
@named_only
def communication_approve(request: DeskRequest, pk: int) -> HttpResponse:
    """The second person; the password is on this answer and nowhere else."""
    _communication(request, pk)
    sealed, done = try_operation(
        request, None, lambda: operations.approve_communication(pk, actor=request.actor)
    )
    if not done:
        return to(request, "communication", pk=pk)
    return _show(request, _communication(request, pk), sealed.password)


@require_POST
@section("registers")
@named_only
def communication_refuse(request: DeskRequest, pk: int) -> HttpResponse:
    _communication(request, pk)
    _made, done = try_operation(
        request, None, lambda: operations.refuse_communication(pk, actor=request.actor)
    )
    if done:
        say(request, _("Refusé : rien n’est communiqué."))
    return to(request, "communication", pk=pk)


@require_POST
@section("registers")
@named_only
def communication_file(request: DeskRequest, pk: int) -> HttpResponse:
    """One copy of the encrypted file, counted."""
    _communication(request, pk)
    found, done = try_operation(request, None, lambda: operations.take_copy(pk, actor=request.actor))
    if not done:
        return to(request, "communication", pk=pk)
    name, content = found
    return file(content, name, "application/x-7z-compressed", inline=False)


@section("registers")
@named_only
def rectification_letter(request: DeskRequest, pk: int) -> HttpResponse:
    """What the recipients are told, on paper."""
    row = _communication(request, pk)
    notices = list(row.rectifications.filter(closed_at__isnull=True).order_by("opened_at", "pk"))
    if not notices:
        return to(request, "communication", pk=pk)
    return file(papers.pdf(letters.rectification(row, notices)), "rectification.pdf")


@require_POST
@section("registers")
@named_only
def recipients_told(request: DeskRequest, pk: int) -> HttpResponse:
    """They know: all that was open."""
    row = _communication(request, pk)
    for number in (
        Rectification.objects.open().filter(communication=row).order_by("pk").values_list("pk", flat=True)
    ):
        operations.tell_recipients(number, actor=request.actor)
    say(request, _("Noté : les destinataires sont prévenus."))
    return to(request, "communication", pk=pk)


# --- Alerts


@section("registers")
@permission(at_the_desk)
def alerts(request: DeskRequest) -> HttpResponse:
    """The open alert and the former ones; no name in it."""
    rows = list(Alert.objects.visible_to(request.actor).order_by("-started_at", "-pk")[:50])
    context = {
        "open": [row for row in rows if row.ended_at is None],
        "former": [row for row in rows if row.ended_at],
        "may": policies.may_raise_alert(request.actor),
    }
    return render(request, "registers/alerts.html", context)


@section("registers")
@permission(policies.may_raise_alert)
def alert_new(request: DeskRequest) -> HttpResponse:
    form = AlertForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        _made, done = try_operation(
            request, form, lambda: operations.open_alert(**form.cleaned_data, actor=request.actor)
        )
        if done:
            say(request, _("Alerte ouverte."))
            return to(request, "alerts")
    return render(
        request, "registers/alert.html", {"form": form, "alert": None}, status=422 if form.errors else 200
    )


@section("registers")
@permission(policies.may_raise_alert)
def alert_change(request: DeskRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Alert.objects.visible_to(request.actor), pk=pk)
    initial = {"level": row.level, "act": row.act, "is_triggered": row.is_triggered}
    form = ChangeAlertForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        _made, done = try_operation(
            request, form, lambda: operations.change_alert(pk, **form.cleaned_data, actor=request.actor)
        )
        if done:
            say(request, _("Alerte modifiée."))
            return to(request, "alerts")
    return render(
        request, "registers/alert.html", {"form": form, "alert": row}, status=422 if form.errors else 200
    )


@require_POST
@section("registers")
@permission(policies.may_raise_alert)
def alert_end(request: DeskRequest, pk: int) -> HttpResponse:
    get_object_or_404(Alert.objects.visible_to(request.actor), pk=pk)
    _made, done = try_operation(request, None, lambda: operations.end_alert(pk, actor=request.actor))
    if done:
        say(request, _("Alerte levée."))
    return to(request, "alerts")


# --- Rounds


@section("registers")
@named_only
def register_round(request: DeskRequest, pk: int) -> HttpResponse:
    """The yearly round of a register: begun by a POST, then who answered what."""
    register = entered(request, pk)
    if request.method == "POST":
        _made, done = try_operation(request, None, lambda: operations.open_round(pk, actor=request.actor))
        if done:
            say(request, _("Tour commencé : imprimez les cartes, puis notez les réponses."))
        return to(request, "register_round", pk=pk)
    made = ConfirmationRound.objects.filter(register=register).order_by("-opened_at", "-pk").first()
    waits = request.GET.get("voir") != "toutes"
    rows = (
        Confirmation.objects.filter(round=made).select_related("enrolment__person")
        if made
        else Confirmation.objects.none()
    )
    counts = rows.aggregate(
        all=Count("pk"),
        waiting=Count("pk", filter=Q(result="")),
        unsent=Count("pk", filter=Q(card_sent_at__isnull=True, result="")),
    )
    shown = rows.filter(result="") if waits else rows
    address = reverse("register_round", args=[pk])
    context = {
        "register": register,
        "round": made,
        "counts": counts,
        "rows": list(
            shown.order_by("enrolment__person__search_text", "pk").prefetch_related(
                "enrolment__person__phones"
            )[:300]
        ),
        "to_ask": queries.counts(register)["reconfirmer"],
        "seg": [
            {"url": address, "label": _("Sans réponse"), "current": waits, "count": counts["waiting"]},
            {
                "url": f"{address}?voir=toutes",
                "label": _("Toutes"),
                "current": not waits,
                "count": counts["all"],
            },
        ],
    }
    return render(request, "registers/round.html", context)


@require_POST
@section("registers")
@named_only
def round_cards(request: DeskRequest, pk: int) -> HttpResponse:
    """All cards that did not leave yet, in one file."""
    register = entered(request, pk)
    made = get_object_or_404(ConfirmationRound.objects.open(), register=register)
    rows = [
        row.enrolment
        for row in Confirmation.objects.filter(round=made, card_sent_at__isnull=True, result="")
        .select_related("enrolment__person", "enrolment__request")
        .prefetch_related("enrolment__person__phones")
        .order_by("enrolment__person__search_text", "pk")[:500]
    ]
    if not rows:
        say(request, _("Toutes les cartes sont parties."))
        return to(request, "register_round", pk=pk)
    request.accesses.append(("export", "register.register", pk, f"cards, {len(rows)}"))
    content = papers.pdf_many(
        letters.cards(register, rows), large_print=bool(request.POST.get("gros")), duplex=True
    )
    return file(content, f"cartes-{clock.today():%Y-%m-%d}.pdf")


@require_POST
@section("registers")
@named_only
def round_sent(request: DeskRequest, pk: int) -> HttpResponse:
    register = entered(request, pk)
    made = get_object_or_404(ConfirmationRound.objects.open(), register=register)
    count = operations.mark_cards_sent(made.pk, actor=request.actor)
    say(request, _("Noté : %(count)s carte·s envoyée·s.") % {"count": count})
    return to(request, "register_round", pk=pk)


@require_POST
@section("registers")
@named_only
def round_close(request: DeskRequest, pk: int) -> HttpResponse:
    register = entered(request, pk)
    made = get_object_or_404(ConfirmationRound.objects.open(), register=register)
    operations.close_round(made.pk, actor=request.actor)
    say(request, _("Tour terminé. Personne n’est retiré pour n’avoir pas répondu."))
    return to(request, "register_round", pk=pk)
