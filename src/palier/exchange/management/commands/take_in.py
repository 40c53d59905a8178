"""`palier take-in FILE --code NEW`: a territory that comes from another Palier."""

import getpass
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from palier.exchange.management.commands.export_territory import password_of
from palier.exchange.territory.taking_in import NotTaken, take_in


class Command(BaseCommand):
    help = "Make a territory of an archive that `palier export-territory` wrote: all of it, or nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--code", required=True, help="code of the territory here")
        parser.add_argument(
            "--password-file", type=Path, help="its first line opens the archive (asked for when left out)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        password = password_of(options["password_file"])
        if not password and sys.stdin.isatty():
            password = getpass.getpass("Password of the archive: ")
        if not password:
            raise CommandError(
                "--password-file: the archive opens with its password only; nothing was written"
            )
        try:
            territory = take_in(options["file"], code=options["code"], password=password, say=self._say)
        except NotTaken as refusal:
            raise CommandError(f"{refusal}; nothing was written") from refusal
        self.stdout.write(
            f"{territory.name} is there as {territory.code!r}. Its people sign in with their address after « Mot de passe oublié »."
        )

    def _say(self, table: str, rows: int) -> None:
        if rows:
            self.stderr.write(f"  {table}: {rows}")
