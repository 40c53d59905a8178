"""Simulated time: steps in order, jobs between them when something is due, each in a transaction of its own."""

from datetime import timedelta
from random import Random

import pytest

from palier.demo.behaviour import Behaviour, Script
from palier.demo.ground import Ground
from palier.demo.life import Life
from palier.duties.models import Duty
from palier.kernel import clock
from palier.matching.models import Wave
from palier.messaging.models import Message
from palier.needs.models import Need
from palier.visits.models import Visit
from tests import factories, flow

pytestmark = pytest.mark.django_db


@pytest.fixture
def odette(belrive):
    return factories.person(belrive)


def test_steps_happen_in_order_whatever_the_order_in_which_they_were_planned(belrive, now):
    life, seen = Life(belrive.pk, now), []
    for minutes in (30, 10, 20):
        life.at(now + timedelta(minutes=minutes), lambda minutes=minutes: seen.append((minutes, clock.now())))
    life.run(now + timedelta(minutes=25))
    assert seen == [(10, now + timedelta(minutes=10)), (20, now + timedelta(minutes=20))]
    assert life.now == now + timedelta(minutes=25)


def test_a_question_leaves_at_once_and_a_wave_widens_at_its_minute(belrive, odette, bruno, now):
    for place in range(5):
        factories.volunteer(belrive, "Voisin", f"N{place}", x=620_000 + 50 * place)
    life, need = Life(belrive.pk, now), flow.need_for(odette, bruno)
    life.at(now, lambda: flow.ask(need, [], bruno))
    life.run(now + timedelta(minutes=5))
    assert Message.objects.filter(state="delivered", template="offer_request").count() == 3
    life.run(now + timedelta(minutes=70))
    second = Wave.objects.get(need=need, number=2)
    assert second.sent_at == Wave.objects.get(need=need, number=1).answers_by


def test_a_visit_is_reminded_missed_and_asked_about_without_anybody_looking(belrive, odette, bruno, now):
    michel = factories.volunteer(belrive, phone="+33639984017")
    visit = flow.agreed_visit(odette, michel, bruno)
    life = Life(belrive.pk, now)
    life.run(flow.saturday(13))
    visit.refresh_from_db()
    assert visit.reminded_at == factories.local(2026, 11, 13, 17)
    assert visit.asked_after_at == flow.saturday(12)
    duty = Duty.objects.get(kind="prove_visit", subject_id=visit.pk)
    assert duty.opened_at == flow.saturday(12, 30)


def test_what_nobody_does_climbs(belrive, odette, bruno, now):
    need = flow.need_for(odette, bruno)
    duty = Duty.objects.get(kind="find_somebody", subject_id=need.pk)
    life = Life(belrive.pk, now)
    life.run(duty.due_at + timedelta(hours=2))
    duty.refresh_from_db()
    assert duty.level > 0


def behaviour(town, *actors, now) -> tuple[Life, Behaviour]:
    from palier.accounts.models import Membership

    workers = {
        actor.name: Membership.objects.select_related("user", "organisation").get(pk=actor.membership_id)
        for actor in actors
    }
    life = Life(town.pk, now)
    return life, Behaviour(life, Ground(town, {}, workers), Random(5))


def test_a_need_lives_from_the_desk_to_its_end_when_the_second_neighbour_says_yes(
    belrive, odette, bruno, alba, now
):
    for place in range(4):
        factories.volunteer(belrive, "Voisin", f"N{place}", x=620_000 + 50 * place)
    life, people = behaviour(belrive, bruno, alba, now=now)
    need = flow.need_for(odette, bruno)
    people.scripts[need.pk] = Script(yes_at=2)
    life.run(now + timedelta(days=8))
    need.refresh_from_db()
    assert (need.state, need.outcome) == ("closed", "met_by_neighbour")
    assert not Duty.objects.open().exists()


def test_after_a_withdrawal_somebody_else_goes(belrive, odette, bruno, alba, now):
    for place in range(6):
        factories.volunteer(belrive, "Voisin", f"N{place}", x=620_000 + 50 * place)
    life, people = behaviour(belrive, bruno, alba, now=now)
    need = flow.need_for(odette, bruno)
    people.scripts[need.pk] = Script(yes_at=1, withdraws=True, proves="none", neighbour_says="")
    life.run(now + timedelta(days=9))
    need.refresh_from_db()
    assert need.outcome == "met_by_neighbour"
    assert sorted(Visit.objects.values_list("state", flat=True)) == ["done", "withdrawn"]
    assert Visit.objects.get(state="done").proof == "call"


def test_when_nobody_can_the_need_ends_as_unmet_and_nothing_stays_open(belrive, odette, bruno, alba, now):
    factories.volunteer(belrive, "Voisin", "Seul")
    life, people = behaviour(belrive, bruno, alba, now=now)
    need = flow.need_for(odette, bruno)
    people.scripts[need.pk] = Script(yes_at=None, ending="unmet")
    life.run(now + timedelta(days=5))
    need.refresh_from_db()
    assert need.outcome == "unmet" and need.nobody_at is not None
    assert not Need.objects.open().exists() and not Duty.objects.open().exists()
