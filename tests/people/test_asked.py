"""What was typed, understood."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palier.people.asked import MOST_WORDS, understand

TODAY = date(2026, 11, 12)
YEAR_1938 = (date(1938, 1, 1), date(1938, 12, 31))
THIRD_OF_MARCH = (date(1938, 3, 3), date(1938, 3, 3))


@pytest.mark.parametrize(
    ("typed", "words", "numbers", "born"),
    [
        ("dupont rue des lilas 1938", ("dupont", "rue", "des", "lilas"), (), YEAR_1938),
        ("Mme Le Goff née le 3 mars 1938", ("le", "goff"), (), THIRD_OF_MARCH),
        ("M. Dupont", ("dupont",), (), None),
        ("03/03/1938", (), (), THIRD_OF_MARCH),
        ("3-3-1938 dupont", ("dupont",), (), THIRD_OF_MARCH),
        ("3.3.1938", (), (), THIRD_OF_MARCH),
        ("03 03 1938", (), (), THIRD_OF_MARCH),
        ("3/3/38", (), (), THIRD_OF_MARCH),
        ("1938-03-03", (), (), THIRD_OF_MARCH),
        ("3 mars 1938", (), (), THIRD_OF_MARCH),
        ("3 MARS 1938", (), (), THIRD_OF_MARCH),
        ("1er août 1938", (), (), (date(1938, 8, 1), date(1938, 8, 1))),
        ("12 fév. 38", (), (), (date(1938, 2, 12), date(1938, 2, 12))),
        # The day and the month exchanged, as elsewhere.
        ("03/13/1938", (), (), (date(1938, 3, 13), date(1938, 3, 13))),
        # No such day: the year at least.
        ("31/02/1938", (), (), YEAR_1938),
        ("29 février 1938 odette", ("odette",), (), YEAR_1938),
        # The number of a file, or a day written in one piece.
        ("03031938", (), ("03031938",), THIRD_OF_MARCH),
        ("1938", (), ("1938",), YEAR_1938),
        ("avril 1938", ("avril",), (), YEAR_1938),
        ("84 ans", (), (), (date(1941, 11, 13), date(1942, 11, 12))),
        ("odette, 84 ans", ("odette",), (), (date(1941, 11, 13), date(1942, 11, 12))),
        ("02 61 91 47 20", (), ("0261914720",), None),
        ("02.61.91.47.20", (), ("0261914720",), None),
        ("02-61-91-47-20 marchand", ("marchand",), ("0261914720",), None),
        ("+33 2 61 91 47 20", (), ("0261914720",), None),
        ("+33 (0)2 61 91 47 20", (), ("0261914720",), None),
        ("0033261914720", (), ("0261914720",), None),
        ("marchand 02 61 91 47 20 1938", ("marchand",), ("0261914720",), YEAR_1938),
        ("47 20", (), ("4720",), None),
        ("marchand 4720", ("marchand",), ("4720",), None),
        ("n° 4711", (), ("4711",), None),
        ("12 rue des Tilleuls", ("12", "rue", "des", "tilleuls"), (), None),
        ("mme", ("mme",), (), None),
        ("née", ("nee",), (), None),
        ("1899", (), ("1899",), None),
        ("odette 2031", ("odette",), ("2031",), None),
        ("١٩٣٨", (), ("1938",), YEAR_1938),
        ("", (), (), None),
        ("  ", (), (), None),
        ("🌻", (), (), None),
        ("' or 1=1 --", ("or", "1"), (), None),
        ("\x00", (), (), None),
    ],
)
def test_what_is_typed_is_understood(typed, words, numbers, born):
    asked = understand(typed, TODAY)
    assert (asked.words, asked.numbers, asked.born) == (words, numbers, born)


def test_the_words_of_a_street_are_told_from_those_of_a_name():
    asked = understand("dupont 12 rue victor hugo 1938", TODAY)
    assert asked.street == {"victor", "hugo"}
    assert [asked.words[place] for place in asked.names] == ["dupont"]
    assert asked.telling == ("dupont", "victor", "hugo")
    assert understand("place", TODAY).street == frozenset()


def test_a_whole_number_is_known_as_one():
    assert understand("marchand 06 39 98 12 45", TODAY).whole_number == "+33639981245"
    assert understand("06 39 98", TODAY).whole_number == ""


def test_of_ten_thousand_signs_the_first_words_count():
    asked = understand("dupont " * 2_000, TODAY)
    assert asked.words == ("dupont",)
    assert len(understand(" ".join(map(chr, range(97, 123))), TODAY).words) == MOST_WORDS


@given(st.text(max_size=300))
def test_whatever_is_typed_is_understood_somehow(typed):
    asked = understand(typed, TODAY)
    assert asked.is_empty == (not asked.words and not asked.numbers and not asked.born)
    assert all(number.isascii() and number.isdigit() for number in asked.numbers)


@given(
    st.dates(date(1920, 1, 1), date(1999, 12, 31)),
    st.sampled_from(["%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d/%m/%y", "%Y-%m-%d"]),
)
def test_a_day_of_birth_is_known_in_any_habit(born, habit):
    assert understand(f"dupont {born:{habit}}", TODAY).born == (born, born)
