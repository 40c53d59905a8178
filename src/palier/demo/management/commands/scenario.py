"""Replay a town's published year through the operations, and compare."""

import json
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from palier.demo import saint_quentin


class Command(BaseCommand):
    help = "Replay a published year in a new territory: the figures printed are those that the page shows."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", choices=["saint-quentin"])
        parser.add_argument(
            "--json", action="store_true", help="print figures and checks as JSON, and nothing else"
        )
        parser.add_argument(
            "--seed", type=int, default=2020, help="another seed, another year with the same sums"
        )
        parser.add_argument(
            "--code", default="", help="the new territory's code (default: saint-quentin-1, -2…)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()

        def say(line: str) -> None:
            if not options["json"]:
                self.stdout.write(f"  {line}  ({time.monotonic() - started:.0f} s)")

        try:
            outcome = saint_quentin.replay(code=options["code"], seed=options["seed"], say=say)
        except ValueError as error:
            raise CommandError(str(error)) from error
        seconds = round(time.monotonic() - started, 1)
        if options["json"]:
            self.stdout.write(json.dumps(as_json(outcome, seconds), ensure_ascii=False, indent=1))
        else:
            self._print(outcome, seconds)
        if not outcome.holds:
            raise SystemExit(1)

    def _print(self, outcome: saint_quentin.Outcome, seconds: float) -> None:
        write = self.stdout.write
        write(
            f"\nTerritory {outcome.territory.code}, {outcome.figures.start} to {outcome.figures.end}, in {seconds} s\n"
        )
        for table in outcome.figures.tables:
            write(table.title)
            for figure in (*([table.total] if table.total else ()), *table.figures):
                share = "" if figure.share is None else f"  {figure.share} %"
                write(f"  {'–' if figure.number is None else figure.number:>8}{share:>9}  {figure.label}")
        write("\nPublished, and found")
        for check in outcome.checks:
            write(
                f"  {'holds' if check.holds else 'OFF  '}  {check.name}: {check.published}, found {check.found}"
            )


def as_json(outcome: saint_quentin.Outcome, seconds: float) -> dict[str, Any]:
    """What `--json` prints."""
    return {
        "territory": outcome.territory.code,
        "seconds": seconds,
        "holds": outcome.holds,
        "without_owner": outcome.without_owner,
        "checks": [
            {"name": one.name, "published": one.published, "found": one.found, "holds": one.holds}
            for one in outcome.checks
        ],
        **outcome.figures.as_json(),
    }
