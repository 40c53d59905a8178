"""Who may call our web-hooks, and which calls were already taken."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from palier.kernel import clock
from palier.territories.models import Organisation, Walled


class Endpoint(Walled):
    """One sender of signed web-hooks: a telephone system, a telecare operator, a message provider (SEC-31)."""

    class Kind(models.TextChoices):
        TELEPHONY = "telephony", _("Téléphonie")
        TELECARE = "telecare", _("Téléassistance")
        SMS = "sms", _("SMS")

    kind = models.CharField(max_length=10, choices=Kind)
    # Second half of the public name: « belrive.standard ».
    code = models.SlugField(max_length=40)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    # `whsec_` + base64, encrypted with the installation's key; two are alive during a rotation.
    secret = models.CharField(max_length=300)
    former_secret = models.CharField(max_length=300, blank=True, default="")
    former_until = models.DateTimeField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["territory", "code"], name="endpoint_code_once"),
            models.CheckConstraint(
                condition=Q(former_secret="") | Q(former_until__isnull=False), name="former_secret_ends"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Received(Walled):
    """One web-hook already taken: the same `webhook-id` twice has one effect."""

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="received")
    webhook_id = models.CharField(max_length=100)
    at = models.DateTimeField(default=clock.now)
    answer = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["endpoint", "webhook_id"], name="webhook_once")]
        # The nightly purge.
        indexes = [models.Index(fields=["at"], name="webhook_by_date")]

    def __str__(self) -> str:
        return self.webhook_id
