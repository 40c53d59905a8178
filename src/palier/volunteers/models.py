"""Who helps: the neighbour, what they accept, when they are free, and the checks behind « vetted »."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from palier.accounts.actor import Actor
from palier.kernel import clock
from palier.territories.models import HelpKind, Walled


class VolunteerQuerySet(models.QuerySet["Volunteer"]):
    def visible_to(self, actor: Actor) -> "VolunteerQuerySet":
        if actor.is_ours or actor.is_desk:
            return self.filter(territory_id=actor.territory_id)
        return self.none()

    def vetted(self) -> "VolunteerQuerySet":
        return self.filter(state__in=[Volunteer.State.ACTIVE, Volunteer.State.TRIAL])

    def asked_at(self, at: datetime | None = None) -> "VolunteerQuerySet":
        at = at or clock.now()
        return self.vetted().filter(Q(resting_until__isnull=True) | Q(resting_until__lte=at))


class Volunteer(Walled):
    """A neighbour who offered to help. Only the checks' dates are kept, never the papers (GDP-15, GDP-17)."""

    class State(models.TextChoices):
        APPLIED = "applied", _("Candidature")
        TRIAL = "trial", _("À l’essai")
        ACTIVE = "active", _("Disponible")
        RESTING = "resting", _("En pause")
        ENDED = "ended", _("Terminé")

    class Gender(models.TextChoices):
        WOMAN = "woman", _("une femme")
        MAN = "man", _("un homme")
        UNSAID = "unsaid", _("non précisé")

    first_name = models.CharField(max_length=60)
    last_name = models.CharField(max_length=60)
    gender = models.CharField(max_length=6, choices=Gender, default=Gender.UNSAID)
    birth_on = models.DateField(null=True, blank=True)
    phone = models.CharField(max_length=16)
    email = models.EmailField(blank=True, default="")
    street = models.CharField(max_length=120, blank=True, default="")
    postcode = models.CharField(max_length=5, blank=True, default="")
    city = models.CharField(max_length=80, blank=True, default="")
    x = models.FloatField(null=True, blank=True)
    y = models.FloatField(null=True, blank=True)
    about = models.CharField(max_length=80, blank=True, default="")
    languages = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State, default=State.APPLIED)
    identity_seen_on = models.DateField(null=True, blank=True)
    identity_seen_by = models.CharField(max_length=120, blank=True, default="")
    interview_on = models.DateField(null=True, blank=True)
    interview_by = models.CharField(max_length=120, blank=True, default="")
    charter_signed_on = models.DateField(null=True, blank=True)
    kinds = models.ManyToManyField(HelpKind, through="AcceptedKind", related_name="volunteers")
    reach_minutes = models.PositiveSmallIntegerField(default=15)
    max_per_month = models.PositiveSmallIntegerField(default=4)
    # Codes of constraints the neighbour prefers not to take: stairs, pets, heavy.
    avoids = models.JSONField(default=list)
    has_car = models.BooleanField(default=False)
    resting_until = models.DateTimeField(null=True, blank=True)
    last_asked_at = models.DateTimeField(null=True, blank=True)
    search_text = models.CharField(max_length=200, db_collation="C")
    created_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = VolunteerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=["trial", "active", "resting"])
                | Q(
                    identity_seen_on__isnull=False,
                    charter_signed_on__isnull=False,
                    interview_on__isnull=False,
                ),
                name="helping_neighbour_is_vetted",
                violation_error_message=_(
                    "Il faut d’abord l’entretien, l’identité vérifiée et la charte signée."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(state="ended") | Q(ended_at__isnull=False), name="ended_volunteer_has_an_end"
            ),
        ]
        indexes = [
            models.Index(fields=["territory", "search_text", "id"], name="volunteer_by_name"),
            models.Index(fields=["territory", "phone"], name="volunteer_phone"),
            # Who could go: the box around the person, before the rules.
            models.Index(fields=["territory", "state", "x"], name="volunteer_near"),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class AcceptedKind(Walled):
    """A kind of help a neighbour accepts."""

    volunteer = models.ForeignKey(Volunteer, on_delete=models.CASCADE, related_name="accepted")
    kind = models.ForeignKey(HelpKind, on_delete=models.PROTECT, related_name="accepted_by")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["volunteer", "kind"], name="accepted_kind_once")]

    def __str__(self) -> str:
        return f"{self.volunteer_id} {self.kind_id}"


class FreeTime(Walled):
    """A stretch of the usual week (0 = Monday) when a neighbour can help, in local time."""

    volunteer = models.ForeignKey(Volunteer, on_delete=models.CASCADE, related_name="free_times")
    weekday = models.PositiveSmallIntegerField()
    starts_at = models.TimeField()
    ends_at = models.TimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(weekday__lte=6), name="free_time_weekday_exists"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="free_time_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.starts_at}–{self.ends_at}"


class AwayTime(Walled):
    """A time when a neighbour cannot be asked."""

    volunteer = models.ForeignKey(Volunteer, on_delete=models.CASCADE, related_name="away_times")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="away_ends_after_start")
        ]

    def __str__(self) -> str:
        return f"{self.volunteer_id} {self.starts_at:%Y-%m-%d}"


class Application(Walled):
    """Somebody's wish to help, open until they are vetted or thanked."""

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", _("Accepté")
        WITHDRAWN = "withdrawn", _("Retiré")
        DECLINED = "declined", _("Non retenu")

    volunteer = models.OneToOneField(Volunteer, on_delete=models.CASCADE, related_name="application")
    received_at = models.DateTimeField(default=clock.now)
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, outcome="")
                | (Q(closed_at__isnull=False) & ~Q(outcome="")),
                name="application_closed_with_an_outcome",
            )
        ]

    def __str__(self) -> str:
        return f"{self.volunteer_id}"
