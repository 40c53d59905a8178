"""How she lives: the week, absences, the household, protection, what opens the door; and the notes on her file."""

from datetime import date, time, timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from palier.calls.models import PlannedCall
from palier.calls.operations import plan_call
from palier.duties.models import Duty
from palier.journal.models import Access, Entry
from palier.kernel import clock, sealing
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.people import operations as people
from palier.people.living import Away, HomeSecret, Household, Note, Objection, Presence
from palier.people.models import Person
from palier.people.queries import away_on, objections_of
from tests import factories

TODAY = date(2026, 11, 12)


@pytest.fixture
def odette(belrive):
    return factories.person(belrive)


# --- the week


def test_who_comes_in_a_week_is_noted_once_and_changed_as_a_whole(odette, bruno):
    nurse = {"who": "Infirmière", "kind": "visit", "days": [4, 0, 2, 0], "at": time(8)}
    noted = people.note_presence(odette.pk, **nurse, actor=bruno)
    assert noted.days == [0, 2, 4]
    assert people.note_presence(odette.pk, **nurse, actor=bruno) == noted
    people.change_presence(noted.pk, **(nurse | {"days": [1], "at": None, "part": "evening"}), actor=bruno)
    noted.refresh_from_db()
    assert (noted.days, noted.at, noted.part) == ([1], None, "evening")
    people.remove_presence(noted.pk, actor=bruno)
    assert not Presence.objects.exists()
    assert Entry.objects.filter(code="people.week_changed").count() == 3


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"who": " "}, "who"),
        ({"days": []}, "days"),
        ({"days": [7]}, "days"),
        ({"kind": "mail"}, "kind"),
        ({"at": time(8), "part": "morning"}, "part"),
    ],
)
def test_a_presence_says_who_and_when(odette, bruno, wrong, field):
    values = {"who": "Sylvie", "kind": "call", "days": [2]} | wrong
    with pytest.raises(BadInput) as refused:
        people.note_presence(odette.pk, **values, actor=bruno)
    assert refused.value.field == field


def test_the_database_knows_seven_days(odette):
    with pytest.raises(IntegrityError), transaction.atomic():
        Presence.objects.create(territory=odette.territory, person=odette, who="X", kind="call", days=[9])


# --- away


def call_owed(person, actor, **after):
    return plan_call(
        person_id=person.pk, why="promised", due_at=clock.now() + timedelta(**after), actor=actor
    )


def test_her_calls_wait_until_she_is_back_and_somebody_looks_on_that_morning(odette, bruno):
    before = call_owed(odette, bruno, hours=2)
    meanwhile = call_owed(odette, bruno, days=3)
    after = call_owed(odette, bruno, days=30)
    away = people.say_away(
        odette.pk,
        reason="hospital",
        starts_on=TODAY + timedelta(days=1),
        ends_on=TODAY + timedelta(days=6),
        told_by="Sylvie, sa fille",
        actor=bruno,
    )
    back = factories.local(2026, 11, 19, 9)
    assert PlannedCall.objects.get(pk=before.pk).due_at == before.due_at
    assert PlannedCall.objects.get(pk=meanwhile.pk).due_at == back
    assert PlannedCall.objects.get(pk=after.pk).due_at == after.due_at
    assert Duty.objects.open().of("calls.plannedcall", meanwhile.pk).get().due_at == back
    assert Duty.objects.open().of("people.away", away.pk).get().due_at == back
    assert Entry.objects.filter(code="calls.waits").count() == 1


def test_the_last_day_away_is_a_day_away_and_the_next_is_not(odette, bruno):
    away = people.say_away(
        odette.pk, reason="family", starts_on=TODAY, ends_on=TODAY + timedelta(days=2), actor=bruno
    )
    for days, is_away in ((-1, False), (0, True), (2, True), (3, False)):
        assert (away_on(odette.pk, TODAY + timedelta(days=days)) == away) == is_away


def test_a_morning_after_the_clocks_changed_is_still_nine_o_clock(odette, bruno):
    """Clocks go forward on 28 March 2027: nine in Paris is then 7:00 UTC, and was 8:00 the day before."""
    away = people.say_away(
        odette.pk, reason="family", starts_on=TODAY, ends_on=date(2027, 3, 27), actor=bruno
    )
    assert Duty.objects.open().of("people.away", away.pk).get().due_at == factories.local(2027, 3, 28, 9)
    assert factories.local(2027, 3, 28, 9).hour == 7


def test_without_a_day_of_return_somebody_asks_again_in_a_week(odette, bruno):
    away = people.say_away(odette.pk, reason="hospital", starts_on=TODAY, actor=bruno)
    assert away.ask_on == TODAY + timedelta(days=7)
    assert away_on(odette.pk, TODAY + timedelta(days=300)) == away
    with clock.at(factories.local(2026, 11, 19, 10)):
        people.ask_again(away.pk, ask_on=date(2026, 11, 26), actor=bruno)
    assert Duty.objects.open().of("people.away", away.pk).get().due_at == factories.local(2026, 11, 26, 9)
    with pytest.raises(BadInput) as refused:
        people.ask_again(away.pk, ask_on=TODAY, actor=bruno)
    assert refused.value.field == "ask_on"


def test_back_home_is_said_once_and_nobody_asks_any_more(odette, bruno):
    away = people.say_away(odette.pk, reason="hospital", starts_on=TODAY, actor=bruno)
    people.say_back(away.pk, actor=bruno)
    people.say_back(away.pk, actor=bruno)
    assert not Duty.objects.open().exists()
    assert Entry.objects.filter(code="people.back_home").count() == 1
    with pytest.raises(NotPossibleNow):
        people.ask_again(away.pk, ask_on=TODAY + timedelta(days=9), actor=bruno)


def test_two_absences_do_not_overlap_and_the_same_one_is_changed(odette, bruno):
    first = people.say_away(
        odette.pk, reason="family", starts_on=TODAY, ends_on=TODAY + timedelta(days=5), actor=bruno
    )
    with pytest.raises(NotPossibleNow):
        people.say_away(odette.pk, reason="hospital", starts_on=TODAY + timedelta(days=3), actor=bruno)
    longer = people.say_away(
        odette.pk, reason="family", starts_on=TODAY, ends_on=TODAY + timedelta(days=8), actor=bruno
    )
    assert longer.pk == first.pk and Away.objects.count() == 1
    people.say_away(odette.pk, reason="holidays", starts_on=TODAY + timedelta(days=9), actor=bruno)


@pytest.mark.parametrize(
    ("dates", "field"),
    [
        ({"starts_on": TODAY, "ends_on": TODAY - timedelta(days=1)}, "ends_on"),
        ({"starts_on": TODAY - timedelta(days=9), "ends_on": TODAY - timedelta(days=2)}, "ends_on"),
        ({"starts_on": date(2062, 11, 12)}, "starts_on"),
        ({"starts_on": TODAY, "ask_on": TODAY}, "ask_on"),
    ],
)
def test_dates_that_cannot_be_are_refused_at_their_field(odette, bruno, dates, field):
    with pytest.raises(BadInput) as refused:
        people.say_away(odette.pk, reason="hospital", **dates, actor=bruno)
    assert refused.value.field == field
    assert not Away.objects.exists()


# --- with whom


def test_people_who_live_together_are_one_household(belrive, odette, bruno):
    andre = factories.person(belrive, "André", "Marchand", phone=None)
    lise = factories.person(belrive, "Lise", "Marchand", phone=None)
    home = people.share_home(odette.pk, andre.pk, actor=bruno)
    assert people.share_home(andre.pk, odette.pk, actor=bruno) == home
    assert people.share_home(lise.pk, andre.pk, actor=bruno) == home
    assert set(home.people.values_list("first_name", flat=True)) == {"Odette", "André", "Lise"}
    assert not Person.objects.filter(household=home, lives_alone=True).exists()
    people.leave_home(lise.pk, actor=bruno)
    people.leave_home(andre.pk, actor=bruno)
    assert not Household.objects.exists(), "a household of one is none"
    with pytest.raises(BadInput):
        people.share_home(odette.pk, odette.pk, actor=bruno)


# --- who decides for her


def test_one_measure_of_protection_holds_at_a_time(odette, bruno):
    association = people.add_contact(
        odette.pk, name="UDAF", relation="representative", phone="02 61 91 00 50", actor=bruno
    )
    held = people.note_protection(
        odette.pk,
        measure="reinforced_curatorship",
        representative_id=association.pk,
        through_them="Toute dépense",
        actor=bruno,
    )
    changed = people.note_protection(
        odette.pk, measure="guardianship", representative_id=association.pk, actor=bruno
    )
    assert changed.pk == held.pk and changed.measure == "guardianship"
    people.remove_contact(association.pk, actor=bruno)
    held.refresh_from_db()
    assert held.representative is None
    people.end_protection(odette.pk, actor=bruno)
    assert not odette.protections.filter(ended_at__isnull=True).exists()
    with pytest.raises(BadInput) as refused:
        people.note_protection(
            odette.pk, measure="guardianship", representative_id=association.pk, actor=bruno
        )
    assert refused.value.field == "representative"


# --- what opens the door


def test_a_door_code_is_closed_at_rest_and_shown_for_a_reason_that_is_noted(odette, bruno):
    secret = people.keep_secret(odette.pk, kind="door_code", value="12B45", actor=bruno)
    with connection.cursor() as cursor:
        cursor.execute("select sealed from people_homesecret")
        (stored,) = cursor.fetchone()
    assert "12B45" not in stored
    with pytest.raises(BadInput):
        people.reveal_secret(secret.pk, why="", actor=bruno)
    _secret, value = people.reveal_secret(secret.pk, why="Visite de ce matin", actor=bruno)
    assert value == "12B45"
    access = Access.objects.get()
    assert (access.operation, access.user_id, access.reason) == (
        "reveal",
        bruno.user_id,
        "Visite de ce matin",
    )
    shown = Entry.objects.get(code="people.secret_shown")
    assert shown.person_id == odette.pk and "12B45" not in str(shown.data) + str(shown.personal)


def test_a_new_code_takes_the_place_of_the_former(odette, bruno):
    people.keep_secret(odette.pk, kind="door_code", value="11A11", actor=bruno)
    secret = people.keep_secret(odette.pk, kind="door_code", value="22B22", actor=bruno)
    assert HomeSecret.objects.count() == 1
    assert people.reveal_secret(secret.pk, why="Vérification", actor=bruno)[1] == "22B22"
    people.forget_secret(secret.pk, actor=bruno)
    assert not HomeSecret.objects.exists()


def test_what_is_closed_for_one_purpose_is_not_opened_for_another(settings):
    stored = sealing.closed("12B45", "a")
    assert sealing.opened(stored, "a") == "12B45"
    with pytest.raises(sealing.Unreadable):
        sealing.opened(stored, "b")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a new key of this installation, long enough"
    assert sealing.opened(stored, "a") == "12B45", "a former key still opens what it closed"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(sealing.Unreadable):
        sealing.opened(stored, "a")


# --- notes


def test_a_confidential_note_is_its_authors_and_the_coordinations(belrive, odette, alba, bruno):
    other = factories.actor(factories.member(belrive, "Nadia", "Benali", "agent"))
    shared = people.write_note(odette.pk, text="Aime parler de son jardin.", actor=bruno)
    kept = people.write_note(odette.pk, text="Son fils lui fait peur.", is_confidential=True, actor=bruno)
    for actor, sees in ((bruno, {shared, kept}), (alba, {shared, kept}), (other, {shared})):
        assert set(Note.objects.visible_to(actor)) == sees
    with pytest.raises(Note.DoesNotExist):
        people.withdraw_note(kept.pk, actor=other)
    with pytest.raises(NotAllowed):
        people.withdraw_note(shared.pk, actor=other)
    people.withdraw_note(shared.pk, actor=bruno)
    assert Note.objects.get(pk=shared.pk).withdrawn_at is not None


def test_GDP_05_a_watched_word_stays_with_a_reason_that_is_kept(odette, bruno):
    text = "Elle a un cancer."
    with pytest.raises(BadInput) as refused:
        people.write_note(odette.pk, text=text, actor=bruno)
    assert (refused.value.field, refused.value.code) == ("text", "watched_words")
    note = people.write_note(odette.pk, text=text, words_reason="Dit par elle, pour l’aide", actor=bruno)
    assert note.words_reason == "Dit par elle, pour l’aide"
    assert Entry.objects.get(code="people.note_written").data["watched"] is True
    assert (
        people.write_note(odette.pk, text=text, words_reason="Dit par elle, pour l’aide", actor=bruno) == note
    )


def test_GDP_05_how_to_talk_to_her_is_watched_too(odette, bruno):
    with pytest.raises(BadInput) as refused:
        people.change_person(odette.pk, home_note="Digicode 12B45", actor=bruno)
    assert (refused.value.field, refused.value.code) == ("home_note", "watched_words")
    people.change_person(odette.pk, talk_note="Aveugle", words_reason="Se présenter d’abord", actor=bruno)
    assert Entry.objects.get(code="people.changed").personal["words_reason"] == "Se présenter d’abord"
    # What stood there already is not asked about again.
    people.change_person(odette.pk, talk_note="Aveugle", first_name="Odile", actor=bruno)


# --- objections


def test_an_objection_holds_until_it_is_taken_back_and_no_line_is_changed(odette, bruno):
    people.note_objection(odette.pk, to="letters", actor=bruno)
    people.note_objection(odette.pk, to="letters", actor=bruno)
    people.note_objection(odette.pk, to="sms", actor=bruno)
    assert objections_of(odette.pk) == {"letters", "sms"}
    people.note_objection(odette.pk, to="letters", holds=False, channel="letter", actor=bruno)
    assert objections_of(odette.pk) == {"sms"}
    assert Objection.objects.count() == 3
    with pytest.raises(NotPossibleNow):
        people.note_objection(odette.pk, to="visits", holds=False, actor=bruno)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Objection.objects.update(holds=False)


def test_only_the_desk_changes_how_she_lives(belrive, odette):
    partner = factories.actor(factories.member(belrive, "Paul", "Ailleurs", "partner"))
    acts = [
        lambda: people.note_presence(odette.pk, who="X", kind="call", days=[1], actor=partner),
        lambda: people.say_away(odette.pk, reason="family", starts_on=TODAY, actor=partner),
        lambda: people.keep_secret(odette.pk, kind="door_code", value="1", actor=partner),
        lambda: people.note_protection(odette.pk, measure="guardianship", actor=partner),
        lambda: people.write_note(odette.pk, text="x", actor=partner),
        lambda: people.note_objection(odette.pk, to="sms", actor=partner),
        lambda: people.depart(odette.pk, state="moved", actor=partner),
    ]
    for act in acts:
        with pytest.raises(Person.DoesNotExist):
            act()
