"""Endpoints of each kind, and their secrets."""

from typing import NamedTuple

import pytest

from palier.accounts.actor import Actor
from palier.api.models import Endpoint
from palier.api.operations import create_endpoint
from palier.territories.models import Organisation
from tests import factories


class Machine(NamedTuple):
    endpoint: Endpoint
    secret: str
    name: str


def machine(territory, kind: str, code: str, organisation=None) -> Machine:
    endpoint, secret = create_endpoint(
        kind=kind,
        code=code,
        organisation_id=(organisation or factories.lead(territory)).pk,
        actor=Actor.job("tests", territory.pk),
    )
    return Machine(endpoint, secret, f"{territory.code}.{code}")


@pytest.fixture
def standard(belrive) -> Machine:
    return machine(belrive, "telephony", "standard")


@pytest.fixture
def operator(belrive) -> Organisation:
    return Organisation.objects.create(
        territory=belrive, kind="telecare_operator", name="VigiLoire", short_name="VigiLoire"
    )


@pytest.fixture
def vigiloire(belrive, operator) -> Machine:
    return machine(belrive, "telecare", "vigiloire", operator)


@pytest.fixture
def gateway(belrive) -> Machine:
    return machine(belrive, "sms", "demo")


@pytest.fixture(autouse=True)
def _only_the_interface(settings) -> None:
    settings.ROOT_URLCONF = "tests.api.urls"
