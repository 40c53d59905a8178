"""The figures: what they count, that their lists hold the same, and what is kept back when they leave the house."""

from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from palier.calls import operations as calls
from palier.duties.models import Duty
from palier.journal.models import Entry
from palier.kernel import clock
from palier.matching.jobs import widen_due
from palier.needs.operations import close_need
from palier.people.operations import change_person, create_person
from palier.reporting import queries
from palier.reporting.conditions import UnknownKey, condition_of
from palier.reporting.figures import SMALLEST, Figure, Figures, Grid, Table
from palier.territories import walls
from palier.visits.operations import prove
from palier.volunteers import operations as volunteers
from tests import factories, flow

pytestmark = pytest.mark.django_db

YEAR = (date(2026, 1, 1), date(2027, 1, 1))


@pytest.fixture
def odette(belrive):
    return factories.person(belrive)


@pytest.fixture
def michel(belrive):
    return factories.volunteer(belrive)


def counted(town) -> Figures:
    return queries.figures(town.pk, *YEAR)


def log(actor, next="nothing", reasons=("talk",), **more):
    call = calls.start_by_hand(actor=actor)
    with clock.at(flow.later(seconds=30)):
        return calls.log_call(call.pk, who="self", reasons=reasons, next=next, actor=actor, **more)


def test_each_call_has_exactly_one_result_and_they_add_up(belrive, bruno, odette):
    for minute, (next, more) in enumerate(
        (
            ("nothing", {}),
            ("nothing", {}),
            ("call_back", {"call_back_at": flow.later(days=1)}),
            ("concern", {"concern": {"facts": "Volets fermés"}}),
        )
    ):
        with clock.at(flow.later(minutes=minute)):
            log(bruno, next, person_id=odette.pk, **more)
    with clock.at(flow.later(minutes=10)):
        calls.hang_up(
            calls.ring(provider="p", call_key="1", number_raw="0261914720", actor=bruno).pk, actor=bruno
        )
    table = counted(belrive).table("calls.result")
    found = {figure.key.removeprefix("calls:result="): figure.number for figure in table}
    assert table.total.number == 5 == sum(found.values())
    assert (found["nothing"], found["call_back"], found["concern"], found["missed"]) == (2, 1, 1, 1)
    assert counted(belrive).of("calls:result=nothing").share == 40.0


def test_danger_counts_as_danger_whatever_was_noted_next(belrive, bruno, odette):
    call = calls.start_by_hand(actor=bruno)
    calls.declare_danger(call.pk, actor=bruno)
    calls.log_call(call.pk, who="self", person_id=odette.pk, next="nothing", actor=bruno)
    figures = counted(belrive)
    assert figures.of("calls:result=danger").number == 1
    assert figures.of("calls:result=nothing").number == 0


def test_a_call_for_two_reasons_counts_under_both(belrive, bruno):
    log(bruno, reasons=("talk", "information"))
    figures = counted(belrive)
    assert figures.of("calls:reason=talk").number == figures.of("calls:reason=information").number == 1
    assert figures.table("calls.reason").total.number == 1


def test_a_need_met_by_a_neighbour_is_counted_with_its_times_and_who_was_asked(
    belrive, odette, michel, bruno
):
    need = flow.need_for(odette, bruno)
    with clock.at(flow.later(hours=1)):
        flow.ask(need, [michel], bruno)
    with clock.at(flow.later(hours=2)):
        flow.answer(need, michel)
    with clock.at(flow.saturday(10, 20)):
        visit = need.visits.get()
        prove(visit.pk, how="page", actor=flow.neighbour(michel))
        close_need(need.pk, outcome="met_by_neighbour", actor=bruno)
    figures = counted(belrive)
    assert figures.of("needs:outcome=met_by_neighbour").number == 1
    assert figures.of("needs:kind=shopping").number == 1
    times = {figure.label: figure.number for figure in figures.table("needs.time")}
    assert sorted(times.values()) == [2.0, 2.0, 48.0, 48.0]
    assert figures.table("needs.asking").figures[1].number == 1.0
    assert figures.of("volunteers:what=active").number == 1


def test_a_need_nobody_could_do_is_a_figure_even_when_a_partner_did_it(belrive, odette, michel, bruno):
    need = flow.need_for(odette, bruno)
    flow.ask(need, [michel], bruno)
    with clock.at(flow.later(hours=2)):
        widen_due(belrive.pk)
        close_need(need.pk, outcome="met_by_association", actor=bruno)
    figures = counted(belrive)
    assert figures.of("needs:step=nobody").number == 1
    assert figures.of("needs:outcome=met_by_association").number == 1


def test_days_are_those_of_the_town_and_the_last_one_is_not_included(belrive, bruno):
    with clock.at(factories.local(2026, 3, 31, 23, 59)):
        log(bruno)
    with clock.at(factories.local(2026, 4, 1, 0, 30)):
        log(bruno, reasons=("information",))
    march = queries.figures(belrive.pk, date(2026, 3, 1), date(2026, 4, 1))
    april = queries.figures(belrive.pk, date(2026, 4, 1), date(2026, 5, 1))
    assert (march.of("calls:").number, april.of("calls:").number) == (1, 1)


def test_the_file_is_counted_at_both_ends_and_who_left_is_not_in_it(belrive, bruno):
    with clock.at(factories.local(2025, 12, 1)):
        first = create_person(first_name="Anne", last_name="Un", actor=bruno)
        create_person(first_name="Anne", last_name="Deux", actor=bruno)
    with clock.at(factories.local(2026, 5, 1)):
        create_person(first_name="Anne", last_name="Trois", actor=bruno)
        change_person(first.pk, state="moved", actor=bruno)
    figures = counted(belrive)
    assert figures.of("people:at=start").number == 2
    assert figures.of("people:at=end").number == 2
    with clock.at(factories.local(2026, 6, 1)):
        change_person(first.pk, state="active", actor=bruno)
    assert counted(belrive).of("people:at=end").number == 3


def test_neighbours_are_counted_when_they_apply_and_when_they_are_welcomed(belrive, bruno, alba):
    someone = volunteers.apply(
        first_name="Zoé", last_name="Neuve", phone="0639981234", kinds=["shopping"], actor=bruno
    )
    for check in ("interview", "identity", "charter"):
        volunteers.note_check(someone.pk, check=check, on=clock.today(), actor=bruno)
    volunteers.apply(first_name="Léo", last_name="Neuf", phone="0639981235", actor=bruno)
    volunteers.welcome(someone.pk, actor=bruno)
    volunteers.end(someone.pk, actor=alba)
    figures = counted(belrive)
    assert [figures.of(f"volunteers:what={what}").number for what in ("applied", "welcomed", "ended")] == [
        2,
        1,
        1,
    ]


def test_every_figure_opens_a_list_of_exactly_so_many_things(belrive, odette, michel, bruno):
    """The number and the list share their condition; here they are counted apart."""
    test_each_call_has_exactly_one_result_and_they_add_up(belrive, bruno, odette)
    with clock.at(flow.later(hours=3)):
        flow.agreed_visit(odette, michel, bruno)
    for figure in counted(belrive).all():
        if figure.key and figure.unit == "count":
            rows, more = queries.listed(belrive.pk, *YEAR, figure.key)
            assert not more
            assert len(rows) == figure.number == queries.count(belrive.pk, *YEAR, figure.key), figure.key


def test_a_list_comes_in_pages(belrive, bruno):
    for minute in range(5):
        with clock.at(flow.later(minutes=minute)):
            log(bruno)
    first, more = queries.listed(belrive.pk, *YEAR, "calls:", page=1, size=3)
    second, last = queries.listed(belrive.pk, *YEAR, "calls:", page=2, size=3)
    assert (len(first), more, len(second), last) == (3, True, 2, False)
    assert not {row.pk for row in first} & {row.pk for row in second}


@pytest.mark.parametrize(
    "key",
    [
        "",
        "calls:result=all' or 1=1 --",
        "needs:outcome=",
        "volunteers:what=x",
        "open:what=auth.user",
        "people:",
        "calls:id=3",
    ],
)
def test_a_key_that_no_figure_has_is_refused(key):
    with pytest.raises(UnknownKey):
        condition_of(key)


def test_a_code_in_a_key_is_a_value_and_never_sql(belrive):
    for key in ("calls:reason=x' or '1'='1", "needs:kind=%(start)s", "calls:reason=%s"):
        assert queries.listed(belrive.pk, *YEAR, key) == ([], False)


def test_open_things_say_who_answers_and_that_nothing_is_without_a_duty(belrive, odette, bruno):
    flow.need_for(odette, bruno, owner_id=bruno.membership_id)
    with clock.at(flow.later(minutes=5)):
        flow.need_for(odette, bruno, kind="visit")
    things = {thing.kind: thing for thing in queries.open_things(belrive.pk)}
    assert (
        things["needs.need"].number,
        things["needs.need"].without_name,
        things["needs.need"].without_duty,
    ) == (2, 1, 0)
    # The database refuses this at commit; the count sees it before.
    with transaction.atomic():
        Duty.objects.filter(subject_kind="needs.need").delete()
        assert {thing.kind: thing.without_duty for thing in queries.open_things(belrive.pk)}[
            "needs.need"
        ] == 2
        transaction.set_rollback(True)


def test_nothing_of_another_territory_is_counted(belrive, bruno, carla):
    log(bruno)
    walls.enter(carla.territory_id)
    figures = queries.figures(carla.territory_id, *YEAR)
    assert figures.of("calls:").number == 0
    # Behind this wall, not even by the other's number.
    assert queries.listed(belrive.pk, *YEAR, "calls:") == ([], False)
    walls.enter(belrive.pk)


def test_the_figures_cost_the_same_few_statements_with_a_long_journal(belrive, bruno, odette):
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            counted(belrive)
        return len(captured)

    log(bruno)
    before = statements()
    Entry.objects.bulk_create(
        Entry(
            territory_id=belrive.pk, code="needs.moved", at=clock.now() - timedelta(minutes=n), actor_kind="job", actor_name="x",
            subject_kind="needs.need", subject_id=n, person_id=odette.pk,
        )
        for n in range(300)
    )  # fmt: skip
    assert statements() == before <= 8


# --- what leaves the house


def table_of(*numbers: int, adds_up: bool = True) -> Figures:
    figures = tuple(Figure(f"k:{n}", f"f{n}", number, share=10.0) for n, number in enumerate(numbers))
    table = Table("t", "T", figures, Figure("k:", "total", sum(numbers)), adds_up=adds_up)
    return Figures(*YEAR, (table,), Grid("g", "G", (), ()))


def test_a_number_of_one_to_four_is_kept_back_in_what_is_published():
    shown = table_of(0, 1, 4, 5, 90).guarded().table("t")
    assert [figure.hidden for figure in shown] == ["", "few", "few", "", ""]
    assert SMALLEST == 5


def test_a_single_small_number_is_not_betrayed_by_the_total():
    shown = table_of(3, 20, 50).guarded().table("t")
    assert [figure.hidden for figure in shown] == ["few", "other", ""]
    assert table_of(3, 20, 50, adds_up=False).guarded().table("t").figures[1].hidden == ""


def test_kept_back_numbers_are_in_no_json_nor_their_shares():
    told = table_of(3, 20, 50).guarded().as_json()
    assert told["figures"]["k:0"] is None and "k:0" not in told["shares"]
    assert told["figures"]["k:2"] == 50
    assert table_of(3, 20, 50).as_json()["figures"]["k:0"] == 3
