"""Asking neighbours in waves."""

from datetime import timedelta

import pytest

from palier.accounts.actor import Actor
from palier.accounts.models import ActionLink
from palier.duties.models import Duty
from palier.journal.models import Entry
from palier.kernel import clock
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.matching import links, operations
from palier.matching.models import Offer, Wave
from palier.messaging.models import Message, Suppression
from palier.people.operations import note_consent
from palier.territories.models import HelpKind
from palier.volunteers.models import Volunteer
from tests import factories, flow

pytestmark = pytest.mark.django_db


@pytest.fixture
def odette(belrive):
    return factories.person(belrive)


@pytest.fixture
def neighbours(belrive):
    """Five neighbours, nearer and nearer to the end of the town."""
    names = ("Michel", "Fatou", "Thierry", "Jeanne", "Louis")
    return [
        factories.volunteer(belrive, name, "Voisin", x=620_000 + 90 * (place + 1), y=6_750_000)
        for place, name in enumerate(names)
    ]


@pytest.fixture
def need(odette, bruno):
    return flow.need_for(odette, bruno)


def duty_kinds(thing) -> set[str]:
    return set(
        Duty.objects.open()
        .filter(subject_kind=thing._meta.label_lower, subject_id=thing.pk)
        .values_list("kind", flat=True)
    )


def test_the_proposed_wave_is_small_and_takes_the_nearest(need, neighbours, bruno):
    wave = operations.send_wave(need.pk, actor=bruno)
    assert [offer.volunteer.first_name for offer in wave.offers.select_related("volunteer")] == [
        "Michel",
        "Fatou",
        "Thierry",
    ]
    assert wave.confirmed_by_id == bruno.membership_id


def test_GDP_26_a_wave_has_a_human_who_confirmed_it(need, neighbours, belrive):
    """GDP-26: no job and no machine starts asking by itself."""
    for actor in (Actor.job("matching.widen", belrive.pk), Actor.machine("standard", belrive.pk)):
        with pytest.raises(NotAllowed):
            operations.send_wave(need.pk, actor=actor)
    assert Wave._meta.get_field("confirmed_by").null is False


def test_asking_writes_a_message_without_name_or_street_and_owes_the_answers(need, neighbours, bruno):
    wave = flow.ask(need, neighbours[:2], bruno)
    need.refresh_from_db()
    assert need.state == "asking"
    texts = list(Message.objects.filter(template="offer_request").order_by("pk"))
    assert len(texts) == 2
    for text in texts:
        assert "Odette" not in text.body and "Marchand" not in text.body and "Tilleuls" not in text.body
        assert "de courses" in text.body and text.segments == 1
    assert duty_kinds(wave) == {"await_answers"}
    assert duty_kinds(need) == {"find_somebody"}
    assert set(Volunteer.objects.filter(last_asked_at=clock.now()).values_list("pk", flat=True)) == {
        one.pk for one in neighbours[:2]
    }


def test_the_link_in_the_message_is_found_by_its_hash_only(need, neighbours, bruno):
    flow.ask(need, neighbours[:1], bruno)
    offer = flow.offer_to(need, neighbours[0])
    token = links.link_for(offer)
    body = Message.objects.get(key=f"offer:{offer.pk}").body
    assert token in body
    link = links.find_link(token.lower())
    assert link is not None and link.subject_id == offer.pk
    assert not ActionLink.objects.filter(token_hash__contains=token).exists()
    assert links.find_link("2" * 16) is None


def test_without_her_consent_nobody_is_asked_and_the_agent_is_told_what_to_ask(belrive, neighbours, bruno):
    stranger = factories.person(belrive, "Lucette", "Roy", phone="+33261914721", agrees=False)
    need = flow.need_for(stranger, bruno)
    with pytest.raises(NotPossibleNow, match="Demandez-lui d’abord"):
        flow.ask(need, neighbours[:1], bruno)
    note_consent(stranger.pk, purpose="neighbour_help", is_given=False, actor=bruno)
    with pytest.raises(NotPossibleNow, match="pas d’accord"):
        flow.ask(need, neighbours[:1], bruno)
    note_consent(stranger.pk, purpose="neighbour_help", is_given=True, actor=bruno)
    assert flow.ask(need, neighbours[:1], bruno).pk


def test_care_and_money_are_never_given_to_a_neighbour(need, neighbours, bruno):
    HelpKind.objects.filter(code="shopping").update(is_for_neighbours=False)
    with pytest.raises(NotPossibleNow, match="ne peut pas être confié à un voisin"):
        flow.ask(need, neighbours[:1], bruno)


def test_somebody_of_another_territory_cannot_be_asked(need, neighbours, bruno, carla):
    from palier.territories import walls

    walls.enter(carla.territory_id)
    from palier.territories.models import Territory

    stranger = factories.volunteer(Territory.objects.get(pk=carla.territory_id), "Zoé", "Ailleurs")
    walls.enter(bruno.territory_id)
    with pytest.raises(BadInput) as refused:
        flow.ask(need, [stranger], bruno)
    assert refused.value.field == "volunteers"


def test_who_is_kept_apart_or_was_asked_already_cannot_be_chosen(need, odette, neighbours, bruno, alba):
    operations.keep_apart(odette.pk, neighbours[0].pk, actor=bruno)
    operations.keep_apart(odette.pk, neighbours[0].pk, actor=bruno)
    with pytest.raises(BadInput):
        flow.ask(need, neighbours[:1], bruno)
    flow.ask(need, neighbours[1:2], bruno)
    with pytest.raises(BadInput):
        flow.ask(need, neighbours[1:2], bruno)
    assert Entry.objects.filter(code="matching.kept_apart", volunteer_id__isnull=True).count() == 1


def test_who_wrote_stop_is_proposed_for_a_call_only(need, neighbours, bruno):
    Suppression.objects.create(territory_id=need.territory_id, channel="sms", address=neighbours[0].phone)
    written = operations.send_wave(need.pk, actor=bruno)
    assert neighbours[0].pk not in set(written.offers.values_list("volunteer_id", flat=True))
    called = flow.ask(need, [neighbours[0]], bruno, by_voice=True)
    assert called.offers.get().volunteer_id == neighbours[0].pk
    assert not Message.objects.filter(volunteer_id=neighbours[0].pk).exists()


def test_at_one_minute_to_eight_the_message_leaves_and_after_it_waits_for_the_morning(
    odette, neighbours, bruno
):
    """Quiet hours move the message and the moment to answer by together."""
    need = flow.need_for(odette, bruno)
    with clock.at(factories.local(2026, 11, 12, 19, 59)):
        before = flow.ask(need, neighbours[:1], bruno)
        assert Message.objects.get(volunteer_id=neighbours[0].pk).due_at == clock.now()
        assert before.answers_by == clock.now() + timedelta(minutes=60)
    with clock.at(factories.local(2026, 11, 12, 20, 0)):
        after = flow.ask(need, neighbours[1:2], bruno)
        assert Message.objects.get(volunteer_id=neighbours[1].pk).due_at == factories.local(2026, 11, 13, 8)
        assert after.answers_by == factories.local(2026, 11, 13, 9)


def test_by_night_for_the_next_morning_the_agent_is_told_to_telephone(odette, neighbours, bruno):
    need = flow.need_for(
        odette, bruno, starts_at=factories.local(2026, 11, 13, 7), ends_at=factories.local(2026, 11, 13, 8)
    )
    with clock.at(factories.local(2026, 11, 12, 21)):
        with pytest.raises(NotPossibleNow, match="Téléphonez"):
            flow.ask(need, neighbours[:1], bruno)


def test_a_second_wave_by_hand_takes_the_place_of_the_first(need, neighbours, bruno):
    first = flow.ask(need, neighbours[:1], bruno)
    second = flow.ask(need, neighbours[1:2], bruno)
    first.refresh_from_db()
    assert (first.outcome, second.number) == ("widened", 2)
    assert duty_kinds(first) == set() and duty_kinds(second) == {"await_answers"}
    # Who was asked first may still say yes.
    assert flow.answer(need, neighbours[0]).state == "accepted"


def test_a_wave_widens_at_its_time_with_who_confirmed_the_first(need, neighbours, bruno, belrive):
    """GDP-26: the automatic widening inherits the human of the wave before."""
    first = flow.ask(need, neighbours[:2], bruno)
    with clock.at(first.answers_by - timedelta(seconds=1)):
        assert operations.widen_due(actor=Actor.job("matching.widen", belrive.pk)) == 0
    with clock.at(first.answers_by):
        assert operations.widen_due(actor=Actor.job("matching.widen", belrive.pk)) == 1
        assert operations.widen_due(actor=Actor.job("matching.widen", belrive.pk)) == 0
    second = Wave.objects.get(need=need, number=2)
    assert second.confirmed_by_id == bruno.membership_id
    assert {offer.volunteer_id for offer in second.offers.all()} == {one.pk for one in neighbours[2:]}
    assert set(first.offers.values_list("state", flat=True)) == {"passed"}


def test_when_everybody_of_a_wave_said_no_it_widens_at_the_next_minute(need, neighbours, bruno, belrive):
    wave = flow.ask(need, neighbours[:2], bruno)
    with clock.at(flow.later(minutes=5)):
        flow.answer(need, neighbours[0], yes=False)
        assert operations.widen_due(actor=Actor.job("matching.widen", belrive.pk)) == 0
        flow.answer(need, neighbours[1], yes=False)
        assert operations.widen_due(actor=Actor.job("matching.widen", belrive.pk)) == 1
    wave.refresh_from_db()
    assert wave.outcome == "widened"


def test_when_nobody_is_left_the_need_is_back_with_its_owner_now(odette, neighbours, bruno, belrive):
    need = flow.need_for(odette, bruno, owner_id=bruno.membership_id)
    wave = flow.ask(need, neighbours, bruno)
    with clock.at(wave.answers_by):
        operations.widen_due(actor=Actor.job("matching.widen", belrive.pk))
        need.refresh_from_db()
        wave.refresh_from_db()
        assert (need.state, wave.outcome) == ("nobody", "exhausted")
        assert need.nobody_at == clock.now()
        duty = Duty.objects.open().get(subject_kind="needs.need", subject_id=need.pk)
        assert (duty.kind, duty.owner_id, duty.due_at) == ("find_somebody", bruno.membership_id, clock.now())
    assert Entry.objects.filter(code="matching.nobody_left", person_id=odette.pk).exists()


def test_a_need_moved_to_another_day_may_be_asked_to_the_same_neighbours_again(
    need, neighbours, bruno, belrive
):
    from palier.needs.operations import change_need

    wave = flow.ask(need, neighbours, bruno)
    with clock.at(wave.answers_by):
        operations.widen_due(actor=Actor.job("matching.widen", belrive.pk))
        assert not operations.candidates(need.pk, actor=bruno).candidates
        change_need(
            need.pk,
            starts_at=factories.local(2026, 11, 21, 9),
            ends_at=factories.local(2026, 11, 21, 12),
            actor=bruno,
        )
        assert len(operations.candidates(need.pk, actor=bruno).candidates) == 5


def test_stopping_the_asking_takes_back_what_was_not_sent(need, neighbours, bruno):
    wave = flow.ask(need, neighbours[:2], bruno)
    operations.cancel_asking(need.pk, actor=bruno)
    need.refresh_from_db()
    wave.refresh_from_db()
    assert (need.state, wave.outcome) == ("to_propose", "cancelled")
    assert set(Message.objects.values_list("state", flat=True)) == {"cancelled"}
    assert set(Offer.objects.values_list("state", flat=True)) == {"cancelled"}
    with pytest.raises(NotPossibleNow):
        operations.cancel_asking(need.pk, actor=bruno)


def test_a_closed_need_asks_nobody_any_more(need, neighbours, bruno):
    from palier.needs.operations import close_need

    wave = flow.ask(need, neighbours[:2], bruno)
    close_need(need.pk, outcome="no_longer_needed", actor=bruno)
    wave.refresh_from_db()
    assert wave.outcome == "cancelled" and duty_kinds(wave) == set()
    with pytest.raises(NotPossibleNow, match="plus nécessaire"):
        flow.answer(need, neighbours[0])
