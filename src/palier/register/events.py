"""What the journal says about registers. An entry is the subject, never the person: her file's journal is read by the
whole desk, and not everybody there may know that she is enrolled (REG-15)."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from palier.journal.events import declare


def _enrolled(d: Mapping[str, Any]) -> str:
    if d.get("requester") == "third_party":
        return _("Inscription demandée par un tiers : à confirmer")
    return _("Inscription au registre")


def _agreed(d: Mapping[str, Any]) -> str:
    if d.get("how") == "silence":
        return _("Pas d’opposition après la lettre : l’inscription est confirmée")
    return _("La personne a confirmé son inscription")


def _removed(d: Mapping[str, Any]) -> str:
    sentences = {
        "requested": _("Retrait du registre à sa demande"),
        "moved_out": _("Retrait du registre : partie dans une autre commune"),
        "deceased": _("Retrait du registre : décès"),
        "care_home": _("Retrait du registre : en établissement"),
        "mistake": _("Retrait du registre : inscrite par erreur"),
        "ended": _("Retrait : le registre a pris fin"),
    }
    return sentences.get(str(d.get("reason")), _("Retrait du registre"))


def _confirmed(d: Mapping[str, Any]) -> str:
    sentences = {
        "confirmed": _("Informations confirmées"),
        "changed": _("Informations corrigées"),
        "no_answer": _("Pas jointe : elle reste inscrite, à reconfirmer"),
        "removed": _("Ne veut plus être inscrite"),
    }
    return sentences.get(str(d.get("result")), _("Réponse notée"))


def _used(d: Mapping[str, Any]) -> str:
    return ngettext("Liste tirée du registre : %(count)s personne", "Liste tirée du registre : %(count)s personnes", int(d.get("count", 0) or 0)) % {"count": d.get("count", 0)}  # fmt: skip


REGISTER_OPENED = declare("register.opened", lambda d: _("Registre ouvert"), public=("kind",), icon="list")
REGISTER_CHANGED = declare(
    "register.changed", lambda d: _("Registre modifié"), public=("fields",), icon="list"
)
REGISTER_ENDED = declare("register.ended", lambda d: _("Registre terminé"), public=("count",), icon="list")
NOTICE_PUBLISHED = declare(
    "register.notice_published",
    lambda d: _("Notice publiée, version %(version)s") % d,
    public=("version",),
    icon="note",
)
DESIGNATED = declare(
    "register.designated",
    lambda d: _("Personne désignée : %(name)s") % d if d.get("name") else _("Une personne est désignée"),
    public=("membership", "until", "act"),
    personal=("name",),
    icon="user",
)
DESIGNATION_ENDED = declare(
    "register.designation_ended",
    lambda d: (
        _("Désignation terminée : %(name)s") % d if d.get("name") else _("Une désignation est terminée")
    ),
    public=("membership",),
    personal=("name",),
    icon="user",
)
PROMISED = declare(
    "register.promised", lambda d: _("Engagement de secret accepté"), public=("version",), icon="lock"
)
REQUEST_RECEIVED = declare(
    "register.request_received",
    lambda d: _("Demande d’inscription reçue en ligne"),
    public=("requester",),
    icon="letter",
)
REQUEST_CLOSED = declare(
    "register.request_closed",
    lambda d: _("Demande sans inscription"),
    public=("outcome",),
    icon="letter",
)
ENROLLED = declare(
    "register.enrolled",
    _enrolled,
    public=("requester", "channel", "capacity", "notice"),
    icon="list",
)
LETTER_PRINTED = declare(
    "register.letter_printed", lambda d: _("Accusé de réception imprimé"), public=("large",), icon="print"
)
ACKNOWLEDGED = declare(
    "register.acknowledged", lambda d: _("Accusé de réception envoyé"), public=("on",), icon="letter"
)
AGREED = declare("register.agreed", _agreed, public=("how",), icon="check")
OBJECTED = declare(
    "register.objected",
    lambda d: _("Opposition à une demande d’un tiers : tout est effacé"),
    icon="cross",
)
ENTRY_CHANGED = declare(
    "register.entry_changed", lambda d: _("Inscription modifiée"), public=("fields",), icon="note"
)
REMOVED = declare("register.removed", _removed, public=("reason",), icon="cross", tone="late")
PURGED = declare(
    "register.purged",
    lambda d: ngettext("%(count)s inscription effacée", "%(count)s inscriptions effacées", int(d.get("count", 0) or 0)) % {"count": d.get("count", 0)},
    public=("count",),
    icon="cross",
)  # fmt: skip
LIST_USED = declare("register.list_used", _used, public=("use", "count", "alert"), icon="list")
COMMUNICATION_ASKED = declare(
    "register.communication_asked",
    lambda d: _("Communication demandée : %(reference)s") % d,
    public=("reference", "authority", "profile"),
    icon="send",
)
COMMUNICATION_APPROVED = declare(
    "register.communication_approved",
    lambda d: _("Communication approuvée par une autre personne : %(reference)s") % d,
    public=("reference", "sha256", "rows"),
    icon="check",
)
COMMUNICATION_REFUSED = declare(
    "register.communication_refused",
    lambda d: _("Communication refusée : %(reference)s") % d,
    public=("reference",),
    icon="cross",
)
COMMUNICATION_TAKEN = declare(
    "register.communication_taken",
    lambda d: _("Fichier chiffré téléchargé, copie n° %(copy)s") % d,
    public=("copy", "sha256"),
    icon="download",
    tone="late",
)
RECTIFICATION_TOLD = declare(
    "register.rectification_told",
    lambda d: _("Rectification transmise aux destinataires"),
    public=("communication",),
    icon="letter",
)
ROUND_OPENED = declare(
    "register.round_opened",
    lambda d: _("Tour de confirmation commencé"),
    public=("count",),
    icon="turn",
)
ROUND_CLOSED = declare(
    "register.round_closed",
    lambda d: _("Tour de confirmation terminé : personne n’est retiré pour n’avoir pas répondu"),
    public=("counts",),
    icon="turn",
)
CONFIRMED = declare("register.confirmed", _confirmed, public=("result",), icon="check")
ALERT_OPENED = declare(
    "register.alert_opened",
    lambda d: _("Alerte ouverte : %(act)s") % d,
    public=("plan", "level", "authority", "act", "is_triggered"),
    icon="alert",
    tone="late",
)
ALERT_CHANGED = declare(
    "register.alert_changed",
    lambda d: _("Alerte modifiée : %(act)s") % d,
    public=("level", "act", "is_triggered"),
    icon="alert",
    tone="late",
)
ALERT_ENDED = declare("register.alert_ended", lambda d: _("Alerte levée"), public=("plan",), icon="check")
