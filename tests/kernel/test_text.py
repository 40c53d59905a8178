from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation
from hypothesis import example, given
from hypothesis import strategies as st
from markupsafe import Markup

from palier.kernel.text import (
    age,
    capital,
    clip,
    day,
    day_short,
    fold,
    french,
    hour,
    in_words,
    initials,
    since,
    window,
    window_short,
    years,
)

PARIS = ZoneInfo("Europe/Paris")
TODAY = date(2026, 11, 12)  # a Thursday


def at(day_of_month: int, hours: int, minutes: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day_of_month, hours, minutes, tzinfo=PARIS).astimezone(UTC)


def soft(text: str) -> str:
    return text.replace("\u00a0", " ")


# --- Typography


@pytest.mark.parametrize(
    ("written", "set_"),
    [
        ("Une question ?", "Une question~?"),
        ("Attention!", "Attention~!"),
        ("Vraiment?!", "Vraiment~?!"),
        ("Dites : « Bonjour »", "Dites~: «~Bonjour~»"),
        ("«Bonjour»", "«~Bonjour~»"),
        ("oui ; non", "oui~; non"),
        ("92 % des appels, 15€", "92~% des appels, 15~€"),
        ("50 000 habitants", "50~000 habitants"),
        ("1 234 567 pas", "1~234~567 pas"),
        ("Appelez le 02 61 91 00 12.", "Appelez le 02~61~91~00~12."),
        ("+33 2 61 91 00 12", "+33~2~61~91~00~12"),
        ("à 10 h 30 ou 11 h", "à 10~h~30 ou 11~h"),
        ("une espace fine\u202f!", "une espace fine~!"),
        ("(au besoin ?)", "(au besoin~?)"),
    ],
)
def test_hard_spaces_go_where_french_wants_them(written: str, set_: str) -> None:
    assert french(written) == set_.replace("~", "\u00a0")


@pytest.mark.parametrize(
    "text",
    [
        "https://palier.belrive.fr/r/7KQ2M?x=1;y=2",
        "palier.belrive.fr/r/7KQ2M?b",
        "mailto:alba@belrive.example",
        "alba@belrive.example",
        "à 10:30",
        "L&#39;eau &amp; le vin &lt;",
        '<a href="?page=2" title="a;b!">suite</a>',
        "%(count)s et %s",
        "12h30",
        "en 2026 100 personnes",
        "Palier::App",
        "simple",
        "",
    ],
)
def test_addresses_hours_entities_and_tags_are_left_alone(text: str) -> None:
    assert french(text) == text


def test_what_is_safe_for_html_stays_safe_and_the_rest_does_not_become_so() -> None:
    assert isinstance(french(Markup("<b>Oui !</b>")), Markup)
    assert french(Markup("<b>Oui !</b>")) == "<b>Oui\u00a0!</b>"
    assert type(french("Oui !")) is str


@given(st.text(alphabet="ab1 \u00a0\u202f«»:;!?%€.…()<>/&#0h\n", max_size=40))
@example("«»")
@example("« »")
@example("1 234 !")
def test_setting_a_text_twice_changes_nothing_more(text: str) -> None:
    once = french(text)
    assert french(once) == once


@given(st.text(alphabet="ab1 «»:;!?%€.…()h", max_size=40))
def test_only_spaces_are_ever_added(text: str) -> None:
    def bare(value: str) -> str:
        return value.replace("\u00a0", "").replace(" ", "")

    assert bare(french(text)) == bare(text)


# --- Folding


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("Hélène  L’Œillet-Ségur", "helene l oeillet segur"),
        ("JEAN-LUC", "jean luc"),
        ("d'Artagnan", "d artagnan"),
        ("Ñuñez", "nunez"),
        ("Straße", "strasse"),
        ("ﬁlle", "fille"),
        ("Łukasz Øster", "lukasz oster"),
        ("  ", ""),
        ("12 bis, rue de l’Église", "12 bis rue de l eglise"),
        ("a\u200bb", "ab"),
    ],
)
def test_names_are_folded_for_search_and_order(typed: str, key: str) -> None:
    assert fold(typed) == key


@given(st.text(max_size=60))
@example("İstanbul")
@example("ﬃ½")
def test_folding_twice_changes_nothing_more_and_leaves_single_spaces(text: str) -> None:
    key = fold(text)
    assert fold(key) == key
    assert key == " ".join(key.split())


@given(st.text(alphabet=st.characters(codec="latin-1"), max_size=30))
def test_capitals_and_small_letters_fold_alike(text: str) -> None:
    assert fold(text.upper()) == fold(text) == fold(text.lower())


@pytest.mark.parametrize(
    ("name", "two"),
    [
        ("Odette Marchand", "OM"),
        ("Jean-Pierre Le Goff", "JG"),
        ("Élise", "É"),
        ("", ""),
        ("  ", ""),
        ("22", ""),
    ],
)
def test_initials_are_those_of_the_first_and_last_word(name: str, two: str) -> None:
    assert initials(name) == two


def test_a_long_text_is_cut_between_words() -> None:
    assert clip("Rentrée de l’hôpital mardi", 20) == "Rentrée de…"
    assert clip("court", 20) == "court"
    assert clip("anticonstitutionnellement", 10) == "anticonst…"


@given(st.text(max_size=60), st.integers(0, 40))
def test_a_cut_text_is_never_longer_than_asked(text: str, length: int) -> None:
    assert len(clip(text, length)) <= max(length, 0)


# --- Days and hours


def test_days_are_written_in_full() -> None:
    assert day(date(2026, 11, 16)) == "lundi 16 novembre"
    assert day(date(2026, 12, 1)) == "mardi 1er décembre"


def test_the_year_is_said_only_when_it_is_another_one() -> None:
    assert day(date(2026, 11, 16), TODAY) == "lundi 16 novembre"
    assert day(date(2027, 1, 4), TODAY) == "lundi 4 janvier 2027"
    assert day_short(date(2025, 11, 9), TODAY) == "dim. 9 nov. 2025"


def test_short_days_fit_the_margin() -> None:
    assert day_short(date(2026, 11, 9)) == "lun. 9 nov."


def test_a_moment_late_in_the_evening_belongs_to_the_day_people_live_in() -> None:
    assert day(datetime(2026, 11, 15, 23, 30, tzinfo=UTC)) == "lundi 16 novembre"
    assert hour(datetime(2026, 11, 15, 23, 30, tzinfo=UTC)) == "0\u00a0h\u00a030"


def test_hours_are_written_the_french_way() -> None:
    assert hour(time(10, 30)) == "10\u00a0h\u00a030"
    assert hour(time(9, 5)) == "9\u00a0h\u00a005"
    assert hour(time(10)) == "10\u00a0h"


def test_english_readers_get_english_days_and_hours() -> None:
    with translation.override("en"):
        assert day(date(2026, 12, 1)) == "Tuesday 1 December"
        assert day_short(date(2026, 11, 9)) == "Mon 9 Nov"
        assert hour(time(9, 5)) == "9:05"


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (at(14, 8), at(14, 12), "samedi 14 novembre, le matin"),
        (at(14, 9), at(14, 12), "samedi 14 novembre, le matin"),
        (at(14, 8), at(14, 13), "samedi 14 novembre, le matin"),
        (at(14, 14), at(14, 18), "samedi 14 novembre, l’après-midi"),
        (at(14, 18), at(14, 21), "samedi 14 novembre, en soirée"),
        (at(14, 9), at(14, 18), "samedi 14 novembre, dans la journée"),
        (at(14, 0), at(15, 0), "samedi 14 novembre, dans la journée"),
        (at(14, 9), at(14, 11), "samedi 14 novembre, de 9 h à 11 h"),
        (at(14, 14, 30), at(14, 15, 15), "samedi 14 novembre, de 14 h 30 à 15 h 15"),
        (at(14, 10), at(14, 10), "samedi 14 novembre à 10 h"),
        (at(9, 0), at(14, 0), "cette semaine, avant samedi 14 novembre"),
        (at(12, 10), at(14, 0), "cette semaine, avant samedi 14 novembre"),
        (at(12, 10), at(14, 18), "cette semaine, au plus tard samedi 14 novembre"),
        (at(12, 10), at(16, 0), "cette semaine"),
        (at(16, 0), at(23, 0), "la semaine prochaine"),
        (at(16, 0), at(20, 0), "la semaine prochaine, avant vendredi 20 novembre"),
        (at(16, 8), at(20, 18), "la semaine prochaine, au plus tard vendredi 20 novembre"),
        (at(17, 8), at(20, 18), "du mardi 17 au vendredi 20 novembre"),
        (at(12, 10), at(23, 0), "avant lundi 23 novembre"),
        (at(28, 8), at(2, 18, month=12), "du samedi 28 novembre au mercredi 2 décembre"),
        (at(12, 8), at(2, 18, month=12), "au plus tard mercredi 2 décembre"),
    ],
)
def test_a_window_is_said_as_people_say_it(start: datetime, end: datetime, words: str) -> None:
    assert soft(window(start, end, PARIS, TODAY)) == words


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (at(14, 8), at(14, 12), "samedi 14 au matin"),
        (at(14, 14), at(14, 18), "samedi 14 dans l’après-midi"),
        (at(14, 9), at(14, 11), "samedi 14 de 9 h à 11 h"),
        (at(12, 10), at(14, 0), "cette semaine, avant samedi 14"),
        (at(17, 8), at(20, 18), "du mardi 17 au vendredi 20"),
    ],
)
def test_a_window_is_shorter_in_a_text_message(start: datetime, end: datetime, words: str) -> None:
    assert soft(window_short(start, end, PARIS, TODAY)) == words


def test_a_window_without_a_present_day_is_not_relative() -> None:
    assert window(at(12, 10), at(14, 0)) == "du jeudi 12 au vendredi 13 novembre"


_MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@given(_MOMENTS, _MOMENTS, st.dates(date(2026, 1, 1), date(2027, 12, 31)))
def test_every_window_has_words(a: datetime, b: datetime, today: date) -> None:
    for words in (
        window(min(a, b), max(a, b), PARIS, today),
        window_short(min(a, b), max(a, b), PARIS, today),
    ):
        assert words
        assert "%" not in words


@pytest.mark.parametrize(
    ("due", "words"),
    [
        (at(12, 10, 1), ""),
        (at(12, 10), "depuis un instant"),
        (at(12, 9, 50), "depuis 10 min"),
        (at(12, 7), "depuis 3 h"),
        (at(11, 17), "depuis 17 h"),
        (at(11, 9), "depuis 1 jour"),
        (at(10, 17), "depuis 2 jours"),
        (at(10, 8), "depuis 2 jours"),
        (at(20, 9, month=10), "depuis 3 semaines"),
        (at(1, 9, month=6), "depuis 5 mois"),
    ],
)
def test_lateness_is_said_in_the_unit_that_matters(due: datetime, words: str) -> None:
    assert since(due, at(12, 10)) == words


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (at(12, 9), "maintenant"),
        (at(12, 10, 10), "dans 10 min"),
        (at(12, 11, 30), "dans 1 h 30"),
        (at(12, 12), "dans 2 h"),
        (at(12, 17, 20), "dans 7 h"),
        (at(13, 9), "demain à 9 h"),
        (at(15, 9), "dans 3 jours"),
    ],
)
def test_what_comes_is_said_in_the_unit_that_matters(moment: datetime, words: str) -> None:
    assert soft(in_words(moment, at(12, 10))) == words


def test_the_last_second_before_ten_minutes_still_says_ten() -> None:
    assert in_words(
        datetime(2026, 11, 12, 9, 9, 31, tzinfo=UTC), datetime(2026, 11, 12, 9, 0, tzinfo=UTC)
    ) == ("dans 10 min")


def test_ages_are_counted_in_full_years() -> None:
    assert age(date(1942, 11, 12), TODAY) == "84 ans"
    assert age(date(1942, 11, 13), TODAY) == "83 ans"
    assert age(date(2025, 11, 12), TODAY) == "1 an"


def test_who_was_born_on_a_leap_day_turns_older_on_the_first_of_march() -> None:
    assert years(date(1940, 2, 29), date(2026, 2, 28)) == 85
    assert years(date(1940, 2, 29), date(2026, 3, 1)) == 86


def test_a_capital_leaves_the_other_letters_alone() -> None:
    assert capital("samedi 14 novembre à Orléans") == "Samedi 14 novembre à Orléans"
    assert capital("Monday 23 November") == "Monday 23 November"
    assert capital("être conduite") == "Être conduite"
    assert capital("") == ""
