"""What follows each migration: functions, triggers, policies and grants, all made from the models and repeatable; and the
register of the law for territories that have none yet."""

from palier.duties import guard
from palier.journal import accesses
from palier.privacy import apart
from palier.register import seeds
from palier.territories import walls


def build() -> None:
    """Run as the owner, after `migrate`."""
    guard.build()
    accesses.build()
    apart.build()
    walls.build()
    seeds.plant_everywhere()
