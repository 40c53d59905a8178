"""What left the register for an authority: asked by one, approved by another, encrypted, counted (REG-16 to REG-19)."""

from datetime import date, timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from palier.accounts.actor import Actor
from palier.accounts.models import Membership
from palier.kernel import clock
from palier.register.models.alerts import Alert
from palier.register.models.enrolments import Enrolment
from palier.register.models.registers import Register
from palier.territories.models import Walled


class CommunicationQuerySet(models.QuerySet["Communication"]):
    def visible_to(self, actor: Actor) -> "CommunicationQuerySet":
        return self.filter(register__in=Register.objects.enterable_by(actor))

    def open(self) -> "CommunicationQuerySet":
        return self.filter(closed_at__isnull=True)


class Communication(Walled):
    """One handing over of entries to the prefect, or in a cold wave to the services of the town; open until approved."""

    class Authority(models.TextChoices):
        PREFECT = "prefect", _("le préfet")
        MAYOR = "mayor", _("le maire, aux services sur le terrain")

    class Profile(models.TextChoices):
        FULL = "full", _("toute l’inscription")
        CONTACT = "contact", _("noms, adresses et téléphones")
        SECTOR = "sector", _("noms, adresses et téléphones d’un secteur")

    class Outcome(models.TextChoices):
        APPROVED = "approved", _("approuvée")
        REFUSED = "refused", _("refusée")

    register = models.ForeignKey(Register, on_delete=models.PROTECT, related_name="communications")
    authority = models.CharField(max_length=8, choices=Authority)
    alert = models.ForeignKey(Alert, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # The plan of L116-3 in whose name it is asked, and the letter that asks.
    plan = models.CharField(max_length=120)
    reference = models.CharField(max_length=120)
    profile = models.CharField(max_length=8, choices=Profile)
    # Street names or postcodes, one a line, when the profile is a sector.
    sector = models.CharField(max_length=1000, blank=True, default="")
    # [{"name": …, "service": …}]: people, not offices.
    recipients = models.JSONField(default=list)
    # Until when the recipients may use it; then they destroy it and our copy goes.
    expires_at = models.DateTimeField()
    asked_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=clock.now)
    decided_by = models.ForeignKey(
        Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True, default="")
    # The encrypted file itself, until it expires; the password is shown once and kept nowhere.
    content = models.BinaryField(null=True, blank=True)
    sha256 = models.CharField(max_length=64, blank=True, default="")
    rows = models.PositiveIntegerField(null=True, blank=True)
    downloads = models.PositiveIntegerField(default=0)

    objects = CommunicationQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("asked_by")) | Q(outcome="refused"),
                name="two_people_for_a_communication",
                violation_error_message=_("Une autre personne que celle qui demande approuve."),
            ),
            models.CheckConstraint(
                condition=~Q(reference="") & ~Q(plan="") & ~Q(recipients=[]),
                name="communication_has_reference_and_recipients",
                violation_error_message=_("Écrivez la référence, le plan et les destinataires."),
            ),
            models.CheckConstraint(
                condition=~Q(authority="mayor") | Q(alert__isnull=False), name="mayor_only_during_an_alert"
            ),
            models.CheckConstraint(
                condition=~Q(outcome="approved") | ~Q(sha256=""), name="approved_with_its_fingerprint"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, outcome="", decided_by__isnull=True)
                | Q(closed_at__isnull=False, decided_by__isnull=False) & ~Q(outcome=""),
                name="communication_decided_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def expires_on(self) -> date:
        """The last day of use, whole."""
        return (self.expires_at - timedelta(microseconds=1)).astimezone(clock.PARIS).date()


class CommunicatedEntry(Walled):
    """Whose entry was in a communication: she may ask who received it, and they are told what was wrong (REG-19)."""

    communication = models.ForeignKey(Communication, on_delete=models.CASCADE, related_name="entries")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="communicated")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["communication", "enrolment"], name="once_in_a_communication")
        ]

    def __str__(self) -> str:
        return f"{self.communication_id} {self.enrolment_id}"


class RectificationQuerySet(models.QuerySet["Rectification"]):
    def visible_to(self, actor: Actor) -> "RectificationQuerySet":
        return self.filter(communication__register__in=Register.objects.enterable_by(actor))

    def open(self) -> "RectificationQuerySet":
        return self.filter(closed_at__isnull=True)


class Rectification(Walled):
    """What the recipients of a communication must be told: an entry changed or ended since (R121-10)."""

    communication = models.ForeignKey(Communication, on_delete=models.CASCADE, related_name="rectifications")
    # Of whom: the words are kept until the recipients are told, for her entry may be gone before.
    about = models.CharField(max_length=200)
    what = models.CharField(max_length=1000)
    opened_at = models.DateTimeField(default=clock.now)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=120, blank=True, default="")

    objects = RectificationQuerySet.as_manager()

    class Meta:
        ordering = ["opened_at", "id"]
        indexes = [models.Index(fields=["communication", "id"], name="rectification_of")]

    def __str__(self) -> str:
        return f"{self.communication_id}"
