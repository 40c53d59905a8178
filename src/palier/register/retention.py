"""How long the registers keep: until removal or death, and then nothing (R121-11, table 2.3)."""

from datetime import timedelta

from palier.journal.retention import YEAR, Rule
from palier.register.models import (
    CommunicatedEntry,
    Communication,
    Confirmation,
    Designation,
    Enrolment,
    EnrolmentRequest,
    Rectification,
    Undertaking,
)

STATUTORY = "statutory_register"
AT_ONCE = timedelta(0)

RULES = [
    # The hourly purge does it; this is what is left of an hour that failed. In force it has no end.
    Rule(Enrolment, STATUTORY, AT_ONCE, "removed_at", "delete", "CASF R121-11", only=(("state", "removed"),)),
    # Those that led to no entry; the others go with theirs.
    Rule(
        EnrolmentRequest,
        STATUTORY,
        timedelta(days=90),
        "closed_at",
        "delete",
        "table 2.3, demande refusée",
        only=(("enrolment", None),),
    ),
    # The file itself until its recipients must destroy theirs; that it was handed over, for three years.
    Rule(Communication, STATUTORY, AT_ONCE, "expires_at", "blank", "CASF R121-9", fields=("content",)),
    Rule(Communication, STATUTORY, 3 * YEAR, "expires_at", "delete", "CASF R121-10"),
    Rule(CommunicatedEntry, STATUTORY, None, "communication__expires_at", "delete", "CASF R121-10"),
    Rule(Rectification, STATUTORY, YEAR, "closed_at", "delete", "CASF R121-10"),
    Rule(Confirmation, STATUTORY, None, "noted_at", "delete", "CASF R121-8"),
    # Who could read, and had promised: for whoever asks afterwards.
    Rule(Designation, "access_control", 3 * YEAR, "ends_at", "delete", "CASF R121-7"),
    Rule(Undertaking, "access_control", 3 * YEAR, "accepted_at", "delete", "CASF R121-7, L133-5"),
]
