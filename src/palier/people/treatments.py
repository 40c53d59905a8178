"""What becomes of everything that points at a file when it is joined to another, relation by relation.

Every foreign key to a person and every column that holds her number stands here; a guard test fails when a new one has
no treatment, or when one named here is gone. The names are `application.model.column`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.apps import apps
from django.db import models
from django.utils.translation import gettext_lazy as _


class Treatment(StrEnum):
    # The rows go over to the file that is kept.
    MOVE = "move"
    # They go over unless the file kept has its own (a number both had): then they stay, and come back with an undo.
    MOVE_OR_STAY = "move_or_stay"
    # Written once: they keep the number of their file, and are read under both (journal, consents).
    READ_UNDER_BOTH = "read_under_both"
    # Both files have one and only one is possible: somebody has to end one first.
    ONE_ONLY = "one_only"
    # About the file itself and not about the person.
    LEAVE = "leave"


T = Treatment
TREATMENTS: dict[str, Treatment] = {
    "calls.call.person": T.MOVE,
    "calls.plannedcall.person": T.MOVE,
    "concerns.concern.person": T.MOVE,
    "duties.duty.person_id": T.MOVE,
    # What an import made of a line: its own file, hidden or not.
    "exchange.line.match_id": T.LEAVE,
    "exchange.line.person_id": T.LEAVE,
    "journal.entry.person_id": T.READ_UNDER_BOTH,
    "matching.keepapart.person": T.MOVE_OR_STAY,
    "messaging.message.person_id": T.MOVE,
    "needs.need.person": T.MOVE,
    "people.away.person": T.MOVE,
    "people.confined.person": T.MOVE_OR_STAY,
    "people.consent.person": T.READ_UNDER_BOTH,
    "people.contact.person": T.MOVE,
    "people.double.first": T.LEAVE,
    "people.double.second": T.LEAVE,
    "people.homesecret.person": T.MOVE_OR_STAY,
    "people.joinedfile.kept": T.LEAVE,
    "people.joinedfile.absorbed": T.LEAVE,
    "people.note.person": T.MOVE,
    "people.objection.person": T.READ_UNDER_BOTH,
    "people.person.merged_into": T.LEAVE,
    "people.phonenumber.person": T.MOVE_OR_STAY,
    "people.presence.person": T.MOVE,
    "people.protection.person": T.ONE_ONLY,
    "people.searchname.person": T.LEAVE,
    # The words by which a file is found: those of the absorbed file find nobody while it is hidden.
    "people.searchword.person": T.LEAVE,
    "privacy.rightsrequest.person": T.MOVE,
    "register.enrolment.person": T.ONE_ONLY,
    "telecare.event.person": T.MOVE,
    "visits.visit.person": T.MOVE,
}
# Numbers of people in columns that are called otherwise.
OTHER_NUMBERS = frozenset({"exchange.line.match_id"})
ENDED_FIRST = {
    "people.protection.person": _(
        "Les deux fiches ont une mesure de protection : terminez celle qui n’est plus juste, puis réunissez-les."
    ),
    "register.enrolment.person": _(
        "Les deux fiches sont inscrites au même registre. Une personne désignée retire d’abord l’une des deux"
        " inscriptions (« inscrite par erreur »), puis vous les réunissez."
    ),
}


@dataclass(frozen=True, slots=True)
class Relation:
    """A column that holds the number of a person."""

    name: str
    model: type[models.Model]
    # Of the database, and of the query: `person_id`.
    column: str


def relations() -> Iterator[Relation]:
    """Every foreign key to a person, and every column of numbers named after one, from the models themselves."""
    person = apps.get_model("people", "Person")
    for model in sorted(apps.get_models(), key=lambda model: model._meta.label_lower):
        if not model.__module__.startswith("palier."):
            continue
        for field in model._meta.local_fields:
            is_key = field.is_relation and field.related_model is person
            name = f"{model._meta.label_lower}.{field.name}"
            is_number = not field.is_relation and (field.name.endswith("person_id") or name in OTHER_NUMBERS)
            if is_key or is_number:
                yield Relation(name, model, field.attname)


def of(treatment: Treatment) -> list[Relation]:
    return [relation for relation in relations() if TREATMENTS.get(relation.name) == treatment]
