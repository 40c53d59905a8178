"""Every change of a register, by part of its life."""

from palier.register.operations.acknowledging import (
    agree_silent,
    mark_printed,
    mark_sent,
    note_agreement,
    note_objection,
)
from palier.register.operations.alerting import change_alert, end_alert, open_alert
from palier.register.operations.changing import change_enrolment, leave_registers, purge, remove
from palier.register.operations.communicating import (
    approve_communication,
    ask_communication,
    refuse_communication,
    take_copy,
    tell_recipients,
)
from palier.register.operations.designating import designate, end_designation, promise_secrecy
from palier.register.operations.enrolling import enrol
from palier.register.operations.requests import close_request, receive_request
from palier.register.operations.rounds import close_round, mark_cards_sent, note_confirmation, open_round
from palier.register.operations.setting_up import (
    change_register,
    draft_notice,
    end_register,
    open_register,
    publish_notice,
)
from palier.register.operations.using import use_list
from palier.register.operations.withdrawing import withdraw

__all__ = [
    "agree_silent",
    "approve_communication",
    "ask_communication",
    "change_alert",
    "change_enrolment",
    "change_register",
    "close_request",
    "close_round",
    "designate",
    "draft_notice",
    "end_alert",
    "end_designation",
    "end_register",
    "enrol",
    "leave_registers",
    "mark_cards_sent",
    "mark_printed",
    "mark_sent",
    "note_agreement",
    "note_confirmation",
    "note_objection",
    "open_alert",
    "open_register",
    "open_round",
    "promise_secrecy",
    "publish_notice",
    "purge",
    "receive_request",
    "refuse_communication",
    "remove",
    "take_copy",
    "tell_recipients",
    "use_list",
    "withdraw",
]
