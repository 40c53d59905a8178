"""Django's SMTP connection, which notes whether the content of a message began to leave."""

import smtplib
from contextlib import suppress
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from palier.messaging.letters import Letter


class NotingBackend(EmailBackend):
    """`reached_data`: from the moment DATA is said, a lost connection leaves us not knowing."""

    reached_data = False

    @property
    def connection_class(self) -> Any:  # smtplib's class, made here because it writes to this backend
        backend = self

        class Noting(smtplib.SMTP):
            def data(self, msg: Any) -> tuple[int, bytes]:
                backend.reached_data = True
                return super().data(msg)

        return Noting

    def forget(self) -> None:
        """Close without a word to a server that may not be there any more."""
        connection, self.connection = self.connection, None
        if connection is not None:
            with suppress(OSError):
                connection.close()


def message_of(letter: Letter, sender: str, message_id: str) -> EmailMessage:
    return EmailMessage(
        subject=letter.subject,
        body=letter.body,
        from_email=sender,
        to=[letter.to],
        headers={"Message-ID": message_id},
    )
