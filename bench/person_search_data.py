"""The register of the search bench: 1,000,000 invented people of one territory, 20,000 of another behind the wall.

Made once by COPY in a cluster of its own (var/bench-search), with the product's own rules of what people are found by, and brought
to the present migrations and keys at each run.
"""

import hashlib
import json
import os
import secrets
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent
OTHERS = 20_000
TABLES = (
    "people_person", "people_phonenumber", "people_searchword", "people_searchname", "people_nameword", "people_namekey",
)  # fmt: skip
# Changing this makes the people anew; changing a rule of RULES only the keys of the names.
VERSION = "2"
RULES = ("src/palier/kernel/phonetics.py", "src/palier/people/indexing.py")


@dataclass(frozen=True)
class Ground:
    url: str
    territory: int
    membership: int
    user: int
    people: int
    first: int


def tell(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def prepare(people: int) -> Ground:
    """The cluster started, the data there; Django set up as the application's own role."""
    from palier.config import pg

    var = Path(os.environ.get("PALIER_VAR", PROJECT / "var")) / "bench-search"
    server = pg.start(var, say=tell)
    os.environ.update(pg.environment(var))
    os.environ.update(PALIER_VAR=str(var), DJANGO_SETTINGS_MODULE="palier.config.settings")
    url = server.url(pg.SUPERUSER)
    wanted = json.dumps({"people": people, "version": VERSION})
    keys = _digest(RULES)
    said = pg.run_sql(
        server, "select shobj_description(oid, 'pg_database') from pg_database where datname = 'palier'"
    ).strip()
    if said.partition("#")[0] != wanted:
        _make_apart(str(people))
    else:
        _make_apart("migrate")
        if said.partition("#")[2] != keys:
            _make_apart("keys")
    pg.run_sql(server, f"comment on database palier is '{wanted}#{keys}'")
    os.environ["PALIER_DB_USER"] = pg.APP
    import django

    django.setup()
    with psycopg.connect(url) as db:
        town, membership, user, first = db.execute(
            "select t.id, m.id, m.user_id, (select min(id) from people_person where territory_id = t.id)"
            " from territories_territory t join accounts_membership m on m.territory_id = t.id where t.code = 'belrive'"
        ).fetchone()  # type: ignore[misc]
    return Ground(url, town, membership, user, people, first)


def _digest(paths: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update((PROJECT / path).read_bytes())
    return digest.hexdigest()[:16]


def _make_apart(what: str) -> None:
    """In a process of its own: it works as the owner, the measurements as the application."""
    import subprocess

    from palier.config import pg

    environment = {**os.environ, "PALIER_DB_USER": pg.OWNER}
    subprocess.run(
        [sys.executable, str(Path(__file__)), what], env=environment, check=True, stdout=sys.stderr
    )


def _make(people: int) -> None:
    from palier.config import pg

    server = pg.running(Path(os.environ["PALIER_VAR"]))
    assert server is not None
    pg.drop_database(server)
    _migrate()
    tell(f"making the data (once): {people:,} people")
    since = time.monotonic()
    with psycopg.connect(server.url(pg.SUPERUSER)) as db:
        db.execute("set session_replication_role = replica")
        db.execute("set maintenance_work_mem = '512MB'")
        later = _without_indexes(db)
        for code, count, seed in (("belrive", people, 0), ("valmont", OTHERS, -1)):
            _territory(db, code, count, seed)
            tell(f"  {code}: {time.monotonic() - since:.0f} s")
        for statement in later:
            db.execute(statement)
    with psycopg.connect(server.url(pg.SUPERUSER), autocommit=True) as db:
        db.execute("create extension if not exists pg_trgm")
        # The peer's table: names and year, and the index it is known for.
        # Apart from the product's own schema, whose rights are made anew at each run.
        db.execute("create schema if not exists bench")
        db.execute("drop table if exists bench.trigrams")
        db.execute(
            "create table bench.trigrams as select id, trim(last_name || ' ' || first_name) as shown, search_text as norm,"
            " extract(year from birth_on)::int as year from people_person where territory_id ="
            " (select id from territories_territory where code = 'belrive')"
        )
        db.execute(
            "update bench.trigrams t set norm = n.last || ' ' || n.first from (select distinct on (person_id) person_id, last,"
            " first from people_searchname order by person_id, id) n where n.person_id = t.id"
        )
        db.execute("create index trigrams_norm on bench.trigrams using gin (norm gin_trgm_ops)")
        db.execute("vacuum (freeze, analyze)")
    tell(f"  done in {time.monotonic() - since:.0f} s")


def _migrate() -> None:
    """The tables, the walls and the rights as this version wants them; nothing to do most of the time."""
    import django

    django.setup()
    from django.core.management import call_command

    from palier.config import database

    call_command("migrate", verbosity=0)
    database.build()


def _keys_again() -> None:
    """The vocabulary's keys after a change of the rules."""
    import django

    django.setup()
    from palier.config import pg
    from palier.people.indexing import keys_of

    server = pg.running(Path(os.environ["PALIER_VAR"]))
    assert server is not None
    tell("writing the keys of the names again")
    with psycopg.connect(server.url(pg.SUPERUSER)) as db:
        db.execute("set session_replication_role = replica")
        later = _without_indexes(db, ("people_namekey",))
        db.execute("truncate people_namekey")
        words = db.execute("select territory_id, id, kind, word from people_nameword").fetchall()
        _copy(
            db, "people_namekey (territory_id, name_id, key, kind, word)",
            ((territory, pk, key, kind, word) for territory, pk, kind, word in words for key in keys_of(word)),
        )  # fmt: skip
        for statement in later:
            db.execute(statement)
    with psycopg.connect(server.url(pg.SUPERUSER), autocommit=True) as db:
        db.execute("vacuum (freeze, analyze) people_namekey")


def _without_indexes(db: psycopg.Connection[Any], tables: Iterable[str] = TABLES) -> list[str]:
    """Drop what slows a COPY down; gives the statements that put it back."""
    later = []
    for table in tables:
        for name, text in db.execute(
            "select conname, pg_get_constraintdef(oid) from pg_constraint where conrelid = %s::regclass and contype = 'u'",
            [table],
        ).fetchall():
            db.execute(f"alter table {table} drop constraint {name}")
            later.append(f"alter table {table} add constraint {name} {text}")
        for name, text in db.execute(
            "select c.relname, pg_get_indexdef(i.indexrelid) from pg_index i join pg_class c on c.oid = i.indexrelid"
            " where i.indrelid = %s::regclass and not i.indisprimary",
            [table],
        ).fetchall():
            db.execute(f"drop index {name}")
            later.append(text)
    return later


def _territory(db: psycopg.Connection[Any], code: str, count: int, seed: int) -> None:
    from palier.accounts.models import Membership, User
    from palier.territories.models import Organisation, Team, Territory

    town = Territory.objects.create(
        code=code,
        name=code.title(),
        sender_name="CCAS",
        public_phone="+33261910012",
        public_host=f"{code}.example",
    )
    ccas = Organisation.objects.create(
        territory=town, kind="ccas", name="CCAS", short_name="CCAS", phone="+33261910012", is_lead=True
    )
    team = Team.objects.create(territory=town, organisation=ccas, name="Accueil", answers_the_phone=True)
    user = User(email=f"agent@{code}.example", first_name="Bruno", last_name="Petit", password="!")
    user.save()
    Membership.objects.create(
        territory=town, organisation=ccas, user=user, team=team, role="agent",
        starts_at=datetime.now(UTC) - timedelta(days=30),
    )  # fmt: skip
    db.execute(
        "insert into mfa_authenticator (user_id, type, data, created_at) values (%s, 'totp', '{}', now())",
        [user.pk],
    )
    _people(db, town.pk, count, seed)


def _people(db: psycopg.Connection[Any], territory: int, count: int, seed: int) -> None:
    from french_people import Gen

    from palier.people.indexing import keys_of, search_text_of, search_words_of, ways

    gen = Gen(seed)
    first = db.execute("select coalesce(max(id), 0) + 1 from people_person").fetchone()[0]  # type: ignore[index]
    made = [gen.person() for _n in range(count)]
    ids = range(first, first + count)
    now = datetime.now(UTC)

    def numbers(one: dict[str, str]) -> list[str]:
        return ["+33" + one["phone"][1:]] if one["phone"] else []

    def texts(one: dict[str, str]) -> dict[str, str]:
        return {
            "first_name": one["first"], "last_name": one["last"], "birth_name": one["birth_name"],
            "street": f"{one['num']} {one['street']}", "city": one["city"],
        }  # fmt: skip

    _copy(
        db,
        "people_person (id, territory_id, title, first_name, last_name, birth_name, birth_on, state, street, access, postcode,"
        " city, insee, lives_alone, language, talk_note, home_note, has_stairs, has_pets, telecare_number, search_text,"
        " created_at)",
        (
            (pk, territory, "madame" if one["sex"] == "F" else "monsieur", one["first"], one["last"], one["birth_name"],
             one["dob"], "active", f"{one['num']} {one['street']}", "", one["postcode"], one["city"], "", True, "fr", "", "",
             False, False, "", search_text_of(**texts(one)), now)
            for pk, one in zip(ids, made, strict=True)
        ),
    )  # fmt: skip
    db.execute("select setval(pg_get_serial_sequence('people_person', 'id'), %s)", [first + count])
    _copy(
        db, 'people_phonenumber (territory_id, person_id, e164, raw, "order")',
        ((territory, pk, e164, e164, 0) for pk, one in zip(ids, made, strict=True) for e164 in numbers(one)),
    )  # fmt: skip
    _copy(
        db, "people_searchword (territory_id, person_id, word)",
        ((territory, pk, word) for pk, one in zip(ids, made, strict=True)
         for word in search_words_of(**texts(one), birth_on=date.fromisoformat(one["dob"]), numbers=numbers(one))),
    )  # fmt: skip
    vocabulary: set[tuple[str, str]] = set()

    def names() -> Iterator[tuple[Any, ...]]:
        for pk, one in zip(ids, made, strict=True):
            for last, given in ways(one["first"], one["last"], one["birth_name"]):
                vocabulary.update((("last", last), ("first", given)))
                yield territory, pk, last, given, int(one["dob"][:4])

    _copy(db, "people_searchname (territory_id, person_id, last, first, born)", names())
    words = sorted(vocabulary)
    start = db.execute("select coalesce(max(id), 0) + 1 from people_nameword").fetchone()[0]  # type: ignore[index]
    _copy(
        db, "people_nameword (id, territory_id, kind, word)",
        ((start + n, territory, kind, word) for n, (kind, word) in enumerate(words)),
    )  # fmt: skip
    db.execute("select setval(pg_get_serial_sequence('people_nameword', 'id'), %s)", [start + len(words)])
    _copy(
        db, "people_namekey (territory_id, name_id, key, kind, word)",
        ((territory, start + n, key, kind, word) for n, (kind, word) in enumerate(words) for key in keys_of(word)),
    )  # fmt: skip


def _copy(db: psycopg.Connection[Any], into: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with db.cursor().copy(f"copy {into} from stdin") as copy:
        for row in rows:
            copy.write_row(row)


def open_session(ground: Ground) -> str:
    """A sign-in of the agent, as the sign-in page leaves it; gives its key."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from palier.accounts.models import Session, User
    from palier.accounts.session import SessionStore
    from palier.kernel import clock

    user = User.objects.get(pk=ground.user)
    key = secrets.token_hex(16)
    data = {
        SESSION_KEY: str(user.pk),
        BACKEND_SESSION_KEY: "allauth.account.auth_backends.AuthenticationBackend",
        HASH_SESSION_KEY: user.get_session_auth_hash(),
        "membership_id": ground.membership,
        "territory_id": ground.territory,
    }
    Session.objects.create(
        session_key=key,
        session_data=SessionStore().encode(data),
        expire_date=clock.now() + timedelta(hours=12),
        user=user,
        membership_id=ground.membership,
        territory_id=ground.territory,
    )
    return key


if __name__ == "__main__":
    sys.path[:0] = [str(PROJECT / "src"), str(HERE)]
    what = sys.argv[1]
    if what == "keys":
        _keys_again()
    elif what == "migrate":
        _migrate()
    else:
        _make(int(what))
