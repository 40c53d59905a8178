"""A file from its arrival to the people in it, and back."""

from datetime import date
from typing import Any

import pytest

from palier.exchange import operations
from palier.exchange.models import Import, Line
from palier.journal.models import Entry
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.people.models import Contact, Person, PhoneNumber, SearchWord
from palier.people.operations import add_contact, change_person, create_person, note_consent
from tests import factories
from tests.exchange import sheets

pytestmark = pytest.mark.django_db


def bring(actor: Any, rows: Any = None, name: str = "liste.xlsx", content: bytes | None = None) -> Import:
    content = content if content is not None else sheets.as_xlsx(sheets.whole() if rows is None else rows)
    return operations.bring(content, name=name, actor=actor)


def checked(actor: Any, rows: Any = None, **choices: Any) -> Import:
    made = bring(actor, rows)
    if choices:
        operations.say_columns(
            made.pk, fields=[c["field"] for c in made.columns], choices=choices, actor=actor
        )
    operations.ask_check(made.pk, actor=actor)
    return operations.check(made.pk, actor=actor)


def imported(actor: Any, rows: Any = None, **choices: Any) -> Import:
    made = checked(actor, rows, **choices)
    operations.ask_apply(made.pk, actor=actor)
    return operations.apply(made.pk, actor=actor)


def taken_back(made: Import, actor: Any) -> Import:
    operations.ask_take_back(made.pk, actor=actor)
    return operations.take_back(made.pk, actor=actor)


def test_a_spreadsheet_of_the_town_becomes_people(belrive, alba):
    made = imported(alba)
    assert made.state == "applied" and made.counts["created"] == 5
    assert made.counts == {"new": 5, "left_out": 2, "error": 1, "created": 5, "completed": 0, "meanwhile": 0}
    odette = Person.objects.get(last_name="Marchand")
    assert (odette.title, odette.first_name, odette.birth_on) == ("madame", "Odette", date(1942, 3, 2))
    assert (odette.street, odette.postcode, odette.city, odette.lives_alone) == (
        "12 rue des Tilleuls",
        "45990",
        "Belrive",
        True,
    )
    assert [p.e164 for p in odette.phones.all()] == ["+33261914720"]
    contact = odette.contacts.get()
    assert (contact.name, contact.relation, contact.phone) == (
        "Claire Marchand, sa fille",
        "child",
        "+33639980021",
    )
    yves = Person.objects.get(last_name="Le Goff")
    assert [p.e164 for p in yves.phones.all()] == ["+33261911234"], "the zero that the spreadsheet ate"
    assert (yves.street, yves.access) == ("3 quai Neuf", "2e étage")
    jean, odile = Person.objects.filter(last_name="Dupont").order_by("first_name")
    assert (jean.title, odile.title) == ("monsieur", "madame")
    assert list(jean.phones.values_list("e164", flat=True)) == list(
        odile.phones.values_list("e164", flat=True)
    )
    lan = Person.objects.get(last_name="Nguyen")
    assert (lan.birth_name, lan.birth_on) == ("Tran", date(1936, 11, 12))


def test_the_line_that_cannot_be_taken_says_each_reason(belrive, alba):
    made = checked(alba)
    line = made.lines.get(outcome="error")
    assert line.number == 10
    assert {(field, code) for field, code, _value in line.problems} == {
        ("birth_on", "date"),
        ("phones", "phone"),
    }
    assert {line.match["why"] for line in made.lines.filter(outcome="left_out")} == {"empty", "foot"}


def test_leaving_out_the_cell_instead_of_the_line_is_a_choice(belrive, alba):
    made = imported(alba, lenient=True)
    assert made.counts["created"] == 6 and "error" not in made.counts
    lucette = Person.objects.get(last_name="Ferrand")
    assert lucette.birth_on is None and not lucette.phones.exists()
    assert len(made.lines.get(person_id=lucette.pk).remarks) == 2


def test_the_bulk_and_the_single_write_the_same(belrive, alba):
    """Every column, number, word, contact and line of the journal, but for numbers and moments."""
    imported(alba, sheets.whole([sheets.ROWS[0]]))
    many = Person.objects.get()
    one = create_person(
        title="madame", first_name="Odette", last_name="Marchand", birth_on=date(1942, 3, 2), street="12 rue des Tilleuls",
        postcode="45990", city="Belrive", phones=["02.61.91.47.20"], lives_alone=True, despite_namesake=True, actor=alba,
    )  # fmt: skip
    add_contact(
        one.pk, name="Claire Marchand, sa fille", relation="child", phone="06 39 98 00 21", actor=alba
    )

    def told(person: Person) -> Any:
        drop = {"id", "person_id", "at", "subject_id", "created_at", "opened_at"}

        def rows(model: Any, **which: Any) -> list[dict[str, Any]]:
            return [
                {k: v for k, v in row.items() if k not in drop}
                for row in model.objects.filter(**which).order_by("pk").values()
            ]

        entries = rows(Entry, person_id=person.pk)
        for entry in entries:
            entry["data"].pop("contact", None)
        words = sorted(SearchWord.objects.filter(person=person).values_list("word", flat=True))
        return [
            rows(Person, pk=person.pk), rows(PhoneNumber, person=person), words, rows(Contact, person=person), entries,
        ]  # fmt: skip

    assert told(many) == told(one)


def test_who_is_there_already_is_not_opened_twice_and_is_completed(belrive, alba):
    odette = factories.person(belrive, street="12 rue des Tilleuls", lives_alone=False)
    made = checked(alba)
    line = made.lines.get(name="Marchand Odette")
    assert line.outcome == "completes" and line.match_id == odette.pk
    assert set(line.match["reasons"]) >= {"same_name", "same_birth", "same_phone", "same_street"}
    operations.ask_apply(made.pk, actor=alba)
    operations.apply(made.pk, actor=alba)
    odette.refresh_from_db()
    assert odette.lives_alone and odette.contacts.get().phone == "+33639980021"
    assert Person.objects.filter(last_name="Marchand").count() == 1
    again = checked(alba)
    assert again.counts.get("new", 0) == 0 and again.counts["there"] == 5, (
        "the same file once more brings nothing"
    )


def test_what_her_file_says_is_never_overwritten(belrive, alba):
    odette = factories.person(belrive, street="99 rue Basse", birth_on=date(1942, 3, 2))
    made = imported(alba, sheets.whole([sheets.ROWS[0]]))
    odette.refresh_from_db()
    assert odette.street == "99 rue Basse"
    assert ["street", "differs", "12 rue des Tilleuls"] in made.lines.get(name="Marchand Odette").remarks


def test_a_namesake_without_anything_in_common_is_for_a_person_to_decide(belrive, alba):
    factories.person(belrive, "Odette", "Marchand", birth_on=None, street="", phone=None)
    made = checked(alba, sheets.whole([sheets.ROWS[0]]))
    line = made.lines.get(outcome="maybe")
    with pytest.raises(NotPossibleNow, match="Aucune ligne"):
        operations.ask_apply(made.pk, actor=alba)
    operations.decide(line.pk, decision="create", actor=alba)
    operations.ask_apply(made.pk, actor=alba)
    operations.apply(made.pk, actor=alba)
    assert Person.objects.filter(last_name="Marchand").count() == 2


def test_a_couple_that_shares_its_telephone_is_not_one_person(belrive, alba):
    factories.person(belrive, "Georges", "Marchand", title="monsieur", birth_on=date(1939, 1, 1))
    made = checked(alba, sheets.whole([sheets.ROWS[0]]))
    assert made.counts == {"new": 1}


def test_the_same_person_twice_in_the_file_is_said_with_the_line(belrive, alba):
    made = checked(alba, sheets.whole([sheets.ROWS[0], sheets.ROWS[1], sheets.ROWS[0]]))
    line = made.lines.get(outcome="twice")
    assert (line.number, line.match) == (7, {"line": 5})


def test_columns_that_were_corrected_are_known_the_next_time(belrive, alba):
    head = ["Truc", "Machin", "Quand"]
    rows = [head, ["Marchand", "Odette", "02/03/1942"], ["Legoff", "Yvonne", "03/04/1939"]]
    made = bring(alba, rows)
    assert made.columns[0]["field"] != "last_name"
    operations.choose_sheet(made.pk, sheet=0, head_row=1, actor=alba)
    made.refresh_from_db()
    assert [c["name"] for c in made.columns] == head
    operations.say_columns(
        made.pk, fields=["last_name", "first_name", "birth_on"], choices={"city": "Belrive"}, actor=alba
    )
    again = bring(alba, rows)
    operations.choose_sheet(again.pk, sheet=0, head_row=1, actor=alba)
    again.refresh_from_db()
    assert [c["field"] for c in again.columns] == ["last_name", "first_name", "birth_on"]
    assert again.choices["city"] == "Belrive"


def test_without_a_column_of_names_nothing_is_checked(belrive, alba):
    made = bring(alba)
    with pytest.raises(BadInput) as refused:
        operations.say_columns(made.pk, fields=["phones"] + [""] * 9, choices={}, actor=alba)
    assert refused.value.code == "no_name_column"


def test_one_click_takes_the_import_back(belrive, alba):
    before = rows_of_people()
    made = imported(alba)
    assert rows_of_people() != before
    made = taken_back(made, alba)
    assert made.state == "taken_back"
    assert made.counts["removed"] == 5 and made.counts["kept"] == 0
    assert rows_of_people() == before
    assert Entry.objects.filter(code="people.withdrawn").count() == 5, (
        "the journal keeps that they were there"
    )


def rows_of_people() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in (Person, PhoneNumber, SearchWord, Contact)}


def test_what_somebody_changed_since_is_kept_and_listed(belrive, alba, bruno):
    made = imported(alba)
    odette = Person.objects.get(last_name="Marchand")
    change_person(odette.pk, talk_note="Parler fort.", actor=bruno)
    yves = Person.objects.get(last_name="Le Goff")
    note_consent(yves.pk, purpose="neighbour_help", is_given=True, actor=bruno)
    made = taken_back(made, alba)
    assert (made.counts["removed"], made.counts["kept"]) == (3, 2)
    kept = made.lines.filter(done="kept").values_list("person_id", flat=True)
    assert set(kept) == {odette.pk, yves.pk} == set(Person.objects.values_list("pk", flat=True))


def test_what_was_completed_is_as_before(belrive, alba, bruno):
    odette = factories.person(belrive, street="", birth_on=None, lives_alone=False)
    before = Person.objects.filter(pk=odette.pk).values().get()
    made = imported(alba, sheets.whole([sheets.ROWS[0]]))
    odette.refresh_from_db()
    assert (
        odette.street == "12 rue des Tilleuls"
        and odette.birth_on == date(1942, 3, 2)
        and odette.contacts.exists()
    )
    made = taken_back(made, alba)
    assert made.counts["restored"] == 1
    after = Person.objects.filter(pk=odette.pk).values().get()
    # The place of the old address is found again from it, and it had none.
    assert {k: v for k, v in after.items() if k not in ("x", "y", "search_text")} == {
        k: v for k, v in before.items() if k not in ("x", "y", "search_text")
    }
    assert not odette.contacts.current().exists()
    assert [p.e164 for p in odette.phones.all()] == ["+33261914720"]


def test_a_completed_field_that_changed_since_stays(belrive, alba, bruno):
    odette = factories.person(belrive, street="", birth_on=None)
    made = imported(alba, sheets.whole([sheets.ROWS[0]]))
    change_person(odette.pk, street="14 rue des Tilleuls", actor=bruno)
    made = taken_back(made, alba)
    odette.refresh_from_db()
    assert odette.street == "14 rue des Tilleuls" and odette.birth_on is None
    assert made.counts["kept"] == 1 and made.lines.get(done="kept").person_id == odette.pk


def test_it_is_taken_back_for_a_month_and_not_later(belrive, alba, now):
    from datetime import timedelta

    from palier.kernel import clock

    made = imported(alba)
    with clock.at(now + timedelta(days=30, minutes=1)), pytest.raises(NotPossibleNow, match="délai"):
        operations.ask_take_back(made.pk, actor=alba)


def test_who_opens_a_file_while_it_is_applied_is_seen(belrive, alba, bruno):
    made = checked(alba)
    create_person(first_name="Odette", last_name="Marchand", birth_on=date(1942, 3, 2), actor=bruno)
    operations.ask_apply(made.pk, actor=alba)
    made = operations.apply(made.pk, actor=alba)
    assert Person.objects.filter(last_name="Marchand").count() == 1
    assert made.counts["meanwhile"] == 1 and made.counts["created"] == 4


def test_a_click_too_many_changes_nothing(belrive, alba):
    made = imported(alba)
    people = Person.objects.count()
    operations.ask_apply(made.pk, actor=alba)
    operations.apply(made.pk, actor=alba)
    assert Person.objects.count() == people
    taken_back(made, alba)
    operations.ask_take_back(made.pk, actor=alba)
    operations.take_back(made.pk, actor=alba)
    assert not Person.objects.exists()


def test_two_files_are_not_written_at_once(belrive, alba):
    first = checked(alba)
    second = checked(alba, sheets.whole(sheets.many(3)))
    operations.ask_apply(first.pk, actor=alba)
    with pytest.raises(NotPossibleNow, match="Un autre import"):
        operations.ask_apply(second.pk, actor=alba)


@pytest.mark.parametrize("role", ["agent", "caller", "administrator", "partner", "operator"])
def test_SEC_02_who_does_not_coordinate_brings_no_file(belrive, alba, role):
    other = factories.actor(factories.member(belrive, "Paul", "Dehors", role))
    made = checked(alba)
    for refused in (
        lambda: bring(other),
        lambda: operations.ask_apply(made.pk, actor=other),
        lambda: operations.drop(made.pk, actor=other),
        lambda: operations.export_people(reason="voir", chosen=["last_name"], format="csv", actor=other),
    ):
        with pytest.raises(NotAllowed):
            refused()


def test_QA_09_another_territory_does_not_see_the_file(belrive, alba, carla):
    from palier.territories import walls

    made = checked(alba)
    with walls.inside(carla.territory_id):
        assert not Import.objects.exists() and not Line.objects.exists()
        with pytest.raises(Import.DoesNotExist):
            operations.ask_apply(made.pk, actor=carla)


def test_GDP_08_who_asked_to_be_erased_is_not_put_back_without_a_word(belrive, alba):
    from palier.people.suppression import Traits, suppress

    suppress(Traits("Odette", "Marchand", date(1942, 3, 2)), scope="file", reason="erasure", actor=alba)
    made = checked(alba, sheets.whole([sheets.ROWS[0], sheets.ROWS[1]]))
    assert made.counts == {"maybe": 1, "new": 1}
    operations.ask_apply(made.pk, actor=alba)
    operations.apply(made.pk, actor=alba)
    assert not Person.objects.filter(last_name="Marchand").exists()


def test_GDP_05_health_is_not_taken(belrive, alba):
    rows = [
        ["Nom", "Prénom", "GIR", "Pathologie", "N° sécurité sociale"],
        ["MARCHAND", "Odette", 2, "Alzheimer", "2 42 03 45 123 456 78"],
        ["LEROY", "Anne", 3, "diabète", ""],
    ]
    made = bring(alba, rows)
    assert [c["field"] for c in made.columns][2:] == ["forbidden"] * 3


def test_a_dropped_file_is_forgotten_at_once(belrive, alba):
    made = checked(alba)
    operations.drop(made.pk, actor=alba)
    made.refresh_from_db()
    assert made.content is None and not made.lines.exists() and made.columns == []
