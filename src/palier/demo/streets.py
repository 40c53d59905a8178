"""An invented town on the Loire: its streets as lines in Lambert-93 metres, and a house number's place on them."""

import math
from dataclasses import dataclass
from random import Random

from palier.kernel.places import Point
from palier.planning.plan_map import Line

CENTRE: Point = (620_000.0, 6_750_000.0)
# Odd numbers on one side of the street, even ones on the other.
_SIDE = 9.0
_PER_NUMBER = 7.5


@dataclass(frozen=True)
class Street:
    """A street; `first` is the lowest house number. Points in metres from the middle of the town."""

    name: str
    points: tuple[Point, ...]
    kind: str = "minor"
    first: int = 1

    @property
    def length(self) -> float:
        return sum(math.dist(a, b) for a, b in zip(self.points, self.points[1:], strict=False))

    @property
    def last(self) -> int:
        return self.first + int(self.length / _PER_NUMBER)

    def place(self, number: int, centre: Point = CENTRE) -> Point:
        """Where a house stands, in Lambert-93."""
        left = min(max((number - self.first) * _PER_NUMBER, 0.0), self.length)
        for a, b in zip(self.points, self.points[1:], strict=False):
            part = math.dist(a, b)
            if left <= part:
                along = left / part
                dx, dy = (b[0] - a[0]) / part, (b[1] - a[1]) / part
                side = _SIDE if number % 2 else -_SIDE
                return (
                    centre[0] + a[0] + (b[0] - a[0]) * along - dy * side,
                    centre[1] + a[1] + (b[1] - a[1]) * along + dx * side,
                )
            left -= part
        end = self.points[-1]
        return (centre[0] + end[0], centre[1] + end[1])


def _street(name: str, *points: Point, kind: str = "minor") -> Street:
    return Street(name, points, kind)


BELRIVE = (
    # The old town, round the market.
    _street("rue des Tilleuls", (-85, 10), (60, -5), (260, 5)),
    _street("place du Marché", (60, 150), (130, 160)),
    _street("rue Haute", (-420, 210), (-150, 190), (60, 165), (330, 230), kind="street"),
    _street("rue du Port", (210, -20), (235, -180), (255, -360)),
    _street("rue des Pêcheurs", (20, -40), (10, -200), (25, -380)),
    _street("rue de la Poterne", (-150, 190), (-130, 20), (-150, -170), (-160, -390)),
    _street("rue du Vieux-Pont", (60, 150), (70, -5), (90, -210), (105, -420), kind="street"),
    _street("rue des Tonneliers", (-150, -170), (10, -180), (235, -180)),
    _street("rue Saint-Fiacre", (130, 160), (260, 5), (400, -80)),
    _street("impasse du Lavoir", (-130, 20), (-210, 5)),
    _street("rue de l’Horloge", (60, 165), (70, 320)),
    _street("rue des Vignerons", (-300, 200), (-320, 40), (-340, -150)),
    # Along the river.
    _street("quai Neuf", (-900, -395), (-520, -410), (-160, -415), (105, -445), kind="street"),
    _street("quai des Mariniers", (105, -445), (420, -430), (850, -370), kind="street"),
    _street("levée de la Loire", (850, -370), (1_300, -280)),
    _street("rue de l’Écluse", (-520, -400), (-500, -220), (-470, -60)),
    _street("rue des Saules", (420, -420), (440, -260), (470, -110)),
    # Towards the station, in the north.
    _street("avenue de la Gare", (70, 320), (120, 560), (180, 900), kind="street"),
    _street("rue des Cheminots", (-280, 620), (120, 560), (430, 590)),
    _street("rue Anatole-Bastien", (-420, 210), (-380, 450), (-280, 620)),
    _street("rue du Moulin-à-Vent", (-280, 620), (-260, 900), (-210, 1_120)),
    _street("rue des Glycines", (120, 700), (330, 720), (560, 700)),
    _street("rue des Jardiniers", (330, 230), (360, 440), (430, 590)),
    _street("allée des Peupliers", (180, 900), (420, 930), (640, 900)),
    _street("rue du Clos-Fleuri", (-260, 900), (-20, 880), (180, 900)),
    _street("boulevard du Nord", (-700, 1_000), (-210, 1_120), (260, 1_130), (760, 1_010), kind="street"),
    # Bellevue, blocks of the sixties, in the east.
    _street("avenue de Bellevue", (330, 230), (640, 200), (1_000, 240), (1_350, 210), kind="street"),
    _street("allée des Hirondelles", (720, 210), (740, 360), (720, 520)),
    _street("allée des Mésanges", (860, 230), (880, 380), (860, 540)),
    _street("square du Val", (640, 80), (800, 60)),
    _street("rue du 8-Mai", (600, 210), (580, 420), (560, 700)),
    _street("rue des Écoles", (640, 200), (660, 20), (680, -180), (700, -380)),
    _street("rue Marcelle-Aubry", (1_000, 240), (1_020, 0), (1_040, -300)),
    # The west.
    _street("rue de Tours", (-420, 210), (-760, 190), (-1_250, 230), kind="street"),
    _street("rue des Acacias", (-620, 200), (-640, 20), (-650, -190)),
    _street("rue du Gué", (-780, 190), (-800, -60), (-820, -380)),
    _street("rue des Roses", (-640, 20), (-800, 10), (-960, 30)),
    _street("rue Basse", (-470, -60), (-640, -80), (-810, -90)),
    _street("chemin des Prés", (-960, 210), (-980, 30), (-1_000, -260)),
    _street("rue du Stade", (-600, 205), (-580, 430), (-640, 700), (-700, 1_000)),
    _street("rue des Bleuets", (-590, 430), (-760, 450), (-900, 430)),
    # Over the bridge.
    _street("pont de Belrive", (105, -445), (120, -680), kind="street"),
    _street("rue du Faubourg", (120, -680), (140, -900), (170, -1_200), kind="street"),
    _street("rue de la Grève", (-300, -760), (120, -720), (480, -750)),
    _street("rue des Maraîchers", (140, -900), (400, -920), (660, -890)),
)
RIVER = Line(
    tuple(
        (CENTRE[0] + x, CENTRE[1] + y)
        for x, y in (
            (-2_400, -640),
            (-1_300, -500),
            (-600, -530),
            (100, -570),
            (700, -510),
            (1_400, -390),
            (2_400, -300),
        )
    ),
    "river",
)
_NOT_LIVED_ON = ("pont de Belrive", "levée de la Loire")


def plan(centre: Point = CENTRE) -> list[tuple[str, str, tuple[Point, ...], int, int | None]]:
    """The whole town as `territories.streets.add_streets` takes it: name, kind, corners, first and last number."""
    streets: list[tuple[str, str, tuple[Point, ...], int, int | None]] = [
        (
            street.name,
            "street" if street.kind == "street" else "minor",
            tuple((centre[0] + x, centre[1] + y) for x, y in street.points),
            street.first,
            street.last,
        )
        for street in BELRIVE
    ]
    return [*streets, ("la Loire", "river", RIVER.points, 1, 1)]


class Addresses:
    """Addresses drawn by lot, more of them in longer streets. `spread`: the same plan for a town that is wider."""

    def __init__(self, random: Random, centre: Point = CENTRE, spread: float = 1.0) -> None:
        self.random, self.centre, self.spread = random, centre, spread
        self.streets = [street for street in BELRIVE if street.name not in _NOT_LIVED_ON]
        self.weights = [street.length for street in self.streets]

    def next(self) -> tuple[str, Point]:
        """« 12 rue des Tilleuls » and its place."""
        street = self.random.choices(self.streets, self.weights)[0]
        number = self.random.randint(street.first, street.last)
        x, y = street.place(number, self.centre)
        wide = (
            self.centre[0] + (x - self.centre[0]) * self.spread,
            self.centre[1] + (y - self.centre[1]) * self.spread,
        )
        return f"{number} {street.name}", wide

    def at(self, number: int, name: str) -> tuple[str, Point]:
        street = next(one for one in BELRIVE if one.name == name)
        return f"{number} {name}", street.place(number, self.centre)
