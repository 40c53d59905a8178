"""Places in metres (Lambert-93, RGF93) and minutes on foot.

Source of the projection: IGN, NTG 71 (algorithms ALG0001, ALG0003) and the parameters of Lambert-93.
"""

import math

# Streets are longer than the bird's way, and the neighbours who walk them are not young.
DETOUR = 1.3
METRES_PER_MINUTE = 4_000 / 60

_E = 0.081819191042816  # first eccentricity of the GRS80 ellipsoid
_N = 0.7256077650532670
_C = 11_754_255.426096
_X0 = 700_000.0
_YS = 12_655_612.049876
_CENTRAL = math.radians(3.0)

Point = tuple[float, float]


def distance(a: Point, b: Point) -> float:
    """Metres in a straight line."""
    return math.hypot(a[0] - b[0], a[1] - b[1])


def walk_minutes(a: Point, b: Point) -> int:
    """Whole minutes on foot, rounded up, at least 1: straight line × 1.3 at 4 km/h."""
    return minutes_for(distance(a, b))


def minutes_for(metres: float) -> int:
    """Whole minutes on foot for a straight line of so many metres, rounded up, at least 1."""
    return max(1, math.ceil(metres * DETOUR / METRES_PER_MINUTE))


def metres_for(minutes: float) -> float:
    """The straight line, in metres, that takes so many minutes on foot."""
    return minutes * METRES_PER_MINUTE / DETOUR


def round_100(x: float, y: float) -> Point:
    """The corner of the 100 m grid nearest to a place: all that a map may show of a home."""
    return (round(x / 100) * 100.0, round(y / 100) * 100.0)


def wgs84_to_lambert93(lon: float, lat: float) -> Point:
    """Metres from degrees. WGS 84 and RGF93 agree within a few centimetres, which is enough for a walk.

    Raises ValueError outside the frame of Lambert-93 (mainland France and Corsica, with a wide margin).
    """
    if not (-10 <= lon <= 15 and 38 <= lat <= 54):
        raise ValueError(f"outside Lambert-93: {lon}, {lat}")
    phi = math.radians(lat)
    sine = _E * math.sin(phi)
    isometric = math.log(math.tan(math.pi / 4 + phi / 2) * ((1 - sine) / (1 + sine)) ** (_E / 2))
    radius = _C * math.exp(-_N * isometric)
    angle = _N * (math.radians(lon) - _CENTRAL)
    return (_X0 + radius * math.sin(angle), _YS - radius * math.cos(angle))
