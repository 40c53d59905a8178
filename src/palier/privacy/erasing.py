"""Erasing somebody who asked for it: what may go goes at once, what must stay is said before (article 17).

The same rules blank and delete as at the end of their time (`retention.py` of each context), applied to one person
today. A hash stays, so that nobody puts her back (`people.suppression`). Where the archives must agree, a list of what is to
be eliminated is made first and nothing goes before their visa (GDP-04).
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, models, transaction
from django.db.models import Max, Min, Q
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.concerns.models import Concern
from palier.documents import papers
from palier.duties.models import Duty
from palier.journal import live
from palier.journal.models import Access, Entry
from palier.journal.operations import record
from palier.journal.retention import Rule
from palier.kernel import clock, typed
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.matching.models import KeepApart
from palier.messaging.models import Message
from palier.messaging.retention import forget_address
from palier.people import suppression
from palier.people.models import Consent, Double, JoinedFile, Objection, Person
from palier.people.queries import files_of
from palier.privacy import events, operations, policies
from palier.privacy.models import PrivacySettings, RightsRequest
from palier.privacy.own_copy import sender
from palier.privacy.parts import Part
from palier.privacy.parts_person import PERSON_PARTS, own_numbers
from palier.register.operations import leave_registers

# What stays, and why; said on the screen before, and in the answer.
STAYS: dict[type[models.Model], Any] = {
    Consent: lambda: _("la preuve de ses accords et de ses refus (RGPD, article 7.1)"),
    Objection: lambda: _("la preuve de ce qu’elle ne veut plus (RGPD, article 21)"),
    Concern: lambda: _("ce qui protège quelqu’un en danger, deux ans (code de l’action sociale)"),
    Access: lambda: _("qui a ouvert sa fiche, en chiffres seulement, douze mois"),
    RightsRequest: lambda: _("sa demande et notre réponse, pour prouver qu’elle est faite"),
}


@dataclass(frozen=True)
class Item:
    """One line of what would go, or of what stays."""

    title: str
    rows: int
    first: date | None = None
    last: date | None = None
    why: str = ""


@dataclass(frozen=True)
class Plan:
    goes: tuple[Item, ...]
    stays: tuple[Item, ...]
    # What is still owed to her: settled first, so that nobody waits for a neighbour in vain.
    open_duties: tuple[Duty, ...]
    awaits_visa: bool
    needs_visa: bool

    @property
    def may_go(self) -> bool:
        return not self.open_duties and not self.needs_visa


def plan(request: RightsRequest) -> Plan:
    """What erasing would do, counted now."""
    person = request.person
    if person is None:
        return Plan((), (), (), False, False)
    goes, stays = [], []
    for part in PERSON_PARTS:
        rows = part.all_of(person)
        count = rows.count()
        if not count:
            continue
        if part.model in STAYS:
            if part.model is not Concern:
                stays.append(Item(str(part.title), count, why=STAYS[part.model]()))
            continue
        span = rows.aggregate(first=Min(part.when), last=Max(part.when)) if part.when else {}
        goes.append(Item(str(part.title), count, _day(span.get("first")), _day(span.get("last"))))
    # Said whether or not there is one: it reveals nothing.
    stays.append(Item(_("Ce que la loi protège à part"), 0, why=STAYS[Concern]()))
    visa = PrivacySettings.of(request.territory_id).needs_archive_visa and request.visa_on is None
    return Plan(tuple(goes), tuple(stays), tuple(_still_owed(request)), request.awaits_visa, visa)


@transaction.atomic
def ask_visa(request_id: int, *, actor: Actor) -> RightsRequest:
    """The list for the archives is made; until their visa is noted nothing goes."""
    request = _locked(request_id, actor)
    if not PrivacySettings.of(request.territory_id).needs_archive_visa:
        raise NotPossibleNow(_("Ce territoire n’attend pas de visa des archives."))
    if request.visa_asked_at is None:
        request.visa_asked_at = clock.now()
        request.save(update_fields=["visa_asked_at"])
        record(events.VISA_ASKED, actor=actor, about=[request])
    return request


@transaction.atomic
def note_visa(request_id: int, *, on: date, reference: str, actor: Actor) -> RightsRequest:
    """The archives agreed, on this day, under this reference."""
    request = _locked(request_id, actor)
    if request.visa_asked_at is None:
        raise NotPossibleNow(_("Demandez d’abord le visa : le bordereau doit être parti."))
    reference = typed.line("reference", reference, 80)
    if not reference:
        raise BadInput("reference", _("Écrivez la référence qui figure sur le visa."), "required")
    request.visa_on, request.visa_reference = typed.past_day("on", on), reference
    request.save(update_fields=["visa_on", "visa_reference"])
    record(events.VISA_GIVEN, actor=actor, about=[request], on=on.isoformat())
    return request


@transaction.atomic
def erase(request_id: int, *, actor: Actor) -> RightsRequest:
    """Blank and delete all that may go, note the hash, and say so in the journal without a name.

    Refused while something is owed to her, while the archives' visa is awaited, before the identity was seen. Twice is once.
    """
    request = _locked(request_id, actor)
    if request.erased_at is not None:
        return request
    person = request.person
    if request.kind != RightsRequest.Kind.ERASURE or person is None:
        raise NotPossibleNow(_("Cette demande n’est pas un effacement."))
    if not request.identity:
        raise NotPossibleNow(_("Vérifiez d’abord l’identité de la personne."))
    found = plan(request)
    if found.needs_visa:
        raise NotPossibleNow(_("En attente du visa des archives : rien n’est effacé avant."))
    if found.open_duties:
        raise NotPossibleNow(_("Concluez d’abord ce qui est encore prévu pour elle."))
    Person.objects.select_for_update(of=("self",), no_key=True).get(pk=person.pk)
    suppression.suppress(
        suppression.Traits(
            person.first_name, person.last_name, person.birth_on, person.street, person.postcode
        ),
        scope=suppression.Suppression.Scope.FILE,
        reason=suppression.Suppression.Reason.ERASURE,
        actor=actor,
    )
    request.erased_at = clock.now()
    request.save(update_fields=["erased_at"])
    # In a register its own end comes first: its recipients are told, its letters are owed no more.
    numbers = own_numbers(person)
    leave_registers(person, actor=actor)
    counts = _go(person, numbers)
    record(
        events.PERSON_ERASED,
        actor=actor,
        about=[request, person],
        rows=sum(counts.values()),
        counts=dict(counts),
    )
    live.publish(actor.territory_id, "people.person", person.pk)
    return request


def _go(person: Person, numbers: list[str]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for number in numbers:
        counts["messaging.message"] += forget_address(person.territory_id, number)
    paths = {part.model: part for part in PERSON_PARTS}
    # Hers, and those that were joined to it.
    files = list(files_of([person.pk]).order_by("pk").values_list("pk", flat=True))
    # What would put a joined file back holds her former name.
    Double.objects.filter(Q(first__in=files) | Q(second__in=files)).delete()
    JoinedFile.objects.filter(kept__in=files).delete()
    # Chosen before the first of them is blanked: afterwards nothing leads to her any more.
    chosen = [
        (rule, list(rows.values_list("pk", flat=True)))
        for _context, rules in operations.rules()
        for rule in rules
        if (rows := _rows(rule, paths, person)) is not None
    ]
    for rule, keys in chosen:
        rows = rule.model._default_manager.filter(pk__in=keys)
        counts[rule.model._meta.label_lower] += len(keys)
        if rule.how == "delete":
            rows.delete()
        else:
            rows.update(**operations.left_by(rule))
    # Nobody finds her by what is left.
    with connection.cursor() as cursor:
        for file in files:
            cursor.execute("select palier_forget_person(%s, %s)", [person.territory_id, file])
            counts["journal.entry"] += int(cursor.fetchone()[0])
    return counts


def _rows(rule: Rule, paths: dict[type[models.Model], Part], person: Person) -> "models.QuerySet[Any] | None":
    """Her rows that a rule would take one day; none where it must stay or is done by hand."""
    if rule.model in STAYS or rule.model is Entry or ("person", None) in rule.only:
        return None
    # Kept with the thing it belongs to; that a neighbour is not to come is hers alone.
    if rule.keep is None and rule.model is not KeepApart:
        return None
    if rule.model is Message:
        # What was written to a neighbour is on the neighbour's file.
        return Message.objects.filter(person_id=person.pk, volunteer_id=None, **dict(rule.only))
    if rule.model in paths:
        return paths[rule.model].all_of(person).filter(**dict(rule.only))
    if rule.counted_from.startswith("person__"):
        return rule.model._default_manager.filter(person=person)
    if rule.counted_from.startswith("need__"):
        return rule.model._default_manager.filter(need__person=person)
    # Of the contexts beside this one (what a file brought for her): by her number.
    if any(column.name == "person_id" for column in rule.model._meta.concrete_fields):
        return rule.model._default_manager.filter(person_id=person.pk, **dict(rule.only))
    return None


def elimination_list(request: RightsRequest) -> bytes:
    """The list the archives sign: kinds, counts and dates, and nobody's name."""
    items = plan(request).goes
    return papers.pdf(
        papers.EliminationList(
            sender(request.territory_id),
            clock.today(),
            request.reference,
            tuple(
                papers.Eliminated(
                    item.title,
                    item.rows,
                    item.first,
                    item.last,
                    _("effacement demandé, RGPD article 17"),
                )
                for item in items
            ),
        )
    )


def _still_owed(request: RightsRequest) -> list[Duty]:
    return list(
        Duty.objects.open()
        .filter(person_id=request.person_id)
        # Her own requests; and what a register owes her ends with her entry.
        .exclude(subject_kind="privacy.rightsrequest")
        .exclude(subject_kind__startswith="register.")
        .order_by("due_at", "pk")[:20]
    )


def _locked(request_id: int, actor: Actor) -> RightsRequest:
    request = (
        RightsRequest.objects.visible_to(actor)
        .select_for_update(of=("self",), no_key=True)
        .select_related("person", "volunteer")
        .get(pk=request_id)
    )
    if not policies.may_answer(actor, request):
        raise NotAllowed
    if request.closed_at is not None:
        raise NotPossibleNow(_("%(name)s a déjà conclu cette demande.") % {"name": request.closed_by})
    return request


def _day(value: Any) -> date | None:
    return value.date() if isinstance(value, datetime) else value
