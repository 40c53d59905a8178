"""A register: what it is for, on which ground, what people are told, which fields it may hold (REG-24)."""

from datetime import datetime

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from palier.accounts.actor import Actor
from palier.kernel import clock
from palier.people.models import Compartment
from palier.register.models.designations import Designation
from palier.territories.models import Walled

# What R121-2 has people told (REG-01).
BLOCKS = ("purpose", "optional", "how", "recipients", "rights")


class RegisterQuerySet(models.QuerySet["Register"]):
    def visible_to(self, actor: Actor) -> "RegisterQuerySet":
        """Who names the readers sees that a register is there; what it holds is for those who are named in it."""
        here = self.filter(territory_id=actor.territory_id)
        if actor.is_ours or actor.grants_compartments:
            return here
        return self.enterable_by(actor)

    def enterable_by(self, actor: Actor, at: datetime | None = None) -> "RegisterQuerySet":
        """Those whose entries the actor may read: named in each, and now."""
        here = self.filter(territory_id=actor.territory_id)
        if actor.is_ours:
            return here
        if not actor.is_desk:
            return self.none()
        named = Designation.objects.live(at).filter(membership_id=actor.membership_id or 0)
        return here.filter(Exists(named.filter(register=OuterRef("pk"))))

    def open(self) -> "RegisterQuerySet":
        return self.filter(ended_at__isnull=True)


class Register(Walled):
    """People listed for one purpose, and used for no other."""

    class Kind(models.TextChoices):
        STATUTORY = "statutory", _("Registre des personnes à appeler (article L121-6-1)")
        TELECARE = "telecare", _("Abonnés de la téléassistance")
        NEWS = "news", _("Nouvelles des aînés")
        CONFIDENTIAL = "confidential", _("Suivi confidentiel")
        DRIVE = "drive", _("Campagne (vaccination, dépistage)")

    code = models.SlugField(max_length=40)
    kind = models.CharField(max_length=14, choices=Kind)
    name = models.CharField(max_length=120)
    purpose = models.CharField(max_length=500)
    legal_basis = models.CharField(max_length=300)
    # How long, in words for people; `keep_days` counts after the end of the register (drives), nothing else does.
    retention = models.CharField(max_length=300)
    keep_days = models.PositiveIntegerField(null=True, blank=True)
    # Which fields it may hold, by the codes of `register.fields`.
    fields = models.JSONField(default=list)
    compartment = models.ForeignKey(Compartment, on_delete=models.PROTECT, related_name="+")
    # Who signs its letters, and the lines under the sender's name.
    sender_address = models.CharField(max_length=300, blank=True, default="")
    signatory_name = models.CharField(max_length=120, blank=True, default="")
    signatory_role = models.CharField(max_length=120, blank=True, default="")
    signatory_authority = models.CharField(max_length=120, blank=True, default="")
    # How long after the letter silence becomes agreement; the decree names no number of days.
    objection_days = models.PositiveSmallIntegerField(default=15)
    opened_at = models.DateTimeField(default=clock.now)
    # Nobody is enrolled any more. Not `closed_at`: a register is not something to be done.
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = RegisterQuerySet.as_manager()

    class Meta:
        ordering = ["opened_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["territory", "code"],
                name="register_code_once",
                violation_error_message=_("Un registre porte déjà ce code."),
            ),
            models.UniqueConstraint(
                fields=["territory"],
                condition=Q(kind="statutory"),
                name="one_statutory_register",
                violation_error_message=_("Le registre de la loi est unique : ouvrez celui qui existe."),
            ),
            models.CheckConstraint(
                condition=~Q(purpose="") & ~Q(legal_basis="") & ~Q(retention=""),
                name="register_says_why_and_how_long",
                violation_error_message=_(
                    "Un registre dit à quoi il sert, sur quel fondement et combien de temps."
                ),
            ),
            models.CheckConstraint(
                condition=Q(objection_days__gte=8, objection_days__lte=60), name="silence_needs_some_days"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_statutory(self) -> bool:
        return self.kind == self.Kind.STATUTORY


class Notice(Walled):
    """What people are told, in five blocks: a version each time a word changes (REG-01)."""

    register = models.ForeignKey(Register, on_delete=models.CASCADE, related_name="notices")
    version = models.PositiveIntegerField()
    purpose = models.CharField(max_length=2000, blank=True, default="")
    optional = models.CharField(max_length=2000, blank=True, default="")
    how = models.CharField(max_length=2000, blank=True, default="")
    recipients = models.CharField(max_length=2000, blank=True, default="")
    rights = models.CharField(max_length=2000, blank=True, default="")
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        ordering = ["register", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["register", "version"], name="notice_version_once"),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True)
                | (~Q(purpose="") & ~Q(optional="") & ~Q(how="") & ~Q(recipients="") & ~Q(rights="")),
                name="published_notice_has_its_five_blocks",
                violation_error_message=_("Une notice se publie avec ses cinq parties."),
            ),
            models.UniqueConstraint(
                fields=["register"], condition=Q(published_at__isnull=True), name="one_draft_a_register"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.register_id} v{self.version}"

    @property
    def blocks(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in BLOCKS}
