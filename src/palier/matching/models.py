"""Who was asked for a need, in waves, and what they answered."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from palier.accounts.models import Membership
from palier.kernel import clock
from palier.needs.models import Need
from palier.people.models import Person
from palier.territories.models import Walled
from palier.volunteers.models import Volunteer


class KeepApart(Walled):
    """A person asked that this neighbour should not come; the name is shown to the coordination only."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="kept_apart")
    volunteer = models.ForeignKey(Volunteer, on_delete=models.CASCADE, related_name="kept_apart")
    noted_by = models.CharField(max_length=120)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "volunteer"], name="kept_apart_once")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.volunteer_id}"


class Wave(Walled):
    """A few neighbours asked at the same time; widens by itself when its time is over."""

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", _("Un oui")
        WIDENED = "widened", _("Élargie")
        EXHAUSTED = "exhausted", _("Personne")
        CANCELLED = "cancelled", _("Annulée")

    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="waves")
    number = models.PositiveSmallIntegerField()
    # The human who chose or confirmed who is asked (GDP-26); later waves inherit it.
    confirmed_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(default=clock.now)
    answers_by = models.DateTimeField()
    # The window that was asked for: once the need has another one, the same neighbours may be asked again.
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True, default="")
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["need", "number"], name="wave_number_once"),
            models.UniqueConstraint(
                fields=["need"], condition=Q(closed_at__isnull=True), name="one_open_wave_a_need"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, outcome="")
                | (Q(closed_at__isnull=False) & ~Q(outcome="")),
                name="wave_closed_with_an_outcome",
            ),
            models.CheckConstraint(
                condition=Q(answers_by__gt=F("sent_at")), name="wave_leaves_time_to_answer"
            ),
        ]
        # The job that widens waves at their time.
        indexes = [models.Index(fields=["answers_by"], name="wave_open", condition=Q(closed_at__isnull=True))]

    def __str__(self) -> str:
        return f"{self.need_id}/{self.number}"


class Offer(Walled):
    """One neighbour asked for one need. Of all the offers of a need, one at most is accepted."""

    class State(models.TextChoices):
        ASKED = "asked", _("Attend la réponse")
        ACCEPTED = "accepted", _("A dit oui")
        DECLINED = "declined", _("Pas cette fois")
        TOO_LATE = "too_late", _("Oui, mais un autre l’avait dit")
        PASSED = "passed", _("Sans réponse")
        CANCELLED = "cancelled", _("Annulé")
        WITHDRAWN = "withdrawn", _("S’est retiré")

    class How(models.TextChoices):
        LINK = "link", _("par le lien")
        SMS = "sms", _("par SMS")
        VOICE = "voice", _("de vive voix")

    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="offers")
    wave = models.ForeignKey(Wave, on_delete=models.PROTECT, related_name="offers")
    volunteer = models.ForeignKey(Volunteer, on_delete=models.PROTECT, related_name="offers")
    rank = models.PositiveSmallIntegerField()
    # Why this neighbour, as the agent saw it: list of [code, sign, values].
    reasons = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    asked_at = models.DateTimeField(default=clock.now)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_how = models.CharField(max_length=5, choices=How, blank=True, default="")
    noted_by = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        ordering = ["rank", "id"]
        constraints = [
            models.UniqueConstraint(fields=["wave", "volunteer"], name="offer_once_a_wave"),
            # First yes wins, whatever happens at once (SEC-10).
            models.UniqueConstraint(fields=["need"], condition=Q(state="accepted"), name="one_yes_a_need"),
            models.CheckConstraint(
                condition=~Q(state__in=["accepted", "declined", "too_late"]) | Q(answered_at__isnull=False),
                name="answered_offer_has_a_time",
            ),
        ]
        indexes = [
            # What an incoming « OUI » answers.
            models.Index(fields=["volunteer", "-asked_at"], name="offer_of_volunteer"),
            models.Index(fields=["need", "state"], name="offer_of_need"),
        ]

    def __str__(self) -> str:
        return f"{self.need_id} {self.volunteer_id}"
