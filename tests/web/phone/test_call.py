"""The form of one call: who it may be, every ending, what is refused and kept."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from palier.calls import operations as calls
from palier.calls.models import Call, CallDraft, PlannedCall
from palier.concerns.models import Concern
from palier.journal.models import Access
from palier.kernel import clock
from palier.needs.models import Need
from palier.people.models import Consent, Contact, Person
from tests import factories
from tests.web.client import desk_client
from tests.web.phone.calls import ring, text_of, typed

# --- who it may be -----------------------------------------------------------------------------------------------


def test_a_known_number_shows_the_person_what_to_know_and_the_street_to_check(
    belrive: Any, bruno: Any
) -> None:
    odette = factories.person(belrive, talk_note="Entend mal de l’oreille droite.")
    belrive.note_of_the_day = "Grand froid dès samedi."
    belrive.save(update_fields=["note_of_the_day"])
    Contact.objects.create(
        territory=belrive, person=odette, name="Sylvie Marchand", relation="child", note="sa fille"
    )
    call = ring(belrive, answered_by=bruno)
    page = text_of(desk_client(bruno).get(f"/telephone/{call.pk}/"))
    for words in (
        "Odette Marchand, 84 ans", "« rue des Tilleuls ? »", "Entend mal de l'oreille droite.", "Grand froid dès samedi.",
        "Sylvie, sa fille", "Ce n'est pas elle", "C'est Bruno, du CCAS de Belrive.", "Comment <span",
    ):  # fmt: skip
        assert words in page, words


def test_gdp_10_opening_the_call_of_a_known_person_is_written_down(belrive: Any, bruno: Any) -> None:
    odette = factories.person(belrive)
    desk_client(bruno).get(f"/telephone/{ring(belrive).pk}/")
    seen = Access.objects.get()
    assert (seen.object_kind, seen.object_id, seen.user_id) == ("people.person", odette.pk, bruno.user_id)


def test_tel_21_several_share_the_number_and_nobody_is_chosen(belrive: Any, bruno: Any) -> None:
    factories.person(belrive, "Jean", "Ferrand", title="monsieur")
    lucette = factories.person(belrive, "Lucette", "Ferrand")
    call = ring(belrive)
    client = desk_client(bruno)
    page = text_of(client.get(f"/telephone/{call.pk}/"))
    assert "2 personnes ont ce numéro. Demandez le prénom." in page and "Quelqu'un d'autre" in page
    assert "Access" not in page and not Access.objects.exists()
    part = client.get(
        f"/telephone/{call.pk}/",
        {"caller": f"p{lucette.pk}"},
        headers={"HX-Request": "true", "HX-Target": "fiche"},
    )
    assert "Dernières fois" in text_of(part) and 'hx-swap-oob="outerHTML"' in text_of(part)
    assert client.post(f"/telephone/{call.pk}/", typed(lucette)).status_code == 302
    call.refresh_from_db()
    assert call.person_id == lucette.pk


def test_the_number_of_somebody_around_her_brings_her_file(belrive: Any, bruno: Any) -> None:
    odette = factories.person(belrive)
    sylvie = Contact.objects.create(
        territory=belrive,
        person=odette,
        name="Sylvie Marchand",
        relation="child",
        note="sa fille",
        phone="+33353011122",
    )
    call = ring(belrive, "03 53 01 11 22")
    client = desk_client(bruno)
    page = text_of(client.get(f"/telephone/{call.pk}/"))
    assert "proche de Odette Marchand (sa fille)" in page or "proche d'Odette" in page
    answer = client.post(f"/telephone/{call.pk}/", typed(caller=f"c{sylvie.pk}", who=f"contact:{sylvie.pk}"))
    assert answer.status_code == 302
    call.refresh_from_db()
    assert (call.person_id, call.who, call.contact_id) == (odette.pk, "contact", sylvie.pk)


def test_a_neighbours_number_shows_their_card(belrive: Any, bruno: Any) -> None:
    michel = factories.volunteer(belrive, phone="+33639981122")
    call = ring(belrive, "06 39 98 11 22")
    client = desk_client(bruno)
    assert "Michel Lefort, voisin" in text_of(client.get(f"/telephone/{call.pk}/"))
    assert (
        client.post(f"/telephone/{call.pk}/", typed(caller=f"v{michel.pk}", who="volunteer")).status_code
        == 302
    )
    call.refresh_from_db()
    assert (call.person_id, call.who, call.volunteer_id) == (None, "volunteer", michel.pk)


@pytest.mark.parametrize(
    ("number", "words"), [("01 99 00 11 22", "Numéro inconnu"), ("anonymous", "Numéro masqué")]
)
def test_unknown_and_withheld_callers_may_stay_without_a_file(
    belrive: Any, bruno: Any, number: str, words: str
) -> None:
    call = ring(belrive, number)
    client = desk_client(bruno)
    assert words in text_of(client.get(f"/telephone/{call.pk}/"))
    assert client.post(f"/telephone/{call.pk}/", typed()).status_code == 302
    call.refresh_from_db()
    assert (call.state, call.person_id, call.who) == ("logged", None, "anonymous")


def test_somebody_is_found_by_half_a_street_without_leaving_the_call(belrive: Any, bruno: Any) -> None:
    odette = factories.person(belrive, phone=None)
    call = ring(belrive, "anonymous")
    client = desk_client(bruno)
    part = client.get(
        f"/telephone/{call.pk}/", {"q": "tilleu"}, headers={"HX-Request": "true", "HX-Target": "trouve"}
    )
    assert f'value="p{odette.pk}"' in text_of(part) and "<html" not in text_of(part)
    assert client.post(f"/telephone/{call.pk}/", typed(found=f"p{odette.pk}")).status_code == 302
    call.refresh_from_db()
    assert call.person_id == odette.pk


def test_the_search_works_without_script_and_keeps_what_was_typed(belrive: Any, bruno: Any) -> None:
    odette = factories.person(belrive, phone=None)
    call = ring(belrive, "anonymous")
    client = desk_client(bruno)
    answer = client.post(f"/telephone/{call.pk}/garder/", typed(q="march", words="Un long texte.", look="1"))
    assert answer.status_code == 302
    page = text_of(client.get(f"/telephone/{call.pk}/"))
    assert f'value="p{odette.pk}"' in page and "Un long texte." in page


def test_it_is_not_her(belrive: Any, bruno: Any) -> None:
    odette = factories.person(belrive)
    yvonne = factories.person(belrive, "Yvonne", "Thibaut", phone=None)
    call = ring(belrive)
    client = desk_client(bruno)
    client.post(f"/telephone/{call.pk}/garder/", typed(odette, reject="1"))
    page = text_of(client.get(f"/telephone/{call.pk}/"))
    assert "Parle de son jardin." in page and 'id="id_q"' in page and "84 ans" not in page
    client.post(f"/telephone/{call.pk}/", typed(caller="other", found=f"p{yvonne.pk}"))
    call.refresh_from_db()
    assert call.person_id == yvonne.pk


def test_a_new_file_is_made_with_the_call_and_the_number(belrive: Any, bruno: Any) -> None:
    call = ring(belrive, "01 99 00 11 22")
    client = desk_client(bruno)
    assert "01 99 00 11 22" in text_of(client.get(f"/telephone/{call.pk}/"))
    new = {
        "found": "new",
        "new_first_name": "Yvonne",
        "new_last_name": "Thibaut",
        "new_phone": "01 99 00 11 22",
        "who": "self",
    }
    assert client.post(f"/telephone/{call.pk}/", typed(**new)).status_code == 302
    yvonne = Person.objects.get()
    call.refresh_from_db()
    assert call.person_id == yvonne.pk and yvonne.phones.get().e164 == "+33199001122"


def test_a_refused_need_leaves_no_new_file_behind(belrive: Any, bruno: Any) -> None:
    call = ring(belrive, "01 99 00 11 22")
    new = {"found": "new", "new_first_name": "Yvonne", "new_last_name": "Thibaut", "who": "self"}
    need = {"next": "need", "kind": "shopping", "when": "tomorrow", "details": "Elle a un cancer."}
    answer = desk_client(bruno).post(f"/telephone/{call.pk}/", typed(**new, **need))
    assert answer.status_code == 422 and not Person.objects.exists() and not Need.objects.exists()


def test_a_namesake_is_shown_and_may_be_somebody_else(belrive: Any, bruno: Any) -> None:
    factories.person(belrive, phone="+33199001122")
    call = ring(belrive, "anonymous")
    new = {
        "found": "new",
        "new_first_name": "Odette",
        "new_last_name": "Marchand",
        "new_phone": "01 99 00 11 22",
        "who": "self",
    }
    client = desk_client(bruno)
    answer = client.post(f"/telephone/{call.pk}/", typed(**new))
    assert answer.status_code == 422 and "C'est quelqu'un d'autre, du même nom" in text_of(answer)
    assert client.post(f"/telephone/{call.pk}/", typed(**new, new_despite="on")).status_code == 302
    assert Person.objects.count() == 2


# --- every ending ------------------------------------------------------------------------------------------------


def test_nothing_is_a_full_result_and_goes_back_to_today_with_undo(belrive: Any, bruno: Any) -> None:
    odette = factories.person(belrive)
    call = ring(belrive, answered_by=bruno)
    client = desk_client(bruno)
    opened = int(clock.now().timestamp()) - 42
    answer = client.post(f"/telephone/{call.pk}/", typed(odette, opened=opened))
    assert (answer.status_code, answer["Location"]) == (302, "/aujourdhui/")
    call.refresh_from_db()
    assert (call.state, call.next, call.mood, call.words) == (
        "logged",
        "nothing",
        "as_usual",
        "Parle de son jardin.",
    )
    assert call.logging_seconds == 42 and call.logged_by_id == bruno.membership_id
    page = text_of(client.get("/telephone/"))
    assert (
        "Appel enregistré." in page
        and f"/telephone/{call.pk}/annuler/" in page
        and "pendant 10 secondes" in page
    )


def test_it_goes_back_where_it_came_from_and_nowhere_else(belrive: Any, bruno: Any) -> None:
    client = desk_client(bruno)
    call = ring(belrive, "anonymous")
    assert client.post(f"/telephone/{call.pk}/", typed(back="/telephone/"))["Location"] == "/telephone/"
    for evil in ("https://ailleurs.example/", "//ailleurs.example/", "javascript:alert(1)"):
        other = ring(belrive, "anonymous", evil)
        assert client.post(f"/telephone/{other.pk}/", typed(back=evil))["Location"] == "/aujourdhui/"


def test_a_call_back_is_promised_for_the_day_and_hour_said(belrive: Any, bruno: Any) -> None:
    odette = factories.person(belrive)
    call = ring(belrive)
    answer = desk_client(bruno).post(
        f"/telephone/{call.pk}/", typed(odette, next="call_back", back_on="2026-11-13", back_at="10:30")
    )
    assert answer.status_code == 302
    promised = PlannedCall.objects.get()
    assert (promised.person_id, promised.asked_in_id) == (odette.pk, call.pk)
    assert promised.due_at == factories.local(2026, 11, 13, 10, 30)


@pytest.mark.parametrize(
    ("day", "hour", "words"),
    [
        ("", "10:00", "Choisissez un jour"),
        ("2026-11-11", "10:00", "déjà passé"),
        ("2026-02-31", "10:00", "Choisissez un jour"),
        ("2026-11-13", "25:99", "Écrivez l'heure"),
        ("2126-11-13", "10:00", "trop lointaine"),
    ],
)
def test_a_call_back_that_cannot_be_is_refused_beside_its_field(
    belrive: Any, bruno: Any, day: str, hour: str, words: str
) -> None:
    odette = factories.person(belrive)
    call = ring(belrive)
    answer = desk_client(bruno).post(
        f"/telephone/{call.pk}/", typed(odette, next="call_back", back_on=day, back_at=hour)
    )
    page = text_of(answer)
    assert answer.status_code == 422 and words in page and "Parle de son jardin." in page
    assert not PlannedCall.objects.exists()


def test_a_need_is_noted_with_its_owner_window_and_consent(belrive: Any, bruno: Any, alba: Any) -> None:
    odette = factories.person(belrive, agrees=False)
    call = ring(belrive)
    answer = desk_client(bruno).post(
        f"/telephone/{call.pk}/",
        typed(
            odette, next="need", kind="shopping", when="2026-11-14-am", owner=alba.membership_id, details="Lait, pain, soupe.",
            neighbour_consent="on", minutes="30", constraints=["stairs", "heavy"], gender_wanted="woman", wish="Michel",
        ),
    )  # fmt: skip
    assert answer.status_code == 302
    need = Need.objects.get()
    assert (need.person_id, need.kind.code, need.owner_id, need.minutes) == (
        odette.pk,
        "shopping",
        alba.membership_id,
        30,
    )
    assert (need.starts_at, need.ends_at) == (
        factories.local(2026, 11, 14, 9),
        factories.local(2026, 11, 14, 12),
    )
    assert sorted(need.conditions) == ["heavy", "stairs"] and need.gender_wanted == "woman"
    assert Consent.objects.get(purpose="neighbour_help").is_given
    call.refresh_from_db()
    assert call.need_id == need.pk


def test_the_tick_follows_the_ledger_and_writes_nothing_when_nothing_changed(
    belrive: Any, bruno: Any
) -> None:
    odette = factories.person(belrive)
    before = Consent.objects.count()
    call = ring(belrive)
    client = desk_client(bruno)
    assert 'name="neighbour_consent" id="id_neighbour_consent" checked' in text_of(
        client.get(f"/telephone/{call.pk}/")
    )
    client.post(
        f"/telephone/{call.pk}/",
        typed(odette, next="need", kind="shopping", when="tomorrow", neighbour_consent="on"),
    )
    assert Consent.objects.count() == before


def test_save_and_propose_a_neighbour_goes_to_the_matching_board(belrive: Any, bruno: Any) -> None:
    odette = factories.person(belrive)
    client = desk_client(bruno)
    need = {"next": "need", "kind": "shopping", "when": "week"}
    answer = client.post(f"/telephone/{ring(belrive).pk}/", typed(odette, **need, then="match"))
    assert answer["Location"] == f"/besoins/{Need.objects.get().pk}/proposer/"
    refused = client.post(f"/telephone/{ring(belrive, key='two').pk}/", typed(odette, then="match"))
    assert refused.status_code == 422 and "Pour proposer un voisin" in text_of(refused)


def test_a_need_without_a_file_says_what_to_do(belrive: Any, bruno: Any) -> None:
    call = ring(belrive, "anonymous")
    answer = desk_client(bruno).post(
        f"/telephone/{call.pk}/", typed(next="need", kind="shopping", when="tomorrow")
    )
    assert answer.status_code == 422 and "Choisissez la personne pour qui noter ce besoin." in text_of(answer)


def test_gdp_05_a_health_word_is_refused_until_somebody_says_why(belrive: Any, bruno: Any) -> None:
    odette = factories.person(belrive)
    call = ring(belrive)
    client = desk_client(bruno)
    need = {"next": "need", "kind": "shopping", "when": "tomorrow", "details": "Elle a un cancer."}
    answer = client.post(f"/telephone/{call.pk}/", typed(odette, **need))
    page = text_of(answer)
    assert answer.status_code == 422 and "Pourquoi garder ce mot ?" in page and "Elle a un cancer." in page
    assert (
        client.post(
            f"/telephone/{call.pk}/", typed(odette, **need, words_reason="Elle le demande.")
        ).status_code
        == 302
    )
    assert Need.objects.get().words_reason == "Elle le demande."


def test_a_concern_is_opened_with_its_facts_and_owner(belrive: Any, bruno: Any, alba: Any) -> None:
    odette = factories.person(belrive)
    call = ring(belrive)
    answer = desk_client(bruno).post(
        f"/telephone/{call.pk}/",
        typed(
            odette,
            next="concern",
            facts="N’a pas mangé hier.",
            urgency="two_days",
            concern_owner=alba.membership_id,
        ),
    )
    assert answer.status_code == 302
    concern = Concern.objects.get()
    assert (concern.person_id, concern.urgency, concern.owner_id) == (
        odette.pk,
        "two_days",
        alba.membership_id,
    )


def test_a_concern_without_facts_is_refused_with_everything_kept(belrive: Any, bruno: Any) -> None:
    odette = factories.person(belrive)
    answer = desk_client(bruno).post(
        f"/telephone/{ring(belrive).pk}/", typed(odette, next="concern", facts="  ")
    )
    assert (
        answer.status_code == 422
        and "Écrivez ce qui a été vu" in text_of(answer)
        and "Parle de son jardin." in text_of(answer)
    )


def test_worrying_with_facts_reports_beside_a_need(belrive: Any, bruno: Any) -> None:
    odette = factories.person(belrive)
    need = {"next": "need", "kind": "shopping", "when": "tomorrow"}
    desk_client(bruno).post(
        f"/telephone/{ring(belrive).pk}/", typed(odette, mood="worrying", facts="Confuse ce matin.", **need)
    )
    assert Need.objects.count() == 1 and Concern.objects.get().facts == "Confuse ce matin."


def test_worrying_with_facts_and_nothing_else_is_a_report(belrive: Any, bruno: Any) -> None:
    odette = factories.person(belrive)
    call = ring(belrive)
    desk_client(bruno).post(
        f"/telephone/{call.pk}/", typed(odette, mood="worrying", facts="Confuse ce matin.")
    )
    call.refresh_from_db()
    assert call.next == "concern" and call.concern_id == Concern.objects.get().pk


# --- what is typed -----------------------------------------------------------------------------------------------


def test_ten_thousand_signs_and_emoji_are_kept(belrive: Any, bruno: Any) -> None:
    odette = factories.person(belrive)
    words = "É😀" * 5000
    call = ring(belrive)
    assert desk_client(bruno).post(f"/telephone/{call.pk}/", typed(odette, words=words)).status_code == 302
    call.refresh_from_db()
    assert call.words == words


def test_more_than_ten_thousand_is_refused_and_given_back(belrive: Any, bruno: Any) -> None:
    odette = factories.person(belrive)
    answer = desk_client(bruno).post(f"/telephone/{ring(belrive).pk}/", typed(odette, words="a" * 10_001))
    assert answer.status_code == 422 and "a" * 10_001 in text_of(answer)


def test_what_comes_next_must_be_said(belrive: Any, bruno: Any) -> None:
    odette = factories.person(belrive)
    answer = desk_client(bruno).post(f"/telephone/{ring(belrive).pk}/", typed(odette, next=""))
    page = text_of(answer)
    assert (
        answer.status_code == 422
        and "« Rien » est une bonne réponse." in page
        and "Il y a 1 point à revoir." in page
    )
    assert "Parle de son jardin." in page


def test_a_double_post_notes_the_call_once(belrive: Any, bruno: Any) -> None:
    odette = factories.person(belrive)
    call = ring(belrive)
    client = desk_client(bruno)
    need = typed(odette, next="need", kind="shopping", when="tomorrow")
    first, second = client.post(f"/telephone/{call.pk}/", need), client.post(f"/telephone/{call.pk}/", need)
    assert (first.status_code, second.status_code) == (302, 302)
    call.refresh_from_db()
    assert Need.objects.count() == 1 and call.words == "Parle de son jardin."


def test_the_form_costs_the_same_with_twenty_rows_as_with_two(belrive: Any, bruno: Any) -> None:
    client = desk_client(bruno)

    def spent(more: int) -> int:
        odette = factories.person(belrive, "Odette", f"Marchand{more}", phone=f"+332619147{more:02}")
        for number in range(more):
            Contact.objects.create(
                territory=belrive, person=odette, name=f"Nièce {number}", relation="relative", has_key=True
            )
            calls.plan_call(
                person_id=odette.pk,
                why="promised",
                due_at=clock.now() + timedelta(days=1, minutes=number),
                actor=bruno,
            )
        call = ring(belrive, f"02 61 91 47 {more:02}", f"c{more}")
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/telephone/{call.pk}/").status_code == 200
        return len(queries)

    assert spent(2) == spent(20)


# --- two desks, drafts, undo -------------------------------------------------------------------------------------


def test_a_draft_survives_a_reload_and_belongs_to_its_desk(belrive: Any, bruno: Any, alba: Any) -> None:
    odette = factories.person(belrive)
    call = ring(belrive, answered_by=bruno)
    mine, theirs = desk_client(bruno), desk_client(alba)
    kept = mine.post(
        f"/telephone/{call.pk}/brouillon/", typed(odette, words="De Bruno.", next="need", details="Du lait."),
        headers={"X-Requested-With": "palier"},
    )  # fmt: skip
    assert kept.status_code == 204
    theirs.post(f"/telephone/{call.pk}/brouillon/", typed(odette, words="D’Alba.", next="nothing"))
    page = text_of(mine.get(f"/telephone/{call.pk}/"))
    assert "De Bruno." in page and "D'Alba." not in page and "Du lait." in page
    assert "Alba Moreau est en ligne avec elle." in page
    assert "De Bruno." not in text_of(theirs.get(f"/telephone/{call.pk}/"))
    assert CallDraft.objects.count() == 2


def test_signed_out_the_draft_is_told_so_and_the_form_gives_the_text_back(
    belrive: Any, bruno: Any, client: Any
) -> None:
    call = ring(belrive)
    draft = client.post(f"/telephone/{call.pk}/brouillon/", typed(), headers={"X-Requested-With": "palier"})
    assert (draft.status_code, draft.json()) == (401, {"signed_out": True})
    page = client.post(f"/telephone/{call.pk}/", typed(words="Un texte qui ne doit pas se perdre."))
    assert page.status_code == 401 and "Un texte qui ne doit pas se perdre." in text_of(page)


def test_the_second_desk_learns_who_was_first_and_its_words_join(belrive: Any, bruno: Any, alba: Any) -> None:
    odette = factories.person(belrive)
    call = ring(belrive, answered_by=bruno)
    desk_client(bruno).post(f"/telephone/{call.pk}/", typed(odette, words="De Bruno."))
    client = desk_client(alba)
    part = client.get(f"/telephone/{call.pk}/", headers={"HX-Request": "true", "HX-Target": "autour"})
    assert "Bruno Petit a déjà noté cet appel." in text_of(part)
    answer = client.post(f"/telephone/{call.pk}/", typed(odette, words="D’Alba.", next=""))
    assert answer["Location"] == f"/telephone/{call.pk}/"
    page = text_of(client.get(f"/telephone/{call.pk}/"))
    assert "De Bruno." in page and "D'Alba." in page and "Bruno Petit a déjà noté cet appel" in page


def test_words_may_be_added_afterwards(belrive: Any, bruno: Any) -> None:
    odette = factories.person(belrive)
    call = ring(belrive)
    client = desk_client(bruno)
    client.post(f"/telephone/{call.pk}/", typed(odette))
    client.post(f"/telephone/{call.pk}/", {"words": "Elle a rappelé pour dire merci."})
    call.refresh_from_db()
    assert "Elle a rappelé pour dire merci." in call.words and call.words.startswith("Parle de son jardin.")


def test_undo_gives_the_form_back_as_it_was(belrive: Any, bruno: Any) -> None:
    odette = factories.person(belrive)
    call = ring(belrive, answered_by=bruno)
    client = desk_client(bruno)
    client.post(
        f"/telephone/{call.pk}/",
        typed(odette, next="need", kind="paperwork", when="2026-11-16-pm", details="La CAF."),
    )
    answer = client.post(f"/telephone/{call.pk}/annuler/")
    assert answer["Location"] == f"/telephone/{call.pk}/"
    call.refresh_from_db()
    assert call.closed_at is None and Need.objects.get().closed_at is not None
    page = text_of(client.get(f"/telephone/{call.pk}/"))
    assert "Parle de son jardin." in page and 'value="La CAF."' in page
    assert '<option value="2026-11-16-pm" selected>' in page and '<option value="paperwork" selected>' in page


def test_undo_is_refused_to_a_colleague_and_after_five_minutes(belrive: Any, bruno: Any) -> None:
    call = ring(belrive, "anonymous", answered_by=bruno)
    client = desk_client(bruno)
    client.post(f"/telephone/{call.pk}/", typed())
    colleague = desk_client(factories.member(belrive, "Julien", "Roux"))
    assert colleague.post(f"/telephone/{call.pk}/annuler/").status_code == 403
    with clock.at(clock.now() + timedelta(minutes=6)):
        client.post(f"/telephone/{call.pk}/annuler/")
    call.refresh_from_db()
    assert call.state == "logged"


def test_a_call_is_set_aside_with_a_reason(belrive: Any, bruno: Any) -> None:
    call = ring(belrive, "anonymous", answered_by=bruno)
    client = desk_client(bruno)
    refused = client.post(f"/telephone/{call.pk}/sans-suite/", {})
    assert refused.status_code == 422 and "Choisissez pourquoi" in text_of(refused)
    assert client.post(f"/telephone/{call.pk}/sans-suite/", {"note": "wrong_number"}).status_code == 302
    call.refresh_from_db()
    assert (call.state, call.closing_note) == ("set_aside", "Erreur de numéro")
    late = client.post(f"/telephone/{call.pk}/", typed(words="Trop tard, mais à garder."))
    assert late.status_code == 409 and "Trop tard, mais à garder." in text_of(late)


# --- danger, planned calls ---------------------------------------------------------------------------------------


def test_danger_is_stamped_once_and_never_hides_the_form(belrive: Any, bruno: Any) -> None:
    odette = factories.person(belrive, access="2e étage à gauche")
    Contact.objects.create(
        territory=belrive, person=odette, name="Henri Lefort", relation="neighbour", has_key=True
    )
    call = ring(belrive, answered_by=bruno)
    client = desk_client(bruno)
    answer = client.post(f"/telephone/{call.pk}/danger/", typed(odette, words="Elle est tombée."))
    assert answer["Location"] == f"/telephone/{call.pk}/#danger"
    page = text_of(client.get(f"/telephone/{call.pk}/"))
    for words in (
        "Danger immédiat",
        "12 rue des Tilleuls",
        "2e étage à gauche",
        "Clé chez Henri Lefort",
        "Elle est tombée.",
    ):
        assert words in page
    assert "data-palier-draft-url" in page and Concern.objects.get().urgency == "now"
    client.post(f"/telephone/{call.pk}/danger/", {})
    assert Concern.objects.count() == 1


def test_the_service_that_was_called_is_stamped_in_one_key(belrive: Any, bruno: Any) -> None:
    factories.person(belrive)
    call = ring(belrive, answered_by=bruno)
    client = desk_client(bruno)
    part = client.post(
        f"/telephone/{call.pk}/danger/",
        typed(service="15"),
        headers={"HX-Request": "true", "HX-Target": "danger"},
    )
    assert (
        part.status_code == 200
        and "Le 15 a été appelé à 10 h 20." in text_of(part)
        and "<html" not in text_of(part)
    )
    client.post(f"/telephone/{call.pk}/danger/", {"service": "18"})
    call.refresh_from_db()
    assert (call.danger_service, Concern.objects.count()) == ("15", 1)
    assert client.post(f"/telephone/{call.pk}/danger/", {"service": "3615"}).status_code == 422


def test_an_owed_call_is_kept_by_the_call_that_was_made(belrive: Any, bruno: Any) -> None:
    odette = factories.person(belrive)
    owed = calls.plan_call(
        person_id=odette.pk, why="promised", due_at=clock.now() + timedelta(minutes=5), actor=bruno
    )
    client = desk_client(bruno)
    where = client.post("/telephone/nouveau/", {"planned": owed.pk})["Location"]
    page = text_of(client.get(where))
    assert "Sans réponse" in page and f'name="keeps" value="{owed.pk}" form="appel" checked' in page
    call = Call.objects.get()
    client.post(
        f"/telephone/{call.pk}/", typed(found=f"p{odette.pk}", who="self", keeps=[owed.pk], planned=owed.pk)
    )
    owed.refresh_from_db()
    assert (owed.outcome, owed.done_in_id) == ("reached", call.pk)


def test_after_a_visit_she_is_asked_how_it_went(belrive: Any, bruno: Any) -> None:
    odette = factories.person(belrive)
    owed = calls.plan_call(
        person_id=odette.pk, why="feedback", due_at=clock.now() + timedelta(minutes=5), actor=bruno
    )
    client = desk_client(bruno)
    page = text_of(client.get(client.post("/telephone/nouveau/", {"planned": owed.pk})["Location"]))
    assert "La visite ?" in page and "Personne n'est venu" in page
    call = Call.objects.get()
    form = typed(found=f"p{odette.pk}", who="self", keeps=[owed.pk], planned=owed.pk)
    refused = client.post(f"/telephone/{call.pk}/", form)
    assert refused.status_code == 422 and "Dites comment la visite s'est passée." in text_of(refused)
    assert client.post(f"/telephone/{call.pk}/", form | {"feedback": "well"}).status_code == 302
    owed.refresh_from_db()
    assert (owed.outcome, owed.feedback) == ("reached", "well")


def test_without_answer_the_owed_call_moves_to_later(belrive: Any, bruno: Any) -> None:
    odette = factories.person(belrive)
    owed = calls.plan_call(
        person_id=odette.pk, why="promised", due_at=clock.now() + timedelta(minutes=5), actor=bruno
    )
    client = desk_client(bruno)
    client.post("/telephone/nouveau/", {"planned": owed.pk})
    call = Call.objects.get()
    assert client.post(f"/telephone/{call.pk}/sans-reponse/", {"planned": owed.pk}).status_code == 302
    owed.refresh_from_db()
    call.refresh_from_db()
    assert owed.attempts == 1 and owed.closed_at is None and call.state == "set_aside"
    assert "Vous avez fait votre part" in text_of(client.get("/telephone/"))


# --- windows -----------------------------------------------------------------------------------------------------


def test_every_answer_to_when_means_a_window_to_come(belrive: Any) -> None:
    from palier.web.phone import windows

    for answer, _label in windows.choices(belrive):
        if answer != "other":
            meant = windows.window(answer, belrive)
            assert clock.now() < meant.starts_at < meant.ends_at, answer
    meant = windows.window("other", belrive, on=date(2027, 3, 28), start=time(1, 30), end=time(3, 30))
    assert meant.ends_at - meant.starts_at == timedelta(hours=1)


def test_an_owed_call_shows_the_number_to_ring(belrive: Any, bruno: Any) -> None:
    odette = factories.person(belrive)
    owed = calls.plan_call(
        person_id=odette.pk, why="promised", due_at=clock.now() + timedelta(minutes=5), actor=bruno
    )
    unknown = calls.plan_call(
        number="+33199001122", why="promised", due_at=clock.now() + timedelta(minutes=5), actor=bruno
    )
    client = desk_client(bruno)
    for planned, number in ((owed, "+33261914720"), (unknown, "+33199001122")):
        where = client.post("/telephone/nouveau/", {"planned": planned.pk})["Location"]
        assert f'href="tel:{number}"' in text_of(client.get(where))


def test_an_owed_call_to_a_number_without_file_is_kept(belrive: Any, bruno: Any) -> None:
    owed = calls.plan_call(
        number="+33199001122", why="promised", due_at=clock.now() + timedelta(minutes=5), actor=bruno
    )
    client = desk_client(bruno)
    client.post("/telephone/nouveau/", {"planned": owed.pk})
    call = Call.objects.get()
    assert client.post(f"/telephone/{call.pk}/", typed(keeps=[owed.pk], planned=owed.pk)).status_code == 302
    owed.refresh_from_db()
    assert (owed.outcome, owed.done_in_id) == ("reached", call.pk)


def test_danger_puts_the_panel_at_the_head_of_the_side_column(belrive: Any, bruno: Any) -> None:
    odette = factories.person(belrive)
    call = ring(belrive, answered_by=bruno)
    part = text_of(
        desk_client(bruno).post(
            f"/telephone/{call.pk}/danger/",
            typed(odette),
            headers={"HX-Request": "true", "HX-Target": "fiche"},
        )
    )
    assert part.index('id="danger"') < part.index('id="h-savoir"') and "data-palier-focus" in part
    assert "hx-swap-oob" not in part


@pytest.mark.parametrize("place", ["fiche", "trouve", "autour"])
def test_each_swapped_part_equals_the_freshly_loaded_one(
    belrive: Any, bruno: Any, alba: Any, place: str
) -> None:
    odette = factories.person(belrive, phone=None)
    call = ring(belrive, "anonymous", answered_by=alba)
    client = desk_client(bruno)
    client.post(f"/telephone/{call.pk}/brouillon/", typed(found=f"p{odette.pk}", q="march", who="self"))
    page = " ".join(client.get(f"/telephone/{call.pk}/").content.decode().split())
    part = client.get(
        f"/telephone/{call.pk}/", headers={"HX-Request": "true", "HX-Target": place}
    ).content.decode()
    fresh = " ".join(part.split('<div class="q" id="q-who"')[0].split())
    assert f'id="{place}"' in fresh and fresh in page


def test_the_form_of_a_known_caller_costs_a_fixed_number_of_statements(belrive: Any, bruno: Any) -> None:
    factories.person(belrive)
    call = ring(belrive, answered_by=bruno)
    client = desk_client(bruno)
    with CaptureQueriesContext(connection) as queries:
        client.get(f"/telephone/{call.pk}/")
    assert len(queries) <= 30, [query["sql"][:120] for query in queries]
