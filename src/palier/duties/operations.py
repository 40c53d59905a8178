"""Opening, taking, giving, settling duties, and making the overdue ones climb."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.accounts.models import Membership, OnCall, Role
from palier.duties import events, policies
from palier.duties.models import Duty
from palier.journal import live
from palier.journal.operations import Mention, kind_of, record
from palier.kernel import clock, statements
from palier.kernel.errors import NotAllowed, NotPossibleNow
from palier.territories.models import Organisation, Team, Territory

TOP = 3
# What an acknowledgement buys before the duty climbs again.
ACKNOWLEDGED_FOR = timedelta(hours=2)


def open_duty(
    subject: models.Model | Mention,
    *,
    kind: str,
    due_at: datetime,
    actor: Actor,
    owner: Membership | None = None,
    owner_id: int | None = None,
    team: Team | None = None,
    person_id: int | None = None,
    label: str = "",
    climbs_at: datetime | None = None,
) -> Duty:
    """Write down what is owed for `subject`, or move the open duty of that kind to the new owner and time.

    Without owner it goes to `team`, and without team to the lead organisation's desk, where it shows as
    « sans responsable ». `climbs_at`: when the law names the day; else the territory's grace after `due_at`.
    """
    if owner is None and owner_id is not None:
        owner = Membership.objects.get(pk=owner_id)
    found = statements.rows(
        OWE,
        {
            "territory": actor.territory_id,
            "kind": str(kind),
            "subject_kind": kind_of(subject),
            "subject_id": subject.pk,
            "person": person_id,
            "label": label[:160],
            "owner": owner.pk if owner else None,
            "team": team.pk if team else None,
            "organisation": owner.organisation_id if owner else team.organisation_id if team else None,
            "due_at": due_at,
            "climbs_at": climbs_at,
            "now": clock.now(),
            "channel": live.CHANNEL,
        },
    )
    duty = statements.made(Duty, found[0][1:])
    if owner is not None:
        duty.owner = owner
    return duty


# Asked at each change of state: where it goes, when it climbs, the row itself and the word to open screens, in one
# statement. An open duty of the kind moves to the new owner and time, and begins to climb anew.
OWE = f"""
with made as (
  insert into duties_duty as d (territory_id, kind, subject_kind, subject_id, person_id, label, organisation_id, owner_id,
    team_id, due_at, opened_at, climbs_at, level, settled_by, acknowledged_by)
  select t.id, %(kind)s, %(subject_kind)s, %(subject_id)s, %(person)s::bigint, %(label)s,
    coalesce(%(organisation)s::bigint, desk.organisation_id), %(owner)s::bigint,
    case when %(owner)s::bigint is null then coalesce(%(team)s::bigint, desk.id) else %(team)s::bigint end,
    %(due_at)s::timestamptz, %(now)s::timestamptz,
    coalesce(%(climbs_at)s::timestamptz, %(due_at)s::timestamptz + make_interval(mins => t.climb_minutes)), 0, '', ''
  from territories_territory t left join lateral (
    select e.id, e.organisation_id from territories_team e join territories_organisation o on o.id = e.organisation_id
    where e.territory_id = t.id and o.is_lead and e.answers_the_phone and %(organisation)s::bigint is null
    order by e.id limit 1
  ) desk on true
  where t.id = %(territory)s
  on conflict (subject_kind, subject_id, kind) where settled_at is null do update set
    owner_id = excluded.owner_id, team_id = excluded.team_id, organisation_id = excluded.organisation_id,
    due_at = excluded.due_at, climbs_at = excluded.climbs_at, level = 0, raised_to_id = null,
    label = case when excluded.label = '' then d.label else excluded.label end
  returning d.*
)
select pg_notify(%(channel)s, json_build_object(
    'territory', m.territory_id, 'kind', 'duties.duty', 'id', m.id, 'for', m.owner_id)::text),
  {statements.columns(Duty, "m")} from made m
"""


def settle_duties(
    subject: models.Model | Mention, *, actor: Actor, kinds: Iterable[str] | None = None
) -> int:
    """Settle the open duties of `subject` (all, or of these kinds); gives how many."""
    return len(statements.rows(*settling(subject, actor=actor, kinds=kinds)))


SETTLE = """
update duties_duty set settled_at = %s, settled_by = %s
where subject_kind = %s and subject_id = %s and settled_at is null{kinds} returning id
"""
SETTLE_ALL = SETTLE.format(kinds="")
SETTLE_KINDS = SETTLE.format(kinds=" and kind = any(%s)")


def settling(
    subject: models.Model | Mention, *, actor: Actor, kinds: Iterable[str] | None = None
) -> tuple[str, list[Any]]:
    """The statement of `settle_duties`, for `statements.together`."""
    values: list[Any] = [clock.now(), actor.name[:120], kind_of(subject), subject.pk]
    if kinds is None:
        return SETTLE_ALL, values
    return SETTLE_KINDS, [*values, [str(kind) for kind in kinds]]


@transaction.atomic
def take(duty_id: int, *, actor: Actor) -> Duty:
    """« Je m’en charge »: the first who says so owns it; whoever comes second is told who did."""
    duty = _locked(duty_id)
    if not policies.may_take(actor, duty):
        raise NotAllowed
    if duty.settled_at is not None:
        raise NotPossibleNow(_("C’est déjà fait."))
    if duty.owner_id == actor.membership_id:
        return duty
    if duty.owner_id is not None:
        raise NotPossibleNow(
            _("%(name)s s’en charge déjà.") % {"name": duty.owner.user.get_full_name() if duty.owner else ""}
        )
    assert actor.membership_id is not None
    duty.owner = Membership.objects.select_related("user").get(pk=actor.membership_id)
    duty.save(update_fields=["owner"])
    record(
        events.DUTY_TAKEN,
        actor=actor,
        about=_about(duty),
        owner=actor.name,
        what=duty.kind,
        duty=duty.pk,
    )
    return duty


@transaction.atomic
def give(duty_id: int, to_membership_id: int, *, actor: Actor) -> Duty:
    """Hand a duty on to a colleague of the same organisation who can be reached."""
    duty = _locked(duty_id)
    if not policies.may_give(actor, duty):
        raise NotAllowed
    if duty.settled_at is not None:
        raise NotPossibleNow(_("C’est déjà fait."))
    to = (
        Membership.objects.live()
        .select_related("user")
        .filter(pk=to_membership_id, organisation_id=duty.organisation_id)
        .first()
    )
    if to is None:
        raise NotPossibleNow(_("Cette personne ne travaille plus ici. Choisissez quelqu’un d’autre."))
    duty.owner = to
    duty.raised_to = None
    duty.level = 0
    duty.climbs_at = max(duty.due_at, clock.now()) + timedelta(minutes=climb_minutes(actor.territory_id))
    duty.save(update_fields=["owner", "raised_to", "level", "climbs_at"])
    record(
        events.DUTY_GIVEN,
        actor=actor,
        about=_about(duty),
        owner=str(to.user),
        what=duty.kind,
        duty=duty.pk,
    )
    return duty


@transaction.atomic
def acknowledge(duty_id: int, *, actor: Actor) -> Duty:
    """Somebody it climbed to has seen it: it waits a stated time, then climbs again."""
    duty = _locked(duty_id)
    if not policies.may_take(actor, duty):
        raise NotAllowed
    if duty.settled_at is not None:
        raise NotPossibleNow(_("C’est déjà fait."))
    duty.climbs_at = clock.now() + ACKNOWLEDGED_FOR
    duty.acknowledged_by = actor.name[:120]
    duty.save(update_fields=["climbs_at", "acknowledged_by"])
    until = timezone.localtime(duty.climbs_at, Territory.objects.get(pk=duty.territory_id).zone)
    record(
        events.DUTY_ACKNOWLEDGED,
        actor=actor,
        about=_about(duty),
        until=f"{until:%H:%M}",
        what=duty.kind,
        duty=duty.pk,
    )
    return duty


@transaction.atomic
def climb(duty_id: int, *, actor: Actor) -> Duty | None:
    """Take one overdue duty one step up: owner, deputy, on call, head. A step that reaches nobody is skipped and said."""
    duty = (
        Duty.objects.select_for_update(of=("self",), no_key=True, skip_locked=True).filter(pk=duty_id).first()
    )
    now = clock.now()
    if duty is None or duty.settled_at is not None or duty.climbs_at is None or duty.climbs_at > now:
        return None
    skipped: list[str] = []
    step = _next_step(duty, now, skipped)
    duty.level, duty.raised_to = (step.level, step.to) if step else (TOP, duty.raised_to)
    # At the top it comes back every day until it is done: nothing is ever dropped.
    duty.climbs_at = now + (
        timedelta(days=1) if duty.level >= TOP else timedelta(minutes=climb_minutes(duty.territory_id))
    )
    duty.save(update_fields=["level", "raised_to", "climbs_at"])
    record(
        events.DUTY_CLIMBED,
        actor=actor,
        about=_about(duty),
        to=str(step.to.user) if step else "",
        what=duty.kind,
        duty=duty.pk,
        level=duty.level,
        skipped=skipped,
    )
    return duty


@dataclass(frozen=True)
class Step:
    level: int
    to: Membership


def _next_step(duty: Duty, now: datetime, skipped: list[str]) -> Step | None:
    reachable = Membership.objects.reachable(now).select_related("user")
    tried = {duty.owner_id, duty.raised_to_id}
    for level in range(duty.level + 1, TOP + 1):
        if level == 1:
            deputy_id = duty.owner.deputy_id if duty.owner else None
            to = reachable.filter(pk=deputy_id).first() if deputy_id else None
            name = "deputy"
        elif level == 2:
            on_call = OnCall.objects.filter(
                organisation_id=duty.organisation_id, starts_at__lte=now, ends_at__gt=now
            ).values("membership_id")
            to = reachable.filter(pk__in=on_call).order_by("pk").first()
            name = "on_call"
        else:
            to = reachable.filter(organisation_id=duty.organisation_id, role=Role.HEAD).order_by("pk").first()
            name = "head"
        if to is not None and to.pk not in tried:
            return Step(level, to)
        skipped.append(name)
    return None


def desk_team(territory_id: int) -> Team:
    """The team that answers the telephone for the lead organisation: where things without an owner are seen."""
    return Team.objects.filter(
        territory_id=territory_id, organisation__is_lead=True, answers_the_phone=True
    ).order_by("pk")[0]


def lead_organisation(territory_id: int) -> Organisation:
    return Organisation.objects.get(territory_id=territory_id, is_lead=True)


def climb_minutes(territory_id: int) -> int:
    return Territory.objects.values_list("climb_minutes", flat=True).get(pk=territory_id)


def _locked(duty_id: int) -> Duty:
    return (
        Duty.objects.select_for_update(of=("self",), no_key=True)
        .select_related("owner__user")
        .get(pk=duty_id)
    )


def _about(duty: Duty) -> list[models.Model | Mention]:
    about: list[models.Model | Mention] = [Mention(duty.subject_kind, duty.subject_id)]
    if duty.person_id is not None:
        about.append(Mention("people.person", duty.person_id))
    return about
