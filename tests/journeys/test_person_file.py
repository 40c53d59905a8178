"""A file worked with the keyboard alone: who comes, an absence, a code shown once, somebody not to be rung, a departure."""

import pytest
from playwright.sync_api import Page

from palier.people import operations as people
from palier.people.living import Away, Presence
from palier.people.models import Contact, Person
from tests import factories
from tests.journeys.conftest import PHONE_SCREEN, Site
from tests.journeys.test_one_need import looked_at, tab_to, watched

pytestmark = pytest.mark.browser


@pytest.fixture
def odette(live_site: Site) -> Person:
    with live_site.inside():
        actor = factories.actor(live_site.bruno)
        person = factories.person(live_site.town)
        people.note_presence(person.pk, who="Infirmière", kind="visit", days=[0, 2], actor=actor)
        people.keep_secret(person.pk, kind="door_code", value="41B72", actor=actor)
        for name, number in (("Sylvie Carpentier", "06 39 98 12 45"), ("Didier Rouxel", "06 39 98 55 12")):
            people.add_contact(person.pk, name=name, relation="child", phone=number, actor=actor)
        return person


def follow(page: Page, name: str) -> None:
    """Tab to it and press Enter; the next page is there."""
    tab_to(page, name)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_a_file_is_kept_with_the_keyboard_alone(live_site: Site, odette: Person) -> None:
    said: list[str] = []
    page = watched(live_site.page(live_site.bruno, f"/personnes/{odette.pk}/"), said)
    looked_at(page, "file")

    # 1. Her week: somebody comes on Tuesdays.
    page.goto(f"{live_site.url}/personnes/{odette.pk}/semaine/")
    tab_to(page, "Qui")
    page.keyboard.type("Sylvie, sa fille")
    page.keyboard.press("Tab")
    page.keyboard.press("1")
    page.keyboard.press("Tab")
    page.keyboard.press("2")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    looked_at(page, "week")
    with live_site.inside():
        noted = Presence.objects.get(who="Sylvie, sa fille")
        assert (noted.kind, noted.days) == ("call", [1])

    # 2. She is at hospital; the file and the form of a need say so.
    page.goto(f"{live_site.url}/personnes/{odette.pk}/absence/")
    looked_at(page, "away")
    tab_to(page, "à l’hôpital")
    page.keyboard.press("1")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    assert page.get_by_text("À l’hôpital").first.is_visible()
    with live_site.inside():
        assert Away.objects.open().get().reason == "hospital"

    # 3. The door code, for a reason, once.
    page.goto(f"{live_site.url}/personnes/{odette.pk}/codes/")
    assert page.get_by_text("41B72").count() == 0
    tab_to(page, "Afficher.*digicode")
    page.keyboard.press("Enter")
    tab_to(page, "Pourquoi")
    page.keyboard.type("Visite de ce matin")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.get_by_text("41B72").is_visible()
    looked_at(page, "code")

    # 4. Somebody who must not be rung any more.
    with live_site.inside():
        didier = Contact.objects.get(name="Didier Rouxel").pk
    page.goto(f"{live_site.url}/personnes/proches/{didier}/")
    tab_to(page, "Ne plus contacter")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Elle a peur de lui.")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    looked_at(page, "apart")
    page.goto(f"{live_site.url}/personnes/{odette.pk}/")
    assert page.locator("a[href*='5512']").count() == 0
    assert page.locator("a[href='tel:+33639981245']").count() >= 1

    # 5. She moved: what will stop is read before.
    page.goto(f"{live_site.url}/personnes/{odette.pk}/depart/")
    tab_to(page, "Déménagement")
    page.keyboard.press("1")
    follow(page, "Voir ce qui s’arrêtera")
    looked_at(page, "leaving")
    follow(page, "Fermer la fiche")
    looked_at(page, "left")
    with live_site.inside():
        assert Person.objects.get(pk=odette.pk).state == "moved"
        assert not Away.objects.open().exists()
    follow(page, "C’est une erreur")
    with live_site.inside():
        assert Person.objects.get(pk=odette.pk).state == "active"
    assert said == []


def test_the_pages_of_a_file_stand_on_a_telephone_and_axe_finds_nothing(
    live_site: Site, odette: Person
) -> None:
    page = live_site.page(live_site.alba, f"/personnes/{odette.pk}/", size=PHONE_SCREEN)
    looked_at(page, "file-phone")
    for place in (
        "semaine",
        "absence",
        "foyer",
        "protection",
        "codes",
        "notes",
        "accords",
        "depart",
        "a-part",
    ):
        page.goto(f"{live_site.url}/personnes/{odette.pk}/{place}/")
        looked_at(page, f"file-{place}")
