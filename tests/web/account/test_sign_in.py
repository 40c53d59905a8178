"""Coming in: password, second factor, recovery; what is refused says nothing about who exists."""

import re
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.urls import reverse

from palier.accounts.actor import Actor
from palier.accounts.models import Session, User
from palier.kernel import clock
from palier.messaging.models import Message

PASSWORD = "une phrase longue pour entrer"


@pytest.fixture
def user(bruno: Actor) -> User:
    return User.objects.get(pk=bruno.user_id)


@pytest.fixture(autouse=True)
def _mails_as_on_a_real_site(settings: Any) -> None:
    """pytest-django puts its own mailbox in place of the outbox."""
    settings.EMAIL_BACKEND = "palier.messaging.mail.Outbox"


@pytest.fixture
def secret(user: User) -> str:
    made = str(generate_totp_secret())
    TOTP.activate(user, made)
    return made


def sign_in(client: Client, email: str, password: str = PASSWORD, **more: str) -> Any:
    return client.post(reverse("account_login"), {"login": email, "password": password, **more})


def text(answer: Any) -> str:
    page = re.sub(r'<input type="hidden"[^>]*>|value="[^"]*"', "", answer.content.decode())
    return re.sub(r"\s+", " ", page)


def test_with_the_password_somebody_is_at_their_board(client: Client, user: User) -> None:
    answer = sign_in(client, user.email)
    assert answer.status_code == 302 and answer["Location"] == reverse("today")
    session = Session.objects.get()
    assert session.user == user and session.territory_id and session.membership_id
    assert client.get(reverse("today")).status_code == 200


def test_the_sign_in_leads_back_to_the_page_that_was_asked(client: Client, user: User) -> None:
    asked = client.get(reverse("people"))
    assert asked.status_code == 302
    assert client.get(asked["Location"]).status_code == 200
    answer = sign_in(client, user.email, next=reverse("people"))
    assert answer["Location"] == reverse("people")


def test_a_foreign_address_after_the_sign_in_is_not_followed(client: Client, user: User) -> None:
    answer = sign_in(client, user.email, next="https://evil.example/")
    assert "evil" not in answer["Location"]


def test_SEC_24_a_wrong_password_and_an_unknown_address_are_answered_alike(
    client: Client, user: User
) -> None:
    known = sign_in(client, user.email, "pas la bonne phrase")
    unknown = sign_in(Client(), "personne@belrive.example", "pas la bonne phrase")
    assert known.status_code == unknown.status_code == 200
    assert text(known).replace(user.email, "…") == text(unknown).replace("personne@belrive.example", "…")


def test_SEC_24_a_forgotten_password_is_answered_alike_whoever_asks(client: Client, user: User) -> None:
    known = client.post(reverse("account_reset_password"), {"email": user.email})
    unknown = Client().post(reverse("account_reset_password"), {"email": "personne@belrive.example"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert client.get(known["Location"]).status_code == 200
    letters = Message.objects.filter(template="account_mail")
    assert [letter.to for letter in letters] == [user.email], "through the outbox, to who exists"
    link = re.search(r"https?://\S+/password/reset/key/\S+", letters[0].body)
    assert link, letters[0].body


def test_the_link_of_the_mail_sets_a_new_password_and_keeps_the_second_factor(
    client: Client, user: User, secret: str
) -> None:
    """ASVS 6.4.3: a reset does not drop the second factor."""
    client.post(reverse("account_reset_password"), {"email": user.email})
    body = Message.objects.get(template="account_mail").body
    path = "/" + re.search(r"https?://\S+", body)[0].split("/", 3)[3]  # type: ignore[index]
    form = client.get(path, follow=True)
    assert form.status_code == 200
    new = "neuf moulins au bord du fleuve"
    done = client.post(form.request["PATH_INFO"], {"password1": new, "password2": new}, follow=True)
    assert done.status_code == 200
    assert Authenticator.objects.filter(user=user, type="totp").exists()
    answer = sign_in(Client(), user.email, new)
    assert answer["Location"] == reverse("mfa_authenticate")


def test_SEC_24_the_hundredth_reset_is_refused(client: Client, user: User) -> None:
    codes = [
        client.post(reverse("account_reset_password"), {"email": user.email}).status_code for _ in range(5)
    ]
    assert codes[-1] == 429


def test_wrong_passwords_are_slowed_down(client: Client, user: User) -> None:
    for _attempt in range(5):
        sign_in(client, user.email, "pas la bonne phrase")
    answer = sign_in(client, user.email)
    assert answer.status_code in (200, 429) and not Session.objects.filter(user=user).exists()


def test_nobody_signs_up(client: Client, db: None) -> None:
    answer = client.get(reverse("account_signup"))
    assert "password" not in answer.content.decode().lower() or answer.status_code in (302, 403, 404)
    client.post(
        reverse("account_signup"), {"email": "moi@ailleurs.example", "password1": "une longue phrase à moi"}
    )
    assert not User.objects.filter(email="moi@ailleurs.example").exists()


def test_SEC_04_without_a_second_factor_there_is_nothing_but_its_page(
    client: Client, user: User, settings: Any
) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    sign_in(client, user.email)
    for name in ("today", "people", "needs", "phone_desk", "my_account", "home", "team"):
        answer = client.get(reverse(name))
        assert (answer.status_code, answer["Location"]) == (302, reverse("mfa_activate_totp")), name
    page = client.get(reverse("mfa_activate_totp"))
    assert page.status_code == 200 and "Recopiez les six chiffres" in page.content.decode()


def test_SEC_04_setting_up_the_code_opens_the_house(client: Client, user: User, settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    sign_in(client, user.email)
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    secret = re.search(r'value="([A-Z2-7]{16,})"', page)[1]  # type: ignore[index]
    wrong = client.post(reverse("mfa_activate_totp"), {"code": "000000"})
    assert wrong.status_code == 200 and not Authenticator.objects.exists()
    secret = client.session["mfa.totp.secret"] if "mfa.totp.secret" in client.session else secret
    done = client.post(reverse("mfa_activate_totp"), {"code": pyotp.TOTP(secret).now()})
    assert done.status_code == 302
    assert Authenticator.objects.filter(user=user, type="recovery_codes").exists(), (
        "with codes for the bad day"
    )
    assert client.get(reverse("today")).status_code == 200


def test_SEC_08_a_quarter_of_an_hour_later_the_password_is_asked_again(client: Client, user: User) -> None:
    sign_in(client, user.email)
    assert client.get(reverse("mfa_activate_totp")).status_code == 200
    with clock.at(clock.now() + timedelta(minutes=16)):
        assert "reauthenticate" in client.get(reverse("mfa_activate_totp"))["Location"]


def test_SEC_04_the_password_alone_does_not_sign_in(client: Client, user: User, secret: str) -> None:
    answer = sign_in(client, user.email)
    assert answer["Location"] == reverse("mfa_authenticate")
    assert client.get(reverse("today")).status_code == 302
    assert not Session.objects.filter(user=user).exists()


def test_the_right_code_signs_in_and_a_wrong_one_does_not(client: Client, user: User, secret: str) -> None:
    sign_in(client, user.email)
    wrong = client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert wrong.status_code == 200 and not Session.objects.filter(user=user).exists()
    right = client.post(reverse("mfa_authenticate"), {"code": pyotp.TOTP(secret).now()})
    assert right.status_code == 302
    assert client.get(reverse("today")).status_code == 200


def test_SEC_05_a_code_serves_once(client: Client, user: User, secret: str) -> None:
    code = pyotp.TOTP(secret).now()
    sign_in(client, user.email)
    assert client.post(reverse("mfa_authenticate"), {"code": code}).status_code == 302
    other = Client()
    sign_in(other, user.email)
    assert other.post(reverse("mfa_authenticate"), {"code": code}).status_code == 200
    assert other.get(reverse("today")).status_code == 302


def test_SEC_05_guessing_codes_is_stopped(client: Client, user: User, secret: str) -> None:
    sign_in(client, user.email)
    for guess in range(10):
        client.post(reverse("mfa_authenticate"), {"code": f"00000{guess}"})
    client.post(reverse("mfa_authenticate"), {"code": pyotp.TOTP(secret).now()})
    assert client.get(reverse("today")).status_code == 302


def test_a_recovery_code_serves_once(client: Client, user: User, secret: str) -> None:
    code = RecoveryCodes.activate(user).get_unused_codes()[0]
    sign_in(client, user.email)
    assert client.post(reverse("mfa_authenticate"), {"code": code}).status_code == 302
    other = Client()
    sign_in(other, user.email)
    assert other.post(reverse("mfa_authenticate"), {"code": code}).status_code == 200
    assert other.get(reverse("today")).status_code == 302


def test_SEC_06_a_password_with_our_words_or_too_short_is_refused(client: Client, user: User) -> None:
    sign_in(client, user.email)
    for weak in ("ccas2026ccas2026", "douze signes", "password123456"):
        answer = client.post(
            reverse("account_change_password"),
            {"oldpassword": PASSWORD, "password1": weak, "password2": weak},
        )
        assert answer.status_code == 200, weak
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_somebody_who_works_in_two_places_chooses(client: Client, user: User, carla: Actor) -> None:
    from palier.accounts.models import Membership
    from palier.territories import walls

    with walls.inside(carla.territory_id):
        second = Membership.objects.create(
            territory_id=carla.territory_id,
            organisation_id=carla.organisation_id,
            user=user,
            role="coordinator",
        )
    answer = sign_in(client, user.email)
    assert answer["Location"] == reverse("choose_place")
    page = client.get(reverse("choose_place")).content.decode()
    assert "Belrive" in page and "Valmont" in page
    client.post(reverse("choose_place"), {"place": second.pk})
    board = client.get(reverse("my_account")).content.decode()
    assert "Valmont" in board
    assert client.post(reverse("choose_place"), {"place": 987654}).status_code == 200


def test_somebody_without_a_place_is_told_whom_to_ask(client: Client, db: None) -> None:
    stranger = User.objects.create_user("sans@place.example", PASSWORD, first_name="Léa", last_name="Sans")
    answer = sign_in(client, stranger.email)
    assert answer["Location"] == reverse("choose_place")
    assert "Demandez à votre responsable" in client.get(reverse("choose_place")).content.decode()


def test_a_closed_account_does_not_sign_in(client: Client, user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)
    sign_in(client, user.email)
    assert client.get(reverse("today")).status_code == 302


def test_signing_out_ends_the_session(client: Client, user: User) -> None:
    sign_in(client, user.email)
    client.post(reverse("account_logout"))
    assert not Session.objects.filter(user=user).exists()
    assert client.get(reverse("today")).status_code == 302


def test_the_key_of_the_session_changes_at_the_sign_in(client: Client, user: User) -> None:
    client.get(reverse("account_login"))
    before = client.cookies.get("palier")
    sign_in(client, user.email)
    assert client.cookies["palier"].value != (before.value if before else "")
    assert len(client.cookies["palier"].value) >= 32
