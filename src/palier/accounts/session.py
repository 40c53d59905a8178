"""Sessions in the database, each bearing its user and the place they work in, so that they can be listed and ended."""

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseSession

from palier.accounts.models import Session
from palier.kernel import clock


class SessionStore(DatabaseSession):
    @classmethod
    def get_model_class(cls) -> type[Session]:  # type: ignore[override]
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:  # type: ignore[override]
        user_id = data.get("_auth_user_id")
        key: str = self._get_or_create_session_key()  # type: ignore[attr-defined]  # Django's own, not in its stubs
        seen = Session.objects.filter(session_key=key).first()
        return Session(
            session_key=key,
            session_data=self.encode(data),
            expire_date=self.get_expiry_date(),
            user_id=int(user_id) if user_id else None,
            membership_id=data.get("membership_id"),
            territory_id=data.get("territory_id"),
            opened_at=seen.opened_at if seen else clock.now(),
            seen_at=clock.now(),
            device=data.get("device", "")[:200],
        )

    @classmethod
    def get_session_store_class(cls) -> "type[SessionStore]":
        return cls
