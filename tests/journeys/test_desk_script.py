"""What the desk's script promises, in a real Chromium: one send per click, nothing written is lost, keys.

The pages here are small ones of our own components, answered by a server of the test that can fail on demand.
"""

import json
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import parse_qs, urlsplit

import jinja2
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

import palier.web
from palier.web.jinja import MadeOnce

pytestmark = pytest.mark.browser

WEB = Path(palier.web.__file__).parent
CHROMIUM = os.environ.get("PALIER_CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]
FLAGS += ["--disable-component-update", "--disable-sync"]
POLICY = "default-src 'self'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'"

CALL = """{% import "ui/kit.html" as ui %}{% include "ui/scripts.html" %}
<link rel="stylesheet" href="/static/palier/interface.css">
<body data-palier-poll-url="/poll">
<div class="messages" id="messages" role="status"></div>
<form class="find"><input class="input" id="q" data-palier-key="F8"></form>
<a href="/autre" data-palier-key="F2">Nouvel appel</a>
<form id="appel" class="qform" method="post" action="/save" data-palier-draft-url="/draft">
  <input type="hidden" name="csrfmiddlewaretoken" value="jeton">
  {% call ui.question("Pourquoi ?", "motif", kind="group") %}<div class="choices">
    {{ ui.choice("motif", "parler", "Parler", type="checkbox", digit=1) }}
    {{ ui.choice("motif", "aide", "Coup de main", type="checkbox", digit=2) }}</div>{% endcall %}
  {% call ui.question("Et après ?", "suite") %}<div class="choices">
    {{ ui.choice("suite", "rien", "Rien", digit=1, checked=true) }}
    {{ ui.choice("suite", "besoin", "Noter un besoin", digit=2, opens="besoin") }}</div>{% endcall %}
  <div class="q" id="besoin" hidden><input class="input" name="detail" id="detail"></div>
  <textarea class="input" name="note" id="note"></textarea>
  {% call ui.actions(sticky=false) %}{{ ui.btn("Enregistrer", kind="primary", save=true) }}{% endcall %}
</form>
<form id="simple" method="post" action="/slow">{{ ui.btn("Je m’en charge") }}</form>
{{ ui.fresh(["duties.duty"], "/") }}
<ol class="rows">
  {{ ui.row("9 h", "2026-11-12T09:00:00+01:00", "Simone") }}
  {{ ui.now_line("8 h", "2026-11-12T08:00:00+01:00") }}
  {{ ui.row("11 h", "2026-11-12T11:00:00+01:00", "Lucette") }}
</ol>
<section id="part">
  <button class="btn" type="button" hx-get="/part" hx-target="#part" id="ask">Ouvrir</button>
</section>
<button class="btn" type="button" hx-get="/refused" id="refused">Refus</button>
{% include "ui/words.html" %}</body>"""


def refuse(reason: str) -> NoReturn:
    raise ValueError(reason)


def rendered(source: str) -> str:
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(WEB / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        extensions=["jinja2.ext.i18n"],
    )
    env.policies["ext.i18n.trimmed"] = True
    env.install_gettext_callables(str, lambda one, many, n: one if n < 2 else many, newstyle=True)  # type: ignore[attr-defined]
    env.globals.update(
        static=lambda path: f"/static/{path}", url=lambda name: f"/{name}", refuse=refuse, made_once=MadeOnce
    )
    env.filters["phone"] = str
    return (
        '<!doctype html><html lang="fr"><meta charset="utf-8"><title>Essai</title>'
        + env.from_string(source).render()
    )


class Desk(ThreadingHTTPServer):
    """Answers like the desk; a test may change how."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.page = rendered(CALL)
        self.got: list[tuple[str, dict[str, list[str]]]] = []
        self.draft_status = 200
        self.events: list[dict[str, Any]] = []
        self.slow = threading.Event()
        self.token = "jeton"

    def sign_in_again(self) -> None:
        """The session is back, and every form has a new token."""
        self.page = self.page.replace('value="jeton"', 'value="nouveau jeton"')
        self.token = "nouveau jeton"
        self.draft_status = 200

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def posted(self, path: str) -> list[dict[str, list[str]]]:
        return [fields for at, fields in self.got if at == path]


class Answers(BaseHTTPRequestHandler):
    server: Desk

    def answer(self, body: str, status: int = 200, kind: str = "text/html; charset=utf-8") -> None:
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self) -> None:
        path = urlsplit(self.path)
        if path.path.startswith("/static/"):
            file = WEB / path.path[1:]
            kinds = {
                ".css": "text/css",
                ".js": "text/javascript",
                ".svg": "image/svg+xml",
                ".woff2": "font/woff2",
            }
            self.send_response(200)
            self.send_header("Content-Type", kinds[file.suffix])
            self.end_headers()
            self.wfile.write(file.read_bytes())
        elif path.path == "/poll":
            after = int(parse_qs(path.query).get("after", ["0"])[0])
            news = {"last": len(self.server.events), "events": self.server.events[after:]}
            self.answer(json.dumps(news), kind="application/json")
        elif path.path == "/part":
            self.answer('<h2 data-palier-focus id="opened">Ouvert</h2>')
        elif path.path == "/refused":
            self.answer("<main><h1>La situation a changé</h1><p>Claire a répondu avant vous.</p></main>", 409)
        elif path.path == "/":
            self.answer(self.server.page)
        else:
            self.answer("<title>Ailleurs</title><h1>Ailleurs</h1>")

    def do_POST(self) -> None:
        fields = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.server.got.append((self.path, fields))
        if self.path == "/draft":
            fresh = self.headers["X-CSRFToken"] == self.server.token
            self.answer("", self.server.draft_status if fresh else 403)
        else:
            if self.path == "/slow":
                self.server.slow.wait(10)
            self.answer("<title>Enregistré</title><h1>Enregistré</h1>")

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def desk() -> Iterator[Desk]:
    server = Desk()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.slow.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def page(chromium: Browser, desk: Desk) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, locale="fr-FR")
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda m: complaints.append(m.text) if "Content Security Policy" in m.text else None)
    page.goto(desk.address)
    yield page
    context.close()
    assert complaints == []


def test_a_double_click_sends_a_form_once_and_says_so(page: Page, desk: Desk) -> None:
    busy, says, kept_width = page.evaluate("""() => {
        const button = document.querySelector("#simple button"), width = button.offsetWidth;
        button.click();
        button.click();
        return [button.getAttribute("aria-busy"), button.textContent.trim(), button.offsetWidth >= width];
    }""")
    assert (busy, says, kept_width) == ("true", "Enregistrement…", True)
    desk.slow.set()
    expect(page).to_have_title("Enregistré")
    assert len(desk.posted("/slow")) == 1


def test_coming_back_to_a_form_finds_its_button_ready(page: Page, desk: Desk) -> None:
    desk.slow.set()
    page.click("#simple button")
    expect(page).to_have_title("Enregistré")
    page.go_back()
    expect(page.locator("#simple button")).to_have_text("Je m’en charge")
    expect(page.locator("#simple button")).not_to_have_attribute("aria-busy", "true")


def test_what_is_written_is_kept_as_a_draft_when_the_field_is_left(page: Page, desk: Desk) -> None:
    page.fill("#note", "Plus rien dans le frigo")
    page.focus("#q")
    expect(page.locator("#appel [role=status]")).to_contain_text("Brouillon gardé à")
    assert desk.posted("/draft")[-1]["note"] == ["Plus rien dans le frigo"]


def test_without_a_line_the_form_waits_and_leaves_when_it_is_back(page: Page, desk: Desk) -> None:
    page.fill("#note", "Elle est tombée hier")
    page.context.set_offline(True)
    page.click("#appel button[type=submit]")
    expect(page.locator("#appel .msg")).to_contain_text("Pas de connexion.")
    assert page.input_value("#note") == "Elle est tombée hier"
    assert desk.posted("/save") == []
    page.context.set_offline(False)
    expect(page).to_have_title("Enregistré", timeout=15_000)
    assert [sent["note"] for sent in desk.posted("/save")] == [["Elle est tombée hier"]]


def test_signed_out_during_a_call_the_text_stays_and_goes_once_signed_in_again(
    page: Page, desk: Desk
) -> None:
    desk.draft_status = 401
    page.fill("#note", "À rappeler demain")
    page.click("#appel button[type=submit]")
    expect(page.locator("#appel .msg")).to_contain_text("Votre accès est à confirmer.")
    assert page.input_value("#note") == "À rappeler demain"
    desk.sign_in_again()
    expect(page).to_have_title("Enregistré", timeout=15_000)
    assert desk.posted("/save")[-1]["csrfmiddlewaretoken"] == ["nouveau jeton"]


def test_a_server_that_fails_is_said_and_asked_again(page: Page, desk: Desk) -> None:
    desk.draft_status = 500
    page.fill("#note", "Va mieux")
    page.focus("#q")
    expect(page.locator("#appel .msg")).to_contain_text("Votre texte est gardé.")
    desk.draft_status = 200
    expect(page.locator("#appel .msg")).to_have_count(0, timeout=15_000)


def test_nothing_written_is_left_in_the_browser(page: Page, desk: Desk) -> None:
    """SEC-13: desks are shared."""
    desk.draft_status = 500
    page.fill("#note", "Un secret")
    page.focus("#q")
    expect(page.locator("#appel .msg")).to_be_visible()
    stored = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "secret" not in stored
    desk.draft_status = 200
    expect(page.locator("#appel .msg")).to_have_count(0, timeout=15_000)
    page.goto(f"{desk.address}/autre")
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_digits_choose_only_in_the_question_that_has_the_focus(page: Page) -> None:
    """A11Y: one question is one Tab stop, digits act only there."""
    page.focus("input[name=motif]")
    page.keyboard.press("2")
    assert page.is_checked("input[value=aide]")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "suite"
    page.keyboard.press("2")
    assert page.is_checked("input[value=besoin]")
    page.fill("#note", "12 rue des Tilleuls")
    assert page.input_value("#note") == "12 rue des Tilleuls"


def test_a_choice_opens_its_part_and_closes_it_without_clearing(page: Page) -> None:
    expect(page.locator("#besoin")).to_be_hidden()
    page.check("input[value=besoin]")
    page.fill("#detail", "du lait")
    page.check("input[value=rien]")
    expect(page.locator("#besoin")).to_be_hidden()
    page.check("input[value=besoin]")
    assert page.input_value("#detail") == "du lait"


def test_f8_finds_f2_calls_and_ctrl_enter_saves(page: Page, desk: Desk) -> None:
    page.keyboard.press("F8")
    assert page.evaluate("document.activeElement.id") == "q"
    page.focus("#note")
    page.keyboard.press("Control+Enter")
    expect(page).to_have_title("Enregistré")
    page.goto(desk.address)
    page.keyboard.press("F2")
    expect(page).to_have_title("Ailleurs")


def test_the_focus_goes_to_what_a_swap_opened(page: Page) -> None:
    page.click("#ask")
    expect(page.locator("#opened")).to_be_focused()


def test_what_the_server_refuses_is_said_above_the_page(page: Page) -> None:
    page.click("#refused")
    expect(page.locator("#messages")).to_contain_text("La situation a changé")
    expect(page.locator("#messages")).to_contain_text("Claire a répondu avant vous.")


def test_news_wait_behind_a_button_and_never_move_the_list(page: Page, desk: Desk) -> None:
    fresh = page.locator(".fresh")
    expect(fresh).to_be_hidden()
    page.wait_for_timeout(300)
    desk.events.append({"kind": "duties.duty", "id": 1})
    expect(fresh).to_contain_text("1 nouveauté, afficher", timeout=10_000)
    desk.events += [{"kind": "duties.duty", "id": 2}, {"kind": "messaging.message", "id": 3}]
    expect(fresh).to_contain_text("2 nouveautés, afficher", timeout=10_000)


def test_a_part_listens_to_its_own_kind_of_news(page: Page, desk: Desk) -> None:
    page.evaluate("""() => {
        const html = '<p id="live" hx-get="/part" hx-trigger="palier:live-calls.call from:body">Rien</p>';
        document.body.insertAdjacentHTML("beforeend", html);
        htmx.process(document.body);
    }""")
    page.wait_for_timeout(300)
    desk.events.append({"kind": "calls.call", "id": 0})
    expect(page.locator("#live")).to_contain_text("Ouvert", timeout=10_000)
