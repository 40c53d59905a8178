"""What telecare operators tell us: button events on the unit of a subscriber."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from palier.accounts.actor import Actor
from palier.kernel import clock
from palier.people.models import Person, of_seen_people
from palier.territories.models import Organisation, Walled
from palier.visits.models import Visit


class EventQuerySet(models.QuerySet["Event"]):
    def visible_to(self, actor: Actor) -> "EventQuerySet":
        """The desk sees all; the operator's own members see what they sent (TEL-02)."""
        if actor.is_ours or actor.is_desk:
            return self.filter(of_seen_people(actor), territory_id=actor.territory_id)
        if actor.kind == "member":
            return self.filter(territory_id=actor.territory_id, organisation_id=actor.organisation_id or 0)
        return self.none()


class Event(Walled):
    """One event of one unit, exactly once per operator's reference (TEL-04)."""

    class State(models.TextChoices):
        VISIT = "visit", _("Visite confirmée")
        SUGGESTION = "suggestion", _("Peut-être une visite")
        TO_REVIEW = "to_review", _("À regarder")
        NOTED = "noted", _("Noté")

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="telecare_events")
    reference = models.CharField(max_length=16)
    unit = models.CharField(max_length=16)
    # SCAIP status code as an integer, and the message type ME, RE, IN or PI.
    status_code = models.PositiveIntegerField()
    message_type = models.CharField(max_length=2, default="ME")
    marked_as_visit = models.BooleanField(default=False)
    at = models.DateTimeField()
    received_at = models.DateTimeField(default=clock.now)
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    visit = models.ForeignKey(
        Visit, null=True, blank=True, on_delete=models.PROTECT, related_name="telecare_events"
    )
    state = models.CharField(max_length=10, choices=State)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=120, blank=True, default="")

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "unit", "reference"], name="telecare_event_once"),
            models.CheckConstraint(
                condition=~Q(state__in=["visit", "noted"]) | Q(closed_at__isnull=False),
                name="settled_telecare_event_is_closed",
            ),
        ]
        indexes = [models.Index(fields=["territory", "-at"], name="telecare_event_list")]

    def __str__(self) -> str:
        return f"{self.unit} {self.reference}"
