"""Text messages: at most 160 GSM signs, a sender, a number to call, nobody's name (A11Y-20, GDP-20)."""

import itertools
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import translation

from palier.kernel import clock, gsm
from palier.messaging import templates
from palier.messaging.templates import TEMPLATES, render
from palier.territories.models import Organisation, Territory
from tests.factories import local

FRIDAY = local(2026, 11, 13, 10)
TOKEN = "7KQ2MABCDEFGHJKM"
LONG_NAMES = ("Al", "Michel", "Marie-Françoise", "Maximilienne")
LONG_KINDS = ("de courses", "d'aide pour des papiers", "d'être accompagnée au marché")
WINDOWS = (
    (local(2026, 11, 14, 9), local(2026, 11, 14, 12)),
    (local(2026, 11, 18, 13), local(2026, 11, 18, 18)),
    (local(2026, 11, 18, 14, 30), local(2026, 11, 18, 16, 45)),
    (local(2026, 11, 12), local(2026, 11, 21)),
    (local(2026, 11, 16), local(2026, 11, 21, 12)),
)
TOWNS = (
    ("CCAS de Belrive", "Belrive", "palier.belrive.example"),
    ("CCAS de Saint-Maurice-sur-Vesle", "St-Maurice", "palier.saint-maurice.example"),
)
SMS = sorted(name for name, template in TEMPLATES.items() if template.channel == "sms")


def context_for(name: str, **values: Any) -> dict[str, Any]:
    everything: dict[str, Any] = {
        "first_name": "Michel",
        "kind": "de courses",
        "starts_at": WINDOWS[0][0],
        "ends_at": WINDOWS[0][1],
        "token": TOKEN,
        "title": "madame",
        "language": "fr",
    } | values
    template = TEMPLATES[name]
    return {key: value for key, value in everything.items() if key in template.needs | template.may}


def town(organisation: str, sender: str, host: str) -> Territory:
    return Territory(
        pk=1, name=sender, sender_name=sender, public_phone="+33261910012", public_host=host, code="a-town"
    )


@pytest.fixture
def known_as(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Render without a database: the lead organisation's name is given."""

    def use(organisation: str) -> None:
        monkeypatch.setattr(templates, "_lead_of", lambda territory: organisation)

    return use


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("name", SMS)
def test_A11Y_20_each_text_message_fits_into_one_with_long_real_values(
    name: str, language: str, known_as: Any
) -> None:
    with clock.at(FRIDAY):
        for (organisation, sender, host), first_name, kind, (starts_at, ends_at), title in itertools.product(
            TOWNS, LONG_NAMES, LONG_KINDS, WINDOWS, ("madame", "none")
        ):
            known_as(organisation)
            said = render(
                name,
                context_for(
                    name,
                    first_name=first_name,
                    kind=kind,
                    starts_at=starts_at,
                    ends_at=ends_at,
                    title=title,
                    language=language,
                ),
                territory=town(organisation, sender, host),
            )
            counted = gsm.count(said.body)
            assert counted.encoding == gsm.Encoding.GSM7, said.body
            assert counted.segments == 1 and said.segments == 1, (counted, said.body)
            # GDP-20: who writes stands first, and a number to call is always there.
            assert said.body.startswith((gsm.to_gsm(organisation), sender)), said.body
            assert "02 61 91 00 12" in said.body
            assert not gsm.short_links(said.body) and not gsm.premium_numbers(said.body)
            assert "%(" not in said.body and "  " not in said.body
            if "token" in TEMPLATES[name].needs:
                assert f"{host}/r/{TOKEN}" in said.body


def test_the_usual_request_reads_as_the_design_wrote_it(known_as: Any) -> None:
    known_as("CCAS de Belrive")
    with clock.at(FRIDAY):
        said = render(
            "offer_request", context_for("offer_request"), territory=town("", "Belrive", "palier.belrive.fr")
        )
    # Sixteen signs of a token instead of five leave no room for the organisation's whole name.
    assert said.body == (
        "Belrive. Bonjour Michel, une voisine aurait besoin de courses samedi 14 au matin."
        f" Pouvez-vous aider ? palier.belrive.fr/r/{TOKEN} ou 02 61 91 00 12"
    )


def test_the_neighbour_is_a_woman_a_man_or_somebody_nearby(known_as: Any) -> None:
    known_as("Belrive")
    with clock.at(FRIDAY):
        said = {
            title: render(
                "offer_request",
                context_for("offer_request", title=title),
                territory=town("", "Belrive", "palier.belrive.fr"),
            ).body
            for title in ("madame", "monsieur", "none")
        }
    assert "une voisine" in said["madame"]
    assert "un voisin " in said["monsieur"]
    assert "quelqu'un" in said["none"]


def test_every_form_is_within_the_gsm_alphabet_in_both_languages() -> None:
    for template in TEMPLATES.values():
        for language in ("fr", "en"):
            with translation.override(language):
                for form in template.forms:
                    assert gsm.is_gsm(translation.gettext(form)), (language, translation.gettext(form))


def test_a_template_says_only_what_it_declares(known_as: Any) -> None:
    """GDP-20: the person's name or street cannot slip into a text message by way of its context."""
    known_as("Belrive")
    here = town("", "Belrive", "palier.belrive.example")
    with pytest.raises(ValueError, match="does not say street"):
        render("offer_taken", {"first_name": "Fatou", "street": "12 rue des Tilleuls"}, territory=here)
    with pytest.raises(ValueError, match="needs first_name"):
        render("offer_taken", {}, territory=here)
    with pytest.raises(ValueError, match="no message template"):
        render("promotion", {}, territory=here)
    for template in TEMPLATES.values():
        allowed = template.needs | template.may
        assert not allowed & {"person", "last_name", "street", "address", "access", "health", "words"}


def test_SEC_16_what_somebody_typed_cannot_begin_a_new_line(known_as: Any) -> None:
    known_as("Belrive")
    said = render(
        "offer_taken",
        {"first_name": "Fatou\r\nVotre colis attend"},
        territory=town("", "Belrive", "palier.belrive.example"),
    )
    assert "\n" not in said.body and "\r" not in said.body


@pytest.mark.django_db
def test_the_organisation_people_know_signs_when_there_is_room(belrive: Territory) -> None:
    said = render("offer_taken", {"first_name": "Fatou"}, territory=belrive)
    assert said.body.startswith("CCAS de Belrive. Merci Fatou : un autre voisin a dit oui avant vous.")
    Organisation.objects.filter(is_lead=True).update(
        name="Centre communal d'action sociale de la ville de Belrive"
    )
    starts: datetime = WINDOWS[0][0]
    said = render(
        "visit_tomorrow",
        {"first_name": "Fatou", "starts_at": starts, "ends_at": starts + timedelta(hours=3), "token": TOKEN},
        territory=belrive,
    )
    assert said.body.startswith(belrive.sender_name)
    assert said.segments == 1
