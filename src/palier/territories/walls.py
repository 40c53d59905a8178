"""The wall between territories: PostgreSQL row-level security, forced, built from the catalogue.

Every table with a `territory_id` gets its policies here after each `palier migrate`, so a new table cannot be
forgotten. The application's role owns nothing, is no superuser and cannot bypass the policies. A transaction
says which territory it works in (`inside`); without that nothing is visible and nothing can be written.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, transaction

from palier.kernel import clock, statements

HERE = "nullif(current_setting('palier.territory', true), '')::bigint"
ME = "nullif(current_setting('palier.user', true), '')::bigint"


@dataclass(frozen=True)
class Door:
    """An opening in the wall that one table needs, and why."""

    read: str
    write: str
    why: str


# The only openings. A guard test fails when an entry is no longer needed or a table is missing.
DOORS = {
    "accounts_session": Door(
        "true",
        "true",
        "Found by its secret key before the territory is known; holds numbers only, no personal data.",
    ),
    "accounts_actionlink": Door(
        "true",
        f"territory_id = {HERE}",
        "A neighbour's link is found by the hash of its secret before the territory is known; holds numbers only.",
    ),
    "accounts_membership": Door(
        f"territory_id = {HERE} or user_id = {ME}",
        f"territory_id = {HERE}",
        "Somebody who signs in sees the memberships that are their own, to choose where to work.",
    ),
}

READER = "nullif(current_setting('palier.reader', true), '')::bigint"
READ_AT = "coalesce(nullif(current_setting('palier.read_at', true), '')::timestamptz, now())"

# The second lock before the files that are kept apart: a page is read by somebody, and the database leaves out what this
# member may not see, whoever wrote the statement. Without a reader (a change, which must reach all it concerns, a job, a
# machine) everything of the territory is there, and `visible_to` decides. Partners and operators see a person through
# what was handed to them, so that this lock does not stand before them. `people.sight` has the same words.
SIGHTS = {
    "people_person": f"""
      is_followed or {READER} is null
      or exists (select 1 from people_confined kept
                 join people_compartmentgrant entered on entered.compartment_id = kept.compartment_id
                 where kept.person_id = people_person.id and entered.membership_id = {READER}
                   and entered.starts_at <= {READ_AT} and (entered.ends_at is null or entered.ends_at > {READ_AT}))
      or exists (select 1 from accounts_membership m
                 where m.id = {READER} and m.role not in ('agent', 'coordinator', 'head'))""",
    "people_contact": f"{READER} is null or exists (select 1 from people_person p where p.id = people_contact.person_id)",
}

# Written once: the application may add rows, never change or remove them (GDP-10, consents).
APPEND_ONLY = ("journal_entry", "journal_access", "people_consent", "people_objection")

# What the sender of messages may touch, across territories: the outbox and nothing else.
OUTBOX_TABLES = ("messaging_message",)


SET_WALL = "select set_config('palier.territory', %s, true)"
SET_READER = f"{SET_WALL}, set_config('palier.reader', %s, true), set_config('palier.read_at', %s, true)"


@contextmanager
def inside(
    territory_id: int,
    *,
    read_only: bool = False,
    reader: int | None = None,
    ask: Sequence[tuple[str, statements.Values]] = (),
) -> Iterator[list[statements.Rows]]:
    """Open a transaction that sees this territory and no other; restores the former wall when nested.

    The statements of `ask` are sent with the first words of the transaction, behind the wall, in one round trip: this
    opens every request. Gives their rows. `reader` is the membership for whom a page is read (`SIGHTS`).
    """
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            first: list[tuple[str, statements.Values]] = (
                [("set transaction read only", [])] if read_only else []
            )
            if reader is None:
                first.append((SET_WALL, [str(territory_id)]))
            else:
                first.append((SET_READER, [str(territory_id), str(reader), clock.now().isoformat()]))
            yield statements.together(*first, *ask)[len(first) :]
            return
        with connection.cursor() as cursor:
            cursor.execute("select current_setting('palier.territory', true)")
            before = cursor.fetchone()[0] or ""
            enter(territory_id)
            yield statements.together(*ask) if ask else []
            if before != str(territory_id):
                # What is checked at commit must be checked behind this wall, not behind the outer one.
                cursor.execute("set constraints all immediate")
                cursor.execute("set constraints all deferred")
                cursor.execute(SET_WALL, [before])


@contextmanager
def own_rows_of(user_id: int) -> Iterator[None]:
    """A transaction that sees somebody's own memberships wherever they are, to choose where to work."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select set_config('palier.user', %s, true)", [str(user_id)])
        yield
        cursor.execute("select set_config('palier.user', '', true)")


def enter(territory_id: int) -> None:
    """Say for the rest of the running transaction which territory it works in."""
    if not connection.in_atomic_block:
        raise RuntimeError("a wall is entered inside a transaction")
    with connection.cursor() as cursor:
        cursor.execute("select set_config('palier.territory', %s, true)", [str(territory_id)])


def current() -> int | None:
    """The territory the running transaction works in."""
    with connection.cursor() as cursor:
        cursor.execute(f"select {HERE}")
        row = cursor.fetchone()
    return row[0] if row else None


def walled_tables() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select c.relname from pg_class c
            join pg_namespace n on n.oid = c.relnamespace
            join pg_attribute a on a.attrelid = c.oid and a.attname = 'territory_id' and not a.attisdropped
            where n.nspname = 'public' and c.relkind in ('r', 'p') order by c.relname
            """
        )
        return [name for (name,) in cursor.fetchall()]


def build(
    app_role: str = "palier_app", outbox_role: str = "palier_outbox", owner_role: str = "palier_owner"
) -> None:
    """Make policies, grants and triggers what this version wants; run as the owner after each migration, repeatable."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local lock_timeout = '10s'")
        cursor.execute(f"grant usage on schema public to {app_role}, {outbox_role}")
        cursor.execute(f"grant select, insert, update, delete on all tables in schema public to {app_role}")
        cursor.execute(f"grant usage, select on all sequences in schema public to {app_role}")
        cursor.execute(f"grant execute on all functions in schema public to {app_role}")
        for table in walled_tables():
            door = DOORS.get(table)
            read = door.read if door else f"territory_id = {HERE}"
            write = door.write if door else f"territory_id = {HERE}"
            cursor.execute(f'alter table "{table}" enable row level security')
            cursor.execute(f'alter table "{table}" force row level security')
            for name in (
                "wall_read",
                "wall_insert",
                "wall_update",
                "wall_delete",
                "wall_owner",
                "wall_outbox",
                "wall_sight",
            ):
                cursor.execute(f'drop policy if exists {name} on "{table}"')
            cursor.execute(f'create policy wall_read on "{table}" for select to {app_role} using ({read})')
            cursor.execute(
                f'create policy wall_insert on "{table}" for insert to {app_role} with check ({write})'
            )
            cursor.execute(
                f'create policy wall_update on "{table}" for update to {app_role} using ({write}) with check ({write})'
            )
            cursor.execute(f'create policy wall_delete on "{table}" for delete to {app_role} using ({write})')
            # The owner migrates; it never serves a request.
            cursor.execute(
                f'create policy wall_owner on "{table}" for all to {owner_role} using (true) with check (true)'
            )
            if table in SIGHTS:
                cursor.execute(
                    f'create policy wall_sight on "{table}" as restrictive for select to {app_role} using ({SIGHTS[table]})'
                )
            if table in OUTBOX_TABLES:
                cursor.execute(
                    f'create policy wall_outbox on "{table}" for all to {outbox_role} using (true) with check (true)'
                )
                cursor.execute(f'grant select, update on "{table}" to {outbox_role}')
            if table in APPEND_ONLY:
                cursor.execute(f'revoke update, delete on "{table}" from {app_role}')
