"""What the journal says about asking neighbours. The neighbour's name is personal data."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from palier.journal.events import declare

STRAND = "needs"


def _with_name(d: Mapping[str, Any]) -> dict[str, Any]:
    """The data with a neighbour's name, or « un voisin » once the name is erased."""
    return {**d, "volunteer": d.get("volunteer") or _("un voisin")}


WAVE_SENT = declare(
    "matching.wave_sent",
    lambda d: (
        ngettext("%(count)s voisin contacté", "%(count)s voisins contactés", d["count"]) % d
        if d["number"] == 1
        else ngettext("%(count)s autre voisin contacté", "%(count)s autres voisins contactés", d["count"]) % d
    ),
    public=("count", "number", "need", "by_voice", "answers_by"),
    icon="send",
    tone="vois",
    strand=STRAND,
)
WAVE_PASSED = declare(
    "matching.wave_passed",
    lambda d: (
        ngettext(
            "%(count)s voisin n’a pas répondu à temps",
            "%(count)s voisins n’ont pas répondu à temps",
            d["count"],
        )
        % d
    ),
    public=("count", "number", "need"),
    icon="clock",
    strand=STRAND,
)
NOBODY_LEFT = declare(
    "matching.nobody_left",
    lambda d: _("Aucun voisin n’a pu : à vous de voir la suite"),
    public=("need", "asked"),
    icon="clock",
    tone="late",
    strand=STRAND,
)
OFFER_ACCEPTED = declare(
    "matching.offer_accepted",
    lambda d: _("Oui : %(volunteer)s y va") % _with_name(d),
    public=("need", "offer", "wave", "how"),
    personal=("volunteer",),
    icon="check",
    tone="vois",
    strand=STRAND,
)
OFFER_DECLINED = declare(
    "matching.offer_declined",
    lambda d: _("Pas cette fois : %(volunteer)s") % _with_name(d),
    public=("need", "offer", "wave", "how"),
    personal=("volunteer",),
    tone="vois",
    strand=STRAND,
)
OFFER_TOO_LATE = declare(
    "matching.offer_too_late",
    lambda d: _("%(volunteer)s a dit oui aussi, un peu plus tard, et a été remercié") % _with_name(d),
    public=("need", "offer", "wave", "how"),
    personal=("volunteer",),
    tone="vois",
    strand=STRAND,
)
OFFER_TAKEN_BACK = declare(
    "matching.offer_taken_back",
    lambda d: _("%(volunteer)s a écrit qu’il ne peut plus venir") % _with_name(d),
    public=("need", "offer", "how"),
    personal=("volunteer",),
    icon="clock",
    tone="vois",
    strand=STRAND,
)
ASKING_CANCELLED = declare(
    "matching.asking_cancelled",
    lambda d: _("On ne cherche plus de voisin"),
    public=("need", "count"),
    strand=STRAND,
)
KEPT_APART = declare(
    "matching.kept_apart",
    # The name is shown to the coordination only: it is in the ledger, not in the thread.
    lambda d: _("Un voisin ne sera plus proposé à cette personne, à sa demande"),
    strand=STRAND,
)
