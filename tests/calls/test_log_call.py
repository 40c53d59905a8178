"""A call written down: what it asks for, what it refuses, who was first, and taking it back."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from palier.calls.models import Call, CallDraft, PlannedCall
from palier.calls.operations import log_call, plan_call, save_draft, start_by_hand, undo_log, writing
from palier.calls.queries import draft_of, others_at
from palier.concerns.models import Concern
from palier.concerns.operations import complete_concern
from palier.duties.models import Duty
from palier.duties.operations import take
from palier.journal.models import Entry
from palier.kernel import clock
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.needs.models import Need
from palier.people.operations import add_contact
from tests import factories
from tests.at_once import Meeting, at_once
from tests.factories import local

NEED = {"kind": "shopping", "starts_at": local(2026, 11, 14, 9), "ends_at": local(2026, 11, 14, 12)}


@pytest.fixture
def odette(belrive):
    return factories.person(belrive, agrees=False)


@pytest.fixture
def call(bruno):
    return start_by_hand(actor=bruno)


def test_nothing_is_a_full_result(call, odette, bruno):
    logged = log_call(
        call.pk, who="self", person_id=odette.pk, reasons=["talk", "help"], mood="as_usual",
        words="« Je n’ai plus rien dans le frigo. »", next="nothing", logging_seconds=41, actor=bruno,
    )  # fmt: skip
    assert (logged.state, logged.next, logged.logging_seconds) == ("logged", "nothing", 41)
    assert list(logged.reasons.values_list("code", flat=True)) == ["talk", "help"]
    assert not Duty.objects.open().exists()
    entry = Entry.objects.get()
    assert (entry.code, entry.person_id, entry.data["is_woman"]) == ("calls.logged", odette.pk, True)
    assert entry.personal["words"] == "« Je n’ai plus rien dans le frigo. »"
    odette.refresh_from_db()
    assert odette.last_contact_at == clock.now()


def test_an_anonymous_call_needs_no_file(call, bruno):
    logged = log_call(call.pk, who="anonymous", next="nothing", mood="worrying", actor=bruno)
    assert (logged.person, logged.mood) == (None, "worrying")
    assert not Concern.objects.exists()


def test_a_save_of_the_busiest_form_costs_few_queries(call, odette, bruno):
    with CaptureQueriesContext(connection) as queries:
        log_call(
            call.pk, who="self", person_id=odette.pk, reasons=["talk", "help", "other"], words="Bien.",
            next="nothing", actor=bruno,
        )  # fmt: skip
    assert len(queries) <= 11, [query["sql"] for query in queries]


def test_a_known_relative_speaks_for_her(call, odette, bruno):
    sylvie = add_contact(odette.pk, name="Sylvie", relation="child", actor=bruno)
    logged = log_call(call.pk, who="contact", contact_id=sylvie.pk, next="nothing", actor=bruno)
    assert logged.person_id == odette.pk
    assert Entry.objects.get(code="calls.logged").personal["name"] == "Sylvie"


def test_a_neighbour_is_on_the_line(call, belrive, bruno):
    michel = factories.volunteer(belrive)
    log_call(call.pk, who="volunteer", volunteer_id=michel.pk, next="nothing", actor=bruno)
    assert Entry.objects.get().volunteer_id == michel.pk


def test_what_she_needs_is_opened_with_the_call(call, odette, bruno):
    logged = log_call(call.pk, who="self", person_id=odette.pk, next="need", need=NEED, actor=bruno)
    assert logged.need.source == "call" and logged.need.person_id == odette.pk
    assert Duty.objects.open().get().kind == "find_somebody"


def test_a_concern_is_opened_with_the_call(call, odette, bruno):
    facts = {"facts": "Elle ne mange plus.", "urgency": "two_days", "owner_id": bruno.membership_id}
    logged = log_call(call.pk, who="self", person_id=odette.pk, next="concern", concern=facts, actor=bruno)
    assert logged.concern.urgency == "two_days"
    assert Duty.objects.open().get().owner_id == bruno.membership_id


def test_a_call_back_is_promised_by_the_one_who_spoke(call, odette, bruno):
    tomorrow = local(2026, 11, 13, 10)
    log_call(call.pk, who="self", person_id=odette.pk, next="call_back", call_back_at=tomorrow, actor=bruno)
    planned = PlannedCall.objects.get()
    assert (planned.why, planned.due_at, planned.asked_in_id) == ("promised", tomorrow, call.pk)
    assert Duty.objects.open().get().owner_id == bruno.membership_id


def test_this_call_replaces_the_one_that_was_owed(call, odette, bruno):
    planned = plan_call(person_id=odette.pk, why="promised", due_at=local(2026, 11, 13, 10), actor=bruno)
    keep = {"keeps_planned_call_ids": [planned.pk]}
    log_call(call.pk, who="self", person_id=odette.pk, next="nothing", **keep, actor=bruno)
    planned.refresh_from_db()
    assert (planned.outcome, planned.done_in_id) == ("replaced", call.pk)
    assert not Duty.objects.open().exists()


def test_a_call_that_we_made_keeps_the_promise(odette, bruno):
    planned = plan_call(person_id=odette.pk, why="promised", due_at=local(2026, 11, 13, 10), actor=bruno)
    call = start_by_hand(person_id=odette.pk, direction="outbound", actor=bruno)
    keep = {"keeps_planned_call_ids": [planned.pk]}
    log_call(call.pk, who="self", person_id=odette.pk, next="nothing", **keep, actor=bruno)
    planned.refresh_from_db()
    assert planned.outcome == "reached"


def test_a_call_owed_to_somebody_else_is_not_replaced(call, belrive, odette, bruno):
    other = factories.person(belrive, "Lise", "Roux", phone=None)
    planned = plan_call(person_id=other.pk, why="promised", due_at=local(2026, 11, 13, 10), actor=bruno)
    keep = {"keeps_planned_call_ids": [planned.pk]}
    with pytest.raises(BadInput):
        log_call(call.pk, who="self", person_id=odette.pk, next="nothing", **keep, actor=bruno)
    assert Call.objects.get(pk=call.pk).state == "answered"


PAST = local(2026, 11, 12, 9)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"who": ""}, "who"),
        ({"who": "martian"}, "who"),
        ({"next": ""}, "next"),
        ({"next": "dance"}, "next"),
        ({"mood": "purple"}, "mood"),
        ({"words": "a" * 10_001}, "words"),
        ({"reasons": ["talk", "cuisine"]}, "reasons"),
        ({"person_id": 999_999}, "person_id"),
        ({"who": "contact"}, "contact_id"),
        ({"who": "contact", "contact_id": 999_999}, "contact_id"),
        ({"who": "volunteer", "volunteer_id": 999_999}, "volunteer_id"),
        ({"next": "call_back"}, "call_back_at"),
        ({"next": "call_back", "call_back_at": PAST}, "call_back_at"),
        ({"next": "call_back", "call_back_at": local(2036, 11, 13)}, "call_back_at"),
        ({"next": "call_back", "call_back_at": local(2026, 11, 13), "person_id": None}, "person_id"),
        ({"next": "need", "need": NEED, "person_id": None}, "person_id"),
        ({"next": "need", "need": {}}, "kind"),
        ({"next": "need", "need": NEED | {"kind": "x"}}, "kind"),
        ({"next": "need", "need": NEED | {"ends_at": PAST}}, "ends_at"),
        ({"next": "need", "need": NEED | {"starts_at": local(2026, 11, 10), "ends_at": PAST}}, "starts_at"),
        ({"next": "concern", "concern": {"facts": " "}}, "facts"),
        ({"next": "concern", "concern": None}, "facts"),
        ({"keeps_planned_call_ids": [999_999]}, "keeps_planned_call_ids"),
    ],
)
def test_what_cannot_be_kept_is_refused_beside_its_field_and_nothing_is_saved(
    call, odette, bruno, fields, field
):
    values = {"who": "self", "person_id": odette.pk, "next": "nothing"} | fields
    with pytest.raises(BadInput) as refusal:
        log_call(call.pk, **values, actor=bruno)
    assert refusal.value.field == field
    assert Call.objects.get(pk=call.pk).state == "answered"
    assert not Need.objects.exists() and not Concern.objects.exists() and not Entry.objects.exists()


def test_ten_thousand_characters_and_emoji_are_kept(call, odette, bruno):
    words = ("é🌻" * 5000)[:10_000]
    assert log_call(call.pk, who="other", next="nothing", words=words, actor=bruno).words == words


def test_a_caller_of_rounds_logs_no_call_of_the_desk(call, belrive, bruno):
    caller = factories.actor(factories.member(belrive, "Julien", "Appelant", "caller"))
    with pytest.raises(NotAllowed):
        log_call(call.pk, who="other", next="nothing", actor=caller)


def test_SEC_01_a_call_of_another_territory_is_not_there(call, carla):
    for step in (
        lambda: log_call(call.pk, who="other", next="nothing", actor=carla),
        lambda: undo_log(call.pk, actor=carla),
    ):
        with pytest.raises(Call.DoesNotExist):
            step()


# --- drafts and two desks ----------------------------------------------------------------------------------


def test_what_was_typed_is_there_again_on_this_desk_and_shown_to_the_other(call, alba, bruno):
    save_draft(call.pk, {"words": "Bonj"}, actor=bruno)
    save_draft(call.pk, {"words": "Bonjour\x00", "reasons": ["talk"]}, actor=bruno)
    assert draft_of(call, bruno) == {"words": "Bonjour", "reasons": ["talk"]}
    assert draft_of(call, alba) == {}
    assert [draft.membership_id for draft in others_at(call, alba)] == [bruno.membership_id]
    assert CallDraft.objects.count() == 1
    with pytest.raises(BadInput):
        save_draft(call.pk, {"words": "a" * 70_000}, actor=bruno)


def test_two_desks_on_one_call_keep_both_texts(call, alba, bruno):
    log_call(call.pk, who="other", next="nothing", words="Veut des nouvelles.", actor=bruno)
    with pytest.raises(NotPossibleNow, match=r"Bruno Petit a déjà noté cet appel à 10\sh\s20\. Votre texte"):
        log_call(call.pk, who="other", next="nothing", words="Demande Claire.", actor=alba)
    words = Call.objects.get(pk=call.pk).words
    assert words == "Veut des nouvelles.\n\nAlba Moreau, 10\u00a0h\u00a020 : Demande Claire."
    with pytest.raises(NotPossibleNow):
        log_call(call.pk, who="other", next="nothing", words="Demande Claire.", actor=alba)
    assert Call.objects.get(pk=call.pk).words == words
    assert list(Entry.objects.order_by("pk").values_list("code", flat=True)) == [
        "calls.logged",
        "calls.completed",
    ]


def test_a_double_click_on_save_is_told_nothing(call, bruno):
    first = log_call(call.pk, who="other", next="nothing", words="Bien.", actor=bruno)
    again = log_call(call.pk, who="other", next="nothing", words="Bien.", actor=bruno)
    assert again.pk == first.pk
    assert Entry.objects.count() == 1


def test_a_second_thought_joins_the_note_and_a_second_wish_is_not_dropped_in_silence(call, odette, bruno):
    log_call(call.pk, who="other", next="nothing", words="Bien.", actor=bruno)
    again = log_call(call.pk, who="other", next="nothing", words="Rappellera.", actor=bruno)
    assert again.words.startswith("Bien.") and again.words.endswith("Rappellera.")
    with pytest.raises(NotPossibleNow):
        log_call(call.pk, who="self", person_id=odette.pk, next="need", need=NEED, actor=bruno)


@pytest.fixture
def committed(now, transactional_db):
    with transaction.atomic():
        town = factories.territory()
        bruno = factories.actor(factories.member(town))
        alba = factories.actor(factories.member(town, "Alba", "Moreau", "coordinator"))
        odette = factories.person(town)
        call = start_by_hand(actor=bruno)
    return town, alba, bruno, odette, call


def log_together(committed, now, monkeypatch):
    """Both desks have read the call before either of them writes, if the lock lets them."""
    town, alba, bruno, odette, call = committed
    meeting, read = Meeting(), writing.read_and_lock

    def read_then_wait(*asked, actor):
        found = read(*asked, actor=actor)
        meeting.wait()
        return found

    monkeypatch.setattr(writing, "read_and_lock", read_then_wait)

    def log(actor, words):
        try:
            return log_call(
                call.pk, who="self", person_id=odette.pk, next="nothing", words=words, actor=actor
            )
        except NotPossibleNow as refusal:
            # As a view does: told, and the request's transaction commits.
            return refusal

    results = at_once(town.pk, now, lambda: log(alba, "Texte d’Alba."), lambda: log(bruno, "Texte de Bruno."))
    from palier.territories import walls

    with walls.inside(town.pk):
        logged = Entry.objects.filter(code="calls.logged").count()
        return results, Call.objects.get(pk=call.pk).words, logged


def test_two_desks_save_at_once_one_is_told_and_both_texts_are_kept(committed, now, monkeypatch):
    results, words, logged = log_together(committed, now, monkeypatch)
    assert sorted(type(one).__name__ for one in results) == ["Call", "NotPossibleNow"]
    assert "Texte d’Alba." in words and "Texte de Bruno." in words
    assert logged == 1


def test_control_without_the_lock_one_text_is_lost(committed, now, monkeypatch):
    monkeypatch.setattr(writing, "LOCK", "")
    results, words, logged = log_together(committed, now, monkeypatch)
    assert [type(one).__name__ for one in results] == ["Call", "Call"]
    assert ("Texte d’Alba." in words) != ("Texte de Bruno." in words)
    assert logged == 2


# --- taking it back ----------------------------------------------------------------------------------------


def test_a_need_saved_by_mistake_is_taken_back_with_its_call(call, odette, bruno):
    save_draft(call.pk, {"words": "avant", "when": "tomorrow"}, actor=bruno)
    log_call(
        call.pk,
        who="self",
        person_id=odette.pk,
        reasons=["help"],
        words="Du pain.",
        next="need",
        need=NEED,
        actor=bruno,
    )
    undone = undo_log(call.pk, actor=bruno)
    assert (undone.state, undone.words, undone.need, undone.logged_at) == ("answered", "", None, None)
    assert Need.objects.get().outcome == "no_longer_needed"
    assert list(Duty.objects.open().values_list("kind", "owner_id")) == [("log_call", bruno.membership_id)]
    assert draft_of(undone, bruno) == {"words": "Du pain.", "when": "tomorrow"}
    with pytest.raises(NotPossibleNow):
        undo_log(call.pk, actor=bruno)
    again = log_call(call.pk, who="self", person_id=odette.pk, next="nothing", actor=bruno)
    assert again.state == "logged"


def test_what_was_saved_without_a_draft_comes_back_as_one(call, odette, bruno):
    log_call(
        call.pk,
        who="self",
        person_id=odette.pk,
        reasons=["help"],
        words="Du pain.",
        next="need",
        need=NEED,
        actor=bruno,
    )
    draft = draft_of(undo_log(call.pk, actor=bruno), bruno)
    assert (draft["who"], draft["words"], draft["reasons"]) == ("self", "Du pain.", ["help"])
    assert (draft["need"]["kind"], draft["person_id"]) == ("shopping", odette.pk)


def test_a_concern_and_a_promise_are_taken_back_too(bruno, odette):
    first, second = start_by_hand(actor=bruno), start_by_hand(person_id=odette.pk, actor=bruno)
    log_call(first.pk, who="self", person_id=odette.pk, next="concern", concern={"facts": "X."}, actor=bruno)
    log_call(
        second.pk,
        who="self",
        person_id=odette.pk,
        next="call_back",
        call_back_at=local(2026, 11, 13, 10),
        actor=bruno,
    )
    undo_log(first.pk, actor=bruno)
    undo_log(second.pk, actor=bruno)
    assert Concern.objects.get().outcome == "reassured"
    assert PlannedCall.objects.get().outcome == "dropped"
    assert set(Duty.objects.open().values_list("kind", flat=True)) == {"log_call"}


def test_a_kept_promise_is_owed_again(call, odette, bruno):
    planned = plan_call(person_id=odette.pk, why="promised", due_at=local(2026, 11, 13, 10), actor=bruno)
    keep = {"keeps_planned_call_ids": [planned.pk]}
    log_call(call.pk, who="self", person_id=odette.pk, next="nothing", **keep, actor=bruno)
    undo_log(call.pk, actor=bruno)
    planned.refresh_from_db()
    assert (planned.closed_at, planned.done_in_id) == (None, None)
    assert Duty.objects.open().filter(kind="call_back").exists()


def test_what_somebody_has_touched_is_not_taken_back(odette, bruno, alba):
    call = start_by_hand(actor=bruno)
    log_call(call.pk, who="self", person_id=odette.pk, next="need", need=NEED, actor=bruno)
    take(Duty.objects.open().get().pk, actor=alba)
    with pytest.raises(NotPossibleNow, match="Quelqu’un s’en occupe déjà"):
        undo_log(call.pk, actor=bruno)
    assert Need.objects.get().closed_at is None


def test_after_five_minutes_it_stays(call, bruno, now):
    log_call(call.pk, who="other", next="nothing", actor=bruno)
    with clock.at(now + timedelta(minutes=6)), pytest.raises(NotPossibleNow, match="trop tard"):
        undo_log(call.pk, actor=bruno)


def test_only_the_one_who_noted_it_or_the_coordination_takes_it_back(belrive, call, alba, bruno):
    other = factories.actor(factories.member(belrive, "Nadia", "Benali"))
    log_call(call.pk, who="other", next="nothing", actor=bruno)
    with pytest.raises(NotAllowed):
        undo_log(call.pk, actor=other)
    assert undo_log(call.pk, actor=alba).state == "answered"


def test_a_danger_stays_open_when_the_note_is_taken_back(call, odette, bruno):
    from palier.calls.operations import declare_danger

    declare_danger(call.pk, actor=bruno)
    log_call(
        call.pk, who="self", person_id=odette.pk, next="concern", concern={"facts": "Tombée."}, actor=bruno
    )
    undo_log(call.pk, actor=bruno)
    concern = Concern.objects.get()
    assert concern.closed_at is None
    assert complete_concern(concern.pk, facts="Toujours.", actor=bruno).pk == concern.pk
