"""The people's files."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from palier.journal.models import Access
from palier.people.models import Consent, Contact, Person
from palier.territories import walls
from tests import factories
from tests.web.client import desk_client

pytestmark = pytest.mark.django_db


def carla_client(carla):
    with walls.inside(carla.territory_id):
        return desk_client(carla)


def test_half_a_name_and_half_a_street_find_her(belrive, bruno):
    factories.person(belrive)
    factories.person(belrive, "Georges", "Pinel", phone="+33261913008", street="3 quai Neuf")
    page = desk_client(bruno).get("/personnes/?q=march+til").content.decode()
    assert "<mark>March</mark>and Odette" in page and "Pinel" not in page


def test_nobody_of_that_name_offers_to_open_a_file(belrive, bruno):
    page = desk_client(bruno).get("/personnes/?q=zzz").content.decode()
    assert "Personne de ce nom" in page and "/personnes/nouvelle/?q=zzz" in page


def test_the_list_goes_on_page_by_page_and_back(belrive, bruno):
    for number in range(120):
        factories.person(belrive, "Anne", f"Nom{number:03d}", phone=None, agrees=False)
    client = desk_client(bruno)
    first = client.get("/personnes/")
    second = client.get(first.context["following"] if first.context else _next(first))
    assert "Nom050" in second.content.decode() and "Nom049" not in second.content.decode()
    back = client.get(_link(second, "prev"))
    assert "Nom000" in back.content.decode() and "Nom049" in back.content.decode()


def _link(response, rel):
    import html
    import re

    found = re.search(rf'href="([^"]*)" rel="{rel}"', response.content.decode())
    assert found, f"no {rel} link"
    return html.unescape(found.group(1))


def _next(response):
    return _link(response, "next")


def test_GDP_10_opening_a_file_is_written_down_before_the_answer_leaves(belrive, bruno):
    odette = factories.person(belrive)
    page = desk_client(bruno).get(f"/personnes/{odette.pk}/")
    assert page.status_code == 200 and "Odette Marchand" in page.content.decode()
    line = Access.objects.get()
    assert (line.operation, line.object_kind, line.object_id) == ("read", "people.person", odette.pk)
    assert line.membership_id == bruno.membership_id


def test_the_strip_says_when_nothing_was_agreed(belrive, bruno):
    odette = factories.person(belrive, agrees=False)
    assert "Pas d’accord noté : ne rien transmettre" in _text(
        desk_client(bruno).get(f"/personnes/{odette.pk}/")
    )


def _text(response):
    return response.content.decode().replace("\u00a0", " ")


def test_GDP_15_another_territorys_file_does_not_exist(belrive, bruno, carla):
    odette = factories.person(belrive)
    client = carla_client(carla)
    for address in ("", "modifier/", "proche/"):
        assert client.get(f"/personnes/{odette.pk}/{address}").status_code == 404
    assert (
        client.post(f"/personnes/{odette.pk}/accord/", {"purpose": "partners", "is_given": "yes"}).status_code
        == 404
    )


@pytest.mark.parametrize("role", ["caller", "operator", "partner", "administrator"])
def test_a_role_without_files_gets_403(belrive, role):
    odette = factories.person(belrive)
    client = desk_client(factories.member(belrive, "Paul", "Dehors", role))
    assert client.get(f"/personnes/{odette.pk}/").status_code == 403


def test_a_new_file_takes_a_number_in_any_habit(belrive, bruno):
    form = {
        "title": "madame",
        "first_name": "Lucette",
        "last_name": "Ferrand",
        "phones": "02.61.91.55.01\n+33 (0)6 39 98 11 22",
    }
    response = desk_client(bruno).post("/personnes/nouvelle/", form)
    assert response.status_code == 302
    lucette = Person.objects.get(last_name="Ferrand")
    assert [phone.e164 for phone in lucette.phones.all()] == ["+33261915501", "+33639981122"]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("phones", "12", "numéro"),
        ("birth_on", "2099-01-01", "date"),
        ("last_name", "", "nom"),
        ("last_name", "x" * 100, "60"),
    ],
)
def test_bad_input_is_said_at_its_field_and_nothing_typed_is_lost(belrive, bruno, field, value, said):
    form = {
        "title": "madame",
        "first_name": "Lucette 🌷",
        "last_name": "Ferrand",
        "street": "4 impasse du Lavoir",
    } | {field: value}
    response = desk_client(bruno).post("/personnes/nouvelle/", form)
    page = response.content.decode()
    assert response.status_code == 422
    assert "Lucette 🌷" in page and "4 impasse du Lavoir" in page
    assert said in page and 'aria-invalid="true"' in page
    assert not Person.objects.filter(street="4 impasse du Lavoir").exists()


def test_a_double_click_opens_one_file(belrive, bruno):
    client = desk_client(bruno)
    form = {
        "title": "madame",
        "first_name": "Lucette",
        "last_name": "Ferrand",
        "street": "4 impasse du Lavoir",
    }
    client.post("/personnes/nouvelle/", form)
    again = client.post("/personnes/nouvelle/", form)
    assert again.status_code == 422 and "quand même" in again.content.decode()
    assert Person.objects.filter(last_name="Ferrand").count() == 1


def test_changing_one_field_leaves_the_others_as_a_colleague_changed_them(belrive, bruno, alba):
    from palier.web.people.forms import PersonForm

    odette = factories.person(belrive)
    shown = {
        k: v if not isinstance(v, bool) else ("on" if v else "")
        for k, v in PersonForm.initial_of(odette).items()
    }
    shown = {k: v for k, v in shown.items() if v not in ("", None)}
    desk_client(alba).post(f"/personnes/{odette.pk}/modifier/", shown | {"talk_note": "Parler lentement."})
    odette.refresh_from_db()
    assert odette.talk_note == "Parler lentement."
    assert odette.street == "12 rue des Tilleuls"


def test_a_contact_and_a_consent_are_written(belrive, bruno):
    odette = factories.person(belrive, agrees=False)
    client = desk_client(bruno)
    client.post(
        f"/personnes/{odette.pk}/proche/",
        {
            "name": "Sylvie Carpentier",
            "relation": "child",
            "note": "sa fille, à Rennes",
            "phone": "06 39 98 12 45",
        },
    )
    client.post(f"/personnes/{odette.pk}/accord/", {"purpose": "neighbour_help", "is_given": "yes"})
    assert Contact.objects.get().phone == "+33639981245"
    assert Consent.objects.get().is_given
    page = _text(client.get(f"/personnes/{odette.pk}/"))
    assert "Sylvie Carpentier, sa fille, à Rennes" in page


def test_the_list_and_the_file_cost_the_same_with_two_rows_and_with_twenty(belrive, bruno):
    client = desk_client(bruno)
    odette = factories.person(belrive)
    addresses = ["/personnes/", f"/personnes/{odette.pk}/", "/personnes/?q=anne"]

    def costs():
        found = []
        for address in addresses:
            with CaptureQueriesContext(connection) as captured:
                assert client.get(address).status_code == 200
            found.append(len(captured))
        return found

    factories.person(belrive, "Anne", "Un", phone="+33261913001")
    Contact.objects.create(territory=belrive, person=odette, name="Un", relation="child")
    few = costs()
    for number in range(18):
        factories.person(belrive, "Anne", f"Nom{number}", phone=f"+3326191{number:04d}")
        Contact.objects.create(territory=belrive, person=odette, name=f"Nom {number}", relation="child")
    assert costs() == few
