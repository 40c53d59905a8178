"""Files kept apart: opening a compartment, who may enter it, who is in it."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.accounts.models import Membership
from palier.journal.operations import record
from palier.kernel import clock, typed
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.kernel.text import fold
from palier.people import events, policies
from palier.people.models import Compartment, CompartmentGrant, Confined, Person
from palier.people.operations.checking import locked
from palier.territories.models import Territory


@transaction.atomic
def open_compartment(*, name: str, code: str = "", has_own_clock: bool = False, actor: Actor) -> Compartment:
    """Make a place for files that only some may see. The same code twice is the same place, under its first name."""
    if not policies.may_open_compartment(actor):
        raise NotAllowed
    name = typed.line("name", name, 120)
    if not name:
        raise BadInput("name", _("Donnez un nom à ce volet."), "required")
    Territory.objects.select_for_update(no_key=True).get(pk=actor.territory_id)
    made, created = Compartment.objects.get_or_create(
        territory_id=actor.territory_id,
        code=(code or fold(name).replace(" ", "_"))[:40],
        defaults={"name": name, "has_own_clock": has_own_clock, "opened_at": clock.now()},
    )
    if created:
        record(events.COMPARTMENT_OPENED, actor=actor, about=[made], name=made.name)
    return made


@transaction.atomic
def grant(
    compartment_id: int,
    *,
    membership_id: int,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    actor: Actor,
) -> CompartmentGrant:
    """Let somebody of the desk enter a compartment, from now or from a moment, to the end given or without one.

    Whoever may enter already keeps that grant, with the new end.
    """
    if not policies.may_grant(actor):
        raise NotAllowed
    compartment = Compartment.objects.select_for_update(of=("self",), no_key=True).get(pk=compartment_id)
    now = clock.now()
    starts_at = starts_at or now
    if ends_at is not None and ends_at <= max(starts_at, now):
        raise BadInput("ends_at", _("La fin de l’accès doit venir après son début."), "range")
    member = (
        Membership.objects.live()
        .select_related("user")
        .filter(pk=membership_id, organisation__is_lead=True, role__in=policies.DESK_ROLES)
        .first()
    )
    if member is None:
        raise BadInput("membership_id", _("Choisissez quelqu’un qui travaille à l’accueil."), "choice")
    held = (
        CompartmentGrant.objects.live()
        .filter(compartment=compartment, membership=member)
        .order_by("pk")
        .last()
    )
    if held is not None and starts_at <= now:
        if held.ends_at == ends_at:
            return held
        held.ends_at = ends_at
        held.save(update_fields=["ends_at"])
        made = held
    else:
        made = CompartmentGrant.objects.create(
            territory_id=actor.territory_id,
            compartment=compartment,
            membership=member,
            starts_at=starts_at,
            ends_at=ends_at,
            granted_by=actor.name[:120],
        )
    record(
        events.COMPARTMENT_GRANTED,
        actor=actor,
        about=[compartment],
        membership=member.pk,
        name=str(member.user),
        until=ends_at.isoformat() if ends_at else None,
    )
    return made


@transaction.atomic
def revoke(grant_id: int, *, actor: Actor) -> CompartmentGrant:
    """From this moment on they see nobody of the compartment. Revoked twice is revoked once."""
    if not policies.may_grant(actor):
        raise NotAllowed
    held = (
        CompartmentGrant.objects.select_for_update(of=("self",), no_key=True)
        .select_related("membership__user", "compartment")
        .get(pk=grant_id)
    )
    now = clock.now()
    if held.ends_at is not None and held.ends_at <= now:
        return held
    held.ends_at = max(now, held.starts_at)
    held.save(update_fields=["ends_at"])
    record(
        events.COMPARTMENT_REVOKED,
        actor=actor,
        about=[held.compartment],
        membership=held.membership_id,
        name=str(held.membership.user),
    )
    return held


@transaction.atomic
def confine(person_id: int, *, compartment_id: int, hides: bool = True, actor: Actor) -> Person:
    """Put a person in a compartment; `hides`: the rest of the desk no longer sees her file (else it is beside it)."""
    person = locked(person_id, actor=actor)
    if not policies.may_change(actor):
        raise NotAllowed
    compartment = _entered(compartment_id, actor)
    _made, created = Confined.objects.get_or_create(
        territory_id=actor.territory_id,
        person=person,
        compartment=compartment,
        defaults={"at": clock.now()},
    )
    if not created and (person.is_followed != hides):
        return person
    if hides and person.is_followed:
        person.is_followed = False
        person.save(update_fields=["is_followed"])
    record(events.PERSON_CONFINED, actor=actor, about=[person], compartment=compartment.pk, hides=hides)
    return person


@transaction.atomic
def follow(person_id: int, *, actor: Actor) -> Person:
    """Make hers an ordinary file, which the whole desk sees; she stays in the registers she is in."""
    person = locked(person_id, actor=actor)
    if not policies.may_change(actor):
        raise NotAllowed
    if person.is_followed:
        return person
    person.is_followed = True
    person.save(update_fields=["is_followed"])
    record(events.PERSON_FOLLOWED, actor=actor, about=[person])
    return person


@transaction.atomic
def release(person_id: int, *, compartment_id: int, actor: Actor) -> Person:
    """Take a person out of a compartment. Refused when nobody would see her file any more."""
    person = locked(person_id, actor=actor)
    if not policies.may_change(actor):
        raise NotAllowed
    compartment = _entered(compartment_id, actor)
    others = Confined.objects.filter(person=person).exclude(compartment=compartment)
    if not person.is_followed and not others.exists():
        raise NotPossibleNow(
            _("Plus personne ne verrait la fiche de %(name)s. Ouvrez-la d’abord à toute l’équipe.")
            % {"name": person.full_name}
        )
    gone, _each = Confined.objects.filter(person=person, compartment=compartment).delete()
    if gone:
        record(events.PERSON_RELEASED, actor=actor, about=[person], compartment=compartment.pk)
    return person


def _entered(compartment_id: int, actor: Actor) -> Compartment:
    """A compartment that the actor may enter: nobody puts a file where they cannot follow it."""
    here = Compartment.objects.open().filter(territory_id=actor.territory_id)
    compartment = here.enterable_by(actor).filter(pk=compartment_id).first()
    if compartment is None:
        raise BadInput("compartment_id", _("Choisissez un volet où vous avez accès."), "choice")
    return compartment
