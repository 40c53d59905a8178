"""An open sign-in: how long it lasts, who sees it, what ends it, what changes at once."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from palier.accounts import operations
from palier.accounts.actor import Actor
from palier.accounts.models import Membership, Session, User
from palier.kernel import clock
from tests import factories
from tests.web.client import desk_client

PASSWORD = "une phrase longue pour entrer"


def is_in(client: Client) -> bool:
    answer = client.get(reverse("my_account"))
    assert answer.status_code in (200, 302)
    return answer.status_code == 200


def test_SEC_08_half_an_hour_without_a_click_signs_out(bruno: Actor) -> None:
    client = desk_client(bruno)
    start = clock.now()
    with clock.at(start + timedelta(minutes=29)):
        assert is_in(client)
    with clock.at(start + timedelta(minutes=58)):
        assert is_in(client), "each click begins the half hour again"
    with clock.at(start + timedelta(minutes=89)):
        assert not is_in(client)
    assert not Session.objects.exists()


def test_SEC_08_twelve_hours_are_the_end_whatever_is_clicked(bruno: Actor) -> None:
    client = desk_client(bruno)
    start = clock.now()
    for quarter in range(1, 48):
        with clock.at(start + timedelta(minutes=15 * quarter)):
            assert is_in(client)
    with clock.at(start + timedelta(hours=12, seconds=1)):
        assert not is_in(client)


def test_SEC_08_choosing_a_place_again_does_not_make_it_longer(bruno: Actor, client: Client) -> None:
    user = User.objects.get(pk=bruno.user_id)
    start = clock.now()
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    with clock.at(start + timedelta(minutes=20)):
        answer = client.post(reverse("choose_place"), {"place": bruno.membership_id})
        assert answer.status_code == 302
    session = Session.objects.get(user=user)
    assert session.opened_at == start
    assert session.expire_date == start + timedelta(hours=12)


def test_sign_ins_are_listed_and_one_is_ended(bruno: Actor) -> None:
    here, lost = desk_client(bruno), desk_client(bruno)
    Session.objects.filter(pk=lost.cookies["palier"].value).update(device="Vieux téléphone")
    page = here.get(reverse("my_account")).content.decode()
    assert "Vieux téléphone" in page and "Celle-ci" in page
    assert lost.cookies["palier"].value not in page, "its secret is not shown"
    from palier.web.account.views import mark_of

    here.post(reverse("session_end", args=[mark_of(lost.cookies["palier"].value)]))
    assert is_in(here) and not is_in(lost)


def test_nobody_ends_the_sign_in_of_another(bruno: Actor, alba: Actor) -> None:
    from palier.web.account.views import mark_of

    hers, his = desk_client(alba), desk_client(bruno)
    his.post(reverse("session_end", args=[mark_of(hers.cookies["palier"].value)]))
    assert is_in(hers)


def test_SEC_03_an_ended_membership_is_out_at_the_next_click(belrive: Any, bruno: Actor) -> None:
    head = factories.actor(factories.member(belrive, "Hélène", "Chef", "head"))
    client = desk_client(bruno)
    assert is_in(client)
    operations.end_membership(bruno.membership_id or 0, actor=head)
    assert not is_in(client)
    assert not Session.objects.filter(membership_id=bruno.membership_id).exists()


def test_SEC_03_a_membership_that_ends_by_its_date_is_out_too(bruno: Actor) -> None:
    client = desk_client(bruno)
    Membership.objects.filter(pk=bruno.membership_id).update(ends_at=clock.now())
    answer = client.get(reverse("today"))
    assert (answer.status_code, answer["Location"]) == (302, reverse("choose_place"))


def test_SEC_03_another_role_holds_from_the_next_click(belrive: Any, bruno: Actor) -> None:
    head = factories.actor(factories.member(belrive, "Hélène", "Chef", "head"))
    client = desk_client(bruno)
    assert client.get(reverse("today")).status_code == 200
    assert client.get(reverse("team")).status_code == 403
    operations.change_member(bruno.membership_id or 0, role="administrator", actor=head)
    assert client.get(reverse("today")).status_code == 403
    assert client.get(reverse("team")).status_code == 200


def test_another_password_ends_every_other_sign_in(bruno: Actor) -> None:
    client = desk_client(bruno)
    user = User.objects.get(pk=bruno.user_id)
    user.set_password("encore une longue phrase")
    user.save(update_fields=["password"])
    assert not is_in(client)


def test_a_made_up_session_is_nobody(db: None) -> None:
    client = Client()
    for key in ("x", "a" * 40, "'; drop table accounts_session; --", "\x00", "é" * 20):
        client.cookies["palier"] = key
        assert client.get(reverse("today")).status_code == 302


def test_the_text_size_and_background_follow_the_person(bruno: Actor) -> None:
    client = desk_client(bruno)
    assert client.post(reverse("display"), {"theme": "dark", "text": "xl"}).status_code == 302
    assert client.post(reverse("display"), {"theme": "pink"}).status_code == 302
    page = desk_client(bruno).get(reverse("my_account")).content.decode()
    assert 'data-theme="dark"' in page and 'data-text="xl"' in page


def test_the_way_back_after_display_stays_in_the_house(bruno: Actor) -> None:
    client = desk_client(bruno)
    assert client.post(reverse("display"), {"next": "//evil.example/"})["Location"] == reverse("home")
    assert client.post(reverse("display"), {"next": "/besoins/"})["Location"] == "/besoins/"


def test_the_language_is_kept_and_the_page_says_which(bruno: Actor) -> None:
    client = desk_client(bruno)
    assert 'lang="fr"' in client.get(reverse("my_account")).content.decode()
    client.post(reverse("language"), {"language": "en"})
    answer = client.get(reverse("my_account"))
    page = answer.content.decode()
    assert '<html lang="en"' in page
    assert "Connexions ouvertes" not in page and "Signalements" not in page and "Sign out" in page
    client.post(reverse("language"), {"language": "xx"})
    assert User.objects.get(pk=bruno.user_id).language == "en"


@pytest.mark.parametrize("secure", [False, True])
def test_SEC_12_the_cookie_is_for_the_server_alone(
    bruno: Actor, client: Client, settings: Any, secure: bool
) -> None:
    settings.SESSION_COOKIE_SECURE = secure
    user = User.objects.get(pk=bruno.user_id)
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    cookie = client.cookies["palier"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["path"] == "/"
    assert bool(cookie["secure"]) is secure and not cookie["domain"]


def test_SEC_12_over_https_cookies_bear_the_host_prefix() -> None:
    """The settings as a real site reads them, in a process of their own."""
    import json
    import os
    import subprocess
    import sys

    script = (
        "import json; from palier.config import settings as s; print(json.dumps([s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME,"
        " s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS, s.SECOND_FACTOR_REQUIRED]))"
    )
    environment = {
        **os.environ,
        "PALIER_PUBLIC_URL": "https://palier.belrive.example",
        "PALIER_SECRET_KEY": "x" * 50,
    }
    environment.pop("PALIER_DEMO", None)
    made = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    assert json.loads(made.stdout) == ["__Host-palier", "__Host-palier-csrf", True, True, 63_072_000, True]


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox, Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1",
            "Safari, iPhone",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge, Windows",
        ),
        ("Vieux téléphone", "Vieux téléphone"),
        ("", ""),
    ],
)
def test_a_sign_in_is_named_by_its_browser(agent: str, name: str) -> None:
    from palier.web.account.views import device_name

    assert device_name(agent) == name


def test_the_pages_of_the_second_factor_stand_in_the_desk_and_speak_the_persons_language(
    bruno: Actor,
) -> None:
    client = desk_client(bruno)
    page = client.get(reverse("mfa_index")).content.decode()
    assert 'aria-current="page"' in page and "Signalements" in page and '<html lang="fr"' in page
    client.post(reverse("language"), {"language": "en"})
    assert '<html lang="en"' in client.get(reverse("mfa_index")).content.decode()
    assert '<html lang="fr"' in Client().get(reverse("account_login")).content.decode()
