"""The territory's own lists, hours and partners."""

import pytest

from palier.calls.models import CallReason
from palier.partners.models import PartnerService
from palier.territories.models import Closure, HelpKind, OpeningHours
from tests import factories
from tests.web.client import desk_client

pytestmark = pytest.mark.django_db


@pytest.fixture
def head(belrive):
    return desk_client(factories.member(belrive, "Hélène", "Direction", "head"))


def test_a_kind_of_help_is_added_in_the_towns_own_words(belrive, head):
    form = {
        "name": "Sortir le chien",
        "in_a_message": "de sortir un chien",
        "usual_minutes": 30,
        "order": 9,
        "is_active": "on",
    }
    assert head.post("/equipe/listes/aide/0/", form | {"is_for_neighbours": "on"}).status_code == 302
    kind = HelpKind.objects.get(name="Sortir le chien")
    assert kind.code == "sortir-le-chien" and kind.territory_id == belrive.pk
    assert "Sortir le chien" in head.get("/equipe/listes/").content.decode()


def test_A11Y_20_a_text_that_an_SMS_does_not_carry_is_said_at_its_field(belrive, head):
    form = {"name": "Goûter", "in_a_message": "d’un goûter", "usual_minutes": 30, "order": 9}
    answer = head.post("/equipe/listes/aide/0/", form)
    assert answer.status_code == 422 and "Essayez" in answer.content.decode()
    assert not HelpKind.objects.filter(name="Goûter").exists()


def test_a_reason_is_renamed_and_taken_off_the_list(belrive, head):
    reason = CallReason.objects.get(code="other")
    head.post(f"/equipe/listes/motif/{reason.pk}/", {"name": "Autre chose", "order": 6})
    reason.refresh_from_db()
    assert reason.name == "Autre chose" and not reason.is_active and reason.code == "other"


def test_hours_and_closures_come_and_go(belrive, head):
    head.post(
        "/equipe/horaires/", {"quoi": "heures", "weekday": 5, "opens_at": "09:00", "closes_at": "12:00"}
    )
    saturday = OpeningHours.objects.get(weekday=5)
    head.post("/equipe/horaires/", {"quoi": "fermeture", "on": "2026-12-24", "label": "Veille de Noël"})
    assert Closure.objects.get().label == "Veille de Noël"
    head.post(f"/equipe/horaires/{saturday.pk}/retirer/")
    assert not OpeningHours.objects.filter(weekday=5).exists()


def test_closing_before_opening_is_refused_at_its_field(belrive, head):
    answer = head.post(
        "/equipe/horaires/", {"quoi": "heures", "weekday": 5, "opens_at": "12:00", "closes_at": "09:00"}
    )
    assert answer.status_code == 422 and "après l’ouverture" in answer.content.decode()


def test_a_partner_takes_what_neighbours_cannot(belrive, head):
    form = {
        "organisation": "Les Voisins du Quai",
        "name": "Portage de repas",
        "nature": "association",
        "kinds": ["shopping"],
    }
    assert head.post("/equipe/partenaires/", form).status_code == 302
    assert PartnerService.objects.get().organisation.kind == "association"


def test_an_agent_changes_no_list(belrive, bruno):
    assert desk_client(bruno).get("/equipe/listes/").status_code == 403
