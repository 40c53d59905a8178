"""`palier import-people FILE --territory T`: a list of people from the command line, by the code of the screens."""

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import translation

from palier.accounts.actor import Actor
from palier.exchange import operations, wording
from palier.exchange.giving_back import file_of_errors
from palier.exchange.models import Import, Outcome
from palier.exchange.operations.applying import stopped, to_write
from palier.exchange.reading.files import MOST_BYTES
from palier.kernel.errors import Refusal
from palier.register.models import Register
from palier.territories import walls
from palier.territories.models import Territory

SOME_REFUSED = 3
SHOWN = 20


class Command(BaseCommand):
    help = (
        "Import a list of people (.xlsx, .xls, .ods, .csv). Exit status: 0 all lines taken, 3 taken and some lines are to be "
        "corrected, 1 nothing was written, 2 wrong arguments."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--territory", required=True, help="code of the territory")
        parser.add_argument(
            "--sheet", type=int, help="number of the sheet, the first is 0 (the fullest when left out)"
        )
        parser.add_argument(
            "--column",
            action="append",
            default=[],
            metavar="NAME=FIELD",
            help="say what a column is, where the guess is wrong; an empty FIELD leaves it out (repeatable)",
        )
        parser.add_argument("--city", default="", help="commune of the lines that name none")
        parser.add_argument("--postcode", default="", help="its postcode")
        parser.add_argument(
            "--lenient",
            action="store_true",
            help="leave an unreadable cell empty instead of refusing its line",
        )
        parser.add_argument(
            "--maybe",
            choices=("skip", "complete", "create"),
            default="skip",
            help="what becomes of probable duplicates (skip when left out)",
        )
        parser.add_argument(
            "--register", default="", metavar="CODE", help="enrol them in this register as well"
        )
        parser.add_argument(
            "--register-only",
            action="store_true",
            help="with --register: their files are seen by those named in it only",
        )
        parser.add_argument(
            "--requested-on",
            type=date.fromisoformat,
            metavar="DAY",
            help="with --register: the day (2026-11-03) of the requests whose line names none",
        )
        parser.add_argument(
            "--acknowledged",
            action="store_true",
            help="with --register: their letters went out before, none is owed",
        )
        parser.add_argument("--errors", type=Path, help="write the lines to be corrected to this file")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and write nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of sentences")

    def handle(self, *args: Any, **options: Any) -> None:
        territory = Territory.objects.filter(code=options["territory"]).first()
        if territory is None:
            raise CommandError(f"no territory has the code {options['territory']!r}; nothing was written")
        path: Path = options["file"]
        try:
            if path.stat().st_size > MOST_BYTES:
                raise CommandError(f"{path} is larger than {MOST_BYTES // 1_000_000} MB; nothing was written")
            content = path.read_bytes()
        except OSError as error:
            raise CommandError(f"{path} cannot be read ({error.strerror}); nothing was written") from error
        actor = Actor.job("palier import-people", territory.pk)
        with translation.override("fr"):
            try:
                told = self._run(content, path.name, territory.pk, actor, options)
            except Refusal as refusal:
                if options["json"]:
                    self.stdout.write(
                        json.dumps(
                            {"file": path.name, "written": False, "refused": str(refusal)}, ensure_ascii=False
                        )
                    )
                    sys.exit(1)
                raise CommandError(f"{refusal}\nNothing was written.") from refusal
        if options["json"]:
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=1))
        else:
            self._say(told)
        if told["counts"].get("error"):
            sys.exit(SOME_REFUSED)

    def _run(
        self, content: bytes, name: str, territory_id: int, actor: Actor, options: dict[str, Any]
    ) -> dict[str, Any]:
        dry = options["dry_run"]
        with walls.inside(territory_id):
            made = operations.bring(content, name=name, sheet=options["sheet"], actor=actor)
            fields = self._fields(made, options["column"])
            operations.say_columns(
                made.pk,
                fields=fields,
                choices=self._choices(territory_id, options),
                actor=actor,
            )
            operations.ask_check(made.pk, actor=actor)
            made = operations.check(made.pk, actor=actor)
            if options["maybe"] != "skip":
                operations.decide_all(made.pk, decision=options["maybe"], actor=actor)
            told = report(made, dry)
            if options["errors"] and made.count(Outcome.ERROR):
                options["errors"].write_bytes(file_of_errors(made)[0])
            if dry:
                transaction.set_rollback(True)
                return told
            has_work = made.lines.filter(to_write(made)).exists()
            if has_work:
                operations.ask_apply(made.pk, actor=actor)
        if has_work:
            try:
                with walls.inside(territory_id):
                    made = operations.apply(made.pk, actor=actor)
            except BaseException:
                # The state of « under way » was committed; nothing else was.
                with walls.inside(territory_id):
                    stopped(made.pk, back_to=Import.State.READY, actor=actor)
                raise
        told["written"] = has_work
        told["counts"] = made.counts
        told["back_until"] = made.back_until.isoformat() if made.back_until else None
        return told

    def _choices(self, territory_id: int, options: dict[str, Any]) -> dict[str, Any]:
        names = ("city", "postcode", "lenient", "requested_on", "acknowledged", "register_only")
        choices = {key: options[key] for key in names}
        if options["register"]:
            register = Register.objects.filter(territory_id=territory_id, code=options["register"]).first()
            if register is None:
                raise CommandError(f"no register has the code {options['register']!r}; nothing was written")
            choices["register"] = register.pk
        return choices

    def _fields(self, made: Import, said: list[str]) -> list[str]:
        fields = [column["field"] for column in made.columns]
        names = [column["name"] for column in made.columns]
        for one in said:
            name, equals, field = one.rpartition("=")
            if not equals or name not in names:
                raise CommandError(
                    f"--column {one}: the file has no such column (it has: {', '.join(names)}); nothing was written"
                )
            fields[names.index(name)] = field
        return fields

    def _say(self, told: dict[str, Any]) -> None:
        self.stdout.write(f"{told['file']}: {told['kind']}, {len(told['columns'])} columns")
        for column in told["columns"]:
            self.stdout.write(f"  {column['name'][:40]:<42}{column['label']}")
        self.stdout.write("")
        for outcome, label in Outcome.choices:
            if count := told["counts"].get(outcome):
                self.stdout.write(f"{count:>8}  {label}")
        for line in told["errors"][:SHOWN]:
            self.stdout.write(f"  ligne {line['line']}: {' '.join(line['reasons'])}")
        if told["dry_run"]:
            self.stdout.write("Dry run: nothing was written.")
        elif not told["written"]:
            self.stdout.write("Nothing to write.")
        else:
            self.stdout.write(
                f"{told['counts']['created']} files opened, {told['counts']['completed']} completed;"
                f" import {told['import']} can be taken back from the screens until {told['back_until'][:10]}."
            )


def report(made: Import, dry: bool) -> dict[str, Any]:
    """What `--json` prints; documented in docs/operate/exchange.md."""
    errors: dict[int, list[str]] = {}
    for line in made.lines.filter(outcome=Outcome.ERROR).order_by("number", "place")[:1000]:
        errors.setdefault(line.number, []).extend(wording.reason(problem) for problem in line.problems)
    return {
        "import": None if dry else made.pk,
        "file": made.name,
        "sha256": made.sha256,
        "kind": made.kind,
        "encoding": made.reading["encoding"],
        "separator": made.reading["separator"],
        "dry_run": dry,
        "written": False,
        "columns": [
            {"name": column["name"], "field": column["field"], "label": wording.field_label(column["field"])}
            for column in made.columns
        ],
        "counts": made.counts,
        "errors": [{"line": number, "reasons": reasons} for number, reasons in errors.items()],
        "back_until": None,
    }
