"""Mails of accounts (a new password, a new device) go through the outbox like every other message."""

import logging
import uuid
from collections.abc import Sequence
from datetime import timedelta

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction

from palier.accounts.actor import Actor
from palier.accounts.models import Membership, User
from palier.kernel import clock
from palier.messaging import operations
from palier.territories import walls

logger = logging.getLogger("palier.outbox")

# A link that signs somebody in is worth nothing an hour later, and dangerous.
USEFUL_FOR = timedelta(hours=1)


class Outbox(BaseEmailBackend):
    """Django's mail backend: writes each mail to the outbox of the territory where its reader works."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        return sum(self._post(mail) for mail in email_messages)

    def _post(self, mail: EmailMessage) -> int:
        posted = 0
        for address in mail.recipients():
            with transaction.atomic():
                posted += self._post_to(address, mail)
        return min(posted, 1)

    def _post_to(self, address: str, mail: EmailMessage) -> int:
        user = User.objects.filter(email__iexact=address, is_active=True).first()
        membership = _place_of(user) if user else None
        if user is None or membership is None:
            # Also what allauth writes to an address without an account: nobody is told whether one exists.
            logger.info("a mail to nobody who works here was not posted")
            return 0
        with walls.inside(membership.territory_id):
            message = operations.post(
                f"account:{uuid.uuid4()}",
                to=user.email,
                channel="email",
                template="account_mail",
                context={"subject": str(mail.subject), "body": str(mail.body)},
                about=user,
                priority=1,
                expires_at=clock.now() + USEFUL_FOR,
                actor=Actor.job("accounts.mail", membership.territory_id),
            )
        return 1 if message is not None else 0


def _place_of(user: User) -> Membership | None:
    """Where somebody works, asked before any wall is entered: their own memberships are shown to them."""
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('palier.user', true)")
        before = cursor.fetchone()[0] or ""
        cursor.execute("select set_config('palier.user', %s, true)", [str(user.pk)])
        try:
            return Membership.objects.live().filter(user=user).order_by("pk").first()
        finally:
            cursor.execute("select set_config('palier.user', %s, true)", [before])
