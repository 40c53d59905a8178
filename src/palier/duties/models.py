"""What is owed to whom, by whom, by when. An open thing without an open duty is refused by the database."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from palier.accounts.models import Membership
from palier.kernel import clock
from palier.territories.models import Organisation, Team, Walled


class DutyQuerySet(models.QuerySet["Duty"]):
    def open(self) -> "DutyQuerySet":
        return self.filter(settled_at__isnull=True)

    def of(self, kind: str, subject_id: int) -> "DutyQuerySet":
        return self.filter(subject_kind=kind, subject_id=subject_id)


class Kind(models.TextChoices):
    LOG_CALL = "log_call", _("Appel à noter")
    CALL_BACK = "call_back", _("À rappeler")
    FIND_SOMEBODY = "find_somebody", _("Trouver quelqu’un")
    AWAIT_ANSWERS = "await_answers", _("Réponses attendues")
    FOLLOW_VISIT = "follow_visit", _("Visite à suivre")
    PROVE_VISIT = "prove_visit", _("Visite à vérifier")
    ASK_HOW_IT_WENT = "ask_how_it_went", _("Demander comment ça s’est passé")
    CLOSE_NEED = "close_need", _("Besoin à conclure")
    LOOK_AT_CONCERN = "look_at_concern", _("Signalement")
    FOLLOW_REFERRAL = "follow_referral", _("Confié, à suivre")
    MEND_MESSAGE = "mend_message", _("Message à vérifier")
    REVIEW_EVENT = "review_event", _("Téléassistance, à regarder")
    VET_VOLUNTEER = "vet_volunteer", _("Candidature")
    ANSWER_RIGHTS = "answer_rights", _("Demande sur ses informations")
    REVIEW_DOUBLES = "review_doubles", _("Doublons à regarder")
    LEGAL_REVIEW = "legal_review", _("Relecture juridique")
    # Of the registers: nobody's name is on the board, for not everybody there may know who is enrolled.
    MATCH_REQUEST = "match_request", _("Demande d’inscription")
    SEND_ACKNOWLEDGEMENT = "send_acknowledgement", _("Accusé de réception")
    DECIDE_COMMUNICATION = "decide_communication", _("Communication à approuver")
    TELL_RECIPIENTS = "tell_recipients", _("Rectification à transmettre")
    FINISH_ROUND = "finish_round", _("Tour de confirmation")
    ASK_IF_BACK = "ask_if_back", _("Absence, retour à vérifier")
    CONDOLENCES = "condolences", _("Condoléances")


class Duty(Walled):
    """Something to be done by a named person, or by a team whose members see it as « sans responsable »."""

    kind = models.CharField(max_length=30, choices=Kind)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    # Number of the person's file, when it is about somebody.
    person_id = models.BigIntegerField(null=True, blank=True)
    label = models.CharField(max_length=160, blank=True, default="")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(
        Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="duties"
    )
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="duties")
    due_at = models.DateTimeField()
    opened_at = models.DateTimeField(default=clock.now)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.CharField(max_length=120, blank=True, default="")
    # How far it climbed: 0 owner, 1 deputy, 2 on call, 3 head. `climbs_at` is when it climbs next.
    level = models.PositiveSmallIntegerField(default=0)
    climbs_at = models.DateTimeField(null=True, blank=True)
    # The person it climbed to, beside the owner.
    raised_to = models.ForeignKey(
        Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="raised"
    )
    acknowledged_by = models.CharField(max_length=120, blank=True, default="")

    objects = DutyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "duties"
        ordering = ["due_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(owner__isnull=False) | Q(team__isnull=False),
                name="duty_has_a_name",
                violation_error_message=_("Chaque action a un responsable ou une équipe."),
            ),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True) | Q(settled_at__gte=F("opened_at")),
                name="duty_settled_after_opening",
            ),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=False) | Q(climbs_at__isnull=False) | Q(level__gte=3),
                name="open_duty_knows_when_it_climbs",
            ),
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id", "kind"],
                condition=Q(settled_at__isnull=True),
                name="one_open_duty_of_a_kind",
            ),
        ]
        indexes = [
            # The day board.
            models.Index(
                fields=["territory", "due_at", "id"],
                name="duty_open_by_due",
                condition=Q(settled_at__isnull=True),
            ),
            models.Index(
                fields=["owner", "due_at"], name="duty_open_of_owner", condition=Q(settled_at__isnull=True)
            ),
            # The trigger that refuses an open thing without a duty, and the thread of a thing.
            models.Index(fields=["subject_kind", "subject_id"], name="duty_of_subject"),
            # The job that makes overdue duties climb.
            models.Index(
                fields=["climbs_at"], name="duty_open_by_climb", condition=Q(settled_at__isnull=True)
            ),
            # « Fait ce matin ».
            models.Index(
                fields=["owner", "-settled_at"],
                name="duty_done_of_owner",
                condition=Q(settled_at__isnull=False),
            ),
            # A person's file: what is planned with her.
            models.Index(
                fields=["person_id", "due_at"],
                name="duty_open_of_person",
                condition=Q(settled_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_kind}:{self.subject_id}"
