"""A call from ringing to written down, immediate danger, and the calls owed to somebody."""

from palier.calls.operations.danger import declare_danger, note_danger_call
from palier.calls.operations.planned import keep_planned_call, plan_call, postpone_calls
from palier.calls.operations.ringing import answer, hang_up, ring, set_aside, start_by_hand
from palier.calls.operations.undoing import undo_log
from palier.calls.operations.writing import log_call, save_draft

__all__ = [
    "answer",
    "declare_danger",
    "hang_up",
    "keep_planned_call",
    "log_call",
    "note_danger_call",
    "plan_call",
    "postpone_calls",
    "ring",
    "save_draft",
    "set_aside",
    "start_by_hand",
    "undo_log",
]
