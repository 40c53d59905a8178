"""The ground of the tests: a real PostgreSQL, the roles of production, no network, no unfetched relation."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

# Two cores shared with a browser and a database: a slow example is not a failure. The same examples each time, so that a
# red build is the change's own; PALIER_EXPLORE=1 looks for new ones.
hypothesis_settings.register_profile(
    "palier", deadline=None, derandomize=not os.environ.get("PALIER_EXPLORE"), print_blob=True
)
hypothesis_settings.load_profile("palier")

pytest_plugins = ["tests.people_of_the_tests"]

SOURCE = Path(__file__).resolve().parent.parent / "src" / "palier"


def _schema_fingerprint() -> str:
    """Changes when a migration, a wall or a guard does: the kept test database is then made anew."""
    digest = hashlib.sha256()
    for path in sorted(
        [
            *SOURCE.glob("*/migrations/*.py"),
            SOURCE / "territories/walls.py",
            SOURCE / "duties/guard.py",
            SOURCE / "journal/accesses.py",
        ]
    ):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:32]


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: pytest.FixtureRequest
) -> Iterator[None]:
    """Make the test database as its owner, then serve the tests as the application, behind the walls."""
    from django.db import connection
    from django.test.utils import setup_databases

    from palier.config import database

    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        name = connection.settings_dict["TEST"]["NAME"]
        connection.settings_dict["USER"] = "palier_owner"
        fresh = _schema_fingerprint()
        if _comment_on(name) != fresh:
            _drop(name)
        setup_databases(verbosity=0, interactive=False, keepdb=True)
        database.build()
        with connection.cursor() as cursor:
            # The transactional tests empty the tables between them; nothing else may.
            cursor.execute("grant truncate on all tables in schema public to palier_app")
            cursor.execute(f"comment on database \"{name}\" is '{fresh}'")
        connection.close()
        connection.settings_dict["USER"] = "palier_app"
    yield
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        connection.close()


def _admin(sql: str) -> list[tuple[str | None]]:
    import psycopg
    from django.db import connection

    settings = connection.settings_dict
    with psycopg.connect(
        host=settings["HOST"],
        port=settings["PORT"] or None,
        user="palier_owner",
        dbname="postgres",
        autocommit=True,
    ) as admin:
        cursor = admin.execute(sql)  # type: ignore[call-overload]
        return cursor.fetchall() if cursor.description else []


def _comment_on(name: str) -> str | None:
    rows = _admin(f"select shobj_description(oid, 'pg_database') from pg_database where datname = '{name}'")
    return rows[0][0] if rows else None


def _drop(name: str) -> None:
    _admin(f'drop database if exists "{name}" with (force)')


@pytest.fixture(autouse=True)
def _french() -> Iterator[None]:
    from django.utils import translation

    with translation.override("fr"):
        yield


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    from django.core.cache import cache

    cache.clear()


@pytest.fixture(autouse=True)
def _unordered_is_shuffled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that nobody asked an order for come in none: a page that counts on luck fails here, not at the desk."""
    import random

    from django.db.models import QuerySet

    fetch = QuerySet._fetch_all

    def fetch_and_shuffle(self: QuerySet) -> None:  # type: ignore[type-arg]
        is_fresh = self._result_cache is None
        fetch(self)
        if is_fresh and not self.ordered and isinstance(self._result_cache, list):
            # The same disorder each time, so that what fails once fails again.
            random.Random(1).shuffle(self._result_cache)

    monkeypatch.setattr(QuerySet, "_fetch_all", fetch_and_shuffle)
