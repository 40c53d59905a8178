"""Which tables travel, found from the models; and what each reference in them points at.

Every table behind a wall is exported, or is named here with the reason why it stays. A guard test compares this with the
catalogue of the database, so that a new table cannot be forgotten.
"""

from collections.abc import Iterator

from django.apps import apps
from django.db import connection, models
from django.db.migrations.recorder import MigrationRecorder

from palier.people.operations.living import SECRET
from palier.people.queries import SEALED_CONTACT

# Tables that stay, and why: said in the manifest, and on the screen of whoever exports.
STAYS = {
    "accounts_session": "open sign-ins end with the installation",
    "accounts_actionlink": "links in messages that were sent lead to the installation that sent them",
    "api_endpoint": "secrets of web-hooks are made anew, with the other side",
    "api_received": "numbers of web-hooks, for refusing replays of that installation's endpoints",
    "exchange_import": "files that are being imported",
    "exchange_line": "their lines",
    "exchange_progress": "how far they are",
    "people_suppression": "hashes made with the installation's key: elsewhere they recognise nobody; say the names by hand",
}
# Of a table that travels, the rows that stay: (SQL on its columns, why).
ROWS_STAY = {
    "messaging_message": (
        "state not in ('sent', 'delivered', 'failed', 'cancelled')",
        "messages that have not left: both installations would send them",
    ),
}
# Numbers that are no foreign keys: column to the model it means, or to the column that names it.
LOOSE: dict[str, dict[str, str]] = {
    "duties_duty": {"subject_id": "@subject_kind", "person_id": "people.person"},
    "journal_access": {
        "user_id": "accounts.user",
        "membership_id": "accounts.membership",
        "object_id": "@object_kind",
    },
    "journal_entry": {
        "subject_id": "@subject_kind",
        "person_id": "people.person",
        "volunteer_id": "volunteers.volunteer",
    },
    "messaging_message": {
        "about_id": "@about_kind",
        "person_id": "people.person",
        "volunteer_id": "volunteers.volunteer",
    },
}
# Numbers in the data of the journal, by the name of the datum.
IN_DATA = {
    "alert": "register.alert",
    "away": "people.away",
    "call": "calls.call",
    "communication": "register.communication",
    "compartment": "people.compartment",
    "concern": "concerns.concern",
    "contact": "people.contact",
    "duty": "duties.duty",
    "membership": "accounts.membership",
    "need": "needs.need",
    "offer": "matching.offer",
    "organisation": "territories.organisation",
    "planned_call": "calls.plannedcall",
    "referral": "referrals.referral",
    "service_id": "partners.partnerservice",
    "visit": "visits.visit",
    "wave": "matching.wave",
}
# What is closed with the installation's key travels open inside the archive, which is closed as a whole: (column, purpose, the
# column by which it is recognised).
SEALED: dict[str, tuple[str, str, str]] = {
    "people_homesecret": ("sealed", SECRET, ""),
    "people_contact": ("sealed_phone", SEALED_CONTACT, "sealed_mark"),
}
# Left empty on arrival: they name rows outside every territory.
EMPTIED = ("pgh_context_id",)


def travelling() -> Iterator[type[models.Model]]:
    """The models whose rows travel, in a stable order."""
    for model in sorted(apps.get_models(), key=lambda model: model._meta.db_table):
        if model._meta.db_table not in STAYS and is_walled(model):
            yield model


def is_walled(model: type[models.Model]) -> bool:
    return model._meta.managed and any(
        field.attname == "territory_id" for field in model._meta.concrete_fields
    )


def references(model: type[models.Model]) -> dict[str, str]:
    """Column to the label of the model it points at: foreign keys, then the loose numbers named above."""
    found = {
        field.attname: field.related_model._meta.label_lower
        for field in model._meta.concrete_fields
        if field.is_relation and field.attname != "territory_id" and field.attname not in EMPTIED
        if not isinstance(field.related_model, str) and field.related_model is not None
    }
    return found | LOOSE.get(model._meta.db_table, {})


def number_of(model: type[models.Model]) -> str:
    """The column of a row's own number."""
    return str(model._meta.pk.column)


def version() -> list[str]:
    """The migrations of ours that the database has: both sides must have the same."""
    ours = {config.label for config in apps.get_app_configs() if config.name.startswith("palier.")}
    applied = MigrationRecorder(connection).applied_migrations()
    return sorted(f"{app}.{name}" for app, name in applied if app in ours)
