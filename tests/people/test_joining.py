"""Two files of one person become one; nothing is lost, nothing breaks, and it can be undone to the letter."""

from datetime import date, timedelta
from functools import partial

import pytest
from django.apps import apps
from django.db import connection, transaction

from palier.accounts.actor import Actor
from palier.duties.models import Duty
from palier.journal.models import Entry
from palier.kernel import clock
from palier.kernel.clock import PARIS
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.needs.models import Need
from palier.people import finding, operations, queries
from palier.people.models import (
    Consent,
    Contact,
    Double,
    HomeSecret,
    JoinedFile,
    Person,
    PhoneNumber,
    Protection,
    SearchWord,
)
from palier.people.operations import joining
from palier.web.people.queries import page_of
from tests import factories
from tests.at_once import Meeting, at_once

pytestmark = pytest.mark.django_db

# The journal says that it happened; the rows of the join itself and of the pair are its trace.
# The vocabulary of names keeps a name until a night finds that nobody bears it.
TRACES = {
    "people.nameword",
    "people.namekey",
    "journal.entry",
    "people.joinedfile",
    "people.double",
    "duties.duty",
    "people.doublesreview",
}


def dump() -> dict[str, list[dict[str, object]]]:
    """Every row of every table of ours that a join may touch."""
    return {
        model._meta.label_lower: list(model._default_manager.order_by("pk").values())
        for model in apps.get_models()
        if model.__module__.startswith("palier.") and model._meta.label_lower not in TRACES
    }


@pytest.fixture
def odette(belrive):
    return factories.person(belrive, birth_on=date(1942, 3, 2))


@pytest.fixture
def again(belrive, odette):
    """Her second file: a misspelt name, the same number and another one, and a life of its own."""
    made = factories.person(
        belrive,
        "Odette",
        "Marchant",
        birth_on=None,
        street="",
        phone="+33261914720",
        agrees=False,
        birth_name="Lefebvre",
        talk_note="Entend mal à droite.",
    )
    PhoneNumber.objects.create(territory=belrive, person=made, e164="+33639980011", order=1)
    SearchWord.objects.get_or_create(territory=belrive, person=made, word="marchant")
    return made


def opened_need(person, bruno) -> Need:
    from palier.needs.operations import open_need

    return open_need(
        person_id=person.pk,
        kind="shopping",
        starts_at=clock.now() + timedelta(days=1),
        ends_at=clock.now() + timedelta(days=2),
        is_flexible=True,
        actor=bruno,
    )


def test_everything_goes_over_and_the_second_file_leads_to_the_first(odette, again, bruno):
    need, own = opened_need(again, bruno), opened_need(odette, bruno)
    operations.note_consent(again.pk, purpose="partners", is_given=True, actor=bruno)
    operations.join_files(odette.pk, again.pk, actor=bruno)
    odette.refresh_from_db()
    again.refresh_from_db()
    assert again.merged_into_id == odette.pk
    assert set(odette.needs.values_list("pk", flat=True)) == {need.pk, own.pk}
    assert set(Duty.objects.open().filter(subject_kind="needs.need").values_list("person_id", flat=True)) == {
        odette.pk
    }
    assert list(odette.phones.values_list("e164", flat=True)) == ["+33261914720", "+33639980011"]
    assert odette.birth_name == "Lefebvre" and odette.last_name == "Marchand"
    assert odette.talk_note == "Entend mal à droite."
    assert odette.street == "12 rue des Tilleuls"
    assert Person.objects.visible_to(bruno).get() == odette
    assert [person.pk for person in finding.search("marchant odette", actor=bruno)] == [odette.pk]
    assert [person.pk for person in finding.search("06 39 98 00 11", actor=bruno)] == [odette.pk]
    assert [person.pk for person in finding.search("lefebvre", actor=bruno)] == [odette.pk]


def test_what_is_written_once_is_read_under_both_numbers(odette, again, bruno):
    operations.note_consent(again.pk, purpose="partners", is_given=True, actor=bruno)
    with clock.at(clock.now() + timedelta(hours=1)):
        operations.note_consent(odette.pk, purpose="welfare_calls", is_given=False, actor=bruno)
        operations.note_objection(again.pk, to="letters", holds=True, actor=bruno)
    lines = set(Entry.objects.filter(person_id__in=[odette.pk, again.pk]).values_list("pk", flat=True))
    before = list(Consent.objects.order_by("pk").values())
    operations.join_files(odette.pk, again.pk, actor=bruno)
    said = queries.consents_of([odette.pk])[odette.pk]
    assert said["partners"] is True and said["welfare_calls"] is False
    assert queries.objections_of(odette.pk) == {"letters"}
    assert list(Consent.objects.order_by("pk").values()) == before
    file, entries, _more = page_of(odette.pk, bruno, now=clock.now(), zone=PARIS)
    assert lines <= {entry["id"] for entry in entries}
    assert {consent["purpose"]: consent["given"] for consent in file["consents"]}["partners"] is True


def test_undone_everything_is_as_it_was_to_the_letter(odette, again, bruno, belrive):
    opened_need(again, bruno)
    opened_need(odette, bruno)
    Contact.objects.create(territory=belrive, person=again, name="Sylvie", relation="child")
    for person in (odette, again):
        HomeSecret.objects.create(
            territory=belrive, person=person, kind="door_code", sealed="x", noted_by="Bruno"
        )
    # The first file is as its operations leave it: found by its own words.
    operations.change_person(odette.pk, last_name="Marchande", actor=bruno)
    operations.change_person(odette.pk, last_name="Marchand", actor=bruno)
    before = dump()
    join = operations.join_files(
        odette.pk, again.pk, choices={"last_name": "absorbed", "birth_on": "kept"}, actor=bruno
    )
    assert join.stayed == {
        "people.phonenumber.person": [again.phones.get(e164="+33261914720").pk],
        "people.homesecret.person": [HomeSecret.objects.get(person=again).pk],
    }
    assert dump() != before
    operations.part_files(join.pk, actor=bruno)
    after = dump()
    # Words of a file that were taken away and written again have new numbers, and nothing else is new.
    for rows in (before, after):
        for table in ("people.searchword", "people.searchname"):
            rows[table] = sorted(
                tuple(str(value) for key, value in row.items() if key != "id") for row in rows[table]
            )
    assert after == before
    assert Person.objects.visible_to(bruno).count() == 2
    assert Double.objects.get().state == Double.State.DIFFERENT


def test_what_happened_since_stays_with_the_file_that_was_kept_and_is_said(odette, again, bruno):
    join = operations.join_files(odette.pk, again.pk, actor=bruno)
    with clock.at(clock.now() + timedelta(days=2)):
        since = opened_need(odette, bruno)
        operations.change_person(odette.pk, talk_note="Plutôt le matin.", actor=bruno)
        parted = operations.part_files(join.pk, actor=bruno)
    since.refresh_from_db()
    odette.refresh_from_db()
    assert since.person_id == odette.pk
    assert "needs.opened" in {entry.code for entry in parted.since}
    assert odette.talk_note == "Plutôt le matin." and "talk_note" in parted.kept_fields
    assert odette.birth_name == ""


def test_a_chain_of_joins_leads_to_the_last_and_is_undone_from_the_end(odette, again, belrive, bruno):
    third = factories.person(belrive, "Odète", "Marchand", phone=None)
    first = operations.join_files(again.pk, third.pk, actor=bruno)
    second = operations.join_files(odette.pk, again.pk, actor=bruno)
    third.refresh_from_db()
    assert third.merged_into_id == odette.pk
    with pytest.raises(NotPossibleNow):
        operations.part_files(first.pk, actor=bruno)
    operations.part_files(second.pk, actor=bruno)
    operations.part_files(first.pk, actor=bruno)
    assert not Person.objects.filter(merged_into__isnull=False).exists()
    with pytest.raises(NotPossibleNow, match="déjà été séparées"):
        operations.part_files(first.pk, actor=bruno)


def test_two_measures_of_protection_are_not_made_one_by_accident(odette, again, belrive, bruno):
    for person in (odette, again):
        Protection.objects.create(territory=belrive, person=person, measure="guardianship")
    with pytest.raises(NotPossibleNow, match="mesure de protection"):
        operations.join_files(odette.pk, again.pk, actor=bruno)
    assert not JoinedFile.objects.exists()
    Protection.objects.filter(person=again).update(ended_at=clock.now())
    operations.join_files(odette.pk, again.pk, actor=bruno)


def test_a_file_kept_apart_is_not_opened_by_joining_it(odette, again, belrive, bruno, alba):
    head = factories.actor(factories.member(belrive, "Hélène", "Tête", role="head"))
    place = operations.open_compartment(name="Confidentiel", actor=head)
    for member in (head, alba, bruno):
        operations.grant(place.pk, membership_id=member.membership_id, actor=head)
    operations.confine(again.pk, compartment_id=place.pk, hides=True, actor=head)
    with pytest.raises(BadInput, match="gardée à part"):
        operations.join_files(odette.pk, again.pk, actor=bruno)
    with pytest.raises(NotAllowed):
        operations.join_files(odette.pk, again.pk, apart=False, actor=bruno)
    join = operations.join_files(odette.pk, again.pk, apart=True, actor=bruno)
    odette.refresh_from_db()
    assert odette.is_followed is False and odette.confined.get().compartment == place
    stranger = factories.actor(factories.member(belrive, "Nadia", "Accueil"))
    assert not Person.objects.visible_to(stranger).exists()
    operations.part_files(join.pk, actor=bruno)
    assert [person.pk for person in Person.objects.visible_to(stranger)] == [odette.pk]


def test_whoever_does_not_see_both_files_cannot_join_them(odette, again, belrive, bruno):
    Person.objects.filter(pk=again.pk).update(is_followed=False)
    with pytest.raises(Person.DoesNotExist):
        operations.join_files(odette.pk, again.pk, actor=bruno)
    neighbour = Actor(kind="neighbour", territory_id=belrive.pk, name="Un voisin")
    with pytest.raises(NotAllowed):
        operations.join_files(odette.pk, again.pk, actor=neighbour)


def test_what_was_written_under_a_hidden_file_goes_over_at_night_and_back_with_an_undo(
    odette, again, bruno, belrive
):
    join = operations.join_files(odette.pk, again.pk, actor=bruno)
    late = Contact.objects.create(territory=belrive, person=again, name="Sylvie", relation="child")
    assert operations.sweep_strays(actor=Actor.job("people.doubles", belrive.pk)) == 1
    late.refresh_from_db()
    assert late.person_id == odette.pk
    operations.part_files(join.pk, actor=bruno)
    late.refresh_from_db()
    assert late.person_id == again.pk


# --- Two at once


@pytest.mark.django_db(transaction=True)
def test_two_agents_who_join_in_opposite_directions_make_one_file_of_two(monkeypatch):
    from palier.territories import walls
    from tests.racing import town

    for locked in (True, False):
        with transaction.atomic():
            belrive = town(code=f"course{locked}".lower())
            agents = [factories.actor(factories.member(belrive, name)) for name in ("Alba", "Bruno")]
            one = factories.person(belrive)
            two = factories.person(belrive, "Odette", "Marchant")
        meeting = Meeting()
        real = joining._locked

        def lock(kept_id, absorbed_id, actor, real=real, meeting=meeting, locked=locked):
            if locked:
                found = real(kept_id, absorbed_id, actor)
            else:
                files = Person.objects.in_bulk([kept_id, absorbed_id])
                found = files[kept_id], files[absorbed_id]
            meeting.wait()
            return found

        monkeypatch.setattr(joining, "_locked", lock)
        results = at_once(
            belrive.pk,
            clock.now(),
            partial(operations.join_files, one.pk, two.pk, actor=agents[0]),
            partial(operations.join_files, two.pk, one.pk, actor=agents[1]),
        )
        monkeypatch.setattr(joining, "_locked", real)
        with walls.inside(belrive.pk):
            hidden = Person.objects.filter(merged_into__isnull=False).count()
        if locked:
            assert sum(isinstance(result, JoinedFile) for result in results) == 1
            assert sum(isinstance(result, NotPossibleNow) for result in results) == 1
            assert hidden == 1
        else:
            # Without the lock both go ahead: each hides the other's file, or the database stops one of them.
            assert hidden == 2 or any(
                isinstance(result, Exception) and not isinstance(result, NotPossibleNow) for result in results
            )
    connection.close()
