"""The screens of the same person twice."""

import pytest

from palier.people import operations
from palier.people.models import Double, JoinedFile, Person
from tests import factories
from tests.web.client import desk_client

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(belrive):
    odette = factories.person(belrive)
    again = factories.person(belrive, "Odette", "Marchant", talk_note="Entend mal à droite.")
    operations.propose_doubles(actor=factories.actor(factories.member(belrive, "Cora", role="coordinator")))
    return odette, again


def text(response) -> str:
    return response.content.decode().replace("\u00a0", " ")


def test_while_typing_the_form_says_that_she_may_have_a_file_and_why(pair, bruno):
    typed = {
        "first_name": "Odette",
        "last_name": "Marchan",
        "phones": "02 61 91 47 20",
        "street": "12 rue des Tilleuls",
    }
    page = text(desk_client(bruno).post("/personnes/ressemblances/", typed))
    assert "Odette Marchand a peut-être déjà une fiche" in page
    assert "1942, 12 rue des Tilleuls" in page and "même téléphone" in page
    nobody = text(
        desk_client(bruno).post("/personnes/ressemblances/", {"last_name": "Zyx", "birth_on": "rien"})
    )
    assert "peut-être" not in nobody
    assert 'id="ressemblances"' in text(desk_client(bruno).get("/personnes/nouvelle/"))


def test_the_list_shows_the_pair_with_its_reasons_and_the_board_leads_to_it(pair, bruno):
    page = text(desk_client(bruno).get("/personnes/doublons/"))
    assert "Odette Marchand · Odette Marchant" in page
    assert "même téléphone" in page and "nom qui s’entend pareil" in page


def test_two_files_side_by_side_become_one_and_are_parted_again(pair, bruno):
    odette, again = pair
    client = desk_client(bruno)
    address = f"/personnes/{odette.pk}/et/{again.pk}/"
    page = text(client.get(address))
    assert "Marchant" in page and "Entend mal à droite." in page and "Réunir" not in page
    assert client.post(address, {"last_name": "nobody"}).status_code == 422
    answer = client.post(address, {"last_name": "kept", "talk_note": "absorbed"})
    assert answer.status_code == 302, text(answer)
    odette.refresh_from_db()
    assert odette.talk_note == "Entend mal à droite." and odette.last_name == "Marchand"
    # The old address leads to the file that was kept.
    assert client.get(f"/personnes/{again.pk}/")["Location"] == f"/personnes/{odette.pk}/"
    join = JoinedFile.objects.get()
    assert "Séparer" in text(client.get("/personnes/doublons/?voir=reunies"))
    assert client.post(f"/personnes/doublons/{join.pk}/separer/").status_code == 302
    assert Person.objects.filter(merged_into__isnull=True).count() == 2
    # Twice is refused in a sentence.
    client.post(f"/personnes/doublons/{join.pk}/separer/")
    assert "déjà été séparées" in text(client.get("/personnes/doublons/?voir=reunies"))


def test_two_people_leave_the_list(pair, bruno):
    client = desk_client(bruno)
    double = Double.objects.get()
    assert client.post(f"/personnes/doublons/{double.pk}/", {"state": "different"}).status_code == 302
    assert "Aucun doublon à regarder" in text(client.get("/personnes/doublons/"))
    assert client.post(f"/personnes/doublons/{double.pk}/", {"state": "?"}).status_code == 302
    double.refresh_from_db()
    assert double.state == "different"


def test_a_pair_with_a_file_kept_apart_is_not_there_for_the_others(pair, bruno):
    odette, again = pair
    double = Double.objects.get()
    Person.objects.filter(pk=again.pk).update(is_followed=False)
    client = desk_client(bruno)
    assert "Marchant" not in text(client.get("/personnes/doublons/"))
    assert client.get(f"/personnes/{odette.pk}/et/{again.pk}/").status_code == 404
    assert client.post(f"/personnes/doublons/{double.pk}/", {"state": "different"}).status_code == 404


def test_the_coordination_forgets_what_was_learnt_and_the_desk_does_not(pair, alba, bruno):
    assert desk_client(bruno).post("/personnes/doublons/oublier/").status_code == 403
    assert desk_client(alba).post("/personnes/doublons/oublier/").status_code == 302
