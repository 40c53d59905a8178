"""What the journal says about the upkeep of personal data."""

from collections.abc import Mapping
from typing import Any

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
