"""Neighbours who help: who they are, what they accept, when they are free, the checks, what they were asked."""

from collections import Counter
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from palier.journal.events import registry
from palier.kernel import clock, phones, text
from palier.kernel.ranges import day_of, moment
from palier.matching import policies as matching_policies
from palier.matching.models import Offer
from palier.territories.models import Territory
from palier.volunteers import operations, policies
from palier.volunteers.models import Volunteer
from palier.volunteers.queries import missing_checks
from palier.web.jinja import gettext as _
from palier.web.jinja import ngettext
from palier.web.pages import (
    DeskRequest,
    at_the_desk,
    page_or_part,
    permission,
    render,
    say,
    section,
    to,
    try_operation,
)
from palier.web.volunteers import queries
from palier.web.volunteers.forms import (
    AVOIDS,
    LANGUAGES,
    WEEKDAYS,
    AwayForm,
    CheckForm,
    RestForm,
    VolunteerForm,
    as_typed,
)

TAGS = {
    Volunteer.State.APPLIED: ("due", "clock"),
    Volunteer.State.TRIAL: ("vois", "door"),
    Volunteer.State.ACTIVE: ("ok", "check"),
    Volunteer.State.RESTING: (None, "sun"),
    Volunteer.State.ENDED: (None, "dash"),
}
HISTORY = 20


@section("volunteers")
@permission(at_the_desk)
@require_safe
def volunteers(request: DeskRequest) -> HttpResponse:
    wanted = _filters(request)
    territory = Territory.objects.get(pk=request.actor.territory_id)
    rows = queries.lines(request.actor, wanted, territory)
    more, rows = len(rows) > queries.PAGE, rows[: queries.PAGE]
    counts = queries.counts(request.actor)
    labels = {
        "": _("Tous"),
        "disponibles": _("Disponibles"),
        "candidatures": _("Candidatures"),
        "en-pause": _("En pause"),
        "partis": _("Partis"),
    }
    kinds = queries.kinds()
    context = {
        "wanted": wanted,
        "rows": [_line(row, territory, len(kinds)) for row in rows],
        "count": counts["disponibles"],
        "applied": counts["candidatures"],
        "states": [
            {
                "url": _address(wanted, etat=code, page=""),
                "label": label,
                "current": wanted.state == code,
                "count": counts[code],
            }
            for code, label in labels.items()
        ],
        "kinds": kinds,
        "previous": _address(wanted, page=wanted.page - 1) if wanted.page > 1 else None,
        "next": _address(wanted, page=wanted.page + 1) if more else None,
        "all_url": reverse("volunteers"),
    }
    return page_or_part(request, "volunteers/volunteers.html", "list", context)


def _filters(request: DeskRequest) -> queries.Filters:
    given = request.GET
    state, page = given.get("etat", ""), given.get("page", "")
    return queries.Filters(
        state=state if state in queries.STATES else "",
        kind=given.get("quoi", "")[:30],
        words=given.get("q", "")[:100],
        page=max(1, int(page)) if page.isdigit() and len(page) < 6 else 1,
    )


def _address(wanted: queries.Filters, **changes: Any) -> str:
    values = {"etat": wanted.state, "quoi": wanted.kind, "q": wanted.words, "page": ""} | changes
    asked = {key: value for key, value in values.items() if value not in ("", None, 1)}
    return reverse("volunteers") + (f"?{urlencode(asked)}" if asked else "")


def _line(row: queries.Line, territory: Territory, all_kinds: int) -> dict[str, Any]:
    today = clock.today(territory.zone)
    return {
        "pk": row.id,
        "name": row.name,
        "state": str(Volunteer.State(row.state).label),
        "tag": TAGS[Volunteer.State(row.state)],
        "until": text.day_short(row.resting_until, today)
        if row.resting_until and row.state == "resting"
        else "",
        "kinds": _("Tout") if row.kinds_number >= all_kinds else row.kinds,
        "area": row.area,
        "asked": row.asked,
        "helped": row.helped,
        "last": text.day_short(row.last_asked_at, today) if row.last_asked_at else "",
    }


# --- One neighbour ------------------------------------------------------------------------------------------------


@section("volunteers")
@permission(at_the_desk)
@require_safe
def volunteer(request: DeskRequest, pk: int) -> HttpResponse:
    return _show(request, pk)


def _show(request: DeskRequest, pk: int, *, status: int = 200, **sent_back: Any) -> HttpResponse:
    one = _volunteer(request, pk)
    territory = Territory.objects.get(pk=request.actor.territory_id)
    request.accesses.append(("read", "volunteers.volunteer", one.pk, ""))
    page = request.GET.get("page", "")
    number = max(1, int(page)) if page.isdigit() and len(page) < 6 else 1
    offers = queries.history(one, request.actor, page=number, size=HISTORY)
    more, offers = len(offers) > HISTORY, offers[:HISTORY]
    sees_apart = matching_policies.may_see_kept_apart(request.actor)
    context = {
        "one": one,
        "tag": TAGS[Volunteer.State(one.state)],
        "sub": _sub(one),
        "facts": _facts(one, territory),
        "kinds": list(one.kinds.order_by("order", "pk").values_list("name", flat=True)),
        "week": _week(one),
        "away": [
            (each.pk, _days(each.starts_at, each.ends_at, territory)) for each in queries.away_times(one)
        ],
        "checks": _checks(one, territory),
        "missing": missing_checks(one),
        "figures": queries.figures(one, territory),
        "history": [_offer(offer, territory) for offer in offers],
        "previous": f"?page={number - 1}" if number > 1 else None,
        "next": f"?page={number + 1}" if more else None,
        "page": number,
        "sees_apart": sees_apart,
        "kept_apart": queries.kept_apart(one, request.actor) if sees_apart else [],
        "planned": queries.planned_visits(one),
        "entries": [_entry(entry, territory) for entry in queries.entries(one, request.actor)],
        "may_end": policies.may_end(request.actor),
        "check_forms": {
            code: CheckForm(auto_id=f"{code}-%s", initial={"check": code, "on": clock.today(territory.zone)})
            for code in ("interview", "identity", "charter")
        },
        "rest_form": RestForm(auto_id="pause-%s"),
        "away_form": AwayForm(auto_id="absence-%s"),
    } | sent_back
    return render(request, "volunteers/volunteer.html", context, status=status)


def _sub(one: Volunteer) -> str:
    age = text.age(one.birth_on, clock.today()) if one.birth_on else ""
    return ", ".join(part for part in (age, one.about, one.city) if part)


def _facts(one: Volunteer, territory: Territory) -> dict[str, Any]:
    names = dict(LANGUAGES)
    avoided = dict(AVOIDS)
    return {
        "address": ", ".join(part for part in (one.street, f"{one.postcode} {one.city}".strip()) if part),
        "languages": ", ".join(str(names.get(code, code)) for code in one.languages),
        "avoids": ", ".join(str(avoided.get(code, code)).lower() for code in one.avoids),
        "reach": ngettext("%(count)s min à pied", "%(count)s min à pied", one.reach_minutes)
        % {"count": one.reach_minutes},
        "most": ngettext(
            "%(count)s fois par mois au plus", "%(count)s fois par mois au plus", one.max_per_month
        )
        % {"count": one.max_per_month},
        "sms": phones.can_receive_sms(one.phone),
        "is_located": one.x is not None,
        "last_asked": text.day(one.last_asked_at, clock.today(territory.zone)) if one.last_asked_at else "",
    }


def _week(one: Volunteer) -> list[tuple[str, str]]:
    """« Lundi », « 9 h à 12 h, 14 h à 18 h »; the days without are left out."""
    days: dict[int, list[str]] = {}
    for weekday, start, end in one.free_times.order_by("weekday", "starts_at").values_list(
        "weekday", "starts_at", "ends_at"
    ):
        days.setdefault(weekday, []).append(
            _("%(start)s à %(end)s") % {"start": text.hour(start), "end": text.hour(end)}
        )
    return [(str(WEEKDAYS[day]), ", ".join(hours)) for day, hours in days.items()]


def _days(starts_at: datetime, ends_at: datetime, territory: Territory) -> str:
    today = clock.today(territory.zone)
    first = starts_at.astimezone(territory.zone).date()
    last = (ends_at.astimezone(territory.zone) - timedelta(seconds=1)).date()
    if first == last:
        return text.day(first, today)
    return _("du %(first)s au %(last)s") % {"first": text.day(first, today), "last": text.day(last, today)}


def _checks(one: Volunteer, territory: Territory) -> list[dict[str, Any]]:
    """Each check with its day and who made it; never a copy of anything."""
    today = clock.today(territory.zone)
    made = (
        (
            "interview",
            _("Entretien"),
            one.interview_on,
            one.interview_by,
            _("Un moment ensemble, au CCAS ou chez vous."),
        ),
        (
            "identity",
            _("Pièce d’identité vue"),
            one.identity_seen_on,
            one.identity_seen_by,
            _("On la regarde et on la rend : aucune copie, aucun numéro."),
        ),
        (
            "charter",
            _("Charte signée"),
            one.charter_signed_on,
            "",
            _("L’original reste dans le classeur du service."),
        ),
    )
    return [
        {"code": code, "label": label, "on": text.day(on, today) if on else "", "by": by, "hint": hint}
        for code, label, on, by, hint in made
    ]


def _offer(offer: Offer, territory: Territory) -> dict[str, Any]:
    visit = getattr(offer, "visit", None)
    today = clock.today(territory.zone)
    local = offer.asked_at.astimezone(territory.zone)
    return {
        "when": text.day_short(local.date(), today),
        "iso": local.date().isoformat(),
        "title": _("%(kind)s pour %(name)s")
        % {"kind": offer.need.kind.name, "name": offer.need.person.full_name},
        "need": offer.need_id,
        "label": str(offer.get_state_display()),
        "visit": str(visit.get_state_display()) if visit is not None else "",
        "kind": "ok" if offer.state == Offer.State.ACCEPTED else None,
    }


def _entry(entry: Any, territory: Territory) -> dict[str, Any]:
    event = registry.events[entry.code]
    local = entry.at.astimezone(territory.zone)
    today = clock.today(territory.zone)
    return {
        "day": _("Aujourd’hui") if local.date() == today else text.day_short(local.date(), today),
        "hour": text.hour(local),
        "title": event.title({**entry.data, **entry.personal}),
        "icon": event.icon,
        "kind": event.tone or None,
        "by": entry.actor_name if entry.actor_kind in ("member", "neighbour") else "",
    }


# --- Noting somebody, changing what they said ------------------------------------------------------------------------


@section("volunteers")
@permission(at_the_desk)
def volunteer_new(request: DeskRequest) -> HttpResponse:
    """Somebody wishes to help: who, for what, when."""
    form = VolunteerForm(request.POST if request.method == "POST" else None, kinds=queries.kinds())
    if request.method == "POST" and form.is_valid():
        made, done = try_operation(
            request, form, lambda: operations.apply(actor=request.actor, **form.told())
        )
        if done:
            say(request, _("Candidature notée. Il reste l’entretien, la pièce d’identité et la charte."))
            return to(request, "volunteer", made.pk)
    context = {"form": form, "one": None, "back": reverse("volunteers")}
    return render(request, "volunteers/form.html", context, status=422 if form.errors else 200)


@section("volunteers")
@permission(at_the_desk)
def volunteer_change(request: DeskRequest, pk: int) -> HttpResponse:
    one = _volunteer(request, pk)
    free = list(
        one.free_times.order_by("weekday", "starts_at").values_list("weekday", "starts_at", "ends_at")
    )
    codes = list(one.kinds.order_by("order", "pk").values_list("code", flat=True))
    most = max(Counter(day for day, _start, _end in free).values(), default=0)
    initial = as_typed(one, free, codes) | {"phone": phones.pretty(one.phone).replace("\u00a0", " ")}
    # A kind that was taken off the list since stays ticked until somebody takes it off.
    kinds = list({kind.pk: kind for kind in [*queries.kinds(), *one.kinds.order_by("order", "pk")]}.values())
    form = VolunteerForm(
        request.POST if request.method == "POST" else None,
        kinds=kinds,
        stretches=max(2, most),
        initial=initial,
    )
    if request.method == "POST" and form.is_valid():
        _result, done = try_operation(
            request, form, lambda: operations.change_volunteer(one.pk, actor=request.actor, **form.told())
        )
        if done:
            say(request, _("Changements enregistrés."))
            return to(request, "volunteer", one.pk)
    request.accesses.append(("read", "volunteers.volunteer", one.pk, ""))
    context = {"form": form, "one": one, "back": reverse("volunteer", args=[one.pk])}
    return render(request, "volunteers/form.html", context, status=422 if form.errors else 200)


@section("volunteers")
@permission(at_the_desk)
@require_POST
def volunteer_check(request: DeskRequest, pk: int) -> HttpResponse:
    one = _volunteer(request, pk)
    form = CheckForm(request.POST, auto_id=f"{request.POST.get('check', '')[:12]}-%s")
    if form.is_valid():
        typed = form.cleaned_data
        _result, done = try_operation(
            request,
            form,
            lambda: operations.note_check(one.pk, check=typed["check"], on=typed["on"], actor=request.actor),
        )
        if done:
            say(request, _("C’est noté."))
            return to(request, f"{reverse('volunteer', args=[one.pk])}#verifications")
    code = request.POST.get("check", "")
    today = clock.today()
    blank = {
        each: CheckForm(auto_id=f"{each}-%s", initial={"check": each, "on": today})
        for each in ("interview", "identity", "charter")
    }
    return _show(
        request, pk, check_forms=blank | ({code: form} if code in blank else {}), check_error=form, status=422
    )


@section("volunteers")
@permission(at_the_desk)
@require_POST
def volunteer_welcome(request: DeskRequest, pk: int) -> HttpResponse:
    one = _volunteer(request, pk)
    _result, done = try_operation(request, None, lambda: operations.welcome(one.pk, actor=request.actor))
    if done:
        say(request, _("%(name)s fait partie des voisins qui aident.") % {"name": one.full_name})
    return to(request, "volunteer", one.pk)


@section("volunteers")
@permission(at_the_desk)
@require_POST
def volunteer_rest(request: DeskRequest, pk: int) -> HttpResponse:
    one = _volunteer(request, pk)
    form = RestForm(request.POST, auto_id="pause-%s")
    if form.is_valid():
        until = moment(form.cleaned_data["until"], time.min, _zone(request))
        _result, done = try_operation(
            request, form, lambda: operations.rest(one.pk, until=until, actor=request.actor)
        )
        if done:
            say(
                request,
                _("En pause jusqu’au %(day)s : plus aucune demande d’ici là.")
                % {"day": text.day(form.cleaned_data["until"])},
            )
            return to(request, "volunteer", one.pk)
    return _show(request, pk, rest_form=form, status=422)


@section("volunteers")
@permission(at_the_desk)
@require_POST
def volunteer_back(request: DeskRequest, pk: int) -> HttpResponse:
    one = _volunteer(request, pk)
    _result, done = try_operation(request, None, lambda: operations.come_back(one.pk, actor=request.actor))
    if done:
        say(request, _("%(name)s peut de nouveau recevoir des demandes.") % {"name": one.full_name})
    return to(request, "volunteer", one.pk)


@section("volunteers")
@permission(at_the_desk)
@require_POST
def volunteer_away(request: DeskRequest, pk: int) -> HttpResponse:
    """Days when nothing is asked; what was promised stays, and is said."""
    one = _volunteer(request, pk)
    form = AwayForm(request.POST, auto_id="absence-%s")
    if form.is_valid():
        zone = _zone(request)
        first, last = day_of(form.cleaned_data["first"], zone), day_of(form.cleaned_data["last"], zone)
        _result, done = try_operation(
            request,
            form,
            lambda: operations.note_away(
                one.pk, starts_at=first.start, ends_at=last.end, actor=request.actor
            ),
        )
        if done:
            say(request, _("Absence notée."))
            return to(request, f"{reverse('volunteer', args=[one.pk])}#disponibilites")
    return _show(request, pk, away_form=form, status=422)


@section("volunteers")
@permission(at_the_desk)
@require_POST
def volunteer_not_away(request: DeskRequest, pk: int, away_pk: int) -> HttpResponse:
    one = _volunteer(request, pk)
    _result, done = try_operation(
        request, None, lambda: operations.forget_away(one.pk, away_pk, actor=request.actor)
    )
    if done:
        say(request, _("Absence retirée."))
    return to(request, f"{reverse('volunteer', args=[one.pk])}#disponibilites")


@section("volunteers")
@permission(at_the_desk)
@require_POST
def volunteer_end(request: DeskRequest, pk: int) -> HttpResponse:
    one = _volunteer(request, pk)
    outcome = "declined" if request.POST.get("outcome") == "declined" else "withdrawn"
    _result, done = try_operation(
        request, None, lambda: operations.end(one.pk, outcome=outcome, actor=request.actor)
    )
    if done:
        say(request, _("%(name)s ne recevra plus de demande.") % {"name": one.full_name})
    return to(request, "volunteer", one.pk)


def _zone(request: DeskRequest) -> Any:
    return Territory.objects.get(pk=request.actor.territory_id).zone


def _volunteer(request: DeskRequest, pk: int) -> Volunteer:
    return get_object_or_404(Volunteer.objects.visible_to(request.actor), pk=pk)
