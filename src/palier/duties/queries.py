"""Who answers for a thing now."""

from django.db import models

from palier.duties.models import Duty
from palier.journal.operations import kind_of


def owner_of(subject: models.Model) -> int | None:
    """The membership that owns the oldest open duty of `subject`; None when it is still « sans responsable »."""
    return (
        Duty.objects.open()
        .of(kind_of(subject), subject.pk)
        .filter(owner__isnull=False)
        .order_by("opened_at", "pk")
        .values_list("owner_id", flat=True)
        .first()
    )
