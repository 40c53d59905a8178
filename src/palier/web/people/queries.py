"""The list of people and the file of one, each in a statement or two."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from palier.accounts.actor import Actor
from palier.journal.events import registry
from palier.kernel import statements
from palier.people.models import Consent, Contact
from palier.people.sight import seen
from palier.people.sight import values as sight_of
from palier.web.people import living

PAGE = 50
JOURNAL_PAGE = 20

# Keyset on (search_text, id): page 2000 costs what page 1 does. Served by person_by_name.
LIST = f"""
select p.id, p.first_name, p.last_name, p.birth_on, p.street, p.city, p.state, p.lives_alone, p.search_text, p.title,
       (select f.e164 from people_phonenumber f where f.person_id = p.id order by f."order", f.id limit 1),
       (select count(*) from needs_need n where n.person_id = p.id and n.closed_at is null)
from people_person p
where p.territory_id = %(territory)s and {seen("p")} and (p.search_text, p.id) > (%(after)s, %(id)s)
order by p.search_text, p.id limit %(limit)s
"""

# Backwards: the page before a row.
LIST_BACK = LIST.replace("> (%(after)s, %(id)s)", "< (%(after)s, %(id)s)").replace(
    "order by p.search_text, p.id limit", "order by p.search_text desc, p.id desc limit"
)

FOUND = LIST.replace("and (p.search_text, p.id) > (%(after)s, %(id)s)", "and p.id = any(%(ids)s)")

FILE = f"""
select p.id, p.title, p.first_name, p.last_name, p.birth_name, p.birth_on, p.state, p.street, p.access, p.postcode,
       p.city, p.lives_alone, p.language, p.talk_note, p.home_note, p.has_stairs, p.has_pets, p.telecare_number,
       o.name, o.phone,
       (select coalesce(json_agg(f.e164 order by f."order", f.id), '[]') from people_phonenumber f where f.person_id = p.id),
       (select coalesce(json_agg(json_build_array(
            c.id, c.name, c.relation, c.note, c.phone, c.has_key, c.is_professional, c.do_not_contact)
            order by c."order", c.id), '[]') from people_contact c where c.person_id = p.id and c.ended_at is null),
       (select coalesce(json_object_agg(l.purpose, json_build_array(l.is_given, l.at)), '{{}}') from (
            select distinct on (purpose) purpose, is_given, at from people_consent
            where person_id in (select f.id from people_person f where f.id = p.id or f.merged_into_id = p.id) order by purpose, at desc, id desc) l),
       (select coalesce(json_agg(json_build_array(n.id, k.name, n.state, n.starts_at, n.ends_at,
            (select concat(u.first_name, ' ', u.last_name) from accounts_membership m
             join accounts_user u on u.id = m.user_id where m.id = n.owner_id)) order by n.starts_at, n.id), '[]')
        from needs_need n join territories_helpkind k on k.id = n.kind_id
        where n.person_id = p.id and n.closed_at is null),
       (select coalesce(json_agg(json_build_array(d.kind, d.due_at, d.label) order by d.due_at, d.id), '[]')
        from duties_duty d where d.person_id = p.id and d.settled_at is null)
from people_person p
left join territories_organisation o on o.id = p.telecare_operator_id
where p.id = %(person)s and {seen("p")}
"""

JOURNAL = """
select id, code, at, case when actor_kind in ('member', 'neighbour') then actor_name else '' end, data::json, personal::json from journal_entry
where person_id = any(array(select f.id from people_person f where f.id = %(person)s or f.merged_into_id = %(person)s)) {codes} order by at desc, id desc limit %(limit)s offset %(offset)s
"""


@dataclass(slots=True)
class Listed:
    """One row of the list."""

    id: int
    first_name: str
    last_name: str
    birth_on: date | None
    street: str
    city: str
    state: str
    lives_alone: bool
    search_text: str
    title: str
    phone: str | None
    open_needs: int


def listed(
    actor: Actor, *, after: tuple[str, int] = ("", 0), before: tuple[str, int] | None = None
) -> list[Listed]:
    """A page of people in alphabetical order from a row on, or the page before one; one more when there are more."""
    key = before or after
    values: dict[str, Any] = {
        "territory": actor.territory_id,
        "after": key[0],
        "id": key[1],
        "limit": PAGE + 1,
        **sight_of(actor),
    }
    rows = [Listed(*row) for row in statements.rows(LIST_BACK if before else LIST, values)]
    return rows[::-1] if before else rows


def listed_by_id(actor: Actor, ids: Sequence[int]) -> list[Listed]:
    values = {"territory": actor.territory_id, "ids": list(ids), "limit": len(ids), **sight_of(actor)}
    return [Listed(*row) for row in statements.rows(FOUND, values)]


def page_of(
    person_id: int, actor: Actor, *, now: datetime, zone: ZoneInfo, strand: str = "", page: int = 1
) -> tuple[dict[str, Any], list[dict[str, Any]], bool] | None:
    """The head of a file, how she lives, a page of its journal, and whether there is more of it: one round trip."""
    found, lives, lines = statements.together(
        (FILE, {"person": person_id, **sight_of(actor)}),
        living.asked(person_id, actor, now, zone),
        _journal_of(person_id, strand, page),
    )
    if not found:
        return None
    file = _file(found[0])
    file["lives"] = living.read(lives[0], now, zone, is_woman=file["is_woman"])
    return (file, *_page_of_journal(lines))


def _file(row: tuple[Any, ...]) -> dict[str, Any]:
    names = (
        "id", "title", "first_name", "last_name", "birth_name", "birth_on", "state", "street", "access", "postcode",
        "city", "lives_alone", "language", "talk_note", "home_note", "has_stairs", "has_pets", "telecare_number",
        "operator", "operator_phone", "phones", "contacts", "consents", "needs", "planned",
    )  # fmt: skip
    file: dict[str, Any] = dict(zip(names, row, strict=True))
    relations = dict(Contact.Relation.choices)
    file["contacts"] = [
        {
            "id": c[0], "name": c[1], "relation": str(relations[c[2]]), "note": c[3], "phone": c[4],
            "has_key": c[5], "is_professional": c[6], "do_not_contact": c[7],
        }
        for c in file["contacts"]
    ]  # fmt: skip
    file["consents"] = [
        {"purpose": purpose, "label": str(label), "given": said[0], "at": datetime.fromisoformat(said[1])}
        if (said := file["consents"].get(purpose))
        else {"purpose": purpose, "label": str(label), "given": None, "at": None}
        for purpose, label in Consent.Purpose.choices
    ]
    file["needs"] = [
        {
            "id": n[0], "kind": n[1], "state": n[2], "starts_at": datetime.fromisoformat(n[3]),
            "ends_at": datetime.fromisoformat(n[4]), "owner": n[5],
        }
        for n in file["needs"]
    ]  # fmt: skip
    file["planned"] = [
        {"kind": d[0], "due_at": datetime.fromisoformat(d[1]), "label": d[2]} for d in file["planned"]
    ]
    file["name"] = f"{row[2]} {row[3]}".strip()
    file["is_woman"] = row[1] != "monsieur"
    return file


STRANDS = ("calls", "visits", "needs", "concerns")


def _journal_of(person_id: int, strand: str, page: int) -> tuple[str, dict[str, Any]]:
    values: dict[str, Any] = {
        "person": person_id,
        "limit": JOURNAL_PAGE + 1,
        "offset": (page - 1) * JOURNAL_PAGE,
    }
    if not strand:
        return JOURNAL.format(codes=""), values
    codes = [code for code, event in registry.events.items() if event.strand == strand]
    return JOURNAL.format(codes="and code = any(%(codes)s)"), {**values, "codes": codes}


def _page_of_journal(rows: statements.Rows) -> tuple[list[dict[str, Any]], bool]:
    return [worded(row) for row in rows[:JOURNAL_PAGE]], len(rows) > JOURNAL_PAGE


def worded(row: tuple[Any, ...]) -> dict[str, Any]:
    """One line of a timeline: (id, code, at, actor, data, personal) in the words its event declares."""
    number, code, at, actor, data, personal = row
    event = registry.events.get(code)
    if event is None:
        return {
            "id": number,
            "at": at,
            "title": code,
            "body": "",
            "actor": actor,
            "icon": "note",
            "tone": None,
        }
    return {
        "id": number,
        "at": at,
        "title": event.title({**data, **personal}),
        "body": personal.get("words") or personal.get("facts") or personal.get("note") or "",
        "actor": actor,
        "icon": event.icon,
        "tone": event.tone if event.tone in ("late", "vois") else None,
    }
