"""Erasing: what may go goes at once, what must stay is said, the archives are asked first where they must be."""

import io
from datetime import date

import pikepdf
import pytest
from django.db import IntegrityError, InternalError, connection, transaction

from palier.calls.models import Call
from palier.concerns.models import Concern
from palier.duties.models import Duty
from palier.duties.operations import open_duty
from palier.journal.models import Access, Entry
from palier.journal.operations import Mention
from palier.kernel import clock
from palier.kernel.errors import NotAllowed, NotPossibleNow
from palier.matching.models import KeepApart
from palier.messaging.models import Inbound, Message
from palier.people.models import Consent, Contact, Person, PhoneNumber, SearchWord
from palier.people.suppression import Traits, suppressed
from palier.privacy import erasing, requests
from palier.privacy.models import PrivacySettings, RightsRequest
from tests.privacy.conftest import Lives


def asked(lives: Lives, alba, identity: bool = True) -> RightsRequest:
    made = requests.take_down(
        kind="erasure", channel="letter", received_on=clock.today(), person_id=lives.odette.pk, actor=alba
    )
    if identity:
        made = requests.note_identity(made.pk, how="id_card", seen_on=clock.today(), actor=alba)
    return made


def everything_written(person: Person) -> str:
    """Every value of every row that still leads to her."""
    from palier.privacy.parts_person import PERSON_PARTS

    values = [
        f"{part.code}: {value}"
        for part in PERSON_PARTS
        if part.rows is None and part.model not in (Concern, RightsRequest)
        for row in part.all_of(person)
        .exclude(**({"code__startswith": "concerns."} if part.model is Entry else {}))
        .values()
        for value in row.values()
    ]
    return "\n".join(values)


def test_after_an_erasure_nothing_says_who_she_was_or_what_she_said(lives, alba):
    assert "OOO" in everything_written(lives.odette)
    erasing.erase(asked(lives, alba).pk, actor=alba)
    left = everything_written(lives.odette)
    for words in ("OOO", "Odette", "Marchand", "Tilleuls", "1942", "33261914720"):
        assert [line for line in left.splitlines() if words in line] == []
    assert not PhoneNumber.objects.filter(person=lives.odette).exists()
    assert not Contact.objects.filter(person=lives.odette).exists()
    assert not SearchWord.objects.filter(person=lives.odette).exists()
    assert not KeepApart.objects.filter(person=lives.odette).exists()
    assert not Inbound.objects.filter(body__contains="OOO").exists()


def test_an_erasure_touches_nobody_else(lives, alba):
    before = everything_written(lives.other)
    volunteer_messages = list(
        Message.objects.filter(volunteer_id__isnull=False).order_by("pk").values_list("body", flat=True)
    )
    erasing.erase(asked(lives, alba).pk, actor=alba)
    assert everything_written(lives.other) == before
    assert (
        list(Message.objects.filter(volunteer_id__isnull=False).order_by("pk").values_list("body", flat=True))
        == volunteer_messages
    )


def test_what_the_law_keeps_stays(lives, alba):
    erasing.erase(asked(lives, alba).pk, actor=alba)
    assert Consent.objects.filter(person=lives.odette).exists()
    assert Concern.objects.get(person=lives.odette).facts == "faits inquiétants OOO"
    assert Access.objects.filter(object_id=lives.odette.pk, object_kind="people.person").exists()
    assert (
        Entry.objects.get(code="concerns.opened", person_id=lives.odette.pk).personal["words"]
        == "signalement OOO"
    )


def test_REG_09_who_was_erased_is_recognised_and_not_put_back(lives, alba, belrive):
    traits = Traits("Odette", "Marchand", date(1942, 3, 2))
    assert suppressed(belrive.pk, traits) == []
    erasing.erase(asked(lives, alba).pk, actor=alba)
    (entry,) = suppressed(belrive.pk, traits)
    assert (entry.scope, entry.reason) == ("file", "erasure")


def test_an_erasure_twice_is_one(lives, alba, belrive):
    request = asked(lives, alba)
    first = erasing.erase(request.pk, actor=alba)
    assert erasing.erase(request.pk, actor=alba).erased_at == first.erased_at
    assert Entry.objects.filter(code="privacy.erased").count() == 1


def test_what_goes_and_what_stays_is_said_before(lives, alba):
    plan = erasing.plan(asked(lives, alba))
    assert plan.may_go
    assert {"Qui vous êtes", "Vos appels", "Vos visites"} <= {item.title for item in plan.goes}
    assert all(item.why for item in plan.stays)
    assert "Vos accords et vos refus" in {item.title for item in plan.stays}


def test_SAF_05_the_plan_reads_the_same_with_a_report_and_without(lives, alba):
    request = asked(lives, alba)
    with_it = erasing.plan(request).stays
    Concern.objects.filter(person=lives.odette).update(person=None)
    assert erasing.plan(request).stays == with_it


def test_nobody_is_erased_while_somebody_is_still_to_come(lives, alba):
    call = Call.objects.filter(person=lives.odette).get()
    open_duty(
        Mention("calls.call", call.pk),
        kind="call_back",
        due_at=clock.now(),
        person_id=lives.odette.pk,
        actor=alba,
    )
    request = asked(lives, alba)
    assert [duty.kind for duty in erasing.plan(request).open_duties] == ["call_back"]
    with pytest.raises(NotPossibleNow, match="prévu"):
        erasing.erase(request.pk, actor=alba)
    assert Person.objects.get(pk=lives.odette.pk).first_name == "Odette"


def test_nobody_is_erased_for_somebody_who_did_not_prove_who_they_are(lives, alba):
    with pytest.raises(NotPossibleNow, match="identité"):
        erasing.erase(asked(lives, alba, identity=False).pk, actor=alba)


def test_only_who_coordinates_erases(lives, alba, bruno):
    with pytest.raises(NotAllowed):
        erasing.erase(asked(lives, alba).pk, actor=bruno)


def test_a_request_for_a_copy_erases_nothing(lives, alba):
    request = requests.take_down(
        kind="access", channel="desk", received_on=clock.today(), person_id=lives.odette.pk, actor=alba
    )
    requests.note_identity(request.pk, how="known", seen_on=clock.today(), actor=alba)
    with pytest.raises(NotPossibleNow):
        erasing.erase(request.pk, actor=alba)


def test_GDP_04_where_the_archives_must_agree_nothing_goes_before_their_visa(lives, alba, belrive, claire):
    requests.change_settings(officer_name="", officer_email="", needs_archive_visa=True, actor=claire)
    request = asked(lives, alba)
    with pytest.raises(NotPossibleNow, match="visa"):
        erasing.erase(request.pk, actor=alba)
    with pytest.raises(NotPossibleNow, match="bordereau"):
        erasing.note_visa(request.pk, on=clock.today(), reference="2026-41", actor=alba)
    assert erasing.ask_visa(request.pk, actor=alba).awaits_visa
    with pytest.raises(NotPossibleNow, match="visa"):
        erasing.erase(request.pk, actor=alba)
    assert Person.objects.get(pk=lives.odette.pk).first_name == "Odette"
    assert not erasing.note_visa(request.pk, on=clock.today(), reference="2026-41", actor=alba).awaits_visa
    assert erasing.erase(request.pk, actor=alba).erased_at


def test_GDP_04_the_elimination_list_names_nobody(lives, alba):
    content = erasing.elimination_list(asked(lives, alba))
    pdf = pikepdf.open(io.BytesIO(content))
    assert "Bordereau" in str(pdf.docinfo["/Title"])
    words = " ".join(item.title for item in erasing.plan(RightsRequest.objects.get()).goes)
    assert "Odette" not in words and "Marchand" not in words


def test_without_the_setting_no_visa_can_be_asked(lives, alba):
    with pytest.raises(NotPossibleNow):
        erasing.ask_visa(asked(lives, alba).pk, actor=alba)


def test_an_erasure_is_closed_only_once_it_is_done(lives, alba):
    request = asked(lives, alba)
    with pytest.raises(NotPossibleNow, match="Rien n’est encore effacé"):
        requests.answer(request.pk, outcome="granted", words="Fait.", actor=alba)
    erasing.erase(request.pk, actor=alba)
    requests.note_recipients_told(request.pk, actor=alba)
    requests.answer(request.pk, outcome="granted", words="Fait.", actor=alba)
    assert not Duty.objects.open().filter(subject_kind="privacy.rightsrequest").exists()


def test_GDP_10_the_journal_is_emptied_for_nobody_who_did_not_ask(lives, alba):
    """The owner's function looks for the request itself: the application cannot use it for anything else."""
    with (
        pytest.raises((IntegrityError, InternalError), match="asked for"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("select palier_forget_person(%s, %s)", [lives.odette.territory_id, lives.odette.pk])


def test_the_settings_of_a_territory_are_its_own(belrive, claire, alba):
    assert not PrivacySettings.of(belrive.pk).needs_archive_visa
    with pytest.raises(NotAllowed):
        requests.change_settings(officer_name="x", officer_email="", needs_archive_visa=False, actor=alba)
    requests.change_settings(
        officer_name="Inès Garde", officer_email="dpo@belrive.example", needs_archive_visa=True, actor=claire
    )
    assert PrivacySettings.of(belrive.pk).officer_name == "Inès Garde"


def test_what_a_file_brought_for_her_goes_too_and_cannot_bring_her_back(lives, alba, belrive):
    from palier.exchange.models import Import, Line

    source = Import.objects.create(territory=belrive, **an_import(alba))
    for number, person in ((2, lives.odette), (3, lives.other)):
        Line.objects.create(
            territory=belrive, source=source, number=number, outcome="new", name="Odette Marchand", person_id=person.pk, done="created"
        )  # fmt: skip
    erasing.erase(asked(lives, alba).pk, actor=alba)
    assert [line.person_id for line in Line.objects.all()] == [lives.other.pk]


def an_import(alba):
    return {
        "name": "liste.csv",
        "size": 1,
        "sha256": "0" * 64,
        "kind": "csv",
        "membership_id": alba.membership_id,
        "brought_by": alba.name,
    }
