"""A whole territory out and in again: nothing forgotten, nothing that belongs to one installation only."""

import json
from pathlib import Path
from typing import Any

import py7zr
import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import models, transaction

from palier.accounts.models import User
from palier.calls import operations as calls
from palier.concerns.operations import open_concern
from palier.exchange.territory import packing, tables, taking_in
from palier.journal.models import Entry
from palier.kernel import clock
from palier.people import operations as people
from palier.people.models import Contact, HomeSecret, Person
from palier.territories import walls
from palier.territories.models import Territory
from tests import factories, flow

PASSWORD = "une phrase pour fermer"


@pytest.fixture
def town(transactional_db: None) -> Territory:
    """Belrive with something of everything, really committed."""
    with clock.at(factories.local(2026, 11, 12, 10, 20)):
        with transaction.atomic():
            made = factories.territory()
            alba = factories.actor(factories.member(made, "Alba", "Moreau", "head"))
            odette = factories.person(made)
            michel = factories.volunteer(made)
            flow.agreed_visit(odette, michel, alba)
            flow.need_for(odette, alba)
            call = calls.start_by_hand(actor=alba)
            calls.log_call(
                call.pk,
                who="self",
                person_id=odette.pk,
                reasons=["talk"],
                next="nothing",
                words="Bien.",
                actor=alba,
            )
            open_concern(person_id=odette.pk, facts="Le frigo est vide.", actor=alba)
            contact = people.add_contact(
                odette.pk, name="Le neveu", relation="relative", phone="06 39 98 00 77", actor=alba
            )
            people.do_not_contact(contact.pk, reason="Il lui prend son argent.", actor=alba)
            people.keep_secret(odette.pk, kind="door_code", value="47B12", actor=alba)
        yield made


def exported(town: Territory, folder: Path, name: str = "out.7z") -> Path:
    path = folder / name
    from palier.accounts.actor import Actor

    packing.export_territory(town.pk, path, password=PASSWORD, actor=Actor.job("tests", town.pk))
    return path


def opened(path: Path, folder: Path) -> dict[str, list[dict[str, Any]]]:
    with py7zr.SevenZipFile(path, "r", password=PASSWORD) as archive:
        archive.extractall(folder)
    return {
        file.stem: [json.loads(line) for line in file.read_text().splitlines()]
        for file in sorted(folder.glob("*.jsonl"))
    }


def up_to_numbers(told: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Each number that means a row becomes the place of that row in its own file."""
    labels = {model._meta.label_lower: model for model in tables.travelling()}
    places = {
        label: {row[model._meta.pk.column]: place for place, row in enumerate(told[model._meta.db_table], 1)}
        for label, model in labels.items()
    }
    places["accounts.user"] = {row["id"]: row["email"] for row in told["users"]}
    found: dict[str, list[dict[str, Any]]] = {}
    for label, model in labels.items():
        rows = []
        for row in told[model._meta.db_table]:
            fresh = dict(row)
            fresh.pop("territory_id")
            fresh[model._meta.pk.column] = places[label][row[model._meta.pk.column]]
            for column, of in tables.references(model).items():
                kind = row[of[1:]] if of.startswith("@") else of
                if row[column] is not None and column != model._meta.pk.column:
                    fresh[column] = places.get(kind, {}).get(row[column], "elsewhere")
            for column in tables.EMPTIED:
                fresh.pop(column, None)
            if model is Entry:
                fresh["data"] = {
                    key: places[tables.IN_DATA[key]].get(value, "elsewhere")
                    if key in tables.IN_DATA and type(value) is int
                    else value
                    for key, value in row["data"].items()
                }
            rows.append(fresh)
        found[model._meta.db_table] = rows
    return found


def test_a_territory_goes_out_comes_in_under_another_code_and_goes_out_the_same(town, tmp_path):
    first = opened(exported(town, tmp_path), tmp_path / "one")
    taken = taking_in.take_in(tmp_path / "out.7z", code="valneuf", password=PASSWORD)
    second = opened(exported(taken, tmp_path, "again.7z"), tmp_path / "two")
    one, two = up_to_numbers(first), up_to_numbers(second)
    assert sum(map(len, one.values())) > 60, "something of everything"
    # What was written about the coming and going itself is the only difference.
    about_itself = ("exchange.territory_exported", "exchange.territory_taken_in")
    for told in (one, two):
        told["journal_entry"] = [row for row in told["journal_entry"] if row["code"] not in about_itself]
        told["journal_access"] = [
            row for row in told["journal_access"] if row["object_kind"] != "territories.territory"
        ]
    for entries in (one["journal_entry"], two["journal_entry"]):
        for place, row in enumerate(entries):
            row["id"] = place
            if row["subject_kind"] == "territories.territory":
                row["subject_id"] = "the territory"
    assert one.keys() == two.keys()
    for table in one:
        assert one[table] == two[table], table


def test_what_is_closed_opens_on_the_other_side_and_is_closed_there_with_its_key(town, tmp_path, settings):
    exported(town, tmp_path)
    settings.SECRET_KEY = "the key of the other installation, as long as one must be 0123456789"
    settings.SECRET_KEY_FALLBACKS = []
    taken = taking_in.take_in(tmp_path / "out.7z", code="valneuf", password=PASSWORD)
    with walls.inside(taken.pk):
        from palier.accounts.actor import Actor

        job = Actor.job("tests", taken.pk)
        secret = HomeSecret.objects.get()
        assert people.reveal_secret(secret.pk, why="Elle est tombée", actor=job)[1] == "47B12"
        sealed = Contact.objects.get(do_not_contact=True)
        assert people.reveal_contact(sealed.pk, why="La police le demande", actor=job)[1] == "+33639980077"


def test_the_people_who_work_there_are_found_by_address_and_have_no_password(town, tmp_path):
    with walls.inside(town.pk):
        email = User.objects.get(first_name="Alba").email
    exported(town, tmp_path)
    taking_in.take_in(tmp_path / "out.7z", code="valneuf", password=PASSWORD)
    assert User.objects.filter(email=email).count() == 1
    raw = (tmp_path / "out.7z").read_bytes()
    told = opened(tmp_path / "out.7z", tmp_path / "one")
    assert email.encode() not in raw and b"Marchand" not in raw, "closed"
    assert all("password" not in row for row in told["users"])


@pytest.mark.parametrize("wrong", ["password", "damaged", "no archive", "row"])
def test_an_archive_that_is_not_right_writes_nothing(town, tmp_path, wrong):
    path = exported(town, tmp_path)
    password = PASSWORD
    if wrong == "password":
        password = "une autre phrase"
    elif wrong == "damaged":
        path.write_bytes(path.read_bytes()[:-400])
    elif wrong == "no archive":
        path.write_bytes(b"bonjour")
    else:
        opened(path, tmp_path / "one")
        with (tmp_path / "one" / "people_person.jsonl").open("a") as out:
            out.write("{}\n")
        path.unlink()
        with py7zr.SevenZipFile(path, "w", password=PASSWORD) as archive:
            for file in (tmp_path / "one").iterdir():
                archive.write(file, file.name)
    before = Territory.objects.count()
    with pytest.raises(taking_in.NotTaken):
        taking_in.take_in(path, code="valneuf", password=password)
    assert Territory.objects.count() == before


def test_both_commands_do_it(town, tmp_path, capsys):
    word = tmp_path / "mot"
    word.write_text(PASSWORD + "\n")
    call_command("export_territory", "belrive", tmp_path / "t.7z", password_file=word)
    call_command("take_in", tmp_path / "t.7z", code="valneuf", password_file=word)
    with walls.inside(Territory.objects.get(code="valneuf").pk):
        assert Person.objects.get().last_name == "Marchand"
    with pytest.raises(CommandError, match="already"):
        call_command("take_in", tmp_path / "t.7z", code="valneuf", password_file=word)
    with pytest.raises(CommandError, match="exists"):
        call_command("export_territory", "belrive", tmp_path / "t.7z", password_file=word)


# --- guards


@pytest.mark.django_db
def test_no_table_behind_a_wall_is_forgotten():
    """Each is exported, or is named with the reason why it stays."""
    travels = {model._meta.db_table for model in tables.travelling()}
    assert travels | set(tables.STAYS) == set(walls.walled_tables())
    assert not travels & set(tables.STAYS)


def test_every_number_that_means_a_row_is_known():
    """A `…_id` that is no foreign key is named, or it would point into another territory on arrival."""
    for model in tables.travelling():
        named = tables.LOOSE.get(model._meta.db_table, {})
        loose = {
            field.attname
            for field in model._meta.concrete_fields
            if not field.is_relation
            and not field.primary_key
            and field.attname.endswith("_id")
            and isinstance(field, models.IntegerField)
        }
        assert loose == set(named), model._meta.label
        for of in named.values():
            if not of.startswith("@") and of != "accounts.user":
                apps.get_model(of)
    for label in tables.IN_DATA.values():
        assert apps.get_model(label) in set(tables.travelling())


def test_every_foreign_key_points_at_something_that_travels():
    travels = {model._meta.label_lower for model in tables.travelling()} | {
        "accounts.user",
        "territories.territory",
    }
    for model in tables.travelling():
        for column, label in tables.references(model).items():
            assert label.startswith("@") or label in travels, f"{model._meta.label}.{column}"


def test_every_closed_column_is_opened_for_the_journey():
    for model in tables.travelling():
        closed = {
            f.attname
            for f in model._meta.concrete_fields
            if f.attname.startswith("sealed") and not f.attname.endswith("_mark")
        }
        if closed:
            assert closed == {tables.SEALED[model._meta.db_table][0]}
