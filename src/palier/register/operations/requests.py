"""A request of the public form: it lands with somebody named, who finds the person or opens a file."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.duties.models import Kind as DutyKind
from palier.duties.operations import desk_team, open_duty, settle_duties
from palier.journal.operations import record
from palier.kernel import clock, typed
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.register import days, events
from palier.register.models import Enrolment, EnrolmentRequest, Notice, Register
from palier.register.operations import checking
from palier.territories.models import Territory

# The person is in no list before somebody has matched her: looked at on the next day at the latest.
TIME_TO_MATCH = timedelta(days=1)
_Outcome = EnrolmentRequest.Outcome
WITHOUT_ENTRY = (_Outcome.NOT_ELIGIBLE, _Outcome.ELSEWHERE, _Outcome.ALREADY_THERE, _Outcome.UNUSABLE)


@transaction.atomic
def receive_request(
    register_id: int,
    *,
    last_name: str,
    first_name: str,
    birth_on: date | None,
    street: str,
    postcode: str,
    city: str,
    phone: str,
    capacity: str,
    notice_id: int,
    form_key: str,
    requester: str = "self",
    requester_name: str = "",
    requester_capacity: str = "",
    home_service_name: str = "",
    home_service_phone: str = "",
    to_warn_name: str = "",
    to_warn_phone: str = "",
    isolation_prevention: str = "not_asked",
    actor: Actor,
) -> EnrolmentRequest:
    """Take what the public form carries, checked as the desk's own is; sent twice (`form_key`) it is one request.

    Nobody's file is opened or looked at: the person behind a form on the web is not known.
    """
    if not actor.is_ours:
        raise NotAllowed
    register = Register.objects.open().filter(territory_id=actor.territory_id).get(pk=register_id)
    territory = Territory.objects.get(pk=actor.territory_id)
    twin = EnrolmentRequest.objects.filter(register=register, form_key=form_key).first()
    if twin is not None:
        return twin
    today = days.today(territory)
    name, quality = checking.requester_of(
        requester, requester_name, requester_capacity, EnrolmentRequest.Channel.FORM, ""
    )
    birth_on = typed.birth("birth_on", birth_on)
    said: dict[str, Any] = {
        "last_name": _needed("last_name", last_name, 60, _("Écrivez le nom.")),
        "first_name": _needed("first_name", first_name, 60, _("Écrivez le prénom.")),
        "street": _needed("street", street, 120, _("Écrivez le numéro et la rue.")),
        "city": typed.line("city", city, 80),
        "postcode": typed.line("postcode", postcode, 5),
        "phone": typed.phone("phone", phone, territory.phone_region),
        "birth_on": birth_on.isoformat() if birth_on else "",
        "capacity": checking.capacity_of(register, capacity, birth_on, today),
        "isolation_prevention": typed.one_of(
            "isolation_prevention", isolation_prevention, Enrolment.Answer.values
        ),
        **checking.around(
            {
                "home_service_name": home_service_name,
                "home_service_phone": home_service_phone,
                "to_warn_name": to_warn_name,
                "to_warn_phone": to_warn_phone,
            },
            territory.phone_region,
            register,
        ),
    }
    if not said["phone"]:
        raise BadInput("phone", _("Écrivez un numéro de téléphone : c’est là que nous appelons."), "required")
    notice = Notice.objects.filter(register=register, pk=notice_id, published_at__isnull=False).first()
    if notice is None:
        raise BadInput("notice_id", _("Cette notice n’a pas été publiée."), "choice")
    try:
        with transaction.atomic():
            request = EnrolmentRequest.objects.create(
                territory_id=actor.territory_id,
                register=register,
                notice=notice,
                channel=EnrolmentRequest.Channel.FORM,
                requester=requester,
                requester_name=name,
                requester_capacity=quality,
                requested_on=today,
                received_at=clock.now(),
                typed=said,
                form_key=form_key,
            )
    except IntegrityError:
        # A double click: the first of the two is the request.
        return EnrolmentRequest.objects.get(register=register, form_key=form_key)
    owner = checking.somebody_named(register, actor=actor)
    team = None if owner else desk_team(actor.territory_id)
    open_duty(
        request,
        kind=DutyKind.MATCH_REQUEST,
        due_at=datetime.combine(today + TIME_TO_MATCH, time(12), territory.zone),
        owner=owner,
        team=team,
        label=_("%(reference)s, reçue en ligne") % {"reference": request.reference},
        actor=actor,
    )
    checking.owe_letter(request, register, territory, actor=actor)
    record(events.REQUEST_RECEIVED, actor=actor, about=[request], requester=requester)
    return request


@transaction.atomic
def close_request(request_id: int, *, outcome: str, actor: Actor) -> EnrolmentRequest:
    """A request that leads to no entry: not eligible, elsewhere, already there, or no request at all.

    « Not vulnerable enough » is no outcome: the mayor does not choose (REG-03).
    """
    request = (
        EnrolmentRequest.objects.visible_to(actor)
        .select_for_update(of=("self",), no_key=True)
        .get(pk=request_id)
    )
    checking.register_of(request.register_id, actor=actor)
    typed.one_of("outcome", outcome, WITHOUT_ENTRY)
    if request.closed_at is not None or request.enrolment_id is not None:
        raise NotPossibleNow(_("Cette demande a déjà été traitée."))
    request.closed_at, request.outcome, request.typed = clock.now(), outcome, {}
    request.save(update_fields=["closed_at", "outcome", "typed"])
    settle_duties(request, actor=actor)
    record(events.REQUEST_CLOSED, actor=actor, about=[request], outcome=outcome)
    return request


def _needed(field: str, raw: str, limit: int, sentence: str) -> str:
    value = typed.line(field, raw, limit)
    if not value:
        raise BadInput(field, sentence, "required")
    return value
