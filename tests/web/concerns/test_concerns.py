"""Concern reports."""

import pytest

from palier.concerns.models import Concern
from palier.duties.models import Duty
from palier.territories import walls
from tests import factories
from tests.web.client import desk_client

pytestmark = pytest.mark.django_db


def report(bruno, person, **fields):
    form = {
        "facts": "Sa pharmacie ne l’a pas vue depuis 3 semaines.",
        "urgency": "today",
        "person": person.pk,
    } | fields
    return desk_client(bruno).post("/signalements/nouveau/", form)


def test_SAF_02_the_report_form_speaks_of_immediate_danger_first(belrive, bruno):
    page = desk_client(bruno).get("/signalements/nouveau/").content.decode()
    assert page.index("112") < page.index("<textarea")


def test_a_report_has_an_owner_and_a_time_at_once(belrive, bruno, now):
    assert report(bruno, factories.person(belrive)).status_code == 302
    duty = Duty.objects.get()
    assert duty.owner_id == bruno.membership_id and duty.due_at > now


def test_facts_are_asked_for_and_what_was_chosen_stays(belrive, bruno):
    answer = report(bruno, factories.person(belrive), facts="", urgency="week")
    assert answer.status_code == 422
    assert "Écrivez ce que vous avez vu" in answer.content.decode()
    assert not Concern.objects.exists()


def test_closing_needs_an_outcome_and_says_what_was_done(belrive, alba, bruno):
    report(bruno, factories.person(belrive))
    concern = Concern.objects.get()
    client = desk_client(alba)
    address = f"/signalements/{concern.pk}/"
    assert client.post(address, {"outcome": "reassured", "what_was_done": ""}).status_code == 422
    assert (
        client.post(address, {"outcome": "reassured", "what_was_done": "Jointe, tout va bien."}).status_code
        == 302
    )
    concern.refresh_from_db()
    assert concern.closed_by == "Alba Moreau"
    assert not Duty.objects.open().exists()
    assert client.post(address, {"outcome": "reassured", "what_was_done": "Encore."}).status_code == 422


def test_another_territory_sees_no_report_of_ours(belrive, bruno, carla):
    report(bruno, factories.person(belrive))
    concern = Concern.objects.get()
    with walls.inside(carla.territory_id):
        client = desk_client(carla)
    assert client.get(f"/signalements/{concern.pk}/").status_code == 404
    assert "pharmacie" not in client.get("/signalements/").content.decode()
