"""The telephone desk: calls that came in, what they were for, and calls owed to somebody."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from palier.accounts.actor import Actor
from palier.accounts.models import Membership
from palier.concerns.models import Concern
from palier.kernel import clock
from palier.needs.models import Need
from palier.people.models import Contact, Person, of_seen_people
from palier.territories.models import Walled
from palier.volunteers.models import Volunteer


class CallReason(Walled):
    """A reason for calling, in the territory's own list; the first is « parler, être rassurée »."""

    code = models.SlugField(max_length=30)
    name = models.CharField(max_length=60)
    order = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["order", "id"]
        constraints = [models.UniqueConstraint(fields=["territory", "code"], name="call_reason_once")]

    def __str__(self) -> str:
        return self.name


class CallQuerySet(models.QuerySet["Call"]):
    def visible_to(self, actor: Actor) -> "CallQuerySet":
        if actor.is_ours or actor.is_desk:
            return self.filter(of_seen_people(actor), territory_id=actor.territory_id)
        return self.none()

    def open(self) -> "CallQuerySet":
        return self.filter(closed_at__isnull=True)

    def logged(self) -> "CallQuerySet":
        return self.filter(logged_at__isnull=False)


class Call(Walled):
    """One telephone call with the desk, from ringing to written down; open until logged or given up with a reason."""

    class State(models.TextChoices):
        RINGING = "ringing", _("Sonne")
        ANSWERED = "answered", _("En cours")
        ENDED = "ended", _("Terminé, à noter")
        MISSED = "missed", _("Manqué")
        LOGGED = "logged", _("Noté")
        SET_ASIDE = "set_aside", _("Sans suite")

    class Who(models.TextChoices):
        SELF = "self", _("La personne")
        CONTACT = "contact", _("Un proche connu")
        RELATIVE = "relative", _("Un proche")
        PROFESSIONAL = "professional", _("Professionnel")
        VOLUNTEER = "volunteer", _("Voisin")
        OTHER = "other", _("Quelqu’un d’autre")
        ANONYMOUS = "anonymous", _("Ne dit pas son nom")

    class Mood(models.TextChoices):
        WELL = "well", _("Bien")
        AS_USUAL = "as_usual", _("Comme toujours")
        LESS_WELL = "less_well", _("Moins bien")
        WORRYING = "worrying", _("Inquiétant")
        UNSAID = "", _("Non dit")

    class Next(models.TextChoices):
        NOTHING = "nothing", _("Rien")
        CALL_BACK = "call_back", _("La rappeler")
        NEED = "need", _("Noter un besoin")
        CONCERN = "concern", _("Signaler")

    direction = models.CharField(
        max_length=8, choices=[("inbound", "inbound"), ("outbound", "outbound")], default="inbound"
    )
    # The telephone system and its name for the call; by hand: "desk" and a random key.
    provider = models.CharField(max_length=40)
    call_key = models.CharField(max_length=80)
    number = models.CharField(max_length=16, blank=True, default="")
    number_raw = models.CharField(max_length=60, blank=True, default="")
    is_withheld = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State, default=State.RINGING)
    rang_at = models.DateTimeField(default=clock.now)
    answered_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="calls")
    who = models.CharField(max_length=12, choices=Who, blank=True, default="")
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    volunteer = models.ForeignKey(
        Volunteer, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    who_name = models.CharField(max_length=120, blank=True, default="")
    reasons = models.ManyToManyField(CallReason, through="CallForReason", related_name="calls")
    mood = models.CharField(max_length=10, choices=Mood, blank=True, default="")
    words = models.TextField(blank=True, default="", max_length=10000)
    next = models.CharField(max_length=10, choices=Next, blank=True, default="")
    # Immediate danger: when the key was pressed, which service was called, when.
    danger_at = models.DateTimeField(null=True, blank=True)
    danger_service = models.CharField(max_length=3, blank=True, default="")
    danger_called_at = models.DateTimeField(null=True, blank=True)
    need = models.ForeignKey(Need, null=True, blank=True, on_delete=models.PROTECT, related_name="calls")
    concern = models.ForeignKey(
        Concern, null=True, blank=True, on_delete=models.PROTECT, related_name="calls"
    )
    logged_at = models.DateTimeField(null=True, blank=True)
    logged_by = models.ForeignKey(
        Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # Seconds between opening the form and saving it: the desk's own measure of « under a minute ».
    logging_seconds = models.PositiveIntegerField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closing_note = models.CharField(max_length=200, blank=True, default="")

    objects = CallQuerySet.as_manager()

    class Meta:
        ordering = ["-rang_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["territory", "provider", "call_key"], name="call_key_once"),
            models.CheckConstraint(
                condition=Q(state__in=["logged", "set_aside"], closed_at__isnull=False)
                | (~Q(state__in=["logged", "set_aside"]) & Q(closed_at__isnull=True)),
                name="call_closed_when_logged",
            ),
            models.CheckConstraint(
                condition=~Q(state="logged") | (Q(logged_at__isnull=False) & ~Q(next="") & ~Q(who="")),
                name="logged_call_says_who_and_what_next",
            ),
            models.CheckConstraint(
                condition=Q(is_withheld=False) | Q(number=""), name="withheld_call_has_no_number"
            ),
        ]
        indexes = [
            models.Index(fields=["territory", "-rang_at", "-id"], name="call_list"),
            models.Index(
                fields=["territory", "rang_at"], name="call_open", condition=Q(closed_at__isnull=True)
            ),
            models.Index(fields=["person", "-rang_at"], name="call_of_person"),
            models.Index(
                fields=["territory", "logged_at"], name="call_figures", condition=Q(logged_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.call_key}"


class CallForReason(Walled):
    """One reason of one call."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="for_reasons")
    reason = models.ForeignKey(CallReason, on_delete=models.PROTECT, related_name="for_calls")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["call", "reason"], name="call_reason_once_a_call")]

    def __str__(self) -> str:
        return f"{self.call_id} {self.reason_id}"


class CallDraft(Walled):
    """What an agent typed on a call and has not saved yet: survives a reload, a lost network, an expired session."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="drafts")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    # The form's fields as typed.
    typed = models.JSONField(default=dict)
    saved_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["call", "membership"], name="one_draft_a_desk")]

    def __str__(self) -> str:
        return f"{self.call_id} {self.membership_id}"


class PlannedCallQuerySet(models.QuerySet["PlannedCall"]):
    def visible_to(self, actor: Actor) -> "PlannedCallQuerySet":
        if actor.is_ours or actor.is_desk:
            return self.filter(of_seen_people(actor), territory_id=actor.territory_id)
        return self.none()


class PlannedCall(Walled):
    """A call owed to somebody at a time: a call back, or « how did it go? » after a visit."""

    class Why(models.TextChoices):
        PROMISED = "promised", _("Rappel promis")
        MISSED = "missed", _("Appel manqué")
        FEEDBACK = "feedback", _("Après une visite")

    class Outcome(models.TextChoices):
        REACHED = "reached", _("Jointe")
        NO_ANSWER = "no_answer", _("Sans réponse")
        REPLACED = "replaced", _("Remplacé par un autre appel")
        DROPPED = "dropped", _("Plus nécessaire")

    why = models.CharField(max_length=10, choices=Why)
    person = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="planned_calls"
    )
    number = models.CharField(max_length=16, blank=True, default="")
    about = models.CharField(max_length=200, blank=True, default="")
    due_at = models.DateTimeField()
    need = models.ForeignKey(
        Need, null=True, blank=True, on_delete=models.PROTECT, related_name="planned_calls"
    )
    asked_in = models.ForeignKey(
        Call, null=True, blank=True, on_delete=models.PROTECT, related_name="promises"
    )
    done_in = models.ForeignKey(
        Call, null=True, blank=True, on_delete=models.PROTECT, related_name="kept_promises"
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    # What she said of the visit, for feedback calls: well, so_so, badly, did_not_come.
    feedback = models.CharField(max_length=12, blank=True, default="")
    opened_at = models.DateTimeField(default=clock.now)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True, default="")
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = PlannedCallQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, outcome="")
                | (Q(closed_at__isnull=False) & ~Q(outcome="")),
                name="planned_call_closed_with_an_outcome",
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=False) | ~Q(number=""), name="planned_call_reaches_somebody"
            ),
        ]
        indexes = [
            models.Index(fields=["person", "due_at"], name="planned_call_of_person"),
            models.Index(fields=["need"], name="planned_call_of_need"),
        ]

    def __str__(self) -> str:
        return f"{self.why} {self.due_at:%Y-%m-%d}"
