"""The letter of eight days, silence and objection, moves, removal, the yearly round: time travelled through."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from palier.accounts.actor import Actor
from palier.documents import papers
from palier.duties.jobs import climb_due
from palier.duties.models import Duty
from palier.journal.models import Entry
from palier.kernel import clock
from palier.kernel.errors import BadInput, NotPossibleNow, Refusal
from palier.people import operations as people
from palier.people.models import Confined, Person
from palier.people.suppression import Suppression
from palier.privacy.operations import apply_to
from palier.register import jobs, letters, operations
from palier.register.models import Confirmation, Enrolment, EnrolmentRequest
from palier.register.states import MOVES
from tests import factories

pytestmark = pytest.mark.django_db


def day_board(desk, day):
    """How the duty stands on a day of the letter: not late, late (red), climbed."""
    with clock.at(desk.in_days(day)):
        climb_due(desk.territory.pk)
        duty = Duty.objects.get(kind="send_acknowledgement")
        return duty.due_at < clock.now(), duty.level > 0


# --- REG-08


@pytest.mark.parametrize(
    ("day", "is_red", "climbed"),
    [
        (0, False, False),
        (5, False, False),
        (6, True, False),
        (7, True, True),
        (8, True, True),
        (9, True, True),
    ],
)
def test_REG_08_red_on_day_six_and_climbing_on_day_seven(desk, day, is_red, climbed):
    made = desk.enrol(desk.person())
    assert made.request.ack_due_on == date(2026, 11, 20)
    assert day_board(desk, day) == (is_red, climbed)


@pytest.mark.parametrize("start", [(2026, 3, 26), (2026, 10, 22)], ids=["an hour less", "an hour more"])
def test_REG_08_the_change_of_the_hour_moves_no_day(desk, start):
    with clock.at(factories.local(*start, 23)):
        made = desk.enrol(
            desk.person(), requested_on=date(*start), actor=Actor.job("import", desk.territory.pk)
        )
        duty = Duty.objects.get()
        first = date(*start)
    sixth, seventh = first + timedelta(days=6), first + timedelta(days=7)
    assert duty.due_at + timedelta(seconds=1) == factories.local(sixth.year, sixth.month, sixth.day, 0)
    assert duty.climbs_at == factories.local(seventh.year, seventh.month, seventh.day, 0)
    assert made.request.ack_due_on == first + timedelta(days=8)


def test_REG_08_no_request_closes_without_its_letter(desk):
    made = desk.enrol(desk.person())
    for outcome in EnrolmentRequest.Outcome.values:
        if outcome == "withdrawn":
            continue
        with pytest.raises(IntegrityError), transaction.atomic():
            EnrolmentRequest.objects.filter(pk=made.request.pk).update(closed_at=clock.now(), outcome=outcome)
    assert operations.mark_sent([made.request.pk], actor=desk.nadia) == 1
    made.request.refresh_from_db()
    assert made.request.ack_sent_at == clock.now() and made.request.ack_sent_by == "Nadia Benali"
    assert not Duty.objects.open().exists()
    assert operations.mark_sent([made.request.pk], actor=desk.nadia) == 0, "twice is once"


@pytest.mark.parametrize("by_son", [False, True])
def test_REG_08_the_letter_says_both_sentences_and_who_asked(desk, by_son):
    made = desk.by_son(desk.person()) if by_son else desk.enrol(desk.person())
    request = EnrolmentRequest.objects.select_related("enrolment__person").get(pk=made.request.pk)
    (paper,) = letters.acknowledgements(desk.register, [request])
    assert papers.pdf(paper).startswith(b"%PDF")
    said = str(paper.pages(ink(), large=False)).replace("\u00a0", " ")
    assert "votre silence vaut accord" in said and "demander à tout moment à ne plus figurer" in said
    assert ("Paul Marchand, son fils" in said) == by_son
    assert request.reference in said


def ink():
    from palier.documents.blocks import Ink

    return Ink("letter")


def test_REG_08_silence_after_the_letter_is_agreement_and_before_it_is_nothing(desk):
    made = desk.by_son(desk.person())
    with clock.at(desk.in_days(40)):
        assert jobs.agree_silent(desk.territory.pk) == 0, "no letter, no silence"
    operations.mark_sent([made.request.pk], actor=desk.nadia)
    with clock.at(desk.in_days(14)):
        assert jobs.agree_silent(desk.territory.pk) == 0
    with clock.at(desk.in_days(15, 11)):
        assert jobs.agree_silent(desk.territory.pk) == 1
        assert jobs.agree_silent(desk.territory.pk) == 0
    made.refresh_from_db()
    assert (made.state, made.agreed_how) == ("active", "silence")


def test_she_may_say_yes_before(desk):
    made = desk.by_son(desk.person())
    assert operations.note_agreement(made.pk, actor=desk.nadia).agreed_how == "said"
    assert operations.note_agreement(made.pk, actor=desk.nadia).state == "active"


# --- REG-09


@pytest.mark.parametrize("confirmed", [False, True])
def test_REG_09_an_objection_erases_and_the_same_third_party_is_told(desk, confirmed):
    person = desk.person()
    made = desk.by_son(person)
    if confirmed:
        operations.note_agreement(made.pk, actor=desk.nadia)
    operations.note_objection(made.pk, actor=desk.nadia)
    assert (
        not Enrolment.objects.exists()
        and not EnrolmentRequest.objects.exists()
        and not Duty.objects.open().exists()
    )
    assert not Confined.objects.filter(person=person).exists()
    kept = Suppression.objects.get()
    assert "Marchand" not in str(vars(kept)) and kept.third_party_key
    with pytest.raises(BadInput, match="Opposition enregistrée") as refusal:
        desk.by_son(person, requester_name="MARCHAND  Paul".replace("MARCHAND  Paul", "paul marchand"))
    assert refusal.value.code == "objection_on_file"
    assert desk.by_son(person, requester_name="Jeanne Petit", requester_capacity="sa voisine"), (
        "another third party may ask"
    )


def test_REG_09_what_she_asks_herself_later_takes_her_objection_back(desk):
    person = desk.person()
    operations.note_objection(desk.by_son(person).pk, actor=desk.nadia)
    assert desk.enrol(person).state == "active"
    assert not Suppression.objects.exists()


def test_REG_09_her_own_request_is_removed_and_not_objected_to(desk):
    with pytest.raises(NotPossibleNow):
        operations.note_objection(desk.enrol(desk.person()).pk, actor=desk.nadia)


def test_REG_09_the_hash_goes_after_three_years(desk):
    operations.note_objection(desk.by_son(desk.person()).pk, actor=desk.nadia)
    with clock.at(desk.in_days(3 * 365 + 1)):
        apply_to(desk.territory, at=clock.now())
    assert not Suppression.objects.exists()


# --- REG-10, REG-11


def test_REG_10_moving_in_the_town_keeps_the_entry_and_elsewhere_ends_it(desk):
    person = desk.person()
    made = desk.enrol(person)
    people.change_person(person.pk, street="4 rue du Port", actor=desk.nadia)
    made.refresh_from_db()
    assert made.state == "active"
    people.change_person(person.pk, insee="45234", postcode="45000", city="Orléans", actor=desk.nadia)
    made.refresh_from_db()
    assert (made.state, made.removal_reason) == ("removed", "moved_out")
    assert papers.pdf(letters.moved(desk.register, made)).startswith(b"%PDF")


@pytest.mark.parametrize(
    ("state", "reason"), [("deceased", "deceased"), ("moved", "moved_out"), ("in_care_home", "care_home")]
)
def test_REG_11_death_and_departure_end_the_entry_in_the_same_moment(desk, state, reason):
    person = desk.person()
    made = desk.enrol(person)
    people.change_person(person.pk, state=state, actor=desk.nadia)
    made.refresh_from_db()
    assert (made.state, made.removal_reason) == ("removed", reason)
    assert made.request.outcome == "withdrawn" or EnrolmentRequest.objects.get().outcome == "withdrawn"
    assert not Duty.objects.open().exists()


def test_REG_11_removed_at_once_from_every_list_and_erased_within_a_day(desk):
    person = people.create_person(
        first_name="Seule", last_name="Au-Registre", birth_on=date(1940, 1, 1), street="2 rue Haute", is_followed=False,
        compartment=desk.register.compartment, actor=desk.nadia,
    )  # fmt: skip
    made, stays = desk.enrol(person), desk.enrol(desk.person())
    alert = desk.alert()
    operations.remove(made.pk, reason="requested", actor=desk.nadia)
    listed = operations.use_list(desk.register.pk, use="alert", alert_id=alert.pk, actor=desk.nadia)
    assert [row.pk for row in listed.enrolments] == [stays.pk]
    with clock.at(clock.now() + timedelta(hours=1)):
        assert jobs.purge(desk.territory.pk) == 1
    assert list(Enrolment.objects.values_list("pk", flat=True)) == [stays.pk]
    gone = Person.objects.get(pk=person.pk)
    assert (gone.first_name, gone.last_name, gone.street, gone.birth_on) == ("", "—", "", None)
    assert not gone.phones.exists() and not gone.words.exists()
    assert Person.objects.get(pk=stays.person_id).last_name == "Marchand"


def test_REG_11_the_nightly_retention_takes_what_an_hour_left(desk):
    made = desk.enrol(desk.person())
    operations.remove(made.pk, reason="requested", actor=desk.nadia)
    with clock.at(clock.now() + timedelta(hours=16)):
        apply_to(desk.territory, at=clock.now())
    assert not Enrolment.objects.exists()


def test_REG_11_and_REG_12_three_years_of_silence_remove_nobody(desk):
    made = desk.enrol(desk.person())
    operations.mark_sent([made.request.pk], actor=desk.nadia)
    with clock.at(desk.in_days(3 * 365)):
        apply_to(desk.territory, at=clock.now())
        jobs.purge(desk.territory.pk)
        made = Enrolment.objects.select_related("person").get()
        assert made.is_to_reconfirm and made.person.last_name == "Marchand"
        alert = desk.alert()
        factories.designated(membership_of(desk.julien), desk.register)
        listed = operations.use_list(
            desk.register.pk, use="alert", alert_id=alert.pk, actor=Actor.job("list", desk.territory.pk)
        )
        assert [row.pk for row in listed.enrolments] == [made.pk]


def membership_of(actor):
    from palier.accounts.models import Membership

    return Membership.objects.get(pk=actor.membership_id)


def test_the_data_protection_erasure_takes_her_out_of_the_register(desk):
    person = desk.person()
    desk.enrol(person)
    assert operations.leave_registers(person, actor=Actor.job("privacy", desk.territory.pk)) == 1
    assert not Enrolment.objects.exists() and not Duty.objects.open().exists()


# --- REG-12


def test_REG_12_a_round_asks_everybody_who_is_old_and_removes_nobody(desk):
    old = [
        desk.enrol(
            desk.person("Odette", name, phone=None),
            requested_on=date(2025, 5, 2),
            acknowledged_on=date(2025, 5, 6),
        )
        for name in ("Un", "Deux", "Trois", "Quatre")
    ]
    fresh = desk.enrol(desk.person("René", "Caron", phone=None))
    made = operations.open_round(desk.register.pk, actor=desk.nadia)
    assert set(Confirmation.objects.values_list("enrolment_id", flat=True)) == {row.pk for row in old}
    assert Duty.objects.open().filter(kind="finish_round").exists()
    with pytest.raises(NotPossibleNow, match="déjà en cours"):
        operations.open_round(desk.register.pk, actor=desk.nadia)
    assert operations.mark_cards_sent(made.pk, actor=desk.nadia) == 4
    operations.note_confirmation(old[0].pk, result="confirmed", actor=desk.nadia)
    operations.note_confirmation(old[1].pk, result="no_answer", actor=desk.nadia)
    operations.note_confirmation(old[2].pk, result="removed", actor=desk.nadia)
    operations.close_round(made.pk, actor=desk.nadia)
    states = {row.pk: (row.state, row.is_to_reconfirm) for row in Enrolment.objects.all()}
    assert states == {
        old[0].pk: ("active", False),
        old[1].pk: ("active", True),
        old[2].pk: ("removed", True),
        old[3].pk: ("active", True),
        fresh.pk: ("active", False),
    }
    assert not Duty.objects.open().filter(kind="finish_round").exists()
    rows = list(
        Enrolment.objects.filter(pk=old[3].pk)
        .select_related("person", "request")
        .prefetch_related("person__phones")
    )
    assert papers.pdf_many(letters.cards(desk.register, rows)).startswith(b"%PDF")


# --- the whole life, at random


STEPS = ("agree", "object", "send", "remove", "silent", "die", "change", "confirm", "again", "purge")


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=st.sampled_from(("self", "third_party")), steps=st.lists(st.sampled_from(STEPS), max_size=8))
def test_any_life_of_an_entry_keeps_its_rules(db, first, steps):
    with transaction.atomic(), clock.at(factories.local(2026, 11, 12, 10, 20)):
        from tests.register.conftest import Desk

        town = factories.territory(f"t{next(factories.count)}")
        register = factories.register(town)
        nadia = factories.designated(factories.member(town, "Nadia", "Benali"), register)
        desk = Desk(town, register, nadia, nadia, nadia)
        person = desk.person()
        desk.enrol(person) if first == "self" else desk.by_son(person)
        for hours, step in enumerate(steps, start=1):
            with clock.at(clock.now() + timedelta(days=5 * hours)):
                row = Enrolment.objects.present().filter(person=person).first()
                before = row.state if row else None
                try:
                    with transaction.atomic():
                        take(step, desk, person, row)
                except Refusal:
                    continue
                _holds(person, before, row)
        transaction.set_rollback(True)


def take(step, desk, person, row):
    if step == "silent":
        operations.agree_silent(actor=Actor.job("t", desk.territory.pk))
    elif step == "purge":
        operations.purge(actor=Actor.job("t", desk.territory.pk))
    elif step == "again":
        desk.enrol(person)
    elif step == "die":
        people.change_person(person.pk, state="deceased", actor=desk.nadia)
    elif row is not None:
        match step:
            case "agree":
                operations.note_agreement(row.pk, actor=desk.nadia)
            case "object":
                operations.note_objection(row.pk, actor=desk.nadia)
            case "send":
                operations.mark_sent([row.request.pk], actor=desk.nadia)
            case "remove":
                operations.remove(row.pk, reason="requested", actor=desk.nadia)
            case "change":
                operations.change_enrolment(row.pk, to_warn_name="Sylvie", actor=desk.nadia)
            case "confirm":
                operations.note_confirmation(row.pk, result="confirmed", actor=desk.nadia)


def _holds(person, before, row):
    after = Enrolment.objects.filter(pk=row.pk).first() if row else None
    if row is not None and after is not None and after.state != before:
        assert Enrolment.State(after.state) in MOVES[Enrolment.State(before)]
    present = Enrolment.objects.present().filter(person=person)
    assert present.count() <= 1
    # Each present entry has its compartment, and its letter owed or sent.
    for one in present:
        assert Confined.objects.filter(person=person, compartment=one.register.compartment_id).exists()
        request = one.request
        owed = (
            Duty.objects.open()
            .filter(subject_kind="register.enrolmentrequest", subject_id=request.pk)
            .exists()
        )
        assert owed == (request.closed_at is None) and (request.closed_at is None or request.ack_sent_at)
    assert Duty.objects.open().count() == EnrolmentRequest.objects.open().count()
    assert not Entry.objects.filter(code__startswith="register.", person_id__isnull=False).exists()
