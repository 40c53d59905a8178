"""The first morning: the spreadsheet comes in, a column is corrected, the people are there, and one click takes it back."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from palier.exchange import jobs
from palier.exchange.models import Import
from palier.people.models import Contact, Person
from tests.exchange import sheets
from tests.journeys.conftest import PHONE_SCREEN, Site

pytestmark = pytest.mark.browser


def looked_at(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    assert [(rule["id"], [node["html"] for node in rule["nodes"]][:2]) for rule in found] == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), (
        page.url
    )


def work(site: Site, task: object) -> None:
    with site.inside():
        made = Import.objects.get()
    task(territory_id=site.town.pk, import_id=made.pk, membership_id=site.alba.pk)  # type: ignore[operator]


def test_the_first_morning(live_site: Site) -> None:
    desk = live_site.page(live_site.alba, "/personnes/")
    desk.get_by_role("link", name="Importer votre tableur").click()
    looked_at(desk)
    content = sheets.as_xlsx(sheets.whole())
    desk.get_by_label("Le fichier de votre liste").set_input_files(
        {"name": "liste.xlsx", "mimeType": "application/vnd.ms-excel", "buffer": content}
    )
    desk.get_by_role("button", name="Lire ce fichier").click()
    expect(desk.get_by_role("heading", name="Que contient chaque colonne ?")).to_be_visible(timeout=30_000)
    looked_at(desk)
    desk.get_by_label("Tél. personne à prévenir").select_option("")
    desk.get_by_role("button", name=re.compile("Vérifier les lignes")).click()
    expect(desk.get_by_role("heading", name="Ce qui va se passer")).to_be_visible(timeout=30_000)
    looked_at(desk)
    phone = live_site.page(live_site.alba, desk.url.removeprefix(live_site.url), size=PHONE_SCREEN)
    looked_at(phone)
    desk.get_by_role("button", name=re.compile("^Importer")).click()
    expect(desk.get_by_role("heading", name="Import en cours")).to_be_visible(timeout=30_000)
    work(live_site, jobs.apply)
    expect(desk.get_by_text("Les fiches sont là.")).to_be_visible(timeout=30_000)
    looked_at(desk)
    with live_site.inside():
        assert Person.objects.count() == 5 and not Contact.objects.exclude(phone="").exists()
    desk.get_by_role("link", name="Voir les personnes").click()
    expect(desk.get_by_role("link", name="Marchand Odette")).to_be_visible()
    desk.go_back()
    desk.get_by_role("button", name="Reprendre cet import").click()
    expect(desk.get_by_role("heading", name="Reprise en cours")).to_be_visible(timeout=30_000)
    work(live_site, jobs.take_back)
    expect(desk.get_by_text("L’import est repris.")).to_be_visible(timeout=30_000)
    with live_site.inside():
        assert not Person.objects.exists()
