"""What neighbours answer, by link, by text message and aloud."""

from datetime import timedelta

import pytest

from palier.accounts.actor import Actor
from palier.duties.models import Duty
from palier.journal.models import Entry
from palier.kernel import clock
from palier.kernel.errors import NotAllowed, NotPossibleNow
from palier.matching import operations, replies
from palier.matching.models import Offer
from palier.messaging.models import Message
from palier.messaging.operations import receive
from palier.needs.operations import close_need
from palier.referrals.operations import propose_referral
from palier.visits.models import Visit
from tests import factories, flow

pytestmark = pytest.mark.django_db


@pytest.fixture
def odette(belrive):
    return factories.person(belrive)


@pytest.fixture
def michel(belrive):
    return factories.volunteer(belrive)


@pytest.fixture
def fatou(belrive):
    return factories.volunteer(belrive, "Fatou", "Ndiaye", gender="woman", x=620_300.0)


@pytest.fixture
def asked(odette, michel, fatou, bruno):
    need = flow.need_for(odette, bruno)
    flow.ask(need, [michel, fatou], bruno)
    # The questions have left.
    Message.objects.filter(template="offer_request").update(state="sent", sent_at=clock.now())
    return need


def taken_messages(volunteer) -> list[Message]:
    return list(Message.objects.filter(template="offer_taken", volunteer_id=volunteer.pk))


def test_the_first_yes_wins_and_the_other_is_thanked_once(asked, michel, fatou):
    assert flow.answer(asked, michel).state == "accepted"
    assert len(taken_messages(fatou)) == 1
    # She answers all the same, before she reads it: no second message.
    assert flow.answer(asked, fatou).state == "too_late"
    assert flow.answer(asked, fatou).state == "too_late"
    assert len(taken_messages(fatou)) == 1
    assert Visit.objects.get().volunteer_id == michel.pk


def test_a_question_that_has_not_left_is_taken_back_and_needs_no_thanks(odette, michel, fatou, bruno):
    need = flow.need_for(odette, bruno)
    flow.ask(need, [michel, fatou], bruno)
    flow.answer(need, michel)
    assert Message.objects.get(template="offer_request", volunteer_id=fatou.pk).state == "cancelled"
    assert not taken_messages(fatou)


def test_the_same_answer_twice_changes_nothing(asked, michel):
    flow.answer(asked, michel)
    flow.answer(asked, michel)
    assert Entry.objects.filter(code="matching.offer_accepted").count() == 1
    assert Visit.objects.count() == 1


def test_no_is_a_good_answer_and_may_become_a_yes(asked, michel):
    assert flow.answer(asked, michel, yes=False).state == "declined"
    assert flow.answer(asked, michel).state == "accepted"


def test_an_answer_after_the_waves_time_still_counts(asked, michel, fatou, belrive):
    wave = asked.waves.get()
    with clock.at(wave.answers_by):
        operations.widen_due(actor=Actor.job("matching.widen", belrive.pk))
        asked.refresh_from_db()
        assert asked.state == "nobody"
        assert flow.answer(asked, fatou).state == "accepted"
    asked.refresh_from_db()
    assert asked.state == "agreed" and asked.nobody_at is not None


def test_a_yes_is_taken_back_by_withdrawing_not_by_a_no(asked, michel):
    flow.answer(asked, michel)
    with pytest.raises(NotPossibleNow, match="je ne peux pas y aller"):
        flow.answer(asked, michel, yes=False)


def test_nobody_answers_for_another_neighbour(asked, michel, fatou, belrive, bruno, alba, carla):
    offer = flow.offer_to(asked, michel)
    for stranger in (flow.neighbour(fatou), Actor.neighbour(michel.pk, "Michel", carla.territory_id), carla):
        with pytest.raises(NotAllowed):
            operations.answer_offer(offer.pk, yes=True, how="link", actor=stranger)
    noted = operations.answer_offer(offer.pk, yes=True, how="voice", noted_by=bruno.name, actor=bruno)
    assert (noted.state, noted.noted_by, noted.answered_how) == ("accepted", "Bruno Petit", "voice")


def test_a_yes_after_the_time_or_for_a_need_with_a_partner_is_thanked_kindly(
    asked, michel, fatou, bruno, belrive
):
    from palier.partners.operations import add_service
    from palier.territories.models import Organisation

    with clock.at(asked.ends_at), pytest.raises(NotPossibleNow, match="passée"):
        flow.answer(asked, michel)
    association = Organisation.objects.create(
        territory=belrive, kind="association", name="Les Tilleuls", short_name="Les Tilleuls"
    )
    service = add_service(
        organisation_id=association.pk,
        name="Courses à domicile",
        nature="association",
        kinds=["shopping"],
        actor=Actor.job("tests", belrive.pk),
    )
    propose_referral(asked.pk, service.pk, actor=bruno)
    assert set(asked.offers.values_list("state", flat=True)) == {"cancelled"}
    with pytest.raises(NotPossibleNow, match="plus nécessaire"):
        flow.answer(asked, fatou)


# --- By text message ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["OUI", "oui", "Oui !", "oui merci", "Oui, avec plaisir", "ok", "D'accord", "d’accord pour samedi"[:9], "Bonjour oui",
     "oui j'y vais", "Volontiers", "OUI MERCI BEAUCOUP"[:9], "oui bien sûr", "Oui.\n"],
)  # fmt: skip
def test_plain_yes(text):
    assert replies.understand(text) is True


@pytest.mark.parametrize(
    "text",
    [
        "NON",
        "non",
        "Non désolé",
        "NON désolée",
        "non merci",
        "Pas cette fois",
        "je ne peux pas",
        "Désolé, je ne peux pas",
        "Impossible",
    ],
)
def test_plain_no(text):
    assert replies.understand(text) is False


@pytest.mark.parametrize(
    "text",
    ["", "😀", "peut-être", "oui mais après 10 h", "oui et non", "qui est-ce ?", "oui si je trouve une voiture", "stop ou encore",
     "non mais oui", "je ne dis pas non", "Oui ou non ?", "ouistiti", "plus tard", "OUI DEMAIN", "je ne suis pas contre"],
)  # fmt: skip
def test_what_is_not_plainly_yes_or_no_is_not_guessed(text):
    assert replies.understand(text) is None


def write(volunteer, body: str, number: str = "1"):
    actor = Actor.machine("SMS", volunteer.territory_id)
    inbound = receive(provider="demo", provider_id=number, sender=volunteer.phone, body=body, actor=actor)
    if inbound is not None and not inbound.understood_as:
        operations.read_inbound(inbound, actor=actor)
    return inbound


def test_a_yes_by_text_message_is_a_yes(asked, michel):
    inbound = write(michel, "OUI")
    inbound.refresh_from_db()
    assert (inbound.understood_as, inbound.closed_at) == ("yes", clock.now())
    offer = flow.offer_to(asked, michel)
    assert (offer.state, offer.answered_how) == ("accepted", "sms")
    assert Message.objects.filter(template="visit_confirmed", volunteer_id=michel.pk).count() == 1


def test_a_text_message_answers_the_latest_question(asked, odette, michel, bruno):
    with clock.at(flow.later(minutes=10)):
        second = flow.need_for(
            odette, bruno, kind="visit", starts_at=flow.saturday(15), ends_at=flow.saturday(16)
        )
        flow.ask(second, [michel], bruno)
        write(michel, "oui")
    assert flow.offer_to(second, michel).state == "accepted"
    assert flow.offer_to(asked, michel).state == "asked"


def test_no_after_yes_takes_the_yes_back(asked, michel, fatou):
    write(michel, "oui", "1")
    write(michel, "non désolé", "2")
    assert flow.offer_to(asked, michel).state == "withdrawn"
    asked.refresh_from_db()
    # Fatou was told that somebody else had said yes: she is asked again.
    assert asked.state == "asking" and flow.offer_to(asked, fatou).wave.number == 2


def test_an_unclear_text_goes_to_the_desk_and_its_sender_is_told_once(asked, michel):
    inbound = write(michel, "oui mais plutôt dimanche")
    inbound.refresh_from_db()
    assert (inbound.understood_as, inbound.closed_at) == ("unclear", None)
    duty = Duty.objects.open().get(subject_kind="messaging.inbound", subject_id=inbound.pk)
    assert duty.kind == "mend_message"
    assert Message.objects.filter(template="not_understood").count() == 1
    assert flow.offer_to(asked, michel).state == "asked"


def test_a_text_from_somebody_who_was_asked_nothing_goes_to_the_desk_without_an_answer(michel):
    inbound = write(michel, "oui")
    inbound.refresh_from_db()
    assert inbound.understood_as == "unclear" and not Message.objects.exists()


@pytest.mark.parametrize("after_it_ended", [False, True])
def test_a_late_yes_by_text_is_thanked_once_and_needs_nobody(asked, fatou, bruno, after_it_ended):
    if not after_it_ended:
        close_need(asked.pk, outcome="no_longer_needed", actor=bruno)
    with clock.at(asked.ends_at + timedelta(hours=2) if after_it_ended else clock.now()):
        inbound = write(fatou, "OUI", "1")
        write(fatou, "oui merci", "2")
        inbound.refresh_from_db()
        assert (inbound.understood_as, inbound.closed_at) == ("yes", clock.now())
    assert not Duty.objects.open().filter(subject_kind="messaging.inbound").exists()
    assert Message.objects.filter(template="offer_over", volunteer_id=fatou.pk).count() == 1
    assert not Message.objects.filter(template="not_understood").exists()


def test_a_no_to_a_question_taken_back_asks_nothing_of_anybody(asked, fatou, bruno):
    operations.cancel_asking(asked.pk, actor=bruno)
    inbound = write(fatou, "non", "1")
    inbound.refresh_from_db()
    assert inbound.understood_as == "no" and inbound.closed_at is not None
    assert not Message.objects.filter(template__in=["offer_over", "not_understood"]).exists()
    yes = write(fatou, "oui", "2")
    yes.refresh_from_db()
    assert (yes.understood_as, yes.closed_at) == ("unclear", None)


def test_what_whoever_had_the_visit_writes_after_it_is_read_by_a_person(asked, michel):
    flow.answer(asked, michel)
    with clock.at(asked.ends_at + timedelta(hours=2)):
        inbound = write(michel, "non")
    inbound.refresh_from_db()
    assert (inbound.understood_as, inbound.closed_at) == ("unclear", None)


def test_a_yes_weeks_later_is_not_guessed(asked, fatou):
    with clock.at(asked.ends_at + timedelta(days=20)):
        inbound = write(fatou, "oui")
    inbound.refresh_from_db()
    assert inbound.understood_as == "unclear"


def test_the_agent_settles_a_text_nobody_understood(asked, michel, bruno, belrive):
    inbound = write(michel, "oui mais plutôt dimanche")
    operations.settle_inbound(inbound.pk, actor=bruno)
    inbound.refresh_from_db()
    assert inbound.closed_at is not None
    assert not Duty.objects.open().filter(subject_kind="messaging.inbound").exists()
    operations.settle_inbound(inbound.pk, actor=bruno)


def test_stopping_by_text_does_not_answer_the_question(asked, michel):
    write(michel, "stop")
    assert flow.offer_to(asked, michel).state == "asked"


def test_a_need_has_one_offer_accepted_at_most_whatever_the_code_does(asked, michel, fatou):
    """SEC-10: the index has the last word."""
    from django.db import IntegrityError, transaction

    flow.answer(asked, michel)
    with pytest.raises(IntegrityError), transaction.atomic():
        Offer.objects.filter(volunteer=fatou).update(state="accepted", answered_at=clock.now())
