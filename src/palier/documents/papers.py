"""Every paper Palier prints, and how: `pdf(paper)`, `pdf_many(papers)` for a batch in one file."""

from collections.abc import Sequence

from django.utils.translation import ngettext, override

from palier.documents import press
from palier.documents.forms import EnrolmentForm, ThirdPartyForm
from palier.documents.letters import (
    REMOVAL_AT_ANY_TIME,
    SILENCE_IS_AGREEMENT,
    Acknowledgement,
    ConfirmationCard,
    InformationLetter,
    Letter,
    MovedLetter,
    Paper,
)
from palier.documents.parts import (
    Addressee,
    Eliminated,
    Happened,
    Identity,
    Named,
    Notice,
    Record,
    Section,
    Sender,
    Signature,
    Week,
)
from palier.documents.sheets import DecreeAnnex, EliminationList, OwnCopy, PassageCards, PersonSheet

__all__ = [
    "REMOVAL_AT_ANY_TIME",
    "SILENCE_IS_AGREEMENT",
    "Acknowledgement",
    "Addressee",
    "ConfirmationCard",
    "DecreeAnnex",
    "Eliminated",
    "EliminationList",
    "EnrolmentForm",
    "Happened",
    "Identity",
    "InformationLetter",
    "Letter",
    "MovedLetter",
    "Named",
    "Notice",
    "OwnCopy",
    "Paper",
    "PassageCards",
    "PersonSheet",
    "Record",
    "Section",
    "Sender",
    "Signature",
    "ThirdPartyForm",
    "Week",
    "pdf",
    "pdf_many",
]


def pdf(paper: Paper, *, large_print: bool = False, language: str = "fr") -> bytes:
    """One paper as PDF/UA-1. Large print: letters of 16 points and more, wider lines."""
    return pdf_many([paper], large_print=large_print, language=language)


def pdf_many(
    papers: Sequence[Paper],
    *,
    large_print: bool = False,
    language: str = "fr",
    title: str = "",
    duplex: bool = False,
) -> bytes:
    """Many papers in one file, in the order given, each counting its own pages; one compilation.

    `duplex` begins each on the front of a sheet, for printers that print both sides.
    Raises ValueError when there is nothing to print.
    """
    if not papers:
        raise ValueError("nothing to print")
    if not title and len(papers) > 1:
        with override(language):
            title = ngettext("%(n)s courrier", "%(n)s courriers", len(papers)) % {"n": len(papers)}
    return press.printed(
        press.described(papers, title=title, large_print=large_print, language=language, duplex=duplex)
    )
