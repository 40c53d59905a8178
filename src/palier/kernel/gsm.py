"""Text messages: the alphabet of GSM (3GPP TS 23.038), segments counted, what must not be in one."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from palier.kernel import phones
from palier.kernel.errors import BadInput

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Sent as an escape and a second septet: each counts twice.
EXTENSION = frozenset("\f^{}\\[~]|€")

# What typography and Unicode offer, in what a telephone shows without switching to half-length messages.
_PLAIN = {
    **dict.fromkeys("’‘‚‛′ʼ`´", "'"),
    **dict.fromkeys("“”„‟″", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys("•·●▪", "-"),
    **dict.fromkeys("\u00a0\u202f\u2009\u2007\u2002\u2003\t\v\u2028\u2029", " "),
    "…": "...",
    "œ": "oe",
    "Œ": "OE",
    "ç": "c",
    "×": "x",
    "÷": "/",
    "⁄": "/",
    "°": "o",
    "º": "o",
    "ª": "a",
    "≤": "<=",
    "≥": ">=",
    "→": "->",
    "←": "<-",
    "ł": "l",
    "Ł": "L",
    "đ": "d",
    "Đ": "D",
    "ð": "d",
    "Ð": "D",
    "þ": "th",
    "Þ": "Th",
    "ı": "i",
    "ẞ": "SS",
    "©": "(c)",
    "®": "(r)",
    "™": "TM",
}
_GUILLEMETS = re.compile("[«‹][ \u00a0\u202f]*|[ \u00a0\u202f]*[»›]")
_DROPPED = frozenset({"So", "Sk", "Cf", "Cc", "Cs", "Mn", "Me"})


class Encoding(StrEnum):
    GSM7 = "gsm7"
    UCS2 = "ucs2"


@dataclass(frozen=True, slots=True)
class Segments:
    """What a text costs. `chars` are septets in GSM7 (an extension sign counts 2) or 16-bit units in UCS2.

    `left` is how many more fit into the last segment.
    """

    encoding: Encoding
    chars: int
    segments: int
    left: int


class BadSms(BadInput):
    """A text that must not be sent; str() says what to change."""

    def __init__(self, code: str, found: str) -> None:
        super().__init__("text", SENTENCES[code] % {"found": found}, code)
        self.found = found


def N_(sentence: str) -> str:
    """Mark a sentence for translation; Babel looks for this name."""
    return sentence


SENTENCES = {
    "premium": N_("Ce message contient un numéro surtaxé (%(found)s). Donnez un numéro ordinaire."),
    "short_link": N_(
        "Ce message contient un lien raccourci (%(found)s) : les gens n’ouvrent pas ce qu’ils ne "
        "reconnaissent pas. Écrivez l’adresse entière."
    ),
}


def to_gsm(text: str) -> str:
    """The same text in the GSM alphabet: é è à ù kept, ê ô î ç and typography written plainly, emoji dropped.

    A letter of another script, which has no plain form, becomes "?".
    """
    text = _GUILLEMETS.sub('"', unicodedata.normalize("NFC", text).replace("\r\n", "\n"))
    return "".join(_to_gsm(sign) for sign in text)


def _to_gsm(sign: str) -> str:
    if sign in BASIC or (sign in EXTENSION and sign != "\f"):
        return sign
    if sign in _PLAIN:
        return _PLAIN[sign]
    bare = "".join(c for c in unicodedata.normalize("NFKD", sign) if not unicodedata.combining(c))
    if bare and bare != sign and all(c in BASIC or c in _PLAIN for c in bare):
        return "".join(_PLAIN.get(c, c) for c in bare)
    category = unicodedata.category(sign)
    if category in _DROPPED:
        return ""
    return " " if category[0] == "Z" else "?"


def is_gsm(text: str) -> bool:
    """Whether the text goes out in the GSM alphabet as it stands."""
    return all(sign in BASIC or sign in EXTENSION for sign in text)


def count(text: str) -> Segments:
    """SMS-05: how the text is sent, as the networks count it.

    160 septets in one message, 153 in each part of a longer one; 70 and 67 units outside the GSM alphabet.
    What takes two (an extension sign, an emoji) is never split over two parts.
    """
    if is_gsm(text):
        return _pack(Encoding.GSM7, [2 if sign in EXTENSION else 1 for sign in text], 160, 153)
    return _pack(Encoding.UCS2, [2 if ord(sign) > 0xFFFF else 1 for sign in text], 70, 67)


def _pack(encoding: Encoding, sizes: list[int], single: int, part: int) -> Segments:
    chars = sum(sizes)
    if chars <= single:
        return Segments(encoding, chars, 1 if chars else 0, single - chars)
    segments, used = 1, 0
    for size in sizes:
        if used + size > part:
            segments, used = segments + 1, 0
        used += size
    return Segments(encoding, chars, segments, part - used)


_NUMBERS = re.compile(r"(?<![\w+])(?:\+|00)?\d(?:[ .\-\u00a0]?\d){3,13}(?!\w)")
# Well-known services that hide where a link leads. Matched with their subdomains, before a slash.
SHORTENERS = (
    "bit.ly",
    "bitly.com",
    "bl.ink",
    "buff.ly",
    "cutt.ly",
    "dub.sh",
    "goo.gl",
    "is.gd",
    "j.mp",
    "lc.cx",
    "lnk.to",
    "lnkd.in",
    "ow.ly",
    "qrco.de",
    "rb.gy",
    "rebrand.ly",
    "s.id",
    "short.io",
    "shorturl.at",
    "smsz.net",
    "snip.ly",
    "t.co",
    "t.ly",
    "t2m.io",
    "tiny.cc",
    "tinyurl.com",
    "u.nu",
    "urlr.me",
    "urlz.fr",
    "v.gd",
    "vu.fr",
)
_SHORT_LINK = re.compile(
    r"(?<![\w.-])(?:https?://)?(?:[\w-]+\.)*?(?:"
    + "|".join(re.escape(host) for host in SHORTENERS)
    + r")(?:/[^\s]*|(?![\w.-]))",
    re.IGNORECASE,
)


def premium_numbers(text: str, region: str = "FR") -> list[str]:
    """The numbers in a text that cost more than a call, as they are written there (PHN-03)."""
    found = []
    for match in _NUMBERS.finditer(text):
        try:
            phone = phones.parse(match.group(), region)
        except phones.BadPhone:
            continue
        if phones.is_premium(phone.e164):
            found.append(match.group())
    return found


def short_links(text: str) -> list[str]:
    """The links of a text that hide where they lead (A11Y-20)."""
    return [match.group().rstrip(".,;:!?)") for match in _SHORT_LINK.finditer(text)]


def refuse(text: str, region: str = "FR") -> None:
    """Raise BadSms for a text that holds a premium number or a shortened link."""
    if premium := premium_numbers(text, region):
        raise BadSms("premium", premium[0])
    if links := short_links(text):
        raise BadSms("short_link", links[0])
