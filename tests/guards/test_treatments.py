"""When two files are joined, nothing that points at one of them is forgotten."""

from palier.people.treatments import ENDED_FIRST, TREATMENTS, Treatment, relations


def test_every_relation_to_a_person_says_what_becomes_of_it_when_two_files_are_joined():
    there = {relation.name for relation in relations()}
    assert there - set(TREATMENTS) == set(), "say in people/treatments.py what becomes of it"
    assert set(TREATMENTS) - there == set(), "no longer there: take it out of people/treatments.py"


def test_what_only_one_of_two_files_may_have_says_what_to_end_first():
    only = {name for name, treatment in TREATMENTS.items() if treatment == Treatment.ONE_ONLY}
    assert only == set(ENDED_FIRST)
