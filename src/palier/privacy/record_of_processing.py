"""The record of processing activities (RGPD, article 30), made from the rules that are really applied (GDP-01).

Each purpose that a `retention.py` names is described here once, with its legal basis, whose data it is, who receives it
and how it is kept safe; a guard test fails when a rule names a purpose that is not described, or describes one nobody uses.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from palier.journal.retention import Rule
from palier.privacy import operations


@dataclass(frozen=True)
class Purpose:
    """One processing of the organisation, as the record names it."""

    title: Any
    basis: Any
    whose: Any
    recipients: Any


PUBLIC_TASK = gettext_lazy("Mission d’intérêt public (RGPD, article 6.1.e)")
LEGAL_DUTY = gettext_lazy("Obligation légale (RGPD, article 6.1.c)")
PEOPLE = gettext_lazy("Personnes suivies, et leur entourage")
STAFF = gettext_lazy("Agents et partenaires qui se connectent")
OUR_DESK = gettext_lazy("L’accueil et la coordination")

PURPOSES: dict[str, Purpose] = {
    "social_follow_up": Purpose(
        gettext_lazy("Suivi des personnes isolées"),
        PUBLIC_TASK,
        PEOPLE,
        gettext_lazy(
            "L’accueil et la coordination ; un voisin qui a dit oui ; un partenaire, avec l’accord de la personne"
        ),
    ),
    "phone_desk": Purpose(
        gettext_lazy("Accueil téléphonique"), PUBLIC_TASK, gettext_lazy("Qui appelle"), OUR_DESK
    ),
    "statutory_register": Purpose(
        gettext_lazy("Registre nominatif des personnes à appeler en cas d’alerte"),
        gettext_lazy("Obligation légale (code de l’action sociale, articles L121-6-1 et R121-2 à R121-12)"),
        gettext_lazy("Personnes inscrites au registre"),
        gettext_lazy(
            "Les agents nommés par le maire ; le préfet, et les services qu’il désigne, à sa demande"
        ),
    ),
    "volunteers": Purpose(
        gettext_lazy("Voisins qui aident"),
        gettext_lazy("Engagement réciproque, charte signée (RGPD, article 6.1.b)"),
        gettext_lazy("Voisins, candidats"),
        gettext_lazy("La coordination ; la personne visitée connaît le prénom"),
    ),
    "safeguarding": Purpose(
        gettext_lazy("Signalements"),
        gettext_lazy(
            "Obligation légale, sauvegarde d’une personne en danger (RGPD, articles 6.1.c et 6.1.d)"
        ),
        gettext_lazy("Personnes en danger, et qui les signale"),
        gettext_lazy("L’accueil et la coordination ; les secours et les autorités compétentes"),
    ),
    "telecare": Purpose(
        gettext_lazy("Échanges avec la téléassistance"),
        PUBLIC_TASK,
        gettext_lazy("Abonnés de la téléassistance"),
        gettext_lazy("L’opérateur de téléassistance"),
    ),
    "telling_people": Purpose(
        gettext_lazy("Messages envoyés et reçus"),
        PUBLIC_TASK,
        gettext_lazy("Voisins, personnes suivies, agents"),
        gettext_lazy("Le fournisseur de messages"),
    ),
    "history": Purpose(gettext_lazy("Histoire des fiches"), PUBLIC_TASK, PEOPLE, OUR_DESK),
    "suppression": Purpose(
        gettext_lazy("Ne pas remettre qui s’est opposé ou a été effacé"),
        gettext_lazy("Obligation légale, droit d’opposition (RGPD, articles 17 et 21)"),
        gettext_lazy("Personnes effacées ou opposées, par des empreintes"),
        OUR_DESK,
    ),
    "rights": Purpose(
        gettext_lazy("Demandes des personnes sur leurs informations"),
        LEGAL_DUTY,
        gettext_lazy("Qui fait une demande"),
        gettext_lazy("La coordination, le délégué à la protection des données"),
    ),
    "access": Purpose(
        gettext_lazy("Comptes et connexions"), PUBLIC_TASK, STAFF, gettext_lazy("Les administrateurs")
    ),
    "access_control": Purpose(
        gettext_lazy("Accès particuliers : volets, désignations, engagements de secret"),
        LEGAL_DUTY,
        STAFF,
        gettext_lazy("La direction"),
    ),
    "security": Purpose(
        gettext_lazy("Journal des accès et sécurité"),
        LEGAL_DUTY,
        STAFF,
        gettext_lazy("La direction, les administrateurs, le délégué à la protection des données"),
    ),
}
SAFETY = gettext_lazy("Un mur par territoire dans la base, rôles, double authentification, accès journalisés")


@dataclass(frozen=True)
class Activity:
    """One line of the record: a kind of data under its purpose, how long, and what is left after."""

    purpose: str
    described: Purpose
    data: str
    period: str
    then: str
    source: str


def head() -> list[str]:
    return [
        _("Traitement"), _("Base légale"), _("Personnes concernées"), _("Données"), _("Destinataires"), _("Durée"), _("Ensuite"),
        _("Référence"), _("Sécurité"),
    ]  # fmt: skip


def activities() -> Iterator[Activity]:
    """Purpose by purpose, in the order above."""
    rules = [(rule, context) for context, listed in operations.rules() for rule in listed]
    for code, described in PURPOSES.items():
        for rule, _context in rules:
            if rule.purpose == code:
                yield Activity(
                    code,
                    described,
                    rule.model._meta.label_lower,
                    _period(rule),
                    _("vidé, la ligne reste pour les chiffres") if rule.how == "blank" else _("supprimé"),
                    rule.basis,
                )


def rows() -> list[list[str]]:
    """As a table, for a spreadsheet."""
    return [
        [
            str(one.described.title), str(one.described.basis), str(one.described.whose), one.data, str(one.described.recipients),
            one.period, one.then, one.source, str(SAFETY),
        ]
        for one in activities()
    ]  # fmt: skip


def _period(rule: Rule) -> str:
    if rule.keep is None:
        return _("avec ce dont la ligne dépend")
    days = rule.keep.days
    if days and days % 365 == 0:
        return ngettext("%(n)s an", "%(n)s ans", days // 365) % {"n": days // 365}
    if days:
        return ngettext("%(n)s jour", "%(n)s jours", days) % {"n": days}
    return _("aussitôt") if not rule.keep else _("quelques heures")
