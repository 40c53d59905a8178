"""What was handed to a partner's organisation: they accept or not, then say that it is done."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from palier.accounts.actor import Actor
from palier.accounts.models import Role
from palier.kernel.errors import BadInput
from palier.referrals import operations
from palier.referrals.models import Referral
from palier.territories.models import Territory
from palier.web.jinja import gettext as _
from palier.web.pages import DeskRequest, page_or_part, permission, say, section, to, try_operation
from palier.web.referrals import queries


class AnswerForm(forms.Form):
    """A word that goes back with the answer."""

    answer = forms.CharField(
        label=gettext_lazy("Un mot pour le CCAS"),
        required=False,
        max_length=1000,
        error_messages={"max_length": gettext_lazy("Dites-le en 1 000 signes au plus.")},
    )


def is_a_partner(actor: Actor) -> bool:
    return actor.kind == "member" and actor.role == Role.PARTNER


def may_answer(actor: Actor) -> bool:
    """The partner themselves, or the desk when they answered on the telephone."""
    return is_a_partner(actor) or actor.is_desk


@section("referrals")
@permission(is_a_partner)
@require_safe
def referrals(request: DeskRequest) -> HttpResponse:
    return _list(request)


def _list(
    request: DeskRequest, *, sent_back: tuple[int, AnswerForm] | None = None, status: int = 200
) -> HttpResponse:
    closed = request.GET.get("etat") == "termines"
    page = request.GET.get("page", "")
    number = max(1, int(page)) if page.isdigit() and len(page) < 6 else 1
    territory = Territory.objects.get(pk=request.actor.territory_id)
    found = queries.page_of(request.actor, closed=closed, page=number)
    more, found = len(found) > queries.PAGE, found[: queries.PAGE]
    waiting, accepted = queries.counts(request.actor)
    rows = [queries.line(one, territory) for one in found]
    for row in rows:
        if row["person_id"] is not None:
            request.accesses.append(("read", "people.person", row["person_id"], _("confié")))
    home = reverse("referrals")
    context: dict[str, Any] = {
        "rows": rows,
        "closed": closed,
        "waiting": waiting,
        "accepted": accepted,
        "filters": [
            {"url": home, "label": _("En cours"), "current": not closed, "count": waiting + accepted},
            {"url": f"{home}?etat=termines", "label": _("Terminés"), "current": closed},
        ],
        "previous": f"?{'etat=termines&' if closed else ''}page={number - 1}" if number > 1 else None,
        "next": f"?{'etat=termines&' if closed else ''}page={number + 1}" if more else None,
        "page": number,
        "sent_back": sent_back,
        "blank": AnswerForm(),
        "home": home,
    }
    return page_or_part(request, "referrals/referrals.html", "list", context, status=status)


@section("referrals")
@permission(may_answer)
@require_POST
def referral_answer(request: DeskRequest, pk: int) -> HttpResponse:
    """They take it, or not; a no sends the need back to its owner."""
    referral = _referral(request, pk)
    said = request.POST.get("said", "")
    if said not in ("yes", "no"):
        raise BadInput("said", _("Choisissez une des deux réponses."))
    form = AnswerForm(request.POST)
    if form.is_valid():
        _result, done = try_operation(
            request,
            None,
            lambda: operations.answer_referral(
                referral.pk, accepted=said == "yes", answer=form.cleaned_data["answer"], actor=request.actor
            ),
        )
        if done:
            say(request, _answered(request.actor, said))
        return _after(request, referral)
    return _again(request, referral, form)


@section("referrals")
@permission(may_answer)
@require_POST
def referral_done(request: DeskRequest, pk: int) -> HttpResponse:
    referral = _referral(request, pk)
    form = AnswerForm(request.POST)
    if form.is_valid():
        _result, done = try_operation(
            request,
            None,
            lambda: operations.referral_done(
                referral.pk, answer=form.cleaned_data["answer"], actor=request.actor
            ),
        )
        if done:
            say(
                request,
                _("C’est noté comme fait. Merci.")
                if is_a_partner(request.actor)
                else _("C’est noté comme fait."),
            )
        return _after(request, referral)
    return _again(request, referral, form)


def _answered(actor: Actor, said: str) -> str:
    if not is_a_partner(actor):
        return _("Leur réponse est notée.")
    if said == "yes":
        return _("Merci. Voici qui joindre, et comment.")
    return _("C’est noté. Le CCAS cherche une autre solution.")


def _after(request: DeskRequest, referral: Referral) -> HttpResponse:
    return to(request, "referrals") if is_a_partner(request.actor) else to(request, "need", referral.need_id)


def _again(request: DeskRequest, referral: Referral, form: AnswerForm) -> HttpResponse:
    if is_a_partner(request.actor):
        return _list(request, sent_back=(referral.pk, form), status=422)
    raise BadInput("answer", form.errors["answer"][0])


def _referral(request: DeskRequest, pk: int) -> Referral:
    return get_object_or_404(Referral.objects.visible_to(request.actor), pk=pk)
