"""Inventing the people of a town and writing them down with the operations of the screens.

Ages, sexes, who lives alone, who shares a telephone, who has a key elsewhere: near what is known of such files
in French towns of this size (most are women over eighty who live alone; a third to a half have telecare).
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from palier.accounts.actor import Actor
from palier.demo.ground import Ground
from palier.demo.names import Names, Numbers
from palier.demo.streets import Addresses
from palier.kernel import clock
from palier.kernel.places import Point
from palier.people.models import Person
from palier.people.operations import add_contact, create_person, note_consent
from palier.territories.seeds import KINDS
from palier.volunteers import operations as volunteers
from palier.volunteers.models import Volunteer

# Of a hundred people on file, by age.
_AGES = ((60, 69, 6), (70, 79, 22), (80, 89, 52), (90, 97, 20))
_TALK = (
    "Entend mal à droite. Parler lentement.",
    "Plutôt le matin, après 9 h 30.",
    "Aime parler de son jardin.",
    "Laisser sonner longtemps : elle marche avec une canne.",
    "N’aime pas qu’on l’appelle pendant le repas.",
    "Parle peu au téléphone, préfère une visite.",
    "Se méfie du démarchage : dire d’abord son nom et « CCAS ».",
    "Ancienne institutrice, aime les mots croisés.",
)
_HOME = (
    "Sonner deux fois.",
    "Un chat.",
    "Petit chien, gentil.",
    "Entrée par la cour.",
    "La gardienne peut ouvrir.",
)
_ACCESS = (
    "rez-de-chaussée",
    "1er étage à droite",
    "2e étage sans ascenseur",
    "3e étage, ascenseur",
    "maison au fond de la cour",
    "",
    "",
)
_CONTACTS = (
    ("child", "sa fille, à Orléans"),
    ("child", "son fils, à Blois"),
    ("child", "sa fille, dans la ville"),
    ("relative", "sa nièce"),
    ("relative", "son neveu, à Tours"),
    ("neighbour", "voisine de palier"),
    ("neighbour", "voisin d’en face"),
    ("home_help", "aide à domicile, le matin"),
    ("nurse", "infirmière, trois fois par semaine"),
)
_ABOUT = (
    "retraité",
    "retraitée",
    "étudiante",
    "infirmier à mi-temps",
    "enseignante",
    "travaille de chez lui",
    "mère au foyer",
    "",
)
# How far ahead of the others each kind is accepted.
_ACCEPTED = {
    "shopping": 0.78, "courtesy_visit": 0.66, "regular_calls": 0.45, "paperwork": 0.34, "pharmacy": 0.6,
    "small_repairs": 0.3, "digital_help": 0.28, "outing": 0.5, "transport": 0.25, "other": 0.4,
}  # fmt: skip


@dataclass
class Folk:
    """Where names, numbers and addresses come from, and who has been written down so far."""

    ground: Ground
    random: Random
    names: Names
    landlines: Numbers
    mobiles: Numbers
    addresses: Addresses
    postcode: str
    city: str
    insee: str
    operator_id: int | None = None
    first_unit: int = 40_100
    people: list[Person] = field(default_factory=list)
    volunteers: list[Volunteer] = field(default_factory=list)
    _unit: int = 0

    # --- people who are helped

    def household(self, *, actor: Actor) -> list[Person]:
        """One person, or a couple with one telephone."""
        random = self.random
        if random.random() < 0.085:
            _first, last = self.names.full(False, 1938)
            street, point = self.addresses.next()
            phone = self.landlines.next()
            him = self.person(
                actor=actor, is_woman=False, last=last, street=street, point=point, phone=phone, alone=False
            )
            her = self.person(
                actor=actor, is_woman=True, last=last, street=street, point=point, phone=phone, alone=False
            )
            return [him, her]
        is_woman = random.random() < 0.76
        return [self.person(actor=actor, is_woman=is_woman, alone=random.random() < 0.74)]

    def person(
        self,
        *,
        actor: Actor,
        is_woman: bool,
        alone: bool,
        last: str | None = None,
        street: str = "",
        point: Point | None = None,
        phone: str = "",
        agrees: float = 0.8,
    ) -> Person:
        random = self.random
        low, high, _share = random.choices(_AGES, [share for _low, _high, share in _AGES])[0]
        born = self._birthday(random.randint(low, high))
        first, last = self.names.full(is_woman, born.year, last)
        if point is None:
            street, point = self.addresses.next()
        values: dict[str, Any] = {}
        if self.operator_id is not None and random.random() < 0.4:
            self._unit += 1
            values = {
                "telecare_operator_id": self.operator_id,
                "telecare_number": str(self.first_unit + self._unit),
            }
        access = random.choice(_ACCESS)
        person = create_person(
            first_name=first,
            last_name=last,
            title="madame" if is_woman else "monsieur",
            birth_on=born,
            street=street,
            access=access,
            postcode=self.postcode,
            city=self.city,
            insee=self.insee,
            x=point[0],
            y=point[1],
            phones=[phone or (self.landlines.next() if random.random() < 0.85 else self.mobiles.next())],
            lives_alone=alone,
            talk_note=random.choice(_TALK) if random.random() < 0.35 else "",
            home_note=random.choice(_HOME) if random.random() < 0.25 else "",
            has_stairs="sans ascenseur" in access,
            has_pets=random.random() < 0.12,
            despite_namesake=True,
            actor=actor,
            **values,
        )
        if random.random() < agrees:
            note_consent(person.pk, purpose="neighbour_help", is_given=True, actor=actor)
        if random.random() < 0.7:
            note_consent(person.pk, purpose="welfare_calls", is_given=random.random() < 0.9, actor=actor)
        if values:
            note_consent(person.pk, purpose="telecare", is_given=True, actor=actor)
        if random.random() < 0.8:
            self.contact(person, actor=actor)
        self.people.append(person)
        return person

    def contact(self, person: Person, *, actor: Actor) -> None:
        random = self.random
        relation, note = random.choice(_CONTACTS)
        is_woman = any(word in note for word in ("fille", "nièce", "voisine", "infirmière", "aide"))
        first, last = self.names.full(
            is_woman, random.randint(1950, 1985), person.last_name if relation == "child" else None
        )
        add_contact(
            person.pk,
            name=f"{first} {last}",
            relation=relation,
            note=note,
            phone=self.mobiles.next(),
            has_key=random.random() < 0.55,
            is_professional=relation in ("home_help", "nurse"),
            actor=actor,
        )

    # --- people who help

    def applicant(self, *, actor: Actor, **given: Any) -> Volunteer:
        """Somebody offers to help."""
        random = self.random
        is_woman = random.random() < 0.62
        born = self._birthday(round(random.triangular(19, 78, 45)))
        first, last = self.names.full(is_woman, born.year)
        street, point = self.addresses.next()
        kinds = [code for code, *_rest in KINDS if random.random() < _ACCEPTED[code]] or ["shopping"]
        values: dict[str, Any] = {
            "first_name": first,
            "last_name": last,
            "gender": "woman" if is_woman else "man",
            "birth_on": born,
            "phone": self.mobiles.next(),
            "street": street,
            "postcode": self.postcode,
            "city": self.city,
            "x": point[0],
            "y": point[1],
            "about": random.choice(_ABOUT) if random.random() < 0.4 else "",
            "languages": [
                "fr",
                *([random.choice(("ar", "pt", "en", "es"))] if random.random() < 0.15 else []),
            ],
            "kinds": kinds,
            "free": self.free_times(),
            "reach_minutes": random.choice((10, 15, 15, 20, 20, 30)),
            "max_per_month": random.choice((2, 3, 4, 4, 6, 8)),
            "avoids": ["heavy"] if random.random() < 0.1 else [],
            "has_car": random.random() < 0.45,
        } | given
        volunteer = volunteers.apply(actor=actor, **values)
        self.volunteers.append(volunteer)
        return volunteer

    def vet(
        self, volunteer: Volunteer, *, actor: Actor, days: tuple[date, date, date] | None = None
    ) -> Volunteer:
        """The three checks, then the welcome."""
        today = clock.today()
        on = days or (today, today, today)
        for check, day in zip(("interview", "identity", "charter"), on, strict=True):
            volunteers.note_check(volunteer.pk, check=check, on=day, actor=actor)
        return volunteers.welcome(volunteer.pk, actor=actor)

    def free_times(self) -> list[tuple[int, str, str]]:
        """Retired people are free by day, others in the evening and on Saturdays; a few have not said."""
        random = self.random
        draw = random.random()
        if draw < 0.45:
            days = random.sample(range(6), random.randint(3, 6))
            return [
                (day, *random.choice((("08:30", "12:30"), ("09:00", "18:00"), ("13:30", "18:30"))))
                for day in days
            ]
        if draw < 0.85:
            evenings = [(day, "17:00", "20:00") for day in random.sample(range(5), random.randint(1, 3))]
            return [*evenings, (5, *random.choice((("09:00", "18:00"), ("09:00", "13:00"))))]
        return [(day, "09:00", "19:00") for day in range(7)]

    def _birthday(self, age: int) -> date:
        today = clock.today()
        return (
            date(today.year - age, 1, 1) + timedelta(days=self.random.randint(0, 364)) - timedelta(days=365)
        )


def morning(day: date, hour: int = 9, minute: int = 0) -> datetime:
    """A moment of a day as its clocks show it."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=clock.PARIS)
