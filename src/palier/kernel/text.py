"""French text: hard spaces, folded keys for search and order, days, hours and windows in words.

Days are spelled with the locale data of Babel in the language now active; sentences go through gettext. Aware
moments are shown in `tz` (Paris unless told), never in UTC.
"""

import re
import unicodedata
from datetime import date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Literal, TypeVar

from babel import Locale, UnknownLocaleError
from babel.dates import get_day_names, get_month_names
from django.utils.translation import get_language, gettext, ngettext

from palier.kernel.clock import PARIS

# The font has no U+202F; browsers then fall back to another font for one sign. U+00A0 everywhere.
NBSP = "\u00a0"

AnyStr = TypeVar("AnyStr", bound=str)

# --- Typography ---------------------------------------------------------------------------------

_GAP = "[ \t\u00a0\u202f]"
_KEPT = r"""
    (?P<kept>
        </?[a-zA-Z!][^<>]*>                             # HTML tags, with their attributes
      | &(?:\#\d+|\#[xX][0-9a-fA-F]+|\w+);              # entities
      | \b(?:https?|ftp|mailto|tel|sms):[^\s<>«»]+      # addresses
      | \b[\w.+-]+@[\w-]+(?:\.[\w-]+)+
      | \b(?:[\w-]+\.)+[a-z]{2,}/[^\s<>«»]*
      | \b\d{1,2}:\d\d(?::\d\d)?\b                      # 10:30
    )
  | """
_HARD = rf"""
    (?=[\d+«»;:!?€% \t\u00a0\u202f])(?:
    (?P<numbers>
        (?<![\d+.,])0\d(?:{_GAP}\d\d){{4}}(?!\d)        # 02 61 91 00 12
      | \+\d{{1,3}}(?:{_GAP}\d{{1,4}}){{2,6}}(?!\d)     # +33 2 61 91 00 12
      | (?<![\d.,])\d{{1,3}}(?:{_GAP}\d{{3}})+(?!\d)    # 50 000
      | (?<!\w)\d{{1,2}}{_GAP}h(?:{_GAP}\d\d)?(?!\w)    # 10 h 30
    )
  | (?P<open>«){_GAP}*
  | {_GAP}*(?P<close>»)
  | {_GAP}+(?P<spaced>[;:!?€]|%(?![\w(]))
  | (?P<glued>(?<=[\w)\]»"”’…])(?:[!?;]+|:)(?=[\s<)»”"]|$))
  | (?P<unit>(?<=\d)(?:€|%(?![\w(])))
    )
    """
# Most sentences hold nothing to keep as it is; looking for addresses at every word costs ten times the rest.
_SIGNS = re.compile(_HARD, re.VERBOSE)
_SIGNS_AND_KEPT = re.compile(_KEPT + _HARD, re.VERBOSE)
_MAY_KEEP = re.compile(r"[<&/@]|\w:\S")
_MAY_CHANGE = re.compile(r"[:;!?»%€«]|\d[ \u202f]")
_SPACES = re.compile(_GAP)


def french(text: AnyStr) -> AnyStr:
    """Put U+00A0 where French wants it: before : ; ! ? » % €, after «, and inside numbers.

    Leaves addresses, hours such as 10:30, HTML tags and entities alone. Applying it twice changes nothing.
    What is safe for HTML (a Markup) stays so.
    """
    if not _MAY_CHANGE.search(text):
        return text
    signs = _SIGNS_AND_KEPT if _MAY_KEEP.search(text) else _SIGNS
    return text.__class__(signs.sub(_hard, str(text)))


def _hard(match: re.Match[str]) -> str:
    found = match.lastgroup or ""
    if found == "kept":
        return match.group()
    if found == "numbers":
        return _SPACES.sub(NBSP, match.group())
    return f"«{NBSP}" if found == "open" else NBSP + match[found]


# --- Folding ------------------------------------------------------------------------------------

_LIGATURES = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)


_ASCII_WORDS = re.compile("[a-z0-9]+")


def fold(text: str) -> str:
    """The key for search and order: small letters without accents, digits, one space between words.

    "Hélène  L’Œillet-Ségur" gives "helene l oeillet segur".
    """
    if text.isascii() and text.isprintable():
        # Most texts; the search field folds hundreds of them.
        return " ".join(_ASCII_WORDS.findall(text.lower()))
    plain = unicodedata.normalize("NFKD", text).casefold().translate(_LIGATURES)
    # Casefolding may compose or expand again (İ, ﬃ): accents are dropped last.
    marks = unicodedata.normalize("NFKD", plain)
    return " ".join("".join(_kept(c) for c in marks).split())


def _kept(sign: str) -> str:
    if sign.isalnum():
        return sign
    return "" if unicodedata.category(sign)[0] in "MC" and sign not in "\t\n\r\v\f" else " "


def initials(name: str) -> str:
    """Two letters for an avatar: of the first and of the last word. One letter for a single word."""
    words = [word for word in re.split(r"[\s’']+", name) if word[:1].isalpha()]
    if not words:
        return ""
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def capital(text: str) -> str:
    """The first letter a capital, the others as they are: « Monday 23 November », « Être conduite à Orléans »."""
    return text[:1].upper() + text[1:]


def clip(text: str, length: int) -> str:
    """At most `length` signs, cut between words, with "…" when something is missing."""
    text = " ".join(text.split(" "))
    if len(text) <= length:
        return text
    if length < 2:
        return "…"[:length]
    cut = text[: length - 1]
    space = max(cut.rfind(" "), cut.rfind("\n"))
    # Half a word is better than nearly nothing: a single long word is cut where it must be.
    if text[length - 1] not in " \n" and space >= length // 3:
        cut = cut[:space]
    return cut.rstrip(" \n,;:.-–—" + NBSP) + "…"


# --- Days and hours -----------------------------------------------------------------------------


def day(d: date, today: date | None = None, *, tz: tzinfo = PARIS) -> str:
    """« lundi 16 novembre », with the year when it is not the year of `today`."""
    d = _local_day(d, tz)
    return f"{_day_and_number(d)} {_month(d)}{_year(d, today)}"


def day_short(d: date, today: date | None = None, *, tz: tzinfo = PARIS) -> str:
    """« lun. 9 nov. », with the year when it is not the year of `today`."""
    d = _local_day(d, tz)
    weekday, month = _names(_language(), "abbreviated")
    return f"{weekday[d.weekday()]} {_number(d)} {month[d.month]}{_year(d, today)}"


def hour(t: time | datetime, *, tz: tzinfo = PARIS) -> str:
    """« 10 h 30 », « 10 h »; in English "10:30"."""
    if isinstance(t, datetime) and t.tzinfo is not None:
        t = t.astimezone(tz)
    if _language() == "fr":
        return f"{t.hour}{NBSP}h{NBSP}{t.minute:02}" if t.minute else f"{t.hour}{NBSP}h"
    return f"{t.hour}:{t.minute:02}"


def window(start: datetime, end: datetime, tz: tzinfo = PARIS, today: date | None = None) -> str:
    """When something may happen, as said aloud.

    « samedi 14 novembre, le matin » · « …, de 9 h à 11 h » · « cette semaine, avant vendredi 20 novembre » ·
    « du lundi 16 au vendredi 20 novembre ». Without `today` nothing is relative to the present week.
    """
    first, last = start.astimezone(tz), end.astimezone(tz)
    if _last_day(first, last) == first.date():
        return _within_day(first, last, day(first.date(), today), _SPOKEN)
    return _over_days(first, last, today, short=False)


def window_short(start: datetime, end: datetime, tz: tzinfo = PARIS, today: date | None = None) -> str:
    """The same for a text message: « samedi 14 au matin », « cette semaine, avant vendredi 20 »."""
    first, last = start.astimezone(tz), end.astimezone(tz)
    if _last_day(first, last) == first.date():
        return _within_day(first, last, _day_and_number(first.date()), _WRITTEN)
    return _over_days(first, last, today, short=True)


def since(due: datetime, now: datetime, *, tz: tzinfo = PARIS) -> str:
    """How late: « depuis 10 min », « depuis 3 h », « depuis 2 jours ». Empty when not late.

    From 24 hours on days are counted on the calendar, as the date beside it is read: what was due on Tuesday
    evening is two days late on Thursday morning.
    """
    seconds = (now - due).total_seconds()
    if seconds < 0:
        return ""
    if seconds < 60:
        return gettext("depuis un instant")
    if seconds < 3600:
        return gettext("depuis %(count)s min") % {"count": int(seconds // 60)}
    if seconds < 24 * 3600:
        return gettext("depuis %(count)s h") % {"count": int(seconds // 3600)}
    days = (now.astimezone(tz).date() - due.astimezone(tz).date()).days
    if days < 21:
        return ngettext("depuis %(count)s jour", "depuis %(count)s jours", days) % {"count": days}
    if days < 60:
        return gettext("depuis %(count)s semaines") % {"count": days // 7}
    return gettext("depuis %(count)s mois") % {"count": days // 30}


def in_words(at: datetime, now: datetime, *, tz: tzinfo = PARIS) -> str:
    """How soon: « dans 10 min », « dans 1 h 30 », « demain à 9 h »; « maintenant » once it is there."""
    seconds = (at - now).total_seconds()
    if seconds <= 0:
        return gettext("maintenant")
    minutes = -int(-seconds // 60)
    if minutes < 60:
        return gettext("dans %(count)s min") % {"count": minutes}
    hours, rest = divmod(minutes, 60)
    if hours < 3 and rest:
        return gettext("dans %(hours)s h %(minutes)02d") % {"hours": hours, "minutes": rest}
    days = (at.astimezone(tz).date() - now.astimezone(tz).date()).days
    if days == 0 or hours < 6:
        return gettext("dans %(count)s h") % {"count": hours}
    if days == 1:
        return gettext("demain à %(hour)s") % {"hour": hour(at, tz=tz)}
    return ngettext("dans %(count)s jour", "dans %(count)s jours", days) % {"count": days}


def years(birth_on: date, today: date) -> int:
    """Full years lived. Who was born on a 29 February turns a year older on 1 March."""
    return today.year - birth_on.year - ((today.month, today.day) < (birth_on.month, birth_on.day))


def age(birth_on: date, today: date) -> str:
    """« 84 ans »."""
    return _years_in_words(years(birth_on, today), _language())


@lru_cache(maxsize=512)
def _years_in_words(count: int, language: str) -> str:
    return ngettext("%(count)s an", "%(count)s ans", count) % {"count": count}


# --- Parts of the above -------------------------------------------------------------------------

_MIDNIGHT = time.min
_SPOKEN = "spoken"
_WRITTEN = "written"


def _within_day(first: datetime, last: datetime, day_name: str, style: str) -> str:
    start = first.time()
    # Midnight at the end is the end of this day.
    end = last.time() if last.date() == first.date() else time.max
    names = {"day": day_name, "start": hour(first), "end": hour(last), "hour": hour(first)}
    if first >= last:
        return gettext("%(day)s à %(hour)s") % names
    spoken = style == _SPOKEN
    if start <= time(9) and end >= time(17):
        return (gettext("%(day)s, dans la journée") if spoken else gettext("%(day)s dans la journée")) % names
    if start <= time(9) and time(11, 30) <= end <= time(13):
        return (gettext("%(day)s, le matin") if spoken else gettext("%(day)s au matin")) % names
    if time(12) <= start <= time(14, 30) and time(17) <= end <= time(19):
        return (gettext("%(day)s, l’après-midi") if spoken else gettext("%(day)s dans l’après-midi")) % names
    if time(17) <= start <= time(19) and end >= time(20):
        return (gettext("%(day)s, en soirée") if spoken else gettext("%(day)s en soirée")) % names
    if spoken:
        return gettext("%(day)s, de %(start)s à %(end)s") % names
    return gettext("%(day)s de %(start)s à %(end)s") % names


def _over_days(first: datetime, last: datetime, today: date | None, *, short: bool) -> str:
    begin, until = first.date(), _last_day(first, last)
    names = {
        "first": _day_and_number(begin) if (begin.year, begin.month) == (until.year, until.month) or short
        else day(begin, until),
        "last": _name(until, today, short),
        "next": _name(until + timedelta(days=1), today, short),
    }  # fmt: skip
    # An end at midnight is said « avant vendredi », one during a day « au plus tard vendredi ».
    whole_days = last.time() == _MIDNIGHT
    if today is not None:
        monday = today - timedelta(days=today.weekday())
        week = (until - monday).days // 7
        sunday = until.weekday() == 6
        if week == 0 and begin <= today:
            if sunday:
                return gettext("cette semaine")
            if whole_days:
                return gettext("cette semaine, avant %(next)s") % names
            return gettext("cette semaine, au plus tard %(last)s") % names
        if week == 1 and begin == monday + timedelta(days=7):
            if sunday:
                return gettext("la semaine prochaine")
            if whole_days:
                return gettext("la semaine prochaine, avant %(next)s") % names
            return gettext("la semaine prochaine, au plus tard %(last)s") % names
        if begin <= today:
            return (gettext("avant %(next)s") if whole_days else gettext("au plus tard %(last)s")) % names
    return gettext("du %(first)s au %(last)s") % names


def _name(d: date, today: date | None, short: bool) -> str:
    return _day_and_number(d) if short else day(d, today)


def _last_day(first: datetime, last: datetime) -> date:
    """The last local day that a window touches; an end at midnight does not touch the day it opens."""
    if last > first and last.time() == _MIDNIGHT:
        return last.date() - timedelta(days=1)
    return max(first.date(), last.date())


def _local_day(d: date, tz: tzinfo) -> date:
    if isinstance(d, datetime):
        return d.astimezone(tz).date() if d.tzinfo is not None else d.date()
    return d


def _day_and_number(d: date) -> str:
    weekday, _month_names = _names(_language(), "wide")
    return f"{weekday[d.weekday()]} {_number(d)}"


def _month(d: date) -> str:
    return _names(_language(), "wide")[1][d.month]


def _number(d: date) -> str:
    return "1er" if d.day == 1 and _language() == "fr" else str(d.day)


def _year(d: date, today: date | None) -> str:
    return f" {d.year}" if today is not None and d.year != today.year else ""


def _language() -> str:
    """The first part of the active language; French when translation is switched off."""
    return (get_language() or "fr").partition("-")[0]


@lru_cache(maxsize=16)
def _names(language: str, width: Literal["wide", "abbreviated"]) -> tuple[dict[int, str], dict[int, str]]:
    """Weekdays by 0 (Monday) to 6, months by 1 to 12."""
    try:
        locale = Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        locale = Locale.parse("fr")
    return dict(get_day_names(width, "format", locale)), dict(get_month_names(width, "format", locale))
