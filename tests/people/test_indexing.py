"""What people are found by: written with the change, forgotten with the last who bore the name."""

import threading
from datetime import date

import pytest
from django.db import transaction

from palier.people import indexing
from palier.people.finding import search
from palier.people.indexing import forms, ways
from palier.people.jobs import forget_unused, index_waiting
from palier.people.models import NameKey, NameWord, Person, SearchName, SearchWord
from palier.people.operations import change_person, create_person
from palier.territories import walls
from palier.territories.models import Organisation
from tests import factories
from tests.at_once import Meeting, at_once


def vocabulary(kind="last"):
    return sorted(NameWord.objects.filter(kind=kind).values_list("word", flat=True))


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Le Goff", ["legoff", "goff"]),
        ("Marie-Thérèse", ["marietherese", "marie", "therese"]),
        ("N’Guyen", ["nguyen", "guyen"]),
        ("de La Tour d’Auvergne", ["delatourdauvergne", "tour", "auvergne"]),
        ("Dupont", ["dupont"]),
        ("—", []),
        ("", []),
        ("Li", ["li"]),
    ],
)
def test_a_name_is_one_word_and_its_parts(name, found):
    assert forms(name) == found


def test_every_surname_goes_with_every_first_name_the_whole_ones_first():
    pairs = ways("Marie-Thérèse", "Le Goff", "Moreau")
    assert pairs[0] == ("legoff", "marietherese")
    assert ("moreau", "marie") in pairs and ("goff", "therese") in pairs and len(pairs) == 9
    assert ways("", "Dupont") == [("dupont", "")]
    assert ways("", "—") == [("", "")]
    assert len(ways("A-B-C-D " * 9, "Kerambrun " * 6)) <= 24


def test_a_new_file_puts_its_names_into_the_vocabulary_with_their_keys(belrive, bruno):
    create_person(first_name="Marie-Thérèse", last_name="Le Goff", birth_name="Moreau", actor=bruno)
    assert vocabulary() == ["goff", "legoff", "moreau"]
    assert vocabulary("first") == ["marie", "marietherese", "therese"]
    keys = set(NameKey.objects.filter(word="legoff", kind="last").values_list("key", flat=True))
    assert {"legoff", "egoff", "legof", "~legof"} <= keys


def test_a_second_one_of_the_name_adds_nothing_to_the_vocabulary(belrive, bruno):
    create_person(first_name="Odette", last_name="Marchand", birth_on=date(1942, 3, 2), actor=bruno)
    words, keys = NameWord.objects.count(), NameKey.objects.count()
    create_person(first_name="Odette", last_name="Marchand", birth_on=date(1951, 3, 2), actor=bruno)
    assert (NameWord.objects.count(), NameKey.objects.count()) == (words, keys)


def test_a_changed_name_is_found_at_once_and_the_former_is_forgotten_at_night(belrive, bruno):
    person = create_person(first_name="Odette", last_name="Marchand", actor=bruno)
    change_person(person.pk, last_name="Lefèvre", actor=bruno)
    assert search("lefebvre", actor=bruno) == [person] and search("marchant", actor=bruno) == []
    assert vocabulary() == ["lefevre", "marchand"]
    assert forget_unused(belrive.pk) == 1
    assert vocabulary() == ["lefevre"]
    assert not NameKey.objects.filter(word="marchand").exists()


def test_a_changed_year_and_a_telecare_number_change_what_she_is_found_by(belrive, bruno):
    operator = Organisation.objects.create(
        territory=belrive,
        kind=Organisation.Kind.OPERATOR,
        name="Présence",
        short_name="Présence",
        phone="+33261910099",
    )
    person = create_person(first_name="Odette", last_name="Marchand", birth_on=date(1942, 3, 2), actor=bruno)
    change_person(person.pk, birth_on=date(1938, 3, 2), actor=bruno)
    change_person(person.pk, telecare_operator_id=operator.pk, telecare_number="471182", actor=bruno)
    assert set(SearchName.objects.filter(person=person).values_list("born", flat=True)) == {1938}
    words = set(SearchWord.objects.filter(person=person).values_list("word", flat=True))
    assert {"471182", "@1938-03-02"} <= words and "@1942-03-02" not in words


def test_GDP_02_with_the_last_who_bore_it_a_name_leaves_the_vocabulary(belrive, bruno):
    odette = create_person(first_name="Odette", last_name="Kerambrun", actor=bruno)
    helene = create_person(first_name="Hélène", last_name="Kerambrun", actor=bruno)
    SearchName.objects.filter(person=odette).delete()
    assert forget_unused(belrive.pk) == 1
    assert vocabulary() == ["kerambrun"] and vocabulary("first") == ["helene"]
    SearchName.objects.filter(person=helene).delete()
    assert forget_unused(belrive.pk) == 2
    assert not NameWord.objects.exists() and not NameKey.objects.exists()
    assert forget_unused(belrive.pk) == 0


def test_a_name_written_twice_at_once_is_kept_once_by_the_night(belrive, bruno):
    create_person(first_name="Odette", last_name="Marchand", actor=bruno)
    again = NameWord.objects.create(territory=belrive, kind="last", word="marchand")
    NameKey.objects.create(territory=belrive, name=again, key="marchan", kind="last", word="marchand")
    assert forget_unused(belrive.pk) == 1
    assert vocabulary() == ["marchand"]
    assert NameKey.objects.filter(word="marchand", key="marchan").count() == 1


def test_people_of_before_the_vocabulary_get_their_rows_by_a_job_that_may_be_stopped(belrive, bruno):
    people = [
        create_person(
            first_name="Odette", last_name=f"Marchand{letter}", phones=["02 61 91 47 20"], actor=bruno
        )
        for letter in "abcde"
    ]
    SearchName.objects.all().delete()
    NameWord.objects.all().delete()
    SearchWord.objects.exclude(word="odette").delete()
    assert index_waiting(belrive.pk, most=2) == (2, False)
    assert {row.person_id for row in SearchName.objects.all()} == {people[0].pk, people[1].pk}
    assert index_waiting(belrive.pk) == (3, True)
    assert index_waiting(belrive.pk) == (0, True)
    assert search("marchantc", actor=bruno)[0] == people[2]
    assert SearchWord.objects.filter(person=people[4], word="+0261914720").exists()


def test_a_file_that_was_blanked_is_not_indexed_again(belrive, bruno):
    person = create_person(first_name="Odette", last_name="Marchand", actor=bruno)
    Person.objects.filter(pk=person.pk).update(first_name="", last_name="—", search_text="")
    SearchName.objects.all().delete()
    assert index_waiting(belrive.pk) == (0, True)


def test_everybody_can_be_indexed_again_when_a_rule_of_sounds_changes(belrive, bruno):
    create_person(first_name="Odette", last_name="Marchand", actor=bruno)
    create_person(first_name="Jean", last_name="Marchand", actor=bruno)
    assert index_waiting(belrive.pk, most=10, again=True) == (2, True)
    assert SearchName.objects.count() == 2


def test_SEC_01_each_territory_has_its_own_vocabulary(belrive, bruno, carla):
    create_person(first_name="Odette", last_name="Kerambrun", actor=bruno)
    with walls.inside(carla.territory_id):
        assert not NameWord.objects.exists()
        theirs = create_person(first_name="Yann", last_name="Kerambrun", actor=carla)
        assert search("kerambrin", actor=carla) == [theirs]
    assert vocabulary("first") == ["odette"]


# --- at once ----------------------------------------------------------------------------------------------------


@pytest.fixture
def town(db, now):
    with transaction.atomic():
        town = factories.territory()
        return town, factories.actor(factories.member(town))


NEW = ["Kerambrun", "Quéméneur", "Le Floc’h", "Abgrall", "Le Goff"]


@pytest.mark.django_db(transaction=True)
def test_new_names_written_at_once_in_any_order_neither_wait_nor_fail(now, town):
    """Two imports that meet the same new names in opposite orders, each in one long transaction."""
    place, bruno = town
    ids = {}
    with walls.inside(place.pk):
        for name in NEW:
            ids[name] = [factories.person(place, "Odette", "Provisoire", phone=None).pk for _n in range(4)]
    meeting = Meeting(4)

    def rename(turn, names):
        meeting.wait()
        for name in names:
            change_person(ids[name][turn], last_name=name, actor=bruno)
        # Nobody has committed: each has written all the names while the others hold theirs.
        meeting.wait()
        return True

    orders = [NEW, NEW[::-1], NEW[2:] + NEW[:2], [NEW[1], NEW[0], *NEW[:1:-1]]]
    results = at_once(
        place.pk, now, *[lambda t=turn, o=order: rename(t, o) for turn, order in enumerate(orders)]
    )
    assert results == [True] * 4
    with walls.inside(place.pk):
        for name in NEW:
            assert {one.pk for one in search(name, actor=bruno)} == set(ids[name])
        forget_unused(place.pk)
        assert vocabulary().count("kerambrun") == 1
        assert len(search("kerambrin", actor=bruno)) == 4


@pytest.mark.django_db(transaction=True)
def test_a_name_that_is_being_written_again_is_not_forgotten_by_the_night(now, town):
    place, bruno = town
    with walls.inside(place.pk):
        person = create_person(first_name="Odette", last_name="Marchand", actor=bruno)
        NameWord.objects.create(territory=place, kind="last", word="kerambrun")
        unused = indexing.unused_words(place.pk)
    written, forgotten = threading.Event(), threading.Event()

    def write():
        change_person(person.pk, last_name="Kerambrun", actor=bruno)
        written.set()
        assert forgotten.wait(10)

    def forget():
        assert written.wait(10)
        try:
            return indexing.forget_words(place.pk, unused)
        finally:
            forgotten.set()

    results = at_once(place.pk, now, write, forget)
    assert results == [None, 0]
    with walls.inside(place.pk):
        assert "kerambrun" in vocabulary()


@pytest.mark.django_db(transaction=True)
def test_a_name_that_the_night_is_just_taking_out_is_written_anew(now, town):
    place, bruno = town
    with walls.inside(place.pk):
        person = create_person(first_name="Odette", last_name="Marchand", actor=bruno)
        NameWord.objects.create(territory=place, kind="last", word="kerambrun")
        unused = indexing.unused_words(place.pk)
    taken, begun = threading.Event(), threading.Event()

    def forget():
        gone = indexing.forget_words(place.pk, unused)
        taken.set()
        assert begun.wait(10)
        return gone

    def write():
        assert taken.wait(10)
        begun.set()
        # Waits for the night's transaction, and then finds the name gone.
        change_person(person.pk, last_name="Kerambrun", actor=bruno)

    assert at_once(place.pk, now, forget, write) == [1, None]
    with walls.inside(place.pk):
        assert "kerambrun" in vocabulary() and search("kerambrin", actor=bruno) == [person]
