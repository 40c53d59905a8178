"""Writing a territory out: one JSON line a row, a manifest with counts and SHA-256, in a 7z archive that is closed (AES-256).

The database writes each row (`to_jsonb`) and reads it again on arrival, so that no type is translated twice.
"""

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import py7zr
from django.db import connection, models

from palier.accounts.actor import Actor
from palier.exchange import events
from palier.exchange.territory import tables
from palier.journal.operations import note_access, record
from palier.kernel import clock, sealing
from palier.territories import walls
from palier.territories.models import Territory

FORMAT = "palier-territory"
VERSION = 1
BATCH = 2_000

ROWS = """
select to_jsonb(t) from "{table}" t
where t.territory_id = %(territory)s and t."{pk}" > %(after)s {only} order by t."{pk}" limit %(limit)s
"""
TERRITORY = "select to_jsonb(t) from territories_territory t where t.id = %s"
# Whoever works or worked here, by the address they sign in with; never a password, never a second factor.
USERS = """
select jsonb_build_object('id', u.id, 'email', u.email, 'first_name', u.first_name, 'last_name', u.last_name, 'language', u.language,
  'text_size', u.text_size, 'theme', u.theme)
from accounts_user u where u.id in (select user_id from accounts_membership where territory_id = %s) order by u.id
"""

Say = Callable[[str, int], None]


def export_territory(
    territory_id: int, path: Path, *, password: str, actor: Actor, say: Say = lambda _table, _rows: None
) -> dict[str, Any]:
    """Write everything of a territory to `path`, and give the manifest. The archive opens with the password only."""
    with tempfile.TemporaryDirectory(prefix="palier-export-") as folder, walls.inside(territory_id):
        with connection.cursor() as cursor:
            # One picture of the territory, however long the writing takes.
            cursor.execute("set local statement_timeout = '10min'")
        manifest = _write_all(territory_id, Path(folder), say)
        with py7zr.SevenZipFile(path, "w", password=password, header_encryption=True) as archive:
            for file in sorted(Path(folder).iterdir()):
                archive.write(file, file.name)
        path.chmod(0o600)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        record(
            events.TERRITORY_EXPORTED,
            actor=actor,
            about=[Territory.objects.get(pk=territory_id)],
            rows=manifest["rows"],
            sha256=digest,
        )
        note_access(
            actor=actor,
            operation="export",
            kind="territories.territory",
            reason=f"{manifest['rows']} · palier-territory · {digest[:16]}",
        )
        return manifest | {"archive_sha256": digest}


def _write_all(territory_id: int, folder: Path, say: Say) -> dict[str, Any]:
    files: dict[str, dict[str, Any]] = {}
    for model in tables.travelling():
        table = model._meta.db_table
        count = _write(folder / f"{table}.jsonl", rows_of(model, territory_id))
        files[f"{table}.jsonl"] = {"model": model._meta.label_lower, "rows": count}
        say(table, count)
    with connection.cursor() as cursor:
        cursor.execute(USERS, [territory_id])
        users = [_loaded(row) for (row,) in cursor.fetchall()]
        cursor.execute(TERRITORY, [territory_id])
        (territory,) = cursor.fetchone()
        left = {}
        for table, (predicate, why) in tables.ROWS_STAY.items():
            cursor.execute(
                f'select count(*) from "{table}" where territory_id = %s and {predicate}', [territory_id]
            )
            left[table] = {"rows": cursor.fetchone()[0], "why": why}
        for table, why in tables.STAYS.items():
            cursor.execute(f'select count(*) from "{table}" where territory_id = %s', [territory_id])
            left[table] = {"rows": cursor.fetchone()[0], "why": why}
    files["users.jsonl"] = {"model": "accounts.user", "rows": _write(folder / "users.jsonl", iter(users))}
    for name, told in files.items():
        told["sha256"] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "exported_at": clock.now().isoformat(),
        "territory": _loaded(territory),
        "schema": tables.version(),
        "files": files,
        "rows": sum(told["rows"] for told in files.values()),
        "stays": left,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=1))
    return manifest


def rows_of(model: type[models.Model], territory_id: int) -> Iterator[dict[str, Any]]:
    """Each row as the database says it, what is closed opened."""
    table, pk = model._meta.db_table, tables.number_of(model)
    stays = tables.ROWS_STAY.get(table)
    statement = ROWS.format(table=table, pk=pk, only=f"and not ({stays[0]})" if stays else "")
    sealed = tables.SEALED.get(table)
    after = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(statement, {"territory": territory_id, "after": after, "limit": BATCH})
            rows = [_loaded(row) for (row,) in cursor.fetchall()]
        for row in rows:
            if sealed and row[sealed[0]]:
                row[sealed[0]] = sealing.opened(row[sealed[0]], sealed[1])
                if sealed[2]:
                    row[sealed[2]] = ""
            yield row
        if len(rows) < BATCH:
            return
        after = rows[-1][pk]


def _write(path: Path, rows: Iterator[dict[str, Any]]) -> int:
    count = 0
    with path.open("w", encoding="utf-8") as out:
        path.chmod(0o600)
        for row in rows:
            out.write(json.dumps(row, ensure_ascii=False, sort_keys=True))
            out.write("\n")
            count += 1
    return count


def _loaded(row: Any) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(row) if isinstance(row, str) else row
    return told
