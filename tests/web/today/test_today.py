"""The day board."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from palier.concerns.models import Concern
from palier.duties.models import Duty
from palier.duties.operations import open_duty
from palier.journal.models import Entry
from tests import factories
from tests.web.client import desk_client

pytestmark = pytest.mark.django_db


def concern_due(town, person, *, due_at, actor, owner_id=None, facts="Elle ne répond plus depuis mardi."):
    made = Concern.objects.create(territory=town, person=person, facts=facts, reported_by="Sa pharmacie")
    open_duty(
        made,
        kind="look_at_concern",
        due_at=due_at,
        owner_id=owner_id,
        person_id=person.pk,
        label=facts,
        actor=actor,
    )
    return made


def test_the_board_says_in_a_sentence_what_is_late_and_what_nobody_answers_for(belrive, bruno, now):
    odette = factories.person(belrive)
    concern_due(belrive, odette, due_at=now - timedelta(days=2), owner_id=bruno.membership_id, actor=bruno)
    concern_due(belrive, odette, due_at=now + timedelta(hours=3), owner_id=bruno.membership_id, actor=bruno)
    concern_due(belrive, odette, due_at=now + timedelta(hours=1), actor=bruno)
    page = desk_client(bruno).get("/aujourdhui/").content.decode()
    assert "Vous avez <strong>2 actions</strong> aujourd’hui, dont <strong>1 en retard</strong>" in page
    assert "<strong>1 demande n’a pas de responsable</strong>" in page
    assert page.index("En retard") < page.index("Cet après-midi")
    assert "depuis 2" in page
    assert "jeudi 12 novembre" in page


def test_a_day_after_a_public_holiday_is_named(belrive, bruno):
    assert "lendemain de jour férié" in desk_client(bruno).get("/aujourdhui/").content.decode()


def test_an_empty_town_gets_good_news(belrive, bruno):
    page = desk_client(bruno).get("/aujourdhui/").content.decode()
    assert "Rien en retard" in page


def test_taking_a_duty_gives_it_a_name_and_the_second_who_asks_learns_who_has_it(belrive, alba, bruno, now):
    concern_due(belrive, factories.person(belrive), due_at=now, actor=bruno)
    duty = Duty.objects.get()
    desk_client(bruno).post(f"/aujourdhui/{duty.pk}/je-m-en-charge/")
    client = desk_client(alba)
    client.post(f"/aujourdhui/{duty.pk}/je-m-en-charge/")
    duty.refresh_from_db()
    assert duty.owner_id == bruno.membership_id
    assert "Bruno Petit s’en charge déjà" in client.get("/aujourdhui/").content.decode()


def test_taking_twice_is_taking_once(belrive, bruno, now):
    concern_due(belrive, factories.person(belrive), due_at=now, actor=bruno)
    duty = Duty.objects.get()
    client = desk_client(bruno)
    for _again in range(2):
        client.post(f"/aujourdhui/{duty.pk}/je-m-en-charge/")
    assert Entry.objects.filter(code="duties.taken").count() == 1


def test_handing_on_is_for_the_owner_or_the_coordination(belrive, alba, bruno, now):
    chloe = factories.actor(factories.member(belrive, "Chloé", "Roux"))
    concern_due(belrive, factories.person(belrive), due_at=now, owner_id=bruno.membership_id, actor=bruno)
    duty = Duty.objects.get()
    form = {"to": chloe.membership_id}
    assert desk_client(chloe).post(f"/aujourdhui/{duty.pk}/confier/", form).status_code == 403
    assert desk_client(alba).post(f"/aujourdhui/{duty.pk}/confier/", form).status_code == 302
    duty.refresh_from_db()
    assert duty.owner_id == chloe.membership_id


def test_a_partner_has_no_board(belrive, now):
    partner = factories.member(belrive, "Paul", "Asso", "partner")
    assert desk_client(partner).get("/aujourdhui/").status_code == 403


def test_another_territory_sees_and_takes_nothing_of_ours(belrive, bruno, carla, now):
    concern_due(belrive, factories.person(belrive), due_at=now, actor=bruno)
    duty = Duty.objects.get()
    client = desk_client(carla) if False else _client_of_carla(carla)
    assert "Odette" not in client.get("/aujourdhui/?pour=team").content.decode()
    assert client.post(f"/aujourdhui/{duty.pk}/je-m-en-charge/").status_code == 404


def _client_of_carla(carla):
    from palier.territories import walls

    with walls.inside(carla.territory_id):
        return desk_client(carla)


def test_the_board_costs_the_same_with_two_rows_and_with_twenty(belrive, bruno, now):
    odette = factories.person(belrive)
    client = desk_client(bruno)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get("/aujourdhui/").status_code == 200
        return len(captured)

    for _each in range(2):
        concern_due(
            belrive, odette, due_at=now + timedelta(hours=1), owner_id=bruno.membership_id, actor=bruno
        )
    few = queries()
    for _each in range(18):
        concern_due(
            belrive, odette, due_at=now + timedelta(hours=1), owner_id=bruno.membership_id, actor=bruno
        )
    assert queries() == few


def test_the_swapped_board_is_the_board_of_the_page(belrive, bruno, now):
    concern_due(belrive, factories.person(belrive), due_at=now, owner_id=bruno.membership_id, actor=bruno)
    client = desk_client(bruno)
    page = client.get("/aujourdhui/").content.decode()
    part = client.get("/aujourdhui/", headers={"HX-Request": "true"}).content.decode()
    assert _plain(part) in _plain(page)


def _plain(html: str) -> str:
    import re

    return " ".join(re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", html).split())


def test_the_note_of_the_day_is_written_by_the_coordination_only(belrive, alba, bruno):
    assert desk_client(bruno).post("/aujourdhui/consigne/", {"note": "Froid"}).status_code == 403
    desk_client(alba).post(
        "/aujourdhui/consigne/", {"note": "Grand froid : demander si le chauffage marche."}
    )
    page = desk_client(bruno).get("/aujourdhui/").content.decode()
    assert "le chauffage marche" in page and "Alba Moreau" in page
