"""Opening and changing a person's file, noting who is around her and what she agreed to."""

from palier.people.operations.around import add_contact
from palier.people.operations.checking import SAME_GESTURE
from palier.people.operations.compartments import confine, follow, grant, open_compartment, release, revoke
from palier.people.operations.consents import note_consent, note_contact_made, noting_contact
from palier.people.operations.files import CHANGEABLE, change_person, create_person

__all__ = [
    "CHANGEABLE",
    "SAME_GESTURE",
    "add_contact",
    "change_person",
    "confine",
    "create_person",
    "follow",
    "grant",
    "note_consent",
    "note_contact_made",
    "noting_contact",
    "open_compartment",
    "release",
    "revoke",
]
