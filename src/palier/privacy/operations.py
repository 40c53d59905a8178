"""Applying the retention rules: what is over is blanked or deleted, in batches, and the run leaves its count."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce

from palier.accounts.actor import Actor
from palier.accounts.models import Session, User
from palier.duties.guard import OPENABLE
from palier.duties.models import Duty
from palier.journal.models import Access, Entry
from palier.journal.operations import record
from palier.journal.retention import Rule
from palier.people.models import Confined, Person
from palier.privacy import apart
from palier.privacy.events import RETENTION_APPLIED
from palier.territories import walls
from palier.territories.models import Territory, Walled

logger = logging.getLogger("palier.privacy")

BATCH = 500
# A job that met as many rows stops and asks for another one.
MOST = 20_000

Step = Callable[[int, datetime, int], int]
Count = Callable[[int, datetime], int]
# What the application's role may not change: done by functions of the owner, or counted.
BY_HAND: dict[type[models.Model], tuple[Step, Count]] = {
    Access: (lambda wall, at, most: apart.accesses(wall, at, most), apart.accesses_due),
    Entry: (lambda wall, at, most: apart.entries(wall, at, most), apart.entries_due),
}
CAN_BE_OPEN = frozenset(thing.kind for thing in OPENABLE)


@dataclass(frozen=True)
class Line:
    """What one rule did, or would do, in one territory (none: rows of the whole installation)."""

    territory: str
    context: str
    rule: Rule
    rows: int

    @property
    def model(self) -> str:
        return self.rule.model._meta.label_lower


@dataclass
class Report:
    at: datetime
    is_dry: bool
    lines: list[Line] = field(default_factory=list)
    # The rules that failed, as « context: model ».
    failed: list[str] = field(default_factory=list)
    is_finished: bool = True

    @property
    def rows(self) -> int:
        return sum(line.rows for line in self.lines)

    def counts(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for line in self.lines:
            if line.rows:
                found[line.model] = found.get(line.model, 0) + line.rows
        return found


def rules() -> Iterator[tuple[str, list[Rule]]]:
    """Each context with its rules, in the order of the applications."""
    for config in apps.get_app_configs():
        if config.name.startswith("palier.") and find_spec(f"{config.name}.retention"):
            found = getattr(import_module(f"{config.name}.retention"), "RULES", [])
            if found:
                yield config.label, list(found)


def apply(*, at: datetime, dry_run: bool = False) -> Report:
    """Every rule, in every territory and for the installation's own rows, to the end."""
    report = apply_to_installation(at=at, dry_run=dry_run)
    for territory in Territory.objects.order_by("pk"):
        while True:
            part = apply_to(territory, at=at, dry_run=dry_run)
            report.lines += part.lines
            report.failed += part.failed
            if part.is_finished:
                break
    return report


def apply_to(territory: Territory, *, at: datetime, dry_run: bool = False, most: int = MOST) -> Report:
    """The rules in one territory, behind its wall, each batch a transaction; at most about `most` rows.

    A rule that fails stops the later ones of its context, which may count on it, and no other context.
    """
    report = Report(at, dry_run)
    for context, listed in rules():
        for rule in listed:
            if rule.keep is None or not issubclass(rule.model, Walled):
                continue
            try:
                count, is_finished = _apply(rule, territory, at, dry_run, most - report.rows)
            except Exception:
                logger.exception(
                    "retention rule of %s failed in territory %s", rule.model.__name__, territory.pk
                )
                report.failed.append(f"{context}: {rule.model.__name__}")
                break
            report.lines.append(Line(territory.code, context, rule, count))
            report.is_finished &= is_finished
    if not dry_run and report.rows:
        with walls.inside(territory.pk):
            record(
                RETENTION_APPLIED,
                actor=Actor.job("privacy.apply", territory.pk),
                about=[territory],
                rows=report.rows,
                counts=report.counts(),
            )
    return report


def apply_to_installation(*, at: datetime, dry_run: bool = False) -> Report:
    """The rows that belong to no territory: sign-ins and accounts."""
    report = Report(at, dry_run)
    for context, listed in rules():
        for rule in listed:
            if rule.keep is None or issubclass(rule.model, Walled):
                continue
            report.lines.append(Line("", context, rule, _apply_everywhere(rule, at, dry_run)))
    return report


def _apply_everywhere(rule: Rule, at: datetime, dry_run: bool) -> int:
    if rule.model is User:
        assert rule.keep is not None
        gone = apart.former_users(at, rule.keep)
        for user_id in () if dry_run else gone:
            apart.forget_user(user_id)
        return len(gone)
    # Seen through a door of the wall: sign-ins before any territory is known, links before they are found.
    if rule.model is Session:
        rows = due(rule, at)
        return rows.count() if dry_run else rows.delete()[0]
    done = 0
    for territory in Territory.objects.order_by("pk"):
        with walls.inside(territory.pk, read_only=dry_run):
            rows = due(rule, at).filter(territory=territory)
            done += rows.count() if dry_run else rows.delete()[0]
    return done


def _apply(rule: Rule, territory: Territory, at: datetime, dry_run: bool, most: int) -> tuple[int, bool]:
    """Gives how many rows, and whether none is left."""
    by_hand = BY_HAND.get(rule.model)
    if dry_run:
        with walls.inside(territory.pk, read_only=True):
            return (by_hand[1](territory.pk, at) if by_hand else due(rule, at).count()), True
    done = 0
    while done < most:
        with walls.inside(territory.pk):
            step = by_hand[0](territory.pk, at, BATCH) if by_hand else _batch(rule, at)
        done += step
        if step < BATCH:
            return done, True
    return done, False


def _batch(rule: Rule, at: datetime) -> int:
    # Locked, and so looked at again: she may be calling at this very moment. A row in use waits for tomorrow.
    free = due(rule, at).select_for_update(of=("self",), skip_locked=True)
    keys = list(free.values_list("pk", flat=True)[:BATCH])
    rows = rule.model._default_manager.filter(pk__in=keys)
    if rule.how == "delete":
        rows.delete()
        return len(keys)
    rows.update(**left_by(rule))
    return len(keys)


def due(rule: Rule, at: datetime) -> "models.QuerySet[Any]":
    """The rows whose time is over: nothing is owed about them any more, and something is left to take away."""
    if rule.keep is None:
        return rule.model._default_manager.none()
    since = Coalesce(rule.counted_from, rule.or_from) if rule.or_from else None
    rows = rule.model._default_manager.filter(**dict(rule.only))
    if since is None:
        rows = rows.filter(**{f"{rule.counted_from}__lt": at - rule.keep})
    else:
        rows = rows.alias(counts_from=since).filter(counts_from__lt=at - rule.keep)
    if (kind := rule.model._meta.label_lower) in CAN_BE_OPEN:
        rows = rows.exclude(_owed(Q(subject_kind=kind, subject_id=OuterRef("pk"))))
    if rule.model is Person:
        rows = rows.exclude(_owed(Q(person_id=OuterRef("pk")))).exclude(_has_own_clock("pk"))
    elif rule.counted_from.startswith("person__"):
        rows = rows.exclude(_owed(Q(person_id=OuterRef("person_id")))).exclude(_has_own_clock("person_id"))
    if rule.how == "blank":
        rest = Q()
        for name, value in left_by(rule).items():
            rest |= Q(**{f"{name}__isnull": False}) if value is None else ~Q(**{name: value})
        rows = rows.filter(rest)
    return rows.order_by("pk")


def _owed(which: Q) -> Exists:
    """Something still open: its time is not over, whatever the dates say."""
    return Exists(Duty.objects.open().filter(which))


def _has_own_clock(person: str) -> Exists:
    """She is in a register, which counts her time itself: silence takes nobody out of it."""
    return Exists(Confined.objects.filter(person=OuterRef(person), compartment__has_own_clock=True))


def left_by(rule: Rule) -> dict[str, Any]:
    """What each blanked field holds afterwards."""
    return {name: _empty(rule.model._meta.get_field(name)) for name in rule.fields} | dict(rule.leaves)


def _empty(column: Any) -> Any:
    if column.null:
        return None
    if column.has_default():
        return column.get_default()
    return ""
