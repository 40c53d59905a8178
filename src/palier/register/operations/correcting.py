"""What the recipients of a copy are told when an entry changed or ended since (R121-10, REG-19)."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.duties.models import Kind as DutyKind
from palier.duties.operations import desk_team, open_duty
from palier.kernel import clock
from palier.register import fields
from palier.register.models import CommunicatedEntry, Communication, Enrolment, Rectification
from palier.register.operations.checking import somebody_named

# Somebody may be at a door with the old address.
TIME_TO_TELL = timedelta(days=1)


def owe_correction(enrolments: Sequence[Enrolment], *, actor: Actor) -> int:
    """Open what is to be told about these entries to whoever still holds a copy; gives how many notices."""
    now = clock.now()
    opened = 0
    held = (
        CommunicatedEntry.objects.filter(
            enrolment__in=enrolments,
            communication__outcome=Communication.Outcome.APPROVED,
            communication__expires_at__gt=now,
        )
        .select_related("communication__register", "enrolment__person")
        .order_by("pk")
    )
    for line in held:
        enrolment, communication = line.enrolment, line.communication
        record = fields.record_of(enrolment)
        names = (
            fields.CONTACT if communication.profile != Communication.Profile.FULL else tuple(fields.STATUTORY)
        )
        gone = enrolment.state == Enrolment.State.REMOVED or not _is_present(enrolment)
        what = (
            _("N’est plus au registre : effacez cette ligne.")
            if gone
            else "\n".join(
                f"{fields.STATUTORY[name]} : {value}"
                for name, value in zip(names, record.cells(names), strict=True)
                if value
            )
        )
        known = (
            Rectification.objects.open().filter(communication=communication, about=_about(enrolment)).first()
        )
        if known is not None:
            known.what = what[:1000]
            known.save(update_fields=["what"])
            continue
        made = Rectification.objects.create(
            territory_id=actor.territory_id,
            communication=communication,
            about=_about(enrolment),
            what=what[:1000],
            opened_at=now,
        )
        owner = somebody_named(communication.register, actor=actor)
        open_duty(
            made,
            kind=DutyKind.TELL_RECIPIENTS,
            due_at=now + TIME_TO_TELL,
            owner=owner,
            team=None if owner else desk_team(actor.territory_id),
            label=communication.reference,
            actor=actor,
        )
        opened += 1
    return opened


def _is_present(enrolment: Enrolment) -> bool:
    return Enrolment.objects.present().filter(pk=enrolment.pk).exists()


def _about(enrolment: Enrolment) -> str:
    born = f", {enrolment.person.birth_on:%d/%m/%Y}" if enrolment.person.birth_on else ""
    return f"{enrolment.person.full_name}{born}"[:200]
