"""What happens when many neighbours, jobs and agents move at the same moment; and what would without the locks."""

import threading
from datetime import timedelta

import pytest

from palier.accounts.actor import Actor
from palier.duties.models import Duty
from palier.kernel import clock
from palier.matching import operations
from palier.matching.models import Offer, Wave
from palier.messaging.models import Message
from palier.needs.models import Need
from palier.territories import walls
from palier.visits.models import Visit
from tests import factories, flow, racing

pytestmark = pytest.mark.django_db(transaction=True)

MOMENT = factories.local(2026, 11, 12, 10, 20)


class Stage:
    """A territory with one need, asked to so many neighbours, all committed."""

    def __init__(self, neighbours: int, *, asked: int | None = None) -> None:
        self.territory = racing.town(wave_size=3)
        with walls.inside(self.territory.pk):
            self.actor = factories.actor(factories.member(self.territory))
            odette = factories.person(self.territory)
            self.volunteers = [
                factories.volunteer(self.territory, f"Voisin{n}", "Test", x=620_000 + 5 * n)
                for n in range(neighbours)
            ]
            self.need = flow.need_for(odette, self.actor)
            flow.ask(self.need, self.volunteers[:asked], self.actor)
            Message.objects.update(state="sent", sent_at=clock.now())
            self.offers = list(
                Offer.objects.filter(need=self.need).select_related("volunteer", "need").order_by("rank")
            )

    def run(self, steps):
        return racing.at_once(self.territory.pk, MOMENT, steps)

    def inside(self):
        return walls.inside(self.territory.pk)


@pytest.fixture
def at_work(now):
    yield


def yes(offer):
    return lambda: operations.answer_offer(
        offer.pk, yes=True, how="link", actor=flow.neighbour(offer.volunteer)
    )


def test_SEC_10_fifty_yeses_at_once_give_one_visit_and_forty_nine_kind_messages(at_work):
    stage = Stage(50)
    results = stage.run([yes(offer) for offer in stage.offers])
    assert not [result for result in results if isinstance(result, Exception)]
    assert sorted(result.state for result in results) == ["accepted"] + ["too_late"] * 49
    with stage.inside():
        visit = Visit.objects.get()
        thanked = Message.objects.filter(template="offer_taken")
        assert thanked.count() == 49
        assert not thanked.filter(volunteer_id=visit.volunteer_id).exists()
        assert Need.objects.get().state == "agreed"
        assert Duty.objects.open().count() == 2


def test_SEC_10_control_without_the_lock_and_the_index_several_are_told_yes(at_work):
    """What « look, then write » does: the race that the lock and the index close."""
    stage = Stage(4)
    everybody_looked = threading.Barrier(4)

    def unsafe(offer):
        def step():
            taken = Offer.objects.filter(need_id=offer.need_id, state="accepted").exists()
            everybody_looked.wait(30)
            if not taken:
                Offer.objects.filter(pk=offer.pk).update(state="accepted", answered_at=clock.now())
            return not taken

        return step

    with racing.without_index(
        "one_yes_a_need", "update matching_offer set state = 'cancelled' where state = 'accepted'"
    ):
        assert stage.run([unsafe(offer) for offer in stage.offers]) == [True] * 4
        with stage.inside():
            assert Offer.objects.filter(state="accepted").count() == 4


def test_SEC_10_control_without_the_lock_the_index_still_lets_one_through(at_work):
    stage = Stage(8)

    def unlocked(offer):
        return lambda: operations.claim(offer, how="link")

    results = stage.run([unlocked(offer) for offer in stage.offers])
    assert sorted(results) == [False] * 7 + [True]


def test_a_wave_due_is_widened_once_by_two_workers(at_work):
    stage = Stage(6, asked=2)
    with clock.at(MOMENT), stage.inside():
        wave = Wave.objects.get()
        Wave.objects.update(sent_at=MOMENT - timedelta(hours=1), answers_by=MOMENT)
    job = Actor.job("matching.widen", stage.territory.pk)
    results = stage.run([lambda: operations.widen_due(actor=job)] * 4)
    assert not [result for result in results if isinstance(result, Exception)]
    assert sum(results) == 1
    with stage.inside():
        assert list(Wave.objects.order_by("number").values_list("number", "outcome")) == [
            (1, "widened"),
            (2, ""),
        ]
        assert Offer.objects.filter(wave__number=2).count() == 3
        assert wave.pk


@pytest.mark.parametrize("attempt", range(4))
def test_a_yes_against_the_widening_leaves_one_visit_and_no_open_wave(at_work, attempt):
    stage = Stage(6, asked=2)
    with stage.inside():
        Wave.objects.update(sent_at=MOMENT - timedelta(hours=1), answers_by=MOMENT)
    job = Actor.job("matching.widen", stage.territory.pk)
    results = stage.run([yes(stage.offers[0]), lambda: operations.widen_due(actor=job)])
    assert not [result for result in results if isinstance(result, Exception)]
    with stage.inside():
        assert Visit.objects.count() == 1
        assert not Wave.objects.filter(closed_at__isnull=True).exists()
        assert Need.objects.get().state == "agreed"
        assert not Offer.objects.filter(state="asked").exists()


def test_two_agents_who_send_the_proposed_wave_at_once_ask_nobody_twice(at_work):
    stage = Stage(7, asked=1)
    results = stage.run([lambda: operations.send_wave(stage.need.pk, actor=stage.actor)] * 2)
    with stage.inside():
        assert Wave.objects.filter(closed_at__isnull=True).count() == 1
        asked = list(Offer.objects.values_list("volunteer_id", flat=True))
        assert len(asked) == len(set(asked))
    assert any(isinstance(result, Wave) for result in results)
