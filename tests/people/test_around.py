"""Who is around a person: their order, and those whom nobody may contact any more."""

import re
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from palier.accounts.actor import Actor
from palier.calls.models import Call, PlannedCall
from palier.calls.operations import hang_up, ring
from palier.calls.queries import who_may_be
from palier.journal.models import Access, Entry
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.people import finding, queries
from palier.people import operations as people
from palier.people.models import Contact
from palier.privacy.parts import OTHERS
from palier.privacy.parts_person import PERSON_PARTS
from tests import factories

PERSON_CONTACT = next(part for part in PERSON_PARTS if part.model is Contact)
NUMBER = "06 39 98 12 45"
SOURCE = Path(queries.__file__).resolve().parents[1]


@pytest.fixture
def odette(belrive):
    return factories.person(belrive)


def around(person, bruno, *names):
    return [people.add_contact(person.pk, name=name, relation="child", actor=bruno) for name in names]


def names(person):
    return [one.name for one in person.contacts.current()]


def test_somebody_is_moved_up_and_down_one_place_at_a_time(odette, bruno):
    sylvie, michel, claire = around(odette, bruno, "Sylvie", "Michel", "Claire")
    people.move_contact(claire.pk, up=True, actor=bruno)
    assert names(odette) == ["Sylvie", "Claire", "Michel"]
    people.move_contact(sylvie.pk, up=False, actor=bruno)
    assert names(odette) == ["Claire", "Sylvie", "Michel"]
    people.move_contact(claire.pk, up=True, actor=bruno)
    people.move_contact(michel.pk, up=False, actor=bruno)
    assert names(odette) == ["Claire", "Sylvie", "Michel"], "at the ends nothing happens"
    assert Entry.objects.filter(code="people.contacts_ordered").count() == 2


def test_only_what_changed_is_written(odette, bruno):
    (sylvie,) = around(odette, bruno, "Sylvie")
    people.change_contact(sylvie.pk, phone=NUMBER, has_key=True, actor=bruno)
    people.change_contact(sylvie.pk, phone="0639981245", actor=bruno)
    sylvie.refresh_from_db()
    assert (sylvie.phone, sylvie.has_key, sylvie.relation) == ("+33639981245", True, "child")
    changes = Entry.objects.filter(code="people.contact_changed")
    assert [entry.data["fields"] for entry in changes] == [["has_key", "phone"]]
    with pytest.raises(BadInput) as refused:
        people.change_contact(sylvie.pk, phone="12", actor=bruno)
    assert refused.value.field == "phone"


def test_who_is_removed_is_found_by_nobody_and_stays_in_the_journal(odette, bruno):
    sylvie = people.add_contact(odette.pk, name="Sylvie", relation="child", phone=NUMBER, actor=bruno)
    people.remove_contact(sylvie.pk, actor=bruno)
    assert names(odette) == [] and queries.contacts_by_number("+33639981245", actor=bruno) == []
    assert Contact.objects.get().phone == ""
    assert Entry.objects.filter(code="people.contact_removed", personal__name="Sylvie").exists()
    again = people.add_contact(odette.pk, name="Sylvie", relation="child", phone=NUMBER, actor=bruno)
    assert again.pk != sylvie.pk


@pytest.fixture
def apart(odette, bruno):
    son = people.add_contact(odette.pk, name="Le fils", relation="child", phone=NUMBER, actor=bruno)
    return people.do_not_contact(son.pk, reason="Elle a dit qu’il prend son argent.", actor=bruno)


def test_a_reason_is_needed_to_set_somebody_apart(odette, bruno):
    (son,) = around(odette, bruno, "Le fils")
    with pytest.raises(BadInput) as refused:
        people.do_not_contact(son.pk, reason="  ", actor=bruno)
    assert refused.value.field == "reason"
    assert not Contact.objects.get().do_not_contact


def test_the_number_of_who_must_not_be_contacted_stands_in_no_column_that_is_read(apart):
    kept = Contact.objects.values().get(pk=apart.pk)
    assert kept["do_not_contact"] and kept["phone"] == ""
    assert not any("639981245" in str(value) for value in kept.values())
    assert not Entry.objects.filter(personal__icontains="argent").exists(), (
        "the reason stays out of the journal"
    )


def test_the_database_itself_refuses_a_number_beside_do_not_contact(apart):
    with pytest.raises(IntegrityError, match="nobody_dials"), transaction.atomic():
        Contact.objects.filter(pk=apart.pk).update(phone="+33639981245")


def test_nothing_rings_back_who_must_not_be_contacted(belrive, odette, bruno, apart):
    assert list(odette.contacts.callable()) == []
    exchange = Actor.machine("telephone", belrive.pk)
    call = ring(provider="pbx", call_key="1", number_raw=NUMBER, actor=exchange)
    assert who_may_be(call, actor=bruno).is_unknown
    assert queries.is_not_to_be_rung(call.number)
    hang_up(call.pk, actor=exchange)
    assert not PlannedCall.objects.exists()
    assert "ne pas rappeler" in Call.objects.get().closing_note
    assert finding.search(NUMBER, actor=bruno) == []


def test_their_number_is_not_written_again_under_another_name(odette, bruno, apart):
    with pytest.raises(BadInput) as refused:
        people.add_contact(
            odette.pk, name="Un ami", relation="friend", phone="+33 6 39 98 12 45", actor=bruno
        )
    assert refused.value.code == "sealed"
    friend = people.add_contact(odette.pk, name="Un ami", relation="friend", actor=bruno)
    for contact in (friend, apart):
        with pytest.raises(BadInput):
            people.change_contact(contact.pk, phone=NUMBER, actor=bruno)


def test_the_number_is_shown_for_a_reason_that_is_noted(odette, bruno, apart):
    with pytest.raises(BadInput) as refused:
        people.reveal_contact(apart.pk, why="", actor=bruno)
    assert refused.value.field == "why"
    assert not Access.objects.exists()
    _contact, number = people.reveal_contact(apart.pk, why="Réquisition de la police", actor=bruno)
    assert number == "+33639981245"
    access = Access.objects.get()
    assert (access.operation, access.object_id, access.reason) == (
        "reveal",
        apart.pk,
        "Réquisition de la police",
    )
    assert Entry.objects.filter(code="people.contact_revealed").count() == 1
    (sylvie,) = around(odette, bruno, "Sylvie")
    with pytest.raises(NotPossibleNow):
        people.reveal_contact(sylvie.pk, why="par curiosité", actor=bruno)


def test_only_the_coordination_lets_them_be_contacted_again(odette, alba, bruno, apart):
    for act in (
        lambda: people.allow_contact(apart.pk, reason="Réconciliés", actor=bruno),
        lambda: people.remove_contact(apart.pk, actor=bruno),
    ):
        with pytest.raises(NotAllowed):
            act()
    people.allow_contact(apart.pk, reason="Erreur de personne", actor=alba)
    apart.refresh_from_db()
    assert (apart.phone, apart.sealed_phone, apart.apart_reason) == ("+33639981245", "", "")
    assert list(odette.contacts.callable()) == [apart]


def test_a_closed_number_is_opened_in_one_place_only():
    """No template or module reads it: what is closed comes out through the operation that notes who looked."""
    reads = {
        path.relative_to(SOURCE).as_posix()
        for path in [*SOURCE.rglob("*.py"), *SOURCE.rglob("*.html")]
        if "migrations" not in path.parts and "sealed_phone" in path.read_text()
    }
    # The copy of a person's data names the column to leave it out; a whole territory leaves in an archive that is
    # closed with a password, and what is sealed is sealed anew where it arrives.
    assert reads == {
        "people/models.py",
        "people/operations/around.py",
        "privacy/parts_person.py",
        "exchange/territory/tables.py",
    }
    assert PERSON_CONTACT.left_out["sealed_phone"] == OTHERS


def test_no_screen_makes_a_link_of_a_contact_that_was_not_asked_for_as_callable():
    """A statement written by hand that takes a contact's number leaves out who was removed: the rest is the column's own."""
    for path in SOURCE.rglob("*.py"):
        text = path.read_text()
        for found in re.finditer(r"from people_contact (\w)\b(.{0,260})", text, re.DOTALL):
            if path.parts[-2:] != ("demophones", "queries.py"):
                assert "ended_at is null" in found[2] or f"{found[1]}.phone =" in found[2], path
