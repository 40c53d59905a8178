"""What people are found by: the words, the ways of saying a name, and the vocabulary of names with its keys.

Written in the transaction of the change, by `index`. A name that nobody bore before enters the vocabulary with the keys
a misspelling leads to; `forget_words` takes it out again at night when nobody bears it any more. Two desks that write
the same new name do not wait for each other: both write it, and the night keeps one. A name that is there is locked
against the night, and against nothing else, until the change is committed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from palier.kernel import statements
from palier.kernel.phonetics import slips, sounds
from palier.kernel.text import fold
from palier.people.models import NameWord, Person, SearchName, SearchWord

# In the table of words, numbers stand beside names: the digits as dialled, the same read from the end (« ça
# finit par 47 20 »), and the birth. The sign keeps them apart from folded words, which hold letters and digits.
DIALLED, REVERSED, BORN = "+", "<", "@"
# Before the key of a sound, among the keys of a name.
SOUND = "~"
LONGEST = 40
# « Marie-Thérèse Anne Le Goff-Kerambrun »: the ways of saying it that are kept, at most.
_MOST_WAYS = 24

# Not kept as words of a street: every second street has them, and they find nobody.
STREET_TYPES = frozenset(
    "allee allees av avenue bd boulevard chemin cite cour cours hameau impasse lotissement passage place quai residence"
    " rond route rue ruelle sentier square villa".split()
)
STREET_NOISE = STREET_TYPES | frozenset("bis d de des du et l la le les lieu ter".split())
# What stands before a name and is no name by itself.
PARTICLES = frozenset(
    "abd al ait aux ben bel d da das de del della den der des di do dos du el l la las le les lo los ould san st ste"
    " saint sainte ten ter van von vom zu".split()
)


@dataclass(frozen=True, slots=True)
class Indexed:
    """What of a person is searched."""

    person_id: int
    first_name: str
    last_name: str
    birth_name: str = ""
    street: str = ""
    city: str = ""
    birth_on: date | None = None
    telecare_number: str = ""
    numbers: tuple[str, ...] = ()


def search_text_of(
    *, first_name: str, last_name: str, birth_name: str = "", street: str = "", city: str = ""
) -> str:
    """The key a person is listed by: last name first."""
    return fold(f"{last_name} {first_name} {birth_name} {street} {city}")[:300]


def search_words_of(
    *,
    first_name: str,
    last_name: str,
    birth_name: str = "",
    street: str = "",
    city: str = "",
    birth_on: date | None = None,
    telecare_number: str = "",
    numbers: Iterable[str] = (),
) -> list[str]:
    """The words a person is found by, in order and once each; `numbers` in E.164."""
    words = set(fold(f"{last_name} {first_name} {birth_name}").split())
    words |= {word for word in fold(f"{street} {city}").split() if word not in STREET_NOISE}
    for e164 in numbers:
        digits = national(e164)
        words |= {DIALLED + digits, REVERSED + digits[::-1]}
    if telecare_number:
        words.add(telecare_number)
    if birth_on is not None:
        words.add(f"{BORN}{birth_on.isoformat()}")
    return sorted({word[:LONGEST] for word in words})


def national(e164: str) -> str:
    return "0" + e164[3:] if e164.startswith("+33") else e164.lstrip("+")


def forms(name: str) -> list[str]:
    """A name as one word, then its parts that are names by themselves: « Le Goff » gives « legoff » and « goff »."""
    words = fold(name).split()
    if not words:
        return []
    parts = [word for word in words if len(word) > 2 and word not in PARTICLES] if len(words) > 1 else []
    return list(dict.fromkeys(word[:LONGEST] for word in ["".join(words), *parts]))


def ways(first_name: str, last_name: str, birth_name: str = "") -> list[tuple[str, str]]:
    """Each surname she bears or bore with each first name, the whole ones first; one pair of empty words for nothing."""
    last = [*dict.fromkeys([*forms(last_name), *forms(birth_name)])] or [""]
    first = forms(first_name) or [""]
    pairs = sorted(
        ((a, b) for a in range(len(last)) for b in range(len(first))), key=lambda place: (sum(place), place)
    )
    return [(last[a], first[b]) for a, b in pairs[:_MOST_WAYS]]


def keys_of(word: str) -> list[str]:
    """What leads to a name of the vocabulary: each slip of a finger, and its sound."""
    heard = sounds(word)
    return [*slips(word), SOUND + heard] if heard else slips(word)


def index(territory_id: int, people: Sequence[Indexed], *, is_new: bool = False) -> None:
    """Write what these people are found by, instead of what was; inside the transaction of the change.

    `is_new`: nothing is there yet.
    """
    if not people:
        return
    ids = [one.person_id for one in people]
    if not is_new:
        SearchWord.objects.filter(person_id__in=ids).delete()
        SearchName.objects.filter(person_id__in=ids).delete()
    words = [(one.person_id, word) for one in people for word in _words(one)]
    names = [
        (one.person_id, last, first, one.birth_on.year if one.birth_on else 0)
        for one in people
        for last, first in ways(one.first_name, one.last_name, one.birth_name)
    ]
    statements.together(
        (
            "insert into people_searchword (territory_id, person_id, word)"
            " select %s, * from unnest(%s::bigint[], %s::text[])",
            [territory_id, *_columns(words, 2)],
        ),
        (
            "insert into people_searchname (territory_id, person_id, last, first, born)"
            " select %s, * from unnest(%s::bigint[], %s::text[], %s::text[], %s::smallint[])",
            [territory_id, *_columns(names, 4)],
        ),
    )
    _learn(territory_id, names)


def index_person(person: Person, numbers: Iterable[str], *, is_new: bool = False) -> None:
    """The same for one person whose row is at hand."""
    index(person.territory_id, [of_person(person, numbers)], is_new=is_new)


def of_person(person: Person, numbers: Iterable[str]) -> Indexed:
    return Indexed(
        person.pk,
        person.first_name,
        person.last_name,
        person.birth_name,
        person.street,
        person.city,
        person.birth_on,
        person.telecare_number,
        tuple(numbers),
    )


def _words(one: Indexed) -> list[str]:
    return search_words_of(
        first_name=one.first_name,
        last_name=one.last_name,
        birth_name=one.birth_name,
        street=one.street,
        city=one.city,
        birth_on=one.birth_on,
        telecare_number=one.telecare_number,
        numbers=one.numbers,
    )


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]


# --- the vocabulary ---------------------------------------------------------------------------------------------

# The lock holds off the night that takes unused names away (`for update`); writers never wait for each other.
KNOWN = """
select kind, word from people_nameword where territory_id = %s and word = any(%s::text[]) for key share
"""
LEARN = """
with made as (
  insert into people_nameword (territory_id, kind, word)
  select %(territory)s, * from unnest(%(kinds)s::text[], %(words)s::text[]) returning id, kind, word
)
insert into people_namekey (territory_id, name_id, key, kind, word)
select %(territory)s, made.id, k.key, made.kind, made.word
from unnest(%(key_kinds)s::text[], %(key_words)s::text[], %(keys)s::text[]) k (kind, word, key)
join made on made.kind = k.kind and made.word = k.word
"""


def _learn(territory_id: int, names: Sequence[tuple[int, str, str, int]]) -> None:
    """Put the names that nobody bore into the vocabulary."""
    wanted = {(NameWord.Kind.LAST.value, last) for _pk, last, _first, _born in names if last}
    wanted |= {(NameWord.Kind.FIRST.value, first) for _pk, _last, first, _born in names if first}
    known = statements.rows(KNOWN, [territory_id, sorted({word for _kind, word in wanted})])
    new = sorted(wanted - set(known))
    if not new:
        return
    keys = [(kind, word, key) for kind, word in new for key in keys_of(word)]
    kinds, words = _columns(new, 2)
    key_kinds, key_words, all_keys = _columns(keys, 3)
    with connection.cursor() as cursor:
        cursor.execute(
            LEARN,
            {
                "territory": territory_id,
                "kinds": kinds,
                "words": words,
                "key_kinds": key_kinds,
                "key_words": key_words,
                "keys": all_keys,
            },
        )


# Borne by nobody, or written twice.
UNUSED = """
select w.id from people_nameword w
where w.territory_id = %(territory)s {which} and (
  (w.kind = 'last' and not exists (
    select 1 from people_searchname n where n.territory_id = w.territory_id and n.last = w.word))
  or (w.kind = 'first' and not exists (
    select 1 from people_searchname n where n.territory_id = w.territory_id and n.first = w.word))
  or exists (select 1 from people_nameword o
    where o.territory_id = w.territory_id and o.word = w.word and o.kind = w.kind and o.id < w.id))
"""


def unused_words(territory_id: int) -> list[int]:
    """The names of the vocabulary that nobody bears any more, or that are written twice."""
    with connection.cursor() as cursor:
        cursor.execute(UNUSED.format(which=""), {"territory": territory_id})
        return [pk for (pk,) in cursor.fetchall()]


def forget_words(territory_id: int, ids: Sequence[int]) -> int:
    """Take these names out of the vocabulary, if they are still unused; one transaction. How many went.

    Locked first, asked again afterwards: who is writing somebody of that name at this moment holds the name, and it is
    passed over; who comes later waits for the end of this transaction, finds the name gone and writes it again.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select id from people_nameword where territory_id = %s and id = any(%s) for update skip locked",
            [territory_id, list(ids)],
        )
        held = [pk for (pk,) in cursor.fetchall()]
        cursor.execute(
            UNUSED.format(which="and w.id = any(%(ids)s)"), {"territory": territory_id, "ids": held}
        )
        gone = [pk for (pk,) in cursor.fetchall()]
        cursor.execute("delete from people_namekey where name_id = any(%s)", [gone])
        cursor.execute("delete from people_nameword where id = any(%s)", [gone])
    return len(gone)


# --- people without their rows ----------------------------------------------------------------------------------


def waiting(after: int, limit: int, *, all_of_them: bool) -> list[int]:
    """Whose rows are to be written, by number: those of before the vocabulary, or everybody."""
    people = Person.objects.filter(pk__gt=after).order_by("pk")
    if not all_of_them:
        people = people.exclude(search_text="").filter(names__isnull=True)
    return list(people.values_list("pk", flat=True)[:limit])


def index_again(territory_id: int, ids: Sequence[int]) -> int:
    """Write the rows of these people from their files; a file in use is locked as by a change. How many."""
    people = (
        Person.objects.filter(pk__in=ids)
        .select_for_update(of=("self",), no_key=True)
        .order_by("pk")
        .prefetch_related("phones")
    )
    found = [of_person(person, [number.e164 for number in person.phones.all()]) for person in people]
    index(territory_id, found)
    return len(found)
