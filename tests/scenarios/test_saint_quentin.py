"""Saint-Quentin's published year, lived through the operations: the page, the printed figures and plain SQL agree."""

import csv
import io
import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from palier.accounts.models import Membership
from palier.demo import saint_quentin
from palier.demo.management.commands import scenario
from palier.duties.guard import OPENABLE
from palier.journal.models import Entry
from palier.territories import walls
from palier.visits.models import Visit
from tests.web.client import desk_client

# What the town published; and counts in plain SQL that share nothing with palier.reporting.
RECOUNT = {
    "needs:outcome=met_by_neighbour": "select count(*) from needs_need where outcome = 'met_by_neighbour' and opened_at between '2019-12-31 23:00+00' and '2020-12-31 22:59:59.999+00'",
    "needs:kind=shopping:outcome=met_by_neighbour": "select count(*) from needs_need n join territories_helpkind k on k.id = n.kind_id where k.code = 'shopping' and n.outcome = 'met_by_neighbour'",
    "needs:outcome=met_by_association": "select count(*) from journal_entry where code = 'needs.closed' and data->>'outcome' = 'met_by_association'",
    "needs:outcome=met_by_service": "select count(*) from journal_entry where code = 'needs.closed' and data->>'outcome' = 'met_by_service'",
    "needs:outcome=unmet": "select count(*) from journal_entry where code = 'needs.closed' and data->>'outcome' = 'unmet'",
    "calls:": "select count(*) from calls_call where direction = 'inbound'",
    "calls:result=nothing": "select count(*) from journal_entry where code = 'calls.logged' and data->>'next' = 'nothing'",
    "calls:result=need": "select count(*) from journal_entry where code = 'calls.logged' and data->>'next' = 'need'",
    "volunteers:what=welcomed": "select count(*) from volunteers_volunteer where state in ('active', 'trial', 'resting')",
    "volunteers:what=applied": "select count(*) from volunteers_application",
    "volunteers:what=active": "select count(distinct volunteer_id) from visits_visit where state = 'done'",
    "people:at=end": "select count(*) from people_person where state = 'active'",
    "needs:step=nobody": "select count(distinct subject_id) from journal_entry where code = 'needs.moved' and data->>'state' = 'nobody'",
}  # fmt: skip


@pytest.mark.timeout(900)
@pytest.mark.django_db(transaction=True)
def test_the_published_year_comes_out_and_page_printed_figures_and_sql_agree():
    outcome = saint_quentin.replay(code="saint-quentin-test", seed=7)
    assert outcome.holds, [check for check in outcome.checks if not check.holds]
    territory = outcome.territory
    told = scenario.as_json(outcome, 1.0)
    assert json.loads(json.dumps(told))["figures"]["needs:outcome=met_by_neighbour"] == 236
    with walls.inside(territory.pk):
        with connection.cursor() as cursor:
            for key, sql in RECOUNT.items():
                cursor.execute(sql)
                assert cursor.fetchone()[0] == told["figures"][key], key
            for thing in OPENABLE:
                cursor.execute(
                    f"select count(*) from {thing.table} t where ({thing.predicate_of('t')}) and not exists ("
                    "select 1 from duties_duty d where d.subject_kind = %s and d.subject_id = t.id and d.settled_at is null"
                    " and (d.owner_id is not null or d.team_id is not null))",
                    [thing.kind],
                )
                assert cursor.fetchone()[0] == 0, f"a {thing.kind} is open and nobody owns it"
        # Faults were part of the year: silence, refusals, second thoughts, visits that nobody proved.
        codes = set(Entry.objects.values_list("code", flat=True).distinct())
        assert {
            "matching.offer_declined",
            "matching.wave_passed",
            "visits.withdrawn",
            "visits.unproved",
            "visits.reminded",
        } <= codes
        assert set(Visit.objects.filter(state="done").values_list("proof", flat=True)) == {"page", "call"}
        referent = Membership.objects.select_related("user").get(role="coordinator")
        client = desk_client(referent)
    page = client.get("/chiffres/", {"du": "2020-01-01", "au": "2020-12-31"}).content.decode()
    assert "236" in page and ("705\u00a0appels" in page or "705 appels" in page)
    sheet = client.post(
        "/chiffres/export/", {"du": "2020-01-01", "au": "2020-12-31", "reason": "Comparer", "exact": "on"}
    ).content.decode("utf-8-sig")
    shown = {
        line[3]: line[1]
        for line in csv.reader(io.StringIO(sheet), delimiter=";")
        if len(line) == 4 and line[3]
    }
    keys = {
        figure.key
        for table in outcome.figures.tables
        for figure in table
        if figure.unit == "count" and figure.key
    }
    assert {key: shown[key] for key in keys} == {key: str(told["figures"][key]) for key in keys}


def an_outcome(holds: bool) -> saint_quentin.Outcome:
    from datetime import date

    from palier.reporting.figures import Figures, Grid
    from palier.territories.models import Territory

    figures = Figures(date(2020, 1, 1), date(2021, 1, 1), (), Grid("g", "G", (), ()))
    return saint_quentin.Outcome(
        Territory(code="x"), figures, [saint_quentin.Check("needs met", "236", 235, holds)], 0, {}
    )


@pytest.mark.parametrize("holds", [True, False])
def test_the_command_prints_json_alone_and_ends_with_one_when_a_figure_is_off(monkeypatch, holds):
    monkeypatch.setattr(saint_quentin, "replay", lambda **_: an_outcome(holds))
    out = StringIO()
    if holds:
        call_command("scenario", "saint-quentin", "--json", stdout=out)
    else:
        with pytest.raises(SystemExit) as ended:
            call_command("scenario", "saint-quentin", "--json", stdout=out)
        assert ended.value.code == 1
    assert json.loads(out.getvalue())["holds"] is holds


def test_the_plan_adds_up():
    parts = (
        saint_quentin.CALLS_FOR_NOTHING,
        saint_quentin.CALLS_FOR_A_NEED,
        saint_quentin.CALLS_BACK,
        saint_quentin.CALLS_OF_CONCERN,
    )
    assert sum(parts) == saint_quentin.CALLS > saint_quentin.CALLS_MORE_THAN
    assert sum((saint_quentin.MET_BY_KIND | saint_quentin.SMALL_HELP).values()) == saint_quentin.MET
