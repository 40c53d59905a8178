"""A visit that was called off is not brought back by its old link (found by the life of a need under random steps)."""

import pytest

from palier.kernel import clock
from palier.kernel.errors import NotPossibleNow
from palier.matching.models import Offer
from palier.visits import operations
from palier.visits.models import Visit
from tests import factories, flow

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("said_no_between", [False, True])
def test_a_yes_to_a_visit_that_was_called_off_is_refused_and_nobody_waits(belrive, bruno, said_no_between):
    michel = factories.volunteer(belrive)
    visit = flow.agreed_visit(factories.person(belrive), michel, bruno)
    operations.cancel(visit.pk, actor=bruno, reason="Elle part chez sa fille")
    if said_no_between:
        with pytest.raises(NotPossibleNow):
            flow.answer(visit.need, michel, yes=False)
    with clock.at(flow.later(hours=1)), pytest.raises(NotPossibleNow, match="annulée"):
        flow.answer(visit.need, michel)
    assert not Offer.objects.filter(state="accepted").exists()
    assert Visit.objects.get().state == "cancelled"
