"""The reasons for calling that a new territory begins with; the first is the first reason people call."""

from palier.calls.models import CallReason
from palier.territories.models import Territory

REASONS = (
    ("talk", "Parler, être rassurée"),
    ("help", "Coup de main"),
    ("information", "Renseignement"),
    ("health", "Santé"),
    ("news", "Nouvelles"),
    ("worry", "Inquiétude"),
    ("volunteering", "Aider"),
    ("register", "Canicule"),
    ("parcel", "Colis, fêtes"),
    ("other", "Autre"),
)


def plant_reasons(territory: Territory) -> None:
    """Write the first list of reasons down, behind the territory's wall."""
    CallReason.objects.bulk_create(
        CallReason(territory=territory, code=code, name=name, order=order)
        for order, (code, name) in enumerate(REASONS)
    )
