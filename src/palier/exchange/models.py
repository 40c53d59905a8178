"""Files that came in: what was read in them, what each line became, and which columns meant what."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from palier.accounts.actor import Actor
from palier.accounts.models import Membership
from palier.kernel import clock
from palier.register.models import Register
from palier.territories.models import Walled


class ImportQuerySet(models.QuerySet["Import"]):
    def visible_to(self, actor: Actor) -> "ImportQuerySet":
        """A whole list of people is seen by those who coordinate; one for a register by those who are named in it (REG-15)."""
        here = self.filter(territory_id=actor.territory_id)
        if actor.is_ours:
            return here
        if actor.coordinates:
            named = Register.objects.enterable_by(actor)
            return here.filter(Q(register__isnull=True) | Q(register__in=named.values("pk")))
        return self.none()

    def light(self) -> "ImportQuerySet":
        """Without the file itself."""
        return self.defer("content")


class Import(Walled):
    """One file of people, from its arrival to the day it can no longer be taken back."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("Colonnes à vérifier")
        CHECKING = "checking", _("Vérification en cours")
        READY = "ready", _("Prêt à importer")
        APPLYING = "applying", _("Import en cours")
        APPLIED = "applied", _("Importé")
        TAKING_BACK = "taking_back", _("Reprise en cours")
        TAKEN_BACK = "taken_back", _("Repris")
        DROPPED = "dropped", _("Abandonné")

    state = models.CharField(max_length=12, choices=State, default=State.UPLOADED)
    name = models.CharField(max_length=200)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    # The file as it came; emptied when it can no longer be of use, see `retention`.
    content = models.BinaryField(null=True)
    kind = models.CharField(max_length=5)
    # How it was read: {"encoding", "separator", "misnamed"}.
    reading = models.JSONField(default=dict)
    sheets = models.JSONField(default=list)
    sheet = models.PositiveSmallIntegerField(default=0)
    # Where the names of the columns are: their row (the first is 1), 0 when the file has none.
    head_row = models.PositiveIntegerField(default=0)
    # [{"name", "field", "score", "samples", "hidden", "empty"}] in the order of the file.
    columns = models.JSONField(default=list)
    fingerprint = models.CharField(max_length=64)
    # The register that the people of the file go to.
    register = models.ForeignKey(Register, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    # {"lenient", "first_of_january", "city", "postcode", "requested_on", "acknowledged", "register_only"}
    choices = models.JSONField(default=dict)
    # How many lines of each outcome, then of each end.
    counts = models.JSONField(default=dict)
    membership = models.ForeignKey(
        Membership, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    brought_by = models.CharField(max_length=120)
    created_at = models.DateTimeField(default=clock.now)
    checked_at = models.DateTimeField(null=True, blank=True)
    applied_at = models.DateTimeField(null=True, blank=True)
    # Until when one click takes it back.
    back_until = models.DateTimeField(null=True, blank=True)
    taken_back_at = models.DateTimeField(null=True, blank=True)
    # What went wrong the last time, in words for people.
    trouble = models.CharField(max_length=300, blank=True, default="")
    # The last entry of the journal that this import wrote: what comes later is somebody's work.
    last_entry_id = models.BigIntegerField(null=True, blank=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            # Two at once would each miss the people of the other.
            models.UniqueConstraint(
                fields=["territory"],
                condition=Q(state__in=["applying", "taking_back"]),
                name="one_import_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["applied", "taking_back", "taken_back"], applied_at__isnull=False)
                | Q(
                    state__in=["uploaded", "checking", "ready", "applying", "dropped"],
                    applied_at__isnull=True,
                ),
                name="import_applied_has_its_moment",
            ),
        ]
        # The page of imports, newest first.
        indexes = [models.Index(fields=["territory", "-created_at", "-id"], name="import_by_date")]

    def __str__(self) -> str:
        return f"{self.name} ({self.state})"

    @property
    def is_under_way(self) -> bool:
        return self.state in (self.State.CHECKING, self.State.APPLYING, self.State.TAKING_BACK)

    @property
    def mapping(self) -> dict[int, str]:
        return {place: column["field"] for place, column in enumerate(self.columns)}

    def count(self, *outcomes: str) -> int:
        return sum(int(self.counts.get(outcome, 0)) for outcome in outcomes)


class Outcome(models.TextChoices):
    """What a line will become, said before anything is written."""

    NEW = "new", _("Nouvelle fiche")
    COMPLETES = "completes", _("Complète une fiche")
    MAYBE = "maybe", _("À décider")
    THERE = "there", _("Déjà là")
    TWICE = "twice", _("Deux fois dans le fichier")
    ERROR = "error", _("À corriger")
    LEFT_OUT = "left_out", _("Laissée de côté")


class Line(Walled):
    """One person of one line of a file, what becomes of her, and what an import wrote for her."""

    class Decision(models.TextChoices):
        NONE = "", _("Comme proposé")
        SKIP = "skip", _("Ne rien faire")
        COMPLETE = "complete", _("Compléter sa fiche")
        CREATE = "create", _("Ouvrir une fiche quand même")

    class Done(models.TextChoices):
        NOTHING = "", _("Rien")
        CREATED = "created", _("Fiche ouverte")
        COMPLETED = "completed", _("Fiche complétée")
        ENROLLED = "enrolled", _("Inscrite au registre")
        MEANWHILE = "meanwhile", _("Ouverte entre-temps par quelqu’un d’autre")
        REMOVED = "removed", _("Fiche retirée")
        RESTORED = "restored", _("Fiche remise comme avant")
        KEPT = "kept", _("Gardée : elle a changé depuis")

    source = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="lines")
    # The line in the file (the first is 1), and who of the two on it.
    number = models.PositiveIntegerField()
    place = models.PositiveSmallIntegerField(default=0)
    outcome = models.CharField(max_length=10, choices=Outcome)
    name = models.CharField(max_length=200, blank=True, default="")
    told = models.JSONField(default=dict)
    # [[field, code, value]]: why it cannot be taken, or what is only said.
    problems = models.JSONField(default=list)
    remarks = models.JSONField(default=list)
    # Somebody who has a file already, why we think so, and what this line would add.
    match_id = models.BigIntegerField(null=True, blank=True)
    match = models.JSONField(default=dict)
    adds = models.JSONField(default=dict)
    decision = models.CharField(max_length=8, choices=Decision, blank=True, default="")
    done = models.CharField(max_length=9, choices=Done, blank=True, default="")
    person_id = models.BigIntegerField(null=True, blank=True)
    # What the fields held before, and what the import wrote in them.
    former = models.JSONField(default=dict)
    given = models.JSONField(default=dict)

    class Meta:
        ordering = ["number", "place"]
        constraints = [
            models.UniqueConstraint(fields=["source", "number", "place"], name="line_once_an_import")
        ]
        indexes = [
            # The preview, by outcome and in the order of the file.
            models.Index(fields=["source", "outcome", "number", "place"], name="line_by_outcome"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.outcome}"


class Progress(Walled):
    """How far the work on a file is: written beside its transaction, so that others see it move."""

    source = models.OneToOneField(Import, on_delete=models.CASCADE, related_name="progress")
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(default=clock.now)
    updated_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"{self.done}/{self.total}"


class ColumnMemory(Walled):
    """What the columns of a file were said to be, for the next file with the same ones."""

    fingerprint = models.CharField(max_length=64)
    # {"fields": […], "choices": {…}}
    remembered = models.JSONField(default=dict)
    used_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["territory", "fingerprint"], name="columns_remembered_once")
        ]

    def __str__(self) -> str:
        return self.fingerprint[:12]

    def fields_for(self, columns: list[dict[str, Any]]) -> list[str] | None:
        told = self.remembered.get("fields", [])
        return told if len(told) == len(columns) else None
