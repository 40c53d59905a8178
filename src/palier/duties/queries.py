"""Who answers for a thing now."""

from django.db import models

from palier.accounts.models import Membership
from palier.duties.models import Duty
from palier.journal.operations import kind_of


def owner_of(*subjects: models.Model, named: int | None = None) -> int | None:
    """The membership that answers for something: the one `named` on it, else the owner of its oldest open duty.

    Only somebody who still works for the lead organisation; None shows it as « sans responsable ».
    """
    wanted = [named] if named is not None else []
    for subject in subjects:
        wanted += (
            Duty.objects.open()
            .of(kind_of(subject), subject.pk)
            .filter(owner__isnull=False)
            .order_by("opened_at", "pk")
            .values_list("owner_id", flat=True)
        )
    if not wanted:
        return None
    here = set(
        Membership.objects.live()
        .filter(pk__in=wanted, organisation__is_lead=True)
        .values_list("pk", flat=True)
    )
    return next((owner_id for owner_id in wanted if owner_id in here), None)
