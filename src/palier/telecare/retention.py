"""What units told is kept a year; the operator keeps its own records, and the visit its proof."""

from palier.journal.retention import YEAR, Rule
from palier.telecare.models import Event

RULES = [
    Rule(
        Event,
        "telecare",
        keep=YEAR,
        counted_from="at",
        how="delete",
        basis="GDP-03, TEL-08",
    )
]
