"""A passkey, with the browser's own virtual authenticator: added once, then the only thing needed to come in."""

import re

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Site, browser, live_site  # noqa: F401

pytestmark = pytest.mark.browser

PASSWORD = "une phrase longue pour entrer"


def with_a_key(page: Page) -> None:
    """What a finger on a reader does, done by Chromium."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )


def test_SEC_04_a_passkey_is_added_and_opens_the_door_alone(live_site: Site) -> None:  # noqa: F811
    page = live_site.page(None, "/compte/login/")
    with_a_key(page)
    page.get_by_label(re.compile("Courriel")).fill(live_site.bruno.user.email)
    page.locator("input[type=password]").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter", exact=True).click()
    expect(page.locator("h1")).to_contain_text("Aujourd’hui")

    page.goto(live_site.url + "/compte/2fa/webauthn/add/")
    page.locator("input[name=name]").fill("Ordinateur de l’accueil")
    passwordless = page.locator("input[name=passwordless]")
    if passwordless.count():
        passwordless.check()
    page.get_by_role("button", name=re.compile("Ajouter|Créer|clé", re.I)).last.click()
    page.wait_for_url(lambda address: "webauthn/add" not in address)
    with live_site.inside():
        assert Authenticator.objects.filter(user=live_site.bruno.user, type="webauthn").count() == 1

    page.goto(live_site.url + "/mon-compte/")
    expect(page.get_by_text("Second facteur en place")).to_be_visible()
    page.get_by_role("button", name="Se déconnecter").first.click()
    page.goto(live_site.url + "/compte/login/")
    page.get_by_role("button", name=re.compile("clé d’accès")).click()
    expect(page.locator("h1")).to_contain_text("Aujourd’hui")
