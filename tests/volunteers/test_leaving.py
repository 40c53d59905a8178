"""A neighbour who leaves is asked nothing more, and goes nowhere."""

from datetime import timedelta

from palier.duties.models import Duty
from palier.matching.models import Offer
from palier.matching.operations import answer_offer, send_wave
from palier.needs.models import Need
from palier.needs.operations import open_need
from palier.visits.models import Visit
from palier.volunteers.operations import end
from tests import factories


def asked(belrive, actor, now, *volunteers):
    start = now + timedelta(days=2)
    need = open_need(
        person_id=factories.person(belrive).pk,
        kind="shopping",
        starts_at=start,
        ends_at=start + timedelta(hours=3),
        actor=actor,
    )
    send_wave(need.pk, [one.pk for one in volunteers], actor=actor)
    return need


def test_what_a_neighbour_who_left_was_asked_is_asked_no_more(belrive, alba, now):
    michel, fatou = factories.volunteer(belrive), factories.volunteer(belrive, "Fatou", "Diallo")
    asked(belrive, alba, now, michel, fatou)
    end(michel.pk, actor=alba)
    states = dict(Offer.objects.values_list("volunteer__first_name", "state"))
    assert states == {"Michel": "cancelled", "Fatou": "asked"}


def test_the_visit_of_a_neighbour_who_left_is_looked_for_again(belrive, alba, now):
    michel = factories.volunteer(belrive)
    need = asked(belrive, alba, now, michel)
    answer_offer(Offer.objects.get().pk, yes=True, how="voice", actor=alba)
    end(michel.pk, actor=alba)
    assert Visit.objects.get().state == "withdrawn"
    assert Need.objects.get(pk=need.pk).state in ("asking", "nobody")
    assert Duty.objects.open().of("needs.need", need.pk).exists()
