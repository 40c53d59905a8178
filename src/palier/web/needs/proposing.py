"""Who could go (design, screen e), and the other ways on when nobody can."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from palier.kernel import clock, gsm, links, text
from palier.kernel.errors import BadInput
from palier.kernel.places import metres_for
from palier.matching import operations as matching
from palier.matching import policies as may
from palier.matching import queries as found
from palier.messaging import hours, templates
from palier.needs.models import Need
from palier.partners.queries import services_for
from palier.people.models import Consent, Person
from palier.people.operations import note_consent
from palier.people.queries import consents_of
from palier.planning import plan_map
from palier.planning.candidates import Candidate, Proposal, Rule
from palier.referrals import operations as referrals
from palier.territories.streets import lines_around
from palier.volunteers.models import Volunteer
from palier.web.jinja import gettext as _
from palier.web.jinja import ngettext
from palier.web.needs import queries, wording
from palier.web.needs.forms import ReferForm
from palier.web.pages import DeskRequest, at_the_desk, permission, render, say, section, to, try_operation

# How much further the first way on looks, and the furthest anybody is asked to walk.
FURTHER = 10
# Metres from the home to the edge of the map.
MAP_RADIUS = plan_map.WIDTH / plan_map.SCALE / 2
# Nobody reads more on one page; the rest comes on demand.
SHOWN = 12
MOST = 80


@section("needs")
@permission(at_the_desk)
def need_match(request: DeskRequest, pk: int) -> HttpResponse:
    need = _need(request, pk)
    limit = _walk_limit(request, need)
    if request.method == "POST":
        return _send(request, need, limit)
    return _board(request, need, limit)


def _send(request: DeskRequest, need: Need, limit: int) -> HttpResponse:
    """Ask the neighbours that were ticked, by text message or by the agent's own voice."""
    ticked = [
        int(number) for number in request.POST.getlist("volunteers") if number.isdigit() and len(number) < 19
    ]
    by_voice = "by_voice" in request.POST
    if not ticked:
        return _board(
            request, need, limit, ticked=[], error=_("Cochez au moins un voisin, puis envoyez la demande.")
        )
    try:
        wave = matching.send_wave(need.pk, ticked, by_voice=by_voice, actor=request.actor)
    except BadInput as refusal:
        return _board(request, need, limit, ticked=ticked, error=str(refusal))
    asked = wave.offers.count()
    if by_voice:
        said = ngettext(
            "Appelez ce voisin, puis notez sa réponse.",
            "Appelez ces voisins, puis notez leurs réponses.",
            asked,
        )
    else:
        said = ngettext("Demande envoyée à %(count)s voisin.", "Demande envoyée à %(count)s voisins.", asked)
    say(request, said % {"count": asked})
    return to(request, f"{reverse('need', args=[need.pk])}#reponses")


def _board(
    request: DeskRequest, need: Need, limit: int, *, ticked: Sequence[int] | None = None, error: str = ""
) -> HttpResponse:
    context: dict[str, Any] = {
        "need": need,
        "person": need.person,
        "when": text.window(
            need.starts_at, need.ends_at, need.territory.zone, clock.today(need.territory.zone)
        ),
        "constraints": wording.constraints_of(need),
        "error": error,
        "limit": limit,
    }
    request.accesses.append(("read", "people.person", need.person_id, ""))
    blocked = _blocked(request, need)
    if blocked is not None:
        return render(request, "needs/blocked.html", {**context, "blocked": blocked}, status=200)
    proposal = matching.candidates(need.pk, walk_limit=limit, actor=request.actor)
    people = found.volunteers_of(proposal)
    if ticked is None and need.state == Need.State.ASKING:
        # While a wave runs the next one comes by itself: asking more people now is a choice of its own.
        ticked = []
    elif ticked is None:
        ticked = [one.helper.id for one in found.first_of(proposal, need.territory.wave_size)]
    shown = MOST if "tous" in request.GET else SHOWN
    # Whoever was ticked stays in sight, however far down.
    cut = [one for at, one in enumerate(proposal.candidates) if at < shown or one.helper.id in ticked]
    rows = _rows(cut, people, need, ticked)
    almost = _rows(proposal.almost, people, need, ticked, first=len(rows) + 1)
    chosen = [row for row in (*rows, *almost) if row.on]
    context |= {
        "proposal": proposal,
        "rows": rows,
        "almost": almost,
        "set_aside": [
            wording.set_aside(rule, number, need=need, walk_limit=limit)
            for rule, number in proposal.set_aside
        ],
        "excluded": _excluded(request, need, proposal),
        "possible": len(proposal.candidates),
        "hidden": len(proposal.candidates) - len(rows) if shown == SHOWN else 0,
        "aside": proposal.considered - len(proposal.candidates),
        "plan": _plan(need, (*cut[:SHOWN], *proposal.almost), people),
        "sms": _sms(need, chosen[0].first_name if chosen else (rows[0].first_name if rows else _("Michel"))),
        "deadline": _deadline(need),
        "further": reverse("need_match", args=[need.pk]) + f"?a_pied={min(limit + FURTHER, matching.WIDEST)}"
        if not need.kind.is_remote and limit < matching.WIDEST
        else "",
        "further_minutes": min(limit + FURTHER, matching.WIDEST),
        "already": need.offers.count(),
    }
    return render(request, "needs/match.html", context, status=422 if error else 200)


# --- What stops it ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Blocked:
    """Why nobody can be proposed now: a title, what to do, and which of the ways on are offered."""

    title: str
    what: str = ""
    asks_consent: bool = False
    can_refer: bool = True
    can_change: bool = False


def _blocked(request: DeskRequest, need: Need) -> Blocked | None:
    S = Need.State
    if need.closed_at is not None:
        return Blocked(
            _("Ce besoin est terminé."), _("Pour demander de nouveau, rouvrez-le."), can_refer=False
        )
    if need.state in (S.AGREED, S.TO_CONCLUDE):
        return Blocked(
            _("Un voisin a déjà dit oui."), _("Tout est dans le fil de ce besoin."), can_refer=False
        )
    if need.state == S.REFERRED:
        return Blocked(
            _("Ce besoin est confié à un partenaire."),
            _("Pour chercher un voisin, reprenez-le d’abord."),
            can_refer=False,
        )
    person = need.person
    if person.state != Person.State.ACTIVE:
        return Blocked(
            _("La fiche de %(name)s est fermée : rien ne peut être proposé.") % {"name": person.full_name},
            can_refer=False,
        )
    if not need.kind.is_for_neighbours:
        return Blocked(
            _("Ce besoin ne peut pas être confié à un voisin."),
            _("Soins, argent, danger : c’est le travail d’un service ou d’une association."),
        )
    agreed = consents_of([person.pk])[person.pk].get(Consent.Purpose.NEIGHBOUR_HELP)
    if agreed is None:
        return Blocked(
            _("Pas d’accord noté : ne rien transmettre."),
            _(
                "Posez-lui la question : « Êtes-vous d’accord pour que je donne votre prénom et votre rue à un voisin ? »"
            ),
            asks_consent=True,
        )
    if not agreed:
        return Blocked(
            _("Elle n’est pas d’accord pour donner son prénom et sa rue à un voisin.")
            if person.is_woman
            else _("Il n’est pas d’accord pour donner son prénom et sa rue à un voisin."),
            _("Un voisin ne peut donc pas aider. Si elle change d’avis, notez-le ici.")
            if person.is_woman
            else _("Un voisin ne peut donc pas aider. S’il change d’avis, notez-le ici."),
            asks_consent=True,
        )
    if need.ends_at <= clock.now():
        return Blocked(
            _("Le moment demandé est passé."), _("Changez d’abord le jour ou l’heure."), can_change=True
        )
    if refusal := matching.may_be_given_to_neighbours(need, actor=request.actor):
        return Blocked(refusal)
    return None


# --- What is shown ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One neighbour on the board."""

    id: int
    rank: int
    first_name: str
    name: str
    about: str
    initials: str
    why: list[tuple[str, Any]]
    why_label: str
    on: bool
    failed: str = ""


def _rows(
    candidates: Sequence[Candidate],
    people: dict[int, Volunteer],
    need: Need,
    ticked: Sequence[int],
    first: int = 1,
) -> list[Row]:
    rows = []
    for rank, candidate in enumerate(candidates, start=first):
        one = people.get(candidate.helper.id)
        if one is None:
            continue
        first_name = need.person.first_name or need.person.last_name
        rows.append(
            Row(
                id=one.pk,
                rank=rank,
                first_name=one.first_name,
                name=one.full_name,
                about=wording.about(one),
                initials=text.initials(one.full_name),
                why=[
                    (
                        each.sign,
                        wording.reason(
                            each.code, each.values, first_name=first_name, is_woman=need.person.is_woman
                        ),
                    )
                    for each in candidate.reasons
                ],
                why_label={"woman": _("Pourquoi elle"), "man": _("Pourquoi lui")}.get(
                    one.gender, _("Pourquoi")
                ),
                on=one.pk in ticked,
                failed=wording.failed_rule(candidate.failed) if candidate.failed else "",
            )
        )
    return rows


def _excluded(request: DeskRequest, need: Need, proposal: Proposal) -> str:
    """Whom she does not want: the names for the coordination, that there is somebody for the others."""
    if Rule.EXCLUDED not in dict(proposal.set_aside):
        return ""
    if may.may_see_kept_apart(request.actor):
        return ", ".join(queries.kept_apart_names(need))
    return _("nom visible par la coordination seulement")


def _sms(need: Need, first_name: str) -> dict[str, Any]:
    """The text as it will be sent to the first one ticked; the end of its link is made when it leaves."""
    rendered = templates.render(
        "offer_request",
        {
            "first_name": first_name,
            "kind": need.kind.in_a_message,
            "title": need.person.title,
            "starts_at": need.starts_at,
            "ends_at": need.ends_at,
            "token": links.ALPHABET[: links.LENGTH],
        },
        territory=need.territory,
    )
    count = gsm.count(rendered.body)
    body = rendered.body.replace(links.ALPHABET[: links.LENGTH], "…")
    return {"body": body, "signs": count.chars, "segments": count.segments, "to": first_name}


def _deadline(need: Need) -> str:
    """When the next neighbours are asked by themselves, and what happens when nobody is left."""
    from_ = hours.next_moment(need.territory, clock.now())
    at = min(from_ + timedelta(minutes=need.territory.wave_minutes), need.ends_at)
    return wording.at(at, need.territory.zone)


_WHERE = {
    "here": lambda: _("au même endroit"), "n": lambda: _("au nord"), "ne": lambda: _("au nord-est"),
    "e": lambda: _("à l’est"), "se": lambda: _("au sud-est"), "s": lambda: _("au sud"),
    "sw": lambda: _("au sud-ouest"), "w": lambda: _("à l’ouest"), "nw": lambda: _("au nord-ouest"),
}  # fmt: skip


def _plan(need: Need, shown: Sequence[Candidate], people: dict[int, Volunteer]) -> dict[str, Any] | None:
    """The « plan des pas », in the shape the component takes; None when the home is not located."""
    person = need.person
    if person.x is None or person.y is None or need.kind.is_remote:
        return None
    ranked = [plan_map.Place(one.helper.id, one.helper.x, one.helper.y, one.minutes) for one in shown]
    home = (person.x, person.y)
    model = plan_map.draw(
        home,
        ranked,
        _others(person, {place.id for place in ranked}),
        lines=lines_around(need.territory_id, home, MAP_RADIUS),
    )
    first_name = person.first_name or person.last_name
    said = [_("%(name)s est au centre.") % {"name": first_name}]
    for seen in model.summary.seen:
        one = people.get(seen.id)
        if one is None:
            continue
        if seen.minutes is None:
            said.append(_("%(name)s : adresse non située.") % {"name": one.first_name})
        else:
            said.append(
                _("%(name)s est à %(minutes)s min, %(where)s.")
                % {"name": one.first_name, "minutes": seen.minutes, "where": _WHERE[seen.direction]()}
            )
    said.append(_("Les mêmes informations sont dans la liste."))
    return {
        "width": model.width,
        "height": model.height,
        "title": _("Plan du quartier"),
        "desc": " ".join(said),
        "river": [line.d for line in model.lines if line.kind == "river"],
        "streets": [line.d for line in model.lines if line.kind == "street"],
        "lanes": [line.d for line in model.lines if line.kind == "minor"],
        "rings": [
            (
                ring.radius,
                (_("%(minutes)s min") if ring.minutes < 10 else _("%(minutes)s min à pied"))
                % {"minutes": ring.minutes},
            )
            for ring in model.rings
        ],
        "home": model.home,
        "pins": [(pin.x, pin.y, pin.number) for pin in model.pins],
        "off": list(model.dots),
    }


def _others(person: Person, shown: set[int]) -> list[plan_map.Place]:
    """Who lives within the frame and is set aside: positions only."""
    assert person.x is not None and person.y is not None
    reach = metres_for(15)
    near = (
        Volunteer.objects.vetted()
        .filter(
            territory_id=person.territory_id,
            x__gte=person.x - reach, x__lte=person.x + reach, y__gte=person.y - reach, y__lte=person.y + reach,
        )
        .exclude(pk__in=shown)
        .order_by("pk")
        .values_list("pk", "x", "y")[:200]
    )  # fmt: skip
    return [plan_map.Place(pk, x, y) for pk, x, y in near]


def _walk_limit(request: DeskRequest, need: Need) -> int:
    asked = request.POST.get("a_pied") or request.GET.get("a_pied", "")
    usual = need.territory.reach_minutes
    if asked.isdigit() and len(asked) < 4:
        return max(usual, min(int(asked), matching.WIDEST))
    return usual


def _need(request: DeskRequest, pk: int) -> Need:
    needs = Need.objects.visible_to(request.actor).select_related(
        "person", "kind", "territory", "owner__user"
    )
    return get_object_or_404(needs, pk=pk)


# --- The other ways on ----------------------------------------------------------------------------------------------


@section("needs")
@permission(at_the_desk)
@require_POST
def need_consent(request: DeskRequest, pk: int) -> HttpResponse:
    """Note what she just said: giving her first name and street to a neighbour, or her need to a partner."""
    need = _need(request, pk)
    purpose = request.POST.get("purpose", "")
    said = request.POST.get("said", "")
    pages = {Consent.Purpose.NEIGHBOUR_HELP: "need_match", Consent.Purpose.PARTNERS: "need_refer"}
    if purpose not in pages or said not in ("yes", "no"):
        raise BadInput("said", _("Choisissez une des deux réponses."))
    note_consent(need.person_id, purpose=purpose, is_given=said == "yes", actor=request.actor)
    say(request, _("Accord noté.") if said == "yes" else _("Refus noté. Rien ne sera transmis."))
    return to(request, pages[Consent.Purpose(purpose)], need.pk)


@section("needs")
@permission(at_the_desk)
@require_POST
def need_stop(request: DeskRequest, pk: int) -> HttpResponse:
    need = _need(request, pk)
    _result, done = try_operation(request, None, lambda: matching.cancel_asking(need.pk, actor=request.actor))
    if done:
        say(request, _("On ne demande plus à personne. Le besoin est à proposer de nouveau."))
    return to(request, "need", need.pk)


@section("needs")
@permission(at_the_desk)
def need_refer(request: DeskRequest, pk: int) -> HttpResponse:
    """Give a need over to an association or a service of the town, with her consent."""
    need = _need(request, pk)
    services = services_for(need.kind_id)
    form = ReferForm(
        request.POST if request.method == "POST" else None,
        services=[(one.pk, f"{one.name} ({one.organisation.short_name})") for one in services],
    )
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        _referral, done = try_operation(
            request,
            form,
            lambda: referrals.propose_referral(
                need.pk, typed["service"], note=typed["note"], actor=request.actor
            ),
        )
        if done:
            say(request, _("Demande confiée. Leur réponse arrivera dans ce fil."))
            return to(request, "need", need.pk)
    request.accesses.append(("read", "people.person", need.person_id, ""))
    context = {
        "need": need,
        "person": need.person,
        "when": text.window(
            need.starts_at, need.ends_at, need.territory.zone, clock.today(need.territory.zone)
        ),
        "services": services,
        "form": form,
        "agreed": consents_of([need.person_id])[need.person_id].get(Consent.Purpose.PARTNERS),
    }
    return render(request, "needs/refer.html", context, status=422 if form.errors else 200)


@section("needs")
@permission(at_the_desk)
@require_POST
def need_take_back(request: DeskRequest, pk: int) -> HttpResponse:
    """Take a need back from the partner it was given to."""
    need = _need(request, pk)
    referral = need.referrals.filter(closed_at__isnull=True).first()
    if referral is None:
        say(request, _("Ce besoin n’est plus confié à personne."), "warning")
        return to(request, "need", need.pk)
    _result, done = try_operation(
        request, None, lambda: referrals.withdraw_referral(referral.pk, actor=request.actor)
    )
    if done:
        say(request, _("Besoin repris. Il est à proposer de nouveau."))
    return to(request, "need", need.pk)
