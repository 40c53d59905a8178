"""Writing down what worries somebody, completing it, and closing it with what was done."""

from django.db import transaction
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.accounts.models import Membership
from palier.concerns import events, policies, queries
from palier.concerns.models import Concern
from palier.concerns.states import RISING
from palier.duties.models import Duty
from palier.duties.models import Kind as DutyKind
from palier.duties.operations import open_duty, settle_duties
from palier.journal import live
from palier.journal.operations import Mention, record
from palier.kernel import clock, typed
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.kernel.text import clip
from palier.people.models import Person
from palier.people.operations import SAME_GESTURE
from palier.territories.models import Territory

LONGEST_FACTS = 4000


@transaction.atomic
def open_concern(
    *,
    person_id: int | None,
    facts: str,
    urgency: str = "today",
    source: str = "agent",
    reported_by: str | None = None,
    owner_id: int | None = None,
    actor: Actor,
) -> Concern:
    """Write down facts that worry somebody; the owner, or the desk, has to look in time.

    `person_id=None`: an unknown caller. The same facts twice in a row (a double click) are one concern.
    """
    if not policies.may_open(actor):
        raise NotAllowed
    facts = _facts("facts", facts)
    typed.one_of("urgency", urgency, Concern.Urgency.values)
    typed.one_of("source", source, Concern.Source.values)
    person = None
    if person_id is None:
        # Nothing else to lock: two clicks come one after the other.
        Territory.objects.select_for_update(no_key=True).get(pk=actor.territory_id)
    else:
        person = _person_locked(person_id, actor)
    owner = _owner(owner_id)
    now = clock.now()
    reported_by = typed.line("reported_by", reported_by, 120) if reported_by else actor.name[:120]
    twin = (
        Concern.objects.open()
        .filter(person=person, facts=facts, reported_by=reported_by, opened_at__gt=now - SAME_GESTURE)
        .first()
    )
    if twin is not None:
        return twin
    concern = Concern.objects.create(
        territory_id=actor.territory_id,
        person=person,
        facts=facts,
        urgency=urgency,
        source=source,
        reported_by=reported_by,
        opened_at=now,
        owner=owner,
    )
    _owe(concern, owner, actor)
    record(
        events.CONCERN_OPENED,
        actor=actor,
        about=_about(concern),
        urgency=urgency,
        source=source,
        words=clip(facts, 500),
        reported_by=reported_by,
    )
    live.publish(actor.territory_id, "concerns.concern", concern.pk)
    return concern


@transaction.atomic
def complete_concern(
    concern_id: int, *, facts: str = "", urgency: str = "", person_id: int | None = None, actor: Actor
) -> Concern:
    """Add facts to an open concern, name the person it is about, or make it more urgent; never less."""
    concern = _locked(concern_id, actor)
    if not policies.may_add(actor, concern):
        raise NotAllowed
    _refuse_closed(concern)
    written = []
    added = typed.text("facts", facts, LONGEST_FACTS)
    if added and added not in concern.facts:
        concern.facts = _facts("facts", f"{concern.facts}\n{added}")
        written.append("facts")
    if urgency:
        typed.one_of("urgency", urgency, Concern.Urgency.values)
        if RISING.index(Concern.Urgency(urgency)) > RISING.index(Concern.Urgency(concern.urgency)):
            concern.urgency = urgency
            written.append("urgency")
    if person_id is not None and concern.person_id is None:
        concern.person = _person_locked(person_id, actor)
        written.append("person")
    if not written:
        return concern
    concern.save(update_fields=written)
    if "urgency" in written:
        _owe(concern, concern.owner, actor)
    if "person" in written:
        Duty.objects.open().of("concerns.concern", concern.pk).update(person_id=concern.person_id)
    record(
        events.CONCERN_COMPLETED,
        actor=actor,
        about=_about(concern),
        urgency=concern.urgency,
        words=clip(added, 500),
    )
    live.publish(actor.territory_id, "concerns.concern", concern.pk)
    return concern


@transaction.atomic
def close_concern(concern_id: int, *, outcome: str, what_was_done: str, actor: Actor) -> Concern:
    """Close a concern with what was done about it; closed already, NotPossibleNow says by whom."""
    concern = _locked(concern_id, actor)
    if not policies.may_close(actor, concern):
        raise NotAllowed
    typed.one_of("outcome", outcome, Concern.Outcome.values)
    done = typed.text("what_was_done", what_was_done, 2000)
    if not done:
        raise BadInput(
            "what_was_done", _("Écrivez ce qui a été fait : qui a été vu ou joint, et quand."), "required"
        )
    _refuse_closed(concern)
    return _close(concern, outcome, done, actor)


@transaction.atomic
def take_back_concern(concern_id: int, *, actor: Actor) -> Concern:
    """The agent cancels the call they logged a moment ago, and with it the concern that came of it."""
    concern = _locked(concern_id, actor)
    if not policies.may_add(actor, concern):
        raise NotAllowed
    _refuse_closed(concern)
    return _close(
        concern, Concern.Outcome.REASSURED, _("Annulé avec l’appel, juste après l’enregistrement."), actor
    )


def _close(concern: Concern, outcome: str, done: str, actor: Actor) -> Concern:
    concern.outcome, concern.what_was_done = outcome, done
    concern.closed_at, concern.closed_by = clock.now(), actor.name[:120]
    concern.save(update_fields=["outcome", "what_was_done", "closed_at", "closed_by"])
    settle_duties(concern, actor=actor)
    record(events.CONCERN_CLOSED, actor=actor, about=_about(concern), outcome=outcome, words=clip(done, 500))
    return concern


def _locked(concern_id: int, actor: Actor) -> Concern:
    concerns = Concern.objects.filter(territory_id=actor.territory_id).select_related("owner")
    return concerns.select_for_update(of=("self",), no_key=True).get(pk=concern_id)


def _owe(concern: Concern, owner: Membership | None, actor: Actor) -> None:
    current = Duty.objects.open().of("concerns.concern", concern.pk).select_related("owner").first()
    open_duty(
        concern,
        kind=DutyKind.LOOK_AT_CONCERN,
        due_at=queries.due_time(concern.territory_id, concern.urgency),
        actor=actor,
        owner=owner or (current.owner if current else None),
        person_id=concern.person_id,
    )


def _about(concern: Concern) -> list[Concern | Mention]:
    about: list[Concern | Mention] = [concern]
    if concern.person_id is not None:
        about.append(Mention("people.person", concern.person_id))
    return about


def _facts(field: str, raw: str) -> str:
    facts = typed.text(field, raw, LONGEST_FACTS)
    if not facts:
        raise BadInput(field, _("Écrivez les faits : vus, entendus ou rapportés."), "required")
    return facts


def _person_locked(person_id: int, actor: Actor) -> Person:
    """A neighbour or a partner reports about somebody whose file they cannot see; the wall still holds."""
    people = Person.objects.filter(territory_id=actor.territory_id)
    if actor.is_desk:
        people = people.visible_to(actor)
    person = people.select_for_update(of=("self",), no_key=True).filter(pk=person_id).first()
    if person is None:
        raise BadInput("person_id", _("Choisissez la personne dans la liste, ou laissez vide."), "choice")
    return person


def _refuse_closed(concern: Concern) -> None:
    if concern.closed_at is not None:
        raise NotPossibleNow(_("Ce signalement a déjà été clos par %(name)s.") % {"name": concern.closed_by})


def _owner(membership_id: int | None) -> Membership | None:
    if membership_id is None:
        return None
    owner = Membership.objects.live().filter(pk=membership_id, organisation__is_lead=True).first()
    if owner is None:
        raise BadInput(
            "owner_id", _("Cette personne ne travaille plus ici. Choisissez quelqu’un d’autre."), "choice"
        )
    return owner
