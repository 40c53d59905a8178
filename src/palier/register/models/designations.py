"""Who was named by the mayor, until when, and who promised secrecy (R121-7)."""

from datetime import date, datetime, timedelta

import pghistory
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from palier.accounts.actor import Actor
from palier.accounts.models import Membership
from palier.kernel import clock
from palier.territories.models import Walled

# The wording of `register.undertaking`; a new one is promised again by everybody.
UNDERTAKING = 1
# Promised again each year.
PROMISED_FOR = timedelta(days=365)


class DesignationQuerySet(models.QuerySet["Designation"]):
    def visible_to(self, actor: Actor) -> "DesignationQuerySet":
        here = self.filter(territory_id=actor.territory_id)
        if actor.is_ours or actor.grants_compartments:
            return here
        return here.filter(membership_id=actor.membership_id or 0)

    def live(self, at: datetime | None = None) -> "DesignationQuerySet":
        at = at or clock.now()
        return self.filter(starts_at__lte=at, ends_at__gt=at)


@pghistory.track()
class Designation(Walled):
    """One person named in one register by a signed act, from a day to a day (REG-13)."""

    register = models.ForeignKey("register.Register", on_delete=models.PROTECT, related_name="designations")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="designations")
    # Local midnights: the first of the first day, the one that follows the last day.
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    # « Arrêté n° 2026-118 du 28 mai 2026 »
    act = models.CharField(max_length=120)
    signed_on = models.DateField()
    noted_by = models.CharField(max_length=120)

    objects = DesignationQuerySet.as_manager()

    class Meta:
        ordering = ["-ends_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gte=F("starts_at")),
                name="designation_ends_after_start",
                violation_error_message=_("La désignation finit après avoir commencé."),
            ),
            models.CheckConstraint(
                condition=~Q(act=""),
                name="designation_has_an_act",
                violation_error_message=_("Une désignation repose sur un acte signé."),
            ),
        ]
        # « May she read this register », asked for every page of it and once for the rail.
        indexes = [models.Index(fields=["membership", "ends_at"], name="designation_of_member")]

    def __str__(self) -> str:
        return f"{self.register_id} {self.membership_id}"

    @property
    def starts_on(self) -> date:
        return self.starts_at.astimezone(clock.PARIS).date()

    @property
    def ends_on(self) -> date:
        """The last day, read whole: access stops at its midnight."""
        return (self.ends_at - timedelta(microseconds=1)).astimezone(clock.PARIS).date()


class UndertakingQuerySet(models.QuerySet["Undertaking"]):
    def visible_to(self, actor: Actor) -> "UndertakingQuerySet":
        here = self.filter(territory_id=actor.territory_id)
        if actor.is_ours or actor.grants_compartments:
            return here
        return here.filter(membership_id=actor.membership_id or 0)

    def valid(self, at: datetime | None = None) -> "UndertakingQuerySet":
        return self.filter(version=UNDERTAKING, accepted_at__gt=(at or clock.now()) - PROMISED_FOR)


class Undertaking(Walled):
    """Somebody promised professional secrecy, in these words, at that moment (REG-14)."""

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    version = models.PositiveIntegerField()
    accepted_at = models.DateTimeField(default=clock.now)

    objects = UndertakingQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["membership", "-accepted_at"], name="undertaking_of_member")]

    def __str__(self) -> str:
        return f"{self.membership_id} v{self.version}"
