"""Writing the journal: `record` for what changed, `note_access` for who looked."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.db import connection, models

from palier.accounts.actor import Actor
from palier.journal.events import Event, registry
from palier.journal.models import Access, Entry
from palier.kernel import clock, statements

# Where followers go: the queue, or a list that the scenario and the tests drain themselves.
_held: ContextVar[list[int] | None] = ContextVar("palier_held_followers", default=None)
_enqueue: Callable[[Entry], None] | None = None


@dataclass(frozen=True)
class Mention:
    """A thing known by kind and number only, for code that lies below it."""

    kind: str
    pk: int


def deliver_followers_with(enqueue: Callable[[Entry], None]) -> None:
    """Told once at start by `config`: how an entry with followers is queued in this transaction."""
    global _enqueue
    _enqueue = enqueue


@contextmanager
def held_followers() -> Iterator[list[int]]:
    """Keep followers back instead of queueing them; drain with `follow()`. For simulated time and tests."""
    held: list[int] = []
    token = _held.set(held)
    try:
        yield held
    finally:
        _held.reset(token)


def record(event: Event, *, actor: Actor, about: Sequence[models.Model | Mention], **data: Any) -> Entry:
    """Write one line in the journal, with its consequences, inside the transaction of the change.

    The first of `about` is the subject; a person and a volunteer among them are remembered for their timelines.
    Raises RuntimeError outside a transaction, ValueError for data the event did not declare.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"{event.code} must be recorded in the transaction of the change")
    unknown = set(data) - event.public - event.personal
    if unknown:
        raise ValueError(f"{event.code} does not declare {sorted(unknown)}")
    subject = about[0]
    entry = Entry(
        territory_id=actor.territory_id,
        code=event.code,
        at=clock.now(),
        actor_kind=actor.kind,
        actor_name=actor.name[:120],
        membership_id=actor.membership_id,
        subject_kind=kind_of(subject),
        subject_id=subject.pk,
        data={key: value for key, value in data.items() if key in event.public},
        personal={key: value for key, value in data.items() if key in event.personal},
    )
    for thing in about:
        match kind_of(thing):
            case "people.person":
                entry.person_id = thing.pk
            case "volunteers.volunteer":
                entry.volunteer_id = thing.pk
    _insert(entry)
    _tell(event, entry)
    return entry


def _tell(event: Event, entry: Entry) -> None:
    """The consequences: reactions now, followers as jobs."""
    for reaction in registry.reactions.get(event.code, ()):
        reaction(entry)
    if event.code in registry.followers:
        held = _held.get()
        if held is not None:
            held.append(entry.pk)
        elif _enqueue is not None:
            _enqueue(entry)


INSERT = """
insert into journal_entry (territory_id, code, at, actor_kind, actor_name, membership_id, subject_kind, subject_id,
  person_id, volunteer_id, data, personal)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) returning id
"""


def _insert(entry: Entry) -> None:
    """Every change passes here: one prepared statement."""
    found = statements.rows(
        INSERT,
        [
            entry.territory_id, entry.code, entry.at, entry.actor_kind, entry.actor_name, entry.membership_id,
            entry.subject_kind, entry.subject_id, entry.person_id, entry.volunteer_id,
            json.dumps(entry.data), json.dumps(entry.personal),
        ],
    )  # fmt: skip
    entry.pk = found[0][0]
    entry._state.adding, entry._state.db = False, "default"


INSERT_MANY = """
insert into journal_entry (territory_id, code, at, actor_kind, actor_name, membership_id, subject_kind, subject_id,
  person_id, volunteer_id, data, personal)
select %s, %s, %s, %s, %s, %s, %s, s.subject, s.person, null, s.data::jsonb, s.personal::jsonb
from unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[]) with ordinality s (subject, person, data, personal, place)
order by s.place returning id
"""


def record_many(
    event: Event, *, actor: Actor, about: Sequence[models.Model | Mention], data: Sequence[Mapping[str, Any]]
) -> list[int]:
    """The same event about many things of one kind, as `record` would write each, in one statement; their numbers.

    `data` is one mapping a thing. Reactions and followers run for each of them.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"{event.code} must be recorded in the transaction of the change")
    if len(about) != len(data):
        raise ValueError("one mapping of data for each thing")
    if not about:
        return []
    if unknown := {key for one in data for key in one} - event.public - event.personal:
        raise ValueError(f"{event.code} does not declare {sorted(unknown)}")
    kind = kind_of(about[0])
    if any(kind_of(thing) != kind for thing in about):
        raise ValueError("things of one kind")
    is_person = kind == "people.person"
    rows = statements.rows(
        INSERT_MANY,
        [
            actor.territory_id, event.code, clock.now(), actor.kind, actor.name[:120], actor.membership_id, kind,
            [thing.pk for thing in about], [thing.pk if is_person else None for thing in about],
            [json.dumps({key: value for key, value in one.items() if key in event.public}) for one in data],
            [json.dumps({key: value for key, value in one.items() if key in event.personal}) for one in data],
        ],
    )  # fmt: skip
    ids = [pk for (pk,) in rows]
    if event.code in registry.reactions or event.code in registry.followers:
        for entry in Entry.objects.filter(pk__in=ids).order_by("pk"):
            _tell(event, entry)
    return ids


def follow(entry_id: int) -> None:
    """Run the followers of one entry; each must have its effect once however often it runs."""
    entry = Entry.objects.get(pk=entry_id)
    for follower in registry.followers.get(entry.code, ()):
        follower(entry)


def note_access(
    *, actor: Actor, operation: str, about: models.Model | None = None, kind: str = "", reason: str = ""
) -> None:
    """Write down that somebody read a file or took data out (GDP-10)."""
    Access.objects.create(
        territory_id=actor.territory_id,
        at=clock.now(),
        user_id=actor.user_id,
        membership_id=actor.membership_id,
        operation=operation,
        object_kind=kind_of(about) if about is not None else kind,
        object_id=about.pk if about is not None else None,
        reason=reason[:200],
    )


def kind_of(thing: models.Model | type[models.Model] | Mention) -> str:
    """The readable name of a model in journals and duties: `needs.need`."""
    if isinstance(thing, Mention):
        return thing.kind
    return thing._meta.label_lower
