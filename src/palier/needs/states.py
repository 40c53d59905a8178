"""Which state of a need may follow which, and what is owed in each."""

from palier.duties.models import Kind as DutyKind
from palier.needs.models import Need

S = Need.State

MOVES: dict[str, frozenset[str]] = {
    S.TO_PROPOSE: frozenset({S.ASKING, S.NOBODY, S.AGREED, S.REFERRED, S.TO_CONCLUDE, S.CLOSED}),
    S.ASKING: frozenset({S.TO_PROPOSE, S.NOBODY, S.AGREED, S.REFERRED, S.CLOSED}),
    S.NOBODY: frozenset({S.TO_PROPOSE, S.ASKING, S.AGREED, S.REFERRED, S.TO_CONCLUDE, S.CLOSED}),
    # A neighbour withdraws, a visit did not take place: it is looked for again.
    S.AGREED: frozenset({S.TO_PROPOSE, S.ASKING, S.NOBODY, S.TO_CONCLUDE, S.CLOSED}),
    S.REFERRED: frozenset({S.TO_PROPOSE, S.NOBODY, S.TO_CONCLUDE, S.CLOSED}),
    S.TO_CONCLUDE: frozenset({S.TO_PROPOSE, S.ASKING, S.CLOSED}),
    S.CLOSED: frozenset(),
}

# A need has exactly one open duty of its own. While neighbours are asked, or somebody is on the way, the
# wave, the visit and the referral have theirs, due sooner.
OWES: dict[str, str] = {
    S.TO_PROPOSE: DutyKind.FIND_SOMEBODY,
    S.ASKING: DutyKind.FIND_SOMEBODY,
    S.NOBODY: DutyKind.FIND_SOMEBODY,
    S.AGREED: DutyKind.CLOSE_NEED,
    S.REFERRED: DutyKind.CLOSE_NEED,
    S.TO_CONCLUDE: DutyKind.CLOSE_NEED,
}
# What may no longer change once neighbours or partners were told of it.
SETTLED_WINDOW = frozenset({S.ASKING, S.AGREED, S.REFERRED, S.TO_CONCLUDE})
