"""Somebody who chose English reads English: every screen of the desk, refusals and errors too."""

from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from palier.accounts.models import Membership
from palier.calls import operations as calls
from palier.calls.models import CallReason
from palier.concerns.operations import open_concern
from palier.config import catalogues
from palier.duties import events
from palier.duties.models import Duty
from palier.kernel import text
from palier.people.operations import add_contact
from palier.territories.models import HelpKind
from palier.web.jinja import french
from tests import factories
from tests.web.client import desk_client

SCREENS = [
    "/aujourdhui/",
    "/telephone/",
    "/telephone/{call}/",
    "/besoins/",
    "/besoins/?etat=termines",
    "/besoins/nouveau/?personne={person}",
    "/signalements/",
    "/signalements/{concern}/",
    "/personnes/",
    "/personnes/nouvelle/",
    "/personnes/{person}/",
    "/voisins/",
    "/voisins/{volunteer}/",
    "/voisins/nouveau/",
    "/chiffres/",
    "/equipe/",
    "/equipe/reglages/",
    "/equipe/listes/",
    "/equipe/partenaires/",
    "/equipe/horaires/",
    "/mon-compte/",
    "/mon-compte/lieu/",
    "/accessibilite/",
]


class Read(HTMLParser):
    """What is read or heard on a page, node by node."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.nodes: list[str] = []
        self.language: str | None = ""
        self.hidden = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "html":
            self.language = told.get("lang")
        self.hidden += tag in ("script", "style")
        self.nodes += [
            told[name] or "" for name in ("aria-label", "placeholder", "title", "alt") if name in told
        ]

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.nodes.append(data)


def plain(said: str) -> str:
    return " ".join(said.split())


@pytest.fixture
def names_in_french(belrive: Any) -> set[str]:
    """What the town called its things is its own, in no language."""
    return {
        plain(name)
        for model in (HelpKind, CallReason)
        for name in model.objects.filter(territory=belrive).values_list("name", flat=True)
    }


@pytest.fixture
def sentences(names_in_french: set[str]) -> set[str]:
    """Every text of the interface that English says otherwise, words alone left out: names are made of them."""
    said = set()
    for message in catalogues._messages(catalogues._read(catalogues._po("en"), "en")):
        ids = message.id if isinstance(message.id, (list, tuple)) else (message.id,)
        for one, other in zip(ids, catalogues._forms(message), strict=True):
            if " " in one and "%(" not in one and "{" not in one and one != other:
                said |= {plain(one), plain(text.french(one))}
    return said - names_in_french


@pytest.fixture
def reader(belrive: Any) -> Membership:
    member = factories.member(belrive, "Ellen", "Reader", "head")
    member.user.language = "en"
    member.user.save()
    return member


@pytest.fixture
def client(reader: Membership) -> Client:
    return desk_client(reader)


@pytest.fixture
def things(belrive: Any, reader: Membership) -> dict[str, int]:
    odette = factories.person(belrive, "Odette", "Marchand", phone="+33261914701")
    fatou = factories.volunteer(belrive, "Fatou", "Ndiaye")
    actor = factories.actor(reader)
    concern = open_concern(person_id=odette.pk, facts="Volets fermés.", owner_id=reader.pk, actor=actor)
    add_contact(odette.pk, name="Claire", relation="child", actor=actor)
    call = calls.start_by_hand(actor=actor, person_id=odette.pk)
    return {"person": odette.pk, "volunteer": fatou.pk, "concern": concern.pk, "call": call.pk}


@pytest.mark.django_db
def test_no_screen_says_a_sentence_in_french(
    client: Client, things: dict[str, int], sentences: set[str]
) -> None:
    left: dict[str, list[str]] = {}
    for screen in [*SCREENS, reverse("account_change_password"), reverse("mfa_index")]:
        answer = client.get(screen.format(**things), headers={"Accept-Language": "en"})
        assert answer.status_code == 200, screen
        read = Read(answer.content.decode())
        assert read.language == "en", screen
        assert answer.headers["Content-Language"] == "en", screen
        if found := [node for node in map(plain, read.nodes) if node in sentences]:
            left[screen] = found
    assert left == {}


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/nulle-part/", "/personnes/999999/", "/besoins/999999/"])
def test_an_error_is_said_in_the_language_of_who_made_it(client: Client, path: str) -> None:
    answer = client.get(path)
    read = Read(answer.content.decode())
    assert answer.status_code == 404
    assert read.language == "en"
    assert "This page does not exist" in map(plain, read.nodes)


@pytest.mark.django_db
def test_the_language_of_one_request_is_not_that_of_the_next(client: Client, belrive: Any) -> None:
    client.get("/aujourdhui/")
    other = desk_client(factories.member(belrive, "Bruno", "Petit", "agent"))
    assert other.get("/aujourdhui/").headers["Content-Language"] == "fr"
    assert Client().get("/nulle-part/").headers["Content-Language"] == "fr"


@pytest.mark.django_db
def test_the_journal_names_a_duty_in_the_language_of_who_reads_it(things: dict[str, int]) -> None:
    duty = Duty.objects.of("concerns.concern", things["concern"]).get()
    event = events.DUTY_CLIMBED
    said = {"to": "Hélène Marty", "what": duty.kind}
    with translation.override("en"):
        assert event.title(said) == "Overdue, Hélène Marty has been told: Concern"
    with translation.override("fr"):
        assert event.title(said) == "En retard, Hélène Marty est prévenu : Signalement"
        # What was kept before the code was still reads.
        assert event.title(said | {"what": "Signalement"}).endswith(": Signalement")


def test_what_an_operation_kept_is_said_again_what_people_typed_stays() -> None:
    with translation.override("en"):
        assert french("Appel manqué") == "Missed call"
        assert french("Elle dit : « bonjour »") == "Elle dit : « bonjour »"
        assert french("") == ""
        assert french("<b>") == "&lt;b&gt;"
    with translation.override("fr"):
        assert french("Elle dit : oui") == "Elle dit\N{NO-BREAK SPACE}: oui"
