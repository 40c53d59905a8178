"""The invented town's plan, names and numbers."""

import math
from random import Random

from palier.demo import names, streets
from palier.kernel import phones


def test_houses_stand_beside_their_street_odd_and_even_numbers_apart():
    street = next(one for one in streets.BELRIVE if one.name == "rue des Tilleuls")
    odd, even = street.place(13), street.place(12)
    assert 12 < math.dist(odd, even) < 30
    for number in (1, 12, 40, 9_999):
        x, y = street.place(number)
        assert abs(x - streets.CENTRE[0]) < 400 and abs(y - streets.CENTRE[1]) < 400


def test_the_plan_has_streets_and_the_river():
    plan = streets.plan()
    assert {kind for _name, kind, _points, _first, _last in plan} >= {"river", "street"}
    assert len({name for name, *_rest in plan}) == len(plan) > 40


def test_addresses_are_in_the_town_and_the_same_for_the_same_seed():
    first = [streets.Addresses(Random(3)).next() for _each in range(1)]
    assert first == [streets.Addresses(Random(3)).next()]
    wide = streets.Addresses(Random(3), spread=2.0).next()
    assert wide[0] == first[0][0]
    assert math.isclose(wide[1][0] - streets.CENTRE[0], 2 * (first[0][1][0] - streets.CENTRE[0]))


def test_a_name_is_given_once_and_is_of_its_time():
    drawn = names.Names(Random(1))
    given = [drawn.full(True, 1935) for _each in range(400)]
    assert len(set(given)) == 400
    assert not {first for first, _last in given} & {"Emma", "Léa", "Chloé"}


def test_numbers_are_of_the_range_kept_for_fiction_and_each_once():
    drawn = names.Numbers(Random(1), "+3363998", taken=("+33639984017",))
    given = [drawn.next() for _each in range(2_000)]
    assert len(set(given)) == 2_000 and "+33639984017" not in given
    assert all(
        phones.parse(number).e164 == number and phones.can_receive_sms(number) for number in given[:50]
    )
