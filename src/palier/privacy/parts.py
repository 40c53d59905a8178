"""What somebody's own copy is made of: each model that holds personal data, in the words of the person who reads it.

The copy is made by walking this list, so nothing is found that has no place here; a guard test fails when a model with
personal data, or a field of one listed, has none. What belongs to somebody else (a neighbour's name, a relative's number,
who on the staff wrote) is left out with its reason (REG-19); what the law keeps apart is `withheld` and goes to a person to be
read (SAF-05); the person's words and everybody's comments on her are given word for word (GDP-05).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Final

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from palier.documents.blocks import full_day
from palier.kernel import phones
from palier.kernel.text import hour
from palier.people.models import Person
from palier.people.queries import files_of

Label = Any
Shown = Callable[[Any], str]

# Reasons why a field is not in the copy; the guard asks for one of them.
OURS: Final = "of the machine: numbers, keys, positions computed from the address"
STAFF: Final = "who on the staff wrote it"
OTHERS: Final = "somebody else's"
ABOVE: Final = "said by another part of the copy"


@dataclass(frozen=True)
class Part:
    """One model in the copy of a person (or of a neighbour).

    `path` leads from the row to the person; `shown` are the fields with their labels, in order, a label or a label with
    how to say the value; `left_out` the others with why. `withheld`: rows that a person has to read first.
    """

    model: type[models.Model]
    path: str
    title: Label
    why: Label
    shown: Mapping[str, Label | tuple[Label, Shown]]
    left_out: Mapping[str, str] = field(default_factory=dict)
    when: str = ""
    only: Q = field(default_factory=Q)
    withheld: Q | None = None
    fetch: tuple[str, ...] = ()
    prefetch: tuple[str, ...] = ()
    # Instead of `path`: the rows of somebody, where no key leads there.
    rows: Callable[[Any], "models.QuerySet[Any]"] | None = None

    @property
    def code(self) -> str:
        return self.model._meta.label_lower

    def all_of(self, subject: Any) -> "models.QuerySet[Any]":
        """Every row about somebody, withheld or not."""
        if self.rows is not None:
            return self.rows(subject)
        if isinstance(subject, Person):
            # With the files that were joined to hers.
            files = files_of([subject.pk]).values("pk")
            return self.model._default_manager.filter(self.only, **{f"{self.path}__in": files})
        return self.model._default_manager.filter(self.only, **{self.path: subject.pk})

    def of(self, subject: Any) -> "models.QuerySet[Any]":
        """The rows that may be given to her, the oldest first."""
        found = self.all_of(subject)
        if self.withheld is not None:
            found = found.exclude(self.withheld)
        return (
            found.select_related(*self.fetch)
            .prefetch_related(*self.prefetch)
            .order_by(*([self.when] if self.when else []), "pk")
        )

    def kept_apart(self, subject: Any) -> bool:
        return self.withheld is not None and self.all_of(subject).filter(self.withheld).exists()


def said(row: models.Model, name: str) -> str:
    """A field's value in words: choices by their label, moments in local time, lists with commas."""
    display = getattr(row, f"get_{name}_display", None)
    value = display() if display is not None else getattr(row, name)
    return in_words(value)


def in_words(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("oui") if value else _("non")
    if isinstance(value, datetime):
        local = timezone.localtime(value)
        return _("%(day)s à %(hour)s") % {"day": full_day(local.date()), "hour": hour(local)}
    if isinstance(value, date):
        return full_day(value)
    if isinstance(value, time):
        return hour(value)
    if isinstance(value, list | tuple):
        return ", ".join(text for text in map(in_words, value) if text)
    if isinstance(value, Mapping):
        return ", ".join(f"{key} : {in_words(one)}" for key, one in value.items() if one not in ("", None))
    return str(value)


def number(name: str) -> Shown:
    return lambda row: phones.pretty(getattr(row, name)) if getattr(row, name) else ""


def named(path: str) -> Shown:
    """The name of something a key leads to: a kind of help, a service."""

    def follow(row: Any) -> str:
        for step in path.split("."):
            row = getattr(row, step) if row is not None else None
        return "" if row is None else str(row)

    return follow


WHY_FOLLOW_UP = gettext_lazy("Pour vous répondre et vous aider. Gardé deux ans après notre dernier contact.")
WHY_PROOF = gettext_lazy("Pour prouver ce qui a été fait ou accepté.")
WHY_SECURITY = gettext_lazy("Pour savoir qui ouvre votre fiche. Gardé douze mois.")
