"""Make the invented towns of the demo; made already, nothing changes."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from palier.demo import belrive


class Command(BaseCommand):
    help = "Make Belrive and Valmont, with six weeks behind them. Killed half-way, the next run begins anew."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError(
                "Invented people belong in a demo only: set PALIER_DEMO=1, or run ./script/demo."
            )
        try:
            belrive.build(lambda line: self.stdout.write(f"      {line}"))
        except RuntimeError as error:
            raise CommandError(str(error)) from error
