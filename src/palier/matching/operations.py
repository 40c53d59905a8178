"""Asking neighbours in small waves, and taking their answers: the first yes wins, whoever else answers at once."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.duties.models import Kind as DutyKind
from palier.duties.operations import open_duty, settle_duties
from palier.duties.queries import owner_of
from palier.journal import live
from palier.journal.events import Event
from palier.journal.operations import record
from palier.kernel import clock, phones
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.matching import events, links, policies, queries, replies
from palier.matching.models import KeepApart, Offer, Wave
from palier.matching.states import MOVES, WAITING
from palier.messaging import hours
from palier.messaging import operations as messages
from palier.messaging.models import Inbound
from palier.needs.models import Need
from palier.needs.operations import set_state
from palier.people.models import Person
from palier.planning import candidates as planning
from palier.territories import walls
from palier.territories.models import Territory
from palier.volunteers.models import Volunteer

logger = logging.getLogger("palier.matching")

# Somebody asked has at least this long, whatever hour the agent typed.
SHORTEST_WAIT = timedelta(minutes=5)
# « Élargir »: as far as a screen may propose, in minutes on foot.
WIDEST = 60


def candidates(need_id: int, *, actor: Actor, walk_limit: int | None = None) -> planning.Proposal:
    """Who could go, in the order of the spoken rules, with who was set aside and why. Changes nothing.

    `walk_limit` looks further than the territory's usual minutes on foot, as far as each neighbour accepts to walk.
    """
    need = queries.need_to_match(need_id)
    if not policies.may_see_candidates(actor, need):
        raise NotAllowed
    return queries.proposal_for(need, walk_limit=min(walk_limit, WIDEST) if walk_limit else None)


def may_be_given_to_neighbours(need: Need, *, actor: Actor) -> str | None:
    """Why this need cannot be given to a neighbour now, as a sentence for the agent; None when it can."""
    return queries.refusal_for_neighbours(need)


@transaction.atomic
def send_wave(
    need_id: int,
    volunteer_ids: Sequence[int] = (),
    *,
    answers_by: datetime | None = None,
    by_voice: bool = False,
    actor: Actor,
) -> Wave:
    """Ask these neighbours, or the first of the proposal when none is named; a human confirms by calling this.

    By text message, or by the agent's own voice: then nothing is sent and the agent notes the answers. A wave that
    was still open gives way to this one. During quiet hours the messages wait until the morning, and so does the
    moment to answer by. Raises NotPossibleNow when the person's consent is missing, when the need is not one for
    neighbours, when somebody already said yes; BadInput("volunteers") for somebody who cannot be asked.
    """
    need = _locked(need_id)
    if not policies.may_send_wave(actor, need):
        raise NotAllowed
    assert actor.membership_id is not None
    _refuse_when_settled(need)
    if reason := may_be_given_to_neighbours(need, actor=actor):
        raise NotPossibleNow(reason)
    chosen = _chosen(need, volunteer_ids, by_voice=by_voice)
    _close_open_wave(need, Wave.Outcome.WIDENED, actor=actor)
    return _send(need, chosen, actor.membership_id, answers_by=answers_by, by_voice=by_voice, actor=actor)


@transaction.atomic
def answer_offer(offer_id: int, *, yes: bool, how: str, actor: Actor, noted_by: str = "") -> Offer:
    """Take one neighbour's answer. The first yes of a need is accepted and makes the visit; a later one is thanked.

    The same answer twice changes nothing. Raises NotPossibleNow when the need is over, or when this neighbour said
    yes before and now says no: that is a withdrawal, with consequences of its own.
    """
    need_id = Offer.objects.values_list("need_id", flat=True).get(pk=offer_id)
    need = _locked(need_id)
    offer = Offer.objects.select_related("volunteer", "wave", "need").get(pk=offer_id)
    if not policies.may_answer(actor, offer):
        raise NotAllowed
    S = Offer.State
    if offer.state == S.WITHDRAWN:
        raise NotPossibleNow(
            _("Vous vous êtes retiré de cette demande. Appelez-nous si vous pouvez venir finalement.")
        )
    if offer.state == S.ACCEPTED:
        if yes:
            return offer
        raise NotPossibleNow(
            _("Vous avez dit oui. Pour vous retirer, utilisez « Finalement, je ne peux pas y aller ».")
        )
    if offer.state == S.TOO_LATE or (offer.state == S.DECLINED and not yes):
        return offer
    if not yes:
        return _settle(offer, S.DECLINED, events.OFFER_DECLINED, how, noted_by, actor)
    if need.closed_at is not None or need.state == Need.State.REFERRED:
        raise NotPossibleNow(_("Ce coup de main n’est plus nécessaire. Merci d’avoir répondu."))
    if need.ends_at <= clock.now():
        raise NotPossibleNow(_("L’heure de ce coup de main est passée. Merci d’avoir répondu."))
    if claim(offer, how=how, noted_by=noted_by):
        return _accepted(need, offer, actor=actor)
    if offer.state == S.CANCELLED and not need.offers.filter(state=S.ACCEPTED).exists():
        # His own visit was called off, or the question taken back: nobody was before him, and nobody waits for him.
        raise NotPossibleNow(_("Cette demande a été annulée. Appelez-nous si vous pouvez venir."))
    offer = _settle(offer, S.TOO_LATE, events.OFFER_TOO_LATE, how, noted_by, actor)
    _say_taken(offer, actor=actor)
    return offer


def claim(offer: Offer, *, how: str, noted_by: str = "") -> bool:
    """Make this offer the yes of its need, if nobody's is; false when somebody was before.

    The need's row is locked by the caller, so that one at a time gets here. Should a caller forget, the unique
    index refuses the second yes all the same.
    """
    if Offer.objects.filter(need_id=offer.need_id, state=Offer.State.ACCEPTED).exists():
        return False
    offer.answered_at, offer.answered_how, offer.noted_by = clock.now(), how, noted_by[:120]
    try:
        with transaction.atomic():
            taken = (
                Offer.objects.filter(pk=offer.pk)
                .filter(state__in=[state for state, then in MOVES.items() if Offer.State.ACCEPTED in then])
                .update(
                    state=Offer.State.ACCEPTED,
                    answered_at=offer.answered_at,
                    answered_how=how,
                    noted_by=offer.noted_by,
                )
            )
    except IntegrityError:
        return False
    if not taken:
        return False
    offer.state = Offer.State.ACCEPTED
    return True


@transaction.atomic
def read_inbound(inbound: Inbound, *, actor: Actor) -> Offer | None:
    """Understand a text message as the answer to the last question its sender was asked.

    « OUI », « oui merci », « NON désolé » answer it; a « non » after a yes takes the yes back. An answer to a question
    that is over is thanked, once. Anything else, or a sender who was asked nothing, goes to the desk as an open
    message with a duty: never guessed.
    """
    inbound = Inbound.objects.select_for_update(of=("self",), no_key=True).get(pk=inbound.pk)
    if inbound.understood_as:
        return None
    answer = replies.understand(inbound.body)
    offer = queries.latest_question(inbound.sender)
    asked = offer or queries.question_over(inbound.sender)
    if answer is not None and asked is not None and _changes_nothing(asked, answer):
        if answer:
            _say_over(asked, actor=actor)
        _understood(inbound, answer, actor=actor)
        return None
    if answer is None or offer is None:
        _leave_to_the_desk(inbound, offer, actor=actor)
        return None
    neighbour = Actor.neighbour(offer.volunteer_id, offer.volunteer.full_name, offer.territory_id)
    try:
        with transaction.atomic():
            if offer.state == Offer.State.ACCEPTED and not answer:
                record(
                    events.OFFER_TAKEN_BACK,
                    actor=neighbour,
                    about=[offer, offer.need.person, offer.volunteer],
                    need=offer.need_id,
                    offer=offer.pk,
                    how=Offer.How.SMS,
                    volunteer=offer.volunteer.full_name,
                )
                offer.refresh_from_db()
            else:
                offer = answer_offer(offer.pk, yes=answer, how=Offer.How.SMS, actor=neighbour)
    except NotPossibleNow:
        _leave_to_the_desk(inbound, offer, actor=actor)
        return None
    _understood(inbound, answer, actor=actor)
    return offer


@transaction.atomic
def settle_inbound(inbound_id: int, *, actor: Actor) -> Inbound:
    """Somebody of the desk read a text that was not understood, and did what it asked for. Twice is once."""
    inbound = Inbound.objects.select_for_update(of=("self",), no_key=True).get(pk=inbound_id)
    if not policies.may_read_inbound(actor, inbound):
        raise NotAllowed
    if inbound.closed_at is None:
        inbound.closed_at = clock.now()
        inbound.save(update_fields=["closed_at"])
        settle_duties(inbound, actor=actor)
    return inbound


def widen_due(*, actor: Actor) -> int:
    """Close the waves whose time is over and ask the next neighbours; gives how many waves were over.

    One transaction each: a wave that another worker holds is left to it, and one that fails does not stop the rest.
    """
    with walls.inside(actor.territory_id):
        due = list(
            Wave.objects.filter(closed_at__isnull=True, answers_by__lte=clock.now())
            .order_by("answers_by", "pk")
            .values_list("pk", "need_id")
        )
    done = failed = 0
    for wave_id, need_id in due:
        try:
            with walls.inside(actor.territory_id):
                done += _widen(wave_id, need_id, actor=actor)
        except Exception:
            logger.exception("wave %s could not be widened", wave_id)
            failed += 1
    if failed:
        raise RuntimeError(f"{failed} waves could not be widened")
    return done


@transaction.atomic
def ask_again(need_id: int, *, actor: Actor) -> Wave | None:
    """Go on asking after a yes was taken back: the next neighbours at once, confirmed by who confirmed the last wave.

    None when nobody is left; the need is then back with its owner.
    """
    need = _locked(need_id)
    last = need.waves.order_by("-number").first()
    if last is None:
        raise NotPossibleNow(_("Personne n’a encore été choisi pour cette demande."))
    return _next_wave(need, last, actor=actor)


@transaction.atomic
def cancel_asking(need_id: int, *, actor: Actor) -> Need:
    """Stop asking: the open wave ends, unsent messages stay here, the need is back with its owner."""
    need = _locked(need_id)
    if not policies.may_cancel_asking(actor, need):
        raise NotAllowed
    if need.state != Need.State.ASKING:
        raise NotPossibleNow(_("Aucun voisin n’est en train d’être contacté pour cette demande."))
    stop_asking(need, actor=actor)
    return set_state(need, Need.State.TO_PROPOSE, actor=actor)


def stop_asking(need: Need, *, actor: Actor) -> int:
    """End what is open for a locked need without touching the need itself; gives how many questions were open."""
    closed = _close_open_wave(need, Wave.Outcome.CANCELLED, actor=actor)
    open_offers = list(need.offers.filter(state__in=WAITING))
    for offer in open_offers:
        messages.cancel(offer, actor=actor)
    need.offers.filter(pk__in=[offer.pk for offer in open_offers]).update(state=Offer.State.CANCELLED)
    if closed is not None or open_offers:
        record(
            events.ASKING_CANCELLED,
            actor=actor,
            about=[need, need.person],
            need=need.pk,
            count=len(open_offers),
        )
    return len(open_offers)


@transaction.atomic
def release_offer(offer_id: int, *, state: str, actor: Actor) -> Offer:
    """Take the yes away from an offer (withdrawn by the neighbour, or cancelled); its need may be given again.

    For what stands above a yes: a visit that will not take place. The caller holds the need's lock and says what
    becomes of the need.
    """
    offer = Offer.objects.select_related("volunteer", "need").get(pk=offer_id)
    if state not in MOVES[offer.state]:
        raise NotPossibleNow(_("Cette réponse a déjà été reprise."))
    offer.state = state
    offer.save(update_fields=["state"])
    messages.cancel(offer, actor=actor)
    return offer


@transaction.atomic
def keep_apart(person_id: int, volunteer_id: int, *, actor: Actor) -> KeepApart:
    """This person does not want this neighbour: he is never proposed to her again. Saying it twice changes nothing."""
    if not policies.may_keep_apart(actor):
        raise NotAllowed
    person = Person.objects.get(pk=person_id)
    volunteer = Volunteer.objects.get(pk=volunteer_id)
    kept, created = KeepApart.objects.get_or_create(
        territory_id=actor.territory_id,
        person=person,
        volunteer=volunteer,
        defaults={"noted_by": actor.name[:120], "at": clock.now()},
    )
    if created:
        record(events.KEPT_APART, actor=actor, about=[person])
        for offer in Offer.objects.filter(
            need__person=person, volunteer=volunteer, state__in=WAITING, need__closed_at__isnull=True
        ).order_by("pk"):
            messages.cancel(offer, actor=actor)
            Offer.objects.filter(pk=offer.pk, state__in=WAITING).update(state=Offer.State.CANCELLED)
    return kept


def stop_asking_neighbour(volunteer_id: int, *, actor: Actor) -> int:
    """End every question still open for a neighbour who left; gives how many. Their waves go on without them."""
    open_offers = list(
        Offer.objects.filter(
            volunteer_id=volunteer_id, state__in=WAITING, need__closed_at__isnull=True
        ).order_by("pk")
    )
    for offer in open_offers:
        messages.cancel(offer, actor=actor)
        Offer.objects.filter(pk=offer.pk, state__in=WAITING).update(state=Offer.State.CANCELLED)
    return len(open_offers)


# --- Parts of the above -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Chosen:
    volunteer_id: int
    rank: int
    reasons: list[Any]


def _locked(need_id: int) -> Need:
    """The need's row, locked: who changes anything about asking holds it, so that one yes comes at a time."""
    Need.objects.select_for_update(of=("self",), no_key=True).only("pk").get(pk=need_id)
    return queries.need_to_match(need_id)


def _refuse_when_settled(need: Need) -> None:
    S = Need.State
    if need.state in (S.AGREED, S.TO_CONCLUDE):
        raise NotPossibleNow(_("Un voisin a déjà dit oui pour cette demande."))
    if need.state == S.REFERRED:
        raise NotPossibleNow(_("Cette demande est confiée à un partenaire. Reprenez-la d’abord."))
    if need.closed_at is not None:
        raise NotPossibleNow(_("Cette demande est terminée."))
    if need.ends_at <= clock.now():
        raise NotPossibleNow(_("Le moment demandé est passé. Changez d’abord la date de la demande."))


def _chosen(need: Need, volunteer_ids: Sequence[int], *, by_voice: bool) -> list[Chosen]:
    # Somebody a little too far may be chosen by hand: the limit is the one of the page that shows « presque ».
    proposal = queries.proposal_for(need)
    if not volunteer_ids:
        found = queries.first_of(proposal, need.territory.wave_size, by_voice=by_voice)
        if not found:
            raise NotPossibleNow(_("Aucun voisin ne convient pour l’instant."))
        return _numbered(found)
    possible = {candidate.helper.id: candidate for candidate in (*proposal.candidates, *proposal.almost)}
    if not possible.keys() >= set(volunteer_ids):
        possible |= {one.helper.id: one for one in queries.proposal_for(need, walk_limit=WIDEST).candidates}
    wanted = [possible.get(volunteer_id) for volunteer_id in dict.fromkeys(volunteer_ids)]
    chosen = [candidate for candidate in wanted if candidate is not None]
    if len(chosen) < len(wanted):
        raise BadInput(
            "volunteers",
            _("Un des voisins choisis ne peut pas être contacté pour cette demande. Rechargez la page."),
            "not_a_candidate",
        )
    return _numbered(chosen)


def _numbered(found: Sequence[planning.Candidate]) -> list[Chosen]:
    return [
        Chosen(candidate.helper.id, rank, queries.reasons_of(candidate))
        for rank, candidate in enumerate(found, start=1)
    ]


def _send(
    need: Need,
    chosen: Sequence[Chosen],
    confirmed_by_id: int,
    *,
    actor: Actor,
    answers_by: datetime | None = None,
    by_voice: bool = False,
) -> Wave:
    territory = need.territory
    now = clock.now()
    asked_from = now if by_voice else hours.next_moment(territory, now)
    if asked_from + SHORTEST_WAIT >= need.ends_at:
        if asked_from > now:
            raise NotPossibleNow(
                _(
                    "À cette heure les messages attendent demain matin, et ce sera trop tard. Téléphonez plutôt à vos voisins."
                )
            )
        raise NotPossibleNow(
            _("Il reste trop peu de temps pour demander. Changez d’abord la date de la demande.")
        )
    wave = Wave.objects.create(
        territory_id=need.territory_id,
        need=need,
        number=(need.waves.order_by("-number").values_list("number", flat=True).first() or 0) + 1,
        confirmed_by_id=confirmed_by_id,
        sent_at=now,
        answers_by=_answers_by(need, territory, asked_from, answers_by),
        starts_at=need.starts_at,
        ends_at=need.ends_at,
    )
    volunteers = Volunteer.objects.in_bulk([one.volunteer_id for one in chosen])
    offers = Offer.objects.bulk_create(
        Offer(
            territory_id=need.territory_id,
            need=need,
            wave=wave,
            volunteer=volunteers[one.volunteer_id],
            rank=one.rank,
            reasons=one.reasons,
            asked_at=now,
        )
        for one in chosen
    )
    Volunteer.objects.filter(pk__in=volunteers).update(last_asked_at=now)
    for offer in offers:
        links.link_for(offer)
        if not by_voice and phones.can_receive_sms(offer.volunteer.phone):
            _ask(offer, actor=actor)
    set_state(need, Need.State.ASKING, actor=actor)
    open_duty(
        wave,
        kind=DutyKind.AWAIT_ANSWERS,
        due_at=wave.answers_by,
        owner_id=owner_of(need, named=need.owner_id),
        person_id=need.person_id,
        actor=actor,
    )
    record(
        events.WAVE_SENT,
        actor=actor,
        about=[wave, need.person],
        need=need.pk,
        number=wave.number,
        count=len(offers),
        by_voice=by_voice,
        answers_by=wave.answers_by.isoformat(),
    )
    live.publish(need.territory_id, "needs.need", need.pk)
    return wave


def _answers_by(need: Need, territory: Territory, asked_from: datetime, wanted: datetime | None) -> datetime:
    """The moment the wave is over: as typed, else the territory's time after the messages left; before the help itself."""
    usual = asked_from + timedelta(minutes=territory.wave_minutes)
    chosen = wanted if wanted is not None and wanted >= asked_from + SHORTEST_WAIT else usual
    return max(min(chosen, need.ends_at), asked_from + SHORTEST_WAIT)


def _ask(offer: Offer, *, actor: Actor) -> None:
    messages.post(
        f"offer:{offer.pk}",
        to=offer.volunteer.phone,
        template="offer_request",
        context={
            "first_name": offer.volunteer.first_name,
            "kind": offer.need.kind.in_a_message,
            "title": offer.need.person.title,
            "starts_at": offer.need.starts_at,
            "ends_at": offer.need.ends_at,
            "token": links.link_for(offer),
        },
        about=offer,
        person_id=offer.need.person_id,
        volunteer_id=offer.volunteer_id,
        priority=1,
        expires_at=offer.wave.answers_by,
        actor=actor,
    )


def _settle(offer: Offer, state: str, event: Event, how: str, noted_by: str, actor: Actor) -> Offer:
    if state not in MOVES[offer.state]:
        raise NotPossibleNow(_("Cette demande a déjà sa réponse."))
    offer.state, offer.answered_at, offer.answered_how = state, clock.now(), how
    offer.noted_by = noted_by[:120]
    offer.save(update_fields=["state", "answered_at", "answered_how", "noted_by"])
    _record_answer(event, offer, actor=actor)
    if state == Offer.State.DECLINED:
        _widen_when_all_said_no(offer, actor=actor)
    live.publish(offer.territory_id, "needs.need", offer.need_id)
    return offer


def _record_answer(event: Event, offer: Offer, *, actor: Actor) -> None:
    record(
        event,
        actor=actor,
        about=[offer, offer.need.person, offer.volunteer],
        need=offer.need_id,
        offer=offer.pk,
        wave=offer.wave_id,
        how=offer.answered_how,
        volunteer=offer.volunteer.full_name,
    )


def _widen_when_all_said_no(offer: Offer, *, actor: Actor) -> None:
    """Nobody of the wave is left to wait for: its time is over now, the job widens it at its next minute."""
    wave = Wave.objects.filter(pk=offer.wave_id, closed_at__isnull=True).first()
    now = clock.now()
    if wave is None or wave.answers_by <= now or wave.offers.filter(state__in=WAITING).exists():
        return
    # Never before it was sent, which the constraint would refuse in the very second of asking.
    wave.answers_by = max(now, wave.sent_at + timedelta(seconds=1))
    wave.save(update_fields=["answers_by"])


def _accepted(need: Need, offer: Offer, *, actor: Actor) -> Offer:
    """What the first yes changes: the others are thanked, the wave ends, the visit is made by who reacts."""
    others = list(
        need.offers.filter(state__in=WAITING)
        .exclude(pk=offer.pk)
        .select_related("volunteer", "wave", "need")
        .order_by("pk")
    )
    need.offers.filter(pk__in=[other.pk for other in others]).update(state=Offer.State.CANCELLED)
    for other in others:
        was_asked = other.state == Offer.State.ASKED
        unsent = messages.cancel(other, templates=["offer_request"], actor=actor)
        # Whoever has not even received the question needs no answer to it; whoever let it pass is not written to.
        if was_asked and not unsent:
            _say_taken(other, actor=actor)
    _close_open_wave(need, Wave.Outcome.ACCEPTED, actor=actor)
    _record_answer(events.OFFER_ACCEPTED, offer, actor=actor)
    live.publish(need.territory_id, "needs.need", need.pk)
    return offer


def _say_taken(offer: Offer, *, actor: Actor) -> None:
    if not phones.can_receive_sms(offer.volunteer.phone):
        return
    messages.post(
        f"taken:{offer.pk}",
        to=offer.volunteer.phone,
        template="offer_taken",
        context={"first_name": offer.volunteer.first_name},
        about=offer,
        person_id=offer.need.person_id,
        volunteer_id=offer.volunteer_id,
        actor=actor,
    )


def _close_open_wave(need: Need, outcome: str, *, actor: Actor) -> Wave | None:
    wave = need.waves.filter(closed_at__isnull=True).first()
    if wave is None:
        return None
    wave.closed_at, wave.outcome = clock.now(), outcome
    wave.save(update_fields=["closed_at", "outcome"])
    if outcome in (Wave.Outcome.WIDENED, Wave.Outcome.EXHAUSTED):
        passed = wave.offers.filter(state=Offer.State.ASKED).update(state=Offer.State.PASSED)
        record(
            events.WAVE_PASSED,
            actor=actor,
            about=[wave, need.person],
            need=need.pk,
            number=wave.number,
            count=passed,
        )
    settle_duties(wave, actor=actor)
    return wave


def _widen(wave_id: int, need_id: int, *, actor: Actor) -> int:
    held = (
        Need.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        .filter(pk=need_id)
        .only("pk")
        .first()
    )
    if held is None:
        return 0
    wave = Wave.objects.filter(pk=wave_id, closed_at__isnull=True, answers_by__lte=clock.now()).first()
    if wave is None:
        return 0
    _next_wave(queries.need_to_match(need_id), wave, actor=actor)
    return 1


def _next_wave(need: Need, last: Wave, *, actor: Actor) -> Wave | None:
    """Ask whom the rules name now, without those already asked; nobody left, the need goes back to its owner."""
    chosen: list[Chosen] = []
    sendable = need.ends_at > hours.next_moment(need.territory, clock.now()) + SHORTEST_WAIT
    if sendable and may_be_given_to_neighbours(need, actor=actor) is None:
        chosen = _numbered(queries.first_of(queries.proposal_for(need), need.territory.wave_size))
    _close_open_wave(need, Wave.Outcome.WIDENED if chosen else Wave.Outcome.EXHAUSTED, actor=actor)
    if chosen:
        return _send(need, chosen, last.confirmed_by_id, actor=actor)
    set_state(need, Need.State.NOBODY, due_at=clock.now(), actor=actor)
    record(
        events.NOBODY_LEFT,
        actor=actor,
        about=[need, need.person],
        need=need.pk,
        asked=need.offers.values("volunteer_id").distinct().count(),
    )
    live.publish(need.territory_id, "needs.need", need.pk)
    return None


def _changes_nothing(offer: Offer, answer: bool) -> bool:
    """A « no » to a question taken back, or any answer once the need is over and this neighbour has no visit.

    A « yes » to a question taken back while the need is still open is another matter: the desk may want it.
    """
    need = offer.need
    if need.closed_at is not None or need.state == Need.State.REFERRED or need.ends_at <= clock.now():
        return offer.state not in (Offer.State.ACCEPTED, Offer.State.WITHDRAWN)
    return not answer and offer.state == Offer.State.CANCELLED


def _say_over(offer: Offer, *, actor: Actor) -> None:
    messages.post(
        f"over:{offer.pk}",
        to=offer.volunteer.phone,
        template="offer_over",
        context={"first_name": offer.volunteer.first_name},
        about=offer,
        person_id=offer.need.person_id,
        volunteer_id=offer.volunteer_id,
        actor=actor,
    )


def _understood(inbound: Inbound, answer: bool, *, actor: Actor) -> None:
    inbound.understood_as = "yes" if answer else "no"
    inbound.closed_at = clock.now()
    inbound.save(update_fields=["understood_as", "closed_at"])
    settle_duties(inbound, actor=actor)


def _leave_to_the_desk(inbound: Inbound, offer: Offer | None, *, actor: Actor) -> None:
    """Somebody reads it; a neighbour we asked something is told so, once."""
    inbound.understood_as = "unclear"
    inbound.save(update_fields=["understood_as"])
    open_duty(
        inbound,
        kind=DutyKind.MEND_MESSAGE,
        due_at=clock.now(),
        owner_id=owner_of(offer.need, named=offer.need.owner_id) if offer else None,
        person_id=offer.need.person_id if offer else None,
        actor=actor,
    )
    if offer is not None:
        messages.post(
            f"not_understood:{inbound.pk}",
            to=inbound.sender,
            template="not_understood",
            context={"first_name": offer.volunteer.first_name},
            about=inbound,
            volunteer_id=offer.volunteer_id,
            actor=actor,
        )
