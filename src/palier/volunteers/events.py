"""What the journal says about a neighbour who helps."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from palier.journal.events import declare


def _checked(d: Mapping[str, Any]) -> str:
    done = {
        "identity": _("Pièce d’identité vue, aucune copie gardée"),
        "interview": _("Entretien fait"),
        "charter": _("Charte signée"),
    }
    return done.get(str(d.get("check")), _("Vérification faite"))


def _by_gender(d: Mapping[str, Any], woman: str, man: str, unsaid: str) -> str:
    return {"woman": woman, "man": man}.get(str(d.get("gender")), unsaid)


VOLUNTEER_APPLIED = declare(
    "volunteers.applied",
    lambda d: _("Propose son aide"),
    public=("kinds", "gender"),
    icon="user",
    tone="vois",
)
VOLUNTEER_CHECKED = declare("volunteers.checked", _checked, public=("check", "on"), icon="check", tone="vois")
VOLUNTEER_WELCOMED = declare(
    "volunteers.welcomed",
    lambda d: _by_gender(
        d,
        _("Accueillie parmi les voisins qui aident"),
        _("Accueilli parmi les voisins qui aident"),
        _("Fait partie des voisins qui aident"),
    ),
    public=("gender",),
    icon="check",
    tone="vois",
)
VOLUNTEER_CHANGED = declare(
    "volunteers.changed", lambda d: _("Fiche modifiée"), public=("fields",), icon="user"
)
VOLUNTEER_RESTS = declare(
    "volunteers.rests",
    lambda d: _("En pause jusqu’au %(until)s") % d if d.get("until") else _("En pause"),
    public=("until",),
    icon="clock",
    tone="vois",
)
VOLUNTEER_BACK = declare("volunteers.back", lambda d: _("De nouveau disponible"), icon="check", tone="vois")
VOLUNTEER_ENDED = declare(
    "volunteers.ended",
    lambda d: (
        _("Candidature close")
        if d.get("was") == "applied"
        else _("Ne fait plus partie des voisins qui aident")
    ),
    public=("was", "outcome"),
    icon="note",
)
