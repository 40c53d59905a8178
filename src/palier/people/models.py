"""Who is helped: the person, how to reach her, who is around her, what she agreed to, and who may see all this."""

from datetime import datetime

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from palier.accounts.actor import Actor
from palier.accounts.models import Membership
from palier.kernel import clock
from palier.people.living import Away as Away
from palier.people.living import HomeSecret as HomeSecret
from palier.people.living import Household as Household
from palier.people.living import Note as Note
from palier.people.living import Objection as Objection
from palier.people.living import Presence as Presence
from palier.people.living import Protection as Protection
from palier.people.suppression import Suppression as Suppression
from palier.people.twice import Double as Double
from palier.people.twice import DoublesLearning as DoublesLearning
from palier.people.twice import DoublesReview as DoublesReview
from palier.people.twice import JoinedFile as JoinedFile
from palier.territories.models import Organisation, Walled


class PersonQuerySet(models.QuerySet["Person"]):
    def visible_to(self, actor: Actor) -> "PersonQuerySet":
        """The lead organisation's desk sees the people it follows, and whoever is in a compartment it may enter.

        Partners and operators see a person through a referral or an agreement, never through her file. The words of
        this rule for statements written by hand are in `people.sight`; pages are read behind a second lock, the
        database's own (`territories.walls.SIGHTS`).
        """
        # A file that was joined to another is read through that one.
        here = self.filter(territory_id=actor.territory_id, merged_into__isnull=True)
        if actor.is_ours:
            return here
        if actor.is_desk:
            return here.filter(Q(is_followed=True) | Exists(_entered_by(actor)))
        return self.none()

    def active(self) -> "PersonQuerySet":
        return self.filter(state=Person.State.ACTIVE, merged_into__isnull=True)


def _entered_by(actor: Actor) -> "models.QuerySet[Confined]":
    """The places of one person in compartments that the actor may enter now."""
    grants = CompartmentGrant.objects.live().filter(membership_id=actor.membership_id or 0)
    return Confined.objects.filter(person=OuterRef("pk"), compartment__in=grants.values("compartment"))


def of_seen_people(actor: Actor, person: str = "person") -> Q:
    """A filter for what is about somebody whom the actor may see, or about nobody.

    Asked for the person who is seen, not against the one who is hidden: behind the database's own lock she is not there
    to be found, and a rule that looks for her would let everything pass.
    """
    if actor.is_ours:
        return Q()
    seen = Person.objects.visible_to(actor).filter(pk=OuterRef(person))
    return Q(**{f"{person}__isnull": True}) | Q(Exists(seen))


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
    # An ordinary file of the follow-up, which the whole desk sees. False: only through a compartment.
    is_followed = models.BooleanField(default=True, db_default=True)
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
    needs_interpreter = models.BooleanField(default=False, db_default=False)
    household = models.ForeignKey(
        "people.Household", null=True, blank=True, on_delete=models.SET_NULL, related_name="people"
    )
    # The day she moved, died or entered a care home, as far as we know.
    left_on = models.DateField(null=True, blank=True)
    # Joined to this file, hidden, and read through it; never to a file that is itself hidden.
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="absorbed_files"
    )
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
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")),
                name="person_not_joined_to_itself",
            ),
        ]
        indexes = [
            # The list of people, in alphabetical order, page by page.
            models.Index(fields=["territory", "search_text", "id"], name="person_by_name"),
            # Whether what is about somebody may be shown: asked for each row of many lists, and nearly always « yes ».
            models.Index(fields=["id"], name="person_not_followed", condition=Q(is_followed=False)),
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


class SearchName(Walled):
    """One way of saying somebody's name: a surname (hers, the one of her birth, a half of it) with a first name.

    Written together as one word each (« legoff », « marietherese »), so that a pair of words is one look into an index.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="names", db_index=False)
    last = models.CharField(max_length=40, db_collation="C")
    first = models.CharField(max_length=40, db_collation="C")
    # Year of birth; 0 when it is not known.
    born = models.SmallIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "last", "first"], name="search_name_once")]
        # The search field. Every column stands in the index: the rows themselves are never read.
        indexes = [
            models.Index(fields=["territory", "last", "first", "born", "person"], name="name_by_last"),
            models.Index(fields=["territory", "born", "last", "first", "person"], name="name_by_year_last"),
            models.Index(fields=["territory", "born", "first", "last", "person"], name="name_by_year_first"),
        ]

    def __str__(self) -> str:
        return f"{self.last} {self.first}"


class NameWord(Walled):
    """A surname or a first name that somebody in the territory bears: the vocabulary that is searched instead of people.

    Not unique on purpose: two desks that write the same new name at once need not wait for each other, and the second
    row is taken away at night (`people.indexing.forget_words`).
    """

    class Kind(models.TextChoices):
        LAST = "last", _("Nom")
        FIRST = "first", _("Prénom")

    kind = models.CharField(max_length=5, choices=Kind)
    word = models.CharField(max_length=40, db_collation="C")

    class Meta:
        # Whether a name is known already.
        indexes = [models.Index(fields=["territory", "word", "kind"], name="name_word")]

    def __str__(self) -> str:
        return self.word


class NameKey(Walled):
    """What a name is found by when it is misspelt: itself less one letter, or how it sounds (« ~lefevr »)."""

    name = models.ForeignKey(NameWord, on_delete=models.CASCADE, related_name="keys")
    key = models.CharField(max_length=18, db_collation="C")
    # Copied from the name: the index answers alone.
    kind = models.CharField(max_length=5, choices=NameWord.Kind)
    word = models.CharField(max_length=40, db_collation="C")

    class Meta:
        # The names near to what was typed.
        indexes = [models.Index(fields=["territory", "key", "kind", "word"], name="name_key")]

    def __str__(self) -> str:
        return f"{self.key} {self.word}"


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


class ContactQuerySet(models.QuerySet["Contact"]):
    def current(self) -> "ContactQuerySet":
        return self.filter(ended_at__isnull=True)

    def callable(self) -> "ContactQuerySet":
        """Whom we may ring, in order; the only way from a person to a number of those around her."""
        return self.current().filter(do_not_contact=False).exclude(phone="")


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
        REPRESENTATIVE = "representative", _("représentant légal")
        FRIEND = "friend", _("amie ou ami")
        OTHER = "other", _("autre")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="contacts")
    name = models.CharField(max_length=120)
    relation = models.CharField(max_length=20, choices=Relation)
    # « sa fille, à Rennes »
    note = models.CharField(max_length=120, blank=True, default="")
    phone = models.CharField(max_length=16, blank=True, default="")
    order = models.PositiveSmallIntegerField(default=0)
    has_key = models.BooleanField(default=False)
    is_professional = models.BooleanField(default=False)
    # Nobody may write or speak to them about her (suspected abuse). Their number then stands in no column that a
    # screen, a letter or a round reads: it is closed away, and opened with a reason that is noted.
    do_not_contact = models.BooleanField(default=False)
    sealed_phone = models.TextField(blank=True, default="", db_default="")
    # Recognises their call without holding their number.
    sealed_mark = models.CharField(max_length=64, blank=True, default="", db_default="")
    apart_reason = models.CharField(max_length=500, blank=True, default="", db_default="")
    apart_by = models.CharField(max_length=120, blank=True, default="", db_default="")
    apart_at = models.DateTimeField(null=True, blank=True)
    # Taken from the file; kept for the lines of the journal that name them.
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ContactQuerySet.as_manager()

    class Meta:
        ordering = ["order", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(phone="") | Q(do_not_contact=False, ended_at__isnull=True),
                name="nobody_dials_who_is_not_to_be_contacted",
            )
        ]
        indexes = [
            models.Index(fields=["territory", "phone"], name="contact_phone", condition=~Q(phone="")),
            # « Ne rien dire »: who calls is not to be contacted.
            models.Index(
                fields=["territory", "sealed_mark"], name="contact_sealed", condition=~Q(sealed_mark="")
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Consent(Walled):
    """One line of the ledger of what somebody agreed to or refused; the last line of a purpose holds."""

    class Purpose(models.TextChoices):
        NEIGHBOUR_HELP = "neighbour_help", _("donner son prénom et sa rue à un voisin")
        WELFARE_CALLS = "welfare_calls", _("être appelée régulièrement")
        PARTNERS = "partners", _("transmettre à une association ou un service")
        TELECARE = "telecare", _("échanger avec sa téléassistance")
        PARCELS = "parcels", _("recevoir un colis ou une invitation")
        OUTINGS = "outings", _("les sorties de groupe")
        PHOTOS = "photos", _("être prise en photo")
        SMS = "sms", _("recevoir des SMS")
        NEWS = "news", _("recevoir les nouvelles des aînés")

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


class CompartmentQuerySet(models.QuerySet["Compartment"]):
    def visible_to(self, actor: Actor) -> "CompartmentQuerySet":
        """Who gives the grants sees them all; the others those they may enter."""
        here = self.filter(territory_id=actor.territory_id)
        return here if actor.grants_compartments else here.enterable_by(actor)

    def enterable_by(self, actor: Actor) -> "CompartmentQuerySet":
        if actor.is_ours:
            return self
        grants = CompartmentGrant.objects.live().filter(membership_id=actor.membership_id or 0)
        return self.filter(pk__in=grants.values("compartment"))

    def open(self) -> "CompartmentQuerySet":
        return self.filter(ended_at__isnull=True)


class Compartment(Walled):
    """Files kept apart: a confidential strand, or those who are in one register only. Entered with a grant."""

    code = models.SlugField(max_length=40)
    name = models.CharField(max_length=120)
    # Made by a register: how long these people are kept is counted there, not from our last contact with them.
    has_own_clock = models.BooleanField(default=False, db_default=False)
    opened_at = models.DateTimeField(default=clock.now)
    # No file goes in any more. Not `closed_at`: nobody owes anything while it is open.
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = CompartmentQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["territory", "code"],
                name="compartment_code_once",
                violation_error_message=_("Un volet porte déjà ce code."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class CompartmentGrantQuerySet(models.QuerySet["CompartmentGrant"]):
    def live(self, at: datetime | None = None) -> "CompartmentGrantQuerySet":
        at = at or clock.now()
        return self.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at), starts_at__lte=at)


class CompartmentGrant(Walled):
    """Somebody may enter a compartment, from when to when."""

    compartment = models.ForeignKey(Compartment, on_delete=models.CASCADE, related_name="grants")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    starts_at = models.DateTimeField(default=clock.now)
    ends_at = models.DateTimeField(null=True, blank=True)
    granted_by = models.CharField(max_length=120)

    objects = CompartmentGrantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("starts_at")),
                name="compartment_grant_ends_after_start",
            )
        ]
        # Who sees whom: asked for the files that are not followed only.
        indexes = [models.Index(fields=["membership", "compartment"], name="compartment_grant_of_member")]

    def __str__(self) -> str:
        return f"{self.compartment_id} {self.membership_id}"


class Confined(Walled):
    """A person is in a compartment."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="confined")
    compartment = models.ForeignKey(Compartment, on_delete=models.PROTECT, related_name="confined")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "compartment"], name="once_in_a_compartment")
        ]
        # The people of a compartment.
        indexes = [models.Index(fields=["compartment", "person"], name="confined_in")]

    def __str__(self) -> str:
        return f"{self.compartment_id} {self.person_id}"
