"""Finding a person by half a name, street, number or year."""

from datetime import date

import psycopg
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from palier.kernel.text import fold
from palier.people.finding import everybody, find, search
from palier.people.jobs import index_waiting
from palier.people.models import Person
from palier.people.operations import add_contact, create_person
from palier.territories import walls
from tests import factories


@pytest.fixture
def three(belrive, bruno):
    odette = create_person(
        first_name="Odette", last_name="Marchand", street="12 rue des Tilleuls", city="Belrive",
        birth_on=date(1942, 3, 2), phones=["02 61 91 47 20"], actor=bruno,
    )  # fmt: skip
    helene = create_person(
        first_name="Hélène", last_name="L’Œillet-Ségur", street="3 allée des Lilas", city="Belrive",
        birth_on=date(1938, 7, 1), phones=["06 39 98 40 17"], actor=bruno,
    )  # fmt: skip
    jean = create_person(
        first_name="Jean", last_name="Le Goff", street="4 rue de Nantes", city="Belrive", actor=bruno
    )
    return odette, helene, jean


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("march", [0]),
        ("MARCHÂND  odet", [0]),
        ("march till", [0]),
        ("rue des tilleuls", [0]),
        ("oeillet", [1]),
        ("segur helene", [1]),
        ("le goff", [2]),
        ("goff jean", [2]),
        ("belrive", [1, 2, 0]),
        ("1942", [0]),
        ("odette 1942", [0]),
        ("odette 1938", []),
        ("47 20", [0]),
        ("4720", [0]),
        ("02 61 91", [0]),
        ("+33 2 61 91", [0]),
        ("02.61.91.47.20", [0]),
        ("marchand 02 61 91 47 20", [0]),
        ("0639984017", [1]),
        ("zzz", []),
        ("", []),
        ("   ", []),
        ("%", []),
        ("' or 1=1 --", []),
        ("\x00", []),
    ],
)
def test_what_is_typed_finds(three, bruno, typed, found):
    assert search(typed, actor=bruno) == [three[place] for place in found]


def test_the_number_of_somebody_around_her_finds_her(three, bruno):
    add_contact(three[0].pk, name="Sylvie", relation="child", phone="06 39 98 12 45", actor=bruno)
    assert search("06 39 98 12 45", actor=bruno) == [three[0]]


def test_SEC_02_who_may_not_see_files_finds_nobody(three, belrive, carla):
    operator = factories.actor(factories.member(belrive, "Otto", "Opérateur", "operator"))
    assert search("march", actor=operator) == []
    assert search("march", actor=carla) == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60))
def test_whatever_is_typed_is_answered(three, bruno, text):
    assert isinstance(search(text, actor=bruno), list)


def test_three_people_or_thirty_cost_the_same_number_of_queries(three, belrive, bruno):
    factories.person(belrive, "Anne", "Belriveau", phone=None)
    with CaptureQueriesContext(connection) as few:
        search("belrive", actor=bruno)
    for number in range(16):
        factories.person(belrive, f"Prénom{number}", "Belriveau", phone=f"+3326191{number:04d}")
    with CaptureQueriesContext(connection) as many:
        assert len(search("belrive", actor=bruno)) == 20
    assert len(few) == len(many)


@pytest.mark.django_db(transaction=True)
def test_a_search_never_reads_the_whole_table(now):
    """Many people behind the wall: the planner must use the indexes (leak-proof comparisons)."""
    with transaction.atomic():
        town = factories.territory()
        bruno = factories.actor(factories.member(town))
        fill(town.pk, 6_000)
    index_waiting(town.pk, most=20_000)
    analyse("people_person", "people_searchword", "people_searchname", "people_namekey", "people_nameword")
    asked: list[tuple[str, object]] = []

    def remember(execute, sql, params, many, context):
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with walls.inside(town.pk):
        for typed in [
            "nom123", "nom1 prenom1", "4712", "prenom7 nom19", "p n", "belrive zzz", "nmo123 prenom7", "nom123 1938", "1938",
            "84 ans", "nom12 haute", "prenom7 haute 1938", "nom19 4712", "zzz",
        ]:  # fmt: skip
            asked.clear()
            with connection.execute_wrapper(remember):
                search(typed, actor=bruno)
            for sql, params in list(asked):
                if "people_" in sql:
                    assert not read_through(explained(sql, params)) & LARGE, (typed, sql)


LARGE = {"people_person", "people_searchword", "people_searchname", "people_namekey", "people_nameword"}


def read_through(plan: dict) -> set[str]:
    """The tables that a plan reads from one end to the other."""
    found = {plan["Relation Name"]} if plan["Node Type"] == "Seq Scan" else set()
    return found.union(*(read_through(part) for part in plan.get("Plans", [])))


def explained(sql: str, params: object) -> dict:
    raw = psycopg.Cursor(connection.connection) if "$" not in sql and isinstance(params, dict) else None
    with raw or connection.cursor() as cursor:
        cursor.execute("explain (format json) " + sql, params)
        (plan,) = cursor.fetchone()[0]
    return plan["Plan"]


def analyse(*tables: str) -> None:
    """What autovacuum does within a minute; only the owner of a table may."""
    settings = connection.settings_dict
    place = {"host": settings["HOST"], "port": settings["PORT"] or None, "dbname": settings["NAME"]}
    with psycopg.connect(**place, user="palier_owner", autocommit=True) as owner:
        for table in tables:
            owner.execute(f"analyze {table}")


def fill(territory_id: int, count: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into people_person (territory_id, title, first_name, last_name, birth_name, state, street,
              access, postcode, city, insee, lives_alone, language, talk_note, home_note, has_stairs,
              has_pets, telecare_number, search_text, created_at)
            select %s, 'none', 'Prenom' || n %% 300, 'Nom' || n, '', 'active', n || ' rue Haute',
              '', '', 'Belrive', '', false, 'fr', '', '', false, false,
              '', 'nom' || n || ' prenom' || n %% 300, now()
            from generate_series(1, %s) n
            """,
            [territory_id, count],
        )


# --- what is promised -------------------------------------------------------------------------------------------

NAMES = [
    ("Odette", "Marchand"), ("Hélène", "L’Œillet-Ségur"), ("Jean", "Le Goff"), ("Marie-Thérèse", "Lefebvre"),
    ("Thi-Mai", "Nguyen"), ("Fatima", "Benali"), ("Conceição", "Gonçalves"), ("Jean-Pierre", "de La Tour"),
    ("Yvonne", "Quéméneur"), ("Georges", "Thibault"), ("Andrée", "Gauthier"), ("Li", "Wu"),
]  # fmt: skip


@pytest.fixture
def many(belrive, bruno):
    return {
        names: create_person(
            first_name=names[0], last_name=names[1], birth_name="Kerambrun" if place == 0 else "",
            birth_on=date(1930 + place, 3, 1 + place), street=f"{place + 1} rue des Lilas", city="Belrive", actor=bruno,
        )
        for place, names in enumerate(NAMES)
    }  # fmt: skip


@pytest.mark.parametrize("names", NAMES, ids=str)
def test_everybody_is_found_first_by_her_own_name_in_any_order_and_dress(many, bruno, names):
    first, last = names
    person = many[names]
    for typed in (
        f"{last} {first}", f"{first} {last}", f"{last} {first}".upper(), fold(f"{last} {first}"), f"Mme {last} {first}",
        f"{last} {person.birth_on.year}", f"{first} {person.birth_on:%d/%m/%Y}", f"{last} {first} rue des lilas",
        f"{last} lilas {person.birth_on.year}",
    ):  # fmt: skip
        assert search(typed, actor=bruno)[:1] == [person], typed


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(NAMES[:-1]),
    st.sampled_from(["left out", "put in", "changed", "exchanged"]),
    st.integers(0, 30),
    st.sampled_from("abcdefghijklmnopqrstuvwxyz"),
)
def test_everybody_is_found_with_one_slip_in_her_surname(many, bruno, names, kind, place, sign):
    first, last = names
    word = "".join(fold(last).split())
    place %= min(len(word), 10)
    typed = {
        "left out": word[:place] + word[place + 1 :],
        "put in": word[:place] + sign + word[place:],
        "changed": word[:place] + sign + word[place + 1 :],
        "exchanged": word[:place] + word[place : place + 2][::-1] + word[place + 2 :],
    }[kind]
    assert many[names] in search(f"{typed} {first}", actor=bruno)
    assert many[names] in search(f"{typed} {many[names].birth_on.year}", actor=bruno)


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("legof", 2), ("lefevre marie", 3), ("lefebure marie therese", 3), ("n'guyen", 4), ("ben ali", 5), ("gonsalves", 6),
        ("kemeneur", 8), ("tibo", 9), ("gotié", 10), ("gotier andré", 10), ("kerambrun odette", 0), ("kerembrun", 0),
        ("delatour", 7), ("la tour jean pierre", 7), ("j p de la tour", 7), ("oeillet", 1), ("segur h", 1), ("wu li", 11),
        ("thibaud georges 1939", 9), ("thibaud jorge 1939", 9), ("96 ans marchand", 0), ("marchant lilas", 0),
    ],
)  # fmt: skip
def test_what_was_half_heard_finds_her_first(many, bruno, typed, names):
    assert search(typed, actor=bruno)[:1] == [many[NAMES[names]]]


def test_what_is_the_same_stands_before_what_begins_so_sounds_so_or_is_a_letter_away(belrive, bruno):
    made = {}
    for last in ("Maurin", "Morin", "Morinet", "Morix", "Dupont"):
        made[last] = create_person(first_name="Anne", last_name=last, actor=bruno)
    found = [person.last_name for person in search("morin anne", actor=bruno)]
    assert found == ["Morin", "Morinet", "Maurin", "Morix"]


def test_a_year_heard_wrong_still_shows_her_after_those_of_the_year(belrive, bruno):
    near = create_person(first_name="Odette", last_name="Marchand", birth_on=date(1941, 1, 1), actor=bruno)
    exact = create_person(first_name="Odette", last_name="Marchand", birth_on=date(1942, 1, 1), actor=bruno)
    assert [found.person for found in find("marchand odette 1942", actor=bruno)] == [exact, near]
    assert search("marchand odette 1942", actor=bruno) == [exact]


def test_of_a_long_list_an_export_leaves_nobody_out(belrive, bruno):
    people = [
        create_person(first_name=f"Anne{letter}", last_name="Marchand", street="3 rue Haute", actor=bruno)
        for letter in "abcdefghijklmnopqrstuvwxyz" * 3
        if not Person.objects.filter(first_name=f"Anne{letter}").exists()
    ]
    assert len(everybody("marchand haute", actor=bruno, limit=1000)) == len(people)
    assert everybody("marchant", actor=bruno, limit=1000) != []
    assert everybody("", actor=bruno, limit=1000) == []


def test_of_a_common_name_the_one_of_the_year_is_not_lost(belrive, bruno):
    """More people of one name than one look into the index takes."""
    for number in range(30):
        factories.person(
            belrive, "Nicole", "Bernard", phone=None, agrees=False, birth_on=date(1920 + number, 1, 1)
        )
    hers = factories.person(belrive, "Nicole", "Bernard", phone=None, agrees=False, birth_on=date(1952, 5, 1))
    assert search("brenard nicome 1952", actor=bruno)[:1] == [hers]
