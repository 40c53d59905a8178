"""Telecare events: the desk settles what is not plainly a visit; the operator reads numbers, never a name."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from palier.accounts.actor import Actor
from palier.kernel import clock
from palier.matching.operations import answer_offer, send_wave
from palier.telecare.models import Event
from palier.telecare.operations import receive_event
from palier.territories import walls
from palier.territories.models import Organisation
from palier.visits.models import Visit
from tests import factories
from tests.web.client import desk_client
from tests.web.needs.conftest import odettes_need

ADDRESS = "telecare_events"


@pytest.fixture
def operator(belrive: Any) -> Organisation:
    return Organisation.objects.create(
        territory=belrive, kind="telecare_operator", name="Téléveille", short_name="Téléveille"
    )


@pytest.fixture
def odette(belrive: Any, operator: Any) -> Any:
    return factories.person(belrive, telecare_operator=operator, telecare_number="4711")


@pytest.fixture
def olga(belrive: Any, operator: Any) -> Any:
    """Works for the operator."""
    return desk_client(factories.member(belrive, "Olga", "Martin", "operator", organisation=operator))


def tell(operator: Any, reference: str, *, unit: str = "4711", code: int = 10, **fields: Any) -> Event:
    return receive_event(
        organisation_id=operator.pk,
        unit=unit,
        reference=reference,
        status_code=code,
        at=fields.pop("at", None) or clock.now() - timedelta(minutes=5),
        actor=Actor.machine("Téléveille", operator.territory_id, operator.pk),
        **fields,
    )


def page(client: Any) -> str:
    response = client.get(reverse(ADDRESS))
    assert response.status_code == 200
    return str(response.content.decode().replace("\u00a0", " "))


def test_TEL_02_the_desk_sees_what_to_look_at_and_settles_it_once(
    operator: Any, odette: Any, alba: Any
) -> None:
    event, desk = tell(operator, "a1"), desk_client(alba)
    said = page(desk)
    assert (
        "1 événement à regarder." in said
        and "Odette Marchand" in said
        and "Aucune visite ce jour-là." in said
    )
    for _click in range(2):
        assert desk.post(reverse("telecare_settle", args=[event.pk]), {"said": "noted"}).status_code == 302
    event.refresh_from_db()
    assert (event.state, event.closed_by) == ("noted", "Alba Moreau")
    assert "0 événement à regarder." in page(desk)


def test_TEL_03_an_early_button_is_the_visit_when_somebody_says_so(
    belrive: Any, operator: Any, odette: Any, alba: Any
) -> None:
    michel = factories.volunteer(belrive, phone="+33639980101")
    need = odettes_need(belrive, alba, person=odette, days=1)
    answer_offer(send_wave(need.pk, [michel.pk], actor=alba).offers.get().pk, yes=True, how="sms", actor=alba)
    with clock.at(factories.local(2026, 11, 13, 9, 5)):
        event, desk = (
            tell(operator, "a1", code=87, at=factories.local(2026, 11, 13, 8, 10)),
            desk_client(alba),
        )
        assert event.state == Event.State.SUGGESTION
        assert "Michel Lefort, vendredi 13 novembre, le matin" in page(desk)
        visit = Visit.objects.get()
        desk.post(reverse("telecare_settle", args=[event.pk]), {"said": "visit", "visit": visit.pk})
        visit.refresh_from_db()
        assert (visit.state, visit.proof) == ("done", "telecare")


def test_a_visit_that_was_never_planned_is_refused_plainly(operator: Any, odette: Any, alba: Any) -> None:
    event, desk = tell(operator, "a1", code=87), desk_client(alba)
    assert (
        desk.post(reverse("telecare_settle", args=[event.pk]), {"said": "visit", "visit": "99"}).status_code
        == 302
    )
    assert "Aucune visite n’était prévue" in page(desk)
    event.refresh_from_db()
    assert event.closed_at is None


def test_TEL_08_the_operator_reads_numbers_and_the_answer_never_a_name(
    operator: Any, odette: Any, olga: Any, alba: Any
) -> None:
    settled, unknown = tell(operator, "a1"), tell(operator, "a2", unit="9999")
    tell(operator, "a3")
    desk_client(alba).post(reverse("telecare_settle", args=[settled.pk]), {"said": "noted"})
    said = page(olga)
    assert "Odette" not in said and "Marchand" not in said
    places = [said.index(title) for title in ("À transmettre", "Transmis", "Retours")]
    assert places == sorted(places)
    assert f"Appareil {unknown.unit}" in said and "n’est pas connu du CCAS" in said
    assert "Noté : ce n’était pas une visite." in said and "Le CCAS regarde." in said


def test_an_operator_sees_their_own_events_only(belrive: Any, operator: Any, odette: Any) -> None:
    tell(operator, "a1")
    other = Organisation.objects.create(
        territory=belrive, kind="telecare_operator", name="Autre", short_name="Autre"
    )
    client = desk_client(factories.member(belrive, "Eva", "Roux", "operator", organisation=other))
    assert "4711" not in page(client) and "Aucun événement" in page(client)


def test_an_operator_settles_nothing(operator: Any, odette: Any, olga: Any) -> None:
    event = tell(operator, "a1")
    assert olga.post(reverse("telecare_settle", args=[event.pk]), {"said": "noted"}).status_code == 403
    assert olga.get(reverse("people")).status_code == 403


def test_an_answer_that_is_neither_is_refused(operator: Any, odette: Any, alba: Any) -> None:
    event = tell(operator, "a1")
    assert (
        desk_client(alba).post(reverse("telecare_settle", args=[event.pk]), {"said": "bof"}).status_code
        == 422
    )
    assert desk_client(alba).get(reverse("telecare_settle", args=[event.pk])).status_code == 405


def test_another_territory_gets_404_and_a_partner_403(
    belrive: Any, operator: Any, odette: Any, carla: Any
) -> None:
    event = tell(operator, "a1")
    with walls.inside(carla.territory_id):
        client = desk_client(carla)
    assert "4711" not in page(client)
    assert client.post(reverse("telecare_settle", args=[event.pk]), {"said": "noted"}).status_code == 404
    partner = desk_client(factories.member(belrive, "Paul", "Vidal", "partner"))
    assert partner.get(reverse(ADDRESS)).status_code == 403


def test_two_and_twenty_events_cost_the_same_queries(operator: Any, odette: Any, alba: Any) -> None:
    desk = desk_client(alba)

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            page(desk)
        return len(asked)

    for number in range(2):
        tell(operator, f"a{number}")
    page(desk)
    two = cost()
    for number in range(18):
        tell(operator, f"b{number}")
    assert cost() == two
