"""What was said of a visit is kept two years after it; that it took place stays for the figures."""

from palier.journal.retention import FOLLOW_UP, Rule
from palier.visits.models import Visit

RULES = [
    Rule(
        Visit,
        "social_follow_up",
        keep=FOLLOW_UP,
        counted_from="closed_at",
        how="blank",
        fields=("neighbour_says", "neighbour_note", "person_says"),
        basis="GDP-03, GDP-13",
    )
]
