"""How long messages are kept: a year for their content, two for the address they went to (table 2.3).

The row stays: that somebody was written to, when, and whether it arrived are part of the thread of a need. A STOP
stays as well, so that it holds.
"""

from datetime import timedelta

from palier.journal.retention import FOLLOW_UP, YEAR, Rule
from palier.messaging.letters import SECRET
from palier.messaging.models import Inbound, Message, Suppression

PURPOSE = "telling_people"
BASIS = "GDP-03"

RULES = [
    # A link that signs somebody in is blanked as it leaves; this is for one that never left.
    Rule(
        Message,
        PURPOSE,
        timedelta(hours=2),
        "created_at",
        "blank",
        "SEC-27",
        fields=("body",),
        only=(("template__in", SECRET),),
    ),
    Rule(Message, PURPOSE, YEAR, "created_at", "blank", BASIS, fields=("subject", "body")),
    Rule(Message, PURPOSE, FOLLOW_UP, "created_at", "blank", BASIS, fields=("to", "error")),
    Rule(Inbound, PURPOSE, YEAR, "received_at", "blank", BASIS, fields=("body",)),
    Rule(Inbound, PURPOSE, FOLLOW_UP, "received_at", "blank", BASIS, fields=("sender",)),
    Rule(Suppression, PURPOSE, None, "ended_at", "delete", "RGPD art. 21"),
]


def forget_address(territory_id: int, address: str) -> int:
    """Blank everything exchanged with an address whose owner is erased."""
    count = Message.objects.filter(territory_id=territory_id, to=address).update(body="", subject="", to="")
    return count + Inbound.objects.filter(territory_id=territory_id, sender=address).update(
        body="", sender=""
    )
