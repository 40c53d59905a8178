"""The telephone desk: calls under way, the calls of a day, and what the agent reads while talking."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.db import connection

from palier.accounts.actor import Actor
from palier.accounts.models import Membership, Role
from palier.calls.models import Call, CallReason, PlannedCall
from palier.journal.events import registry
from palier.kernel import clock, phones, statements
from palier.people.finding import search
from palier.people.models import Contact, Person
from palier.people.sight import seen
from palier.people.sight import values as sight_of
from palier.territories.models import HelpKind, Territory

PAGE = 25
NAMES_AT_MOST = 3
DESK_ROLES = [Role.AGENT.value, Role.COORDINATOR.value, Role.HEAD.value]
RINGS_FOR = timedelta(minutes=5)

ROWS = f"""
select c.id, c.state, c.direction, c.number, c.is_withheld, c.rang_at, c.answered_at, c.ended_at, c.answered_by_id,
       c.person_id, concat_ws(' ', p.first_name, p.last_name), c.who, c.who_name, t.name,
       concat_ws(' ', v.first_name, v.last_name), c.mood, c.next, c.danger_at, c.closing_note,
       concat_ws(' ', ua.first_name, ua.last_name), concat_ws(' ', ul.first_name, ul.last_name), c.logged_by_id,
       array(select r.name from calls_callforreason f join calls_callreason r on r.id = f.reason_id
             where f.call_id = c.id order by r."order", r.id),
       array(select concat_ws(' ', q.first_name, q.last_name) from people_phonenumber n
             join people_person q on q.id = n.person_id and {seen("q")}
             where c.person_id is null and c.number <> '' and n.territory_id = c.territory_id and n.e164 = c.number
             order by q.search_text, q.id limit 5),
       array(select k.name from people_contact k
             join people_person q on q.id = k.person_id and {seen("q")}
             where c.person_id is null and c.number <> '' and k.territory_id = c.territory_id and k.phone = c.number
             order by k.name, k.id limit 5),
       array(select concat_ws(' ', w.first_name, w.last_name) from volunteers_volunteer w
             where c.person_id is null and c.number <> '' and w.territory_id = c.territory_id and w.phone = c.number
             order by w.search_text, w.id limit 5)
from calls_call c
left join people_person p on p.id = c.person_id and {seen("p")}
left join people_contact t on t.id = c.contact_id
left join volunteers_volunteer v on v.id = c.volunteer_id
left join accounts_membership ma on ma.id = c.answered_by_id
left join accounts_user ua on ua.id = ma.user_id
left join accounts_membership ml on ml.id = c.logged_by_id
left join accounts_user ul on ul.id = ml.user_id
where c.territory_id = %(territory)s and (c.person_id is null or p.id is not null)
"""

# Served by call_open and by call_list.
NOW = ROWS + " and c.closed_at is null and c.state <> 'missed' order by c.rang_at, c.id limit 30"
OF_A_DAY = (
    ROWS
    + """ and c.closed_at is not null and c.rang_at >= %(start)s and c.rang_at < %(end)s
order by c.rang_at desc, c.id desc limit %(limit)s offset %(offset)s"""
)
FOUND = (
    ROWS
    + """ and (c.person_id = any(%(people)s) or (%(number)s <> '' and c.number = %(number)s))
order by c.rang_at desc, c.id desc limit %(limit)s offset %(offset)s"""
)


@dataclass(slots=True)
class Line:
    """One call of a list."""

    id: int
    state: str
    direction: str
    number: str
    is_withheld: bool
    rang_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    answered_by_id: int | None
    person_id: int | None
    person: str
    who: str
    who_name: str
    contact: str | None
    volunteer: str
    mood: str
    next: str
    danger_at: datetime | None
    closing_note: str
    answered_by: str
    logged_by: str
    logged_by_id: int | None
    reasons: list[str]
    may_be_people: list[str]
    may_be_contacts: list[str]
    may_be_volunteers: list[str]

    @property
    def rings(self) -> bool:
        """No telephone rings for longer: the word that it ended was lost."""
        return self.state == Call.State.RINGING and clock.now() - self.rang_at < RINGS_FOR

    @property
    def names(self) -> list[str]:
        """Who it may be: those of the number, when nobody said yet who it was."""
        return [*self.may_be_people, *self.may_be_contacts, *self.may_be_volunteers][:NAMES_AT_MOST]


def _lines(statement: str, actor: Actor, **values: Any) -> list[Line]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"territory": actor.territory_id, **sight_of(actor), **values})
        return [Line(*row) for row in cursor.fetchall()]


def calls_now(actor: Actor) -> list[Line]:
    """Ringing, in progress, to be logged: the oldest first."""
    return _lines(NOW, actor)


def calls_of_a_day(actor: Actor, start: datetime, end: datetime, page: int) -> list[Line]:
    """The calls of one day, the latest first; one more than a page when there are more."""
    return _lines(OF_A_DAY, actor, start=start, end=end, limit=PAGE + 1, offset=(page - 1) * PAGE)


def calls_found(actor: Actor, text: str, page: int) -> list[Line]:
    """All the calls of whom the text names, and those from the number it is."""
    people = [person.pk for person in search(text, actor=actor, limit=100)]
    try:
        number = phones.parse(text).e164
    except phones.BadPhone:
        number = ""
    return _lines(FOUND, actor, people=people, number=number, limit=PAGE + 1, offset=(page - 1) * PAGE)


def one_call(actor: Actor, pk: int) -> Line:
    return _lines(ROWS + " and c.id = %(pk)s", actor, pk=pk)[0]


def promised(call_id: int) -> list[datetime]:
    """When the calls back that this call promised are due."""
    return list(
        PlannedCall.objects.filter(asked_in_id=call_id, closed_at__isnull=True)
        .order_by("due_at", "pk")
        .values_list("due_at", flat=True)
    )


# --- beside the form --------------------------------------------------------------------------------------------

# Of one person, for the side of the form: three lines of her journal, what is planned, the calls owed to her.
LAST_LINES = """
select code, at, data, personal, case when actor_kind in ('member', 'neighbour') then actor_name else '' end
from journal_entry where person_id = %s order by at desc, id desc limit 4
"""
PLANNED = f"""
select c.id, c.why, c.about, c.due_at, c.attempts, c.need_id, c.number, concat_ws(' ', u.first_name, u.last_name)
from calls_plannedcall c
left join people_person p on p.id = c.person_id and {seen("p")}
left join duties_duty d on d.subject_kind = 'calls.plannedcall' and d.subject_id = c.id and d.settled_at is null
left join accounts_membership m on m.id = d.owner_id
left join accounts_user u on u.id = m.user_id
where c.closed_at is null and (c.person_id is null or p.id is not null) and (
  c.person_id = %(person)s or (c.person_id is null and c.number = {{number}} and c.number <> '') or c.id = %(planned)s)
order by c.due_at, c.id limit 6
"""
OWED = """
select d.kind, d.label, d.due_at, concat_ws(' ', u.first_name, u.last_name)
from duties_duty d
left join accounts_membership m on m.id = d.owner_id
left join accounts_user u on u.id = m.user_id
where d.person_id = %s and d.settled_at is null and d.subject_kind not in ('calls.call', 'calls.plannedcall')
order by d.due_at, d.id limit 5
"""


def last_lines(person_id: int) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(LAST_LINES, [person_id])
        rows = cursor.fetchall()
    lines = []
    for code, at, data, personal, actor_name in rows:
        event = registry.events.get(code)
        if event is not None:
            lines.append(
                {
                    "title": event.title({**_loaded(data), **_loaded(personal)}),
                    "at": at,
                    "icon": event.icon,
                    "tone": event.tone or None,
                    "by": actor_name,
                }
            )
    return lines


def planned_calls(
    actor: Actor, *, person_id: int | None = None, number: str = "", also: int | None = None
) -> list[dict[str, Any]]:
    """The calls owed to a person, or to a number that nobody is known for, and the one that was asked for by its id."""
    if person_id is None and not number and also is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            PLANNED.format(number="%(number)s"),
            {"person": person_id, "number": number, "planned": also, **sight_of(actor)},
        )
        rows = cursor.fetchall()
    return _planned(rows)


def _planned(rows: Sequence[tuple[Any, ...]]) -> list[dict[str, Any]]:
    return [
        dict(
            zip(("id", "why", "about", "due_at", "attempts", "need_id", "number", "owner"), row, strict=True)
        )
        for row in rows
    ]


def owed(person_id: int) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(OWED, [person_id])
        return [
            dict(zip(("kind", "label", "due_at", "owner"), row, strict=True)) for row in cursor.fetchall()
        ]


def _loaded(value: Any) -> dict[str, Any]:
    return dict(json.loads(value) if isinstance(value, str) else value)


# --- the lists of the form --------------------------------------------------------------------------------------


def reasons() -> list[tuple[str, str]]:
    return list(CallReason.objects.filter(is_active=True).order_by("order", "pk").values_list("code", "name"))


def help_kinds() -> list[tuple[str, str]]:
    return list(HelpKind.objects.offered().order_by("order", "pk").values_list("code", "name"))


def colleagues(actor: Actor) -> list[tuple[int, str, str]]:
    """Who may own what comes of a call: the desk of the actor's organisation. (membership, name, role)"""
    rows = (
        Membership.objects.live()
        .filter(organisation_id=actor.organisation_id or 0, role__in=DESK_ROLES)
        .order_by("user__last_name", "user__first_name", "pk")
        .values_list("pk", "user__first_name", "user__last_name", "role")
    )
    return [(pk, f"{first} {last}", role) for pk, first, last, role in rows]


# --- saving ------------------------------------------------------------------------------------------------------

# Whom it is about is named by the form, so that everything it is checked against is read in one round trip.
WRITTEN = """
select exists (select 1 from volunteers_volunteer v
               where c.number <> '' and v.phone = c.number and v.territory_id = c.territory_id),
  (select coalesce(jsonb_agg(jsonb_build_array(m.id, u.first_name, u.last_name, m.role)
                             order by u.last_name, u.first_name, m.id), '[]')
   from accounts_membership m join accounts_user u on u.id = m.user_id
   where m.territory_id = c.territory_id and m.organisation_id = %(organisation)s and m.role = any(%(roles)s)
     and m.starts_at <= %(now)s and (m.ends_at is null or m.ends_at > %(now)s) and u.is_active),
  (select coalesce(jsonb_agg(jsonb_build_array(r.code, r.name) order by r."order", r.id), '[]')
   from calls_callreason r where r.territory_id = c.territory_id and r.is_active),
  (select coalesce(jsonb_agg(jsonb_build_array(k.code, k.name) order by k."order", k.id), '[]')
   from territories_helpkind k where k.territory_id = c.territory_id and k.is_active),
"""
WRITTEN_FROM = f"""
from calls_call c join territories_territory t on t.id = c.territory_id
left join people_person p on p.id = %(person)s and p.territory_id = c.territory_id and {seen("p")}
where c.id = %(call)s and c.territory_id = %(territory)s
  and (c.person_id is null or exists (select 1 from people_person q where q.id = c.person_id and {seen("q")}))
"""


@dataclass(slots=True)
class Written:
    """What the note of one call is checked against."""

    call: Call
    territory: Territory
    person: Person | None
    contacts: list[Contact]
    planned: list[dict[str, Any]]
    colleagues: list[tuple[int, str, str]]
    reasons: list[tuple[str, str]]
    help_kinds: list[tuple[str, str]]
    has_neighbours: bool


def to_write(actor: Actor, call_id: int, person_id: int | None, planned_id: int | None) -> Written | None:
    """A call of the actor's territory, with the person the form names and the answers it offers; or None."""
    statement, cuts = _written()
    number = "(select rang.number from calls_call rang where rang.id = %(call)s)"
    sight = sight_of(actor)
    found, contacts, planned = statements.together(
        (
            statement,
            {
                "call": call_id,
                "person": person_id,
                "territory": actor.territory_id,
                "organisation": actor.organisation_id,
                "roles": DESK_ROLES,
                "now": clock.now(),
                **sight,
            },
        ),
        (
            f"select {statements.columns(Contact, 'c')} from people_contact c"
            f" join people_person p on p.id = c.person_id and {seen('p')}"
            ' where c.person_id = %(person)s and not c.do_not_contact and c.ended_at is null order by c."order", c.id',
            {"person": person_id, **sight},
        ),
        (
            PLANNED.format(number=number),
            {"person": person_id, "call": call_id, "planned": planned_id, **sight},
        ),
    )
    if not found:
        return None
    has_neighbours, colleagues, reasons, help_kinds = found[0][:4]
    call, territory, person = (found[0][start:end] for start, end in cuts)
    return Written(
        call=statements.made(Call, call),
        territory=statements.made(Territory, territory),
        person=statements.made(Person, person) if person[0] is not None else None,
        contacts=[statements.made(Contact, row) for row in contacts],
        planned=_planned(planned),
        colleagues=[(pk, f"{first} {last}", role) for pk, first, last, role in json.loads(colleagues)],
        reasons=[(code, name) for code, name in json.loads(reasons)],
        help_kinds=[(code, name) for code, name in json.loads(help_kinds)],
        has_neighbours=has_neighbours,
    )


@cache
def _written() -> tuple[str, list[tuple[int, int]]]:
    """The statement, and where the columns of each model stand in its row."""
    parts, cuts, at = [], [], 4
    for model, alias in ((Call, "c"), (Territory, "t"), (Person, "p")):
        parts.append(statements.columns(model, alias))
        cuts.append((at, at + len(statements.names(model))))
        at = cuts[-1][1]
    return WRITTEN + ",\n".join(parts) + WRITTEN_FROM, cuts


# --- two desks --------------------------------------------------------------------------------------------------

# Who else is on this call, or on another open call with the same person; ringing calls beside this one.
BESIDE = f"""
select 'writes', concat_ws(' ', u.first_name, u.last_name), d.saved_at, null::bigint
from calls_calldraft d
join accounts_membership m on m.id = d.membership_id join accounts_user u on u.id = m.user_id
where d.call_id = %(call)s and d.membership_id <> %(me)s and d.saved_at > %(since)s
union all
select 'talks', concat_ws(' ', u.first_name, u.last_name), c.answered_at, c.id
from calls_call c
join accounts_membership m on m.id = c.answered_by_id join accounts_user u on u.id = m.user_id
where c.closed_at is null and c.answered_by_id <> %(me)s and c.state in ('answered', 'ringing')
  and (c.id = %(call)s or c.person_id = %(person)s)
union all
select 'rings', concat_ws(' ', p.first_name, p.last_name), c.rang_at, c.id
from calls_call c left join people_person p on p.id = c.person_id and {seen("p")}
where c.closed_at is null and c.state = 'ringing' and c.rang_at > %(ringing)s and c.id <> %(call)s
order by 1, 3, 4 limit 12
"""


def beside(
    call: Call, actor: Actor, person_id: int | None, since: datetime
) -> Sequence[tuple[str, str, datetime, int | None]]:
    with connection.cursor() as cursor:
        cursor.execute(
            BESIDE,
            {
                "call": call.pk,
                "me": actor.membership_id,
                "person": person_id,
                "since": since,
                "ringing": clock.now() - RINGS_FOR,
                **sight_of(actor),
            },
        )
        return list(cursor.fetchall())
