"""Where an address is, and the lines of the map, without a geocoder (GEO-04)."""

import json

import pytest
from django.core.management import CommandError, call_command

from palier.people import operations as people
from palier.territories.models import Street
from palier.territories.streets import add_streets, key_of, lines_around, locate

pytestmark = pytest.mark.django_db


@pytest.fixture
def streets(belrive):
    add_streets(
        belrive.pk,
        [
            ("rue des Tilleuls", "minor", [(620_000, 6_750_000), (620_100, 6_750_000)], 1, 21),
            ("boulevard du Nord", "street", [(620_000, 6_751_000), (620_000, 6_752_000)], 2, None),
            ("la Loire", "river", [(610_000, 6_749_900), (630_000, 6_749_900)], 1, 1),
        ],
    )
    return belrive


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("1 rue des Tilleuls", (620_000, 6_750_000)),
        ("11, RUE DES TILLEULS", (620_050, 6_750_000)),
        ("11 bis r. des tilleuls", (620_050, 6_750_000)),
        ("999 rue des Tilleuls", (620_100, 6_750_000)),
        ("rue des Tilleuls", (620_050, 6_750_000)),
        ("2 Bd. du Nord", (620_000, 6_751_000)),
        ("11 rue des Tilleuls, bâtiment B", (620_050, 6_750_000)),
    ],
)
def test_GEO_04_an_address_is_placed_along_its_street_as_people_write_it(streets, address, place):
    assert locate(streets.pk, address) == pytest.approx(place, abs=1)


@pytest.mark.parametrize("address", ["", "12", "chez elle", "3 rue Inconnue", "4 la Loire", "😀"])
def test_what_is_no_address_has_no_place(streets, address):
    assert locate(streets.pk, address) is None


def test_a_new_file_is_placed_and_a_move_places_it_anew(streets, bruno):
    odette = people.create_person(
        first_name="Odette", last_name="Marchand", street="1 rue des Tilleuls", actor=bruno
    )
    assert (odette.x, odette.y) == pytest.approx((620_000, 6_750_000), abs=1)
    odette = people.change_person(odette.pk, street="2 boulevard du Nord", actor=bruno)
    assert (odette.x, odette.y) == pytest.approx((620_000, 6_751_000), abs=1)
    odette = people.change_person(odette.pk, street="3 rue Inconnue", actor=bruno)
    assert odette.x is None, "the former place would be a lie"


def test_the_map_gets_the_lines_that_cross_its_frame_rivers_first(streets):
    lines = lines_around(streets.pk, (620_000.0, 6_750_000.0), 700)
    assert [line.kind for line in lines] == ["river", "minor"]


def test_a_street_read_again_is_replaced(streets):
    add_streets(streets.pk, [("Rue des Tilleuls", "minor", [(0, 0), (10, 0)], 1, 3)])
    assert Street.objects.filter(key=key_of("rue des tilleuls")).count() == 1


def test_streets_come_from_a_geojson_file(belrive, tmp_path):
    file = tmp_path / "streets.geojson"
    line = {"type": "LineString", "coordinates": [[2.1, 47.9], [2.101, 47.9]]}
    file.write_text(
        json.dumps({"features": [{"geometry": line, "properties": {"name": "quai Neuf", "last": 40}}]})
    )
    call_command("import_streets", str(file), "--territory", "belrive")
    assert Street.objects.get().last_number == 40


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        '{"features": [{}]}',
        '{"features": [{"geometry": {"type": "LineString", "coordinates": [[999, 999], [1, 1]]}}]}',
    ],
)
def test_a_file_that_cannot_be_read_writes_nothing_and_says_why(belrive, tmp_path, content):
    file = tmp_path / "streets.geojson"
    file.write_text(content)
    with pytest.raises(CommandError):
        call_command("import_streets", str(file), "--territory", "belrive")
    assert not Street.objects.exists()
