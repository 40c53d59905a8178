"""What leaves the register: lists for its own purpose, communications by two people, corrections told, alerts."""

import hashlib
import io
from datetime import date, timedelta

import py7zr
import pytest
import python_calamine
from django.db import IntegrityError, transaction

from palier.accounts.models import Membership
from palier.duties.models import Duty
from palier.journal.models import Access, Entry
from palier.kernel import clock
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.people import operations as people
from palier.register import fields, operations
from palier.register.models import Alert, Communication, Enrolment, Rectification
from palier.register.states import EVERY_USE, USES
from palier.territories import walls
from tests import factories, racing

pytestmark = pytest.mark.django_db


def asked(desk, *, actor=None, **said):
    values = {
        "authority": "prefect", "plan": "Vagues de chaleur (ORSEC)", "reference": "SIDPC, message n° 412", "profile": "full",
        "recipients": [("Commandant Noël", "SIDPC")], "expires_on": clock.today() + timedelta(days=10),
    } | said  # fmt: skip
    return operations.ask_communication(desk.register.pk, actor=actor or desk.nadia, **values)


def opened(content, password):
    with py7zr.SevenZipFile(io.BytesIO(content), password=password) as archive:
        factory = py7zr.io.BytesIOFactory(10_000_000)
        archive.extractall(factory=factory)
        found = factory.products["registre.xlsx"]
        found.seek(0)
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(found.read()))
    return book.get_sheet_by_index(0).to_python()


# --- REG-16, REG-17


def test_REG_16_the_file_opens_with_its_password_only_and_its_fingerprint_is_in_the_journal(desk):
    desk.enrol(desk.person("=1+1", "Formule", home_note="code 4512B"), to_warn_name="Sylvie")
    desk.by_son(desk.person("René", "Caron", phone=None))
    made = asked(desk)
    sealed = operations.approve_communication(made.pk, actor=desk.julien)
    name, content = operations.take_copy(made.pk, actor=desk.nadia)
    assert name.endswith(".7z") and b"Formule" not in content
    for wrong in (None, "autre"):
        with pytest.raises(Exception, match=r".*"):
            opened(content, wrong)
    rows = opened(content, sealed.password)
    assert rows[0] == [*map(str, fields.STATUTORY.values()), "Inscription"]
    said = str(rows[1:])
    assert "=1+1" in said and "à confirmer" in said and "4512B" not in said
    digest = hashlib.sha256(content).hexdigest()
    assert Entry.objects.get(code="register.communication_approved").data["sha256"] == digest
    assert Entry.objects.get(code="register.communication_taken").data["copy"] == 1
    assert Access.objects.filter(operation="export", object_kind="register.communication").count() == 1
    assert sealed.password not in str(list(Entry.objects.values_list("data", "personal")))


def test_REG_16_whoever_asks_does_not_approve_under_another_place_either(desk):
    made = asked(desk)
    with pytest.raises(NotPossibleNow, match="Une autre personne"):
        operations.approve_communication(made.pk, actor=desk.nadia)
    with pytest.raises(IntegrityError), transaction.atomic():
        Communication.objects.filter(pk=made.pk).update(
            decided_by=desk.nadia.membership_id, closed_at=clock.now(), outcome="approved", sha256="x"
        )
    with pytest.raises(NotAllowed):
        operations.approve_communication(made.pk, actor=desk.helene) if Communication.objects.visible_to(
            desk.helene
        ).exists() else _not_allowed()
    assert Duty.objects.open().get().owner_id == desk.julien.membership_id


def _not_allowed():
    raise NotAllowed


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("reference", " "),
        ("plan", ""),
        ("recipients", []),
        ("recipients", [("Nom seul", "")]),
        ("expires_on", date(2026, 11, 1)),
        ("expires_on", date(2030, 1, 1)),
    ],
)
def test_REG_17_reference_plan_named_recipients_and_an_end_are_mandatory(desk, field, value):
    with pytest.raises(BadInput) as refusal:
        asked(desk, **{field: value})
    assert refusal.value.field == field


def test_REG_17_profiles_hold_what_they_say(desk):
    desk.enrol(desk.person(street="12 rue des Tilleuls"), to_warn_name="Sylvie Carpentier")
    desk.enrol(desk.person("René", "Caron", phone=None, street="8 rue Haute"))
    contact = operations.approve_communication(asked(desk, profile="contact").pk, actor=desk.julien)
    rows = opened(bytes(contact.communication.content), contact.password)
    assert len(rows) == 3 and "Sylvie" not in str(rows) and len(rows[0]) == 5
    with pytest.raises(BadInput):
        asked(desk, profile="sector")
    sector = operations.approve_communication(
        asked(desk, profile="sector", sector="Rue des Tilleuls").pk, actor=desk.julien
    )
    assert sector.communication.rows == 1


def test_REG_17_after_its_end_the_file_is_erased_and_no_copy_is_given(desk):
    from palier.privacy.operations import apply_to

    made = asked(desk)
    operations.approve_communication(made.pk, actor=desk.julien)
    with clock.at(desk.in_days(11)):
        with pytest.raises(NotPossibleNow):
            operations.take_copy(made.pk, actor=desk.nadia)
        apply_to(desk.territory, at=clock.now())
    made.refresh_from_db()
    assert made.content is None and made.sha256


# --- REG-18


def test_REG_18_the_mayor_hands_over_only_while_a_plan_is_triggered(desk):
    with pytest.raises(NotPossibleNow):
        asked(desk, authority="mayor")
    alert = desk.alert(is_triggered=False)
    with pytest.raises(NotPossibleNow):
        asked(desk, authority="mayor")
    operations.change_alert(alert.pk, level="red", act="Arrêté n° 208", is_triggered=True, actor=desk.helene)
    made = asked(desk, authority="mayor")
    operations.end_alert(alert.pk, actor=desk.helene)
    with pytest.raises(NotPossibleNow, match="levée"):
        operations.approve_communication(made.pk, actor=desk.julien)


# --- REG-19


def test_REG_19_recipients_are_told_what_changed_and_what_ended(desk):
    person = desk.person()
    made = desk.enrol(person)
    other = desk.enrol(desk.person("René", "Caron", phone=None))
    sent = asked(desk)
    operations.approve_communication(sent.pk, actor=desk.julien)
    people.change_person(person.pk, street="4 rue du Port", actor=desk.nadia)
    operations.change_enrolment(made.pk, to_warn_name="Sylvie Carpentier", actor=desk.nadia)
    notice = Rectification.objects.get()
    assert (
        "4 rue du Port" in notice.what and "Sylvie Carpentier" in notice.what and "Caron" not in notice.what
    )
    assert Duty.objects.open().filter(kind="tell_recipients").count() == 1
    operations.remove(other.pk, reason="requested", actor=desk.nadia)
    assert Rectification.objects.filter(what__contains="effacez").count() == 1
    for one in Rectification.objects.open():
        operations.tell_recipients(one.pk, actor=desk.nadia)
    assert not Duty.objects.open().filter(kind="tell_recipients").exists()
    operations.change_enrolment(made.pk, isolation_prevention="yes", actor=desk.nadia)
    assert not Rectification.objects.open().exists(), "that is none of what they hold"
    with clock.at(desk.in_days(12)):
        people.change_person(person.pk, street="5 rue du Port", actor=desk.nadia)
    assert not Rectification.objects.open().exists(), "they have destroyed it"


# --- REG-21, REG-22, REG-24


def test_REG_21_who_refused_the_second_purpose_is_in_the_alert_and_in_no_ordinary_campaign(desk):
    yes = desk.enrol(desk.person(), isolation_prevention="yes")
    no = desk.enrol(desk.person("René", "Caron", phone=None), isolation_prevention="refused")
    unasked = desk.enrol(desk.person("Émile", "Diaz", phone=None))
    welfare = operations.use_list(desk.register.pk, use="isolation_prevention", actor=desk.nadia)
    assert [row.pk for row in welfare.enrolments] == [yes.pk]
    alert = desk.alert()
    called = operations.use_list(desk.register.pk, use="alert", alert_id=alert.pk, actor=desk.nadia)
    assert {row.pk for row in called.enrolments} == {yes.pk, no.pk, unasked.pk}


@pytest.mark.parametrize("use", sorted(set(EVERY_USE) - USES["statutory"]))
def test_REG_22_the_statutory_register_serves_nothing_else(desk, use):
    with pytest.raises(BadInput) as refusal:
        operations.use_list(desk.register.pk, use=use, actor=desk.nadia)
    assert refusal.value.code == "other_purpose"


def test_REG_24_who_is_named_in_one_register_finds_nobody_of_another(desk):
    from palier.people import finding

    news = operations.open_register(
        kind="news",
        name="Nouvelles des aînés",
        purpose="Le programme",
        legal_basis="Accord",
        retention="Deux ans",
        actor=desk.helene,
    )
    operations.draft_notice(
        news.pk,
        **dict.fromkeys(("purpose", "optional", "how", "recipients", "rights"), "Dit."),
        actor=desk.helene,
    )
    operations.publish_notice(news.pk, actor=desk.helene)
    ines = factories.designated(factories.member(desk.territory, "Inès", "Faure"), news)
    hidden = people.create_person(
        first_name="Zéphyrine", last_name="Quatrebarbes", birth_on=date(1940, 1, 1), is_followed=False,
        compartment=desk.register.compartment, actor=desk.nadia,
    )  # fmt: skip
    desk.enrol(hidden)
    assert [found.pk for found in finding.search("Quatrebarbes", actor=desk.nadia)] == [hidden.pk]
    assert finding.search("Quatrebarbes", actor=ines) == []
    assert not Enrolment.objects.visible_to(ines).exists()
    with pytest.raises(NotAllowed):
        operations.use_list(desk.register.pk, use="alert", actor=ines)
    with pytest.raises(BadInput):
        operations.use_list(news.pk, use="alert", actor=ines)
    operations.end_register(news.pk, actor=desk.helene)
    with pytest.raises(NotPossibleNow):
        operations.end_register(desk.register.pk, actor=desk.helene)


# --- REG-25, ALR-01


@pytest.mark.parametrize("missing", ["act", "authority", "plan", "level"])
def test_REG_25_an_alert_needs_an_authority_and_a_reference(desk, missing):
    with pytest.raises(BadInput):
        desk.alert(**{missing: ""})
    assert not Alert.objects.exists()


def test_REG_25_no_list_of_alert_without_an_open_alert(desk):
    with pytest.raises(BadInput) as refusal:
        operations.use_list(desk.register.pk, use="alert", actor=desk.nadia)
    assert refusal.value.field == "alert_id"
    alert = desk.alert()
    with pytest.raises(NotPossibleNow):
        desk.alert(act="Un autre arrêté")
    operations.end_alert(alert.pk, actor=desk.helene)
    with pytest.raises(BadInput):
        operations.use_list(desk.register.pk, use="alert", alert_id=alert.pk, actor=desk.nadia)


def test_ALR_01_the_words_are_those_of_the_colours(desk):
    said = {level: Alert(plan="heat", level=level).said for level in Alert.Level.values}
    assert said["orange"] == "alerte canicule" and said["red"] == "alerte canicule extrême"
    assert said["yellow"].startswith("pic de chaleur") and said["green"] == "veille saisonnière"


# --- at the same moment


@pytest.mark.django_db(transaction=True)
def test_REG_16_two_who_approve_at_once_make_one_file_and_the_asker_none():
    moment = factories.local(2026, 11, 12, 10, 20)
    with clock.at(moment):
        town = racing.town()
        with walls.inside(town.pk):
            register = factories.register(town)
            three = [
                factories.designated(factories.member(town, name, "Nommée"), register)
                for name in ("Nadia", "Julien", "Claire")
            ]
            made = operations.ask_communication(
                register.pk, authority="prefect", plan="ORSEC", reference="n° 1", profile="contact", recipients=[("Noël", "SIDPC")],
                expires_on=date(2026, 11, 20), actor=three[0],
            )  # fmt: skip
    results = racing.at_once(
        town.pk,
        moment,
        [lambda who=who: operations.approve_communication(made.pk, actor=who) for who in three],
    )
    done = [one for one in results if not isinstance(one, Exception)]
    assert len(done) == 1 and all(isinstance(one, NotPossibleNow) for one in results if one not in done)
    with walls.inside(town.pk):
        row = Communication.objects.get()
        assert row.decided_by_id != row.asked_by_id
        assert Entry.objects.filter(code="register.communication_approved").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_desks_enrol_the_same_person_and_she_is_there_once_even_without_the_lock():
    moment = factories.local(2026, 11, 12, 10, 20)
    with clock.at(moment):
        town = racing.town()
        with walls.inside(town.pk):
            register = factories.register(town)
            two = [
                factories.designated(factories.member(town, name, "Nommée"), register)
                for name in ("Nadia", "Julien")
            ]
            person = factories.person(town)
    steps = [
        lambda who=who: operations.enrol(
            register.pk,
            person_id=person.pk,
            capacity="senior",
            channel="phone",
            requested_on=date(2026, 11, 12),
            actor=who,
        )
        for who in two
    ]
    results = racing.at_once(town.pk, moment, steps)
    refused = [one for one in results if isinstance(one, Exception)]
    assert [getattr(one, "code", one) for one in refused] == ["already_there"]
    with walls.inside(town.pk):
        made = Enrolment.objects.get()
    # The control: with the index away, two rows that no lock kept apart are both taken.
    with (
        racing.without_index("once_in_a_register", "select 1"),
        walls.inside(town.pk),
        transaction.atomic(),
    ):
        with transaction.atomic():
            Enrolment.objects.create(
                territory=town, register=register, person=person, capacity="senior", requested_on=made.requested_on, state="active",
                agreed_how="own_request", agreed_at=moment, last_confirmed_on=made.requested_on,
            )  # fmt: skip
        assert Enrolment.objects.count() == 2
        transaction.set_rollback(True)


def test_REG_13_who_was_named_is_kept_and_an_end_is_never_forgotten(desk):
    member = Membership.objects.get(pk=desk.nadia.membership_id)
    today = clock.today()
    with pytest.raises(BadInput):
        operations.designate(
            desk.register.pk, membership_id=member.pk, starts_on=today, ends_on=today - timedelta(days=1), act="A", signed_on=today,
            actor=desk.helene,
        )  # fmt: skip
    with pytest.raises(NotAllowed):
        operations.designate(
            desk.register.pk,
            membership_id=member.pk,
            starts_on=today,
            ends_on=today,
            act="A",
            signed_on=today,
            actor=desk.nadia,
        )
