"""What is kept how long, seen by travelling in time: the last day kept, the first day gone."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, ProgrammingError, connection, models, transaction

from palier.accounts.actor import Actor
from palier.accounts.models import Membership, User
from palier.calls.models import Call
from palier.concerns.models import Concern
from palier.duties.operations import open_duty
from palier.journal.models import Access, Entry
from palier.journal.retention import YEAR
from palier.kernel import clock
from palier.needs.operations import open_need
from palier.people.models import Consent, Contact, Person, PhoneNumber, SearchWord
from palier.privacy import apart, jobs, operations
from palier.territories import walls
from palier.territories.models import Territory
from palier.volunteers import operations as volunteers
from palier.volunteers.models import Application, FreeTime, Volunteer
from tests import factories
from tests.factories import local

# Long ago, so that the database's own clock agrees that it is over.
LAST = local(2023, 3, 1)


def after(days: int, since: datetime = LAST) -> datetime:
    return since + timedelta(days=days)


def run(town: Territory, at: datetime, **options: Any) -> operations.Report:
    report = operations.apply_to(town, at=at, **options)
    assert report.failed == []
    return report


@pytest.fixture
def odette(belrive: Territory) -> Person:
    with clock.at(LAST):
        person = factories.person(belrive, created_at=LAST, last_contact_at=LAST, talk_note="Parler fort")
        Contact.objects.create(territory=belrive, person=person, name="Claire", relation="child")
    return person


def entry(town: Territory, **fields: Any) -> Entry:
    values: dict[str, Any] = {
        "code": "visits.proved",
        "at": LAST,
        "actor_kind": "neighbour",
        "actor_name": "Michel Lefort",
        "subject_kind": "visits.visit",
        "subject_id": 1,
        "data": {"visit": 1},
        "personal": {"volunteer": "Michel Lefort", "note": "Elle allait bien"},
    }
    return Entry.objects.create(territory=town, **(values | fields))


def test_GDP_03_a_file_is_kept_on_day_730_and_blanked_on_day_731(belrive: Territory, odette: Person) -> None:
    run(belrive, after(730))
    odette.refresh_from_db()
    assert odette.first_name == "Odette" and odette.phones.exists()

    report = run(belrive, after(731))

    odette.refresh_from_db()
    assert (odette.first_name, odette.last_name, odette.street, odette.talk_note) == ("", "—", "", "")
    assert odette.birth_on is None and odette.x is None and odette.search_text == ""
    assert (
        not PhoneNumber.objects.exists() and not Contact.objects.exists() and not SearchWord.objects.exists()
    )
    assert odette.insee == "45999", "the town stays for the figures"
    assert Consent.objects.filter(person=odette).exists(), "that she agreed can still be shown"
    assert report.counts()["people.person"] == 1


def test_GDP_03_a_file_without_any_contact_counts_from_its_making(belrive: Territory) -> None:
    person = factories.person(belrive, created_at=LAST, last_contact_at=None)
    run(belrive, after(731))
    person.refresh_from_db()
    assert person.last_name == "—"


def test_a_file_about_which_something_is_owed_is_not_over(
    belrive: Territory, odette: Person, bruno: Actor
) -> None:
    open_need(
        person_id=odette.pk,
        kind="shopping",
        starts_at=clock.now() + timedelta(days=1),
        ends_at=clock.now() + timedelta(days=1, hours=2),
        what="Un petit panier",
        actor=bruno,
    )
    Person.objects.filter(pk=odette.pk).update(last_contact_at=LAST)
    run(belrive, after(731))
    odette.refresh_from_db()
    assert odette.first_name == "Odette"


def test_an_open_concern_keeps_its_facts_however_old(
    belrive: Territory, odette: Person, bruno: Actor
) -> None:
    concern = Concern.objects.create(
        territory=belrive, person=odette, facts="Frigo vide", reported_by="Bruno", opened_at=LAST
    )
    open_duty(concern, kind="look_at_concern", due_at=clock.now(), label="Odette", actor=bruno)
    run(belrive, after(1200))
    concern.refresh_from_db()
    assert concern.facts == "Frigo vide"


def test_a_call_with_nobody_known_loses_its_number_after_six_months(belrive: Territory) -> None:
    call = Call.objects.create(
        territory=belrive, provider="pbx", call_key="1", number="+33261914720", state="set_aside",
        rang_at=LAST, closed_at=LAST, words="Une erreur de numéro",
    )  # fmt: skip
    run(belrive, after(183))
    call.refresh_from_db()
    assert call.number
    run(belrive, after(184))
    call.refresh_from_db()
    assert (call.number, call.words) == ("", "")
    assert call.rang_at == LAST, "the call still counts"


def test_GDP_14_a_neighbours_file_goes_a_year_after_the_end(belrive: Territory) -> None:
    ended = factories.volunteer(belrive, state=Volunteer.State.ENDED, ended_at=LAST, email="m@voisin.example")
    active = factories.volunteer(belrive, "Rosa", "Diaz")
    run(belrive, after(365))
    ended.refresh_from_db()
    assert ended.phone
    run(belrive, after(366))
    ended.refresh_from_db()
    active.refresh_from_db()
    assert (ended.full_name, ended.phone, ended.email, ended.birth_on) == ("—", "", "", None)
    assert not FreeTime.objects.filter(volunteer=ended).exists()
    assert active.first_name == "Rosa" and active.phone


def test_GDP_14_a_candidate_who_was_not_kept_goes_after_six_months(belrive: Territory, alba: Actor) -> None:
    with clock.at(LAST):
        candidate = volunteers.apply(
            first_name="Luc", last_name="Adam", phone="06 39 98 00 42", kinds=["shopping"], free=[(0, "09:00", "12:00")],
            actor=alba,
        )  # fmt: skip
        volunteers.end(candidate.pk, outcome="withdrawn", actor=alba)
    run(belrive, after(183))
    candidate.refresh_from_db()
    assert candidate.first_name == "Luc"
    run(belrive, after(184))
    candidate.refresh_from_db()
    assert (candidate.full_name, candidate.phone) == ("—", "")
    assert not Application.objects.filter(volunteer=candidate).exists()


def test_the_journal_follows_the_file_of_the_person(belrive: Territory, odette: Person) -> None:
    line = entry(belrive, person_id=odette.pk)
    assert run(belrive, after(730)).counts().get("journal.entry") is None
    dry = run(belrive, after(731), dry_run=True)
    assert dry.counts()["journal.entry"] == 1
    run(belrive, after(731))
    line.refresh_from_db()
    assert line.personal == {} and line.data == {"visit": 1}


def test_GDP_14_the_journal_forgets_a_neighbour_and_keeps_what_was_said_of_her(belrive: Territory) -> None:
    person = factories.person(belrive, last_contact_at=clock.now())
    gone = factories.volunteer(belrive, state=Volunteer.State.ENDED, ended_at=LAST)
    both = entry(belrive, person_id=person.pk, volunteer_id=gone.pk)
    his = entry(belrive, volunteer_id=gone.pk, personal={"former": {"street": "3 rue Haute"}})
    staff = entry(belrive, volunteer_id=gone.pk, actor_kind="member", actor_name="Alba Moreau", personal={})
    run(belrive, after(366))
    for line in (both, his, staff):
        line.refresh_from_db()
    assert both.personal == {"note": "Elle allait bien"} and both.actor_name == ""
    assert his.personal == {}
    assert staff.actor_name == "Alba Moreau"


@pytest.fixture
def database_now(db: None) -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("select now()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def access(town: Territory, at: datetime) -> Access:
    return Access.objects.create(
        territory=town, at=at, operation="read", object_kind="people.person", object_id=1
    )


def test_GDP_10_the_access_log_is_kept_twelve_months(belrive: Territory, database_now: datetime) -> None:
    old = access(belrive, database_now - timedelta(days=366))
    young = access(belrive, database_now - timedelta(days=364))
    assert run(belrive, database_now, dry_run=True).counts()["journal.access"] == 1
    assert Access.objects.count() == 2, "a dry run changes nothing"
    assert run(belrive, database_now).counts()["journal.access"] == 1
    assert list(Access.objects.values_list("pk", flat=True)) == [young.pk] != [old.pk]


def test_GDP_10_the_application_cannot_erase_the_log(belrive: Territory, database_now: datetime) -> None:
    access(belrive, database_now - timedelta(days=400))
    for sql in (
        "delete from journal_access",
        "update journal_access set object_id = 2",
        "truncate journal_access",
    ):
        if sql.startswith("truncate"):
            # The tests' own role may, to empty the tables between them.
            continue
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as c,
        ):
            c.execute(sql)


def test_GDP_10_not_even_a_wrong_clock_erases_what_is_younger(
    belrive: Territory, database_now: datetime
) -> None:
    access(belrive, database_now - timedelta(days=300))
    entry(belrive, at=database_now - timedelta(days=300))
    future = database_now + timedelta(days=900)
    with pytest.raises(IntegrityError, match="twelve months"), transaction.atomic():
        apart.accesses(belrive.pk, future, 100)
    with pytest.raises(IntegrityError, match="as long as the file"), transaction.atomic():
        apart.entries(belrive.pk, future, 100)
    assert Access.objects.count() == 1


def test_a_failed_rule_is_told_and_does_not_stop_other_contexts(
    belrive: Territory, odette: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object) -> int:
        raise RuntimeError("no")

    monkeypatch.setattr(apart, "accesses", broken)
    report = operations.apply_to(belrive, at=after(731))
    assert report.failed == ["privacy: Access"]
    odette.refresh_from_db()
    assert odette.last_name == "—"


def test_a_long_run_stops_and_asks_for_another(belrive: Territory, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(7):
        factories.person(belrive, f"Anne {number}", phone=None, agrees=False, last_contact_at=LAST)
    monkeypatch.setattr(operations, "BATCH", 2)
    first = operations.apply_to(belrive, at=after(731), most=4)
    assert not first.is_finished
    while not operations.apply_to(belrive, at=after(731), most=4).is_finished:
        pass
    assert set(Person.objects.values_list("last_name", flat=True)) == {"—"}


def test_a_second_run_finds_nothing_to_do(belrive: Territory, odette: Person) -> None:
    run(belrive, after(731))
    assert run(belrive, after(731)).counts() == {}


def test_what_was_applied_is_in_the_journal(belrive: Territory, odette: Person) -> None:
    run(belrive, after(731))
    line = Entry.objects.get(code="privacy.retention_applied")
    assert line.data["counts"]["people.person"] == 1 and line.actor_kind == "job"


def test_one_territory_is_blanked_behind_its_own_wall(
    belrive: Territory, odette: Person, carla: Actor
) -> None:
    valmont = Territory.objects.get(pk=carla.territory_id)
    with walls.inside(valmont.pk):
        other = factories.person(valmont, "Paul", "Vidal", phone=None, agrees=False, last_contact_at=LAST)
    run(belrive, after(731))
    with walls.inside(valmont.pk):
        other.refresh_from_db()
    assert other.last_name == "Vidal"


def test_an_account_goes_a_year_after_the_last_place(belrive: Territory, bruno: Actor, carla: Actor) -> None:
    """In any territory: who left Belrive and still works in Valmont keeps the account."""
    user = User.objects.get(pk=bruno.user_id)
    Membership.objects.filter(pk=bruno.membership_id).update(starts_at=after(-10), ends_at=LAST)
    assert apart.former_users(after(365), YEAR) == []
    assert apart.former_users(after(366), YEAR) == [user.pk]
    with walls.inside(carla.territory_id):
        place = Membership.objects.create(
            territory_id=carla.territory_id, organisation_id=carla.organisation_id, user=user, role="agent",
            starts_at=after(-5),
        )  # fmt: skip
    assert apart.former_users(after(366), YEAR) == []
    with walls.inside(carla.territory_id):
        place.delete()
    operations.apply_to_installation(at=after(366))
    user.refresh_from_db()
    assert (user.get_full_name().strip(), user.is_active) == ("—", False)
    assert not user.has_usable_password() and not user.check_password("une phrase longue pour entrer")
    assert apart.former_users(after(4000), YEAR) == []


def test_a_sign_in_that_is_over_leaves_no_row(belrive: Territory, bruno: Actor) -> None:
    from palier.accounts.models import Session
    from tests.web.client import desk_client

    desk_client(bruno)
    operations.apply_to_installation(at=clock.now())
    assert Session.objects.count() == 1
    operations.apply_to_installation(at=clock.now() + timedelta(hours=13))
    assert Session.objects.count() == 0


def test_a_dry_run_tells_each_rule_and_changes_nothing(
    belrive: Territory, odette: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    with clock.at(after(731)):
        call_command("retention", "--dry-run")
    told = capsys.readouterr().out
    assert "people.person" in told and "GDP-10" in told and "would change" in told
    odette.refresh_from_db()
    assert odette.first_name == "Odette"


def test_the_night_gives_each_territory_a_job_of_its_own(
    belrive: Territory, carla: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(jobs.apply_in_territory, "defer", lambda *, territory_id: asked.append(territory_id))
    jobs.apply(0)
    assert asked == [belrive.pk, carla.territory_id]


def test_every_rule_names_fields_that_exist() -> None:
    apart_from = (Entry, Access, User)
    for _context, rules in operations.rules():
        for rule in rules:
            for name in (*rule.fields, *dict(rule.leaves)):
                assert isinstance(rule.model._meta.get_field(name), models.Field), (rule.model, name)
            if rule.model not in apart_from:
                assert operations.due(rule, clock.now()).query is not None
