"""Sheets: the card left in a letter box, the annex of a decree, a file on paper, somebody's own copy."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from palier.documents.blocks import Block, Ink, columns, fields, full_day, gap, panel
from palier.documents.letters import Paper, signed
from palier.documents.parts import Addressee, Eliminated, Happened, Named, Section, Sender, Signature, Week
from palier.documents.signs import STAND_IN, Face, has_stand_ins


@dataclass(frozen=True)
class PassageCards(Paper):
    """« Avis de passage », four on a sheet (two in large letters), to cut and to fill in at the door.

    A letter box may be read by others: the card names nobody and says nothing of a register.
    """

    face: ClassVar[Face] = "letter"
    style: ClassVar[str] = "cards"

    sender: Sender

    @property
    def title(self) -> str:
        return _("Avis de passage à découper")

    def pages(self, ink: Ink, *, large: bool) -> dict[str, Any]:
        across, down = (1, 2) if large else (2, 2)
        return super().pages(ink, large=large) | {
            "across": across,
            "down": down,
            "size": 16 if large else 9.5,
        }

    def body(self, ink: Ink, *, large: bool) -> list[Block]:
        hours = (
            [ink.p(_("Nous répondons %(hours)s."), below=1, hours=self.sender.hours)]
            if self.sender.hours
            else []
        )
        return [
            {"k": "p", "t": ink.plain(self.sender.name, bold=True), "below": 2},
            ink.heading(1, _("Nous sommes passés vous voir")),
            fields(
                [ink.field(_("le")), ink.field(_("à"))],
                [ink.field(_("Je m’appelle"))],
            ),
            gap(1),
            ink.p(_("Vous n’avez pas répondu. **Dites-nous que tout va bien :**"), below=0),
            *ink.number(self.sender.phone),
            *hours,
            ink.ticks([(_("Je repasserai :"), False), (_("J’ai prévenu :"), False)], across=(1, 1)),
            {"k": "lines", "count": 1},
            ink.p(_("Nous ne demandons jamais d’argent."), below=0, size=0.92),
        ]


@dataclass(frozen=True)
class DecreeAnnex(Paper):
    """Who may record, process, keep and modify the register: named by the mayor (R121-7, REG-13)."""

    sender: Sender
    # « Arrêté du maire n° 2026-118 »
    act: str
    on: date
    named: tuple[Named, ...]
    signature: Signature | None = None

    @property
    def title(self) -> str:
        return _("Annexe : %(act)s") % {"act": self.act}

    def foot(self) -> str:
        return self.title

    def body(self, ink: Ink, *, large: bool) -> list[Block]:
        return [
            {"k": "p", "t": ink.plain(self.sender.name, bold=True), "below": 3},
            ink.heading(1, _("Personnes nommées pour le registre")),
            ink.p(_("Annexe à : **%(act)s** du %(day)s."), act=self.act, day=full_day(self.on)),
            ink.p(
                _(
                    "Les personnes ci-dessous sont seules chargées de recueillir, d’enregistrer, de conserver et de mettre à "
                    "jour le registre (code de l’action sociale, article R121-7). Elles sont tenues au secret professionnel "
                    "(code pénal, articles 226-13 et 226-14)."
                )
            ),
            ink.table(
                [_("Nom"), _("Fonction"), _("Service"), _("Du"), _("Au")],
                [
                    [
                        ink.plain(one.name, bold=True),
                        ink.plain(one.role),
                        ink.plain(one.service),
                        ink.plain(full_day(one.since) if one.since else ""),
                        ink.plain(full_day(one.until) if one.until else _("sans fin")),
                    ]
                    for one in self.named
                ],
                [1.5, 1.5, 1.1, 1, 1],
            )
            if self.named
            else ink.p(_("Personne n’est nommé.")),
            *([signed(self.signature, ink)] if self.signature else []),
        ]


@dataclass(frozen=True)
class PersonSheet(Paper):
    """A file on paper, for a visit or when the screens are down: to be destroyed after use."""

    name: str
    # « Appelée lundi et jeudi »
    tag: str = ""
    # « 84 ans, vit seule »
    who: str = ""
    home: str = ""
    phone: str = ""
    to_talk: tuple[str, ...] = ()
    if_no_answer: tuple[str, ...] = ()
    at_home: tuple[str, ...] = ()
    agreed: tuple[str, ...] = ()
    week_says: str = ""
    week: tuple[Week, ...] = ()
    # Of each day, how many come or call: « 2 », « seule ».
    that_day: tuple[str, ...] = ()
    journal: tuple[Happened, ...] = ()
    journal_says: str = ""
    printed_by: str = ""
    printed_on: str = ""

    @property
    def title(self) -> str:
        return _("Fiche de %(name)s") % {"name": self.name}

    def foot(self) -> str:
        if not self.printed_by:
            return _("Confidentiel. À détruire après usage.")
        return _("Imprimée par %(who)s, %(when)s. Confidentiel, à détruire après usage.") % {
            "who": self.printed_by,
            "when": self.printed_on,
        }

    def body(self, ink: Ink, *, large: bool) -> list[Block]:
        head = [ink.heading(1, "%(name)s", name=self.name)]
        line = "   ".join(part for part in (self.who, self.home) if part)
        return [
            columns(
                (1,), [*head, *([{"k": "tag", "t": ink.plain(self.tag, bold=True)}] if self.tag else [])]
            ),
            *([ink.text(line, below=1)] if line else []),
            *(
                [{"k": "p", "t": ink.plain(self.phone, bold=True), "size": 1.4, "below": 1}]
                if self.phone
                else []
            ),
            {
                "k": "boxes",
                "across": 2,
                "cells": [
                    self._answer(ink, _("Pour lui parler"), self.to_talk, _("Rien de noté.")),
                    self._answer(
                        ink,
                        _("Sans réponse de sa part"),
                        self.if_no_answer,
                        _("Personne de noté."),
                        numbered=True,
                    ),
                    self._answer(ink, _("À son domicile"), self.at_home, _("Rien de noté.")),
                    self._answer(
                        ink, _("Son accord pour…"), self.agreed, _("Pas d’accord noté : ne rien transmettre.")
                    ),
                ],
            },
            *self._week(ink, large),
            *self._journal(ink, large),
        ]

    def _answer(
        self, ink: Ink, question: str, lines: tuple[str, ...], nothing: str, *, numbered: bool = False
    ) -> list[Block]:
        blocks: list[Block] = [ink.heading(2, question)]
        if not lines:
            return [*blocks, ink.p(nothing, below=0, quiet=True)]
        if len(lines) == 1:
            return [*blocks, ink.text(lines[0], below=0)]
        if numbered:
            return [*blocks, ink.numbered(lines)]
        return [*blocks, {"k": "ul", "items": [ink.plain(line) for line in lines]}]

    def _week(self, ink: Ink, large: bool) -> list[Block]:
        if not self.week:
            return []
        names = [_("Lun"), _("Mar"), _("Mer"), _("Jeu"), _("Ven"), _("Sam"), _("Dim")]
        rows = [
            [
                ink.plain(f"{line.who} {line.what}".strip()),
                *[ink.plain(cell, bold=True) for cell in line.days],
            ]
            for line in self.week
        ]
        if self.that_day:
            rows.append(
                [
                    ink.plain(_("Ce jour-là"), bold=True),
                    *[ink.plain(cell, bold=True) for cell in self.that_day],
                ]
            )
        return [
            ink.heading(2, _("Qui la voit, qui l’appelle, dans une semaine")),
            *([ink.text(self.week_says)] if self.week_says else []),
            ink.table(
                [_("Qui"), *names], rows, [2.6, *[1] * 7], grid=True, centred=1, size=0.8 if large else 1
            ),
        ]

    def _journal(self, ink: Ink, large: bool) -> list[Block]:
        if not self.journal:
            return []
        return [
            ink.heading(2, _("Journal")),
            *([ink.text(self.journal_says, quiet=True)] if self.journal_says else []),
            ink.table(
                [_("Quand"), _("Ce qui s’est passé")],
                [
                    [
                        ink.plain(f"{line.when}\n{line.hour}".strip()),
                        [
                            *ink.plain(line.title, bold=True),
                            *(ink.raw(f"\n{line.words}") if line.words else []),
                            *(ink.plain(f"\n{line.by}") if line.by else []),
                        ],
                    ]
                    for line in self.journal
                ],
                [1.5, 5] if large else [1, 5.2],
                rose=1,
            ),
        ]


@dataclass(frozen=True)
class OwnCopy(Paper):
    """Everything kept about somebody, for her: every comment word for word, nothing of anybody else (REG-19, GDP-05)."""

    sender: Sender
    to: Addressee
    on: date
    sections: tuple[Section, ...]
    # What was left out, and how to complain: sentences of the desk.
    left_out: tuple[str, ...] = ()
    reference: str = ""

    @property
    def title(self) -> str:
        return _("Ce que nous savons de vous : copie pour %(name)s") % {"name": self.to.name}

    def foot(self) -> str:
        return (
            _("%(sender)s. Référence : %(reference)s")
            % {"sender": self.sender.name, "reference": self.reference}
            if self.reference
            else self.sender.name
        )

    def body(self, ink: Ink, *, large: bool) -> list[Block]:
        stood_in = any(has_stand_ins(text) for text in self._texts())
        return [
            {"k": "p", "t": ink.plain(self.sender.name, bold=True), "below": 1},
            *([ink.text(", ".join(self.sender.address), below=4)] if self.sender.address else []),
            ink.heading(1, _("Ce que nous savons de vous")),
            ink.p(_("Copie pour **%(name)s**, le %(day)s."), name=self.to.name, day=full_day(self.on)),
            panel(
                ink.p(
                    _(
                        "Voici tout ce que nous gardons à votre sujet, mot pour mot. Ce qui concerne d’autres personnes n’y figure pas."
                    )
                ),
                ink.p(
                    _(
                        "Vous pouvez faire corriger ce qui est faux, demander l’effacement, ou vous opposer à un usage. "
                        "Si notre réponse ne vous convient pas, vous pouvez vous adresser à la CNIL."
                    ),
                    below=1,
                ),
                *(
                    [ink.p(_("Appelez-nous : **%(phone)s**."), below=0, phone=self.sender.phone)]
                    if self.sender.phone
                    else []
                ),
            ),
            *[ink.text(sentence) for sentence in self.left_out],
            *(
                [
                    ink.p(
                        _("Le signe %(sign)s remplace un signe que notre imprimerie ne possède pas."),
                        sign=STAND_IN,
                    )
                ]
                if stood_in
                else []
            ),
            *[block for section in self.sections if section.records for block in self._section(section, ink)],
            *self._nothing(ink),
        ]

    def _nothing(self, ink: Ink) -> list[Block]:
        """The parts where nothing is kept, together: a page of « rien » would hide the rest."""
        titles = [section.title for section in self.sections if not section.records]
        if not titles:
            return []
        return [
            ink.heading(2, _("Rien sous ces titres")),
            {"k": "ul", "items": [ink.plain(title) for title in titles]},
        ]

    def _section(self, section: Section, ink: Ink) -> list[Block]:
        blocks = [ink.heading(2, "%(title)s", title=section.title)]
        if section.why:
            blocks.append(ink.text(section.why, quiet=True, below=1))
        rows = []
        for record in section.records:
            words = []
            for i, (label, value) in enumerate(record.lines):
                start = "\n" if i else ""
                words += [*ink.plain(f"{start}{label} : ", bold=True), *ink.raw(value)]
            rows.append([ink.plain(record.when), words])
        if not any(record.when for record in section.records):
            return [*blocks, ink.table([_("Information")], [[row[1]] for row in rows], [1])]
        return [*blocks, ink.table([_("Quand"), _("Information")], rows, [1, 4.2], rose=1)]

    def _texts(self) -> Iterable[str]:
        for section in self.sections:
            for record in section.records:
                yield from (value for _label, value in record.lines)


@dataclass(frozen=True)
class EliminationList(Paper):
    """What is to be destroyed, for the archives to sign before (GDP-04): kinds, counts and dates, nobody's name."""

    sender: Sender
    on: date
    reference: str
    lines: tuple[Eliminated, ...]

    @property
    def title(self) -> str:
        return _("Bordereau d’élimination %(reference)s") % {"reference": self.reference}

    def foot(self) -> str:
        return self.title

    def body(self, ink: Ink, *, large: bool) -> list[Block]:
        def span(line: Eliminated) -> str:
            days = [full_day(on) for on in (line.first, line.last) if on]
            return "\n".join(dict.fromkeys(days))

        return [
            {"k": "p", "t": ink.plain(self.sender.name, bold=True), "below": 3},
            ink.heading(1, _("Bordereau d’élimination")),
            ink.p(
                _("Référence : **%(reference)s**, le %(day)s."),
                reference=self.reference,
                day=full_day(self.on),
            ),
            ink.p(
                _(
                    "Documents et données dont l’élimination est proposée au visa des archives (code du patrimoine, "
                    "article L212-2)."
                )
            ),
            ink.table(
                [_("Nature"), _("Nombre"), _("Dates extrêmes"), _("Motif")],
                [
                    [
                        ink.plain(line.title),
                        ink.plain(str(line.count)),
                        ink.plain(span(line)),
                        ink.plain(line.why),
                    ]
                    for line in self.lines
                ],
                [2, 0.7, 1.2, 1.6],
            ),
            {
                "k": "whole",
                "body": [
                    columns(
                        (1, 1),
                        [
                            ink.heading(2, _("Le service")),
                            fields([ink.field(_("Le"))], [ink.field(_("Signature"))]),
                        ],
                        [
                            ink.heading(2, _("Visa des archives")),
                            fields(
                                [ink.field(_("Le"))], [ink.field(_("Référence"))], [ink.field(_("Signature"))]
                            ),
                        ],
                        gutter=10,
                    )
                ],
            },
        ]
