"""Finding a person: by number, by half a name, by street, by year of birth; and what she agreed to."""

import re
from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from palier.accounts.actor import Actor
from palier.kernel import phones, sealing
from palier.kernel.clock import today
from palier.kernel.text import fold
from palier.people.living import Away, Objection
from palier.people.models import Consent, Contact, Person, PhoneNumber, SearchWord, of_seen_people

# What the numbers of those who must not be contacted are closed with.
SEALED_CONTACT = "palier.people.contact"

# In the table of words, numbers stand beside names: the digits as dialled, the same read from the end (« ça
# finit par 47 20 »), and the year of birth. The sign keeps them apart from folded words, which hold letters
# and digits.
DIALLED, REVERSED, BORN = "+", "<", "@"

# Not kept as words of a street: every second street has them, and they find nobody.
_STREET_NOISE = frozenset(
    "allee allees av avenue bd bis boulevard chemin cite cour cours d de des du et impasse l la le les lieu"
    " lotissement passage place quai residence rond route rue square ter villa".split()
)
_LAST_SIGN = "\U0010ffff"
_NUMBER = re.compile(r"(?<![\w+])(?:\+|0)[\d .\-/()\u00a0\u202f]*\d")
_ONLY_DIGITS = re.compile(r"[+\d .\-/()\u00a0\u202f]+")
_FEWEST_DIGITS = 4


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
    numbers: Iterable[str] = (),
) -> list[str]:
    """The words a person is found by, in order and once each; `numbers` in E.164."""
    words = set(fold(f"{last_name} {first_name} {birth_name}").split())
    words |= {word for word in fold(f"{street} {city}").split() if word not in _STREET_NOISE}
    for e164 in numbers:
        digits = _national(e164)
        words |= {DIALLED + digits, REVERSED + digits[::-1]}
    if birth_on is not None:
        words.add(f"{BORN}{birth_on.year}")
    return sorted({word[:40] for word in words})


def search(text: str, *, actor: Actor, limit: int = 20) -> list[Person]:
    """The people whose names, street, town, number or year of birth begin with every word of `text`.

    « march til », « odette 1942 », « 47 20 » (the end of a number), « 02 61 91 47 20 » (also of somebody
    around her). In alphabetical order; nobody when nothing was typed, or when the actor may not see files.
    """
    clauses = _clauses(text)
    if not clauses:
        return []
    found = Person.objects.visible_to(actor)
    for clause in clauses:
        word = Exists(SearchWord.objects.filter(clause, person=OuterRef("pk")))
        found = found.filter(word)
    people = list(found.order_by("search_text", "pk").prefetch_related("phones")[:limit])
    if not people and (whole := _whole_number(text)):
        around = Contact.objects.callable().filter(phone=whole).values("person_id")
        people = list(
            Person.objects.visible_to(actor)
            .filter(pk__in=around)
            .order_by("search_text", "pk")
            .prefetch_related("phones")[:limit]
        )
    return people


def by_number(e164: str, *, actor: Actor) -> list[Person]:
    """Everybody who may be calling from this number, by name; there is never an automatic choice (TEL-21).

    Whose file is kept apart calls from an unknown number, for those who may not see it.
    """
    if not e164:
        return []
    owners = PhoneNumber.objects.filter(e164=e164).values("person_id")
    people = Person.objects.visible_to(actor).filter(pk__in=owners)
    return list(people.order_by("search_text", "pk")[:20])


def contacts_by_number(e164: str, *, actor: Actor) -> list[Contact]:
    """Those around our people who may be calling from this number, with the person they are around."""
    if not e164:
        return []
    around = Contact.objects.callable().filter(of_seen_people(actor), phone=e164)
    return list(around.select_related("person").order_by("name", "pk")[:20])


def files_of(person_ids: Sequence[int]) -> "QuerySet[Person]":
    """These files and those that were joined to them: what is written once is read under all their numbers."""
    return Person.objects.filter(Q(pk__in=list(person_ids)) | Q(merged_into__in=list(person_ids)))


def consents_of(person_ids: Sequence[int]) -> dict[int, dict[str, bool]]:
    """What each of these people last said of each purpose; a purpose never asked about is not there."""
    said: dict[int, dict[str, bool]] = {pk: {} for pk in person_ids}
    lines = (
        Consent.objects.filter(person__in=files_of(person_ids))
        .annotate(whose=Coalesce("person__merged_into_id", "person_id"))
        .order_by("whose", "purpose", "-at", "-pk")
        .distinct("whose", "purpose")
        .values_list("whose", "purpose", "is_given")
    )
    for person_id, purpose, is_given in lines:
        said[person_id][purpose] = is_given
    return said


def agrees(person_id: int, purpose: str) -> bool | None:
    """What she last said of one purpose; None when she was never asked."""
    return consents_of([person_id])[person_id].get(purpose)


def objections_of(person_id: int) -> set[str]:
    """What she no longer wants, as she last said (`Objection.To`)."""
    lines = (
        Objection.objects.filter(person__in=files_of([person_id]))
        .order_by("to", "-at", "-pk")
        .distinct("to")
        .values_list("to", "holds")
    )
    return {to for to, holds in lines if holds}


def away_on(person_id: int, day: date) -> Away | None:
    """Her absence of that day, when nobody said that she is back."""
    return Away.objects.open().on(day).filter(person_id=person_id).order_by("starts_on", "pk").first()


def is_not_to_be_rung(e164: str) -> bool:
    """Somebody who must not be contacted calls from this number: nobody rings back, nobody says anything."""
    if not e164:
        return False
    return Contact.objects.filter(
        do_not_contact=True, sealed_mark__in=sealing.fingerprints(e164, SEALED_CONTACT)
    ).exists()


def _clauses(text: str) -> list[Q]:
    """One condition a word typed, on the table of words."""
    text = text[:200]
    if _ONLY_DIGITS.fullmatch(text.strip()) and len(_digits(text)) >= _FEWEST_DIGITS:
        return [_number_clause(_digits(text))]
    clauses = [
        _number_clause(digits)
        for match in _NUMBER.finditer(text)
        if len(digits := _digits(match.group())) >= _FEWEST_DIGITS
    ]
    rest = _NUMBER.sub(lambda m: " " if len(_digits(m.group())) >= _FEWEST_DIGITS else m.group(), text)
    tokens = fold(rest).split()
    telling = [token for token in tokens if token not in _STREET_NOISE] or tokens[:1]
    for token in dict.fromkeys(telling[:8]):
        if token.isdigit() and len(token) >= _FEWEST_DIGITS:
            clauses.append(_number_clause(token))
        else:
            clauses.append(_begins(token))
    return clauses


def _number_clause(digits: str) -> Q:
    digits = digits[:20]
    either = _begins(DIALLED + digits) | _begins(REVERSED + digits[::-1]) | _begins(digits)
    if len(digits) == 4 and 1900 <= int(digits) <= today().year:
        either |= Q(word=BORN + digits)
    return either


def _begins(start: str) -> Q:
    """A range and not LIKE: behind a row-level policy only leak-proof comparisons use an index."""
    start = start[:40]
    return Q(word__gte=start, word__lt=start + _LAST_SIGN)


def _digits(text: str) -> str:
    """As dialled in France: « +33 2 61 » and « 00 33 2 61 » are « 02 61 »."""
    plain = re.sub(r"\(0\)", "", text.strip())
    digits = re.sub(r"\D", "", plain)
    if plain.startswith("+33"):
        return "0" + digits[2:]
    return "0" + digits[4:] if digits.startswith("0033") else digits


def _national(e164: str) -> str:
    return "0" + e164[3:] if e164.startswith("+33") else e164.lstrip("+")


def _whole_number(text: str) -> str:
    try:
        return phones.parse(text).e164
    except phones.BadPhone:
        return ""
