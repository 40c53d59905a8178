import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palier.kernel.places import (
    distance,
    metres_for,
    minutes_for,
    round_100,
    walk_minutes,
    wgs84_to_lambert93,
)


def _snyder(lon: float, lat: float) -> tuple[float, float]:
    """Lambert conic conformal from its definition (two parallels, GRS80), after Snyder, USGS 1395, p. 107.

    Shares no constant with the code under test, which uses those published by IGN.
    """
    a, f = 6_378_137.0, 1 / 298.257222101
    e = math.sqrt(2 * f - f * f)
    p0, p1, p2, l0 = (math.radians(v) for v in (46.5, 44.0, 49.0, 3.0))

    def m(p: float) -> float:
        return math.cos(p) / math.sqrt(1 - (e * math.sin(p)) ** 2)

    def t(p: float) -> float:
        s = e * math.sin(p)
        return math.tan(math.pi / 4 - p / 2) / math.pow((1 - s) / (1 + s), e / 2)

    n = (math.log(m(p1)) - math.log(m(p2))) / (math.log(t(p1)) - math.log(t(p2)))
    scale = m(p1) / (n * t(p1) ** n)
    rho, rho0 = a * scale * t(math.radians(lat)) ** n, a * scale * t(p0) ** n
    theta = n * (math.radians(lon) - l0)
    return 700_000 + rho * math.sin(theta), 6_600_000 + rho0 - rho * math.cos(theta)


def test_the_origin_of_the_projection_is_where_ign_puts_it() -> None:
    assert wgs84_to_lambert93(3.0, 46.5) == pytest.approx((700_000, 6_600_000), abs=0.01)


@pytest.mark.parametrize(
    "place",
    [
        (2.3488, 48.8534),
        (-4.4861, 48.3904),
        (7.7521, 48.5734),
        (7.2620, 43.7102),
        (8.7369, 41.9267),
        (1.9039, 47.9029),
    ],
    ids=["Paris", "Brest", "Strasbourg", "Nice", "Ajaccio", "Orléans"],
)
def test_known_towns_fall_within_a_metre_of_an_independent_computation(place: tuple[float, float]) -> None:
    assert wgs84_to_lambert93(*place) == pytest.approx(_snyder(*place), abs=1.0)


@given(st.floats(-5.2, 9.6), st.floats(41.3, 51.1))
def test_everywhere_in_france_the_two_computations_agree_within_a_metre(lon: float, lat: float) -> None:
    assert distance(wgs84_to_lambert93(lon, lat), _snyder(lon, lat)) < 1.0


@pytest.mark.parametrize("place", [(55.45, -20.88), (-61.55, 16.24), (math.nan, 48.0), (48.85, 2.35)])
def test_a_place_outside_the_frame_is_refused(place: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="outside Lambert-93"):
        wgs84_to_lambert93(*place)


def test_the_same_building_is_one_minute_away() -> None:
    assert walk_minutes((652_000, 6_862_000), (652_000, 6_862_000)) == 1
    assert walk_minutes((652_000, 6_862_000), (652_030, 6_862_000)) == 1


def test_a_kilometre_of_streets_takes_a_quarter_of_an_hour() -> None:
    assert walk_minutes((0, 0), (1_000 / 1.3, 0)) == 15
    assert walk_minutes((0, 0), (0, 1_000)) == 20


@given(st.integers(1, 120))
def test_minutes_and_metres_answer_each_other(minutes: int) -> None:
    assert minutes_for(metres_for(minutes) - 0.01) == minutes
    assert minutes_for(metres_for(minutes) + 0.01) == minutes + 1


@given(st.floats(100_000, 1_300_000), st.floats(6_000_000, 7_200_000))
def test_a_rounded_home_is_on_the_grid_and_never_seventy_one_metres_off(x: float, y: float) -> None:
    rx, ry = round_100(x, y)
    assert rx % 100 == 0
    assert ry % 100 == 0
    assert distance((x, y), (rx, ry)) <= 50 * math.sqrt(2) + 0.001
    assert round_100(rx, ry) == (rx, ry)
