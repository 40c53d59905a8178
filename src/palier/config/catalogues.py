"""The translations: `palier messages`.

The texts in the code and the templates are the French ones. The template catalogue
(palier.pot) lists them; en/LC_MESSAGES/django.po gives the English ones. What the
programs read is compiled from both at set-up and not kept in the repository.
"""

import argparse
import ast
import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).resolve().parents[1]
LOCALE = PACKAGE / "locale"
POT = LOCALE / "palier.pot"
SOURCE = "fr"
LANGUAGES = ("en",)

METHODS = [
    ("**/templates_django/**.html", "palier.config.catalogues:texts_of_django_template"),
    ("**/templates_django/**.txt", "palier.config.catalogues:texts_of_django_template"),
    ("**/templates/**.html", "jinja2"),
    ("**/templates/**.txt", "jinja2"),
    ("**.py", "python"),
]
# As `palier.web.jinja` reads them; a template that does not parse stops the extraction.
JINJA = {
    "trimmed": "true",
    "silent": "false",
    "newstyle_gettext": "true",
    "extensions": "jinja2.ext.do,jinja2.ext.loopcontrols",
}
OPTIONS = {"**/templates/**.html": JINJA, "**/templates/**.txt": JINJA}
KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
# Nothing in a catalogue may change by the mere passing of time, or two people always conflict.
A_DATE = datetime(2026, 1, 1, tzinfo=UTC)
PASSING = re.compile(
    rb'^"(?:Project-Id-Version|Report-Msgid-Bugs-To|POT-Creation-Date|PO-Revision-Date|Last-Translator'
    rb"|Language-Team|Generated-By):.*\n",
    re.MULTILINE,
)
PLACEHOLDER = re.compile(r"%\((\w+)\)|\{(\w+)[^{}]*\}")

Text = tuple[int, str, object, list[str]]


def texts_of_django_template(
    file: io.BufferedReader, keywords: object, comment_tags: object, options: object
) -> Iterator[Text]:
    """Babel's extraction method for the few pages that are Django's own templates."""
    from django.utils.translation.template import templatize

    for number, line in enumerate(templatize(file.read().decode()).splitlines(), 1):
        for start in re.finditer(r"\b(_|n?p?gettext)\(", line):
            if call := _call_at(line[start.start() :]):
                texts = [part.value for part in call.args if isinstance(part, ast.Constant)]
                yield number, start.group(1), texts[0] if len(texts) == 1 else tuple(texts), []


def _call_at(line: str) -> ast.Call | None:
    for end in (found.end() for found in re.finditer(r"\)", line)):
        try:
            tree = ast.parse(line[:end], mode="eval").body
        except SyntaxError:
            continue
        return tree if isinstance(tree, ast.Call) else None
    return None


def extract() -> Catalog:
    """Every text to translate that is now in the code and the templates."""
    catalogue = Catalog(project="Palier", charset="utf-8", creation_date=A_DATE, fuzzy=False)
    catalogue.header_comment = "# Palier's texts, extracted by `palier messages`; not edited by hand."
    for name, _line, text, comments, context in extract_from_dir(
        PACKAGE, METHODS, OPTIONS, KEYWORDS, comment_tags=("Translators:",), strip_comment_tags=True
    ):
        catalogue.add(text, None, [(name, 0)], auto_comments=comments, context=context)
    return catalogue


def _bytes_of(catalogue: Catalog) -> bytes:
    out = io.BytesIO()
    # Sorted and without line numbers: an edit elsewhere in a file changes nothing here.
    write_po(out, catalogue, width=110, sort_output=True, ignore_obsolete=True, include_lineno=False)
    return PASSING.sub(b"", out.getvalue())


def _po(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def _read(path: Path, language: str | None = None) -> Catalog:
    if not path.exists():
        return Catalog(locale=language, project="Palier", charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def _messages(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def _key(message: Message) -> tuple[str | None, object]:
    return message.context, tuple(message.id) if isinstance(message.id, (list, tuple)) else message.id


def _forms(message: Message) -> list[str]:
    texts = message.string if isinstance(message.string, (list, tuple)) else [message.string]
    return [text or "" for text in texts]


# --- What the command does


def update() -> None:
    template = extract()
    POT.parent.mkdir(parents=True, exist_ok=True)
    POT.write_bytes(_bytes_of(template))
    for language in LANGUAGES:
        catalogue = _read(_po(language), language)
        # No guessing: a text that resembles another is not its translation.
        catalogue.update(template, no_fuzzy_matching=True)
        catalogue.fuzzy = False
        catalogue.header_comment = "# Palier's texts in another language; extended by `palier messages`."
        _po(language).parent.mkdir(parents=True, exist_ok=True)
        _po(language).write_bytes(_bytes_of(catalogue))


def compile_all() -> None:
    for language in LANGUAGES:
        if _po(language).exists():
            _write_mo(_read(_po(language), language), language)
    if not POT.exists():
        return
    # French needs one as well, for its plurals: without it zero would be plural, as in English.
    french = Catalog(locale=SOURCE, charset="utf-8", fuzzy=False)
    for message in _messages(_read(POT)):
        if isinstance(message.id, (list, tuple)):
            singular, plural = message.id
            forms = (singular, *([plural] * (french.num_plurals - 1)))
            french.add(message.id, forms, context=message.context)
    _write_mo(french, SOURCE)


def _write_mo(catalogue: Catalog, language: str) -> None:
    target = LOCALE / language / "LC_MESSAGES" / "django.mo"
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_suffix(".mo.new")
    with fresh.open("wb") as file:
        write_mo(file, catalogue)
    fresh.replace(target)


def faults() -> list[str]:
    """What is wrong with the catalogues, in sentences; empty when all is well."""
    found = []
    wanted = {_key(message): message for message in _messages(extract())}
    listed = {_key(message) for message in _messages(_read(POT))}
    for key in sorted(wanted.keys() ^ listed, key=str):
        which = "not listed in" if key in wanted else "no longer used, yet listed in"
        found.append(f"{_shown(key)} is {which} {POT.name}: run `palier messages`")
    for language in LANGUAGES:
        catalogue = _read(_po(language), language)
        present = {_key(message): message for message in _messages(catalogue)}
        for key, message in sorted(wanted.items(), key=lambda item: str(item[0])):
            translated = present.get(key)
            if translated is None or not all(_forms(translated)):
                found.append(f"{_shown(key)} has no translation into {language}")
                continue
            if translated.fuzzy:
                found.append(f"{_shown(key)}: its translation into {language} is marked as doubtful (fuzzy)")
            found += [f"{_shown(key)}: {fault} ({language})" for fault in _wrong_places(message, translated)]
    return found


def _wrong_places(message: Message, translated: Message) -> Iterator[str]:
    ids = message.id if isinstance(message.id, (list, tuple)) else (message.id,)
    allowed = {place for text in ids for place in _places(text)}
    needed = set.intersection(*(set(_places(text)) for text in ids))
    for text in _forms(translated):
        for place in sorted(set(_places(text)) - allowed):
            yield f"the translation names {place}, which the text does not"
        for place in sorted(needed - set(_places(text))):
            yield f"the translation lacks {place}"


def _places(text: str) -> Iterator[str]:
    for found in PLACEHOLDER.finditer(text):
        yield found.group(1) or found.group(2)


def _shown(key: tuple[str | None, object]) -> str:
    text = key[1][0] if isinstance(key[1], tuple) else key[1]
    return f"« {str(text)[:90]} »"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="palier messages", description="Extract the texts, update the catalogues and compile them."
    )
    parser.add_argument(
        "--check", action="store_true", help="change nothing; fail if anything is missing or out of date"
    )
    parser.add_argument("--compile", action="store_true", help="only compile what the programs read")
    chosen = parser.parse_args(arguments)
    if chosen.check:
        found = faults()
        for fault in found[:200]:
            print(fault)
        if found:
            print(f"{len(found)} faults in the translations.", file=sys.stderr)
        return 1 if found else 0
    if not chosen.compile:
        update()
        template = _messages(_read(POT))
        for language in LANGUAGES:
            empty = sum(not all(_forms(message)) for message in _messages(_read(_po(language), language)))
            print(f"{language}: {len(template)} texts, {empty} without translation")
    compile_all()
    return 0
