"""A request for help: what, when, what the neighbour may read, how it ended."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from palier.accounts.actor import Actor
from palier.accounts.models import Membership
from palier.kernel import clock
from palier.people.models import Person, of_seen_people
from palier.territories.models import HelpKind, Walled


class NeedQuerySet(models.QuerySet["Need"]):
    def visible_to(self, actor: Actor) -> "NeedQuerySet":
        if actor.is_ours or actor.is_desk:
            return self.filter(of_seen_people(actor), territory_id=actor.territory_id)
        return self.none()

    def open(self) -> "NeedQuerySet":
        return self.filter(closed_at__isnull=True)


class Need(Walled):
    """One thing one person needs once. Open until somebody closes it with an outcome."""

    class State(models.TextChoices):
        TO_PROPOSE = "to_propose", _("À proposer")
        ASKING = "asking", _("Voisins contactés")
        NOBODY = "nobody", _("Personne n’a pu")
        AGREED = "agreed", _("Un voisin a dit oui")
        REFERRED = "referred", _("Confié")
        TO_CONCLUDE = "to_conclude", _("À conclure")
        CLOSED = "closed", _("Terminé")

    class Outcome(models.TextChoices):
        NEIGHBOUR = "met_by_neighbour", _("Fait par un voisin")
        ASSOCIATION = "met_by_association", _("Fait par une association")
        SERVICE = "met_by_service", _("Fait par un service")
        UNMET = "unmet", _("Personne n’a pu")
        NO_LONGER = "no_longer_needed", _("Plus nécessaire")

    class Source(models.TextChoices):
        CALL = "call", _("Appel")
        DESK = "desk", _("Accueil")
        TELECARE = "telecare", _("Téléassistance")

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="needs")
    kind = models.ForeignKey(HelpKind, on_delete=models.PROTECT, related_name="needs")
    state = models.CharField(max_length=12, choices=State, default=State.TO_PROPOSE)
    outcome = models.CharField(max_length=20, choices=Outcome, blank=True, default="")
    source = models.CharField(max_length=10, choices=Source, default=Source.CALL)
    # The window in which somebody may come; `is_flexible`: any time in it (« cette semaine »).
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    is_flexible = models.BooleanField(default=False)
    minutes = models.PositiveSmallIntegerField(default=45)
    # Read by the neighbour before yes: never health, never a name (GDP-06).
    what = models.CharField(max_length=120, blank=True, default="")
    # Read by the neighbour after yes: the list, how she pays back.
    details = models.CharField(max_length=1000, blank=True, default="")
    # Why a health word was left in `what` or `details`, and by whom (GDP-05).
    words_reason = models.CharField(max_length=200, blank=True, default="")
    gender_wanted = models.CharField(max_length=6, blank=True, default="")
    language = models.CharField(max_length=2, blank=True, default="")
    # Codes: stairs, pets, heavy.
    conditions = models.JSONField(default=list)
    wish = models.CharField(max_length=160, blank=True, default="")
    owner = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(default=clock.now)
    opened_by = models.CharField(max_length=120)
    agreed_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=120, blank=True, default="")
    # The neighbour wave that reached nobody counts as a figure, whatever came after.
    nobody_at = models.DateTimeField(null=True, blank=True)
    reopens = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="reopened_as"
    )

    objects = NeedQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="need_window_ends_after_start",
                violation_error_message=_("La fin doit venir après le début."),
            ),
            models.CheckConstraint(
                condition=(Q(state="closed", closed_at__isnull=False) & ~Q(outcome=""))
                | (~Q(state="closed") & Q(closed_at__isnull=True, outcome="")),
                name="need_closed_with_an_outcome",
            ),
            models.CheckConstraint(
                condition=Q(minutes__gte=5, minutes__lte=480), name="need_minutes_are_plausible"
            ),
        ]
        indexes = [
            models.Index(
                fields=["territory", "starts_at", "id"], name="need_open", condition=Q(closed_at__isnull=True)
            ),
            models.Index(fields=["person", "-opened_at"], name="need_of_person"),
            # The figures between two dates.
            models.Index(fields=["territory", "opened_at"], name="need_opened"),
        ]

    def __str__(self) -> str:
        return f"{self.kind_id} {self.starts_at:%Y-%m-%d}"
