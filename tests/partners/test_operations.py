"""The list of what partners take over."""

import pytest

from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.partners.operations import add_service, set_open
from palier.partners.queries import services_for
from palier.territories.models import HelpKind, Organisation


@pytest.fixture
def association(belrive):
    return Organisation.objects.create(
        territory=belrive, kind="association", name="Les Petits Pas", short_name="LPP"
    )


def test_a_service_is_found_by_what_it_takes(association, alba):
    service = add_service(
        organisation_id=association.pk, name="Portage", nature="association", kinds=["shopping"],
        phone="02 61 91 00 55", email="portage@pas.example", actor=alba,
    )  # fmt: skip
    shopping, visit = HelpKind.objects.get(code="shopping"), HelpKind.objects.get(code="visit")
    assert services_for(shopping.pk) == [service]
    assert services_for(visit.pk) == []
    set_open(service.pk, is_open=False, status_note="plus de place avant janvier", actor=alba)
    assert services_for(shopping.pk) == []


def test_a_name_is_there_once(association, alba, bruno):
    one = {
        "organisation_id": association.pk,
        "name": "Portage",
        "nature": "association",
        "kinds": ["shopping"],
    }
    with pytest.raises(NotAllowed):
        add_service(**one, actor=bruno)
    add_service(**one, actor=alba)
    with pytest.raises(NotPossibleNow):
        add_service(**one, actor=alba)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"nature": "x"}, "nature"),
        ({"kinds": []}, "kinds"),
        ({"phone": "x"}, "phone"),
    ],
)
def test_what_cannot_be_kept_is_refused_beside_its_field(association, alba, fields, field):
    one = {
        "organisation_id": association.pk,
        "name": "Portage",
        "nature": "association",
        "kinds": ["shopping"],
    }
    with pytest.raises(BadInput) as refusal:
        add_service(**(one | fields), actor=alba)
    assert refusal.value.field == field


def test_SEC_01_an_organisation_of_another_territory_is_not_there(association, carla):
    with pytest.raises(BadInput):
        add_service(
            organisation_id=association.pk, name="P", nature="association", kinds=["shopping"], actor=carla
        )
