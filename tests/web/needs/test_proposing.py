"""Who could go: the board, what stops it, the wave that is sent, the other ways on."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from palier.journal.models import Access
from palier.kernel import clock
from palier.matching.models import Offer, Wave
from palier.matching.operations import answer_offer, keep_apart, send_wave
from palier.messaging.models import Message
from palier.needs.models import Need
from palier.partners.operations import add_service
from palier.people.models import Consent, Person
from palier.referrals.models import Referral
from palier.territories.models import HelpKind, Organisation
from tests import factories
from tests.web.client import desk_client
from tests.web.needs.conftest import odettes_need


def board(client: Any, need: Need, **asked: Any) -> str:
    response = client.get(reverse("need_match", args=[need.pk]), asked)
    assert response.status_code == 200
    return str(response.content.decode())


def test_the_board_ranks_explains_and_ticks_the_proposed_wave(need: Any, neighbours: Any, desk: Any) -> None:
    said = board(desk, need)
    assert "2 voisins possibles" in said and "sur 3" in said
    assert said.index("Michel Lefort") < said.index("Fatou Ndiaye")
    assert len(re.findall(r'name="volunteers"[^>]* checked>', said)) == 2
    assert "Ne connaît pas encore Odette" in said and "min à pied</strong>" in said
    assert "Pourquoi lui" in said and "Pourquoi elle" in said
    assert "Aucun coup de main ce mois-ci" in said


def test_A11Y_20_the_message_shown_is_the_one_sent_with_its_count(
    need: Any, neighbours: Any, desk: Any, alba: Any
) -> None:
    said = board(desk, need)
    send_wave(need.pk, [neighbours[0].pk], actor=alba)
    sent = Message.objects.get(template="offer_request")
    assert sent.body.split("/r/")[0].replace("'", "&#39;") in said.replace("\u00a0", " ")
    assert f"{len(sent.body)} signes, pour Michel." in said.replace("\u00a0", " ")
    assert "Odette" not in sent.body and "Tilleuls" not in sent.body


def test_GDP_10_the_board_opens_her_file_and_is_written_down(need: Any, neighbours: Any, desk: Any) -> None:
    board(desk, need)
    assert Access.objects.filter(
        object_kind="people.person", object_id=need.person_id, operation="read"
    ).exists()


def test_GDP_26_almost_and_set_aside_are_named_by_their_rule(
    need: Any, neighbours: Any, desk: Any, belrive: Any
) -> None:
    factories.volunteer(belrive, "Anna", "Petit", kinds=("visit",))
    factories.volunteer(belrive, "Luc", "Blin", free=((0, "09:00", "12:00"),))
    said = board(desk, need)
    assert "1 n’a pas choisi « Courses »" in said.replace("\u00a0", " ")
    assert "1 n’est pas libre samedi 14 novembre, le matin" in said.replace("\u00a0", " ")
    assert "Presque : une seule règle les écarte" in said.replace("\u00a0", " ")
    assert "pas libre" in said and "plus loin" in said
    assert "Comment sont-ils classés" in said


def test_a_name_kept_apart_is_for_the_coordination_only(
    need: Any, neighbours: Any, desk: Any, agents_desk: Any, alba: Any
) -> None:
    keep_apart(need.person_id, neighbours[0].pk, actor=alba)
    for client, sees in ((desk, True), (agents_desk, False)):
        said = board(client, need)
        assert "Odette a demandé que ce ne soit pas" in said
        assert ("Michel Lefort" in said) is sees
    assert "visible par la coordination seulement" in board(agents_desk, need)


def test_the_map_says_in_words_what_it_shows(need: Any, neighbours: Any, desk: Any) -> None:
    said = board(desk, need)
    assert "Odette est au centre." in said and "Fatou est à 6 min, au sud-est." in said.replace("\u00a0", " ")
    assert "Positions approchées, à 100 m près" in said.replace("\u00a0", " ")


def test_help_by_telephone_has_no_map(belrive: Any, alba: Any, neighbours: Any, desk: Any) -> None:
    said = board(desk, odettes_need(belrive, alba, kind="calls", what="bavarder"))
    assert "<svg viewBox" not in said.split("Le message envoyé")[0].split("h-vois")[1]
    assert "Par téléphone : la distance ne compte pas" in said.replace("\u00a0", " ")


def test_sending_asks_those_ticked_and_no_other(need: Any, neighbours: Any, desk: Any) -> None:
    response = desk.post(reverse("need_match", args=[need.pk]), {"volunteers": [neighbours[1].pk]})
    assert response.status_code == 302 and response["Location"].startswith(reverse("need", args=[need.pk]))
    assert [offer.volunteer_id for offer in Offer.objects.all()] == [neighbours[1].pk]
    assert Message.objects.filter(template="offer_request").count() == 1
    assert "Demande envoyée à 1 voisin." in desk.get(
        reverse("need", args=[need.pk])
    ).content.decode().replace("\u00a0", " ")


def test_the_same_click_twice_asks_each_neighbour_once(need: Any, neighbours: Any, desk: Any) -> None:
    address, ticked = reverse("need_match", args=[need.pk]), {"volunteers": [neighbours[0].pk]}
    desk.post(address, ticked)
    second = desk.post(address, ticked)
    assert second.status_code == 422
    assert Offer.objects.count() == 1 and Wave.objects.count() == 1
    assert Message.objects.filter(template="offer_request").count() == 1


def test_coming_back_to_the_board_while_neighbours_are_asked_proposes_nobody_by_itself(
    need: Any, neighbours: Any, desk: Any, belrive: Any
) -> None:
    factories.volunteer(belrive, "Rose", "Blin")
    desk.post(reverse("need_match", args=[need.pk]), {"volunteers": [neighbours[0].pk]})
    said = board(desk, need)
    assert (
        "1 voisin a déjà été contacté" in said.replace("\u00a0", " ")
        and " checked>" not in said.split("h-vois")[1]
    )


def test_nobody_ticked_says_what_to_do_and_sends_nothing(need: Any, neighbours: Any, desk: Any) -> None:
    response = desk.post(reverse("need_match", args=[need.pk]), {})
    assert response.status_code == 422 and "Cochez au moins un voisin" in response.content.decode()
    assert not Wave.objects.exists()


@pytest.mark.parametrize("number", ["987654321", "-1", "1'--", "9" * 30])
def test_a_made_up_neighbour_is_refused(need: Any, neighbours: Any, desk: Any, number: str) -> None:
    response = desk.post(reverse("need_match", args=[need.pk]), {"volunteers": [number]})
    assert response.status_code == 422 and not Wave.objects.exists()


def test_by_telephone_nothing_is_sent_and_the_answers_are_noted_by_voice(
    need: Any, neighbours: Any, desk: Any
) -> None:
    desk.post(
        reverse("need_match", args=[need.pk]),
        {"volunteers": [one.pk for one in neighbours[:2]], "by_voice": "1"},
    )
    assert not Message.objects.exists()
    said = desk.get(reverse("need", args=[need.pk])).content.decode()
    assert "06 39 98 01 01" in said.replace("\u00a0", " ") and said.count('value="yes"') == 2
    offer = Offer.objects.get(volunteer=neighbours[0])
    desk.post(reverse("need_answer", args=[need.pk, offer.pk]), {"said": "yes"})
    offer.refresh_from_db()
    assert (offer.state, offer.answered_how, offer.noted_by) == ("accepted", "voice", "Alba Moreau")
    assert need.visits.count() == 1


def test_nobody_near_gives_three_ways_on_in_order(need: Any, desk: Any, belrive: Any) -> None:
    factories.volunteer(belrive, "Karim", "Loin", x=621_300.0, y=6_750_000.0, reach_minutes=60)
    said = board(desk, need)
    assert "Aucun voisin ne convient. Trois façons de continuer" in said
    ways = ["Chercher plus loin", "Confier à une association", "Le faire nous-mêmes"]
    places = [said.index(way, said.index("Trois façons")) for way in ways]
    assert places == sorted(places)
    further = board(desk, need, a_pied="30")
    assert "1 voisin possible" in further and "Recherche élargie à 30 min" in further.replace("\u00a0", " ")


def test_GDP_06_without_her_consent_the_page_says_what_to_ask(
    belrive: Any, alba: Any, neighbours: Any, desk: Any
) -> None:
    asked = odettes_need(belrive, alba, person=factories.person(belrive, agrees=False))
    said = board(desk, asked)
    assert "Pas d’accord noté : ne rien transmettre." in said.replace("\u00a0", " ")
    assert "Michel" not in said and "L’appeler pour demander" in said
    answer = reverse("need_consent", args=[asked.pk])
    assert desk.post(answer, {"purpose": "neighbour_help", "said": "yes"}).status_code == 302
    assert Consent.objects.get().is_given and "Michel Lefort" in board(desk, asked)


def test_her_no_is_respected_and_agrees_with_him(belrive: Any, alba: Any, neighbours: Any, desk: Any) -> None:
    henri = factories.person(belrive, "Henri", "Vasseur", title="monsieur", agrees=False, phone=None)
    asked = odettes_need(belrive, alba, person=henri)
    desk.post(reverse("need_consent", args=[asked.pk]), {"purpose": "neighbour_help", "said": "no"})
    assert "Il n’est pas d’accord pour donner son prénom" in board(desk, asked)
    response = desk.post(reverse("need_match", args=[asked.pk]), {"volunteers": [neighbours[0].pk]})
    assert response.status_code == 409 and not Wave.objects.exists()


def test_a_purpose_that_is_not_asked_here_is_refused(need: Any, desk: Any) -> None:
    response = desk.post(reverse("need_consent", args=[need.pk]), {"purpose": "telecare", "said": "yes"})
    assert response.status_code == 422


def test_care_or_money_is_never_given_to_a_neighbour(need: Any, neighbours: Any, desk: Any) -> None:
    HelpKind.objects.filter(pk=need.kind_id).update(is_for_neighbours=False)
    said = board(desk, need)
    assert "Ce besoin ne peut pas être confié à un voisin." in said and "Michel" not in said


def test_somebody_who_died_or_moved_is_proposed_nothing(need: Any, neighbours: Any, desk: Any) -> None:
    Person.objects.filter(pk=need.person_id).update(state=Person.State.DECEASED)
    assert "rien ne peut être proposé" in board(desk, need)


def test_once_somebody_said_yes_the_board_says_so(need: Any, neighbours: Any, desk: Any, alba: Any) -> None:
    wave = send_wave(need.pk, [neighbours[0].pk], actor=alba)
    answer_offer(wave.offers.get().pk, yes=True, how="sms", actor=alba)
    assert "Un voisin a déjà dit oui." in board(desk, need)
    assert (
        desk.post(reverse("need_match", args=[need.pk]), {"volunteers": [neighbours[1].pk]}).status_code
        == 409
    )


def test_a_moment_that_passed_is_to_be_changed_first(need: Any, neighbours: Any, alba: Any) -> None:
    with clock.at(factories.local(2026, 11, 15, 9)):
        assert "Le moment demandé est passé." in board(desk_client(alba), need)


def test_asking_can_be_stopped_once(need: Any, neighbours: Any, desk: Any, alba: Any) -> None:
    send_wave(need.pk, [neighbours[0].pk], actor=alba)
    for _click in range(2):
        assert desk.post(reverse("need_stop", args=[need.pk])).status_code == 302
    need.refresh_from_db()
    assert need.state == Need.State.TO_PROPOSE


def test_two_and_twenty_neighbours_cost_the_same_queries(
    need: Any, neighbours: Any, desk: Any, belrive: Any
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            board(desk, need)
        return len(asked)

    board(desk, need)
    two = cost()
    for number in range(20):
        factories.volunteer(belrive, f"Ana{number}", "Roy", x=620_000.0 + 30 * number)
    assert cost() == two
    assert "autres voisins possibles" in board(desk, need)


@pytest.fixture
def service(belrive: Any, alba: Any) -> Any:
    association = Organisation.objects.create(
        territory=belrive, kind="association", name="Les Petits Pas", short_name="Petits Pas"
    )
    head = factories.actor(factories.member(belrive, "Hugo", "Chef", "head"))
    return add_service(
        organisation_id=association.pk,
        name="Courses solidaires",
        nature="association",
        kinds=["shopping"],
        actor=head,
    )


def test_a_need_is_handed_over_and_taken_back(need: Any, desk: Any, service: Any) -> None:
    address = reverse("need_refer", args=[need.pk])
    assert "Courses solidaires" in desk.get(address).content.decode()
    assert desk.post(address, {"service": service.pk, "note": "Sonner fort"}).status_code == 302
    assert Referral.objects.get().note == "Sonner fort"
    need.refresh_from_db()
    assert need.state == Need.State.REFERRED
    assert "Confié à Courses solidaires." in desk.get(reverse("need", args=[need.pk])).content.decode()
    desk.post(reverse("need_take_back", args=[need.pk]))
    need.refresh_from_db()
    assert need.state == Need.State.TO_PROPOSE
    assert desk.post(reverse("need_take_back", args=[need.pk])).status_code == 302


def test_handing_over_without_a_choice_keeps_the_note(need: Any, desk: Any, service: Any) -> None:
    response = desk.post(reverse("need_refer", args=[need.pk]), {"note": "Elle entend mal"})
    said = response.content.decode()
    assert response.status_code == 422 and "Elle entend mal" in said and "Choisissez l’association" in said


def test_without_her_consent_nothing_can_be_handed_over(
    belrive: Any, alba: Any, desk: Any, service: Any
) -> None:
    asked = odettes_need(belrive, alba, person=factories.person(belrive, agrees=False))
    said = desk.get(reverse("need_refer", args=[asked.pk])).content.decode()
    assert "Pas d’accord noté" in said and "Courses solidaires" not in said
    assert desk.post(reverse("need_refer", args=[asked.pk]), {"service": service.pk}).status_code == 422
    assert not Referral.objects.exists()


@pytest.mark.parametrize("name", ["need_match", "need_refer"])
def test_another_territory_gets_404(need: Any, outsider: Any, name: str) -> None:
    assert outsider.get(reverse(name, args=[need.pk])).status_code == 404
    assert outsider.post(reverse(name, args=[need.pk]), {"volunteers": ["1"]}).status_code == 404


@pytest.mark.parametrize("name", ["need_consent", "need_stop", "need_take_back"])
def test_another_territory_gets_404_on_each_step(need: Any, outsider: Any, name: str) -> None:
    assert (
        outsider.post(reverse(name, args=[need.pk]), {"purpose": "partners", "said": "yes"}).status_code
        == 404
    )
