"""Three standing people: Alba coordinates at our CCAS, Bruno takes calls there, Carla works in another territory."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from palier.kernel import clock

MOMENT = (2026, 11, 12, 10, 20)


@dataclass
class Town:
    """A territory and who works there, as actors."""

    territory: object
    alba: object
    bruno: object


@pytest.fixture
def now() -> Iterator[object]:
    """Thursday 12 November 2026, 10:20 in Paris: the day of the design's screens."""
    from tests.factories import local

    moment = local(*MOMENT)
    with clock.at(moment):
        yield moment


@pytest.fixture
def belrive(db: None, now: object) -> Iterator[object]:
    """Our town, its wall entered for the whole test."""
    from palier.territories import walls
    from tests import factories

    town = factories.territory()
    with walls.inside(town.pk):
        yield town


@pytest.fixture
def alba(belrive: object) -> object:
    from tests import factories

    return factories.actor(factories.member(belrive, "Alba", "Moreau", "coordinator"))  # type: ignore[arg-type]


@pytest.fixture
def bruno(belrive: object) -> object:
    from tests import factories

    return factories.actor(factories.member(belrive, "Bruno", "Petit", "agent"))  # type: ignore[arg-type]


@pytest.fixture
def carla(belrive: object) -> object:
    """Coordinates in Valmont, another territory; the wall is put back to Belrive's."""
    from palier.territories import walls
    from tests import factories

    valmont = factories.territory("valmont", "Valmont")
    actor = factories.actor(factories.member(valmont, "Carla", "Nunes", "coordinator"))
    walls.enter(belrive.pk)  # type: ignore[attr-defined]
    return actor
