"""The blocks a paper is laid out from, as the template takes them. See `typ/paper.typ`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import format_date
from django.utils.translation import get_language

from palier.documents.signs import Face, Run, runs, said

Block = dict[str, Any]


@dataclass(frozen=True)
class Ink:
    """Makes blocks for one face. Sentences of ours may hold **bold** and %(names)s; `raw` is set as it is."""

    face: Face

    def said(self, sentence: str, **values: object) -> list[Run]:
        return said(sentence, self.face, {key: str(value) for key, value in values.items()})

    def plain(self, text: str, *, bold: bool = False) -> list[Run]:
        """Somebody's data: typography, nothing more."""
        return runs(text, self.face, bold=bold)

    def raw(self, text: str, *, bold: bool = False) -> list[Run]:
        """Word for word, not a space changed."""
        return runs(text, self.face, typography=False, bold=bold)

    def heading(self, level: int, sentence: str, **values: object) -> Block:
        return {"k": f"h{level}", "t": self.said(sentence, **values)}

    def p(
        self, sentence: str, *, size: float = 1, quiet: bool = False, below: float = 3.2, **values: object
    ) -> Block:
        return {"k": "p", "t": self.said(sentence, **values), "size": size, "quiet": quiet, "below": below}

    def text(self, text: str, *, size: float = 1, quiet: bool = False, below: float = 3.2) -> Block:
        return {"k": "p", "t": self.plain(text), "size": size, "quiet": quiet, "below": below}

    def bullets(self, sentences: Iterable[str], **values: object) -> Block:
        return {"k": "ul", "items": [self.said(sentence, **values) for sentence in sentences]}

    def numbered(self, texts: Iterable[str]) -> Block:
        return {"k": "ol", "items": [self.plain(text) for text in texts]}

    def number(self, phone: str) -> list[Block]:
        return [{"k": "number", "t": self.plain(phone, bold=True)}] if phone else []

    def field(
        self,
        label: str,
        value: str = "",
        *,
        width: float = 1,
        comb: Sequence[int] | None = None,
    ) -> dict[str, Any]:
        """A line to write on, or boxes of one sign each in groups (`comb`), filled when the value is known."""
        if comb is None:
            return {"label": self.said(label), "value": self.plain(value, bold=True), "width": width}
        signs = "".join(sign for sign in value if sign.isascii() and sign.isalnum())[: sum(comb)]
        return {"label": self.said(label), "comb": list(comb), "value": signs, "width": width}

    def ticks(self, items: Sequence[tuple[str, bool]], across: Sequence[float] = (1,)) -> Block:
        return {
            "k": "ticks",
            "items": [{"t": self.said(text), "on": on} for text, on in items],
            "across": list(across),
        }

    def table(
        self,
        head: Sequence[str],
        rows: Iterable[Sequence[list[Run]]],
        widths: Sequence[float],
        **options: object,
    ) -> Block:
        return {
            "k": "table",
            "head": [self.said(label) for label in head],
            "rows": [list(row) for row in rows],
            "widths": list(widths),
            **options,
        }


def fields(*rows: Sequence[dict[str, Any]]) -> Block:
    return {"k": "fields", "rows": [list(row) for row in rows]}


def gap(mm: float) -> Block:
    return {"k": "gap", "mm": mm}


def key(*body: Block) -> Block:
    return {"k": "key", "body": list(body)}


def panel(*body: Block, breaks: bool = False) -> Block:
    return {"k": "panel", "body": list(body), "breaks": breaks}


def columns(widths: Sequence[float], *cells: Sequence[Block], gutter: float = 5) -> Block:
    return {"k": "cols", "widths": list(widths), "cells": [list(cell) for cell in cells], "gutter": gutter}


def cut(above: float = 4) -> Block:
    return {"k": "cut", "above": above}


def whole(*body: Block) -> Block:
    """Never cut between two pages."""
    return {"k": "whole", "body": list(body)}


def full_day(on: date) -> str:
    """« 12 novembre 2026 », « 1er novembre 2026 »: papers are read years later."""
    language = (get_language() or "fr").partition("-")[0]
    spelled = format_date(on, "long", locale=language)
    return spelled.replace("1 ", "1er ", 1) if language == "fr" and on.day == 1 else spelled
