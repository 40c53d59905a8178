"""What the journal says about concerns: the facts are personal data."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from palier.journal.events import declare


def _opened(d: Mapping[str, Any]) -> str:
    sentences = {
        "now": _("Signalement : agir tout de suite"),
        "today": _("Signalement : agir dans la journée"),
        "two_days": _("Signalement : agir sous 48 heures"),
        "week": _("Signalement : agir cette semaine"),
    }
    return sentences.get(str(d.get("urgency")), _("Signalement"))


def _closed(d: Mapping[str, Any]) -> str:
    sentences = {
        "reassured": _("Signalement clos : rien d’inquiétant"),
        "followed": _("Signalement clos : un suivi est mis en place"),
        "referred": _("Signalement clos : transmis à un professionnel"),
        "emergency": _("Signalement clos : les secours ont été appelés"),
    }
    return sentences.get(str(d.get("outcome")), _("Signalement clos"))


CONCERN_OPENED = declare(
    "concerns.opened",
    _opened,
    public=("urgency", "source"),
    personal=("words", "reported_by"),
    icon="alert",
    tone="late",
    strand="concerns",
)
CONCERN_COMPLETED = declare(
    "concerns.completed",
    lambda d: _("Signalement complété"),
    public=("urgency",),
    personal=("words",),
    icon="alert",
    tone="late",
    strand="concerns",
)
CONCERN_CLOSED = declare(
    "concerns.closed", _closed, public=("outcome",), personal=("words",), icon="check", strand="concerns"
)
