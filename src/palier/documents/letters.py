"""Letters: one idea a sentence, the telephone number large, the address in the window of a French envelope."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from palier.documents.blocks import Block, Ink, columns, cut, fields, full_day, gap, key, whole
from palier.documents.parts import Addressee, Identity, Notice, Sender, Signature
from palier.documents.signs import Face

# What R121-6 has every acknowledgement say (REG-08).
SILENCE_IS_AGREEMENT = gettext_lazy(
    "**Si vous ne vous y opposez pas, votre silence vaut accord** : vous n’avez rien à faire ni à renvoyer."
)
REMOVAL_AT_ANY_TIME = gettext_lazy(
    "**Vous pouvez demander à tout moment à ne plus figurer au registre** : il suffit de nous le dire."
)


@dataclass(frozen=True)
class Paper(ABC):
    """One paper: it describes its pages, the press prints them."""

    face: ClassVar[Face] = "sheet"
    style: ClassVar[str] = "sheet"

    @property
    @abstractmethod
    def title(self) -> str:
        """What the file is called for who hears it read."""

    @abstractmethod
    def body(self, ink: Ink, *, large: bool) -> list[Block]: ...

    def foot(self) -> str:
        return ""

    def pages(self, ink: Ink, *, large: bool) -> dict[str, Any]:
        return {
            "style": self.style,
            "face": self.face,
            "large": large,
            "foot": ink.plain(self.foot()),
            "body": self.body(ink, large=large),
        }


@dataclass(frozen=True)
class BaseLetter(Paper):
    """A letter to one person. `reference` is what she may read out on the telephone."""

    face: ClassVar[Face] = "letter"
    style: ClassVar[str] = "letter"

    sender: Sender
    to: Addressee
    on: date
    signature: Signature

    @abstractmethod
    def subject(self) -> str: ...

    @abstractmethod
    def said(self, ink: Ink, *, large: bool) -> list[Block]:
        """Between the greeting and the signature."""

    @property
    def title(self) -> str:
        return _("%(subject)s : lettre à %(name)s") % {"subject": self.subject(), "name": self.to.name}

    @property
    def reference_line(self) -> str:
        return ""

    def foot(self) -> str:
        return _("%(sender)s. Référence : %(reference)s") % {
            "sender": self.sender.name, "reference": self.reference_line,
        } if self.reference_line else self.sender.name  # fmt: skip

    def pages(self, ink: Ink, *, large: bool) -> dict[str, Any]:
        sender = [*self.sender.address]
        if self.sender.phone:
            sender.append(self.sender.phone)
        if self.sender.email:
            sender.append(self.sender.email)
        return super().pages(ink, large=large) | {
            "from": {"name": ink.plain(self.sender.name), "lines": [ink.plain(line) for line in sender]},
            "to": [ink.plain(line) for line in (self.to.name, *self.to.address) if line],
        }

    def body(self, ink: Ink, *, large: bool) -> list[Block]:
        return [
            ink.p(_("Le %(day)s"), day=full_day(self.on)),
            ink.heading(1, self.subject().replace("%", "%%")),
            ink.p(_("%(greeting)s,"), greeting=self.to.greeting or _("Madame, Monsieur")),
            *self.said(ink, large=large),
            signed(self.signature, ink),
        ]

    def call_us(self, ink: Ink, sentence: str) -> list[Block]:
        """What to do, the number in large figures, and when somebody answers."""
        if not self.sender.phone:
            return []
        hours = [ink.p(_("Nous répondons %(hours)s."), hours=self.sender.hours)] if self.sender.hours else []
        return [whole(ink.p(sentence, below=0), *ink.number(self.sender.phone), *hours)]


def signed(signature: Signature, ink: Ink) -> Block:
    """The block at the right, with room for a hand between the authority and the name."""
    head = [ink.text(signature.authority, below=0)] if signature.authority else []
    role = [ink.text(signature.role, below=0)] if signature.role else []
    name = {"k": "p", "t": ink.plain(signature.name, bold=True), "below": 0.8}
    return {"k": "sign", "body": [*head, gap(11), name, *role]}


@dataclass(frozen=True)
class Letter(BaseLetter):
    """Any letter of a service to a person: sentences, a box with what matters, the number to call."""

    about: str
    paragraphs: tuple[str, ...]
    box: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    call: str = ""

    def subject(self) -> str:
        return self.about

    def said(self, ink: Ink, *, large: bool) -> list[Block]:
        boxed = [key(*[ink.p(line, size=1.15 if i == 0 else 1, below=1) for i, line in enumerate(self.box)])]
        return [
            *[ink.p(sentence) for sentence in self.paragraphs],
            *(boxed if self.box else []),
            *[ink.p(sentence) for sentence in self.after],
            *(self.call_us(ink, self.call) if self.call else []),
        ]


@dataclass(frozen=True)
class Acknowledgement(BaseLetter):
    """The letter of R121-6: what was asked, that silence is agreement, that removal is possible at any time (REG-08).

    `asked_by` is the third party who wrote, « son fils Paul Marchand »: the person learns it and may object (REG-09).
    """

    asked_on: date
    register: str = ""
    asked_by: str = ""
    reference: str = ""

    def subject(self) -> str:
        if self.asked_by:
            return _("On a demandé votre inscription au registre")
        return _("Vous êtes au registre des personnes à appeler")

    @property
    def reference_line(self) -> str:
        return self.reference

    def said(self, ink: Ink, *, large: bool) -> list[Block]:
        asked = full_day(self.asked_on)
        if self.asked_by:
            opening = _(
                "Par un écrit du %(day)s, **%(third)s** nous a demandé de vous inscrire au registre des personnes "
                "à appeler en cas d’alerte."
            )
        else:
            opening = _(
                "Nous avons bien reçu votre demande du %(day)s. **Votre inscription au registre compte depuis ce jour.**"
            )
        return [
            ink.p(opening, day=asked, third=self.asked_by),
            ink.p(
                _(
                    "En cas de canicule, de grand froid ou d’une autre alerte, nous vous appelons. Si vous avez besoin "
                    "d’aide, nous venons."
                )
            ),
            key(
                ink.p(str(SILENCE_IS_AGREEMENT), below=2),
                ink.p(str(REMOVAL_AT_ANY_TIME), below=0),
            ),
            ink.p(_("C’est gratuit. Nous ne vous demanderons **jamais** d’argent ni votre carte bancaire.")),
            *self.call_us(
                ink, _("Pour vous opposer, vous retirer ou changer une information, appelez-nous :")
            ),
        ]


@dataclass(frozen=True)
class MovedLetter(BaseLetter):
    """She left for another commune: her entry has ended (REG-10), and where she may ask again."""

    left_on: date
    new_city: str
    # « CCAS de Montrelais » and its lines; empty when we do not know it.
    new_service: str = ""
    new_service_lines: tuple[str, ...] = ()

    def subject(self) -> str:
        return _("Votre inscription s’arrête avec votre déménagement")

    def said(self, ink: Ink, *, large: bool) -> list[Block]:
        there = (
            key(
                ink.p(_("**%(service)s**"), below=1, service=self.new_service),
                *[ink.text(line, below=1) for line in self.new_service_lines],
            )
            if self.new_service
            else ink.p(_("La mairie de %(city)s vous dira à qui vous adresser."), city=self.new_city)
        )
        return [
            ink.p(
                _("Vous habitez maintenant à **%(city)s**. Chaque commune tient son propre registre."),
                city=self.new_city,
            ),
            ink.p(
                _(
                    "Votre inscription chez nous a donc pris fin le %(day)s, et nous effaçons ce que le registre contenait de vous."
                ),
                day=full_day(self.left_on),
            ),
            ink.p(_("**Pour être appelé aussi dans votre nouvelle commune, il faut le demander là-bas :**")),
            there,
            *self.call_us(ink, _("Si c’est une erreur, ou pour toute question, appelez-nous :")),
        ]


@dataclass(frozen=True)
class InformationLetter(BaseLetter):
    """That the register exists (REG-23), or that a body passed on her name and she may object before any call (REG-20).

    `origin`: « le département, qui vous verse l’APA »; empty for a letter that only informs.
    """

    notice: Notice
    origin: str = ""
    objection_by: date | None = None

    def pages(self, ink: Ink, *, large: bool) -> dict[str, Any]:
        # The five blocks and the signature on one side.
        return super().pages(ink, large=large) | ({} if large else {"size": 10.3})

    def subject(self) -> str:
        if self.origin:
            return _("Souhaitez-vous être appelé en cas d’alerte ?")
        return _("Un registre pour être appelé en cas d’alerte")

    def said(self, ink: Ink, *, large: bool) -> list[Block]:
        if self.origin:
            opening = [
                ink.p(
                    _(
                        "Vos nom, adresse et téléphone nous ont été transmis par **%(origin)s**, comme la loi le prévoit."
                    ),
                    origin=self.origin,
                ),
                key(
                    ink.p(
                        _(
                            "**Vous pouvez refuser, sans dire pourquoi, jusqu’au %(day)s.** Nous effacerons tout."
                        ),
                        below=2,
                        day=full_day(self.objection_by),
                    )
                    if self.objection_by
                    else ink.p(
                        _("**Vous pouvez refuser à tout moment, sans dire pourquoi.** Nous effacerons tout."),
                        below=2,
                    ),
                    ink.p(_("Nous ne vous appellerons pas avant cette date."), below=0)
                    if self.objection_by
                    else ink.p(_("Il suffit de nous le dire."), below=0),
                ),
            ]
        else:
            opening = [
                ink.p(
                    _(
                        "La commune tient un registre des personnes à appeler en cas de canicule, de grand froid ou "
                        "d’une autre alerte. **Y figurer est gratuit, et personne n’y est obligé.**"
                    )
                ),
            ]
        return [
            *opening,
            *notice_blocks(self.notice, ink, size=1 if large else 0.9, above=5.6 if large else 4),
            *self.call_us(
                ink,
                _("Pour refuser ou pour toute question, appelez-nous :")
                if self.origin
                else _("Pour vous inscrire ou pour toute question, appelez-nous :"),
            ),
        ]


@dataclass(frozen=True)
class ConfirmationCard(BaseLetter):
    """Once a year: what the register holds about her, to correct and send back. No answer changes nothing (REG-12)."""

    known: Identity
    reference: str = ""

    def subject(self) -> str:
        return _("Ces informations sont-elles toujours justes ?")

    @property
    def reference_line(self) -> str:
        return self.reference

    def body(self, ink: Ink, *, large: bool) -> list[Block]:
        return [
            ink.p(_("Le %(day)s"), day=full_day(self.on)),
            ink.heading(1, self.subject()),
            ink.p(_("%(greeting)s,"), greeting=self.to.greeting or _("Madame, Monsieur")),
            *self.said(ink, large=large),
            self._coupon(ink, large),
        ]

    def said(self, ink: Ink, *, large: bool) -> list[Block]:
        return [
            ink.p(
                _(
                    "Vous figurez au registre des personnes à appeler en cas d’alerte. Voici ce que nous y avons noté. "
                    "**Sans réponse de votre part, vous y restez.**"
                )
            ),
            ink.table(
                [_("Information"), _("Ce que nous avons")],
                [[ink.plain(label), ink.plain(value)] for label, value in self._facts()],
                [1, 2],
                pad=1.9 if large else 1.2,
            ),
            *self.call_us(ink, _("Le plus simple est de nous appeler :")),
        ]

    def _facts(self) -> Sequence[tuple[str, str]]:
        known, nothing = self.known, _("rien")
        home = ", ".join(part for part in (known.street, known.access) if part)
        return [
            (_("Adresse"), f"{home}\n{known.postcode} {known.city}".strip() or nothing),
            (_("Téléphone"), _either(known.phone, known.other_phone) or nothing),
            (_("Aide à domicile"), _either(known.home_service, known.home_service_phone) or nothing),
            (_("Personne à prévenir"), _either(known.to_warn, known.to_warn_phone) or nothing),
        ]

    def _coupon(self, ink: Ink, large: bool) -> Block:
        back = ", ".join((self.sender.name, *self.sender.address))
        return whole(
            cut(above=2),
            ink.p(_("**Ou renvoyez ce coupon** à %(back)s"), below=1, size=0.92, back=back),
            ink.p(_("De la part de %(name)s"), below=1, size=0.92, name=self.to.name),
            ink.ticks(
                [
                    (_("Tout est juste."), False),
                    (_("Je ne veux plus figurer au registre."), False),
                    (_("À changer :"), False),
                ]
            ),
            {"k": "lines", "count": 2},
            columns(
                (1, 1),
                [fields([ink.field(_("Le"))])],
                [fields([ink.field(_("Signature"))])],
            ),
        )


def _either(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def notice_blocks(notice: Notice, ink: Ink, size: float = 1, above: float = 5.6) -> list[Block]:
    """The five blocks under their questions."""
    blocks: list[Block] = []
    for question, answer in (
        (_("À quoi sert ce registre ?"), notice.purpose),
        (_("Suis-je obligé ?"), notice.optional),
        (_("Comment s’inscrire ?"), notice.how),
        (_("Qui voit ces informations ?"), notice.recipients),
        (_("Quels sont mes droits ?"), notice.rights),
    ):
        blocks += [
            ink.heading(2, question) | {"above": above},
            ink.text(answer, size=size, below=3.2 if above > 5 else 1.6),
        ]
    return blocks
