"""The life of a person's file: opened, changed, who is around her, how she lives, what she agreed to, how it ends."""

from palier.people.operations.around import (
    add_contact,
    allow_contact,
    change_contact,
    do_not_contact,
    move_contact,
    remove_contact,
    reveal_contact,
)
from palier.people.operations.checking import SAME_GESTURE
from palier.people.operations.compartments import confine, follow, grant, open_compartment, release, revoke
from palier.people.operations.consents import (
    note_consent,
    note_contact_made,
    note_objection,
    noting_contact,
)
from palier.people.operations.files import CHANGEABLE, change_person, create_person
from palier.people.operations.leaving import (
    Departure,
    come_back,
    depart,
    last_stopped,
    preview_departure,
    say_condolences_done,
)
from palier.people.operations.living import (
    ask_again,
    change_presence,
    end_protection,
    forget_secret,
    keep_secret,
    leave_home,
    note_presence,
    note_protection,
    remove_presence,
    reveal_secret,
    say_away,
    say_back,
    share_home,
)
from palier.people.operations.notes import withdraw_note, write_note

__all__ = [
    "CHANGEABLE",
    "SAME_GESTURE",
    "Departure",
    "add_contact",
    "allow_contact",
    "ask_again",
    "change_contact",
    "change_person",
    "change_presence",
    "come_back",
    "confine",
    "create_person",
    "depart",
    "do_not_contact",
    "end_protection",
    "follow",
    "forget_secret",
    "grant",
    "keep_secret",
    "last_stopped",
    "leave_home",
    "move_contact",
    "note_consent",
    "note_contact_made",
    "note_objection",
    "note_presence",
    "note_protection",
    "noting_contact",
    "open_compartment",
    "preview_departure",
    "release",
    "remove_contact",
    "remove_presence",
    "reveal_contact",
    "reveal_secret",
    "revoke",
    "say_away",
    "say_back",
    "say_condolences_done",
    "share_home",
    "withdraw_note",
    "write_note",
]
