"""Putting somebody in a register: at once when she asks, « à confirmer » when a third party wrote."""

from datetime import date, datetime, time

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.duties.models import Kind as DutyKind
from palier.duties.operations import settle_duties
from palier.journal import live
from palier.journal.operations import record
from palier.kernel import clock, typed
from palier.kernel.errors import BadInput, NotPossibleNow
from palier.people.models import Confined, Person
from palier.people.suppression import Suppression, Traits, asked_before, suppressed
from palier.register import days, events
from palier.register.models import Enrolment, EnrolmentRequest, Notice, Register
from palier.register.operations import checking
from palier.territories.models import Territory

R = EnrolmentRequest.Requester


@transaction.atomic
def enrol(
    register_id: int,
    *,
    person_id: int,
    capacity: str,
    channel: str,
    requested_on: date,
    requester: str = "self",
    requester_name: str = "",
    requester_capacity: str = "",
    notice_id: int | None = None,
    written_proof: str = "",
    home_service_name: str = "",
    home_service_phone: str = "",
    to_warn_name: str = "",
    to_warn_phone: str = "",
    isolation_prevention: str = "not_asked",
    request_id: int | None = None,
    acknowledged_on: date | None = None,
    actor: Actor,
) -> Enrolment:
    """Write down that somebody is in a register, with the request it came from.

    Her own request, or her representative's, counts at once (REG-07); a third party's waits for her word, and she is
    already in the lists of alert « à confirmer ». The letter of R121-6 is owed from then on, unless `acknowledged_on`
    says that it was sent (an older register taken over). `request_id` is a request of the public form that is matched.
    Refusals are BadInput with the field and the code: `third_party_must_be_written`, `not_eligible`, `elsewhere`,
    `objection_on_file`, `already_there`…
    """
    register = checking.register_of(register_id, actor=actor)
    territory = Territory.objects.get(pk=actor.territory_id)
    person = checking.person_of(person_id, actor=actor)
    requested_on = checking.request_day(requested_on, territory)
    written_proof = typed.line("written_proof", written_proof, 120)
    name, quality = checking.requester_of(
        requester, requester_name, requester_capacity, channel, written_proof
    )
    checking.refuse_not_at_home(person)
    checking.refuse_elsewhere(person)
    capacity = checking.capacity_of(register, capacity, person.birth_on, requested_on)
    typed.one_of("isolation_prevention", isolation_prevention, Enrolment.Answer.values)
    around = checking.around(
        {
            "home_service_name": home_service_name,
            "home_service_phone": home_service_phone,
            "to_warn_name": to_warn_name,
            "to_warn_phone": to_warn_phone,
        },
        territory.phone_region,
        register,
    )
    notice = _notice(register, notice_id)
    _refuse_objected(register, person, requester, name, actor)
    by_third_party = requester == R.THIRD_PARTY
    now = clock.now()
    try:
        with transaction.atomic():
            enrolment = Enrolment.objects.create(
                territory_id=actor.territory_id,
                register=register,
                person=person,
                capacity=capacity,
                requested_on=requested_on,
                third_party_name=name if by_third_party else "",
                third_party_capacity=quality if by_third_party else "",
                state=Enrolment.State.PENDING if by_third_party else Enrolment.State.ACTIVE,
                agreed_how="" if by_third_party else Enrolment.Agreed.OWN_REQUEST,
                agreed_at=None if by_third_party else now,
                isolation_prevention=isolation_prevention,
                last_confirmed_on=requested_on,
                enrolled_at=now,
                **around,
            )
    except IntegrityError as error:
        raise _already(register, person) from error
    # In her file's own compartment too, without a word in its journal: who may see the file need not know of this.
    Confined.objects.get_or_create(
        territory_id=actor.territory_id,
        person=person,
        compartment_id=register.compartment_id,
        defaults={"at": now},
    )
    request = _request(
        request_id,
        enrolment,
        notice,
        actor,
        channel=channel,
        requester=requester,
        requester_name=name,
        requester_capacity=quality,
        written_proof=written_proof,
        requested_on=requested_on,
    )
    record(
        events.ENROLLED,
        actor=actor,
        about=[enrolment],
        requester=requester,
        channel=channel,
        capacity=capacity,
        notice=notice.version,
    )
    if acknowledged_on is not None:
        _acknowledged_before(request, acknowledged_on, territory, actor)
    else:
        checking.owe_letter(request, register, territory, actor=actor)
    live.publish(actor.territory_id, "register.enrolment", enrolment.pk)
    return enrolment


def _request(
    request_id: int | None, enrolment: Enrolment, notice: Notice, actor: Actor, **said: object
) -> EnrolmentRequest:
    """The request of the public form, matched, or a new one."""
    if request_id is None:
        return EnrolmentRequest.objects.create(
            territory_id=actor.territory_id,
            register=enrolment.register,
            enrolment=enrolment,
            notice=notice,
            received_at=clock.now(),
            **said,
        )
    requests = EnrolmentRequest.objects.select_for_update(of=("self",), no_key=True)
    request = requests.filter(pk=request_id, register=enrolment.register).first()
    if request is None:
        raise BadInput("request_id", _("Cette demande n’existe plus."), "choice")
    if request.closed_at is not None or request.enrolment_id is not None:
        raise NotPossibleNow(_("Cette demande a déjà été traitée."))
    request.enrolment, request.typed = enrolment, {}
    request.requester_name, request.requester_capacity = (
        str(said["requester_name"]),
        str(said["requester_capacity"]),
    )
    request.requester = str(said["requester"])
    request.save(update_fields=["enrolment", "typed", "requester", "requester_name", "requester_capacity"])
    settle_duties(request, kinds=[DutyKind.MATCH_REQUEST], actor=actor)
    return request


def _acknowledged_before(request: EnrolmentRequest, on: date, territory: Territory, actor: Actor) -> None:
    if not request.requested_on <= on <= days.today(territory):
        raise BadInput("acknowledged_on", _("La lettre part après la demande, et pas demain."), "range")
    request.ack_sent_at = datetime.combine(on, time(12), territory.zone)
    request.ack_sent_by = actor.name[:120]
    request.closed_at, request.outcome = clock.now(), EnrolmentRequest.Outcome.ACKNOWLEDGED
    request.save(update_fields=["ack_sent_at", "ack_sent_by", "closed_at", "outcome"])


def _notice(register: Register, notice_id: int | None) -> Notice:
    """The version that was shown: the one named, else the one in force (REG-01)."""
    published = Notice.objects.filter(register=register, published_at__isnull=False)
    if notice_id is not None:
        notice = published.filter(pk=notice_id).first()
        if notice is None:
            raise BadInput("notice_id", _("Cette notice n’a pas été publiée."), "choice")
        return notice
    notice = published.order_by("-version").first()
    if notice is None:
        raise NotPossibleNow(_("Publiez d’abord la notice : personne ne s’inscrit sans savoir à quoi."))
    return notice


def _refuse_objected(register: Register, person: Person, requester: str, name: str, actor: Actor) -> None:
    """She objected to this third party's request before (REG-09). What she asks herself takes her objection back."""
    traits = traits_of(person)
    noted = [
        one
        for one in suppressed(actor.territory_id, traits)
        if one.scope == Suppression.Scope.REGISTER and one.register == register.code
    ]
    if requester == R.THIRD_PARTY:
        if any(asked_before(one, name) for one in noted):
            raise BadInput(
                "requester_name",
                _("Opposition enregistrée : la personne ne veut pas être inscrite par ce tiers."),
                "objection_on_file",
            )
    elif noted:
        Suppression.objects.filter(pk__in=[one.pk for one in noted]).delete()


def traits_of(person: Person) -> Traits:
    return Traits(person.first_name, person.last_name, person.birth_on, person.street, person.postcode)


def _already(register: Register, person: Person) -> BadInput:
    known = Enrolment.objects.present().filter(register=register, person=person).first()
    since = f"{known.requested_on:%d/%m/%Y}" if known else ""
    return BadInput(
        "person_id",
        _("%(name)s est déjà à ce registre, depuis le %(day)s.") % {"name": person.full_name, "day": since},
        "already_there",
    )
