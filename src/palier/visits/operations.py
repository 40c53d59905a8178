"""A neighbour on the way: planned by a yes, reminded, taken back, proved, asked about on both sides, concluded."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.calls.operations import plan_call
from palier.concerns.models import Concern
from palier.concerns.operations import open_concern
from palier.duties.models import Duty
from palier.duties.models import Kind as DutyKind
from palier.duties.operations import open_duty, settle_duties
from palier.duties.queries import owner_of
from palier.journal import live
from palier.journal.events import Event
from palier.journal.operations import record
from palier.kernel import clock
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.matching import links
from palier.matching.models import Offer
from palier.matching.operations import ask_again, release_offer
from palier.messaging import operations as messages
from palier.needs.models import Need
from palier.needs.operations import close_need, set_state
from palier.people.models import Person
from palier.territories import walls
from palier.visits import events, policies, queries
from palier.visits.models import Visit
from palier.visits.states import CONTENT, MOVES, NEIGHBOUR_SAYS, PERSON_SAYS

logger = logging.getLogger("palier.visits")

# Somebody may ring a little before the hour.
EARLY = timedelta(minutes=30)
# A clock that runs a little fast is no lie about the future.
AHEAD = timedelta(minutes=5)
# The desk calls her back in the morning, when she is up and the day is long.
FEEDBACK_HOUR = time(10)
REMINDER_HOUR = time(17)
# A neighbour who says nothing for so long is taken to have nothing to say.
SILENCE = timedelta(hours=48)
# What the owner has to conclude a thread that does not conclude itself.
TO_CONCLUDE = timedelta(days=3)
# A visit seen by something else than his page: he is asked how it went after a while.
AFTER_PROOF = timedelta(minutes=30)


@transaction.atomic
def plan_visit(offer_id: int, *, actor: Actor) -> Visit:
    """Make the visit of an accepted offer, once; the need is agreed, and somebody follows it."""
    offer = queries.offer_to_plan(offer_id)
    need = offer.need
    if offer.state != Offer.State.ACCEPTED:
        raise NotPossibleNow(_("Ce voisin n’a pas dit oui."))
    if (made := Visit.objects.filter(offer=offer).first()) is not None:
        return made
    now = clock.now()
    visit = Visit.objects.create(
        territory_id=offer.territory_id,
        need=need,
        person=need.person,
        volunteer=offer.volunteer,
        offer=offer,
        starts_at=need.starts_at,
        ends_at=need.ends_at,
        is_flexible=need.is_flexible,
        minutes=need.minutes,
        agreed_at=now,
    )
    owner_id = owner_of(need, named=need.owner_id)
    set_state(need, Need.State.AGREED, actor=actor)
    open_duty(
        visit,
        kind=DutyKind.FOLLOW_VISIT,
        due_at=visit.ends_at + _grace(visit),
        owner_id=owner_id,
        person_id=need.person_id,
        actor=actor,
    )
    links.link_for(offer)
    links.set_expiry(offer, queries.address_until(visit))
    _record(events.VISIT_PLANNED, visit, actor=actor)
    if offer.answered_how != Offer.How.LINK:
        # Who said yes aloud or by SMS has not seen the page yet.
        _write(visit, "confirmed", "visit_confirmed", with_link=True, priority=1, actor=actor)
    live.publish(visit.territory_id, "visits.visit", visit.pk)
    return visit


@transaction.atomic
def withdraw(visit_id: int, *, actor: Actor, reason: str = "") -> Visit:
    """The neighbour cannot come after all: the next neighbours are asked at once, and the agent is told by a duty.

    Saying it twice changes nothing.
    """
    visit = _locked(visit_id)
    if not policies.may_withdraw(actor, visit):
        raise NotAllowed
    if visit.state == Visit.State.WITHDRAWN:
        return visit
    if visit.ends_at <= clock.now() and not actor.is_desk:
        raise NotPossibleNow(
            _(
                "L’heure de la visite est passée. Dites-nous plutôt comment elle s’est passée, ou appelez-nous."
            )
        )
    need = visit.need
    owner_id = owner_of(need, visit, named=need.owner_id)
    _end(visit, Visit.State.WITHDRAWN, actor=actor)
    release_offer(visit.offer_id, state=Offer.State.WITHDRAWN, actor=actor)
    links.set_expiry(visit.offer, clock.now() + links.KIND_WORDS)
    set_state(need, Need.State.ASKING, actor=actor)
    _record(events.VISIT_WITHDRAWN, visit, actor=actor, reason=reason[:200])
    _write(visit, "withdrawn", "withdrawn_thanks", actor=actor)
    ask_again(need.pk, actor=actor)
    open_duty(
        need,
        kind=DutyKind.FIND_SOMEBODY,
        due_at=clock.now(),
        owner_id=owner_id,
        person_id=need.person_id,
        label=_("Le voisin s’est retiré : prévenir la personne"),
        actor=actor,
    )
    live.publish(visit.territory_id, "visits.visit", visit.pk)
    return visit


@transaction.atomic
def cancel(visit_id: int, *, actor: Actor, reason: str = "") -> Visit:
    """The desk calls the visit off: the neighbour is told not to come, the need is to be proposed again if still open."""
    visit = _locked(visit_id)
    if not policies.may_cancel(actor, visit):
        raise NotAllowed
    if visit.state == Visit.State.CANCELLED:
        return visit
    need = visit.need
    _end(visit, Visit.State.CANCELLED, actor=actor)
    release_offer(visit.offer_id, state=Offer.State.CANCELLED, actor=actor)
    links.set_expiry(visit.offer, max(clock.now(), visit.ends_at) + links.KIND_WORDS)
    if need.closed_at is None:
        set_state(need, Need.State.TO_PROPOSE, due_at=clock.now(), actor=actor)
    _record(events.VISIT_CANCELLED, visit, actor=actor, reason=reason[:200])
    if visit.ends_at > clock.now():
        # Somebody may already have a coat on: before the ordinary messages, and useless once the visit is over.
        _write(visit, "cancelled", "need_cancelled", priority=1, expires_at=visit.ends_at, actor=actor)
    live.publish(visit.territory_id, "visits.visit", visit.pk)
    return visit


@transaction.atomic
def prove(visit_id: int, *, how: str, came_at: datetime | None = None, actor: Actor) -> Visit:
    """The visit took place, as his page, the telecare button or a call says. The first proof holds, others are noted.

    She is then owed a call (« comment ça s’est passé ? »), and the need is to be concluded.
    """
    if how not in Visit.Proof.values:
        raise BadInput("how", _("Dites comment on sait que la visite a eu lieu."), "unknown_choice")
    visit = _locked(visit_id)
    if not policies.may_prove(actor, visit):
        raise NotAllowed
    now = clock.now()
    # Told by telephone the day after, it took place in its window at the latest.
    came = came_at or (min(now, visit.ends_at) if how == Visit.Proof.CALL else now)
    if came > now + AHEAD:
        raise BadInput("came_at", _("Cette heure n’est pas encore passée."), "in_the_future")
    if visit.state == Visit.State.DONE:
        return _note_second_proof(visit, how, came, actor=actor)
    if visit.state != Visit.State.PLANNED:
        raise NotPossibleNow(_("Cette visite n’est plus prévue."))
    if came < visit.starts_at - EARLY:
        raise NotPossibleNow(_("Cette visite n’a pas encore commencé."))
    need = visit.need
    owner_id = owner_of(need, visit, named=need.owner_id)
    visit.proof, visit.proved_at, visit.came_at = how, now, came
    _end(visit, Visit.State.DONE, actor=actor, also=["proof", "proved_at", "came_at"])
    messages.cancel(visit.offer, actor=actor)
    set_state(need, Need.State.TO_CONCLUDE, due_at=now + TO_CONCLUDE, actor=actor)
    # Done when he was there, not when we heard of it.
    Need.objects.filter(pk=need.pk).update(done_at=came)
    _record(events.VISIT_PROVED, visit, actor=actor, how=how, came_at=came.isoformat())
    plan_call(
        person_id=visit.person_id,
        why="feedback",
        due_at=queries.next_working_moment(visit.territory_id, now, FEEDBACK_HOUR),
        about=_("Comment s’est passée la visite ?"),
        need_id=need.pk,
        owner_id=owner_id,
        # A neighbour's proof owes the call; planning calls is not a neighbour's to do.
        actor=Actor.job("visits.feedback", visit.territory_id),
    )
    live.publish(visit.territory_id, "visits.visit", visit.pk)
    return visit


@transaction.atomic
def not_done(visit_id: int, *, actor: Actor, reason: str = "") -> Visit:
    """Nobody came: the need is to be proposed again, now."""
    visit = _locked(visit_id)
    if not policies.may_say_not_done(actor, visit):
        raise NotAllowed
    if visit.state == Visit.State.NOT_DONE:
        return visit
    _end(visit, Visit.State.NOT_DONE, actor=actor)
    release_offer(visit.offer_id, state=Offer.State.CANCELLED, actor=actor)
    links.set_expiry(visit.offer, clock.now())
    set_state(visit.need, Need.State.TO_PROPOSE, due_at=clock.now(), actor=actor)
    _record(events.VISIT_NOT_DONE, visit, actor=actor, reason=reason[:200])
    live.publish(visit.territory_id, "visits.visit", visit.pk)
    return visit


@transaction.atomic
def neighbour_report(visit_id: int, *, says: str, note: str = "", actor: Actor) -> Visit:
    """The neighbour's own words: well, or worried, which opens a concern at once. The same words twice count once."""
    if says not in NEIGHBOUR_SAYS:
        raise BadInput("says", _("Choisissez une des deux réponses."), "unknown_choice")
    visit = _locked(visit_id, and_person=True)
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
    _record(events.NEIGHBOUR_SAID, visit, actor=actor, says=says, note=note)
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
    _weigh(visit, actor=actor)
    return visit


@transaction.atomic
def person_feedback(visit_id: int, *, says: str, actor: Actor) -> Visit:
    """Her own words about the visit. That nobody came, against a proof, is a concern of its own."""
    if says not in PERSON_SAYS:
        raise BadInput("feedback", _("Choisissez ce qu’elle a dit de la visite."), "unknown_choice")
    visit = _locked(visit_id, and_person=True)
    if not policies.may_note_feedback(actor, visit):
        raise NotAllowed
    if visit.state != Visit.State.DONE:
        raise NotPossibleNow(_("Cette visite n’est pas notée comme faite."))
    if visit.person_says == says:
        return visit
    visit.person_says = says
    visit.save(update_fields=["person_says"])
    _record(events.PERSON_SAID, visit, actor=actor, says=says)
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
    _weigh(visit, actor=actor)
    return visit


@transaction.atomic
def conclude(need_id: int, *, outcome: str | None = None, actor: Actor, note: str = "") -> Need:
    """Close a need whose visit took place: met by a neighbour, unless the agent says otherwise."""
    need = Need.objects.get(pk=need_id)
    if not (actor.is_desk or actor.is_ours):
        raise NotAllowed
    if need.state != Need.State.TO_CONCLUDE:
        raise NotPossibleNow(_("Ce besoin n’est pas à conclure."))
    return close_need(need_id, outcome=outcome or Need.Outcome.NEIGHBOUR, note=note, actor=actor)


# --- What the jobs do -------------------------------------------------------------------------------------------


def remind_due(*, actor: Actor) -> int:
    """The evening before, at five: who goes is reminded. Not who said yes after that hour, not who withdrew meanwhile."""
    now = clock.now()
    soon = Visit.objects.filter(
        state=Visit.State.PLANNED,
        reminded_at__isnull=True,
    ).filter(
        Q(is_flexible=False, starts_at__gt=now, starts_at__lte=now + timedelta(hours=33))
        | Q(is_flexible=True, ends_at__gt=now, ends_at__lte=now + timedelta(hours=50))
    )
    return _each(soon, remind, actor=actor)


@transaction.atomic
def remind(visit_id: int, *, actor: Actor) -> bool:
    """Remind one neighbour if it is time; the visit's need is locked, as a withdrawal locks it: one of both is first."""
    visit = _locked_or_left(visit_id)
    if visit is None or visit.state != Visit.State.PLANNED or visit.reminded_at is not None:
        return False
    due, day = queries.reminder_time(visit, REMINDER_HOUR)
    now = clock.now()
    if now < due or visit.agreed_at >= due or now >= day:
        return False
    visit.reminded_at = now
    visit.save(update_fields=["reminded_at"])
    # « Demain » is no longer true after midnight: a reminder that could not leave before is not sent.
    _write(visit, "tomorrow", "visit_tomorrow", with_link=True, expires_at=day, actor=actor)
    _record(events.VISIT_REMINDED, visit, actor=actor)
    return True


def miss_due(*, actor: Actor) -> int:
    """Visits whose time is over without a proof become a duty of their owner."""
    known = Duty.objects.open().filter(
        subject_kind="visits.visit", subject_id=OuterRef("pk"), kind=DutyKind.PROVE_VISIT
    )
    over = Visit.objects.filter(state=Visit.State.PLANNED, ends_at__lte=clock.now()).exclude(Exists(known))
    return _each(over, miss, actor=actor)


@transaction.atomic
def miss(visit_id: int, *, actor: Actor) -> bool:
    """Ask the owner to find out whether one visit took place, the territory's minutes of grace after its window."""
    visit = _locked_or_left(visit_id)
    if visit is None or visit.state != Visit.State.PLANNED or clock.now() < visit.ends_at + _grace(visit):
        return False
    owner_id = owner_of(visit, visit.need, named=visit.need.owner_id)
    open_duty(
        visit,
        kind=DutyKind.PROVE_VISIT,
        due_at=clock.now(),
        owner_id=owner_id,
        person_id=visit.person_id,
        actor=actor,
    )
    settle_duties(visit, kinds=[DutyKind.FOLLOW_VISIT], actor=actor)
    _record(events.VISIT_UNPROVED, visit, actor=actor)
    live.publish(visit.territory_id, "visits.visit", visit.pk)
    return True


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
    return _each(silent, ask_neighbour, actor=actor)


@transaction.atomic
def ask_neighbour(visit_id: int, *, actor: Actor) -> bool:
    """Ask one neighbour how it went, by a text message with his link."""
    visit = _locked_or_left(visit_id)
    if (
        visit is None
        or visit.asked_after_at is not None
        or visit.neighbour_says
        or visit.state not in (Visit.State.PLANNED, Visit.State.DONE)
    ):
        return False
    visit.asked_after_at = clock.now()
    visit.save(update_fields=["asked_after_at"])
    _write(
        visit, "after", "visit_after", with_link=True, expires_at=queries.address_until(visit), actor=actor
    )
    return True


def conclude_silent(*, actor: Actor) -> int:
    """Close what she is content with and he has said nothing about for two days; hand the rest to its owner."""
    quiet = Visit.objects.filter(
        state=Visit.State.DONE,
        need__state=Need.State.TO_CONCLUDE,
        neighbour_says="",
        proved_at__lte=clock.now() - SILENCE,
    ).exclude(person_says="")
    return _each(quiet, weigh, actor=actor)


@transaction.atomic
def weigh(visit_id: int, *, actor: Actor) -> bool:
    """Close the thread of one visit if all is well; true when it did."""
    visit = _locked_or_left(visit_id)
    if visit is None:
        return False
    return _weigh(visit, actor=actor)


# --- Parts of the above -----------------------------------------------------------------------------------------


def _locked(visit_id: int, *, and_person: bool = False) -> Visit:
    """The visit behind the lock of its need, which every step about a need takes first.

    `and_person` locks the person before: who opens a concern takes her lock too, and locks go from top to bottom.
    """
    person_id, need_id = Visit.objects.values_list("person_id", "need_id").get(pk=visit_id)
    if and_person:
        Person.objects.select_for_update(of=("self",), no_key=True).only("pk").get(pk=person_id)
    Need.objects.select_for_update(of=("self",), no_key=True).only("pk").get(pk=need_id)
    return queries.visit_with_all(visit_id)


def _locked_or_left(visit_id: int) -> Visit | None:
    """The same for jobs: None when somebody else is at work on this need now; the next minute looks again."""
    need_id = Visit.objects.values_list("need_id", flat=True).get(pk=visit_id)
    needs = Need.objects.select_for_update(of=("self",), no_key=True, skip_locked=True).only("pk")
    return queries.visit_with_all(visit_id) if needs.filter(pk=need_id).first() is not None else None


def _each(visits: QuerySet[Visit], step: Callable[..., bool], *, actor: Actor) -> int:
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


def _end(visit: Visit, state: str, *, actor: Actor, also: Iterable[str] = ()) -> None:
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


def _owe_conclusion(need: Need, due_at: datetime, owner_id: int | None, *, actor: Actor) -> None:
    open_duty(
        need,
        kind=DutyKind.CLOSE_NEED,
        due_at=due_at,
        owner_id=owner_id,
        person_id=need.person_id,
        actor=actor,
    )


def _note_second_proof(visit: Visit, how: str, came: datetime, *, actor: Actor) -> Visit:
    if how == Visit.Proof.TELECARE == visit.proof:
        # The button is pressed on coming and on leaving, and told in any order: the earlier press is the coming.
        if visit.came_at is not None and came < visit.came_at:
            visit.came_at = came
            visit.save(update_fields=["came_at"])
            Need.objects.filter(pk=visit.need_id, done_at__gt=came).update(done_at=came)
    elif how != visit.proof:
        _record(events.VISIT_PROVED_AGAIN, visit, actor=actor, how=how, came_at=came.isoformat())
    return visit


def _weigh(visit: Visit, *, actor: Actor) -> bool:
    """Both sides are content: the thread closes by itself. Something else was said: its owner concludes, now."""
    need = visit.need
    need.refresh_from_db(fields=["state", "closed_at"])
    if visit.state != Visit.State.DONE or need.state != Need.State.TO_CONCLUDE or visit.proved_at is None:
        return False
    hers, his = visit.person_says, visit.neighbour_says
    has_been_silent = not his and clock.now() >= visit.proved_at + SILENCE
    if hers in CONTENT and (his == "well" or has_been_silent):
        conclude(need.pk, actor=Actor.job("visits.conclude", visit.territory_id))
        return True
    if his == "worried" or (hers and hers not in CONTENT):
        _owe_conclusion(need, clock.now(), owner_of(need, named=need.owner_id), actor=actor)
    return False


def _write(
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


def _record(event: Event, visit: Visit, *, actor: Actor, **data: object) -> None:
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


def _grace(visit: Visit) -> timedelta:
    return timedelta(minutes=visit.territory.proof_grace_minutes)
