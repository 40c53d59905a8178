"""A neighbour on the way: planned by a yes, reminded, taken back, proved, asked about on both sides, concluded."""

from palier.visits.operations.agreeing import cancel, plan_visit, remind, remind_due, withdraw
from palier.visits.operations.asking import ask_neighbour, ask_neighbours, neighbour_report, person_feedback
from palier.visits.operations.concluding import conclude, conclude_silent, weigh
from palier.visits.operations.proving import EARLY, miss, miss_due, not_done, prove

__all__ = [
    "EARLY",
    "ask_neighbour",
    "ask_neighbours",
    "cancel",
    "conclude",
    "conclude_silent",
    "miss",
    "miss_due",
    "neighbour_report",
    "not_done",
    "person_feedback",
    "plan_visit",
    "prove",
    "remind",
    "remind_due",
    "weigh",
    "withdraw",
]
