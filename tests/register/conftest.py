"""A town with its register, Nadia and Julien who are named in it, Hélène who heads the service and is not."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest

from palier.kernel import clock
from palier.register import operations
from tests import factories
from tests.at_once import every_open_thing_has_a_name  # noqa: F401


@dataclass
class Desk:
    """The register and who works with it."""

    territory: Any
    register: Any
    nadia: Any
    julien: Any
    helene: Any

    def person(self, first_name="Odette", last_name="Marchand", **fields):
        return factories.person(self.territory, first_name, last_name, **fields)

    def enrol(self, person, *, actor=None, **fields):
        values = {
            "capacity": "senior",
            "channel": "phone",
            "requested_on": clock.today(),
        } | fields
        return operations.enrol(self.register.pk, person_id=person.pk, actor=actor or self.nadia, **values)

    def by_son(self, person, **fields):
        """A third party's request, in writing."""
        return self.enrol(
            person,
            **{
                "channel": "letter",
                "requester": "third_party",
                "requester_name": "Paul Marchand",
                "requester_capacity": "son fils",
            }
            | fields,
        )

    def in_days(self, days, hour=10):
        """A moment of a later day, as the town's clocks show it."""
        day = clock.today() + timedelta(days=days)
        return factories.local(day.year, day.month, day.day, hour)

    def alert(self, **fields):
        values = {
            "plan": "cold",
            "level": "orange",
            "authority": "prefect",
            "act": "Arrêté préfectoral n° 2026-207",
            "is_triggered": True,
        } | fields
        return operations.open_alert(actor=self.helene, **values)


@pytest.fixture
def desk(belrive):
    register = factories.register(belrive)
    return Desk(
        belrive,
        register,
        factories.designated(factories.member(belrive, "Nadia", "Benali"), register),
        factories.designated(factories.member(belrive, "Julien", "Roux"), register),
        factories.actor(factories.member(belrive, "Hélène", "Marty", "head")),
    )


BORN = date(1942, 3, 2)
