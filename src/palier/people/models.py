"""Who is helped: the person, how to reach her, who is around her, what she agreed to."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from palier.accounts.actor import Actor
from palier.kernel import clock
from palier.people.suppression import Suppression as Suppression
from palier.territories.models import Organisation, Walled


class PersonQuerySet(models.QuerySet["Person"]):
    def visible_to(self, actor: Actor) -> "PersonQuerySet":
        """The lead organisation's desk sees every file of its territory; others see none of them yet.

        Partners and operators see a person through a referral or an agreement, never through her file.
        """
        if actor.is_ours or actor.is_desk:
            return self.filter(territory_id=actor.territory_id)
        return self.none()

    def active(self) -> "PersonQuerySet":
        return self.filter(state=Person.State.ACTIVE)


class Person(Walled):
    """Somebody the territory looks after: one file, one thread."""

    class Title(models.TextChoices):
        MADAME = "madame", _("Madame")
        MONSIEUR = "monsieur", _("Monsieur")
        NONE = "none", _("Sans civilité")

    class State(models.TextChoices):
        ACTIVE = "active", _("Suivie")
        MOVED = "moved", _("Partie")
        IN_CARE_HOME = "in_care_home", _("En établissement")
        DECEASED = "deceased", _("Décédée")

    title = models.CharField(max_length=10, choices=Title, default=Title.NONE)
    first_name = models.CharField(max_length=60)
    last_name = models.CharField(max_length=60)
    birth_name = models.CharField(max_length=60, blank=True, default="")
    birth_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=20, choices=State, default=State.ACTIVE)
    street = models.CharField(max_length=120, blank=True, default="")
    # « 2e étage à gauche, sans ascenseur »: given to a neighbour who said yes.
    access = models.CharField(max_length=120, blank=True, default="")
    postcode = models.CharField(max_length=5, blank=True, default="")
    city = models.CharField(max_length=80, blank=True, default="")
    insee = models.CharField(max_length=5, blank=True, default="")
    # Lambert-93, metres.
    x = models.FloatField(null=True, blank=True)
    y = models.FloatField(null=True, blank=True)
    lives_alone = models.BooleanField(default=False)
    language = models.CharField(max_length=2, default="fr")
    # The safety strip: how to talk to her, what matters at home.
    talk_note = models.CharField(max_length=300, blank=True, default="")
    home_note = models.CharField(max_length=300, blank=True, default="")
    has_stairs = models.BooleanField(default=False)
    has_pets = models.BooleanField(default=False)
    telecare_operator = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.SET_NULL, related_name="subscribers"
    )
    # The unit's number at the operator (SCAIP `cid`), digits.
    telecare_number = models.CharField(max_length=16, blank=True, default="")
    # Folded names and street, for the search field: « marchand odette tilleuls ».
    search_text = models.CharField(max_length=300, db_collation="C")
    created_at = models.DateTimeField(default=clock.now)
    last_contact_at = models.DateTimeField(null=True, blank=True)

    objects = PersonQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["telecare_operator", "telecare_number"],
                condition=Q(telecare_operator__isnull=False) & ~Q(telecare_number=""),
                name="telecare_number_once",
                violation_error_message=_("Ce numéro d’abonné est déjà celui d’une autre personne."),
            ),
            models.CheckConstraint(condition=~Q(last_name="") | ~Q(first_name=""), name="person_has_a_name"),
        ]
        indexes = [
            # The list of people, in alphabetical order, page by page.
            models.Index(fields=["territory", "search_text", "id"], name="person_by_name"),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def is_woman(self) -> bool:
        """For the sentence that agrees: « elle »; a file without title is spoken of as « la personne », feminine."""
        return self.title != self.Title.MONSIEUR


class SearchWord(Walled):
    """One folded word of a person's names, street or town, for « half a name » in the search field.

    A table of words and not a trigram index: behind a row-level policy only leak-proof comparisons may use an
    index, and LIKE is not one of them, while a range on words is.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="words")
    word = models.CharField(max_length=40, db_collation="C")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "word"], name="search_word_once")]
        indexes = [models.Index(fields=["territory", "word", "person"], name="person_word")]

    def __str__(self) -> str:
        return self.word


class PhoneNumber(Walled):
    """A number where somebody answers; the same number may belong to several people (a couple, a residence)."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="phones")
    e164 = models.CharField(max_length=16)
    raw = models.CharField(max_length=40, blank=True, default="")
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "id"]
        constraints = [models.UniqueConstraint(fields=["person", "e164"], name="phone_once_a_person")]
        # Who is calling.
        indexes = [models.Index(fields=["territory", "e164"], name="person_phone")]

    def __str__(self) -> str:
        return self.e164


class Contact(Walled):
    """Somebody around a person: family, neighbour, keyholder, professional; in the order to call them."""

    class Relation(models.TextChoices):
        CHILD = "child", _("enfant")
        SPOUSE = "spouse", _("conjoint")
        RELATIVE = "relative", _("famille")
        NEIGHBOUR = "neighbour", _("voisinage")
        DOCTOR = "doctor", _("médecin")
        NURSE = "nurse", _("soins")
        HOME_HELP = "home_help", _("aide à domicile")
        OTHER = "other", _("autre")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="contacts")
    name = models.CharField(max_length=120)
    relation = models.CharField(max_length=12, choices=Relation)
    # « sa fille, à Rennes »
    note = models.CharField(max_length=120, blank=True, default="")
    phone = models.CharField(max_length=16, blank=True, default="")
    order = models.PositiveSmallIntegerField(default=0)
    has_key = models.BooleanField(default=False)
    is_professional = models.BooleanField(default=False)
    do_not_contact = models.BooleanField(default=False)

    class Meta:
        ordering = ["order", "id"]
        indexes = [models.Index(fields=["territory", "phone"], name="contact_phone", condition=~Q(phone=""))]

    def __str__(self) -> str:
        return self.name


class Consent(Walled):
    """One line of the ledger of what somebody agreed to or refused; the last line of a purpose holds."""

    class Purpose(models.TextChoices):
        NEIGHBOUR_HELP = "neighbour_help", _("donner son prénom et sa rue à un voisin")
        WELFARE_CALLS = "welfare_calls", _("être appelée régulièrement")
        PARTNERS = "partners", _("transmettre à une association ou un service")
        TELECARE = "telecare", _("échanger avec sa téléassistance")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=20, choices=Purpose)
    is_given = models.BooleanField()
    at = models.DateTimeField(default=clock.now)
    # How it was said, and who wrote it down.
    channel = models.CharField(max_length=20, default="phone")
    noted_by = models.CharField(max_length=120)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["person", "purpose", "-at", "-id"], name="consent_last_line")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.is_given}"
