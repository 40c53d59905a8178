"""Something somebody is worried about, with facts, a name and a time to act."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from palier.accounts.actor import Actor
from palier.accounts.models import Membership
from palier.kernel import clock
from palier.people.models import Person, of_seen_people
from palier.territories.models import Walled


class ConcernQuerySet(models.QuerySet["Concern"]):
    def visible_to(self, actor: Actor) -> "ConcernQuerySet":
        if actor.is_ours or actor.is_desk:
            return self.filter(of_seen_people(actor), territory_id=actor.territory_id)
        return self.none()

    def open(self) -> "ConcernQuerySet":
        return self.filter(closed_at__isnull=True)


class Concern(Walled):
    """Facts seen, heard or told that worry somebody; open until somebody says what was done."""

    class Urgency(models.TextChoices):
        NOW = "now", _("tout de suite")
        TODAY = "today", _("dans la journée")
        TWO_DAYS = "two_days", _("sous 48 heures")
        WEEK = "week", _("cette semaine")

    class Source(models.TextChoices):
        AGENT = "agent", _("Appel")
        NEIGHBOUR = "neighbour", _("Voisin")
        TELECARE = "telecare", _("Téléassistance")
        PARTNER = "partner", _("Partenaire")

    class Outcome(models.TextChoices):
        REASSURED = "reassured", _("Rien d’inquiétant")
        FOLLOWED = "followed", _("Suivi mis en place")
        REFERRED = "referred", _("Transmis à un professionnel")
        EMERGENCY = "emergency", _("Secours appelés")

    person = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="concerns"
    )
    facts = models.CharField(max_length=4000)
    urgency = models.CharField(max_length=10, choices=Urgency, default=Urgency.TODAY)
    source = models.CharField(max_length=10, choices=Source, default=Source.AGENT)
    reported_by = models.CharField(max_length=120)
    opened_at = models.DateTimeField(default=clock.now)
    owner = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True, default="")
    what_was_done = models.CharField(max_length=2000, blank=True, default="")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=120, blank=True, default="")

    objects = ConcernQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, outcome="")
                | (Q(closed_at__isnull=False) & ~Q(outcome="")),
                name="concern_closed_with_an_outcome",
            ),
            models.CheckConstraint(condition=~Q(facts=""), name="concern_has_facts"),
        ]
        indexes = [
            models.Index(fields=["territory", "-opened_at", "-id"], name="concern_list"),
            models.Index(fields=["person", "-opened_at"], name="concern_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"
