"""Calls: with a person, as her follow-up; without, six months, then what the figures need (table 2.3)."""

from datetime import timedelta

from palier.calls.models import Call, CallDraft, PlannedCall
from palier.journal.retention import FOLLOW_UP, Rule

PURPOSE = "phone_desk"
_CALL = (
    "number",
    "number_raw",
    "who_name",
    "words",
    "closing_note",
    "mood",
    "contact",
)

RULES = [
    Rule(
        Call,
        PURPOSE,
        keep=FOLLOW_UP,
        counted_from="person__last_contact_at",
        or_from="rang_at",
        how="blank",
        fields=_CALL,
        basis="CNIL 2023-095",
    ),
    Rule(
        Call,
        PURPOSE,
        keep=timedelta(days=183),
        counted_from="rang_at",
        how="blank",
        fields=_CALL,
        basis="table 2.3, appel sans personne",
        only=(("person", None),),
    ),
    # Kept past the note only so that it can be taken back.
    Rule(CallDraft, PURPOSE, timedelta(days=7), "saved_at", "delete", "GDP-02"),
    Rule(
        PlannedCall,
        PURPOSE,
        keep=FOLLOW_UP,
        counted_from="person__last_contact_at",
        or_from="closed_at",
        how="blank",
        fields=("about", "feedback"),
        basis="CNIL 2023-095",
    ),
    Rule(
        PlannedCall,
        PURPOSE,
        keep=timedelta(days=183),
        counted_from="closed_at",
        how="blank",
        # Without a person the number may not be empty; nought rings nowhere.
        fields=("about", "feedback"),
        leaves=(("number", "0"),),
        basis="table 2.3, appel sans personne",
        only=(("person", None),),
    ),
]
