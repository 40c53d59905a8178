"""What the journal says about the machines that may tell us things."""

from django.utils.translation import gettext as _

from palier.journal.events import declare

ENDPOINT_CREATED = declare(
    "api.endpoint_created",
    lambda d: _("Connexion ouverte : %(code)s") % d,
    public=("code", "kind", "organisation"),
    icon="key",
)
SECRET_ROTATED = declare(
    "api.secret_rotated",
    lambda d: _("Secret renouvelé : %(code)s") % d,
    public=("code", "former_until"),
    icon="key",
)
ENDPOINT_CLOSED = declare(
    "api.endpoint_closed",
    lambda d: _("Connexion fermée : %(code)s") % d,
    public=("code",),
    icon="key",
)
