"""A concern is kept two years after it was closed, in its own compartment (compliance table 2.3)."""

from palier.concerns.models import Concern
from palier.journal.retention import FOLLOW_UP, Rule

RULES = [
    Rule(
        Concern,
        "safeguarding",
        keep=FOLLOW_UP,
        counted_from="closed_at",
        how="blank",
        fields=("person", "reported_by", "what_was_done", "closed_by"),
        leaves=(("facts", "—"),),
        basis="CASF L121-6-2, SAF-04",
    )
]
