"""`palier messages`: extraction, update, check and compilation of the translations."""

import gettext
from pathlib import Path

import pytest

from palier.config import catalogues

PYTHON = """
from django.utils.translation import gettext as _, ngettext, pgettext

def texts(count):
    # Translators: said on the telephone
    _("Bonjour %(name)s")
    pgettext("button", "Fermer")
    return ngettext("%(count)s appel", "%(count)s appels", count)
"""
JINJA = """<p>{{ _("Une visite") }}</p>
{% trans count=calls|length %}
  {{ count }} besoin
{% pluralize %}
  {{ count }} besoins
{% endtrans %}
"""
DJANGO = """{% load i18n %}<h1>{% trans "Se connecter" %}</h1>
{% blocktrans with who=name trimmed %}
  Bienvenue {{ who }}
{% endblocktrans %}
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "palier"
    for name, text in {
        "calls/queries.py": PYTHON,
        "web/templates/calls/call.html": JINJA,
        "web/templates_django/account/login.html": DJANGO,
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    monkeypatch.setattr(catalogues, "PACKAGE", folder)
    monkeypatch.setattr(catalogues, "LOCALE", folder / "locale")
    monkeypatch.setattr(catalogues, "POT", folder / "locale" / "palier.pot")
    return folder


def english(package: Path) -> Path:
    return package / "locale/en/LC_MESSAGES/django.po"


def translate(package: Path, text: str, *translations: str) -> None:
    """Write the translation of a text behind its entry, which is empty."""
    lines = english(package).read_text().splitlines()
    start = max(i for i, line in enumerate(lines) if line in (f'msgid "{text}"', f'msgid_plural "{text}"'))
    for offset, translation in enumerate(translations, 1):
        lines[start + offset] = lines[start + offset].replace('""', f'"{translation}"')
    english(package).write_text("\n".join(lines) + "\n")


def translate_all(package: Path) -> None:
    translate(package, "Bonjour %(name)s", "Hello %(name)s")
    translate(package, "Fermer", "Close")
    translate(package, "%(count)s appels", "%(count)s call", "%(count)s calls")
    translate(package, "Une visite", "A visit")
    translate(package, "%(count)s besoins", "%(count)s need", "%(count)s needs")
    translate(package, "Se connecter", "Sign in")
    translate(package, "Bienvenue %(who)s", "Welcome %(who)s")


def test_texts_of_python_jinja_and_django_templates_are_all_found(package: Path) -> None:
    found = {(message.context, message.id) for message in catalogues._messages(catalogues.extract())}
    assert found == {
        (None, "Bonjour %(name)s"),
        ("button", "Fermer"),
        (None, ("%(count)s appel", "%(count)s appels")),
        (None, "Une visite"),
        (None, ("%(count)s besoin", "%(count)s besoins")),
        (None, "Se connecter"),
        (None, "Bienvenue %(who)s"),
    }


def test_a_complete_catalogue_has_no_fault_and_is_written_the_same_again(package: Path) -> None:
    catalogues.update()
    translate_all(package)
    assert catalogues.faults() == []
    before = english(package).read_bytes(), catalogues.POT.read_bytes()
    catalogues.update()
    assert (english(package).read_bytes(), catalogues.POT.read_bytes()) == before
    assert b"Date" not in before[0]


def test_a_text_without_translation_is_a_fault(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    catalogues.update()
    translate_all(package)
    translate(package, "Une visite", "")
    text = english(package).read_text().replace('msgstr "A visit"', 'msgstr ""')
    english(package).write_text(text)
    assert catalogues.faults() == ["« Une visite » has no translation into en"]
    assert catalogues.main(["--check"]) == 1
    assert "Une visite" in capsys.readouterr().out


def test_half_a_plural_is_a_fault(package: Path) -> None:
    catalogues.update()
    translate_all(package)
    english(package).write_text(english(package).read_text().replace('"%(count)s calls"', '""'))
    assert catalogues.faults() == ["« %(count)s appel » has no translation into en"]


def test_a_doubtful_translation_is_a_fault(package: Path) -> None:
    catalogues.update()
    translate_all(package)
    text = english(package).read_text().replace('msgid "Une visite"', '#, fuzzy\nmsgid "Une visite"')
    english(package).write_text(text)
    assert catalogues.faults() == ["« Une visite »: its translation into en is marked as doubtful (fuzzy)"]


def test_a_placeholder_that_is_lost_or_invented_is_a_fault(package: Path) -> None:
    catalogues.update()
    translate_all(package)
    english(package).write_text(english(package).read_text().replace("Hello %(name)s", "Hello %(nom)s"))
    assert catalogues.faults() == [
        "« Bonjour %(name)s »: the translation names nom, which the text does not (en)",
        "« Bonjour %(name)s »: the translation lacks name (en)",
    ]


def test_a_new_text_and_a_gone_one_are_faults_until_the_catalogues_are_updated(package: Path) -> None:
    catalogues.update()
    translate_all(package)
    page = package / "web/templates/calls/call.html"
    page.write_text(page.read_text().replace("Une visite", "Une tournée"))
    assert catalogues.faults() == [
        "« Une tournée » is not listed in palier.pot: run `palier messages`",
        "« Une visite » is no longer used, yet listed in palier.pot: run `palier messages`",
        "« Une tournée » has no translation into en",
    ]
    catalogues.update()
    assert catalogues.faults() == ["« Une tournée » has no translation into en"]
    assert "Hello %(name)s" in english(package).read_text()


def test_a_template_that_does_not_parse_stops_the_extraction(package: Path) -> None:
    (package / "web/templates/broken.html").write_text("{% if %}")
    with pytest.raises(Exception, match="Expected an expression"):
        catalogues.extract()


def test_zero_is_singular_in_french_and_plural_in_english(package: Path) -> None:
    catalogues.update()
    translate_all(package)
    catalogues.compile_all()
    said = {}
    for language in ("fr", "en"):
        texts = gettext.translation("django", package / "locale", languages=[language])
        said[language] = texts.ngettext("%(count)s appel", "%(count)s appels", 0)
    assert said == {"fr": "%(count)s appel", "en": "%(count)s calls"}
