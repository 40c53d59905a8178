"""What the journal says about visits."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from palier.journal.events import declare

STRAND = "visits"


def _with_name(d: Mapping[str, Any]) -> dict[str, Any]:
    """The data with a neighbour's name, or « un voisin » once the name is erased."""
    return {**d, "volunteer": d.get("volunteer") or _("un voisin")}


def _proved(d: Mapping[str, Any]) -> str:
    sentence = {
        "telecare": _("Visite de %(volunteer)s, confirmée par le bouton de téléassistance"),
        "call": _("Visite de %(volunteer)s, confirmée par téléphone"),
    }.get(str(d.get("how")), _("Visite de %(volunteer)s, notée sur sa page"))
    return sentence % _with_name(d)


def _neighbour_said(d: Mapping[str, Any]) -> str:
    if d.get("says") == "worried":
        return _("Quelque chose a inquiété %(volunteer)s") % _with_name(d)
    return _("%(volunteer)s : tout s’est bien passé") % _with_name(d)


def _person_said(d: Mapping[str, Any]) -> str:
    return {
        "well": _("Après la visite, elle dit que tout s’est bien passé"),
        "so_so": _("Après la visite, elle dit que cela s’est passé moyennement"),
        "badly": _("Après la visite, elle dit que cela s’est mal passé"),
        "did_not_come": _("Elle dit que personne n’est venu"),
        "not_reached": _("Après la visite, elle n’a pas pu être jointe"),
    }.get(str(d.get("says")), _("Après la visite, elle a donné son avis"))


VISIT_PLANNED = declare(
    "visits.planned",
    lambda d: _("Visite prévue avec %(volunteer)s") % _with_name(d),
    public=("need", "visit"),
    personal=("volunteer",),
    icon="cal",
    tone="vois",
    strand=STRAND,
)
VISIT_REMINDED = declare(
    "visits.reminded",
    lambda d: _("Visite rappelée la veille à %(volunteer)s") % _with_name(d),
    public=("need", "visit"),
    personal=("volunteer",),
    icon="chat",
    strand=STRAND,
)
VISIT_WITHDRAWN = declare(
    "visits.withdrawn",
    lambda d: _("%(volunteer)s ne peut plus venir : on cherche quelqu’un d’autre") % _with_name(d),
    public=("need", "visit"),
    personal=("volunteer", "reason"),
    icon="clock",
    tone="late",
    strand=STRAND,
)
VISIT_CANCELLED = declare(
    "visits.cancelled",
    lambda d: _("Visite annulée, %(volunteer)s est prévenu") % _with_name(d),
    public=("need", "visit"),
    personal=("volunteer", "reason"),
    icon="clock",
    strand=STRAND,
)
VISIT_UNPROVED = declare(
    "visits.unproved",
    lambda d: _("L’heure de la visite est passée sans nouvelles de %(volunteer)s") % _with_name(d),
    public=("need", "visit"),
    personal=("volunteer",),
    icon="clock",
    tone="late",
    strand=STRAND,
)
VISIT_PROVED = declare(
    "visits.proved",
    _proved,
    public=("need", "visit", "how", "came_at"),
    personal=("volunteer",),
    icon="check",
    tone="vois",
    strand=STRAND,
)
VISIT_PROVED_AGAIN = declare(
    "visits.proved_again",
    lambda d: (
        _("La visite est aussi confirmée par le bouton de téléassistance")
        if d.get("how") == "telecare"
        else _("La visite est confirmée une seconde fois")
    ),
    public=("need", "visit", "how", "came_at"),
    icon="check",
    strand=STRAND,
)
VISIT_NOT_DONE = declare(
    "visits.not_done",
    lambda d: _("La visite de %(volunteer)s n’a pas eu lieu") % _with_name(d),
    public=("need", "visit"),
    personal=("volunteer", "reason"),
    icon="clock",
    tone="late",
    strand=STRAND,
)
NEIGHBOUR_SAID = declare(
    "visits.neighbour_said",
    _neighbour_said,
    public=("need", "visit", "says"),
    personal=("volunteer", "note"),
    icon="chat",
    tone="vois",
    strand=STRAND,
)
PERSON_SAID = declare(
    "visits.person_said",
    _person_said,
    public=("need", "visit", "says"),
    icon="phone",
    strand=STRAND,
)
