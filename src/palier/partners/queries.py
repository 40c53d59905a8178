"""Which partners take a kind of help."""

from palier.partners.models import PartnerService


def services_for(kind_id: int) -> list[PartnerService]:
    """The services that take this kind now: associations before the town's own, then by name."""
    return list(
        PartnerService.objects.filter(served__kind_id=kind_id, is_open=True, organisation__is_active=True)
        .select_related("organisation")
        .order_by("nature", "name", "pk")
    )
