"""Posting messages, taking them back, receiving answers and receipts, and settling what went wrong.

Nothing is sent here: a posted message is a row, and `engine` carries it once the transaction has committed.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.journal.operations import Mention, kind_of, record
from palier.kernel import clock, phones, statements, text
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.messaging import events, hours, policies, queries
from palier.messaging.models import Inbound, Message, Suppression
from palier.messaging.templates import TEMPLATES, render
from palier.territories.models import Territory

# The sender listens here; the payload says nothing.
CHANNEL = "palier_outbox"

STOP = frozenset({"stop", "arret", "arreter", "arretez", "desabonner", "desinscription", "unsubscribe"})
START = frozenset({"start", "reprise", "reprendre", "unstop"})
_WORD = re.compile(r"[a-z0-9]+")


# Whose words these are.
_WHERE_FROM = f"""
select (select o.name from territories_organisation o where o.territory_id = t.id and o.is_lead),
  {statements.columns(Territory, "t")} from territories_territory t where t.id = %s
"""


@transaction.atomic
def post(
    key: str,
    *,
    to: str,
    template: str,
    context: Mapping[str, Any],
    about: models.Model | Mention,
    actor: Actor,
    channel: str = "sms",
    person_id: int | None = None,
    volunteer_id: int | None = None,
    priority: int = 5,
    not_before: datetime | None = None,
    expires_at: datetime | None = None,
    ignores_quiet_hours: bool = False,
) -> Message | None:
    """Write one message to the outbox, once per `key` in the territory however often it is called.

    It leaves after the commit, at `not_before` or now, moved out of the quiet hours unless it
    `ignores_quiet_hours`: that is for danger only, and also passes over a STOP. Past `expires_at` it is not
    sent. None: nobody can be written there (STOP was received, or the number takes no text messages). Raises
    BadInput for what is no address, ValueError for a wrong template or context.
    """
    found = statements.rows(_WHERE_FROM, [actor.territory_id])[0]
    lead, territory = found[0], statements.made(Territory, found[1:])
    address = _address(channel, to, territory)
    if channel == Message.Channel.SMS and not phones.can_receive_sms(address):
        return None
    if not ignores_quiet_hours and queries.is_suppressed(territory.pk, channel, address):
        return None
    if template in TEMPLATES and TEMPLATES[template].channel != channel:
        raise ValueError(f"{template} does not go by {channel}")
    rendered = render(template, context, territory=territory, lead=lead)
    now = clock.now()
    due_at = max(not_before or now, now)
    holds_at = None
    if channel == Message.Channel.SMS and not ignores_quiet_hours:
        due_at = hours.next_moment(territory, due_at)
        holds_at = hours.next_quiet(territory, due_at)
    too_late = expires_at is not None and expires_at <= due_at
    Message.objects.bulk_create(
        [
            Message(
                territory_id=territory.pk,
                key=key,
                channel=channel,
                sender=territory.sender_name if channel == Message.Channel.SMS else "",
                to=address,
                subject=rendered.subject,
                body=rendered.body,
                segments=max(1, rendered.segments),
                template=template,
                state=Message.State.CANCELLED if too_late else Message.State.QUEUED,
                error="expired before it could leave" if too_late else "",
                priority=priority,
                due_at=due_at,
                holds_at=holds_at,
                expires_at=expires_at,
                about_kind=kind_of(about),
                about_id=about.pk,
                person_id=person_id,
                volunteer_id=volunteer_id,
                created_at=now,
            )
        ],
        # The second of two who post the same key finds the first one's row.
        ignore_conflicts=True,
    )
    _wake_the_sender()
    return Message.objects.get(territory_id=territory.pk, key=key)


@transaction.atomic
def cancel(about: models.Model | Mention, *, actor: Actor, templates: Iterable[str] | None = None) -> int:
    """Take back what is not gone yet about a thing (all of it, or these templates); gives how many messages.

    What the sender holds at this moment expires now: it looks once more just before each sending.
    """
    messages = Message.objects.filter(
        territory_id=actor.territory_id, about_kind=kind_of(about), about_id=about.pk
    )
    if templates is not None:
        messages = messages.filter(template__in=list(templates))
    return _take_back(messages, "no longer needed")


def waiting_about(person_id: int) -> list[int]:
    """The messages about a person that are not gone yet."""
    waiting = Message.objects.filter(
        person_id=person_id, state__in=[Message.State.QUEUED, Message.State.SENDING]
    )
    return list(waiting.order_by("pk").values_list("pk", flat=True))


def take_back(ids: Iterable[int], *, why: str, actor: Actor) -> int:
    """Take back those of these messages that are not gone yet; gives how many."""
    return _take_back(Message.objects.filter(territory_id=actor.territory_id, pk__in=list(ids)), why)


def _take_back(messages: models.QuerySet[Message], why: str) -> int:
    # First those in hand: one that is claimed between the two statements is seen by neither otherwise.
    now = clock.now()
    held = messages.filter(state=Message.State.SENDING).update(expires_at=now)
    waiting = messages.filter(state=Message.State.QUEUED).update(state=Message.State.CANCELLED, error=why)
    late = messages.filter(state=Message.State.SENDING, expires_at__gt=now).update(expires_at=now)
    return held + waiting + late


@transaction.atomic
def receive(*, provider: str, provider_id: str, sender: str, body: str, actor: Actor) -> Inbound | None:
    """Take in one text message; None when the provider delivers it a second time.

    STOP and START (in any case, with accents, with a word of politeness: SMS-06) are settled here. Any other
    message is open, and the caller says in the same transaction what it meant or who reads it: an open one
    that nobody owes anything about is refused at commit.
    """
    territory = Territory.objects.get(pk=actor.territory_id)
    try:
        address = phones.parse(sender, territory.phone_region).e164
    except phones.BadPhone:
        # A name instead of a number: an operator's own message. Kept as it came.
        address = sender.strip()[:20]
    word = understood(body)
    now = clock.now()
    inbound, is_new = Inbound.objects.get_or_create(
        territory_id=territory.pk,
        provider=provider[:20],
        provider_id=provider_id[:80],
        defaults={
            "sender": address,
            "body": body[:1600],
            "received_at": now,
            "understood_as": word,
            "closed_at": now if word else None,
        },
    )
    if not is_new:
        return None
    if word == "stop":
        stop(address, actor=actor, inbound=inbound)
    elif word == "start":
        start(address, actor=actor, inbound=inbound)
    else:
        record(events.INBOUND_RECEIVED, actor=actor, about=[inbound])
    return inbound


def understood(body: str) -> str:
    """`stop`, `start` or nothing. The first word decides: « stop svp » is one, « un arrêt de bus » not."""
    words = _WORD.findall(text.fold(body))
    if not words or len(words) > 4:
        return ""
    if words[0] in STOP:
        return "stop"
    return "start" if words[0] in START else ""


@transaction.atomic
def stop(address: str, *, actor: Actor, inbound: Inbound | None = None, channel: str = "sms") -> None:
    """No more messages to this address, from now on and in the queue; danger alone still passes."""
    Suppression.objects.bulk_create(
        [Suppression(territory_id=actor.territory_id, channel=channel, address=address, since=clock.now())],
        ignore_conflicts=True,
    )
    # Without quiet hours are only those for danger, which a STOP does not keep back.
    waiting = Message.objects.filter(
        territory_id=actor.territory_id, channel=channel, to=address, holds_at__isnull=False
    )
    _take_back(waiting, "STOP received")
    record(events.ADDRESS_STOPPED, actor=actor, about=[inbound or Mention("messaging.suppression", 0)])


@transaction.atomic
def start(address: str, *, actor: Actor, inbound: Inbound | None = None, channel: str = "sms") -> None:
    """The owner of the address wants messages again."""
    Suppression.objects.filter(
        territory_id=actor.territory_id, channel=channel, address=address, ended_at__isnull=True
    ).update(ended_at=clock.now())
    record(events.ADDRESS_STARTED, actor=actor, about=[inbound or Mention("messaging.suppression", 0)])


# A receipt never takes a message back to an earlier state (SMS-01).
RECEIPT_STATES = ("sent", "delivered", "failed")
_RANK = {
    Message.State.QUEUED: 0,
    Message.State.CANCELLED: 0,
    Message.State.SENDING: 0,
    Message.State.UNCLEAR: 1,
    Message.State.SENT: 2,
    Message.State.FAILED: 3,
    Message.State.DELIVERED: 4,
}


@transaction.atomic
def note_receipt(
    provider: str,
    provider_id: str,
    state: str,
    *,
    actor: Actor,
    key: str = "",
    error: str = "",
    at: datetime | None = None,
) -> Message | None:
    """Take in the provider's word on a message: `sent`, `delivered` or `failed`. Late ones change nothing.

    `key` is ours, where the provider repeats it: a receipt can be faster than the answer to the sending.
    None when no such message is known (the provider should say it again later).
    """
    if state not in RECEIPT_STATES:
        raise BadInput("state", _("Cet état de message n’existe pas."), "unknown_state")
    messages = Message.objects.select_for_update(no_key=True).filter(
        territory_id=actor.territory_id, provider=provider
    )
    message = messages.filter(provider_id=provider_id).first() if provider_id else None
    if message is None and key:
        message = messages.filter(key=key).first()
    if message is None:
        return None
    now = at or clock.now()
    if _RANK[Message.State(state)] <= _RANK[Message.State(message.state)]:
        return message
    message.state = state
    message.receipt_at = now
    message.sent_at = message.sent_at or (now if state != "failed" else None)
    message.provider_id = message.provider_id or provider_id[:80]
    message.lease_until = None
    message.error = _clean(error)
    message.save(update_fields=["state", "receipt_at", "sent_at", "provider_id", "lease_until", "error"])
    if state == Message.State.FAILED:
        ask_for_care(message, actor=actor)
    elif message.needs_care and message.closed_at is None:
        _close(message, how="receipt", actor=actor)
    return message


@transaction.atomic
def ask_for_care(message: Message, *, actor: Actor) -> None:
    """Hand a message that failed, or may have left, to somebody: it opens a duty, and no second message."""
    # One conditional update: two workers may look at the same time.
    changed = Message.objects.filter(
        pk=message.pk,
        state__in=[Message.State.FAILED, Message.State.UNCLEAR],
        needs_care=False,
        closed_at__isnull=True,
    ).update(needs_care=True)
    if not changed:
        return
    message.needs_care = True
    record(
        events.MESSAGE_NEEDS_CARE,
        actor=actor,
        about=_about(message),
        state=message.state,
        channel=message.channel,
        template=message.template,
    )


MENDED = ("sent_anyway", "call_instead", "drop")


@transaction.atomic
def mend(message_id: int, *, how: str, actor: Actor) -> Message:
    """Say what became of a message that needed somebody: `sent_anyway`, `call_instead` or `drop`.

    It is never sent a second time from here. Raises NotPossibleNow when a colleague settled it before.
    """
    if how not in MENDED:
        raise BadInput("how", _("Choisissez ce que vous avez fait."), "unknown_choice")
    message = Message.objects.select_for_update(no_key=True).get(
        pk=message_id, territory_id=actor.territory_id
    )
    if not policies.may_mend(actor, message):
        raise NotAllowed
    if not message.needs_care or message.closed_at is not None:
        raise NotPossibleNow(_("Ce message est déjà réglé."))
    if how == "sent_anyway":
        message.state = Message.State.SENT
        message.sent_at = message.sent_at or message.handed_at or clock.now()
        message.save(update_fields=["state", "sent_at"])
    _close(message, how=how, actor=actor)
    return message


def _close(message: Message, *, how: str, actor: Actor) -> None:
    message.closed_at = clock.now()
    message.save(update_fields=["closed_at"])
    record(
        events.MESSAGE_MENDED,
        actor=actor,
        about=_about(message),
        how=how,
        channel=message.channel,
        template=message.template,
    )


@transaction.atomic
def wake_the_held(*, actor: Actor) -> int:
    """Give messages that the quiet hours overtook in the queue a new time, in the morning."""
    territory = Territory.objects.get(pk=actor.territory_id)
    now = clock.now()
    held = Message.objects.select_for_update(no_key=True, skip_locked=True).filter(
        territory_id=territory.pk, state=Message.State.QUEUED, holds_at__lte=now
    )
    count = 0
    for message in held.order_by("pk")[:2000]:
        message.due_at = hours.next_moment(territory, max(message.due_at, now))
        message.holds_at = hours.next_quiet(territory, message.due_at)
        message.save(update_fields=["due_at", "holds_at"])
        count += 1
    return count


def _about(message: Message) -> list[models.Model | Mention]:
    about: list[models.Model | Mention] = [message]
    if message.person_id is not None:
        about.append(Mention("people.person", message.person_id))
    if message.volunteer_id is not None:
        about.append(Mention("volunteers.volunteer", message.volunteer_id))
    return about


def _address(channel: str, to: str, territory: Territory) -> str:
    if channel == Message.Channel.SMS:
        return phones.parse(to, territory.phone_region).e164
    address = to.strip()
    if "@" not in address or any(sign.isspace() for sign in address) or len(address) > 254:
        raise BadInput("email", _("Cette adresse de courriel ne peut pas être utilisée."), "bad_email")
    return address


def _clean(error: str) -> str:
    return " ".join(error.split())[:200]


def _wake_the_sender() -> None:
    """Delivered at commit; several in one transaction arrive as one."""
    statements.rows("select pg_notify(%s, '')", [CHANNEL])
