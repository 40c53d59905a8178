"""The file of a person as the desk reads and changes it: the strip, the week, her calls, who is around her, what is closed."""

from datetime import date, time, timedelta

import pytest

from palier.calls.models import Call
from palier.calls.operations import plan_call
from palier.journal.models import Access
from palier.kernel import clock
from palier.people import operations as people
from palier.people.living import Away, HomeSecret, Note, Presence
from palier.people.models import Contact, Person
from tests import factories, flow
from tests.web.client import desk_client


@pytest.fixture
def odette(belrive):
    return factories.person(belrive, agrees=False)


@pytest.fixture
def desk(bruno):
    return desk_client(bruno)


def text_of(answer):
    assert answer.status_code in (200, 422), answer.status_code
    body = answer.content.decode()
    return " ".join(body.replace("\u202f", " ").replace("\xa0", " ").split())


def shown(desk, person):
    return text_of(desk.get(f"/personnes/{person.pk}/"))


def test_the_week_says_who_comes_when_and_which_days_nobody_does(odette, bruno, desk, belrive):
    people.note_presence(
        odette.pk, who="CCAS", kind="call", days=[0, 3], at=time(10), is_ours=True, actor=bruno
    )
    people.note_presence(odette.pk, who="Infirmière", kind="visit", days=[0, 2, 4], at=time(8), actor=bruno)
    people.note_presence(
        odette.pk, who="Sylvie, sa fille", kind="call", days=[2], part="evening", actor=bruno
    )
    flow.agreed_visit(factories_agreed(odette), factories.volunteer(belrive), bruno)
    page = shown(desk, odette)
    assert "Mardi et dimanche, personne." in page
    assert page.count('class="gap">seule') == 2
    assert "soir" in page and "10 h" in page and "8 h" in page
    assert 'class="on-vois"' in page, "Saturday's visit of a neighbour"
    assert "Appelée lundi et jeudi" in page and "Lundi et jeudi, vers 10 h" in page
    # The next Tuesday after Thursday 12 November, prefilled.
    assert f"?person={odette.pk}&amp;kind=visit&amp;on=2026-11-17" in page
    form = text_of(desk.get(f"/besoins/nouveau/?person={odette.pk}&kind=visit&on=2026-11-17"))
    assert 'value="2026-11-17"' in form


def factories_agreed(person):
    from palier.people.models import Consent

    Consent.objects.create(
        territory=person.territory, person=person, purpose="neighbour_help", is_given=True, noted_by="Alba"
    )
    return person


def test_a_day_away_is_not_a_day_alone(odette, bruno, desk):
    people.note_presence(odette.pk, who="Sylvie", kind="call", days=[3], actor=bruno)
    people.say_away(odette.pk, reason="hospital", starts_on=date(2026, 11, 13), actor=bruno)
    page = shown(desk, odette)
    assert page.count("<td>absente</td>") == 3
    assert "Lundi, mardi et mercredi, personne." in page
    assert "À l’hôpital" in page


def test_the_week_is_of_local_days_when_the_clocks_change(belrive, odette, bruno):
    """Sunday 28 March 2027 has 23 hours; a visit at half past midnight on Monday is not Sunday's."""
    from palier.web.people.living import _week

    zone = belrive.zone
    monday_night = factories.local(2027, 3, 29, 0, 30).isoformat()
    sunday = factories.local(2027, 3, 28, 23, 30).isoformat()
    week = _week([], [[1, "M", sunday, "planned"], [2, "N", monday_night, "planned"]], [], [], date(2027, 3, 28), zone, is_woman=True)  # fmt: skip
    assert [row.who for row in week.rows] == ["M"]
    assert week.rows[0].cells[6].split() == ["23", "h", "30"]


def test_the_line_of_a_week_is_noted_changed_and_removed(odette, desk):
    answer = desk.post(
        f"/personnes/{odette.pk}/semaine/",
        {"who": "Infirmière", "kind": "visit", "days": ["0", "2"], "at": "08:00"},
    )
    assert answer.status_code == 302
    presence = Presence.objects.get()
    assert presence.days == [0, 2] and presence.at == time(8)
    wrong = desk.post(f"/personnes/{odette.pk}/semaine/", {"who": "Sylvie", "kind": "call"})
    assert (
        wrong.status_code == 422
        and "Cochez au moins un jour." in text_of(wrong)
        and "Sylvie" in text_of(wrong)
    )
    both = desk.post(
        f"/personnes/semaine/{presence.pk}/",
        {"who": "Infirmière", "kind": "visit", "days": ["1"], "at": "08:00", "part": "evening"},
    )
    assert both.status_code == 422 and "pas les deux" in text_of(both)
    desk.post(
        f"/personnes/semaine/{presence.pk}/",
        {"who": "Infirmière", "kind": "visit", "days": ["1"], "part": "evening"},
    )
    assert Presence.objects.get().days == [1]
    desk.post(f"/personnes/semaine/{presence.pk}/retirer/")
    assert not Presence.objects.exists()


def test_an_absence_is_noted_shown_and_ended(odette, bruno, desk):
    wrong = desk.post(
        f"/personnes/{odette.pk}/absence/",
        {"reason": "family", "starts_on": "2026-11-12", "ends_on": "2026-11-10"},
    )
    assert (
        wrong.status_code == 422
        and "avant le départ" in text_of(wrong)
        and 'value="2026-11-10"' in text_of(wrong)
    )
    desk.post(
        f"/personnes/{odette.pk}/absence/",
        {"reason": "hospital", "starts_on": "2026-11-12", "told_by": "Sylvie, sa fille"},
    )
    away = Away.objects.get()
    owed = plan_call(
        person_id=odette.pk, why="promised", due_at=clock.now() + timedelta(hours=1), owner_id=bruno.membership_id, about="Ses courses",
        actor=bruno,
    )  # fmt: skip
    assert owed.closed_at is None
    assert "Ses courses, pas chez elle en ce moment" in text_of(desk.get("/aujourdhui/"))
    page = shown(desk, odette)
    assert "À l’hôpital" in page and "Dit par Sylvie, sa fille." in page and "Redemander" in page
    assert "À l’hôpital" in text_of(desk.get(f"/besoins/nouveau/?person={odette.pk}"))
    desk.post(f"/personnes/absences/{away.pk}/redemander/", {"ask_on": "2026-11-26"})
    assert Away.objects.get().ask_on == date(2026, 11, 26)
    desk.post(f"/personnes/absences/{away.pk}/retour/")
    assert Away.objects.get().closed_at is not None
    assert "À l’hôpital" not in shown(desk, odette).split("journal")[0]


def test_her_last_calls_are_drawn_and_said(odette, bruno, desk, belrive):
    for number, state in enumerate(("logged", "set_aside", "logged")):
        at = clock.now() - timedelta(days=9 - number)
        Call.objects.create(
            territory=belrive, provider="t", call_key=str(number), direction="outbound", state=state, person=odette,
            rang_at=at, closed_at=at, logged_at=at if state == "logged" else None, who="self", next="nothing",
        )  # fmt: skip
    plan_call(
        person_id=odette.pk, why="promised", due_at=clock.now() + timedelta(days=4), owner_id=bruno.membership_id, actor=bruno
    )  # fmt: skip
    page = shown(desk, odette)
    assert "Ses 3 derniers appels" in page
    assert page.count(", répondu</span>") == 2 and page.count(", sans réponse</span>") == 1
    assert "par <strong>Bruno Petit</strong>" in page


# --- around her


def test_who_must_not_be_contacted_is_no_link_anywhere_on_the_desk(odette, alba, bruno, desk):
    son = people.add_contact(odette.pk, name="Le fils", relation="child", phone="06 39 98 12 45", actor=bruno)
    assert 'href="tel:+33639981245"' in shown(desk, odette)
    wrong = desk.post(f"/personnes/proches/{son.pk}/ne-plus-contacter/", {"reason": ""})
    assert wrong.status_code == 422 and "reste confidentiel" in text_of(wrong)
    desk.post(f"/personnes/proches/{son.pk}/ne-plus-contacter/", {"reason": "Il prend son argent."})
    for address in (
        f"/personnes/{odette.pk}/",
        f"/personnes/proches/{son.pk}/",
        f"/personnes/{odette.pk}/modifier/",
        f"/besoins/nouveau/?person={odette.pk}",
    ):
        page = text_of(desk.get(address))
        assert "39981245" not in page.replace(" ", "") and "argent" not in page, address
    assert "Ne pas contacter" in shown(desk, odette)
    refused = desk.post(f"/personnes/proches/{son.pk}/afficher/", {"why": ""})
    assert refused.status_code == 422 and "06 39 98 12 45" not in text_of(refused)
    revealed = text_of(desk.post(f"/personnes/proches/{son.pk}/afficher/", {"why": "Réquisition"}))
    assert "06 39 98 12 45" in revealed and "tel:" not in revealed and "argent" in revealed
    assert Access.objects.filter(operation="reveal", reason="Réquisition").count() == 1
    assert (
        desk.post(f"/personnes/proches/{son.pk}/recontacter/", {"why": "Erreur de personne"}).status_code
        == 403
    )
    desk_client(alba).post(f"/personnes/proches/{son.pk}/recontacter/", {"why": "Erreur de personne"})
    assert Contact.objects.get().phone == "+33639981245"


def test_the_order_to_call_is_changed_with_buttons(odette, bruno, desk):
    for name in ("Sylvie", "Michel"):
        people.add_contact(odette.pk, name=name, relation="child", phone="06 39 98 12 45", actor=bruno)
    michel = Contact.objects.get(name="Michel")
    desk.post(f"/personnes/proches/{michel.pk}/deplacer/", {"up": "1"})
    page = shown(desk, odette)
    strip = page[page.index("Si elle ne répond pas") :]
    assert strip.index("Michel") < strip.index("Sylvie")
    desk.post(
        f"/personnes/proches/{michel.pk}/", {"name": "Michel Lefort", "relation": "neighbour", "phone": "12"}
    )
    assert Contact.objects.get(pk=michel.pk).name == "Michel", "one wrong field, nothing written"
    desk.post(
        f"/personnes/proches/{michel.pk}/", {"name": "Michel Lefort", "relation": "neighbour", "phone": ""}
    )
    michel.refresh_from_db()
    assert (michel.name, michel.relation, michel.phone) == ("Michel Lefort", "neighbour", "")
    desk.post(f"/personnes/proches/{michel.pk}/retirer/")
    shown(desk, odette)
    assert "Michel" not in shown(desk, odette).split("Journal")[0], "said once, then gone"


# --- what is closed


def test_a_door_code_is_shown_one_at_a_time_by_post_with_a_reason(odette, desk):
    desk.post(f"/personnes/{odette.pk}/codes/", {"kind": "door_code", "value": "12B45"})
    desk.post(f"/personnes/{odette.pk}/codes/", {"kind": "key_place", "value": "Sous le pot bleu"})
    secret = HomeSecret.objects.get(kind="door_code")
    for address in (
        f"/personnes/{odette.pk}/",
        f"/personnes/{odette.pk}/codes/",
        f"/personnes/{odette.pk}/codes/?voir={secret.pk}",
    ):
        assert "12B45" not in text_of(desk.get(address))
    assert desk.get(f"/personnes/codes/{secret.pk}/afficher/").status_code == 405
    assert "12B45" not in text_of(desk.post(f"/personnes/codes/{secret.pk}/afficher/", {"why": "x"}))
    page = text_of(desk.post(f"/personnes/codes/{secret.pk}/afficher/", {"why": "Visite de ce matin"}))
    assert "12B45" in page and "pot bleu" not in page
    assert Access.objects.filter(operation="reveal", object_id=secret.pk).count() == 1
    assert "votre nom sera noté" in shown(desk, odette)
    desk.post(f"/personnes/codes/{secret.pk}/effacer/")
    assert not HomeSecret.objects.filter(kind="door_code").exists()


def test_notes_are_shared_or_confidential_and_watched(belrive, odette, desk):
    address = f"/personnes/{odette.pk}/notes/"
    blocked = desk.post(address, {"text": "Elle a un cancer."})
    assert (
        blocked.status_code == 422
        and "cancer" in text_of(blocked)
        and "Pourquoi ces mots" in text_of(blocked)
    )
    desk.post(address, {"text": "Elle a un cancer.", "words_reason": "Dit par elle", "is_confidential": "on"})
    desk.post(address, {"text": "Aime parler de son jardin."})
    assert "cancer" in shown(desk, odette) and "jardin" in shown(desk, odette)
    other = desk_client(factories.member(belrive, "Nadia", "Benali", "agent"))
    page = shown(other, odette)
    assert "cancer" not in page.replace("Note confidentielle écrite", "") and "jardin" in page
    assert "cancer" not in text_of(other.get(address))
    note = Note.objects.get(is_confidential=True)
    assert other.post(f"/personnes/notes/{note.pk}/retirer/").status_code == 404
    desk.post(f"/personnes/notes/{note.pk}/retirer/")
    assert "cancer" not in shown(desk, odette)


def test_the_ledger_lists_each_line_and_the_strip_what_holds(odette, desk):
    for purpose, said in (("photos", "no"), ("outings", "no"), ("neighbour_help", "yes")):
        desk.post(f"/personnes/{odette.pk}/accord/", {"purpose": purpose, "is_given": said, "next": "ledger"})
    desk.post(f"/personnes/{odette.pk}/opposition/", {"to": "letters", "holds": "yes", "channel": "letter"})
    page = shown(desk, odette)
    assert "<strong>Pas d’accord</strong> : les sorties de groupe, être prise en photo" in page
    assert "S’oppose à :" in page and "les courriers" in page
    ledger = text_of(desk.get(f"/personnes/{odette.pk}/accords/"))
    assert ledger.count("Bruno Petit") >= 4 and "par écrit" in ledger and "jamais demandé" in ledger
    desk.post(f"/personnes/{odette.pk}/opposition/", {"to": "letters", "holds": "no"})
    assert "S’oppose à :" not in shown(desk, odette)


def test_who_she_lives_with_and_who_decides_for_her_stand_in_the_strip(belrive, odette, bruno, desk):
    andre = factories.person(belrive, "André", "Marchand")
    page = text_of(desk.get(f"/personnes/{odette.pk}/foyer/?q=marchand"))
    assert "André Marchand" in page
    desk.post(f"/personnes/{odette.pk}/foyer/", {"other": andre.pk})
    assert "Même foyer" in shown(desk, odette)
    people.depart(andre.pk, state="deceased", actor=bruno)
    assert "(décédée)" in shown(desk, odette)
    udaf = people.add_contact(
        odette.pk, name="UDAF", relation="representative", phone="02 61 91 00 50", actor=bruno
    )
    desk.post(
        f"/personnes/{odette.pk}/protection/",
        {"measure": "reinforced_curatorship", "representative": udaf.pk, "through_them": "toute dépense"},
    )
    page = shown(desk, odette)
    assert "Curatelle renforcée" in page and "toute dépense" in page and "UDAF" in page
    desk.post(f"/personnes/{odette.pk}/protection/terminer/")
    desk.post(f"/personnes/{odette.pk}/foyer/quitter/")
    page = shown(desk, odette)
    assert "Curatelle" not in page and "Même foyer" not in page
    # They still share a telephone, which is said.
    assert "est aussi celui de" in page


# --- leaving


def test_a_departure_shows_what_will_stop_then_says_what_stopped_and_is_undone(belrive, odette, bruno, desk):
    visit = flow.agreed_visit(factories_agreed(odette), factories.volunteer(belrive), bruno)
    address = f"/personnes/{odette.pk}/depart/"
    assert desk.post(address, {}).status_code == 422
    told = {"state": "deceased", "on": "2026-11-11"}
    asked = text_of(desk.post(address, told))
    assert "Fermer la fiche de Odette Marchand" in asked and "Michel Lefort" in asked and "1 visite" in asked
    assert Person.objects.get().state == "active" and visit.need.closed_at is None
    done = text_of(desk.post(address, told | {"confirmed": "1", "condolences": "on"}))
    assert "Ce qui s’est arrêté" in done and "Michel Lefort" in done and "Condoléances" in done
    assert Person.objects.get().left_on == date(2026, 11, 11)
    assert "Sa fiche est fermée" in shown(desk, odette)
    desk.post(f"/personnes/{odette.pk}/condoleances/")
    back = text_of(desk.post(f"/personnes/{odette.pk}/depart/annuler/"))
    assert "Ce qui reste arrêté" in back and "Michel Lefort" in back
    assert Person.objects.get().state == "active"
    late = desk.post(address, {"state": "moved", "on": "2031-01-01"})
    assert late.status_code == 422 and "pas encore venu" in text_of(late)


# --- who sees it, and who opened it


def test_a_file_is_kept_apart_and_opened_again_from_its_own_page(belrive, odette, bruno):
    head = factories.actor(factories.member(belrive, "Hélène", "Responsable", "head"))
    his = desk_client(head)
    assert "il faut avoir accès à un volet" in text_of(his.get(f"/personnes/{odette.pk}/a-part/"))
    strand = people.open_compartment(name="Volet confidentiel", actor=head)
    his.post(f"/personnes/volets/{strand.pk}/acces/", {"membership": head.membership_id})
    his.post(f"/personnes/{odette.pk}/a-part/", {"compartment": strand.pk})
    assert desk_client(bruno).get(f"/personnes/{odette.pk}/").status_code == 404
    his.post(f"/personnes/{odette.pk}/a-part/", {"open": "1"})
    assert desk_client(bruno).get(f"/personnes/{odette.pk}/").status_code == 200


def test_GDP_10_who_has_no_business_with_her_now_is_asked_why_with_one_click(odette, bruno, desk):
    assert "Pourquoi ouvrez-vous cette fiche ?" in shown(desk, odette)
    desk.post(f"/personnes/{odette.pk}/motif/", {"why": "call"})
    assert Access.objects.filter(reason="Je prépare un appel", user_id=bruno.user_id).count() == 1
    assert "Pourquoi ouvrez-vous" not in shown(desk, odette)
    with clock.at(clock.now() + timedelta(hours=13)):
        later = desk_client(bruno)
        assert "Pourquoi ouvrez-vous" in shown(later, odette)
        plan_call(
            person_id=odette.pk, why="promised", due_at=clock.now() + timedelta(hours=1), owner_id=bruno.membership_id, actor=bruno
        )  # fmt: skip
        assert "Pourquoi ouvrez-vous" not in shown(later, odette), "something is owed to her by this agent"


def test_the_head_is_led_to_who_opened_the_file(belrive, odette, desk):
    assert "Qui a ouvert cette fiche" not in shown(desk, odette)
    head = desk_client(factories.member(belrive, "Hélène", "Responsable", "head"))
    assert "Qui a ouvert cette fiche" in shown(head, odette)


def test_words_that_do_not_belong_in_a_file_are_asked_about_in_its_form(odette, desk):
    values = {
        "title": "madame",
        "first_name": "Odette",
        "last_name": "Marchand",
        "home_note": "Digicode 12B45",
    }
    page = desk.post(f"/personnes/{odette.pk}/modifier/", values)
    assert page.status_code == 422 and "Pourquoi ces mots" in text_of(page) and "12B45" in text_of(page)
    values["home_note"], values["language"], values["needs_interpreter"] = "Une canne", "pt", "on"
    desk.post(f"/personnes/{odette.pk}/modifier/", values)
    assert "Parle portugais" in shown(desk, odette) and "interprète nécessaire" in shown(desk, odette)
