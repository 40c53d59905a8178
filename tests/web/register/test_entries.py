"""The registers' pages, as who is named uses them, and as everybody else meets them."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from palier.accounts.models import Membership, Role
from palier.duties.models import Duty
from palier.journal.models import Access
from palier.kernel import clock
from palier.people.models import Person
from palier.register import operations
from palier.register.models import Designation, Enrolment, EnrolmentRequest, Notice, Undertaking
from palier.territories import walls
from palier.territories.models import Organisation
from tests import factories
from tests.guards.test_permission_matrix import ours
from tests.web.client import desk_client
from tests.web.register.matrix import MATRIX, NAMED

pytestmark = pytest.mark.django_db

TYPED = {
    "title": "madame",
    "last_name": "Kerguelen",
    "first_name": "Yvonne",
    "birth_on": "1938-04-14",
    "phone": "02 61 91 33 44",
    "street": "7 quai Neuf",
    "postcode": "45990",
    "city": "Belrive",
    "channel": "phone",
    "requested_on": "2026-11-12",
    "requester": "self",
    "capacity": "senior",
    "isolation_prevention": "yes",
}


def text(answer):
    return re.sub(r"\s+", " ", answer.content.decode().replace("\u00a0", " "))


def test_somebody_new_is_enrolled_with_a_file_that_only_the_register_sees(desk, bruno):
    client = desk_client(desk.nadia)
    assert client.get(f"/registres/{desk.register.pk}/inscrire/").status_code == 200
    answer = client.post(f"/registres/{desk.register.pk}/inscrire/", TYPED)
    made = Enrolment.objects.select_related("person").get()
    assert answer.status_code == 302 and answer["Location"] == f"/registres/inscriptions/{made.pk}/"
    assert not made.person.is_followed and made.isolation_prevention == "yes"
    assert not Person.objects.visible_to(bruno).filter(pk=made.person_id).exists()
    page = text(client.get(answer["Location"]))
    assert "Yvonne Kerguelen" in page and "02 61 91 33 44" in page and "14/04/1938" in page
    assert "Lettre avant le ven. 20 nov." in page


def test_somebody_on_file_is_found_and_asked_about_before_a_second_file_is_opened(desk):
    known = desk.person(
        "Yvonne",
        "Kerguelen",
        birth_on=clock.today().replace(year=1938, month=4, day=14),
        phone="+33261913344",
    )
    client = desk_client(desk.nadia)
    address = f"/registres/{desk.register.pk}/inscrire/"
    answer = client.post(address, TYPED)
    page = text(answer)
    assert answer.status_code == 422 and "dites si c’est la même personne" in page
    assert 'value="Kerguelen"' in page and not Enrolment.objects.exists()
    assert client.post(address, TYPED | {"same_as": str(known.pk)}).status_code == 302
    assert Enrolment.objects.get().person_id == known.pk
    assert client.post(address, TYPED | {"same_as": "new", "requester": "self"}).status_code == 302
    assert Person.objects.filter(last_name="Kerguelen").count() == 2


def test_whoever_looks_alike_is_shown_while_one_types_and_enrolled_under_her_own_file(desk, bruno):
    known = desk.person("Yvonne", "Kerguelen")
    client, page = desk_client(desk.nadia), f"/registres/{desk.register.pk}/inscrire/"
    assert f'hx-post="{reverse("people_like")}"' in client.get(page).content.decode()
    typed = TYPED | {
        "birth_on": known.birth_on.isoformat(),
        "street": known.street,
        "register": desk.register.pk,
    }
    shown = client.post(reverse("people_like"), typed)
    assert "Inscrire Yvonne Kerguelen" in text(shown)
    assert f'href="{page}?personne={known.pk}"' in shown.content.decode()
    assert "people_like" not in client.get(f"{page}?personne={known.pk}").content.decode()
    # Who is not named is told nothing of a file that only the register has.
    desk.enrol(hidden := desk.person("Zéphyrine", "Quatrebarbes"))
    Person.objects.filter(pk=hidden.pk).update(is_followed=False)
    other = TYPED | {"last_name": "Quatrebarbes", "first_name": "Zéphyrine", "street": hidden.street}
    other["birth_on"] = hidden.birth_on.isoformat()
    assert "Quatrebarbes" in text(client.post(reverse("people_like"), other))
    assert "Quatrebarbes" not in text(desk_client(bruno).post(reverse("people_like"), other))


def test_REG_06_a_third_party_on_the_telephone_is_told_to_write_and_nothing_typed_is_lost(desk):
    client = desk_client(desk.nadia)
    typed = TYPED | {
        "requester": "third_party",
        "requester_name": "Paul Kerguelen",
        "requester_capacity": "son fils",
    }
    answer = client.post(f"/registres/{desk.register.pk}/inscrire/", typed)
    page = text(answer)
    assert answer.status_code == 422 and "se fait par écrit" in page and "bulletin.pdf?qui=tiers" in page
    assert 'value="Paul Kerguelen"' in page and 'value="7 quai Neuf"' in page
    assert not Person.objects.filter(last_name="Kerguelen").exists(), (
        "no file of somebody who is not enrolled"
    )
    assert (
        client.post(f"/registres/{desk.register.pk}/inscrire/", typed | {"channel": "letter"}).status_code
        == 302
    )


def test_REG_08_letters_are_printed_in_a_batch_and_closed_when_they_left(desk):
    for number, name in enumerate(("Marchand", "Caron", "Pinel")):
        desk.enrol(desk.person("Odette", name, phone=None, street=f"{number + 1} rue Haute"))
    client = desk_client(desk.nadia)
    printed = client.post(f"/registres/{desk.register.pk}/accuses/")
    assert printed["Content-Type"] == "application/pdf" and printed.content.startswith(b"%PDF")
    assert EnrolmentRequest.objects.filter(closed_at__isnull=True, ack_printed_at__isnull=False).count() == 3
    assert client.post(f"/registres/{desk.register.pk}/accuses/envoyes/").status_code == 302
    assert EnrolmentRequest.objects.filter(outcome="acknowledged").count() == 3
    assert not Duty.objects.open().exists()


def test_REG_09_an_objection_is_asked_once_more_and_erases(desk):
    made = desk.by_son(desk.person())
    client = desk_client(desk.nadia)
    page = text(client.get(f"/registres/inscriptions/{made.pk}/opposition/"))
    assert "Paul Marchand" in page and Enrolment.objects.exists()
    assert client.post(f"/registres/inscriptions/{made.pk}/opposition/").status_code == 302
    assert not Enrolment.objects.exists() and not EnrolmentRequest.objects.exists()
    assert client.get(f"/registres/inscriptions/{made.pk}/").status_code == 404


def test_an_entry_is_corrected_removed_and_then_in_no_list(desk):
    made = desk.enrol(desk.person())
    client = desk_client(desk.nadia)
    address = f"/registres/inscriptions/{made.pk}/"
    changed = {
        "capacity": "senior",
        "isolation_prevention": "refused",
        "to_warn_name": "Sylvie",
        "to_warn_phone": "pas un numéro",
    }
    refused = client.post(f"{address}modifier/", changed)
    assert refused.status_code == 422 and 'value="pas un numéro"' in refused.content.decode()
    assert (
        client.post(f"{address}modifier/", changed | {"to_warn_phone": "06 39 98 12 45"}).status_code == 302
    )
    made.refresh_from_db()
    assert made.to_warn_phone == "+33639981245" and made.isolation_prevention == "refused"
    assert client.post(f"{address}retrait/", {"reason": "moved_out"}).status_code == 302
    assert client.get(f"{address}lettre.pdf").content.startswith(b"%PDF")
    assert "rue des Tilleuls" not in text(client.get(f"/registres/{desk.register.pk}/"))


def test_REG_15_a_persons_file_says_it_to_those_who_may_know_only(desk, alba):
    person = desk.person()
    desk.enrol(person)
    assert "Inscrite au registre" in text(desk_client(desk.nadia).get(f"/personnes/{person.pk}/"))
    for other in (desk.helene, alba):
        page = text(desk_client(other).get(f"/personnes/{person.pk}/"))
        assert "Inscrite" not in page and "/registres/inscriptions/" not in page


def test_REG_15_the_day_board_names_the_reference_and_nobody(desk, alba):
    made = desk.enrol(desk.person("Zéphyrine", "Quatrebarbes", phone=None))
    with clock.at(desk.in_days(6)):
        for who in (desk.nadia, alba):
            page = text(desk_client(who).get("/aujourdhui/?pour=team"))
            assert made.request.reference in page and "Quatrebarbes" not in page
        duty = Duty.objects.get()
        opened = desk_client(desk.nadia).get(f"/registres/actions/{duty.pk}/")
        assert opened["Location"] == f"/registres/inscriptions/{made.pk}/"
        assert desk_client(alba).get(f"/registres/actions/{duty.pk}/").status_code == 403


# --- The door


def addresses(numbers):
    for name, entry in sorted(ours().items()):
        if MATRIX.get(name) is not NAMED:
            continue
        values = {key: numbers for key in entry.pattern.converters}
        yield name, reverse(name, kwargs=values)


@pytest.mark.parametrize("role", [role.value for role in Role])
def test_REG_15_every_role_without_a_designation_at_every_page_of_the_register(desk, role):
    """With numbers of rows that exist: refused all the same, and written down."""
    made = desk.enrol(desk.person("Zéphyrine", "Quatrebarbes", phone=None))
    kind = {"operator": Organisation.Kind.OPERATOR, "partner": Organisation.Kind.ASSOCIATION}.get(role)
    place = (
        Organisation.objects.create(
            territory=desk.territory, kind=kind, name=f"Maison {role}", short_name=role
        )
        if kind
        else None
    )
    member = factories.member(desk.territory, "Dominique", "Rôle", role, organisation=place)
    client = desk_client(member)
    for number in {made.pk, desk.register.pk, made.request.pk}:
        for name, address in addresses(number):
            for method in ("get", "post"):
                answer = getattr(client, method)(address)
                assert answer.status_code in (403, 404, 405), (name, method, answer.status_code)
                assert "Quatrebarbes" not in answer.content.decode()
    made.refresh_from_db()
    assert made.state == "active" and made.request.closed_at is None
    assert Access.objects.filter(operation="refused", membership_id=member.pk).exists()


def test_REG_13_access_stops_at_the_midnight_after_the_last_day_and_is_written_down(desk):
    member = factories.member(desk.territory, "Inès", "Faure")
    today = clock.today()
    operations.designate(
        desk.register.pk, membership_id=member.pk, starts_on=today, ends_on=today, act="Arrêté n° 7", signed_on=today, actor=desk.helene,
    )  # fmt: skip
    inès = factories.actor(member)
    operations.promise_secrecy(version=1, actor=inès)
    address = f"/registres/{desk.register.pk}/"
    with clock.at(factories.local(2026, 11, 12, 23, 59)):
        assert desk_client(inès).get(address).status_code == 200
    with clock.at(factories.local(2026, 11, 13, 0, 0)):
        assert desk_client(inès).get(address).status_code == 403
        assert Access.objects.filter(operation="refused", membership_id=member.pk).count() == 1
        made = desk.enrol(desk.person())
        assert not Enrolment.objects.visible_to(inès).filter(pk=made.pk).exists()


def test_REG_14_without_the_promise_the_register_stays_shut_and_a_year_later_again(desk):
    Undertaking.objects.filter(membership_id=desk.nadia.membership_id).delete()
    desk.enrol(desk.person("Zéphyrine", "Quatrebarbes", phone=None), actor=desk.julien)
    address = f"/registres/{desk.register.pk}/"
    shut = desk_client(desk.nadia).get(address)
    assert (
        shut.status_code == 403 and "secret professionnel" in text(shut) and "Quatrebarbes" not in text(shut)
    )
    promised = desk_client(desk.nadia).post("/registres/engagement/", {"version": "1", "next": address})
    assert promised.status_code == 302 and promised["Location"] == address
    assert desk_client(desk.nadia).get(address).status_code == 200
    Designation.objects.update(ends_at=clock.now() + timedelta(days=800))
    with clock.at(desk.in_days(366)):
        assert desk_client(desk.nadia).get(address).status_code == 403


def test_REG_13_a_role_alone_opens_nothing_and_the_head_sees_who_is_named_but_no_entry(desk):
    desk.enrol(desk.person("Zéphyrine", "Quatrebarbes", phone=None))
    client = desk_client(desk.helene)
    for name in ("registers", "designations", "register_notice", "register_settings"):
        answer = client.get(reverse(name, kwargs={} if name == "registers" else {"pk": desk.register.pk}))
        assert answer.status_code == 200 and "Quatrebarbes" not in text(answer), name
    assert client.get(f"/registres/{desk.register.pk}/").status_code == 403


def test_the_head_names_somebody_and_prints_the_annex(desk):
    member = factories.member(desk.territory, "Inès", "Faure")
    client = desk_client(desk.helene)
    address = f"/registres/{desk.register.pk}/designations/"
    typed = {
        "membership_id": member.pk,
        "starts_on": "2026-11-12",
        "ends_on": "2027-05-31",
        "act": "",
        "signed_on": "2026-11-02",
    }
    refused = client.post(address, typed)
    assert refused.status_code == 422 and 'value="2027-05-31"' in refused.content.decode()
    assert client.post(address, typed | {"act": "Arrêté n° 2026-140"}).status_code == 302
    assert "Arrêté n° 2026-140" in text(client.get(address))
    assert client.get(f"/registres/{desk.register.pk}/annexe.pdf").content.startswith(b"%PDF")
    made = Designation.objects.get(membership=member)
    assert client.post(f"/registres/designations/{made.pk}/terminer/").status_code == 302
    made.refresh_from_db()
    assert made.ends_at == clock.now()


def test_REG_01_the_notice_is_kept_as_a_draft_and_published_whole(desk):
    client = desk_client(desk.helene)
    address = f"/registres/{desk.register.pk}/notice/"
    blocks = {name: f"Texte {name}" for name in ("purpose", "optional", "how", "recipients", "rights")}
    assert client.post(address, blocks | {"rights": "", "garder": "1"}).status_code == 302
    refused = client.post(address, blocks | {"rights": "", "publier": "1"})
    assert refused.status_code == 422 and "Texte how" in text(refused)
    assert client.post(address, blocks | {"publier": "1"}).status_code == 302
    assert Notice.objects.filter(published_at__isnull=False).count() == 2


def test_another_territory_finds_no_register_of_ours(desk, carla):
    made = desk.enrol(desk.person())
    with walls.inside(carla.territory_id):
        from palier.territories.models import Territory

        theirs = factories.register(Territory.objects.get(pk=carla.territory_id))
        named = factories.designated(Membership.objects.get(pk=carla.membership_id), theirs)
        client = desk_client(named)
    for address in (
        f"/registres/{desk.register.pk}/",
        f"/registres/inscriptions/{made.pk}/",
        f"/registres/{desk.register.pk}/inscrire/",
    ):
        assert client.get(address).status_code == 404


def test_REG_22_the_register_gives_no_list_for_parcels_or_news(desk):
    client = desk_client(desk.nadia)
    for use in ("news", "events", "parcel"):
        assert client.post(f"/registres/{desk.register.pk}/liste/", {"usage": use}).status_code == 422


@pytest.mark.parametrize("count", [2, 20])
def test_the_list_costs_the_same_for_twenty_rows_as_for_two(desk, django_assert_max_num_queries, count):
    for number in range(count):
        desk.enrol(
            desk.person(
                "Odette", f"Marchand{number}", phone=f"+3326191{number:04d}", street=f"{number + 1} rue Haute"
            )
        )
    client = desk_client(desk.nadia)
    with django_assert_max_num_queries(17):
        assert client.get(f"/registres/{desk.register.pk}/").status_code == 200


def test_the_papers_come_out_of_the_pages(desk):
    client = desk_client(desk.helene)
    for path in ("bulletin.pdf", "bulletin.pdf?qui=tiers&gros=1", "avis-de-passage.pdf"):
        assert client.get(f"/registres/{desk.register.pk}/{path}").content.startswith(b"%PDF"), path


def test_REG_23_telling_people_leaves_nobody_behind(desk):
    before = Person.objects.count()
    client = desk_client(desk.nadia)
    address = f"/registres/{desk.register.pk}/informer/"
    answer = client.post(
        address,
        {"people": "Mme Louise Fabre\t3 rue Haute\t45990\tBelrive\n\nM. Paul Roy;8 quai Neuf;45990;Belrive"},
    )
    assert answer["Content-Type"] == "application/pdf" and answer.content.startswith(b"%PDF")
    assert Person.objects.count() == before
    wrong = client.post(address, {"people": "Mme Louise Fabre;3 rue Haute\nsans rue"})
    assert wrong.status_code == 422 and "Ligne 2" in text(wrong) and "Louise Fabre" in text(wrong)
