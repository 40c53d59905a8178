"""A few people who came twice: by the spreadsheet of a winter, and by a call in which the name was half heard."""

from collections.abc import Callable
from datetime import datetime, timedelta

from palier.demo.folk import Folk
from palier.demo.ground import Ground
from palier.kernel import clock, phones
from palier.people.models import Person
from palier.people.operations import create_person

# What was heard, or typed in a hurry.
_HEARD: tuple[Callable[[str], str], ...] = (
    lambda name: name[:-1] + {"t": "d", "d": "t", "s": "x", "e": "é"}.get(name[-1], name[-1] * 2),
    lambda name: name.upper(),
    lambda name: name[:2] + name[3:] if len(name) > 5 else name + "s",
)


def live(ground: Ground, folk: Folk, now: datetime) -> None:
    """Three second files, opened by different hands; the next night proposes them to the desk."""
    first_and_street = folk.people[60:180:50]
    with clock.at(now - timedelta(days=12, hours=3)):
        for person, heard in zip(first_and_street, _HEARD, strict=False):
            _again(person, heard, ground)


def _again(person: Person, heard: Callable[[str], str], ground: Ground) -> None:
    numbers = [
        phones.pretty(number)
        for number in person.phones.order_by("order", "pk").values_list("e164", flat=True)
    ]
    create_person(
        first_name=person.first_name,
        last_name=heard(person.last_name),
        title=person.title,
        birth_on=person.birth_on,
        street=person.street,
        postcode=person.postcode,
        city=person.city,
        phones=numbers[:1],
        despite_namesake=True,
        actor=ground.actor("nadia"),
    )
