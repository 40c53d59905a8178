"""A visit from the yes to its end: what it owes, what it proves, what it says to whom."""

from datetime import timedelta

import pytest

from palier.accounts.actor import Actor
from palier.calls.models import PlannedCall
from palier.calls.operations.planned import keep_planned_call
from palier.concerns.models import Concern
from palier.duties.models import Duty
from palier.journal.models import Entry
from palier.kernel import clock
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.matching import links
from palier.matching.models import Offer, Wave
from palier.messaging.models import Message
from palier.visits import jobs, operations, queries
from palier.visits.models import Visit
from tests import factories, flow

pytestmark = pytest.mark.django_db


@pytest.fixture
def odette(belrive):
    return factories.person(
        belrive,
        access="2e étage à gauche",
        talk_note="Parlez lentement.",
        home_note="Un chat.",
        birth_name="Secret",
    )


@pytest.fixture
def michel(belrive):
    return factories.volunteer(belrive)


@pytest.fixture
def fatou(belrive):
    return factories.volunteer(belrive, "Fatou", "Ndiaye", gender="woman", x=620_300.0)


@pytest.fixture
def visit(odette, michel, bruno):
    return flow.agreed_visit(odette, michel, bruno)


def duties(thing) -> set[str]:
    return set(Duty.objects.open().of(thing._meta.label_lower, thing.pk).values_list("kind", flat=True))


def messages(visit, template: str) -> list[Message]:
    return list(Message.objects.filter(about_kind="visits.visit", about_id=visit.pk, template=template))


def test_a_yes_makes_the_visit_and_moves_every_duty(visit, michel):
    need = visit.need
    need.refresh_from_db()
    assert (visit.state, need.state, need.agreed_at) == ("planned", "agreed", clock.now())
    assert duties(visit) == {"follow_visit"} and duties(need) == {"close_need"}
    assert Wave.objects.get(need=need).outcome == "accepted"
    assert Duty.objects.open().get(kind="follow_visit").due_at == visit.ends_at + timedelta(minutes=30)


def test_the_link_of_the_question_becomes_that_of_the_visit_until_a_day_after(visit, michel):
    link = links.find_link(links.token_of(visit.offer))
    assert link is not None and link.expires_at == visit.ends_at + timedelta(hours=24)


def test_a_yes_by_voice_is_confirmed_by_a_message_with_the_link(odette, michel, bruno):
    need = flow.need_for(odette, bruno)
    flow.ask(need, [michel], bruno, by_voice=True)
    from palier.matching.operations import answer_offer

    answer_offer(flow.offer_to(need, michel).pk, yes=True, how="voice", actor=bruno, noted_by=bruno.name)
    visit = Visit.objects.get(need=need)
    (text,) = messages(visit, "visit_confirmed")
    assert links.token_of(visit.offer) in text.body and "Odette" not in text.body


def test_GDP_13_the_card_holds_exactly_the_agreed_list(visit):
    """GDP-13: first name, address, telephone, what to know, what to do; nothing else of the file."""
    card = queries.mission_card(visit, clock.now())
    assert tuple(card) == queries.CARD_WHILE_AGREED == (
        "kind", "starts_at", "ends_at", "is_flexible", "minutes", "first_name", "name", "street", "access", "city",
        "phones", "talk_note", "home_note", "what", "details",
    )  # fmt: skip
    assert card["name"] == "Odette Marchand" and card["street"] == "12 rue des Tilleuls"
    assert card["phones"] == ["+33261914720"]
    assert "Secret" not in str(card) and "1942" not in str(card)


def test_GDP_13_a_day_after_the_visit_the_address_is_gone(visit):
    """GDP-13: shown until 24 h after the end; at 25 h it is gone."""
    assert "street" in queries.mission_card(visit, visit.ends_at + timedelta(hours=24))
    late = queries.mission_card(visit, visit.ends_at + timedelta(hours=25))
    assert tuple(late) == queries.CARD_ALWAYS == ("kind", "starts_at", "ends_at", "is_flexible", "minutes")


def test_once_taken_back_the_address_is_gone_at_once(visit, michel):
    withdrawn = operations.withdraw(visit.pk, actor=flow.neighbour(michel))
    assert "street" not in queries.mission_card(withdrawn, clock.now())


def test_withdrawing_asks_the_next_neighbours_at_once_and_tells_the_agent(visit, michel, fatou, bruno):
    operations.withdraw(visit.pk, actor=flow.neighbour(michel))
    visit.refresh_from_db()
    need = visit.need
    need.refresh_from_db()
    assert (visit.state, need.state, need.agreed_at) == ("withdrawn", "asking", None)
    assert visit.closed_at is not None and duties(visit) == set()
    second = Wave.objects.get(need=need, number=2)
    assert [offer.volunteer_id for offer in second.offers.all()] == [fatou.pk]
    assert second.confirmed_by_id == bruno.membership_id
    duty = Duty.objects.open().get(subject_kind="needs.need", subject_id=need.pk)
    assert duty.due_at == clock.now() and "retiré" in duty.label
    # Twice is once.
    operations.withdraw(visit.pk, actor=flow.neighbour(michel))
    assert Wave.objects.filter(need=need).count() == 2
    assert flow.answer(need, fatou).state == "accepted"


def test_withdrawing_with_nobody_left_gives_the_need_back(visit, michel):
    operations.withdraw(visit.pk, actor=flow.neighbour(michel))
    visit.need.refresh_from_db()
    assert visit.need.state == "nobody" and duties(visit.need) == {"find_somebody"}


def test_another_neighbour_cannot_withdraw_prove_or_report(visit, fatou):
    stranger = flow.neighbour(fatou)
    for step in (
        lambda: operations.withdraw(visit.pk, actor=stranger),
        lambda: operations.prove(visit.pk, how="page", actor=stranger),
        lambda: operations.neighbour_report(visit.pk, says="well", actor=stranger),
    ):
        with pytest.raises(NotAllowed):
            step()


def test_calling_off_tells_the_neighbour_and_gives_the_need_back(visit, bruno):
    operations.cancel(visit.pk, actor=bruno, reason="Elle est partie chez sa fille")
    visit.refresh_from_db()
    visit.need.refresh_from_db()
    assert (visit.state, visit.need.state) == ("cancelled", "to_propose")
    (text,) = messages(visit, "need_cancelled")
    assert "Ne vous déplacez pas" in text.body
    assert Offer.objects.get(pk=visit.offer_id).state == "cancelled"


def test_a_need_that_closes_calls_its_visit_off(visit, bruno):
    from palier.needs.operations import close_need

    close_need(visit.need_id, outcome="no_longer_needed", actor=bruno)
    visit.refresh_from_db()
    assert visit.state == "cancelled" and messages(visit, "need_cancelled")


def test_the_reminder_goes_the_day_before_at_five_once(visit, belrive):
    eve = factories.local(2026, 11, 13, 17)
    with clock.at(eve - timedelta(minutes=1)):
        assert jobs.remind_due(belrive.pk) == 0
    with clock.at(eve):
        assert jobs.remind_due(belrive.pk) == 1
        assert jobs.remind_due(belrive.pk) == 0
    (text,) = messages(visit, "visit_tomorrow")
    assert text.expires_at == factories.local(2026, 11, 14, 0)


def test_who_says_yes_after_five_the_evening_before_is_not_reminded(odette, michel, bruno, belrive):
    with clock.at(factories.local(2026, 11, 13, 18)):
        visit = flow.agreed_visit(odette, michel, bruno)
        assert jobs.remind_due(belrive.pk) == 0
    assert not messages(visit, "visit_tomorrow")


def test_who_withdrew_is_not_reminded_and_an_unsent_reminder_is_taken_back(visit, michel, belrive):
    with clock.at(factories.local(2026, 11, 13, 17)):
        jobs.remind_due(belrive.pk)
        operations.withdraw(visit.pk, actor=flow.neighbour(michel))
        assert jobs.remind_due(belrive.pk) == 0
    (text,) = messages(visit, "visit_tomorrow")
    assert text.state == "cancelled"


def test_the_first_proof_holds_and_the_second_is_noted(visit, michel, bruno):
    with clock.at(flow.saturday(10)):
        operations.prove(visit.pk, how="page", actor=flow.neighbour(michel))
        operations.prove(visit.pk, how="page", actor=flow.neighbour(michel))
    with clock.at(flow.saturday(11)):
        operations.prove(visit.pk, how="call", actor=bruno)
    visit.refresh_from_db()
    assert (visit.state, visit.proof, visit.proved_at) == ("done", "page", flow.saturday(10))
    assert Entry.objects.filter(code="visits.proved").count() == 1
    assert Entry.objects.filter(code="visits.proved_again").count() == 1
    assert PlannedCall.objects.filter(why="feedback").count() == 1


def test_a_proof_owes_her_a_call_the_next_working_morning_at_ten(visit, michel, bruno):
    with clock.at(flow.saturday(10)):
        operations.prove(visit.pk, how="page", actor=flow.neighbour(michel))
    planned = PlannedCall.objects.get()
    assert (planned.why, planned.person_id, planned.need_id) == ("feedback", visit.person_id, visit.need_id)
    # The visit is on a Saturday; the desk answers on weekdays.
    assert planned.due_at == factories.local(2026, 11, 16, 10)
    assert duties(planned) == {"ask_how_it_went"}
    visit.need.refresh_from_db()
    assert (visit.need.state, visit.need.done_at) == ("to_conclude", flow.saturday(10))


def test_nobody_proves_a_visit_that_has_not_begun_or_was_called_off(visit, michel, bruno):
    with pytest.raises(NotPossibleNow, match="pas encore commencé"):
        operations.prove(visit.pk, how="page", actor=flow.neighbour(michel))
    with pytest.raises(BadInput):
        operations.prove(visit.pk, how="page", came_at=flow.saturday(10), actor=flow.neighbour(michel))
    operations.cancel(visit.pk, actor=bruno)
    with clock.at(flow.saturday(10)), pytest.raises(NotPossibleNow, match="plus prévue"):
        operations.prove(visit.pk, how="page", actor=flow.neighbour(michel))


def test_without_proof_half_an_hour_after_the_window_the_owner_has_to_find_out(visit, belrive):
    with clock.at(flow.saturday(12, 29)):
        assert jobs.miss_due(belrive.pk) == 0
    with clock.at(flow.saturday(12, 30)):
        assert jobs.miss_due(belrive.pk) == 1
        assert jobs.miss_due(belrive.pk) == 0
    assert duties(visit) == {"prove_visit"}
    assert Entry.objects.filter(code="visits.unproved").count() == 1


def test_who_did_not_come_leaves_a_need_to_propose_again_now(visit, bruno, michel):
    with clock.at(flow.saturday(13)):
        operations.not_done(visit.pk, actor=bruno, reason="Malade")
        visit.refresh_from_db()
        visit.need.refresh_from_db()
        assert (visit.state, visit.need.state) == ("not_done", "to_propose")
        assert Duty.objects.open().get(subject_kind="needs.need").due_at == clock.now()
    with pytest.raises(NotAllowed):
        operations.not_done(visit.pk, actor=flow.neighbour(michel))


def test_a_worry_opens_a_concern_at_once_and_the_same_words_twice_are_one(visit, michel):
    with clock.at(flow.saturday(10)):
        operations.prove(visit.pk, how="page", actor=flow.neighbour(michel))
        for _twice in range(2):
            operations.neighbour_report(
                visit.pk, says="worried", note="Le frigo était vide.", actor=flow.neighbour(michel)
            )
    concern = Concern.objects.get()
    assert (concern.facts, concern.source, concern.reported_by) == (
        "Le frigo était vide.",
        "neighbour",
        "Michel Lefort",
    )
    assert duties(concern) == {"look_at_concern"}
    assert Duty.objects.open().get(subject_kind="needs.need").due_at == flow.saturday(10)


def test_a_worry_can_be_told_from_the_door_before_any_proof(visit, michel):
    with clock.at(flow.saturday(10)):
        operations.neighbour_report(
            visit.pk, says="worried", note="Elle ne répond pas.", actor=flow.neighbour(michel)
        )
    visit.refresh_from_db()
    assert visit.state == "planned" and Concern.objects.count() == 1
    # A later touch of the other button does not unsay it.
    with clock.at(flow.saturday(10, 20)):
        operations.neighbour_report(visit.pk, says="well", actor=flow.neighbour(michel))
    visit.refresh_from_db()
    assert visit.neighbour_says == "worried"


def test_both_content_closes_the_thread_by_itself(visit, michel, bruno):
    with clock.at(flow.saturday(10)):
        operations.prove(visit.pk, how="page", actor=flow.neighbour(michel))
        operations.neighbour_report(visit.pk, says="well", actor=flow.neighbour(michel))
    with clock.at(factories.local(2026, 11, 16, 10, 5)):
        keep_planned_call(PlannedCall.objects.get().pk, outcome="reached", feedback="well", actor=bruno)
    visit.refresh_from_db()
    visit.need.refresh_from_db()
    assert (visit.person_says, visit.need.outcome) == ("well", "met_by_neighbour")
    assert not Duty.objects.open().exists()


def test_she_is_content_and_he_silent_closes_after_two_days(visit, michel, bruno, belrive):
    with clock.at(flow.saturday(10)):
        operations.prove(visit.pk, how="telecare", actor=Actor.job("telecare", belrive.pk))
    with clock.at(factories.local(2026, 11, 16, 9)):
        keep_planned_call(PlannedCall.objects.get().pk, outcome="reached", feedback="so_so", actor=bruno)
        assert jobs.ask_after(belrive.pk) == 0
    visit.need.refresh_from_db()
    assert visit.need.state == "to_conclude"
    with clock.at(factories.local(2026, 11, 16, 10)):
        assert jobs.ask_after(belrive.pk) == 1
    visit.need.refresh_from_db()
    assert visit.need.outcome == "met_by_neighbour"


def test_she_says_nobody_came_against_his_proof(visit, michel, bruno):
    with clock.at(flow.saturday(10)):
        operations.prove(visit.pk, how="page", actor=flow.neighbour(michel))
        operations.neighbour_report(visit.pk, says="well", actor=flow.neighbour(michel))
    with clock.at(factories.local(2026, 11, 16, 10)):
        keep_planned_call(
            PlannedCall.objects.get().pk, outcome="reached", feedback="did_not_come", actor=bruno
        )
        visit.need.refresh_from_db()
        assert visit.need.state == "to_conclude"
        assert "personne n’est venu" in Concern.objects.get().facts
        assert Duty.objects.open().get(subject_kind="needs.need").due_at == clock.now()


def test_not_reached_three_times_leaves_the_conclusion_to_the_owner(visit, michel, bruno):
    with clock.at(flow.saturday(10)):
        operations.prove(visit.pk, how="page", actor=flow.neighbour(michel))
        operations.neighbour_report(visit.pk, says="well", actor=flow.neighbour(michel))
    with clock.at(factories.local(2026, 11, 17, 10)):
        for _attempt in range(3):
            keep_planned_call(PlannedCall.objects.get().pk, outcome="no_answer", actor=bruno)
    visit.refresh_from_db()
    assert visit.person_says == "not_reached"
    need = operations.conclude(visit.need_id, actor=bruno)
    assert need.outcome == "met_by_neighbour"


def test_he_is_asked_how_it_went_only_when_his_page_has_not_said_it(visit, michel, belrive):
    with clock.at(flow.saturday(12)):
        assert jobs.ask_after(belrive.pk) == 1
        assert jobs.ask_after(belrive.pk) == 0
    (text,) = messages(visit, "visit_after")
    assert links.token_of(visit.offer) in text.body


def test_who_told_it_on_the_page_is_not_written_to(visit, michel, belrive):
    with clock.at(flow.saturday(10)):
        operations.prove(visit.pk, how="page", actor=flow.neighbour(michel))
        operations.neighbour_report(visit.pk, says="well", actor=flow.neighbour(michel))
    with clock.at(flow.saturday(13)):
        assert jobs.ask_after(belrive.pk) == 0


def test_a_reopened_need_goes_through_it_all_again_and_names_the_first(visit, michel, bruno):
    from palier.needs.operations import reopen_need

    with clock.at(flow.saturday(10)):
        operations.prove(visit.pk, how="page", actor=flow.neighbour(michel))
        operations.conclude(visit.need_id, actor=bruno)
        again = reopen_need(
            visit.need_id,
            starts_at=factories.local(2026, 11, 21, 9),
            ends_at=factories.local(2026, 11, 21, 12),
            actor=bruno,
        )
        flow.ask(again, [michel], bruno)
        assert flow.answer(again, michel).state == "accepted"
    assert again.reopens_id == visit.need_id
