"""Two files of one person become one, and can be parted again to the letter."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.journal.models import Entry
from palier.journal.operations import record
from palier.kernel import clock
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.people import events, indexing, policies
from palier.people.models import Double, JoinedFile, Person
from palier.people.operations.doubles import review
from palier.people.operations.files import named, values_of
from palier.people.treatments import ENDED_FIRST, Relation, Treatment, of

# What is chosen together, from one file or the other: a postcode belongs to its street.
CHOICES: dict[str, tuple[str, ...]] = {
    "title": ("title",),
    "first_name": ("first_name",),
    "last_name": ("last_name",),
    "birth_name": ("birth_name",),
    "birth_on": ("birth_on",),
    "address": ("street", "access", "postcode", "city", "insee", "x", "y"),
    "state": ("state", "left_on"),
    "lives_alone": ("lives_alone",),
    "language": ("language", "needs_interpreter"),
    "household": ("household_id",),
    "talk_note": ("talk_note",),
    "home_note": ("home_note",),
    "has_stairs": ("has_stairs",),
    "has_pets": ("has_pets",),
    "telecare": ("telecare_operator_id", "telecare_number"),
}
# What says whether a group of fields holds anything.
_TELLING = {"address": "street", "telecare": "telecare_number"}
KEPT, ABSORBED = "kept", "absorbed"
# Moved rows that have an order stand after those that were there.
_AFTER = 1_000


@dataclass(frozen=True, slots=True)
class Parted:
    """What an undo could not put back: rows that went elsewhere since, fields that somebody changed."""

    join: JoinedFile
    since: list[Entry]
    kept_fields: tuple[str, ...] = ()
    gone_rows: int = 0


def usual_choices(kept: Person, absorbed: Person) -> dict[str, str]:
    """The file kept says it, unless it says nothing and the other does."""
    chosen = {}
    for name, fields in CHOICES.items():
        telling = _TELLING.get(name, fields[0])
        mine, hers = getattr(kept, telling), getattr(absorbed, telling)
        empty = mine in (None, "", False) or (name == "title" and mine == Person.Title.NONE)
        chosen[name] = ABSORBED if empty and hers not in (None, "", False, Person.Title.NONE) else KEPT
    return chosen


@transaction.atomic
def join_files(
    kept_id: int,
    absorbed_id: int,
    *,
    choices: Mapping[str, str] | None = None,
    apart: bool | None = None,
    actor: Actor,
) -> JoinedFile:
    """Make one file of two: everything about the absorbed one goes over to the kept one, under one lock.

    `choices`: for each of CHOICES whose value stays, `kept` or `absorbed` (left out: `usual_choices`). `apart`: when
    one of them is kept apart and the other is not, whether the joined file is; it is never assumed. The absorbed file
    is hidden and leads to the other; `part_files` undoes it. Refused when one of them was joined meanwhile.
    """
    if not policies.may_join(actor):
        raise NotAllowed
    if kept_id == absorbed_id:
        raise BadInput("absorbed", _("Choisissez deux fiches."), "same")
    kept, absorbed = _locked(kept_id, absorbed_id, actor)
    chosen = usual_choices(kept, absorbed) | dict(choices or {})
    if unknown := {
        name for name, side in chosen.items() if name not in CHOICES or side not in (KEPT, ABSORBED)
    }:
        raise BadInput(min(unknown), _("Choisissez l’une des deux fiches."), "choice")
    followed = _followed(kept, absorbed, apart, actor)
    _refuse_two_of_one(kept, absorbed)

    now = clock.now()
    join = JoinedFile(
        territory_id=actor.territory_id, kept=kept, absorbed=absorbed, at=now, by=actor.name[:120]
    )
    _move(join)
    taken = {
        field: getattr(absorbed, field)
        for name, side in chosen.items()
        if side == ABSORBED
        for field in CHOICES[name]
    }
    taken |= {"is_followed": followed}
    if absorbed.last_contact_at and (
        kept.last_contact_at is None or absorbed.last_contact_at > kept.last_contact_at
    ):
        taken["last_contact_at"] = absorbed.last_contact_at
    # A unit has one subscriber: the absorbed file gives its number away first.
    given: dict[str, Any] = {"merged_into_id": kept.pk, "is_followed": followed}
    if taken.get("telecare_number"):
        given |= {"telecare_operator_id": None, "telecare_number": ""}
    join.absorbed_fields = _write(absorbed, given)
    join.fields = _write(kept, taken)
    _find_by(kept)
    # Files that had been joined to the absorbed one lead to the kept one now.
    further = list(Person.objects.filter(merged_into=absorbed).order_by("pk").values_list("pk", flat=True))
    Person.objects.filter(pk__in=further).update(merged_into=kept)
    join.moved["people.person.merged_into"] = further
    join.save()
    _settle_pairs(kept, absorbed, actor)
    review(actor=actor)
    record(
        events.FILES_JOINED,
        actor=actor,
        about=[kept],
        join=join.pk,
        absorbed=absorbed.pk,
        name=absorbed.full_name,
    )
    _say_changed(kept, join.fields, actor)
    return join


@transaction.atomic
def part_files(join_id: int, *, actor: Actor) -> Parted:
    """Undo a join: the absorbed file is there again with what was its own.

    What happened since stays with the file that was kept, and is given back as a list; so does a field that somebody
    changed since. Refused when the kept file was itself joined to another: that is undone first.
    """
    if not policies.may_join(actor):
        raise NotAllowed
    join = JoinedFile.objects.select_for_update(of=("self",)).get(pk=join_id)
    # The lock of the files in the same order as for joining; the absorbed one is hidden, and may be seen again.
    files = {
        person.pk: person
        for person in Person.objects.filter(pk__in=[join.kept_id, join.absorbed_id])
        .select_for_update(of=("self",))
        .order_by("pk")
    }
    kept, absorbed = files[join.kept_id], files[join.absorbed_id]
    if join.undone_at is not None:
        raise NotPossibleNow(_("Ces fiches ont déjà été séparées."))
    if absorbed.merged_into_id != kept.pk:
        raise NotPossibleNow(_("La fiche a depuis été réunie à une autre : séparez d’abord celles-là."))
    if not Person.objects.visible_to(actor).filter(pk=kept.pk).exists():
        raise NotAllowed
    gone = 0
    for relation in [*of(Treatment.MOVE), *of(Treatment.MOVE_OR_STAY), *of(Treatment.ONE_ONLY)]:
        ids = join.moved.get(relation.name, [])
        if not ids:
            continue
        rows = relation.model._default_manager.filter(pk__in=ids, **{relation.column: kept.pk})
        values: dict[str, Any] = {relation.column: absorbed.pk}
        if _ordered(relation):
            values["order"] = F("order") - _AFTER
        gone += len(ids) - rows.update(**values)
    Person.objects.filter(pk__in=join.moved.get("people.person.merged_into", []), merged_into=kept).update(
        merged_into=absorbed
    )
    back: dict[str, Any] = {}
    stays = []
    for name, (before, after) in join.fields.items():
        if _plain(getattr(kept, name)) == after:
            back[name] = _read(kept, name, before)
        elif before != after and name not in ("last_contact_at",):
            stays.append(name)
    changed = _write(kept, back)
    _write(
        absorbed,
        {name: _read(absorbed, name, before) for name, (before, _after) in join.absorbed_fields.items()},
    )
    _find_by(kept)
    join.undone_at, join.undone_by = clock.now(), actor.name[:120]
    join.save(update_fields=["undone_at", "undone_by"])
    # Two people, then: said by whoever undid it, and not proposed again.
    low, high = sorted((kept.pk, absorbed.pk))
    Double.objects.filter(first=low, second=high).update(
        state=Double.State.DIFFERENT, decided_at=clock.now(), decided_by=actor.name[:120]
    )
    since = list(
        Entry.objects.filter(person_id=kept.pk, at__gte=join.at)
        .exclude(code__in=[events.FILES_JOINED.code, events.PERSON_CHANGED.code])
        .order_by("at", "pk")[:200]
    )
    record(
        events.FILES_PARTED,
        actor=actor,
        about=[kept],
        join=join.pk,
        absorbed=absorbed.pk,
        name=absorbed.full_name,
    )
    record(
        events.FILES_PARTED,
        actor=actor,
        about=[absorbed],
        join=join.pk,
        absorbed=kept.pk,
        name=kept.full_name,
    )
    _say_changed(kept, changed, actor)
    return Parted(join, since, tuple(stays), gone)


def sweep_strays(*, actor: Actor) -> int:
    """What was written under a hidden file by somebody who had it open while it was joined goes over too."""
    moved = 0
    joins = JoinedFile.objects.filter(undone_at__isnull=True).select_related("absorbed").order_by("pk")
    for join in joins.select_for_update(of=("self",)):
        before = sum(len(ids) for ids in join.moved.values())
        _move(join, to=join.absorbed.merged_into_id)
        now = sum(len(ids) for ids in join.moved.values())
        if now > before:
            join.save(update_fields=["moved", "stayed"])
            moved += now - before
    return moved


# --- Parts of the above


def _locked(kept_id: int, absorbed_id: int, actor: Actor) -> tuple[Person, Person]:
    """Both files, locked in the order of their numbers: two agents who join in opposite directions wait in line.

    The full lock: nothing may come to point at a file while it is being emptied.
    """
    asked = Person.objects.visible_to(actor).filter(pk__in=[kept_id, absorbed_id])
    files = {person.pk: person for person in asked.select_for_update(of=("self",)).order_by("pk")}
    if len(files) == 2:
        return files[kept_id], files[absorbed_id]
    if Person.objects.filter(pk__in=[kept_id, absorbed_id], merged_into__isnull=False).exists():
        raise NotPossibleNow(_("L’une de ces fiches vient d’être réunie à une autre."))
    raise Person.DoesNotExist


def _followed(kept: Person, absorbed: Person, apart: bool | None, actor: Actor) -> bool:
    """Whether the joined file is an ordinary one; a file kept apart is never opened, or hidden, without a word."""
    if kept.is_followed == absorbed.is_followed:
        return kept.is_followed
    if apart is None:
        raise BadInput(
            "apart",
            _(
                "Une des deux fiches est gardée à part. Dites si la fiche réunie l’est, ou si toute l’équipe la voit."
            ),
            "required",
        )
    if not apart and not policies.may_grant(actor):
        raise NotAllowed
    return not apart


def _refuse_two_of_one(kept: Person, absorbed: Person) -> None:
    for relation in of(Treatment.ONE_ONLY):
        for row in _rows(relation, absorbed.pk):
            try:
                with transaction.atomic():
                    row.update(**{relation.column: kept.pk})
                    # Only asked: whether the two can stand side by side.
                    row.model._default_manager.filter(pk__in=row.pks).update(**{relation.column: absorbed.pk})
            except IntegrityError:
                raise NotPossibleNow(str(ENDED_FIRST[relation.name])) from None


class _Row:
    """One row, to be moved by itself."""

    def __init__(self, relation: Relation, pk: int) -> None:
        self.model, self.pks = relation.model, [pk]

    def update(self, **values: Any) -> int:
        return self.model._default_manager.filter(pk__in=self.pks).update(**values)


def _rows(relation: Relation, person_id: int) -> list[_Row]:
    found = relation.model._default_manager.filter(**{relation.column: person_id}).order_by("pk")
    return [_Row(relation, pk) for pk in found.values_list("pk", flat=True)]


def _move(join: JoinedFile, to: int | None = None) -> None:
    """Everything of the absorbed file that may go over goes over, and is written down."""
    target = to or join.kept_id
    for relation in [*of(Treatment.MOVE), *of(Treatment.ONE_ONLY)]:
        found = relation.model._default_manager.filter(**{relation.column: join.absorbed_id}).order_by("pk")
        ids = list(found.values_list("pk", flat=True))
        if ids:
            relation.model._default_manager.filter(pk__in=ids).update(**_values(relation, target))
            join.moved[relation.name] = [*join.moved.get(relation.name, []), *ids]
    for relation in of(Treatment.MOVE_OR_STAY):
        for row in _rows(relation, join.absorbed_id):
            if row.pks[0] in join.stayed.get(relation.name, []):
                continue
            try:
                with transaction.atomic():
                    row.update(**_values(relation, target))
            except IntegrityError:
                join.stayed.setdefault(relation.name, []).extend(row.pks)
            else:
                join.moved.setdefault(relation.name, []).extend(row.pks)


def _values(relation: Relation, person_id: int) -> dict[str, Any]:
    values: dict[str, Any] = {relation.column: person_id}
    if _ordered(relation):
        values["order"] = F("order") + _AFTER
    return values


def _ordered(relation: Relation) -> bool:
    return any(field.name == "order" for field in relation.model._meta.local_fields)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value


def _read(person: Person, name: str, value: Any) -> Any:
    """A value as it stood, from how it was written down."""
    if value is None:
        return None
    field = next(field for field in person._meta.local_fields if name in (field.name, field.attname))
    if isinstance(field, models.DateTimeField):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(field, models.DateField) else value


def _write(person: Person, values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Write the fields that change; gives [before, after] of each."""
    changed = {}
    for name, value in values.items():
        before = getattr(person, name)
        if before != value:
            changed[name] = [_plain(before), _plain(value)]
            setattr(person, name, value)
    if changed:
        person.save(update_fields=list(changed))
    return changed


def _find_by(person: Person) -> None:
    """The words by which she is found follow her names, her street and her numbers."""
    numbers = list(person.phones.order_by("order", "pk").values_list("e164", flat=True))
    person.search_text = indexing.search_text_of(**named(values_of(person)))
    person.save(update_fields=["search_text"])
    indexing.index_person(person, numbers)


def _settle_pairs(kept: Person, absorbed: Person, actor: Actor) -> None:
    low, high = sorted((kept.pk, absorbed.pk))
    now = clock.now()
    Double.objects.update_or_create(
        first_id=low,
        second_id=high,
        defaults={
            "state": Double.State.SAME,
            "decided_at": now,
            "decided_by": actor.name[:120],
            "later_until": None,
        },
        create_defaults={
            "territory_id": actor.territory_id,
            "probability": 1.0,
            "state": Double.State.SAME,
            "decided_at": now,
            "decided_by": actor.name[:120],
        },
    )


def _say_changed(person: Person, changed: Mapping[str, list[Any]], actor: Actor) -> None:
    """The usual word that a file changed: those who hold a copy of it follow."""
    told = {
        name.removesuffix("_id"): before
        for name, (before, _after) in changed.items()
        if name not in ("last_contact_at", "is_followed", "x", "y", "merged_into_id")
    }
    if told:
        record(
            events.PERSON_CHANGED,
            actor=actor,
            about=[person],
            fields=sorted(told),
            former=told,
            words_reason="",
        )
