"""The closed list of R121-4 (REG-05): what a statutory entry says, in one place, for the screen, the file and the copy."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from palier.kernel import phones
from palier.register.models import Enrolment

# Code and name, in the order of the article. Nothing may be added here without a change of the law.
STATUTORY = {
    "last_name": _("Nom"),
    "first_names": _("Prénoms"),
    "birth_on": _("Date de naissance"),
    "capacity": _("Qualité"),
    "address": _("Adresse"),
    "phone": _("Téléphone"),
    "home_service": _("Service d’aide à domicile"),
    "to_warn": _("Personne à prévenir en cas d’urgence"),
    "requested_on": _("Date de la demande"),
    "third_party": _("Demande faite par (nom et qualité)"),
}
CONTACT = ("last_name", "first_names", "address", "phone")


@dataclass(frozen=True)
class Record:
    """One statutory entry, in words."""

    last_name: str
    first_names: str
    birth_on: date | None
    capacity: str
    address: str
    phone: str
    home_service: str
    to_warn: str
    requested_on: date
    third_party: str

    def cells(self, names: Sequence[str]) -> list[str]:
        return [_said(getattr(self, name)) for name in names]


def record_of(enrolment: Enrolment) -> Record:
    """The entry with what the file says of the person; `person` and its `phones` were fetched."""
    person = enrolment.person
    place = " ".join(part for part in (person.postcode, person.city) if part)
    return Record(
        last_name=" ".join(
            part for part in (person.last_name, f"({person.birth_name})" if person.birth_name else "") if part
        ),
        first_names=person.first_name,
        birth_on=person.birth_on,
        capacity=str(enrolment.get_capacity_display()),
        address=", ".join(part for part in (person.street, place) if part),
        phone=", ".join(phones.pretty(number.e164) for number in person.phones.all()),
        home_service=_with_phone(enrolment.home_service_name, enrolment.home_service_phone),
        to_warn=_with_phone(enrolment.to_warn_name, enrolment.to_warn_phone),
        requested_on=enrolment.requested_on,
        third_party=", ".join(
            part for part in (enrolment.third_party_name, enrolment.third_party_capacity) if part
        ),
    )


def _with_phone(name: str, phone: str) -> str:
    return ", ".join(part for part in (name, phones.pretty(phone) if phone else "") if part)


def _said(value: object) -> str:
    return value.strftime("%d/%m/%Y") if isinstance(value, date) else str(value or "")
