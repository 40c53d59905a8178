"""Who signs in, where they work, with which role, who stands in for them."""

from datetime import datetime
from typing import Any

import pghistory
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from palier.kernel import clock
from palier.territories.models import Organisation, Team, Territory, Walled


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A person who signs in; what they may do is in their memberships, never here."""

    class TextSize(models.TextChoices):
        M = "m", _("Normale")
        L = "l", _("Grande")
        XL = "xl", _("Très grande")

    class Theme(models.TextChoices):
        AUTO = "auto", _("Comme l’ordinateur")
        LIGHT = "light", _("Clair")
        DARK = "dark", _("Sombre")

    email = models.EmailField(unique=True)
    first_name = models.CharField(max_length=60)
    last_name = models.CharField(max_length=60)
    language = models.CharField(max_length=2, choices=[("fr", "Français"), ("en", "English")], default="fr")
    text_size = models.CharField(max_length=2, choices=TextSize, default=TextSize.M)
    theme = models.CharField(max_length=5, choices=Theme, default=Theme.AUTO)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=clock.now)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []  # type: ignore[misc]

    def __str__(self) -> str:
        return self.get_full_name()

    def get_full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    def get_short_name(self) -> str:
        return self.first_name

    @property
    def is_staff(self) -> bool:
        """Django's own administration is not installed; nobody is its staff."""
        return False

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return False

    def has_module_perms(self, app_label: str) -> bool:
        return False


class Role(models.TextChoices):
    AGENT = "agent", _("Agent d’accueil")
    CALLER = "caller", _("Appelant")
    COORDINATOR = "coordinator", _("Coordination")
    HEAD = "head", _("Responsable du service")
    ADMINISTRATOR = "administrator", _("Administration des comptes")
    OPERATOR = "operator", _("Opérateur de téléassistance")
    PARTNER = "partner", _("Association ou service partenaire")


class MembershipQuerySet(models.QuerySet["Membership"]):
    def live(self, at: datetime | None = None) -> "MembershipQuerySet":
        at = at or clock.now()
        return self.filter(
            Q(ends_at__isnull=True) | Q(ends_at__gt=at), starts_at__lte=at, user__is_active=True
        )

    def reachable(self, at: datetime | None = None) -> "MembershipQuerySet":
        """Live, and not absent at this moment."""
        at = at or clock.now()
        away = Absence.objects.filter(membership=models.OuterRef("pk"), starts_at__lte=at, ends_at__gt=at)
        return self.live(at).exclude(models.Exists(away))


@pghistory.track()
class Membership(Walled):
    """Somebody's place in one organisation of one territory: role, team, deputy, from when to when."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)
    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.PROTECT, related_name="memberships"
    )
    title = models.CharField(max_length=80, blank=True, default="")
    # The extension that rings on this person's desk, for the telephone's web-hook.
    extension = models.CharField(max_length=20, blank=True, default="")
    deputy = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="stands_in_for"
    )
    starts_at = models.DateTimeField(default=clock.now)
    ends_at = models.DateTimeField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "user"],
                condition=Q(ends_at__isnull=True),
                name="one_live_membership_an_organisation",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("starts_at")),
                name="membership_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(deputy__isnull=True) | ~Q(deputy=F("id")), name="nobody_is_their_own_deputy"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"


class Absence(Walled):
    """A time when a member cannot be reached: holidays, sickness; their duties go to the deputy meanwhile."""

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="absences")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="absence_ends_after_start")
        ]

    def __str__(self) -> str:
        return f"{self.membership_id} {self.starts_at:%Y-%m-%d}"


class OnCall(Walled):
    """Who an organisation reaches out of hours, or when everybody else failed."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="on_call")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="on_call")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="on_call_ends_after_start")
        ]

    def __str__(self) -> str:
        return f"{self.membership_id} {self.starts_at:%Y-%m-%d}"


class Session(models.Model):
    """One open sign-in, listed to its user and ended by them or with their account."""

    session_key = models.CharField(max_length=40, primary_key=True)
    session_data = models.TextField()
    expire_date = models.DateTimeField(db_index=True)
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE, related_name="sessions")
    membership = models.ForeignKey(
        Membership, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    territory = models.ForeignKey(
        Territory, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    opened_at = models.DateTimeField(default=clock.now)
    seen_at = models.DateTimeField(default=clock.now)
    device = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        # The page « Mes connexions ».
        indexes = [models.Index(fields=["user", "-seen_at"], name="session_of_user")]

    def __str__(self) -> str:
        return f"{self.user_id}"


class ActionLink(models.Model):
    """A one-purpose link sent to somebody without an account; found by the hash of its secret."""

    class Purpose(models.TextChoices):
        OFFER = "offer", _("Répondre à une demande")
        VISIT = "visit", _("Rendre compte d’une visite")

    token_hash = models.CharField(max_length=64, primary_key=True)
    territory = models.ForeignKey(Territory, on_delete=models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=20, choices=Purpose)
    subject_id = models.BigIntegerField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["territory", "purpose", "subject_id"], name="action_link_of_subject")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.subject_id}"
