"""How long the rows of accounts and of the journal are kept: both lie too low to say it themselves.

Not here, with reason: memberships stay as long as the files they signed; their holder's name goes with the account.
"""

from datetime import timedelta

from palier.accounts.models import Absence, ActionLink, Membership, OnCall, Session, User
from palier.journal.models import Access, Entry
from palier.journal.retention import FOLLOW_UP, YEAR, Rule
from palier.privacy.models import PrivacySettings, RightsRequest

ACCESS = "access"
RULES = [
    # Counted from the end of the last membership in any territory; `apart.users` applies it.
    Rule(
        User,
        ACCESS,
        YEAR,
        "memberships__ends_at",
        "blank",
        "GDP-03",
        fields=("first_name", "last_name", "email", "password"),
    ),
    Rule(Membership, ACCESS, None, "ends_at", "delete", "GDP-03"),
    # The reason of an absence may speak of health.
    Rule(Absence, ACCESS, YEAR, "ends_at", "delete", "GDP-03"),
    Rule(OnCall, ACCESS, YEAR, "ends_at", "delete", "GDP-03"),
    Rule(Session, ACCESS, timedelta(0), "expire_date", "delete", "SEC-08"),
    Rule(ActionLink, ACCESS, YEAR, "expires_at", "delete", "GDP-13, SEC-27"),
    # Follows the file it speaks of; `apart.entries` applies it.
    Rule(Entry, "history", FOLLOW_UP, "at", "blank", "GDP-03, GDP-14", fields=("personal", "actor_name")),
    # `apart.accesses` applies it.
    Rule(Access, "security", YEAR, "at", "delete", "GDP-10"),
    # The proof that somebody was answered; five years, as a claim may be brought (D).
    Rule(RightsRequest, "rights", 5 * YEAR, "closed_at", "delete", "RGPD art. 12, prescription 5 ans"),
    Rule(PrivacySettings, "rights", None, "id", "delete", "RGPD art. 37"),
]
