"""Which web-hooks were taken is remembered for a month: far beyond any sender's last retry."""

from datetime import timedelta

from palier.api.models import Received
from palier.journal.retention import Rule

RULES = [
    Rule(
        Received,
        "security",
        keep=timedelta(days=30),
        counted_from="at",
        how="delete",
        basis="SEC-31",
    )
]
