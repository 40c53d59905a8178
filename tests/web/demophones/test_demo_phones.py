"""The demo's telephones reach the desk through the real, signed web-hooks."""

import json
from datetime import UTC, datetime

import pytest
from django.test import Client

from palier.accounts.actor import Actor
from palier.api.operations import create_endpoint
from palier.calls.models import Call
from palier.config import demo_wires
from palier.kernel import clock
from palier.matching.models import Offer
from palier.messaging.drain import drain
from palier.messaging.models import Inbound
from palier.telecare.models import Event
from palier.territories.models import Organisation
from palier.visits.models import Visit
from palier.web.demophones import queries, wires
from tests import factories, flow
from tests.web.client import desk_client

pytestmark = pytest.mark.django_db
PAGE = "/demo/telephones/"


@pytest.fixture(autouse=True)
def demo(settings):
    settings.DEMO = True


@pytest.fixture
def machines(belrive):
    """The endpoints, and a wire that posts what is signed to this very application."""
    job = Actor.job("demo", belrive.pk)
    vigie = Organisation.objects.create(
        territory=belrive, kind="telecare_operator", name="VigiLoire", short_name="VigiLoire"
    )
    lead = factories.lead(belrive)
    for kind, code, organisation in (
        ("telephony", "standard", lead),
        ("sms", "demo", lead),
        ("telecare", "vigiloire", vigie),
    ):
        create_endpoint(kind=kind, code=code, organisation_id=organisation.pk, actor=job)

    def post(territory_id, kind, path, body, organisation_id=None):
        content = json.dumps(body).encode()
        # Signatures are compared with the real clock, not with the tests' own.
        with clock.at(datetime.now(UTC)):
            name, headers = demo_wires.signed(territory_id, kind, content, organisation_id)
        answer = Client().generic(
            "POST", f"/api/{path}?endpoint={name}", content, content_type="application/json", headers=headers
        )
        if answer.status_code != 200:
            raise wires.NotDelivered(answer.content.decode())
        return answer.json()

    before = wires._Wires.send
    wires.connect(post)
    yield vigie
    wires._Wires.send = before


def test_a_neighbours_telephone_shows_its_messages_and_the_link_leads_here(belrive, bruno):
    michel = factories.volunteer(belrive, phone="+33639984017")
    flow.ask(flow.need_for(factories.person(belrive), bruno), [michel], bruno)
    drain()
    page = desk_client(bruno).get(PAGE, {"tel": "+33639984017"}).content.decode()
    assert "Michel Lefort" in page and "de courses" in page
    assert 'href="/r/' in page
    assert "Odette" not in page.split('class="demo-screen"')[1].split("</div>")[0]


def test_yes_by_text_message_goes_through_the_signed_web_hook_and_makes_the_visit(belrive, bruno, machines):
    michel = factories.volunteer(belrive, phone="+33639984017")
    need = flow.need_for(factories.person(belrive), bruno)
    flow.ask(need, [michel], bruno)
    answer = desk_client(bruno).post(PAGE + "repondre/", {"tel": michel.phone, "texte": "OUI"})
    assert answer.status_code == 302
    assert Inbound.objects.get().understood_as == "yes"
    assert Offer.objects.get(need=need).state == "accepted"
    assert Visit.objects.filter(need=need, state="planned").exists()


def test_the_telephone_rings_the_desk_is_answered_and_ends(belrive, bruno, machines):
    factories.person(belrive)
    client = desk_client(bruno)
    tel = "+33261914720"
    client.post(PAGE + "appeler/", {"tel": tel, "etat": "ringing"})
    call = Call.objects.get()
    assert (call.state, call.number, call.provider) == ("ringing", tel, "standard")
    assert "Ça sonne" in client.get(PAGE, {"tel": tel}).content.decode()
    client.post(PAGE + "appeler/", {"tel": tel, "etat": "answered"})
    call.refresh_from_db()
    assert call.state == "answered"
    client.post(PAGE + "appeler/", {"tel": tel, "etat": "ended"})
    call.refresh_from_db()
    assert call.state == "ended"


def test_a_hidden_number_stays_hidden_and_the_same_telephone_can_hang_up(belrive, bruno, machines):
    client = desk_client(bruno)
    client.post(PAGE + "appeler/", {"tel": "+33261914720", "etat": "ringing", "masque": "1"})
    call = Call.objects.get()
    assert (call.number, call.is_withheld) == ("", True)
    client.post(PAGE + "appeler/", {"tel": "+33261914720", "etat": "ended"})
    call.refresh_from_db()
    assert call.ended_at is not None


def test_pressing_the_pendant_proves_the_visit_tel_03(belrive, bruno, machines):
    odette = factories.person(belrive, telecare_operator=machines, telecare_number="40718")
    michel = factories.volunteer(belrive, phone="+33639984017")
    visit = flow.agreed_visit(odette, michel, bruno)
    with flow.at(flow.saturday(10)):
        client = desk_client(bruno)
        page = client.get(PAGE, {"tel": "+33261914720"}).content.decode()
        assert "Médaillon" in page and "40718" in page
        client.post(PAGE + "medaillon/", {"tel": "+33261914720", "geste": "visit"})
    visit.refresh_from_db()
    assert (visit.state, visit.proof) == ("done", "telecare")
    assert Event.objects.get().state == "visit"


def test_what_the_web_hook_refuses_is_said_on_the_page(belrive, bruno):
    before = wires._Wires.send

    def refuse(*_args):
        raise wires.NotDelivered("HTTP 401")

    wires.connect(refuse)
    try:
        answer = desk_client(bruno).post(
            PAGE + "repondre/", {"tel": "+33639984017", "texte": "OUI"}, follow=True
        )
    finally:
        wires._Wires.send = before
    assert "n’a pas pris cet événement" in answer.content.decode()


def test_an_empty_reply_and_an_impossible_number_do_nothing(belrive, bruno, machines):
    client = desk_client(bruno)
    client.post(PAGE + "repondre/", {"tel": "+33639984017", "texte": "  "})
    client.post(PAGE + "repondre/", {"tel": "pas un numéro", "texte": "OUI"})
    assert not Inbound.objects.exists()
    assert client.post(PAGE + "appeler/", {"tel": "+33639984017", "etat": "explode"}).status_code == 404
    assert client.post(PAGE + "medaillon/", {"tel": "+33639984017", "geste": "visit"}).status_code == 404


def test_only_a_demo_has_these_telephones_and_only_the_desk_holds_them(belrive, bruno, settings):
    for role in ("administrator", "operator", "partner", "caller"):
        assert desk_client(factories.member(belrive, "Otto", "Dehors", role)).get(PAGE).status_code == 403
    settings.DEMO = False
    client = desk_client(bruno)
    assert client.get(PAGE).status_code == 404
    for address in ("repondre/", "appeler/", "medaillon/"):
        assert client.post(PAGE + address, {"tel": "+33639984017"}).status_code == 404


def test_only_our_own_short_links_become_links_and_nothing_else_is_markup():
    shown = str(
        queries.with_links(
            "CCAS. Oui ? palier.belrive.example/r/7KQ2MABC <script> ou https://ailleurs.example/x"
        )
    )
    assert '<a href="/r/7KQ2MABC"' in shown
    assert "&lt;script&gt;" in shown and 'href="https://ailleurs' not in shown


def test_the_part_that_refreshes_is_the_part_of_the_page(belrive, bruno):
    michel = factories.volunteer(belrive, phone="+33639984017")
    flow.ask(flow.need_for(factories.person(belrive), bruno), [michel], bruno)
    drain()
    client = desk_client(bruno)
    page = client.get(PAGE, {"tel": michel.phone}).content.decode()
    part = client.get(PAGE, {"tel": michel.phone}, headers={"HX-Request": "true"}).content.decode()
    strip = lambda text: [line.strip() for line in text.splitlines() if line.strip() and "csrf" not in line]  # noqa: E731
    assert set(strip(part)) <= set(strip(page))
