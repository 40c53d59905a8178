"""Who may be enrolled, by whom, how; and what the entry may hold."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from palier.duties.models import Duty
from palier.kernel import clock
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.people.models import Confined, Person
from palier.register import fields, operations
from palier.register.models import Enrolment, EnrolmentRequest, Notice
from palier.register.seeds import plant_everywhere, plant_register
from palier.territories import walls
from tests import factories

pytestmark = pytest.mark.django_db


def refused(code):
    return pytest.raises(BadInput, check=lambda refusal: refusal.code == code)


# --- REG-01


def test_REG_01_each_request_keeps_the_version_of_the_notice_that_was_shown(desk):
    first = Notice.objects.get(register=desk.register)
    told = desk.enrol(desk.person())
    operations.draft_notice(
        desk.register.pk, **(first.blocks | {"optional": "Personne n’y est obligé."}), actor=desk.helene
    )
    operations.publish_notice(desk.register.pk, actor=desk.helene)
    later = desk.enrol(desk.person("René", "Caron", phone=None))
    assert told.request.notice_id == first.pk
    assert later.request.notice.version == 2


@pytest.mark.parametrize("block", ["purpose", "optional", "how", "recipients", "rights"])
def test_REG_01_a_notice_with_an_empty_block_is_not_published(desk, block):
    blocks = Notice.objects.get(register=desk.register).blocks | {block: "  "}
    operations.draft_notice(desk.register.pk, **blocks, actor=desk.helene)
    with pytest.raises(BadInput) as refusal:
        operations.publish_notice(desk.register.pk, actor=desk.helene)
    assert refusal.value.field == block
    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.objects.filter(version=2).update(published_at=clock.now())


def test_REG_01_nobody_is_enrolled_before_a_notice_is_published(desk):
    Notice.objects.filter(register=desk.register).delete()
    with pytest.raises(NotPossibleNow):
        desk.enrol(desk.person())


# --- REG-02


@pytest.mark.parametrize(
    ("born", "on", "capacity", "is_accepted"),
    [
        (date(1961, 11, 13), date(2026, 11, 12), "senior", False),
        (date(1961, 11, 12), date(2026, 11, 12), "senior", True),
        (date(1961, 11, 11), date(2026, 11, 12), "senior", True),
        (date(1960, 2, 29), date(2025, 2, 28), "senior", False),
        (date(1960, 2, 29), date(2025, 3, 1), "senior", True),
        (date(1956, 2, 29), date(2021, 2, 28), "senior", False),
        (date(1956, 2, 29), date(2021, 3, 1), "senior", True),
        (date(1965, 11, 12), date(2026, 11, 12), "unfit", True),
        (date(1966, 11, 13), date(2026, 11, 12), "unfit", False),
        (date(2009, 11, 12), date(2026, 11, 12), "disabled", False),
        (date(2008, 11, 12), date(2026, 11, 12), "disabled", True),
    ],
)
def test_REG_02_the_age_is_that_of_the_day_of_the_request(desk, born, on, capacity, is_accepted):
    person = desk.person(birth_on=born)
    if is_accepted:
        assert desk.enrol(person, capacity=capacity, requested_on=on).capacity == capacity
    else:
        with refused("not_eligible"):
            desk.enrol(person, capacity=capacity, requested_on=on)


def test_REG_02_there_are_exactly_three_capacities_and_the_birth_date_is_asked_for(desk):
    assert set(Enrolment.Capacity.values) == {"senior", "unfit", "disabled", "any"}
    with refused("required"):
        desk.enrol(desk.person(), capacity="any")
    with refused("required"):
        desk.enrol(desk.person("Sans", "Date", birth_on=None, phone=None))


@pytest.mark.parametrize(
    ("state", "code"), [("in_care_home", "not_at_home"), ("deceased", "deceased"), ("moved", "elsewhere")]
)
def test_REG_02_the_register_is_for_people_who_live_at_home_here(desk, state, code):
    with refused(code):
        desk.enrol(desk.person(state=state))


def test_REG_10_somebody_of_another_commune_is_refused_with_where_to_ask(desk):
    with refused("elsewhere"):
        desk.enrol(desk.person(insee="45234"))
    with refused("elsewhere"):
        desk.enrol(desk.person("Autre", "Ville", insee="", postcode="45000", phone=None))
    assert desk.enrol(desk.person("Sans", "Adresse", insee="", postcode="", phone=None))


# --- REG-03


def test_REG_03_nothing_is_to_be_proved_and_nobody_is_refused_on_merit():
    required = {
        field.name
        for model in (Enrolment, EnrolmentRequest)
        for field in model._meta.concrete_fields
        if not field.blank and not field.has_default() and not field.null
    }
    assert "written_proof" not in required
    assert set(EnrolmentRequest.Outcome.values) == {
        "acknowledged", "withdrawn", "not_eligible", "elsewhere", "already_there", "unusable",
    }  # fmt: skip


# --- REG-04


def test_REG_04_the_same_person_in_two_communes_and_neither_sees_the_other(desk, carla):
    desk.enrol(desk.person())
    with walls.inside(carla.territory_id):
        from palier.territories.models import Territory

        valmont = Territory.objects.get(pk=carla.territory_id)
        register = factories.register(valmont)
        somebody = factories.designated(factories.member(valmont, "Sonia", "Perez"), register)
        hers = factories.person(valmont)
        made = operations.enrol(
            register.pk,
            person_id=hers.pk,
            capacity="senior",
            channel="desk",
            requested_on=clock.today(),
            actor=somebody,
        )
        assert list(Enrolment.objects.visible_to(somebody)) == [made]
        with pytest.raises(NotAllowed):
            operations.enrol(
                desk.register.pk,
                person_id=hers.pk,
                capacity="senior",
                channel="desk",
                requested_on=clock.today(),
                actor=somebody,
            )
    assert Enrolment.objects.visible_to(desk.nadia).count() == 1


# --- REG-05


def test_REG_05_the_columns_are_the_closed_list_and_where_the_entry_stands():
    closed_list = {
        "person", "capacity", "requested_on", "third_party_name", "third_party_capacity", "home_service_name",
        "home_service_phone", "to_warn_name", "to_warn_phone",
    }  # fmt: skip
    where_it_stands = {
        "id", "territory", "register", "state", "agreed_how", "agreed_at", "isolation_prevention", "last_confirmed_on",
        "enrolled_at", "removed_at", "removal_reason",
    }  # fmt: skip
    assert {field.name for field in Enrolment._meta.concrete_fields} == closed_list | where_it_stands
    assert {field.name for field in Enrolment._meta.many_to_many} == set()


def test_REG_05_what_is_said_of_an_entry_is_the_list_of_the_article_and_nothing_of_the_file(desk):
    person = desk.person(
        home_note="Le code est 4512B", talk_note="Entend mal", access="3e étage", telecare_number="40120"
    )
    enrolment = desk.enrol(person, to_warn_name="Sylvie Carpentier", to_warn_phone="06 39 98 12 45")
    record = fields.record_of(enrolment)
    said = " ".join(record.cells(tuple(fields.STATUTORY)))
    assert list(fields.STATUTORY) == [
        "last_name", "first_names", "birth_on", "capacity", "address", "phone", "home_service", "to_warn", "requested_on",
        "third_party",
    ]  # fmt: skip
    assert "Marchand" in said and "02/03/1942" in said and "06 39 98 12 45" in said.replace("\u00a0", " ")
    for other in ("4512B", "Entend mal", "3e étage", "40120"):
        assert other not in said


def test_REG_05_a_register_that_has_no_place_for_a_field_refuses_it(desk):
    news = operations.open_register(
        kind="news", name="Nouvelles des aînés", purpose="Envoyer le programme", legal_basis="Consentement", retention="Deux ans",
        actor=desk.helene,
    )  # fmt: skip
    factories_for(news, desk)
    with refused("not_in_this_register"):
        operations.enrol(
            news.pk, person_id=desk.person().pk, capacity="any", channel="desk", requested_on=clock.today(),
            home_service_name="Aide et Présence", actor=desk.nadia,
        )  # fmt: skip


def factories_for(register, desk):
    """Nadia named in another register too, its notice published."""
    from palier.accounts.models import Membership

    blocks = dict.fromkeys(("purpose", "optional", "how", "recipients", "rights"), "Ce qui est dit.")
    operations.draft_notice(register.pk, **blocks, actor=desk.helene)
    operations.publish_notice(register.pk, actor=desk.helene)
    factories.designated(Membership.objects.get(pk=desk.nadia.membership_id), register, promised=False)


# --- REG-06


@pytest.mark.parametrize("channel", ["phone", "voicemail"])
def test_REG_06_third_party_request_must_be_written(desk, channel):
    with pytest.raises(BadInput) as refusal:
        desk.by_son(desk.person(), channel=channel)
    assert (refusal.value.field, refusal.value.code) == ("channel", "third_party_must_be_written")
    assert not Enrolment.objects.exists()


def test_REG_06_a_third_party_at_the_desk_needs_a_paper(desk):
    with refused("third_party_must_be_written"):
        desk.by_son(desk.person(), channel="desk")
    assert desk.by_son(desk.person(), channel="desk", written_proof="formulaire signé, classeur 14")


@pytest.mark.parametrize("channel", EnrolmentRequest.Channel.values)
@pytest.mark.parametrize("requester", ["self", "representative"])
def test_REG_06_the_person_and_her_representative_ask_by_any_means(desk, channel, requester):
    named = (
        {} if requester == "self" else {"requester_name": "Jeanne Petit", "requester_capacity": "sa tutrice"}
    )
    assert desk.enrol(desk.person(), channel=channel, requester=requester, **named).state == "active"


@pytest.mark.parametrize("requester", ["representative", "third_party"])
@pytest.mark.parametrize("missing", ["requester_name", "requester_capacity"])
def test_REG_06_name_and_capacity_of_whoever_asks_are_mandatory(desk, requester, missing):
    with pytest.raises(BadInput) as refusal:
        desk.by_son(desk.person(), **{"requester": requester, missing: " "})
    assert refusal.value.field == missing


def test_REG_06_the_database_refuses_a_spoken_request_of_a_third_party(desk):
    made = desk.by_son(desk.person())
    with pytest.raises(IntegrityError), transaction.atomic():
        EnrolmentRequest.objects.filter(enrolment=made).update(channel="phone")


# --- REG-07


def test_REG_07_her_own_request_is_in_the_list_of_alert_a_second_later(desk):
    made = desk.enrol(desk.person())
    assert made.state == "active" and made.agreed_how == "own_request"
    alert = desk.alert()
    listed = operations.use_list(desk.register.pk, use="alert", alert_id=alert.pk, actor=desk.nadia)
    assert [row.pk for row in listed.enrolments] == [made.pk]


def test_REG_07_a_third_partys_request_waits_and_is_in_the_list_to_be_confirmed(desk):
    made = desk.by_son(desk.person())
    assert made.state == "pending" and made.agreed_at is None
    alert = desk.alert()
    (row,) = operations.use_list(
        desk.register.pk, use="alert", alert_id=alert.pk, actor=desk.nadia
    ).enrolments
    assert row.is_to_confirm


# --- who may, twice, taken over


def test_nobody_is_twice_in_a_register(desk):
    person = desk.person()
    desk.enrol(person)
    with refused("already_there"):
        desk.enrol(person)
    assert Enrolment.objects.count() == 1


@pytest.mark.parametrize("who", ["helene", "somebody"])
def test_REG_13_nobody_enrols_without_being_named(desk, bruno, who):
    actor = desk.helene if who == "helene" else bruno
    with pytest.raises(NotAllowed):
        desk.enrol(desk.person(), actor=actor)


def test_an_older_register_is_taken_over_with_its_letters_and_owes_none(desk):
    made = desk.enrol(desk.person(), requested_on=date(2024, 5, 2), acknowledged_on=date(2024, 5, 6))
    assert made.request.outcome == "acknowledged" and made.is_to_reconfirm
    assert not Duty.objects.open().exists()
    with refused("range"):
        desk.enrol(
            desk.person("René", "Caron", phone=None),
            requested_on=date(2026, 5, 2),
            acknowledged_on=date(2026, 5, 1),
        )


def test_being_enrolled_keeps_a_file_longer_than_silence_does_and_says_nothing_in_its_journal(desk):
    from palier.journal.models import Entry

    person = desk.person()
    made = desk.enrol(person)
    assert Confined.objects.get(person=person).compartment_id == desk.register.compartment_id
    assert Person.objects.get(pk=person.pk).is_followed
    assert not Entry.objects.filter(person_id=person.pk).exists()
    assert Entry.objects.filter(subject_kind="register.enrolment", subject_id=made.pk).exists()


def test_a_day_that_has_not_come_is_no_day_of_a_request(desk):
    with refused("future"):
        desk.enrol(desk.person(), requested_on=date(2026, 11, 13))


# --- the register that ships


def test_every_territory_has_the_register_of_the_law_once(belrive):
    assert plant_everywhere() == 1
    assert plant_everywhere() == 0
    register = plant_register(belrive)
    assert register.is_statutory and register.compartment.has_own_clock
    notice = Notice.objects.get(register=register)
    assert notice.published_at is not None and all(notice.blocks.values())
    assert register.fields == list(fields.STATUTORY)
