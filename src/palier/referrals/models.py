"""A need handed over to an association or a service, with the person's consent, until they answer and it is done."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from palier.accounts.actor import Actor
from palier.kernel import clock
from palier.needs.models import Need
from palier.partners.models import PartnerService
from palier.people.models import of_seen_people
from palier.territories.models import Walled


class ReferralQuerySet(models.QuerySet["Referral"]):
    def visible_to(self, actor: Actor) -> "ReferralQuerySet":
        """The desk sees all; a partner's member sees what was handed to their own organisation."""
        if actor.is_ours or actor.is_desk:
            return self.filter(of_seen_people(actor, "need__person"), territory_id=actor.territory_id)
        if actor.kind == "member":
            return self.filter(
                territory_id=actor.territory_id, service__organisation_id=actor.organisation_id or 0
            )
        return self.none()


class Referral(Walled):
    """One hand-over of one need to one partner."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Proposé")
        ACCEPTED = "accepted", _("Accepté")
        DECLINED = "declined", _("Refusé")
        DONE = "done", _("Fait")
        WITHDRAWN = "withdrawn", _("Repris")

    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="referrals")
    service = models.ForeignKey(PartnerService, on_delete=models.PROTECT, related_name="referrals")
    state = models.CharField(max_length=10, choices=State, default=State.PROPOSED)
    note = models.CharField(max_length=1000, blank=True, default="")
    answer = models.CharField(max_length=1000, blank=True, default="")
    proposed_at = models.DateTimeField(default=clock.now)
    proposed_by = models.CharField(max_length=120)
    answer_by = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = ReferralQuerySet.as_manager()

    class Meta:
        ordering = ["-proposed_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["need"], condition=Q(closed_at__isnull=True), name="one_open_referral_a_need"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "accepted"], closed_at__isnull=True)
                | Q(state__in=["declined", "done", "withdrawn"], closed_at__isnull=False),
                name="referral_closed_when_settled",
            ),
        ]
        indexes = [models.Index(fields=["service", "-proposed_at"], name="referral_of_service")]

    def __str__(self) -> str:
        return f"{self.need_id} {self.service_id}"
