"""The same person twice: what is proposed, what is not, and what decisions change."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palier.config.cli import main as palier
from palier.planning import duplicates
from palier.planning.duplicates import Reason
from palier.planning.duplicates.blocks import near_codes
from palier.planning.duplicates.files import Unreadable, read

ODETTE = {
    "first_name": "Odette",
    "last_name": "Marchand",
    "birth_name": "Lefebvre",
    "sex": "F",
    "birth_on": "1942-03-07",
    "phone": "02 61 91 47 20",
    "number": "12",
    "street": "rue des Tilleuls",
    "postcode": "45000",
    "city": "Belrive",
}


def probability(**other: str) -> float:
    found = duplicates.likely(ODETTE, [ODETTE | other], threshold=0.0)
    return found[0].probability


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"last_name": "Marchant", "phone": ""}, Reason.NAME_SOUNDS),
        ({"last_name": "MARCHAND", "first_name": "ODETTE", "street": "r. des Tilleuls"}, Reason.SAME_NAME),
        ({"last_name": "Odette", "first_name": "Marchand"}, Reason.NAMES_TURNED),
        ({"last_name": "Lefèvre", "birth_name": "", "street": "", "number": ""}, Reason.BIRTH_NAME),
        ({"birth_on": "1942-07-03", "phone": ""}, Reason.TURNED_BIRTH),
        ({"birth_on": "1952-03-07"}, Reason.CLOSE_BIRTH),
        ({"birth_on": "1942", "phone": ""}, Reason.SAME_BIRTH_YEAR),
        ({"phone": "+33 2 61 91 74 20", "birth_on": ""}, Reason.CLOSE_PHONE),
        ({"first_name": "O.", "birth_name": ""}, Reason.FIRST_SHORT),
        ({"street": "12 rue des Tilleuls", "number": ""}, Reason.SAME_ADDRESS),
    ],
)
def test_somebody_written_down_in_a_hurry_is_found_with_the_reason(
    other: dict[str, str], reason: Reason
) -> None:
    [match] = duplicates.likely(ODETTE, [ODETTE | other])
    assert match.probability > 0.9
    assert reason in match.reasons


ALONE = {"birth_name": "", "birth_on": "1940-11-21", "first_name": "Raymond", "sex": "M"}


@pytest.mark.parametrize(
    "other",
    [
        ALONE,
        ALONE | {"birth_on": ""},
        {"first_name": "Ginette", "birth_name": "Lefebvre", "birth_on": "1944-05-30"},
        {"first_name": "Ginette", "birth_name": "Lefebvre"},
        {"first_name": "Solange", "last_name": "Pasquier", "birth_name": "", "birth_on": "1950-01-09"},
        {"first_name": "Solange", "last_name": "Pasquier", "birth_name": "Garnier", "birth_on": ""},
        {"birth_on": "1968-09-12", "phone": "06 39 98 00 12", "birth_name": ""},
        {
            "birth_on": "1951-08-02",
            "phone": "02 61 91 00 11",
            "birth_name": "Girard",
            "street": "place du Marché",
            "number": "3",
        },
    ],
    ids=[
        "husband",
        "husband without date",
        "sister",
        "twin sister",
        "neighbour with the same telephone",
        "neighbour without date",
        "daughter of the same name",
        "namesake in town",
    ],
)
def test_couples_families_neighbours_and_namesakes_are_not_duplicates(other: dict[str, str]) -> None:
    assert probability(**other) < duplicates.THRESHOLD


def test_a_home_with_one_telephone_makes_no_pairs_of_its_residents() -> None:
    names = ["Garnier", "Pasquier", "Lemoine", "Haddad", "Roussel", "Ferreira", "Collet", "Masson"] * 5
    firsts = ["Yvette", "Suzanne", "Paulette", "Renée", "Jeanne"]
    columns = {
        "last_name": names,
        "first_name": [firsts[i // 8] for i in range(40)],
        "phone": ["01 99 00 00 01"] * 40,
        "street": ["rue de l’Hôpital"] * 40,
        "number": ["1"] * 40,
        "birth_on": [f"19{25 + i % 25}-0{1 + i % 9}-{10 + i % 18}" for i in range(40)],
    }
    assert len(duplicates.pairs(duplicates.table_of(columns))) == 0


def test_a_pair_of_a_list_is_found_once_whatever_the_order_of_its_lines() -> None:
    columns = {
        "last_name": ["Marchand", "Garnier", "Marchant"],
        "first_name": ["Odette", "Jean", "Odette"],
        "birth_on": ["07/03/1942", "1950", "1942-03-07"],
    }
    there = duplicates.pairs(duplicates.table_of(columns))
    back = duplicates.pairs(duplicates.table_of({k: v[::-1] for k, v in columns.items()}))
    assert list(zip(there.a, there.b, strict=True)) == list(zip(back.a, back.b, strict=True)) == [(0, 2)]
    assert there.probability[0] == pytest.approx(back.probability[0])
    assert there.reasons(0) == back.reasons(0)
    assert Reason.SAME_BIRTH in there.reasons(0)


text = st.text(alphabet="aéàçœ'- 0123456789/.+?MARTINß\n;", max_size=14)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.fixed_dictionaries(dict.fromkeys(duplicates.COLUMNS, text)), max_size=6))
def test_whatever_is_typed_is_compared_both_ways_alike(lines: list[dict[str, str]]) -> None:
    columns = {name: [line[name] for line in lines] for name in duplicates.COLUMNS}
    found = duplicates.pairs(duplicates.table_of(columns), threshold=0.0)
    assert (found.a < found.b).all()
    assert ((found.probability >= 0) & (found.probability <= 1)).all()
    if len(lines) >= 2:
        [one] = duplicates.likely(lines[0], [lines[1]], threshold=0.0)
        [two] = duplicates.likely(lines[1], [lines[0]], threshold=0.0)
        assert one.probability == pytest.approx(two.probability)


def test_words_that_differ_by_one_letter_share_a_code_and_others_do_not() -> None:
    words = ["marchand", "marchnad", "marchan", "marchandt", "marchent", "garnier", "", "le"]
    codes, valid = near_codes(words)
    keys = [set(row[ok].tolist()) for row, ok in zip(codes, valid, strict=True)]
    assert keys[0] & keys[1] and keys[0] & keys[2] and keys[0] & keys[3]
    assert not keys[0] & keys[5]
    assert not keys[6]
    assert len(keys[7]) == 1


def test_the_candidates_grow_with_the_people_and_not_with_their_square() -> None:
    """A town where everybody is called alike: the long groups are parted or given up."""

    def compared(size: int) -> int:
        columns = {
            "last_name": ["Martin"] * size,
            "first_name": ["Jean"] * size,
            "birth_on": [
                f"{1930 + i % 25}-{1 + i // 25 % 12:02d}-{1 + i // 300 % 28:02d}" for i in range(size)
            ],
            "postcode": ["45000"] * size,
        }
        return duplicates.pairs(duplicates.table_of(columns)).compared

    assert compared(4_000) < 5 * compared(1_000) + 4_000


# --- Learning


def levels_of(*others: dict[str, str]) -> np.ndarray:
    found = [duplicates.likely(ODETTE, [ODETTE | other], threshold=0.0)[0].levels for other in others]
    return np.array(found, dtype=np.uint8).T


DOUBTFUL = {"birth_on": "", "phone": "", "street": "rue du Four", "number": "4", "birth_name": ""}


def test_decisions_move_the_probability_their_way_and_forgetting_them_puts_it_back() -> None:
    doubtful = levels_of(DOUBTFUL)
    clear = levels_of({"phone": ""}, ALONE)
    before = duplicates.likely(ODETTE, [ODETTE | DOUBTFUL], threshold=0)[0].probability
    for said_same in (True, False):
        levels = np.concatenate([np.repeat(doubtful, 40, axis=1), np.repeat(clear, 20, axis=1)], axis=1)
        same = np.array([said_same] * 40 + [True] * 20 + [False] * 20)
        correction = duplicates.adjusted(levels, same)
        after = duplicates.likely(ODETTE, [ODETTE | DOUBTFUL], threshold=0, correction=correction)[
            0
        ].probability
        assert (after > before) if said_same else (after < before)
    none = duplicates.adjusted(levels[:, :0], same[:0])
    assert none == duplicates.NO_CORRECTION
    again = duplicates.likely(ODETTE, [ODETTE | DOUBTFUL], threshold=0, correction=none)[0].probability
    assert again == before


def test_a_few_decisions_teach_nothing_and_many_wrong_ones_stay_within_bounds() -> None:
    clear = levels_of({"phone": ""}, ALONE)
    few = np.repeat(clear, duplicates.ENOUGH - 1, axis=1)
    assert (
        duplicates.adjusted(few, np.repeat([True, False], duplicates.ENOUGH - 1)) == duplicates.NO_CORRECTION
    )
    # An agent who says the contrary a thousand times does not turn the program round.
    correction = duplicates.adjusted(np.repeat(clear, 1_000, axis=1), np.repeat([False, True], 1_000))
    same = duplicates.likely(ODETTE, [ODETTE], correction=correction)
    husband = duplicates.likely(ODETTE, [ODETTE | ALONE], threshold=0, correction=correction)
    assert same[0].probability > husband[0].probability


# --- Files

LIST = """N° dossier;Civilité;NOM D'USAGE;Prénom;Nom de naissance;Né(e) le;Téléphone;Adresse;Code postal;Ville
A1;Mme;MARCHAND;Odette;LEFEBVRE;07/03/1942;02 61 91 47 20;12 rue des Tilleuls;45000;Belrive
A2;M.;MARCHAND;Raymond;;21/11/1940;02 61 91 47 20;12 rue des Tilleuls;45000;Belrive

A3;Mme;Marchant;Odette;;7/3/1942;;12, r. des Tilleuls;45000;Belrive
A4;Mme;Hélène;Prévost
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_a_list_in_any_habit_gives_its_pairs(
    tmp_path: Path, encoding: str, separator: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "liste.csv"
    body = LIST.replace("12, r.", "12 r.").replace(";", separator)
    path.write_bytes(body.encode(encoding))
    assert palier(["duplicates", str(path), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    [[a, b, p]] = answer["pairs"]
    assert {a, b} == {"A1", "A3"}
    assert p > 0.9
    assert "same_birth" in answer["reasons"][0]
    assert answer["lines"] == 4
    assert answer["columns"]["last_name"] == "NOM D'USAGE"


def test_lines_without_an_id_are_named_by_their_number(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "people.csv"
    path.write_text(
        "given_name,surname,date_of_birth\nOdette,Marchand,19420307\nJean,Roy,1950\nOdette,Marchant,19420307\n"
    )
    assert palier(["duplicates", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["pairs"][0][:2] == ["2", "4"]
    assert palier(["duplicates", str(path)]) == 0
    shown = capsys.readouterr().out
    assert "même date de naissance" in shown
    assert "1 paires" in shown


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04rest", "is a spreadsheet"),
        (b"a\0b\0c", "is not a text file"),
        (b"poids;taille\n1;2\n", "no column of names"),
    ],
)
def test_a_file_that_is_no_list_is_refused_in_one_sentence(
    tmp_path: Path, content: bytes, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(Unreadable, match=said):
        read(path)
    assert palier(["duplicates", str(path)]) == 1
    assert said in capsys.readouterr().err
    assert palier(["duplicates", str(tmp_path / "nothing.csv")]) == 1
    assert "cannot be read" in capsys.readouterr().err
