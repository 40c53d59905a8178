"""Which state of a visit may follow which, and what each side may say afterwards."""

from palier.visits.models import Visit

S = Visit.State

MOVES: dict[str, frozenset[str]] = {
    S.PLANNED: frozenset({S.DONE, S.NOT_DONE, S.WITHDRAWN, S.CANCELLED}),
    S.DONE: frozenset(),
    S.NOT_DONE: frozenset(),
    S.WITHDRAWN: frozenset(),
    S.CANCELLED: frozenset(),
}
NEIGHBOUR_SAYS = ("well", "worried")
PERSON_SAYS = ("well", "so_so", "badly", "did_not_come", "not_reached")
# What lets a thread close by itself, when the other side agrees or keeps silent.
CONTENT = ("well", "so_so")
# Nobody comes any more: the calendar says so.
ENDED_WITHOUT = (S.NOT_DONE, S.WITHDRAWN, S.CANCELLED)
