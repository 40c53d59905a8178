"""Who takes over: what an association or a service of the town accepts from us."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from palier.territories.models import HelpKind, Organisation, Walled


class PartnerService(Walled):
    """One thing a partner does for our people: which kinds, how to reach them, whether they take people now."""

    class Nature(models.TextChoices):
        ASSOCIATION = "association", _("Association")
        TOWN = "town", _("Service de la ville")
        OTHER = "other", _("Autre partenaire")

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="services")
    name = models.CharField(max_length=120)
    nature = models.CharField(max_length=12, choices=Nature)
    phone = models.CharField(max_length=16, blank=True, default="")
    email = models.EmailField(blank=True, default="")
    kinds = models.ManyToManyField(HelpKind, through="ServedKind", related_name="services")
    is_open = models.BooleanField(default=True)
    # « Fermé en août », « plus de place avant janvier »
    status_note = models.CharField(max_length=160, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "name"], name="service_name_once")]

    def __str__(self) -> str:
        return self.name


class ServedKind(Walled):
    """A kind of help a partner's service takes."""

    service = models.ForeignKey(PartnerService, on_delete=models.CASCADE, related_name="served")
    kind = models.ForeignKey(HelpKind, on_delete=models.PROTECT, related_name="served_by")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["service", "kind"], name="served_kind_once")]

    def __str__(self) -> str:
        return f"{self.service_id} {self.kind_id}"
