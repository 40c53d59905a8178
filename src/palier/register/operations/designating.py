"""Naming people by a signed act, until a day; and their promise of secrecy (R121-7)."""

from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.accounts.models import Membership
from palier.journal.operations import record
from palier.kernel import clock, typed
from palier.kernel.errors import BadInput, NotAllowed
from palier.people import operations as people
from palier.people.models import CompartmentGrant
from palier.people.policies import DESK_ROLES
from palier.register import days, events, policies
from palier.register.models import Designation, Register, Undertaking
from palier.register.models.designations import UNDERTAKING
from palier.territories.models import Territory

# A mandate is for a time: the longest that an act may give here.
LONGEST = timedelta(days=6 * 366)


@transaction.atomic
def designate(
    register_id: int,
    *,
    membership_id: int,
    starts_on: date,
    ends_on: date,
    act: str,
    signed_on: date,
    actor: Actor,
) -> Designation:
    """Name somebody of the desk in a register, from a day to a day, by an act of the mayor (REG-13).

    She reads it from the first midnight on, once she promised secrecy, and no longer from the midnight after the last day.
    Named again for days that touch: the same designation, with the new end and act.
    """
    if not policies.may_administer(actor):
        raise NotAllowed
    territory = Territory.objects.get(pk=actor.territory_id)
    register = (
        Register.objects.visible_to(actor).select_for_update(of=("self",), no_key=True).get(pk=register_id)
    )
    act = typed.line("act", act, 120)
    if not act:
        raise BadInput(
            "act", _("Écrivez la référence de l’acte signé, par exemple : arrêté n° 2026-118."), "required"
        )
    if ends_on < starts_on:
        raise BadInput("ends_on", _("La désignation finit après avoir commencé."), "range")
    if ends_on < days.today(territory):
        raise BadInput("ends_on", _("Ce jour est passé. Écrivez le dernier jour de la désignation."), "past")
    if ends_on - starts_on > LONGEST:
        raise BadInput("ends_on", _("Une désignation dure six ans au plus. Vérifiez l’année."), "too_far")
    signed_on = typed.past_day("signed_on", signed_on)
    member = (
        Membership.objects.live()
        .select_related("user")
        .filter(pk=membership_id, organisation__is_lead=True, role__in=DESK_ROLES)
        .first()
    )
    if member is None:
        raise BadInput("membership_id", _("Choisissez quelqu’un qui travaille à l’accueil."), "choice")
    starts_at = days.midnight(starts_on, territory)
    ends_at = days.midnight(ends_on + timedelta(days=1), territory)
    known = (
        Designation.objects.filter(
            register=register, membership=member, starts_at__lte=ends_at, ends_at__gte=starts_at, ends_at__gt=clock.now()
        )
        .order_by("pk")
        .last()
    )  # fmt: skip
    if known is not None:
        known.starts_at, known.ends_at = min(known.starts_at, starts_at), ends_at
        known.act, known.signed_on = act, signed_on
        known.save(update_fields=["starts_at", "ends_at", "act", "signed_on"])
        made = known
    else:
        made = Designation.objects.create(
            territory_id=actor.territory_id,
            register=register,
            membership=member,
            starts_at=starts_at,
            ends_at=ends_at,
            act=act,
            signed_on=signed_on,
            noted_by=actor.name[:120],
        )
    # The files that only this register knows are seen by the same people, for the same time.
    people.grant(
        register.compartment_id,
        membership_id=member.pk,
        starts_at=starts_at,
        ends_at=ends_at,
        actor=Actor.job("register.designate", actor.territory_id),
    )
    record(
        events.DESIGNATED,
        actor=actor,
        about=[register],
        membership=member.pk,
        name=str(member.user),
        until=ends_on.isoformat(),
        act=act,
    )
    return made


@transaction.atomic
def end_designation(designation_id: int, *, actor: Actor) -> Designation:
    """From this moment on she reads the register no more. Ended twice is ended once."""
    if not policies.may_administer(actor):
        raise NotAllowed
    made = (
        Designation.objects.visible_to(actor)
        .select_related("register", "membership__user")
        .select_for_update(of=("self",), no_key=True)
        .get(pk=designation_id)
    )
    now = clock.now()
    if made.ends_at <= now:
        return made
    made.ends_at = max(now, made.starts_at)
    made.save(update_fields=["ends_at"])
    others = Designation.objects.live(now).filter(
        membership=made.membership, register__compartment=made.register.compartment_id
    )
    if not others.exists():
        grants = CompartmentGrant.objects.filter(
            compartment_id=made.register.compartment_id, membership=made.membership, ends_at__gt=now
        )
        for held in grants.order_by("pk"):
            people.revoke(held.pk, actor=Actor.job("register.designate", actor.territory_id))
    record(
        events.DESIGNATION_ENDED,
        actor=actor,
        about=[made.register],
        membership=made.membership_id,
        name=str(made.membership.user),
    )
    return made


@transaction.atomic
def promise_secrecy(*, version: int, actor: Actor) -> Undertaking:
    """The promise, in the words that were shown; asked at first and each year (REG-14)."""
    if not policies.may_open_any(actor) or actor.membership_id is None:
        raise NotAllowed
    if version != UNDERTAKING:
        raise BadInput("version", _("Le texte a changé depuis : relisez-le, puis acceptez."), "stale")
    made = (
        Undertaking.objects.valid().filter(membership_id=actor.membership_id).order_by("-accepted_at").first()
    )
    if made is not None:
        return made
    made = Undertaking.objects.create(
        territory_id=actor.territory_id,
        membership_id=actor.membership_id,
        version=version,
        accepted_at=clock.now(),
    )
    record(events.PROMISED, actor=actor, about=[made], version=version)
    return made
