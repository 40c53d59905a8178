"""What the journal says about duties."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from palier.duties.models import Kind
from palier.journal.events import declare


def _named(data: Mapping[str, Any]) -> dict[str, Any]:
    """The journal keeps the code of a duty's kind; who reads it reads its name."""
    what = data.get("what", "")
    return {**data, "what": Kind(what).label if what in Kind.values else what}


DUTY_TAKEN = declare(
    "duties.taken",
    lambda d: _("%(owner)s s’en charge : %(what)s") % _named(d),
    public=("owner", "what", "duty"),
    icon="user",
)
DUTY_GIVEN = declare(
    "duties.given",
    lambda d: _("Confié à %(owner)s : %(what)s") % _named(d),
    public=("owner", "what", "duty"),
    icon="user",
)
DUTY_CLIMBED = declare(
    "duties.climbed",
    lambda d: (
        _("En retard, %(to)s est prévenu : %(what)s") % _named(d)
        if d.get("to")
        else _("En retard, personne d’autre n’a pu être prévenu : %(what)s") % _named(d)
    ),
    public=("to", "what", "duty", "level", "skipped"),
    icon="clock",
    tone="late",
)
DUTY_ACKNOWLEDGED = declare(
    "duties.acknowledged",
    lambda d: _("Vu, à faire avant %(until)s : %(what)s") % _named(d),
    public=("until", "what", "duty"),
    icon="clock",
)
