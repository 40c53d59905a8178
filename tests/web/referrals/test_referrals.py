"""What a partner sees: the least before their yes, the rest after it, nothing of anybody else's."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from palier.journal.models import Access
from palier.needs.models import Need
from palier.partners.operations import add_service
from palier.referrals.models import Referral
from palier.referrals.operations import propose_referral
from palier.territories import walls
from palier.territories.models import Organisation
from tests import factories
from tests.web.client import desk_client
from tests.web.needs.conftest import odettes_need


@pytest.fixture
def service(belrive: Any) -> Any:
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


@pytest.fixture
def paul(belrive: Any, service: Any) -> Any:
    """Works for the association."""
    return desk_client(
        factories.member(belrive, "Paul", "Vidal", "partner", organisation=service.organisation)
    )


@pytest.fixture
def handed(belrive: Any, alba: Any, service: Any) -> Referral:
    need = odettes_need(belrive, alba, details="La liste est sur le frigo")
    return propose_referral(need.pk, service.pk, note="Sonner fort", actor=alba)


def page(client: Any, **asked: Any) -> str:
    response = client.get(reverse("referrals"), asked)
    assert response.status_code == 200
    return str(response.content.decode().replace("\u00a0", " "))


HERS = ("Odette", "Marchand", "Tilleuls", "47 20", "frigo", "Sonner fort")


def test_GDP_06_before_their_yes_a_partner_sees_what_when_and_where_about(handed: Any, paul: Any) -> None:
    said = page(paul)
    assert "Courses" in said and "samedi 14 novembre, le matin" in said and "45990 Belrive" in said
    assert not [word for word in HERS if word in said]
    assert not Access.objects.filter(object_kind="people.person").exists()


def test_GDP_10_after_their_yes_the_rest_comes_and_is_written_down(handed: Any, paul: Any) -> None:
    assert (
        paul.post(
            reverse("referral_answer", args=[handed.pk]), {"said": "yes", "answer": "Jeudi"}
        ).status_code
        == 302
    )
    said = page(paul)
    assert all(word in said for word in HERS)
    assert Access.objects.filter(object_kind="people.person", object_id=handed.need.person_id).exists()


def test_done_closes_the_need_once_and_hides_her_again(handed: Any, paul: Any) -> None:
    paul.post(reverse("referral_answer", args=[handed.pk]), {"said": "yes"})
    for _click in range(2):
        assert paul.post(reverse("referral_done", args=[handed.pk])).status_code == 302
    assert Need.objects.get(pk=handed.need_id).outcome == "met_by_association"
    assert "Aucune demande en attente" in page(paul)
    done = page(paul, etat="termines")
    assert "Courses" in done and not [word for word in HERS if word in done]


def test_a_no_gives_the_need_back_with_its_word(handed: Any, paul: Any, alba: Any) -> None:
    paul.post(
        reverse("referral_answer", args=[handed.pk]), {"said": "no", "answer": "Plus personne ce samedi"}
    )
    handed.refresh_from_db()
    assert (handed.state, handed.answer) == ("declined", "Plus personne ce samedi")
    assert Need.objects.get(pk=handed.need_id).state == "to_propose"
    late = paul.post(reverse("referral_answer", args=[handed.pk]), {"said": "yes"})
    assert late.status_code == 302 and "déjà réglé" in page(paul)


def test_the_desk_notes_what_they_said_on_the_telephone(handed: Any, alba: Any) -> None:
    desk = desk_client(alba)
    assert "Ils acceptent" in desk.get(reverse("need", args=[handed.need_id])).content.decode()
    response = desk.post(reverse("referral_answer", args=[handed.pk]), {"said": "yes"})
    assert response["Location"] == reverse("need", args=[handed.need_id])
    handed.refresh_from_db()
    assert handed.state == "accepted"


def test_a_word_too_long_is_kept_and_said(handed: Any, paul: Any) -> None:
    response = paul.post(reverse("referral_answer", args=[handed.pk]), {"said": "yes", "answer": "é" * 1001})
    assert response.status_code == 422 and "é" * 1001 in response.content.decode()
    handed.refresh_from_db()
    assert handed.state == "proposed"


def test_another_association_sees_nothing_and_answers_nothing(handed: Any, belrive: Any) -> None:
    other = Organisation.objects.create(
        territory=belrive, kind="association", name="Autre", short_name="Autre"
    )
    stranger = desk_client(factories.member(belrive, "Eva", "Roux", "partner", organisation=other))
    assert "Courses" not in page(stranger)
    assert stranger.post(reverse("referral_answer", args=[handed.pk]), {"said": "yes"}).status_code == 404
    assert stranger.post(reverse("referral_done", args=[handed.pk])).status_code == 404


def test_another_territory_gets_404(handed: Any, carla: Any) -> None:
    with walls.inside(carla.territory_id):
        client = desk_client(carla)
    assert client.post(reverse("referral_answer", args=[handed.pk]), {"said": "yes"}).status_code == 404


def test_the_list_is_the_partners_and_an_answer_is_a_post(handed: Any, paul: Any, alba: Any) -> None:
    assert desk_client(alba).get(reverse("referrals")).status_code == 403
    assert paul.get(reverse("referral_answer", args=[handed.pk])).status_code == 405
    assert paul.post(reverse("referral_answer", args=[handed.pk]), {"said": "bof"}).status_code == 422
    assert paul.get(reverse("needs")).status_code == 403


def test_two_and_twenty_cost_the_same_queries(belrive: Any, alba: Any, service: Any, paul: Any) -> None:
    def hand(number: int) -> None:
        one = factories.person(belrive, f"Rose{number}", phone=f"+3326191{4000 + number}")
        made = propose_referral(odettes_need(belrive, alba, person=one).pk, service.pk, actor=alba)
        if number % 2:
            paul.post(reverse("referral_answer", args=[made.pk]), {"said": "yes"})

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            page(paul)
        # One line of the access log for each file shown is the price of writing it down (its text is not kept).
        return sum(bool(query["sql"]) and "palier_note_access" not in query["sql"] for query in asked)

    for number in range(2):
        hand(number)
    page(paul)
    two = cost()
    for number in range(2, 20):
        hand(number)
    assert cost() == two
