"""Which state of an offer may follow which."""

from palier.matching.models import Offer

S = Offer.State

MOVES: dict[str, frozenset[str]] = {
    S.ASKED: frozenset({S.ACCEPTED, S.DECLINED, S.TOO_LATE, S.PASSED, S.CANCELLED}),
    # An answer that comes after the wave's time still counts while nobody else said yes.
    S.PASSED: frozenset({S.ACCEPTED, S.DECLINED, S.TOO_LATE, S.CANCELLED}),
    # Somebody who said no may still change their mind, and is as welcome as anybody.
    S.DECLINED: frozenset({S.ACCEPTED, S.TOO_LATE}),
    # A « no » to a question that was taken back would make way for a « yes » to a visit that was called off.
    S.CANCELLED: frozenset({S.TOO_LATE}),
    S.ACCEPTED: frozenset({S.WITHDRAWN, S.CANCELLED}),
    S.TOO_LATE: frozenset(),
    S.WITHDRAWN: frozenset(),
}
# Offers whose neighbour was asked and did not refuse: the link of these still leads somewhere.
WAITING = (S.ASKED, S.PASSED)
