"""Opening and changing a person's file, who is around her, what she agreed to."""

from datetime import date, timedelta

import pytest

from palier.calls.models import PlannedCall
from palier.calls.operations import plan_call
from palier.journal.models import Entry
from palier.kernel import clock
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.needs.models import Need
from palier.needs.operations import open_need
from palier.people.models import Consent, Contact, Person, SearchWord
from palier.people.operations import add_contact, change_person, create_person, note_consent
from palier.people.queries import agrees, by_number, consents_of, contacts_by_number
from tests import factories
from tests.at_once import at_once

ODETTE = {"first_name": "Odette", "last_name": "Marchand", "title": "madame", "street": "12 rue des Tilleuls"}


def test_a_file_is_opened_with_its_numbers_its_search_words_and_one_line_in_the_journal(bruno):
    person = create_person(
        **ODETTE, city="Belrive", birth_on=date(1942, 3, 2), phones=["02 61 91 47 20"], actor=bruno
    )
    assert person.full_name == "Odette Marchand"
    assert [number.e164 for number in person.phones.all()] == ["+33261914720"]
    words = set(SearchWord.objects.filter(person=person).values_list("word", flat=True))
    assert {"odette", "marchand", "tilleuls", "belrive", "12", "@1942-03-02"} <= words
    assert "rue" not in words
    assert list(Entry.objects.values_list("code", "person_id")) == [("people.created", person.pk)]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"phones": ["02 61"]}, "phones"),
        ({"phones": ["bonjour"]}, "phones"),
        ({"birth_on": date(2030, 1, 1)}, "birth_on"),
        ({"birth_on": date(1850, 1, 1)}, "birth_on"),
        ({"first_name": "", "last_name": " \x00 "}, "last_name"),
        ({"first_name": "O" * 61}, "first_name"),
        ({"title": "docteur"}, "title"),
        ({"talk_note": "a" * 301}, "talk_note"),
        ({"telecare_operator_id": 999_999}, "telecare_operator_id"),
        ({"language": "français"}, "language"),
    ],
)
def test_what_cannot_be_kept_is_refused_beside_its_field(bruno, fields, field):
    with pytest.raises(BadInput) as refusal:
        create_person(**(ODETTE | fields), actor=bruno)
    assert refusal.value.field == field
    assert str(refusal.value)
    assert not Person.objects.exists()


def test_control_signs_are_dropped_and_emoji_kept(bruno):
    person = create_person(
        first_name="Jean\x00 ", last_name="Le\u202e Goff", talk_note="Aime 🌻\r\nles fleurs", actor=bruno
    )
    assert (person.first_name, person.last_name) == ("Jean", "Le Goff")
    assert person.talk_note == "Aime 🌻\nles fleurs"


def test_a_second_file_of_the_same_person_is_refused_unless_she_is_somebody_else(bruno):
    create_person(**ODETTE, birth_on=date(1942, 3, 2), actor=bruno)
    with pytest.raises(NotPossibleNow, match="a déjà une fiche"):
        create_person(**ODETTE, birth_on=date(1942, 3, 2), actor=bruno)
    other = create_person(**ODETTE, birth_on=date(1971, 5, 5), actor=bruno)
    twin = create_person(**ODETTE, birth_on=date(1942, 3, 2), despite_namesake=True, actor=bruno)
    assert Person.objects.count() == 3
    assert other.pk != twin.pk


def test_an_agent_of_an_operator_opens_no_file(belrive, bruno):
    operator = factories.actor(factories.member(belrive, "Otto", "Opérateur", "operator"))
    with pytest.raises(NotAllowed):
        create_person(**ODETTE, actor=operator)
    assert create_person(**ODETTE, actor=bruno).pk


@pytest.mark.django_db(transaction=True)
def test_a_double_click_opens_one_file(now):
    from django.db import transaction

    with transaction.atomic():
        town = factories.territory()
        bruno = factories.actor(factories.member(town))
    results = at_once(town.pk, now, *[lambda: create_person(**ODETTE, actor=bruno)] * 2)
    assert sorted(type(one).__name__ for one in results) == ["NotPossibleNow", "Person"]


def test_changing_a_name_changes_what_she_is_found_by_and_nothing_else(belrive, bruno):
    person = factories.person(belrive)
    Person.objects.filter(pk=person.pk).update(talk_note="Parler fort.")
    changed = change_person(person.pk, last_name="Lefèvre", street="3 place du Marché", actor=bruno)
    assert changed.search_text.startswith("lefevre odette")
    words = set(SearchWord.objects.filter(person=person).values_list("word", flat=True))
    assert "lefevre" in words and "marchand" not in words and "tilleuls" not in words
    assert Person.objects.get(pk=person.pk).talk_note == "Parler fort."
    entry = Entry.objects.get(code="people.changed")
    assert entry.data["fields"] == ["last_name", "street"]
    assert entry.personal["former"]["last_name"] == "Marchand"


def test_nothing_changed_writes_nothing(belrive, bruno):
    person = factories.person(belrive)
    change_person(person.pk, first_name="Odette", phones=["02 61 91 47 20"], actor=bruno)
    assert not Entry.objects.exists()


def test_an_unknown_field_is_a_mistake_of_ours(belrive, bruno):
    with pytest.raises(TypeError):
        change_person(factories.person(belrive).pk, territory_id=3, actor=bruno)


def test_a_death_stops_her_needs_and_her_calls_at_once(belrive, bruno):
    person = factories.person(belrive)
    soon = clock.now() + timedelta(days=1)
    need = open_need(
        person_id=person.pk, kind="shopping", starts_at=soon, ends_at=soon + timedelta(hours=2), actor=bruno
    )
    call = plan_call(person_id=person.pk, why="promised", due_at=soon, actor=bruno)
    change_person(person.pk, state="deceased", actor=bruno)
    assert Need.objects.get(pk=need.pk).outcome == "no_longer_needed"
    assert PlannedCall.objects.get(pk=call.pk).outcome == "dropped"
    with pytest.raises(NotPossibleNow):
        open_need(
            person_id=person.pk,
            kind="shopping",
            starts_at=soon,
            ends_at=soon + timedelta(hours=2),
            actor=bruno,
        )


def test_somebody_around_her_is_added_last_and_once(belrive, bruno):
    person = factories.person(belrive)
    first = add_contact(
        person.pk, name="Sylvie Carpentier", relation="child", phone="06 39 98 12 45", actor=bruno
    )
    again = add_contact(
        person.pk, name="Sylvie  carpentier", relation="child", phone="0639981245", actor=bruno
    )
    other = add_contact(person.pk, name="Michel Lefort", relation="neighbour", has_key=True, actor=bruno)
    assert again.pk == first.pk
    assert other.order > first.order
    assert [one.person for one in contacts_by_number("+33639981245", actor=bruno)] == [person]
    with pytest.raises(BadInput):
        add_contact(person.pk, name="Qui ?", relation="boulanger", actor=bruno)
    assert Contact.objects.count() == 2


def test_the_last_line_of_the_ledger_holds_and_a_double_click_is_one_line(belrive, bruno):
    person = factories.person(belrive, agrees=False)
    assert agrees(person.pk, "neighbour_help") is None
    given = note_consent(person.pk, purpose="neighbour_help", is_given=True, actor=bruno)
    assert note_consent(person.pk, purpose="neighbour_help", is_given=True, actor=bruno).pk == given.pk
    note_consent(person.pk, purpose="neighbour_help", is_given=False, actor=bruno)
    assert consents_of([person.pk]) == {person.pk: {"neighbour_help": False}}
    assert Consent.objects.count() == 2
    assert set(Entry.objects.values_list("code", flat=True)) == {
        "people.consent_given",
        "people.consent_refused",
    }


def test_GDP_01_a_line_of_the_ledger_cannot_be_changed(belrive, bruno):
    from django.db import ProgrammingError, transaction

    consent = note_consent(
        factories.person(belrive, agrees=False).pk, purpose="partners", is_given=True, actor=bruno
    )
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Consent.objects.filter(pk=consent.pk).update(is_given=False)


def test_TEL_21_everybody_with_a_number_is_named_in_alphabetical_order(belrive, bruno):
    one = factories.person(belrive, "Odette", "Marchand")
    two = factories.person(belrive, "André", "Marchand")
    assert by_number("+33261914720", actor=bruno) == [two, one]
    assert by_number("", actor=bruno) == []


def test_SEC_01_a_person_of_another_territory_is_not_there(belrive, carla):
    person = factories.person(belrive)
    with pytest.raises(Person.DoesNotExist):
        change_person(person.pk, first_name="X", actor=carla)
