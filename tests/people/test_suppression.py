"""Who was erased or objected is recognised again, and cannot be read back."""

from datetime import date

import pytest
from django.test import override_settings

from palier.people.suppression import Suppression, Traits, asked_before, suppress, suppressed
from palier.territories import walls

YVONNE = Traits("Yvonne", "Le Goff", date(1941, 5, 2), "3, rue de l’Église", "45990")


def noted(bruno, traits=YVONNE, **more):
    return suppress(traits, scope="file", reason="erasure", actor=bruno, **more)


@pytest.mark.parametrize(
    "again",
    [
        YVONNE,
        Traits("YVONNE", "LE GOFF", date(1941, 5, 2), "3 RUE DE L'EGLISE", "45990"),
        Traits("Le Goff", "Yvonne", date(1941, 5, 2)),
        Traits("Yvonne", "Le Goff", None, "3 rue de l'église", "45990"),
        Traits("Yvonne", "Le Goff", date(1941, 5, 2), "8 rue Haute", "45990"),
    ],
)
def test_REG_09_somebody_is_recognised_by_her_name_with_birth_date_or_address(belrive, bruno, again):
    entry = noted(bruno)
    assert suppressed(belrive.pk, again) == [entry]


@pytest.mark.parametrize(
    "other",
    [
        Traits("Yvonne", "Le Goff"),
        Traits("Yvonne", "Le Goff", date(1941, 5, 3), "8 rue Haute", "45990"),
        Traits("Yves", "Le Goff", date(1941, 5, 2), "3, rue de l’Église", "45990"),
    ],
)
def test_a_namesake_is_somebody_else(belrive, bruno, other):
    noted(bruno)
    assert suppressed(belrive.pk, other) == []


def test_nothing_of_her_can_be_read_in_the_row(belrive, bruno):
    entry = noted(bruno, third_party="Paul Martin")
    written = " ".join(
        str(value) for value in Suppression.objects.filter(pk=entry.pk).values().get().values()
    )
    for word in ("goff", "yvonne", "1941", "eglise", "glise", "45990", "martin"):
        assert word not in written.casefold()


def test_another_territory_hashes_otherwise_and_sees_nothing(belrive, bruno, carla):
    entry = noted(bruno)
    assert YVONNE.keys(carla.territory_id) != YVONNE.keys(belrive.pk)
    with walls.inside(carla.territory_id):
        assert not Suppression.objects.filter(pk=entry.pk).exists()


def test_an_entry_made_under_a_former_secret_is_still_found(belrive, bruno):
    with override_settings(SECRET_KEY="the former one"):
        entry = noted(bruno)
    assert suppressed(belrive.pk, YVONNE) == []
    with override_settings(SECRET_KEY_FALLBACKS=["the former one"]):
        assert suppressed(belrive.pk, YVONNE) == [entry]


def test_REG_09_the_same_third_party_is_recognised(belrive, bruno):
    entry = noted(bruno, third_party="Paul MARTIN")
    assert asked_before(entry, "paul martin")
    assert not asked_before(entry, "Anne Martin")
    assert not asked_before(noted(bruno), "Paul Martin")
