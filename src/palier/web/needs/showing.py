"""The page of one need: where it stands, whose turn it is, who was asked, the visit, both opinions, the journal."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from palier.calls.models import PlannedCall
from palier.duties import policies as duty_policies
from palier.journal.events import registry
from palier.journal.models import Entry
from palier.kernel import clock, links, text
from palier.matching.models import Offer
from palier.messaging.models import Message
from palier.needs.models import Need
from palier.referrals.models import Referral
from palier.visits import operations as visits
from palier.visits.models import Visit
from palier.web.jinja import gettext as _
from palier.web.jinja import ngettext
from palier.web.needs import queries, wording
from palier.web.needs.forms import CameForm, CloseForm, FeedbackForm, ReasonForm
from palier.web.pages import DeskRequest, render

# What the events call their drawing, where the sheet of drawings has another name.
DRAWINGS = {"calendar": "cal", "message": "chat", "eye": "user"}
OFFER_TAGS = {
    Offer.State.ASKED: ("vois", "send"),
    Offer.State.ACCEPTED: ("ok", "check"),
    Offer.State.DECLINED: (None, "dash"),
    Offer.State.TOO_LATE: (None, "check"),
    Offer.State.PASSED: ("due", "clock"),
    Offer.State.CANCELLED: (None, "cross"),
    Offer.State.WITHDRAWN: ("due", "undo"),
}
MESSAGE_TAGS = {
    Message.State.DELIVERED: "ok",
    Message.State.FAILED: "late",
    Message.State.UNCLEAR: "late",
}


def show(request: DeskRequest, pk: int, *, status: int = 200, **forms: Any) -> HttpResponse:
    """The page, with the form that was sent back when one was."""
    need = get_object_or_404(
        Need.objects.visible_to(request.actor).select_related(
            "person", "kind", "territory", "owner__user", "reopens"
        ),
        pk=pk,
    )
    thread = queries.thread(need)
    request.accesses.append(("read", "people.person", need.person_id, ""))
    zone = need.territory.zone
    duty = thread.duty
    context = {
        "need": need,
        "person": need.person,
        "title": _("%(kind)s pour %(name)s") % {"kind": need.kind.name, "name": need.person.full_name},
        "sub": _("Noté %(at)s par %(name)s") % {"at": _on_at(need.opened_at, zone), "name": need.opened_by},
        "when": text.window(need.starts_at, need.ends_at, zone, clock.today(zone)),
        "constraints": wording.constraints_of(need),
        "tag": wording.STATES[Need.State(need.state)],
        "now_said": _where_it_stands(thread, zone),
        "steps": _steps(thread, zone),
        "offers": [_offer(offer, thread, zone) for offer in thread.offers],
        "asked": list({offer.volunteer_id: offer.volunteer.full_name for offer in thread.offers}.items()),
        "can_answer": need.closed_at is None and need.ends_at > clock.now() and need.state in ASKABLE,
        "wave": thread.wave,
        "visit": _visit(thread.visit, zone) if thread.visit else None,
        "call": thread.call_to_keep,
        "her_phone": thread.her_phone,
        "person_says": _said_by_her(thread),
        "referral": _referral(thread.referral, zone) if thread.referral else None,
        "messages_sent": [_message(message, zone) for message in thread.messages],
        "entries": [_entry(entry, zone) for entry in thread.entries],
        "reopened_as": thread.reopened_as,
        "duty": duty,
        "is_mine": duty is not None and duty.owner_id == request.actor.membership_id,
        "colleagues": [
            one for one in queries.colleagues(request.actor) if duty is None or one[0] != duty.owner_id
        ],
        "may_give": duty is not None and duty_policies.may_give(request.actor, duty),
        "close_form": CloseForm(prefix="fin", initial={"outcome": _likely_outcome(thread)}),
        "came_form": CameForm(prefix="faite"),
        "not_done_form": ReasonForm(prefix="pas"),
        "cancel_form": ReasonForm(prefix="annuler"),
        "withdraw_form": ReasonForm(prefix="retrait"),
        "feedback_form": FeedbackForm(prefix="retour"),
    } | forms
    return render(request, "needs/need.html", context, status=status)


ASKABLE = (Need.State.ASKING, Need.State.NOBODY, Need.State.TO_PROPOSE)


def _likely_outcome(thread: queries.Thread) -> str:
    if thread.need.state == Need.State.TO_CONCLUDE and thread.visit is not None:
        return Need.Outcome.NEIGHBOUR
    return ""


def _where_it_stands(thread: queries.Thread, zone: Any) -> tuple[str, str, str]:
    """(kind of message, bold sentence, what follows)."""
    need, S = thread.need, Need.State
    if need.state == S.ASKING:
        waiting = sum(offer.state == Offer.State.ASKED for offer in thread.offers)
        said = ngettext(
            "%(count)s voisin doit encore répondre.", "%(count)s voisins doivent encore répondre.", waiting
        )
        until = wording.until(thread.wave.answers_by, zone) if thread.wave else ""
        next_ = _(
            "Jusqu’%(until)s ; ensuite les voisins suivants sont contactés, et s’il n’en reste plus le besoin vous revient."
        )
        return "info", said % {"count": waiting}, next_ % {"until": until} if until else ""
    if need.state == S.NOBODY:
        return (
            "due",
            _("Aucun voisin n’a pu pour l’instant."),
            _("Cherchez plus loin, confiez-le, ou choisissez un autre moment."),
        )
    if need.state == S.AGREED and thread.visit is not None:
        visit = thread.visit
        when = text.window(visit.starts_at, visit.ends_at, zone, clock.today(zone))
        return "ok", _("%(name)s y va.") % {"name": visit.volunteer.full_name}, text.capital(when) + "."
    if need.state == S.REFERRED and thread.referral is not None:
        name = thread.referral.service.name
        if thread.referral.state == Referral.State.ACCEPTED:
            return "ok", _("%(name)s s’en occupe.") % {"name": name}, ""
        by = _("Réponse attendue d’ici %(day)s.") % {
            "day": text.day(thread.referral.answer_by, clock.today(zone))
        }
        return "info", _("Confié à %(name)s.") % {"name": name}, by
    if need.state == S.TO_CONCLUDE:
        return "due", _("C’est fait."), _("Il reste à demander comment cela s’est passé, puis à terminer.")
    if need.state == S.CLOSED:
        said = _("Terminé %(at)s par %(name)s.") % {
            "at": _on_at(need.closed_at or clock.now(), zone),
            "name": need.closed_by,
        }
        return (
            "ok" if need.outcome.startswith("met_") else "info",
            str(Need.Outcome(need.outcome).label) + ".",
            said,
        )
    return "info", _("Personne n’est encore contacté."), _("Choisissez à qui proposer, ou confiez ce besoin.")


def _steps(thread: queries.Thread, zone: Any) -> list[dict[str, Any]]:
    """Whose turn it is. The first step that is not done is now; nothing is done after it."""
    need = thread.need
    done: list[tuple[str, str, bool]] = [(_("Noté"), _on_at(need.opened_at, zone), True)]
    if thread.referral is not None and need.state in (Need.State.REFERRED, Need.State.CLOSED):
        answered = thread.referral.state in (Referral.State.ACCEPTED, Referral.State.DONE)
        done.append((_("Confié à %(name)s") % {"name": thread.referral.service.name}, "", True))
        done.append((_("Leur réponse"), _("acceptée") if answered else _("à eux de répondre"), answered))
        done.append((_("Fait"), "", thread.referral.state == Referral.State.DONE))
    else:
        asked = len({offer.volunteer_id for offer in thread.offers})
        count = ngettext("%(count)s voisin", "%(count)s voisins", asked) % {"count": asked} if asked else ""
        done.append((_("Voisins contactés"), count, bool(asked)))
        visit = thread.visit
        done.append(
            (
                _("Un oui"),
                visit.volunteer.full_name if visit else _("aux voisins de répondre"),
                visit is not None,
            )
        )
        done.append(
            (
                _("La visite"),
                str(visit.get_proof_display()) if visit and visit.proof else "",
                bool(visit and visit.proof),
            )
        )
        done.append((_("Les deux avis"), "", bool(visit and visit.person_says and visit.neighbour_says)))
    done.append(
        (
            _("Terminé"),
            str(Need.Outcome(need.outcome).label) if need.outcome else "",
            need.closed_at is not None,
        )
    )
    if need.closed_at is not None:
        # What was skipped on the way is not shown as still to do.
        return [{"title": title, "text": said, "state": "done"} for title, said, is_done in done if is_done]
    steps, now_given = [], False
    for title, said, is_done in done:
        state = None if now_given else "done" if is_done else "now"
        now_given = now_given or not is_done
        steps.append({"title": title, "text": said, "state": state})
    return steps


def _offer(offer: Offer, thread: queries.Thread, zone: Any) -> dict[str, Any]:
    kind, icon = OFFER_TAGS[Offer.State(offer.state)]
    said = [_("Contact %(at)s") % {"at": _on_at(offer.asked_at, zone)}]
    if offer.answered_at is not None:
        answered = _("réponse %(at)s, %(how)s") if offer.answered_how else _("réponse %(at)s")
        said.append(
            answered % {"at": _on_at(offer.answered_at, zone), "how": str(offer.get_answered_how_display())}
        )
    if offer.noted_by:
        said.append(_("notée par %(name)s") % {"name": offer.noted_by})
    return {
        "pk": offer.pk,
        "volunteer_id": offer.volunteer_id,
        "name": offer.volunteer.full_name,
        "first_name": offer.volunteer.first_name,
        "initials": text.initials(offer.volunteer.full_name),
        "phone": offer.volunteer.phone,
        "said": ", ".join(said),
        "label": str(offer.get_state_display()),
        "tag": (kind, icon),
        # Somebody who let it pass, or said no, may still say yes on the telephone.
        "open": offer.state in (Offer.State.ASKED, Offer.State.PASSED),
        "may_say_yes": offer.state == Offer.State.DECLINED,
        "wave": offer.wave.number,
    }


def _visit(visit: Visit, zone: Any) -> dict[str, Any]:
    return {
        "pk": visit.pk,
        "is_open": visit.closed_at is None,
        "is_done": visit.state == Visit.State.DONE,
        "may_be_proved": visit.starts_at - visits.EARLY <= clock.now(),
        "is_over": visit.ends_at <= clock.now(),
        "name": visit.volunteer.full_name,
        "volunteer_id": visit.volunteer_id,
        "phone": visit.volunteer.phone,
        "state": str(visit.get_state_display()),
        "when": text.window(visit.starts_at, visit.ends_at, zone, clock.today(zone)),
        "proof": str(visit.get_proof_display()) if visit.proof else "",
        "came": _on_at(visit.came_at, zone) if visit.came_at else "",
        "neighbour_says": visit.neighbour_says,
        "neighbour_note": visit.neighbour_note,
        "person_says": visit.person_says,
    }


def _said_by_her(thread: queries.Thread) -> str:
    said = thread.visit.person_says if thread.visit else ""
    she = thread.need.person.is_woman
    return {
        "well": _("Elle dit que tout s’est bien passé.") if she else _("Il dit que tout s’est bien passé."),
        "so_so": _("Elle dit que cela s’est passé moyennement.")
        if she
        else _("Il dit que cela s’est passé moyennement."),
        "badly": _("Elle dit que cela s’est mal passé.") if she else _("Il dit que cela s’est mal passé."),
        "did_not_come": _("Elle dit que personne n’est venu.")
        if she
        else _("Il dit que personne n’est venu."),
        "not_reached": _("Elle n’a pas pu être jointe.") if she else _("Il n’a pas pu être joint."),
    }.get(said, "")


def _referral(referral: Referral, zone: Any) -> dict[str, Any]:
    tags = {
        Referral.State.PROPOSED: ("brand", "send"),
        Referral.State.ACCEPTED: ("ok", "check"),
        Referral.State.DONE: ("ok", "check-c"),
    }
    return {
        "pk": referral.pk,
        "state": referral.state,
        "name": referral.service.name,
        "organisation": referral.service.organisation.name,
        "phone": referral.service.phone,
        "label": str(referral.get_state_display()),
        "tag": tags.get(Referral.State(referral.state), (None, "dash")),
        "note": referral.note,
        "answer": referral.answer,
        "is_open": referral.closed_at is None,
        "said": _("Confié %(at)s par %(name)s")
        % {"at": _on_at(referral.proposed_at, zone), "name": referral.proposed_by},
    }


def _message(message: Message, zone: Any) -> dict[str, Any]:
    return {
        "at": _on_at(message.sent_at or message.due_at, zone),
        "to": message.to,
        "body": links.hide_secrets(message.body),
        "state": str(message.get_state_display()),
        "kind": MESSAGE_TAGS.get(Message.State(message.state)),
        # Why it was taken back is told by the thread itself.
        "error": message.error if message.state in ("failed", "unclear") else "",
    }


def _entry(entry: Entry, zone: Any) -> dict[str, Any]:
    event = registry.events[entry.code]
    local = entry.at.astimezone(zone)
    today = clock.today(zone)
    return {
        "day": _("Aujourd’hui") if local.date() == today else text.day_short(local.date(), today),
        "hour": text.hour(local),
        "title": event.title({**entry.data, **entry.personal}),
        "icon": DRAWINGS.get(event.icon, event.icon),
        "kind": event.tone or None,
        "words": entry.personal.get("words")
        or entry.personal.get("reason")
        or entry.personal.get("note")
        or "",
        "by": entry.actor_name if entry.actor_kind in ("member", "neighbour") else _("tout seul"),
    }


def _on_at(when: datetime, zone: Any) -> str:
    """« à 10 h 24 » today, « lun. 9 nov. à 10 h 24 » before."""
    local, today = when.astimezone(zone), clock.today(zone)
    if local.date() == today:
        return _("à %(hour)s") % {"hour": text.hour(local)}
    return _("%(day)s à %(hour)s") % {"day": text.day_short(local.date(), today), "hour": text.hour(local)}


def call_of(need: Need, pk: int) -> PlannedCall:
    return get_object_or_404(PlannedCall, pk=pk, need=need, why=PlannedCall.Why.FEEDBACK)
