"""The town's form: anybody, without an account; what is typed is kept, what comes in is looked at by somebody named."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from palier.duties.models import Duty
from palier.kernel import clock
from palier.people.models import Person
from palier.register import operations
from palier.register.models import Enrolment, EnrolmentRequest, Notice
from tests.web.client import desk_client

pytestmark = pytest.mark.django_db
ADDRESS = "/inscription/belrive/"
TYPED = {
    "requester": "self",
    "last_name": "Kerguelen",
    "first_name": "Yvonne",
    "birth_on": "1938-04-14",
    "phone": "02 61 91 33 44",
    "street": "7 quai Neuf",
    "capacity": "senior",
    "isolation_prevention": "yes",
}


def text(answer):
    return re.sub(r"\s+", " ", answer.content.decode().replace("\u00a0", " "))


def ticket(client, **headers):
    return re.search(r'name="ticket" value="([^"]+)"', client.get(ADDRESS, **headers).content.decode())[1]


def send(client, after=30, **typed):
    shown = ticket(client)
    with clock.at(clock.now() + timedelta(seconds=after)):
        return client.post(ADDRESS, TYPED | {"ticket": shown} | typed)


def test_REG_01_the_form_shows_the_five_blocks_and_the_telephone_and_keeps_the_version(desk):
    page = text(Client().get(ADDRESS))
    for block in Notice.objects.get().blocks.values():
        assert block[:60] in page
    assert 'href="tel:+33261910012"' in page and "/static/vendor/htmx" not in page
    shown = ticket(client := Client())
    operations.draft_notice(
        desk.register.pk, **Notice.objects.get().blocks | {"optional": "Nouveau."}, actor=desk.helene
    )
    operations.publish_notice(desk.register.pk, actor=desk.helene)
    with clock.at(clock.now() + timedelta(seconds=30)):
        client.post(ADDRESS, TYPED | {"ticket": shown})
    assert EnrolmentRequest.objects.get().notice.version == 1, "the one she read"


def test_a_request_lands_with_somebody_named_and_opens_no_file(desk):
    before = Person.objects.count()
    answer = send(Client())
    assert answer.status_code == 302
    made = EnrolmentRequest.objects.get()
    assert made.typed["last_name"] == "Kerguelen" and made.channel == "form" and made.enrolment_id is None
    assert Person.objects.count() == before
    kinds = set(Duty.objects.open().values_list("kind", "owner_id"))
    assert {kind for kind, _owner in kinds} == {"match_request", "send_acknowledgement"}
    assert all(owner in (desk.nadia.membership_id, desk.julien.membership_id) for _kind, owner in kinds)
    page = text(Client().get(answer["Location"]))
    assert made.reference in page and "dans les huit jours" in page and "tel:+33261910012" in page
    assert "Kerguelen" not in page


def test_who_is_named_matches_the_request_and_the_clock_counts_from_the_day_it_came(desk):
    send(Client())
    made = EnrolmentRequest.objects.get()
    with clock.at(desk.in_days(1)):
        client = desk_client(desk.nadia)
        assert made.reference in text(client.get(f"/registres/{desk.register.pk}/"))
        address = f"/registres/{desk.register.pk}/inscrire/?demande={made.pk}"
        assert 'value="Kerguelen"' in text(client.get(address))
        posted = TYPED | {"title": "madame", "channel": "form", "requested_on": "2026-11-12"}
        assert client.post(address, posted).status_code == 302
        entry = Enrolment.objects.get()
        assert entry.request.pk == made.pk and entry.requested_on.isoformat() == "2026-11-12"
        assert entry.isolation_prevention == "yes"
        made.refresh_from_db()
        assert made.typed == {}
        assert set(Duty.objects.open().values_list("kind", flat=True)) == {"send_acknowledgement"}
        assert client.post(address, posted).status_code == 404


def test_a_request_that_is_none_is_closed_with_why_and_nothing_is_owed(desk):
    send(Client())
    made = EnrolmentRequest.objects.get()
    with clock.at(desk.in_days(1)):
        client = desk_client(desk.nadia)
        assert (
            client.post(f"/registres/demandes/{made.pk}/terminer/", {"outcome": "acknowledged"}).status_code
            == 302
        )
        made.refresh_from_db()
        assert made.closed_at is None, "acknowledged without a letter is no outcome"
        client.post(f"/registres/demandes/{made.pk}/terminer/", {"outcome": "elsewhere"})
        made.refresh_from_db()
        assert made.outcome == "elsewhere" and made.typed == {} and not Duty.objects.open().exists()


@pytest.mark.parametrize("missing", ["requester_name", "requester_capacity"])
def test_REG_06_a_third_party_gives_a_name_and_a_capacity(desk, missing):
    who = {"requester": "third_party", "requester_name": "Paul Kerguelen", "requester_capacity": "son fils"}
    refused = send(Client(), **who | {missing: ""})
    assert refused.status_code == 422 and 'value="Kerguelen"' in text(refused)
    accepted = send(Client(), **who)
    assert "en donnant votre nom" in text(Client().get(accepted["Location"]))


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("last_name", "", "Écrivez le nom"),
        ("birth_on", "hier", "14/03/1942"),
        ("birth_on", "1990-01-01", "65 ans"),
        ("phone", "pas de téléphone", "numéro"),
        ("street", "", "numéro et la rue"),
        ("capacity", "", "à quel titre"),
    ],
)
def test_a_mistake_is_said_at_its_field_and_nothing_typed_is_lost(desk, field, value, said):
    answer = send(Client(), **{field: value, "to_warn_name": "Sylvie Carpentier"})
    page = text(answer)
    assert answer.status_code == 422 and said in page
    assert 'value="Sylvie Carpentier"' in page and not EnrolmentRequest.objects.exists()


def test_two_clicks_are_one_request(desk):
    client = Client()
    shown = ticket(client)
    with clock.at(clock.now() + timedelta(seconds=30)):
        first = client.post(ADDRESS, TYPED | {"ticket": shown})
        second = client.post(ADDRESS, TYPED | {"ticket": shown})
    assert first.status_code == second.status_code == 302
    assert EnrolmentRequest.objects.count() == 1


@pytest.mark.parametrize(
    "typed",
    [{"after": 1}, {"after": 90_000}, {"website": "http://x.example"}, {"ticket": "faux"}],
    ids=["fast", "old", "trap", "forged"],
)
def test_a_machine_is_asked_to_send_again_and_a_person_can(desk, typed):
    client = Client()
    answer = send(client, **typed)
    assert answer.status_code == 422 and not EnrolmentRequest.objects.exists()
    assert 'value="Kerguelen"' in text(answer)
    again = re.search(r'name="ticket" value="([^"]+)"', answer.content.decode())[1]
    with clock.at(clock.now() + timedelta(seconds=90_000 + 10 if typed.get("after") == 90_000 else 40)):
        assert client.post(ADDRESS, TYPED | {"ticket": again}).status_code == 302


def test_many_requests_from_one_place_are_paused_with_the_telephone_and_what_was_typed(desk):
    client = Client()
    for _number in range(12):
        assert send(client).status_code == 302
    answer = send(client)
    assert (
        answer.status_code == 429
        and 'value="Kerguelen"' in text(answer)
        and "tel:+33261910012" in text(answer)
    )


def test_the_form_speaks_english_and_marks_the_notice_as_french(desk):
    page = Client().get(ADDRESS, headers={"accept-language": "en"}).content.decode()
    assert '<html lang="en">' in page and '<p lang="fr">' in page


def test_an_unknown_town_and_a_forged_reference_are_not_found(desk):
    for path in (
        "/inscription/nulle-part/",
        "/inscription/belrive/recue/?r=faux",
        "/inscription/nulle-part/bulletin.pdf",
    ):
        assert Client().get(path).status_code == 404
    assert Client().get("/inscription/belrive/bulletin.pdf?qui=tiers").content.startswith(b"%PDF")
