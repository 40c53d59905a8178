"""The telephone desk by keyboard alone, in Chromium: ten keys, nothing lost, what rings appears by itself."""

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from palier.accounts.actor import Actor
from palier.accounts.models import Session
from palier.calls import operations as calls
from palier.calls.models import Call
from palier.needs.models import Need
from tests import factories
from tests.journeys.conftest import PHONE_SCREEN, Site

pytestmark = pytest.mark.browser


class Keys:
    """A keyboard that counts."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.pressed = 0

    def __call__(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed += 1


def ring(site: Site, number: str = "02 61 91 47 20", key: str = "one") -> int:
    with site.inside():
        machine = Actor.machine("telephone", site.town.pk)
        return calls.ring(provider="pbx", call_key=key, number_raw=number, actor=machine).pk


def odette(site: Site, **fields: Any) -> Any:
    with site.inside():
        return factories.person(site.town, **fields)


def call_of(site: Site, pk: int) -> Call:
    with site.inside():
        return Call.objects.get(pk=pk)


def test_a_known_caller_is_noted_from_f2_to_saved_in_ten_keys_besides_the_note(live_site: Site) -> None:
    person = odette(live_site)
    pk = ring(live_site)
    page = live_site.page(live_site.bruno, "/aujourdhui/")
    press = Keys(page)
    press("F2")
    expect(page.locator("h1")).to_have_text("Odette Marchand, 84 ans")
    expect(page.get_by_label(re.compile("^Elle"))).to_be_focused()
    press("1", "Tab", "1", "Tab", "2", "Tab")
    page.keyboard.type("Elle parle de son jardin.")
    press("Tab", "1", "Control+Enter")
    expect(page.get_by_text("Appel enregistré.")).to_be_visible()
    assert press.pressed <= 10
    call = call_of(live_site, pk)
    assert (call.person_id, call.who, call.mood, call.next) == (person.pk, "self", "as_usual", "nothing")
    assert call.words == "Elle parle de son jardin." and call.logging_seconds is not None


def test_a_caller_without_number_is_noted_in_ten_keys_besides_the_note(live_site: Site) -> None:
    page = live_site.page(live_site.bruno, "/telephone/")
    press = Keys(page)
    press("F2")
    expect(page.get_by_label("Chercher", exact=True)).to_be_focused()
    press("Tab", "Tab", "Tab", "1", "Tab", "Tab")
    page.keyboard.type("Demande l’heure du marché.")
    press("Tab", "1", "Control+Enter")
    expect(page.get_by_text("Appel enregistré.")).to_be_visible()
    assert press.pressed <= 10
    with live_site.inside():
        call = Call.objects.get()
    assert (call.who, call.person_id, call.words, call.next) == (
        "anonymous",
        None,
        "Demande l’heure du marché.",
        "nothing",
    )


def test_half_a_street_finds_her_without_leaving_the_call(live_site: Site) -> None:
    person = odette(live_site, phone=None, talk_note="Entend mal de l’oreille droite.")
    page = live_site.page(live_site.bruno, "/telephone/")
    page.keyboard.press("F2")
    expect(page.get_by_label("Chercher", exact=True)).to_be_focused()
    page.keyboard.type("tilleu")
    expect(page.get_by_label(re.compile("Odette Marchand"))).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("1")
    expect(page.get_by_text("Entend mal de l’oreille droite.")).to_be_visible()
    expect(page.get_by_label(re.compile("^Elle"))).to_be_checked()
    page.get_by_label("Ce qui a été dit").fill("Bonjour.")
    page.get_by_label(re.compile("^Rien ")).check()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Appel enregistré.")).to_be_visible()
    with live_site.inside():
        assert Call.objects.get().person_id == person.pk


def test_what_was_typed_survives_a_reload(live_site: Site) -> None:
    odette(live_site)
    pk = ring(live_site)
    page = live_site.page(live_site.bruno, f"/telephone/{pk}/")
    page.get_by_label("Ce qui a été dit").fill("Une longue histoire 😀.")
    page.get_by_label(re.compile("^Noter un besoin")).check()
    page.get_by_label(re.compile("Détail pour le voisin")).fill("Du lait.")
    with page.expect_response(
        lambda answer: "brouillon" in answer.url and "lait" in (answer.request.post_data or "")
    ) as kept:
        page.get_by_label(re.compile("Détail pour le voisin")).blur()
    assert kept.value.status == 204
    expect(page.get_by_text(re.compile("Brouillon gardé à"))).to_be_visible()
    page.reload()
    expect(page.get_by_label("Ce qui a été dit")).to_have_value("Une longue histoire 😀.")
    expect(page.get_by_label(re.compile("Détail pour le voisin"))).to_have_value("Du lait.")
    expect(page.get_by_label(re.compile("^Noter un besoin"))).to_be_checked()


def test_a_session_that_ends_meanwhile_loses_nothing(live_site: Site) -> None:
    odette(live_site)
    pk = ring(live_site)
    page = live_site.page(live_site.bruno, f"/telephone/{pk}/")
    with live_site.inside():
        Session.objects.all().delete()
    page.get_by_label("Ce qui a été dit").fill("Ne pas perdre.")
    page.get_by_label(re.compile("^Rien ")).check()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Votre accès est à confirmer.")).to_be_visible()
    expect(page.get_by_label("Ce qui a été dit")).to_have_value("Ne pas perdre.")
    # Signed in again in another tab: the form that waited leaves by itself.
    with live_site.inside():
        from tests.web.client import desk_client

        key = desk_client(live_site.bruno).cookies["palier"].value
    page.context.add_cookies([{"name": "palier", "value": key, "url": live_site.url}])
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Appel enregistré.")).to_be_visible(timeout=30_000)
    assert call_of(live_site, pk).words == "Ne pas perdre."


def test_a_ringing_call_appears_without_reload_and_leaves_the_focus_alone(live_site: Site) -> None:
    odette(live_site)
    page = live_site.page(live_site.bruno)
    with page.expect_response("**/nouveautes/"):
        page.goto(live_site.url + "/telephone/")
    page.keyboard.press("F8")
    page.keyboard.type("ferr")
    ring(live_site)
    expect(page.get_by_role("heading", name=re.compile("Odette Marchand"))).to_be_visible(timeout=30_000)
    page.keyboard.type("and")
    expect(page.locator("#q")).to_be_focused()
    expect(page.locator("#q")).to_have_value("ferrand")


def test_a_second_call_is_one_line_and_the_text_goes_on(live_site: Site) -> None:
    odette(live_site)
    pk = ring(live_site)
    page = live_site.page(live_site.bruno)
    with page.expect_response("**/nouveautes/"):
        page.goto(f"{live_site.url}/telephone/{pk}/")
    words = page.get_by_label("Ce qui a été dit")
    words.focus()
    page.keyboard.type("Elle raconte")
    ring(live_site, "01 99 00 11 22", "two")
    expect(page.get_by_text("Un autre appel sonne.")).to_be_visible(timeout=30_000)
    page.keyboard.type(" son jardin.")
    expect(words).to_be_focused()
    expect(words).to_have_value("Elle raconte son jardin.")


def test_two_desks_on_one_call_lose_no_word(live_site: Site) -> None:
    odette(live_site)
    pk = ring(live_site)
    first, second = (live_site.page(who, f"/telephone/{pk}/") for who in (live_site.bruno, live_site.alba))
    for page, words in ((first, "De Bruno."), (second, "D’Alba.")):
        page.get_by_label("Ce qui a été dit").fill(words)
        page.get_by_label(re.compile("^Rien ")).check()
    first.keyboard.press("Control+Enter")
    expect(first.get_by_text("Appel enregistré.")).to_be_visible()
    expect(second.get_by_text("Bruno Petit a déjà noté cet appel.")).to_be_visible(timeout=30_000)
    second.get_by_label("Ce qui a été dit").focus()
    second.keyboard.press("Control+Enter")
    expect(second.get_by_text(re.compile("Votre texte est ajouté au sien"))).to_be_visible()
    words = call_of(live_site, pk).words
    assert "De Bruno." in words and "D’Alba." in words


def test_danger_is_one_key_and_the_form_stays(live_site: Site) -> None:
    odette(live_site, access="2e étage à gauche")
    pk = ring(live_site)
    page = live_site.page(live_site.bruno, f"/telephone/{pk}/")
    page.get_by_label("Ce qui a été dit").fill("Elle est tombée.")
    page.get_by_role("button", name="Danger immédiat").click()
    expect(page.get_by_role("button", name=re.compile("^15"))).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile("Le 15 a été appelé à"))).to_be_visible()
    expect(page.get_by_label("Ce qui a été dit")).to_have_value("Elle est tombée.")
    assert call_of(live_site, pk).danger_service == "15"


def test_save_and_propose_opens_the_matching_board_for_the_need(live_site: Site) -> None:
    odette(live_site)
    pk = ring(live_site)
    page = live_site.page(live_site.bruno, f"/telephone/{pk}/")
    page.get_by_label(re.compile("^Noter un besoin")).check()
    page.get_by_label(re.compile("Détail pour le voisin")).fill("Lait, pain.")
    page.get_by_role("button", name="Enregistrer et proposer un voisin").click()
    page.wait_for_url(re.compile(r"/besoins/\d+/proposer/"))
    with live_site.inside():
        assert Need.objects.get().details == "Lait, pain."


def test_a_double_click_saves_once_and_undo_gives_the_form_back(live_site: Site) -> None:
    odette(live_site)
    pk = ring(live_site)
    page = live_site.page(live_site.bruno, f"/telephone/{pk}/?retour=/telephone/")
    page.get_by_label("Ce qui a été dit").fill("Elle remercie.")
    page.get_by_label(re.compile("^Rien ")).check()
    page.get_by_role("button", name=re.compile("^Enregistrer Ctrl")).dblclick()
    page.get_by_role("button", name="Annuler", exact=True).click()
    expect(page.get_by_label("Ce qui a été dit")).to_have_value("Elle remercie.")
    assert call_of(live_site, pk).closed_at is None


def test_a_call_is_noted_without_script(live_site: Site) -> None:
    person = odette(live_site, phone=None)
    pk = ring(live_site, "anonymous")
    page = live_site.page(live_site.bruno, f"/telephone/{pk}/", java_script_enabled=False)
    page.get_by_label("Ce qui a été dit").fill("Sans script.")
    page.get_by_label("Chercher", exact=True).fill("march")
    page.keyboard.press("Enter")
    page.get_by_label(re.compile("Odette Marchand")).check()
    expect(page.get_by_label("Ce qui a été dit")).to_have_value("Sans script.")
    page.get_by_label(re.compile("^Rien ")).check()
    page.get_by_role("button", name=re.compile("^Enregistrer Ctrl")).click()
    expect(page.get_by_text("Appel enregistré.")).to_be_visible()
    assert call_of(live_site, pk).person_id == person.pk


@pytest.mark.parametrize("size", [None, PHONE_SCREEN], ids=["desk", "phone"])
def test_a11y_20_axe_finds_nothing_on_the_screens_of_the_telephone(live_site: Site, size: Any) -> None:
    odette(live_site)
    known, unknown = ring(live_site), ring(live_site, "01 99 00 11 22", "two")
    with live_site.inside():
        bruno = factories.actor(live_site.bruno)
        aside = calls.start_by_hand(actor=bruno).pk
        calls.log_call(
            aside, who="anonymous", reasons=["talk"], next="nothing", words="Bonjour.", actor=bruno
        )
        calls.declare_danger(known, actor=bruno)
    page = live_site.page(live_site.bruno, size=size)
    for path in ("/telephone/", f"/telephone/{known}/", f"/telephone/{unknown}/", f"/telephone/{aside}/"):
        page.goto(live_site.url + path)
        found = Axe().run(page).response["violations"]
        assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == [], path
        width = page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        assert width, f"{path} scrolls sideways"
