"""The record of processing is made from the rules that are applied, and describes every purpose (GDP-01)."""

import dataclasses

import pytest

from palier.privacy import operations, record_of_processing
from palier.privacy.record_of_processing import PURPOSES


def used() -> set[str]:
    return {rule.purpose for _context, rules in operations.rules() for rule in rules}


def test_GDP_01_every_purpose_of_a_rule_is_described_and_none_besides():
    assert used() == set(PURPOSES)


@pytest.mark.parametrize("code", list(PURPOSES))
def test_GDP_01_a_purpose_says_its_basis_whose_data_and_who_receives_it(code):
    for field in dataclasses.fields(PURPOSES[code]):
        assert len(str(getattr(PURPOSES[code], field.name))) > 5, field.name


def test_GDP_01_each_rule_is_a_line_with_its_duration():
    rows = record_of_processing.rows()
    assert len(rows) == sum(len(rules) for _context, rules in operations.rules())
    assert all(all(cell for cell in row) for row in rows)
    assert {len(row) for row in rows} == {len(record_of_processing.head())}
    (person,) = [row for row in rows if row[3] == "people.person"]
    assert person[5] == "2 ans"
