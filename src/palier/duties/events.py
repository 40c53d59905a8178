"""What the journal says about duties."""

from django.utils.translation import gettext as _

from palier.journal.events import declare

DUTY_TAKEN = declare(
    "duties.taken",
    lambda d: _("%(owner)s s’en charge : %(what)s") % d,
    public=("owner", "what", "duty"),
    icon="user",
)
DUTY_GIVEN = declare(
    "duties.given",
    lambda d: _("Confié à %(owner)s : %(what)s") % d,
    public=("owner", "what", "duty"),
    icon="user",
)
DUTY_CLIMBED = declare(
    "duties.climbed",
    lambda d: (
        _("En retard, %(to)s est prévenu : %(what)s") % d
        if d.get("to")
        else _("En retard, personne d’autre n’a pu être prévenu : %(what)s") % d
    ),
    public=("to", "what", "duty", "level", "skipped"),
    icon="clock",
    tone="late",
)
DUTY_ACKNOWLEDGED = declare(
    "duties.acknowledged",
    lambda d: _("Vu, à faire avant %(until)s : %(what)s") % d,
    public=("until", "what", "duty"),
    icon="clock",
)
