"""A need's texts go two years after the last contact with the person; what is left feeds the figures."""

from palier.journal.retention import FOLLOW_UP, Rule
from palier.needs.models import Need

RULES = [
    Rule(
        Need,
        "social_follow_up",
        keep=FOLLOW_UP,
        counted_from="person__last_contact_at",
        or_from="opened_at",
        how="blank",
        fields=(
            "what",
            "details",
            "words_reason",
            "wish",
            "gender_wanted",
            "language",
            "conditions",
            "opened_by",
            "closed_by",
        ),
        basis="CNIL 2023-095",
    )
]
