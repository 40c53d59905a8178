"""Sessions in the database, each bearing its user and the place they work in, so that they can be listed and ended."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore as DatabaseSession

from palier.accounts.models import Session
from palier.kernel import clock


class SessionStore(DatabaseSession):
    @classmethod
    def get_model_class(cls) -> type[Session]:  # type: ignore[override]
        return Session

    def _get_session_from_db(self) -> Session | None:
        """As Django's, by the house's own clock."""
        found = Session.objects.filter(
            session_key=self.session_key or "", expire_date__gt=clock.now()
        ).first()
        if found is None:
            self._session_key = None
        return found

    def create_model_instance(self, data: dict[str, Any]) -> Session:  # type: ignore[override]
        user_id = data.get("_auth_user_id")
        key: str = self._get_or_create_session_key()  # type: ignore[attr-defined]  # Django's own, not in its stubs
        opened_at = datetime.fromisoformat(data["opened_at"]) if "opened_at" in data else clock.now()
        return Session(
            session_key=key,
            session_data=self.encode(data),
            # Twelve hours after the sign-in, however often it is written since, and under whichever key (SEC-08).
            expire_date=opened_at + timedelta(seconds=settings.SESSION_COOKIE_AGE),
            user_id=int(user_id) if user_id else None,
            membership_id=data.get("membership_id"),
            territory_id=data.get("territory_id"),
            opened_at=opened_at,
            seen_at=clock.now(),
            device=data.get("device", "")[:200],
        )

    @classmethod
    def get_session_store_class(cls) -> "type[SessionStore]":
        return cls
