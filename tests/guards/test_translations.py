"""Who reads Palier in English meets no French sentence, and no sentence that says something else."""

import re
from collections.abc import Iterator

import pytest

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
