"""Accounts and memberships. Their history is kept by triggers (MembershipEvent): accounts lie below the journal."""

import json
import secrets
import uuid
from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from palier.accounts import policies
from palier.accounts.actor import Actor
from palier.accounts.models import Absence, Membership, OnCall, Role, Session, User
from palier.kernel import clock
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.territories.models import Organisation, Team

CHANGEABLE = frozenset({"role", "team_id", "title", "extension", "deputy_id"})


@transaction.atomic
def add_member(
    *,
    email: str,
    first_name: str,
    last_name: str,
    role: str,
    organisation_id: int,
    team_id: int | None = None,
    title: str = "",
    actor: Actor,
) -> Membership:
    """Give somebody a place in an organisation; makes their account when they have none yet.

    A new account has no usable password: its owner makes one from the « mot de passe oublié » page.
    """
    if not policies.may_change_members(actor):
        raise NotAllowed
    if role not in Role.values:
        raise BadInput("role", _("Choisissez un rôle dans la liste."))
    organisation = Organisation.objects.filter(pk=organisation_id).first()
    if organisation is None:
        raise BadInput("organisation_id", _("Choisissez une organisation dans la liste."))
    _check_team(team_id, organisation.pk)
    email = email.strip().lower()
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User.objects.create_user(
            email, secrets.token_urlsafe(40), first_name=first_name, last_name=last_name
        )
        user.set_unusable_password()
        user.save(update_fields=["password"])
    try:
        with transaction.atomic():
            _history_says_by(actor)
            return Membership.objects.create(
                territory_id=actor.territory_id,
                organisation=organisation,
                user=user,
                role=role,
                team_id=team_id,
                title=title[:80],
                starts_at=clock.now(),
            )
    except IntegrityError:
        raise BadInput("email", _("Cette personne travaille déjà ici.")) from None


@transaction.atomic
def change_member(membership_id: int, *, actor: Actor, **fields: object) -> Membership:
    """Change a role, team, title, extension or deputy; it holds from the next request on (SEC-03)."""
    if not policies.may_change_members(actor):
        raise NotAllowed
    unknown = set(fields) - CHANGEABLE
    if unknown:
        raise ValueError(f"cannot change {sorted(unknown)}")
    membership = Membership.objects.select_for_update(of=("self",), no_key=True).get(pk=membership_id)
    if membership.ends_at is not None:
        raise NotPossibleNow(_("Cette personne ne travaille plus ici."))
    if "role" in fields and fields["role"] not in Role.values:
        raise BadInput("role", _("Choisissez un rôle dans la liste."))
    if fields.get("team_id") is not None:
        _check_team(int(str(fields["team_id"])), membership.organisation_id)
    if (deputy_id := fields.get("deputy_id")) is not None:
        deputy = Membership.objects.live().filter(
            pk=int(str(deputy_id)), organisation=membership.organisation_id
        )
        if deputy_id == membership.pk or not deputy.exists():
            raise BadInput("deputy_id", _("Choisissez un autre collègue de la même organisation."))
    for name, value in fields.items():
        setattr(membership, name, value)
    _history_says_by(actor)
    membership.save(update_fields=[name.removesuffix("_id") for name in fields])
    return membership


@transaction.atomic
def end_membership(membership_id: int, *, actor: Actor) -> Membership:
    """Their place ends now, and with it their open sessions here (SEC-08). Duties: see duties.leaving."""
    if not policies.may_change_members(actor):
        raise NotAllowed
    membership = Membership.objects.select_for_update(of=("self",), no_key=True).get(pk=membership_id)
    if membership.pk == actor.membership_id:
        raise NotPossibleNow(
            _("Vous ne pouvez pas terminer votre propre accès. Demandez à un autre responsable.")
        )
    if membership.ends_at is None:
        membership.ends_at = clock.now()
        _history_says_by(actor)
        membership.save(update_fields=["ends_at"])
        Session.objects.filter(membership=membership).delete()
    return membership


@transaction.atomic
def add_absence(
    membership_id: int, *, starts_at: datetime, ends_at: datetime, reason: str = "", actor: Actor
) -> Absence:
    """Say when somebody cannot be reached: what climbs meanwhile goes past them."""
    if not policies.may_say_absent(actor, membership_id):
        raise NotAllowed
    if ends_at <= starts_at:
        raise BadInput("ends_at", _("La fin doit venir après le début."))
    if ends_at <= clock.now():
        raise BadInput("ends_at", _("Cette absence est déjà passée."))
    absence, _created = Absence.objects.get_or_create(
        territory_id=actor.territory_id,
        membership_id=membership_id,
        starts_at=starts_at,
        ends_at=ends_at,
        defaults={"reason": reason[:80]},
    )
    return absence


@transaction.atomic
def remove_absence(absence_id: int, *, actor: Actor) -> None:
    absence = Absence.objects.filter(pk=absence_id).first()
    if absence is None:
        return
    if not policies.may_say_absent(actor, absence.membership_id):
        raise NotAllowed
    absence.delete()


@transaction.atomic
def put_on_call(membership_id: int, *, starts_at: datetime, ends_at: datetime, actor: Actor) -> OnCall:
    """Who is reached out of hours and when everybody else failed; at least one person, so overlaps are welcome."""
    if not policies.may_change_members(actor):
        raise NotAllowed
    if ends_at <= starts_at:
        raise BadInput("ends_at", _("La fin doit venir après le début."))
    membership = Membership.objects.live().filter(pk=membership_id).first()
    if membership is None:
        raise BadInput("membership", _("Choisissez quelqu’un de l’équipe."))
    on_call, _created = OnCall.objects.get_or_create(
        territory_id=actor.territory_id,
        organisation_id=membership.organisation_id,
        membership=membership,
        starts_at=starts_at,
        ends_at=ends_at,
    )
    return on_call


def end_session(session_key: str, *, user_id: int) -> None:
    """End one of one's own open sign-ins."""
    Session.objects.filter(pk=session_key, user_id=user_id).delete()


def _check_team(team_id: int | None, organisation_id: int) -> None:
    if team_id is not None and not Team.objects.filter(pk=team_id, organisation_id=organisation_id).exists():
        raise BadInput("team_id", _("Choisissez une équipe de cette organisation."))


def _history_says_by(actor: Actor) -> None:
    """Tell the triggers of the history who changes, for the rest of the transaction.

    `pghistory.context` puts the same words in front of each statement; two statements in one cannot be prepared.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select set_config('pghistory.context_id', %s, true), set_config('pghistory.context_metadata', %s, true)",
            [str(uuid.uuid4()), json.dumps({"by": actor.membership_id})],
        )
