"""What leaves the house by SMS or mail (the outbox), and what comes back by SMS."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from palier.kernel import clock
from palier.territories.models import Walled


class Message(Walled):
    """One message to one address. `key` makes it exist once, lease and provider's id sent once."""

    class Channel(models.TextChoices):
        SMS = "sms", "SMS"
        EMAIL = "email", _("Courriel")

    class State(models.TextChoices):
        QUEUED = "queued", _("En attente")
        SENDING = "sending", _("En cours d’envoi")
        SENT = "sent", _("Parti")
        DELIVERED = "delivered", _("Reçu")
        FAILED = "failed", _("Échec")
        UNCLEAR = "unclear", _("Envoi incertain")
        CANCELLED = "cancelled", _("Annulé")

    key = models.CharField(max_length=120)
    channel = models.CharField(max_length=5, choices=Channel)
    # The name the telephone shows as the sender of a text message.
    sender = models.CharField(max_length=11, blank=True, default="", db_default="")
    to = models.CharField(max_length=254)
    subject = models.CharField(max_length=120, blank=True, default="")
    body = models.TextField()
    segments = models.PositiveSmallIntegerField(default=1)
    template = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED, db_default="queued")
    # Lower goes first: 0 danger, 1 answers awaited, 5 ordinary, 9 when there is time.
    priority = models.PositiveSmallIntegerField(default=5)
    due_at = models.DateTimeField(default=clock.now)
    # When the next quiet hours begin: from then on it waits for a new `due_at`. Null: it may wake people.
    holds_at = models.DateTimeField(null=True, blank=True)
    # After this moment it makes no sense any more (a reminder for a visit that began).
    expires_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    # When it was last given to a provider that cannot recognise a repeat: from then on nobody knows.
    handed_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    provider = models.CharField(max_length=20, blank=True, default="")
    provider_id = models.CharField(max_length=80, blank=True, default="")
    error = models.CharField(max_length=200, blank=True, default="")
    about_kind = models.CharField(max_length=40)
    about_id = models.BigIntegerField()
    person_id = models.BigIntegerField(null=True, blank=True)
    volunteer_id = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    receipt_at = models.DateTimeField(null=True, blank=True)
    # Set while somebody has to look at it (failed, unclear): open things have duties.
    needs_care = models.BooleanField(default=False, db_default=False)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["territory", "key"], name="message_key_once"),
            models.CheckConstraint(
                condition=~Q(state="sending") | Q(lease_until__isnull=False), name="sending_is_leased"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["sent", "delivered"]) | Q(sent_at__isnull=False),
                name="sent_message_has_a_time",
            ),
        ]
        indexes = [
            # The sender's queue; partial, because a campaign updates every row three times.
            models.Index(
                fields=["priority", "due_at", "id"], name="message_queue", condition=Q(state="queued")
            ),
            models.Index(fields=["lease_until"], name="message_leased", condition=Q(state="sending")),
            # Receipts of the provider.
            models.Index(
                fields=["provider", "provider_id"], name="message_of_provider", condition=~Q(provider_id="")
            ),
            # The demo telephones and the file of a volunteer.
            models.Index(fields=["territory", "to", "-id"], name="message_of_address"),
            models.Index(fields=["about_kind", "about_id"], name="message_about"),
            # The job that hands what could not be sent to somebody.
            models.Index(
                fields=["territory", "id"],
                name="message_in_trouble",
                condition=Q(state__in=["failed", "unclear"], needs_care=False, closed_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.key


class Inbound(Walled):
    """One text message received; the provider's id makes it count once."""

    provider = models.CharField(max_length=20)
    provider_id = models.CharField(max_length=80)
    sender = models.CharField(max_length=20)
    body = models.CharField(max_length=1600)
    received_at = models.DateTimeField(default=clock.now)
    understood_as = models.CharField(max_length=20, blank=True, default="")
    # Open until understood or read by somebody.
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["territory", "provider", "provider_id"], name="inbound_once")
        ]
        indexes = [models.Index(fields=["territory", "sender", "-id"], name="inbound_of_sender")]

    def __str__(self) -> str:
        return f"{self.provider} {self.provider_id}"


class Suppression(Walled):
    """An address that asked for no more messages (STOP); START ends it."""

    channel = models.CharField(max_length=5, choices=Message.Channel)
    address = models.CharField(max_length=254)
    since = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["territory", "channel", "address"],
                condition=Q(ended_at__isnull=True),
                name="one_live_suppression_an_address",
            )
        ]

    def __str__(self) -> str:
        return self.channel
