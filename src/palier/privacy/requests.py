"""Taking a request down, proving who asks, answering in time: a duty with an owner and a clock (GDP-08)."""

from datetime import date, datetime, time

from django.db import transaction
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.accounts.models import Membership, Role
from palier.duties.models import Duty
from palier.duties.models import Kind as DutyKind
from palier.duties.operations import open_duty, settle_duties
from palier.journal import live
from palier.journal.operations import record
from palier.kernel import clock, typed
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.people.models import Person
from palier.privacy import events, policies, recipients
from palier.privacy.models import PrivacySettings, RightsRequest, months_later
from palier.territories.models import Territory
from palier.volunteers.models import Volunteer

# A week before the month is over it is late: what is left is for writing and posting.
DAYS_BEFORE = 7
ANSWERING = frozenset({RightsRequest.Outcome.GRANTED, RightsRequest.Outcome.PARTLY})


@transaction.atomic
def take_down(
    *,
    kind: str,
    channel: str,
    received_on: date,
    person_id: int | None = None,
    volunteer_id: int | None = None,
    name: str = "",
    asked_by: str = "self",
    asker_name: str = "",
    words: str = "",
    owner_id: int | None = None,
    actor: Actor,
) -> RightsRequest:
    """Write a request down; the answer is due in a month. Without a file the name is enough: « we have nothing » is an answer.

    The same request of the same person the same day (a double click) is one request.
    """
    if not policies.may_take_down(actor):
        raise NotAllowed
    typed.one_of("kind", kind, RightsRequest.Kind.values)
    typed.one_of("channel", channel, RightsRequest.Channel.values)
    typed.one_of("asked_by", asked_by, RightsRequest.Asker.values)
    received_on = typed.past_day("received_on", received_on)
    words = typed.text("words", words, 2000)
    asker_name = typed.line("asker_name", asker_name, 120)
    if asked_by != RightsRequest.Asker.SELF and not asker_name:
        raise BadInput("asker_name", _("Écrivez le nom de qui demande pour la personne."), "required")
    person = volunteer = None
    if person_id is not None:
        person = (
            Person.objects.visible_to(actor).select_for_update(of=("self",), no_key=True).get(pk=person_id)
        )
        name = person.full_name
    elif volunteer_id is not None:
        volunteer = (
            Volunteer.objects.visible_to(actor)
            .select_for_update(of=("self",), no_key=True)
            .get(pk=volunteer_id)
        )
        name = volunteer.full_name
    else:
        Territory.objects.select_for_update(no_key=True).get(pk=actor.territory_id)
    name = typed.line("name", name, 120)
    if not name:
        raise BadInput("name", _("Écrivez le nom de la personne."), "required")
    twin = (
        RightsRequest.objects.open()
        .filter(kind=kind, person=person, volunteer=volunteer, name=name, received_on=received_on)
        .first()
    )
    if twin is not None:
        return twin
    made = RightsRequest.objects.create(
        territory_id=actor.territory_id,
        kind=kind,
        person=person,
        volunteer=volunteer,
        name=name,
        asked_by=asked_by,
        asker_name=asker_name,
        channel=channel,
        words=words,
        received_on=received_on,
        due_on=RightsRequest.due(received_on),
        owner=_answerer(owner_id, actor),
        opened_at=clock.now(),
    )
    _owe(made, actor)
    record(
        events.RIGHTS_ASKED,
        actor=actor,
        about=_about(made),
        kind=kind,
        channel=channel,
        due=made.due_on.isoformat(),
    )
    live.publish(actor.territory_id, "privacy.rightsrequest", made.pk)
    return made


@transaction.atomic
def note_identity(request_id: int, *, how: str, seen_on: date, actor: Actor) -> RightsRequest:
    """What was looked at, when, by whom; never a copy, a number or a file (GDP-17)."""
    request = _locked(request_id, actor)
    if not policies.may_take_down(actor):
        raise NotAllowed
    _refuse_closed(request)
    request.identity = typed.one_of("how", how, RightsRequest.Identity.values)
    request.identity_seen_on = typed.past_day("seen_on", seen_on)
    request.identity_seen_by = actor.name[:120]
    request.save(update_fields=["identity", "identity_seen_on", "identity_seen_by"])
    record(events.IDENTITY_SEEN, actor=actor, about=_about(request), how=how)
    return request


@transaction.atomic
def extend(request_id: int, *, reason: str, actor: Actor) -> RightsRequest:
    """Two more months, once, and the person is told why within the first (article 12.3)."""
    request = _locked(request_id, actor)
    if not policies.may_answer(actor, request):
        raise NotAllowed
    _refuse_closed(request)
    if request.extension_reason:
        raise NotPossibleNow(_("Cette réponse est déjà reportée ; elle ne peut l’être qu’une fois."))
    if clock.today() > request.due_on:
        raise NotPossibleNow(_("Le mois est passé : répondez maintenant."))
    reason = typed.text("reason", reason, 300)
    if not reason:
        raise BadInput("reason", _("Écrivez pourquoi : la personne doit l’apprendre."), "required")
    request.extension_reason = reason
    request.due_on = RightsRequest.due(request.received_on, extended=True)
    request.save(update_fields=["extension_reason", "due_on"])
    _owe(request, actor)
    record(
        events.RIGHTS_EXTENDED,
        actor=actor,
        about=_about(request),
        due=request.due_on.isoformat(),
        words=reason,
    )
    return request


@transaction.atomic
def ask_review(request_id: int, *, actor: Actor) -> RightsRequest:
    """Something is kept apart from the copy: the head has to read it before the answer (SAF-05)."""
    request = _locked(request_id, actor)
    if request.needs_review:
        return request
    request.needs_review = True
    request.save(update_fields=["needs_review"])
    head = (
        Membership.objects.reachable(clock.now())
        .filter(territory_id=actor.territory_id, organisation__is_lead=True, role=Role.HEAD)
        .order_by("pk")
        .first()
    )
    open_duty(
        request,
        kind=DutyKind.LEGAL_REVIEW,
        due_at=_morning_of(months_later(request.due_on, 0), actor.territory_id, before=DAYS_BEFORE * 2),
        owner=head,
        label=request.reference,
        actor=actor,
    )
    return request


@transaction.atomic
def note_review(request_id: int, *, actor: Actor) -> RightsRequest:
    """What was kept apart has been read, and what of it may be told has been decided."""
    request = _locked(request_id, actor)
    if not policies.may_answer(actor, request):
        raise NotAllowed
    _refuse_closed(request)
    if not request.needs_review:
        raise NotPossibleNow(_("Cette demande n’attend pas de relecture."))
    request.reviewed_at, request.reviewed_by = clock.now(), actor.name[:120]
    request.save(update_fields=["reviewed_at", "reviewed_by"])
    settle_duties(request, actor=actor, kinds=[DutyKind.LEGAL_REVIEW])
    record(events.REVIEW_DONE, actor=actor, about=[request])
    return request


@transaction.atomic
def note_recipients_told(request_id: int, *, actor: Actor) -> RightsRequest:
    """Each body that was given the data before has been told of the correction or the erasure (article 19, REG-19)."""
    request = _locked(request_id, actor)
    if not policies.may_answer(actor, request):
        raise NotAllowed
    _refuse_closed(request)
    told = recipients.of(request.person) if request.person else []
    request.recipients_told_at = clock.now()
    request.save(update_fields=["recipients_told_at"])
    record(events.RECIPIENTS_TOLD, actor=actor, about=_about(request), count=len(told))
    return request


@transaction.atomic
def answer(request_id: int, *, outcome: str, words: str, actor: Actor) -> RightsRequest:
    """Close a request with what was answered; what was granted must have been done."""
    request = _locked(request_id, actor)
    if not policies.may_answer(actor, request):
        raise NotAllowed
    _refuse_closed(request)
    typed.one_of("outcome", outcome, RightsRequest.Outcome.values)
    words = typed.text("words", words, 2000)
    if not words:
        raise BadInput("words", _("Écrivez ce qui a été répondu à la personne, et comment."), "required")
    if outcome in ANSWERING:
        _refuse_undone(request)
    request.outcome, request.answer = outcome, words
    request.closed_at, request.closed_by = clock.now(), actor.name[:120]
    request.save(update_fields=["outcome", "answer", "closed_at", "closed_by"])
    settle_duties(request, actor=actor)
    record(
        events.RIGHTS_ANSWERED,
        actor=actor,
        about=_about(request),
        kind=request.kind,
        outcome=outcome,
        words=words,
    )
    live.publish(actor.territory_id, "privacy.rightsrequest", request.pk)
    return request


@transaction.atomic
def change_settings(
    *, officer_name: str, officer_email: str, needs_archive_visa: bool, actor: Actor
) -> PrivacySettings:
    if not policies.may_set(actor):
        raise NotAllowed
    values = {
        "officer_name": typed.line("officer_name", officer_name, 120),
        "officer_email": typed.email("officer_email", officer_email),
        "needs_archive_visa": needs_archive_visa,
    }
    made, _new = PrivacySettings.objects.update_or_create(territory_id=actor.territory_id, defaults=values)
    return made


def _refuse_undone(request: RightsRequest) -> None:
    """What is said to be done and is not."""
    kind = RightsRequest.Kind
    if not request.identity:
        raise NotPossibleNow(_("Vérifiez d’abord l’identité de la personne."))
    if request.needs_review and request.reviewed_at is None:
        raise NotPossibleNow(_("La relecture juridique n’est pas faite."))
    if request.kind in (kind.ACCESS, kind.PORTABILITY) and request.subject and request.copied_at is None:
        raise NotPossibleNow(_("Préparez d’abord la copie de ses informations."))
    if request.kind == kind.ERASURE and request.subject and request.erased_at is None:
        raise NotPossibleNow(_("Rien n’est encore effacé. Effacez, ou concluez autrement."))
    if (
        request.kind in (kind.RECTIFICATION, kind.ERASURE)
        and request.recipients_told_at is None
        and request.person
        and recipients.of(request.person)
    ):
        raise NotPossibleNow(_("Prévenez d’abord ceux qui avaient reçu ces informations."))


def _answerer(owner_id: int | None, actor: Actor) -> Membership | None:
    if owner_id is not None:
        owner = Membership.objects.live().filter(pk=owner_id, organisation__is_lead=True).first()
        if owner is None:
            raise BadInput(
                "owner_id", _("Cette personne ne travaille plus ici. Choisissez quelqu’un d’autre."), "gone"
            )
        return owner
    if actor.coordinates and actor.membership_id:
        return Membership.objects.filter(pk=actor.membership_id).first()
    return None


def _owe(request: RightsRequest, actor: Actor) -> Duty:
    return open_duty(
        request,
        kind=DutyKind.ANSWER_RIGHTS,
        due_at=_morning_of(request.due_on, actor.territory_id, before=DAYS_BEFORE),
        owner=request.owner,
        person_id=request.person_id,
        label=f"{request.get_kind_display()}, {request.name}"
        if not request.person_id
        else request.get_kind_display(),
        actor=actor,
    )


def _morning_of(on: date, territory_id: int, *, before: int) -> datetime:
    zone = Territory.objects.get(pk=territory_id).zone
    return datetime.combine(date.fromordinal(on.toordinal() - before), time(9), tzinfo=zone)


def _locked(request_id: int, actor: Actor) -> RightsRequest:
    return (
        RightsRequest.objects.visible_to(actor)
        .select_for_update(of=("self",), no_key=True)
        .select_related("person", "volunteer", "owner")
        .get(pk=request_id)
    )


def _refuse_closed(request: RightsRequest) -> None:
    if request.closed_at is not None:
        raise NotPossibleNow(_("%(name)s a déjà conclu cette demande.") % {"name": request.closed_by})


def _about(request: RightsRequest) -> list[RightsRequest | Person | Volunteer]:
    return [request, *([request.subject] if request.subject else [])]
