"""Which state of a referral may follow which, and which outcome a partner's work gives."""

from palier.needs.models import Need
from palier.partners.models import PartnerService
from palier.referrals.models import Referral

S = Referral.State

MOVES: dict[str, frozenset[str]] = {
    S.PROPOSED: frozenset({S.ACCEPTED, S.DECLINED, S.DONE, S.WITHDRAWN}),
    S.ACCEPTED: frozenset({S.DONE, S.DECLINED, S.WITHDRAWN}),
    S.DECLINED: frozenset(),
    S.DONE: frozenset(),
    S.WITHDRAWN: frozenset(),
}
OUTCOMES: dict[str, str] = {
    PartnerService.Nature.ASSOCIATION: Need.Outcome.ASSOCIATION,
    PartnerService.Nature.TOWN: Need.Outcome.SERVICE,
    PartnerService.Nature.OTHER: Need.Outcome.SERVICE,
}
