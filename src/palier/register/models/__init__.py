"""Registers and their notices, who is named, who is enrolled, what was passed on, alerts and yearly rounds."""

from palier.register.models.alerts import Alert
from palier.register.models.communications import CommunicatedEntry, Communication, Rectification
from palier.register.models.designations import Designation, Undertaking
from palier.register.models.enrolments import Enrolment, EnrolmentRequest
from palier.register.models.registers import BLOCKS, Notice, Register
from palier.register.models.rounds import Confirmation, ConfirmationRound

__all__ = [
    "BLOCKS",
    "Alert",
    "CommunicatedEntry",
    "Communication",
    "Confirmation",
    "ConfirmationRound",
    "Designation",
    "Enrolment",
    "EnrolmentRequest",
    "Notice",
    "Rectification",
    "Register",
    "Undertaking",
]
