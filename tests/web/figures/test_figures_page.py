"""The page of the figures, the lists behind them, and the file that leaves the house."""

import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from palier.calls import operations as calls
from palier.calls.models import CallReason
from palier.journal.models import Access
from palier.kernel import clock
from palier.web.figures.views import as_csv
from tests import factories, flow
from tests.web.client import desk_client

pytestmark = pytest.mark.django_db

SPAN = {"du": "2026-01-01", "au": "2026-12-31"}


@pytest.fixture
def odette(belrive):
    return factories.person(belrive)


def log(actor, person=None, *, minute=0, reasons=("talk",), **more):
    with clock.at(flow.later(minutes=minute)):
        call = calls.start_by_hand(actor=actor)
        return calls.log_call(
            call.pk,
            who="self",
            person_id=person.pk if person else None,
            reasons=reasons,
            next="nothing",
            actor=actor,
            **more,
        )


def test_the_page_says_a_sentence_first_then_the_tables(belrive, bruno, odette):
    for minute in range(6):
        log(bruno, odette, minute=minute)
    page = desk_client(bruno).get("/chiffres/").content.decode()
    assert "6 appels reçus, dont 6 sans rien demander" in page.replace("\u00a0", " ").replace("\u202f", " ")
    assert 'aria-current="page"' in page


def test_without_any_call_the_page_says_so(belrive, bruno):
    page = desk_client(bruno).get("/chiffres/").content.decode()
    assert "Aucun appel reçu pendant cette période." in page


def test_dates_the_wrong_way_round_keep_what_was_typed_and_say_what_to_do(belrive, bruno):
    answer = desk_client(bruno).get("/chiffres/", {"du": "2026-05-02", "au": "2026-05-01"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "La fin doit venir après le début." in page and 'value="2026-05-02"' in page


@pytest.mark.parametrize(
    "dates", [{"du": "x", "au": "2026-01-01"}, {"du": "0001-01-01", "au": "2026-01-01"}, {"du": "2026-01-01"}]
)
def test_impossible_dates_are_refused_without_breaking(belrive, bruno, dates):
    assert desk_client(bruno).get("/chiffres/", dates).status_code == 422


def test_a_figure_opens_the_list_of_what_it_counted_and_the_look_is_logged_gdp_10(belrive, bruno, odette):
    call = log(bruno, odette, words="« Je n’ai plus rien »")
    answer = desk_client(bruno).get("/chiffres/liste/", SPAN | {"chiffre": "calls:result=nothing"})
    page = answer.content.decode()
    assert "Odette Marchand" in page and f"/telephone/{call.pk}/" in page
    access = Access.objects.get(object_kind="reporting.list")
    assert (access.operation, access.reason, access.membership_id) == (
        "read",
        "calls:result=nothing",
        bruno.membership_id,
    )


def test_a_list_of_no_figure_is_not_found(belrive, bruno):
    client = desk_client(bruno)
    assert client.get("/chiffres/liste/", SPAN | {"chiffre": "calls:x=1"}).status_code == 404
    assert client.get("/chiffres/liste/", SPAN | {"chiffre": "auth.user"}).status_code == 404
    assert client.get("/chiffres/liste/", {"chiffre": "calls:"} | {"du": "z", "au": "y"}).status_code == 404


def test_the_desk_sees_exact_numbers_and_the_published_page_keeps_small_ones_back(belrive, bruno, odette):
    for minute in range(3):
        log(bruno, odette, minute=minute)
    client = desk_client(bruno)
    exact = client.get("/chiffres/", SPAN).content.decode()
    published = client.get("/chiffres/", SPAN | {"publier": "1"}).content.decode()
    assert "moins de 5" not in exact
    assert "moins de 5" in published and "/chiffres/liste/" not in published


def test_an_export_needs_a_reason_which_is_kept_gdp_10(belrive, bruno, odette):
    log(bruno, odette)
    client = desk_client(bruno)
    refused = client.post("/chiffres/export/", SPAN)
    assert refused.status_code == 422 and "Écrivez pourquoi" in refused.content.decode()
    assert not Access.objects.filter(operation="export").exists()
    answer = client.post("/chiffres/export/", SPAN | {"reason": "Bilan pour les financeurs"})
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/csv")
    assert "attachment" in answer["Content-Disposition"]
    assert Access.objects.get(operation="export").reason == "Bilan pour les financeurs"


def test_the_export_keeps_small_numbers_back_unless_it_stays_inside(belrive, bruno, odette):
    log(bruno, odette)
    client = desk_client(bruno)
    out = client.post("/chiffres/export/", SPAN | {"reason": "Bilan"}).content.decode("utf-8-sig")
    inside = client.post("/chiffres/export/", SPAN | {"reason": "Bilan", "exact": "on"}).content.decode(
        "utf-8-sig"
    )
    assert "moins de 5" in out and "moins de 5" not in inside
    lines = list(csv.reader(io.StringIO(inside), delimiter=";"))
    assert ["Appels reçus", "1", "", "calls:"] in lines


def test_no_cell_of_the_export_is_a_formula_sec_16(belrive, bruno, odette):
    CallReason.objects.create(territory=belrive, code="evil", name='=HYPERLINK("http://x")', order=9)
    log(bruno, odette, reasons=("evil",))
    from datetime import date

    from palier.reporting.queries import figures

    written = as_csv(figures(belrive.pk, date(2026, 1, 1), date(2027, 1, 1)))
    cells = [
        cell for line in csv.reader(io.StringIO(written.lstrip("\ufeff")), delimiter=";") for cell in line
    ]
    assert '\'=HYPERLINK("http://x")' in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_an_outsider_sees_no_figures_and_a_get_takes_nothing_out(belrive, bruno):
    for role in ("administrator", "operator", "partner", "caller"):
        stranger = factories.member(belrive, "Otto", "Dehors", role)
        client = desk_client(stranger)
        assert client.get("/chiffres/").status_code == 403
        assert client.get("/chiffres/liste/", SPAN | {"chiffre": "calls:"}).status_code == 403
        assert client.post("/chiffres/export/", SPAN | {"reason": "x"}).status_code == 403
    assert desk_client(bruno).get("/chiffres/export/").status_code == 405


def test_the_page_costs_as_many_queries_for_two_calls_as_for_twenty(belrive, bruno, odette):
    client = desk_client(bruno)

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get("/chiffres/", SPAN)
            client.get("/chiffres/liste/", SPAN | {"chiffre": "calls:"})
        return len(captured)

    for minute in range(2):
        log(bruno, odette, minute=minute)
    cost()
    two = cost()
    for minute in range(2, 20):
        log(bruno, odette, minute=minute)
    assert cost() == two
