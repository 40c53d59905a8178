"""The neighbour's page: asked, answered, going, done. No account; GET shows, POST acts; details only after « oui »."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core import signing
from django.core.cache import cache
from django.db.models import Max, Min
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from palier.accounts.actor import Actor
from palier.accounts.models import ActionLink
from palier.journal import accesses
from palier.kernel import clock, text
from palier.kernel.errors import Refusal
from palier.matching import links
from palier.matching import operations as matching
from palier.matching.models import Offer
from palier.matching.states import MOVES
from palier.needs.models import Need
from palier.territories import walls
from palier.territories.models import OpeningHours, Territory
from palier.visits import calendar
from palier.visits import operations as visits
from palier.visits.models import Visit
from palier.visits.queries import mission_card, shows_address, visit_of_offer
from palier.web.errors import views as errors
from palier.web.jinja import gettext as _
from palier.web.pages import open_to_all, render

# Wrong links or first names from one address before a pause (SEC-11).
TRIES, PAUSE = 20, 300
DEVICE = "palier-lien"


@dataclass
class Visitor:
    """Whoever follows a link that works."""

    link: ActionLink
    offer: Offer
    territory: Territory
    visit: Visit | None
    token: str
    actor: Actor

    @property
    def context(self) -> dict[str, Any]:
        person = self.offer.need.person
        return {
            "territory": self.territory,
            "token": self.token,
            "offer": self.offer,
            "need": self.offer.need,
            "visit": self.visit,
            "volunteer": self.offer.volunteer,
            "is_woman": person.is_woman,
            "first_name": person.first_name,
            "street": _street_name(person.street),
            "access": person.access,
            "window": text.window(
                self.offer.need.starts_at,
                self.offer.need.ends_at,
                self.territory.zone,
                _today(self.territory),
            ),
            "until": self.offer.wave.answers_by,
            "hours": _hours(self.territory),
        }


def _today(territory: Territory) -> Any:
    return clock.today(territory.zone)


def _street_name(street: str) -> str:
    """« 12 rue des Tilleuls » without its number: what a neighbour reads before saying yes."""
    words = street.split(" ")
    while words and (words[0][:1].isdigit() or words[0].lower() in ("bis", "ter", "quater")):
        words = words[1:]
    name = " ".join(words)
    return name[:1].upper() + name[1:]


def _hours(territory: Territory) -> dict[str, Any] | None:
    """From the first to the last hour of the week when somebody answers; None when no hours are written."""
    week = OpeningHours.objects.filter(territory=territory, organisation__is_lead=True).aggregate(
        first=Min("weekday"), last=Max("weekday"), opens_at=Min("opens_at"), closes_at=Max("closes_at")
    )
    if week["first"] is None:
        return None
    monday = date(2024, 1, 1)
    return {
        "first": text.day(monday + timedelta(days=week["first"])).split(" ")[0],
        "last": text.day(monday + timedelta(days=week["last"])).split(" ")[0],
        "opens_at": week["opens_at"],
        "closes_at": week["closes_at"],
    }


def with_link(*, write: bool) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Find the link, enter its territory's wall, hand the visitor to the view; a wrong link tells nothing."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        def found(request: HttpRequest, token: str) -> HttpResponse:
            if _too_many(request):
                return render(request, "errors/429.html", status=429)
            link = links.find_link(token)
            if link is None:
                _count(request)
                return errors.not_found(request)
            with walls.inside(link.territory_id, read_only=not write):
                visitor = _visitor(link, token)
                if link.revoked_at is not None or link.expires_at <= clock.now():
                    return render(
                        request, "neighbour/said.html", {**visitor.context, "said": "expired"}, status=410
                    )
                response = view(request, visitor)
            if getattr(response, "shows_person", False):
                # Whoever reads an address is written down, neighbours too (GDP-10).
                reason = f"offer {visitor.offer.pk}, volunteer {visitor.offer.volunteer_id}"
                number = visitor.offer.need.person_id
                accesses.note(visitor.actor, clock.now(), "read", "people.person", number, reason)
            return response

        found.__name__ = view.__name__
        found.__doc__ = view.__doc__
        return open_to_all(require_POST(found) if write else require_safe(found))

    return decorate


def _visitor(link: ActionLink, token: str) -> Visitor:
    offer = Offer.objects.select_related(
        "need__person", "need__kind", "need__owner__user", "volunteer", "wave"
    ).get(pk=link.subject_id)
    territory = Territory.objects.get(pk=link.territory_id)
    actor = Actor.neighbour(offer.volunteer_id, offer.volunteer.full_name, link.territory_id)
    return Visitor(link, offer, territory, visit_of_offer(offer.pk), token, actor)


@with_link(write=False)
def neighbour_link(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """What is asked; after a yes, where and how; after the visit, how it went."""
    return _page(request, visitor)


def _page(request: HttpRequest, visitor: Visitor, status: int = 200, **more: Any) -> HttpResponse:
    offer, visit = visitor.offer, visitor.visit
    context = {**visitor.context, **more}
    if visit is not None and offer.state == Offer.State.ACCEPTED and visit.state in ("planned", "done"):
        if not _is_known_device(request, visitor):
            return render(request, "neighbour/confirm.html", context, status=status)
        card = mission_card(visit)
        context |= {
            "card": card,
            "shows_address": shows_address(visit, clock.now()),
            "started": _started(visit),
        }
        response = render(request, "neighbour/visit.html", context, status=status)
        response.shows_person = context["shows_address"]  # type: ignore[attr-defined]
        return response
    can_answer = offer.need.state in (Need.State.ASKING, Need.State.NOBODY, Need.State.TO_PROPOSE)
    if offer.state in (Offer.State.ASKED, Offer.State.PASSED) and can_answer:
        return render(request, "neighbour/ask.html", context, status=status)
    said = {
        Offer.State.DECLINED: "declined",
        Offer.State.TOO_LATE: "too_late",
        Offer.State.WITHDRAWN: "withdrawn",
        Offer.State.CANCELLED: "taken" if offer.need.agreed_at else "cancelled",
    }.get(Offer.State(offer.state), "taken" if offer.need.agreed_at else "cancelled")
    context["may_change"] = said == "declined" and can_answer and Offer.State.ACCEPTED in MOVES[offer.state]
    return render(request, "neighbour/said.html", {**context, "said": said}, status=status)


def _started(visit: Visit) -> bool:
    return visit.starts_at <= clock.now()


@with_link(write=True)
def neighbour_answer(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Oui or non, from the button of the page only."""
    answer = request.POST.get("r", "")
    if answer not in ("oui", "non"):
        return _page(request, visitor, 422, problem=_("Touchez un des deux boutons."))
    refused = _try(
        lambda: matching.answer_offer(visitor.offer.pk, yes=answer == "oui", how="link", actor=visitor.actor)
    )
    if refused:
        return _page(request, _again(visitor), 409, problem=refused)
    return _keep_device(request, visitor, _back(visitor))


class NameForm(forms.Form):
    first_name = forms.CharField(
        label=gettext_lazy("Votre prénom"),
        max_length=60,
        error_messages={"required": gettext_lazy("Écrivez votre prénom.")},
    )


@with_link(write=True)
def neighbour_confirm(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The link was opened on another device: nothing is shown until the first name is said."""
    form = NameForm(request.POST)
    if form.is_valid():
        if text.fold(form.cleaned_data["first_name"]) == text.fold(visitor.offer.volunteer.first_name):
            return _keep_device(request, visitor, _back(visitor))
        _count(request)
        form.add_error(
            "first_name", _("Ce n’est pas le prénom que nous avons. Essayez encore, ou appelez-nous.")
        )
    return render(request, "neighbour/confirm.html", {**visitor.context, "form": form}, status=422)


@with_link(write=True)
def neighbour_withdraw(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """« Finalement, je ne peux pas y aller »: one touch; the next neighbours are asked at once."""
    return _act(request, visitor, lambda visit: visits.withdraw(visit.pk, actor=visitor.actor))


@with_link(write=True)
def neighbour_done(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """« C’est fait, tout va bien »: the proof by the page, and his word."""

    def act(visit: Visit) -> None:
        visits.prove(visit.pk, how="page", actor=visitor.actor)
        visits.neighbour_report(visit.pk, says="well", note=_note(request), actor=visitor.actor)

    return _act(request, visitor, act)


@with_link(write=True)
def neighbour_worried(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """« Quelque chose m’a inquiété »: one open question; a concern is open at once, even with no word."""

    def act(visit: Visit) -> None:
        if request.POST.get("venu") == "oui":
            visits.prove(visit.pk, how="page", actor=visitor.actor)
        visits.neighbour_report(visit.pk, says="worried", note=_note(request), actor=visitor.actor)

    return _act(request, visitor, act)


@with_link(write=False)
def neighbour_calendar(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The visit for the telephone's calendar: a first name and a district, no more."""
    if visitor.visit is None:
        return _page(request, visitor, 404)
    response = HttpResponse(calendar.ics(visitor.visit), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="visite.ics"'
    return response


def _act(request: HttpRequest, visitor: Visitor, act: Callable[[Visit], Any]) -> HttpResponse:
    visit = visitor.visit
    if visit is None or not _is_known_device(request, visitor):
        return _page(request, visitor, 409)
    refused = _try(lambda: act(visit))
    if refused:
        return _page(request, _again(visitor), 409, problem=refused)
    return _back(visitor)


def _try(act: Callable[[], Any]) -> str:
    """Run an operation in its own savepoint; its refusal is a sentence for the page."""
    from django.db import transaction

    try:
        with transaction.atomic():
            act()
    except Refusal as refusal:
        return str(refusal) or _("Ce n’est plus possible. Appelez-nous.")
    return ""


def _again(visitor: Visitor) -> Visitor:
    return _visitor(visitor.link, visitor.token)


def _note(request: HttpRequest) -> str:
    return request.POST.get("mot", "").strip()[:2000]


def _back(visitor: Visitor) -> HttpResponse:
    return HttpResponseRedirect(reverse("neighbour_link", args=[visitor.token]))


def _is_known_device(request: HttpRequest, visitor: Visitor) -> bool:
    try:
        return bool(
            signing.loads(request.COOKIES.get(DEVICE, ""), salt=DEVICE)["v"] == visitor.offer.volunteer_id
        )
    except (signing.BadSignature, KeyError, TypeError):
        return False


def _keep_device(request: HttpRequest, visitor: Visitor, response: HttpResponse) -> HttpResponse:
    response.set_cookie(
        DEVICE,
        signing.dumps({"v": visitor.offer.volunteer_id}, salt=DEVICE),
        max_age=90 * 86400,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
        path="/r/",
    )
    return response


def _address(request: HttpRequest) -> str:
    return f"link-tries:{request.META.get('REMOTE_ADDR', '')}"


def _too_many(request: HttpRequest) -> bool:
    return int(cache.get(_address(request), 0)) >= TRIES


def _count(request: HttpRequest) -> None:
    if not cache.add(_address(request), 1, PAUSE):
        cache.incr(_address(request))
