"""The papers of a register, from its entries: who signs, to whom, with what we know."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from palier.documents import papers
from palier.kernel import clock, phones
from palier.people.models import Person
from palier.register.models import (
    Communication,
    Designation,
    Enrolment,
    EnrolmentRequest,
    Notice,
    Rectification,
    Register,
)
from palier.territories.models import Organisation, Territory

CATEGORY = {Enrolment.Capacity.SENIOR: 1, Enrolment.Capacity.UNFIT: 2, Enrolment.Capacity.DISABLED: 3}


def sender_of(register: Register) -> papers.Sender:
    """The lead organisation, with the lines of the register's settings."""
    lead = Organisation.objects.get(territory_id=register.territory_id, is_lead=True)
    territory = Territory.objects.get(pk=register.territory_id)
    return papers.Sender(
        name=lead.name,
        address=tuple(line for line in register.sender_address.splitlines() if line.strip()),
        phone=phones.pretty(territory.public_phone),
        email=territory.public_email,
    )


def signature_of(register: Register) -> papers.Signature:
    return papers.Signature(
        name=register.signatory_name, role=register.signatory_role, authority=register.signatory_authority
    )


def notice_of(notice: Notice) -> papers.Notice:
    on = timezone.localtime(notice.published_at, clock.PARIS) if notice.published_at else None
    version = _("version %(version)s") % {"version": notice.version}
    return papers.Notice(**notice.blocks, version=f"{version}, {on:%d/%m/%Y}" if on else version)


def published(register: Register) -> Notice | None:
    return register.notices.filter(published_at__isnull=False).order_by("-version").first()


def addressee(person: Person) -> papers.Addressee:
    title = {"madame": _("Madame"), "monsieur": _("Monsieur")}.get(person.title, "")
    return papers.Addressee(
        name=" ".join(part for part in (title, person.full_name) if part),
        address=tuple(
            line
            for line in (person.access, person.street, f"{person.postcode} {person.city.upper()}".strip())
            if line
        ),
        greeting=f"{title} {person.last_name}" if title else "",
    )


def acknowledgements(register: Register, requests: Iterable[EnrolmentRequest]) -> list[papers.Paper]:
    """The letters of R121-6; each request was fetched with `enrolment__person`."""
    sender, signature, today = sender_of(register), signature_of(register), clock.today()
    return [
        papers.Acknowledgement(
            sender,
            addressee(request.enrolment.person),
            today,
            signature,
            asked_on=request.requested_on,
            register=register.name,
            asked_by=f"{request.requester_name}, {request.requester_capacity}"
            if request.is_by_third_party
            else "",
            reference=request.reference,
        )
        for request in requests
        if request.enrolment is not None
    ]


def cards(register: Register, enrolments: Iterable[Enrolment]) -> list[papers.Paper]:
    """The yearly cards; each entry was fetched with its person, her `phones` and its request."""
    sender, signature, today = sender_of(register), signature_of(register), clock.today()
    return [
        papers.ConfirmationCard(
            sender,
            addressee(enrolment.person),
            today,
            signature,
            known=known_of(enrolment),
            reference=enrolment.request.reference,
        )
        for enrolment in enrolments
    ]


def known_of(enrolment: Enrolment) -> papers.Identity:
    person = enrolment.person
    numbers = [phones.pretty(number.e164) for number in person.phones.all()]
    return papers.Identity(
        last_name=person.last_name,
        first_names=person.first_name,
        birth_on=person.birth_on,
        street=person.street,
        postcode=person.postcode,
        city=person.city,
        phone=numbers[0] if numbers else "",
        other_phone=numbers[1] if len(numbers) > 1 else "",
        category=CATEGORY.get(Enrolment.Capacity(enrolment.capacity)),
        home_service=enrolment.home_service_name,
        home_service_phone=phones.pretty(enrolment.home_service_phone)
        if enrolment.home_service_phone
        else "",
        to_warn=enrolment.to_warn_name,
        to_warn_phone=phones.pretty(enrolment.to_warn_phone) if enrolment.to_warn_phone else "",
    )


def moved(register: Register, enrolment: Enrolment) -> papers.Paper:
    left = enrolment.removed_at.astimezone(clock.PARIS).date() if enrolment.removed_at else clock.today()
    return papers.MovedLetter(
        sender_of(register),
        addressee(enrolment.person),
        clock.today(),
        signature_of(register),
        left_on=left,
        new_city=enrolment.person.city,
    )


def blank(register: Register, *, third_party: bool) -> papers.Paper | None:
    """The form to fill in by hand, with the notice in force on its back; none before a notice is published."""
    notice = published(register)
    if notice is None:
        return None
    kind = papers.ThirdPartyForm if third_party else papers.EnrolmentForm
    return kind(sender_of(register), notice_of(notice))


def annex(register: Register, named: Sequence[Designation], *, act: str, on: date) -> papers.Paper:
    return papers.DecreeAnnex(
        sender_of(register),
        act=act,
        on=on,
        named=tuple(
            papers.Named(
                str(one.membership.user),
                one.membership.title or str(one.membership.get_role_display()),
                one.membership.organisation.short_name,
                one.starts_on,
                one.ends_on,
            )
            for one in named
        ),
        signature=signature_of(register) if register.signatory_name else None,
    )


def rectification(made: Communication, notices: Sequence[Rectification]) -> papers.Paper:
    """To the recipients of a communication: what to put right, whose line, without a list of the others."""
    names = ", ".join(f"{one['name']} ({one['service']})" for one in made.recipients)
    lines = [
        f"{notice.about} : {' ; '.join(notice.what.splitlines())}".replace("%", "%%").replace("*", "")
        for notice in notices
    ]
    return papers.Letter(
        sender_of(made.register),
        papers.Addressee(name=names),
        clock.today(),
        signature_of(made.register),
        about=_("Rectification du registre communiqué"),
        paragraphs=(
            _("Nous vous avons communiqué le registre, référence %(reference)s. Veuillez corriger ceci :")
            % {"reference": made.reference.replace("%", "%%").replace("*", "")},
            *lines,
            _("Article R121-10 du code de l’action sociale et des familles."),
        ),
    )


def information(register: Register, people: Sequence[papers.Addressee]) -> list[papers.Paper]:
    """That the register exists, to people of whom nothing is kept (REG-23)."""
    notice = published(register)
    if notice is None:
        return []
    sender, signature, said, today = (
        sender_of(register),
        signature_of(register),
        notice_of(notice),
        clock.today(),
    )
    return [papers.InformationLetter(sender, to, today, signature, notice=said) for to in people]
