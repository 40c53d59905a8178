"""The one door to a register's people: every list says what it is for, and a register serves its own purpose only."""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.journal.operations import note_access, record
from palier.kernel.errors import BadInput, NotAllowed
from palier.register import events, policies
from palier.register.models import Alert, Enrolment, Register
from palier.register.states import USES


@dataclass(frozen=True)
class Used:
    """A list that was drawn: the entries, in alphabetical order."""

    register: Register
    use: str
    alert: Alert | None
    enrolments: tuple[Enrolment, ...]


def check_use(register: Register, use: str) -> None:
    """REG-22, REG-24: gifts, news, elections and every other purpose are refused, whoever asks."""
    if use not in USES[register.kind]:
        raise BadInput(
            "use",
            _("Ce registre ne sert qu’à ce pour quoi les personnes s’y sont inscrites : pas à cela."),
            "other_purpose",
        )


@transaction.atomic
def use_list(register_id: int, *, use: str, alert_id: int | None = None, actor: Actor) -> Used:
    """Draw the list of a register for one of its purposes; what is drawn is written down.

    A list of alert needs an open alert, with its authority and act (REG-25), and holds those who are still « à confirmer »
    (REG-07). A list against isolation holds those who said yes to that purpose, and no other (REG-21).
    """
    register = Register.objects.visible_to(actor).filter(pk=register_id).first()
    if register is None or not policies.may_read(actor, register_id):
        raise NotAllowed
    check_use(register, use)
    alert = None
    if use == "alert":
        alert = Alert.objects.open().filter(territory_id=actor.territory_id, pk=alert_id or 0).first()
        if alert is None:
            raise BadInput(
                "alert_id",
                _("Ouvrez d’abord l’alerte : la liste part d’une décision, avec sa référence."),
                "required",
            )
    rows = Enrolment.objects.present().filter(register=register)
    if use == "isolation_prevention":
        rows = rows.filter(isolation_prevention=Enrolment.Answer.YES, state=Enrolment.State.ACTIVE)
    elif use != "alert":
        rows = rows.filter(state=Enrolment.State.ACTIVE)
    found = tuple(
        rows.select_related("person", "register")
        .prefetch_related("person__phones")
        .order_by("person__search_text", "pk")
    )
    record(
        events.LIST_USED,
        actor=actor,
        about=[register],
        use=use,
        count=len(found),
        alert=alert.pk if alert else None,
    )
    note_access(actor=actor, operation="export", about=register, reason=f"{use}, {len(found)}")
    return Used(register, use, alert, found)
