"""The neighbour's page: asked, answered, going, done."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from palier.concerns.models import Concern
from palier.journal.models import Access, Entry
from palier.kernel import clock
from palier.matching import links, operations
from palier.matching.models import Offer
from palier.needs import operations as needs
from palier.needs.models import Need
from palier.visits.models import Visit
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(belrive, bruno, now):
    """Odette needs shopping on Saturday morning; Michel and Fatou are asked. Gives (need, offers by first name)."""
    odette = factories.person(belrive, access="2e étage à gauche", talk_note="Parler lentement.")
    michel = factories.volunteer(belrive, "Michel", "Lefort")
    fatou = factories.volunteer(belrive, "Fatou", "Ndiaye", gender="woman", x=620_300.0)
    need = needs.open_need(
        person_id=odette.pk,
        kind="shopping",
        starts_at=factories.local(2026, 11, 14, 9),
        ends_at=factories.local(2026, 11, 14, 12),
        what="Un petit panier",
        details="Lait, pain, soupe",
        owner_id=bruno.membership_id,
        actor=bruno,
    )
    operations.send_wave(need.pk, [michel.pk, fatou.pk], actor=bruno)
    return need, {offer.volunteer.first_name: offer for offer in Offer.objects.select_related("volunteer")}


def address(offer, more=""):
    return f"/r/{links.token_of(offer)}{more}"


def text(response):
    return re.sub(r"\s+", " ", response.content.decode().replace("\u00a0", " "))


def test_SEC_27_opening_the_link_changes_nothing_and_shows_no_name_no_number_no_house(asked):
    _need, offers = asked
    before = (Entry.objects.count(), Offer.objects.filter(state="asked").count())
    page = text(Client().get(address(offers["Michel"])))
    assert "Bonjour Michel, pouvez-vous aider Odette ?" in page
    assert "Rue des Tilleuls" in page and "12 rue" not in page
    assert "Marchand" not in page and "02 61 91 47 20" not in page and "Lait" not in page
    assert (Entry.objects.count(), Offer.objects.filter(state="asked").count()) == before
    assert Client().head(address(offers["Michel"])).status_code == 200


def test_a_get_on_an_answer_is_refused(asked):
    _need, offers = asked
    assert Client().get(address(offers["Michel"], "/reponse")).status_code == 405
    assert not Offer.objects.filter(state="accepted").exists()


def test_GDP_13_after_yes_the_address_is_there_on_the_device_that_said_it(asked):
    need, offers = asked
    client = Client()
    answer = client.post(address(offers["Michel"], "/reponse"), {"r": "oui"}, follow=True)
    page = text(answer)
    assert "Odette Marchand" in page and "12 rue des Tilleuls, 2e étage à gauche" in page
    assert "02 61 91 47 20" in page and "Lait, pain, soupe" in page and "Parler lentement" in page
    assert Visit.objects.get().volunteer.first_name == "Michel"
    need.refresh_from_db()
    assert need.state == Need.State.AGREED
    assert Access.objects.filter(object_kind="people.person", object_id=need.person_id).exists()


def test_another_device_shows_nothing_until_the_first_name_is_said(asked):
    _need, offers = asked
    Client().post(address(offers["Michel"], "/reponse"), {"r": "oui"})
    other = Client()
    page = text(other.get(address(offers["Michel"])))
    assert "Est-ce bien vous ?" in page and "Odette" not in page and "Tilleuls" not in page
    wrong = other.post(address(offers["Michel"], "/prenom"), {"first_name": "Fatou"})
    assert wrong.status_code == 422 and "Odette" not in text(wrong)
    right = other.post(address(offers["Michel"], "/prenom"), {"first_name": " michel "}, follow=True)
    assert "12 rue des Tilleuls" in text(right)


def test_the_second_yes_is_thanked_and_gets_no_address(asked):
    _need, offers = asked
    Client().post(address(offers["Michel"], "/reponse"), {"r": "oui"})
    late = Client().post(address(offers["Fatou"], "/reponse"), {"r": "oui"}, follow=True)
    assert "Quelqu’un a dit oui avant vous" in text(late)
    assert "12 rue" not in text(late) and Visit.objects.count() == 1


def test_a_double_click_on_yes_is_one_yes(asked):
    _need, offers = asked
    client = Client()
    for _again in range(2):
        assert (
            client.post(address(offers["Michel"], "/reponse"), {"r": "oui"}, follow=True).status_code == 200
        )
    assert Visit.objects.count() == 1
    assert Entry.objects.filter(code="matching.accepted").count() <= 1


def test_no_is_a_good_answer(asked):
    _need, offers = asked
    page = text(Client().post(address(offers["Michel"], "/reponse"), {"r": "non"}, follow=True))
    assert "C’est une bonne réponse" in page
    offers["Michel"].refresh_from_db()
    assert offers["Michel"].state == Offer.State.DECLINED


def test_neither_yes_nor_no_is_asked_again(asked):
    _need, offers = asked
    answer = Client().post(address(offers["Michel"], "/reponse"), {"r": "peut-être"})
    assert answer.status_code == 422 and "Touchez un des deux boutons" in text(answer)


def test_one_touch_takes_a_yes_back(asked):
    _need, offers = asked
    client = Client()
    client.post(address(offers["Michel"], "/reponse"), {"r": "oui"})
    page = text(client.post(address(offers["Michel"], "/retrait"), follow=True))
    assert "vous n’y allez pas" in page and "12 rue" not in page
    assert Visit.objects.get().state == Visit.State.WITHDRAWN


def test_GDP_13_a_day_after_the_visit_the_address_is_gone(asked):
    _need, offers = asked
    client = Client()
    client.post(address(offers["Michel"], "/reponse"), {"r": "oui"})
    with clock.at(factories.local(2026, 11, 14, 12) + timedelta(hours=23)):
        assert "12 rue" in text(client.get(address(offers["Michel"])))
    with clock.at(factories.local(2026, 11, 14, 12) + timedelta(hours=25)):
        assert "12 rue" not in text(client.get(address(offers["Michel"])))


def test_done_is_proved_by_the_page(asked):
    _need, offers = asked
    client = Client()
    client.post(address(offers["Michel"], "/reponse"), {"r": "oui"})
    with clock.at(factories.local(2026, 11, 14, 11)):
        page = text(client.post(address(offers["Michel"], "/fait"), follow=True))
    visit = Visit.objects.get()
    assert (visit.state, visit.proof, visit.neighbour_says) == ("done", "page", "well")
    assert "Merci Michel" in page


def test_a_worry_opens_a_concern_at_once(asked):
    _need, offers = asked
    client = Client()
    client.post(address(offers["Michel"], "/reponse"), {"r": "oui"})
    with clock.at(factories.local(2026, 11, 14, 11)):
        client.post(
            address(offers["Michel"], "/inquiet"),
            {"mot": "Elle n’a rien mangé depuis jeudi. 😟", "venu": "oui"},
        )
    concern = Concern.objects.get()
    assert "rien mangé" in concern.facts and concern.source == Concern.Source.NEIGHBOUR
    assert concern.reported_by == "Michel Lefort"


def test_acting_on_the_visit_from_an_unknown_device_is_refused(asked):
    _need, offers = asked
    Client().post(address(offers["Michel"], "/reponse"), {"r": "oui"})
    for more in ("/retrait", "/fait", "/inquiet"):
        answer = Client().post(address(offers["Michel"], more))
        assert answer.status_code == 409 and "Odette" not in text(answer)
    assert Visit.objects.get().state == Visit.State.PLANNED


def test_the_calendar_file_names_a_first_name_and_no_house(asked):
    _need, offers = asked
    client = Client()
    client.post(address(offers["Michel"], "/reponse"), {"r": "oui"})
    answer = client.get(address(offers["Michel"], "/agenda.ics"))
    assert answer["Content-Type"].startswith("text/calendar")
    body = answer.content.decode()
    assert "Odette" in body and "Marchand" not in body and "12 rue" not in body


@pytest.mark.parametrize("token", ["", "x", "AAAAAAAAAAAAAAAA", "%00", "../../etc", "A" * 500, "😀" * 8])
def test_a_forged_link_tells_nothing(belrive, token):
    from urllib.parse import quote

    answer = Client().get(f"/r/{quote(token, safe='')}")
    assert answer.status_code == 404
    assert "Odette" not in text(answer)


def test_SEC_11_guessing_links_is_paused(belrive):
    client = Client()
    answers = [
        client.get(f"/r/{'23456789ABCDEFG'}{sign}").status_code for sign in "23456789ABCDEFGHJKMNPQRSTV"
    ]
    assert 429 in answers
    cache.clear()


def test_an_expired_link_says_so_and_gives_the_number(asked):
    _need, offers = asked
    with clock.at(factories.local(2026, 12, 30)):
        answer = Client().get(address(offers["Michel"]))
    assert answer.status_code == 410
    assert "02 61 91 00 12" in text(answer)


def test_SEC_12_the_page_lets_nothing_in_and_leaves_no_trace(asked):
    _need, offers = asked
    answer = Client().get(address(offers["Michel"]))
    assert answer["Referrer-Policy"] == "strict-origin"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "no-store"
    assert 'name="robots" content="noindex' in answer.content.decode()


def test_the_page_asks_the_database_a_known_number_of_times(asked):
    _need, offers = asked
    client = Client()
    with CaptureQueriesContext(connection) as captured:
        client.get(address(offers["Michel"]))
    assert len(captured) <= 14
