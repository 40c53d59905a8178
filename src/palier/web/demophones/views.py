"""The demo's telephones: read what was sent, answer it, ring the desk, press the pendant. Through the real web-hooks."""

import secrets
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from palier.accounts.models import Membership
from palier.kernel import clock, phones
from palier.web.demophones import queries, wires
from palier.web.jinja import gettext as _
from palier.web.pages import DeskRequest, at_the_desk, page_or_part, permission, say, section, to

# Somebody whom no file knows, and somebody who hides their number.
UNKNOWN = "+33261919999"
WITHHELD = "anonymous"
STATES = ("ringing", "answered", "ended")
PRESSES = {"visit": 87, "alarm": 10}


@section("demo")
@permission(at_the_desk)
def demo_phones(request: DeskRequest) -> HttpResponse:
    """A row of telephones, and the one that was picked up."""
    _demo_only()
    territory_id = request.actor.territory_id
    wanted = request.GET.get("q", "")[:60]
    listed = queries.owners(territory_id, wanted)
    number = _number(request.GET.get("tel", ""))
    if not number:
        first = (*listed["neighbours"], *listed["people"])
        number = first[0].number if first else UNKNOWN
    owner = queries.owner_of(territory_id, number)
    context: dict[str, Any] = {
        "listed": listed,
        "q": wanted,
        "number": number,
        "owner": owner,
        "thread": queries.thread(territory_id, number),
        "mails": queries.mails(territory_id),
        "unit": queries.unit_of(territory_id, number),
        "call": queries.call_under_way(territory_id, _line_of(number)),
        "extensions": queries.extensions(territory_id),
        "can_write": phones.can_receive_sms(number),
        "address": f"{reverse('demo_phones')}?{urlencode({'tel': number} | ({'q': wanted} if wanted else {}))}",
        "unknown": UNKNOWN,
    }
    return page_or_part(request, "demophones/phones.html", "live", context)


@require_POST
@permission(at_the_desk)
def demo_reply(request: DeskRequest) -> HttpResponse:
    """The owner of the telephone writes back."""
    _demo_only()
    number, text = _number(request.POST.get("tel", "")), request.POST.get("texte", "").strip()[:800]
    if not number or not text:
        say(request, _("Écrivez un message, par exemple OUI."), "warning")
        return _back(request, number)
    body = {"id": f"demo-{secrets.token_hex(8)}", "from": number, "text": text}
    return _tell(request, number, "sms", "sms/inbound", body)


@require_POST
@permission(at_the_desk)
def demo_ring(request: DeskRequest) -> HttpResponse:
    """The telephone rings the desk, somebody picks up, somebody hangs up."""
    _demo_only()
    number, state = _number(request.POST.get("tel", "")), request.POST.get("etat", "")
    if not number or state not in STATES:
        raise Http404
    under_way = queries.call_under_way(request.actor.territory_id, _line_of(number))
    if state == "ringing":
        key = f"demo-{_line_of(number)}-{secrets.token_hex(6)}"
        shown = WITHHELD if "masque" in request.POST else number
    elif under_way is None:
        say(request, _("Cet appel est déjà terminé."), "info")
        return _back(request, number)
    else:
        key, shown = under_way["call_key"], under_way["number"]
    body = {"call_key": key, "state": state, "from": shown, "at": clock.now().isoformat()}
    if state == "answered":
        body["agent_ext"] = request.POST.get("poste", "")[:20] or _my_extension(request)
    return _tell(request, number, "telephony", "telephony/events", body)


@require_POST
@permission(at_the_desk)
def demo_press(request: DeskRequest) -> HttpResponse:
    """Somebody presses the button of the telecare unit in this home."""
    _demo_only()
    number, what = _number(request.POST.get("tel", "")), request.POST.get("geste", "")
    unit = queries.unit_of(request.actor.territory_id, number) if number else None
    if unit is None or what not in PRESSES:
        raise Http404
    body = {
        "unit": unit["unit"],
        "reference": secrets.token_hex(6),
        "status_code": PRESSES[what],
        "at": clock.now().isoformat(),
    }
    return _tell(request, number, "telecare", "telecare/events", body, unit["operator_id"])


def _demo_only() -> None:
    if not settings.DEMO:
        raise Http404


def _tell(
    request: DeskRequest,
    number: str,
    kind: wires.Kind,
    path: str,
    body: dict[str, Any],
    organisation_id: int | None = None,
) -> HttpResponse:
    try:
        wires.tell(request.actor.territory_id, kind, path, body, organisation_id)
    except wires.NotDelivered as failure:
        say(
            request,
            _("Notre propre adresse n’a pas pris cet événement : %(why)s") % {"why": failure},
            "warning",
        )
    return _back(request, number)


def _back(request: DeskRequest, number: str) -> HttpResponse:
    return to(request, f"{reverse('demo_phones')}?{urlencode({'tel': number})}#telephone")


def _number(raw: str) -> str:
    """E.164 of what the address says; nothing for what is no number."""
    try:
        return phones.parse(raw).e164 if raw else ""
    except phones.BadPhone:
        return ""


def _line_of(number: str) -> str:
    return number.lstrip("+")


def _my_extension(request: DeskRequest) -> str:
    return (
        Membership.objects.values_list("extension", flat=True)
        .filter(pk=request.actor.membership_id or 0)
        .first()
        or ""
    )
