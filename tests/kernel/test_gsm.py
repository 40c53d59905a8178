import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from palier.kernel.gsm import (
    BASIC,
    EXTENSION,
    BadSms,
    Encoding,
    Segments,
    count,
    is_gsm,
    premium_numbers,
    refuse,
    short_links,
    to_gsm,
)


def test_the_alphabet_has_the_size_of_the_standard() -> None:
    assert len(BASIC) == 127  # 128 places, one of them the escape
    assert len(EXTENSION) == 10


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("Demain à l’après-midi, c’est noté", "Demain à l'après-midi, c'est noté"),
        ("Elle dit : « Bonjour »", 'Elle dit : "Bonjour"'),
        ("Elle dit\u00a0: «\u00a0Bonjour\u00a0»", 'Elle dit : "Bonjour"'),
        ("Un cœur, sa sœur Œuvre…", "Un coeur, sa soeur OEuvre..."),
        ("être, tôt, île, où, ça, naïf, Noël", "etre, tot, ile, où, ca, naif, Noel"),
        ("ÉCOLE ÈRE ÇA À", "ÉCOLE ERE ÇA A"),
        ("14 – 18 h", "14 - 18 h"),
        ("Merci 🙏🏽 !", "Merci  !"),
        ("10 €", "10 €"),
        ("2e étage, n° 4", "2e étage, no 4"),
        ("½ baguette", "1/2 baguette"),
        ("Łódź", "Lodz"),
        ("привет", "??????"),
        ("a\r\nb", "a\nb"),
    ],
)
def test_text_is_written_in_what_a_telephone_shows(written: str, sent: str) -> None:
    assert to_gsm(written) == sent


@given(st.text(max_size=200))
@example("\x1b")
@example("\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"))
def test_whatever_is_written_can_be_sent_and_stays_so(text: str) -> None:
    sent = to_gsm(text)
    assert is_gsm(sent)
    assert to_gsm(sent) == sent
    assert count(sent).encoding is Encoding.GSM7


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("", Segments(Encoding.GSM7, 0, 0, 160)),
        ("a" * 160, Segments(Encoding.GSM7, 160, 1, 0)),
        ("a" * 161, Segments(Encoding.GSM7, 161, 2, 145)),
        ("a" * 306, Segments(Encoding.GSM7, 306, 2, 0)),
        ("a" * 307, Segments(Encoding.GSM7, 307, 3, 152)),
        ("€" * 80, Segments(Encoding.GSM7, 160, 1, 0)),
        ("€" * 81, Segments(Encoding.GSM7, 162, 2, 143)),
        ("ê" * 70, Segments(Encoding.UCS2, 70, 1, 0)),
        ("ê" * 71, Segments(Encoding.UCS2, 71, 2, 63)),
        ("ê" * 134, Segments(Encoding.UCS2, 134, 2, 0)),
        ("😀" * 35, Segments(Encoding.UCS2, 70, 1, 0)),
        ("😀" * 36, Segments(Encoding.UCS2, 72, 2, 61)),
    ],
    ids=lambda value: f"{value[:1]}×{len(value)}" if isinstance(value, str) else "",
)
def test_sms_05_segments_are_counted_as_the_networks_do(text: str, segments: Segments) -> None:
    assert count(text) == segments


def test_sms_05_a_sign_of_two_septets_is_never_split_over_two_parts() -> None:
    # 152 letters leave one septet: the euro sign goes to the second part, whole.
    assert count("a" * 152 + "€" + "a" * 10) == Segments(Encoding.GSM7, 164, 2, 153 - 12)
    # The same text without the loss would fit two parts exactly; with it, three are needed.
    assert count("a" * 152 + "€" + "a" * 152) == Segments(Encoding.GSM7, 306, 3, 152)
    assert count("ê" * 66 + "😀" + "ê" * 66) == Segments(Encoding.UCS2, 134, 3, 66)


@given(st.text(alphabet="aé€ê😀 ", max_size=400))
def test_sms_05_parts_always_hold_the_text(text: str) -> None:
    result = count(text)
    part = 153 if result.encoding is Encoding.GSM7 else 67
    assert result.left >= 0
    if result.segments > 1:
        assert result.segments * part >= result.chars
        assert (result.segments - 1) * (part - 1) <= result.chars


def test_sms_05_units_are_those_of_utf_16() -> None:
    assert count("ê😀").chars == len("ê😀".encode("utf-16-be")) // 2


def test_a_text_of_the_design_takes_one_message() -> None:
    text = (
        "CCAS de Belrive. Bonjour Michel, une voisine aurait besoin de courses samedi 14 au matin. "
        "Pouvez-vous aider ? palier.belrive.fr/r/7KQ2M ou 02 61 91 00 12"
    )
    assert count(text) == Segments(Encoding.GSM7, len(text), 1, 160 - len(text))


def test_phn_03_premium_numbers_are_found_in_a_text() -> None:
    assert premium_numbers("Appelez le 0892 70 12 34 ou le 02 61 91 00 12, code 4512") == ["0892 70 12 34"]
    assert premium_numbers("Rendez-vous le 14 11 2026 à 10 h 30") == []


@pytest.mark.parametrize(
    "link", ["bit.ly/3xYz", "https://tinyurl.com/abcd", "HTTP://T.CO/x", "www.bit.ly/a", "https://is.gd/a"]
)
def test_a11y_20_shortened_links_are_found(link: str) -> None:
    assert short_links(f"Voir {link}.") == [link]


@pytest.mark.parametrize(
    "link", ["palier.belrive.fr/r/7KQ2M", "notbit.ly.example/x", "https://habit.lyon.example"]
)
def test_a11y_20_the_own_address_of_the_town_is_not_a_shortened_link(link: str) -> None:
    assert short_links(f"Voir {link}.") == []


def test_a_text_that_must_not_be_sent_is_refused_with_a_sentence() -> None:
    with pytest.raises(BadSms, match="surtaxé"):
        refuse("Appelez le 0892 70 12 34")
    with pytest.raises(BadSms, match="lien raccourci"):
        refuse("Voir bit.ly/3xYz")
    refuse("Appelez le 02 61 91 00 12 ou palier.belrive.fr/r/7KQ2M")
