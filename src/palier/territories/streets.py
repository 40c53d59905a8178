"""The streets of a town: where a typed address is, and which lines a map of the quarter shows.

Without a geocoder (GEO-04): a house number is placed along its street by its share of the numbers. Good to some tens of
metres, and positions are shown to a hundred. Streets come from a GeoJSON file of the town (`palier import-streets`).
"""

import itertools
import math
import re
from collections.abc import Iterable, Sequence

from palier.kernel.places import Point
from palier.kernel.text import fold
from palier.planning.plan_map import Line
from palier.territories.models import Street

_ADDRESS = re.compile(r"^\s*(\d{1,5})\s*(?:bis|ter|quater)?[\s,]+(.*)$", re.IGNORECASE)
# As people write them, and as maps do.
_SHORT = {"av": "avenue", "ave": "avenue", "bd": "boulevard", "bld": "boulevard", "ch": "chemin", "pl": "place", "r": "rue",
          "imp": "impasse", "all": "allee", "st": "saint", "ste": "sainte"}  # fmt: skip
# One number every so many metres, where a street's last number is not known.
_PER_NUMBER = 7.5


def key_of(name: str) -> str:
    """The folded name with its abbreviations written out: « Bd. du Nord » is « boulevard du nord »."""
    words = fold(name.replace(".", " ")).split()
    return " ".join(_SHORT.get(word, word) for word in words)[:120]


def locate(territory_id: int, address: str) -> Point | None:
    """Where « 12 rue des Tilleuls » is, in Lambert-93 metres; the middle of the street without a number."""
    return locate_all(territory_id, [address])[0]


def locate_all(territory_id: int, addresses: Sequence[str]) -> list[Point | None]:
    """Where each address is, in one query for all of them."""
    read = [_read(address) for address in addresses]
    keys = {key for _number, key in read if key}
    streets: dict[str, Street] = {}
    if keys:
        found = Street.objects.filter(territory_id=territory_id, key__in=keys).exclude(kind=Street.Kind.RIVER)
        for street in found.order_by("-pk"):
            streets[street.key] = street
    return [_on(streets[key], number) if key in streets else None for number, key in read]


def _read(address: str) -> tuple[int | None, str]:
    """The house number and the key of the street."""
    found = _ADDRESS.match(address)
    number, name = (int(found[1]), found[2]) if found else (None, address)
    return number, key_of(name.split(",")[0])


def _on(street: Street, number: int | None) -> Point:
    if number is None:
        share = 0.5
    else:
        span = max(street.last_number - street.first_number, 1)
        share = min(max((number - street.first_number) / span, 0.0), 1.0)
    return _along([(x, y) for x, y in street.points], share)


def lines_around(territory_id: int, centre: Point, radius: float) -> list[Line]:
    """The lines that cross the square of `radius` metres around a point, rivers first so that bridges cross them."""
    x, y = centre
    near = Street.objects.filter(
        territory_id=territory_id,
        min_x__lte=x + radius,
        max_x__gte=x - radius,
        min_y__lte=y + radius,
        max_y__gte=y - radius,
    ).order_by("pk")
    kinds = {Street.Kind.RIVER: "river", Street.Kind.STREET: "street"}
    lines = [
        Line(tuple((px, py) for px, py in street.points), kinds.get(Street.Kind(street.kind), "minor"))  # type: ignore[arg-type]
        for street in near
    ]
    return sorted(lines, key=lambda line: line.kind != "river")


def add_streets(
    territory_id: int, streets: Iterable[tuple[str, str, Sequence[Point], int, int | None]]
) -> int:
    """Write (name, kind, points, first number, last number or None) down; a street of that name is replaced."""
    rows = []
    for name, kind, points, first, last in streets:
        corners = [[round(x, 1), round(y, 1)] for x, y in points]
        if len(corners) < 2:
            raise ValueError(f"{name or kind}: a line needs two points")
        length = sum(math.dist(a, b) for a, b in itertools.pairwise(corners))
        xs, ys = [p[0] for p in corners], [p[1] for p in corners]
        rows.append(
            Street(
                territory_id=territory_id,
                name=name[:120],
                key=key_of(name),
                kind=kind,
                points=corners,
                first_number=first,
                last_number=last if last is not None else first + int(length / _PER_NUMBER),
                min_x=min(xs),
                max_x=max(xs),
                min_y=min(ys),
                max_y=max(ys),
            )
        )
    Street.objects.filter(territory_id=territory_id, key__in=[row.key for row in rows if row.key]).delete()
    return len(Street.objects.bulk_create(rows, batch_size=500))


def _along(points: Sequence[Point], share: float) -> Point:
    """The point at this share of a line's length."""
    lengths = [math.dist(a, b) for a, b in itertools.pairwise(points)]
    left = sum(lengths) * share
    for (a, b), length in zip(itertools.pairwise(points), lengths, strict=True):
        if left <= length and length:
            return (a[0] + (b[0] - a[0]) * left / length, a[1] + (b[1] - a[1]) * left / length)
        left -= length
    return points[-1]
