"""The day board: late, this morning, now, this afternoon, done; whose it is; and one action a row."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from palier.accounts.models import Membership
from palier.duties import operations as duties
from palier.duties.models import Duty, Kind
from palier.kernel import calendars, clock, links, text
from palier.matching import operations as matching
from palier.matching import queries as matching_queries
from palier.messaging import operations as messaging
from palier.messaging.models import Inbound, Message
from palier.people import queries as people_queries
from palier.people.models import of_seen_people
from palier.territories.models import Territory
from palier.web.jinja import gettext as _
from palier.web.jinja import url
from palier.web.pages import (
    DeskRequest,
    anybody,
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
from palier.web.today import queries

SCOPES = (
    ("me", gettext_lazy("Pour moi")),
    ("team", gettext_lazy("Toute l’équipe")),
    ("unowned", gettext_lazy("Sans responsable")),
)


@permission(anybody)
def home(request: DeskRequest) -> HttpResponse:
    """Each to their own first page."""
    if request.actor.is_desk:
        return to(request, "today")
    return to(
        request, {"partner": "referrals", "operator": "telecare_events"}.get(request.actor.role, "my_account")
    )


@section("today")
@permission(at_the_desk)
def today(request: DeskRequest) -> HttpResponse:
    scope = request.GET.get("pour", "me")
    scope = scope if scope in queries.SCOPES else "me"
    number = max(1, int(request.GET["page"])) if request.GET.get("page", "").isdigit() else 1
    now = clock.now()
    day = _Day(now, request)
    board = queries.board(request.actor, scope, now=now, start=day.start, end=day.end, page=number)
    more, rows, counts = len(board.lines) > queries.PAGE, board.lines[: queries.PAGE], board.counts
    context = {
        "scope": scope,
        "day": day,
        "note": request.desk,
        "counts": counts,
        "seg": [
            {
                "url": f"{reverse('today')}?pour={code}",
                "label": str(label),
                "current": code == scope,
                "count": counts[{"me": "mine"}.get(code, code)],
            }
            for code, label in SCOPES
        ],
        "sections": _sections(rows, now, day, request),
        "kinds": _kinds(rows),
        "done_kinds": _kinds(board.done),
        "colleagues": sorted({line.owner_name for line in rows if line.owner_id is not None}),
        "unowned": [_row(line, now, day, request) for line in board.unowned],
        "done": [_row(line, now, day, request) for line in board.done],
        "visits": board.visits,
        "page": number,
        "more": more,
    }
    return page_or_part(request, "today/today.html", "board", context)


class _Day:
    """Today as the people of the territory live it."""

    def __init__(self, now: datetime, request: DeskRequest) -> None:
        zone = request.desk.zone
        self.date = now.astimezone(zone).date()
        self.start = datetime.combine(self.date, time.min, zone)
        self.noon = datetime.combine(self.date, time(13), zone)
        self.end = datetime.combine(self.date + timedelta(days=1), time.min, zone)
        self.zone = zone
        self.name = text.day(self.date)
        self.year = self.date.year
        self.holiday = calendars.holiday_name(self.date, request.desk.holidays_zone)
        self.after_holiday = calendars.holiday_name(self.date - timedelta(days=1), request.desk.holidays_zone)


def _sections(
    rows: list[queries.Line], now: datetime, day: _Day, request: DeskRequest
) -> list[dict[str, Any]]:
    late = [line for line in rows if line.due_at < min(day.start, now) or line.due_at < now - LATE_AFTER]
    ids = {line.id for line in late}
    rest = [line for line in rows if line.id not in ids]
    parts = [
        ("late", _("En retard"), late, True),
        ("morning", _("Ce matin"), [line for line in rest if line.due_at < day.noon], False),
        ("afternoon", _("Cet après-midi"), [line for line in rest if line.due_at >= day.noon], False),
    ]
    return [
        {
            "id": f"h-{code}",
            "code": code,
            "title": title,
            "late": is_late,
            "rows": [_row(line, now, day, request, late=is_late) for line in lines],
        }
        for code, title, lines, is_late in parts
        if lines
    ]


# Something due a quarter of an hour ago is « à reprendre », not yet late.
LATE_AFTER = timedelta(minutes=15)

ICONS: dict[str, str] = {
    Kind.LOG_CALL: "phone-in",
    Kind.CALL_BACK: "phone",
    Kind.FIND_SOMEBODY: "heart",
    Kind.AWAIT_ANSWERS: "door",
    Kind.FOLLOW_VISIT: "door",
    Kind.PROVE_VISIT: "alert",
    Kind.LOOK_AT_CONCERN: "alert",
    Kind.MEND_MESSAGE: "chat",
    Kind.MATCH_REQUEST: "letter",
    Kind.SEND_ACKNOWLEDGEMENT: "letter",
    Kind.DECIDE_COMMUNICATION: "send",
    Kind.TELL_RECIPIENTS: "send",
    Kind.FINISH_ROUND: "turn",
}
KIND_LABELS = {str(kind.value): kind.label for kind in Kind}
TONES: dict[str, str] = {
    Kind.LOOK_AT_CONCERN: "late",
    Kind.PROVE_VISIT: "due",
    Kind.AWAIT_ANSWERS: "vois",
    Kind.FOLLOW_VISIT: "vois",
}


def _row(
    line: queries.Line, now: datetime, day: _Day, request: DeskRequest, *, late: bool = False
) -> dict[str, Any]:
    local = line.due_at.astimezone(day.zone)
    mine = line.owner_id == request.actor.membership_id
    raised_to_me = line.raised_to_id == request.actor.membership_id and not mine
    label, href, posts = _action(line)
    soon = timedelta(0) <= line.due_at - now <= timedelta(minutes=30)
    name, owner, kind = line.name, line.owner_name, str(KIND_LABELS[line.kind])
    apart = line.is_kept_apart
    return {
        "id": line.id,
        "when": text.hour(local) if local.date() == day.date else text.day_short(local.date()),
        "iso": local.isoformat(timespec="minutes"),
        "note": text.since(line.due_at, now) if late else text.in_words(line.due_at, now) if soon else "",
        "title": _("Fiche gardée à part") if apart else name or line.label or kind,
        "href": _file_of(line) or href,
        "kind_code": line.kind,
        "kind": kind,
        "text": _told(line) if name else "",
        "owner": owner,
        "mine": mine,
        "may_be_given": not apart and (mine or (owner != "" and request.actor.coordinates)),
        "give_href": url("duty_give", line.id),
        "take_href": url("duty_take", line.id),
        "seen_href": url("duty_acknowledge", line.id),
        "says_it_climbed": line.level > 0 and not raised_to_me,
        "raised_to_me": raised_to_me and not apart,
        "unowned": line.owner_id is None and not apart,
        "action": label,
        "action_href": href,
        "action_posts": posts,
        "state": "late" if late else "next" if soon else None,
    }


def _told(line: queries.Line) -> str:
    """What is owed, and that she is not at home."""
    if not line.is_away:
        return line.label
    away = _("pas chez elle en ce moment")
    return f"{line.label}, {away}" if line.label else text.capital(away)


def _kinds(lines: list[queries.Line]) -> list[dict[str, Any]]:
    """The tags that the lines wear, each once."""
    return [
        {"code": code, "label": str(KIND_LABELS[code]), "tone": TONES.get(code), "icon": ICONS.get(code)}
        for code in sorted({line.kind for line in lines})
    ]


def _file_of(line: queries.Line) -> str:
    if line.person_id is not None and not line.is_kept_apart:
        return url("person", line.person_id)
    if line.volunteer_id is not None:
        return url("volunteer", line.volunteer_id)
    return ""


def _action(line: queries.Line) -> tuple[str, str, dict[str, Any]]:
    """The one button of a row: its verb, where it goes, and what it posts (empty: a link)."""
    if line.is_kept_apart:
        return _("Qui y a accès"), url("compartments"), {}
    match line.kind:
        case Kind.LOG_CALL:
            return _("Noter"), url("call", line.subject_id), {}
        case Kind.CALL_BACK | Kind.ASK_HOW_IT_WENT:
            return (
                _("Appeler"),
                url("call_start"),
                {"planned": line.subject_id, "person": line.person_id or ""},
            )
        case Kind.FIND_SOMEBODY if line.need_id:
            return _("Proposer"), url("need_match", line.need_id), {}
        case Kind.LOOK_AT_CONCERN:
            return _("Voir"), url("concern", line.subject_id), {}
        case Kind.MEND_MESSAGE if line.subject_kind == "messaging.inbound":
            return _("Lire"), url("inbound_message", line.subject_id), {}
        case Kind.MEND_MESSAGE if line.subject_kind == "messaging.message":
            return _("Vérifier"), url("message", line.subject_id), {}
        case (
            Kind.MATCH_REQUEST
            | Kind.SEND_ACKNOWLEDGEMENT
            | Kind.DECIDE_COMMUNICATION
            | Kind.TELL_RECIPIENTS
            | Kind.FINISH_ROUND
        ):
            # Which entry it is, only that page says, to who may know (REG-15).
            return _("Ouvrir"), url("register_duty", line.id), {}
        case Kind.REVIEW_EVENT:
            return _("Regarder"), url("telecare_events"), {}
        case Kind.ANSWER_RIGHTS | Kind.LEGAL_REVIEW:
            return _("Traiter"), url("rights_request", line.subject_id), {}
        case Kind.REVIEW_DOUBLES:
            return _("Regarder"), url("doubles"), {}
        case Kind.VET_VOLUNTEER if line.volunteer_id:
            return _("Étudier"), url("volunteer", line.volunteer_id), {}
    if line.need_id:
        return _("Voir"), url("need", line.need_id), {}
    return _("Voir"), _file_of(line) or url("today"), {}


@require_POST
@section("today")
@permission(at_the_desk)
def duty_take(request: DeskRequest, pk: int) -> HttpResponse:
    """« Je m’en charge »; whoever is second is told who was first."""
    _duty(request, pk)
    duty, done = try_operation(request, None, lambda: duties.take(pk, actor=request.actor))
    if done:
        say(request, _("Vous vous en chargez : %(what)s.") % {"what": duty.label or duty.get_kind_display()})
    return to(request, _back(request))


class GiveForm(forms.Form):
    to = forms.IntegerField(label=gettext_lazy("À qui ?"))


@section("today")
@permission(at_the_desk)
def duty_give(request: DeskRequest, pk: int) -> HttpResponse:
    """Hand a duty on to a colleague."""
    duty = _duty(request, pk)
    colleagues = [
        {"id": m.pk, "name": m.user.get_full_name(), "title": m.title or m.get_role_display()}
        for m in Membership.objects.reachable()
        .filter(organisation_id=duty.organisation_id)
        .select_related("user")
        .order_by("user__last_name", "pk")
    ]
    form = GiveForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        _result, done = try_operation(
            request, form, lambda: duties.give(pk, form.cleaned_data["to"], actor=request.actor)
        )
        if done:
            say(request, _("C’est confié."))
            return to(request, "today")
    return render(
        request,
        "today/give.html",
        {"duty": duty, "colleagues": colleagues, "form": form},
        status=422 if form.errors else 200,
    )


@require_POST
@section("today")
@permission(at_the_desk)
def duty_acknowledge(request: DeskRequest, pk: int) -> HttpResponse:
    """« J’ai vu »: it waits two hours before it climbs again."""
    _duty(request, pk)
    _result, done = try_operation(request, None, lambda: duties.acknowledge(pk, actor=request.actor))
    if done:
        say(request, _("C’est noté : vous avez deux heures avant que cela remonte."))
    return to(request, _back(request))


class NoteForm(forms.Form):
    note = forms.CharField(
        label=gettext_lazy("Consigne du jour"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@require_POST
@section("today")
@permission(coordinates)
def note_of_the_day(request: DeskRequest) -> HttpResponse:
    """What the morning's meeting asks of everybody; empty takes it away."""
    form = NoteForm(request.POST)
    if form.is_valid():
        Territory.objects.filter(pk=request.actor.territory_id).update(
            note_of_the_day=form.cleaned_data["note"].strip(), note_by=request.actor.name, note_at=clock.now()
        )
        say(request, _("Consigne affichée à toute l’équipe."))
    else:
        say(request, _("La consigne est trop longue : 300 signes au plus."), "warning")
    return to(request, "today")


class MendForm(forms.Form):
    how = forms.ChoiceField(
        label=gettext_lazy("Qu’avez-vous fait ?"),
        choices=[
            ("sent_anyway", gettext_lazy("Le message était bien arrivé")),
            ("call_instead", gettext_lazy("J’ai téléphoné à la place")),
            ("drop", gettext_lazy("Ce message n’est plus utile")),
        ],
        widget=forms.RadioSelect,
    )


@section("today")
@permission(at_the_desk)
def message(request: DeskRequest, pk: int) -> HttpResponse:
    """A message that failed, or that may or may not have left: a person decides, never a second SMS by itself."""
    seen = of_seen_people(request.actor, "person_id")
    row = get_object_or_404(Message.objects.filter(seen, territory_id=request.actor.territory_id), pk=pk)
    form = MendForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        _result, done = try_operation(
            request, form, lambda: messaging.mend(pk, how=form.cleaned_data["how"], actor=request.actor)
        )
        if done:
            say(request, _("C’est réglé."))
            return to(request, "today")
    context = {"message": row, "body": links.hide_secrets(row.body), "form": form}
    return render(request, "today/message.html", context, status=422 if form.errors else 200)


class ReadForm(forms.Form):
    meaning = forms.ChoiceField(
        label=gettext_lazy("Que veut dire ce message ?"),
        choices=[
            ("yes", gettext_lazy("Il dit oui")),
            ("no", gettext_lazy("Il dit non")),
            ("read", gettext_lazy("Autre chose : je m’en suis occupé")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choisissez ce que dit ce message.")},
    )


@section("today")
@permission(at_the_desk)
def inbound_message(request: DeskRequest, pk: int) -> HttpResponse:
    """A text message nobody could understand by itself: the desk reads it and says what it answers."""
    row = get_object_or_404(Inbound.objects.filter(territory_id=request.actor.territory_id), pk=pk)
    question = matching_queries.latest_question(row.sender)
    form = ReadForm(request.POST if request.method == "POST" else None)
    if question is None:
        form.fields["meaning"].choices = form.fields["meaning"].choices[2:]  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        meaning = form.cleaned_data["meaning"]

        def settle() -> None:
            with transaction.atomic():
                if question is not None and meaning != "read":
                    matching.answer_offer(
                        question.pk,
                        yes=meaning == "yes",
                        how="sms",
                        noted_by=request.actor.name,
                        actor=request.actor,
                    )
                matching.settle_inbound(pk, actor=request.actor)

        _result, done = try_operation(request, form, settle)
        if done:
            say(request, _("C’est noté."))
            return to(request, "need", pk=question.need_id) if question is not None else to(request, "today")
    context = {
        "message": row,
        "question": question,
        "people": people_queries.by_number(row.sender, actor=request.actor),
        "form": form,
    }
    return render(request, "today/inbound.html", context, status=422 if form.errors else 200)


def _duty(request: DeskRequest, pk: int) -> Duty:
    ours = Duty.objects.filter(of_seen_people(request.actor, "person_id"))
    return get_object_or_404(ours.filter(organisation_id=request.actor.organisation_id or 0), pk=pk)


def _back(request: DeskRequest) -> str:
    """Where the button stood, when that is one of our own pages."""
    wanted = request.POST.get("next", "")
    return wanted if wanted.startswith("/") and not wanted.startswith("//") else reverse("today")
