"""Each component shows itself in every state on the catalogue page, and refuses what means nothing."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.template import engines
from django.test import RequestFactory
from markupsafe import Markup

import palier.web
from palier.web.catalogue.forms import SampleForm
from palier.web.catalogue.views import sample_plan

TEMPLATES = Path(palier.web.__file__).parent / "templates"


@pytest.fixture(scope="module")
def env() -> Any:
    return engines["jinja2"].env  # type: ignore[attr-defined]


def shown(env: Any, source: str, **context: Any) -> str:
    page: str = env.from_string('{% import "ui/kit.html" as ui %}' + source).render(**context)
    return page.replace("\N{NO-BREAK SPACE}", " ")


def whole_page(env: Any, template: str, **context: Any) -> str:
    reads: dict[str, Any] = {
        "request": RequestFactory().get("/"),
        "actor": SimpleNamespace(
            name="Nadia Benali", initials="NB", role_label="Accueil", organisation_name="CCAS de Belrive"
        ),
        "rail": [
            {"key": "today", "icon": "list", "label": "Aujourd’hui", "url": "/", "count": 9, "current": True},
            {
                "key": "phone",
                "icon": "phone-in",
                "label": "Téléphone",
                "url": "/t/",
                "count": 0,
                "current": False,
            },
        ],
        "display": {"theme": "dark", "text": "l"},
        "territory": {"name": "Belrive", "public_phone": "+33261910012"},
        "demo": False,
        "csrf_input": Markup('<input type="hidden" name="csrfmiddlewaretoken" value="jeton">'),
        "csrf_token": "jeton",
        "messages": [],
        "live_url": "",
        "page_url": "/",
    }
    page: str = env.get_template(template).render(**(reads | context))
    return page.replace("\N{NO-BREAK SPACE}", " ")


def catalogue(env: Any) -> str:
    return whole_page(
        env,
        "catalogue/catalogue.html",
        empty_form=SampleForm(auto_id="vide_%s"),
        filled_form=SampleForm(
            {
                "call_on": "2026-11-16",
                "phone": "02 61 91 47 20",
                "kind": "papers",
                "answer": "as_ever",
                "agrees": "on",
            },
            auto_id="plein_%s",
        ),
        wrong_form=SampleForm({"phone": "02 61 91 47 20"}, auto_id="faux_%s"),
        plan=sample_plan(),
    )


def test_the_catalogue_shows_every_component(env: Any) -> None:
    source = (TEMPLATES / "catalogue" / "catalogue.html").read_text()
    kit = (TEMPLATES / "ui" / "kit.html").read_text()
    names = set(re.findall(r"{% set (\w+) = ", kit)) - {"errors_of"}
    missing = {name for name in names if f"ui.{name}" not in source}
    assert missing == set()
    assert "Composants et états" in catalogue(env)


def test_no_page_of_ours_has_an_inline_style_or_handler(env: Any) -> None:
    """SEC: the content policy has no exception."""
    for page in (catalogue(env), whole_page(env, "public.html"), whole_page(env, "errors/500.html")):
        assert not re.search(r"<[^>]*\s(style|on[a-z]+)=", page)
        assert "<style" not in page
        assert not re.search(r"<script(?![^>]*\ssrc=)", page)


def test_each_component_file_begins_with_its_options() -> None:
    for file in (TEMPLATES / "ui").glob("*.html"):
        assert file.read_text().startswith("{#"), file.name


def test_the_desk_page_carries_the_settings_of_the_person(env: Any) -> None:
    page = catalogue(env)
    assert re.search(r'<html lang="fr"[^>]* data-theme="dark" data-text="l">', page)
    assert '<span>9</span><span class="vh"> à faire</span>' in page
    assert 'value="dark" checked' in page


def test_the_rail_holds_nothing_of_the_session(env: Any) -> None:
    """So that it can be kept as text: its buttons point at the two forms of the page."""
    rail = whole_page(env, "ui/rail.html")
    assert "jeton" not in rail
    assert 'form="sortie"' in rail and 'form="affichage"' in rail


def test_a_field_in_error_says_so_and_keeps_what_was_typed(env: Any) -> None:
    """A11Y: label, hint and error belong to the control."""
    form = SampleForm({"call_on": "bientôt", "phone": "abc"})
    page = shown(env, "{{ ui.field(form.call_on) }}", form=form)
    assert 'aria-invalid="true"' in page
    assert 'aria-describedby="id_call_on-h id_call_on-e"' in page
    assert 'value="bientôt"' in page
    summary = shown(env, "{{ ui.error_summary(form) }}", form=form)
    assert 'href="#id_call_on"' in summary and 'href="#id_answer_0"' in summary
    assert "Il y a 4 points à revoir." in summary


def test_a_form_without_error_has_no_summary(env: Any) -> None:
    assert shown(env, "{{ ui.error_summary(form) }}", form=SampleForm()).strip() == ""


def test_names_are_never_taken_for_markup(env: Any) -> None:
    page = shown(
        env,
        "{{ ui.btn(name) }}{{ ui.who(name) }}{{ ui.row('9 h', '2026-11-12', name) }}",
        name="<b>Odette</b>",
    )
    assert "<b>" not in page and "&lt;b&gt;Odette" in page


def test_a_component_kept_as_text_never_gives_a_safe_text_for_an_unsafe_one(env: Any) -> None:
    page = shown(
        env,
        "{{ ui.tag(safe) }}{{ ui.tag(name) }}{{ ui.tag(safe) }}",
        safe=Markup("<i>A</i>"),
        name="<i>A</i>",
    )
    assert page.count("<i>A</i>") == 2 and page.count("&lt;i&gt;A&lt;/i&gt;") == 1


@pytest.mark.parametrize(
    "source",
    [
        'ui.icon("licorne")',
        'ui.btn("")',
        'ui.btn("Voir", kind="pink")',
        'ui.btn("Voir", href="/", name="x")',
        'ui.btn("Voir", key="F5")',
        'ui.btn("Voir", attrs={"onclick": "x()"})',
        'ui.btn("Voir", attrs={"style": "color:red"})',
        'ui.tag("")',
        'ui.tag("Urgent", "pink")',
        'ui.who("Nadia", kind="none")',
        "ui.who()",
        'ui.row("", "", "Odette")',
        'ui.row("9 h", "2026-11-12", "Odette", state="lost")',
        'ui.choice("a", "b", "")',
        'ui.choice("a", "b", "Oui", digit=12)',
        'ui.input("a", "b", "")',
        'ui.field(form.note, attrs={"style": "x"})',
        "ui.field(form.answer)",
        'ui.msg("Oups", kind="pink")',
        'ui.undo("Fait.", "/", "")',
        'ui.undo("Fait.", "/", "jeton", seconds=3)',
        'ui.fresh("duty", "/")',
        'ui.seg("", [])',
        'ui.seg("Voir", [{"url": "", "label": "a", "current": 1}, {"url": "", "label": "b", "current": 1}])',
        'ui.empty("Rien", kind="first")',
        'ui.ghost("")',
        'ui.steps([{"title": "a", "text": "", "state": "now"}, {"title": "b", "text": "", "state": "done"}])',
        'ui.cand(1, "Michel", [], "v", "1")',
        'ui.cand(1, "Michel", [("5 étoiles", "x")], "v", "1")',
        'ui.plan({"width": 1, "height": 1, "title": "x", "desc": ""}, "")',
        'ui.bars("", [])',
        'ui.bars("Besoins", [("Courses", "120 %", 120)])',
        'ui.progress(3, 2, "Tournée")',
        'ui.confirm("Fermer ?", "OK", "/", "Garder", "/", "jeton")',
        'ui.confirm("Fermer ?", "Fermer", "/", "", "", "jeton")',
        'ui.entry("lundi", "", "phone")',
    ],
)
def test_a_component_refuses_what_means_nothing(env: Any, source: str) -> None:
    with pytest.raises(ValueError):
        shown(env, "{{ " + source + " }}", form=SampleForm())


ERRORS = sorted(file.name for file in (TEMPLATES / "errors").glob("[0-9]*.html"))


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_page_renders_with_nothing_at_hand(env: Any, name: str) -> None:
    """The database may be away: no actor, no rail, no session."""
    page = env.get_template(f"errors/{name}").render()
    assert "<h1>" in page and "112" in page


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_page_gives_back_what_was_typed_and_says_whom_to_call(env: Any, name: str) -> None:
    """A11Y-13."""
    page = env.get_template(f"errors/{name}").render(
        kept=[("Ce qui a été dit", "Plus rien <dans> le frigo")],
        retry_url="/appels/1/",
        retry_fields=[("note", "Plus rien")],
        phone="+33261910012",
        reference="7KQ2M",
    )
    assert "Plus rien &lt;dans&gt; le frigo</textarea>" in page
    assert '<input type="hidden" name="note" value="Plus rien">' in page
    assert 'href="tel:+33261910012"' in page
    assert "7KQ2M" in page
