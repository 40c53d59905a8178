"""Who must not be put back: after an erasure or an objection only keyed hashes stay, and they can only be compared.

Nothing can be read from a row: it is found again only by somebody who already has the name with the birth date or the
address (REG-09). Names are folded and their order does not count, so that « LE GOFF Yvonne » is « Yvonne Le Goff ».
The key is the installation's secret; entries made under a former one are still found while it is listed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from palier.accounts.actor import Actor
from palier.kernel import clock
from palier.kernel.text import fold
from palier.territories.models import Walled

SALT = "palier.people.suppression"


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    def visible_to(self, actor: Actor) -> "SuppressionQuerySet":
        return self.filter(territory_id=actor.territory_id) if actor.is_desk or actor.is_ours else self.none()


class Suppression(Walled):
    """That somebody was erased, or objected: of whom only hashes, kept three years (table 2.3)."""

    class Scope(models.TextChoices):
        # Her whole file; or one register, named by `register`.
        FILE = "file", _("la fiche")
        REGISTER = "register", _("un registre")

    class Reason(models.TextChoices):
        ERASURE = "erasure", _("effacement demandé")
        OBJECTION = "objection", _("opposition")
        REMOVAL = "removal", _("retrait")

    scope = models.CharField(max_length=10, choices=Scope)
    # The code of the register, when `scope` is one.
    register = models.CharField(max_length=40, blank=True, default="")
    reason = models.CharField(max_length=10, choices=Reason)
    # Name, birth date and address together; name and birth date; name and address. Empty where that is not known.
    whole_key = models.CharField(max_length=64)
    birth_key = models.CharField(max_length=64, blank=True, default="")
    home_key = models.CharField(max_length=64, blank=True, default="")
    # Of the third party whose request was objected to.
    third_party_key = models.CharField(max_length=64, blank=True, default="")
    noted_at = models.DateTimeField(default=clock.now)
    noted_by = models.CharField(max_length=120)

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        app_label = "people"
        indexes = [
            # « Has she objected? », asked when a file is opened, imported or registered.
            models.Index(fields=["territory", "birth_key"], name="suppression_by_birth"),
            models.Index(fields=["territory", "home_key"], name="suppression_by_home"),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.reason}"


@dataclass(frozen=True)
class Traits:
    """What somebody is recognised by."""

    first_name: str
    last_name: str
    birth_on: date | None = None
    street: str = ""
    postcode: str = ""

    def _name(self) -> str:
        return " ".join(sorted(fold(f"{self.first_name} {self.last_name}").split()))

    def _home(self) -> str:
        return f"{fold(self.street)} {self.postcode.strip()}" if self.street.strip() else ""

    def keys(self, territory_id: int, secret: str | None = None) -> tuple[str, str, str]:
        """Whole, by birth, by home."""
        name, home = self._name(), self._home()
        birth = self.birth_on.isoformat() if self.birth_on else ""
        return (
            hashed(territory_id, "whole", name, birth, home, secret=secret),
            hashed(territory_id, "birth", name, birth, secret=secret) if birth else "",
            hashed(territory_id, "home", name, home, secret=secret) if home else "",
        )


def hashed(territory_id: int, *parts: str, secret: str | None = None) -> str:
    """HMAC-SHA256, another one in each territory."""
    value = "\x1f".join((str(territory_id), *parts))
    return salted_hmac(SALT, value, secret=secret, algorithm="sha256").hexdigest()


def suppress(
    traits: Traits, *, scope: str, reason: str, actor: Actor, register: str = "", third_party: str = ""
) -> Suppression:
    """Note that she must not be put back; to be called in the transaction that erases her."""
    whole, birth, home = traits.keys(actor.territory_id)
    return Suppression.objects.create(
        territory_id=actor.territory_id,
        scope=scope,
        register=register,
        reason=reason,
        whole_key=whole,
        birth_key=birth,
        home_key=home,
        third_party_key=hashed(actor.territory_id, "third", fold(third_party)) if third_party else "",
        noted_by=actor.name[:120],
    )


def suppressed(territory_id: int, traits: Traits) -> list[Suppression]:
    """What was noted about her, the newest first: same name with the same birth date, or with the same address."""
    births, homes = set(), set()
    for secret in _secrets():
        _whole, birth, home = traits.keys(territory_id, secret)
        births.add(birth)
        homes.add(home)
    same = Q(birth_key__in=births - {""}) | Q(home_key__in=homes - {""})
    return list(Suppression.objects.filter(same, territory_id=territory_id).order_by("-noted_at", "-pk"))


def asked_before(suppression: Suppression, third_party: str) -> bool:
    """Whether it was this third party whose request she objected to (REG-09)."""
    return suppression.third_party_key != "" and suppression.third_party_key in {
        hashed(suppression.territory_id, "third", fold(third_party), secret=secret) for secret in _secrets()
    }


def _secrets() -> Iterator[str]:
    yield settings.SECRET_KEY
    yield from settings.SECRET_KEY_FALLBACKS
