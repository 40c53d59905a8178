"""Figures between two local days, and the lists behind them. Six statements, whatever the size of the journal."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils.translation import gettext as _

from palier.duties.guard import OPENABLE
from palier.kernel.ranges import moment
from palier.reporting import conditions as on
from palier.reporting.figures import Figure, Figures, Grid, Table
from palier.territories.models import Territory

PAGE = 50


def figures(territory_id: int, start: date, end: date) -> Figures:
    """All figures from `start` to the day before `end`, as the territory's clocks count days."""
    values = _span(territory_id, start, end)
    calls, reasons = _calls(values), _reasons(values)
    needs, kinds = _needs(values)
    people = _people(values)
    return Figures(
        start=start,
        end=end,
        tables=(
            _results_table(calls),
            _reasons_table(reasons, calls["logged"]),
            _kinds_table(kinds, needs),
            _outcomes_table(needs),
            _answers_table(needs),
            _times_table(needs),
            _volunteers_table(people),
            _people_table(people),
            _open_table(open_things(territory_id)),
        ),
        grid=_grid(kinds),
    )


# --- counting


def _span(territory_id: int, start: date, end: date) -> dict[str, Any]:
    zone: ZoneInfo = Territory.objects.get(pk=territory_id).zone
    return {
        "territory": territory_id,
        "start": moment(start, time.min, zone),
        "end": moment(end, time.min, zone),
    }


def _one(sql: str, values: dict[str, Any]) -> dict[str, Any]:
    return _rows(sql, values)[0]


def _rows(sql: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _calls(values: dict[str, Any]) -> dict[str, int]:
    counted = ", ".join(
        f'count(*) filter (where {where}) as "{name}"' for name, (_label, where) in on.RESULTS.items()
    )
    return _one(
        f'select count(*) as "all", count(*) filter (where {on.LOGGED}) as "logged", {counted} from calls_call c where {on.CALLS}',
        values,
    )


def _reasons(values: dict[str, Any]) -> list[dict[str, Any]]:
    return _rows(
        f"""
        select r.code, r.name, count(*) as number
        from calls_call c
        join calls_callforreason f on f.call_id = c.id
        join calls_callreason r on r.id = f.reason_id
        where {on.CALLS} and {on.LOGGED}
        group by r.id, r.code, r.name, r."order" order by count(*) desc, r."order"
        """,
        values,
    )


def _needs(values: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """(all kinds together, each kind): one pass over the needs and what was asked for them."""
    counted = ", ".join(
        f'count(*) filter (where {where}) as "{name}"' for name, (_label, where) in on.OUTCOMES.items()
    )
    middles = ", ".join(
        f"percentile_cont({part}) within group (order by case when {on.STEPS[name]} then {hours} end) as {name}_{part * 100:.0f}"
        for name, hours in on.HOURS.items()
        for part in (0.5, 0.9)
    )
    steps = ", ".join(f'count(*) filter (where {where}) as "{name}"' for name, where in on.STEPS.items())
    rows = _rows(
        f"""
        select k.code, k.name, count(*) as "all", {counted}, {steps}, {middles},
          coalesce(sum(n.asked) filter (where n.outcome = 'met_by_neighbour'), 0)::bigint as asked
        from (
          select n.*, (select count(*) from matching_offer o where o.need_id = n.id) as asked
          from needs_need n where {on.NEEDS}
        ) n join territories_helpkind k on k.id = n.kind_id
        group by grouping sets ((k.id, k.code, k.name, k."order"), ())
        order by k."order" nulls first, k.id
        """,
        values,
    )
    everything = next(row for row in rows if row["code"] is None)
    return everything, [row for row in rows if row["code"] is not None]


def _people(values: dict[str, Any]) -> dict[str, int]:
    """Neighbours and people on file: from the journal, which knows the days."""
    codes = ", ".join(
        f"count(distinct e.volunteer_id) filter (where e.code = '{code}') as {name}"
        for name, code in on.VOLUNTEERS.items()
    )
    listed = ", ".join(f"'{code}'" for code in on.VOLUNTEERS.values())
    moved = "select distinct on (e.person_id) e.person_id, e.code from journal_entry e where e.territory_id = %(territory)s"
    moved += " and e.code in ('people.left', 'people.back') and e.person_id is not null and e.at < %({0})s"
    moved += " order by e.person_id, e.at desc, e.id desc"
    return _one(
        f"""
        with turns as (
          select {codes} from journal_entry e
          where e.territory_id = %(territory)s and e.code in ({listed}) and e.at >= %(start)s and e.at < %(end)s
        ),
        gone_at_start as ({moved.format("start")}),
        gone_at_end as ({moved.format("end")}),
        files as (
          select count(*) filter (where created_at < %(start)s) as created_start, count(*) as created_end
          from people_person where territory_id = %(territory)s and is_followed and created_at < %(end)s
        )
        select turns.*,
          files.created_start - (select count(*) from gone_at_start where code = 'people.left') as people_start,
          files.created_end - (select count(*) from gone_at_end where code = 'people.left') as people_end,
          ({_ACTIVE.format("count(distinct v.volunteer_id)")}) as active
        from turns, files
        """,
        values,
    )


# A neighbour who went, in the span.
_ACTIVE = (
    "select {0} from visits_visit v where v.territory_id = %(territory)s and v.state = 'done'"
    " and v.came_at >= %(start)s and v.came_at < %(end)s"
)


@dataclass(frozen=True, slots=True)
class OpenThings:
    """One kind of open thing: how many, how many of a team only, how many nobody at all answers for."""

    kind: str
    number: int
    without_name: int
    without_duty: int


def open_things(territory_id: int) -> list[OpenThings]:
    """Everything that is open now and who owes it: the promise « nothing without an owner », counted."""
    parts = " union all ".join(
        f"""
        select {position} as position, '{thing.kind}' as kind, count(*) as number,
          count(*) filter (where not exists (select 1 from duties_duty d where d.subject_kind = '{thing.kind}'
            and d.subject_id = t.id and d.settled_at is null and d.owner_id is not null)) as without_name,
          count(*) filter (where not exists (select 1 from duties_duty d where d.subject_kind = '{thing.kind}'
            and d.subject_id = t.id and d.settled_at is null)) as without_duty
        from {thing.table} t where t.territory_id = %(territory)s and ({thing.predicate_of("t")})
        """
        for position, thing in enumerate(OPENABLE)
    )
    rows = _rows(f"select * from ({parts}) things order by position", {"territory": territory_id})
    return [OpenThings(row["kind"], row["number"], row["without_name"], row["without_duty"]) for row in rows]


# --- tables


def _share(part: float, whole: float) -> float | None:
    return round(100 * part / whole, 1) if whole else None


def _results_table(calls: dict[str, int]) -> Table:
    shown = [
        name
        for name in on.RESULTS
        if calls[name] or name in ("nothing", "call_back", "need", "concern", "danger")
    ]
    return Table(
        "calls.result",
        _("Appels reçus, et leur suite"),
        tuple(
            Figure(
                f"calls:result={name}",
                _(on.RESULTS[name][0]),
                calls[name],
                share=_share(calls[name], calls["all"]),
            )
            for name in shown
        ),
        Figure("calls:", _("Appels reçus"), calls["all"]),
        adds_up=True,
    )


def _reasons_table(reasons: list[dict[str, Any]], logged: int) -> Table:
    return Table(
        "calls.reason",
        _("Pourquoi on appelle"),
        tuple(
            Figure(
                f"calls:reason={row['code']}", row["name"], row["number"], share=_share(row["number"], logged)
            )
            for row in reasons
        ),
        Figure("calls:logged=1", _("Appels notés"), logged),
    )


def _kinds_table(kinds: list[dict[str, Any]], needs: dict[str, Any]) -> Table:
    return Table(
        "needs.kind",
        _("Ce qui est demandé"),
        tuple(
            Figure(
                f"needs:kind={row['code']}", row["name"], row["all"], share=_share(row["all"], needs["all"])
            )
            for row in sorted(kinds, key=lambda row: -row["all"])
        ),
        Figure("needs:", _("Besoins notés"), needs["all"]),
        adds_up=True,
    )


def _outcomes_table(needs: dict[str, Any]) -> Table:
    answered = sum(needs[name] for name in on.ANSWERED)
    return Table(
        "needs.outcome",
        _("Qui a répondu"),
        tuple(
            Figure(
                f"needs:outcome={name}",
                _(label),
                needs[name],
                share=_share(needs[name], answered) if name in on.ANSWERED else None,
            )
            for name, (label, _where) in on.OUTCOMES.items()
        ),
        Figure("needs:answered=1", _("Besoins conclus"), answered),
    )


def _answers_table(needs: dict[str, Any]) -> Table:
    met = needs["met_by_neighbour"]
    return Table(
        "needs.asking",
        _("Les voisins contactés"),
        (
            Figure(
                "needs:step=nobody", _("Besoins pour lesquels aucun voisin n’a pu"), needs["nobody"],
                share=_share(needs["nobody"], needs["all"]),
            ),
            Figure(
                "", _("Demandes envoyées pour un besoin fait par un voisin"), round(needs["asked"] / met, 1) if met else None, "ratio"
            ),
        ),
    )  # fmt: skip


def _times_table(needs: dict[str, Any]) -> Table:
    names = {
        "agreed": (_("De l’appel au oui d’un voisin, la moitié en moins de"), _("De l’appel au oui d’un voisin, neuf fois sur dix en moins de")),
        "done": (_("De l’appel au coup de main fait, la moitié en moins de"), _("De l’appel au coup de main fait, neuf fois sur dix en moins de")),
    }  # fmt: skip
    return Table(
        "needs.time",
        _("Le temps que cela prend"),
        tuple(
            Figure(f"needs:step={name}", label, _hours(needs[f"{name}_{part}"]), "hours")
            for name, labels in names.items()
            for part, label in zip((50, 90), labels, strict=True)
        ),
    )


def _hours(value: float | None) -> float | None:
    return None if value is None else round(float(value), 1)


def _volunteers_table(people: dict[str, int]) -> Table:
    return Table(
        "volunteers",
        _("Les voisins"),
        (
            Figure("volunteers:what=applied", _("Ont proposé leur aide"), people["applied"]),
            Figure("volunteers:what=welcomed", _("Accueillis après les vérifications"), people["welcomed"]),
            Figure(
                "volunteers:what=active", _("Sont allés chez quelqu’un au moins une fois"), people["active"]
            ),
            Figure("volunteers:what=ended", _("Ont arrêté"), people["ended"]),
        ),
    )


def _people_table(people: dict[str, int]) -> Table:
    return Table(
        "people",
        _("Les personnes suivies"),
        (
            Figure("people:at=start", _("Au début de la période"), people["people_start"]),
            Figure("people:at=end", _("À la fin de la période"), people["people_end"]),
        ),
    )


def _open_table(things: list[OpenThings]) -> Table:
    return Table(
        "open",
        _("Ce qui est ouvert en ce moment"),
        (
            *(
                Figure(f"open:what={thing.kind}", str(on.OPEN_THINGS[thing.kind]), thing.number)
                for thing in things
                if thing.number
            ),
            Figure("", _("Confié à l’équipe, sans nom"), sum(thing.without_name for thing in things)),
            Figure("", _("Dont personne ne répond"), sum(thing.without_duty for thing in things)),
        ),
        Figure("", _("En tout"), sum(thing.number for thing in things)),
    )


def _grid(kinds: list[dict[str, Any]]) -> Grid:
    return Grid(
        "needs.kind_outcome",
        _("Chaque aide, et qui l’a donnée"),
        tuple(_(label) for label, _where in on.OUTCOMES.values()),
        tuple(
            (
                row["name"],
                tuple(
                    Figure(
                        f"needs:kind={row['code']}:outcome={name}", f"{row['name']}, {_(label)}", row[name]
                    )
                    for name, (label, _where) in on.OUTCOMES.items()
                ),
            )
            for row in kinds
        ),
    )


# --- the lists behind


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a list: what it is about, for a link, and in words."""

    kind: str
    pk: int
    at: datetime
    title: str
    text: str
    person_id: int | None = None


_NAME = "trim(p.first_name || ' ' || p.last_name)"
# Her file is kept apart from who reads this: the line counts, and says nothing.
_APART = "({0}.person_id is not null and p.id is null)"
_LISTS = {
    "calls": (
        "calls.call",
        f"select c.id, c.rang_at, case when {_APART.format('c')} then '' else coalesce({_NAME}, nullif(c.number, ''), '') end,"
        f" case when {_APART.format('c')} then '' else coalesce(left(c.words, 120), '') end, p.id"
        " from calls_call c left join people_person p on p.id = c.person_id where {0} order by c.rang_at desc, c.id desc",
    ),
    "needs": (
        "needs.need",
        f"select n.id, n.opened_at, {_NAME}, k.name || case when n.what = '' then '' else ', ' || lower(left(n.what, 1)) || substr(n.what, 2) end,"
        " n.person_id from needs_need n join people_person p on p.id = n.person_id"
        " join territories_helpkind k on k.id = n.kind_id where {0} order by n.opened_at desc, n.id desc",
    ),
    "volunteers": (
        "volunteers.volunteer",
        "select v.id, max(e.at) as at, v.first_name || ' ' || v.last_name, v.street, null::bigint from journal_entry e"
        " join volunteers_volunteer v on v.id = e.volunteer_id where {0} group by v.id order by max(e.at) desc, v.id desc",
    ),
    "active": (
        "volunteers.volunteer",
        "select n.id, max(v.came_at) as at, n.first_name || ' ' || n.last_name, n.street, null::bigint"
        " from visits_visit v join volunteers_volunteer n on n.id = v.volunteer_id"
        " where v.territory_id = %(territory)s and v.state = 'done' and v.came_at >= %(start)s and v.came_at < %(end)s{0}"
        " group by n.id order by max(v.came_at) desc, n.id desc",
    ),
    "people": (
        "people.person",
        f"select p.id, p.created_at, {_NAME}, p.street, p.id from people_person p where {{0}} order by p.search_text, p.id",
    ),
}
_OPEN_LIST = f"""
select t.id, d.due_at, coalesce({_NAME}, ''), case when {_APART.format("d")} then '' else d.label end, p.id
from {{table}} t
left join lateral (
  select due_at, label, person_id from duties_duty where subject_kind = '{{kind}}' and subject_id = t.id and settled_at is null
  order by due_at, id limit 1
) d on true
left join people_person p on p.id = d.person_id
where t.territory_id = %(territory)s and ({{predicate}}) order by d.due_at nulls first, t.id
"""


def listed(
    territory_id: int, start: date, end: date, key: str, *, page: int = 1, size: int = PAGE
) -> tuple[list[Listed], bool]:
    """The things that a figure counted, one page of them, and whether there are more. Raises UnknownKey."""
    wanted = on.condition_of(key)
    if wanted.area == "open":
        kind = wanted.values["kind"]
        thing = next(one for one in OPENABLE if one.kind == kind)
        sql = _OPEN_LIST.format(table=thing.table, kind=kind, predicate=thing.predicate_of("t"))
    else:
        kind, sql = _LISTS[wanted.area]
        sql = sql.replace("{0}", wanted.where)
    values = _span(territory_id, start, end) | wanted.values | {"size": size + 1, "skip": (page - 1) * size}
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} limit %(size)s offset %(skip)s", values)
        rows = [Listed(kind, *row) for row in cursor.fetchall()]
    return rows[:size], len(rows) > size


def count(territory_id: int, start: date, end: date, key: str) -> int:
    """How many things the list of a figure holds."""
    wanted = on.condition_of(key)
    if wanted.area == "open":
        found: dict[str, int] = defaultdict(int)
        found.update({thing.kind: thing.number for thing in open_things(territory_id)})
        return found[wanted.values["kind"]]
    _kind, sql = _LISTS[wanted.area]
    values = _span(territory_id, start, end) | wanted.values
    return int(
        _one(f"select count(*) as number from ({sql.replace('{0}', wanted.where)}) lines", values)["number"]
    )
