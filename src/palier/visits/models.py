"""An agreed visit of a neighbour: announced, proved, asked about on both sides."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from palier.accounts.actor import Actor
from palier.kernel import clock
from palier.matching.models import Offer
from palier.needs.models import Need
from palier.people.models import Person, of_seen_people
from palier.territories.models import Walled
from palier.volunteers.models import Volunteer


class VisitQuerySet(models.QuerySet["Visit"]):
    def visible_to(self, actor: Actor) -> "VisitQuerySet":
        if actor.is_ours or actor.is_desk:
            return self.filter(of_seen_people(actor), territory_id=actor.territory_id)
        if actor.kind == "neighbour":
            return self.filter(territory_id=actor.territory_id, volunteer_id=actor.volunteer_id or 0)
        return self.none()


class Visit(Walled):
    """One neighbour going to one person for one need. Open until it is proved, or known not to have been."""

    class State(models.TextChoices):
        PLANNED = "planned", _("Prévue")
        DONE = "done", _("Faite")
        NOT_DONE = "not_done", _("N’a pas eu lieu")
        WITHDRAWN = "withdrawn", _("Le voisin s’est retiré")
        CANCELLED = "cancelled", _("Annulée")

    class Proof(models.TextChoices):
        PAGE = "page", _("par sa page")
        TELECARE = "telecare", _("par le bouton de téléassistance")
        CALL = "call", _("par un appel de l’accueil")

    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="visits")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="visits")
    volunteer = models.ForeignKey(Volunteer, on_delete=models.PROTECT, related_name="visits")
    offer = models.OneToOneField(Offer, on_delete=models.PROTECT, related_name="visit")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    is_flexible = models.BooleanField(default=False)
    minutes = models.PositiveSmallIntegerField(default=45)
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    agreed_at = models.DateTimeField(default=clock.now)
    reminded_at = models.DateTimeField(null=True, blank=True)
    # When the neighbour was asked, by text message, how it went.
    asked_after_at = models.DateTimeField(null=True, blank=True)
    proof = models.CharField(max_length=8, choices=Proof, blank=True, default="")
    proved_at = models.DateTimeField(null=True, blank=True)
    # When the neighbour was there, as the proof says it.
    came_at = models.DateTimeField(null=True, blank=True)
    # The neighbour's own words on his page: well, worried; and a note.
    neighbour_says = models.CharField(max_length=10, blank=True, default="")
    neighbour_note = models.CharField(max_length=2000, blank=True, default="")
    # Hers, from the call: well, so_so, badly, did_not_come, not_reached.
    person_says = models.CharField(max_length=12, blank=True, default="")
    # Grows with each change the calendar file must show (RFC 5545 SEQUENCE).
    sequence = models.PositiveSmallIntegerField(default=0)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = VisitQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="visit_ends_after_start"),
            models.CheckConstraint(
                condition=Q(state="planned", closed_at__isnull=True)
                | (~Q(state="planned") & Q(closed_at__isnull=False)),
                name="visit_open_while_planned",
            ),
            models.CheckConstraint(
                condition=~Q(state="done") | (Q(proved_at__isnull=False) & ~Q(proof="")),
                name="done_visit_is_proved",
            ),
            # One neighbour is on the way for a need, never two (SEC-10).
            models.UniqueConstraint(
                fields=["need"], condition=Q(state="planned"), name="one_planned_visit_a_need"
            ),
        ]
        indexes = [
            models.Index(
                fields=["territory", "starts_at"], name="visit_open", condition=Q(closed_at__isnull=True)
            ),
            models.Index(fields=["person", "-starts_at"], name="visit_of_person"),
            models.Index(fields=["volunteer", "-starts_at"], name="visit_of_volunteer"),
        ]

    def __str__(self) -> str:
        return f"{self.need_id} {self.volunteer_id}"
