"""The register from end to end: somebody asks on the town's page, who is named enrols and sends the letter."""

import re
from datetime import date
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import transaction

from palier.accounts.models import Membership
from palier.kernel import clock
from palier.register import operations
from palier.register.models import Enrolment, EnrolmentRequest
from tests import factories
from tests.journeys.conftest import PHONE_SCREEN, Site

pytestmark = pytest.mark.browser


@pytest.fixture
def nadia(live_site: Site) -> Membership:
    with transaction.atomic(), live_site.inside():
        member = factories.member(live_site.town, "Nadia", "Benali")
        factories.designated(member, factories.register(live_site.town))
        return member


def sound(page: Any) -> list[str]:
    found = [
        f"{rule['id']}: {[node['html'][:160] for node in rule['nodes']][:3]}"
        for rule in Axe().run(page).response["violations"]
    ]
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return found + ([f"{wide} px too wide"] if wide > 0 else [])


def test_A11Y_a_citizen_asks_without_a_script_and_somebody_named_enrols_by_keyboard(
    live_site: Site, nadia: Membership
) -> None:
    """Without JavaScript, on a telephone's screen; then the desk, the letter, and it is done."""
    citizen = live_site.page(None, f"/inscription/{live_site.town.code}/", size=PHONE_SCREEN)
    assert sound(citizen) == []
    plain = live_site.page(
        None, f"/inscription/{live_site.town.code}/", size=PHONE_SCREEN, java_script_enabled=False
    )
    for name, value in (
        ("last_name", "Kerguelen"), ("first_name", "Yvonne"), ("birth_on", "1938-04-14"), ("phone", "02 61 91 33 44"),
        ("street", "7 quai Neuf"),
    ):  # fmt: skip
        plain.fill(f"[name={name}]", value)
    plain.wait_for_timeout(4_100)
    plain.get_by_role("button", name="Envoyer la demande").click()
    assert "à revoir" in plain.inner_text("main"), "the ground is missing, and nothing typed is lost"
    assert plain.input_value("[name=last_name]") == "Kerguelen"
    plain.get_by_label("65 ans ou plus").check()
    plain.get_by_role("button", name="Envoyer la demande").click()
    assert "Votre demande est arrivée" in plain.inner_text("main")
    reference = re.search(r"R-\d{4}-\d{4}", plain.inner_text("main"))
    assert reference

    desk = live_site.page(nadia, "/registres/")
    assert sound(desk) == []
    desk.get_by_role("link", name="0 personne inscrite").click()
    assert reference[0] in desk.inner_text("main") and sound(desk) == []
    desk.get_by_role("link", name="Traiter").click()
    assert desk.input_value("[name=last_name]") == "Kerguelen" and sound(desk) == []
    desk.focus("[name=to_warn_name]")
    desk.keyboard.type("Sylvie Carpentier")
    desk.keyboard.press("Control+Enter")
    desk.wait_for_url("**/registres/inscriptions/*/")
    assert "Yvonne Kerguelen" in desk.inner_text("h1") and sound(desk) == []
    desk.get_by_role("button", name="La lettre est partie").click()
    desk.wait_for_load_state()
    assert "Lettre envoyée" in desk.inner_text("main")
    with live_site.inside():
        made = Enrolment.objects.select_related("request").get()
        assert (
            made.state == "active"
            and made.request.outcome == "acknowledged"
            and made.to_warn_name == "Sylvie Carpentier"
        )


def test_A11Y_the_other_pages_of_the_register_are_sound(live_site: Site, nadia: Membership) -> None:
    """Filled, on a desk and on a telephone: designations, notice, settings, communications, rounds, alerts, lists."""
    with live_site.inside():
        register = factories.register(live_site.town)
        head = factories.member(live_site.town, "Hélène", "Marty", "head")
        factories.designated(head, register)
        actor, boss = factories.actor(nadia), factories.actor(head)
        person = factories.person(
            live_site.town, "Marie-Antoinette-Joséphine", "de la Rochefoucauld-Montgolfier"
        )
        today = clock.today()
        made = operations.enrol(
            register.pk, person_id=person.pk, capacity="senior", channel="letter", requested_on=date(2025, 1, 6),
            acknowledged_on=date(2025, 1, 9), actor=actor,
        )  # fmt: skip
        third = operations.enrol(
            register.pk, person_id=factories.person(live_site.town, "René", "Caron", phone=None).pk, capacity="senior", channel="letter",
            requested_on=today, requester="third_party", requester_name="Paul Caron", requester_capacity="son fils", actor=actor,
        )  # fmt: skip
        operations.open_alert(
            plan="cold", level="orange", authority="prefect", act="Arrêté n° 7", is_triggered=True, actor=boss
        )
        asked = operations.ask_communication(
            register.pk, authority="prefect", plan="ORSEC", reference="SIDPC n° 412", profile="contact", recipients=[("Noël", "SIDPC")],
            expires_on=today, actor=boss,
        )  # fmt: skip
        operations.open_round(register.pk, actor=actor)
    wrong = []
    paths = (
        f"/registres/{register.pk}/", f"/registres/{register.pk}/inscrire/", f"/registres/inscriptions/{made.pk}/",
        f"/registres/inscriptions/{third.pk}/", f"/registres/inscriptions/{third.pk}/opposition/", f"/registres/{register.pk}/designations/",
        f"/registres/{register.pk}/notice/", f"/registres/{register.pk}/reglages/", f"/registres/{register.pk}/communications/",
        f"/registres/{register.pk}/communications/nouvelle/", f"/registres/communications/{asked.pk}/", f"/registres/{register.pk}/tour/",
        f"/registres/{register.pk}/informer/", "/registres/nouveau/", "/registres/engagement/", "/alertes/", "/alertes/nouvelle/",
    )  # fmt: skip
    for size in ({"width": 1366, "height": 768}, PHONE_SCREEN):
        page = live_site.page(head, size=size)
        for path in paths:
            answer = page.goto(live_site.url + path)
            assert answer.status == 200, path
            wrong += [f"{path} {size['width']}: {fault}" for fault in sound(page)]
    assert wrong == []
    with live_site.inside():
        assert not EnrolmentRequest.objects.filter(enrolment__isnull=True).exists()
