"""The wall between territories is PostgreSQL's, not ours."""

import threading

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from palier.kernel import clock
from palier.people.models import Person
from palier.territories import walls
from palier.territories.models import Territory
from tests import factories


@pytest.mark.django_db
def test_SEC_01_without_a_territory_nothing_is_visible_and_nothing_can_be_written(now):
    town = factories.territory()
    person = factories.person(town)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select set_config('palier.territory', '', true)")
        assert not Person.objects.exists()
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            person.pk = None
            person.save(force_insert=True)


@pytest.mark.django_db
def test_SEC_01_the_role_of_the_application_owns_nothing_and_cannot_bypass_the_walls(now):
    with connection.cursor() as cursor:
        cursor.execute(
            "select rolname, rolsuper, rolbypassrls, (select count(*) from pg_class where relowner = r.oid)"
            " from pg_roles r where rolname = current_user"
        )
        assert cursor.fetchone() == ("palier_app", False, False, 0)


@pytest.mark.django_db
def test_SEC_01_every_table_with_a_territory_has_forced_policies_for_every_command():
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select c.relname, c.relrowsecurity, c.relforcerowsecurity,
                   array_agg(distinct p.cmd order by p.cmd) filter (where 'palier_app' = any (p.roles))
            from pg_class c
            join pg_attribute a on a.attrelid = c.oid and a.attname = 'territory_id' and not a.attisdropped
            left join pg_policies p on p.tablename = c.relname
            where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
            group by 1, 2, 3
            """
        )
        rows = cursor.fetchall()
    assert len(rows) > 30
    for table, enabled, forced, commands in rows:
        assert (enabled, forced) == (True, True), table
        assert commands == ["DELETE", "INSERT", "SELECT", "UPDATE"], table
    assert set(walls.DOORS) <= {row[0] for row in rows}, "a door without a wall is not needed any more"


@pytest.mark.django_db(transaction=True)
def test_SEC_01_two_territories_in_parallel_threads_never_see_each_other(now):
    """Persistent connections, changing territory at each transaction, with failures in between."""
    made = {}
    for code in ("belrive", "valmont"):
        with transaction.atomic():
            town = factories.territory(code, code.title())
            made[town.pk] = {factories.person(town, f"{code}{n}", phone=None).pk for n in range(5)}
    foreign: list[int] = []

    def work(seed: int) -> None:
        order = list(made) if seed % 2 else list(reversed(made))
        try:
            for turn in range(60):
                here = order[turn % 2]
                try:
                    with walls.inside(here):
                        seen = set(Person.objects.values_list("pk", flat=True))
                        foreign.extend(seen - made[here])
                        if turn % 7 == 0:
                            raise ZeroDivisionError
                except ZeroDivisionError:
                    pass
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert foreign == []


@pytest.mark.django_db
def test_an_inner_wall_is_left_as_it_was_entered(now):
    one, two = factories.territory(), factories.territory("valmont", "Valmont")
    with walls.inside(one.pk):
        with walls.inside(two.pk):
            assert walls.current() == two.pk
        assert walls.current() == one.pk


@pytest.mark.django_db
def test_SEC_10_the_same_telephone_may_be_known_in_two_territories(now):
    for code in ("belrive", "valmont"):
        town = factories.territory(code, code.title())
        factories.person(town, phone="+33261914720")
    assert Territory.objects.count() == 2


@pytest.mark.django_db
def test_a_wall_is_entered_in_a_transaction_only(monkeypatch):
    monkeypatch.setattr(type(connection), "in_atomic_block", False, raising=False)
    with pytest.raises(RuntimeError):
        walls.enter(1)


@pytest.mark.django_db
def test_an_open_thing_without_a_duty_is_refused_at_commit(belrive, bruno):
    from palier.concerns.models import Concern

    with pytest.raises(IntegrityError, match="nobody is responsible"), transaction.atomic():
        Concern.objects.create(
            territory=belrive, facts="Elle ne répond plus.", reported_by="Bruno", opened_at=clock.now()
        )
        with connection.cursor() as cursor:
            cursor.execute("set constraints all immediate")
