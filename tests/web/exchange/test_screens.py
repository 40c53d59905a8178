"""A list comes in on the screens, and a list goes out."""

import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from palier.exchange.models import Import
from palier.exchange.reading import apart
from palier.journal.models import Access, Entry
from palier.people.models import Contact, Person
from palier.territories import walls
from tests import factories
from tests.exchange import sheets
from tests.web.client import desk_client

pytestmark = pytest.mark.django_db


@pytest.fixture
def client_of_alba(belrive, alba):
    return desk_client(alba)


def text(response):
    return response.content.decode().replace("\u00a0", " ")


def upload(client, content=None, name="liste.xlsx"):
    file = SimpleUploadedFile(name, content if content is not None else sheets.as_xlsx(sheets.whole()))
    return client.post("/personnes/importer/", {"file": file})


def columns_form(made, **changes):
    told = {f"column_{place}": column["field"] for place, column in enumerate(made.columns)}
    return told | {"city": "Belrive", "postcode": "45990"} | changes


def ready(client, content=None, **changes):
    assert upload(client, content).status_code == 302
    made = Import.objects.latest("pk")
    answer = client.post(f"/personnes/importer/{made.pk}/colonnes/", columns_form(made, **changes))
    assert answer.status_code == 302, text(answer)
    made.refresh_from_db()
    return made


def test_the_first_morning_an_empty_town_is_told_to_bring_its_spreadsheet(client_of_alba, bruno):
    page = text(client_of_alba.get("/personnes/"))
    assert "Importer votre tableur" in page and "/personnes/importer/" in page
    assert "Importer votre tableur" not in text(desk_client(bruno).get("/personnes/"))


def test_from_the_file_to_the_people_and_back(client_of_alba, django_capture_on_commit_callbacks):
    answer = upload(client_of_alba)
    made = Import.objects.get()
    assert answer["Location"] == f"/personnes/importer/{made.pk}/colonnes/"
    page = text(client_of_alba.get(answer["Location"]))
    assert "NOM Prénom" in page and "MARCHAND Odette" in page and "Nom et prénom ensemble" in page
    made = ready(client_of_alba)
    page = text(client_of_alba.get(f"/personnes/importer/{made.pk}/"))
    assert "5 personnes seront importées" in page.replace("<strong>", "").replace("</strong>", "")
    assert "31/02/1940" in page and "total ou note au bas du tableau" in page
    assert not Person.objects.exists(), "nothing before the click"
    assert client_of_alba.post(f"/personnes/importer/{made.pk}/appliquer/").status_code == 302
    page = text(client_of_alba.get(f"/personnes/importer/{made.pk}/"))
    assert "Import en cours" in page
    work("exchange.apply")
    page = text(client_of_alba.get(f"/personnes/importer/{made.pk}/"))
    assert "Les fiches sont là." in page and Person.objects.count() == 5
    assert "Le Goff Yves" in text(client_of_alba.get("/personnes/"))
    client_of_alba.post(f"/personnes/importer/{made.pk}/reprendre/")
    work("exchange.take_back")
    page = text(client_of_alba.get(f"/personnes/importer/{made.pk}/"))
    assert "L’import est repris." in page and not Person.objects.exists()


def work(name):
    """What the worker would do: run the queued job of that name with the arguments it was given."""
    from django.db import connection

    from palier.exchange import jobs

    with connection.cursor() as cursor:
        cursor.execute(
            "select args from procrastinate_jobs where task_name = %s order by id desc limit 1", [name]
        )
        args = cursor.fetchone()[0]
    args = args if isinstance(args, dict) else json.loads(args)
    {"exchange.apply": jobs.apply, "exchange.take_back": jobs.take_back, "exchange.check": jobs.check}[name](
        **args
    )


def test_the_progress_asks_by_itself_and_then_the_page_comes_anew(client_of_alba):
    made = ready(client_of_alba)
    client_of_alba.post(f"/personnes/importer/{made.pk}/appliquer/")
    part = client_of_alba.get(
        f"/personnes/importer/{made.pk}/", headers={"HX-Request": "true", "HX-Target": "avance"}
    )
    assert "<progress" in text(part) and "<html" not in text(part)
    work("exchange.apply")
    part = client_of_alba.get(
        f"/personnes/importer/{made.pk}/", headers={"HX-Request": "true", "HX-Target": "avance"}
    )
    assert part["HX-Refresh"] == "true"


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "vide.xlsx", "vide"),
        (b"%PDF-1.7 blah", "liste.pdf", "C’est un PDF"),
        (b"PK\x03\x04 broken", "liste.xlsx", "abîmé"),
        (sheets.as_xlsx([["Nom", "Prénom"]]), "liste.xlsx", "personne en dessous"),
    ],
)
def test_what_cannot_be_read_is_said_at_the_field(client_of_alba, content, name, said):
    answer = upload(client_of_alba, content, name)
    assert answer.status_code == 422 and said in text(answer)
    assert not Import.objects.exists()


def test_a_column_that_was_corrected_is_taken_as_said(client_of_alba):
    made = ready(client_of_alba, column_8="", column_9="")
    client_of_alba.post(f"/personnes/importer/{made.pk}/appliquer/")
    work("exchange.apply")
    assert Person.objects.count() == 5 and not Contact.objects.exists()


def test_two_columns_for_one_thing_are_refused_and_nothing_typed_is_lost(client_of_alba):
    upload(client_of_alba)
    made = Import.objects.get()
    answer = client_of_alba.post(
        f"/personnes/importer/{made.pk}/colonnes/", columns_form(made, column_3="city", city="Valmont")
    )
    assert (
        answer.status_code == 422
        and "Deux colonnes disent" in text(answer)
        and 'value="Valmont"' in text(answer)
    )


def test_the_lines_to_correct_come_back_as_the_file_with_the_reason(client_of_alba):
    made = ready(client_of_alba)
    answer = client_of_alba.get(f"/personnes/importer/{made.pk}/a-corriger/")
    assert "a-corriger-liste.xlsx" in answer["Content-Disposition"]
    table = apart.read(answer.content)
    assert table.rows[0] == [*sheets.HEAD, "À corriger"]
    assert table.rows[1][1] == "FERRAND Lucette" and "31/02/1940" in table.rows[1][-1]
    assert len(table.rows) == 2


def test_GDP_10_bringing_reading_and_taking_out_leave_a_line(client_of_alba, alba):
    made = ready(client_of_alba)
    client_of_alba.get(f"/personnes/importer/{made.pk}/")
    client_of_alba.get(f"/personnes/importer/{made.pk}/a-corriger/")
    told = list(
        Access.objects.order_by("pk").values_list("operation", "object_kind", "object_id", "membership_id")
    )
    assert ("read", "exchange.import", made.pk, alba.membership_id) in told
    assert ("export", "exchange.import", made.pk, alba.membership_id) in told


def test_who_waits_for_a_decision_gets_it_on_the_page(client_of_alba, belrive):
    factories.person(belrive, birth_on=None, street="", phone=None)
    made = ready(client_of_alba, sheets.as_xlsx(sheets.whole([sheets.ROWS[0]])))
    page = text(client_of_alba.get(f"/personnes/importer/{made.pk}/?quoi=maybe"))
    assert "probablement la même personne que Odette Marchand : même nom" in page
    line = made.lines.get()
    client_of_alba.post(f"/personnes/importer/ligne/{line.pk}/", {"decision": "complete"})
    line.refresh_from_db()
    assert line.decision == "complete"
    client_of_alba.post(f"/personnes/importer/{made.pk}/decider/", {"decision": "skip"})
    line.refresh_from_db()
    assert line.decision == "skip"


def test_QA_09_a_file_of_another_territory_does_not_exist(client_of_alba, carla):
    made = ready(client_of_alba)
    with walls.inside(carla.territory_id):
        client = desk_client(carla)
    for path in ("", "colonnes/", "a-corriger/"):
        assert client.get(f"/personnes/importer/{made.pk}/{path}").status_code == 404
    for path in ("appliquer/", "reprendre/", "abandonner/", "decider/", "feuille/"):
        assert client.post(f"/personnes/importer/{made.pk}/{path}").status_code == 404
    assert client.post(f"/personnes/importer/ligne/{made.lines.first().pk}/").status_code == 404


# --- out


EXPORT = {"reason": "Repas des aînés", "columns": ["last_name", "first_name", "phones", "contact_name", "contact_phone"], "q": "", "state": ""}  # fmt: skip


@pytest.mark.parametrize("format", ["xlsx", "ods", "csv"])
def test_a_list_goes_out_with_a_reason_that_is_noted(client_of_alba, belrive, alba, format):
    odette = factories.person(belrive)
    Contact.objects.create(territory=belrive, person=odette, name="Le neveu", relation="relative", do_not_contact=True, order=1)  # fmt: skip
    answer = client_of_alba.post("/personnes/sortir/", EXPORT | {"format": format})
    assert answer.status_code == 200, text(answer)
    table = apart.read(answer.content)
    assert table.rows[0] == [
        "Nom",
        "Prénom",
        "Téléphone",
        "Personne à prévenir",
        "Téléphone de la personne à prévenir",
    ]
    assert table.rows[1][:3] == ["Marchand", "Odette", "02 61 91 47 20"]
    assert "neveu" not in str(table.rows) and "+33639980001" not in str(table.rows), "not to be contacted"
    entry = Entry.objects.get(code="exchange.people_exported")
    assert entry.data["rows"] == 1 and entry.personal["reason"] == "Repas des aînés"
    access = Access.objects.get(operation="export")
    assert access.membership_id == alba.membership_id and access.reason.startswith("1 · ")


def test_the_json_is_what_one_may_see(client_of_alba, belrive):
    factories.person(belrive)
    told = json.loads(client_of_alba.post("/personnes/sortir/", EXPORT | {"format": "json"}).content)
    assert told["people"][0]["last_name"] == "Marchand"


def test_SEC_no_cell_of_a_list_is_ever_a_formula(client_of_alba, belrive):
    factories.person(belrive, "=cmd|' /C calc'!A0", "@SUM(1+1)", phone=None)
    for format in ("xlsx", "ods", "csv"):
        content = client_of_alba.post("/personnes/sortir/", EXPORT | {"format": format}).content
        cells = [cell for row in apart.read(content).rows[1:] for cell in row if cell]
        assert cells and all(cell.startswith("'") for cell in cells), format
        if format == "xlsx":
            import zipfile

            assert b"<f>" not in zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml")


def test_REG_15_a_file_kept_apart_goes_out_with_nobody_who_does_not_see_it(client_of_alba, belrive):
    factories.person(belrive)
    factories.person(belrive, "Yvonne", "Secrète", is_followed=False)
    told = json.loads(client_of_alba.post("/personnes/sortir/", EXPORT | {"format": "json"}).content)
    assert [one["last_name"] for one in told["people"]] == ["Marchand"]


def test_without_a_reason_nothing_goes_out(client_of_alba, belrive):
    factories.person(belrive)
    answer = client_of_alba.post("/personnes/sortir/", EXPORT | {"format": "csv", "reason": " "})
    assert answer.status_code == 422 and "Dites pourquoi" in text(answer)
    assert not Access.objects.filter(operation="export").exists()


def test_SEC_11_who_takes_lists_out_all_day_is_asked_to_wait(client_of_alba, belrive, monkeypatch):
    from palier.exchange.operations import exporting

    monkeypatch.setattr(exporting, "MOST_AN_HOUR", 2)
    factories.person(belrive)
    codes = [
        client_of_alba.post("/personnes/sortir/", EXPORT | {"format": "csv"}).status_code for _ in range(3)
    ]
    assert codes == [200, 200, 422]


def test_the_search_of_the_list_is_kept(client_of_alba, belrive):
    factories.person(belrive)
    factories.person(belrive, "Georges", "Pinel", phone=None, street="3 quai Neuf")
    told = json.loads(
        client_of_alba.post("/personnes/sortir/", EXPORT | {"format": "json", "q": "pinel"}).content
    )
    assert [one["last_name"] for one in told["people"]] == ["Pinel"]
