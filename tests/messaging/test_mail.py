"""Account mails become messages where their reader works; a real SMTP server on loopback takes them."""

import socket
import threading
from collections.abc import Callable, Iterator

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.core import mail

from palier.accounts.actor import Actor
from palier.kernel import clock
from palier.messaging import operations
from palier.messaging.letters import Kind, Letter
from palier.messaging.models import Message
from palier.messaging.transports import Smtp, message_id_of
from palier.territories import walls
from palier.territories.models import Territory
from tests import factories
from tests.messaging.conftest import Recording, count, look, send

SENDER = "palier@belrive.example"


class Mailbox:
    """What the server does with a mail: `behave` gives the answer to DATA, or None to hang up without one."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, bytes]] = []
        self.behave: Callable[[int], str | None] = lambda number: "250 OK"
        self.seen = 0

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("nobody"):
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.seen += 1
        answer = self.behave(self.seen)
        if answer is None or answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.mails.append((envelope.rcpt_tos[0], envelope.content))
        if answer is None:
            assert server.transport is not None
            server.transport.abort()
            return "250 OK"
        return answer


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def server(mailbox: Mailbox) -> Iterator[Controller]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    yield controller
    controller.stop()


def smtp(server: Controller) -> Smtp:
    return Smtp("127.0.0.1", server.port, sender=SENDER, timeout=1.0)


def letter(to: str = "bruno@belrive.example", **fields: str) -> Letter:
    values = {
        "key": "k",
        "sender": "",
        "to": to,
        "subject": "Mot de passe",
        "body": "Bonjour é",
        "template": "account_mail",
    }
    return Letter(id=1, territory_id=1, tries=0, lease=clock.now(), **(values | fields))  # type: ignore[arg-type]


def post_mail(town: Territory, key: str = "mail", to: str = "bruno@belrive.example") -> None:
    with walls.inside(town.pk):
        operations.post(
            key,
            to=to,
            channel="email",
            template="account_mail",
            context={"subject": "Mot de passe", "body": "Bonjour, voici votre lien."},
            about=town,
            actor=Actor.job("accounts.mail", town.pk),
        )


def test_a_mail_arrives_with_an_identity_of_its_own(
    dsn: str, town: Territory, server: Controller, mailbox: Mailbox
) -> None:
    post_mail(town, "one")
    post_mail(town, "two")
    send(dsn, ("email", smtp(server)), until=lambda: count(dsn, "sent") == 2)
    assert [to for to, _ in mailbox.mails] == ["bruno@belrive.example"] * 2
    ids = {row[0] for row in look(dsn, "select provider_id from messaging_message")}
    assert len(ids) == 2
    for message_id in ids:
        assert any(message_id.encode() in content for _, content in mailbox.mails)


def test_an_answer_lost_after_DATA_goes_to_a_person_and_never_into_a_second_mail(
    dsn: str, town: Territory, server: Controller, mailbox: Mailbox
) -> None:
    mailbox.behave = lambda number: None
    post_mail(town)
    send(dsn, ("email", smtp(server)), until=lambda: count(dsn, "unclear") == 1)
    assert len(mailbox.mails) == 1


def test_a_server_that_is_busy_is_asked_again(
    dsn: str, town: Territory, server: Controller, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("palier.messaging.engine.wait_after", lambda tries: 0.05)
    mailbox.behave = lambda number: "451 try later" if number < 3 else "250 OK"
    post_mail(town)
    send(dsn, ("email", smtp(server)), until=lambda: count(dsn, "sent") == 1)
    assert len(mailbox.mails) == 1 and mailbox.seen == 3


def test_an_address_that_does_not_exist_fails_at_once(dsn: str, town: Territory, server: Controller) -> None:
    post_mail(town, to="nobody@belrive.example")
    send(dsn, ("email", smtp(server)), until=lambda: count(dsn, "failed") == 1)
    assert "550" in look(dsn, "select error from messaging_message")[0][0]


def test_no_server_at_all_is_certainly_not_sent() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert Smtp("127.0.0.1", port, sender=SENDER, timeout=1.0)._send(letter()).kind is Kind.BUSY


def test_a_server_that_hangs_after_DATA_is_a_doubt_before_it_is_not() -> None:
    for upto, expected in ((b"RCPT", Kind.BUSY), (b"DATA", Kind.AMBIGUOUS)):
        listening = socket.create_server(("127.0.0.1", 0))

        def serve(listening: socket.socket = listening, upto: bytes = upto) -> None:
            talk, _ = listening.accept()
            with talk:
                talk.sendall(b"220 hello\r\n")
                while line := talk.recv(4096):
                    if line.upper().startswith(upto):
                        talk.sendall(b"354 go on\r\n" if upto == b"DATA" else b"")
                        talk.recv(4096)
                        return
                    talk.sendall(b"250 OK\r\n")

        thread = threading.Thread(target=serve)
        thread.start()
        transport = Smtp("127.0.0.1", listening.getsockname()[1], sender=SENDER, timeout=0.5)
        # The second attempt on a fresh connection is for kept ones only.
        assert transport._send(letter()).kind is expected
        thread.join()
        listening.close()


def test_SEC_16_a_line_break_in_a_header_is_refused(server: Controller, mailbox: Mailbox) -> None:
    result = smtp(server)._send(letter(subject="Bonjour\r\nBcc: tous@belrive.example"))
    assert result.kind is Kind.REFUSED and not mailbox.mails


def test_the_identity_of_a_mail_is_the_same_at_each_try() -> None:
    assert message_id_of(letter(), SENDER) == message_id_of(letter(), SENDER)
    assert message_id_of(letter(), SENDER) != message_id_of(letter(key="other"), SENDER)
    assert message_id_of(letter(), "Palier <palier@belrive.example>").endswith("@belrive.example>")


@pytest.mark.django_db
def test_an_account_mail_goes_to_the_outbox_of_where_its_reader_works(
    belrive: Territory, settings: object
) -> None:
    settings.EMAIL_BACKEND = "palier.messaging.mail.Outbox"  # type: ignore[attr-defined]
    bruno = factories.member(belrive)
    assert mail.send_mail("Mot de passe", "Un lien secret", None, [bruno.user.email]) == 1
    message = Message.objects.get()
    assert (message.channel, message.to, message.template) == ("email", bruno.user.email, "account_mail")
    assert message.expires_at is not None and (message.expires_at - clock.now()).total_seconds() == 3600
    assert message.about_kind == "accounts.user" and message.body == "Un lien secret"


@pytest.mark.django_db
def test_a_mail_to_nobody_who_works_here_is_not_posted(belrive: Territory, settings: object) -> None:
    settings.EMAIL_BACKEND = "palier.messaging.mail.Outbox"  # type: ignore[attr-defined]
    gone = factories.member(belrive, "Gone", "Away", ends_at=clock.now())
    assert mail.send_mail("Mot de passe", "Un lien", None, ["stranger@elsewhere.example"]) == 0
    assert mail.send_mail("Mot de passe", "Un lien", None, [gone.user.email]) == 0
    assert not Message.objects.exists()


def test_a_member_found_outside_any_wall_is_found_by_being_themselves(
    town: Territory, settings: object
) -> None:
    """As at the sign-in page, before it is known where somebody works."""
    settings.EMAIL_BACKEND = "palier.messaging.mail.Outbox"  # type: ignore[attr-defined]
    with walls.inside(town.pk):
        email = factories.member(town).user.email
    assert mail.send_mail("Mot de passe", "Un lien", None, [email]) == 1
    with walls.inside(town.pk):
        assert Message.objects.get().to == email


def test_the_stop_of_a_telephone_is_not_that_of_a_mailbox(dsn: str, town: Territory) -> None:
    with walls.inside(town.pk):
        operations.stop("+33639980012", actor=Actor.job("a test", town.pk))
    post_mail(town)
    send(dsn, ("email", Recording()), until=lambda: count(dsn, "sent") == 1)
