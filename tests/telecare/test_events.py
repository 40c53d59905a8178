"""What telecare units tell: visits proved by the button, alarms never dropped, each event once."""

import random
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from palier.accounts.actor import Actor
from palier.duties.models import Duty
from palier.kernel import clock
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.people.operations import note_consent
from palier.telecare.models import Event
from palier.telecare.operations import receive_event, settle_event
from palier.territories.models import Organisation
from palier.visits import operations as visits
from palier.visits.models import Visit
from tests import factories, flow

pytestmark = pytest.mark.django_db

UNIT = "33000417"


@pytest.fixture
def operator(belrive):
    return Organisation.objects.create(
        territory=belrive, kind="telecare_operator", name="VigiLoire", short_name="VigiLoire"
    )


@pytest.fixture
def machine(belrive, operator):
    return Actor.machine("VigiLoire", belrive.pk, operator.pk)


@pytest.fixture
def odette(belrive, operator):
    return factories.person(belrive, telecare_operator=operator, telecare_number=UNIT)


@pytest.fixture
def michel(belrive):
    return factories.volunteer(belrive)


@pytest.fixture
def visit(odette, michel, bruno):
    """Saturday from 9 to 12."""
    return flow.agreed_visit(odette, michel, bruno)


@pytest.fixture
def tell(machine, operator):
    def tell(at, reference="r1", *, now=None, unit=UNIT, status_code=121, **fields):
        with clock.at(now or at):
            return receive_event(
                organisation_id=operator.pk,
                unit=unit,
                reference=reference,
                status_code=status_code,
                at=at,
                actor=machine,
                **fields,
            )

    return tell


def duty_of(event) -> Duty | None:
    return Duty.objects.open().filter(subject_kind="telecare.event", subject_id=event.pk).first()


@pytest.mark.parametrize(
    ("minutes", "state"),
    [(-31, "suggestion"), (-30, "visit"), (0, "visit"), (180, "visit"), (300, "visit"), (301, "suggestion")],
)
def test_TEL_03_from_half_an_hour_before_to_two_hours_after_it_is_the_visit(visit, tell, minutes, state):
    """TEL-03: both edges of the window."""
    event = tell(visit.starts_at + timedelta(minutes=minutes))
    visit.refresh_from_db()
    assert event.state == state
    assert (visit.state == "done") == (state == "visit")
    if state == "visit":
        assert (visit.proof, visit.came_at, event.visit_id) == ("telecare", event.at, visit.pk)
        assert event.closed_at is not None and duty_of(event) is None
    else:
        assert duty_of(event).kind == "review_event"


@pytest.mark.parametrize("code", [87, 88, 111, 121])
def test_TEL_03_the_codes_of_presence_prove_a_visit(visit, tell, code):
    assert tell(flow.saturday(10), status_code=code, message_type="IN").state == "visit"


def test_TEL_03_an_alarm_proves_a_visit_only_when_the_operator_says_so(visit, tell):
    alarm = tell(flow.saturday(10), status_code=10)
    assert alarm.state == "to_review" and Visit.objects.get().state == "planned"
    marked = tell(flow.saturday(10, 5), "r2", status_code=10, marked_as_visit=True)
    assert marked.state == "visit" and Visit.objects.get().state == "done"


def test_TEL_03_with_two_visits_at_once_a_person_chooses(visit, odette, belrive, bruno, tell):
    fatou = factories.volunteer(belrive, "Fatou", "Ndiaye", x=620_200.0)
    other = flow.agreed_visit(
        odette, fatou, bruno, kind="visit", starts_at=flow.saturday(11), ends_at=flow.saturday(13)
    )
    event = tell(flow.saturday(11, 30))
    assert event.state == "suggestion" and event.visit_id is None
    assert set(Visit.objects.values_list("state", flat=True)) == {"planned"}
    with clock.at(flow.saturday(14)):
        settle_event(event.pk, as_visit=True, visit_id=other.pk, actor=bruno)
    other.refresh_from_db()
    visit.refresh_from_db()
    assert (other.state, visit.state) == ("done", "planned")


@pytest.mark.parametrize(
    ("code", "kind", "state"),
    [
        (9, "ME", "to_review"),
        (10, "ME", "to_review"),
        (110, "ME", "to_review"),
        (4711, "ME", "to_review"),
        (4711, "IN", "to_review"),
        (16, "ME", "noted"),
        (102, "PI", "noted"),
        (4711, "PI", "noted"),
        (10, "RE", "noted"),
    ],
)
def test_TEL_02_an_alarm_or_an_unknown_code_is_never_dropped_even_during_a_visit(
    visit, tell, code, kind, state
):
    """TEL-02: shown to the desk and to the operator, with a duty; a unit's own signals are only noted."""
    event = tell(flow.saturday(10), status_code=code, message_type=kind)
    assert event.state == state and Visit.objects.get().state == "planned"
    duty = duty_of(event)
    assert (duty is None) == (state == "noted")
    if duty is not None:
        assert duty.due_at == flow.saturday(10, 15) and duty.person_id == visit.person_id


def test_TEL_02_the_operator_sees_its_own_events_and_no_others(tell, belrive, operator, visit):
    event = tell(flow.saturday(10), status_code=10)
    listener = factories.actor(factories.member(belrive, "Olga", "Écoute", "operator", operator))
    other = Organisation.objects.create(
        territory=belrive, kind="telecare_operator", name="Autre", short_name="Autre"
    )
    stranger = factories.actor(factories.member(belrive, "Igor", "Autre", "operator", other))
    assert list(Event.objects.visible_to(listener)) == [event]
    assert not Event.objects.visible_to(stranger).exists()


def test_an_event_of_a_unit_nobody_knows_waits_for_somebody(tell):
    event = tell(flow.saturday(10), unit="99999999")
    assert (event.state, event.person_id) == ("to_review", None)
    assert duty_of(event).kind == "review_event"


def test_TEL_08_who_refused_the_exchange_is_not_linked_to_her_unit(visit, odette, bruno, tell):
    note_consent(odette.pk, purpose="telecare", is_given=False, actor=bruno)
    event = tell(flow.saturday(10))
    assert event.person_id is None and Visit.objects.get().state == "planned"


def test_TEL_04_the_same_event_twice_is_one(visit, tell):
    first = tell(flow.saturday(10))
    again = tell(flow.saturday(10), now=flow.saturday(18))
    assert first.pk == again.pk and Event.objects.count() == 1


def test_an_event_of_another_operators_machine_is_refused(belrive, operator, odette):
    other = Organisation.objects.create(
        territory=belrive, kind="telecare_operator", name="Autre", short_name="Autre"
    )
    for actor in (Actor.machine("Autre", belrive.pk, other.pk), Actor.neighbour(1, "Michel", belrive.pk)):
        with pytest.raises(NotAllowed):
            receive_event(
                organisation_id=operator.pk,
                unit=UNIT,
                reference="r1",
                status_code=121,
                at=clock.now(),
                actor=actor,
            )


@pytest.mark.parametrize(
    "wrong",
    [
        {"unit": ""},
        {"unit": "1" * 17},
        {"reference": "<mrq>"},
        {"status_code": -1},
        {"status_code": 10_000},
        {"message_type": "XX"},
    ],
)
def test_what_cannot_be_an_event_is_named(tell, wrong):
    with pytest.raises(BadInput) as refused:
        tell(flow.saturday(10), **wrong)
    assert refused.value.field in wrong


def test_an_event_of_tomorrow_is_refused(tell):
    with pytest.raises(BadInput):
        tell(flow.saturday(10), now=flow.saturday(9))


def test_the_desk_settles_a_suggestion_once(visit, bruno, tell):
    early = tell(flow.saturday(8))
    with clock.at(flow.saturday(13)):
        event = settle_event(early.pk, as_visit=True, actor=bruno)
        assert (event.state, event.visit_id) == ("visit", visit.pk)
        with pytest.raises(NotPossibleNow, match="Bruno"):
            settle_event(early.pk, as_visit=False, actor=bruno)
    visit.refresh_from_db()
    assert (visit.state, visit.came_at) == ("done", flow.saturday(8, 30))
    assert duty_of(event) is None


def test_what_was_no_visit_is_noted(tell, visit, bruno, michel):
    alarm = tell(flow.saturday(10), status_code=10)
    with clock.at(flow.saturday(10, 10)):
        with pytest.raises(NotAllowed):
            settle_event(alarm.pk, as_visit=False, actor=flow.neighbour(michel))
        assert settle_event(alarm.pk, as_visit=False, actor=bruno).state == "noted"


def test_there_is_no_visit_to_mean_on_another_day(tell, odette, bruno):
    event = tell(flow.saturday(10))
    with clock.at(flow.saturday(11)), pytest.raises(NotPossibleNow, match="Aucune visite"):
        settle_event(event.pk, as_visit=True, actor=bruno)


def test_TEL_04_a_thousand_events_in_any_order_and_again_give_the_same_end(belrive, bruno, odette, tell):
    """TEL-04: shuffled and doubled, the visits and events end the same."""
    fatou = factories.volunteer(belrive, "Fatou", "Ndiaye", x=620_200.0)
    michel = factories.volunteer(belrive)
    first = flow.agreed_visit(odette, michel, bruno)
    second = flow.agreed_visit(
        odette, fatou, bruno, kind="visit", starts_at=flow.saturday(11), ends_at=flow.saturday(14)
    )
    draw = random.Random(4)
    told = [
        (
            flow.saturday(7) + timedelta(minutes=draw.randrange(600)),
            f"r{number}",
            draw.choice([121, 87, 10, 16, 4711]),
            draw.choice([True, False]),
        )
        for number in range(72)
    ]

    def run(order) -> tuple:
        from django.db import transaction

        outcome = []
        try:
            with transaction.atomic():
                for at, reference, code, marked in order:
                    tell(at, reference, now=flow.saturday(20), status_code=code, marked_as_visit=marked)
                outcome.append(sorted(Event.objects.values_list("reference", "state", "visit_id")))
                outcome.append(sorted(Visit.objects.values_list("pk", "state", "proof", "came_at")))
                raise _Back
        except _Back:
            pass
        return tuple(outcome)

    straight = run(told)
    assert {state for _reference, state, _visit in straight[0]} == {
        "visit",
        "suggestion",
        "to_review",
        "noted",
    }
    for _round in range(7):
        order = told * 2
        draw.shuffle(order)
        assert run(order) == straight
    assert {first.pk, second.pk} == {row[0] for row in straight[1]}


class _Back(Exception):
    """Undo one round."""


@given(
    unit=st.text(max_size=20),
    reference=st.text(max_size=20),
    code=st.integers(),
    kind=st.text(max_size=3),
    marked=st.booleans(),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_comes_is_taken_or_refused_by_name(machine, operator, unit, reference, code, kind, marked):
    """TEL-09: no input of any form ends in anything but an event or a refusal."""
    try:
        event = receive_event(
            organisation_id=operator.pk,
            unit=unit,
            reference=reference,
            status_code=code,
            message_type=kind,
            marked_as_visit=marked,
            at=clock.now(),
            actor=machine,
        )
    except BadInput:
        return
    assert event.closed_at is not None or duty_of(event) is not None


def test_a_visit_called_off_in_the_same_moment_leaves_a_suggestion(visit, bruno, tell):
    visits.cancel(visit.pk, actor=bruno)
    event = tell(flow.saturday(10))
    assert event.state == "suggestion" and event.visit_id is None
