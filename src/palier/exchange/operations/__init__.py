"""A file that comes in: brought, its columns said, checked line by line, applied whole, taken back; and lists that go out."""

from palier.exchange.operations.applying import apply, ask_apply, decide, decide_all
from palier.exchange.operations.checking import ask_check, check
from palier.exchange.operations.exporting import export_people
from palier.exchange.operations.taking_back import ask_take_back, take_back
from palier.exchange.operations.uploading import bring, choose_sheet, drop, say_columns

__all__ = [
    "apply",
    "ask_apply",
    "ask_check",
    "ask_take_back",
    "bring",
    "check",
    "choose_sheet",
    "decide",
    "decide_all",
    "drop",
    "export_people",
    "say_columns",
    "take_back",
]
