"""The day board: duties, the people they are about, and where each is done. One statement for the rows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from palier.accounts.actor import Actor
from palier.kernel import phones, statements
from palier.people.sight import seen
from palier.people.sight import values as sight_of

PAGE = 60
UNOWNED_AT_MOST, DONE_AT_MOST, VISITS_AT_MOST = 4, 30, 6

# Joined by the number that the duty's kind names; each join is a probe of a primary key.
ROWS = f"""
select d.id, d.kind, d.subject_kind, d.subject_id, d.label, d.due_at, d.level, d.owner_id,
       u.first_name, u.last_name, d.person_id, p.first_name, p.last_name, p.title,
       coalesce(w.need_id, v.need_id, r.need_id, case when d.subject_kind = 'needs.need' then d.subject_id end),
       a.volunteer_id, a_v.first_name, a_v.last_name, pc.number, d.settled_at, d.acknowledged_by, d.raised_to_id,
       exists (select 1 from people_away h where h.person_id = d.person_id and h.closed_at is null
               and h.starts_on <= %(today)s and (h.ends_on is null or h.ends_on >= %(today)s))
from duties_duty d
left join accounts_membership m on m.id = d.owner_id
left join accounts_user u on u.id = m.user_id
left join people_person p on p.id = d.person_id and {seen("p")}
left join matching_wave w on d.subject_kind = 'matching.wave' and w.id = d.subject_id
left join visits_visit v on d.subject_kind = 'visits.visit' and v.id = d.subject_id
left join referrals_referral r on d.subject_kind = 'referrals.referral' and r.id = d.subject_id
left join volunteers_application a on d.subject_kind = 'volunteers.application' and a.id = d.subject_id
left join volunteers_volunteer a_v on a_v.id = a.volunteer_id
left join calls_plannedcall pc on d.subject_kind = 'calls.plannedcall' and pc.id = d.subject_id
"""

SCOPES = {
    "me": "(d.owner_id = %(me)s or d.raised_to_id = %(me)s)",
    "team": "d.organisation_id = %(organisation)s",
    "unowned": "d.owner_id is null and d.organisation_id = %(organisation)s",
}


# Due before a moment, the earliest first, by whose they are.
LINES = {
    scope: f"{ROWS} where d.settled_at is null and {condition} and d.due_at < %(until)s"
    " order by d.due_at, d.id limit %(limit)s offset %(offset)s"
    for scope, condition in SCOPES.items()
}
UNOWNED = f"{ROWS} where d.settled_at is null and {SCOPES['unowned']} order by d.due_at, d.id limit %(limit)s"
DONE = f"""{ROWS} where d.owner_id = %(me)s and d.settled_at >= %(since)s
order by d.settled_at desc, d.id limit %(limit)s"""

COUNTS = """
select count(*) filter (where (owner_id = %(me)s or raised_to_id = %(me)s) and due_at < %(until)s),
       count(*) filter (where (owner_id = %(me)s or raised_to_id = %(me)s) and due_at < %(now)s),
       count(*) filter (where due_at < %(until)s),
       count(*) filter (where owner_id is null),
       count(*) filter (where (owner_id = %(me)s or raised_to_id = %(me)s) and due_at >= %(until)s)
from duties_duty where settled_at is null and organisation_id = %(organisation)s
"""

VISITS = f"""
select v.need_id, v.starts_at, v.ends_at, v.state, n.first_name, n.last_name, p.first_name, p.last_name, k.name
from visits_visit v
join volunteers_volunteer n on n.id = v.volunteer_id
join people_person p on p.id = v.person_id and {seen("p")}
join needs_need d on d.id = v.need_id
join territories_helpkind k on k.id = d.kind_id
where v.starts_at < %(end)s and v.ends_at > %(start)s and v.state in ('planned', 'done')
order by v.starts_at, v.id limit %(limit)s
"""
VISIT_NAMES = ("need_id", "starts_at", "ends_at", "state", "n_first", "n_last", "p_first", "p_last", "kind")


@dataclass(slots=True)
class Line:
    """One row of the board."""

    id: int
    kind: str
    subject_kind: str
    subject_id: int
    label: str
    due_at: datetime
    level: int
    owner_id: int | None
    owner_first: str | None
    owner_last: str | None
    person_id: int | None
    person_first: str | None
    person_last: str | None
    person_title: str | None
    need_id: int | None
    volunteer_id: int | None
    volunteer_first: str | None
    volunteer_last: str | None
    number: str | None
    settled_at: datetime | None
    acknowledged_by: str
    raised_to_id: int | None
    # At hospital, on holiday: whoever is about to ring should know.
    is_away: bool

    @property
    def is_kept_apart(self) -> bool:
        """About somebody whose file this desk may not see: what is owed is said, nobody is named."""
        return self.person_id is not None and self.person_last is None

    @property
    def name(self) -> str:
        if self.is_kept_apart:
            return ""
        if self.person_last is not None:
            return f"{self.person_first} {self.person_last}".strip()
        if self.volunteer_last is not None:
            return f"{self.volunteer_first} {self.volunteer_last}".strip()
        # A call back owed to a number that is nobody's yet.
        return phones.pretty(self.number) if self.number else ""

    @property
    def owner_name(self) -> str:
        return f"{self.owner_first} {self.owner_last}" if self.owner_id else ""


@dataclass(slots=True)
class Board:
    """All that the page shows."""

    lines: list[Line]
    counts: dict[str, int]
    unowned: list[Line]
    done: list[Line]
    visits: list[dict[str, Any]]


def board(actor: Actor, scope: str, *, now: datetime, start: datetime, end: datetime, page: int = 1) -> Board:
    """The page of one day, in one round trip.

    `lines` are the open duties due before the end of the day, the earliest first, one more than a page when there are
    more; `counts` how many are mine today, late among them, the team's, nobody's, and mine on later days; `done` what
    the actor's own duties of today became, the latest first (only when the page is about them).
    """
    sight = sight_of(actor)
    about = {"me": actor.membership_id, "organisation": actor.organisation_id, "today": start.date(), **sight}
    lines, (counts,), unowned, visits, *done = statements.together(
        (LINES[scope], {**about, "until": end, "limit": PAGE + 1, "offset": (page - 1) * PAGE}),
        (COUNTS, {**about, "now": now, "until": end}),
        (UNOWNED, {**about, "limit": UNOWNED_AT_MOST}),
        (VISITS, {"start": start, "end": end, "limit": VISITS_AT_MOST, **sight}),
        *([(DONE, {**about, "since": start, "limit": DONE_AT_MOST})] if scope == "me" else []),
    )
    return Board(
        lines=[Line(*row) for row in lines],
        counts=dict(zip(("mine", "late", "team", "unowned", "later"), counts, strict=True)),
        unowned=[Line(*row) for row in unowned],
        done=[Line(*row) for row in done[0]] if done else [],
        visits=[dict(zip(VISIT_NAMES, row, strict=True)) for row in visits],
    )
