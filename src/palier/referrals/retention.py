"""What was written to and by a partner is kept two years after the hand-over ended; who and when stay for the figures."""

from palier.journal.retention import FOLLOW_UP, Rule
from palier.referrals.models import Referral

RULES = [
    Rule(
        Referral,
        "social_follow_up",
        keep=FOLLOW_UP,
        counted_from="closed_at",
        how="blank",
        fields=("note", "answer"),
        basis="GDP-03, GDP-12",
    )
]
