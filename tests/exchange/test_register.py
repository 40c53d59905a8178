"""A list that goes to a register: at what title, who asked, the letter owed; and out again."""

from datetime import date, timedelta

import pytest

from palier.duties.models import Duty
from palier.exchange import operations
from palier.exchange.models import Import
from palier.kernel import clock
from palier.kernel.errors import BadInput, NotAllowed
from palier.people.models import Person
from palier.register import operations as registers
from palier.register.models import Enrolment, EnrolmentRequest
from tests import factories
from tests.exchange import sheets
from tests.register.conftest import desk  # noqa: F401
from tests.web.client import desk_client

pytestmark = pytest.mark.django_db

HEAD = ["Nom", "Prénom", "Date de naissance", "Adresse", "Code postal", "Commune", "Qualité", "Date d'inscription", "Demandé par", "Qualité du demandeur", "Personne à prévenir", "Tél personne à prévenir"]  # fmt: skip
ROWS = [
    ["MARCHAND", "Odette", "02/03/1942", "12 rue des Tilleuls", "45990", "Belrive", "65 ans et plus", "03/11/2026", "", "", "Claire Marchand", "06 39 98 00 21"],
    ["LE GOFF", "Yves", "03/03/1980", "3 quai Neuf", "45990", "Belrive", "personne handicapée (AAH)", "04/11/2026", "", "", "", ""],
    ["FERRAND", "Lucette", "01/02/1990", "1 rue Haute", "45990", "Belrive", "65 ans et plus", "04/11/2026", "", "", "", ""],
    ["PETIT", "André", "01/02/1940", "2 rue Haute", "45990", "Belrive", "", "05/11/2026", "Paul Petit", "son fils", "", ""],
    ["MOREAU", "Simone", "01/02/1941", "4 rue Haute", "29000", "Quimper", "", "05/11/2026", "", "", "", ""],
]  # fmt: skip


@pytest.fixture
def nadia(desk):  # noqa: F811
    """Named in the register, and coordinates."""
    from palier.accounts.models import Membership

    Membership.objects.filter(pk=desk.nadia.membership_id).update(role="coordinator")
    return factories.actor(Membership.objects.get(pk=desk.nadia.membership_id))


def brought(desk, actor, **choices):  # noqa: F811
    made = operations.bring(sheets.as_csv([HEAD, *ROWS]), name="registre.csv", actor=actor)
    fields = [column["field"] for column in made.columns]
    assert fields[6:10] == ["capacity", "requested_on", "requester", "requester_capacity"]
    operations.say_columns(
        made.pk, fields=fields, choices={"register": desk.register.pk, **choices}, actor=actor
    )
    operations.ask_check(made.pk, actor=actor)
    return operations.check(made.pk, actor=actor)


def applied(made, actor):
    operations.ask_apply(made.pk, actor=actor)
    return operations.apply(made.pk, actor=actor)


def test_REG_02_who_is_not_eligible_is_said_before_anything_is_written(desk, nadia):  # noqa: F811
    made = brought(desk, nadia)
    assert made.counts == {"new": 3, "error": 2}
    told = {line.name: line.problems[0] for line in made.lines.filter(outcome="error")}
    assert "65 ans" in told["Ferrand Lucette"][2] and "autre commune" in told["Moreau Simone"][2]


def test_REG_08_each_entry_owes_its_letter_and_a_third_party_waits_for_her_word(desk, nadia):  # noqa: F811
    made = applied(brought(desk, nadia), nadia)
    assert made.counts["enrolled"] == made.counts["created"] == 3
    entries = {entry.person.last_name: entry for entry in Enrolment.objects.select_related("person")}
    assert entries["Marchand"].capacity == "senior" and entries["Marchand"].requested_on == date(2026, 11, 3)
    assert entries["Marchand"].to_warn_name == "Claire Marchand"
    assert entries["Le Goff"].capacity == "disabled"
    assert entries["Petit"].state == "pending" and entries["Petit"].third_party_name == "Paul Petit"
    assert Duty.objects.open().filter(kind="send_acknowledgement").count() == 3


def test_a_register_taken_over_owes_no_letter_again(desk, nadia):  # noqa: F811
    applied(brought(desk, nadia, acknowledged=True), nadia)
    assert not Duty.objects.open().filter(kind="send_acknowledgement").exists()
    assert EnrolmentRequest.objects.filter(outcome="acknowledged").count() == 3


def test_REG_15_a_list_for_a_register_is_seen_by_who_is_named_in_it(desk, nadia, now):  # noqa: F811
    alba = factories.actor(factories.member(desk.territory, "Alba", "Moreau", "coordinator"))
    with pytest.raises(BadInput):
        brought(desk, alba)
    made = applied(brought(desk, nadia, register_only=True), nadia)
    assert not Import.objects.visible_to(alba).filter(pk=made.pk).exists()
    assert desk_client(alba).get(f"/personnes/importer/{made.pk}/").status_code == 404
    assert not Person.objects.visible_to(alba).exists(), "known to the register only"
    assert Person.objects.visible_to(nadia).count() == 3


def test_who_is_no_longer_named_applies_nothing(desk, nadia, now):  # noqa: F811
    made = brought(desk, nadia)
    operations.ask_apply(made.pk, actor=nadia)
    with clock.at(now + timedelta(days=4000)), pytest.raises((NotAllowed, Import.DoesNotExist)):
        operations.apply(made.pk, actor=nadia)


def test_who_has_a_file_is_enrolled_and_both_go_back(desk, nadia):  # noqa: F811
    odette = factories.person(desk.territory, city="Belrive", title="none")
    made = applied(brought(desk, nadia), nadia)
    assert Enrolment.objects.filter(person=odette).exists() and made.counts["enrolled"] == 3
    operations.ask_take_back(made.pk, actor=nadia)
    made = operations.take_back(made.pk, actor=nadia)
    assert not Enrolment.objects.exists() and not Duty.objects.open().exists()
    assert list(Person.objects.values_list("pk", flat=True)) == [odette.pk]


def test_an_entry_whose_letter_went_out_is_kept(desk, nadia):  # noqa: F811
    made = applied(brought(desk, nadia), nadia)
    entry = Enrolment.objects.get(person__last_name="Marchand")
    registers.mark_sent([entry.request.pk], actor=nadia)
    operations.ask_take_back(made.pk, actor=nadia)
    made = operations.take_back(made.pk, actor=nadia)
    assert Enrolment.objects.get() == entry and made.counts["kept"] == 1


def test_the_screen_offers_the_registers_one_is_named_in(desk, nadia):  # noqa: F811
    made = operations.bring(sheets.as_csv([HEAD, *ROWS]), name="registre.csv", actor=nadia)
    page = desk_client(nadia).get(f"/personnes/importer/{made.pk}/colonnes/").content.decode()
    assert desk.register.name in page and "Au registre seulement" in page
