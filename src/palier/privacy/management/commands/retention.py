"""`palier retention`: apply the retention rules now, or say with --dry-run what that would do."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from palier.kernel import clock
from palier.privacy import operations


class Command(BaseCommand):
    help = "Apply the retention rules that each night's job applies."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count, change nothing")
        parser.add_argument("--json", action="store_true", help="for machines")

    def handle(self, *args: Any, **options: Any) -> None:
        report = operations.apply(at=clock.now(), dry_run=options["dry_run"])
        if options["json"]:
            rows = [
                {"territory": line.territory, "model": line.model, "how": line.rule.how, "rows": line.rows}
                for line in report.lines
            ]
            self.stdout.write(
                json.dumps({"dry_run": report.is_dry, "rows": report.rows, "lines": rows}, indent=1)
            )
        else:
            for line in report.lines:
                kept = line.rule.keep.days if line.rule.keep is not None else 0
                self.stdout.write(
                    f"{line.territory or '-':<20} {line.model:<28} {line.rule.how:<7} "
                    f"{kept:>5} days {line.rows:>8} rows   {line.rule.basis}"
                )
            verb = "would change" if report.is_dry else "changed"
            self.stdout.write(f"{verb}: {report.rows} rows")
        if report.failed:
            raise CommandError(f"failed: {', '.join(report.failed)}")
