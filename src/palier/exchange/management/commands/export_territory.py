"""`palier export-territory CODE FILE`: everything of a territory, for another Palier or for keeping."""

import secrets
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from palier.accounts.actor import Actor
from palier.exchange.territory.packing import export_territory
from palier.territories.models import Territory

LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"


class Command(BaseCommand):
    help = "Write everything of a territory to a closed archive (7z, AES-256) that `palier take-in` reads."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="code of the territory")
        parser.add_argument("file", type=Path, help="archive to write; refused when it exists")
        parser.add_argument(
            "--password-file",
            type=Path,
            help="its first line closes the archive (made and printed when left out)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        territory = Territory.objects.filter(code=options["code"]).first()
        if territory is None:
            raise CommandError(f"no territory has the code {options['code']!r}")
        path: Path = options["file"]
        if path.exists():
            raise CommandError(f"{path} exists already; nothing was written")
        password = password_of(options["password_file"]) or "-".join(
            "".join(secrets.choice(LETTERS) for _ in range(5)) for _ in range(5)
        )
        actor = Actor.job("palier export-territory", territory.pk)
        try:
            manifest = export_territory(territory.pk, path, password=password, actor=actor, say=self._say)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        self.stdout.write(f"{path}: {manifest['rows']} rows, SHA-256 {manifest['archive_sha256']}")
        for table, left in manifest["stays"].items():
            if left["rows"]:
                self.stdout.write(f"  stays here: {left['rows']} of {table} ({left['why']})")
        if not options["password_file"]:
            self.stdout.write(f"It opens with this password, shown once: {password}")

    def _say(self, table: str, rows: int) -> None:
        if rows:
            self.stderr.write(f"  {table}: {rows}")


def password_of(file: Path | None) -> str:
    if file is None:
        return ""
    try:
        word = file.read_text().splitlines()[0].strip()
    except (OSError, IndexError, UnicodeDecodeError) as error:
        raise CommandError(f"{file}: its first line must be the password") from error
    if len(word) < 12:
        raise CommandError(f"{file}: a password of twelve signs at least")
    return word
