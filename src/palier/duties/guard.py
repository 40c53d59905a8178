"""The promise « nothing without a name », kept by the database: an open thing has an open duty, checked at commit."""

import re
from dataclasses import dataclass

from django.db import connection, transaction


@dataclass(frozen=True)
class Openable:
    """A table whose rows can be open; `predicate` is SQL on its own columns."""

    kind: str
    predicate: str = "closed_at is null"

    @property
    def table(self) -> str:
        return self.kind.replace(".", "_")

    def predicate_of(self, row: str) -> str:
        """The predicate on the columns of a named row: `new.closed_at is null`."""
        return re.sub(r"\b(closed_at|needs_care)\b", rf"{row}.\1", self.predicate)


# A guard test walks every model with a `closed_at` and fails when one is missing here.
OPENABLE = (
    Openable("needs.need"),
    Openable("concerns.concern"),
    Openable("people.away"),
    Openable("people.doublesreview"),
    Openable("calls.call"),
    Openable("calls.plannedcall"),
    Openable("matching.wave"),
    Openable("referrals.referral"),
    Openable("visits.visit"),
    Openable("telecare.event"),
    Openable("volunteers.application"),
    Openable("privacy.rightsrequest"),
    Openable("messaging.inbound"),
    Openable("register.enrolmentrequest"),
    Openable("register.communication"),
    Openable("register.rectification"),
    Openable("register.confirmationround"),
    Openable("messaging.message", "needs_care and closed_at is null"),
)


def build() -> None:
    """(Re)make the functions and deferred triggers; run as the owner after each migration, repeatable."""
    cases = "\n".join(
        f"when '{thing.kind}' then execute 'select exists (select 1 from {thing.table} where id = $1 and ({thing.predicate}))'"
        " into is_open using number;"
        for thing in OPENABLE
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"""
            drop function if exists palier_must_have_a_duty(text, bigint);
            create function palier_must_have_a_duty(thing text, number bigint) returns void
            language plpgsql as $$
            declare is_open boolean;
            begin
              case thing
                {cases}
                else is_open := false;
              end case;
              -- One inside the other: the sender of messages may not read duties, and opens nothing.
              if is_open then
                if not exists (
                  select 1 from duties_duty where subject_kind = thing and subject_id = number and settled_at is null
                ) then
                  raise exception '% % is open and nobody is responsible for it', thing, number
                    using errcode = 'check_violation', constraint = 'open_thing_has_a_duty';
                end if;
              end if;
            end $$;

            create or replace function palier_thing_changed() returns trigger language plpgsql as $$
            begin
              perform palier_must_have_a_duty(tg_argv[0], new.id);
              return null;
            end $$;

            create or replace function palier_duty_changed() returns trigger language plpgsql as $$
            begin
              perform palier_must_have_a_duty(old.subject_kind, old.subject_id);
              return null;
            end $$;
            """
        )
        for thing in OPENABLE:
            cursor.execute(f'drop trigger if exists open_thing_has_a_duty on "{thing.table}"')
            cursor.execute(
                f'create constraint trigger open_thing_has_a_duty after insert or update on "{thing.table}"'
                # Asked at the change: a hundred thousand messages on their way queue nothing for the commit.
                f" deferrable initially deferred for each row when ({thing.predicate_of('new')})"
                f" execute function palier_thing_changed('{thing.kind}')"
            )
        cursor.execute("drop trigger if exists open_thing_keeps_a_duty on duties_duty")
        cursor.execute(
            "create constraint trigger open_thing_keeps_a_duty after update or delete on duties_duty"
            " deferrable initially deferred for each row execute function palier_duty_changed()"
        )
