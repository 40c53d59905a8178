"""`palier import-people`: the code of the screens, from the command line."""

import json
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from palier.exchange.models import Import
from palier.people.models import Person
from tests import factories
from tests.exchange import sheets

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "liste.csv"
    path.write_bytes(sheets.as_csv(sheets.whole()))
    return path


def run(capsys, *arguments, **options):
    try:
        call_command("import_people", *arguments, territory="belrive", **options)
        status = 0
    except SystemExit as end:
        status = end.code
    return status, capsys.readouterr().out


def test_a_dry_run_says_everything_and_writes_nothing(belrive, file, capsys):
    status, said = run(capsys, file, dry_run=True, json=True)
    told = json.loads(said)
    assert status == 3 and told["counts"] == {"new": 5, "error": 1, "left_out": 2}
    assert told["errors"][0]["line"] == 10 and not told["written"] and told["import"] is None
    assert not Import.objects.exists() and not Person.objects.exists()


def test_it_imports_and_gives_the_lines_to_correct(belrive, file, capsys, tmp_path):
    status, said = run(capsys, file, errors=tmp_path / "err.csv")
    assert status == 3 and "5 files opened" in said and Person.objects.count() == 5
    assert "FERRAND" in (tmp_path / "err.csv").read_text(encoding="utf-8-sig")
    assert Import.objects.get().state == "applied"


def test_without_errors_the_status_is_zero(belrive, capsys, tmp_path):
    path = tmp_path / "bonne.xlsx"
    path.write_bytes(sheets.as_xlsx(sheets.whole(sheets.ROWS[:4])))
    assert run(capsys, path, column=["Vit seul(e)="])[0] == 0
    assert not Person.objects.filter(lives_alone=True).exists()


def test_what_cannot_be_read_writes_nothing(belrive, capsys, tmp_path):
    path = tmp_path / "liste.pdf"
    path.write_bytes(b"%PDF-1.7")
    with pytest.raises(CommandError, match="Nothing was written"):
        call_command("import_people", path, territory="belrive")
    status, said = run(capsys, path, json=True)
    assert status == 1 and "PDF" in json.loads(said)["refused"]
    with pytest.raises(CommandError, match="no territory"):
        call_command("import_people", path, territory="ailleurs")


def test_probable_duplicates_are_decided_in_one_word(belrive, capsys, tmp_path):
    factories.person(belrive, birth_on=None, street="", phone=None)
    path = tmp_path / "une.csv"
    path.write_bytes(sheets.as_csv(sheets.whole([sheets.ROWS[0]])))
    run(capsys, path)
    assert Person.objects.get().birth_on is None, "skipped unless told"
    run(capsys, path, maybe="complete")
    assert Person.objects.get().birth_on is not None


def test_a_list_goes_to_a_register_from_the_command_line(belrive, file, capsys):
    from palier.register.models import Enrolment
    from palier.register.seeds import plant_register

    plant_register(belrive)
    status, said = run(
        capsys, file, register="canicule", requested_on=date(2026, 11, 3), acknowledged=True, json=True
    )
    assert status in (0, 3) and json.loads(said)["written"], said
    assert Enrolment.objects.filter(register__code="canicule").exists()
    with pytest.raises(CommandError, match="no register has the code"):
        run(capsys, file, register="nulle-part")
