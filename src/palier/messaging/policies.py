"""Who may settle what became of a message."""

from palier.accounts.actor import Actor
from palier.messaging.models import Message


def may_mend(actor: Actor, message: Message) -> bool:
    return message.territory_id == actor.territory_id and (actor.is_desk or actor.is_ours)
