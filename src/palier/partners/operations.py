"""Keeping the list of what associations and services take over."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.journal.operations import record
from palier.kernel import typed
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.partners import events, policies
from palier.partners.models import PartnerService, ServedKind
from palier.territories.models import HelpKind, Organisation, Territory


@transaction.atomic
def add_service(
    *,
    organisation_id: int,
    name: str,
    nature: str,
    kinds: Sequence[str],
    phone: str = "",
    email: str = "",
    actor: Actor,
) -> PartnerService:
    """Note what a partner does for our people; each name once for an organisation."""
    if not policies.may_keep_services(actor):
        raise NotAllowed
    ours = Organisation.objects.filter(territory_id=actor.territory_id)
    organisation = ours.select_for_update(of=("self",), no_key=True).filter(pk=organisation_id).first()
    if organisation is None:
        raise BadInput("organisation_id", _("Choisissez une organisation dans la liste."), "choice")
    name = typed.line("name", name, 120)
    if not name:
        raise BadInput("name", _("Écrivez le nom de ce service."), "required")
    typed.one_of("nature", nature, PartnerService.Nature.values)
    wanted = set(kinds)
    found = list(HelpKind.objects.filter(code__in=wanted).order_by("order", "pk"))
    if not wanted or {kind.code for kind in found} != wanted:
        raise BadInput("kinds", _("Choisissez au moins une aide dans la liste."), "choice")
    if PartnerService.objects.filter(organisation=organisation, name=name).exists():
        raise NotPossibleNow(_("Ce service est déjà dans la liste."))
    region = Territory.objects.values_list("phone_region", flat=True).get(pk=actor.territory_id)
    service = PartnerService.objects.create(
        territory_id=actor.territory_id,
        organisation=organisation,
        name=name,
        nature=nature,
        phone=typed.phone("phone", phone, region),
        email=typed.email("email", email),
    )
    ServedKind.objects.bulk_create(
        ServedKind(territory_id=actor.territory_id, service=service, kind=kind) for kind in found
    )
    record(
        events.SERVICE_ADDED,
        actor=actor,
        about=[service],
        name=name,
        nature=nature,
        kinds=[kind.code for kind in found],
    )
    return service


@transaction.atomic
def set_open(service_id: int, *, is_open: bool, status_note: str = "", actor: Actor) -> PartnerService:
    """Say that a service takes people, or does not for now (« plus de place avant janvier »)."""
    services = PartnerService.objects.filter(territory_id=actor.territory_id)
    service = services.select_for_update(of=("self",), no_key=True).get(pk=service_id)
    if not policies.may_keep_services(actor):
        raise NotAllowed
    status_note = typed.line("status_note", status_note, 160)
    if (service.is_open, service.status_note) == (is_open, status_note):
        return service
    service.is_open, service.status_note = is_open, status_note
    service.save(update_fields=["is_open", "status_note"])
    record(
        events.SERVICE_CHANGED,
        actor=actor,
        about=[service],
        name=service.name,
        is_open=is_open,
        status_note=status_note,
    )
    return service
