"""Files kept apart: who is let in, from when to when, and what the others meet instead."""

from datetime import timedelta

import pytest

from palier.accounts.actor import Actor
from palier.calls.models import Call, PlannedCall
from palier.calls.operations import answer, hang_up, ring
from palier.calls.queries import who_may_be
from palier.journal.models import Entry
from palier.kernel import clock
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.needs.models import Need
from palier.people import operations as people
from palier.people.finding import search
from palier.people.models import Compartment, Person
from palier.people.retention import RULES
from palier.privacy.operations import due
from tests import factories, flow


@pytest.fixture
def head(belrive):
    return factories.actor(factories.member(belrive, "Hélène", "Responsable", "head"))


@pytest.fixture
def strand(head):
    made = people.open_compartment(name="Volet confidentiel", actor=head)
    people.grant(made.pk, membership_id=head.membership_id, actor=head)
    return made


@pytest.fixture
def kept_apart(belrive, head, strand):
    person = factories.person(belrive, "Zoé", "Cachet")
    people.confine(person.pk, compartment_id=strand.pk, actor=head)
    return person


def test_only_the_head_opens_a_compartment_and_lets_people_in(belrive, alba, bruno, head):
    for actor in (alba, bruno):
        with pytest.raises(NotAllowed):
            people.open_compartment(name="Volet", actor=actor)
    made = people.open_compartment(name="Volet", actor=head)
    assert people.open_compartment(name="Volet", actor=head) == made
    with pytest.raises(NotAllowed):
        people.grant(made.pk, membership_id=bruno.membership_id, actor=alba)
    given = people.grant(made.pk, membership_id=bruno.membership_id, actor=head)
    assert people.grant(made.pk, membership_id=bruno.membership_id, actor=head) == given
    with pytest.raises(NotAllowed):
        people.revoke(given.pk, actor=bruno)
    assert list(Entry.objects.order_by("pk").values_list("code", flat=True)) == [
        "people.compartment_opened",
        "people.compartment_granted",
    ]


def test_a_grant_is_for_the_desk_of_the_lead_organisation(belrive, head, strand):
    elsewhere = factories.member(belrive, "Paul", "Opérateur", "operator")
    for wrong in (elsewhere.pk, 987654321):
        with pytest.raises(BadInput) as refused:
            people.grant(strand.pk, membership_id=wrong, actor=head)
        assert refused.value.field == "membership_id"
    with pytest.raises(BadInput) as refused:
        people.grant(strand.pk, membership_id=head.membership_id, ends_at=clock.now(), actor=head)
    assert refused.value.field == "ends_at"


def test_the_head_without_a_grant_sees_no_more_than_the_others(belrive, alba, bruno, head, kept_apart):
    other = factories.actor(factories.member(belrive, "Omar", "Second", "head"))
    for actor, sees in ((head, True), (other, False), (alba, False), (bruno, False)):
        assert Person.objects.visible_to(actor).filter(pk=kept_apart.pk).exists() == sees
    assert Person.objects.visible_to(Actor.job("test", belrive.pk)).filter(pk=kept_apart.pk).exists()
    assert Person.objects.visible_to(Actor.neighbour(1, "Michel", belrive.pk)).count() == 0


def test_a_grant_that_ends_at_midnight_ends_at_midnight(belrive, bruno, head, strand, kept_apart):
    midnight = factories.local(2026, 11, 13, 0, 0)
    people.grant(strand.pk, membership_id=bruno.membership_id, ends_at=midnight, actor=head)
    for moment, sees in (
        (midnight - timedelta(seconds=1), True),
        (midnight, False),
        (midnight + timedelta(days=1), False),
    ):
        with clock.at(moment):
            assert Person.objects.visible_to(bruno).filter(pk=kept_apart.pk).exists() == sees


def test_a_grant_of_next_week_opens_nothing_before(belrive, bruno, head, strand, kept_apart):
    people.grant(
        strand.pk, membership_id=bruno.membership_id, starts_at=clock.now() + timedelta(days=7), actor=head
    )
    assert not Person.objects.visible_to(bruno).filter(pk=kept_apart.pk).exists()
    with clock.at(clock.now() + timedelta(days=7)):
        assert Person.objects.visible_to(bruno).filter(pk=kept_apart.pk).exists()


def test_a_revoked_grant_opens_nothing_from_the_next_click(belrive, bruno, head, strand, kept_apart):
    given = people.grant(strand.pk, membership_id=bruno.membership_id, actor=head)
    assert Person.objects.visible_to(bruno).filter(pk=kept_apart.pk).exists()
    people.revoke(given.pk, actor=head)
    people.revoke(given.pk, actor=head)
    assert not Person.objects.visible_to(bruno).filter(pk=kept_apart.pk).exists()
    assert Entry.objects.filter(code="people.compartment_revoked").count() == 1


def test_nobody_puts_a_file_where_they_cannot_follow_it(belrive, bruno, strand):
    odette = factories.person(belrive)
    with pytest.raises(BadInput) as refused:
        people.confine(odette.pk, compartment_id=strand.pk, actor=bruno)
    assert refused.value.field == "compartment_id"
    with pytest.raises(NotAllowed):
        people.create_person(
            first_name="Zoé", last_name="Cachet", is_followed=False, compartment=strand, actor=bruno
        )
    assert Person.objects.get().is_followed


def test_a_file_may_be_opened_apart_at_once(belrive, bruno, head, strand):
    made = people.create_person(
        first_name="Zoé", last_name="Cachet", is_followed=False, compartment=strand, actor=head
    )
    assert not Person.objects.visible_to(bruno).filter(pk=made.pk).exists()
    with pytest.raises(BadInput):
        people.create_person(first_name="Nulle", last_name="Part", is_followed=False, actor=head)


def test_her_namesake_may_be_opened_without_learning_that_she_has_a_file(belrive, bruno, head, kept_apart):
    typed = {"first_name": "Zoé", "last_name": "Cachet", "street": kept_apart.street}
    with pytest.raises(NotPossibleNow):
        people.create_person(**typed, actor=head)
    assert people.create_person(**typed, actor=bruno).pk != kept_apart.pk


def test_a_file_is_never_left_where_nobody_sees_it(belrive, bruno, head, strand, kept_apart):
    with pytest.raises(NotPossibleNow):
        people.release(kept_apart.pk, compartment_id=strand.pk, actor=head)
    people.follow(kept_apart.pk, actor=head)
    assert Person.objects.visible_to(bruno).filter(pk=kept_apart.pk).exists()
    people.release(kept_apart.pk, compartment_id=strand.pk, actor=head)
    assert not kept_apart.confined.exists()


def test_somebody_in_a_register_and_followed_is_seen_by_all(belrive, bruno, head, strand):
    odette = factories.person(belrive)
    people.confine(odette.pk, compartment_id=strand.pk, hides=False, actor=head)
    assert Person.objects.visible_to(bruno).filter(pk=odette.pk).exists()


def test_without_the_grant_her_call_is_an_unknown_call(belrive, bruno, head, kept_apart):
    exchange = Actor.machine("telephone", belrive.pk)
    people.add_contact(kept_apart.pk, name="Sidonie", relation="child", phone="06 39 98 77 66", actor=head)
    call = ring(provider="pbx", call_key="1", number_raw="02 61 91 47 20", actor=exchange)
    daughter = ring(provider="pbx", call_key="2", number_raw="06 39 98 77 66", actor=exchange)
    assert who_may_be(call, actor=bruno).is_unknown and who_may_be(daughter, actor=bruno).is_unknown
    assert who_may_be(call, actor=head).people == [kept_apart]
    assert [one.name for one in who_may_be(daughter, actor=head).contacts] == ["Sidonie"]


def test_a_missed_call_of_hers_is_rung_back_as_a_number(belrive, bruno, kept_apart):
    exchange = Actor.machine("telephone", belrive.pk)
    call = ring(provider="pbx", call_key="1", number_raw="02 61 91 47 20", actor=exchange)
    hang_up(call.pk, actor=exchange)
    owed = PlannedCall.objects.visible_to(bruno).get()
    assert owed.person is None and owed.number == "+33261914720"


def test_what_is_about_her_is_in_nobody_elses_lists(belrive, bruno, head, kept_apart):
    need = flow.need_for(kept_apart, head)
    assert Need.objects.visible_to(head).get() == need
    assert not Need.objects.visible_to(bruno).exists()
    exchange = Actor.machine("telephone", belrive.pk)
    call = ring(provider="pbx", call_key="1", number_raw="02 61 91 47 20", actor=exchange)
    answer(call.pk, by_membership_id=head.membership_id, actor=head)
    Call.objects.filter(pk=call.pk).update(person=kept_apart)
    assert not Call.objects.visible_to(bruno).exists() and Call.objects.visible_to(head).exists()


def test_the_search_finds_her_for_those_who_may_only(belrive, bruno, head, kept_apart):
    for typed in ("cachet", "zoe cach", "tilleuls"):
        assert search(typed, actor=bruno) == []
        assert search(typed, actor=head) == [kept_apart]


def test_who_is_in_a_register_is_not_taken_away_by_silence(belrive, head):
    register = people.open_compartment(name="Registre", has_own_clock=True, actor=Actor.job("t", belrive.pk))
    ours, hers = factories.person(belrive, "Odette"), factories.person(belrive, "Lise", phone="+33261914711")
    people.confine(hers.pk, compartment_id=register.pk, hides=False, actor=Actor.job("t", belrive.pk))
    rule = next(rule for rule in RULES if rule.model is Person)
    assert list(due(rule, clock.now() + timedelta(days=800))) == [ours]
    assert Compartment.objects.get().has_own_clock
