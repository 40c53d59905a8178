"""The texts that leave by SMS or mail, by name.

A text message is one idea in at most 160 signs of the GSM alphabet, with the sender's name at its head and a
number to call; never the name of the person helped, a street, a word about health or a shortened link
(A11Y-20, GDP-20; design guide, Words). Each template has several forms, from the fullest to the shortest:
the first that fits into one message is sent, so that a long first name never makes it three.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import formats, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as N_

from palier.kernel import clock, gsm, phones, text
from palier.territories.models import Organisation, Territory

# What every text message may say beside its own context.
ALWAYS = ("head", "phone")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


@dataclass(frozen=True)
class Template:
    """One kind of message. `needs` names what the caller gives; `may` what it may add."""

    name: str
    needs: frozenset[str]
    forms: tuple[str, ...] = ()
    may: frozenset[str] = frozenset({"language"})
    channel: str = "sms"


@dataclass(frozen=True)
class Rendered:
    subject: str
    body: str
    segments: int


_ASKED = frozenset({"first_name", "kind", "starts_at", "ends_at", "token"})
_AGREED = frozenset({"first_name", "starts_at", "ends_at", "token"})
_PLANNED = frozenset({"first_name", "starts_at", "ends_at"})

TEMPLATES = {
    template.name: template
    for template in (
        # `kind` is HelpKind.in_a_message (« de courses »); `title` is the person's: madame, monsieur, none.
        Template(
            "offer_request",
            _ASKED,
            (
                N_(
                    "%(head)s. Bonjour %(first_name)s, %(neighbour)s aurait besoin %(kind)s %(when)s."
                    " Pouvez-vous aider ? %(link)s ou %(phone)s"
                ),
                N_(
                    "%(head)s. %(first_name)s, %(neighbour)s aurait besoin %(kind)s %(when)s."
                    " %(link)s ou %(phone)s"
                ),
                N_("%(head)s. %(first_name)s, un coup de main %(when)s ? %(link)s ou %(phone)s"),
                N_("%(head)s. Un coup de main %(when)s ? %(link)s ou %(phone)s"),
            ),
            may=frozenset({"language", "title"}),
        ),
        Template(
            "offer_reminder",
            _ASKED,
            (
                N_(
                    "%(head)s. %(first_name)s, nous attendons encore votre réponse pour un coup de main"
                    " %(when)s : %(link)s ou %(phone)s"
                ),
                N_("%(head)s. Un coup de main %(when)s : oui ou non ? %(link)s ou %(phone)s"),
            ),
            may=frozenset({"language", "title"}),
        ),
        Template(
            "offer_taken",
            frozenset({"first_name"}),
            (
                N_(
                    "%(head)s. Merci %(first_name)s : un autre voisin a dit oui avant vous."
                    " Nous vous solliciterons une prochaine fois. Question ? %(phone)s"
                ),
                N_(
                    "%(head)s. Merci %(first_name)s : un autre voisin a dit oui avant vous."
                    " Question ? %(phone)s"
                ),
            ),
        ),
        Template(
            "offer_over",
            frozenset({"first_name"}),
            (
                N_(
                    "%(head)s. Merci %(first_name)s : ce coup de main n'est plus nécessaire."
                    " Nous vous solliciterons une prochaine fois. Question ? %(phone)s"
                ),
                N_("%(head)s. Merci : ce coup de main n'est plus nécessaire. Question ? %(phone)s"),
            ),
        ),
        Template(
            "visit_confirmed",
            _AGREED,
            (
                N_(
                    "%(head)s. Merci %(first_name)s, c'est noté : %(when)s. Adresse et conseils : %(link)s."
                    " Un souci ? %(phone)s"
                ),
                N_("%(head)s. Merci, c'est noté : %(when)s. Adresse : %(link)s ou %(phone)s"),
                N_("%(head)s. C'est noté : %(when)s. %(link)s ou %(phone)s"),
            ),
        ),
        Template(
            "visit_tomorrow",
            _AGREED,
            (
                N_(
                    "%(head)s. %(first_name)s, demain %(when)s : votre coup de main."
                    " Adresse et conseils : %(link)s."
                    " Un souci ? %(phone)s"
                ),
                N_("%(head)s. Demain %(when)s : votre coup de main. Adresse : %(link)s ou %(phone)s"),
                N_("%(head)s. Demain %(when)s : coup de main. %(link)s ou %(phone)s"),
            ),
        ),
        Template(
            "need_cancelled",
            _PLANNED,
            (
                N_(
                    "%(head)s. %(first_name)s, votre coup de main (%(when)s) est annulé."
                    " Ne vous déplacez pas."
                    " Question ? %(phone)s"
                ),
                N_(
                    "%(head)s. Votre coup de main (%(when)s) est annulé. Ne vous déplacez pas."
                    " Question ? %(phone)s"
                ),
            ),
        ),
        Template(
            "withdrawn_thanks",
            _PLANNED,
            (
                N_(
                    "%(head)s. Merci %(first_name)s de nous avoir prévenus. Pour le coup de main (%(when)s),"
                    " nous cherchons quelqu'un d'autre. Question ? %(phone)s"
                ),
                N_(
                    "%(head)s. Merci %(first_name)s de nous avoir prévenus :"
                    " nous cherchons quelqu'un d'autre."
                    " Question ? %(phone)s"
                ),
            ),
        ),
        Template(
            "visit_after",
            _AGREED,
            (
                N_(
                    "%(head)s. %(first_name)s, tout est allé comme prévu %(day)s ? Dites-le en un geste :"
                    " %(link)s ou %(phone)s"
                ),
                N_("%(head)s. Tout est allé comme prévu %(day)s ? Dites-le : %(link)s ou %(phone)s"),
            ),
        ),
        Template(
            "not_understood",
            frozenset(),
            (
                N_(
                    "%(head)s. Nous n'avons pas compris votre message. Répondez OUI ou NON,"
                    " ou appelez le %(phone)s"
                ),
            ),
            may=frozenset({"language", "first_name"}),
        ),
        # Mails of accounts: written by allauth, carried by the outbox.
        Template("account_mail", frozenset({"subject", "body"}), channel="email"),
        # What is handed to a partner, or taken back: written by referrals, without a name.
        Template("partner_mail", frozenset({"subject", "body"}), channel="email"),
    )
}


def render(
    name: str, context: Mapping[str, Any], *, territory: Territory, lead: str | None = None
) -> Rendered:
    """The text of one message, in `context["language"]` (French when it does not say).

    `lead` is the name of the territory's leading organisation, for who has it at hand; it is looked up otherwise.

    Raises ValueError for an unknown template, a value that is missing, or one it does not know: a text
    message says what its template says and nothing else. Raises gsm.BadSms for a premium number or a
    shortened link.
    """
    template = TEMPLATES.get(name)
    if template is None:
        raise ValueError(f"there is no message template {name!r}")
    if missing := template.needs - context.keys():
        raise ValueError(f"{name} needs {', '.join(sorted(missing))}")
    if unknown := context.keys() - template.needs - template.may:
        raise ValueError(f"{name} does not say {', '.join(sorted(unknown))}")
    if template.channel == "email":
        return Rendered(_on_one_line(str(context["subject"]))[:120], str(context["body"]), 1)
    with translation.override(str(context.get("language") or "fr")):
        body = _fitting(template, context, territory, _heads(territory, lead or _lead_of(territory)))
    gsm.refuse(body, territory.phone_region)
    return Rendered("", body, gsm.count(body).segments)


def _fitting(
    template: Template, context: Mapping[str, Any], territory: Territory, heads: tuple[str, ...]
) -> str:
    values = _values(context, territory)
    shortest = ""
    for form in template.forms:
        for head in heads:
            body = gsm.to_gsm(_(form) % (values | {"head": head}))
            if gsm.count(body).segments <= 1:
                return body
            if not shortest or len(body) < len(shortest):
                shortest = body
    return shortest


def _heads(territory: Territory, lead: str) -> tuple[str, ...]:
    """The organisation people know, when there is room for it; otherwise the town's eleven letters."""
    return (lead, territory.sender_name) if lead else (territory.sender_name,)


def _lead_of(territory: Territory) -> str:
    lead = Organisation.objects.filter(territory_id=territory.pk, is_lead=True).values_list("name", flat=True)
    return lead.first() or ""


def _values(context: Mapping[str, Any], territory: Territory) -> dict[str, str]:
    phone = territory.public_phone
    values = {"phone": phones.pretty(phone) if phone.startswith("+") else phone}
    for key in ("first_name", "kind"):
        if key in context:
            values[key] = _on_one_line(str(context[key]))
    if "token" in context:
        values["link"] = f"{territory.public_host}/r/{context['token']}"
    values["neighbour"] = {
        "madame": _("une voisine"),
        "monsieur": _("un voisin"),
    }.get(str(context.get("title", "")), _("quelqu'un du quartier"))
    if "starts_at" in context:
        starts_at: datetime = context["starts_at"]
        ends_at: datetime = context["ends_at"]
        values["when"] = text.window_short(starts_at, ends_at, territory.zone, clock.today(territory.zone))
        values["day"] = formats.date_format(starts_at.astimezone(territory.zone), "l")
    return values


def _on_one_line(value: str) -> str:
    """SEC-16: nothing typed by somebody can begin a second line, a header or a second message."""
    return " ".join(_CONTROL.sub(" ", value).split())
