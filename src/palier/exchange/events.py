"""What the journal says of files that come in and go out. Names of files and reasons are personal data."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from palier.journal.events import declare


def _number(d: Mapping[str, Any], key: str) -> int:
    return int(d.get(key, 0) or 0)


IMPORT_BROUGHT = declare(
    "exchange.import_brought",
    lambda d: _("Fichier apporté : %(name)s") % d if d.get("name") else _("Un fichier est apporté"),
    public=("size", "kind"),
    personal=("name",),
    icon="letter",
)
IMPORT_APPLIED = declare(
    "exchange.import_applied",
    lambda d: (
        _("Fichier importé : %(created)s fiches ouvertes, %(completed)s complétées")
        % {"created": _number(d, "created"), "completed": _number(d, "completed")}
    ),
    public=("created", "completed", "lines"),
    icon="check",
)
IMPORT_TAKEN_BACK = declare(
    "exchange.import_taken_back",
    lambda d: (
        _("Import repris : %(removed)s fiches retirées, %(restored)s remises comme avant, %(kept)s gardées")
        % {
            "removed": _number(d, "removed"),
            "restored": _number(d, "restored"),
            "kept": _number(d, "kept"),
        }
    ),
    public=("removed", "restored", "kept"),
    icon="undo",
)
IMPORT_DROPPED = declare(
    "exchange.import_dropped", lambda d: _("Fichier abandonné, rien n’est importé"), icon="cross"
)
PEOPLE_EXPORTED = declare(
    "exchange.people_exported",
    lambda d: _("Liste sortie : %(rows)s personnes") % {"rows": _number(d, "rows")},
    public=("rows", "format", "columns", "state"),
    personal=("reason", "words"),
    icon="download",
)
TERRITORY_EXPORTED = declare(
    "exchange.territory_exported",
    lambda d: _("Tout le territoire est sorti : %(rows)s lignes") % {"rows": _number(d, "rows")},
    public=("rows", "sha256"),
    icon="download",
)
TERRITORY_TAKEN_IN = declare(
    "exchange.territory_taken_in",
    lambda d: _("Territoire repris d’un autre Palier : %(rows)s lignes") % {"rows": _number(d, "rows")},
    public=("rows", "sha256", "code"),
    icon="check",
)
