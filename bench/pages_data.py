"""The territory of the pages bench: 100,000 people and 1,000,000 journal rows, made with COPY in a cluster of its own.

`make()` fills it once and keeps it in var/bench; `freshen()` brings the board to today and opens a session before
each run; `start_calls()` prepares calls that are ready to be written down. Everything is invented.
"""

import random
import secrets
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg

# Changing this, or the shape of the database, makes the data anew.
VERSION = "1"
PEOPLE, JOURNAL = 100_000, 1_000_000
# The neighbours behind the wall: their rows are in the same tables.
OTHER_PEOPLE, OTHER_JOURNAL = 5_000, 50_000
NEEDS, CALLS, CONCERNS, AGENTS = 4_000, 20_000, 300, 12
ON_THE_BOARD, LATE, DONE_TODAY, UNOWNED, VISITS = 70, 8, 24, 14, 12
# One person in five is called about often; the bench opens their files.
OFTEN = 5

FIRST = (
    "Odette Lucienne Marcel Yvonne Raymond Simone André Denise Roger Jeannine Maurice Ginette Robert Paulette Henri"
    " Colette Georges Suzanne Lucien Madeleine Fernand Germaine Émile Huguette Gaston Hélène Léon Thérèse Aimé Zoé"
).split()
LAST = (
    "Marchand Delorme Perrin Vasseur Lemoine Garnier Chevallier Masson Renaud Barbier Fontaine Rousseau Leclerc Aubert"
    " Collet Marty Hubert Bertin Lacroix Guérin Picard Roy Clément Gauthier Mathieu Besson Poirier Caron Noël Berger"
    " Moulin Riviere Deschamps Laurent Maillard Prévost Charpentier Tessier Bailly Colin"
).split()
STREETS = (
    "rue des Tilleuls|avenue de la Loire|place du Marché|rue Jean-Moulin|chemin des Vignes|quai de la Sauzaie|"
    "impasse du Four|rue de l’Écluse|boulevard Carnot|allée des Acacias|rue du Bac|cour des Moulins"
).split("|")
RANGES = ("+3319900", "+3326191", "+3335301", "+3346571", "+3353649", "+3363998")
WORDS = "Elle va comme toujours. A parlé de ses courses de la semaine et de sa voisine du dessous, qui est rentrée."


@dataclass(frozen=True)
class Ground:
    """What the runs need to know of the data."""

    territory: int
    membership: int
    user: int
    organisation: int
    first_person: int
    often: list[int]
    list_keys: list[tuple[str, int]]


def make(url: str) -> None:
    """Fill an empty, migrated database; Django is set up on it already, as its owner."""
    since = time.monotonic()
    with psycopg.connect(url) as db:
        # The superuser of a private cluster: foreign keys and duty triggers are not asked a million times.
        db.execute("set session_replication_role = replica")
        for code, name, people, journal in (
            ("belrive", "Belrive", PEOPLE, JOURNAL),
            ("valmont", "Valmont", OTHER_PEOPLE, OTHER_JOURNAL),
        ):
            _territory(db, code, name, people, journal)
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("vacuum (freeze, analyze)")
    print(f"data made in {time.monotonic() - since:.0f} s", file=sys.stderr)


def _territory(db: psycopg.Connection[Any], code: str, name: str, people: int, journal: int) -> None:
    from palier.accounts.models import Membership, User
    from palier.calls.models import CallReason
    from palier.kernel import clock
    from palier.territories.models import Commune, HelpKind, OpeningHours, Organisation, Team, Territory
    from palier.volunteers.models import Volunteer

    town = Territory.objects.create(
        code=code, name=name, sender_name=f"CCAS {name}"[:11], public_phone="+33261910012",
        public_host=f"palier.{code}.example", note_of_the_day="Canicule : demander à chacune si elle boit assez.",
        note_by="Alba Moreau", note_at=clock.now(),
    )  # fmt: skip
    ccas = Organisation.objects.create(
        territory=town,
        kind="ccas",
        name=f"CCAS de {name}",
        short_name="CCAS",
        phone="+33261910012",
        is_lead=True,
    )
    Commune.objects.create(territory=town, organisation=ccas, insee="45999", name=name, postcode="45990")
    team = Team.objects.create(territory=town, organisation=ccas, name="Accueil", answers_the_phone=True)
    OpeningHours.objects.bulk_create(
        OpeningHours(territory=town, organisation=ccas, weekday=day, opens_at="09:00", closes_at="17:00")
        for day in range(5)
    )
    kinds = HelpKind.objects.bulk_create(
        HelpKind(territory=town, code=c, name=n, in_a_message=m, order=order)
        for order, (c, n, m) in enumerate(
            [("shopping", "Courses", "de courses"), ("visit", "Visite de courtoisie", "d'une visite"),
             ("paperwork", "Papiers", "d'aide pour des papiers"), ("repairs", "Petit bricolage", "d'un bricolage")]
        )
    )  # fmt: skip
    CallReason.objects.bulk_create(
        CallReason(territory=town, code=c, name=n, order=order)
        for order, (c, n) in enumerate(
            [
                ("talk", "Parler, être rassurée"),
                ("help", "Coup de main"),
                ("information", "Renseignement"),
                ("other", "Autre"),
            ]
        )
    )
    members = []
    for number in range(AGENTS):
        user = User(
            email=f"agent{number}@{code}.example", first_name=FIRST[number % len(FIRST)],
            last_name=LAST[number % len(LAST)], password="!",
        )  # fmt: skip
        user.save()
        members.append(
            Membership.objects.create(
                territory=town, organisation=ccas, user=user, team=team,
                role="coordinator" if number == 1 else "agent", starts_at=clock.now() - timedelta(days=900),
            )
        )  # fmt: skip
    Volunteer.objects.bulk_create(
        Volunteer(
            territory=town, first_name="Michel", last_name=f"Lefort {n}", gender="man", phone=f"+3363998{n:04}",
            state="active", identity_seen_on=date(2026, 1, 5), interview_on=date(2026, 1, 5),
            charter_signed_on=date(2026, 1, 5), search_text=f"lefort {n} michel",
        )
        for n in range(VISITS)
    )  # fmt: skip
    _people(db, town.pk, name, people)
    values = {
        "t": town.pk, "o": ccas.pk, "team": team.pk, "members": [m.pk for m in members], "kinds": [k.pk for k in kinds],
        "people": people, "journal": journal, "often": OFTEN, "needs": NEEDS * people // PEOPLE,
        "calls": CALLS * people // PEOPLE, "concerns": CONCERNS * people // PEOPLE, "words": WORDS,
    }  # fmt: skip
    # The ORM committed above; what follows belongs to the same data and is checked by `ground`.
    for statement in STATEMENTS:
        db.execute(statement, values)
    db.commit()


# Journal: four rows in five are about the people who are called about often, so that a file has a full page.
STATEMENTS = (
    """insert into journal_entry (territory_id, code, at, actor_kind, actor_name, membership_id, subject_kind, subject_id,
                                  person_id, data, personal)
       select %(t)s, case n %% 4 when 3 then 'needs.opened' else 'calls.logged' end,
              now() - (n %% 700) * interval '1 day' - (n %% 1440) * interval '1 minute', 'member', 'Odette Marchand',
              (%(members)s::bigint[])[1 + n %% 12], case n %% 4 when 3 then 'needs.need' else 'calls.call' end, n,
              first.id + case when n %% 5 < 4 then ((n::bigint * 7919) %% (%(people)s / %(often)s)) * %(often)s
                              else (n::bigint * 6007) %% %(people)s end,
              case n %% 4 when 3 then '{"kind": "Courses", "is_woman": true}'::jsonb
                else '{"who": "self", "direction": "inbound", "mood": "as_usual", "next": "nothing", "reasons": ["talk"],
                       "by": "Odette Marchand", "is_woman": true}'::jsonb end,
              case n %% 4 when 3 then '{}'::jsonb else jsonb_build_object('name', '', 'words', %(words)s::text) end
       from generate_series(1, %(journal)s) n,
            (select min(id) as id from people_person where territory_id = %(t)s) first""",
    """insert into needs_need (territory_id, person_id, kind_id, state, outcome, source, starts_at, ends_at, is_flexible,
              minutes, what, details, words_reason, gender_wanted, language, conditions, wish, owner_id, opened_at,
              opened_by, closed_by)
       select %(t)s, first.id + (n * 5), (%(kinds)s::bigint[])[1 + n %% 4], 'to_propose', '', 'call',
              now() + (1 + n %% 20) * interval '1 day', now() + (1 + n %% 20) * interval '1 day' + interval '3 hours', false,
              45, 'courses à la supérette', 'La liste est sur la table.', '', '', '', '[]', '',
              (%(members)s::bigint[])[1 + n %% 12], now() - (n %% 9) * interval '1 hour', 'Odette Marchand', ''
       from generate_series(1, %(needs)s) n,
            (select min(id) as id from people_person where territory_id = %(t)s) first""",
    """insert into duties_duty (territory_id, kind, subject_kind, subject_id, person_id, label, organisation_id, owner_id,
              due_at, opened_at, settled_by, level, climbs_at, acknowledged_by)
       select n.territory_id, 'find_somebody', 'needs.need', n.id, n.person_id, k.name || ' à la supérette', %(o)s, n.owner_id,
              n.starts_at - interval '12 hours', n.opened_at, '', 0, n.starts_at, ''
       from needs_need n join territories_helpkind k on k.id = n.kind_id where n.territory_id = %(t)s""",
    """insert into concerns_concern (territory_id, person_id, facts, urgency, source, reported_by, opened_at, owner_id, outcome,
              what_was_done, closed_by)
       select %(t)s, first.id + (n * 15), 'Volets fermés depuis deux jours, ne répond pas au téléphone.', 'week', 'agent',
              'Odette Marchand', now() - interval '1 hour', (%(members)s::bigint[])[1 + n %% 12], '', '', ''
       from generate_series(1, %(concerns)s) n,
            (select min(id) as id from people_person where territory_id = %(t)s) first""",
    """insert into duties_duty (territory_id, kind, subject_kind, subject_id, person_id, label, organisation_id, owner_id,
              due_at, opened_at, settled_by, level, climbs_at, acknowledged_by)
       select c.territory_id, 'look_at_concern', 'concerns.concern', c.id, c.person_id, 'Volets fermés', %(o)s, c.owner_id,
              now() + interval '5 days', c.opened_at, '', 0, now() + interval '6 days', ''
       from concerns_concern c where c.territory_id = %(t)s""",
    """insert into calls_call (territory_id, direction, provider, call_key, number, number_raw, is_withheld, state, rang_at,
              answered_at, ended_at, answered_by_id, person_id, who, who_name, mood, words, next, danger_service, logged_at,
              logged_by_id, logging_seconds, closed_at, closing_note)
       select %(t)s, 'inbound', 'bench', 'past-' || n, '+33261910000', '', false, 'logged', at, at, at + interval '4 minutes',
              (%(members)s::bigint[])[1 + n %% 12], first.id + (n * 3) %% %(people)s, 'self', '', 'as_usual', %(words)s, 'nothing',
              '', at + interval '5 minutes', (%(members)s::bigint[])[1 + n %% 12], 40, at + interval '5 minutes', ''
       from (select n, now() - n * interval '20 minutes' as at from generate_series(1, %(calls)s) n) past,
            (select min(id) as id from people_person where territory_id = %(t)s) first""",
)


def _people(db: psycopg.Connection[Any], territory: int, city: str, count: int) -> None:
    from palier.people.indexing import search_text_of, search_words_of

    chance = random.Random(territory)
    first = db.execute("select coalesce(max(id), 0) + 1 from people_person").fetchone()[0]  # type: ignore[index]
    rows: list[tuple[Any, ...]] = []
    numbers: list[list[str]] = []
    words: list[list[str]] = []
    for _number in range(count):
        names = chance.choice(FIRST), chance.choice(LAST)
        names = (names[0], names[1] if chance.random() < 0.4 else f"{names[1]}-{chance.choice(LAST)}")
        street = f"{chance.randrange(1, 140)} {chance.choice(STREETS)}"
        born = date(1926, 1, 1) + timedelta(days=chance.randrange(12_000))
        own = [
            f"{chance.choice(RANGES)}{chance.randrange(10_000):04}"
            for _n in range(1 + (chance.random() < 0.3))
        ]
        text = {"first_name": names[0], "last_name": names[1], "street": street, "city": city}
        rows.append(
            (territory, chance.choice(["madame", "madame", "monsieur"]), *names, "", born, "active", street,
             "2e étage à gauche, sans ascenseur", "45990", city, "45999", chance.random() < 0.7, "fr",
             "Parler lentement, du côté droit.", "La clé est chez la gardienne.", chance.random() < 0.3,
             chance.random() < 0.2, "", search_text_of(**text), datetime.now(UTC))
        )  # fmt: skip
        numbers.append(list(dict.fromkeys(own)))
        words.append(search_words_of(**text, birth_on=born, numbers=own))
    columns = (
        "territory_id, title, first_name, last_name, birth_name, birth_on, state, street, access, postcode, city, insee,"
        " lives_alone, language, talk_note, home_note, has_stairs, has_pets, telecare_number, search_text, created_at, id"
    )
    ids = range(first, first + count)
    _copy(db, f"people_person ({columns})", ((*row, pk) for row, pk in zip(rows, ids, strict=True)))
    db.execute("select setval(pg_get_serial_sequence('people_person', 'id'), %s)", [first + count])
    _copy(
        db, 'people_phonenumber (territory_id, person_id, e164, raw, "order")',
        ((territory, pk, e164, e164, n) for pk, own in zip(ids, numbers, strict=True) for n, e164 in enumerate(own)),
    )  # fmt: skip
    _copy(
        db, "people_searchword (territory_id, person_id, word)",
        ((territory, pk, word) for pk, found in zip(ids, words, strict=True) for word in found),
    )  # fmt: skip
    _copy(
        db, "people_consent (territory_id, person_id, purpose, is_given, at, channel, noted_by)",
        ((territory, pk, purpose, chance.random() < 0.9, datetime.now(UTC), "phone", "Odette Marchand")
         for pk in ids for purpose in ("neighbour_help", "welfare_calls")),
    )  # fmt: skip
    _copy(
        db,
        "people_contact (territory_id, person_id, name, relation, note, phone, \"order\", has_key, is_professional,"
        " do_not_contact)",
        ((territory, pk, f"{chance.choice(FIRST)} {chance.choice(LAST)}", relation, note,
          f"{chance.choice(RANGES)}{chance.randrange(10_000):04}", n, n == 0, n == 1, False)
         for pk in ids for n, (relation, note) in enumerate([("child", "sa fille, à Rennes"), ("nurse", "")])),
    )  # fmt: skip


def _copy(db: psycopg.Connection[Any], into: str, rows: Iterator[tuple[Any, ...]]) -> None:
    with db.cursor().copy(f"copy {into} from stdin") as copy:
        for row in rows:
            copy.write_row(row)


def freshen(url: str) -> Ground:
    """Today's board for the agent, twelve visits, the list's keys. Repeatable."""
    with psycopg.connect(url) as db:
        db.execute("set session_replication_role = replica")
        town, organisation, team = db.execute(
            "select t.id, o.id, team.id from territories_territory t join territories_organisation o on o.territory_id = t.id"
            " join territories_team team on team.organisation_id = o.id where t.code = 'belrive'"
        ).fetchone()  # type: ignore[misc]
        membership, user = db.execute(
            "select m.id, m.user_id from accounts_membership m join accounts_user u on u.id = m.user_id"
            " where u.email = 'agent0@belrive.example'"
        ).fetchone()  # type: ignore[misc]
        first = db.execute("select min(id) from people_person where territory_id = %s", [town]).fetchone()[0]  # type: ignore[index]
        values = {
            "t": town, "o": organisation, "team": team, "me": membership, "board": ON_THE_BOARD, "late": LATE,
            "done": DONE_TODAY, "unowned": UNOWNED, "visits": VISITS,
        }  # fmt: skip
        db.execute("delete from duties_duty where territory_id = %(t)s and kind = 'follow_visit'", values)
        db.execute("delete from visits_visit where territory_id = %(t)s", values)
        db.execute("delete from matching_offer where territory_id = %(t)s", values)
        db.execute("delete from matching_wave where territory_id = %(t)s", values)
        db.execute("delete from duties_duty where territory_id = %(t)s and settled_at is not null", values)
        for statement in TODAY:
            db.execute(statement, values)
        db.execute("delete from mfa_authenticator where user_id = %s", [user])
        # As in production a second factor is asked of everybody who works here; this agent has one.
        db.execute(
            "insert into mfa_authenticator (user_id, type, data, created_at) values (%s, 'totp', '{}', now())",
            [user],
        )
        keys = db.execute(
            "select search_text, id from people_person where territory_id = %s and id %% 37 = 0", [town]
        ).fetchall()
        # Four in five of these have fifty lines in their journal (see STATEMENTS); the others have none.
        often = [first + n * OFTEN for n in range(1, PEOPLE // OFTEN) if n % 5 != 1]
    _visits(town, membership)
    with psycopg.connect(url, autocommit=True) as db:
        db.execute(
            "vacuum analyze duties_duty, visits_visit, calls_call, calls_calldraft, calls_callforreason, journal_access"
        )
    return Ground(town, membership, user, organisation, first, often, keys)


TODAY = (
    # The agent's own needs: some late, most today, the others on later days.
    """with mine as (select d.id, row_number() over (order by d.subject_id) as n from duties_duty d
                     where d.territory_id = %(t)s and d.owner_id = %(me)s and d.kind = 'find_somebody')
       update duties_duty d set due_at = case
           when n <= %(late)s then now() - (n * interval '1 day')
           when n <= %(board)s then least(now() + n * interval '3 minutes', date_trunc('day', now()) + interval '22 hours')
           else now() + interval '3 days' + n * interval '1 hour' end,
         level = case when n <= 2 then 1 else 0 end
       from mine where mine.id = d.id""",
    """insert into duties_duty (territory_id, kind, subject_kind, subject_id, person_id, label, organisation_id, owner_id,
              due_at, opened_at, settled_at, settled_by, level, acknowledged_by)
       select %(t)s, 'log_call', 'calls.call', c.id, c.person_id, 'A appelé ce matin', %(o)s, %(me)s, now(),
              now() - interval '2 hours', now() - interval '1 minute', 'Odette Marchand', 0, ''
       from (select id, person_id from calls_call where territory_id = %(t)s and call_key like 'past-%%' limit %(done)s) c""",
    """delete from duties_duty where territory_id = %(t)s and kind = 'call_back'""",
    """insert into duties_duty (territory_id, kind, subject_kind, subject_id, person_id, label, organisation_id, team_id, due_at,
              opened_at, settled_by, level, climbs_at, acknowledged_by)
       select %(t)s, 'call_back', 'calls.plannedcall', -n, p.id, 'Rappel promis hier', %(o)s, %(team)s,
              now() + n * interval '10 minutes', now() - interval '1 hour', '', 0, now() + interval '3 hours', ''
       from (select id, row_number() over () as n from people_person where territory_id = %(t)s limit %(unowned)s) p""",
)


def _visits(territory: int, membership: int) -> None:
    """Neighbours on their way today, each asked in a wave of its own."""
    from django.db import transaction

    from palier.accounts.models import Membership
    from palier.duties.models import Duty
    from palier.kernel import clock
    from palier.matching.models import Offer, Wave
    from palier.needs.models import Need
    from palier.visits.models import Visit
    from palier.volunteers.models import Volunteer

    now = clock.now()
    starts, ends = now + timedelta(seconds=30), now + timedelta(minutes=40)
    me = Membership.objects.get(pk=membership)
    neighbours = Volunteer.objects.filter(territory_id=territory).order_by("pk")
    needs = Need.objects.filter(territory_id=territory).exclude(owner=me).order_by("pk")[:VISITS]
    with transaction.atomic():
        for neighbour, need in zip(neighbours, needs, strict=True):
            wave = Wave.objects.create(
                territory_id=territory, need=need, number=1, confirmed_by=me, answers_by=now + timedelta(hours=1),
                starts_at=starts, ends_at=ends, outcome="accepted", closed_at=now,
            )  # fmt: skip
            offer = Offer.objects.create(
                territory_id=territory, need=need, wave=wave, volunteer=neighbour, rank=1, state="accepted",
                answered_at=now, answered_how="link",
            )  # fmt: skip
            visit = Visit.objects.create(
                territory_id=territory, need=need, person_id=need.person_id, volunteer=neighbour, offer=offer,
                starts_at=starts, ends_at=ends,
            )  # fmt: skip
            Duty.objects.create(
                territory_id=territory, kind="follow_visit", subject_kind="visits.visit", subject_id=visit.pk,
                person_id=need.person_id, organisation_id=me.organisation_id, owner_id=need.owner_id,
                due_at=ends, climbs_at=ends + timedelta(hours=1),
            )  # fmt: skip


def open_session(ground: Ground) -> str:
    """A sign-in of the agent, as the sign-in page leaves it; gives its key."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from palier.accounts.models import Session, User
    from palier.accounts.session import SessionStore
    from palier.kernel import clock

    user = User.objects.get(pk=ground.user)
    key = secrets.token_hex(16)
    Session.objects.create(
        session_key=key,
        session_data=SessionStore().encode(
            {
                SESSION_KEY: str(user.pk),
                BACKEND_SESSION_KEY: "allauth.account.auth_backends.AuthenticationBackend",
                HASH_SESSION_KEY: user.get_session_auth_hash(),
                "membership_id": ground.membership,
                "territory_id": ground.territory,
            }
        ),
        expire_date=clock.now() + timedelta(hours=12),
        user=user,
        membership_id=ground.membership,
        territory_id=ground.territory,
    )
    return key


def start_calls(url: str, ground: Ground, count: int) -> list[tuple[int, int]]:
    """Answered calls of the agent that wait to be written down, each from another person's telephone: (call, person)."""
    with psycopg.connect(url) as db:
        db.execute("set session_replication_role = replica")
        made = db.execute(
            """insert into calls_call (territory_id, direction, provider, call_key, number, number_raw, is_withheld, state,
                      rang_at, answered_at, answered_by_id, who, who_name, mood, words, next, danger_service, closing_note)
               select %(t)s, 'inbound', 'bench', 'now-' || gen_random_uuid(), f.e164, f.e164, false, 'answered', now(), now(),
                      %(me)s, '', '', '', '', '', '', ''
               from (select e164 from people_phonenumber where territory_id = %(t)s and "order" = 0
                     and person_id >= %(from)s order by person_id limit %(count)s) f
               returning id, number""",
            {
                "t": ground.territory,
                "me": ground.membership,
                "count": count,
                "from": ground.first_person + random.randrange(PEOPLE - count - 1),
            },
        ).fetchall()
        db.execute(
            """insert into duties_duty (territory_id, kind, subject_kind, subject_id, label, organisation_id, owner_id, due_at,
                      opened_at, settled_by, level, climbs_at, acknowledged_by)
               select %s, 'log_call', 'calls.call', n, '', %s, %s, now() + interval '2 days', now(), '', 0,
                      now() + interval '3 days', ''
               from unnest(%s::bigint[]) n""",
            [ground.territory, ground.organisation, ground.membership, [pk for pk, _number in made]],
        )
        people = dict(
            db.execute(
                "select e164, min(person_id) from people_phonenumber where territory_id = %s group by e164",
                [ground.territory],
            ).fetchall()
        )
    return [(pk, people[number]) for pk, number in made]


def logged(url: str, calls: list[tuple[int, int]]) -> int:
    """How many of these calls are written down, each with its journal line, its reason and its settled duty."""
    with psycopg.connect(url) as db:
        return int(
            db.execute(
                """select count(*) from calls_call c where c.id = any(%s) and c.state = 'logged'
                   and exists (select 1 from journal_entry e where e.subject_kind = 'calls.call' and e.subject_id = c.id)
                   and exists (select 1 from calls_callforreason r where r.call_id = c.id)
                   and exists (select 1 from duties_duty d where d.subject_kind = 'calls.call' and d.subject_id = c.id
                               and d.settled_at is not null)""",
                [[pk for pk, _person in calls]],
            ).fetchone()[0]  # type: ignore[index]
        )


def tidy(url: str) -> None:
    """Take away what the runs wrote, so that the next run meets the same tables."""
    with psycopg.connect(url) as db:
        db.execute("set session_replication_role = replica")
        for statement in (
            "delete from calls_calldraft",
            "delete from calls_callforreason",
            "delete from duties_duty where subject_kind = 'calls.call' and settled_at is null",
            "delete from duties_duty where subject_kind = 'calls.call'"
            " and subject_id in (select id from calls_call where call_key like 'now-%')",
            "delete from journal_entry where subject_kind = 'calls.call'"
            " and subject_id in (select id from calls_call where call_key like 'now-%')",
            "delete from calls_call where call_key like 'now-%'",
            "truncate journal_access",
            "delete from accounts_session",
        ):
            db.execute(statement)
