"""Which state of a neighbour may follow which."""

from palier.volunteers.models import Volunteer

S = Volunteer.State

MOVES: dict[str, frozenset[str]] = {
    S.APPLIED: frozenset({S.TRIAL, S.ACTIVE, S.ENDED}),
    S.TRIAL: frozenset({S.ACTIVE, S.RESTING, S.ENDED}),
    S.ACTIVE: frozenset({S.RESTING, S.ENDED}),
    S.RESTING: frozenset({S.ACTIVE, S.ENDED}),
    S.ENDED: frozenset(),
}
