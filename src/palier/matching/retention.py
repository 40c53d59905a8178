"""How long it is kept who was asked for whom."""

from palier.journal.retention import FOLLOW_UP, Rule
from palier.matching.models import KeepApart, Offer, Wave

RULES = [
    Rule(
        Offer,
        "social_follow_up",
        keep=FOLLOW_UP,
        counted_from="need__closed_at",
        how="blank",
        # Who was asked, and what he answered, stay as numbers for the figures; his name is on his own file.
        fields=("reasons", "noted_by"),
        basis="GDP-03, GDP-14",
    ),
    Rule(
        Wave,
        "social_follow_up",
        keep=None,
        counted_from="need__closed_at",
        how="delete",
        basis="GDP-26",
    ),
    Rule(
        KeepApart,
        "social_follow_up",
        keep=None,
        counted_from="at",
        how="delete",
        basis="GDP-03",
    ),
]
