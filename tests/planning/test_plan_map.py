import math
import re
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palier.kernel.places import metres_for
from palier.planning.plan_map import (
    DOT_RADIUS,
    HEIGHT,
    PIN_RADIUS,
    WIDTH,
    Line,
    MapModel,
    Place,
    draw,
)

HOME = (652_000.0, 6_752_000.0)


def place(number: int, east: float, north: float) -> Place:
    return Place(number, HOME[0] + east, HOME[1] + north)


def test_the_home_is_in_the_middle_and_rings_stand_for_five_and_ten_minutes() -> None:
    model = draw(HOME, [])
    assert model.home == (180, 150)
    assert [(ring.minutes, ring.radius) for ring in model.rings] == [(5, 61.0), (10, 122.0)]
    assert all(0 < ring.label_y < ring.y for ring in model.rings)


def test_a_pin_on_the_ten_minute_ring_lives_ten_minutes_away() -> None:
    (pin,) = draw(HOME, [place(7, metres_for(10) // 100 * 100, 0)]).pins
    assert (pin.number, pin.id, pin.direction, pin.angle, pin.beyond) == (1, 7, "e", 90, False)
    assert pin.minutes == 10
    assert pin.y == 150
    assert pin.x == pytest.approx(180 + 500 * 122 / metres_for(10), abs=0.1)


@pytest.mark.parametrize(
    ("east", "north", "direction", "angle"),
    [
        (0, 300, "n", 0),
        (300, 300, "ne", 45),
        (300, 0, "e", 90),
        (300, -300, "se", 135),
        (0, -300, "s", 180),
        (-300, -300, "sw", 225),
        (-300, 0, "w", 270),
        (-300, 300, "nw", 315),
        (0, 0, "here", 0),
    ],
)
def test_north_is_up_and_directions_are_named(east: int, north: int, direction: str, angle: int) -> None:
    (pin,) = draw(HOME, [place(1, east, north)]).pins
    assert (pin.direction, pin.angle) == (direction, angle)
    if direction == "n":
        assert pin.y < 150


def test_positions_are_rounded_before_drawing_so_that_two_homes_of_a_square_draw_alike() -> None:
    one = draw(
        HOME, [place(1, 310, 120)], [place(2, -240, 90)], lines=[Line(((HOME), (HOME[0] + 300, HOME[1])))]
    )
    two = draw(
        (HOME[0] + 49, HOME[1] - 49),
        [place(1, 349, 80)],
        [place(2, -151, 129)],
        lines=[Line(((HOME), (HOME[0] + 300, HOME[1])))],
    )
    assert one == two


def test_a_neighbour_far_away_stands_at_the_edge_on_the_line_to_where_he_lives() -> None:
    (pin,) = draw(HOME, [place(1, -3_000, -1_000)]).pins
    assert pin.beyond
    assert pin.direction == "w"
    assert pin.x == pytest.approx(PIN_RADIUS + 4, abs=0.1)
    assert (pin.y - 150) / (180 - pin.x) == pytest.approx(1 / 3, abs=0.01)


def test_neighbours_of_the_same_building_do_not_cover_each_other_or_the_home() -> None:
    model = draw(HOME, [place(i, 10 * i, 0) for i in range(6)])
    assert len(model.pins) == 6
    _assert_readable(model)


def test_who_has_no_address_is_named_in_the_summary_and_not_drawn() -> None:
    model = draw(HOME, [place(1, 300, 0), Place(2, None, None), place(3, 0, 300)], [Place(4, None, 5.0)])
    assert [pin.number for pin in model.pins] == [1, 3]
    assert model.summary.unplaced == (2,)
    assert [(s.number, s.minutes, s.direction) for s in model.summary.seen] == [
        (1, 6, "e"),
        (2, None, "here"),
        (3, 6, "n"),
    ]
    assert model.summary.others == 0


def test_minutes_already_counted_are_those_told() -> None:
    (pin,) = draw(HOME, [Place(1, HOME[0] + 320, HOME[1], minutes=9)]).pins
    assert pin.minutes == 9


def test_others_are_dots_one_for_each_square_and_counted() -> None:
    model = draw(HOME, [], [place(1, 300, 0), place(2, 310, 10), place(3, -300, 0), place(4, 9_000, 0)])
    assert len(model.dots) == 2
    assert (model.summary.others, model.summary.others_beyond) == (3, 1)


def test_streets_are_drawn_when_they_cross_the_frame() -> None:
    model = draw(
        HOME,
        [],
        lines=[
            Line(((HOME[0] - 200, HOME[1]), (HOME[0] + 200, HOME[1]))),
            Line(((HOME[0] + 5_000, HOME[1]), (HOME[0] + 5_100, HOME[1])), "minor"),
            Line((HOME,), "river"),
        ],
    )
    assert [path.kind for path in model.lines] == ["street"]
    assert re.fullmatch(r"M\d+\.\d 150\.0 L\d+\.\d 150\.0", model.lines[0].d)


_PLACES = st.lists(
    st.builds(place, st.integers(1, 999), st.floats(-4_000, 4_000), st.floats(-4_000, 4_000)), max_size=12
)


def _assert_readable(model: MapModel) -> None:
    for pin in model.pins:
        assert PIN_RADIUS <= pin.x <= WIDTH - PIN_RADIUS
        assert PIN_RADIUS <= pin.y <= HEIGHT - PIN_RADIUS
        assert math.hypot(pin.x - model.home[0], pin.y - model.home[1]) > PIN_RADIUS + 16
    for one, two in combinations(model.pins, 2):
        assert math.hypot(one.x - two.x, one.y - two.y) > 2 * PIN_RADIUS
    for pin in model.pins:
        for x, y in model.dots:
            assert math.hypot(pin.x - x, pin.y - y) > PIN_RADIUS + DOT_RADIUS


@given(_PLACES, _PLACES)
def test_whatever_comes_a_dozen_pins_can_be_read(ranked: list[Place], others: list[Place]) -> None:
    model = draw(HOME, ranked, others)
    assert [pin.number for pin in model.pins] == list(range(1, len(ranked) + 1))
    assert model.summary.others + model.summary.others_beyond == len(others)
    _assert_readable(model)
    assert draw(HOME, ranked, others) == model


def test_a_crowd_is_drawn_in_time_even_when_the_frame_is_full() -> None:
    crowd = [place(i, (i * 37) % 600 - 300, (i * 91) % 600 - 300) for i in range(200)]
    model = draw(HOME, crowd[:60], crowd)
    assert len(model.pins) == 60
    assert len(model.dots) <= 40
