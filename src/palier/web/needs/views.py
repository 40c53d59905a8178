"""The list of needs, the thread of one need, and what is typed about it."""

from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from palier.duties import operations as duties
from palier.duties import policies as duty_policies
from palier.kernel import clock, text
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.needs import operations
from palier.needs.models import Need
from palier.needs.states import SETTLED_WINDOW
from palier.people.finding import search as search_people
from palier.people.models import Consent, Person
from palier.people.queries import away_of, consents_of
from palier.territories.models import Territory
from palier.visits import operations as visits
from palier.web.jinja import gettext as _
from palier.web.jinja import ngettext
from palier.web.needs import queries, wording
from palier.web.needs.forms import CloseForm, NeedForm, WhenForm, need_as_typed, when_said
from palier.web.needs.showing import show
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

# What an operation calls a field, and where it stands on the form.
PLACES = {"starts_at": "on", "ends_at": "until_at", "person_id": "kind", "neighbour_consent": "consent"}


@section("needs")
@permission(at_the_desk)
@require_safe
def needs(request: DeskRequest) -> HttpResponse:
    """Open needs, what is late first; done ones by page; or those behind a figure."""
    wanted = _filters(request)
    territory = Territory.objects.get(pk=request.actor.territory_id)
    now = clock.now()
    rows = queries.lines(request.actor, wanted, territory, now)
    more, rows = len(rows) > queries.PAGE, rows[: queries.PAGE]
    counts = queries.counts(request.actor)
    names = {kind.code: kind.name for kind in queries.kinds()}
    context = {
        "wanted": wanted,
        "sections": _sections(rows, wanted, request, territory, now),
        "count": counts.total,
        "unowned": counts.whose["personne"],
        "states": _state_links(wanted, counts),
        "whose": _whose_links(wanted, counts),
        "kinds": _kind_links(wanted, counts, names),
        "previous": _address(wanted, page=wanted.page - 1) if wanted.page > 1 else None,
        "next": _address(wanted, page=wanted.page + 1) if more else None,
        "is_figure": bool(wanted.since or wanted.until or wanted.outcome),
        "filtered": bool(wanted.state or wanted.whose or wanted.kind),
        "all_url": reverse("needs"),
    }
    return page_or_part(request, "needs/needs.html", "list", context)


def _filters(request: DeskRequest) -> queries.Filters:
    given = request.GET
    page = given.get("page", "")
    state = given.get("etat", "")
    outcome = given.get("resultat", "")
    return queries.Filters(
        state=state if state in queries.STATES else "",
        whose=given.get("qui", "") if given.get("qui", "") in ("moi", "personne") else "",
        kind=given.get("quoi", "")[:30],
        closed=state == "termines",
        outcome=outcome if outcome in Need.Outcome.values else "",
        since=_day(given.get("du", "")),
        until=_day(given.get("au", "")),
        page=max(1, min(int(page), 10_000)) if page.isdigit() and len(page) < 6 else 1,
    )


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None


def _address(wanted: queries.Filters, **changes: Any) -> str:
    """The list with some filters changed; a filter that asks for nothing is left out."""
    values = {
        "etat": "termines" if wanted.closed else wanted.state,
        "qui": wanted.whose,
        "quoi": wanted.kind,
        "resultat": wanted.outcome,
        "du": wanted.since.isoformat() if wanted.since else "",
        "au": wanted.until.isoformat() if wanted.until else "",
        "page": "",
    } | changes
    asked = {key: value for key, value in values.items() if value not in ("", None, 1)}
    return reverse("needs") + (f"?{urlencode(asked)}" if asked else "")


def _state_links(wanted: queries.Filters, counts: queries.Counts) -> list[dict[str, Any]]:
    labels = {
        "": _("En cours"),
        "a-proposer": _("À proposer"),
        "contactes": _("Voisins contactés"),
        "oui": _("Oui"),
        "a-conclure": _("À conclure"),
        "confies": _("Confiés"),
        "termines": _("Terminés"),
    }
    return [
        {
            "url": _address(wanted, etat=code, resultat="", du="", au=""),
            "label": label,
            "current": not (wanted.since or wanted.until or wanted.outcome)
            and (wanted.closed if code == "termines" else not wanted.closed and wanted.state == code),
            "count": None if code == "termines" else counts.states[code] if code else counts.total,
        }
        for code, label in labels.items()
    ]


def _whose_links(wanted: queries.Filters, counts: queries.Counts) -> list[dict[str, Any]]:
    labels = {"": _("Toute l’équipe"), "moi": _("Pour moi"), "personne": _("Sans responsable")}
    return [
        {
            "url": _address(wanted, qui=code),
            "label": label,
            "current": wanted.whose == code,
            "count": counts.whose[code] if code else None,
        }
        for code, label in labels.items()
    ]


def _kind_links(
    wanted: queries.Filters, counts: queries.Counts, names: dict[str, str]
) -> list[dict[str, Any]]:
    """Only kinds that somebody waits for, and the one that is asked for."""
    shown = [code for code in names if counts.kinds[code] or code == wanted.kind]
    links = [{"url": _address(wanted, quoi=""), "label": _("Tout"), "current": not wanted.kind}]
    return links + [
        {
            "url": _address(wanted, quoi=code),
            "label": names[code],
            "current": wanted.kind == code,
            "count": counts.kinds[code],
        }
        for code in shown
    ]


def _sections(
    rows: list[queries.Line], wanted: queries.Filters, request: DeskRequest, territory: Territory, now: Any
) -> list[dict[str, Any]]:
    """Late, today and tomorrow, later; or one section for what is done."""
    if wanted.closed or wanted.since or wanted.until or wanted.outcome:
        title = _("Terminés") if wanted.closed else _("Besoins notés à ces dates")
        return [_section("termines", title, rows, request, territory, now)] if rows else []
    today = clock.today(territory.zone)
    groups: dict[str, list[queries.Line]] = {"late": [], "soon": [], "later": []}
    for row in rows:
        if row.due_at is not None and row.due_at < now:
            groups["late"].append(row)
        elif (row.starts_at.astimezone(territory.zone).date() - today).days <= 1:
            groups["soon"].append(row)
        else:
            groups["later"].append(row)
    titles = {"late": _("En retard"), "soon": _("Aujourd’hui et demain"), "later": _("Les jours suivants")}
    return [
        _section(code, titles[code], lines, request, territory, now)
        for code, lines in groups.items()
        if lines
    ]


def _section(
    code: str, title: str, rows: list[queries.Line], request: DeskRequest, territory: Territory, now: Any
) -> dict[str, Any]:
    count = ngettext("%(count)s besoin", "%(count)s besoins", len(rows)) % {"count": len(rows)}
    return {
        "id": f"besoins-{code}",
        "title": title,
        "count": count,
        "late": code == "late",
        "rows": [wording.line(row, territory, now, request.actor, late=code == "late") for row in rows],
    }


# --- One need -----------------------------------------------------------------------------------------------------


@section("needs")
@permission(at_the_desk)
@require_safe
def need(request: DeskRequest, pk: int) -> HttpResponse:
    return show(request, pk)


@section("needs")
@permission(at_the_desk)
def need_new(request: DeskRequest) -> HttpResponse:
    """Note a need outside a call: for the person named in the address, or for one found here."""
    person = _person_asked(request)
    if person is None:
        typed = request.GET.get("q", "")[:200]
        people = search_people(typed, actor=request.actor) if typed.strip() else []
        return render(request, "needs/for_whom.html", {"q": typed, "people": people})
    agreed = consents_of([person.pk])[person.pk].get(Consent.Purpose.NEIGHBOUR_HELP)
    zone = _zone(request)
    form = NeedForm(
        request.POST if request.method == "POST" else None,
        kinds=queries.kinds(),
        is_woman=person.is_woman,
        asks_consent=agreed is None,
        zone=zone,
        initial={
            "on": _day_asked(request, zone),
            "kind": request.GET.get("kind", "")[:30],
            "constraints": _at_home(person),
            "consent": "later",
        },
    )
    if request.method == "POST" and form.is_valid():
        made, done = try_operation(
            request,
            form,
            _placed(
                form,
                lambda: operations.open_need(
                    person_id=person.pk,
                    source=Need.Source.DESK,
                    owner_id=request.actor.membership_id,
                    neighbour_consent=form.consent_said() if agreed is None else None,
                    actor=request.actor,
                    **form.told(),
                ),
            ),
        )
        if done:
            say(request, _("Besoin noté. Voici qui pourrait y aller."))
            return to(request, "need_match", made.pk)
    request.accesses.append(("read", "people.person", person.pk, ""))
    context = {
        "form": form,
        "person": person,
        "need": None,
        "settled_window": False,
        "back": reverse("person", args=[person.pk]),
        "away": away_of(person.pk, clock.today(zone)),
    }
    return render(request, "needs/form.html", context, status=422 if form.errors else 200)


def _person_asked(request: DeskRequest) -> Person | None:
    number = request.POST.get("person") or request.GET.get("person", "")
    if not number.isdigit() or len(number) > 18:
        return None
    return get_object_or_404(Person.objects.visible_to(request.actor), pk=int(number))


def _day_asked(request: DeskRequest, zone: ZoneInfo) -> date:
    """The day that a person's week proposes, when it is still to come."""
    today = clock.today(zone)
    try:
        return max(today, date.fromisoformat(request.GET.get("on", "")))
    except ValueError:
        return today


def _at_home(person: Person) -> list[str]:
    return [code for code, there in (("stairs", person.has_stairs), ("pets", person.has_pets)) if there]


def _zone(request: DeskRequest) -> ZoneInfo:
    return Territory.objects.get(pk=request.actor.territory_id).zone


def _placed(form: forms.Form, operation: Callable[[], Any]) -> Callable[[], Any]:
    """The operation, with what it refuses put on the field of the form that says it."""

    def run() -> Any:
        try:
            return operation()
        except BadInput as refusal:
            if refusal.code == "watched_words" and isinstance(form, NeedForm):
                form.asks_words = True
            raise BadInput(PLACES.get(refusal.field, refusal.field), str(refusal), refusal.code) from refusal

    return run


@section("needs")
@permission(at_the_desk)
def need_change(request: DeskRequest, pk: int) -> HttpResponse:
    """Change what is asked; the moment stays once somebody was told of it."""
    one = _open_need(request, pk)
    settled = one.state in SETTLED_WINDOW
    form = NeedForm(
        _with_kind(request, one) if request.method == "POST" else None,
        kinds=[one.kind],
        is_woman=one.person.is_woman,
        asks_consent=False,
        zone=one.territory.zone,
        initial=need_as_typed(one),
    )
    form.asks_words = bool(one.words_reason)
    if settled:
        # The window shown is the one announced, also when it has begun.
        for name in ("part", "on", "from_at", "until_at"):
            del form.fields[name]
    if request.method == "POST" and form.is_valid():
        values = {key: value for key, value in form.told(settled=settled).items() if key != "kind"}
        values["minutes"] = values["minutes"] or one.minutes
        _result, done = try_operation(
            request,
            form,
            _placed(form, lambda: operations.change_need(one.pk, actor=request.actor, **values)),
        )
        if done:
            say(request, _("Changements enregistrés."))
            return to(request, "need", one.pk)
    request.accesses.append(("read", "people.person", one.person_id, ""))
    context = {
        "form": form,
        "person": one.person,
        "need": one,
        "settled_window": settled,
        "when": text.window(one.starts_at, one.ends_at, one.territory.zone, clock.today(one.territory.zone)),
        "away": None,
        "back": reverse("need", args=[one.pk]),
    }
    return render(request, "needs/form.html", context, status=422 if form.errors else 200)


def _with_kind(request: DeskRequest, one: Need) -> Any:
    """What was typed, with the kind, which does not change."""
    typed = request.POST.copy()
    typed["kind"] = one.kind.code
    return typed


def _open_need(request: DeskRequest, pk: int) -> Need:
    """The need when it can still change; its own page says why not."""
    one = get_object_or_404(
        Need.objects.visible_to(request.actor).select_related("person", "kind", "territory", "owner__user"),
        pk=pk,
    )
    if one.closed_at is not None:
        raise NotPossibleNow(_("Ce besoin a déjà été conclu par %(name)s.") % {"name": one.closed_by})
    return one


@section("needs")
@permission(at_the_desk)
@require_POST
def need_close(request: DeskRequest, pk: int) -> HttpResponse:
    """Conclude with an outcome; what is still under way is called off."""
    one = _open_need(request, pk)
    form = CloseForm(request.POST, prefix="fin")
    if form.is_valid():
        typed = form.cleaned_data
        close = visits.conclude if one.state == Need.State.TO_CONCLUDE else operations.close_need
        _result, done = try_operation(
            request,
            form,
            lambda: close(one.pk, outcome=typed["outcome"], note=typed["note"], actor=request.actor),
        )
        if done:
            say(
                request,
                _("Besoin terminé : %(outcome)s.")
                % {"outcome": str(Need.Outcome(typed["outcome"]).label).lower()},
            )
            return to(request, "need", one.pk)
    return show(request, pk, close_form=form, status=422)


@section("needs")
@permission(at_the_desk)
def need_reopen(request: DeskRequest, pk: int) -> HttpResponse:
    """Ask for the same again, at another time: a new need that leads back to the first."""
    one = get_object_or_404(
        Need.objects.visible_to(request.actor).select_related("person", "kind", "territory"), pk=pk
    )
    if one.closed_at is None:
        raise NotPossibleNow(_("Ce besoin est encore en cours."))
    form = WhenForm(
        request.POST if request.method == "POST" else None,
        zone=one.territory.zone,
        initial=when_said(one.starts_at, one.ends_at, one.is_flexible, one.territory.zone)
        | {"on": clock.today(one.territory.zone)},
    )
    if request.method == "POST" and form.is_valid():
        window = form.window()
        made, done = try_operation(
            request,
            form,
            _placed(
                form,
                lambda: operations.reopen_need(
                    one.pk, starts_at=window["starts_at"], ends_at=window["ends_at"], actor=request.actor
                ),
            ),
        )
        if done:
            say(request, _("Besoin rouvert. Voici qui pourrait y aller."))
            return to(request, "need_match", made.pk)
    request.accesses.append(("read", "people.person", one.person_id, ""))
    context = {"form": form, "need": one, "person": one.person}
    return render(request, "needs/reopen.html", context, status=422 if form.errors else 200)


@section("needs")
@permission(at_the_desk)
@require_POST
def need_owner(request: DeskRequest, pk: int) -> HttpResponse:
    """« Je m’en charge », or hand it to a colleague."""
    one = _open_need(request, pk)
    duty = queries.duty_of(one)
    chosen = request.POST.get("membership", "")
    if duty is None:
        raise NotPossibleNow(_("C’est déjà fait."))
    if not chosen:
        _result, done = try_operation(request, None, lambda: _take(one, duty.pk, request))
        if done:
            say(request, _("Vous vous en chargez."))
        return to(request, "need", one.pk)
    if not duty_policies.may_give(request.actor, duty):
        raise NotAllowed(_("Ce besoin a déjà un responsable. Demandez-lui, ou à la coordination."))
    names = dict(queries.colleagues(request.actor))
    number = int(chosen) if chosen.isdigit() and len(chosen) < 19 else 0
    if number not in names:
        raise BadInput("membership", _("Cette personne ne travaille plus ici. Choisissez quelqu’un d’autre."))
    _result, done = try_operation(request, None, lambda: _give(one, duty.pk, number, request))
    if done:
        say(request, _("%(name)s prend le relais.") % {"name": names[number]})
    return to(request, "need", one.pk)


def _take(one: Need, duty_id: int, request: DeskRequest) -> Need:
    # The duty first: of two who say so at once, the second is told who did.
    duties.take(duty_id, actor=request.actor)
    return operations.change_need(one.pk, owner_id=request.actor.membership_id, actor=request.actor)


def _give(one: Need, duty_id: int, membership_id: int, request: DeskRequest) -> Need:
    duties.give(duty_id, membership_id, actor=request.actor)
    return operations.change_need(one.pk, owner_id=membership_id, actor=request.actor)
