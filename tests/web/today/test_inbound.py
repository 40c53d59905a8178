"""A text message nobody could understand by itself is read by the desk, and owed until then."""

import pytest

from palier.accounts.actor import Actor
from palier.duties.models import Duty
from palier.matching import operations as matching
from palier.matching.models import Offer
from palier.messaging.models import Inbound
from palier.messaging.operations import receive
from palier.territories import walls
from palier.visits.models import Visit
from tests import factories, flow
from tests.web.client import desk_client

pytestmark = pytest.mark.django_db


@pytest.fixture
def written(belrive, bruno):
    """Michel was asked for shopping and wrote something that is neither yes nor no."""
    michel = factories.volunteer(belrive)
    need = flow.need_for(factories.person(belrive), bruno, owner_id=bruno.membership_id)
    flow.ask(need, [michel], bruno)
    machine = Actor.machine("SMS", belrive.pk)
    inbound = receive(
        provider="demo", provider_id="1", sender=michel.phone, body="je regarde avec ma femme", actor=machine
    )
    matching.read_inbound(inbound, actor=machine)
    return Inbound.objects.get()


def address(inbound):
    return f"/messages/recus/{inbound.pk}/"


def test_it_stands_on_the_board_with_a_button_that_leads_to_it(belrive, bruno, written):
    page = desk_client(bruno).get("/aujourdhui/").content.decode()
    assert address(written) in page and "Lire" in page
    assert "je regarde avec ma femme" in desk_client(bruno).get(address(written)).content.decode()


def test_read_as_a_yes_it_is_the_yes(belrive, bruno, written):
    assert desk_client(bruno).post(address(written), {"meaning": "yes"}).status_code == 302
    assert Visit.objects.get().volunteer.phone == written.sender
    assert not Duty.objects.open().filter(subject_kind="messaging.inbound").exists()


def test_read_as_something_else_it_is_settled_and_the_question_stays(belrive, bruno, written):
    desk_client(bruno).post(address(written), {"meaning": "read"})
    written.refresh_from_db()
    assert written.closed_at is not None
    assert Offer.objects.get().state == "asked"


def test_a_double_click_settles_once(belrive, bruno, written):
    client = desk_client(bruno)
    for _again in range(2):
        assert client.post(address(written), {"meaning": "yes"}).status_code == 302
    assert Visit.objects.count() == 1


def test_nothing_chosen_is_said_and_nothing_is_settled(belrive, bruno, written):
    answer = desk_client(bruno).post(address(written), {})
    assert answer.status_code == 422 and "Choisissez ce que dit ce message" in answer.content.decode()
    written.refresh_from_db()
    assert written.closed_at is None


def test_an_unknown_sender_can_only_be_read(belrive, bruno):
    machine = Actor.machine("SMS", belrive.pk)
    inbound = receive(provider="demo", provider_id="2", sender="+33639980001", body="bonjour", actor=machine)
    matching.read_inbound(inbound, actor=machine)
    client = desk_client(bruno)
    assert client.post(address(inbound), {"meaning": "yes"}).status_code == 422
    assert client.post(address(inbound), {"meaning": "read"}).status_code == 302


def test_another_territory_reads_nothing_of_ours(written, carla):
    with walls.inside(carla.territory_id):
        client = desk_client(carla)
    assert client.get(address(written)).status_code == 404
