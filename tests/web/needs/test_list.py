"""The list of needs: late first, filters with an address, done ones by page."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from palier.accounts.models import Role
from palier.kernel import clock
from palier.matching.operations import send_wave
from palier.needs.operations import close_need, open_need
from tests import factories
from tests.web.client import desk_client
from tests.web.needs.conftest import odettes_need


def page(client: Any, **asked: Any) -> str:
    response = client.get(reverse("needs"), asked)
    assert response.status_code == 200
    return str(response.content.decode())


def test_a_need_stands_in_the_list_with_its_state_its_owner_and_one_thing_to_do(need: Any, desk: Any) -> None:
    said = page(desk)
    assert "Courses pour Odette Marchand" in said
    assert "À proposer" in said and "Sans responsable" in said
    assert reverse("need_match", args=[need.pk]) in said


def test_what_is_late_comes_first_and_says_since_when(belrive: Any, alba: Any) -> None:
    odette = factories.person(belrive)
    odettes_need(belrive, alba, kind="paperwork", days=30, person=odette, what="un courrier")
    with clock.at(factories.local(2026, 11, 13, 18)):
        odettes_need(belrive, alba, person=odette, days=1)
        said = page(desk_client(alba))
    late, soon = said.index("En retard"), said.index("Aujourd’hui et demain")
    assert late < said.index("Papiers pour Odette") < soon < said.index("Courses pour Odette")
    assert "depuis 1 jour" in said.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("asked", "seen"),
    [
        ({"etat": "a-proposer"}, True),
        ({"etat": "contactes"}, False),
        ({"etat": "termines"}, False),
        ({"qui": "personne"}, True),
        ({"qui": "moi"}, False),
        ({"quoi": "shopping"}, True),
        ({"quoi": "repairs"}, False),
        ({"etat": "nimporte", "page": "zéro", "du": "hier"}, True),
    ],
)
def test_each_filter_is_a_link_that_keeps_what_it_names(need: Any, desk: Any, asked: Any, seen: bool) -> None:
    assert ("Courses pour Odette Marchand" in page(desk, **asked)) is seen


def test_an_empty_filter_is_named_and_offers_to_show_everything(need: Any, desk: Any) -> None:
    said = page(desk, quoi="repairs")
    assert "Aucun besoin ne correspond à ce choix" in said and "Tout afficher" in said


def test_no_need_at_all_is_good_news(belrive: Any, desk: Any) -> None:
    assert "Aucun besoin en cours" in page(desk)


def test_a_need_with_neighbours_asked_says_until_when(
    need: Any, neighbours: Any, desk: Any, alba: Any
) -> None:
    send_wave(need.pk, [neighbours[0].pk], actor=alba)
    said = page(desk, etat="contactes")
    assert "1 réponse attendue, jusqu’à 11" in said and "Voir les réponses" in said


def test_done_needs_come_by_page_and_behind_a_figure(belrive: Any, alba: Any, desk: Any) -> None:
    odette = factories.person(belrive)
    for number in range(45):
        made = odettes_need(belrive, alba, person=odette, what=f"le panier {number}")
        close_need(made.pk, outcome="unmet" if number else "met_by_service", actor=alba)
    first = page(desk, etat="termines")
    assert first.count('class="row"') == 40 and "Page suivante" in first
    assert page(desk, etat="termines", page="2").count('class="row"') == 5
    today = clock.today().isoformat()
    behind = page(desk, resultat="met_by_service", du=today, au=today)
    assert behind.count('class="row"') == 1 and "Liste d’un chiffre" in behind
    assert page(desk, resultat="unmet", du="2026-01-01", au="2026-01-31").count('class="row"') == 0


def test_two_and_twenty_needs_cost_the_same_queries(
    belrive: Any, alba: Any, desk: Any, neighbours: Any
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            page(desk)
        return len(asked)

    for number in range(2):
        odettes_need(belrive, alba, person=factories.person(belrive, f"Odette{number}", phone=None))
    page(desk)
    two = cost()
    for number in range(18):
        made = odettes_need(belrive, alba, person=factories.person(belrive, f"Rose{number}", phone=None))
        if number % 3 == 0:
            send_wave(made.pk, actor=alba)
    assert cost() == two


def test_a_part_is_what_stands_in_the_page(need: Any, desk: Any) -> None:
    whole = page(desk)
    part = desk.get(reverse("needs"), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part and part.strip() in whole


def test_another_territory_sees_none_of_it(need: Any, outsider: Any) -> None:
    assert "Odette" not in page(outsider)


@pytest.mark.parametrize("role", [Role.CALLER, Role.ADMINISTRATOR])
def test_who_is_not_at_the_desk_gets_403(need: Any, belrive: Any, role: str) -> None:
    assert (
        desk_client(factories.member(belrive, "Eva", "Roux", role)).get(reverse("needs")).status_code == 403
    )


def test_signed_out_is_sent_to_sign_in(need: Any, client: Any) -> None:
    assert client.get(reverse("needs")).status_code in (302, 401)


def test_a_window_over_days_says_its_end(belrive: Any, alba: Any, desk: Any) -> None:
    start = clock.now()
    open_need(
        person_id=factories.person(belrive, "Henri", "Vasseur", title="monsieur", phone=None).pk,
        kind="visit",
        starts_at=start,
        ends_at=factories.local(2026, 11, 16, 0),
        is_flexible=True,
        actor=alba,
    )
    said = page(desk)
    assert "dim. 15 nov." in said and "au plus tard" in said
