"""Who is proposed: what the database says of neighbours, brought to the spoken rules."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from palier.duties.models import Duty
from palier.kernel import clock
from palier.kernel.errors import NotAllowed
from palier.matching import operations, queries
from palier.matching.models import Offer, Wave
from palier.needs.models import Need
from palier.planning.candidates import Rule
from palier.visits.operations import prove
from palier.volunteers.models import AwayTime
from tests import factories, flow

pytestmark = pytest.mark.django_db


@pytest.fixture
def odette(belrive):
    return factories.person(belrive)


@pytest.fixture
def need(odette, bruno):
    return flow.need_for(odette, bruno)


def proposed(need, actor) -> list[str]:
    names = queries.volunteers_of(proposal := operations.candidates(need.pk, actor=actor))
    return [names[candidate.helper.id].first_name for candidate in proposal.candidates]


def set_aside(need, actor) -> dict[str, int]:
    return {rule.value: count for rule, count in operations.candidates(need.pk, actor=actor).set_aside}


def test_two_neighbours_or_forty_cost_the_same_number_of_queries(belrive, need, bruno):
    def count(more: int) -> int:
        for place in range(more):
            one = factories.volunteer(belrive, f"N{place}", "Voisin", x=620_000 + 5 * place)
            AwayTime.objects.create(
                territory=belrive, volunteer=one, starts_at=flow.saturday(9), ends_at=flow.saturday(10)
            )
        with CaptureQueriesContext(
            connection,
        ) as seen:
            operations.candidates(need.pk, actor=bruno)
        return len(seen)

    assert count(2) == count(38) <= 14


def test_who_is_set_aside_is_counted_by_the_first_rule_that_failed(belrive, odette, need, bruno):
    factories.volunteer(belrive, "Michel")
    factories.volunteer(belrive, "Loin", x=628_000.0)
    factories.volunteer(belrive, "Bricole", kinds=("repairs",))
    factories.volunteer(belrive, "Dimanche", free=((6, "09:00", "12:00"),))
    factories.volunteer(belrive, "Repos", state="resting")
    factories.volunteer(belrive, "Candidat", state="applied")
    factories.volunteer(belrive, "Parti", state="ended", ended_at=clock.now())
    apart = factories.volunteer(belrive, "Écarté")
    operations.keep_apart(odette.pk, apart.pk, actor=bruno)
    minor = factories.volunteer(belrive, "Jeune", birth_on=clock.today() - timedelta(days=17 * 365))
    assert proposed(need, bruno) == ["Michel"]
    assert set_aside(need, bruno) == {
        "too_far": 1,
        "kind": 1,
        "not_free": 1,
        "resting": 1,
        "excluded": 1,
        "minor": 1,
    }
    assert minor.pk


def test_who_knows_her_comes_first_then_who_is_near_then_who_helped_least(belrive, odette, bruno):
    far = factories.volunteer(belrive, "Connu", x=620_700.0)
    near = factories.volunteer(belrive, "Proche", x=620_050.0)
    other = factories.volunteer(belrive, "Ménagé", x=620_060.0)
    visit = flow.agreed_visit(odette, far, bruno)
    with clock.at(flow.saturday(10)):
        prove(visit.pk, how="call", actor=bruno)
    lucette = factories.person(belrive, "Lucette", "Roy", phone="+33261914721")
    flow.agreed_visit(lucette, near, bruno, starts_at=flow.saturday(14), ends_at=flow.saturday(16))
    again = flow.need_for(
        odette, bruno, starts_at=factories.local(2026, 11, 21, 9), ends_at=factories.local(2026, 11, 21, 12)
    )
    assert proposed(again, bruno) == ["Connu", "Ménagé", "Proche"]
    proposal = operations.candidates(again.pk, actor=bruno)
    by_id = {candidate.helper.id: candidate.helper for candidate in proposal.candidates}
    assert by_id[far.pk].visits_with_person == 1
    assert (by_id[near.pk].helped_this_month, by_id[other.pk].helped_this_month) == (1, 0)


def test_who_promised_that_hour_to_somebody_else_is_not_proposed(belrive, odette, need, bruno):
    michel = factories.volunteer(belrive, "Michel")
    lucette = factories.person(belrive, "Lucette", "Roy", phone="+33261914721")
    visit = flow.agreed_visit(lucette, michel, bruno)
    assert proposed(need, bruno) == [] and set_aside(need, bruno) == {"away": 1}
    from palier.visits.operations import cancel

    cancel(visit.pk, actor=bruno)
    assert proposed(need, bruno) == ["Michel"]


def test_a_promise_for_this_week_leaves_the_hour_free(belrive, odette, need, bruno):
    michel = factories.volunteer(belrive, "Michel")
    lucette = factories.person(belrive, "Lucette", "Roy", phone="+33261914721")
    flow.agreed_visit(lucette, michel, bruno, is_flexible=True, ends_at=flow.saturday(9) + timedelta(days=3))
    assert proposed(need, bruno) == ["Michel"]


def test_by_telephone_distance_plays_no_part(belrive, odette, bruno):
    factories.volunteer(belrive, "Loin", x=690_000.0)
    need = flow.need_for(odette, bruno, kind="calls")
    assert proposed(need, bruno) == ["Loin"]


def test_a_home_nobody_located_is_proposed_to_all(belrive, bruno):
    nowhere = factories.person(belrive, "Sans", "Adresse", x=None, y=None, phone="+33261914722")
    factories.volunteer(belrive, "Michel")
    assert proposed(flow.need_for(nowhere, bruno), bruno) == ["Michel"]


def test_a_little_too_far_is_shown_with_its_one_rule_and_can_be_chosen_by_looking_further(
    belrive, need, bruno
):
    far = factories.volunteer(belrive, "Vingt-cinq", x=621_250.0, reach_minutes=40)
    proposal = operations.candidates(need.pk, actor=bruno)
    assert [(one.helper.id, one.failed) for one in proposal.almost] == [(far.pk, Rule.TOO_FAR)]
    wider = operations.candidates(need.pk, walk_limit=30, actor=bruno)
    assert [one.helper.id for one in wider.candidates] == [far.pk]
    assert flow.ask(need, [far], bruno).offers.get().volunteer_id == far.pk


def test_the_reasons_an_agent_saw_are_kept_with_the_offer(belrive, need, bruno):
    michel = factories.volunteer(belrive, "Michel")
    flow.ask(need, [michel], bruno)
    codes = [reason[0] for reason in flow.offer_to(need, michel).reasons]
    assert codes[:2] == ["does_not_know", "walk"] and "free" in codes


def test_looking_changes_nothing(belrive, need, bruno):
    factories.volunteer(belrive, "Michel")
    before = (Need.objects.get().state, Duty.objects.count())
    operations.candidates(need.pk, actor=bruno)
    assert (Need.objects.get().state, Duty.objects.count()) == before
    assert not Wave.objects.exists() and not Offer.objects.exists()


def test_only_the_desk_looks(need, carla, belrive):
    michel = factories.volunteer(belrive)
    with pytest.raises(NotAllowed):
        operations.candidates(need.pk, actor=flow.neighbour(michel))
