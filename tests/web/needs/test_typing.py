"""Noting and changing a need: windows as said aloud, words a neighbour should not read, what was typed stays."""

from datetime import date, time
from typing import Any

import pytest
from django.urls import reverse

from palier.kernel import clock
from palier.matching.operations import send_wave
from palier.needs.models import Need
from palier.people.models import Consent, Person
from palier.territories.models import HelpKind
from palier.web.needs.forms import WhenForm, when_said
from tests import factories
from tests.web.client import desk_client

TYPED = {
    "kind": "shopping",
    "part": "morning",
    "on": "2026-11-14",
    "what": "un petit panier",
    "minutes": "45",
}


def send(client: Any, person: Person, **typed: Any) -> Any:
    return client.post(reverse("need_new"), TYPED | {"person": person.pk} | typed)


def test_a_need_is_noted_from_the_desk_and_leads_to_the_neighbours(
    belrive: Any, desk: Any, alba: Any
) -> None:
    odette = factories.person(belrive)
    response = send(
        desk, odette, constraints=["stairs", "heavy"], wish="Quelqu’un qu’elle connaît", language="pt"
    )
    need = Need.objects.get()
    assert response.status_code == 302 and response["Location"] == reverse("need_match", args=[need.pk])
    assert (need.starts_at, need.ends_at) == (
        factories.local(2026, 11, 14, 9),
        factories.local(2026, 11, 14, 12),
    )
    assert (need.owner_id, need.source, need.language) == (alba.membership_id, "desk", "pt")
    assert sorted(need.conditions) == ["heavy", "stairs"]


def test_for_whom_is_asked_first(belrive: Any, desk: Any) -> None:
    odette = factories.person(belrive)
    said = desk.get(reverse("need_new"), {"q": "march"}).content.decode()
    assert f"?person={odette.pk}" in said
    assert "Personne ne correspond" in desk.get(reverse("need_new"), {"q": "zzz"}).content.decode()


def test_the_same_click_twice_notes_one_need(belrive: Any, desk: Any) -> None:
    odette = factories.person(belrive)
    send(desk, odette)
    send(desk, odette)
    assert Need.objects.count() == 1


def test_GDP_06_her_consent_is_written_when_it_was_asked(belrive: Any, desk: Any) -> None:
    odette = factories.person(belrive, agrees=False)
    send(desk, odette, consent="later")
    assert not Consent.objects.exists()
    send(desk, odette, consent="yes", what="autre chose")
    assert Consent.objects.get().is_given


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"on": "2026-11-01"}, "déjà passé"),
        ({"on": "2026-02-30"}, "n’existe pas"),
        ({"on": ""}, "Choisissez un jour"),
        ({"on": "2036-01-01"}, "trop lointaine"),
        ({"kind": "parachute"}, "Choisissez dans la liste"),
        ({"kind": ""}, "Choisissez ce dont il s’agit"),
        ({"part": "hours"}, "l’heure du début"),
        ({"part": "hours", "from_at": "11:00", "until_at": "10:00"}, "La fin vient après le début"),
        ({"part": "hours", "from_at": "midi"}, "Écrivez l’heure ainsi"),
        ({"minutes": "3"}, "au moins 5 minutes"),
        ({"minutes": "beaucoup"}, "un nombre de minutes"),
        ({"what": "x" * 121}, "120 signes au plus"),
        ({"details": "é" * 10_000}, "1 000 signes au plus"),
    ],
)
def test_what_cannot_be_taken_says_how_to_mend_it_and_keeps_the_rest(
    belrive: Any, desk: Any, typed: Any, sentence: str
) -> None:
    response = send(desk, factories.person(belrive), **{"wish": "Parler un peu", **typed})
    said = response.content.decode().replace("\u00a0", " ")
    assert response.status_code == 422 and sentence in said and "Parler un peu" in said
    assert not Need.objects.exists()


def test_emoji_and_control_signs_are_taken_plainly(belrive: Any, desk: Any) -> None:
    assert send(desk, factories.person(belrive), details="Du lait 🥛\r\n\x07et du pain").status_code in (
        302,
        422,
    )
    assert all("\x07" not in need.details for need in Need.objects.all())


def test_GDP_05_watched_words_ask_for_a_reason_or_to_go(belrive: Any, desk: Any) -> None:
    odette = factories.person(belrive)
    response = send(desk, odette, details="Elle a Alzheimer, parler doucement")
    said = response.content.decode()
    assert response.status_code == 422 and "Alzheimer" in said and "Garder ces mots" in said
    assert not Need.objects.exists()
    kept = send(
        desk, odette, details="Elle a Alzheimer, parler doucement", words_reason="Sa fille le demande"
    )
    assert kept.status_code == 302 and Need.objects.get().words_reason == "Sa fille le demande"


def test_a_need_is_changed_and_its_form_shows_what_it_was(need: Any, desk: Any) -> None:
    address = reverse("need_change", args=[need.pk])
    said = desk.get(address).content.decode()
    assert 'value="un petit panier"' in said and 'value="2026-11-14"' in said
    changed = {key: value for key, value in TYPED.items() if key != "kind"} | {
        "part": "afternoon",
        "what": "deux sacs",
    }
    assert desk.post(address, changed).status_code == 302
    need.refresh_from_db()
    assert (need.what, need.starts_at) == ("deux sacs", factories.local(2026, 11, 14, 14))


def test_a_moment_that_was_announced_stays(need: Any, neighbours: Any, desk: Any, alba: Any) -> None:
    send_wave(need.pk, [neighbours[0].pk], actor=alba)
    address = reverse("need_change", args=[need.pk])
    assert "Ce moment a déjà été annoncé" in desk.get(address).content.decode()
    desk.post(address, {"what": "un grand panier", "part": "afternoon", "on": "2026-11-20"})
    need.refresh_from_db()
    assert need.what == "un grand panier" and need.starts_at == factories.local(2026, 11, 14, 9)


def test_a_closed_need_is_not_changed(need: Any, desk: Any) -> None:
    desk.post(reverse("need_close", args=[need.pk]), {"fin-outcome": "unmet"})
    assert desk.get(reverse("need_change", args=[need.pk])).status_code == 409


def test_a_person_of_another_territory_gets_404(belrive: Any, outsider: Any) -> None:
    odette = factories.person(belrive)
    assert outsider.get(reverse("need_new"), {"person": odette.pk}).status_code == 404
    assert send(outsider, odette).status_code == 404
    assert not Need.objects.exists()


def test_a_kind_taken_off_the_list_is_not_offered(belrive: Any, desk: Any) -> None:
    HelpKind.objects.filter(code="repairs").update(is_active=False)
    odette = factories.person(belrive)
    assert 'value="repairs"' not in desk.get(reverse("need_new"), {"person": odette.pk}).content.decode()
    assert send(desk, odette, kind="repairs").status_code == 422


def window(**typed: Any) -> tuple[Any, Any]:
    form = WhenForm(typed)
    assert form.is_valid(), form.errors
    return form.cleaned_data["starts_at"], form.cleaned_data["ends_at"]


def test_the_night_clocks_go_forward_an_hour_is_missing(belrive: Any) -> None:
    with clock.at(factories.local(2027, 3, 20)):
        start, end = window(part="hours", on="2027-03-28", from_at="02:30", until_at="04:00")
        assert (end - start).total_seconds() == 30 * 60
        start, end = window(part="day", on="2027-03-28")
        assert (start, end) == (factories.local(2027, 3, 28, 9), factories.local(2027, 3, 28, 18))


def test_the_night_clocks_go_back_an_hour_comes_twice(belrive: Any) -> None:
    with clock.at(factories.local(2027, 10, 20)):
        start, end = window(part="hours", on="2027-10-31", from_at="01:30", until_at="02:30")
        assert (end - start).total_seconds() == 2 * 3600


def test_this_week_begins_today_and_another_on_its_monday(belrive: Any) -> None:
    assert window(part="week", on="2026-11-15") == (
        factories.local(2026, 11, 12, 0),
        factories.local(2026, 11, 16, 0),
    )
    assert window(part="week", on="2026-11-18") == (
        factories.local(2026, 11, 16, 0),
        factories.local(2026, 11, 23, 0),
    )


def test_a_window_is_said_again_as_it_was_typed(belrive: Any) -> None:
    for typed in (
        {"part": "morning"},
        {"part": "day"},
        {"part": "hours", "from_at": "10:15", "until_at": "11:30"},
    ):
        start, end = window(on="2026-11-20", **typed)
        said = when_said(start, end, False)
        assert said["part"] == typed["part"] and said["on"] == date(2026, 11, 20)
    assert (said["from_at"], said["until_at"]) == (time(10, 15), time(11, 30))


def test_a_need_of_this_morning_may_still_be_noted_at_noon(belrive: Any, alba: Any) -> None:
    with clock.at(factories.local(2026, 11, 12, 11)):
        response = send(desk_client(alba), factories.person(belrive), on="2026-11-12")
    assert response.status_code == 302
