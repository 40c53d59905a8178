import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from palier.kernel.phones import (
    SENTENCES,
    BadPhone,
    Kind,
    Phone,
    can_receive_sms,
    is_emergency,
    is_premium,
    is_withheld,
    kind_of,
    parse,
    pretty,
)

NBSP = "\u00a0"


@pytest.mark.parametrize(
    "typed",
    [
        "02 61 91 00 12",
        "0261910012",
        "02.61.91.00.12",
        "02-61-91-00-12",
        "02/61/91/00/12",
        "(02) 61 91 00 12",
        "+33 2 61 91 00 12",
        "+33 (0)2 61 91 00 12",
        "+33 02 61 91 00 12",
        "0033 2 61 91 00 12",
        "0033(0)261910012",
        "33261910012",
        "Tél. : 02 61 91 00 12",
        "tel:+33261910012",
        "\u202a02\u00a061\u00a091\u00a000\u00a012\u202c",
        "０２６１９１００１２",
    ],
)
def test_the_many_ways_of_typing_one_number_give_one_number(typed: str) -> None:
    phone = parse(typed)
    assert phone.e164 == "+33261910012"
    assert phone.kind is Kind.FIXED
    assert phone.raw == typed.strip()


@pytest.mark.parametrize(
    ("typed", "region", "e164", "kind"),
    [
        ("06 39 98 00 01", "FR", "+33639980001", Kind.MOBILE),
        ("01 99 00 12 34", "FR", "+33199001234", Kind.FIXED),
        ("03 53 01 22 22", "FR", "+33353012222", Kind.FIXED),
        ("04 65 71 00 00", "FR", "+33465710000", Kind.FIXED),
        ("05 36 49 00 00", "FR", "+33536490000", Kind.FIXED),
        ("09 72 12 34 56", "FR", "+33972123456", Kind.VOIP),
        ("0805 12 34 56", "FR", "+33805123456", Kind.FREE),
        ("0806 12 34 56", "FR", "+33806123456", Kind.SERVICE),
        ("0825 12 34 56", "FR", "+33825123456", Kind.PREMIUM),
        ("0892 70 12 34", "FR", "+33892701234", Kind.PREMIUM),
        ("0690 00 12 34", "FR", "+590690001234", Kind.MOBILE),
        ("+33 690 00 12 34", "FR", "+590690001234", Kind.MOBILE),
        ("0692 12 34 56", "FR", "+262692123456", Kind.MOBILE),
        ("0694 20 12 34", "FR", "+594694201234", Kind.MOBILE),
        ("0696 20 12 34", "FR", "+596696201234", Kind.MOBILE),
        ("0639 01 23 45", "FR", "+262639012345", Kind.MOBILE),
        ("0262 20 12 34", "RE", "+262262201234", Kind.FIXED),
        ("02 61 91 00 12", "RE", "+33261910012", Kind.FIXED),
        ("0508 41 12 34", "FR", "+508411234", Kind.FIXED),
        ("0508 41 12 34", "PM", "+508411234", Kind.FIXED),
        ("41 12 34", "PM", "+508411234", Kind.FIXED),
        ("87 12 34 56", "PF", "+68987123456", Kind.MOBILE),
        ("+44 7400 123456", "FR", "+447400123456", Kind.MOBILE),
    ],
)
def test_phn_01_the_own_region_is_tried_first_then_the_other_french_ones(
    typed: str, region: str, e164: str, kind: Kind
) -> None:
    phone = parse(typed, region)
    assert (phone.e164, phone.kind) == (e164, kind)


@pytest.mark.parametrize(
    "typed", ["15", "17", "18", "112", "114", "115", "119", "3114", "39 77", "39.49", "116 117"]
)
def test_phn_01_short_numbers_are_a_kind_of_their_own(typed: str) -> None:
    phone = parse(typed)
    assert phone.kind is Kind.SHORT
    assert phone.e164.isdigit()
    assert not can_receive_sms(phone.e164)
    assert not is_premium(phone.e164)


def test_emergency_numbers_are_told_from_the_other_short_ones() -> None:
    assert is_emergency("15")
    assert is_emergency("112")
    assert not is_emergency("3977")
    assert not is_emergency("+33261910012")


def test_phn_02_only_mobile_numbers_are_texted() -> None:
    assert can_receive_sms("+33639980001")
    assert can_receive_sms("+262692123456")
    assert not can_receive_sms("+33261910012")
    assert not can_receive_sms("+33972123456")
    assert not can_receive_sms("+33892701234")


def test_phn_03_premium_and_unknown_short_numbers_are_premium() -> None:
    assert is_premium("+33892701234")
    assert is_premium("+33825123456")
    assert is_premium("118218")
    assert not is_premium("+33805123456")
    assert not is_premium("+33806123456")
    assert not is_premium("+33261910012")


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("\u200b", "empty"),
        ("anonymous", "withheld"),
        ("Restricted", "withheld"),
        ("0800 FLOWERS", "letters"),
        ("OUI", "letters"),
        ("02 61 91 00 12 poste 4", "letters"),
        ("📞 02 61 91 00 12", "signs"),
        ("02+61910012", "signs"),
        ("++33261910012", "signs"),
        ("02 61 91 00 12;", "signs"),
        ("02 61", "too_short"),
        ("02 61 91 00", "too_short"),
        ("02 61 91 00 12 3", "too_long"),
        ("02 61 91 00 12 / 06 39 98 00 01", "too_long"),
        ("1" * 200, "too_long"),
        ("+999 61 91 00 12", "country"),
        ("----------", "withheld"),
        ("()()", "signs"),
    ],
)
def test_what_cannot_be_a_number_is_refused_with_a_sentence(typed: str, code: str) -> None:
    with pytest.raises(BadPhone) as refusal:
        parse(typed)
    assert refusal.value.code == code
    assert str(refusal.value) == SENTENCES[code]


def test_every_refusal_says_what_to_do() -> None:
    for sentence in SENTENCES.values():
        assert sentence.endswith(".")
        assert "'" not in sentence


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "anonymous",
        "Anonymous",
        "private",
        "Restricted",
        "RESTRICTED",
        "Numéro masqué",
        "unknown",
        "XXXXXXXX",
        "**********",
        "sip:anonymous@anonymous.invalid",
        "tel:anonymous",
    ],
)
def test_a_hidden_caller_is_recognised(sent: str) -> None:
    assert is_withheld(sent)


def test_a_number_is_not_a_hidden_caller() -> None:
    assert not is_withheld("02 61 91 00 12")
    assert not is_withheld("+33639980001")
    assert not is_withheld("15")


@pytest.mark.parametrize(
    ("e164", "shown"),
    [
        ("+33261910012", "02 61 91 00 12"),
        ("+33639980001", "06 39 98 00 01"),
        ("+33805123456", "08 05 12 34 56"),
        ("+590690001234", "0690 00 12 34"),
        ("+262692123456", "0692 12 34 56"),
        ("+508411234", "+508 41 12 34"),
        ("+68987123456", "+689 87 12 34 56"),
        ("+447400123456", "+44 7400 123456"),
        ("3977", "39 77"),
        ("116117", "116 117"),
        ("15", "15"),
        ("112", "112"),
        ("garbage", "garbage"),
        ("+", "+"),
    ],
)
def test_numbers_are_shown_by_pairs_with_hard_spaces(e164: str, shown: str) -> None:
    assert pretty(e164) == shown.replace(" ", NBSP)


def test_a_phone_prints_as_it_is_read() -> None:
    assert str(parse("0261910012")) == pretty("+33261910012")


_KEYBOARD = st.text(alphabet="0123456789 +-./()\u00a0\t", max_size=30)


@given(st.one_of(st.text(max_size=250), _KEYBOARD), st.sampled_from(["FR", "RE", "GP", "NC", "PF", "ZZ"]))
@example("\x00", "FR")
@example("٠٢٦١٩١٠٠١٢", "FR")
@example("0000000000", "FR")
def test_phn_fuzz_anything_typed_gives_a_phone_or_a_refusal(typed: str, region: str) -> None:
    try:
        phone = parse(typed, region)
    except BadPhone as refusal:
        assert str(refusal)
        return
    assert isinstance(phone, Phone)
    assert phone.kind is kind_of(phone.e164)
    assert len(phone.e164) <= 16
    assert pretty(phone.e164)
    if phone.kind is not Kind.SHORT:
        # Typed again from what the screen shows, or from what is stored, it is the same number.
        assert parse(phone.e164, region).e164 == phone.e164


@given(st.integers(min_value=100_000_000, max_value=799_999_999))
def test_a_mainland_number_survives_being_shown_and_typed_again(nine: int) -> None:
    phone = parse(f"0{nine}")
    if phone.e164.startswith("+33"):
        assert parse(pretty(phone.e164)).e164 == phone.e164
