"""Taking an import back: what it opened is removed, what it completed is as before, what somebody changed since is kept."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.exchange import events, progress
from palier.exchange.models import Import, Line
from palier.exchange.operations.applying import _begin, set_done
from palier.exchange.operations.uploading import locked
from palier.journal.models import Entry
from palier.journal.operations import record
from palier.kernel import clock
from palier.kernel.errors import NotPossibleNow
from palier.people import operations as people
from palier.people.models import Person
from palier.register import operations as registers

BATCH = 500


@transaction.atomic
def ask_take_back(import_id: int, *, actor: Actor) -> Import:
    """Take the whole import back. Asked twice is asked once; the work itself is `take_back`."""
    made = locked(import_id, actor=actor)
    if made.state in (Import.State.TAKING_BACK, Import.State.TAKEN_BACK):
        return made
    if made.state != Import.State.APPLIED:
        raise NotPossibleNow(_("Ce fichier n’est pas importé : il n’y a rien à reprendre."))
    if made.back_until is None or made.back_until < clock.now():
        raise NotPossibleNow(
            _("Le délai pour reprendre cet import est passé. Corrigez les fiches une à une.")
        )
    _begin(made, Import.State.TAKING_BACK)
    return made


def take_back(import_id: int, *, actor: Actor) -> Import:
    """All of it in one transaction: stopped half-way, the import is still whole."""
    with transaction.atomic():
        made = locked(import_id, actor=actor)
        if made.state != Import.State.TAKING_BACK:
            return made
        with progress.telling(made) as teller:
            counts = _TakingBack(made, actor, teller).run()
        made.counts = made.counts | counts
        made.state, made.taken_back_at, made.trouble = Import.State.TAKEN_BACK, clock.now(), ""
        made.save(update_fields=["counts", "state", "taken_back_at", "trouble"])
        record(events.IMPORT_TAKEN_BACK, actor=actor, about=[made], **counts)
        return made


class _TakingBack:
    def __init__(self, made: Import, actor: Actor, teller: progress.Teller) -> None:
        self.made, self.actor, self.teller = made, actor, teller
        self.counts = {"removed": 0, "restored": 0, "kept": 0}
        wrote = (Line.Done.CREATED, Line.Done.COMPLETED, Line.Done.ENROLLED)
        self.done, self.total = 0, made.lines.filter(done__in=wrote).count()

    def run(self) -> dict[str, int]:
        # Completed first: a file that this import opened may have been completed by a later line of it.
        for lines in self._batches(Line.Done.ENROLLED):
            set_done([self._restore(line) for line in lines])
            self._tell(len(lines))
        for lines in self._batches(Line.Done.COMPLETED):
            set_done([self._restore(line) for line in lines])
            self._tell(len(lines))
        for lines in self._batches(Line.Done.CREATED):
            self._remove(lines)
            self._tell(len(lines))
        return self.counts

    def _batches(self, done: str) -> "list[list[Line]]":
        lines = list(self.made.lines.filter(done=done).order_by("-number", "-place"))
        return [lines[start : start + BATCH] for start in range(0, len(lines), BATCH)]

    def _remove(self, lines: Sequence[Line]) -> None:
        ids = [line.person_id for line in lines if line.person_id is not None]
        # Held until the end: whoever is writing something about her has written it before we look.
        there = set(
            Person.objects.select_for_update(of=("self",))
            .filter(pk__in=ids)
            .order_by("pk")
            .values_list("pk", flat=True)
        )
        last = self.made.last_entry_id or 0
        changed = set(
            Entry.objects.filter(person_id__in=there, pk__gt=last)
            .order_by()
            .values_list("person_id", flat=True)
        )
        for line in lines:
            if line.person_id in there - changed and "enrolment" in line.given:
                registers.withdraw(line.given["enrolment"], actor=self.actor)
        kept = there & (changed | people.in_use(there))
        people.remove_people(sorted(there - kept), why="taken_back", actor=self.actor)
        progress.check_now()
        ends: list[tuple[int, str, int | None, Any, Any]] = []
        for line in lines:
            is_kept = line.person_id in kept
            # Erased or merged since: there is nothing left to remove.
            end = Line.Done.KEPT if is_kept else Line.Done.REMOVED
            ends.append((line.pk, end, line.person_id, line.former, line.given))
            self.counts["kept" if is_kept else "removed"] += 1
        set_done(ends)

    def _restore(self, line: Line) -> tuple[int, str, int | None, Any, Any]:
        person = (
            Person.objects.visible_to(self.actor)
            .select_for_update(of=("self",), no_key=True)
            .filter(pk=line.person_id or 0)
            .first()
        )
        if person is None:
            self.counts["kept"] += 1
            return (line.pk, Line.Done.KEPT, line.person_id, line.former, line.given)
        given, former = dict(line.given), line.former
        fields: dict[str, Any] = {}
        changed_since = False
        contacts, numbers = given.pop("contacts", []), given.pop("phones", [])
        if (entry := given.pop("enrolment", None)) is not None:
            changed_since |= not registers.withdraw(entry, actor=self.actor)
        for key, value in given.items():
            if _plain(getattr(person, key)) == value:
                fields[key] = _typed(key, former.get(key))
            else:
                changed_since = True
        if "street" in fields:
            fields |= {"x": former.get("x"), "y": former.get("y")}
        if numbers:
            held = list(person.phones.order_by("order", "pk").values_list("e164", flat=True))
            fields["phones"] = [number for number in held if number not in numbers]
            changed_since |= not set(numbers) <= set(held)
        if fields:
            people.change_person(person.pk, actor=self.actor, **fields)
        if contacts:
            changed_since |= not self._take_contacts(person, contacts)
        end = Line.Done.KEPT if changed_since else Line.Done.RESTORED
        self.counts["kept" if changed_since else "restored"] += 1
        return (line.pk, end, line.person_id, line.former, line.given)

    def _take_contacts(self, person: Person, contacts: Sequence[int]) -> bool:
        """Whether all of them were still as the import wrote them, and are gone."""
        told = {
            one["name"]: one
            for line in self.made.lines.filter(person_id=person.pk)
            for one in line.told.get("contacts", [])
        }
        gone = 0
        for contact in person.contacts.current().filter(pk__in=list(contacts)).order_by("pk"):
            one = told.get(contact.name)
            if one is not None and one.get("phone", "") == contact.phone and not contact.do_not_contact:
                people.remove_contact(contact.pk, actor=self.actor)
                gone += 1
        return gone == len(contacts)

    def _tell(self, more: int) -> None:
        self.done += more
        self.teller.tell(self.done, self.total)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _typed(key: str, value: Any) -> Any:
    return date.fromisoformat(value) if key == "birth_on" and value else value
