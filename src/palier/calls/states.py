"""Which state of a call may follow which. Telephone systems repeat events and mix up their order (TEL-20)."""

from palier.calls.models import Call

S = Call.State

MOVES: dict[str, frozenset[str]] = {
    S.RINGING: frozenset({S.ANSWERED, S.ENDED, S.MISSED, S.LOGGED, S.SET_ASIDE}),
    S.ANSWERED: frozenset({S.ENDED, S.LOGGED, S.SET_ASIDE}),
    S.ENDED: frozenset({S.LOGGED, S.SET_ASIDE}),
    # Missed lasts no longer than the transaction: the call back that is owed takes its place.
    S.MISSED: frozenset({S.SET_ASIDE, S.LOGGED}),
    # « answered » that comes after « ended »: it was not missed after all.
    S.SET_ASIDE: frozenset({S.ENDED}),
    # The agent takes it back at once.
    S.LOGGED: frozenset({S.ANSWERED, S.ENDED}),
}
