"""Telephone numbers as French desks write, dial and receive them.

Stored in E.164 beside what was typed. "Possible" is enough: the numbering plan moves faster than any
library, and a desk must be able to write down a number that its own telephone has just shown.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

from palier.kernel.errors import BadInput

NBSP = "\u00a0"

# French regions whose numbers are dialled "0 + nine digits", as on the mainland, but live under another
# country code: 0690 00 12 34 is +590, not +33. Tried after the territory's own region and the mainland.
OVERSEAS = ("GP", "MQ", "GF", "RE", "YT")
_OVERSEAS_CODES = frozenset({262, 590, 594, 596})
FRENCH_CODES = frozenset({33, 262, 508, 590, 594, 596, 681, 687, 689})

# Not E.164; kept as dialled. Emergencies, then lines of help and of public service.
EMERGENCY_NUMBERS = frozenset({"15", "17", "18", "112", "114", "115", "119", "191", "196", "197"})
SHORT_NUMBERS = EMERGENCY_NUMBERS | frozenset(
    {"3114", "3117", "3919", "3939", "3949", "3960", "3977", "116000", "116006", "116117"}
)

# What switchboards and providers send when the caller hides the number, or there is none.
_WITHHELD = frozenset(
    {
        "",
        "anonymous",
        "anonyme",
        "private",
        "prive",
        "masque",
        "numero masque",
        "numero prive",
        "restricted",
        "unavailable",
        "unknown",
        "inconnu",
        "withheld",
        "blocked",
        "clir",
        "no caller id",
        "none",
        "null",
    }
)
_LONGEST = 40
_MAINLAND = re.compile(r"\+33[1-9]\d{8}", re.ASCII)
_LABEL = re.compile(r"^\s*(?:t[ée]l(?:[ée]phone)?|mobile|portable|fixe)?\s*\.?\s*:\s*", re.IGNORECASE)
_TRUNK_ZERO = re.compile(r"\(\s*0\s*\)")
_PUNCTUATION = re.compile(r"[\s.\-/()\[\]_·•‐‑‒–—]+")


def N_(sentence: str) -> str:
    """Mark a sentence for translation; Babel looks for this name."""
    return sentence


class Kind(StrEnum):
    """What a number is, as far as its digits tell."""

    MOBILE = "mobile"
    FIXED = "fixed"
    VOIP = "voip"
    FREE = "free"
    SERVICE = "service"
    PREMIUM = "premium"
    SHORT = "short"
    OTHER = "other"


SENTENCES = {
    "empty": N_("Écrivez un numéro de téléphone, par exemple 02 61 91 00 12."),
    "withheld": N_("Ce numéro est masqué. Demandez-le à la personne, ou laissez la case vide."),
    "letters": N_(
        "Ce numéro contient des lettres. Écrivez seulement les chiffres, par exemple 02 61 91 00 12."
    ),
    "signs": N_(
        "Ce numéro contient des signes qui ne se composent pas. Écrivez seulement les chiffres, "
        "par exemple 02 61 91 00 12."
    ),
    "too_short": N_("Ce numéro est trop court : un numéro français compte dix chiffres. Vérifiez-le."),
    "too_long": N_("Ce numéro est trop long. Vérifiez-le, et écrivez un seul numéro par case."),
    "country": N_(
        "L’indicatif de pays de ce numéro n’existe pas. Un numéro français commence par 0 ou par +33."
    ),
    "impossible": N_("Ce numéro n’existe pas. Vérifiez les chiffres, par exemple 02 61 91 00 12."),
}


class BadPhone(BadInput):
    """What was typed cannot be a telephone number. `code` is a key of SENTENCES; str() says what to do."""

    def __init__(self, code: str) -> None:
        super().__init__("phone", SENTENCES[code], code)


@dataclass(frozen=True, slots=True)
class Phone:
    """One number. `e164` is "+33261910012", or the digits as dialled when `kind` is SHORT; `raw` as typed."""

    e164: str
    raw: str
    kind: Kind

    def __str__(self) -> str:
        return pretty(self.e164)


def parse(raw: str, region: str = "FR") -> Phone:
    """Read a number typed by hand, pasted, or announced by a switchboard.

    `region` is the territory's own (ISO 3166: FR, RE, GP…). A number valid there is taken; otherwise
    one valid on the mainland or overseas; otherwise one that is possible in `region`. Raises BadPhone,
    and nothing else.
    """
    text = _plain(raw)
    if not text:
        raise BadPhone("empty")
    if is_withheld(text):
        raise BadPhone("withheld")
    if len(text) > _LONGEST:
        raise BadPhone("too_long")
    if any(sign.isalpha() for sign in text):
        raise BadPhone("letters")
    international = text.startswith(("+", "00"))
    if international:
        text = _TRUNK_ZERO.sub("", text)
    number = _PUNCTUATION.sub("", text)
    digits = number.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        raise BadPhone("signs")
    if number in SHORT_NUMBERS:
        return Phone(number, raw.strip(), Kind.SHORT)
    if len(digits) < 5:
        raise BadPhone("too_short")
    if len(digits.lstrip("0")) > 15:
        raise BadPhone("too_long")
    found = _find(number, region, international=international)
    e164 = phonenumbers.format_number(found, PhoneNumberFormat.E164)
    return Phone(e164, raw.strip(), kind_of(e164))


def is_withheld(raw: str) -> bool:
    """Whether a switchboard says that the caller's number is hidden or missing."""
    text = _plain(raw).casefold()
    text = text.removeprefix("sip:").removeprefix("tel:").partition("@")[0].strip("<>\"' +")
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return bare in _WITHHELD or (0 < len(bare) < 20 and set(bare) <= set("*x#-0"))


@lru_cache(maxsize=4096)
def pretty(e164: str) -> str:
    """The number as read aloud in France: by pairs, with U+00A0. Foreign numbers keep their country code."""
    if not e164.startswith("+"):
        return _pretty_short(e164) if e164.isdigit() else e164
    if _MAINLAND.fullmatch(e164):
        # Nearly all: a list of people reads fifty, and the library takes a hundred times as long for each.
        return f"0{e164[3]}{NBSP}{e164[4:6]}{NBSP}{e164[6:8]}{NBSP}{e164[8:10]}{NBSP}{e164[10:]}"
    number = _number(e164)
    if number is None:
        return e164
    if number.country_code == 33:
        # The library writes 0 805 12 34 56; people dictate 08 05 12 34 56. Pairs for every kind.
        digits = f"0{number.national_number}"
        return NBSP.join(digits[i : i + 2] for i in range(0, len(digits), 2))
    national = number.country_code in _OVERSEAS_CODES
    form = PhoneNumberFormat.NATIONAL if national else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, form).replace(" ", NBSP).replace("-", NBSP)


@lru_cache(maxsize=4096)
def kind_of(e164: str) -> Kind:
    """The kind of a stored number. What the library does not know is told by its first digits."""
    if not e164.startswith("+"):
        return Kind.SHORT
    number = _number(e164)
    if number is None:
        return Kind.OTHER
    known = _KINDS.get(phonenumbers.number_type(number))
    if known is not None:
        return known
    if number.country_code in FRENCH_CODES:
        return _kind_by_digits(str(number.national_number), mainland=number.country_code == 33)
    return Kind.OTHER


def can_receive_sms(e164: str) -> bool:
    """PHN-02: only mobile numbers are texted."""
    return kind_of(e164) is Kind.MOBILE


def is_premium(e164: str) -> bool:
    """PHN-03: whether calling costs more than a call. Short numbers outside our table count as premium."""
    kind = kind_of(e164)
    return kind is Kind.PREMIUM or (kind is Kind.SHORT and e164 not in SHORT_NUMBERS)


def is_emergency(e164: str) -> bool:
    """Whether this is a number of the emergency services, which no software of ours ever dials or texts."""
    return e164 in EMERGENCY_NUMBERS


_KINDS = {
    PhoneNumberType.MOBILE: Kind.MOBILE,
    # In North America nobody can tell; a text is tried, and its receipt says.
    PhoneNumberType.FIXED_LINE_OR_MOBILE: Kind.MOBILE,
    PhoneNumberType.FIXED_LINE: Kind.FIXED,
    PhoneNumberType.VOIP: Kind.VOIP,
    PhoneNumberType.TOLL_FREE: Kind.FREE,
    PhoneNumberType.UAN: Kind.SERVICE,
    PhoneNumberType.PREMIUM_RATE: Kind.PREMIUM,
    PhoneNumberType.SHARED_COST: Kind.PREMIUM,
}


def _plain(raw: str) -> str:
    """Without invisible signs (contacts copied from a telephone carry direction marks) and labels."""
    text = unicodedata.normalize("NFKC", raw)
    text = "".join(c for c in text if unicodedata.category(c) != "Cf").strip()
    text = _LABEL.sub("", text)
    return text[4:].strip() if text[:4].casefold() == "tel:" else text


def _find(number: str, region: str, *, international: bool) -> PhoneNumber:
    # Saint-Pierre-et-Miquelon is dialled 0508 from elsewhere in France; the library takes it for Toulouse.
    number = re.sub(r"^(?:0|\+330?|00330?)508(?=\d{6}$)", "+508", number)
    own = _read(number, region)
    if own is not None and phonenumbers.is_valid_number(own):
        return own
    # "+33 690…" is a common mistake for "+590 690…": the nine digits are tried in each region too.
    national = f"0{own.national_number}" if own is not None and own.country_code == 33 else number
    if not international or national != number:
        for other in ("FR", *OVERSEAS):
            candidate = _read(national, other) if other != region else None
            if candidate is not None and phonenumbers.is_valid_number(candidate):
                return candidate
    if own is None:
        raise BadPhone("country" if international else "impossible")
    reason = phonenumbers.is_possible_number_with_reason(own)
    if reason == phonenumbers.ValidationResult.IS_POSSIBLE:
        return own
    raise BadPhone(_REASONS.get(reason, "impossible"))


_REASONS = {
    phonenumbers.ValidationResult.TOO_SHORT: "too_short",
    phonenumbers.ValidationResult.TOO_LONG: "too_long",
    phonenumbers.ValidationResult.INVALID_COUNTRY_CODE: "country",
}


def _read(number: str, region: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None


def _number(e164: str) -> PhoneNumber | None:
    return _read(e164, "ZZ")


def _kind_by_digits(digits: str, *, mainland: bool) -> Kind:
    if digits[0] in "67":
        return Kind.MOBILE
    if digits[0] == "9":
        return Kind.VOIP
    if digits[:2] == "80":
        return Kind.FREE if digits[2:3] in "012345" else Kind.SERVICE
    if digits[0] == "8" and mainland:
        return Kind.PREMIUM
    return Kind.FIXED if digits[0] in "12345" else Kind.OTHER


def _pretty_short(digits: str) -> str:
    if len(digits) == 4:
        return f"{digits[:2]}{NBSP}{digits[2:]}"
    if len(digits) == 6:
        return f"{digits[:3]}{NBSP}{digits[3:]}"
    return digits
