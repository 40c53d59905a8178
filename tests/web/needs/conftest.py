"""A need of Odette's, neighbours around her, and who sits at the desk."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from palier.kernel import clock
from palier.needs.models import Need
from palier.needs.operations import open_need
from palier.territories import walls
from tests import factories
from tests.web.client import desk_client


def odettes_need(
    town: Any, actor: Any, *, kind: str = "shopping", days: int = 2, person: Any = None, **fields: Any
) -> Need:
    """Shopping on Saturday morning, for a new Odette unless a person is given."""
    day = clock.today() + timedelta(days=days)
    start = factories.local(day.year, day.month, day.day, 9)
    return open_need(
        person_id=(person or factories.person(town)).pk,
        kind=kind,
        starts_at=start,
        ends_at=start + timedelta(hours=3),
        actor=actor,
        **{"what": "un petit panier", **fields},
    )


@pytest.fixture
def need(belrive: Any, alba: Any) -> Need:
    return odettes_need(belrive, alba)


@pytest.fixture
def neighbours(belrive: Any) -> list[Any]:
    """Michel next door, Fatou five minutes away, Thierry who is too far."""
    return [
        factories.volunteer(belrive, "Michel", "Lefort", phone="+33639980101"),
        factories.volunteer(
            belrive, "Fatou", "Ndiaye", gender="woman", phone="+33639980102", x=620_250.0, y=6_749_900.0
        ),
        factories.volunteer(belrive, "Thierry", "Blanc", phone="+33639980103", x=621_200.0, y=6_750_000.0),
    ]


@pytest.fixture
def desk(alba: Any) -> Any:
    """Alba's browser: she coordinates."""
    return desk_client(alba)


@pytest.fixture
def agents_desk(bruno: Any) -> Any:
    return desk_client(bruno)


@pytest.fixture
def outsider(carla: Any) -> Iterator[Any]:
    """Carla's browser, in another territory."""
    with walls.inside(carla.territory_id):
        client = desk_client(carla)
    yield client
