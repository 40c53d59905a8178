"""What the journal says about a person's file. Names and former values are personal data."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from palier.journal.events import declare


def _consent(d: Mapping[str, Any]) -> str:
    given = {
        "neighbour_help": _("D’accord pour donner son prénom et sa rue à un voisin"),
        "welfare_calls": _("D’accord pour des appels réguliers"),
        "partners": _("D’accord pour transmettre à une association ou un service"),
        "telecare": _("D’accord pour échanger avec sa téléassistance"),
    }
    return given.get(str(d.get("purpose")), _("Un accord est noté"))


def _refusal(d: Mapping[str, Any]) -> str:
    refused = {
        "neighbour_help": _("Pas d’accord pour donner son prénom et sa rue à un voisin"),
        "welfare_calls": _("Pas d’accord pour des appels réguliers"),
        "partners": _("Pas d’accord pour transmettre à une association ou un service"),
        "telecare": _("Pas d’accord pour échanger avec sa téléassistance"),
    }
    return refused.get(str(d.get("purpose")), _("Un refus est noté"))


def _left(d: Mapping[str, Any]) -> str:
    state, is_woman = d.get("state"), d.get("is_woman", True)
    if state == "deceased":
        return (
            _("Elle est décédée : ses appels s’arrêtent")
            if is_woman
            else _("Il est décédé : ses appels s’arrêtent")
        )
    if state == "in_care_home":
        return (
            _("Elle vit maintenant en établissement") if is_woman else _("Il vit maintenant en établissement")
        )
    return (
        _("Elle est partie : ses appels s’arrêtent")
        if is_woman
        else _("Il est parti : ses appels s’arrêtent")
    )


PERSON_CREATED = declare("people.created", lambda d: _("Fiche ouverte"), public=("source",), icon="user")
PERSON_CHANGED = declare(
    "people.changed",
    lambda d: _("Fiche modifiée"),
    public=("fields",),
    personal=("former",),
    icon="user",
)
PERSON_LEFT = declare("people.left", _left, public=("state", "is_woman"), icon="user", tone="late")
PERSON_BACK = declare(
    "people.back",
    lambda d: _("Elle est de nouveau suivie") if d.get("is_woman", True) else _("Il est de nouveau suivi"),
    public=("is_woman",),
    icon="user",
)
CONTACT_ADDED = declare(
    "people.contact_added",
    lambda d: (
        _("Ajouté autour de la personne : %(name)s") % d
        if d.get("name")
        else _("Quelqu’un a été ajouté autour de la personne")
    ),
    public=("relation", "contact"),
    personal=("name",),
    icon="user",
)
CONSENT_GIVEN = declare("people.consent_given", _consent, public=("purpose", "channel"), icon="check")
CONSENT_REFUSED = declare("people.consent_refused", _refusal, public=("purpose", "channel"), icon="note")
COMPARTMENT_OPENED = declare(
    "people.compartment_opened",
    lambda d: _("Volet ouvert : %(name)s") % d if d.get("name") else _("Un volet est ouvert"),
    public=("name",),
    icon="user",
)
COMPARTMENT_GRANTED = declare(
    "people.compartment_granted",
    lambda d: _("Accès donné à %(name)s") % d if d.get("name") else _("Un accès est donné"),
    public=("membership", "until"),
    personal=("name",),
    icon="user",
)
COMPARTMENT_REVOKED = declare(
    "people.compartment_revoked",
    lambda d: _("Accès retiré à %(name)s") % d if d.get("name") else _("Un accès est retiré"),
    public=("membership",),
    personal=("name",),
    icon="user",
)
PERSON_CONFINED = declare(
    "people.confined",
    lambda d: (
        _("Fiche gardée à part : seules les personnes désignées la voient")
        if d.get("hides", True)
        else _("Fiche inscrite dans un volet")
    ),
    public=("compartment", "hides"),
    icon="user",
)
PERSON_FOLLOWED = declare("people.followed", lambda d: _("Fiche ouverte à toute l’équipe"), icon="user")
PERSON_RELEASED = declare(
    "people.released", lambda d: _("Fiche retirée d’un volet"), public=("compartment",), icon="user"
)


def _withdrawn(d: Mapping[str, Any]) -> str:
    if d.get("why") == "meanwhile":
        return _("Fiche de l’import retirée : elle était ouverte entre-temps")
    return _("Fiche retirée : l’import est repris")


PERSON_WITHDRAWN = declare("people.withdrawn", _withdrawn, public=("why",), icon="undo")
