"""How it went: he says it on his page, she says it on the telephone."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.concerns.models import Concern
from palier.concerns.operations import open_concern
from palier.duties.queries import owner_of
from palier.kernel import clock
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.visits import events, policies, queries
from palier.visits.models import Visit
from palier.visits.operations.concluding import conclude_if_heard
from palier.visits.operations.recording import each, locked, locked_or_left, record_visit, text_neighbour
from palier.visits.states import NEIGHBOUR_SAYS, PERSON_SAYS

# A visit seen by something else than his page: he is asked how it went after a while.
AFTER_PROOF = timedelta(minutes=30)


@transaction.atomic
def neighbour_report(visit_id: int, *, says: str, note: str = "", actor: Actor) -> Visit:
    """The neighbour's own words: well, or worried, which opens a concern at once. The same words twice count once."""
    if says not in NEIGHBOUR_SAYS:
        raise BadInput("says", _("Choisissez une des deux réponses."), "unknown_choice")
    visit = locked(visit_id, and_person=True)
    if not policies.may_report(actor, visit):
        raise NotAllowed
    if visit.state not in (Visit.State.PLANNED, Visit.State.DONE):
        raise NotPossibleNow(
            _("Cette visite n’est plus prévue. Si quelque chose vous inquiète, appelez-nous.")
        )
    note = note.strip()[:2000]
    if visit.neighbour_says == says and note in ("", visit.neighbour_note):
        return visit
    if visit.neighbour_says == "worried":
        # A worry is not unsaid by a later touch of the other button.
        says = "worried"
    is_news = says == "worried" and not (
        visit.neighbour_says == "worried" and note in ("", visit.neighbour_note)
    )
    visit.neighbour_says, visit.neighbour_note = says, note or visit.neighbour_note
    visit.save(update_fields=["neighbour_says", "neighbour_note"])
    record_visit(events.NEIGHBOUR_SAID, visit, actor=actor, says=says, note=note)
    if is_news:
        open_concern(
            person_id=visit.person_id,
            facts=note
            or _("Le voisin a touché « Quelque chose m’a inquiété », sans autre précision. À rappeler."),
            urgency=Concern.Urgency.TODAY,
            source=Concern.Source.NEIGHBOUR,
            reported_by=visit.volunteer.full_name,
            owner_id=owner_of(visit.need, named=visit.need.owner_id),
            actor=actor,
        )
    conclude_if_heard(visit, actor=actor)
    return visit


@transaction.atomic
def person_feedback(visit_id: int, *, says: str, actor: Actor) -> Visit:
    """Her own words about the visit. That nobody came, against a proof, is a concern of its own."""
    if says not in PERSON_SAYS:
        raise BadInput("feedback", _("Choisissez ce qu’elle a dit de la visite."), "unknown_choice")
    visit = locked(visit_id, and_person=True)
    if not policies.may_note_feedback(actor, visit):
        raise NotAllowed
    if visit.state != Visit.State.DONE:
        raise NotPossibleNow(_("Cette visite n’est pas notée comme faite."))
    if visit.person_says == says:
        return visit
    visit.person_says = says
    visit.save(update_fields=["person_says"])
    record_visit(events.PERSON_SAID, visit, actor=actor, says=says)
    if says == "did_not_come":
        open_concern(
            person_id=visit.person_id,
            facts=_("La visite est notée comme faite, mais la personne dit que personne n’est venu."),
            urgency=Concern.Urgency.TODAY,
            source=Concern.Source.AGENT,
            reported_by=actor.name,
            owner_id=owner_of(visit.need, named=visit.need.owner_id),
            actor=actor,
        )
    conclude_if_heard(visit, actor=actor)
    return visit


def ask_neighbours(*, actor: Actor) -> int:
    """« Tout est allé comme prévu ? »: to who has not said so on his page, once, while his link still opens."""
    now = clock.now()
    silent = Visit.objects.filter(asked_after_at__isnull=True, neighbour_says="").filter(
        Q(state=Visit.State.PLANNED, ends_at__lte=now, ends_at__gt=now - queries.ADDRESS_KEPT)
        | Q(
            state=Visit.State.DONE,
            proof__in=[Visit.Proof.TELECARE, Visit.Proof.CALL],
            proved_at__lte=now - AFTER_PROOF,
            ends_at__gt=now - queries.ADDRESS_KEPT,
        )
    )
    return each(silent, ask_neighbour, actor=actor)


@transaction.atomic
def ask_neighbour(visit_id: int, *, actor: Actor) -> bool:
    """Ask one neighbour how it went, by a text message with his link."""
    visit = locked_or_left(visit_id)
    if (
        visit is None
        or visit.asked_after_at is not None
        or visit.neighbour_says
        or visit.state not in (Visit.State.PLANNED, Visit.State.DONE)
    ):
        return False
    visit.asked_after_at = clock.now()
    visit.save(update_fields=["asked_after_at"])
    text_neighbour(
        visit, "after", "visit_after", with_link=True, expires_at=queries.address_until(visit), actor=actor
    )
    return True
