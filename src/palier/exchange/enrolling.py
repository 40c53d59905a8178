"""People of a list who go to a register: at what title, who asked, and what the register would refuse, said beforehand."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from palier.accounts.actor import Actor
from palier.exchange.models import Import
from palier.exchange.reading.records import Record
from palier.kernel import clock
from palier.kernel.errors import BadInput, NotAllowed
from palier.kernel.text import fold
from palier.people.models import Person
from palier.register import operations as registers
from palier.register.models import Enrolment, EnrolmentRequest, Register
from palier.register.operations import checking
from palier.territories.models import Territory

# What is said of a line on the column that can mend it.
FIELDS = {
    "birth_on": "birth_on",
    "capacity": "capacity",
    "requested_on": "requested_on",
    "requester_name": "requester",
    "requester_capacity": "requester_capacity",
    "person_id": "city",
    "home_service_name": "home_help_name",
    "to_warn_name": "contact_name",
}


@dataclass(frozen=True)
class Wanted:
    """The register that a file is for, and what holds for all of its lines."""

    register: Register
    territory: Territory
    # The day of the requests that have none in the file; whether their letter went out before Palier was there.
    requested_on: date
    acknowledged: bool
    only: bool

    @classmethod
    def of(cls, made: Import, *, actor: Actor) -> "Wanted | None":
        """Raises NotAllowed for somebody who is not named in the register (any more)."""
        if made.register_id is None:
            return None
        register = (
            Register.objects.enterable_by(actor).filter(pk=made.register_id, ended_at__isnull=True).first()
        )
        if register is None:
            raise NotAllowed
        territory = Territory.objects.get(pk=actor.territory_id)
        told = str(made.choices.get("requested_on") or "")
        return cls(
            register,
            territory,
            date.fromisoformat(told) if told else clock.today(territory.zone),
            bool(made.choices.get("acknowledged")),
            bool(made.choices.get("register_only")),
        )

    def request(self, record: Record) -> dict[str, Any]:
        """What `register.operations.enrol` takes. Raises BadInput for a title that is none of the register's."""
        on = date.fromisoformat(record.requested_on) if record.requested_on else self.requested_on
        told: dict[str, Any] = {
            "capacity": self._capacity(record, on),
            "channel": EnrolmentRequest.Channel.FORM,
            "requested_on": on,
        }
        if record.requester and fold(record.requester) not in (
            "elle meme",
            "lui meme",
            "la personne",
            "interesse",
            "interessee",
        ):
            told |= {
                "requester": EnrolmentRequest.Requester.THIRD_PARTY,
                "requester_name": record.requester,
                "requester_capacity": record.requester_capacity,
            }
        for contact in record.contacts:
            who = "home_service" if contact["relation"] == "home_help" else "to_warn"
            if (
                contact["relation"] in ("doctor", "nurse")
                or who not in self.register.fields
                or f"{who}_name" in told
            ):
                continue
            told |= {f"{who}_name": contact["name"], f"{who}_phone": contact.get("phone", "")}
        if self.acknowledged:
            told["acknowledged_on"] = on
        return told

    def _capacity(self, record: Record, on: date) -> str:
        said = fold(record.capacity)
        if not self.register.is_statutory:
            return Enrolment.Capacity.ANY
        if "handicap" in said or "invalid" in said or "aah" in said.split() or "pch" in said.split():
            return Enrolment.Capacity.DISABLED
        if "inapt" in said or "60" in said.split():
            return Enrolment.Capacity.UNFIT
        if not said or "65" in said or "age" in said or "senior" in said:
            # Nothing is asked of who has the age (REG-03).
            return Enrolment.Capacity.SENIOR
        raise BadInput("capacity", said, "choice")

    def problem(self, record: Record) -> list[str] | None:
        """What the register would refuse: [field, code, value]; asked of the same checks, before anything is written."""
        try:
            told = self.request(record)
            born = date.fromisoformat(record.birth_on) if record.birth_on else None
            checking.request_day(told["requested_on"], self.territory)
            checking.capacity_of(self.register, told["capacity"], born, told["requested_on"])
            checking.requester_of(
                told.get("requester", EnrolmentRequest.Requester.SELF),
                told.get("requester_name", ""),
                told.get("requester_capacity", ""),
                told["channel"],
                "",
            )
            somebody = Person(territory_id=self.territory.pk, insee=record.insee, postcode=record.postcode)
            checking.refuse_elsewhere(somebody)
        except BadInput as refusal:
            return [FIELDS.get(refusal.field, refusal.field), "refused", str(refusal)[:200]]
        return None

    def enrol(self, person_id: int, record: Record, *, actor: Actor) -> tuple[int | None, str]:
        """(the entry, why there is none): who is there already stays as she is."""
        try:
            with transaction.atomic():
                made = registers.enrol(
                    self.register.pk, person_id=person_id, actor=actor, **self.request(record)
                )
        except BadInput as refusal:
            return None, str(refusal)
        return made.pk, ""
