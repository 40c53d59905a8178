"""Whose telephones there are in the demo, and what each shows."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.html import format_html, format_html_join

from palier.messaging import queries as messages

_LINK = re.compile(r"(?:https?://)?[\w.-]+(/r/[0-9A-Za-z-]+)")
# The telephone system of the demo: the code of its endpoint, and so the name of the provider.
PROVIDER = "standard"


@dataclass(frozen=True, slots=True)
class Owner:
    """Somebody whose telephone it is."""

    number: str
    name: str
    kind: str
    last_at: datetime | None = None
    waits: bool = False


def owners(territory_id: int, wanted: str = "", limit: int = 12) -> dict[str, list[Owner]]:
    """Neighbours with the latest message first, and people who are helped; or those whose name begins so."""
    like = f"%{wanted.strip().lower()}%"
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select v.phone, v.first_name || ' ' || v.last_name, last.sent_at,
              exists (select 1 from matching_offer o join needs_need n on n.id = o.need_id
                      where o.volunteer_id = v.id and o.state = 'asked' and n.closed_at is null)
            from volunteers_volunteer v
            left join lateral (
              select max(sent_at) as sent_at from messaging_message m where m.territory_id = v.territory_id and m.to = v.phone
            ) last on true
            where v.territory_id = %(territory)s and v.state <> 'ended'
              and lower(v.first_name || ' ' || v.last_name) like %(like)s
            order by 4 desc, last.sent_at desc nulls last, v.search_text, v.id limit %(limit)s
            """,
            {"territory": territory_id, "like": like, "limit": limit},
        )
        neighbours = [
            Owner(number, name, "neighbour", at, waits) for number, name, at, waits in cursor.fetchall()
        ]
        cursor.execute(
            """
            select f.e164, p.first_name || ' ' || p.last_name, p.last_contact_at
            from people_person p join people_phonenumber f on f.person_id = p.id and f."order" = 0
            where p.territory_id = %(territory)s and p.state = 'active'
              and lower(p.first_name || ' ' || p.last_name) like %(like)s
            order by p.last_contact_at desc nulls last, p.search_text, p.id limit %(limit)s
            """,
            {"territory": territory_id, "like": like, "limit": limit},
        )
        people = [Owner(number, name, "person", at) for number, name, at in cursor.fetchall()]
    return {"neighbours": neighbours, "people": people}


def owner_of(territory_id: int, number: str) -> Owner | None:
    """Who has this number: a neighbour, else somebody on file, else somebody around a person."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select kind, string_agg(name, ' · ' order by name) from (
              select 1 as rank, 'neighbour' as kind, first_name || ' ' || last_name as name from volunteers_volunteer
                where territory_id = %(territory)s and phone = %(number)s and state <> 'ended'
              union all
              select 2, 'person', p.first_name || ' ' || p.last_name from people_phonenumber f join people_person p on p.id = f.person_id
                where f.territory_id = %(territory)s and f.e164 = %(number)s
              union all
              select 3, 'contact', name from people_contact where territory_id = %(territory)s and phone = %(number)s
            ) found group by rank, kind order by rank limit 1
            """,
            {"territory": territory_id, "number": number},
        )
        row = cursor.fetchone()
    return Owner(number, row[1], row[0]) if row else None


def unit_of(territory_id: int, number: str) -> dict[str, Any] | None:
    """The telecare unit in this home, if there is one."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select p.telecare_operator_id, p.telecare_number, o.short_name
            from people_phonenumber f join people_person p on p.id = f.person_id
            join territories_organisation o on o.id = p.telecare_operator_id
            where f.territory_id = %s and f.e164 = %s and p.telecare_number <> '' order by p.id limit 1
            """,
            [territory_id, number],
        )
        row = cursor.fetchone()
    return dict(zip(("operator_id", "unit", "operator"), row, strict=True)) if row else None


def thread(territory_id: int, address: str) -> list[dict[str, Any]]:
    """The messages of a telephone, links to us made clickable."""
    return [
        {"at": line.at, "incoming": line.incoming, "body": with_links(line.body)}
        for line in messages.thread(territory_id, address)
    ]


def with_links(body: str) -> str:
    """Our own short links lead to this very site; everything else is text."""
    parts, last = [], 0
    for found in _LINK.finditer(body):
        parts.append((format_html("{}", body[last : found.start()]),))
        parts.append(
            (
                format_html(
                    '<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>', found[1], found[0]
                ),
            )
        )
        last = found.end()
    parts.append((format_html("{}", body[last:]),))
    return format_html_join("", "{}", parts)


def mails(territory_id: int, limit: int = 10) -> list[dict[str, Any]]:
    """Letters that left by mail, the latest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select m.to, subject, body, sent_at from messaging_message m
            where territory_id = %s and channel = 'email' and state in ('sent', 'delivered') order by id desc limit %s
            """,
            [territory_id, limit],
        )
        return [
            {"to": to, "subject": subject, "body": with_links(body), "at": at}
            for to, subject, body, at in cursor.fetchall()
        ]


def call_under_way(territory_id: int, key: str) -> dict[str, Any] | None:
    """The call that a telephone of the demo is in."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select id, state, call_key, number_raw from calls_call
            where territory_id = %s and provider = %s and call_key like %s and ended_at is null and state in ('ringing', 'answered')
            order by id desc limit 1
            """,
            [territory_id, PROVIDER, f"demo-{key}-%"],
        )
        row = cursor.fetchone()
    return dict(zip(("id", "state", "call_key", "number"), row, strict=True)) if row else None


def extensions(territory_id: int) -> list[tuple[str, str]]:
    """The telephones of the desk: extension and whose."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select m.extension, u.first_name || ' ' || u.last_name from accounts_membership m
            join accounts_user u on u.id = m.user_id join territories_organisation o on o.id = m.organisation_id
            where m.territory_id = %s and m.extension <> '' and m.ends_at is null and o.is_lead
              and m.role in ('agent', 'coordinator', 'head') order by m.extension
            """,
            [territory_id],
        )
        return [(extension, name) for extension, name in cursor.fetchall()]
