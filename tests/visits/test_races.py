"""A withdrawal against the reminder, two proofs at once, a yes taken back twice."""

import threading

import pytest

from palier.accounts.actor import Actor
from palier.calls.models import PlannedCall
from palier.journal.models import Entry
from palier.kernel import clock
from palier.matching.models import Wave
from palier.messaging.models import Message
from palier.messaging.operations import post
from palier.territories import walls
from palier.visits import operations
from palier.visits.models import Visit
from tests import factories, flow, racing

pytestmark = pytest.mark.django_db(transaction=True)

THE_EVE = factories.local(2026, 11, 13, 17)


class Stage:
    """One planned visit, committed, and a second neighbour who could go."""

    def __init__(self) -> None:
        self.territory = racing.town()
        with walls.inside(self.territory.pk):
            self.actor = factories.actor(factories.member(self.territory))
            odette = factories.person(self.territory)
            self.michel = factories.volunteer(self.territory)
            factories.volunteer(self.territory, "Fatou", "Ndiaye", x=620_300.0)
            self.visit = flow.agreed_visit(odette, self.michel, self.actor)
        self.job = Actor.job("visits.remind", self.territory.pk)

    def run(self, moment, steps):
        return racing.at_once(self.territory.pk, moment, steps)

    def withdraw(self):
        return operations.withdraw(self.visit.pk, actor=flow.neighbour(self.michel))

    def reminders(self) -> list[str]:
        with walls.inside(self.territory.pk):
            return list(Message.objects.filter(template="visit_tomorrow").values_list("state", flat=True))


@pytest.fixture
def stage(now):
    return Stage()


@pytest.mark.parametrize("attempt", range(5))
def test_who_withdraws_while_the_reminders_go_out_is_not_reminded(stage, attempt):
    results = stage.run(THE_EVE, [lambda: operations.remind(stage.visit.pk, actor=stage.job), stage.withdraw])
    assert not [result for result in results if isinstance(result, Exception)]
    # Whoever came first, nothing of it is left to be sent.
    assert stage.reminders() in ([], ["cancelled"])
    with walls.inside(stage.territory.pk):
        assert Visit.objects.get(pk=stage.visit.pk).state == "withdrawn"


def test_control_without_the_lock_somebody_who_withdrew_is_reminded(stage):
    looked, withdrawn = threading.Event(), threading.Event()

    def unsafe_reminder():
        visit = Visit.objects.select_related("volunteer").get(pk=stage.visit.pk)
        looked.set()
        withdrawn.wait(30)
        if visit.state == "planned":
            post(
                f"visit.tomorrow:{visit.pk}",
                to=visit.volunteer.phone,
                template="visit_tomorrow",
                context={
                    "first_name": "Michel",
                    "starts_at": visit.starts_at,
                    "ends_at": visit.ends_at,
                    "token": "2" * 16,
                },
                about=visit,
                actor=stage.job,
            )

    def withdraw():
        looked.wait(30)
        with walls.inside(stage.territory.pk):
            stage.withdraw()
        return True

    def withdraw_and_commit():
        # In a transaction of its own, committed before the reminder goes on.
        from django.db import transaction

        assert withdraw()
        transaction.on_commit(withdrawn.set)

    results = stage.run(THE_EVE, [unsafe_reminder, withdraw_and_commit])
    assert not [result for result in results if isinstance(result, Exception)]
    assert stage.reminders() == ["queued"]


def test_two_proofs_at_once_make_one_visit_done_and_one_call_owed(stage):
    moment = flow.saturday(10)
    results = stage.run(
        moment,
        [
            lambda: operations.prove(stage.visit.pk, how="page", actor=flow.neighbour(stage.michel)),
            lambda: operations.prove(stage.visit.pk, how="call", actor=stage.actor),
            lambda: operations.prove(stage.visit.pk, how="page", actor=flow.neighbour(stage.michel)),
        ],
    )
    assert not [result for result in results if isinstance(result, Exception)]
    with walls.inside(stage.territory.pk):
        assert Entry.objects.filter(code="visits.proved").count() == 1
        assert PlannedCall.objects.count() == 1


def test_a_double_touch_on_withdrawing_asks_once_more_not_twice(stage):
    results = stage.run(clock.now(), [stage.withdraw] * 3)
    assert not [result for result in results if isinstance(result, Exception)]
    with walls.inside(stage.territory.pk):
        assert Wave.objects.filter(closed_at__isnull=True).count() == 1
        assert Wave.objects.count() == 2


def test_a_withdrawal_against_a_proof_ends_as_one_of_both(stage):
    moment = flow.saturday(10)
    results = stage.run(
        moment,
        [
            stage.withdraw,
            lambda: operations.prove(stage.visit.pk, how="page", actor=flow.neighbour(stage.michel)),
        ],
    )
    with walls.inside(stage.territory.pk):
        visit = Visit.objects.get(pk=stage.visit.pk)
        assert visit.state in ("done", "withdrawn")
        assert Visit.objects.filter(state="planned").count() == 0
    assert sum(isinstance(result, Exception) for result in results) == 1
