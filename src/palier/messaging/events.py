"""What the journal says about messages."""

from django.utils.translation import gettext as _

from palier.journal.events import declare

MESSAGE_NEEDS_CARE = declare(
    "messaging.needs_care",
    lambda d: (
        _("Un message est peut-être parti, peut-être pas : à vérifier")
        if d.get("state") == "unclear"
        else _("Un message n’a pas pu être remis : à vérifier")
    ),
    public=("state", "channel", "template"),
    icon="chat",
    tone="late",
)
MESSAGE_MENDED = declare(
    "messaging.mended",
    lambda d: {
        "sent_anyway": _("Message vérifié : il était bien arrivé"),
        "call_instead": _("Message vérifié : la personne a été appelée à la place"),
        "drop": _("Message vérifié : il n’était plus utile"),
        "receipt": _("Message vérifié : l’opérateur confirme qu’il est arrivé"),
    }.get(str(d.get("how")), _("Message vérifié")),
    public=("how", "channel", "template"),
    icon="chat",
)
INBOUND_RECEIVED = declare(
    "messaging.received",
    lambda d: _("Message reçu par SMS"),
    icon="chat",
)
ADDRESS_STOPPED = declare(
    "messaging.stopped",
    lambda d: _("Ne veut plus de SMS (STOP reçu)"),
    icon="chat",
)
ADDRESS_STARTED = declare(
    "messaging.started",
    lambda d: _("Accepte de nouveau les SMS (START reçu)"),
    icon="chat",
)
