"""The search field: people shown while one types, why they are there, and a new file for who is not among them."""

import html
import re
from datetime import date

import pytest

from palier.people.models import Person
from palier.people.operations import add_contact, create_person
from palier.territories import walls
from palier.web.people.found import carried_over, marked
from tests import factories
from tests.web.client import desk_client

pytestmark = pytest.mark.django_db
FIELD = {"HX-Request": "true", "HX-Target": "q-found"}


@pytest.fixture
def town(belrive, bruno):
    def person(first, last, born, **fields):
        return create_person(
            first_name=first, last_name=last, birth_on=date.fromisoformat(born), title="madame", city="Belrive",
            actor=bruno, **fields,
        )  # fmt: skip

    return {
        "thibault": person(
            "Odette", "Thibault", "1938-03-14", street="12 rue des Lilas", phones=["02 61 91 47 20"]
        ),
        "moreau": person("Yvonne", "Le Goff", "1942-07-01", birth_name="Moreau", phones=["02 61 91 55 55"]),
        "marchand": person("Suzanne", "Marchand", "1931-01-02"),
    }


def asked(client, typed, **more):
    response = client.get("/personnes/trouver/", {"q": typed, **more}, headers=FIELD)
    assert response.status_code == 200
    return html.unescape(response.content.decode()).replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("typed", "who", "why"),
    [
        ("tibo", "thibault", "« tibo » sonne comme Thibault"),
        ("marchnd", "marchand", "« marchnd » : à une lettre de Marchand"),
        ("moreau yvonne", "moreau", "par son nom de naissance"),
        ("0261914720", "thibault", "même numéro"),
        ("47 20", "thibault", "son numéro : 02 61 91 47 20"),
        ("thibault 1939", "thibault", "mais née le 14/03/1938"),
        ("thibault odette zzz", "thibault", "rien pour « zzz »"),
    ],
)
def test_it_says_why_somebody_was_found(town, bruno, typed, who, why):
    page = asked(desk_client(bruno), typed)
    assert f'href="/personnes/{town[who].pk}/"' in page and why in page


def test_what_is_plain_to_see_is_marked_and_not_explained(town, bruno):
    page = asked(desk_client(bruno), "thib ode")
    assert "<mark>Thib</mark>ault <mark>Ode</mark>tte" in page and "find-why" not in page


def test_the_number_of_somebody_around_her_says_whose_it_is(town, bruno):
    add_contact(town["marchand"].pk, name="Sylvie", relation="child", phone="06 39 98 12 45", actor=bruno)
    page = asked(desk_client(bruno), "06 39 98 12 45")
    assert "Marchand" in page and "numéro de Sylvie, de son entourage" in page


def test_nobody_offers_a_file_with_what_was_typed(town, bruno):
    page = asked(desk_client(bruno), "zzyzx paul")
    assert "Personne pour « zzyzx paul »." in page and "/personnes/nouvelle/?q=zzyzx+paul" in page
    form = desk_client(bruno).get("/personnes/nouvelle/?q=zzyzx+paul").content.decode()
    assert re.search(r'name="last_name"[^>]*value="Zzyzx"', form) and re.search(
        r'name="first_name"[^>]*value="Paul"', form
    )


@pytest.mark.parametrize(
    ("typed", "carried"),
    [
        ("le goff", {"last_name": "Le Goff"}),
        ("kerambrun", {"last_name": "Kerambrun"}),
        ("odette kerambrun", {"first_name": "Odette", "last_name": "Kerambrun"}),
        ("kerambrun 14/03/1938", {"last_name": "Kerambrun", "birth_on": date(1938, 3, 14)}),
        ("kerambrun 02 61 91 47 20", {"last_name": "Kerambrun", "phones": "02 61 91 47 20"}),
        ("kerambrun 12 rue des lilas", {"last_name": "Kerambrun", "street": "12 rue des lilas"}),
        ("", {}),
    ],
)
def test_what_was_looked_for_in_vain_begins_the_new_file(town, typed, carried):
    found = {
        name: str(value).replace("\u00a0", " ") if name == "phones" else value
        for name, value in carried_over(typed).items()
    }
    assert found == carried


def test_for_a_need_the_lines_lead_to_it(town, bruno):
    page = asked(desk_client(bruno), "thibault", pour="besoin")
    assert f'href="/besoins/nouveau/?person={town["thibault"].pk}"' in page and "Tout afficher" not in page


@pytest.mark.parametrize(
    "typed",
    ["", " ", "a", "é", "-", "'", "' or 1=1 --", "%", "_", "\\", "🌻", "🌻🌻 odette", "מרים", "مريم", "\u202eettedo", "x" * 10_000,
     "\x00", "<script>alert(1)</script>", "{{ 7 * 7 }}", "1", "00", "+", "(0)", "١٩٣٨", "99 99 9999", "rue", "le", "m"],
)  # fmt: skip
def test_whatever_is_typed_is_answered(town, bruno, typed):
    answer = desk_client(bruno).get("/personnes/trouver/", {"q": typed}, headers=FIELD)
    assert (
        answer.status_code == 200
        and "<script" not in answer.content.decode()
        and ">49<" not in answer.content.decode()
    )
    listed = desk_client(bruno).get("/personnes/", {"q": typed})
    assert listed.status_code == 200


def test_the_list_keeps_the_order_of_likeness_and_says_why(belrive, town, bruno):
    factories.person(belrive, "Zoé", "Thibaud", phone=None)
    factories.person(belrive, "Anne", "Tibo", phone=None)
    page = html.unescape(desk_client(bruno).get("/personnes/?q=tibo").content.decode()).replace("\u00a0", " ")
    assert page.index("Anne") < page.index("Odette") and page.index("Anne") < page.index("Zoé")
    assert "« tibo » sonne comme Thibaud" in page


def test_SEC_01_another_territorys_people_are_not_found(town, bruno, carla):
    with walls.inside(carla.territory_id):
        client = desk_client(carla)
    assert "Personne pour" in asked(client, "thibault")


def test_the_page_works_without_a_script(town, bruno):
    """The field is a form of its own: Enter shows the list."""
    page = desk_client(bruno).get("/aujourdhui/").content.decode()
    form = re.search(r'<form class="find"[^>]*>.*?</form>', page, re.S)
    assert form and 'action="/personnes/"' in form[0] and 'method="get"' in form[0] and 'name="q"' in form[0]


def test_who_left_is_found_and_said(town, bruno):
    Person.objects.filter(pk=town["marchand"].pk).update(state="deceased")
    assert "Décédée" in asked(desk_client(bruno), "marchand")


@pytest.mark.parametrize(
    ("sentence", "words", "shown"),
    [
        ("L’Œillet-Ségur", ("oei", "seg"), "L’<mark>Œi</mark>llet-<mark>Ség</mark>ur"),
        ("Hélène", ("helene",), "<mark>Hélène</mark>"),
        ("He\u0301le\u0300ne", ("hel",), "<mark>He\u0301l</mark>e\u0300ne"),
        ("<b>", ("b",), "&lt;<mark>b</mark>&gt;"),
        ("Marchand", (), "Marchand"),
    ],
)
def test_the_beginning_that_was_typed_is_marked(sentence, words, shown):
    assert str(marked(sentence, words)) == shown
