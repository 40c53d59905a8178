"""The rules that the application's role cannot apply by itself: what is written once, and what spans territories.

The journal and the access log are append-only for the application (GDP-10). The nightly job does not get the
owner's password for that: two functions of the owner do this one thing, each refusing what is too young by the
database's own clock, so that neither a wrong clock nor a stolen worker can erase a trace that must still be there.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from palier.accounts.models import Membership, User
from palier.journal.retention import FOLLOW_UP, YEAR
from palier.territories import walls

# The application's clock and the database's are not one: a day of grace.
OLD_ENOUGH = "now() - interval '364 days'"
LONG_OVER = "now() - interval '729 days'"

# What of an entry is over: the file of the person, that of the neighbour, or, of neither, its own time.
# Told by age alone, so that a dry run counts what the run will do.
OVER = """
select e.id,
       coalesce(p.is_over, e.person_id is null and v.id is null and e.at < {follow_up}) as all_of_it,
       coalesce(v.is_over, false) as the_neighbour,
       e.person_id is null as is_his_alone
from journal_entry e
left join lateral (
  select coalesce(p.last_contact_at, p.created_at) < {follow_up} and not exists (
    select 1 from duties_duty d where d.person_id = p.id and d.settled_at is null
  ) as is_over from people_person p where p.id = e.person_id
) p on true
left join lateral (
  select v.id, v.ended_at < {year} as is_over from volunteers_volunteer v where v.id = e.volunteer_id
) v on true
where e.territory_id = {wall}
"""
CHANGES = """
((o.all_of_it or (o.the_neighbour and o.is_his_alone)) and e.personal <> '{}'
 or o.the_neighbour and (e.personal ? 'volunteer' or e.actor_kind = 'neighbour' and e.actor_name <> ''))
"""


def build() -> None:
    """(Re)make the owner's functions; run as the owner after each migration, before the walls give the rights."""
    over = OVER.format(follow_up="follow_up_before", year="year_before", wall="wall")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"""
            create or replace function palier_forget_accesses(wall bigint, before timestamptz, most int)
            returns int language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
            declare done int;
            begin
              if before > {OLD_ENOUGH} then
                raise exception 'the access log is kept for twelve months' using errcode = 'check_violation';
              end if;
              delete from journal_access where id in (
                select id from journal_access where territory_id = wall and at < before order by at, id limit most
              );
              get diagnostics done = row_count;
              return done;
            end $$;
            revoke execute on function palier_forget_accesses from public;

            create or replace function palier_blank_entries(
              wall bigint, follow_up_before timestamptz, year_before timestamptz, most int
            ) returns int language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
            declare done int;
            begin
              if follow_up_before > {LONG_OVER} or year_before > {OLD_ENOUGH} then
                raise exception 'the journal is kept as long as the file' using errcode = 'check_violation';
              end if;
              with over as ({over}), chosen as (
                select e.id, o.all_of_it, o.the_neighbour, o.is_his_alone from over o join journal_entry e on e.id = o.id
                where {CHANGES} order by e.id limit most
              )
              update journal_entry e set
                personal = case when o.all_of_it or (o.the_neighbour and o.is_his_alone) then '{{}}'::jsonb
                                else e.personal - 'volunteer' end,
                actor_name = case when o.the_neighbour and e.actor_kind = 'neighbour' then '' else e.actor_name end
              from chosen o where o.id = e.id;
              get diagnostics done = row_count;
              return done;
            end $$;
            revoke execute on function palier_blank_entries from public;

            create or replace function palier_forget_person(wall bigint, person bigint)
            returns int language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
            declare done int;
            begin
              if not exists (
                select 1 from privacy_rightsrequest where territory_id = wall
                  -- Of the file itself, or of the one it was joined to.
                  and person_id in (person, (select merged_into_id from people_person where id = person))
                  and kind = 'erasure' and identity <> '' and erased_at is not null and closed_at is null
              ) then
                raise exception 'only an erasure that was asked for empties a journal' using errcode = 'check_violation';
              end if;
              update journal_entry set personal = '{{}}'::jsonb
              where territory_id = wall and person_id = person and personal <> '{{}}'
                and subject_kind <> 'concerns.concern' and code not like 'concerns.%%';
              get diagnostics done = row_count;
              return done;
            end $$;
            revoke execute on function palier_forget_person from public;
            """
        )


def accesses(territory_id: int, at: datetime, most: int) -> int:
    return _call("select palier_forget_accesses(%s, %s, %s)", [territory_id, at - YEAR, most])


def accesses_due(territory_id: int, at: datetime) -> int:
    return _call(
        "select count(*) from journal_access where territory_id = %s and at < %s", [territory_id, at - YEAR]
    )


def entries(territory_id: int, at: datetime, most: int) -> int:
    return _call(
        "select palier_blank_entries(%s, %s, %s, %s)", [territory_id, at - FOLLOW_UP, at - YEAR, most]
    )


def entries_due(territory_id: int, at: datetime) -> int:
    over = OVER.format(follow_up="%(follow_up)s", year="%(year)s", wall="%(wall)s")
    return _call(
        f"with over as ({over}) select count(*) from over o join journal_entry e on e.id = o.id where {CHANGES}",
        {"follow_up": at - FOLLOW_UP, "year": at - YEAR, "wall": territory_id},
    )


def _call(sql: str, values: Sequence[Any] | Mapping[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        row = cursor.fetchone()
    return int(row[0])


def former_users(at: datetime, keep: timedelta) -> list[int]:
    """Accounts whose last membership, wherever it was, ended long ago; each is asked for behind its own eyes."""
    gone = []
    for user_id in User.objects.exclude(_is_forgotten()).order_by("pk").values_list("pk", flat=True):
        with walls.own_rows_of(user_id):
            ends = list(Membership.objects.filter(user_id=user_id).values_list("ends_at", flat=True))
        if ends and all(end is not None and end < at - keep for end in ends):
            gone.append(user_id)
    return gone


def forget_user(user_id: int) -> None:
    """The row stays, because files name it; nothing of the person does, and nobody signs in with it."""
    from allauth.mfa.models import Authenticator

    with transaction.atomic():
        Authenticator.objects.filter(user_id=user_id).delete()
        User.objects.get(pk=user_id).sessions.all().delete()
        User.objects.filter(pk=user_id).update(
            first_name="", last_name="—", email=f"{user_id}@parti.invalid", password="!", is_active=False
        )


def _is_forgotten() -> Q:
    return Q(email__endswith="@parti.invalid")
