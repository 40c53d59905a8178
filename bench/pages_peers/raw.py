"""The ceiling: the same pages with no framework. WSGI and psycopg, one prepared connection a thread, the statements of our own
pages, f-strings. No session, no permission, no wall to raise (its connection stands behind one), no access log.
Run by granian like ours: `granian --interface wsgi raw:application`."""

import html
import json
import os
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import django
import psycopg

django.setup()
# Only the texts of the statements are taken: nothing of the framework runs here.
from palier.web.people import queries as of_people  # noqa: E402
from palier.web.today import queries as of_today  # noqa: E402

TERRITORY, ORGANISATION, ME = (
    int(os.environ[name]) for name in ("PEER_TERRITORY", "PEER_ORGANISATION", "PEER_MEMBERSHIP")
)
DSN = (
    f"host={os.environ['PALIER_DB_HOST']} port={os.environ['PALIER_DB_PORT']} dbname={os.environ['PALIER_DB_NAME']}"
    f" user=palier_app options='-c palier.territory={TERRITORY}'"
)
PARIS = ZoneInfo("Europe/Paris")
KINDS = {"find_somebody": "Trouver quelqu’un", "call_back": "À rappeler", "log_call": "Appel à noter"}
esc = html.escape
_here = threading.local()


def db() -> psycopg.Connection[Any]:
    if not hasattr(_here, "db"):
        _here.db = psycopg.connect(DSN, autocommit=True, prepare_threshold=1)
    connection: psycopg.Connection[Any] = _here.db
    return connection


def page(title: str, *parts: str) -> str:
    return (
        f"<!doctype html><html lang=fr><meta charset=utf-8><title>{title}</title><link rel=stylesheet href=/static/site.css>"
        "<nav><ul><li><a href=/board/>Aujourd’hui</a><li><a href=/people/>Personnes</a></ul></nav><main><h1>"
        f"{title}</h1>{''.join(parts)}</main></html>"
    )


def hour(moment: datetime) -> str:
    return f"{moment.astimezone(PARIS):%H:%M}"


def phone(e164: str | None) -> str:
    if not e164:
        return ""
    n = "0" + e164[3:]
    return f"{n[:2]} {n[2:4]} {n[4:6]} {n[6:8]} {n[8:]}"


def duty(row: Any, now: datetime) -> str:
    name = esc(f"{row[11] or ''} {row[12] or ''}")
    late = f"<small>depuis {(now - row[5]).days} jours</small>" if row[5] < now else ""
    owner = "Vous" if row[7] == ME else esc(f"{row[8]} {row[9]}") if row[7] else "Sans responsable"
    return (
        f"<li><div><time datetime={row[5].isoformat()}>{hour(row[5])}</time>{late}</div><div><h3><a href=/people/{row[10]}/>"
        f"{name}</a> <span class=tag>{KINDS.get(row[1], row[1])}</span></h3><p>{esc(row[4])}</p></div><div>{owner}</div>"
        f"<div><a class=btn href=/people/{row[10]}/>Voir<span class=vh> {name}</span></a></div></li>"
    )


def board(asked: dict[str, list[str]]) -> str:
    now = datetime.now(UTC)
    start = now.astimezone(PARIS).replace(hour=0, minute=0, second=0, microsecond=0)
    values = {
        "me": ME, "organisation": ORGANISATION, "territory": TERRITORY, "now": now, "since": start, "start": start,
        "end": start + timedelta(days=1), "until": start + timedelta(days=1),
    }  # fmt: skip
    run = db().execute
    rows = run(of_today.LINES["me"], {**values, "limit": of_today.PAGE + 1, "offset": 0}).fetchall()
    counts = run(of_today.COUNTS, values).fetchone()
    unowned = run(of_today.UNOWNED, {**values, "limit": 4}).fetchall()
    done = run(of_today.DONE, {**values, "limit": 30}).fetchall()
    visits = run(of_today.VISITS, {**values, "limit": 6}).fetchall()
    note = run(
        "select note_of_the_day, note_by, note_at from territories_territory where id = %(territory)s", values
    ).fetchone()
    assert counts and note
    return page(
        f"Aujourd’hui, {now:%A %d %B}",
        f"<p>Vous avez {counts[0]} actions, dont {counts[1]} en retard. Dans l’équipe {counts[3]} sans responsable.</p><ol>",
        *(duty(row, now) for row in rows[: of_today.PAGE]),
        "</ol><details><summary>Fait</summary><ol>",
        *(duty(row, now) for row in done),
        "</ol></details><ul>",
        *(f"<li><strong>{esc(f'{r[11]} {r[12]}')}</strong> {esc(r[4])} <form method=post action=/take/{r[0]}/><button>Je m’en charge</button></form>" for r in unowned),
        f"</ul><p>{esc(note[0])}</p><p>{esc(note[1])}</p><ul>",
        *(f"<li><a href=/needs/{v[0]}/>{esc(v[6])} {esc(v[7])}</a> {hour(v[1])} {esc(v[4])} {esc(v[5])}, {esc(v[8])}" for v in visits),
        "</ul>",
    )  # fmt: skip


def age(born: Any, today: Any) -> str:
    return (
        f"{today.year - born.year - ((today.month, today.day) < (born.month, born.day))} ans" if born else ""
    )


def people(asked: dict[str, list[str]]) -> str:
    after, _sep, number = asked.get("apres", ["~0"])[0].rpartition("~")
    rows = db().execute(
        of_people.LIST, {"territory": TERRITORY, "after": after, "id": int(number), "limit": of_people.PAGE + 1}
    ).fetchall()  # fmt: skip
    today = datetime.now(PARIS).date()
    return page(
        "Personnes",
        "<table><thead><tr><th>Nom<th>Âge<th>Adresse<th>Téléphone<th>En cours<tbody>",
        *(
            f"<tr><th><a href=/people/{r[0]}/>{esc(r[2])} {esc(r[1])}</a><td>{age(r[3], today)}<td>{esc(r[4])}"
            f"{' <span>vit seule</span>' if r[7] else ''}<td>{phone(r[9])}<td>{'Besoin en cours' if r[10] else ''}"
            for r in rows[: of_people.PAGE]
        ),
        "</table>",
    )


def person(asked: dict[str, list[str]], pk: int) -> str:
    run = db().execute
    r = run(of_people.FILE, {"person": pk}).fetchone()
    assert r
    entries = run(
        of_people.JOURNAL.format(codes=""), {"person": pk, "limit": of_people.JOURNAL_PAGE + 1, "offset": 0}
    ).fetchall()
    name = esc(f"{r[2]} {r[3]}")
    return page(
        name,
        f"<p>{age(r[5], datetime.now(PARIS).date())}{', vit seule' if r[11] else ''}, {esc(r[7])}, {esc(r[8])}</p>",
        f"<p>{' '.join(phone(n) for n in r[20])}</p><h2>Pour lui parler</h2><p>{esc(r[13])}</p><ol>",
        *(
            f"<li>{esc(c[1])}, {esc(c[3] or c[2])}{', a la clé' if c[5] else ''} : {phone(c[4])}"
            for c in r[21]
        ),
        f"</ol><p>{esc(r[14])}</p><ul>",
        *(f"<li>{purpose} {'oui' if said[0] else 'non'} ({said[1][:10]})" for purpose, said in r[22].items()),
        "</ul><ol>",
        *(
            f"<li><time>{e[2].astimezone(PARIS):%d/%m %H:%M}</time> {'Besoin noté' if e[1] == 'needs.opened' else 'Elle a appelé'}"
            f" {esc(e[5].get('words') or '')} {esc(e[3])}"
            for e in entries[: of_people.JOURNAL_PAGE]
        ),
        "</ol><ul>",
        *(f"<li>{esc(n[1])}, {n[3][:10]} {n[2]} {esc(n[5] or '')}" for n in r[23]),
        "</ul><ul>",
        *(f"<li>{d[1][:16]} {d[0]} {esc(d[2])}" for d in r[24]),
        "</ul>",
    )


def save(typed: dict[str, list[str]], pk: int) -> None:
    """What saving a note writes, in one transaction, after its checks."""
    now = datetime.now(UTC)
    first = {name: values[-1] for name, values in typed.items()}
    spoken = int(first["caller"][1:])
    connection = db()
    run = connection.execute
    with connection.transaction():
        if run("select closed_at from calls_call where id = %s for no key update", (pk,)).fetchone() != (
            None,
        ):
            raise ValueError("already logged")
        found = run("select title from people_person where id = %s", (spoken,)).fetchone()
        assert found
        run(
            "insert into calls_calldraft (territory_id, call_id, membership_id, typed, saved_at) values (%s, %s, %s, %s, %s)"
            " on conflict (call_id, membership_id) do update set typed = excluded.typed, saved_at = excluded.saved_at",
            (TERRITORY, pk, ME, json.dumps(typed), now),
        )
        run(
            "update calls_call set person_id = %s, who = %s, mood = %s, words = %s, next = %s, state = 'logged', logged_at = %s,"
            " closed_at = %s, logged_by_id = %s, logging_seconds = 30 where id = %s",
            (spoken, first["who"], first["mood"], first["words"], first["next"], now, now, ME, pk),
        )
        run(
            "insert into calls_callforreason (territory_id, call_id, reason_id) select %s, %s, id from calls_callreason"
            " where code = any(%s)",
            (TERRITORY, pk, typed["reasons"]),
        )
        run(
            "update duties_duty set settled_at = %s, settled_by = 'Odette Marchand' where subject_kind = 'calls.call'"
            " and subject_id = %s and settled_at is null",
            (now, pk),
        )
        run("update people_person set last_contact_at = %s where id = %s", (now, spoken))
        run(
            "insert into journal_entry (territory_id, code, at, actor_kind, actor_name, membership_id, subject_kind, subject_id,"
            " person_id, data, personal) values (%s, 'calls.logged', %s, 'member', 'Odette Marchand', %s, 'calls.call', %s, %s,"
            " %s, %s)",
            (
                TERRITORY, now, ME, pk, spoken,
                json.dumps({"who": first["who"], "mood": first["mood"], "next": first["next"], "reasons": typed["reasons"]}),
                json.dumps({"words": first["words"][:500], "name": ""}),
            ),
        )  # fmt: skip
        run("select pg_notify('palier_bench', %s)", (str(pk),))


def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    parts = environ["PATH_INFO"].split("/")
    asked = parse_qs(environ.get("QUERY_STRING", ""))
    match parts[1], parts[2]:
        case "board", _:
            text = board(asked)
        case "people", "":
            text = people(asked)
        case "people", pk:
            text = person(asked, int(pk))
        case "calls", pk:
            length = int(environ.get("CONTENT_LENGTH") or 0)
            save(parse_qs(environ["wsgi.input"].read(length).decode()), int(pk))
            start("302 Found", [("Location", "/board/"), ("Content-Length", "0")])
            return [b""]
        case _:
            text = page("Rien ici")
    body = text.encode()
    start("200 OK", [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(body)))])
    return [body]
