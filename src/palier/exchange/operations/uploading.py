"""Bringing a file: it is read at once, its columns are guessed, and somebody says whether the guess is right."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.exchange import events, policies, wording
from palier.exchange.models import ColumnMemory, Import
from palier.exchange.reading import apart, guessing, heads
from palier.exchange.reading.files import Unreadable
from palier.journal.operations import record
from palier.kernel import clock, typed
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.register.models import Register

CHOICES = ("lenient", "first_of_january", "city", "postcode", "requested_on", "acknowledged", "register_only")


@transaction.atomic
def bring(content: bytes, *, name: str, sheet: int | None = None, actor: Actor) -> Import:
    """Take a file in and guess its columns. Raises BadInput on `file`, in words, for whatever cannot be read."""
    if not policies.may_import(actor):
        raise NotAllowed
    name = typed.line("file", name.replace("\\", "/").rpartition("/")[2][-200:], 200) or _("Fichier sans nom")
    table = read_table(content, name=name, sheet=sheet)
    made = Import(
        territory_id=actor.territory_id,
        name=name,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        membership_id=actor.membership_id,
        brought_by=actor.name[:120],
        created_at=clock.now(),
    )
    _look_at(made, table)
    made.save(force_insert=True)
    record(events.IMPORT_BROUGHT, actor=actor, about=[made], size=made.size, kind=made.kind, name=made.name)
    return made


@transaction.atomic
def choose_sheet(import_id: int, *, sheet: int, head_row: int | None = None, actor: Actor) -> Import:
    """Another sheet, or another row for the names of the columns (0: the file has none): guessed anew."""
    made = locked(import_id, actor=actor)
    _still_open(made)
    table = read_table(bytes(made.content or b""), name=made.name, sheet=sheet)
    if head_row is not None and not 0 <= head_row <= len(table.rows):
        raise BadInput("head_row", _("Cette ligne n’est pas dans le fichier."), "range")
    _look_at(made, table, head_row)
    made.state = Import.State.UPLOADED
    made.lines.all().delete()
    made.save(
        update_fields=[
            "kind",
            "reading",
            "sheets",
            "sheet",
            "head_row",
            "columns",
            "fingerprint",
            "choices",
            "state",
        ]
    )
    return made


@transaction.atomic
def say_columns(import_id: int, *, fields: Sequence[str], choices: Mapping[str, Any], actor: Actor) -> Import:
    """What each column is, in their order. Remembered for the next file with the same columns."""
    made = locked(import_id, actor=actor)
    _still_open(made)
    if len(fields) != len(made.columns):
        raise BadInput(
            "columns", _("Ces colonnes ne sont pas celles du fichier. Rechargez la page."), "columns"
        )
    for place, key in enumerate(fields):
        if key not in ("", *guessing.BY_KEY):
            raise BadInput(f"column_{place}", _("Ce choix n’existe pas. Choisissez dans la liste."), "choice")
    if found := guessing.problems(dict(enumerate(fields))):
        raise BadInput(
            "columns", " ".join(wording.column_problem(code, values) for code, values in found), found[0][0]
        )
    made.columns = [column | {"field": key} for column, key in zip(made.columns, fields, strict=True)]
    made.choices = {
        "lenient": bool(choices.get("lenient")),
        "first_of_january": bool(choices.get("first_of_january")),
        "city": typed.line("city", str(choices.get("city") or ""), 80),
        "postcode": typed.line("postcode", str(choices.get("postcode") or ""), 5),
        "requested_on": _day(choices.get("requested_on")),
        "acknowledged": bool(choices.get("acknowledged")),
        "register_only": bool(choices.get("register_only")),
    }
    made.register = _register(choices.get("register"), actor)
    if made.register is None:
        made.choices |= {"requested_on": "", "acknowledged": False, "register_only": False}
    made.save(update_fields=["columns", "choices", "register"])
    ColumnMemory.objects.update_or_create(
        territory_id=actor.territory_id,
        fingerprint=made.fingerprint,
        defaults={"remembered": {"fields": list(fields), "choices": made.choices}, "used_at": clock.now()},
    )
    return made


@transaction.atomic
def drop(import_id: int, *, actor: Actor) -> Import:
    """Give a file up before anything was imported: what was read in it is forgotten at once."""
    made = locked(import_id, actor=actor)
    if made.state == Import.State.DROPPED:
        return made
    _still_open(made)
    made.lines.all().delete()
    made.state, made.content, made.columns, made.counts = Import.State.DROPPED, None, [], {}
    made.save(update_fields=["state", "content", "columns", "counts"])
    record(events.IMPORT_DROPPED, actor=actor, about=[made])
    return made


def _register(register_id: Any, actor: Actor) -> Register | None:
    if not register_id:
        return None
    found = Register.objects.enterable_by(actor).filter(pk=int(register_id), ended_at__isnull=True).first()
    if found is None:
        raise BadInput("register", _("Choisissez un registre où vous êtes désigné."), "choice")
    return found


def _day(told: Any) -> str:
    if not told:
        return ""
    if not isinstance(told, date):
        raise BadInput("requested_on", _("Écrivez la date comme 14/03/2024."), "invalid")
    return typed.past_day("requested_on", told).isoformat()


def read_table(content: bytes, *, name: str, sheet: int | None) -> apart.Table:
    try:
        return apart.read(content, name=name, sheet=sheet)
    except Unreadable as error:
        raise BadInput("file", wording.unreadable(error), error.code) from error


def head_of(table: apart.Table, forced: int | None = None) -> heads.Headed:
    """`forced`: the row of the names as people count, 0 for none."""
    return heads.find(table.rows, guessing.is_known_name, None if forced is None else forced - 1)


def locked(import_id: int, *, actor: Actor) -> Import:
    if not policies.may_import(actor):
        raise NotAllowed
    return Import.objects.visible_to(actor).select_for_update(of=("self",), no_key=True).get(pk=import_id)


def _still_open(made: Import) -> None:
    if made.state not in (Import.State.UPLOADED, Import.State.READY):
        raise NotPossibleNow(
            _("Ce fichier est en cours de traitement. Attendez la fin.")
            if made.is_under_way
            else _("Ce fichier est déjà importé ou abandonné.")
        )


def _look_at(made: Import, table: apart.Table, forced: int | None = None) -> None:
    head = head_of(table, forced)
    if head.first_row >= len(table.rows):
        raise BadInput(
            "file",
            _("Ce fichier contient des titres de colonnes, et personne en dessous."),
            "no_rows",
        )
    guesses = guessing.guess(head.names, table.rows[head.first_row :], hidden=table.hidden, empty=head.empty)
    made.kind = table.kind
    made.reading = {"encoding": table.encoding, "separator": table.separator, "misnamed": table.misnamed}
    made.sheets = [
        {"number": one.number, "name": one.name, "rows": one.rows, "hidden": one.hidden}
        for one in table.sheets
    ]
    made.sheet = table.sheet
    made.head_row = head.first_row
    made.columns = typed.clean(
        [
            {
                "name": name,
                "field": one.field,
                "score": one.score,
                "samples": list(one.samples),
                "hidden": place in table.hidden,
                "empty": place in head.empty,
            }
            for place, (name, one) in enumerate(zip(head.names, guesses, strict=True))
        ]
    )
    made.fingerprint = guessing.fingerprint(head.names)
    memory = ColumnMemory.objects.filter(territory_id=made.territory_id, fingerprint=made.fingerprint).first()
    if memory is not None and (fields := memory.fields_for(made.columns)):
        for column, key in zip(made.columns, fields, strict=True):
            column["field"], column["score"], column["remembered"] = key, 1.0, True
        made.choices = {key: memory.remembered.get("choices", {}).get(key) for key in CHOICES}
