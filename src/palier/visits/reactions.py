"""What a yes, a second thought, a closed need and her own words do to the visit: in the same transaction."""

from palier.accounts.actor import Actor
from palier.calls.events import CALL_KEPT
from palier.journal.events import reacts_to
from palier.journal.models import Entry
from palier.kernel import clock
from palier.kernel.text import window
from palier.matching.events import OFFER_ACCEPTED, OFFER_TAKEN_BACK
from palier.needs.events import NEED_CLOSED
from palier.people import departures
from palier.visits import operations
from palier.visits.models import Visit
from palier.visits.states import PERSON_SAYS
from palier.volunteers.events import VOLUNTEER_ENDED


def _same_actor(entry: Entry) -> Actor:
    """Who caused the event also caused what follows from it."""
    if entry.volunteer_id is not None and entry.actor_kind == "neighbour":
        return Actor.neighbour(entry.volunteer_id, entry.actor_name, entry.territory_id)
    return Actor(
        kind="job" if entry.membership_id is None else "member",
        territory_id=entry.territory_id,
        name=entry.actor_name,
        membership_id=entry.membership_id,
    )


@reacts_to(OFFER_ACCEPTED)
def a_yes_is_a_visit(entry: Entry) -> None:
    operations.plan_visit(entry.data["offer"], actor=_same_actor(entry))


@reacts_to(OFFER_TAKEN_BACK)
def taking_it_back_is_a_withdrawal(entry: Entry) -> None:
    visit = Visit.objects.filter(offer_id=entry.data["offer"]).first()
    if visit is not None:
        operations.withdraw(visit.pk, actor=_same_actor(entry))


@reacts_to(NEED_CLOSED)
def nobody_comes_for_a_closed_need(entry: Entry) -> None:
    actor = Actor.job("visits.need_closed", entry.territory_id)
    planned = Visit.objects.filter(need_id=entry.subject_id, state=Visit.State.PLANNED)
    for visit in planned.select_related("volunteer", "territory").order_by("pk"):
        operations.cancel(visit.pk, actor=actor)
        departures.stopped(
            "visit",
            f"{visit.volunteer.full_name}, {window(visit.starts_at, visit.ends_at, visit.territory.zone)}",
        )


@reacts_to(VOLUNTEER_ENDED)
def a_neighbour_who_left_goes_nowhere(entry: Entry) -> None:
    """What they had agreed to is looked for again at once; a visit whose hour is over stays to be proved."""
    coming = Visit.objects.filter(
        volunteer_id=entry.subject_id, state=Visit.State.PLANNED, ends_at__gt=clock.now()
    ).select_related("volunteer")
    for visit in coming.order_by("pk"):
        who = Actor.neighbour(visit.volunteer_id, visit.volunteer.full_name, entry.territory_id)
        operations.withdraw(visit.pk, actor=who)


@reacts_to(CALL_KEPT)
def her_words_are_noted(entry: Entry) -> None:
    """The call after a visit was made, or three times without an answer."""
    if entry.data.get("why") != "feedback" or entry.data.get("need") is None:
        return
    says = entry.data.get("feedback") or ("not_reached" if entry.data.get("outcome") == "no_answer" else "")
    visit = (
        Visit.objects.filter(need_id=entry.data["need"], state=Visit.State.DONE)
        .order_by("-proved_at", "-pk")
        .first()
    )
    if visit is not None and says in PERSON_SAYS:
        operations.person_feedback(
            visit.pk, says=says, actor=Actor.job("visits.feedback", entry.territory_id)
        )
