"""The same person twice: proposed, decided, and learnt from."""

from datetime import date, timedelta

import pytest

from palier.accounts.actor import Actor
from palier.duties.models import Duty
from palier.kernel import clock
from palier.kernel.errors import BadInput, NotAllowed
from palier.people import jobs, operations, resembling
from palier.people.models import Double, DoublesLearning, DoublesReview, Person
from palier.planning.duplicates import Reason
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(belrive):
    return Actor.job("people.doubles", belrive.pk)


@pytest.fixture
def odette(belrive):
    return factories.person(belrive)


@pytest.fixture
def again(belrive, odette):
    return factories.person(belrive, "Odette", "Marchant", birth_on=date(1942, 2, 3))


def test_the_night_proposes_a_pair_once_and_somebody_owes_a_look_within_a_week(odette, again, job):
    assert operations.propose_doubles(actor=job) == 1
    pair = Double.objects.get()
    assert (pair.first_id, pair.second_id, pair.state) == (odette.pk, again.pk, "proposed")
    assert pair.probability > 0.9
    duty = Duty.objects.open().get(subject_kind="people.doublesreview")
    assert duty.kind == "review_doubles" and duty.label == "1 fiche peut-être en double"
    assert duty.team_id is not None and duty.due_at <= clock.now() + timedelta(days=7, minutes=1)
    assert operations.propose_doubles(actor=job) == 0
    assert Double.objects.count() == 1


def test_couples_and_neighbours_who_share_a_telephone_are_not_proposed(belrive, odette, job):
    factories.person(belrive, "Raymond", "Marchand", title="monsieur", birth_on=date(1939, 6, 11))
    factories.person(belrive, "Solange", "Pasquier", birth_on=date(1950, 1, 9))
    factories.person(belrive, "Sylvie", "Marchand", birth_on=date(1968, 10, 1))
    assert operations.propose_doubles(actor=job) == 0
    assert not DoublesReview.objects.exists()


def test_two_people_are_never_proposed_again_and_later_is_in_a_month(belrive, odette, again, job, bruno):
    operations.propose_doubles(actor=job)
    pair = Double.objects.get()
    operations.decide(pair.pk, state="later", actor=bruno)
    assert not Double.objects.to_decide().exists()
    assert not Duty.objects.open().filter(subject_kind="people.doublesreview").exists()
    with clock.at(clock.now() + timedelta(days=31)):
        operations.propose_doubles(actor=job)
        assert Double.objects.to_decide().get() == pair
        assert Duty.objects.open().filter(subject_kind="people.doublesreview").exists()
        operations.decide(pair.pk, state="different", actor=bruno)
        operations.propose_doubles(actor=job)
    assert not Double.objects.to_decide().exists()
    with pytest.raises(BadInput):
        operations.decide(pair.pk, state="maybe", actor=bruno)


def test_a_pair_that_no_longer_looks_alike_leaves_the_list(odette, again, job, bruno):
    operations.propose_doubles(actor=job)
    operations.change_person(
        again.pk, first_name="Ginette", last_name="Roy", birth_on=date(1950, 5, 5), phones=[], actor=bruno
    )
    operations.propose_doubles(actor=job)
    assert not Double.objects.exists()
    assert not DoublesReview.objects.filter(closed_at__isnull=True).exists()


def test_a_joined_pair_is_decided_and_its_hidden_file_is_not_compared_again(odette, again, job, bruno):
    operations.propose_doubles(actor=job)
    operations.join_files(odette.pk, again.pk, actor=bruno)
    assert Double.objects.get().state == "same"
    assert not DoublesReview.objects.filter(closed_at__isnull=True).exists()
    assert jobs.find_doubles(odette.territory_id) == 0


def test_a_pair_is_seen_by_whoever_sees_both_files(odette, again, job, bruno):
    operations.propose_doubles(actor=job)
    pair = Double.objects.get()
    assert Double.objects.visible_to(bruno).get() == pair
    Person.objects.filter(pk=again.pk).update(is_followed=False)
    assert not Double.objects.visible_to(bruno).exists()
    with pytest.raises(Double.DoesNotExist):
        operations.decide(pair.pk, state="different", actor=bruno)


def test_decisions_are_learnt_within_bounds_and_forgotten_on_demand(belrive, odette, again, job, alba, bruno):
    operations.propose_doubles(actor=job)
    pair = Double.objects.get()
    other = [7, 8, 9, 1, 1, 1, 2, 1, 0]
    people = [
        factories.person(belrive, "Anne", f"Nom{number}", phone=None, street="") for number in range(81)
    ]
    for number in range(40):
        Double.objects.create(
            territory=belrive,
            first=people[2 * number],
            second=people[2 * number + 1],
            probability=0.9,
            levels=pair.levels if number % 2 else other,
            state="different" if number % 2 else "same",
            decided_at=clock.now(),
            decided_by="Bruno",
        )
    kept = operations.learn(actor=job)
    assert kept.learnt_from == 40
    correction = resembling.correction()
    assert correction.shift or any(correction.subjects)
    with pytest.raises(NotAllowed):
        operations.forget_decisions(actor=bruno)
    with clock.at(clock.now() + timedelta(minutes=1)):
        operations.forget_decisions(actor=alba)
        operations.learn(actor=job)
    assert DoublesLearning.objects.get().learnt_from == 0
    assert resembling.correction().shift == 0.0
    assert Double.objects.filter(state="different").count() == 20


# --- While typing


def test_while_she_is_typed_her_file_is_found_with_the_reasons(odette, bruno):
    typed = {"first_name": "Odete", "last_name": "Marchant", "birth_on": date(1942, 1, 1)}
    [found] = resembling.near(typed | {"street": "12 rue des Tilleuls"}, [], actor=bruno)
    assert found.person == odette
    assert {Reason.NAME_SOUNDS, Reason.SAME_ADDRESS} <= set(found.match.reasons)
    [found] = resembling.near(
        {"last_name": "Marchant", "first_name": "Odette"}, ["+33261914720"], actor=bruno
    )
    assert Reason.SAME_PHONE in found.match.reasons
    assert resembling.near(typed, [], actor=bruno, but=odette.pk) == []
    assert resembling.near({"last_name": ""}, ["+33261914720"], actor=bruno) == []


def test_her_husband_is_not_taken_for_her(odette, bruno):
    typed = {
        "first_name": "Raymond",
        "last_name": "Marchand",
        "title": "monsieur",
        "birth_on": date(1939, 6, 11),
        "street": "12 rue des Tilleuls",
    }
    assert resembling.near(typed, ["+33261914720"], actor=bruno) == []


def test_a_file_that_is_not_seen_is_not_betrayed_while_typing(odette, bruno):
    Person.objects.filter(pk=odette.pk).update(is_followed=False)
    assert (
        resembling.near({"first_name": "Odette", "last_name": "Marchand"}, ["+33261914720"], actor=bruno)
        == []
    )
