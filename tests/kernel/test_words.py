import pytest
from hypothesis import given
from hypothesis import strategies as st

from palier.kernel.words import _LISTS, _PHRASES, Hit, Kind, found


def words(text: str) -> list[str]:
    return [hit.word for hit in found(text)]


@pytest.mark.parametrize(
    "text",
    [
        "Un petit panier, moins de 5 kg : lait, pain, soupe, fruits.",
        "Elle vous rembourse sur le ticket. Rendez la monnaie.",
        "Renouveler la carte de transport à la gare.",
        "2e étage sans ascenseur, marche avec une canne, parlez lentement.",
        "Accompagner à la pharmacie, attendre avec elle.",
        "Le code postal est 45000.",
        "Remplir le dossier de l’assurance maladie.",
        "Attestation de la caisse primaire d'assurance-maladie",
        "Rapporter les casiers à bouteilles.",
        "Un fou rire, un chili con carne et deux religieuses au chocolat.",
        "Vent violent : rentrer les pots de fleurs.",
        "Ranger la vaisselle, changer une ampoule, vider le congélateur.",
        "Promener le chien, un chien d’aveugle à la retraite.",
        "Poster une enveloppe timbrée, laver du linge sale.",
        "Aime parler de son jardin, de Rennes et de ses petits-enfants.",
        "Contrôle technique de la voiture, vol pour Nice le 14.",
        "La conserverie, le concombre, la confiture, le cancre, un sidérurgiste",
        "Appelez le 02 61 91 00 12 avant de monter.",
        "Sortir les ordures. Arroser les plantes grasses.",
        "",
        "   ",
    ],
)
def test_ordinary_texts_of_the_desk_raise_nothing(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "kind", "word"),
    [
        ("Elle a du diabète.", Kind.HEALTH, "diabète"),
        ("DIABETIQUES", Kind.HEALTH, "DIABETIQUES"),
        ("Un cancer", Kind.HEALTH, "cancer"),
        ("son Alzheimer", Kind.HEALTH, "Alzheimer"),
        ("l’incontinence", Kind.HEALTH, "incontinence"),
        ("incontinente", Kind.HEALTH, "incontinente"),
        ("dépression depuis mars", Kind.HEALTH, "dépression"),
        ("le sida", Kind.HEALTH, "sida"),
        ("l'insuline", Kind.HEALTH, "insuline"),
        ("soins palliatifs", Kind.HEALTH, "soins palliatifs"),
        ("un A.V.C. ou un AVC", Kind.HEALTH, "AVC"),
        ("hospitalisée lundi", Kind.HEALTH, "hospitalisée"),
        ("non-voyante", Kind.HEALTH, "non-voyante"),
        ("viande halal", Kind.RELIGION, "halal"),
        ("aller à la messe", Kind.RELIGION, "messe"),
        ("musulmanes", Kind.RELIGION, "musulmanes"),
        ("elle est juive", Kind.RELIGION, "juive"),
        ("un casier", Kind.OFFENCE, "casier"),
        ("casier judiciaire", Kind.OFFENCE, "casier judiciaire"),
        ("condamnée deux fois", Kind.OFFENCE, "condamnée"),
        ("des condamnations", Kind.OFFENCE, "condamnations"),
        ("en garde-à-vue", Kind.OFFENCE, "garde-à-vue"),
        ("sort de prison", Kind.OFFENCE, "prison"),
        ("quelle idiote", Kind.INSULT, "idiote"),
        ("un vieux con", Kind.INSULT, "con"),
        ("les cons", Kind.INSULT, "cons"),
        ("il est gâteux", Kind.INSULT, "gâteux"),
        ("sa carte bancaire", Kind.MONEY, "carte bancaire"),
        ("ses cartes bleues", Kind.MONEY, "cartes bleues"),
        ("le code secret", Kind.MONEY, "code secret"),
        ("un chèque en blanc", Kind.MONEY, "chèque en blanc"),
        ("4970 1012 3456 7893", Kind.MONEY, "4970 1012 3456 7893"),
        ("FR14 2004 1010 0505 0001 3M02 606", Kind.MONEY, "FR14 2004 1010 0505 0001 3M02 606"),
        ("le digicode", Kind.ACCESS, "digicode"),
        ("Code : 4512", Kind.ACCESS, "Code : 4512"),
        ("le code est A4512B", Kind.ACCESS, "code est A4512B"),
        ("le code de la porte", Kind.ACCESS, "code de la porte"),
        ("les clés sous le paillasson", Kind.ACCESS, "clés sous le paillasson"),
    ],
)
def test_gdp_05_words_a_neighbour_must_not_read_are_found(text: str, kind: Kind, word: str) -> None:
    assert (word, kind) in [(hit.word, hit.kind) for hit in found(text)]


def test_gdp_05_a_hit_says_where_it_stands() -> None:
    text = "Odette a du DIABÈTE ; elle le dit."
    assert found(text) == [Hit("DIABÈTE", Kind.HEALTH, 12, 19)]


def test_gdp_05_decomposed_accents_are_read_the_same() -> None:
    assert words("diabe\u0300te") == ["diabe\u0300te"]


def test_gdp_15_anything_about_a_criminal_record_is_found() -> None:
    for text in ("casier vierge", "bulletin : casier n°3", "condamné", "CONDAMNEE"):
        assert found(text, [Kind.OFFENCE]), text


def test_only_the_kinds_asked_for_are_given() -> None:
    text = "diabète, messe, prison"
    assert [hit.kind for hit in found(text)] == [Kind.HEALTH, Kind.RELIGION, Kind.OFFENCE]
    assert words("diabète") == ["diabète"]
    assert found(text, [Kind.MONEY]) == []


def test_the_longest_phrase_wins_and_is_given_once() -> None:
    assert words("le code de sa carte bleue") == ["code de sa carte"]
    assert words("sclérose en plaques") == ["sclérose en plaques"]


def test_numbers_that_are_no_account_are_left_alone() -> None:
    assert words("1234 5678 9012 3456") == []
    assert words("FR76 1234 5678 9012 3456 7890 123") == []


def test_the_lists_hold_about_a_hundred_and_fifty_lemmas_each_in_one_kind() -> None:
    lemmas = [line for lists in _LISTS.values() for line in lists.strip().splitlines()]
    assert len(lemmas) >= 150
    assert len(set(lemmas)) == len(lemmas)
    assert None in _PHRASES.values()


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    hits = found(text)
    for hit in hits:
        assert text[hit.start : hit.end] == hit.word
    assert hits == sorted(hits, key=lambda hit: (hit.start, hit.end))


@given(
    st.sampled_from(["diabète", "carte bancaire", "prison", "messe"]),
    st.text(" .,;!?\n(«", min_size=0, max_size=5),
)
def test_a_word_is_found_whatever_stands_around_it(word: str, around: str) -> None:
    assert words(f"{around}{word}{around}") == [word]
    assert words(f"{around}{word.upper()}{around}") == [word.upper()]
    assert words(f"x{word}") == [] or " " in word
