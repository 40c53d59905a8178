"""Our tables as a Django project would describe them, for the peer: read and written, never migrated."""

from django.db import models
from django.utils import timezone


class Table(models.Model):
    class Meta:
        abstract = True
        managed = False


class Territory(Table):
    note_of_the_day = models.TextField()
    note_by = models.TextField()
    note_at = models.DateTimeField()

    class Meta(Table.Meta):
        db_table = "territories_territory"


class Account(Table):
    first_name = models.TextField()
    last_name = models.TextField()

    class Meta(Table.Meta):
        db_table = "accounts_user"

    def get_full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"


class Membership(Table):
    user = models.ForeignKey(Account, on_delete=models.PROTECT)

    class Meta(Table.Meta):
        db_table = "accounts_membership"


class Person(Table):
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT)
    title = models.TextField()
    first_name = models.TextField()
    last_name = models.TextField()
    birth_on = models.DateField()
    state = models.TextField()
    street = models.TextField()
    access = models.TextField()
    city = models.TextField()
    lives_alone = models.BooleanField()
    talk_note = models.TextField()
    home_note = models.TextField()
    has_pets = models.BooleanField()
    search_text = models.TextField()
    last_contact_at = models.DateTimeField()

    class Meta(Table.Meta):
        db_table = "people_person"

    @property
    def age(self) -> int:
        today = timezone.localdate()
        return (
            today.year
            - self.birth_on.year
            - ((today.month, today.day) < (self.birth_on.month, self.birth_on.day))
        )


class Phone(Table):
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="phones")
    e164 = models.TextField()
    order = models.IntegerField()

    class Meta(Table.Meta):
        db_table = "people_phonenumber"
        ordering = ["order", "id"]

    def __str__(self) -> str:
        national = "0" + self.e164[3:]
        return " ".join(national[at : at + 2] for at in range(0, 10, 2))


class Contact(Table):
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="contacts")
    name = models.TextField()
    relation = models.TextField()
    note = models.TextField()
    phone = models.TextField()
    has_key = models.BooleanField()
    order = models.IntegerField()

    class Meta(Table.Meta):
        db_table = "people_contact"
        ordering = ["order", "id"]


class Consent(Table):
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="consents")
    purpose = models.TextField()
    is_given = models.BooleanField()
    at = models.DateTimeField()

    class Meta(Table.Meta):
        db_table = "people_consent"
        ordering = ["purpose", "-at"]


class Kind(Table):
    name = models.TextField()

    class Meta(Table.Meta):
        db_table = "territories_helpkind"


class Need(Table):
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="needs")
    kind = models.ForeignKey(Kind, on_delete=models.PROTECT)
    owner = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT)
    state = models.TextField()
    starts_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta(Table.Meta):
        db_table = "needs_need"


class Duty(Table):
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT)
    kind = models.TextField(
        choices=[
            ("find_somebody", "Trouver quelqu’un"),
            ("call_back", "À rappeler"),
            ("log_call", "Appel à noter"),
            ("look_at_concern", "Signalement"),
            ("follow_visit", "Visite à suivre"),
        ]
    )
    subject_kind = models.TextField()
    subject_id = models.BigIntegerField()
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="duties")
    label = models.TextField()
    organisation_id = models.BigIntegerField()
    owner = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT, related_name="+")
    raised_to = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.TextField()
    level = models.IntegerField()

    class Meta(Table.Meta):
        db_table = "duties_duty"


class Volunteer(Table):
    first_name = models.TextField()
    last_name = models.TextField()

    class Meta(Table.Meta):
        db_table = "volunteers_volunteer"


class Visit(Table):
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT)
    need = models.ForeignKey(Need, on_delete=models.PROTECT)
    person = models.ForeignKey(Person, on_delete=models.PROTECT)
    volunteer = models.ForeignKey(Volunteer, on_delete=models.PROTECT)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = models.TextField()

    class Meta(Table.Meta):
        db_table = "visits_visit"


class Entry(Table):
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT)
    code = models.TextField()
    at = models.DateTimeField()
    actor_kind = models.TextField()
    actor_name = models.TextField()
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT)
    subject_kind = models.TextField()
    subject_id = models.BigIntegerField()
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="entries")
    data = models.JSONField()
    personal = models.JSONField()

    class Meta(Table.Meta):
        db_table = "journal_entry"

    @property
    def title(self) -> str:
        return "Besoin noté" if self.code == "needs.opened" else "Elle a appelé"


class Reason(Table):
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT)
    code = models.TextField()
    name = models.TextField()

    class Meta(Table.Meta):
        db_table = "calls_callreason"


class Call(Table):
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT)
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT)
    number = models.TextField()
    state = models.TextField()
    who = models.TextField()
    mood = models.TextField()
    words = models.TextField()
    next = models.TextField()
    logged_at = models.DateTimeField(null=True)
    logged_by = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT)
    logging_seconds = models.IntegerField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta(Table.Meta):
        db_table = "calls_call"


class CallForReason(Table):
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT)
    call = models.ForeignKey(Call, on_delete=models.PROTECT)
    reason = models.ForeignKey(Reason, on_delete=models.PROTECT)

    class Meta(Table.Meta):
        db_table = "calls_callforreason"


class Draft(Table):
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT)
    call = models.ForeignKey(Call, on_delete=models.PROTECT)
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT)
    typed = models.JSONField()
    saved_at = models.DateTimeField()

    class Meta(Table.Meta):
        db_table = "calls_calldraft"
