"""What the journal says about hand-overs to partners."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from palier.journal.events import declare

STRAND = "needs"


def _answered(d: Mapping[str, Any]) -> str:
    if d.get("accepted"):
        return _("%(service)s s’en occupe") % d
    return _("%(service)s ne peut pas s’en occuper") % d


REFERRAL_PROPOSED = declare(
    "referrals.proposed",
    lambda d: _("Confié à %(service)s") % d,
    public=("need", "referral", "service", "service_id", "answer_by"),
    personal=("note",),
    icon="send",
    strand=STRAND,
)
REFERRAL_ANSWERED = declare(
    "referrals.answered",
    _answered,
    public=("need", "referral", "service", "service_id", "accepted"),
    personal=("answer",),
    icon="chat",
    strand=STRAND,
)
REFERRAL_DONE = declare(
    "referrals.done",
    lambda d: _("Fait par %(service)s") % d,
    public=("need", "referral", "service", "service_id"),
    personal=("answer",),
    icon="check",
    strand=STRAND,
)
REFERRAL_WITHDRAWN = declare(
    "referrals.withdrawn",
    lambda d: _("Repris : ce n’est plus confié à %(service)s") % d,
    public=("need", "referral", "service", "service_id"),
    strand=STRAND,
)
