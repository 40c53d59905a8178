"""« Qui a ouvert »: of one file, by one member, line by line or file by file; reading it leaves a line as well."""

from datetime import timedelta

import pytest
from django.urls import reverse

from palier.journal.models import Access
from palier.kernel import clock
from tests import factories
from tests.web.client import desk_client


@pytest.fixture
def opened(belrive, alba, bruno):
    """Odette three times, Bernard once, by two members."""
    odette = factories.person(belrive)
    bernard = factories.person(belrive, "Bernard", "Colin", phone="+33261912754")
    for who, person, hours in (
        (alba, odette, 1),
        (bruno, odette, 2),
        (bruno, odette, 30),
        (bruno, bernard, 3),
    ):
        Access.objects.create(
            territory=belrive, at=clock.now() - timedelta(hours=hours), user_id=who.user_id, membership_id=who.membership_id,
            operation="read", object_kind="people.person", object_id=person.pk,
        )  # fmt: skip
    return odette, bernard


def page(client, **values) -> str:
    return client.get(reverse("access_log"), values).content.decode()


def test_GDP_10_who_opened_her_file_and_when(opened, claire):
    odette, _bernard = opened
    text = page(desk_client(claire), personne=odette.pk)
    assert text.count("<tr><td") == 3
    assert "Alba Moreau" in text and "Bruno Petit" in text and "Colin" not in text


def test_GDP_09_whose_data_a_member_touched_between_two_moments(opened, claire, bruno):
    text = page(
        desk_client(claire), membre=bruno.membership_id, du="2026-11-12", au="2026-11-12", voir="fiches"
    )
    assert "2 fiches touchées" in text.replace("\u00a0", " ")
    assert "Odette Marchand" in text and "Bernard Colin" in text
    # The day before she was opened once more: not in these days.
    assert '<td class="num">1</td>' in text and '<td class="num">2</td>' not in text


def test_a_name_is_looked_for_and_several_of_that_name_are_asked_about(opened, belrive, claire):
    factories.person(belrive, "Odile", "Marchand", phone="+33261910077", street="1 rue Haute")
    text = page(desk_client(claire), q="marchand")
    assert "Laquelle de ces personnes" in text and "Odile Marchand" in text and "<tr><td" not in text
    assert "Personne de ce nom" in page(desk_client(claire), q="zzzz")


def test_reading_the_log_is_written_down(opened, claire):
    odette, _bernard = opened
    page(desk_client(claire), personne=odette.pk)
    line = Access.objects.get(object_kind="journal.access")
    assert (line.operation, line.object_id, line.membership_id) == ("read", odette.pk, claire.membership_id)


def test_an_administrator_sees_numbers_and_no_names(opened, belrive):
    odette, _bernard = opened
    admin = factories.actor(factories.member(belrive, "Denis", "Réseau", "administrator"))
    text = page(desk_client(admin), personne=odette.pk)
    assert "Odette" not in text and f"n°\u00a0{odette.pk}" in text.replace("n° ", "n°\u00a0")


@pytest.mark.parametrize("voir", ["lignes", "fiches"])
def test_a_file_is_taken_out_with_a_reason_and_no_formula_in_it(opened, claire, bruno, voir):
    Access.objects.filter(membership_id=bruno.membership_id).exists()
    values = {"du": "2026-11-01", "au": "2026-11-12", "voir": voir}
    client = desk_client(claire)
    refused = client.post(reverse("access_log_export"), values)
    assert (
        refused.status_code == 422 and "Écrivez pourquoi vous sortez ces lignes" in refused.content.decode()
    )
    answer = client.post(reverse("access_log_export"), {**values, "reason": "incident du 12"})
    text = answer.content.decode("utf-8-sig")
    assert answer["Content-Type"].startswith("text/csv") and "Odette Marchand" in text
    line = Access.objects.get(object_kind="journal.access", operation="export")
    assert line.reason == "incident du 12"


def test_a_formula_in_a_reason_does_not_run(opened, belrive, claire, alba):
    Access.objects.create(
        territory=belrive, membership_id=alba.membership_id, operation="read", object_kind="people.person", object_id=1, reason="=1+1"
    )  # fmt: skip
    values = {"du": "2026-11-01", "au": "2026-11-12", "reason": "contrôle"}
    text = desk_client(claire).post(reverse("access_log_export"), values).content.decode("utf-8-sig")
    assert "'=1+1" in text and ";=1+1" not in text


def test_the_end_before_the_beginning_is_said(claire):
    answer = desk_client(claire).get(reverse("access_log"), {"du": "2026-11-12", "au": "2026-11-01"})
    assert answer.status_code == 422 and "La fin doit venir après le début." in answer.content.decode()


def test_what_is_typed_in_the_address_never_breaks_the_page(claire):
    client = desk_client(claire)
    for values in (
        {"personne": "x"},
        {"membre": "999999"},
        {"page": "-1"},
        {"page": "9" * 30},
        {"du": "hier"},
        {"voir": "tout"},
        {"q": "1" * 40},
    ):
        assert client.get(reverse("access_log"), values).status_code in (200, 422), values


def test_two_hundred_lines_come_by_pages_and_cost_the_same(
    belrive, alba, claire, django_assert_max_num_queries
):
    client = desk_client(claire)
    for count in (2, 198):
        Access.objects.bulk_create(
            Access(territory=belrive, membership_id=alba.membership_id, operation="read", object_kind="people.person", object_id=n + 1)
            for n in range(count)
        )  # fmt: skip
        with django_assert_max_num_queries(14):
            text = page(client)
    assert text.count("<tr><td") == 50 and "Page suivante" in text
    assert page(client, page="4").count("<tr><td") >= 48


def test_another_territory_sees_none_of_it(opened, carla, belrive):
    from palier.territories import walls

    odette, _bernard = opened
    with walls.inside(carla.territory_id):
        head = factories.actor(
            factories.member(belrive.__class__.objects.get(pk=carla.territory_id), "Rita", "Chef", "head")
        )
        text = page(desk_client(head), personne=odette.pk)
    assert "Alba" not in text and "Odette" not in text
