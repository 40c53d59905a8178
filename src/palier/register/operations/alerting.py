"""Opening, raising and ending an alert: by an authority, with an act (REG-25, ALR-01)."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.journal.operations import record
from palier.kernel import clock, typed
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.register import events, policies
from palier.register.models import Alert


@transaction.atomic
def open_alert(
    *, plan: str, level: str, authority: str, act: str, is_triggered: bool = False, actor: Actor
) -> Alert:
    """Begin an alert of a plan; one at a time of each. Without an authority and its act there is none."""
    if not policies.may_raise_alert(actor):
        raise NotAllowed
    values = _checked(plan, level, authority, act)
    try:
        with transaction.atomic():
            alert = Alert.objects.create(
                territory_id=actor.territory_id,
                is_triggered=is_triggered,
                started_at=clock.now(),
                started_by=actor.name[:120],
                **values,
            )
    except IntegrityError as error:
        raise NotPossibleNow(_("Une alerte est déjà ouverte pour ce plan.")) from error
    record(events.ALERT_OPENED, actor=actor, about=[alert], is_triggered=is_triggered, **values)
    return alert


@transaction.atomic
def change_alert(alert_id: int, *, level: str, act: str, is_triggered: bool, actor: Actor) -> Alert:
    """Another colour, or the plan triggered meanwhile, by an act again."""
    if not policies.may_raise_alert(actor):
        raise NotAllowed
    alert = _locked(alert_id, actor)
    if alert.ended_at is not None:
        raise NotPossibleNow(_("Cette alerte est levée."))
    values = _checked(alert.plan, level, alert.authority, act)
    alert.level, alert.act, alert.is_triggered = values["level"], values["act"], is_triggered
    alert.save(update_fields=["level", "act", "is_triggered"])
    record(
        events.ALERT_CHANGED,
        actor=actor,
        about=[alert],
        level=alert.level,
        act=alert.act,
        is_triggered=is_triggered,
    )
    return alert


@transaction.atomic
def end_alert(alert_id: int, *, actor: Actor) -> Alert:
    """The alert is over; ended twice is ended once."""
    if not policies.may_raise_alert(actor):
        raise NotAllowed
    alert = _locked(alert_id, actor)
    if alert.ended_at is not None:
        return alert
    alert.ended_at, alert.ended_by = clock.now(), actor.name[:120]
    alert.save(update_fields=["ended_at", "ended_by"])
    record(events.ALERT_ENDED, actor=actor, about=[alert], plan=alert.plan)
    return alert


def _locked(alert_id: int, actor: Actor) -> Alert:
    alerts = Alert.objects.visible_to(actor)
    return alerts.select_for_update(of=("self",), no_key=True).get(pk=alert_id)


def _checked(plan: str, level: str, authority: str, act: str) -> dict[str, str]:
    typed.one_of("plan", plan, Alert.Plan.values)
    typed.one_of("level", level, Alert.Level.values)
    typed.one_of("authority", authority, Alert.Authority.values)
    act = typed.line("act", act, 120)
    if not act:
        raise BadInput(
            "act",
            _("Écrivez la référence : arrêté préfectoral, ou décision du maire avec sa date."),
            "required",
        )
    return {"plan": plan, "level": level, "authority": authority, "act": act}
