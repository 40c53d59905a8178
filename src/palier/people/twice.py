"""The same person with two files: pairs that look so, what was decided of them, and files that were joined."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from palier.accounts.actor import Actor
from palier.kernel import clock
from palier.territories.models import Walled


class DoubleQuerySet(models.QuerySet["Double"]):
    def visible_to(self, actor: Actor) -> "DoubleQuerySet":
        """Whoever sees both files sees that they look alike, and nobody else does."""
        from palier.people.models import Person

        seen = Person.objects.visible_to(actor).values("pk")
        return self.filter(first__in=seen, second__in=seen)

    def to_decide(self) -> "DoubleQuerySet":
        """Proposed, or put off until a day that has come."""
        now = clock.now()
        return self.filter(Q(state=Double.State.PROPOSED) | Q(state=Double.State.LATER, later_until__lte=now))


class Double(Walled):
    """Two files that may be one person: how likely, why, and what somebody who looked at them said."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("À regarder")
        LATER = "later", _("Plus tard")
        SAME = "same", _("La même personne")
        DIFFERENT = "different", _("Deux personnes")

    # The file with the smaller number stands first: a pair is written once.
    first = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="+")
    probability = models.FloatField()
    # What the two said of each other when they were compared, one level a subject: decisions are learnt from it.
    levels = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State, default=State.PROPOSED)
    found_at = models.DateTimeField(default=clock.now)
    later_until = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=120, blank=True, default="")

    objects = DoubleQuerySet.as_manager()

    class Meta:
        ordering = ["-probability", "id"]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="double_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="double_smaller_number_first"),
            models.CheckConstraint(
                condition=Q(state__in=["same", "different"], decided_at__isnull=False)
                | Q(state__in=["proposed", "later"], decided_at__isnull=True),
                name="double_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="later") | Q(later_until__isnull=False), name="double_later_has_a_day"
            ),
        ]
        indexes = [
            # The list to decide, the likeliest first.
            models.Index(fields=["territory", "state", "-probability", "id"], name="double_by_state"),
            models.Index(fields=["second"], name="double_of_second"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} {self.second_id}"


class DoublesReview(Walled):
    """The list of pairs to decide is not empty: somebody looks at it, by a day."""

    opened_at = models.DateTimeField(default=clock.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-opened_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["territory"], condition=Q(closed_at__isnull=True), name="one_review_of_doubles"
            )
        ]

    def __str__(self) -> str:
        return f"{self.opened_at:%Y-%m-%d}"


class DoublesLearning(Walled):
    """What the decisions of a territory's agents changed in how likely a pair is; forgotten from a moment on."""

    # Decisions before this moment teach nothing any more.
    since = models.DateTimeField(null=True, blank=True)
    # Of `planning.duplicates.Correction`.
    shift = models.FloatField(default=0.0)
    subjects = models.JSONField(default=list)
    learnt_at = models.DateTimeField(null=True, blank=True)
    learnt_from = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["territory"], name="one_learning_a_territory")]

    def __str__(self) -> str:
        return f"{self.territory_id}"


class JoinedFile(Walled):
    """One file was joined to another; what is written here lets it be undone to the letter."""

    kept = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="joins")
    absorbed = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=clock.now)
    by = models.CharField(max_length=120)
    # Relation -> numbers of the rows that moved, and of those that stayed because the file kept had its own.
    moved = models.JSONField(default=dict)
    stayed = models.JSONField(default=dict)
    # Field -> [before, after], of the file kept and of the one absorbed.
    fields = models.JSONField(default=dict)
    absorbed_fields = models.JSONField(default=dict)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            # A file is absorbed by one other at a time.
            models.UniqueConstraint(
                fields=["absorbed"], condition=Q(undone_at__isnull=True), name="absorbed_once"
            ),
            models.CheckConstraint(condition=~Q(kept=F("absorbed")), name="joined_to_another"),
        ]
        indexes = [models.Index(fields=["kept", "-at"], name="joined_of_kept")]

    def __str__(self) -> str:
        return f"{self.kept_id} {self.absorbed_id}"
