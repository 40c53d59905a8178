"""`palier import_streets FILE.geojson --territory CODE`: the town's streets, for maps and for placing addresses."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from palier.kernel.places import wgs84_to_lambert93
from palier.territories import walls
from palier.territories.models import Street, Territory
from palier.territories.streets import add_streets


class Command(BaseCommand):
    help = "Read LineStrings with a name (properties: name, kind = street|minor|river, first, last), in longitude and latitude."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--territory", required=True, help="code of the territory")

    def handle(self, *args: Any, **options: Any) -> None:
        territory = Territory.objects.filter(code=options["territory"]).first()
        if territory is None:
            raise CommandError(f"no territory has the code {options['territory']!r}")
        try:
            features = json.loads(options["file"].read_text(encoding="utf-8"))["features"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CommandError(f"{options['file']} is no GeoJSON that can be read: {error}") from error
        streets = []
        for number, feature in enumerate(features, 1):
            try:
                if feature["geometry"]["type"] != "LineString":
                    continue
                values = feature.get("properties") or {}
                kind = values.get("kind", Street.Kind.MINOR.value)
                if kind not in Street.Kind.values:
                    raise ValueError(f"kind {kind!r}")
                points = [wgs84_to_lambert93(lon, lat) for lon, lat, *_ in feature["geometry"]["coordinates"]]
                streets.append(
                    (
                        str(values.get("name") or ""),
                        kind,
                        points,
                        int(values.get("first") or 1),
                        values.get("last"),
                    )
                )
            except (KeyError, TypeError, ValueError) as error:
                raise CommandError(f"feature {number}: {error}; nothing was written") from error
        with walls.inside(territory.pk):
            try:
                count = add_streets(territory.pk, streets)
            except ValueError as error:
                raise CommandError(f"{error}; nothing was written") from error
        self.stdout.write(f"{count} lines")
