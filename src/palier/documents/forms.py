"""Forms to fill in by hand: no more is asked than R121-4 allows (REG-05), and nothing is to be enclosed (REG-03)."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from palier.documents.blocks import Block, Ink, columns, cut, fields, gap, panel, whole
from palier.documents.letters import Paper, notice_blocks
from palier.documents.parts import Identity, Notice, Sender

BIRTH = (2, 2, 4)
POSTCODE = (5,)
PHONE = (2, 2, 2, 2, 2)


@dataclass(frozen=True)
class Form(Paper):
    """Two sides: what to fill in, and on the back the notice with its five blocks and where to send it."""

    sender: Sender
    notice: Notice
    known: Identity = field(default_factory=Identity)

    # Both sides must hold: a form on three pages comes back without its second.
    size: ClassVar[float] = 10.5

    def pages(self, ink: Ink, *, large: bool) -> dict[str, Any]:
        return super().pages(ink, large=large) | ({} if large else {"size": self.size})

    def foot(self) -> str:
        if self.notice.version:
            return _("%(sender)s. Notice : %(version)s") % {
                "sender": self.sender.name,
                "version": self.notice.version,
            }
        return self.sender.name

    def _head(self, ink: Ink, title: str, who: str) -> Block:
        lines = [ink.text(line, below=0.6, size=0.92) for line in self.sender.address]
        phone = {"k": "p", "t": ink.plain(self.sender.phone, bold=True), "size": 1.25, "below": 0.6}
        return columns(
            (1.9, 1),
            [ink.heading(1, title), ink.p(who, below=1)],
            [
                {"k": "p", "t": ink.plain(self.sender.name, bold=True), "below": 0.6},
                *lines,
                *([phone] if self.sender.phone else []),
            ],
        )

    def _person(self, ink: Ink, title: str, large: bool) -> list[Block]:
        known = self.known
        birth = known.birth_on.strftime("%d%m%Y") if known.birth_on else ""
        phones = [
            ink.field(_("Téléphone"), known.phone, comb=PHONE),
            ink.field(_("Autre téléphone"), known.other_phone, comb=PHONE),
        ]
        place = [
            ink.field(_("Code postal"), known.postcode, comb=POSTCODE, width=1),
            ink.field(_("Commune"), known.city, width=1.4),
        ]
        return [
            ink.heading(2, title),
            fields(
                [ink.field(_("Nom"), known.last_name)],
                [ink.field(_("Prénoms"), known.first_names)],
                [ink.field(_("Né ou née le"), birth, comb=BIRTH)],
                [ink.field(_("Adresse"), known.street)],
                [ink.field(_("Étage, bâtiment"), known.access)],
                *([[place[0]], [place[1]]] if large else [place]),
                *([[phones[0]], [phones[1]]] if large else [phones]),
            ),
        ]

    def _category(self, ink: Ink) -> list[Block]:
        return [
            ink.heading(2, _("À quel titre ?")),
            ink.ticks(
                [
                    (_("65 ans ou plus"), self.known.category == 1),
                    (_("plus de 60 ans, reconnue inapte au travail"), self.known.category == 2),
                    (
                        _(
                            "adulte handicapé (AAH, prestation de compensation, carte mobilité inclusion, RQTH, pension d’invalidité)"
                        ),
                        self.known.category == 3,
                    ),
                ]
            ),
            ink.p(
                _("La personne vit à son domicile. Aucun justificatif n’est demandé."),
                below=1,
                size=0.95,
                quiet=True,
            ),
        ]

    def _around(self, ink: Ink, large: bool) -> list[Block]:
        known = self.known

        def pair(name: str, value: str, phone: str) -> list[list[dict[str, object]]]:
            who = ink.field(name, value, width=1.15)
            number = ink.field(_("Téléphone"), phone, comb=PHONE)
            return [[who], [number]] if large else [[who, number]]

        return [
            whole(
                ink.heading(2, _("S’il y en a un, le service d’aide à domicile")),
                fields(*pair(_("Nom"), known.home_service, known.home_service_phone)),
            ),
            whole(
                ink.heading(2, _("S’il y en a une, la personne à prévenir en cas d’urgence")),
                fields(*pair(_("Nom"), known.to_warn, known.to_warn_phone)),
            ),
        ]

    def _signature(self, ink: Ink, large: bool) -> Block:
        if large:
            return fields([ink.field(_("Fait le"), comb=BIRTH)], [ink.field(_("Signature"))])
        return columns(
            (1, 1.3),
            [fields([ink.field(_("Fait le"), comb=BIRTH)])],
            [fields([ink.field(_("Signature"))])],
        )

    def _back(self, ink: Ink, large: bool, channels: list[str]) -> list[Block]:
        where = ", ".join((self.sender.name, *self.sender.address))
        ways = [_("par la poste ou au guichet : %(where)s")]
        if self.sender.email:
            ways.append(_("par courriel : %(email)s"))
        # The service's own corner, at the foot of the back.
        desk = [
            ink.p(_("**Réservé au service**"), below=0.5, size=0.92),
            fields(
                *(
                    [[ink.field(_("Reçu le"), comb=BIRTH)], [ink.field(_("Noté par"))]]
                    if large
                    else [[ink.field(_("Reçu le"), comb=BIRTH), ink.field(_("Noté par"))]]
                )
            ),
            ink.ticks([(name, False) for name in channels], across=[1] * (1 if large else len(channels))),
        ]
        return [
            {"k": "page"},
            ink.heading(1, _("Ce qu’il faut savoir avant de signer")),
            *notice_blocks(self.notice, ink, size=1 if large else 1.1),
            panel(
                ink.heading(2, _("Renvoyer ce formulaire")),
                ink.bullets(ways, where=where, email=self.sender.email),
                ink.p(_("Vous recevez une réponse écrite dans les huit jours."), below=1),
                *(
                    [
                        ink.p(
                            _("Une question ? Appelez-nous : **%(phone)s**, %(hours)s.")
                            if self.sender.hours
                            else _("Une question ? Appelez-nous : **%(phone)s**."),
                            below=0,
                            phone=self.sender.phone,
                            hours=self.sender.hours,
                        )
                    ]
                    if self.sender.phone
                    else []
                ),
            ),
            {"k": "whole", "body": [cut(above=3), *desk]},
        ]


@dataclass(frozen=True)
class EnrolmentForm(Form):
    """The person's own request, or her legal representative's (R121-6)."""

    @property
    def title(self) -> str:
        return _("Demande d’inscription au registre des personnes à appeler")

    def body(self, ink: Ink, *, large: bool) -> list[Block]:
        return [
            self._head(
                ink,
                _("Être appelé en cas d’alerte"),
                _(
                    "Demande d’inscription au registre de la commune (code de l’action sociale, article L121-6-1). "
                    "**Gratuite et facultative.**"
                ),
            ),
            *self._person(ink, _("La personne à inscrire"), large),
            *self._category(ink),
            *self._around(ink, large),
            {
                "k": "whole",
                "body": [
                    gap(3),
                    ink.heading(2, _("Qui fait la demande ?")),
                    ink.ticks(
                        [(_("moi-même"), False), (_("mon représentant légal :"), False)], across=(1, 1.6)
                    ),
                    fields([ink.field(_("Nom et qualité (tuteur, curateur…)"))]),
                    self._signature(ink, large),
                ],
            },
            *self._back(
                ink, large, [_("courrier"), _("guichet"), _("courriel"), _("téléphone"), _("répondeur")]
            ),
        ]


@dataclass(frozen=True)
class ThirdPartyForm(Form):
    """The request of somebody else, in writing always; the person is told and may object (REG-06, REG-09)."""

    size: ClassVar[float] = 10

    third_party: str = ""
    third_party_capacity: str = ""

    @property
    def title(self) -> str:
        return _("Demande d’inscription d’une autre personne au registre")

    def body(self, ink: Ink, *, large: bool) -> list[Block]:
        kinds = [_("famille"), _("voisin"), _("médecin ou infirmier"), _("aide à domicile"), _("autre :")]
        return [
            self._head(
                ink,
                _("Signaler quelqu’un à appeler en cas d’alerte"),
                _(
                    "Demande d’inscription d’une autre personne (code de l’action sociale, article L121-6-1). "
                    "**Par écrit seulement.**"
                ),
            ),
            ink.heading(2, _("Vous, qui faites la demande")),
            fields([ink.field(_("Nom et prénom"), self.third_party)]),
            ink.ticks([(kind, False) for kind in kinds], across=(1,) if large else (0.7, 0.7, 1.3, 1, 0.6)),
            fields([ink.field(_("En qualité de"), self.third_party_capacity)]),
            *self._person(ink, _("La personne à inscrire"), large),
            *self._category(ink),
            *self._around(ink, large),
            {
                "k": "whole",
                "body": [
                    ink.p(
                        _(
                            "**Nous lui écrivons dans les huit jours, en donnant votre nom.** Elle peut refuser ; alors tout est effacé."
                        ),
                        below=1,
                    ),
                    self._signature(ink, large),
                ],
            },
            *self._back(ink, large, [_("courrier"), _("guichet"), _("courriel")]),
        ]
