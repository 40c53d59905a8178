"""One need, from the telephone to the neighbour's visit and back: two browsers, the real server, committed rows."""

import json
import re
import urllib.request
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from palier.accounts.actor import Actor
from palier.api.operations import create_endpoint
from palier.calls.models import Call, PlannedCall
from palier.kernel import clock
from palier.messaging.models import Message
from palier.needs.models import Need
from palier.people.models import Person
from palier.visits.models import Visit
from tests import factories
from tests.api.signing import headers
from tests.journeys.conftest import PHONE_SCREEN, Site

pytestmark = pytest.mark.browser

SCREENS = Path(__file__).resolve().parents[2] / "var/screens"
HERS = "02 61 91 47 20"


def looked_at(page: Page, name: str) -> None:
    """Photographed, read by axe, and not wider than the screen."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENS / f"journey-{name}.png", full_page=True)
    found = Axe().run(page).response["violations"]
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == [], name
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), name


def watched(page: Page, said: list[str]) -> Page:
    """Remembers what the browser complained of: scripts that failed, the content policy."""
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on(
        "console", lambda line: said.append(line.text) if "Content Security Policy" in line.text else None
    )
    return page


class Switchboard:
    """The town's telephone system: signed web-hooks over HTTP."""

    def __init__(self, site: Site) -> None:
        self.site = site
        with site.inside():
            _endpoint, self.secret = create_endpoint(
                kind="telephony",
                code="standard",
                organisation_id=factories.lead(site.town).pk,
                actor=Actor.job("tests", site.town.pk),
            )

    def say(self, state: str, key: str, number: str = HERS) -> int:
        body = json.dumps(
            {"call_key": key, "state": state, "from": number, "at": clock.now().isoformat()}
        ).encode()
        request = urllib.request.Request(
            f"{self.site.url}/api/telephony/events?endpoint=belrive.standard",
            data=body,
            headers=headers(self.secret, body) | {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return int(answer.status)


def tab_to(page: Page, name: str) -> None:
    """Walk with the Tab key until what has the focus is called so."""
    for _step in range(60):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            "(document.activeElement.labels?.[0]?.innerText || document.activeElement.innerText || '').trim()"
        )
        if re.search(name, focused):
            return
    raise AssertionError(f"the Tab key does not lead to {name}")


def link_in_the_message(site: Site, phone: str) -> str:
    """As the neighbour finds it: the address in the text message that waits in the outbox."""
    with site.inside():
        message = Message.objects.filter(to=phone, template="offer_request").order_by("-pk")[0]
    found = re.search(r"/r/([0-9A-Za-z-]+)", message.body)
    assert found, message.body
    assert "Odette" not in message.body and "Tilleuls" not in message.body, "no name and no street by SMS"
    return f"/r/{found[1]}"


def the_visit_has_begun(site: Site) -> None:
    """A day passes: what was agreed for tomorrow began an hour ago."""
    start = clock.now() - timedelta(hours=1)
    with site.inside():
        Need.objects.update(starts_at=start, ends_at=start + timedelta(hours=3))
        Visit.objects.update(starts_at=start, ends_at=start + timedelta(hours=3))


def people(site: Site) -> tuple[Person, Any]:
    with site.inside():
        odette = factories.person(site.town)
        michel = factories.volunteer(site.town, phone="+33639980042")
        factories.volunteer(site.town, "Rosa", "Diaz", gender="woman", x=620_250.0)
    return odette, michel


def test_from_the_ring_to_the_figures(live_site: Site) -> None:
    odette, michel = people(live_site)
    switchboard = Switchboard(live_site)
    complaints: list[str] = []
    desk = watched(live_site.page(live_site.bruno), complaints)

    # 1. The telephone rings: the desk shows who, by itself.
    with desk.expect_response("**/nouveautes/"):
        desk.goto(live_site.url + "/telephone/")
    assert switchboard.say("ringing", "k1") == 200
    expect(desk.get_by_role("heading", name=re.compile("Odette Marchand"))).to_be_visible(timeout=30_000)

    # 2. Logged by keyboard alone, with a need.
    desk.keyboard.press("F2")
    expect(desk.locator("h1")).to_have_text("Odette Marchand, 84 ans")
    assert switchboard.say("answered", "k1") == 200
    expect(desk.get_by_label(re.compile("^Elle"))).to_be_focused()
    looked_at(desk, "call")
    for key in ("1", "Tab", "2", "Tab", "2", "Tab"):
        desk.keyboard.press(key)
    desk.keyboard.type("Elle ne sort plus quand il pleut. Plus de lait ni de pain.")
    desk.keyboard.press("Tab")
    desk.keyboard.press("3")
    expect(desk.get_by_label("Quoi", exact=False).first).to_be_visible()
    tab_to(desk, "Détail pour le voisin")
    desk.keyboard.type("Du lait, du pain, trois soupes.")
    looked_at(desk, "call-need")
    tab_to(desk, "Enregistrer et proposer")
    desk.keyboard.press("Enter")
    desk.wait_for_url(re.compile(r"/besoins/\d+/proposer/"))
    switchboard.say("ended", "k1")
    with live_site.inside():
        need = Need.objects.get()
        call = Call.objects.get()
    assert (call.state, call.person_id, call.next, call.need_id) == ("logged", odette.pk, "need", need.pk)
    assert need.details == "Du lait, du pain, trois soupes."

    # 3. Who could go, and the wave.
    expect(desk.get_by_text("Michel Lefort").first).to_be_visible()
    looked_at(desk, "match")
    desk.get_by_role("button", name=re.compile("Envoyer la demande")).click()
    desk.wait_for_url(re.compile(rf"/besoins/{need.pk}/"))
    expect(desk.get_by_role("heading", name=re.compile("Qui a été contacté"))).to_be_visible()
    looked_at(desk, "need-asking")

    # 4. The neighbour's telephone: the link shows, the button answers.
    phone = watched(live_site.page(None, size=PHONE_SCREEN, is_mobile=True, has_touch=True), complaints)
    link = link_in_the_message(live_site, michel.phone)
    phone.goto(live_site.url + link)
    expect(phone.get_by_role("heading", name=re.compile("Bonjour Michel"))).to_be_visible()
    expect(phone.get_by_text("12 rue des Tilleuls")).to_have_count(0)
    looked_at(phone, "neighbour-asked")
    phone.get_by_role("button", name="Oui, j’y vais").click()
    expect(phone.get_by_text("Merci Michel, c’est noté.")).to_be_visible()
    expect(phone.get_by_text(re.compile("12 rue des Tilleuls"))).to_be_visible()
    looked_at(phone, "neighbour-agreed")

    # 5. The desk knows, and does not see the secret with which the neighbour answers.
    desk.goto(f"{live_site.url}/besoins/{need.pk}/")
    assert link.removeprefix("/r/") not in desk.content()
    expect(desk.get_by_text("A dit oui").first).to_be_visible()
    looked_at(desk, "need-agreed")

    # 6. The visit is done, and told on the telephone.
    the_visit_has_begun(live_site)
    phone.reload()
    phone.get_by_role("button", name=re.compile("C’est fait, tout va bien")).click()
    expect(phone.get_by_text("Votre coup de main a compté.")).to_be_visible()
    looked_at(phone, "neighbour-done")
    with live_site.inside():
        visit = Visit.objects.get()
        feedback = PlannedCall.objects.get(why="feedback")
    assert (visit.state, visit.proof, visit.neighbour_says) == ("done", "page", "well")
    assert feedback.closed_at is None, "she is to be asked as well"

    # 7. She is asked, and the thread closes.
    desk.goto(f"{live_site.url}/besoins/{need.pk}/")
    looked_at(desk, "need-done")
    panel = (
        desk.locator("section, .panel")
        .filter(has=desk.get_by_role("button", name="Enregistrer son avis"))
        .last
    )
    panel.get_by_role("radio").first.check(force=True)
    desk.get_by_role("button", name="Enregistrer son avis").click()
    expect(desk.get_by_role("button", name="Enregistrer son avis")).to_have_count(0)
    with live_site.inside():
        feedback.refresh_from_db()
        need.refresh_from_db()
    assert feedback.outcome == "reached" and feedback.feedback == "well"
    if need.closed_at is None:
        desk.locator("input[name=outcome][value=met_by_neighbour]").check(force=True)
        desk.get_by_role("button", name="Terminer ce besoin").click()
        expect(desk.get_by_role("link", name="Rouvrir")).to_be_visible()
    looked_at(desk, "need-closed")
    with live_site.inside():
        need.refresh_from_db()
        owed = list(need_duties(need))
    assert (need.state, need.outcome) == ("closed", "met_by_neighbour")
    assert owed == [], "nothing is owed any more"

    # 8. The figures know.
    desk.goto(live_site.url + "/chiffres/")
    expect(desk.locator("h1")).to_be_visible()
    main = desk.locator("main").inner_text()
    assert re.search(r"1\s+appel|appels?\s.*1", main, re.S), main
    looked_at(desk, "figures")
    assert complaints == []


def need_duties(need: Need) -> Any:
    from palier.duties.models import Duty

    return (
        Duty.objects.open()
        .filter(subject_kind="needs.need", subject_id=need.pk)
        .values_list("kind", flat=True)
    )


def test_the_same_thread_without_script(live_site: Site) -> None:
    """From the sign-in page to a yes, with JavaScript switched off in both browsers."""
    _odette, michel = people(live_site)
    switchboard = Switchboard(live_site)
    assert switchboard.say("ringing", "k2") == 200
    desk = live_site.page(None, "/aujourdhui/", java_script_enabled=False)
    expect(desk.locator("h1")).to_have_text("Se connecter")
    desk.get_by_label(re.compile("mail|Courriel", re.I)).first.fill(live_site.bruno.user.email)
    desk.locator("input[type=password]").fill("une phrase longue pour entrer")
    desk.get_by_role("button", name="Se connecter", exact=True).click()
    expect(desk.locator("h1")).to_contain_text("Aujourd’hui")
    desk.get_by_role("button", name=re.compile("Nouvel appel")).click()
    expect(desk.locator("h1")).to_have_text("Odette Marchand, 84 ans")
    desk.get_by_label(re.compile("^Elle")).first.check()
    desk.get_by_label("Ce qui a été dit").fill("Plus de lait.")
    desk.get_by_label(re.compile("^Noter un besoin")).check()
    desk.get_by_role("button", name=re.compile("^Enregistrer Ctrl")).click()
    details = desk.locator("[name=details]")
    if details.is_visible():
        details.fill("Du lait.")
        desk.get_by_role("button", name=re.compile("^Enregistrer Ctrl")).click()
    with live_site.inside():
        need = Need.objects.get()
    desk.goto(f"{live_site.url}/besoins/{need.pk}/proposer/")
    looked_at_without_script(desk)
    desk.get_by_role("button", name=re.compile("Envoyer la demande")).click()
    expect(desk.get_by_role("heading", name=re.compile("Qui a été contacté"))).to_be_visible()
    phone = live_site.page(None, size=PHONE_SCREEN, java_script_enabled=False)
    phone.goto(live_site.url + link_in_the_message(live_site, michel.phone))
    phone.get_by_role("button", name="Oui, j’y vais").click()
    expect(phone.get_by_text("Merci Michel, c’est noté.")).to_be_visible()
    with live_site.inside():
        need.refresh_from_db()
    assert need.state == "agreed"


def looked_at_without_script(page: Page) -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENS / "journey-without-script.png", full_page=True)
