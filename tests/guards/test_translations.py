"""Who reads Palier in English meets no French sentence, and no sentence that says something else."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment

from palier.config import catalogues

TAG = re.compile(r"</?[a-z][^<>]*>")
A_PATH = re.compile(r"(?:^|[\s\"])(?:/|[A-Z]:\\)(?:home|work|root|tmp|Users|opt|srv)\b", re.MULTILINE)


@pytest.fixture(params=catalogues.LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def pairs(language: str) -> Iterator[tuple[str, str]]:
    """Each text with each of its translations; the forms of a plural apart."""
    for message in catalogues._messages(catalogues._read(catalogues._po(language), language)):
        texts = message.id if isinstance(message.id, (list, tuple)) else (message.id,)
        yield from zip(texts, catalogues._forms(message), strict=True)


def test_every_text_of_the_interface_is_listed_and_translated() -> None:
    """Missing, doubtful, half a plural, a lost placeholder, a list that is out of date: one sentence each."""
    assert catalogues.faults() == []


def test_no_translation_of_a_text_that_is_gone_is_kept(language: str) -> None:
    catalogue = catalogues._read(catalogues._po(language), language)
    assert not catalogue.obsolete
    listed = {catalogues._key(message) for message in catalogues._messages(catalogues._read(catalogues.POT))}
    assert {catalogues._key(message) for message in catalogues._messages(catalogue)} - listed == set()


def test_a_translation_keeps_the_marks_and_the_outer_spaces_of_its_text(language: str) -> None:
    wrong = [
        (text, translation)
        for text, translation in pairs(language)
        if sorted(TAG.findall(text)) != sorted(TAG.findall(translation))
        or (text[:1].isspace(), text[-1:].isspace())
        != (translation[:1].isspace(), translation[-1:].isspace())
    ]
    assert wrong == []


def test_english_is_written_with_english_signs() -> None:
    """No « », no space before a colon; the straight apostrophe only where a text message is written."""
    wrong = [
        (text, translation)
        for text, translation in pairs("en")
        if re.search(r"[«»\u00a0\u202f]|\w [;:!?](?:\s|$)", translation)
        or ("'" in translation and "'" not in text and "%(head)s" not in text)
    ]
    assert wrong == []


def test_the_catalogues_name_no_machine(language: str) -> None:
    for path in (catalogues.POT, catalogues._po(language)):
        written = path.read_text()
        assert not A_PATH.search(written), path.name
        assert "Generated-By" not in written and "@" not in written.split("\n\n", 1)[0]


# --- Nothing is said beside the catalogue ------------------------------------------------------------------------

TEMPLATES = catalogues.PACKAGE / "web" / "templates"
# The product's name; invented people and the machine of the catalogue of components, which only a demo shows.
NAMES = {"Palier", "– Palier", "Yvonne Thibaut", "« Je n’ai plus rien dans le frigo. »", "Firefox, Windows"}
UNSEEN = re.compile(r"<!--.*?-->|<(script|style)\b.*?</\1>", re.DOTALL)
HEARD = re.compile(r"\b(?:aria-label|placeholder|title|alt)=\"([^\"]*)\"")


def said_beside(source: str) -> list[str]:
    """The words of a Jinja template that do not go through gettext."""
    out, in_trans, hidden_block, tag = [], False, False, []
    for _line, kind, value in Environment(extensions=["jinja2.ext.i18n"]).lex(source):
        if kind == "data" and not in_trans and not hidden_block:
            out.append(value)
        elif kind in ("block_begin", "variable_begin"):
            tag = []
            out.append("\N{OBJECT REPLACEMENT CHARACTER}")
        elif kind in ("name", "string"):
            tag.append(value)
        elif kind == "block_end":
            in_trans = (in_trans or tag[:1] == ["trans"]) and tag[:1] != ["endtrans"]
            # {% block html_class %}has-sticky{% endblock %}: a class, read by nobody.
            hidden_block = tag[0] == "block" and tag[1].endswith("_class")
    page = UNSEEN.sub("", "".join(out))
    nodes = [*HEARD.findall(page), *re.sub(r"<[^>]*>", "\n", page).split("\n")]
    words = [node.replace("\N{OBJECT REPLACEMENT CHARACTER}", " ").strip() for node in nodes]
    return [word for word in words if re.search(r"[^\W\d_]{2}", word) and word not in NAMES]


@pytest.mark.parametrize(
    "path",
    sorted(path for kind in ("html", "txt") for path in TEMPLATES.rglob(f"*.{kind}")),
    ids=lambda path: str(path.relative_to(TEMPLATES)),
)
def test_a_template_says_nothing_that_cannot_be_translated(path: Path) -> None:
    assert said_beside(path.read_text()) == []


def test_what_is_said_beside_the_catalogue_is_found() -> None:
    assert said_beside('<p class="big">Bonjour</p>') == ["Bonjour"]
    assert said_beside('<p>{{ _("Bonjour") }} tout le monde</p>') == ["tout le monde"]
    assert said_beside('<a aria-label="Fermer">{% trans %}Fermer la fiche{% endtrans %}</a>') == ["Fermer"]
    assert said_beside('<a href="{{ url("x") }}" title="{{ _("Fermer") }}">{{ name }}</a>, 12 %') == []
