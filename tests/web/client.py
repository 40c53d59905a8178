"""A browser of somebody who signed in, without going through the sign-in page each time."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.test import Client

from palier.accounts.models import Membership, Session
from palier.accounts.session import SessionStore
from palier.kernel import clock
from tests import factories


def desk_client(who: object) -> Client:
    """Signed in at the place of this membership (or of this actor's); the session is of the tests' present moment."""
    membership_id = who.pk if isinstance(who, Membership) else who.membership_id  # type: ignore[attr-defined]
    membership = Membership.objects.select_related("user").get(pk=membership_id)
    user = membership.user
    data = {
        SESSION_KEY: str(user.pk),
        BACKEND_SESSION_KEY: "allauth.account.auth_backends.AuthenticationBackend",
        HASH_SESSION_KEY: user.get_session_auth_hash(),
        "membership_id": membership.pk,
        "territory_id": membership.territory_id,
    }
    key = f"test-{next(factories.count):08d}"
    Session.objects.create(
        session_key=key,
        session_data=SessionStore().encode(data),
        expire_date=clock.now() + timedelta(hours=12),
        user=user,
        membership=membership,
        territory_id=membership.territory_id,
        opened_at=clock.now(),
        seen_at=clock.now(),
    )
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = key
    return client
