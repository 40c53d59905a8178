"""Who could go, and a wave of them: the questions that leave, the end of it, and the next."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.duties.models import Kind as DutyKind
from palier.duties.operations import open_duty, settle_duties
from palier.duties.queries import owner_of
from palier.journal import live
from palier.journal.operations import record
from palier.kernel import clock, phones
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.matching import events, links, policies, queries
from palier.matching.models import Offer, Wave
from palier.messaging import hours
from palier.messaging import operations as messages
from palier.needs.models import Need
from palier.needs.operations import set_state
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


@dataclass(frozen=True, slots=True)
class Chosen:
    volunteer_id: int
    rank: int
    reasons: list[Any]


def locked(need_id: int) -> Need:
    """The need's row, locked: who changes anything about asking holds it, so that one yes comes at a time."""
    Need.objects.select_for_update(of=("self",), no_key=True).only("pk").get(pk=need_id)
    return queries.need_to_match(need_id)


def refuse_when_settled(need: Need) -> None:
    S = Need.State
    if need.state in (S.AGREED, S.TO_CONCLUDE):
        raise NotPossibleNow(_("Un voisin a déjà dit oui pour cette demande."))
    if need.state == S.REFERRED:
        raise NotPossibleNow(_("Cette demande est confiée à un partenaire. Reprenez-la d’abord."))
    if need.closed_at is not None:
        raise NotPossibleNow(_("Cette demande est terminée."))
    if need.ends_at <= clock.now():
        raise NotPossibleNow(_("Le moment demandé est passé. Changez d’abord la date de la demande."))


def choose(need: Need, volunteer_ids: Sequence[int], *, by_voice: bool) -> list[Chosen]:
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


def send(
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


def close_open_wave(need: Need, outcome: str, *, actor: Actor) -> Wave | None:
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
    next_wave(queries.need_to_match(need_id), wave, actor=actor)
    return 1


def next_wave(need: Need, last: Wave, *, actor: Actor) -> Wave | None:
    """Ask whom the rules name now, without those already asked; nobody left, the need goes back to its owner."""
    chosen: list[Chosen] = []
    sendable = need.ends_at > hours.next_moment(need.territory, clock.now()) + SHORTEST_WAIT
    if sendable and may_be_given_to_neighbours(need, actor=actor) is None:
        chosen = _numbered(queries.first_of(queries.proposal_for(need), need.territory.wave_size))
    close_open_wave(need, Wave.Outcome.WIDENED if chosen else Wave.Outcome.EXHAUSTED, actor=actor)
    if chosen:
        return send(need, chosen, last.confirmed_by_id, actor=actor)
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
