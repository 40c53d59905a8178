"""Neighbours at the desk: the list, the application and its checks, the file, rest and departure."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from palier.accounts.models import Role
from palier.journal.models import Access
from palier.kernel import clock
from palier.matching.operations import answer_offer, keep_apart, send_wave
from palier.territories import walls
from palier.volunteers.models import Volunteer
from palier.web import volunteers as screen
from tests import factories
from tests.web.client import desk_client
from tests.web.needs.conftest import odettes_need

TYPED = {
    "first_name": "Camille", "last_name": "Roux", "gender": "woman", "phone": "06 39 98 02 50", "kinds": ["visit", "shopping"],
    "languages": ["fr"], "reach_minutes": "15", "max_per_month": "4", "d5from0": "09:00", "d5to0": "12:00",
    "d5from1": "14:00", "d5to1": "18:00",
}  # fmt: skip


@pytest.fixture
def desk(alba: Any) -> Any:
    return desk_client(alba)


@pytest.fixture
def michel(belrive: Any) -> Volunteer:
    return factories.volunteer(belrive, phone="+33639980101", street="12 rue des Tilleuls", city="Belrive")


@pytest.fixture
def outsider(carla: Any) -> Any:
    with walls.inside(carla.territory_id):
        return desk_client(carla)


def shown(client: Any, one: Volunteer) -> str:
    response = client.get(reverse("volunteer", args=[one.pk]))
    assert response.status_code == 200
    return str(response.content.decode().replace("\u00a0", " "))


def listed(client: Any, **asked: Any) -> str:
    response = client.get(reverse("volunteers"), asked)
    assert response.status_code == 200
    return str(response.content.decode().replace("\u00a0", " "))


def test_the_list_says_state_kinds_area_and_how_often_asked(
    belrive: Any, michel: Any, alba: Any, desk: Any
) -> None:
    send_wave(odettes_need(belrive, alba).pk, [michel.pk], actor=alba)
    said = listed(desk)
    assert "Lefort Michel" in said and "rue des Tilleuls, Belrive" in said and "12 rue" not in said
    assert "1 demande, 0 oui" in said and "jeu. 12 nov." in said


@pytest.mark.parametrize(
    ("asked", "seen"),
    [
        ({"q": "lef"}, True), ({"q": "michel lef"}, True), ({"q": "LÉFORT"}, True), ({"q": "06 39 98 01 01"}, True),
        ({"q": "zzz"}, False), ({"q": "%"}, True), ({"etat": "disponibles"}, True), ({"etat": "en-pause"}, False), ({"quoi": "shopping"}, True),
        ({"quoi": "rien"}, False), ({"page": "-3"}, True),
    ],
)  # fmt: skip
def test_a_name_a_number_and_each_filter_find_him(michel: Any, desk: Any, asked: Any, seen: bool) -> None:
    assert ("Lefort Michel" in listed(desk, **asked)) is seen


def test_two_and_twenty_neighbours_cost_the_same_queries(belrive: Any, desk: Any) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            listed(desk)
        return len(asked)

    for number in range(2):
        factories.volunteer(belrive, f"Ana{number}", "Roy")
    listed(desk)
    two = cost()
    for number in range(18):
        factories.volunteer(belrive, f"Luc{number}", "Roy")
    assert cost() == two


def test_a_wish_to_help_becomes_a_neighbour_after_three_checks(belrive: Any, desk: Any) -> None:
    response = desk.post(reverse("volunteer_new"), TYPED)
    camille = Volunteer.objects.get()
    assert response["Location"] == reverse("volunteer", args=[camille.pk])
    assert camille.state == "applied" and camille.free_times.count() == 2
    welcome = reverse("volunteer_welcome", args=[camille.pk])
    desk.post(welcome)
    camille.refresh_from_db()
    assert camille.state == "applied" and "Il manque" in shown(desk, camille)
    for check in ("interview", "identity", "charter"):
        desk.post(reverse("volunteer_check", args=[camille.pk]), {"check": check, "on": "2026-11-12"})
    for _click in range(2):
        assert desk.post(welcome).status_code == 302
    camille.refresh_from_db()
    assert camille.state == "active" and camille.identity_seen_by == "Alba Moreau"
    assert "par Alba Moreau" in shown(desk, camille)


def test_the_same_wish_twice_is_refused_with_what_was_typed(belrive: Any, desk: Any) -> None:
    desk.post(reverse("volunteer_new"), TYPED)
    again = desk.post(reverse("volunteer_new"), TYPED)
    said = again.content.decode()
    assert again.status_code == 422 and "s’est déjà proposé" in said and 'value="Camille"' in said
    assert Volunteer.objects.count() == 1


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"first_name": ""}, "Écrivez le prénom"),
        ({"phone": ""}, "Écrivez un numéro"),
        ({"phone": "bonjour"}, "numéro"),
        ({"kinds": []}, "Cochez au moins une aide"),
        ({"birth_on": "2030-01-01"}, "à venir"),
        ({"reach_minutes": "500"}, "Entre 5 et 120"),
        ({"d0from0": "10:00"}, "Il manque une des deux heures"),
        ({"d0from0": "12:00", "d0to0": "09:00"}, "La fin vient après le début"),
        ({"d0from0": "midi", "d0to0": "09:00"}, "Écrivez l’heure ainsi"),
        ({"email": "camille"}, "adresse"),
    ],
)
def test_what_cannot_be_taken_says_how_to_mend_it(belrive: Any, desk: Any, typed: Any, sentence: str) -> None:
    response = desk.post(reverse("volunteer_new"), TYPED | {"about": "retraitée"} | typed)
    said = response.content.decode().replace("\u00a0", " ")
    assert response.status_code == 422 and sentence in said and 'value="retraitée"' in said
    assert not Volunteer.objects.exists()


def test_GDP_15_GDP_17_no_paper_can_be_sent_anywhere(michel: Any, desk: Any) -> None:
    for address in (
        reverse("volunteer_new"),
        reverse("volunteer", args=[michel.pk]),
        reverse("volunteer_change", args=[michel.pk]),
    ):
        said = desk.get(address).content.decode()
        assert 'type="file"' not in said and "multipart" not in said
    for path in Path(screen.__file__).parent.glob("*.py"):
        assert "request.FILES" not in path.read_text() and "FileField" not in path.read_text()


def test_a_check_of_tomorrow_is_refused(belrive: Any, desk: Any) -> None:
    desk.post(reverse("volunteer_new"), TYPED)
    camille = Volunteer.objects.get()
    response = desk.post(
        reverse("volunteer_check", args=[camille.pk]), {"check": "identity", "on": "2026-11-13"}
    )
    assert response.status_code == 422 and "pas encore venu" in response.content.decode()
    assert (
        desk.post(
            reverse("volunteer_check", args=[camille.pk]), {"check": "magie", "on": "2026-11-12"}
        ).status_code
        == 422
    )


def test_GDP_10_opening_a_neighbours_file_is_written_down(michel: Any, desk: Any) -> None:
    assert "Michel Lefort" in shown(desk, michel)
    assert Access.objects.filter(object_kind="volunteers.volunteer", object_id=michel.pk).exists()


def test_his_hours_and_kinds_are_changed_and_shown_again(michel: Any, desk: Any) -> None:
    address = reverse("volunteer_change", args=[michel.pk])
    said = desk.get(address).content.decode()
    assert 'value="08:00"' in said and 'value="06 39 98 01 01"' in said
    typed = TYPED | {
        "first_name": "Michel",
        "last_name": "Lefort",
        "phone": "06 39 98 01 01",
        "gender": "man",
    }
    assert desk.post(address, typed).status_code == 302
    assert list(michel.free_times.values_list("weekday", flat=True)) == [5, 5]
    assert sorted(michel.kinds.values_list("code", flat=True)) == ["shopping", "visit"]
    assert "9 h à 12 h, 14 h à 18 h" in shown(desk, michel)


def test_a_third_time_of_a_day_is_not_lost_by_changing_the_phone(belrive: Any, desk: Any) -> None:
    times = ((0, "08:00", "09:00"), (0, "12:00", "13:00"), (0, "18:00", "19:00"))
    luc = factories.volunteer(belrive, "Luc", "Blin", free=times)
    said = desk.get(reverse("volunteer_change", args=[luc.pk])).content.decode()
    assert 'name="d0from2" value="18:00"' in said


def test_an_absence_is_noted_once_seen_and_taken_off(belrive: Any, michel: Any, alba: Any, desk: Any) -> None:
    address = reverse("volunteer_away", args=[michel.pk])
    for _click in range(2):
        assert desk.post(address, {"first": "2026-11-14", "last": "2026-11-16"}).status_code == 302
    assert michel.away_times.count() == 1
    away = michel.away_times.get()
    assert (away.starts_at, away.ends_at) == (
        factories.local(2026, 11, 14, 0),
        factories.local(2026, 11, 17, 0),
    )
    assert "du samedi 14 novembre au lundi 16 novembre" in shown(desk, michel)
    need = odettes_need(belrive, alba)
    assert "1 est en déplacement" in desk.get(reverse("need_match", args=[need.pk])).content.decode().replace(
        "\u00a0", " "
    )
    wrong = desk.post(address, {"first": "2026-11-16", "last": "2026-11-14"})
    assert wrong.status_code == 422 and "Le dernier jour vient après" in wrong.content.decode()
    for _click in range(2):
        desk.post(reverse("volunteer_not_away", args=[michel.pk, away.pk]))
    assert not michel.away_times.exists()


def test_he_rests_until_a_day_and_comes_back(michel: Any, desk: Any) -> None:
    past = desk.post(reverse("volunteer_rest", args=[michel.pk]), {"until": "2026-11-01"})
    assert past.status_code == 422 and "déjà passé" in past.content.decode()
    desk.post(reverse("volunteer_rest", args=[michel.pk]), {"until": "2026-12-01"})
    michel.refresh_from_db()
    assert michel.state == "resting" and "En pause jusqu’au mardi 1er décembre" in shown(desk, michel)
    assert "Lefort Michel" in listed(desk, etat="en-pause")
    for _click in range(2):
        desk.post(reverse("volunteer_back", args=[michel.pk]))
    michel.refresh_from_db()
    assert michel.state == "active"


def test_a_departure_is_for_the_coordination(michel: Any, desk: Any, bruno: Any) -> None:
    address = reverse("volunteer_end", args=[michel.pk])
    assert desk_client(bruno).post(address).status_code == 403
    assert "Noter un départ" not in shown(desk_client(bruno), michel)
    for _click in range(2):
        assert desk.post(address, {"outcome": "withdrawn"}).status_code == 302
    michel.refresh_from_db()
    assert (
        michel.state == "ended"
        and "Lefort Michel" not in listed(desk)
        and "Lefort Michel" in listed(desk, etat="partis")
    )


def test_who_does_not_want_him_is_for_the_coordination_only(
    belrive: Any, michel: Any, alba: Any, bruno: Any, desk: Any
) -> None:
    keep_apart(factories.person(belrive).pk, michel.pk, actor=alba)
    assert "Odette Marchand" in shown(desk, michel)
    said = shown(desk_client(bruno), michel)
    assert "Odette" not in said and "À ne pas proposer" not in said


def test_what_he_was_asked_leads_to_each_need(belrive: Any, michel: Any, alba: Any, desk: Any) -> None:
    need = odettes_need(belrive, alba)
    offer = send_wave(need.pk, [michel.pk], actor=alba).offers.get()
    answer_offer(offer.pk, yes=True, how="sms", actor=alba)
    said = shown(desk, michel)
    assert (
        reverse("need", args=[need.pk]) in said
        and "A dit oui" in said
        and "1 demande ce mois-ci, 1 oui." in said
    )


@pytest.mark.parametrize("role", [Role.PARTNER, Role.OPERATOR, Role.CALLER, Role.ADMINISTRATOR])
def test_SEC_02_neighbours_are_for_the_desk_only(belrive: Any, michel: Any, role: str) -> None:
    client = desk_client(factories.member(belrive, "Eva", "Roux", role))
    assert client.get(reverse("volunteers")).status_code == 403
    assert client.get(reverse("volunteer", args=[michel.pk])).status_code == 403


STEPS = [
    "volunteer_change",
    "volunteer_check",
    "volunteer_welcome",
    "volunteer_rest",
    "volunteer_back",
    "volunteer_away",
    "volunteer_end",
]


@pytest.mark.parametrize("name", STEPS)
def test_another_territory_gets_404(michel: Any, outsider: Any, name: str) -> None:
    assert outsider.get(reverse("volunteer", args=[michel.pk])).status_code == 404
    assert outsider.post(reverse(name, args=[michel.pk])).status_code == 404
    assert "Lefort" not in listed(outsider)


def test_a_rest_ends_at_midnight_of_the_town(michel: Any, desk: Any) -> None:
    desk.post(reverse("volunteer_rest", args=[michel.pk]), {"until": "2027-03-28"})
    michel.refresh_from_db()
    assert michel.resting_until == factories.local(2027, 3, 28, 0) > clock.now() + timedelta(days=100)
