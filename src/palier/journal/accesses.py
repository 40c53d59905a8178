"""The access log's fast way in: one statement, so that opening a file costs one round trip more and no transaction."""

from datetime import datetime

from django.db import connection

from palier.accounts.actor import Actor
from palier.kernel import statements


def build() -> None:
    """(Re)make the function that notes an access behind its wall; run as the owner after each migration."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            create or replace function palier_note_access(
              wall bigint, at timestamptz, by_user bigint, by_membership bigint,
              what text, kind text, number bigint, why text
            ) returns void language plpgsql as $$
            begin
              perform set_config('palier.territory', wall::text, true);
              insert into journal_access (territory_id, at, user_id, membership_id, operation, object_kind, object_id, reason)
              values (wall, at, by_user, by_membership, what, kind, number, why);
            end $$
            """
        )


NOTE = "select palier_note_access(%s, %s, %s, %s, %s, %s, %s, %s)"
# Alone in its transaction a line is committed, and seen by everybody, without waiting for the disk: a reader does not
# wait for ten milliseconds at each file. A power cut may cost the lines of the last second, and never anything else.
NOTE_ALONE = NOTE + ", set_config('synchronous_commit', 'off', true)"


def note(actor: Actor, at: datetime, operation: str, kind: str, number: int | None, reason: str = "") -> None:
    """Write one line of the access log; outside a transaction it is a transaction of its own."""
    statements.rows(
        NOTE if connection.in_atomic_block else NOTE_ALONE,
        [actor.territory_id, at, actor.user_id, actor.membership_id, operation, kind, number, reason[:200]],
    )
