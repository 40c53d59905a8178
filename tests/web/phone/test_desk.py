"""The telephone desk: what rings, what is to be noted, the calls of the day."""

from datetime import timedelta
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from palier.calls import operations as calls
from palier.calls.models import Call
from palier.kernel import clock
from palier.territories import walls
from tests import factories
from tests.web.client import desk_client
from tests.web.phone.calls import ring, text_of, typed


def test_a_ringing_call_shows_who_it_may_be(belrive: Any, bruno: Any) -> None:
    factories.person(belrive)
    ring(belrive)
    page = text_of(desk_client(bruno).get("/telephone/"))
    assert "Odette Marchand ?" in page and "Sonne" in page and "Répondre" in page


def test_tel_21_a_shared_number_names_them_all(belrive: Any, bruno: Any) -> None:
    factories.person(belrive, "Jean", "Ferrand")
    factories.person(belrive, "Lucette", "Ferrand")
    ring(belrive)
    assert "Jean Ferrand ou Lucette Ferrand ?" in text_of(desk_client(bruno).get("/telephone/"))


def test_unknown_and_withheld_numbers_are_said(belrive: Any, bruno: Any) -> None:
    ring(belrive, "01 99 00 11 22", "a")
    ring(belrive, "anonymous", "b")
    page = text_of(desk_client(bruno).get("/telephone/"))
    assert "Numéro inconnu" in page and "Numéro masqué" in page and "01 99 00 11 22" in page


def test_a_call_that_ended_is_to_be_noted(belrive: Any, bruno: Any) -> None:
    call = ring(belrive, answered_by=bruno)
    calls.hang_up(call.pk, actor=bruno)
    assert "Appel à noter" in text_of(desk_client(bruno).get("/telephone/"))


def test_the_swapped_part_equals_the_freshly_loaded_one(belrive: Any, bruno: Any) -> None:
    factories.person(belrive)
    ring(belrive)
    client = desk_client(bruno)
    part = client.get("/telephone/", headers={"HX-Request": "true", "HX-Target": "en-cours"}).content.decode()
    page = client.get("/telephone/").content.decode()
    without_token = [
        line.strip() for line in part.splitlines() if "csrfmiddlewaretoken" not in line and line.strip()
    ]
    assert 'id="en-cours"' in part and "<html" not in part
    assert all(line in page for line in without_token)


def test_the_day_says_reason_result_and_who_noted(belrive: Any, bruno: Any, alba: Any) -> None:
    odette = factories.person(belrive)
    call = ring(belrive)
    calls.log_call(
        call.pk,
        who="self",
        person_id=odette.pk,
        reasons=["talk"],
        mood="less_well",
        next="nothing",
        actor=bruno,
    )
    page = text_of(desk_client(alba).get("/telephone/"))
    for words in (
        "Odette Marchand",
        "02 61 91 47 20",
        "Parler, être rassurée",
        "Rien de plus à faire",
        "Bruno Petit",
        "Moins bien",
    ):
        assert words in page


def test_the_calls_of_another_day_are_a_link_away(belrive: Any, bruno: Any) -> None:
    with clock.at(clock.now() - timedelta(days=1)):
        call = ring(belrive, "anonymous")
        calls.log_call(call.pk, who="anonymous", reasons=["talk"], next="nothing", actor=bruno)
    client = desk_client(bruno)
    assert "Pas encore d'appel noté aujourd'hui" in text_of(client.get("/telephone/"))
    assert "Numéro masqué" in text_of(client.get("/telephone/?jour=2026-11-11"))
    assert client.get("/telephone/?jour=demain&page=x").status_code == 200


def test_calls_are_found_by_half_a_name_and_by_number(belrive: Any, bruno: Any) -> None:
    odette = factories.person(belrive)
    calls.log_call(
        ring(belrive).pk, who="self", person_id=odette.pk, reasons=["talk"], next="nothing", actor=bruno
    )
    ring(belrive, "01 99 00 11 22", "two")
    client = desk_client(bruno)
    assert "Odette Marchand" in text_of(client.get("/telephone/?q=march"))
    assert "01 99 00 11 22" in text_of(client.get("/telephone/?q=01+99+00+11+22"))
    assert "Aucun appel pour « yvonne »" in text_of(client.get("/telephone/?q=yvonne"))


def test_a_long_day_has_pages(belrive: Any, bruno: Any) -> None:
    for number in range(27):
        call = ring(belrive, "anonymous", str(number))
        calls.log_call(call.pk, who="anonymous", reasons=["talk"], next="nothing", actor=bruno)
    client = desk_client(bruno)
    assert "Page suivante" in text_of(client.get("/telephone/"))
    second = text_of(client.get("/telephone/?page=2"))
    assert "Page précédente" in second and "Page suivante" not in second


def test_the_page_costs_the_same_with_twenty_calls_as_with_two(belrive: Any, bruno: Any) -> None:
    client = desk_client(bruno)

    def spent(more: int) -> int:
        for number in range(more):
            person = factories.person(
                belrive, "Odette", f"Marchand{more}{number}", phone=f"+3326191{more:02}{number:02}"
            )
            call = ring(belrive, f"02 61 91 {more:02} {number:02}", f"l{more}.{number}")
            calls.log_call(
                call.pk,
                who="self",
                person_id=person.pk,
                reasons=["talk", "help"],
                next="nothing",
                actor=bruno,
            )
            ring(belrive, f"02 61 91 {more:02} {number:02}", f"r{more}.{number}")
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/telephone/").status_code == 200
        return len(queries)

    assert spent(2) == spent(18)


def test_f2_opens_a_call_by_hand(belrive: Any, bruno: Any) -> None:
    answer = desk_client(bruno).post("/telephone/nouveau/")
    call = Call.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/telephone/{call.pk}/")
    assert (call.provider, call.state, call.answered_by_id) == ("desk", "answered", bruno.membership_id)


def test_f2_answers_the_telephone_that_rings(belrive: Any, bruno: Any) -> None:
    ringing = ring(belrive)
    answer = desk_client(bruno).post("/telephone/nouveau/", {"back": "/telephone/"})
    ringing.refresh_from_db()
    assert answer["Location"].startswith(f"/telephone/{ringing.pk}/?retour=")
    assert (ringing.state, ringing.answered_by_id) == ("answered", bruno.membership_id)
    assert Call.objects.count() == 1


def test_f2_on_a_file_calls_this_person_even_while_it_rings(belrive: Any, bruno: Any) -> None:
    odette = factories.person(belrive)
    ring(belrive, "01 99 00 11 22")
    answer = desk_client(bruno).post("/telephone/nouveau/", {"person": odette.pk})
    call = Call.objects.get(provider="desk")
    assert call.person_id == odette.pk and answer["Location"] == f"/telephone/{call.pk}/"


def test_a_double_click_opens_one_call(belrive: Any, bruno: Any) -> None:
    client = desk_client(bruno)
    first, second = client.post("/telephone/nouveau/"), client.post("/telephone/nouveau/")
    assert first["Location"] == second["Location"]


def test_two_desks_answer_and_the_first_keeps_it(belrive: Any, bruno: Any, alba: Any) -> None:
    call = ring(belrive)
    desk_client(bruno).post(f"/telephone/{call.pk}/repondre/")
    desk_client(alba).post(f"/telephone/{call.pk}/repondre/")
    call.refresh_from_db()
    assert call.answered_by_id == bruno.membership_id
    assert "Bruno Petit est en ligne avec elle." in text_of(desk_client(alba).get(f"/telephone/{call.pk}/"))


def test_other_territorys_numbers_are_not_found(belrive: Any, bruno: Any, carla: Any) -> None:
    walls.enter(carla.territory_id)
    theirs = calls.start_by_hand(actor=carla)
    their_person = factories.person(factories.Territory.objects.get(pk=carla.territory_id))
    walls.enter(belrive.pk)
    client = desk_client(bruno)
    assert client.get(f"/telephone/{theirs.pk}/").status_code == 404
    for action in (
        "",
        "repondre/",
        "brouillon/",
        "garder/",
        "danger/",
        "sans-suite/",
        "sans-reponse/",
        "annuler/",
    ):
        assert client.post(f"/telephone/{theirs.pk}/{action}", typed()).status_code == 404, action
    assert client.post("/telephone/nouveau/", {"person": their_person.pk}).status_code == 404
    assert client.post("/telephone/nouveau/", {"planned": 10**9}).status_code == 404


def test_who_is_not_of_the_desk_is_refused_everywhere(belrive: Any, bruno: Any) -> None:
    call = ring(belrive)
    client = desk_client(factories.member(belrive, "Julien", "Roux", "caller"))
    assert client.get("/telephone/").status_code == 403
    assert client.get(f"/telephone/{call.pk}/").status_code == 403
    assert client.post("/telephone/nouveau/").status_code == 403
    for action in (
        "",
        "repondre/",
        "brouillon/",
        "garder/",
        "danger/",
        "sans-suite/",
        "sans-reponse/",
        "annuler/",
    ):
        assert client.post(f"/telephone/{call.pk}/{action}", typed()).status_code == 403, action
