"""The template environment: an undefined name is an error, French is typeset, dates and numbers speak like people."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from functools import cached_property, lru_cache
from typing import Any, NoReturn

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template import engines
from django.template.backends.jinja2 import Jinja2
from django.templatetags.static import static as static_url
from django.urls import reverse
from django.utils import translation
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from palier.kernel import clock, phones, text


class Templates(Jinja2):
    """Django's Jinja2 backend, reading the folders it is given."""

    app_dirname = "templates"


def environment(**options: Any) -> Environment:
    options["undefined"] = StrictUndefined
    options["extensions"] = ["jinja2.ext.i18n"]
    options["trim_blocks"] = False
    options["cache_size"] = -1
    env = Environment(**options)
    env.policies["ext.i18n.trimmed"] = True
    env.newstyle_gettext = True  # type: ignore[attr-defined]
    env.globals.update(
        _=_said,
        gettext=_said,
        ngettext=_said_of,
        static=_static,
        url=url,
        refuse=refuse,
        made_once=MadeOnce,
        now=clock.now,
        demo=settings.DEMO,
        messages=(),
        live_url="",
        lang="fr",
    )
    env.filters.update(
        phone=phones.pretty,
        day=_day,
        day_short=_day_short,
        hour=_hour,
        since=lambda due: text.since(due, clock.now()),
        soon=lambda at: text.in_words(at, clock.now()),
        age=lambda birth_on: text.age(birth_on, clock.today()) if birth_on else "",
        initials=text.initials,
        french=french,
        local=_local,
        clip=text.clip,
        # Instead of Jinja's, which writes the other letters small: november, orléans.
        capitalize=lambda value: text.capital(str(value)),
        moment=moment,
    )
    return env


def ours() -> Environment:
    """The environment of our own templates."""
    engine = engines["jinja2"]
    assert isinstance(engine, Templates)
    return engine.env


# --- words ------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=8192)
def _typeset(sentence: str) -> str:
    return text.french(sentence)


def gettext(sentence: str) -> str:
    """The sentence in the language of the page, with its French spaces."""
    return _sentence(sentence, translation.get_language() or "fr")


@lru_cache(maxsize=8192)
def _sentence(sentence: str, language: str) -> str:
    said = translation.gettext(sentence)
    return _typeset(said) if language.startswith("fr") else said


def ngettext(one: str, many: str, number: int) -> str:
    """French says « 0 appel »: what is less than two is singular."""
    if (translation.get_language() or "fr").startswith("fr"):
        return _typeset(one if abs(number) < 2 else many)
    return translation.ngettext(one, many, number)


# The same for templates: a page says sixty sentences, most of them without a variable.


@lru_cache(maxsize=8192)
def _as_it_is(sentence: str, language: str) -> Markup:
    return Markup(_sentence(sentence, language)) % {}


def _said(sentence: str, /, **values: Any) -> Markup:
    language = translation.get_language() or "fr"
    if not values:
        return _as_it_is(sentence, language)
    return Markup(_sentence(sentence, language)) % values


def _said_of(one: str, many: str, num: int, /, **values: Any) -> Markup:
    return Markup(ngettext(one, many, num)) % {"num": num, **values}


def french(value: object) -> str | Markup:
    """A text that was kept: a note as it was typed, a label that an operation wrote, in the language of the page."""
    if isinstance(value, Markup):
        return value
    kept = str(value)
    # A label was kept in French; what people typed is in no catalogue, and stays.
    return escape(gettext(kept) if kept else "")


class MadeOnce:
    """A component whose text depends on nothing but its options, made once for each: an icon is drawn fifty times a page."""

    AT_MOST = 1_000

    def __init__(self, macro: Callable[..., Markup]) -> None:
        self.macro = macro
        self.made: dict[tuple[Any, ...], Markup] = {}

    def __call__(self, *args: Any, **options: Any) -> Markup:
        # With their types: a text and the same text marked as safe are equal, and written differently.
        key = (args, *map(type, args), *options.items(), *map(type, options.values()))
        made = self.made.get(key)
        if made is None:
            made = self.macro(*args, **options)
            if len(self.made) >= self.AT_MOST:
                self.made.clear()
            self.made[key] = made
        return made


def refuse(reason: str) -> NoReturn:
    """A component was used in a way that means nothing."""
    raise ValueError(reason)


# --- places -----------------------------------------------------------------------------------------------------


@lru_cache(maxsize=512)
def _static(path: str) -> str:
    return static_url(path)


def url(name: str, *args: Any, **kwargs: Any) -> str:
    """An address by its name. Those with numbers only are cut once, and then put together."""
    if not args and not kwargs:
        return _plain_address(name)
    if not kwargs and len(args) == 1 and type(args[0]) is int and args[0] >= 0:
        before, after = _around_a_number(name, "")
        return f"{before}{args[0]}{after}"
    if not args and len(kwargs) == 1 and type(number := next(iter(kwargs.values()))) is int and number >= 0:
        before, after = _around_a_number(name, next(iter(kwargs)))
        return f"{before}{number}{after}"
    return reverse(name, args=args or None, kwargs=kwargs or None)


@lru_cache(maxsize=512)
def _plain_address(name: str) -> str:
    return reverse(name)


@lru_cache(maxsize=512)
def _around_a_number(name: str, field: str) -> tuple[str, str]:
    mark = 918273645
    address = reverse(name, kwargs={field: mark}) if field else reverse(name, args=(mark,))
    before, _mark, after = address.partition(str(mark))
    return before, after


# --- times ------------------------------------------------------------------------------------------------------


def _local(moment_: datetime) -> datetime:
    return moment_.astimezone(clock.PARIS)


def _day(value: date | datetime) -> str:
    return text.day(value, clock.today())


def _day_short(value: date | datetime) -> str:
    return text.day_short(value, clock.today())


def _hour(value: time | datetime) -> str:
    return text.hour(value)


def moment(value: datetime) -> str:
    """« aujourd’hui à 10 h 24 », « lundi 9 novembre à 10 h »."""
    local = _local(value)
    if local.date() == clock.today():
        return gettext("aujourd’hui à %(hour)s") % {"hour": text.hour(value)}
    return gettext("%(day)s à %(hour)s") % {"day": _day(local.date()), "hour": text.hour(value)}


# --- what every page reads --------------------------------------------------------------------------------------


def page_context(request: HttpRequest | None) -> dict[str, Any]:
    """What base.html and public.html read; added by `palier.web.pages.render`."""
    if request is None:
        return {}
    context: dict[str, Any] = {
        "csrf_input": _CsrfInput(request),
        "messages": _Messages(request),
        "lang": translation.get_language() or "fr",
        "page_url": request.get_full_path(),
    }
    person = getattr(request, "desk", None)
    if person is not None:
        context.update(person.for_pages(request))
    return context


class _CsrfInput:
    """The hidden field of every form of a page: one token for all of them, made when the first form wants it."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    def __html__(self) -> Markup:
        return self._field

    __str__ = __html__

    @cached_property
    def _field(self) -> Markup:
        return Markup('<input type="hidden" name="csrfmiddlewaretoken" value="%s">') % get_token(self.request)


class _Messages:
    """Read only when the template comes to them: reading empties the store."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    def __iter__(self) -> Any:
        return iter(get_messages(self.request))

    def __bool__(self) -> bool:
        return bool(len(get_messages(self.request)))


def for_django_pages(request: HttpRequest) -> Mapping[str, Any]:
    """The same things for allauth's pages, which are Django templates."""
    return {"demo": settings.DEMO, "public_url": settings.PUBLIC_URL, **page_context(request)}
