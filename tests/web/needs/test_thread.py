"""The thread of one need: answers by voice, the visit, both opinions, the end, and asking again."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.urls import reverse

from palier.concerns.models import Concern
from palier.duties.models import Duty
from palier.journal.models import Access
from palier.kernel import clock
from palier.matching.models import KeepApart, Offer
from palier.matching.operations import answer_offer, send_wave
from palier.needs.models import Need
from palier.visits.models import Visit
from tests import factories
from tests.web.client import desk_client


def shown(client: Any, need: Need) -> str:
    response = client.get(reverse("need", args=[need.pk]))
    assert response.status_code == 200
    return str(response.content.decode().replace("\u00a0", " "))


@pytest.fixture
def visit(need: Any, neighbours: Any, alba: Any) -> Visit:
    """Michel said yes, Fatou was asked too."""
    wave = send_wave(need.pk, [one.pk for one in neighbours[:2]], actor=alba)
    answer_offer(wave.offers.get(volunteer=neighbours[0]).pk, yes=True, how="sms", actor=alba)
    return Visit.objects.get()


@contextmanager
def saturday(alba: Any, hour: int = 12) -> Iterator[Any]:
    """After the visit's window, at the desk."""
    with clock.at(factories.local(2026, 11, 14, hour, 30)):
        yield desk_client(alba)


def test_the_thread_says_where_it_stands_and_whose_turn_it_is(need: Any, desk: Any) -> None:
    said = shown(desk, need)
    assert "Courses pour Odette Marchand" in said and "Personne n’est encore contacté." in said
    assert 'aria-current="step"' in said and "Sans responsable" in said
    assert Access.objects.filter(object_kind="people.person", object_id=need.person_id).exists()


def test_answers_messages_and_journal_are_in_the_thread(need: Any, visit: Any, desk: Any) -> None:
    said = shown(desk, need)
    assert "Michel Lefort y va." in said and "A dit oui" in said
    assert "Oui : Michel Lefort y va" in said and "Messages de ce besoin" in said
    assert "06 39 98 01 01" in said


def test_an_answer_is_noted_once_and_a_second_yes_is_thanked(
    need: Any, neighbours: Any, desk: Any, alba: Any
) -> None:
    wave = send_wave(need.pk, [one.pk for one in neighbours[:2]], actor=alba)
    michel, fatou = wave.offers.order_by("rank")
    for offer in (michel, michel, fatou):
        assert desk.post(reverse("need_answer", args=[need.pk, offer.pk]), {"said": "yes"}).status_code == 302
    states = dict(Offer.objects.values_list("pk", "state"))
    assert states == {michel.pk: "accepted", fatou.pk: "too_late"} and need.visits.count() == 1


def test_an_answer_that_is_neither_yes_nor_no_is_refused(
    need: Any, neighbours: Any, desk: Any, alba: Any
) -> None:
    offer = send_wave(need.pk, [neighbours[0].pk], actor=alba).offers.get()
    assert (
        desk.post(reverse("need_answer", args=[need.pk, offer.pk]), {"said": "peut-être"}).status_code == 422
    )
    offer.refresh_from_db()
    assert offer.state == "asked"


def test_an_offer_of_another_need_is_not_found_here(
    need: Any, neighbours: Any, desk: Any, alba: Any, belrive: Any
) -> None:
    from tests.web.needs.conftest import odettes_need

    other = odettes_need(belrive, alba, person=factories.person(belrive, "Rose", phone=None))
    offer = send_wave(other.pk, [neighbours[0].pk], actor=alba).offers.get()
    assert desk.post(reverse("need_answer", args=[need.pk, offer.pk]), {"said": "yes"}).status_code == 404


def test_the_whole_way_from_the_visit_to_the_end(need: Any, visit: Any, alba: Any) -> None:
    with saturday(alba) as desk:
        assert "La visite a eu lieu" in shown(desk, need)
        desk.post(reverse("visit_prove", args=[need.pk, visit.pk]), {"faite-came_at": "10:30"})
        visit.refresh_from_db()
        assert (visit.state, visit.proof, visit.came_at) == (
            "done",
            "call",
            factories.local(2026, 11, 14, 10, 30),
        )
        assert "C’est fait." in shown(desk, need)
        call = need.planned_calls.get()
        desk.post(reverse("need_feedback", args=[need.pk, call.pk]), {"retour-feedback": "so_so"})
        visit.refresh_from_db()
        assert visit.person_says == "so_so"
        assert "Elle dit que cela s’est passé moyennement." in shown(desk, need)
        need.refresh_from_db()
        if need.closed_at is None:
            desk.post(
                reverse("need_close", args=[need.pk]),
                {"fin-outcome": "met_by_neighbour", "fin-note": "merci"},
            )
            need.refresh_from_db()
        assert need.outcome == "met_by_neighbour"
        assert "Fait par un voisin." in shown(desk, need)


def test_a_visit_cannot_be_proved_before_its_time(need: Any, visit: Any, desk: Any) -> None:
    assert "La visite a eu lieu" not in shown(desk, need)
    assert desk.post(reverse("visit_prove", args=[need.pk, visit.pk]), {}).status_code == 422


def test_nobody_answered_keeps_the_call_owed(need: Any, visit: Any, alba: Any) -> None:
    with saturday(alba) as desk:
        desk.post(reverse("visit_prove", args=[need.pk, visit.pk]))
        call = need.planned_calls.get()
        desk.post(reverse("need_feedback", args=[need.pk, call.pk]), {"retour-feedback": "no_answer"})
        assert need.planned_calls.filter(closed_at__isnull=True).exists()


def test_an_opinion_left_out_is_asked_again(need: Any, visit: Any, alba: Any) -> None:
    with saturday(alba) as desk:
        desk.post(reverse("visit_prove", args=[need.pk, visit.pk]))
        call = need.planned_calls.get()
        response = desk.post(reverse("need_feedback", args=[need.pk, call.pk]), {})
        assert response.status_code == 422 and "Choisissez une réponse" in response.content.decode()


def test_what_worried_the_neighbour_opens_a_concern(need: Any, visit: Any, alba: Any) -> None:
    with saturday(alba) as desk:
        desk.post(reverse("visit_prove", args=[need.pk, visit.pk]))
        for _click in range(2):
            desk.post(
                reverse("visit_report", args=[need.pk, visit.pk]),
                {"said": "worried", "note": "Elle a maigri"},
            )
        assert Concern.objects.count() == 1
        assert "Quelque chose l’a inquiété" in shown(desk, need)


@pytest.mark.parametrize(
    ("name", "field", "state", "then"),
    [
        ("visit_cancel", "annuler-reason", "cancelled", "to_propose"),
        ("visit_withdraw", "retrait-reason", "withdrawn", "asking"),
    ],
)
def test_a_visit_called_off_says_why_once(
    need: Any,
    visit: Any,
    desk: Any,
    neighbours: Any,
    belrive: Any,
    name: str,
    field: str,
    state: str,
    then: str,
) -> None:
    factories.volunteer(belrive, "Rose", "Blin", gender="woman")
    address = reverse(name, args=[need.pk, visit.pk])
    refused = desk.post(address, {field: ""})
    assert refused.status_code == 422 and "Dites en quelques mots" in refused.content.decode()
    for _click in range(2):
        assert desk.post(address, {field: "grippe"}).status_code == 302
    visit.refresh_from_db()
    need.refresh_from_db()
    assert (visit.state, need.state) == (state, then)


def test_a_visit_that_was_not_made_goes_back_to_be_proposed(need: Any, visit: Any, alba: Any) -> None:
    with saturday(alba) as desk:
        desk.post(reverse("visit_not_done", args=[need.pk, visit.pk]), {"pas-reason": "personne n’a ouvert"})
    visit.refresh_from_db()
    need.refresh_from_db()
    assert (visit.state, need.state) == ("not_done", "to_propose")


def test_a_need_ends_with_an_outcome_once(need: Any, desk: Any) -> None:
    address = reverse("need_close", args=[need.pk])
    refused = desk.post(address, {"fin-note": "sa fille est passée"})
    assert refused.status_code == 422 and "sa fille est passée" in refused.content.decode()
    assert desk.post(address, {"fin-outcome": "no_longer_needed"}).status_code == 302
    again = desk.post(address, {"fin-outcome": "unmet"})
    assert again.status_code == 409 and "Alba Moreau" in again.content.decode()
    need.refresh_from_db()
    assert need.outcome == "no_longer_needed"


def test_asking_again_opens_a_new_need_that_leads_back(need: Any, desk: Any) -> None:
    desk.post(reverse("need_close", args=[need.pk]), {"fin-outcome": "unmet"})
    address = reverse("need_reopen", args=[need.pk])
    past = desk.post(address, {"part": "morning", "on": "2026-11-01"})
    assert past.status_code == 422 and "déjà passé" in past.content.decode()
    assert desk.post(address, {"part": "hours", "on": "2026-11-20", "from_at": "10:00"}).status_code == 302
    new = Need.objects.get(reopens=need)
    assert (new.starts_at, new.ends_at) == (
        factories.local(2026, 11, 20, 10),
        factories.local(2026, 11, 20, 11),
    )
    assert reverse("need", args=[need.pk]) in shown(desk, new) and "Rouvert le" in shown(desk, need)
    assert desk.post(address, {"part": "morning", "on": "2026-11-21"}).status_code == 422


def test_i_take_it_and_hand_it_on(need: Any, desk: Any, agents_desk: Any, bruno: Any) -> None:
    address = reverse("need_owner", args=[need.pk])
    agents_desk.post(address)
    need.refresh_from_db()
    assert need.owner_id == bruno.membership_id
    assert (
        Duty.objects.open().get(subject_id=need.pk, subject_kind="needs.need").owner_id == bruno.membership_id
    )
    # Somebody else pressed the same button a second later.
    desk.post(address)
    need.refresh_from_db()
    assert need.owner_id == bruno.membership_id and "s’en charge déjà" in shown(desk, need)
    claire = factories.member(need.territory, "Claire", "Duval")
    desk.post(address, {"membership": claire.pk})
    need.refresh_from_db()
    assert need.owner_id == claire.pk


def test_a_need_is_not_handed_to_a_stranger(need: Any, desk: Any, carla: Any) -> None:
    assert (
        desk.post(reverse("need_owner", args=[need.pk]), {"membership": carla.membership_id}).status_code
        == 422
    )
    need.refresh_from_db()
    assert need.owner_id is None


def test_an_agent_does_not_give_away_what_a_colleague_owns(
    need: Any, desk: Any, agents_desk: Any, bruno: Any
) -> None:
    desk.post(reverse("need_owner", args=[need.pk]))
    response = agents_desk.post(reverse("need_owner", args=[need.pk]), {"membership": bruno.membership_id})
    assert response.status_code == 403


def test_a_neighbour_she_does_not_want_is_never_proposed_again(
    need: Any, visit: Any, desk: Any, neighbours: Any
) -> None:
    address = reverse("need_keep_apart", args=[need.pk])
    assert desk.post(address, {"volunteer": neighbours[2].pk}).status_code == 422
    for _click in range(2):
        assert desk.post(address, {"volunteer": neighbours[1].pk}).status_code == 302
    assert KeepApart.objects.count() == 1


STEPS = ["need_close", "need_reopen", "need_change", "need_owner", "need_keep_apart"]


@pytest.mark.parametrize("name", STEPS)
def test_another_territory_gets_404(need: Any, outsider: Any, name: str) -> None:
    assert outsider.get(reverse("need", args=[need.pk])).status_code == 404
    assert outsider.post(reverse(name, args=[need.pk]), {"volunteer": "1"}).status_code == 404


@pytest.mark.parametrize(
    "name", ["visit_prove", "visit_not_done", "visit_cancel", "visit_withdraw", "visit_report"]
)
def test_another_territory_gets_404_on_the_visit(need: Any, visit: Any, outsider: Any, name: str) -> None:
    assert outsider.post(reverse(name, args=[need.pk, visit.pk])).status_code == 404


def test_a_step_is_never_done_by_a_link(need: Any, visit: Any, desk: Any) -> None:
    for name in ("visit_prove", "visit_cancel", "visit_withdraw"):
        assert desk.get(reverse(name, args=[need.pk, visit.pk])).status_code == 405
    assert desk.get(reverse("need_close", args=[need.pk])).status_code == 405
