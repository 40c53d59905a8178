"""`palier show_events`: each event with its sentence, its data, its reactions and its followers."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import translation

from palier.journal import listing

PAGE = Path("docs/architecture/events.md")


class Command(BaseCommand):
    help = "Print the journal's events; --write renews docs/architecture/events.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--write", action="store_true", help="write the page of the documentation")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("fr"):
            page = listing.page()
        if options["write"]:
            PAGE.write_text(page)
            self.stdout.write(f"written: {PAGE}")
        else:
            self.stdout.write(page, ending="")
