"""The « plan des pas »: where neighbours live around a home, as numbers a template can draw without tiles.

Metres (Lambert-93) in, a drawing of 360 × 300 out. Every position is rounded to 100 m before anything else is
computed from it, the home's too, so that the picture cannot give away an address. Pure data: no SVG here.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from palier.kernel.places import Point, distance, metres_for, minutes_for, round_100

WIDTH, HEIGHT = 360, 300
HOME = (WIDTH / 2, HEIGHT / 2)
RINGS = (5, 10)
# Ten minutes on foot reach nearly to the upper edge, with room for the label.
SCALE = 122 / metres_for(10)
"""Drawing units for one metre."""

PIN_RADIUS = 13.0
DOT_RADIUS = 6.0
_HOME_RADIUS = 18.0
_GAP = 2.0
_MARGIN = PIN_RADIUS + 4
_MOST_DOTS = 40

Direction = Literal["here", "n", "ne", "e", "se", "s", "sw", "w", "nw"]
_COMPASS: tuple[Direction, ...] = ("e", "ne", "n", "nw", "w", "sw", "s", "se")


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody lives, in metres; None when not known. `minutes` on foot when already counted."""

    id: int
    x: float | None
    y: float | None
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A street, a small street or a river: a polyline in metres."""

    points: tuple[Point, ...]
    kind: Literal["street", "minor", "river"] = "street"


@dataclass(frozen=True, slots=True)
class Ring:
    """A circle of equal time around the home; its label stands on its upper edge."""

    minutes: int
    x: float
    y: float
    radius: float
    label_y: float


@dataclass(frozen=True, slots=True)
class Pin:
    """A numbered neighbour. `beyond`: lives outside the frame, drawn at its edge; `angle` then points there.

    `angle` in degrees clockwise from the north. `minutes` on foot.
    """

    number: int
    id: int
    x: float
    y: float
    minutes: int
    direction: Direction
    angle: int
    beyond: bool


@dataclass(frozen=True, slots=True)
class Path:
    """A line to draw: `d` is the attribute of an SVG path."""

    kind: str
    d: str


@dataclass(frozen=True, slots=True)
class Seen:
    """One sentence of the description: number, minutes on foot, direction. Nothing known: None and "here"."""

    number: int
    id: int
    minutes: int | None
    direction: Direction


@dataclass(frozen=True, slots=True)
class Summary:
    """What the drawing says, for those who do not see it. `unplaced`: numbers without a pin.

    `others` are within the frame (not all of them need a dot of their own), `others_beyond` outside it.
    """

    seen: tuple[Seen, ...]
    unplaced: tuple[int, ...]
    others: int
    others_beyond: int


@dataclass(frozen=True, slots=True)
class MapModel:
    """All a template needs, in the order in which it is drawn: lines, rings, dots, home, pins."""

    width: int
    height: int
    home: Point
    rings: tuple[Ring, ...]
    lines: tuple[Path, ...]
    dots: tuple[Point, ...]
    pins: tuple[Pin, ...]
    summary: Summary


def draw(
    home: Point,
    ranked: Sequence[Place],
    others: Sequence[Place] = (),
    *,
    rings: Sequence[int] = RINGS,
    lines: Sequence[Line] = (),
) -> MapModel:
    """Place the `ranked` neighbours as pins numbered from 1, the `others` as dots, around `home`.

    Pins that would cover each other or the home are moved to the nearest free place; those outside the frame
    stand at its edge on the line to where they live. The same input gives the same drawing.
    """
    centre = round_100(*home)
    pins: list[Pin] = []
    seen: list[Seen] = []
    unplaced: list[int] = []
    taken: list[tuple[float, float, float]] = [(*HOME, _HOME_RADIUS)]
    for number, place in enumerate(ranked, start=1):
        if place.x is None or place.y is None:
            unplaced.append(number)
            seen.append(Seen(number, place.id, place.minutes, "here"))
            continue
        there = round_100(place.x, place.y)
        direction, angle = _bearing(centre, there)
        minutes = place.minutes if place.minutes is not None else minutes_for(distance(centre, there))
        target, beyond = _clamped(_to_frame(centre, there))
        x, y = _nearest_free(target, PIN_RADIUS, taken)
        taken.append((x, y, PIN_RADIUS))
        pins.append(Pin(number, place.id, x, y, minutes, direction, angle, beyond))
        seen.append(Seen(number, place.id, minutes, direction))
    dots, within, beyond_frame = _dots(centre, others, taken)
    return MapModel(
        width=WIDTH,
        height=HEIGHT,
        home=HOME,
        rings=tuple(_ring(minutes) for minutes in rings),
        lines=tuple(path for line in lines if (path := _path(centre, line)) is not None),
        dots=dots,
        pins=tuple(pins),
        summary=Summary(tuple(seen), tuple(unplaced), within, beyond_frame),
    )


def _to_frame(centre: Point, there: Point) -> Point:
    return (HOME[0] + (there[0] - centre[0]) * SCALE, HOME[1] - (there[1] - centre[1]) * SCALE)


def _ring(minutes: int) -> Ring:
    radius = round(metres_for(minutes) * SCALE, 1)
    return Ring(minutes, *HOME, radius, round(HOME[1] - radius - 4, 1))


def _bearing(centre: Point, there: Point) -> tuple[Direction, int]:
    east, north = there[0] - centre[0], there[1] - centre[1]
    if not east and not north:
        return "here", 0
    turn = math.degrees(math.atan2(north, east))
    return _COMPASS[round(turn / 45) % 8], round(90 - turn) % 360


def _inside(x: float, y: float) -> bool:
    return _MARGIN <= x <= WIDTH - _MARGIN and _MARGIN <= y <= HEIGHT - _MARGIN


def _clamped(target: Point) -> tuple[Point, bool]:
    """The place itself, or where the line from the home to it leaves the frame."""
    if _inside(*target):
        return target, False
    east, south = target[0] - HOME[0], target[1] - HOME[1]
    share = min(
        (HOME[0] - _MARGIN) / abs(east) if east else math.inf,
        (HOME[1] - _MARGIN) / abs(south) if south else math.inf,
    )
    return (HOME[0] + east * share, HOME[1] + south * share), True


def _nearest_free(target: Point, radius: float, taken: Sequence[tuple[float, float, float]]) -> Point:
    """The free place nearest to the target; in a full frame the target itself: covered beats missing."""
    for x, y in _around(target):
        x, y = round(x, 1), round(y, 1)
        if _inside(x, y) and all(math.hypot(x - a, y - b) >= radius + r + _GAP for a, b, r in taken):
            return (x, y)
    return (round(target[0], 1), round(target[1], 1))


def _around(target: Point) -> Iterator[Point]:
    """The target, then circles around it, always in the same order."""
    yield target
    for step in range(1, 70):
        away = 3.0 * step
        turns = 8 + 4 * step
        for turn in range(turns):
            # Starting to the right: a moved pin beside the home reads better than one under it.
            angle = math.tau * turn / turns
            yield (target[0] + away * math.cos(angle), target[1] + away * math.sin(angle))


def _dots(
    centre: Point, others: Sequence[Place], taken: Sequence[tuple[float, float, float]]
) -> tuple[tuple[Point, ...], int, int]:
    """One dot for each 100 m square where others live, the nearest first; how many live within and beyond."""
    within = beyond = 0
    squares: set[Point] = set()
    for place in others:
        if place.x is None or place.y is None:
            continue
        there = round_100(place.x, place.y)
        if _inside(*_to_frame(centre, there)):
            within += 1
            squares.add(there)
        else:
            beyond += 1
    nearest = sorted(squares, key=lambda there: (distance(centre, there), there))[:_MOST_DOTS]
    full = list(taken)
    dots = []
    for there in nearest:
        x, y = _nearest_free(_to_frame(centre, there), DOT_RADIUS, full)
        full.append((x, y, DOT_RADIUS))
        dots.append((x, y))
    return tuple(dots), within, beyond


def _path(centre: Point, line: Line) -> Path | None:
    """The line as an SVG path, or None when it stays outside the frame."""
    points = [_to_frame(centre, point) for point in line.points]
    if len(points) < 2:
        return None
    xs, ys = [x for x, _y in points], [y for _x, y in points]
    if max(xs) < 0 or min(xs) > WIDTH or max(ys) < 0 or min(ys) > HEIGHT:
        return None
    return Path(line.kind, "M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in points))
