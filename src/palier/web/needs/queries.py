"""The list of needs in one statement, its counts in another; the thread of one need in a fixed number of reads."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Q

from palier.accounts.actor import Actor
from palier.accounts.models import Membership
from palier.calls.models import PlannedCall
from palier.duties.models import Duty
from palier.journal.events import registry
from palier.journal.models import Entry
from palier.kernel.ranges import day_of
from palier.matching import queries as matching
from palier.matching.models import Offer, Wave
from palier.messaging.models import Message
from palier.needs.models import Need
from palier.referrals.models import Referral
from palier.territories.models import HelpKind, Territory
from palier.visits.models import Visit

PAGE = 40

# What stands in the column « où en est-on » comes from the wave, the visit or the referral that is open: each join
# is a probe of a partial index, for the rows of one page only.
ROWS = """
select n.id, n.state, n.outcome, n.starts_at, n.ends_at, n.opened_at, n.closed_at, n.closed_by,
       p.id, p.first_name, p.last_name, k.name,
       d.id, d.due_at, d.owner_id, u.first_name, u.last_name,
       w.answers_by, coalesce(o.asked, 0), coalesce(o.waiting, 0),
       coalesce(v.first_name || ' ' || v.last_name, ''), vi.starts_at, vi.ends_at,
       coalesce(s.name, ''), coalesce(r.state, '')
from needs_need n
join people_person p on p.id = n.person_id
join territories_helpkind k on k.id = n.kind_id
left join lateral (
    select id, due_at, owner_id from duties_duty
    where subject_kind = 'needs.need' and subject_id = n.id and settled_at is null order by due_at, id limit 1
) d on true
left join accounts_membership m on m.id = d.owner_id
left join accounts_user u on u.id = m.user_id
left join matching_wave w on w.need_id = n.id and w.closed_at is null
left join lateral (
    select count(*) as asked, count(*) filter (where state = 'asked') as waiting
    from matching_offer where need_id = n.id
) o on n.state = 'asking'
left join visits_visit vi on vi.need_id = n.id and vi.state = 'planned'
left join volunteers_volunteer v on v.id = vi.volunteer_id
left join lateral (
    select service_id, state from referrals_referral where need_id = n.id and closed_at is null limit 1
) r on n.state = 'referred'
left join partners_partnerservice s on s.id = r.service_id
"""

COUNTS = """
select n.state, k.code, case when d.owner_id is null then 'none' when d.owner_id = %(me)s then 'me' else 'other' end, count(*)
from needs_need n
join territories_helpkind k on k.id = n.kind_id
left join lateral (
    select owner_id from duties_duty
    where subject_kind = 'needs.need' and subject_id = n.id and settled_at is null order by due_at, id limit 1
) d on true
where n.territory_id = %(territory)s and n.closed_at is null
group by 1, 2, 3
"""

# The words of the address, and what each filter keeps.
STATES = {
    "a-proposer": ("to_propose", "nobody"),
    "contactes": ("asking",),
    "oui": ("agreed",),
    "confies": ("referred",),
    "a-conclure": ("to_conclude",),
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address asks for; anything unknown in it asks for nothing."""

    state: str = ""
    whose: str = ""
    kind: str = ""
    closed: bool = False
    outcome: str = ""
    since: date | None = None
    until: date | None = None
    page: int = 1


@dataclass(slots=True)
class Line:
    """One row of the list."""

    id: int
    state: str
    outcome: str
    starts_at: datetime
    ends_at: datetime
    opened_at: datetime
    closed_at: datetime | None
    closed_by: str
    person_id: int
    first_name: str
    last_name: str
    kind: str
    duty_id: int | None
    due_at: datetime | None
    owner_id: int | None
    owner_first: str | None
    owner_last: str | None
    answers_by: datetime | None
    asked: int
    waiting: int
    volunteer: str
    visit_starts_at: datetime | None
    visit_ends_at: datetime | None
    service: str
    referral_state: str

    @property
    def person(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def owner(self) -> str:
        return f"{self.owner_first} {self.owner_last}" if self.owner_id else ""


def lines(actor: Actor, wanted: Filters, territory: Territory, now: datetime) -> list[Line]:
    """A page of needs and one row more: what is late first, then by their window; closed ones newest first."""
    where = ["n.territory_id = %(territory)s"]
    values: dict[str, Any] = {
        "territory": actor.territory_id,
        "me": actor.membership_id,
        "now": now,
        "limit": PAGE + 1,
        "offset": (wanted.page - 1) * PAGE,
    }
    if wanted.closed:
        where.append("n.closed_at is not null")
        order = "n.opened_at desc, n.id desc"
    elif wanted.since or wanted.until or wanted.outcome:
        # From a figure: those opened between two dates, whatever became of them.
        order = "n.opened_at desc, n.id desc"
    else:
        where.append("n.closed_at is null")
        order = "(d.due_at < %(now)s) desc nulls last, n.starts_at, n.id"
    if states := STATES.get(wanted.state):
        where.append("n.state = any(%(states)s)")
        values["states"] = list(states)
    if wanted.whose == "moi":
        where.append("d.owner_id = %(me)s")
    elif wanted.whose == "personne":
        where.append("d.id is not null and d.owner_id is null")
    if wanted.kind:
        where.append("k.code = %(kind)s")
        values["kind"] = wanted.kind
    if wanted.outcome:
        where.append("n.outcome = %(outcome)s")
        values["outcome"] = wanted.outcome
    if wanted.since:
        where.append("n.opened_at >= %(since)s")
        values["since"] = day_of(wanted.since, territory.zone).start
    if wanted.until:
        where.append("n.opened_at < %(until)s")
        values["until"] = day_of(wanted.until, territory.zone).end
    sql = f"{ROWS} where {' and '.join(where)} order by {order} limit %(limit)s offset %(offset)s"
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [Line(*row) for row in cursor.fetchall()]


@dataclass
class Counts:
    """How many open needs by each filter."""

    states: Counter[str] = field(default_factory=Counter)
    whose: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    total: int = 0


def counts(actor: Actor) -> Counts:
    found = Counts()
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, {"territory": actor.territory_id, "me": actor.membership_id})
        for state, kind, whose, number in cursor.fetchall():
            found.total += number
            found.states[next((name for name, states in STATES.items() if state in states), "")] += number
            found.kinds[kind] += number
            found.whose[{"me": "moi", "none": "personne"}.get(whose, "autres")] += number
    return found


def kinds() -> list[HelpKind]:
    return list(HelpKind.objects.offered())


# --- One need ---------------------------------------------------------------------------------------------------


@dataclass
class Thread:
    """Everything about one need, read at once."""

    need: Need
    duty: Duty | None
    offers: list[Offer]
    wave: Wave | None
    visits: list[Visit]
    feedback: list[PlannedCall]
    referrals: list[Referral]
    messages: list[Message]
    entries: list[Entry]
    reopened_as: Need | None
    her_phone: str

    @property
    def visit(self) -> Visit | None:
        """The visit that counts: the one planned, else the latest that took place."""
        return next((v for v in self.visits if v.closed_at is None), None) or next(
            (v for v in self.visits if v.state == Visit.State.DONE), None
        )

    @property
    def call_to_keep(self) -> PlannedCall | None:
        return next((call for call in self.feedback if call.closed_at is None), None)

    @property
    def referral(self) -> Referral | None:
        return next((one for one in self.referrals if one.closed_at is None), None) or next(
            (one for one in self.referrals if one.state == Referral.State.DONE), None
        )


def thread(need: Need) -> Thread:
    """`need` with its person, kind and territory already read."""
    offers = matching.offers_of(need.pk)
    visits = list(need.visits.select_related("volunteer").order_by("-pk"))
    return Thread(
        need=need,
        duty=duty_of(need),
        offers=offers,
        wave=next((offer.wave for offer in offers if offer.wave.closed_at is None), None),
        visits=visits,
        feedback=list(PlannedCall.objects.filter(need=need, why=PlannedCall.Why.FEEDBACK).order_by("-pk")),
        referrals=list(need.referrals.select_related("service__organisation").order_by("-pk")),
        messages=_messages(need, [offer.pk for offer in offers], [visit.pk for visit in visits]),
        entries=_entries(need),
        reopened_as=need.reopened_as.order_by("-pk").first(),
        her_phone=next(iter(need.person.phones.values_list("e164", flat=True)[:1]), ""),
    )


def duty_of(need: Need) -> Duty | None:
    """What is owed for the need itself, with who owes it."""
    return (
        Duty.objects.open()
        .of("needs.need", need.pk)
        .select_related("owner__user")
        .order_by("due_at", "pk")
        .first()
    )


def _messages(need: Need, offers: Iterable[int], visits: Iterable[int]) -> list[Message]:
    about = (
        Q(about_kind="needs.need", about_id=need.pk)
        | Q(about_kind="matching.offer", about_id__in=list(offers))
        | Q(about_kind="visits.visit", about_id__in=list(visits))
    )
    return list(Message.objects.filter(about).order_by("-pk")[:60])


def _entries(need: Need) -> list[Entry]:
    """The journal of this need: what has it as its subject, and what names it."""
    own = Q(subject_kind="needs.need", subject_id=need.pk) | Q(person_id=need.person_id, data__need=need.pk)
    return [
        entry
        for entry in Entry.objects.filter(own).order_by("-at", "-pk")[:80]
        if entry.code in registry.events
    ]


def colleagues(actor: Actor) -> list[tuple[int, str]]:
    """Who may own a need: those of the actor's organisation, by name."""
    assert actor.organisation_id is not None
    members = (
        Membership.objects.live()
        .filter(organisation_id=actor.organisation_id, role__in=["agent", "coordinator", "head"])
        .select_related("user")
        .order_by("user__last_name", "user__first_name", "pk")
    )
    return [(member.pk, member.user.get_full_name()) for member in members]


def kept_apart_names(need: Need) -> list[str]:
    """Whom she does not want, for the coordination only."""
    return [
        f"{first} {last}".strip()
        for first, last in need.person.kept_apart.order_by("volunteer__search_text", "pk").values_list(
            "volunteer__first_name", "volunteer__last_name"
        )
    ]
