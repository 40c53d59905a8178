"""The alert: which plan, who triggered it, by which act, from when to when (REG-25, ALR-01)."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from palier.accounts.actor import Actor
from palier.kernel import clock
from palier.territories.models import Walled


class AlertQuerySet(models.QuerySet["Alert"]):
    def visible_to(self, actor: Actor) -> "AlertQuerySet":
        """That the town is in an alert is no secret."""
        return self.filter(territory_id=actor.territory_id)

    def open(self) -> "AlertQuerySet":
        return self.filter(ended_at__isnull=True)


class Alert(Walled):
    """A plan that an authority triggered. A list of alert starts from one, never from nothing."""

    class Plan(models.TextChoices):
        HEAT = "heat", _("Vagues de chaleur (ORSEC, gestion sanitaire)")
        COLD = "cold", _("Grand froid")
        FLOOD = "flood", _("Inondation")
        EPIDEMIC = "epidemic", _("Épidémie")
        OTHER = "other", _("Autre risque exceptionnel")

    class Level(models.TextChoices):
        GREEN = "green", _("vert")
        YELLOW = "yellow", _("jaune")
        ORANGE = "orange", _("orange")
        RED = "red", _("rouge")

    class Authority(models.TextChoices):
        PREFECT = "prefect", _("le préfet")
        MAYOR = "mayor", _("le maire")

    plan = models.CharField(max_length=10, choices=Plan)
    level = models.CharField(max_length=8, choices=Level)
    authority = models.CharField(max_length=8, choices=Authority)
    # « Arrêté préfectoral n° 2026-207 », « décision du maire du 3 juillet ».
    act = models.CharField(max_length=120)
    # « Plan déclenché »: without it the town watches and hands nothing to anybody (REG-18).
    is_triggered = models.BooleanField(default=False)
    started_at = models.DateTimeField(default=clock.now)
    started_by = models.CharField(max_length=120)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=120, blank=True, default="")

    objects = AlertQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(act=""),
                name="alert_has_an_act",
                violation_error_message=_("Une alerte repose sur un acte : écrivez sa référence."),
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
                name="alert_ends_after_start",
            ),
            models.UniqueConstraint(
                fields=["territory", "plan"],
                condition=Q(ended_at__isnull=True),
                name="one_open_alert_a_plan",
                violation_error_message=_("Une alerte est déjà ouverte pour ce plan."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan} {self.level}"

    @property
    def said(self) -> str:
        """What the level is called: the colours of vigilance, and the words of the instruction of 7 May 2021."""
        words = {
            (self.Plan.HEAT, self.Level.GREEN): _("veille saisonnière"),
            (self.Plan.HEAT, self.Level.YELLOW): _("pic de chaleur ou épisode persistant"),
            (self.Plan.HEAT, self.Level.ORANGE): _("alerte canicule"),
            (self.Plan.HEAT, self.Level.RED): _("alerte canicule extrême"),
        }
        return str(words.get((self.Plan(self.plan), self.Level(self.level)), _("vigilance")))
