"""Every paper, in both sizes, is an accessible file that says what the law wants said."""

import io
import json
import re
import struct
from datetime import date

import pikepdf
import pytest
import typst

from palier.documents import papers, press, samples

PAPERS = samples.everything()
SIZES = pytest.mark.parametrize("large", [False, True], ids=["usual size", "large print"])
EVERY = pytest.mark.parametrize("name", list(PAPERS))


def opened(content: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(content))


def elements(node: pikepdf.Object) -> list[pikepdf.Dictionary]:
    """Every structure element of the tree, in reading order."""
    kids = node.get("/K")
    if kids is None:
        return []
    found = []
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            found.append(kid)
            found += elements(kid)
    return found


def kinds(pdf: pikepdf.Pdf) -> list[str]:
    return [str(element.S) for element in elements(pdf.Root.StructTreeRoot)]


def fonts(pdf: pikepdf.Pdf) -> list[pikepdf.Dictionary]:
    return [
        item
        for item in pdf.objects
        if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor"
    ]


def text_of(content: bytes) -> str:
    """What a reader hears: the text shown, glyphs turned back into signs by each font's own map."""
    said = []
    for page in opened(content).pages:
        maps = {name: to_unicode(font) for name, font in page.Resources.get("/Font", {}).items()}
        current: dict[int, str] = {}
        for operands, operator in pikepdf.parse_content_stream(page):
            match str(operator):
                case "Tf":
                    current = maps[str(operands[0])]
                case "Tj" | "'":
                    said.append(spelled(bytes(operands[0]), current))
                case "TJ":
                    said += [
                        spelled(bytes(part), current)
                        for part in operands[0]
                        if isinstance(part, pikepdf.String)
                    ]
                case "ET" | "EMC" | "Td" | "Tm":
                    said.append(" ")
    return re.sub(r"[\s\u00a0\u202f]+", " ", "".join(said))


def spelled(raw: bytes, signs: dict[int, str]) -> str:
    return "".join(signs.get(code, "") for (code,) in struct.iter_unpack(">H", raw))


def to_unicode(font: pikepdf.Object) -> dict[int, str]:
    signs: dict[int, str] = {}
    cmap = font["/ToUnicode"].read_bytes().decode("latin-1")
    for block in re.findall(r"beginbfchar(.*?)endbfchar", cmap, re.DOTALL):
        for code, sign in re.findall(r"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>", block):
            signs[int(code, 16)] = bytes.fromhex(sign).decode("utf-16-be")
    for block in re.findall(r"beginbfrange(.*?)endbfrange", cmap, re.DOTALL):
        for first, last, sign in re.findall(r"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>", block):
            start = bytes.fromhex(sign).decode("utf-16-be")
            for step in range(int(last, 16) - int(first, 16) + 1):
                signs[int(first, 16) + step] = start[:-1] + chr(ord(start[-1]) + step)
    return signs


def without_marks(sentence: object) -> str:
    return re.sub(r"\s+", " ", str(sentence).replace("**", ""))


# --- Accessible


@EVERY
@SIZES
def test_every_paper_in_both_sizes_is_a_tagged_file_that_names_its_language_and_title(
    name: str, large: bool
) -> None:
    pdf = opened(papers.pdf(PAPERS[name], large_print=large))
    assert pdf.Root.MarkInfo.Marked
    assert str(pdf.Root.Lang) == "fr"
    assert pdf.Root.ViewerPreferences.DisplayDocTitle
    assert str(pdf.docinfo["/Title"]).strip()
    with pdf.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"
        assert metadata["dc:title"] == str(pdf.docinfo["/Title"])
    assert "/H1" in kinds(pdf)
    assert all(page.Tabs == "/S" for page in pdf.pages if "/Annots" in page)


@EVERY
@SIZES
def test_every_font_of_every_paper_is_inside_and_ours(name: str, large: bool) -> None:
    pdf = opened(papers.pdf(PAPERS[name], large_print=large))
    described = fonts(pdf)
    assert described
    for font in described:
        assert "/FontFile2" in font or "/FontFile3" in font
        assert re.search(r"AtkinsonHyperlegibleNext|DejaVuSans", str(font.FontName))


@EVERY
def test_large_print_is_set_in_sixteen_points_and_more(name: str) -> None:
    """What is larger than the paper's own foot and window."""
    sizes: dict[float, int] = {}
    pdf = opened(papers.pdf(PAPERS[name], large_print=True))
    for page in pdf.pages:
        size = 0.0
        for operands, operator in pikepdf.parse_content_stream(page):
            if str(operator) == "Tf":
                size = float(operands[1])
            elif str(operator) in ("Tj", "TJ"):
                shown = operands[0] if str(operator) == "TJ" else [operands[0]]
                sizes[size] = sizes.get(size, 0) + sum(
                    len(bytes(s)) for s in shown if isinstance(s, pikepdf.String)
                )
    most = max(sizes, key=lambda size: sizes[size])
    assert most >= 14.5, sizes


@EVERY
def test_tables_have_headers_and_lists_have_items(name: str) -> None:
    found = kinds(opened(papers.pdf(PAPERS[name])))
    assert ("/Table" in found) == ("/TH" in found)
    assert ("/L" in found) == ("/LI" in found)


def test_a_language_other_than_french_is_named_and_spoken() -> None:
    pdf = opened(papers.pdf(PAPERS["accuse-reception"], language="en"))
    assert str(pdf.Root.Lang) == "en"


# --- Right


def test_REG_08_an_acknowledgement_says_that_silence_agrees_and_that_removal_is_possible_at_any_time() -> (
    None
):
    for name in ("accuse-reception", "accuse-reception-tiers"):
        for large in (False, True):
            text = text_of(papers.pdf(PAPERS[name], large_print=large))
            assert without_marks(papers.SILENCE_IS_AGREEMENT) in text
            assert without_marks(papers.REMOVAL_AT_ANY_TIME) in text


def test_REG_09_the_person_learns_who_asked_for_her() -> None:
    assert "Paul Caron, votre fils" in text_of(papers.pdf(PAPERS["accuse-reception-tiers"]))


def test_REG_01_forms_and_information_letters_carry_the_five_blocks_and_the_version() -> None:
    for name in ("bulletin-inscription", "demande-tiers", "information-registre", "information-transmission"):
        text = text_of(papers.pdf(PAPERS[name]))
        for block in ("purpose", "optional", "how", "recipients", "rights"):
            words = getattr(samples.NOTICE, block).split()[:6]
            assert " ".join(words) in text, (name, block)
    assert "Notice : 1er juin 2026" in text_of(papers.pdf(PAPERS["bulletin-inscription"]))


def test_REG_12_no_answer_to_the_yearly_card_changes_nothing() -> None:
    assert "Sans réponse de votre part, vous y restez." in text_of(
        papers.pdf(PAPERS["confirmation-annuelle"])
    )


def test_REG_05_the_form_asks_for_nothing_beyond_the_closed_list() -> None:
    text = text_of(papers.pdf(PAPERS["bulletin-inscription"])).casefold()
    for beyond in (
        "digicode",
        "porte",
        "gir",
        "maladie",
        "traitement",
        "médecin",
        "revenu",
        "courriel :",
        "nationalité",
        "animaux",
    ):
        assert beyond not in text.replace("par courriel :", "")


def test_forms_are_two_sides_and_letters_that_matter_one() -> None:
    for name, count in {
        "bulletin-inscription": 2,
        "bulletin-inscription-rempli": 2,
        "demande-tiers": 2,
        "accuse-reception": 1,
        "accuse-reception-tiers": 1,
        "accuse-reception-nom-long": 1,
        "confirmation-annuelle": 1,
        "avis-de-passage": 1,
        "depart-autre-commune": 1,
        "information-registre": 1,
        "fiche-imprimee": 1,
    }.items():
        assert len(opened(papers.pdf(PAPERS[name])).pages) == count, name


def test_a_card_of_passage_names_nobody_and_no_register() -> None:
    text = text_of(papers.pdf(PAPERS["avis-de-passage"]))
    assert text.count("Nous sommes passés vous voir") == 4
    assert "registre" not in text.casefold()


@pytest.mark.parametrize("name", ["accuse-reception", "accuse-reception-nom-long", "lettre-rendez-vous"])
@SIZES
def test_the_address_stays_within_what_every_window_shows(name: str, large: bool) -> None:
    """DL envelope, window of 100 x 45 mm: 100 to 190 mm across and 45 to 79 mm down are seen however the sheet slides."""
    description = press.described([PAPERS[name]], title="", large_print=large, language="fr")
    compiler = typst.Compiler(
        str(press.TEMPLATE),
        root=str(press.TEMPLATE.parent),
        font_paths=press.fonts(),
        sys_inputs={"data": description},
    )
    (seen,) = json.loads(compiler.query("<address>", field="value"))
    left, top = millimetres(seen["x"]), millimetres(seen["y"])
    assert left >= 100 and left + seen["width"] <= 190
    assert top >= 45 and top + millimetres(seen["height"]) <= 79


def millimetres(length: str) -> float:
    return float(length.removesuffix("pt")) * 25.4 / 72


# --- Whatever is written


HOSTILE = [
    '#set page(width: 1cm) $x$ *gras* _it_ `code` <label> @ref \\ "; [x] {y}',
    "**pas gras** %(name)s %s 100 %",
    "Łukasz Ÿ œuvre Đặng Thị Hường Þór Иван Ωμέγα مرحبا שלום",
    "👨‍👩‍👧‍👦 🇫🇷 👍🏽 ❤️ 🫠 漢字 かな 한국어",
    "\x00\x07\u200b\u202e\ufeff\ud800 a\r\nb\tc",
    "W" * 400,
    "e\u0301" * 60,
    "\u0301",
    " ",
]


@pytest.mark.parametrize("words", HOSTILE)
def test_no_text_breaks_a_paper_or_becomes_markup(words: str) -> None:
    sender = papers.Sender(name=words, address=(words,), phone=words, email=words, hours=words)
    who = papers.Addressee(words, (words,) * 3, words)
    signature = papers.Signature(words, words, words)
    day = date(2026, 11, 12)
    for paper in (
        papers.Acknowledgement(sender, who, day, signature, asked_on=day, asked_by=words, reference=words),
        papers.EnrolmentForm(
            sender, papers.Notice(*[words] * 6), papers.Identity(words, words, day, words, phone=words)
        ),
        papers.OwnCopy(
            sender,
            who,
            day,
            (papers.Section(words, words, (papers.Record(((words, words),), words),)),),
            (words,),
        ),
        papers.PersonSheet(words, words, words, words, words, (words,), (words, words)),
    ):
        assert opened(papers.pdf(paper)).pages


def test_a_sign_no_font_has_is_shown_as_a_square_and_said() -> None:
    def copy(words: str) -> str:
        sections = (papers.Section("Appels", "", (papers.Record((("Vos mots", words),)),)),)
        return text_of(papers.pdf(papers.OwnCopy(samples.SENDER, samples.ODETTE, samples.DAY, sections)))

    assert "Merci □ !" in copy("Merci 👨‍👩‍👧‍👦🫠 !".replace("👨‍👩‍👧‍👦", ""))
    assert "Le signe □ remplace" in copy("漢")
    assert "Le signe □ remplace" not in copy("Đặng Thị Hường 😀")
    assert "Đặng Thị Hường 😀" in copy("Đặng Thị Hường 😀")


def test_empty_fields_leave_no_empty_label_and_no_crash() -> None:
    nobody = papers.Addressee("", ())
    bare = papers.Sender("CCAS")
    day = date(2026, 1, 1)
    text = text_of(papers.pdf(papers.Acknowledgement(bare, nobody, day, papers.Signature(""), asked_on=day)))
    assert "Madame, Monsieur," in text
    assert "1er janvier 2026" in text
    assert "appelez-nous" not in text


def test_french_spaces_are_hard_and_apostrophes_curved() -> None:
    described = press.described(
        [papers.Letter(samples.SENDER, samples.RENE, samples.DAY, samples.NADIA, about="L'appel !", paragraphs=("Oui ; non : 02 61 91 00 12 ?",))],
        title="", large_print=False, language="fr",
    )  # fmt: skip
    assert "L’appel\u202f!" in described
    assert "Oui\u202f; non\u00a0: 02\u00a061\u00a091\u00a000\u00a012\u202f?" in described


def test_a_subjects_own_words_are_printed_word_for_word() -> None:
    sections = (
        papers.Section("Appels", "", (papers.Record((("Vos mots", "J'ai dit:  oui!\nEt puis non."),)),)),
    )
    described = press.described(
        [papers.OwnCopy(samples.SENDER, samples.ODETTE, samples.DAY, sections)],
        title="",
        large_print=False,
        language="fr",
    )
    assert json.dumps("J'ai dit:  oui!\nEt puis non.", ensure_ascii=False) in described


def test_parts_where_nothing_is_kept_are_named_together_at_the_end() -> None:
    text = text_of(papers.pdf(PAPERS["copie-de-ses-donnees"]))
    assert text.index("Rien sous ces titres") < text.index("Vos visites")
    assert text.index("Vos appels") < text.index("Rien sous ces titres")


# --- Many


def test_a_batch_is_one_file_in_order_where_each_letter_counts_its_own_pages() -> None:
    batch = [PAPERS["accuse-reception"], PAPERS["information-transmission"], PAPERS["lettre-rendez-vous"]]
    content = papers.pdf_many(batch)
    single = [len(opened(papers.pdf(paper)).pages) for paper in batch]
    pdf = opened(content)
    assert len(pdf.pages) == sum(single)
    assert str(pdf.docinfo["/Title"]) == "3 courriers"
    text = text_of(content)
    assert text.index("Odette Marchand") < text.index("Souhaitez-vous") < text.index("Chaque mardi")
    assert text.count("page 1 sur 2") == single.count(2)


def test_a_batch_for_both_sides_begins_each_letter_on_a_front() -> None:
    pdf = opened(papers.pdf_many([PAPERS["accuse-reception"], PAPERS["lettre-rendez-vous"]], duplex=True))
    assert len(pdf.pages) == 3


def test_an_empty_batch_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing to print"):
        papers.pdf_many([])


def test_every_sample_is_written_in_both_sizes(tmp_path) -> None:
    assert samples.main(["--samples", str(tmp_path / "new")]) == 0
    assert len(list((tmp_path / "new").glob("*.pdf"))) == 2 * len(PAPERS)
