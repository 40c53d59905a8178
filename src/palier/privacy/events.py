"""What the journal says about the upkeep of personal data."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from palier.journal.events import declare


def _applied(d: Mapping[str, Any]) -> str:
    count = int(d.get("rows", 0))
    return ngettext(
        "Durées de conservation appliquées : %(n)s ligne effacée",
        "Durées de conservation appliquées : %(n)s lignes effacées",
        count,
    ) % {"n": count}


RETENTION_APPLIED = declare("privacy.retention_applied", _applied, public=("rows", "counts"), icon="note")


def _asked(d: Mapping[str, Any]) -> str:
    sentences = {
        "access": _("Demande à voir ses informations"),
        "rectification": _("Demande une correction de ses informations"),
        "erasure": _("Demande l’effacement de ses informations"),
        "objection": _("S’oppose à un usage de ses informations"),
        "portability": _("Demande à emporter ses données"),
    }
    return sentences.get(str(d.get("kind")), _("Demande au sujet de ses informations"))


def _answered(d: Mapping[str, Any]) -> str:
    sentences = {
        "granted": _("Demande sur ses informations : fait"),
        "partly": _("Demande sur ses informations : fait en partie"),
        "refused": _("Demande sur ses informations : refusée"),
        "withdrawn": _("Demande sur ses informations : retirée"),
        "unproved": _("Demande sur ses informations : identité non établie"),
    }
    return sentences.get(str(d.get("outcome")), _("Demande sur ses informations : conclue"))


RIGHTS_ASKED = declare("privacy.rights_asked", _asked, public=("kind", "channel", "due"), icon="note")
IDENTITY_SEEN = declare(
    "privacy.identity_seen", lambda d: _("Identité vérifiée, sans copie"), public=("how",), icon="check"
)
RIGHTS_EXTENDED = declare(
    "privacy.rights_extended",
    lambda d: _("Réponse reportée, la personne en est informée"),
    public=("due",),
    personal=("words",),
    icon="note",
)
COPY_MADE = declare(
    "privacy.copy_made",
    lambda d: _("Copie de ses informations préparée"),
    public=("format", "rows"),
    icon="note",
)
REVIEW_DONE = declare("privacy.review_done", lambda d: _("Relecture juridique faite"), icon="check")
RECIPIENTS_TOLD = declare(
    "privacy.recipients_told",
    lambda d: _("Ceux qui avaient reçu ses informations sont prévenus"),
    public=("count",),
    icon="check",
)
VISA_ASKED = declare(
    "privacy.visa_asked", lambda d: _("Visa d’élimination demandé aux archives"), icon="note"
)
VISA_GIVEN = declare(
    "privacy.visa_given", lambda d: _("Visa d’élimination reçu des archives"), public=("on",), icon="check"
)
PERSON_ERASED = declare(
    "privacy.erased",
    lambda d: _("Informations effacées à la demande de la personne"),
    public=("rows", "counts"),
    icon="note",
)
RIGHTS_ANSWERED = declare(
    "privacy.rights_answered", _answered, public=("kind", "outcome"), personal=("words",), icon="check"
)
