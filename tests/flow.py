"""The steps of a need's life, as the tests of matching, visits, telecare and referrals take them."""

from datetime import datetime, timedelta
from typing import Any

from palier.accounts.actor import Actor
from palier.kernel import clock
from palier.matching import operations as matching
from palier.matching.models import Offer, Wave
from palier.needs.models import Need
from palier.needs.operations import open_need
from palier.people.models import Person
from palier.visits.models import Visit
from palier.volunteers.models import Volunteer
from tests.factories import local

SATURDAY = (2026, 11, 14)


def saturday(hour: int = 9, minute: int = 0) -> datetime:
    """Saturday 14 November 2026, two days after the tests' Thursday."""
    return local(*SATURDAY, hour, minute)


def need_for(person: Person, actor: Actor, **fields: Any) -> Need:
    """Shopping for her on Saturday morning, from nine to twelve."""
    values: dict[str, Any] = {
        "kind": "shopping",
        "starts_at": saturday(9),
        "ends_at": saturday(12),
        "what": "Un petit panier",
        "details": "Lait, pain, soupe",
    }
    return open_need(person_id=person.pk, actor=actor, **(values | fields))


def ask(need: Need, volunteers: list[Volunteer], actor: Actor, **options: Any) -> Wave:
    return matching.send_wave(need.pk, [one.pk for one in volunteers], actor=actor, **options)


def offer_to(need: Need, volunteer: Volunteer) -> Offer:
    return Offer.objects.filter(need=need, volunteer=volunteer).order_by("-asked_at", "-pk")[0]


def answer(need: Need, volunteer: Volunteer, *, yes: bool = True, how: str = "link") -> Offer:
    return matching.answer_offer(offer_to(need, volunteer).pk, yes=yes, how=how, actor=neighbour(volunteer))


def neighbour(volunteer: Volunteer) -> Actor:
    return Actor.neighbour(volunteer.pk, volunteer.full_name, volunteer.territory_id)


def agreed_visit(person: Person, volunteer: Volunteer, actor: Actor, **fields: Any) -> Visit:
    """A need of hers, asked to one neighbour, who said yes."""
    need = need_for(person, actor, **fields)
    ask(need, [volunteer], actor)
    answer(need, volunteer)
    return Visit.objects.get(need=need, state="planned")


def at(moment: datetime) -> Any:
    return clock.at(moment)


def later(**ago: float) -> datetime:
    return clock.now() + timedelta(**ago)
