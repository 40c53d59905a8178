"""Applying a file that was checked: all of it, in one transaction, or nothing."""

import json
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.exchange import events, matching, progress
from palier.exchange.enrolling import Wanted
from palier.exchange.models import Import, Line, Outcome
from palier.exchange.operations.checking import additions, new_file
from palier.exchange.operations.uploading import locked
from palier.exchange.reading.records import Record
from palier.exchange.retention import TAKE_BACK
from palier.journal.operations import record
from palier.kernel import clock, typed
from palier.kernel.errors import BadInput, NotPossibleNow
from palier.people import operations as people
from palier.people.models import Person
from palier.register import operations as registers
from palier.territories.models import Organisation, Territory

BATCH = 1000

CREATES = Q(outcome=Outcome.NEW, decision="") | Q(decision=Line.Decision.CREATE)
COMPLETES = Q(outcome=Outcome.COMPLETES, decision="") | Q(decision=Line.Decision.COMPLETE)
# Who has a file already, for a list that goes to a register.
ENROLS = Q(outcome=Outcome.THERE)
_MAY_DECIDE = (Outcome.NEW, Outcome.COMPLETES, Outcome.MAYBE)

SET_DONE = """
update exchange_line l set done = v.done, person_id = v.person, former = v.former::jsonb, given = v.given::jsonb
from unnest(%s::bigint[], %s::text[], %s::bigint[], %s::text[], %s::text[]) v (id, done, person, former, given)
where l.id = v.id
"""


@transaction.atomic
def decide(line_id: int, *, decision: str, actor: Actor) -> Line:
    """What becomes of one line, instead of what was proposed."""
    line = Line.objects.select_related("source").get(pk=line_id)
    made = locked(line.source_id, actor=actor)
    _is_ready(made)
    typed.one_of("decision", decision, Line.Decision.values)
    _allowed(line.outcome, line.match_id, decision)
    line.decision = decision
    line.save(update_fields=["decision"])
    return line


@transaction.atomic
def decide_all(import_id: int, *, decision: str, actor: Actor) -> int:
    """The same for every line that waits for somebody to decide; how many."""
    made = locked(import_id, actor=actor)
    _is_ready(made)
    typed.one_of("decision", decision, Line.Decision.values)
    waiting = made.lines.filter(outcome=Outcome.MAYBE)
    if decision == Line.Decision.COMPLETE:
        waiting = waiting.filter(match_id__isnull=False)
    return waiting.update(decision=decision)


@transaction.atomic
def ask_apply(import_id: int, *, actor: Actor) -> Import:
    """Import what was shown. Asked twice is asked once; the work itself is `apply`."""
    made = locked(import_id, actor=actor)
    if made.state in (Import.State.APPLYING, Import.State.APPLIED):
        return made
    _is_ready(made)
    if not made.lines.filter(to_write(made)).exists():
        raise NotPossibleNow(_("Aucune ligne de ce fichier n’est à importer."))
    _begin(made, Import.State.APPLYING)
    return made


def to_write(made: Import) -> Q:
    """The lines that an import would do something for."""
    return CREATES | COMPLETES | (ENROLS if made.register_id is not None else Q(pk=0))


def apply(import_id: int, *, actor: Actor) -> Import:
    """Write everything, or nothing: a process that dies half-way leaves no row, and the work runs again."""
    with transaction.atomic():
        made = locked(import_id, actor=actor)
        if made.state != Import.State.APPLYING:
            return made
        started = clock.now()
        with progress.telling(made) as teller:
            counts = _Applying(made, actor, teller).run(started)
        made.counts = made.counts | counts
        made.state, made.applied_at, made.trouble = Import.State.APPLIED, clock.now(), ""
        made.back_until = made.applied_at + TAKE_BACK
        entry = record(
            events.IMPORT_APPLIED,
            actor=actor,
            about=[made],
            created=counts["created"],
            completed=counts["completed"],
            lines=counts["created"] + counts["completed"],
        )
        made.last_entry_id = entry.pk
        made.save(update_fields=["counts", "state", "applied_at", "back_until", "trouble", "last_entry_id"])
        return made


def stopped(import_id: int, *, back_to: str, actor: Actor) -> None:
    """The work failed for a reason of ours: the file is as it was before, and says so."""
    with transaction.atomic():
        made = locked(import_id, actor=actor)
        if made.is_under_way:
            made.state = back_to
            made.trouble = _(
                "Le travail s’est arrêté et rien n’a été changé. Réessayez ; si cela recommence, dites-le à qui administre Palier."
            )
            made.save(update_fields=["state", "trouble"])


class _Applying:
    """One run over the lines of a file."""

    def __init__(self, made: Import, actor: Actor, teller: progress.Teller) -> None:
        self.made, self.actor, self.teller = made, actor, teller
        self.done, self.total = 0, made.lines.filter(to_write(made)).count()
        self.wanted = Wanted.of(made, actor=actor)
        self.apart = self.wanted is not None and self.wanted.only
        operators = Organisation.objects.filter(
            territory_id=actor.territory_id, kind=Organisation.Kind.OPERATOR, is_active=True
        )
        found = list(operators.order_by("pk").values_list("pk", flat=True)[:2])
        self.operator_id = found[0] if len(found) == 1 else None
        # Name to the lines that opened a file of that name, for who opens the same meanwhile.
        self.opened: dict[str, list[tuple[int, int, Record]]] = {}
        self.counts = {"created": 0, "completed": 0, "meanwhile": 0}
        if self.wanted is not None:
            self.counts["enrolled"] = 0

    def run(self, started: Any) -> dict[str, int]:
        since = self.made.checked_at or started
        theirs = self._opened_since(since)
        for batch in _batches(self.made.lines.filter(CREATES).order_by("number", "place").iterator(BATCH)):
            self._create(batch, theirs)
        for batch in _batches(self.made.lines.filter(COMPLETES).order_by("number", "place").iterator(BATCH)):
            self._complete(batch)
        if self.wanted is not None:
            for batch in _batches(self.made.lines.filter(ENROLS).order_by("number", "place").iterator(BATCH)):
                set_done(
                    [
                        (line.pk, Line.Done.ENROLLED if given else "", line.match_id, {}, given)
                        for line in batch
                        if line.match_id is not None
                        for given in [self._enrol(line.match_id, Record.of(line.told))]
                    ]
                )
                self._tell(len(batch))
        # Late and short: while the desk opens a file it holds the territory, and everybody who opened one since this run
        # began is seen here; whoever comes later waits the moment until the commit, and sees ours.
        Territory.objects.select_for_update(no_key=True).get(pk=self.actor.territory_id)
        self._give_way(started)
        self.teller.tell(self.total, self.total, now=True)
        return self.counts

    def _create(self, lines: Sequence[Line], theirs: dict[str, list[Person]]) -> None:
        ends: list[tuple[int, str, int | None, Any, Any]] = []
        files, kept = [], []
        for line in lines:
            told = Record.of(line.told)
            # Decided: « ouvrir quand même » is somebody's word that she is not the other one.
            other = None if line.decision else _certain(told, theirs.get(matching.name_key(told), ()))
            if other is not None:
                ends.append((line.pk, Line.Done.MEANWHILE, other.pk, {}, {}))
                self.counts["meanwhile"] += 1
                continue
            files.append(new_file(told, self.operator_id))
            kept.append((line, told))
        ids = people.create_people(
            files,
            is_followed=not self.apart,
            compartment=self.wanted.register.compartment if self.wanted is not None and self.apart else None,
            actor=self.actor,
        )
        for (line, told), pk in zip(kept, ids, strict=True):
            ends.append((line.pk, Line.Done.CREATED, pk, {}, self._enrol(pk, told)))
            if not line.decision:
                self.opened.setdefault(matching.name_key(told), []).append((line.pk, pk, told))
        self.counts["created"] += len(ids)
        set_done(ends)
        progress.check_now()
        self._tell(len(lines))

    def _complete(self, lines: Sequence[Line]) -> None:
        ends: list[tuple[int, str, int | None, Any, Any]] = []
        for line in lines:
            person = (
                Person.objects.visible_to(self.actor)
                .prefetch_related("phones", "contacts")
                .filter(pk=line.match_id or 0)
                .first()
            )
            if person is None:
                continue
            # Asked again: somebody may have written meanwhile what was missing when the file was checked.
            adds, _differs = additions(Record.of(line.told), person, self.operator_id)
            if not adds:
                continue
            former, given = _fill(person, adds, self.actor)
            given |= self._enrol(person.pk, Record.of(line.told))
            ends.append((line.pk, Line.Done.COMPLETED, person.pk, former, given))
            self.counts["completed"] += 1
            self._tell(1)
        set_done(ends)
        progress.check_now()

    def _enrol(self, person_id: int, told: Record) -> dict[str, Any]:
        """Nothing, for a list that goes to no register, or for somebody who is in it."""
        if self.wanted is None:
            return {}
        entry, _why = self.wanted.enrol(person_id, told, actor=self.actor)
        if entry is None:
            return {}
        self.counts["enrolled"] += 1
        return {"enrolment": entry}

    def _opened_since(self, since: Any) -> dict[str, list[Person]]:
        found: dict[str, list[Person]] = {}
        recent = Person.objects.visible_to(self.actor).filter(created_at__gte=since)
        for person in recent.order_by("pk").prefetch_related("phones"):
            found.setdefault(matching.key_of_names(person.last_name, person.first_name), []).append(person)
        return found

    def _give_way(self, started: Any) -> None:
        ours = {pk for entries in self.opened.values() for _line, pk, _told in entries}
        recent = Person.objects.visible_to(self.actor).filter(created_at__gte=started)
        theirs: dict[str, list[Person]] = {}
        for person in recent.exclude(pk__in=ours).order_by("pk").prefetch_related("phones"):
            theirs.setdefault(matching.key_of_names(person.last_name, person.first_name), []).append(person)
        gone: list[int] = []
        ends: list[tuple[int, str, int | None, Any, Any]] = []
        for key, others in theirs.items():
            for line_id, pk, told in self.opened.get(key, ()):
                if (other := _certain(told, others)) is not None:
                    gone.append(pk)
                    ends.append((line_id, Line.Done.MEANWHILE, other.pk, {}, {}))
        if gone:
            for line in self.made.lines.filter(person_id__in=gone).exclude(given={}):
                registers.withdraw(line.given["enrolment"], actor=self.actor)
                self.counts["enrolled"] -= 1
            people.remove_people(gone, why="meanwhile", actor=self.actor)
            set_done(ends)
            self.counts["created"] -= len(gone)
            self.counts["meanwhile"] += len(gone)

    def _tell(self, more: int) -> None:
        self.done += more
        self.teller.tell(self.done, self.total)


def set_done(ends: Sequence[tuple[int, str, int | None, Any, Any]]) -> None:
    """What became of each line: (line, end, person, former values, given values)."""
    if ends:
        with connection.cursor() as cursor:
            cursor.execute(
                SET_DONE,
                [
                    [end[0] for end in ends],
                    [str(end[1]) for end in ends],
                    [end[2] for end in ends],
                    [json.dumps(end[3]) for end in ends],
                    [json.dumps(end[4]) for end in ends],
                ],
            )


def _fill(person: Person, adds: dict[str, Any], actor: Actor) -> tuple[dict[str, Any], dict[str, Any]]:
    """Write what was missing, by the operations of one file; gives what was there and what was written."""
    fields = {key: value for key, value in adds.items() if key not in ("contacts", "phones")}
    if "birth_on" in fields:
        fields["birth_on"] = date.fromisoformat(fields["birth_on"])
    former = {key: _plain(getattr(person, key)) for key in fields}
    given: dict[str, Any] = {key: _plain(value) for key, value in fields.items()}
    if "street" in fields:
        former |= {"x": person.x, "y": person.y}
    if "phones" in adds:
        had = [number.e164 for number in person.phones.all()]
        fields["phones"] = [*had, *(e164 for e164, _raw in adds["phones"])]
        given["phones"] = [e164 for e164, _raw in adds["phones"]]
    if fields:
        people.change_person(person.pk, actor=actor, **fields)
    for one in adds.get("contacts", ()):
        try:
            contact = people.add_contact(
                person.pk,
                name=one["name"],
                relation=one["relation"],
                note=one.get("note", ""),
                phone=one.get("phone", ""),
                is_professional=one["relation"] in ("doctor", "nurse", "home_help"),
                actor=actor,
            )
        except BadInput:
            # Somebody not to be contacted, under another name: left out without a word (a list is no way around it).
            continue
        given.setdefault("contacts", []).append(contact.pk)
    return former, given


def _certain(told: Record, others: Sequence[Person]) -> Person | None:
    for other in others:
        match = matching.compare(told, other)
        if match is not None and match.certain:
            return other
    return None


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _allowed(outcome: str, match_id: int | None, decision: str) -> None:
    if outcome not in _MAY_DECIDE:
        raise NotPossibleNow(
            _("Cette ligne ne peut pas être importée telle quelle. Corrigez-la dans le fichier.")
        )
    if decision == Line.Decision.COMPLETE and match_id is None:
        raise BadInput("decision", _("Il n’y a pas de fiche à compléter pour cette ligne."), "choice")


def _is_ready(made: Import) -> None:
    if made.state != Import.State.READY:
        raise NotPossibleNow(
            _("Ce fichier est en cours de traitement. Attendez la fin.")
            if made.is_under_way
            else _("Ce fichier n’attend plus de décision.")
        )


def _begin(made: Import, state: str) -> None:
    """Refused, by the database itself, while another file of the territory is being written."""
    made.state, made.trouble = state, ""
    try:
        with transaction.atomic():
            made.save(update_fields=["state", "trouble"])
    except IntegrityError as error:
        raise NotPossibleNow(
            _("Un autre import est en cours dans ce territoire. Attendez qu’il soit fini, puis recommencez.")
        ) from error
    progress.begin(made, made.lines.count())


def _batches(lines: Iterator[Line]) -> Iterator[list[Line]]:
    while batch := list(islice(lines, BATCH)):
        yield batch
