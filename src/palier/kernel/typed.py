"""What people type, made fit to be kept: nothing a screen cannot show, not too long; else a sentence.

Each function takes the name of the field, so that the sentence stands beside it, and raises BadInput only.
"""

import unicodedata
from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from palier.kernel import clock, phones
from palier.kernel.errors import BadInput

# They turn the direction of what follows, in names and in text messages too.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_FIRST_BIRTH = 1900
# Nothing is planned further ahead; a year typed wrong is.
_HORIZON = timedelta(days=550)


def text(field: str, raw: str, limit: int) -> str:
    """Several lines: no control signs, one kind of line end, at most `limit` signs."""
    kept = "".join(
        sign for sign in unicodedata.normalize("NFC", _one_line_end(raw)) if _is_kept(sign)
    ).strip()
    if len(kept) > limit:
        raise BadInput(
            field,
            _("Ce texte compte %(count)s signes ; il en faut %(limit)s au plus. Raccourcissez-le.")
            % {"count": len(kept), "limit": limit},
            "too_long",
        )
    return kept


def line(field: str, raw: str, limit: int) -> str:
    """One line, one space between words."""
    return text(field, " ".join(raw.split()), limit)


def clean(value: Any) -> Any:
    """What is kept as typed (a draft), in depth, without the signs that the database refuses."""
    if isinstance(value, str):
        return "".join(sign for sign in _one_line_end(value) if _is_kept(sign))
    if isinstance(value, dict):
        return {str(key): clean(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [clean(one) for one in value]
    return value


def phone(field: str, raw: str, region: str = "FR") -> str:
    """The number in E.164, or nothing for nothing."""
    if not raw.strip():
        return ""
    try:
        return phones.parse(raw, region).e164
    except phones.BadPhone as bad:
        raise BadInput(field, _(str(bad)), bad.code) from bad


def email(field: str, raw: str) -> str:
    address = line(field, raw, 254)
    if address:
        try:
            validate_email(address)
        except ValidationError as bad:
            raise BadInput(
                field,
                _("Cette adresse n’est pas complète. Écrivez-la en entier, par exemple nom@ville.example."),
                "email",
            ) from bad
    return address


def one_of(field: str, value: str, allowed: Collection[str]) -> str:
    if value not in allowed:
        raise BadInput(field, _("Ce choix n’existe pas. Choisissez dans la liste."), "choice")
    return value


def moment(field: str, at: datetime) -> datetime:
    """An aware moment in UTC: two moments of one zone are otherwise compared by their wall clocks."""
    if at.tzinfo is None:
        raise BadInput(field, _("Il manque le fuseau horaire de cette heure."), "naive")
    return at.astimezone(UTC)


def future(field: str, at: datetime) -> datetime:
    """A moment still to come, and near enough to be meant."""
    at = moment(field, at)
    if at <= clock.now():
        raise BadInput(field, _("Ce moment est déjà passé. Choisissez un jour et une heure à venir."), "past")
    return near(field, at)


def near(field: str, at: datetime) -> datetime:
    if at > clock.now() + _HORIZON:
        raise BadInput(field, _("Cette date est trop lointaine. Vérifiez l’année."), "too_far")
    return at


def birth(field: str, on: date | None) -> date | None:
    if on is None:
        return None
    if on > clock.today():
        raise BadInput(field, _("Cette date de naissance est à venir. Vérifiez l’année."), "future")
    if on.year < _FIRST_BIRTH:
        raise BadInput(field, _("Cette date de naissance est trop ancienne. Vérifiez l’année."), "too_old")
    return on


def past_day(field: str, on: date) -> date:
    """A day that has come: a check made, a paper signed."""
    if on > clock.today():
        raise BadInput(field, _("Ce jour n’est pas encore venu. Écrivez le jour où c’est arrivé."), "future")
    if on.year < 2000:
        raise BadInput(field, _("Ce jour est trop ancien. Vérifiez l’année."), "too_old")
    return on


def _one_line_end(raw: str) -> str:
    return raw.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")


def _is_kept(sign: str) -> bool:
    if sign == "\n":
        return True
    return unicodedata.category(sign) not in ("Cc", "Cs") and sign not in _TURNING
