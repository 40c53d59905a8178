"""Which state of an enrolment may follow which, and what may be asked of each kind of register."""

from palier.register.models import Enrolment, Register

S = Enrolment.State
MOVES = {
    S.PENDING: {S.ACTIVE, S.REMOVED},
    S.ACTIVE: {S.REMOVED},
    S.REMOVED: set[Enrolment.State](),
}

K = Register.Kind
# What a register may be used for (REG-22, REG-24): its own purpose, and the yearly look at whether it is right.
USES: dict[str, frozenset[str]] = {
    K.STATUTORY: frozenset({"alert", "isolation_prevention", "communication", "confirmation"}),
    K.TELECARE: frozenset({"telecare", "confirmation"}),
    K.NEWS: frozenset({"news", "events", "confirmation"}),
    K.CONFIDENTIAL: frozenset({"confidential_follow_up", "confirmation"}),
    K.DRIVE: frozenset({"drive", "confirmation"}),
}
# Everything that somebody may want a list for; what no register serves is here to be refused by its name.
EVERY_USE = (
    "alert", "isolation_prevention", "communication", "confirmation", "telecare", "news", "events", "parcel",
    "confidential_follow_up", "drive",
)  # fmt: skip
