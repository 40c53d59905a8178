"""Who is enrolled, and the request it came from with its clock of eight days."""

from datetime import date, timedelta

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from palier.accounts.actor import Actor
from palier.kernel import clock
from palier.people.models import Person
from palier.register.models.registers import Notice, Register
from palier.territories.models import Walled

# After so long without a word the entry is « à reconfirmer »: it stays, and is asked about (REG-12).
FRESH_FOR = timedelta(days=365)


class EnrolmentQuerySet(models.QuerySet["Enrolment"]):
    def visible_to(self, actor: Actor) -> "EnrolmentQuerySet":
        """Those who are named in the register, and nobody else: the head of service neither (REG-13, REG-15)."""
        return self.filter(register__in=Register.objects.enterable_by(actor))

    def present(self) -> "EnrolmentQuerySet":
        """In force or waiting for the person's word; who was removed is in no list from that moment on."""
        return self.exclude(state=Enrolment.State.REMOVED)

    def to_reconfirm(self, today: date | None = None) -> "EnrolmentQuerySet":
        return self.filter(last_confirmed_on__lt=(today or clock.today()) - FRESH_FOR)

    def to_acknowledge(self) -> "EnrolmentQuerySet":
        waiting = EnrolmentRequest.objects.filter(enrolment=OuterRef("pk"), closed_at__isnull=True)
        return self.filter(Exists(waiting))


class Enrolment(Walled):
    """Somebody is in a register. With her name, birth date, address and telephones, what R121-4 allows and no more."""

    class Capacity(models.TextChoices):
        # R121-3: these three, and nothing to prove (REG-02, REG-03).
        SENIOR = "senior", _("65 ans ou plus")
        UNFIT = "unfit", _("plus de 60 ans, reconnue inapte au travail")
        DISABLED = "disabled", _("adulte handicapé")
        # In a register that asks for no capacity.
        ANY = "any", _("sans condition")

    class State(models.TextChoices):
        PENDING = "pending", _("À confirmer")
        ACTIVE = "active", _("Inscrite")
        REMOVED = "removed", _("Retirée")

    class Reason(models.TextChoices):
        REQUESTED = "requested", _("à sa demande")
        MOVED_OUT = "moved_out", _("partie dans une autre commune")
        DECEASED = "deceased", _("décédée")
        CARE_HOME = "care_home", _("en établissement")
        MISTAKE = "mistake", _("inscrite par erreur")
        ENDED = "ended", _("fin du registre")

    class Agreed(models.TextChoices):
        NOT_YET = "", _("pas encore")
        OWN_REQUEST = "own_request", _("par sa demande")
        SAID = "said", _("en le disant")
        SILENCE = "silence", _("par son silence")

    class Answer(models.TextChoices):
        NOT_ASKED = "not_asked", _("pas encore demandé")
        YES = "yes", _("d’accord")
        REFUSED = "refused", _("refusé")

    register = models.ForeignKey(Register, on_delete=models.PROTECT, related_name="enrolments")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="enrolments")
    # --- R121-4
    capacity = models.CharField(max_length=10, choices=Capacity)
    requested_on = models.DateField()
    third_party_name = models.CharField(max_length=120, blank=True, default="")
    third_party_capacity = models.CharField(max_length=120, blank=True, default="")
    home_service_name = models.CharField(max_length=120, blank=True, default="")
    home_service_phone = models.CharField(max_length=16, blank=True, default="")
    to_warn_name = models.CharField(max_length=120, blank=True, default="")
    to_warn_phone = models.CharField(max_length=16, blank=True, default="")
    # --- where it stands
    state = models.CharField(max_length=10, choices=State)
    agreed_how = models.CharField(max_length=12, choices=Agreed, blank=True, default="")
    agreed_at = models.DateTimeField(null=True, blank=True)
    # The purpose that may be refused on its own (REG-21); the alert plan is the register itself.
    isolation_prevention = models.CharField(max_length=10, choices=Answer, default=Answer.NOT_ASKED)
    last_confirmed_on = models.DateField()
    enrolled_at = models.DateTimeField(default=clock.now)
    removed_at = models.DateTimeField(null=True, blank=True)
    removal_reason = models.CharField(max_length=10, choices=Reason, blank=True, default="")

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["register", "person"],
                condition=~Q(state="removed"),
                name="once_in_a_register",
                violation_error_message=_("Cette personne est déjà inscrite à ce registre."),
            ),
            models.CheckConstraint(
                condition=Q(state="removed", removed_at__isnull=False) & ~Q(removal_reason="")
                | ~Q(state="removed") & Q(removed_at__isnull=True, removal_reason=""),
                name="removed_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(state="pending", agreed_at__isnull=True, agreed_how="")
                | Q(state="active", agreed_at__isnull=False) & ~Q(agreed_how="")
                | Q(state="removed"),
                name="in_force_with_an_agreement",
                violation_error_message=_(
                    "Une inscription vaut quand la personne l’a demandée ou ne s’y est pas opposée."
                ),
            ),
            models.CheckConstraint(
                condition=Q(third_party_name="", third_party_capacity="")
                | (~Q(third_party_name="") & ~Q(third_party_capacity="")),
                name="third_party_with_a_capacity",
                violation_error_message=_("D’un tiers on note le nom et la qualité."),
            ),
        ]
        indexes = [
            # The list of a register, and its lists of alert.
            models.Index(fields=["register", "state", "person"], name="enrolment_of_register"),
            # « Inscrite au registre », on a person's file.
            models.Index(fields=["person"], name="enrolment_of_person"),
            # « À reconfirmer ».
            models.Index(fields=["register", "last_confirmed_on"], name="enrolment_by_confirmation"),
            # The purge of what was removed.
            models.Index(fields=["removed_at"], name="enrolment_removed", condition=Q(state="removed")),
        ]

    def __str__(self) -> str:
        return f"{self.register_id} {self.person_id}"

    @property
    def is_to_confirm(self) -> bool:
        return self.state == self.State.PENDING

    @property
    def is_to_reconfirm(self) -> bool:
        return self.last_confirmed_on < clock.today() - FRESH_FOR


class EnrolmentRequestQuerySet(models.QuerySet["EnrolmentRequest"]):
    def visible_to(self, actor: Actor) -> "EnrolmentRequestQuerySet":
        return self.filter(register__in=Register.objects.enterable_by(actor))

    def open(self) -> "EnrolmentRequestQuerySet":
        return self.filter(closed_at__isnull=True)


class EnrolmentRequest(Walled):
    """One request to be enrolled, as it came; open until the person has her letter (REG-08), or there is no entry."""

    class Channel(models.TextChoices):
        LETTER = "letter", _("courrier")
        FORM = "form", _("formulaire, papier ou en ligne")
        PHONE = "phone", _("téléphone")
        VOICEMAIL = "voicemail", _("répondeur")
        EMAIL = "email", _("courriel")
        DESK = "desk", _("à l’accueil")

    class Requester(models.TextChoices):
        SELF = "self", _("la personne elle-même")
        REPRESENTATIVE = "representative", _("son représentant légal")
        THIRD_PARTY = "third_party", _("quelqu’un d’autre")

    class Outcome(models.TextChoices):
        ACKNOWLEDGED = "acknowledged", _("accusé de réception envoyé")
        WITHDRAWN = "withdrawn", _("la personne ne veut plus, ou n’est plus là")
        NOT_ELIGIBLE = "not_eligible", _("aucune des trois catégories")
        ELSEWHERE = "elsewhere", _("habite une autre commune")
        ALREADY_THERE = "already_there", _("déjà inscrite")
        UNUSABLE = "unusable", _("ce n’est pas une demande")

    register = models.ForeignKey(Register, on_delete=models.PROTECT, related_name="requests")
    enrolment = models.OneToOneField(
        Enrolment, null=True, blank=True, on_delete=models.CASCADE, related_name="request"
    )
    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=10, choices=Channel)
    requester = models.CharField(max_length=14, choices=Requester)
    requester_name = models.CharField(max_length=120, blank=True, default="")
    requester_capacity = models.CharField(max_length=120, blank=True, default="")
    # Where the writing is: « courrier du 3 novembre, classeur 2026 n° 14 ». No copy is kept here.
    written_proof = models.CharField(max_length=120, blank=True, default="")
    requested_on = models.DateField()
    received_at = models.DateTimeField(default=clock.now)
    # What the public form carried, until somebody matches it; emptied then. `form_key` makes two clicks one request.
    typed = models.JSONField(default=dict, blank=True)
    form_key = models.CharField(max_length=64, blank=True, default="")
    ack_printed_at = models.DateTimeField(null=True, blank=True)
    ack_sent_at = models.DateTimeField(null=True, blank=True)
    ack_sent_by = models.CharField(max_length=120, blank=True, default="")
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=14, choices=Outcome, blank=True, default="")

    objects = EnrolmentRequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, outcome="")
                | (Q(closed_at__isnull=False) & ~Q(outcome="")),
                name="request_closed_with_an_outcome",
            ),
            # Nobody's entry goes unanswered: « acknowledged » needs the letter, and the other ends have no entry in force.
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True)
                | Q(ack_sent_at__isnull=False)
                | Q(outcome="withdrawn")
                | Q(enrolment__isnull=True) & ~Q(outcome="acknowledged"),
                name="request_closed_with_its_letter",
                violation_error_message=_("La demande se termine quand l’accusé de réception est envoyé."),
            ),
            models.CheckConstraint(
                condition=~Q(requester="third_party") | ~Q(channel__in=("phone", "voicemail")),
                name="third_party_in_writing",
                violation_error_message=_("La demande d’un tiers se fait par écrit."),
            ),
            models.CheckConstraint(
                condition=Q(requester="self") | (~Q(requester_name="") & ~Q(requester_capacity="")),
                name="requester_is_named",
                violation_error_message=_("Le nom et la qualité de qui demande sont notés."),
            ),
            models.UniqueConstraint(
                fields=["register", "form_key"], condition=~Q(form_key=""), name="form_sent_once"
            ),
        ]
        indexes = [
            # What waits for a letter or for somebody to look.
            models.Index(
                fields=["register", "requested_on", "id"],
                name="request_open",
                condition=Q(closed_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """What may be read out on the telephone: « R-2026-0412 »."""
        return f"R-{self.requested_on.year}-{self.pk:04d}"

    @property
    def ack_due_on(self) -> date:
        """R121-6: within eight days."""
        return self.requested_on + timedelta(days=8)

    @property
    def is_by_third_party(self) -> bool:
        return self.requester == self.Requester.THIRD_PARTY
