"""What people asked about their own data, and how this territory answers."""

import calendar
from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from palier.accounts.actor import Actor
from palier.accounts.models import Membership
from palier.kernel import clock
from palier.people.models import Person, of_seen_people
from palier.territories.models import Walled
from palier.volunteers.models import Volunteer

# RGPD, article 12.3: one month, two more when it is said why.
MONTHS, AT_MOST = 1, 3


def months_later(on: date, count: int) -> date:
    """The same day of a later month, or its last: 31 January and a month is the end of February."""
    year, month = divmod(on.year * 12 + on.month - 1 + count, 12)
    return date(year, month + 1, min(on.day, calendar.monthrange(year, month + 1)[1]))


class RightsRequestQuerySet(models.QuerySet["RightsRequest"]):
    def visible_to(self, actor: Actor) -> "RightsRequestQuerySet":
        if actor.is_ours or actor.is_desk:
            return self.filter(of_seen_people(actor), territory_id=actor.territory_id)
        return self.none()

    def open(self) -> "RightsRequestQuerySet":
        return self.filter(closed_at__isnull=True)


class RightsRequest(Walled):
    """Somebody asks what is kept about them, or to correct, erase, stop or take it; open until answered (GDP-08)."""

    class Kind(models.TextChoices):
        ACCESS = "access", _("Voir ses informations")
        RECTIFICATION = "rectification", _("Corriger")
        ERASURE = "erasure", _("Effacer")
        OBJECTION = "objection", _("S’opposer à un usage")
        PORTABILITY = "portability", _("Emporter ses données")

    class Channel(models.TextChoices):
        LETTER = "letter", _("par courrier")
        EMAIL = "email", _("par courriel")
        PHONE = "phone", _("au téléphone")
        DESK = "desk", _("à l’accueil")

    class Asker(models.TextChoices):
        SELF = "self", _("la personne elle-même")
        REPRESENTATIVE = "representative", _("son représentant légal")
        MANDATED = "mandated", _("quelqu’un qu’elle a mandaté")

    class Identity(models.TextChoices):
        # Looked at, never copied (GDP-17).
        ID_CARD = "id_card", _("carte d’identité vue")
        PASSPORT = "passport", _("passeport vu")
        PERMIT = "permit", _("titre de séjour vu")
        KNOWN = "known", _("reconnue par quelqu’un qui la connaît")
        CALLED_BACK = "called_back", _("rappelée au numéro de sa fiche")

    class Outcome(models.TextChoices):
        GRANTED = "granted", _("Fait")
        PARTLY = "partly", _("Fait en partie")
        REFUSED = "refused", _("Refusé")
        WITHDRAWN = "withdrawn", _("Retiré par la personne")
        UNPROVED = "unproved", _("Identité non établie")

    kind = models.CharField(max_length=14, choices=Kind)
    person = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="rights_requests"
    )
    volunteer = models.ForeignKey(
        Volunteer, null=True, blank=True, on_delete=models.PROTECT, related_name="rights_requests"
    )
    # As it stood on the day: the proof of an answer outlives the file.
    name = models.CharField(max_length=120)
    asked_by = models.CharField(max_length=16, choices=Asker, default=Asker.SELF)
    asker_name = models.CharField(max_length=120, blank=True, default="")
    channel = models.CharField(max_length=8, choices=Channel)
    words = models.CharField(max_length=2000, blank=True, default="")
    received_on = models.DateField()
    due_on = models.DateField()
    extension_reason = models.CharField(max_length=300, blank=True, default="")
    identity = models.CharField(max_length=12, choices=Identity, blank=True, default="")
    identity_seen_on = models.DateField(null=True, blank=True)
    identity_seen_by = models.CharField(max_length=120, blank=True, default="")
    owner = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # Something that the law keeps apart has to be read by a person before the answer (SAF-05).
    needs_review = models.BooleanField(default=False)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.CharField(max_length=120, blank=True, default="")
    copied_at = models.DateTimeField(null=True, blank=True)
    # The archives' visa (GDP-04): asked, then given with its date and reference.
    visa_asked_at = models.DateTimeField(null=True, blank=True)
    visa_on = models.DateField(null=True, blank=True)
    visa_reference = models.CharField(max_length=80, blank=True, default="")
    erased_at = models.DateTimeField(null=True, blank=True)
    # Whoever was given the data before was told of the correction or the erasure (article 19).
    recipients_told_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(default=clock.now)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True, default="")
    answer = models.CharField(max_length=2000, blank=True, default="")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=120, blank=True, default="")

    objects = RightsRequestQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, outcome="")
                | (Q(closed_at__isnull=False) & ~Q(outcome="") & ~Q(answer="")),
                name="rights_closed_with_an_outcome",
                violation_error_message=_("Une demande se conclut avec un résultat et une réponse."),
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=True) | Q(volunteer__isnull=True), name="rights_of_one_somebody"
            ),
            models.CheckConstraint(
                condition=Q(due_on__gte=models.F("received_on")), name="rights_due_after_received"
            ),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True) | (Q(kind="erasure") & ~Q(identity="")),
                name="rights_erased_when_asked",
            ),
        ]
        indexes = [
            # The list: what is open, by when it is due.
            models.Index(
                fields=["territory", "due_on", "id"], name="rights_open", condition=Q(closed_at__isnull=True)
            ),
            # A person's file: what she asked before.
            models.Index(fields=["person", "-opened_at"], name="rights_of_person"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """What stands on the letter: « D-2026-17 »."""
        return f"D-{self.received_on.year}-{self.pk}"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def subject(self) -> Person | Volunteer | None:
        return self.person or self.volunteer

    @property
    def awaits_visa(self) -> bool:
        """Asked of the archives, not given yet: nothing is erased meanwhile."""
        return self.visa_asked_at is not None and self.visa_on is None and self.closed_at is None

    @staticmethod
    def due(received_on: date, *, extended: bool = False) -> date:
        return months_later(received_on, AT_MOST if extended else MONTHS)


class PrivacySettings(Walled):
    """How one territory answers: who the data protection officer is, whether the archives must agree."""

    officer_name = models.CharField(max_length=120, blank=True, default="")
    officer_email = models.EmailField(blank=True, default="")
    # GDP-04, code du patrimoine L212-2: public archives are not destroyed without the archives' visa.
    needs_archive_visa = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["territory"], name="one_privacy_settings")]

    def __str__(self) -> str:
        return self.officer_name

    @classmethod
    def of(cls, territory_id: int) -> "PrivacySettings":
        return cls.objects.filter(territory_id=territory_id).first() or cls(territory_id=territory_id)
