"""Locking, ending and recording a visit; the same step for each of many."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.duties.operations import settle_duties
from palier.journal.events import Event
from palier.journal.operations import record
from palier.kernel import clock
from palier.kernel.errors import NotPossibleNow
from palier.matching import links
from palier.messaging import operations as messages
from palier.needs.models import Need
from palier.people.models import Person
from palier.territories import walls
from palier.visits import queries
from palier.visits.models import Visit
from palier.visits.states import MOVES

logger = logging.getLogger("palier.visits")


def locked(visit_id: int, *, and_person: bool = False) -> Visit:
    """The visit behind the lock of its need, which every step about a need takes first.

    `and_person` locks the person before: who opens a concern takes her lock too, and locks go from top to bottom.
    """
    person_id, need_id = Visit.objects.values_list("person_id", "need_id").get(pk=visit_id)
    if and_person:
        Person.objects.select_for_update(of=("self",), no_key=True).only("pk").get(pk=person_id)
    Need.objects.select_for_update(of=("self",), no_key=True).only("pk").get(pk=need_id)
    return queries.visit_with_all(visit_id)


def locked_or_left(visit_id: int) -> Visit | None:
    """The same for jobs: None when somebody else is at work on this need now; the next minute looks again."""
    need_id = Visit.objects.values_list("need_id", flat=True).get(pk=visit_id)
    needs = Need.objects.select_for_update(of=("self",), no_key=True, skip_locked=True).only("pk")
    return queries.visit_with_all(visit_id) if needs.filter(pk=need_id).first() is not None else None


def each(visits: QuerySet[Visit], step: Callable[..., bool], *, actor: Actor) -> int:
    """Run one step for each visit in a transaction of its own; one that fails does not stop the others."""
    with walls.inside(actor.territory_id):
        ids = list(visits.order_by("starts_at", "pk").values_list("pk", flat=True))
    done = failed = 0
    for visit_id in ids:
        try:
            with walls.inside(actor.territory_id):
                done += bool(step(visit_id, actor=actor))
        except Exception:
            logger.exception("visit %s: %s failed", visit_id, step.__name__)
            failed += 1
    if failed:
        raise RuntimeError(f"{step.__name__} failed for {failed} visits")
    return done


def end(visit: Visit, state: str, *, actor: Actor, also: Iterable[str] = ()) -> None:
    if state not in MOVES[visit.state]:
        raise NotPossibleNow(
            _("Cette visite est déjà notée : %(state)s.") % {"state": visit.get_state_display()}
        )
    visit.state, visit.closed_at = state, clock.now()
    visit.sequence += 1
    visit.save(update_fields=["state", "closed_at", "sequence", *also])
    settle_duties(visit, actor=actor)
    # Reminders and questions that have not left yet stay here.
    messages.cancel(visit, actor=actor)


def text_neighbour(
    visit: Visit,
    what: str,
    template: str,
    *,
    actor: Actor,
    with_link: bool = False,
    priority: int = 5,
    expires_at: datetime | None = None,
) -> None:
    context = {
        "first_name": visit.volunteer.first_name,
        "starts_at": visit.starts_at,
        "ends_at": visit.ends_at,
    }
    if with_link:
        context["token"] = links.link_for(visit.offer, expires_at=queries.address_until(visit))
    messages.post(
        f"visit.{what}:{visit.pk}",
        to=visit.volunteer.phone,
        template=template,
        context=context,
        about=visit,
        person_id=visit.person_id,
        volunteer_id=visit.volunteer_id,
        priority=priority,
        expires_at=expires_at,
        actor=actor,
    )


def record_visit(event: Event, visit: Visit, *, actor: Actor, **data: object) -> None:
    if "volunteer" in event.personal:
        data["volunteer"] = visit.volunteer.full_name
    record(
        event,
        actor=actor,
        about=[visit, visit.person, visit.volunteer],
        need=visit.need_id,
        visit=visit.pk,
        **data,
    )
