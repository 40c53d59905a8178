"""What the journal says about telecare events."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from palier.journal.events import declare


def _received(d: Mapping[str, Any]) -> str:
    return {
        "visit": _("Téléassistance : le bouton a confirmé la visite"),
        "suggestion": _("Téléassistance : peut-être une visite, à regarder"),
        "to_review": _("Téléassistance : un appel du bouton, à regarder"),
    }.get(str(d.get("state")), _("Téléassistance : un signal technique"))


EVENT_RECEIVED = declare(
    "telecare.received",
    _received,
    public=("state", "status_code", "message_type", "organisation", "visit"),
    icon="bell",
    strand="visits",
)
EVENT_SETTLED = declare(
    "telecare.settled",
    lambda d: (
        _("Téléassistance : c’était bien une visite")
        if d.get("as_visit")
        else _("Téléassistance : regardé, ce n’était pas une visite")
    ),
    public=("as_visit", "visit"),
    icon="check",
    strand="visits",
)
