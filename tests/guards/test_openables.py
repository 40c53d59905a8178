"""Nothing without a name: every model that can be open is guarded by the database."""

import pytest
from django.apps import apps
from django.db import connection

from palier.duties.guard import OPENABLE


def test_every_model_that_can_be_open_is_guarded():
    openable = {
        model._meta.label_lower
        for model in apps.get_models()
        if model.__module__.startswith("palier.")
        and any(field.name == "closed_at" for field in model._meta.fields)
    }
    assert openable == {thing.kind for thing in OPENABLE}


@pytest.mark.django_db
def test_the_triggers_stand_in_the_database():
    with connection.cursor() as cursor:
        cursor.execute(
            "select c.relname from pg_trigger t join pg_class c on c.oid = t.tgrelid"
            " where t.tgname = 'open_thing_has_a_duty' and t.tgdeferrable and t.tginitdeferred and t.tgenabled = 'O'"
        )
        assert {name for (name,) in cursor.fetchall()} == {thing.table for thing in OPENABLE}
