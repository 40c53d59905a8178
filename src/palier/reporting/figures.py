"""What the figures are: numbers with a name, a key that opens their list, and how small ones are kept back."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

# Below this a number of people may be somebody: published as « moins de 5 » (CNIL, and our own design guide).
SMALLEST = 5

Unit = Literal["count", "share", "hours", "ratio"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One number. `share`: of its table's total, from 0 to 100. `key` opens its list; "" where there is none.

    `hidden`: kept back in what is published: "few" is less than five, "other" would betray a small one beside it.
    """

    key: str
    label: str
    number: float | None
    unit: Unit = "count"
    share: float | None = None
    hidden: Literal["", "few", "other"] = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Figures that stand together. `adds_up`: they are the parts of `total`, each thing in one of them."""

    key: str
    title: str
    figures: tuple[Figure, ...]
    total: Figure | None = None
    adds_up: bool = False

    def __iter__(self) -> Iterator[Figure]:
        yield from self.figures


@dataclass(frozen=True, slots=True)
class Grid:
    """Kinds of help by outcome."""

    key: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Figure, ...]], ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of one territory between two local days, the second not included."""

    start: date
    end: date
    tables: tuple[Table, ...]
    grid: Grid

    def table(self, key: str) -> Table:
        return next(table for table in self.tables if table.key == key)

    def of(self, key: str) -> Figure:
        """One figure by its key."""
        return next(figure for figure in self.all() if figure.key == key)

    def all(self) -> Iterator[Figure]:
        for table in self.tables:
            if table.total is not None:
                yield table.total
            yield from table.figures
        for _name, cells in self.grid.rows:
            yield from cells

    def as_json(self) -> dict[str, Any]:
        """The same numbers by key; none for one that is kept back."""
        return {
            "from": self.start.isoformat(),
            "to": self.end.isoformat(),
            "figures": {figure.key: None if figure.hidden else figure.number for figure in self.all()},
            "shares": {
                figure.key: figure.share
                for figure in self.all()
                if figure.share is not None and not figure.hidden
            },
        }

    def guarded(self) -> "Figures":
        """What may be printed and sent: counts of one to four people are kept back, and what would betray them."""
        return replace(
            self,
            tables=tuple(_guarded(table) for table in self.tables),
            grid=replace(
                self.grid, rows=tuple((name, _hide(cells, adds_up=True)) for name, cells in self.grid.rows)
            ),
        )


def _guarded(table: Table) -> Table:
    total = table.total
    if total is not None and _is_small(total):
        total = replace(total, hidden="few", share=None)
    hides_total = total is not None and bool(total.hidden)
    return replace(
        table, figures=_hide(table.figures, adds_up=table.adds_up and not hides_total), total=total
    )


def _hide(figures: tuple[Figure, ...], *, adds_up: bool) -> tuple[Figure, ...]:
    shown = [replace(one, hidden="few", share=None) if _is_small(one) else one for one in figures]
    small = [one for one in shown if one.hidden]
    if adds_up and len(small) == 1:
        # The total less the others would say the one that is hidden.
        beside = [one for one in shown if not one.hidden and one.unit == "count" and one.number]
        if beside:
            least = min(beside, key=lambda one: one.number or 0)
            shown[shown.index(least)] = replace(least, hidden="other", share=None)
    return tuple(shown)


def _is_small(figure: Figure) -> bool:
    return figure.unit == "count" and figure.number is not None and 0 < figure.number < SMALLEST
