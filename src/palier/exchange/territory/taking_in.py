"""Reading a territory in, under a new code: every number made anew, everything in one transaction, or nothing."""

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pgtrigger
import py7zr
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import connection, models, transaction

from palier.accounts.actor import Actor
from palier.accounts.models import User
from palier.exchange import events
from palier.exchange.territory import packing, tables
from palier.journal.operations import record
from palier.kernel import sealing
from palier.kernel.errors import BadInput
from palier.territories import walls
from palier.territories.models import Territory

MOST_UNPACKED = 20_000_000_000
INSERT = 'insert into "{table}" ({columns}) select {columns} from jsonb_populate_recordset(null::"{table}", %s::jsonb)'
IGNORE = "select set_config('pgtrigger.ignore', %s, true)"
NUMBERS = "select nextval(pg_get_serial_sequence(%s, %s)) from generate_series(1, %s)"

Ids = dict[str, dict[int, int]]


class NotTaken(BadInput):
    """The archive cannot be taken in; nothing was written."""

    def __init__(self, sentence: str) -> None:
        super().__init__("file", sentence, "archive")


def take_in(
    path: Path, *, code: str, password: str, say: Callable[[str, int], None] = lambda _table, _rows: None
) -> Territory:
    """Make a territory of an archive. Raises NotTaken, with nothing written, for one that is damaged or of another version."""
    try:
        validate_slug(code)
    except ValidationError as error:
        raise NotTaken("the code may hold letters, digits and hyphens only") from error
    if Territory.objects.filter(code=code).exists():
        raise NotTaken(f"a territory has the code {code!r} already")
    with tempfile.TemporaryDirectory(prefix="palier-take-in-") as name:
        folder = Path(name)
        _unpack(path, folder, password)
        manifest = _checked(folder)
        with transaction.atomic():
            return _write(folder, manifest, code, say)


def _unpack(path: Path, folder: Path, password: str) -> None:
    try:
        with py7zr.SevenZipFile(path, "r", password=password) as archive:
            listed = archive.list()
            if sum(one.uncompressed for one in listed) > MOST_UNPACKED:
                raise NotTaken("the archive is larger than any territory once it is open")
            if any(
                "/" in one.filename or "\\" in one.filename or one.filename.startswith(".") for one in listed
            ):
                raise NotTaken("the archive holds folders: it is none of ours")
            archive.extractall(folder)
    except NotTaken:
        raise
    # py7zr tells a wrong password, a damaged file and no archive at all by a dozen different exceptions.
    except Exception as error:
        raise NotTaken(
            "the archive cannot be opened: the password is wrong, or the file is damaged"
        ) from error


def _checked(folder: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
        if manifest["format"] != packing.FORMAT or manifest["version"] != packing.VERSION:
            raise NotTaken("this is no territory of Palier, or of a version that this one does not know")
        for name, told in manifest["files"].items():
            content = (folder / Path(name).name).read_bytes()
            if hashlib.sha256(content).hexdigest() != told["sha256"] or content.count(b"\n") != told["rows"]:
                raise NotTaken(f"{name} is not what the manifest says")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NotTaken("the archive holds no manifest, or not the files that it names") from error
    here, there = set(tables.version()), set(manifest["schema"])
    if here != there:
        lacking = ", ".join(sorted(here ^ there)[:6])
        raise NotTaken(f"both installations must have the same version; they differ in: {lacking}")
    wanted = {f"{model._meta.db_table}.jsonl" for model in tables.travelling()} | {"users.jsonl"}
    if set(manifest["files"]) != wanted:
        raise NotTaken(f"other tables than here: {', '.join(sorted(set(manifest['files']) ^ wanted)[:6])}")
    return manifest


def _write(folder: Path, manifest: dict[str, Any], code: str, say: Callable[[str, int], None]) -> Territory:
    told = manifest["territory"]
    fields = {
        field.attname: told[field.attname]
        for field in Territory._meta.concrete_fields
        if field.attname in told and field.attname not in ("id", "code")
    }
    territory = Territory.objects.create(code=code, **fields)
    walls.enter(territory.pk)
    with connection.cursor() as cursor:
        cursor.execute("set local statement_timeout = '10min'")
    ids: Ids = {"territories.territory": {told["id"]: territory.pk}, "accounts.user": _users(folder)}
    for model in tables.travelling():
        ids[model._meta.label_lower] = _numbers(folder, model)
    # The history of memberships and registers comes with its rows: its triggers would write it a second time.
    with connection.cursor() as cursor:
        # As `pgtrigger.ignore` says it, which glues it to every statement and so to prepared ones, where it cannot stand.
        cursor.execute(IGNORE, [_triggers()])
        _insert_all(folder, territory.pk, ids, say)
        cursor.execute(IGNORE, ["{}"])
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("set constraints all deferred")
    record(
        events.TERRITORY_TAKEN_IN,
        actor=Actor.job("palier take-in", territory.pk),
        about=[territory],
        rows=manifest["rows"],
        sha256=hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest(),
        code=str(told["code"]),
    )
    return territory


def _triggers() -> str:
    """All of those that write histories, by their names."""
    return "{" + ",".join(trigger.get_pgid(model) for model, trigger in pgtrigger.registered()) + "}"


def _insert_all(folder: Path, territory_id: int, ids: Ids, say: Callable[[str, int], None]) -> None:
    for model in tables.travelling():
        count = 0
        for batch in _batches(_rows(folder, model._meta.db_table)):
            _insert(model, [_renumbered(row, model, territory_id, ids) for row in batch])
            count += len(batch)
        say(model._meta.db_table, count)


def _users(folder: Path) -> dict[int, int]:
    """Accounts by address: who has one here keeps it; the others get one without a password, and choose theirs."""
    found: dict[int, int] = {}
    for row in _rows(folder, "users"):
        email = str(row["email"]).strip().lower()
        user = User.objects.filter(email=email).first()
        if user is None:
            user = User(
                email=email,
                **{key: row[key] for key in ("first_name", "last_name", "language", "text_size", "theme")},
            )
            user.set_unusable_password()
            user.save(force_insert=True)
        found[row["id"]] = user.pk
    return found


def _numbers(folder: Path, model: type[models.Model]) -> dict[int, int]:
    """A new number for each row, in the order of the old ones."""
    pk = tables.number_of(model)
    old = [row[pk] for row in _rows(folder, model._meta.db_table)]
    with connection.cursor() as cursor:
        cursor.execute(NUMBERS, [model._meta.db_table, pk, len(old)])
        return dict(zip(old, (number for (number,) in cursor.fetchall()), strict=True))


def _renumbered(
    row: dict[str, Any], model: type[models.Model], territory_id: int, ids: Ids
) -> dict[str, Any]:
    table, pk = model._meta.db_table, tables.number_of(model)
    fresh = dict(row)
    fresh[pk] = ids[model._meta.label_lower][row[pk]]
    fresh["territory_id"] = territory_id
    for column, label in tables.references(model).items():
        if row.get(column) is None or column == pk:
            continue
        kind = row[label[1:]] if label.startswith("@") else label
        new = ids.get(kind, {}).get(row[column])
        if new is None and label.startswith("@"):
            # About something that stays: the line is kept, and points at nothing.
            new = 0
        fresh[column] = new
    for column in tables.EMPTIED:
        if column in fresh:
            fresh[column] = None
    if table == "journal_entry":
        fresh["data"] = {
            key: ids[tables.IN_DATA[key]].get(value, 0)
            if key in tables.IN_DATA and type(value) is int
            else value
            for key, value in row["data"].items()
        }
    if (sealed := tables.SEALED.get(table)) and fresh[sealed[0]]:
        text = fresh[sealed[0]]
        fresh[sealed[0]] = sealing.closed(text, sealed[1])
        if sealed[2]:
            fresh[sealed[2]] = sealing.fingerprints(text, sealed[1])[0]
    return fresh


def _insert(model: type[models.Model], rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    columns = ", ".join(
        f'"{field.column}"' for field in model._meta.concrete_fields if field.column in rows[0]
    )
    with connection.cursor() as cursor:
        cursor.execute(INSERT.format(table=model._meta.db_table, columns=columns), [json.dumps(rows)])


def _rows(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    with (folder / f"{name}.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while batch := list(islice(rows, packing.BATCH)):
        yield batch
