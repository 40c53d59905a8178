"""Asking neighbours in small waves, and taking their answers: the first yes wins, whoever else answers at once."""

from palier.matching.operations.answering import answer_offer, claim, release_offer
from palier.matching.operations.asking import (
    ask_again,
    cancel_asking,
    keep_apart,
    send_wave,
    stop_asking,
    stop_asking_neighbour,
)
from palier.matching.operations.texts import read_inbound, settle_inbound
from palier.matching.operations.waves import WIDEST, candidates, may_be_given_to_neighbours, widen_due

__all__ = [
    "WIDEST",
    "answer_offer",
    "ask_again",
    "cancel_asking",
    "candidates",
    "claim",
    "keep_apart",
    "may_be_given_to_neighbours",
    "read_inbound",
    "release_offer",
    "send_wave",
    "settle_inbound",
    "stop_asking",
    "stop_asking_neighbour",
    "widen_due",
]
