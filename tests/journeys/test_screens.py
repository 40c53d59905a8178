"""Every main screen, filled, on four screens: axe finds nothing, nothing scrolls sideways, nothing breaks the policy."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import transaction

from palier.accounts.actor import Actor
from palier.accounts.models import Absence, Membership, OnCall
from palier.calls import operations as calls
from palier.concerns.operations import open_concern
from palier.kernel import clock
from palier.matching.links import token_of
from palier.matching.models import Offer
from palier.privacy import requests
from tests import factories, flow
from tests.journeys.conftest import Site

pytestmark = pytest.mark.browser

SCREENS = Path(__file__).resolve().parents[2] / "var/screens"
SIZES: dict[str, dict[str, Any]] = {
    "desk": {"size": {"width": 1366, "height": 768}},
    "phone": {"size": {"width": 390, "height": 844}},
    "dark": {"size": {"width": 1366, "height": 768}, "color_scheme": "dark"},
    "narrow": {"size": {"width": 320, "height": 256}},
}


@pytest.fixture
def head(live_site: Site) -> Membership:
    with transaction.atomic(), live_site.inside():
        return factories.member(live_site.town, "Hélène", "Aubertin-Delacroix", "head")


@pytest.fixture
def paths(live_site: Site, head: Membership) -> dict[str, str]:
    """Something of everything, with long names among it."""
    with live_site.inside():
        town, bruno = live_site.town, factories.actor(live_site.bruno)
        odette = factories.person(
            town,
            talk_note="Parler fort, elle entend mal de l’oreille droite.",
            access="2e étage à gauche",
            has_stairs=True,
        )
        long = factories.person(
            town, "Marie-Antoinette-Joséphine", "de la Rochefoucauld-Montgolfier", phone="+33261914799",
            street="247 bis chemin de l’Ancienne-Manufacture-des-Tabacs",
        )  # fmt: skip
        michel = factories.volunteer(town, about="67 ans, retraité")
        rosa = factories.volunteer(town, "Rosa", "Diaz", x=620_300.0)
        visit = flow.agreed_visit(odette, michel, bruno, starts_at=_in_days(2), ends_at=_in_days(2, 3))
        asked = flow.need_for(long, bruno, starts_at=_in_days(3), ends_at=_in_days(3, 3))
        flow.ask(asked, [rosa], bruno)
        free = flow.need_for(odette, bruno, kind="paperwork", starts_at=_in_days(4), ends_at=_in_days(4, 3))
        concern = open_concern(
            person_id=long.pk, facts="Le courrier n’est plus relevé depuis dix jours.", actor=bruno
        )
        machine = Actor.machine("telephone", town.pk)
        call = calls.ring(provider="pbx", call_key="one", number_raw="02 61 91 47 20", actor=machine)
        aside = calls.start_by_hand(actor=bruno)
        calls.log_call(
            aside.pk,
            who="self",
            person_id=odette.pk,
            reasons=["talk"],
            next="nothing",
            words="Un long moment.",
            actor=bruno,
        )
        Absence.objects.create(
            territory=town,
            membership=live_site.alba,
            starts_at=clock.now(),
            ends_at=_in_days(9),
            reason="Congés",
        )
        OnCall.objects.create(
            territory=town,
            organisation=factories.lead(town),
            membership=head,
            starts_at=clock.now(),
            ends_at=_in_days(1),
        )
        rights = {
            kind: requests.take_down(
                kind=kind, channel="letter", received_on=clock.today(), person_id=long.pk, words="Je veux tout voir.", actor=bruno
            )
            for kind in ("access", "erasure")
        }  # fmt: skip
        requests.note_identity(rights["erasure"].pk, how="id_card", seen_on=clock.today(), actor=bruno)
        question = token_of(Offer.objects.get(need=asked))
        answered = token_of(Offer.objects.get(pk=visit.offer_id))
    return {
        "today": "/aujourdhui/?pour=all", "phone-desk": "/telephone/", "call": f"/telephone/{call.pk}/",
        "call-logged": f"/telephone/{aside.pk}/", "needs": "/besoins/", "need-asking": f"/besoins/{asked.pk}/",
        "need-agreed": f"/besoins/{visit.need_id}/", "match": f"/besoins/{free.pk}/proposer/",
        "need-new": f"/besoins/nouveau/?personne={odette.pk}", "concerns": "/signalements/",
        "concern": f"/signalements/{concern.pk}/", "people": "/personnes/", "person": f"/personnes/{odette.pk}/",
        "person-long": f"/personnes/{long.pk}/", "volunteers": "/voisins/", "volunteer": f"/voisins/{michel.pk}/",
        "figures": "/chiffres/", "team": "/equipe/", "member": f"/equipe/{live_site.bruno.pk}/",
        "member-new": "/equipe/nouveau/", "settings": "/equipe/reglages/", "account": "/mon-compte/",
        "rights": "/droits/", "rights-new": f"/droits/nouvelle/?personne={odette.pk}", "rights-access": f"/droits/{rights['access'].pk}/",
        "rights-erasure": f"/droits/{rights['erasure'].pk}/", "personal-data": "/equipe/donnees/", "who-opened": "/equipe/acces/",
        "files-touched": "/equipe/acces/?voir=fiches", "place": "/mon-compte/lieu/", "second-factor": "/compte/2fa/", "not-found": "/personnes/987654321/",
        "accessibility": "/accessibilite/", "neighbour-asked": f"/r/{question}", "neighbour-device": f"/r/{answered}",
        "sign-in": "/compte/login/", "forgotten": "/compte/password/reset/",
    }  # fmt: skip


OPEN = ("neighbour-asked", "neighbour-device", "sign-in", "forgotten", "accessibility")


def _in_days(days: int, hours: int = 0) -> Any:
    from datetime import timedelta

    today = clock.now().astimezone(clock.PARIS).replace(hour=9, minute=0, second=0, microsecond=0)
    return today + timedelta(days=days, hours=hours)


def problems(page: Any, name: str, path: str, url: str, complaints: list[str]) -> Iterator[str]:
    complaints.clear()
    answer = page.goto(url + path)
    if answer.status >= 400 and name != "not-found":
        yield f"{name}: answers {answer.status}"
        return
    for rule in Axe().run(page).response["violations"]:
        yield f"{name}: {rule['id']}: {[node['html'][:160] for node in rule['nodes']][:3]}"
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wide > 0:
        yield f"{name}: {wide} px too wide"
    for line in complaints:
        yield f"{name}: {line}"


@pytest.mark.parametrize("size", sorted(SIZES))
def test_a11y_every_screen_is_sound(
    live_site: Site, head: Membership, paths: dict[str, str], size: str
) -> None:
    """A11Y-20, WCAG 1.4.10: at 320 by 256 pixels nothing is cut off either."""
    found: list[str] = []
    complaints: list[str] = []
    SCREENS.mkdir(parents=True, exist_ok=True)
    pages = {is_open: live_site.page(None if is_open else head, **SIZES[size]) for is_open in (True, False)}
    for page in pages.values():
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda line: complaints.append(line.text) if "Content Security Policy" in line.text else None,
        )
    for name, path in paths.items():
        page = pages[name in OPEN]
        found += problems(page, name, path, live_site.url, complaints)
        page.screenshot(path=SCREENS / f"{size}-{name}.png", full_page=size != "narrow")
    assert found == [], "\n".join(found)
