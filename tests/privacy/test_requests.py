"""A request about somebody's own data: taken down by anybody, answered in a month, closed with what was answered."""

from datetime import date, datetime, timedelta

import pytest

from palier.duties.models import Duty, Kind
from palier.journal.models import Entry
from palier.kernel import clock
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.privacy import recipients, requests
from palier.privacy.models import RightsRequest, months_later
from tests import factories
from tests.privacy.conftest import Lives

TODAY = date(2026, 11, 12)


def take(actor, kind="access", **more):
    values = {"channel": "phone", "received_on": TODAY, "name": "Yvonne Inconnue"} | more
    return requests.take_down(kind=kind, actor=actor, **values)


@pytest.mark.parametrize(
    ("on", "count", "later"),
    [
        (date(2026, 11, 12), 1, date(2026, 12, 12)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2027, 12, 31), 2, date(2028, 2, 29)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
    ],
)
def test_a_month_later_is_the_same_day_or_the_last(on, count, later):
    assert months_later(on, count) == later


def test_GDP_08_a_request_is_due_in_a_month_and_somebody_owes_the_answer(belrive, bruno):
    request = take(bruno)
    assert request.due_on == date(2026, 12, 12)
    duty = Duty.objects.open().get(subject_kind="privacy.rightsrequest", subject_id=request.pk)
    assert duty.kind == Kind.ANSWER_RIGHTS
    assert duty.owner is None and duty.team is not None
    assert duty.due_at == datetime(2026, 12, 5, 9, tzinfo=belrive.zone)


def test_GDP_08_an_unanswered_request_climbs(belrive, bruno, claire):
    from palier.accounts.actor import Actor
    from palier.duties.operations import climb

    duty = Duty.objects.open().get(subject_id=take(bruno).pk, kind=Kind.ANSWER_RIGHTS)
    with clock.at(datetime(2026, 12, 5, 10, 30, tzinfo=belrive.zone)):
        raised = climb(duty.pk, actor=Actor.job("climb", belrive.pk))
    assert raised.raised_to_id == claire.membership_id


def test_whoever_coordinates_owns_what_they_take_down(alba):
    assert take(alba).owner_id == alba.membership_id


def test_a_double_click_takes_down_one_request(bruno):
    assert take(bruno) == take(bruno)
    assert take(bruno, kind="erasure") != take(bruno)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": " "}, "name"),
        ({"received_on": TODAY + timedelta(days=1)}, "received_on"),
        ({"asked_by": "representative"}, "asker_name"),
        ({"kind": "curiosity"}, "kind"),
        ({"channel": "pigeon"}, "channel"),
        ({"words": "x" * 2001}, "words"),
    ],
)
def test_what_cannot_be_taken_down_is_said_at_its_field(bruno, values, field):
    with pytest.raises(BadInput) as refusal:
        take(bruno, **values)
    assert refusal.value.field == field


def test_GDP_17_of_an_identity_only_the_kind_the_day_and_the_agent_are_kept(bruno):
    request = requests.note_identity(take(bruno).pk, how="passport", seen_on=TODAY, actor=bruno)
    assert (request.identity, request.identity_seen_on, request.identity_seen_by) == (
        "passport",
        TODAY,
        "Bruno Petit",
    )
    kept = {field.name for field in RightsRequest._meta.fields if field.name.startswith("identity")}
    assert kept == {"identity", "identity_seen_on", "identity_seen_by"}


def test_an_answer_may_be_put_off_once_with_a_reason(alba):
    request = take(alba)
    with pytest.raises(BadInput):
        requests.extend(request.pk, reason=" ", actor=alba)
    assert requests.extend(request.pk, reason="Archives à relire.", actor=alba).due_on == date(2027, 2, 12)
    duty = Duty.objects.open().get(subject_id=request.pk, kind=Kind.ANSWER_RIGHTS)
    assert duty.due_at.date() == date(2027, 2, 5)
    with pytest.raises(NotPossibleNow):
        requests.extend(request.pk, reason="Encore.", actor=alba)


def test_an_answer_is_not_put_off_after_its_month(alba):
    request = take(alba, received_on=date(2026, 10, 1))
    with pytest.raises(NotPossibleNow, match="répondez maintenant"):
        requests.extend(request.pk, reason="Trop tard.", actor=alba)


def test_a_request_is_closed_with_what_was_answered(alba):
    request = take(alba)
    with pytest.raises(BadInput):
        requests.answer(request.pk, outcome="refused", words="", actor=alba)
    closed = requests.answer(request.pk, outcome="refused", words="Rien n’est gardé à ce nom.", actor=alba)
    assert not closed.is_open
    assert not Duty.objects.open().filter(subject_id=request.pk).exists()
    with pytest.raises(NotPossibleNow, match="Alba Moreau"):
        requests.answer(request.pk, outcome="refused", words="Encore.", actor=alba)


def test_nobody_is_answered_before_their_identity_was_seen(alba):
    request = take(alba)
    with pytest.raises(NotPossibleNow, match="identité"):
        requests.answer(request.pk, outcome="granted", words="Fait.", actor=alba)
    # Somebody who cannot prove who they are is told so.
    assert requests.answer(
        request.pk, outcome="unproved", words="Pièce demandée, pas reçue.", actor=alba
    ).closed_at


def test_an_agent_takes_down_and_does_not_answer(bruno):
    request = take(bruno)
    for step in (
        lambda: requests.answer(request.pk, outcome="refused", words="Non.", actor=bruno),
        lambda: requests.extend(request.pk, reason="Long.", actor=bruno),
        lambda: requests.note_review(request.pk, actor=bruno),
        lambda: requests.note_recipients_told(request.pk, actor=bruno),
    ):
        with pytest.raises(NotAllowed):
            step()


def test_REG_19_a_correction_is_not_done_before_those_who_had_the_data_are_told(lives: Lives, alba):
    request = take(alba, kind="rectification", person_id=lives.odette.pk)
    requests.note_identity(request.pk, how="known", seen_on=TODAY, actor=alba)
    assert {told.name for told in recipients.of(lives.odette)} == {
        "Maison OOO, service OOO",
        "SIDPC (destinataire OOO)",
    }
    with pytest.raises(NotPossibleNow, match="Prévenez"):
        requests.answer(request.pk, outcome="granted", words="Corrigé.", actor=alba)
    requests.note_recipients_told(request.pk, actor=alba)
    requests.answer(request.pk, outcome="granted", words="Corrigé.", actor=alba)
    assert Entry.objects.get(code="privacy.recipients_told").data == {"count": 2}


def test_a_copy_is_made_before_it_is_said_to_be(lives: Lives, alba):
    request = take(alba, person_id=lives.other.pk)
    requests.note_identity(request.pk, how="known", seen_on=TODAY, actor=alba)
    with pytest.raises(NotPossibleNow, match="copie"):
        requests.answer(request.pk, outcome="granted", words="Remise.", actor=alba)


def test_the_journal_of_her_file_tells_the_request(belrive, alba):
    odette = factories.person(belrive)
    request = take(alba, person_id=odette.pk)
    assert request.name == "Odette Marchand"
    assert Entry.objects.get(code="privacy.rights_asked").person_id == odette.pk


def test_another_territory_does_not_see_the_request(alba, carla):
    request = take(alba)
    assert not RightsRequest.objects.visible_to(carla).filter(pk=request.pk).exists()
    with pytest.raises(RightsRequest.DoesNotExist):
        requests.note_identity(request.pk, how="known", seen_on=TODAY, actor=carla)
