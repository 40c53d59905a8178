"""The rights desk as its users meet it: taken down, proved, answered; what is refused is said where it belongs."""

import json
from datetime import date

from django.urls import reverse

from palier.journal.models import Access
from palier.people.models import Person
from palier.privacy import requests
from palier.privacy.models import RightsRequest
from tests import factories
from tests.web.client import desk_client

TODAY = date(2026, 11, 12)


def post(client, name, pk, **values):
    return client.post(reverse(name, args=[pk]), values)


def taken(actor, kind="access", person=None, **more) -> RightsRequest:
    values = {"channel": "desk", "received_on": TODAY, "name": "Yvonne Inconnue"} | more
    return requests.take_down(kind=kind, person_id=person.pk if person else None, actor=actor, **values)


def test_a_request_is_taken_down_from_her_file_and_answered_step_by_step(lives, alba, claire):
    client = desk_client(alba)
    page = client.get(reverse("rights_request_new"), {"personne": lives.odette.pk}).content.decode()
    assert "Odette Marchand" in page and 'name="name"' not in page
    answer = client.post(
        reverse("rights_request_new"),
        {
            "kind": "access", "asked_by": "self", "channel": "desk", "received_on": "2026-11-12", "words": "Tout, s’il vous plaît.",
            "person": lives.odette.pk,
        },
    )  # fmt: skip
    row = RightsRequest.objects.get()
    assert answer["Location"] == reverse("rights_request", args=[row.pk])
    assert (
        "La copie se prépare quand l’identité est vérifiée" in client.get(answer["Location"]).content.decode()
    )
    post(client, "rights_identity", row.pk, how="id_card", seen_on="2026-11-12")
    pdf = post(client, "rights_copy", row.pk, quoi="pdf")
    assert pdf["Content-Type"] == "application/pdf" and pdf.content[:5] == b"%PDF-"
    assert f"copie-{row.reference}.pdf" in pdf["Content-Disposition"]
    large = post(client, "rights_copy", row.pk, quoi="gros")
    assert large.content != pdf.content
    data = json.loads(post(client, "rights_copy", row.pk, quoi="json").content)
    assert data["of"] == {"kind": "person", "name": "Odette Marchand"}
    refused = post(client, "rights_answer", row.pk, outcome="granted", words="Remise en main propre.")
    assert refused.status_code == 422 and "relecture juridique" in refused.content.decode()
    assert "Remise en main propre." in refused.content.decode()
    post(desk_client(claire), "rights_review", row.pk)
    assert (
        post(client, "rights_answer", row.pk, outcome="granted", words="Remise en main propre.").status_code
        == 302
    )
    page = client.get(reverse("rights_request", args=[row.pk])).content.decode()
    assert "Remise en main propre." in page and "Conclure la demande" not in page


def test_what_is_missing_is_said_at_its_field_and_nothing_typed_is_lost(alba):
    answer = desk_client(alba).post(
        reverse("rights_request_new"), {"words": "Je veux tout savoir", "name": "Yvonne", "asked_by": "representative", "received_on": "2026-11-12", "kind": "access", "channel": "desk"}
    )  # fmt: skip
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Écrivez le nom de qui demande pour la personne." in page and "Je veux tout savoir" in page
    answer = desk_client(alba).post(reverse("rights_request_new"), {"words": ""})
    page = answer.content.decode()
    assert (
        "Choisissez ce que la personne demande." in page and "Dites comment la demande est arrivée." in page
    )


def test_the_page_of_an_erasure_says_what_goes_and_what_stays_and_asks_to_have_read_it(lives, alba):
    row = taken(alba, "erasure", lives.odette)
    requests.note_identity(row.pk, how="id_card", seen_on=TODAY, actor=alba)
    client = desk_client(alba)
    page = client.get(reverse("rights_request", args=[row.pk])).content.decode()
    assert "Sera effacé" in page and "Doit rester" in page and "Effacer sa fiche" in page
    client.post(reverse("rights_erase", args=[row.pk]))
    assert Person.objects.get(pk=lives.odette.pk).first_name == "Odette"
    post(client, "rights_erase", row.pk, sur="oui")
    assert Person.objects.get(pk=lives.odette.pk).first_name == ""
    assert "rien qui se lise" in client.get(reverse("rights_request", args=[row.pk])).content.decode()


def test_GDP_04_the_page_waits_for_the_archives(lives, alba, claire):
    requests.change_settings(officer_name="", officer_email="", needs_archive_visa=True, actor=claire)
    row = taken(alba, "erasure", lives.odette)
    requests.note_identity(row.pk, how="id_card", seen_on=TODAY, actor=alba)
    client = desk_client(alba)
    assert "Effacer sa fiche" not in client.get(reverse("rights_request", args=[row.pk])).content.decode()
    post(client, "rights_visa_ask", row.pk)
    assert (
        "En attente du visa des archives"
        in client.get(reverse("rights_request", args=[row.pk])).content.decode()
    )
    assert "attend le visa" in client.get(reverse("rights_requests")).content.decode()
    assert client.get(reverse("rights_elimination", args=[row.pk])).content[:5] == b"%PDF-"
    assert post(client, "rights_visa", row.pk, on="2026-11-12", reference="").status_code == 422
    post(client, "rights_visa", row.pk, on="2026-11-12", reference="AD41-88")
    assert "Effacer sa fiche" in client.get(reverse("rights_request", args=[row.pk])).content.decode()


def test_SAF_05_the_page_of_an_agent_says_nothing_of_a_report(lives, alba, bruno):
    row = taken(alba, "erasure", lives.odette)
    page = desk_client(bruno).get(reverse("rights_request", args=[row.pk])).content.decode()
    assert "inquiétant" not in page and "ignalement OOO" not in page and "Rapporteur" not in page


def test_an_agent_takes_down_and_sees_no_button_that_would_be_refused(lives, bruno):
    row = taken(bruno, "access", lives.odette)
    page = desk_client(bruno).get(reverse("rights_request", args=[row.pk])).content.decode()
    assert "Noter l’identité" in page
    for word in ("Conclure la demande", "Copie à imprimer", "Répondre plus tard"):
        assert word not in page


def test_opening_a_request_about_somebody_is_an_opening_of_her_file(lives, bruno):
    row = taken(bruno, "access", lives.odette)
    before = Access.objects.filter(object_id=lives.odette.pk, object_kind="people.person").count()
    desk_client(bruno).get(reverse("rights_request", args=[row.pk]))
    line = (
        Access.objects.filter(object_id=lives.odette.pk, object_kind="people.person").order_by("-pk").first()
    )
    assert Access.objects.filter(object_id=lives.odette.pk, object_kind="people.person").count() == before + 1
    assert line.reason == row.reference


def test_a_file_kept_apart_keeps_its_request_apart(belrive, alba, bruno):
    odette = factories.person(belrive)
    row = taken(alba, "access", odette)
    Person.objects.filter(pk=odette.pk).update(is_followed=False)
    client = desk_client(bruno)
    assert client.get(reverse("rights_request", args=[row.pk])).status_code == 404
    assert "Odette" not in client.get(reverse("rights_requests")).content.decode()


def test_another_territory_gets_404(belrive, alba, carla):
    row = taken(alba, "access", factories.person(belrive))
    from palier.territories import walls

    with walls.inside(carla.territory_id):
        assert desk_client(carla).get(reverse("rights_request", args=[row.pk])).status_code == 404


def test_the_list_costs_the_same_for_two_rows_and_for_twenty(belrive, alba, django_assert_max_num_queries):
    client = desk_client(alba)
    for count in (2, 18):
        for number in range(count):
            taken(alba, "access", name=f"Personne {count} {number}")
        with django_assert_max_num_queries(12):
            assert client.get(reverse("rights_requests")).status_code == 200


def test_the_day_board_leads_to_the_request(belrive, alba):
    row = taken(alba, "access", received_on=date(2026, 10, 14))
    page = desk_client(alba).get(reverse("today")).content.decode()
    assert reverse("rights_request", args=[row.pk]) in page


def test_the_settings_keep_who_watches_over_the_data(claire):
    client = desk_client(claire)
    bad = client.post(
        reverse("privacy_settings"), {"officer_name": "Inès", "officer_email": "pas une adresse"}
    )
    assert bad.status_code == 422 and "Inès" in bad.content.decode()
    client.post(
        reverse("privacy_settings"), {"officer_name": "Inès Garde", "officer_email": "dpo@belrive.example"}
    )
    assert "Inès Garde" in client.get(reverse("privacy_settings")).content.decode()


def test_GDP_01_the_record_of_processing_is_taken_out_as_a_table(claire):
    answer = desk_client(claire).get(reverse("processing_record"))
    text = answer.content.decode("utf-8-sig")
    assert answer["Content-Type"].startswith("text/csv")
    assert "Suivi des personnes isolées" in text and "2 ans" in text and "people.person" in text
