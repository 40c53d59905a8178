"""A coordinator answers somebody who wants to see what is kept: by keyboard, with the copy in her hands twice."""

import json
from typing import Any

import pytest

from tests import factories
from tests.journeys.conftest import Site

pytestmark = pytest.mark.browser


def test_a_request_to_see_is_taken_down_proved_copied_in_each_form_and_closed(live_site: Site) -> None:
    with live_site.inside():
        odette = factories.person(live_site.town)
    page = live_site.page(live_site.alba, f"/personnes/{odette.pk}/", accept_downloads=True)
    page.get_by_role("link", name="Ses informations").click()
    page.get_by_label("Voir ses informations").check()
    page.get_by_label("à l’accueil").check()
    page.get_by_role("button", name="Noter la demande").click()
    page.get_by_label("carte d’identité vue").check()
    page.get_by_role("button", name="Noter l’identité").click()
    paper = taken(page, "Copie à imprimer (PDF)")
    assert paper.startswith(b"%PDF-")
    # The page stays, and so do its buttons: a second form is wanted as often as not.
    assert taken(page, "En gros caractères").startswith(b"%PDF-")
    data = json.loads(taken(page, "Données (JSON)"))
    assert data["of"]["name"] == "Odette Marchand"
    page.locator("input[name=outcome][value=granted]").check()
    page.get_by_label("La réponse").fill("Copie remise en main propre.")
    page.keyboard.press("Control+Enter")
    page.get_by_text("Demande conclue.").wait_for()
    assert page.get_by_role("button", name="Conclure la demande").count() == 0


def taken(page: Any, button: str) -> bytes:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=button).click()
    with open(waiting.value.path(), "rb") as file:
        return file.read()
