"""How somebody lives: who comes and calls in a week, when she is away, with whom, who decides for her, what stays closed."""

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from palier.accounts.actor import Actor
from palier.accounts.models import Membership
from palier.kernel import clock
from palier.territories.models import Walled


class Household(Walled):
    """People who live together: a couple, a brother and a sister. One telephone may be that of several."""

    created_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return str(self.pk)


class Presence(Walled):
    """Somebody who calls or comes, on the same days each week, as she or they told us."""

    class Kind(models.TextChoices):
        CALL = "call", _("appel")
        VISIT = "visit", _("passage")

    class Part(models.TextChoices):
        MORNING = "morning", _("matin")
        NOON = "noon", _("midi")
        AFTERNOON = "afternoon", _("après-midi")
        EVENING = "evening", _("soir")
        NIGHT = "night", _("nuit")

    person = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="presences")
    # « Infirmière », « Sylvie, sa fille »; of our own desk the organisation's short name.
    who = models.CharField(max_length=80)
    kind = models.CharField(max_length=5, choices=Kind)
    # Monday is 0.
    days = ArrayField(models.PositiveSmallIntegerField())
    at = models.TimeField(null=True, blank=True)
    part = models.CharField(max_length=10, choices=Part, blank=True, default="")
    # The calls our own desk agreed with her: her rhythm.
    is_ours = models.BooleanField(default=False)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(days__len__gte=1) & Q(days__contained_by=list(range(7))),
                name="presence_on_days_of_the_week",
                violation_error_message=_("Cochez au moins un jour."),
            ),
            models.CheckConstraint(
                condition=Q(at__isnull=True) | Q(part=""), name="presence_has_an_hour_or_a_part_of_the_day"
            ),
        ]

    def __str__(self) -> str:
        return self.who


class AwayQuerySet(models.QuerySet["Away"]):
    def on(self, day: date) -> "AwayQuerySet":
        """Away on this day: the last day is a day away; she is home again on the next."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day), starts_on__lte=day)

    def open(self) -> "AwayQuerySet":
        return self.filter(closed_at__isnull=True)


class Away(Walled):
    """Somebody is not at home: at hospital, on holiday. Open until somebody says that she is back, or how it ended."""

    class Reason(models.TextChoices):
        HOSPITAL = "hospital", _("à l’hôpital")
        FAMILY = "family", _("dans sa famille")
        HOLIDAYS = "holidays", _("en vacances")
        STAY = "stay", _("en séjour temporaire")
        OTHER = "other", _("absente")

    person = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="away_times")
    reason = models.CharField(max_length=10, choices=Reason)
    starts_on = models.DateField()
    # The last day away. Unknown: somebody asks again on `ask_on`.
    ends_on = models.DateField(null=True, blank=True)
    ask_on = models.DateField()
    told_by = models.CharField(max_length=120, blank=True, default="")
    noted_by = models.CharField(max_length=120)
    opened_at = models.DateTimeField(default=clock.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = AwayQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "away times"
        ordering = ["starts_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="person_away_ends_after_start",
                violation_error_message=_("Le retour ne peut pas venir avant le départ."),
            )
        ]
        indexes = [
            # The board and the file: is she at home?
            models.Index(
                fields=["person", "starts_on"],
                name="away_open_of_person",
                condition=Q(closed_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.starts_on}"


class Protection(Walled):
    """A measure of legal protection: who decides with her or for her, and what must go through them."""

    class Measure(models.TextChoices):
        SAFEGUARD = "safeguard", _("sauvegarde de justice")
        SIMPLE = "simple_curatorship", _("curatelle simple")
        REINFORCED = "reinforced_curatorship", _("curatelle renforcée")
        GUARDIANSHIP = "guardianship", _("tutelle")
        FAMILY = "family_authority", _("habilitation familiale")
        MANDATE = "future_mandate", _("mandat de protection future")

    person = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="protections")
    measure = models.CharField(max_length=25, choices=Measure)
    representative = models.ForeignKey(
        "people.Contact", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # « Toute dépense, tout courrier »
    through_them = models.CharField(max_length=200, blank=True, default="")
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(ended_at__isnull=True),
                name="one_protection_at_a_time",
                violation_error_message=_("Une mesure est déjà notée : terminez-la d’abord."),
            )
        ]

    def __str__(self) -> str:
        return self.measure


class HomeSecret(Walled):
    """What opens the home: a door code, where the key is. Closed at rest, shown one at a time, each time noted."""

    class Kind(models.TextChoices):
        DOOR_CODE = "door_code", _("digicode")
        KEY_PLACE = "key_place", _("emplacement de la clé")
        KEY_SAFE = "key_safe", _("code de la boîte à clés")
        ALARM = "alarm", _("code de l’alarme")

    person = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="secrets")
    kind = models.CharField(max_length=10, choices=Kind)
    sealed = models.TextField()
    noted_by = models.CharField(max_length=120)
    noted_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["kind", "id"]
        constraints = [models.UniqueConstraint(fields=["person", "kind"], name="one_secret_of_a_kind")]

    def __str__(self) -> str:
        return self.kind


class NoteQuerySet(models.QuerySet["Note"]):
    def visible_to(self, actor: Actor) -> "NoteQuerySet":
        """Shared notes go with the file; a confidential one is its author's and the coordination's."""
        from palier.people.models import Person

        if not (actor.is_desk or actor.is_ours):
            return self.none()
        mine = self.filter(person__in=Person.objects.visible_to(actor))
        if actor.coordinates or actor.is_ours:
            return mine
        return mine.filter(Q(is_confidential=False) | Q(author_id=actor.membership_id))


class Note(Walled):
    """A few sentences about a person, dated and signed: she may read all of them."""

    person = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="notes")
    text = models.CharField(max_length=1000)
    is_confidential = models.BooleanField(default=False)
    # Why a watched word stays (GDP-05).
    words_reason = models.CharField(max_length=120, blank=True, default="")
    author = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    author_name = models.CharField(max_length=120)
    at = models.DateTimeField(default=clock.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = NoteQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        # The notes of a file, the latest first.
        indexes = [models.Index(fields=["person", "-at", "-id"], name="note_of_person")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.at:%Y-%m-%d}"


class Objection(Walled):
    """One line of what somebody no longer wants us to do; written once, the last line about a thing holds."""

    class To(models.TextChoices):
        CALLS = "calls", _("les appels du service")
        VISITS = "visits", _("les visites")
        LETTERS = "letters", _("les courriers")
        SMS = "sms", _("les SMS")
        PARCELS = "parcels", _("les colis et invitations")
        FILE = "file", _("que sa fiche soit utilisée")

    person = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="objections")
    to = models.CharField(max_length=10, choices=To)
    # False: she takes it back.
    holds = models.BooleanField()
    at = models.DateTimeField(default=clock.now)
    channel = models.CharField(max_length=20, default="phone")
    noted_by = models.CharField(max_length=120)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["person", "to", "-at", "-id"], name="objection_last_line")]

    def __str__(self) -> str:
        return f"{self.to} {self.holds}"
