"""What the status codes of telecare units mean to us (SCAIP), and what becomes of an event."""

from palier.telecare.models import Event

# A visitor pressed the button to say that somebody is there (TEL-03): planned presence, presence after an alarm,
# intervention complete, present.
VISIT_CODES = frozenset({87, 88, 111, 121})
ALARM_CODES = frozenset({9, 10, 110})
# What a unit says about itself. Anything else in a message is unknown, and somebody looks at it (TEL-02).
TECHNICAL_CODES = frozenset(
    {
        5,
        16,
        19,
        23,
        24,
        25,
        26,
        27,
        42,
        69,
        70,
        82,
        83,
        85,
        86,
        92,
        93,
        102,
        103,
        112,
        113,
        114,
        115,
        116,
        119,
    }
)
MESSAGE_TYPES = ("ME", "RE", "IN", "PI")
# A heartbeat or a reset is no message about a person, whatever its code.
SILENT_TYPES = frozenset({"PI", "RE"})

S = Event.State
OPEN = (S.SUGGESTION, S.TO_REVIEW)
MOVES: dict[str, frozenset[str]] = {
    S.SUGGESTION: frozenset({S.VISIT, S.NOTED}),
    S.TO_REVIEW: frozenset({S.VISIT, S.NOTED}),
    S.VISIT: frozenset(),
    S.NOTED: frozenset(),
}


def is_about_a_person(status_code: int, message_type: str) -> bool:
    """Whether somebody has to look at an event that is no visit: alarms, and every code we do not know."""
    return message_type not in SILENT_TYPES and status_code not in TECHNICAL_CODES
