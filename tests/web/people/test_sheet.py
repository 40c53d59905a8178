"""The file on paper: what a visit needs, nothing that must not lie about; printing it is written down."""

from datetime import time

from django.urls import reverse

from palier.documents import press
from palier.journal.models import Access, Entry
from palier.people.living import Presence
from palier.people.models import Contact, Person
from tests import factories
from tests.web.client import desk_client


def printed(monkeypatch, client, pk, **query) -> str:
    seen: list[str] = []
    real = press.printed
    monkeypatch.setattr(press, "printed", lambda text: (seen.append(text), real(text))[1])
    answer = client.get(reverse("person_sheet", args=[pk]), query)
    assert answer["Content-Type"] == "application/pdf" and answer.content[:5] == b"%PDF-"
    return seen[0].replace("\u00a0", " ")


def test_the_sheet_says_how_to_talk_whom_to_call_and_when_she_is_alone(belrive, bruno, monkeypatch):
    odette = factories.person(belrive, talk_note="Entend mal à droite.")
    Contact.objects.create(
        territory=belrive, person=odette, name="Sylvie", relation="child", phone="+33639981245", has_key=True
    )
    Presence.objects.create(
        territory=belrive, person=odette, who="CCAS", kind="call", days=[0, 3], at=time(10)
    )
    text = printed(monkeypatch, desk_client(bruno), odette.pk)
    for words in (
        "Odette Marchand",
        "Entend mal à droite.",
        "Sylvie",
        "06 39 98 12 45",
        "a la clé",
        "10 h",
        "seule",
        "Bruno Petit",
    ):
        assert words in text, words
    assert '"large": true' in printed(monkeypatch, desk_client(bruno), odette.pk, gros="1")


def test_what_must_not_lie_about_is_on_no_paper(belrive, bruno, monkeypatch):
    odette = factories.person(belrive)
    Contact.objects.create(
        territory=belrive,
        person=odette,
        name="Gendre",
        relation="relative",
        do_not_contact=True,
    )
    Entry.objects.create(
        territory=belrive, code="concerns.opened", actor_kind="member", actor_name="Bruno", subject_kind="concerns.concern",
        subject_id=1, person_id=odette.pk, personal={"words": "coups et cris"},
    )  # fmt: skip
    text = printed(monkeypatch, desk_client(bruno), odette.pk)
    assert "Gendre" not in text and "coups" not in text


def test_printing_a_file_is_taking_data_out(belrive, bruno):
    odette = factories.person(belrive)
    desk_client(bruno).get(reverse("person_sheet", args=[odette.pk]))
    line = Access.objects.get(object_kind="people.person", object_id=odette.pk)
    assert (line.operation, line.reason, line.membership_id) == (
        "export",
        "fiche imprimée",
        bruno.membership_id,
    )


def test_a_file_kept_apart_is_not_printed_for_who_may_not_see_it(belrive, bruno):
    odette = factories.person(belrive)
    Person.objects.filter(pk=odette.pk).update(is_followed=False)
    assert desk_client(bruno).get(reverse("person_sheet", args=[odette.pk])).status_code == 404
