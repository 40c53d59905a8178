"""A file that is kept apart, tried from every address of the desk by somebody without the grant: no side door."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction

from palier.people import operations as people
from palier.people import sight
from palier.people.models import Contact, Person
from palier.territories import walls
from tests import factories
from tests.guards.test_permission_matrix import matrix
from tests.guards.test_walls_of_pages import addresses, fill
from tests.web.client import desk_client

# What stands in her file, in what is owed for her and in what was said of her, and nowhere else.
TRACES = ("Zéphyrine", "Quatrebarbes", "Impasse-du-Secret", "Sidonie", "frigo est vide")


@pytest.fixture
def town(transactional_db: None) -> Iterator[dict[str, Any]]:
    """Something of everything about one person, then her file is kept apart; an agent, and a colleague let in."""
    from palier.kernel import clock

    with clock.at(factories.local(2026, 11, 12, 10, 20)):
        with transaction.atomic():
            town = factories.territory()
            head = factories.actor(factories.member(town, "Hélène", "Responsable", "head"))
            inside = factories.member(town, "Ines", "Dedans")
            outside = factories.member(town, "Bruno", "Dehors")
            things = fill(town, head)
            her = things["person"]
            contact = people.add_contact(
                her, name="Sidonie Proche", relation="child", phone="06 39 98 77 66", actor=head
            )
            things |= {
                "contact": contact.pk,
                "presence": people.note_presence(her, who="Sidonie", kind="call", days=[1], actor=head).pk,
                "away": people.say_away(
                    her, reason="family", starts_on=date(2026, 12, 20), told_by="Sidonie", actor=head
                ).pk,
                "secret": people.keep_secret(her, kind="key_place", value="Chez Sidonie", actor=head).pk,
                "note": people.write_note(her, text="Sidonie passe souvent.", actor=head).pk,
            }
            strand = people.open_compartment(name="Volet confidentiel", actor=head)
            people.grant(strand.pk, membership_id=head.membership_id, actor=head)
            people.grant(strand.pk, membership_id=inside.pk, actor=head)
            people.confine(things["person"], compartment_id=strand.pk, actor=head)
        yield {"town": town, "things": things, "inside": inside, "outside": outside, "strand": strand}


def visited(member: Any, numbers: set[int], methods: tuple[str, ...]) -> tuple[list[Any], list[Any], int]:
    with walls.inside(member.territory_id):
        client = desk_client(member)
    leaks, odd, shown = [], [], 0
    searched = [("people", "/personnes/?q=quatrebarbes", ()), ("people", "/personnes/?q=0261914799", ()),
                ("need_new", "/besoins/nouveau/?q=quatrebarbes", ()), ("phone_desk", "/telephone/?q=quatrebarbes", ()),
                ("today", "/?pour=team", ()), ("today", "/?pour=unowned", ())]  # fmt: skip
    for name, address, _methods in [*searched, *addresses(numbers)]:
        if matrix().get(name) == {"open"}:
            continue
        for method in methods:
            answer = getattr(client, method)(address)
            body = answer.content.decode(errors="replace").replace("quatrebarbes", "")
            shown += answer.status_code == 200
            if any(trace in body for trace in TRACES):
                leaks.append((method, address))
            if answer.status_code >= 500:
                odd.append((method, address, answer.status_code))
    return leaks, odd, shown


def test_nobody_learns_a_name_through_a_side_door(town: Any) -> None:
    """Each address with each number, read and sent: not her name, not her street, not what was said of her."""
    numbers = set(town["things"].values())
    leaks, odd, shown = visited(town["outside"], numbers, ("get", "post"))
    assert leaks == []
    assert odd == []
    assert shown > 15, "the pages were really shown"


def test_the_colleague_who_was_let_in_finds_her_everywhere(town: Any) -> None:
    """The control of the test above: the same addresses, with the grant, do name her."""
    leaks, odd, _shown = visited(town["inside"], set(town["things"].values()), ("get",))
    assert odd == []
    assert len(leaks) > 10


def test_the_database_itself_leaves_her_out_of_a_page_whoever_wrote_the_statement(town: Any) -> None:
    person = town["things"]["person"]
    territory = town["town"].pk

    def found(member: Any, *, read_only: bool = True) -> tuple[int, int]:
        with (
            walls.inside(territory, read_only=read_only, reader=member.pk if member else None),
            connection.cursor() as cursor,
        ):
            cursor.execute("select count(*) from people_person where id = %s", [person])
            (people_found,) = cursor.fetchone()
            cursor.execute("select count(*) from people_contact where person_id = %s", [person])
            return people_found, cursor.fetchone()[0]

    assert found(town["outside"]) == (0, 0)
    assert found(town["inside"]) == (1, 1)
    # A change must reach all that it concerns; there the operations ask `visible_to`.
    assert found(None, read_only=False) == (1, 1)


def test_the_three_ways_of_saying_who_sees_whom_agree(town: Any) -> None:
    """`visible_to`, the words for statements written by hand, and the database's lock."""
    territory = town["town"]
    with walls.inside(territory.pk):
        ordinary = factories.person(territory, "Lise", "Roux", phone="+33261914711")
    for member in (town["inside"], town["outside"]):
        with walls.inside(territory.pk):
            actor = factories.actor(member)
            by_rule = set(Person.objects.visible_to(actor).values_list("pk", flat=True))
            with connection.cursor() as cursor:
                cursor.execute(f"select p.id from people_person p where {sight.seen()}", sight.values(actor))
                by_hand = {pk for (pk,) in cursor.fetchall()}
        with walls.inside(territory.pk, read_only=True, reader=member.pk):
            by_lock = set(Person.objects.values_list("pk", flat=True))
            contacts = set(Contact.objects.values_list("person", flat=True))
        assert by_rule == by_hand == by_lock
        assert ordinary.pk in by_rule
        assert contacts <= by_rule
        assert (town["things"]["person"] in by_rule) == (member == town["inside"])
