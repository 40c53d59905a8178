"""Who works here: roles, deputies, absences, on call, leaving; and the territory's settings."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from palier.accounts.actor import Actor
from palier.accounts.models import Absence, Membership, OnCall
from palier.duties.models import Duty
from palier.kernel import clock
from palier.territories.models import Territory
from tests import factories, flow
from tests.web.client import desk_client


@pytest.fixture
def head_member(belrive: Territory) -> Membership:
    return factories.member(belrive, "Hélène", "Chef", "head")


@pytest.fixture
def head(head_member: Membership) -> Client:
    return desk_client(head_member)


def page(answer: Any) -> str:
    text: str = answer.content.decode()
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


def local_text(days: int, hour: int = 9) -> str:
    moment = (clock.now() + timedelta(days=days)).astimezone(clock.PARIS)
    return f"{moment:%Y-%m-%d}T{hour:02d}:00"


def test_the_team_is_listed_with_who_is_away(head: Client, bruno: Actor, belrive: Territory) -> None:
    Absence.objects.create(
        territory=belrive, membership_id=bruno.membership_id, starts_at=clock.now(),
        ends_at=clock.now() + timedelta(days=3),
    )  # fmt: skip
    text = page(head.get(reverse("team")))
    assert "Bruno Petit" in text and "Absent jusqu’au" in text and "Personne d’astreinte" in text


def test_an_agent_does_not_administer(bruno: Actor, head_member: Membership) -> None:
    client = desk_client(bruno)
    for name, args in (
        ("team", ()),
        ("member", (head_member.pk,)),
        ("territory_settings", ()),
        ("member_new", ()),
    ):
        assert client.get(reverse(name, args=args)).status_code == 403
    assert client.post(reverse("member_end", args=[head_member.pk])).status_code == 403
    assert Membership.objects.get(pk=head_member.pk).ends_at is None


def test_a_member_of_another_territory_is_not_found(head: Client, carla: Actor) -> None:
    for name in ("member", "member_end", "absence_add"):
        assert head.post(reverse(name, args=[carla.membership_id])).status_code == 404, name


def test_an_access_is_given(head: Client, belrive: Territory) -> None:
    answer = head.post(
        reverse("member_new"),
        {
            "first_name": "Zoé", "last_name": "Roux", "email": "Zoe.Roux@belrive.example", "role": "agent",
            "organisation_id": factories.lead(belrive).pk, "title": "Agente",
        },
    )  # fmt: skip
    made = Membership.objects.select_related("user").get(user__email="zoe.roux@belrive.example")
    assert answer.status_code == 302 and made.role == "agent" and not made.user.has_usable_password()


def test_somebody_already_here_is_not_given_a_second_access(
    head: Client, bruno: Actor, belrive: Territory
) -> None:
    email = Membership.objects.get(pk=bruno.membership_id).user.email
    answer = head.post(
        reverse("member_new"),
        {
            "first_name": "Bruno", "last_name": "Petit", "email": email, "role": "agent",
            "organisation_id": factories.lead(belrive).pk,
        },
    )  # fmt: skip
    assert answer.status_code == 422 and "travaille déjà ici" in page(answer)


def test_a_deputy_is_named(head: Client, bruno: Actor, alba: Actor) -> None:
    answer = head.post(
        reverse("member", args=[bruno.membership_id]),
        {"role": "agent", "deputy_id": alba.membership_id, "title": "", "extension": "12", "team_id": ""},
    )
    assert answer.status_code == 302
    row = Membership.objects.get(pk=bruno.membership_id)
    assert (row.deputy_id, row.extension) == (alba.membership_id, "12")


def test_a_foreign_deputy_is_refused(head: Client, bruno: Actor, carla: Actor) -> None:
    answer = head.post(
        reverse("member", args=[bruno.membership_id]), {"role": "agent", "deputy_id": carla.membership_id}
    )
    assert answer.status_code == 422
    assert Membership.objects.get(pk=bruno.membership_id).deputy_id is None


def test_what_somebody_owned_goes_to_the_deputy_when_they_leave(
    head: Client, bruno: Actor, alba: Actor, belrive: Territory
) -> None:
    Membership.objects.filter(pk=bruno.membership_id).update(deputy_id=alba.membership_id)
    need = flow.need_for(factories.person(belrive), alba, owner_id=bruno.membership_id)
    his = desk_client(bruno)
    answer = head.post(reverse("member_end", args=[bruno.membership_id]), follow=True)
    assert "Actions reprises : 1" in page(answer)
    assert Duty.objects.open().of("needs.need", need.pk).get().owner_id == alba.membership_id
    assert his.get(reverse("today")).status_code == 302, "and they are out"


def test_without_a_deputy_it_goes_back_to_the_team(
    head: Client, bruno: Actor, alba: Actor, belrive: Territory
) -> None:
    need = flow.need_for(factories.person(belrive), alba, owner_id=bruno.membership_id)
    head.post(reverse("member_end", args=[bruno.membership_id]))
    duty = Duty.objects.open().of("needs.need", need.pk).get()
    assert duty.owner_id is None and duty.team is not None and duty.climbs_at is not None


def test_nobody_ends_their_own_access(head: Client, head_member: Membership) -> None:
    answer = head.post(reverse("member_end", args=[head_member.pk]), follow=True)
    assert "votre propre accès" in page(answer)
    assert Membership.objects.get(pk=head_member.pk).ends_at is None


def test_somebody_says_when_they_are_away(bruno: Actor) -> None:
    client = desk_client(bruno)
    period = {"starts_at": local_text(1), "ends_at": local_text(3), "reason": "Congés"}
    answer = client.post(reverse("absence_add", args=[bruno.membership_id]), period)
    assert answer.status_code == 302
    absence = Absence.objects.get()
    client.post(reverse("absence_remove", args=[absence.pk]))
    assert not Absence.objects.exists()


def test_an_absence_that_ends_before_it_begins_is_given_back(bruno: Actor) -> None:
    period = {"starts_at": local_text(3), "ends_at": local_text(1), "reason": "Congés d’hiver"}
    answer = desk_client(bruno).post(reverse("absence_add", args=[bruno.membership_id]), period)
    assert answer.status_code == 422
    assert "La fin doit venir après le début." in page(answer) and "Congés d’hiver" in page(answer)


def test_an_agent_does_not_say_a_colleague_absent(bruno: Actor, alba: Actor) -> None:
    period = {"starts_at": local_text(1), "ends_at": local_text(3)}
    client = desk_client(bruno)
    assert client.post(reverse("absence_add", args=[alba.membership_id]), period).status_code == 403
    assert not Absence.objects.exists()


def test_somebody_is_put_on_call(head: Client, alba: Actor) -> None:
    answer = head.post(
        reverse("on_call_add"),
        {"membership": alba.membership_id, "starts_at": local_text(0, 18), "ends_at": local_text(1, 8)},
    )
    assert answer.status_code == 302 and OnCall.objects.get().membership_id == alba.membership_id
    assert "Alba Moreau" in page(head.get(reverse("team")))


def test_nobody_of_elsewhere_is_put_on_call(head: Client, carla: Actor) -> None:
    answer = head.post(
        reverse("on_call_add"),
        {"membership": carla.membership_id, "starts_at": local_text(0, 18), "ends_at": local_text(1, 8)},
    )
    assert answer.status_code == 422 and not OnCall.objects.exists()


SETTINGS = {
    "name": "Belrive", "sender_name": "CCAS Belriv", "public_phone": "02 61 91 00 12", "public_email": "",
    "public_host": "palier.belrive.example", "wave_size": "4", "wave_minutes": "45", "reach_minutes": "20",
    "quiet_from": "20:00", "quiet_until": "08:00", "proof_grace_minutes": "30", "climb_minutes": "60",
}  # fmt: skip


def test_the_settings_are_kept(head: Client, belrive: Territory) -> None:
    answer = head.post(reverse("territory_settings"), SETTINGS)
    assert answer.status_code == 302, page(answer)[page(answer).find("erreur") :][:900]
    belrive.refresh_from_db()
    assert (belrive.wave_size, belrive.wave_minutes, belrive.public_phone) == (4, 45, "+33261910012")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sender_name", "CCAS ☀"), ("public_phone", "12"), ("wave_size", "0"), ("wave_size", "11"),
        ("wave_minutes", "1"), ("reach_minutes", "-3"), ("quiet_from", "25:00"), ("public_host", ""),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_is_given_back(
    head: Client, belrive: Territory, field: str, value: str
) -> None:
    answer = head.post(reverse("territory_settings"), {**SETTINGS, field: value})
    assert answer.status_code == 422, field
    belrive.refresh_from_db()
    assert belrive.wave_size == 3


def test_a_list_of_twenty_costs_what_a_list_of_two_costs(head: Client, belrive: Territory) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert head.get(reverse("team")).status_code == 200
        return len(seen)

    for number in range(2):
        factories.member(belrive, f"Anne{number}", "Deux")
    few = queries()
    for number in range(18):
        factories.member(belrive, f"Luc{number}", "Vingt")
    assert queries() == few
