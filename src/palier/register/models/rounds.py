"""The yearly question whether an entry still holds; no answer removes nobody (REG-12)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from palier.accounts.actor import Actor
from palier.kernel import clock
from palier.register.models.enrolments import Enrolment
from palier.register.models.registers import Register
from palier.territories.models import Walled


class ConfirmationRoundQuerySet(models.QuerySet["ConfirmationRound"]):
    def visible_to(self, actor: Actor) -> "ConfirmationRoundQuerySet":
        return self.filter(register__in=Register.objects.enterable_by(actor))

    def open(self) -> "ConfirmationRoundQuerySet":
        return self.filter(closed_at__isnull=True)


class ConfirmationRound(Walled):
    """One asking of everybody whose entry is old: cards, then calls; open until somebody says it is over."""

    register = models.ForeignKey(Register, on_delete=models.PROTECT, related_name="rounds")
    name = models.CharField(max_length=80)
    opened_at = models.DateTimeField(default=clock.now)
    opened_by = models.CharField(max_length=120)
    due_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=120, blank=True, default="")

    objects = ConfirmationRoundQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["register"],
                condition=Q(closed_at__isnull=True),
                name="one_round_at_a_time",
                violation_error_message=_("Un tour de confirmation est déjà en cours."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class Confirmation(Walled):
    """One person asked in one round, and what came of it."""

    class Result(models.TextChoices):
        WAITING = "", _("sans réponse pour l’instant")
        CONFIRMED = "confirmed", _("rien à changer")
        CHANGED = "changed", _("corrigée")
        NO_ANSWER = "no_answer", _("pas jointe")
        REMOVED = "removed", _("ne veut plus")

    round = models.ForeignKey(ConfirmationRound, on_delete=models.CASCADE, related_name="confirmations")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="confirmations")
    card_sent_at = models.DateTimeField(null=True, blank=True)
    result = models.CharField(max_length=10, choices=Result, blank=True, default="")
    noted_at = models.DateTimeField(null=True, blank=True)
    noted_by = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "enrolment"], name="asked_once_a_round")]

    def __str__(self) -> str:
        return f"{self.round_id} {self.enrolment_id}"
