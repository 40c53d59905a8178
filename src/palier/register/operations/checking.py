"""What the operations ask of who acts, of a register, of a person and of what was typed."""

from datetime import date, timedelta

from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.accounts.models import Membership
from palier.duties.models import Duty
from palier.duties.models import Kind as DutyKind
from palier.duties.operations import desk_team, open_duty
from palier.kernel import clock, typed
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.kernel.text import years
from palier.people.models import Person
from palier.register import days, policies
from palier.register.models import Designation, Enrolment, EnrolmentRequest, Register
from palier.territories.models import Commune, Territory

# A third party writes (R121-6, REG-06): on paper, on the form, in a mail; at the desk with a paper in hand.
IN_WRITING = (EnrolmentRequest.Channel.LETTER, EnrolmentRequest.Channel.FORM, EnrolmentRequest.Channel.EMAIL)
_AGES = {Enrolment.Capacity.SENIOR: 65, Enrolment.Capacity.UNFIT: 60, Enrolment.Capacity.DISABLED: 18}


def register_of(register_id: int, *, actor: Actor) -> Register:
    """A register that the actor may write in, and that still takes people."""
    register = Register.objects.visible_to(actor).filter(pk=register_id).first()
    if register is None or not policies.may_read(actor, register_id):
        raise NotAllowed
    if register.ended_at is not None:
        raise NotPossibleNow(_("Ce registre est terminé."))
    return register


def locked_enrolment(enrolment_id: int, *, actor: Actor) -> Enrolment:
    """The entry, locked, for somebody who may write in its register; an entry that is gone is not found."""
    enrolment = (
        Enrolment.objects.visible_to(actor)
        .select_related("register", "person")
        .select_for_update(of=("self",), no_key=True)
        .get(pk=enrolment_id)
    )
    if not policies.may_read(actor, enrolment.register_id):
        raise NotAllowed
    return enrolment


def person_of(person_id: int, *, actor: Actor) -> Person:
    """The person, locked: two desks that enrol her come one after the other."""
    people = Person.objects.visible_to(actor).select_for_update(of=("self",), no_key=True)
    person = people.filter(pk=person_id).first()
    if person is None:
        raise BadInput("person_id", _("Choisissez la personne dans la liste."), "choice")
    return person


def refuse_not_at_home(person: Person) -> None:
    """R121-3: people who live at home."""
    if person.state == Person.State.DECEASED:
        raise BadInput("person_id", _("Cette personne est décédée."), "deceased")
    if person.state == Person.State.IN_CARE_HOME:
        raise BadInput(
            "person_id",
            _("Le registre est pour les personnes qui vivent chez elles ; celle-ci est en établissement."),
            "not_at_home",
        )


def lives_here(person: Person) -> bool:
    """In a commune of the lead organisation, by its INSEE code, else by its postcode; not known is taken for here."""
    communes = Commune.objects.filter(territory_id=person.territory_id, organisation__is_lead=True)
    if person.insee:
        return communes.filter(insee=person.insee).exists()
    return not person.postcode or communes.filter(postcode=person.postcode).exists()


def refuse_elsewhere(person: Person) -> None:
    if person.state == Person.State.MOVED or not lives_here(person):
        raise BadInput(
            "person_id",
            _("Cette personne habite une autre commune : c’est à sa mairie qu’elle peut le demander."),
            "elsewhere",
        )


def capacity_of(register: Register, capacity: str, birth_on: date | None, requested_on: date) -> str:
    """One of the three of R121-3, by the age on the day of the request; nothing is to be proved (REG-02, REG-03)."""
    if not register.is_statutory:
        return typed.one_of("capacity", capacity or Enrolment.Capacity.ANY, Enrolment.Capacity.values)
    if capacity not in _AGES:
        raise BadInput("capacity", _("Choisissez à quel titre la personne s’inscrit."), "required")
    if birth_on is None:
        raise BadInput(
            "birth_on", _("Écrivez la date de naissance : elle dit à quel titre on s’inscrit."), "required"
        )
    wanted = _AGES[Enrolment.Capacity(capacity)]
    if years(birth_on, requested_on) < wanted:
        raise BadInput(
            "capacity",
            _("À cette date la personne n’a pas encore %(age)s ans : choisissez un autre titre, ou elle ne peut pas s’inscrire.")
            % {"age": wanted},
            "not_eligible",
        )  # fmt: skip
    return capacity


def request_day(requested_on: date, territory: Territory) -> date:
    today = days.today(territory)
    if requested_on > today:
        raise BadInput(
            "requested_on", _("Ce jour n’est pas encore venu. Écrivez le jour de la demande."), "future"
        )
    if requested_on.year < 2003:
        raise BadInput("requested_on", _("Ce jour est trop ancien. Vérifiez l’année."), "too_old")
    return requested_on


def requester_of(
    requester: str, name: str, capacity: str, channel: str, written_proof: str
) -> tuple[str, str]:
    """Who asks, with a name and a capacity when it is not the person; a third party in writing only (REG-06)."""
    typed.one_of("channel", channel, EnrolmentRequest.Channel.values)
    typed.one_of("requester", requester, EnrolmentRequest.Requester.values)
    if requester == EnrolmentRequest.Requester.SELF:
        return "", ""
    if requester == EnrolmentRequest.Requester.THIRD_PARTY and not (
        channel in IN_WRITING or (channel == EnrolmentRequest.Channel.DESK and written_proof)
    ):
        raise BadInput(
            "channel",
            _("La demande de quelqu’un d’autre se fait par écrit : donnez-lui le formulaire, ou notez son courriel ou sa lettre."),
            "third_party_must_be_written",
        )  # fmt: skip
    name = typed.line("requester_name", name, 120)
    capacity = typed.line("requester_capacity", capacity, 120)
    if not name:
        raise BadInput("requester_name", _("Écrivez le nom de la personne qui demande."), "required")
    if not capacity:
        raise BadInput(
            "requester_capacity", _("Écrivez à quel titre : sa fille, son voisin, sa tutrice…"), "required"
        )
    return name, capacity


def around(values: dict[str, str], region: str, register: Register) -> dict[str, str]:
    """Home service and person to warn: both optional, a number only with a name, and only where the register has a place."""
    checked: dict[str, str] = {}
    for who, lacking in (
        ("home_service", _("Écrivez le nom du service.")),
        ("to_warn", _("Écrivez le nom de la personne à prévenir.")),
    ):
        name = typed.line(f"{who}_name", values.get(f"{who}_name", ""), 120)
        phone = typed.phone(f"{who}_phone", values.get(f"{who}_phone", ""), region)
        if phone and not name:
            raise BadInput(f"{who}_name", lacking, "required")
        if name and who not in register.fields:
            raise BadInput(f"{who}_name", _("Ce registre ne note pas cela."), "not_in_this_register")
        checked |= {f"{who}_name": name, f"{who}_phone": phone}
    return checked


def somebody_named(register: Register, *, actor: Actor) -> Membership | None:
    """Who answers for what a register owes: whoever acts when named, else the one who was named first and is there."""
    if actor.membership_id is not None and policies.is_designated(actor, register.pk):
        return Membership.objects.get(pk=actor.membership_id)
    named = Designation.objects.live().filter(register=register)
    return (
        Membership.objects.reachable()
        .filter(pk__in=named.values("membership"))
        .order_by("designations__starts_at", "pk")
        .first()
    )


def owe_letter(request: EnrolmentRequest, register: Register, territory: Territory, *, actor: Actor) -> Duty:
    """The acknowledgement, red on day 6 and climbing on day 7; the board names the reference and nobody (REG-15)."""
    late_at, climbs_at = days.letter_clock(request.requested_on, territory)
    owner = somebody_named(register, actor=actor)
    return open_duty(
        request,
        kind=DutyKind.SEND_ACKNOWLEDGEMENT,
        due_at=late_at,
        climbs_at=max(climbs_at, clock.now() + timedelta(minutes=territory.climb_minutes)),
        owner=owner,
        team=None if owner else desk_team(actor.territory_id),
        label=_("%(reference)s, lettre avant le %(day)s")
        % {"reference": request.reference, "day": f"{request.ack_due_on:%d/%m/%Y}"},
        actor=actor,
    )
