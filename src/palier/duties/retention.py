"""What was owed is kept for the figures; whom it was about goes with the follow-up."""

from palier.duties.models import Duty
from palier.journal.retention import FOLLOW_UP, Rule

RULES = [
    Rule(
        Duty,
        "social_follow_up",
        FOLLOW_UP,
        "settled_at",
        "blank",
        "GDP-03",
        fields=("label", "settled_by", "acknowledged_by"),
    )
]
