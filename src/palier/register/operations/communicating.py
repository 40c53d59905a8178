"""Handing entries over: one asks, another approves, the file is encrypted, each copy is counted (REG-16 to REG-18)."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.accounts.models import Membership
from palier.duties.models import Kind as DutyKind
from palier.duties.operations import desk_team, open_duty, settle_duties
from palier.journal.operations import note_access, record
from palier.kernel import clock, typed
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.kernel.text import fold
from palier.register import days, events, fields, policies, sealing
from palier.register.models import (
    Alert,
    CommunicatedEntry,
    Communication,
    Designation,
    Enrolment,
    Rectification,
)
from palier.register.operations import checking
from palier.territories.models import Territory

C = Communication
# The prefect waits, or somebody is cold: the second pair of eyes is owed within two hours.
TIME_TO_DECIDE = timedelta(hours=2)
# A copy is not for ever.
LONGEST = timedelta(days=366)
_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True)
class Sealed:
    """What the approver sees once: the password goes to the recipient by another way than the file."""

    communication: Communication
    password: str


@transaction.atomic
def ask_communication(
    register_id: int,
    *,
    authority: str,
    plan: str,
    reference: str,
    profile: str,
    recipients: Sequence[tuple[str, str]],
    expires_on: date,
    sector: str = "",
    alert_id: int | None = None,
    actor: Actor,
) -> Communication:
    """Ask for a handing over. Nothing leaves before somebody else has approved it.

    `recipients` are names with their service. For the prefect it answers a request with a reference (R121-8); the mayor
    hands directly to the services on the ground only while a plan is triggered (REG-18: NotPossibleNow otherwise).
    """
    register = checking.register_of(register_id, actor=actor)
    if not register.is_statutory:
        raise BadInput("use", _("Seul le registre de la loi est communiqué à une autorité."), "other_purpose")
    if actor.membership_id is None:
        raise NotAllowed
    territory = Territory.objects.get(pk=actor.territory_id)
    typed.one_of("authority", authority, C.Authority.values)
    alert = None
    if authority == C.Authority.MAYOR:
        alert = (
            Alert.objects.open()
            .filter(territory_id=actor.territory_id, is_triggered=True)
            .filter(**({"pk": alert_id} if alert_id else {}))
            .order_by("-started_at", "-pk")
            .first()
        )
        if alert is None:
            raise NotPossibleNow(
                _("Aucun plan n’est déclenché : hors alerte, seul le préfet peut demander le registre.")
            )
    plan = typed.line("plan", plan, 120)
    if not plan:
        raise BadInput(
            "plan", _("Écrivez au titre de quel plan : par exemple ORSEC, vagues de chaleur."), "required"
        )
    reference = typed.line("reference", reference, 120)
    if not reference:
        raise BadInput(
            "reference",
            _("Écrivez la référence de la demande : sans elle rien n’est communiqué."),
            "required",
        )
    typed.one_of("profile", profile, C.Profile.values)
    sector = typed.text("sector", sector, 1000)
    if profile == C.Profile.SECTOR and not sector:
        raise BadInput("sector", _("Écrivez les rues ou les codes postaux, un par ligne."), "required")
    named = [
        {"name": typed.line("recipients", name, 120), "service": typed.line("recipients", service, 120)}
        for name, service in recipients
        if name.strip()
    ]
    if not named or any(not one["service"] for one in named):
        raise BadInput(
            "recipients", _("Écrivez au moins une personne avec son service : « Nom, service »."), "required"
        )
    today = days.today(territory)
    if not today <= expires_on <= today + LONGEST:
        raise BadInput("expires_on", _("Jusqu’à quand ? Un jour à venir, dans l’année."), "range")
    made = C.objects.create(
        territory_id=actor.territory_id,
        register=register,
        authority=authority,
        alert=alert,
        plan=plan,
        reference=reference,
        profile=profile,
        sector=sector if profile == C.Profile.SECTOR else "",
        recipients=named,
        expires_at=days.midnight(expires_on + timedelta(days=1), territory),
        asked_by_id=actor.membership_id,
        asked_at=clock.now(),
    )
    second = _second(register.pk, actor)
    open_duty(
        made,
        kind=DutyKind.DECIDE_COMMUNICATION,
        due_at=clock.now() + TIME_TO_DECIDE,
        owner=second,
        team=None if second else desk_team(actor.territory_id),
        label=reference,
        actor=actor,
    )
    record(
        events.COMMUNICATION_ASKED,
        actor=actor,
        about=[made],
        reference=reference,
        authority=authority,
        profile=profile,
    )
    return made


@transaction.atomic
def approve_communication(communication_id: int, *, actor: Actor) -> Sealed:
    """The second person agrees: the file is written, sealed under a password that is shown once and kept nowhere."""
    made = _locked(communication_id, actor)
    if made.closed_at is not None:
        raise NotPossibleNow(_("Cette communication a déjà été décidée."))
    if _is_same_person(made, actor):
        raise NotPossibleNow(_("Une autre personne que celle qui demande approuve."))
    if made.expires_at <= clock.now():
        raise NotPossibleNow(_("Le délai de cette communication est passé. Faites-en une nouvelle."))
    if (
        made.authority == C.Authority.MAYOR
        and not Alert.objects.open().filter(pk=made.alert_id or 0).exists()
    ):
        raise NotPossibleNow(_("L’alerte est levée : le maire ne communique plus le registre."))
    rows = chosen(made)
    names = tuple(fields.STATUTORY) if made.profile == C.Profile.FULL else fields.CONTACT
    password = "-".join("".join(secrets.choice(_SIGNS) for _sign in range(5)) for _word in range(5))
    content = sealing.sealed(
        [str(fields.STATUTORY[name]) for name in names] + [_("Inscription")],
        [
            [*fields.record_of(row).cells(names), str(_("à confirmer")) if row.is_to_confirm else ""]
            for row in rows
        ],
        title=made.reference,
        password=password,
    )
    made.decided_by_id, made.closed_at, made.outcome = actor.membership_id, clock.now(), C.Outcome.APPROVED
    made.content, made.sha256, made.rows = content, hashlib.sha256(content).hexdigest(), len(rows)
    made.save(update_fields=["decided_by", "closed_at", "outcome", "content", "sha256", "rows"])
    CommunicatedEntry.objects.bulk_create(
        CommunicatedEntry(territory_id=actor.territory_id, communication=made, enrolment=row) for row in rows
    )
    settle_duties(made, actor=actor)
    record(
        events.COMMUNICATION_APPROVED,
        actor=actor,
        about=[made],
        reference=made.reference,
        sha256=made.sha256,
        rows=made.rows,
    )
    return Sealed(made, password)


@transaction.atomic
def refuse_communication(communication_id: int, *, actor: Actor) -> Communication:
    """Somebody says no, or whoever asked takes it back: nothing leaves."""
    made = _locked(communication_id, actor)
    if made.closed_at is not None:
        raise NotPossibleNow(_("Cette communication a déjà été décidée."))
    made.decided_by_id, made.closed_at, made.outcome = actor.membership_id, clock.now(), C.Outcome.REFUSED
    made.save(update_fields=["decided_by", "closed_at", "outcome"])
    settle_duties(made, actor=actor)
    record(events.COMMUNICATION_REFUSED, actor=actor, about=[made], reference=made.reference)
    return made


@transaction.atomic
def take_copy(communication_id: int, *, actor: Actor) -> tuple[str, bytes]:
    """One copy of the encrypted file, counted and written down; gives its name and content."""
    made = _locked(communication_id, actor)
    if made.outcome != C.Outcome.APPROVED:
        raise NotPossibleNow(_("Cette communication n’est pas approuvée."))
    if made.content is None or made.expires_at <= clock.now():
        raise NotPossibleNow(_("Le délai est passé : le fichier est effacé."))
    C.objects.filter(pk=made.pk).update(downloads=F("downloads") + 1)
    made.refresh_from_db(fields=["downloads"])
    record(events.COMMUNICATION_TAKEN, actor=actor, about=[made], copy=made.downloads, sha256=made.sha256)
    note_access(actor=actor, operation="export", about=made, reason=f"{made.reference}, {made.rows}")
    return f"registre-{fold(made.reference).replace(' ', '-')[:40] or made.pk}.7z", bytes(made.content)


@transaction.atomic
def tell_recipients(rectification_id: int, *, actor: Actor) -> Rectification:
    """The recipients were told what was wrong; told twice is told once."""
    made = (
        Rectification.objects.visible_to(actor)
        .select_related("communication")
        .select_for_update(of=("self",), no_key=True)
        .get(pk=rectification_id)
    )
    if not policies.may_read(actor, made.communication.register_id):
        raise NotAllowed
    if made.closed_at is None:
        made.closed_at, made.closed_by = clock.now(), actor.name[:120]
        made.save(update_fields=["closed_at", "closed_by"])
        settle_duties(made, actor=actor)
        record(events.RECTIFICATION_TOLD, actor=actor, about=[made], communication=made.communication_id)
    return made


def chosen(made: Communication) -> list[Enrolment]:
    """Whom the communication is about: those in force and those to confirm, of the sector when it has one."""
    rows = (
        Enrolment.objects.present()
        .filter(register_id=made.register_id)
        .select_related("person")
        .prefetch_related("person__phones")
        .order_by("person__search_text", "pk")
    )
    if made.profile != C.Profile.SECTOR:
        return list(rows)
    parts = [fold(line) for line in made.sector.splitlines() if line.strip()]
    return [
        row
        for row in rows
        if any(part == row.person.postcode or f" {part} " in f" {fold(row.person.street)} " for part in parts)
    ]


def _second(register_id: int, actor: Actor) -> Membership | None:
    """Another person who is named in the register, there today."""
    named = Designation.objects.live().filter(register_id=register_id)
    return (
        Membership.objects.reachable()
        .filter(pk__in=named.values("membership"))
        .exclude(pk=actor.membership_id or 0)
        .exclude(user_id=actor.user_id or 0)
        .order_by("pk")
        .first()
    )


def _is_same_person(made: Communication, actor: Actor) -> bool:
    """By the person, not by the place: somebody with two memberships is still one."""
    return made.asked_by_id == actor.membership_id or made.asked_by.user_id == actor.user_id


def _locked(communication_id: int, actor: Actor) -> Communication:
    made = (
        C.objects.visible_to(actor)
        .select_related("asked_by", "register")
        .select_for_update(of=("self",), no_key=True)
        .get(pk=communication_id)
    )
    if actor.membership_id is None or not policies.may_read(actor, made.register_id):
        raise NotAllowed
    return made
