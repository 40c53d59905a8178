"""A real Chromium on the real pages: the site served beside the test, a committed town, somebody signed in."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection, transaction

from palier.accounts.models import Membership
from palier.territories import walls
from palier.territories.models import Territory
from tests import factories
from tests.web.client import desk_client

CHROMIUM = os.environ.get("PALIER_CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
DESK_SCREEN = {"width": 1366, "height": 768}
PHONE_SCREEN = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Playwright's loop runs in this thread, where the tests also speak to the database."""
    from playwright.sync_api import sync_playwright

    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
    else:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


@dataclass
class Site:
    """The pages at `url`, with the town of Belrive, where Bruno takes calls and Alba coordinates."""

    url: str
    browser: Any
    town: Territory
    bruno: Membership
    alba: Membership
    contexts: list[Any]

    def inside(self) -> Any:
        """A committed transaction behind the town's wall."""
        return walls.inside(self.town.pk)

    def page(
        self, who: Membership | None, path: str = "", *, size: dict[str, int] | None = None, **options: Any
    ) -> Any:
        """A browser of its own, signed in as `who`, on a page of the site."""
        context = self.browser.new_context(viewport=size or DESK_SCREEN, locale="fr-FR", **options)
        self.contexts.append(context)
        if who is not None:
            with self.inside():
                key = desk_client(who).cookies["palier"].value
            context.add_cookies([{"name": "palier", "value": key, "url": self.url}])
        page = context.new_page()
        if path:
            page.goto(self.url + path)
        return page


@pytest.fixture
def live_site(browser: Any, transactional_db: None, live_server: Any) -> Iterator[Site]:
    with transaction.atomic():
        town = factories.territory()
        bruno = factories.member(town, "Bruno", "Petit", "agent")
        alba = factories.member(town, "Alba", "Moreau", "coordinator")
    site = Site(live_server.url, browser, town, bruno, alba, [])
    yield site
    for context in site.contexts:
        context.close()
    _until_quiet()


def _until_quiet() -> None:
    """The last questions of closed pages are still being answered; emptying the tables under them is a deadlock."""
    for _attempt in range(200):
        with connection.cursor() as cursor:
            cursor.execute(
                "select count(*) from pg_stat_activity where datname = current_database()"
                " and pid <> pg_backend_pid() and backend_type = 'client backend' and state <> 'idle'"
            )
            if cursor.fetchone()[0] == 0:
                return
        time.sleep(0.05)
