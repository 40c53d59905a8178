"""The data controller's network, the organisations in it, the communes they cover, and their hours."""

import zoneinfo

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Walled(models.Model):
    """A row that belongs to one territory; PostgreSQL hides it from all others (territories.walls)."""

    territory = models.ForeignKey("territories.Territory", on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True


class Territory(models.Model):
    """One data controller's network: a town, an intercommunality or a département."""

    class Kind(models.TextChoices):
        TOWN = "town", _("Ville")
        GROUPING = "grouping", _("Intercommunalité")
        DEPARTMENT = "department", _("Département")

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.TOWN)
    # The name at the head of each text message: eleven letters at most, GSM 03.38 (design guide, Words).
    sender_name = models.CharField(max_length=11)
    public_phone = models.CharField(max_length=16)
    public_email = models.EmailField(blank=True, default="")
    # Where the links of text messages lead, without scheme nor slash: « palier.belrive.example ».
    public_host = models.CharField(max_length=80)
    timezone = models.CharField(max_length=40, default="Europe/Paris")
    holidays_zone = models.CharField(max_length=20, default="", blank=True)
    phone_region = models.CharField(max_length=2, default="FR")
    # How neighbours are asked. Performance reference §2.2: small waves, an hour apart, do not wear the network out.
    wave_size = models.PositiveSmallIntegerField(default=3)
    wave_minutes = models.PositiveSmallIntegerField(default=60)
    reach_minutes = models.PositiveSmallIntegerField(default=20)
    quiet_from = models.TimeField(default="20:00")
    quiet_until = models.TimeField(default="08:00")
    proof_grace_minutes = models.PositiveSmallIntegerField(default=30)
    climb_minutes = models.PositiveSmallIntegerField(default=60)
    note_of_the_day = models.CharField(max_length=300, blank=True, default="")
    note_by = models.CharField(max_length=120, blank=True, default="")
    note_at = models.DateTimeField(null=True, blank=True)
    is_demo = models.BooleanField(default=False)
    ready_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(wave_size__gte=1, wave_size__lte=10), name="territory_waves_are_small"
            ),
            models.CheckConstraint(
                condition=Q(wave_minutes__gte=5), name="territory_waves_leave_time_to_answer"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.timezone)


class Organisation(Walled):
    """A body that works in the territory: the CCAS, the département, an operator, an association…"""

    class Kind(models.TextChoices):
        CCAS = "ccas", _("Centre communal d’action sociale")
        DEPARTMENT = "department", _("Département")
        OPERATOR = "telecare_operator", _("Opérateur de téléassistance")
        ASSOCIATION = "association", _("Association")
        SUPPORT_DESK = "support_desk", _("Service d’entraide de voisinage")
        TOWN_SERVICE = "town_service", _("Service de la ville")

    kind = models.CharField(max_length=20, choices=Kind)
    name = models.CharField(max_length=120)
    short_name = models.CharField(max_length=40)
    phone = models.CharField(max_length=16, blank=True, default="")
    email = models.EmailField(blank=True, default="")
    is_lead = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["territory", "name"], name="organisation_name_once"),
            models.UniqueConstraint(
                fields=["territory"], condition=Q(is_lead=True), name="one_lead_organisation"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Commune(Walled):
    """A commune an organisation covers, by INSEE code (five characters, never a number: 2A004)."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="communes")
    insee = models.CharField(max_length=5, validators=[RegexValidator(r"^(\d{2}|2[AB])\d{3}$")])
    name = models.CharField(max_length=80)
    postcode = models.CharField(max_length=5)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "insee"], name="commune_once_an_organisation")
        ]

    def __str__(self) -> str:
        return self.name


class OpeningHours(Walled):
    """One stretch of a weekday (0 = Monday) when an organisation answers, in local time."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="hours")
    weekday = models.PositiveSmallIntegerField()
    opens_at = models.TimeField()
    closes_at = models.TimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(weekday__lte=6), name="hours_weekday_exists"),
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")), name="hours_close_after_opening"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.opens_at}–{self.closes_at}"


class Closure(Walled):
    """A day an organisation is closed beside the public holidays."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="closures")
    on = models.DateField()
    label = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "on"], name="closure_once_a_day")]

    def __str__(self) -> str:
        return f"{self.on} {self.label}"


class Team(Walled):
    """People of one organisation who answer for each other; what a team owns shows as « sans responsable »."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="teams")
    name = models.CharField(max_length=80)
    answers_the_phone = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "name"], name="team_name_once")]

    def __str__(self) -> str:
        return self.name


class HelpKindQuerySet(models.QuerySet["HelpKind"]):
    def offered(self) -> "HelpKindQuerySet":
        return self.filter(is_active=True)


class HelpKind(Walled):
    """A kind of help in the territory's own list: shopping, a visit, papers…"""

    code = models.SlugField(max_length=30)
    name = models.CharField(max_length=60)
    # What a text message says after « une voisine aurait besoin » : « de courses », GSM-7 only.
    in_a_message = models.CharField(max_length=40)
    icon = models.CharField(max_length=20, default="heart")
    usual_minutes = models.PositiveSmallIntegerField(default=45)
    # By telephone: distance does not count.
    is_remote = models.BooleanField(default=False)
    # Care, money, danger: never given to a neighbour (design guide, screen e).
    is_for_neighbours = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)
    order = models.PositiveSmallIntegerField(default=0)

    objects = HelpKindQuerySet.as_manager()

    class Meta:
        ordering = ["order", "id"]
        constraints = [models.UniqueConstraint(fields=["territory", "code"], name="help_kind_code_once")]

    def __str__(self) -> str:
        return self.name


class Street(Walled):
    """A street or a river of the town as a line, for the map of a quarter and for finding where an address is."""

    class Kind(models.TextChoices):
        STREET = "street", _("Rue")
        MINOR = "minor", _("Petite rue")
        RIVER = "river", _("Cours d’eau")

    name = models.CharField(max_length=120, blank=True, default="")
    # Folded name, what a typed address is compared with: « rue des tilleuls ».
    key = models.CharField(max_length=120, db_collation="C", blank=True, default="")
    kind = models.CharField(max_length=6, choices=Kind, default=Kind.MINOR)
    # Corners in Lambert-93 metres: [[x, y], …], from the lowest house number to the highest.
    points = models.JSONField()
    first_number = models.PositiveIntegerField(default=1)
    last_number = models.PositiveIntegerField(default=1)
    min_x = models.FloatField()
    max_x = models.FloatField()
    min_y = models.FloatField()
    max_y = models.FloatField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(last_number__gte=F("first_number")), name="street_numbers_go_up"
            ),
        ]
        indexes = [
            models.Index(fields=["territory", "key"], name="street_by_name"),
            # The lines around a home.
            models.Index(fields=["territory", "min_x", "max_x"], name="street_near"),
        ]

    def __str__(self) -> str:
        return self.name
