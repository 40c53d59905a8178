"""What the journal says about partners."""

from django.utils.translation import gettext as _

from palier.journal.events import declare

SERVICE_ADDED = declare(
    "partners.service_added",
    lambda d: _("Service partenaire ajouté : %(name)s") % d,
    public=("name", "nature", "kinds"),
)
SERVICE_CHANGED = declare(
    "partners.service_changed",
    lambda d: (
        _("Service partenaire de nouveau ouvert : %(name)s") % d
        if d.get("is_open")
        else _("Service partenaire fermé pour l’instant : %(name)s") % d
    ),
    public=("name", "is_open", "status_note"),
)
