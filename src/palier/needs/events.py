"""What the journal says about a need."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from palier.journal.events import declare


def _opened(d: Mapping[str, Any]) -> str:
    return _("Besoin noté : %(kind_name)s") % d if d.get("kind_name") else _("Besoin noté")


def _moved(d: Mapping[str, Any]) -> str:
    sentences = {
        "to_propose": _("Le besoin est à proposer"),
        "asking": _("Des voisins sont contactés"),
        "nobody": _("Personne n’a pu pour l’instant"),
        "agreed": _("Un voisin a dit oui"),
        "referred": _("Le besoin est confié"),
        "to_conclude": _("Le besoin est à conclure"),
    }
    return sentences.get(str(d.get("state")), _("Le besoin avance"))


def _closed(d: Mapping[str, Any]) -> str:
    sentences = {
        "met_by_neighbour": _("Besoin terminé : fait par un voisin"),
        "met_by_association": _("Besoin terminé : fait par une association"),
        "met_by_service": _("Besoin terminé : fait par un service"),
        "unmet": _("Besoin clos : personne n’a pu"),
        "no_longer_needed": _("Besoin clos : plus nécessaire"),
    }
    return sentences.get(str(d.get("outcome")), _("Besoin terminé"))


NEED_OPENED = declare(
    "needs.opened",
    _opened,
    public=("kind", "kind_name", "source", "starts_at", "ends_at", "is_flexible"),
    personal=("words",),
    icon="heart",
    strand="needs",
)
NEED_CHANGED = declare(
    "needs.changed", lambda d: _("Besoin modifié"), public=("fields",), personal=("former",), strand="needs"
)
NEED_MOVED = declare("needs.moved", _moved, public=("state", "former"), strand="needs")
NEED_CLOSED = declare(
    "needs.closed",
    _closed,
    public=("outcome", "kind", "former"),
    personal=("words",),
    icon="check",
    strand="needs",
)
NEED_REOPENED = declare(
    "needs.reopened",
    lambda d: _("Besoin rouvert : %(kind_name)s") % d if d.get("kind_name") else _("Besoin rouvert"),
    public=("kind", "kind_name", "reopens", "starts_at", "ends_at"),
    icon="heart",
    strand="needs",
)
