"""What happened (entries) and who looked at what (accesses). Written once, never changed."""

from django.db import models
from django.db.models import Q

from palier.accounts.models import Membership
from palier.kernel import clock
from palier.territories.models import Walled


class Entry(Walled):
    """One change of state: feeds the timeline, the notices, the figures and the audit."""

    code = models.CharField(max_length=60)
    at = models.DateTimeField(default=clock.now)
    actor_kind = models.CharField(max_length=10)
    actor_name = models.CharField(max_length=120)
    membership = models.ForeignKey(
        Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # What it is about. Numbers, not foreign keys: the journal lies below the things it speaks of.
    subject_kind = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    person_id = models.BigIntegerField(null=True, blank=True)
    volunteer_id = models.BigIntegerField(null=True, blank=True)
    data = models.JSONField(default=dict)
    # What the event's declaration names as personal: erased with the person, never in logs or figures.
    personal = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            # The timeline of a person's file.
            models.Index(
                fields=["person_id", "-at", "-id"],
                name="entry_of_person",
                condition=Q(person_id__isnull=False),
            ),
            # The timeline of a volunteer's file.
            models.Index(
                fields=["volunteer_id", "-at", "-id"],
                name="entry_of_volunteer",
                condition=Q(volunteer_id__isnull=False),
            ),
            # The thread of a need, a call, a visit.
            models.Index(fields=["subject_kind", "subject_id", "-id"], name="entry_of_subject"),
            # The figures between two dates.
            models.Index(fields=["territory", "code", "at"], name="entry_of_code"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.subject_kind}:{self.subject_id}"


class Access(Walled):
    """Somebody opened a person's file, or took data out: who, when, what, why (kept twelve months)."""

    at = models.DateTimeField(default=clock.now)
    user_id = models.BigIntegerField(null=True)
    membership_id = models.BigIntegerField(null=True)
    operation = models.CharField(max_length=10)
    object_kind = models.CharField(max_length=40)
    object_id = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        # « Who saw this file », and the yearly purge.
        indexes = [
            models.Index(fields=["object_kind", "object_id", "-at"], name="access_of_object"),
            models.Index(fields=["at"], name="access_by_date"),
        ]

    def __str__(self) -> str:
        return f"{self.operation} {self.object_kind}:{self.object_id}"
