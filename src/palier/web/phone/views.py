"""The telephone desk: what rings, what is to be written down, the calls of the day, and the form of one call."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from palier.calls import operations as calls
from palier.calls.models import Call, PlannedCall
from palier.kernel import clock, ranges, text
from palier.kernel.errors import BadInput, NotPossibleNow
from palier.people.models import Person
from palier.territories.models import Territory
from palier.web.jinja import gettext as _
from palier.web.pages import DeskRequest, at_the_desk, permission, render, say, section, to, try_operation
from palier.web.phone import queries, saving
from palier.web.phone.forms import SERVICES, SPELT, CallForm, SetAsideForm
from palier.web.phone.sheet import Sheet, draft_of, sheet_of_saved


@section("phone")
@require_safe
@permission(at_the_desk)
def phone_desk(request: DeskRequest) -> HttpResponse:
    """Calls under way, then those of a day, or those that were looked for."""
    if request.headers.get("HX-Target") == "en-cours":
        return render(request, "phone/now.html", {"now_lines": queries.calls_now(request.actor)})
    zone = Territory.objects.get(pk=request.actor.territory_id).zone
    today = clock.today(zone)
    day = _day_asked(request.GET.get("jour", ""), today)
    asked = request.GET.get("q", "").strip()[:100]
    page = (
        int(request.GET["page"])
        if request.GET.get("page", "").isdigit() and len(request.GET["page"]) < 6
        else 1
    )
    page = max(1, page)
    if asked:
        lines = queries.calls_found(request.actor, asked, page)
    else:
        span = ranges.day_of(day, zone)
        lines = queries.calls_of_a_day(request.actor, span.start, span.end, page)
    more, lines = len(lines) > queries.PAGE, lines[: queries.PAGE]
    context = {
        "now_lines": queries.calls_now(request.actor),
        "lines": lines,
        "asked": asked,
        "day": day,
        "is_today": day == today,
        "day_before": _page_of(jour=(day - timedelta(days=1)).isoformat()),
        "day_after": _page_of(jour=(day + timedelta(days=1)).isoformat()) if day < today else "",
        "previous": _page_of(q=asked, jour="" if asked else day.isoformat(), page=page - 1)
        if page > 1
        else "",
        "following": _page_of(q=asked, jour="" if asked else day.isoformat(), page=page + 1) if more else "",
        "where": _("Page %(page)s") % {"page": page},
    }
    return render(request, "phone/desk.html", context)


def _day_asked(asked: str, today: date) -> date:
    try:
        return min(date.fromisoformat(asked), today)
    except ValueError:
        return today


def _page_of(**asked: Any) -> str:
    return f"{reverse('phone_desk')}?{urlencode({k: v for k, v in asked.items() if v})}"


@require_POST
@permission(at_the_desk)
def call_start(request: DeskRequest) -> HttpResponse:
    """F2: the call that rings, or one that no telephone announced; with a person, or one that was owed to her."""
    person_id = _number(request.POST.get("person", ""))
    planned_id = _number(request.POST.get("planned", ""))
    asked: dict[str, Any] = {"retour": request.POST.get("back", "")}
    if planned_id is not None:
        planned = get_object_or_404(PlannedCall.objects.visible_to(request.actor), pk=planned_id)
        person_id, asked["prevu"] = planned.person_id, planned.pk
    elif person_id is None and not request.POST.get("by_hand"):
        ringing = Call.objects.visible_to(request.actor).open().filter(state=Call.State.RINGING)
        first = ringing.filter(rang_at__gt=clock.now() - queries.RINGS_FOR).order_by("rang_at", "pk").first()
        if first is not None:
            calls.answer(first.pk, by_membership_id=request.actor.membership_id, actor=request.actor)
            return to(request, _call_page(first.pk, asked))
    if person_id is not None:
        get_object_or_404(Person.objects.visible_to(request.actor), pk=person_id)
    direction = "outbound" if planned_id is not None else "inbound"
    started = calls.start_by_hand(actor=request.actor, person_id=person_id, direction=direction)
    return to(request, _call_page(started.pk, asked))


def _call_page(pk: int, asked: dict[str, Any]) -> str:
    rest = urlencode({k: v for k, v in asked.items() if v})
    return f"{reverse('call', args=[pk])}?{rest}" if rest else reverse("call", args=[pk])


@require_POST
@permission(at_the_desk)
def call_answer(request: DeskRequest, pk: int) -> HttpResponse:
    """« Je réponds »: the note is mine from now on. Somebody else was quicker: the page says who."""
    found = _call(request, pk)
    if found.state == Call.State.RINGING:
        calls.answer(pk, by_membership_id=request.actor.membership_id, actor=request.actor)
    return to(request, "call", pk=pk)


@section("phone")
@require_http_methods(["GET", "HEAD", "POST"])
@permission(at_the_desk)
def call(request: DeskRequest, pk: int) -> HttpResponse:
    """One call: the form while it is open, what was noted afterwards."""
    if request.method == "POST":
        sheet = sheet_of_saved(request, pk, CallForm.typed_from(request.POST))
        if sheet is None:
            raise Http404
        return _save(request, sheet)
    found = _call(request, pk)
    if found.closed_at is not None:
        return _logged_page(request, found)
    draft = draft_of(found, request)
    typed = {**draft, **CallForm.typed_from(request.GET)}
    planned_id = _number(request.GET.get("prevu", "") or _first(typed, "planned"))
    sheet = Sheet(request, found, typed, text=_first(typed, "q"), planned_id=planned_id)
    form = CallForm(lists=sheet.lists, initial={"back": request.GET.get("retour", ""), **sheet.initial})
    return _form_page(request, sheet, form)


def _form_page(
    request: DeskRequest, sheet: Sheet, form: CallForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    """The page, or the part that a swap asked for by its place."""
    context = {"sheet": sheet, "call": sheet.call, "form": form, "services": SERVICES, **more}
    place = request.headers.get("HX-Target", "")
    if sheet.person is not None and place in ("", "fiche"):
        request.accesses.append(("read", "people.person", sheet.person.pk, _("Appel téléphonique")))
    match place:
        case "trouve":
            return render(request, "phone/found.html", context, status=status)
        case "autour":
            return render(request, "phone/beside.html", context, status=status)
        case "fiche":
            return render(request, "phone/side.html", {**context, "swapped": True}, status=status)
    context.setdefault("set_aside", SetAsideForm())
    return render(request, "phone/call.html", context, status=status)


def _save(request: DeskRequest, sheet: Sheet) -> HttpResponse:
    found = sheet.call
    if found.closed_at is not None:
        return _words_after(request, found)
    form = CallForm(request.POST, lists=sheet.lists)
    proposes = request.POST.get("then") == "match"
    namesake = False
    if form.is_valid():
        if proposes and form.cleaned_data["next"] != Call.Next.NEED:
            form.add_error("next", _("Pour proposer un voisin, choisissez « Noter un besoin »."))
        else:
            try:
                logged = saving.save(request, found, sheet, form)
                return _after(request, logged, form.cleaned_data["back"], proposes=proposes)
            except BadInput as refusal:
                form.watched = refusal.code == "watched_words"
                form.add_error("details" if form.watched else _known(form, refusal.field), str(refusal))
            except NotPossibleNow as refusal:
                found.refresh_from_db()
                if found.state == Call.State.LOGGED:
                    return _words_after(request, found)
                namesake = isinstance(refusal, saving.Namesake)
                form.add_error("new_last_name" if namesake else None, str(refusal))
    return _form_page(request, sheet, form, status=422, namesake=namesake)


def _known(form: CallForm, field: str) -> str | None:
    return field if field in form.fields or field in SPELT else None


def _words_after(request: DeskRequest, found: Call) -> HttpResponse:
    """Somebody logged it meanwhile: these words join theirs, and the page says who."""
    if found.state != Call.State.LOGGED:
        # The page of this refusal gives back what was typed.
        raise NotPossibleNow(_("Cet appel est classé sans suite."))
    logged, done = try_operation(request, None, lambda: saving.add_words(request, found))
    if done and logged.logged_by_id == request.actor.membership_id:
        return _after(
            request, logged, request.POST.get("back", ""), proposes=request.POST.get("then") == "match"
        )
    return to(request, "call", pk=found.pk)


def _after(request: DeskRequest, logged: Call, back: str, *, proposes: bool) -> HttpResponse:
    """Back to where the agent came from, with ten seconds to take it back."""
    messages.success(
        request, _("Appel enregistré."), extra_tags=f"undo:{reverse('call_undo', args=[logged.pk])}"
    )
    if proposes and logged.need_id is not None:
        return to(request, "need_match", pk=logged.need_id)
    if back and url_has_allowed_host_and_scheme(back, allowed_hosts=None) and back.startswith("/"):
        return to(request, back)
    return to(request, "today")


def _logged_page(request: DeskRequest, found: Call) -> HttpResponse:
    line = queries.one_call(request.actor, found.pk)
    if request.headers.get("HX-Target") == "autour":
        return render(request, "phone/closed_meanwhile.html", {"line": line, "call": found})
    if found.person_id is not None:
        request.accesses.append(("read", "people.person", found.person_id, _("Appel téléphonique")))
    can_undo = (
        found.state == Call.State.LOGGED
        and found.logged_by_id == request.actor.membership_id
        and found.logged_at is not None
        and clock.now() - found.logged_at < timedelta(minutes=5)
    )
    context = {"call": found, "line": line, "can_undo": can_undo, "planned": queries.promised(found.pk)}
    return render(request, "phone/logged.html", context)


# --- while it is written -----------------------------------------------------------------------------------------


@require_POST
@permission(at_the_desk)
def call_draft(request: DeskRequest, pk: int) -> HttpResponse:
    """Every five seconds: what was typed so far. The script says « Brouillon gardé à 10 h 22 »."""
    found = _call(request, pk)
    if found.closed_at is not None:
        return HttpResponse(status=409)
    try:
        calls.save_draft(found.pk, CallForm.typed_from(request.POST), actor=request.actor)
    except BadInput:
        return HttpResponse(status=422)
    return HttpResponse(status=204)


@require_POST
@permission(at_the_desk)
def call_keep(request: DeskRequest, pk: int) -> HttpResponse:
    """The buttons inside the form that are not « Enregistrer »: keep what was typed, show the page for it.

    « Chercher », « Ce n'est pas elle », « Afficher sa fiche »: they work without script.
    """
    found = _call(request, pk)
    typed = CallForm.typed_from(request.POST)
    if request.POST.get("reject"):
        typed |= {"caller": ["other"], "found": [""], "who": [""]}
    if found.closed_at is None:
        calls.save_draft(found.pk, typed, actor=request.actor)
    return to(
        request,
        reverse("call", args=[pk])
        + ("#q-trouver" if request.POST.get("reject") or request.POST.get("look") else ""),
    )


@require_POST
@permission(at_the_desk)
def call_danger(request: DeskRequest, pk: int) -> HttpResponse:
    """« Danger immédiat »: the moment is stamped, the colleague's sentence shown; the form stays as it is."""
    found = _call(request, pk)
    typed = CallForm.typed_from(request.POST)
    service = request.POST.get("service", "")
    if found.closed_at is None and typed:
        calls.save_draft(found.pk, typed, actor=request.actor)
    if service:
        found = calls.note_danger_call(found.pk, service=service, actor=request.actor)
    else:
        found = calls.declare_danger(found.pk, actor=request.actor)
    if request.headers.get("HX-Request"):
        sheet = Sheet(request, found, typed or draft_of(found, request))
        context = {"sheet": sheet, "call": found, "services": SERVICES, "swapped": True}
        # The first time the panel goes to the head of the side column; then it changes where it stands.
        return render(request, "phone/danger.html" if service else "phone/side.html", context)
    return to(request, reverse("call", args=[pk]) + "#danger")


@require_POST
@permission(at_the_desk)
def call_set_aside(request: DeskRequest, pk: int) -> HttpResponse:
    """A wrong number, a silent line: nothing to write down, said why."""
    found = _call(request, pk)
    form = SetAsideForm(request.POST)
    if form.is_valid():
        _done, done = try_operation(
            request, form, lambda: calls.set_aside(found.pk, note=form.sentence(), actor=request.actor)
        )
        if done:
            say(request, _("Appel classé sans suite."))
            return to(request, "phone_desk")
    draft = draft_of(found, request)
    sheet = Sheet(request, found, draft, text=_first(draft, "q"))
    return _form_page(
        request, sheet, CallForm(lists=sheet.lists, initial=sheet.initial), status=422, set_aside=form
    )


@require_POST
@permission(at_the_desk)
def call_no_answer(request: DeskRequest, pk: int) -> HttpResponse:
    """The call that was owed rang in vain: it moves to later by itself, and this one is closed."""
    found = _call(request, pk)
    planned_id = _number(request.POST.get("planned", ""))
    planned = get_object_or_404(PlannedCall.objects.visible_to(request.actor), pk=planned_id)
    later, done = try_operation(
        request,
        None,
        lambda: calls.keep_planned_call(
            planned.pk, outcome="no_answer", call_id=found.pk, actor=request.actor
        ),
    )
    if done:
        calls.set_aside(found.pk, note=_("Sans réponse"), actor=request.actor)
        if later.closed_at is None:
            when = _("%(day)s à %(hour)s") % {"day": text.day(later.due_at), "hour": text.hour(later.due_at)}
            say(
                request,
                _("Sans réponse. Vous avez fait votre part : le rappel revient %(when)s.") % {"when": when},
            )
        else:
            say(
                request,
                _("Trois fois sans réponse : un signalement est ouvert, pour que quelqu’un aille voir."),
                "warning",
            )
    return to(request, "today")


@require_POST
@permission(at_the_desk)
def call_undo(request: DeskRequest, pk: int) -> HttpResponse:
    """« Annuler », just after saving: what came of the call is taken back, the form is as it was."""
    found = _call(request, pk)
    _undone, done = try_operation(request, None, lambda: calls.undo_log(found.pk, actor=request.actor))
    if done:
        say(request, _("Enregistrement annulé. Votre texte est là."), "info")
    return to(request, "call", pk=pk)


def _call(request: DeskRequest, pk: int) -> Call:
    return get_object_or_404(Call.objects.visible_to(request.actor), pk=pk)


def _number(value: str) -> int | None:
    return int(value) if value.isdigit() and len(value) < 19 else None


def _first(typed: dict[str, Any], name: str) -> str:
    values = typed.get(name) or [""]
    return str(values[-1])
