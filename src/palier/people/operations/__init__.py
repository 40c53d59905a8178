"""Opening and changing a person's file, noting who is around her and what she agreed to."""

from palier.people.operations.around import add_contact
from palier.people.operations.bulk import NewFile, check_new_file, create_people, in_use, remove_people
from palier.people.operations.checking import SAME_GESTURE
from palier.people.operations.compartments import confine, follow, grant, open_compartment, release, revoke
from palier.people.operations.consents import note_consent, note_contact_made, noting_contact
from palier.people.operations.files import CHANGEABLE, change_person, create_person

__all__ = [
    "CHANGEABLE",
    "SAME_GESTURE",
    "NewFile",
    "add_contact",
    "change_person",
    "check_new_file",
    "confine",
    "create_people",
    "create_person",
    "follow",
    "grant",
    "in_use",
    "note_consent",
    "note_contact_made",
    "noting_contact",
    "open_compartment",
    "release",
    "remove_people",
    "revoke",
]
