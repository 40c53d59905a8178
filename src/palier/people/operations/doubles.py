"""Pairs of files that look like one person: proposed each night, decided by somebody, and learnt from."""

from datetime import timedelta
from typing import Any

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from palier.accounts.actor import Actor
from palier.duties.models import Duty
from palier.duties.models import Kind as DutyKind
from palier.duties.operations import open_duty, settle_duties
from palier.journal.operations import record
from palier.kernel import clock
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.people import events, policies, resembling
from palier.people.models import Double, DoublesLearning, DoublesReview, Person
from palier.planning import duplicates
from palier.territories.models import Territory

LATER = timedelta(days=30)
# The list is looked at within a week.
REVIEW_WITHIN = timedelta(days=7)
MOST_PROPOSED = 2_000


@transaction.atomic
def propose_doubles(*, actor: Actor) -> int:
    """Compare every file with every other and keep the pairs that look like one person; gives how many are new.

    What somebody decided is not proposed again; a pair that no longer looks so is taken off the list.
    """
    if not (actor.is_ours or actor.coordinates):
        raise NotAllowed
    # One at a time in a territory.
    Territory.objects.select_for_update(no_key=True).get(pk=actor.territory_id)
    learn(actor=actor)
    ids, table = resembling.everybody()
    found = duplicates.pairs(table, correction=resembling.correction())
    known = {(pair.first_id, pair.second_id): pair for pair in Double.objects.order_by("pk")}
    new, changed, seen = [], [], set()
    for place in range(min(len(found), MOST_PROPOSED)):
        low, high = sorted((ids[int(found.a[place])], ids[int(found.b[place])]))
        seen.add((low, high))
        levels = [int(level) for level in found.levels[:, place]]
        probability = float(found.probability[place])
        pair = known.get((low, high))
        if pair is None:
            new.append(
                Double(
                    territory_id=actor.territory_id,
                    first_id=low,
                    second_id=high,
                    probability=probability,
                    levels=levels,
                    found_at=clock.now(),
                )
            )
        elif pair.state in (Double.State.PROPOSED, Double.State.LATER):
            pair.probability, pair.levels = probability, levels
            changed.append(pair)
    Double.objects.bulk_create(new)
    Double.objects.bulk_update(changed, ["probability", "levels"], batch_size=500)
    over = [
        pair.pk
        for key, pair in known.items()
        if key not in seen and pair.state in (Double.State.PROPOSED, Double.State.LATER)
    ]
    Double.objects.filter(pk__in=over).delete()
    review(actor=actor)
    return len(new)


@transaction.atomic
def decide(double_id: int, *, state: str, actor: Actor) -> Double:
    """Two people (never proposed again), or later (proposed again in a month). The same person: `join_files`."""
    if not policies.may_join(actor):
        raise NotAllowed
    pair = Double.objects.visible_to(actor).select_for_update(of=("self",), no_key=True).get(pk=double_id)
    if pair.state == Double.State.SAME:
        raise NotPossibleNow(_("Ces fiches viennent d’être réunies."))
    if state not in (Double.State.DIFFERENT, Double.State.LATER):
        raise BadInput("state", _("Dites si ce sont deux personnes, ou plus tard."), "choice")
    now = clock.now()
    different = state == Double.State.DIFFERENT
    pair.state = Double.State(state)
    pair.decided_at = now if different else None
    pair.decided_by = actor.name[:120] if different else ""
    pair.later_until = None if different else now + LATER
    pair.save(update_fields=["state", "decided_at", "decided_by", "later_until"])
    if different:
        for number in (pair.first_id, pair.second_id):
            other = pair.second_id if number == pair.first_id else pair.first_id
            record(events.NOT_THE_SAME, actor=actor, about=[Person(pk=number)], other=other)
    review(actor=actor)
    return pair


def review(*, actor: Actor) -> None:
    """Somebody owes a look at the list while there is one, and nobody when it is empty."""
    waiting = Double.objects.to_decide().filter(first__merged_into=None, second__merged_into=None).count()
    review = DoublesReview.objects.filter(closed_at__isnull=True).order_by("pk").first()
    if not waiting:
        if review is not None:
            review.closed_at = clock.now()
            review.save(update_fields=["closed_at"])
            settle_duties(review, actor=actor)
        return
    label = ngettext(
        "%(count)s fiche peut-être en double", "%(count)s fiches peut-être en double", waiting
    ) % {"count": waiting}
    if review is None:
        review = DoublesReview.objects.create(territory_id=actor.territory_id, opened_at=clock.now())
        open_duty(
            review,
            kind=DutyKind.REVIEW_DOUBLES,
            due_at=clock.now() + REVIEW_WITHIN,
            actor=actor,
            label=label,
        )
    else:
        Duty.objects.open().of("people.doublesreview", review.pk).update(label=label)


# --- Learning


def learn(*, actor: Actor) -> DoublesLearning:
    """What the decisions since the last reset say of the weights, written down for this territory."""
    kept = _learning(actor.territory_id)
    decided = Double.objects.filter(state__in=[Double.State.SAME, Double.State.DIFFERENT])
    if kept.since is not None:
        decided = decided.filter(decided_at__gt=kept.since)
    rows = [
        (levels, state == Double.State.SAME)
        for levels, state in decided.order_by("pk").values_list("levels", "state")
        if _fits(levels)
    ]
    correction = duplicates.NO_CORRECTION
    if rows:
        levels = np.array([levels for levels, _same in rows], dtype=np.uint8).T
        correction = duplicates.adjusted(levels, np.array([same for _levels, same in rows]))
    kept.shift, kept.subjects = correction.shift, list(correction.subjects)
    kept.learnt_at, kept.learnt_from = clock.now(), len(rows)
    kept.save(update_fields=["shift", "subjects", "learnt_at", "learnt_from"])
    return kept


@transaction.atomic
def forget_decisions(*, actor: Actor) -> None:
    """Start again from the shipped weights: what was decided before teaches nothing any more (and stays decided)."""
    if not policies.may_reset_learning(actor):
        raise NotAllowed
    kept = _learning(actor.territory_id)
    kept.since, kept.learnt_at = clock.now(), clock.now()
    kept.shift, kept.subjects, kept.learnt_from = 0.0, [], 0
    kept.save(update_fields=["since", "learnt_at", "shift", "subjects", "learnt_from"])
    record(events.DECISIONS_FORGOTTEN, actor=actor, about=[kept])


def _learning(territory_id: int) -> DoublesLearning:
    return DoublesLearning.objects.select_for_update(of=("self",), no_key=True).get_or_create(
        territory_id=territory_id
    )[0]


def _fits(levels: Any) -> bool:
    """Levels of an older comparison are not read as those of today."""
    return (
        isinstance(levels, list)
        and len(levels) == len(duplicates.LEVELS)
        and all(0 <= level < most for level, most in zip(levels, duplicates.LEVELS, strict=True))
    )
