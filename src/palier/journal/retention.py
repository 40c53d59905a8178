"""How long each kind of data is kept, counted from what, and what is left afterwards (GDP-03, table 2.3).

Every context lists its own `RULES` in `retention.py`; `palier.privacy` applies them each night and prints
them in the record of processing. A guard test fails when a model with personal data has no rule.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from django.db import models

YEAR = timedelta(days=365)
FOLLOW_UP = timedelta(days=730)


@dataclass(frozen=True)
class Rule:
    """Rows of `model` are blanked or deleted `keep` after `counted_from`.

    `counted_from` is a look-up from the model (`person__last_contact_at`); where it is empty `or_from`
    counts. `keep=None`: only with the thing it belongs to. `only` restricts the rule to rows with these
    values. `blank` empties `fields` (empty text, nothing, or the field's default) and keeps the row for the
    figures; `leaves` are the values written where the database wants one.
    """

    model: type[models.Model]
    purpose: str
    keep: timedelta | None
    counted_from: str
    how: Literal["blank", "delete"]
    basis: str
    fields: tuple[str, ...] = ()
    or_from: str = ""
    only: tuple[tuple[str, object], ...] = ()
    leaves: tuple[tuple[str, object], ...] = ()

    def __post_init__(self) -> None:
        if (self.how == "blank") != bool(self.fields):
            raise ValueError(
                f"{self.model.__name__}: what is blanked names its fields, what is deleted does not"
            )
