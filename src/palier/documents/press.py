"""The press: papers in, one PDF/UA file out. Typst refuses what is not accessible, so a file that exists is."""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

import typst
from django.utils import translation

from palier.documents.blocks import Ink
from palier.documents.letters import Paper
from palier.documents.signs import FONTS, legible
from palier.kernel import clock

TEMPLATE = Path(__file__).parent / "typ" / "paper.typ"
# PDF 1.7 with the promises of ISO 14289-1: tagged, titled, every sign with its text, fonts inside.
STANDARD: Final = "ua-1"


@cache
def fonts() -> typst.Fonts:
    # Nothing of the machine's: the same file everywhere.
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])


def described(
    papers: Sequence[Paper], *, title: str, large_print: bool, language: str, duplex: bool = False
) -> str:
    """What the template takes, as JSON."""
    with translation.override(language):
        pages = [paper.pages(Ink(paper.face), large=large_print) for paper in papers]
        author = next(
            (sender.name for paper in papers if (sender := getattr(paper, "sender", None))), "Palier"
        )
        return json.dumps(
            {
                "title": legible(title or papers[0].title),
                "author": legible(author),
                "language": language,
                "duplex": duplex,
                "words": {"page": translation.gettext("page {n} sur {of}")},
                "papers": pages,
            },
            ensure_ascii=False,
        )


def printed(description: str) -> bytes:
    content: bytes = typst.compile(
        TEMPLATE,
        root=TEMPLATE.parent,
        font_paths=fonts(),
        sys_inputs={"data": description},
        pdf_standards=STANDARD,
        timestamp=clock.now().replace(microsecond=0),
    )
    return content
