"""How long a person's file is kept: two years after the last contact (CNIL 2023-095, table 2.3)."""

from palier.journal.retention import FOLLOW_UP, YEAR, Rule
from palier.people.models import (
    Away,
    CompartmentGrant,
    Confined,
    Consent,
    Contact,
    Double,
    HomeSecret,
    JoinedFile,
    NameKey,
    NameWord,
    Note,
    Objection,
    Person,
    PhoneNumber,
    Presence,
    Protection,
    SearchName,
    SearchWord,
)
from palier.people.suppression import Suppression

PURPOSE = "social_follow_up"
BASIS = "CNIL 2023-095"

RULES = [
    Rule(
        Person,
        PURPOSE,
        keep=FOLLOW_UP,
        counted_from="last_contact_at",
        or_from="created_at",
        how="blank",
        fields=(
            "title",
            "first_name",
            "birth_name",
            "birth_on",
            "street",
            "access",
            "postcode",
            "city",
            "x",
            "y",
            "lives_alone",
            "language",
            "needs_interpreter",
            "household",
            "left_on",
            "talk_note",
            "home_note",
            "has_stairs",
            "has_pets",
            "telecare_operator",
            "telecare_number",
            "search_text",
        ),
        leaves=(("last_name", "—"),),
        basis=BASIS,
    ),
    Rule(
        SearchWord,
        PURPOSE,
        FOLLOW_UP,
        "person__last_contact_at",
        "delete",
        BASIS,
        or_from="person__created_at",
    ),
    Rule(
        SearchName,
        PURPOSE,
        FOLLOW_UP,
        "person__last_contact_at",
        "delete",
        BASIS,
        or_from="person__created_at",
    ),
    # Names without anybody: `people.jobs` takes out each night what nobody bears any more.
    Rule(NameWord, PURPOSE, None, "pk", "delete", BASIS),
    Rule(NameKey, PURPOSE, None, "name", "delete", BASIS),
    Rule(
        PhoneNumber,
        PURPOSE,
        FOLLOW_UP,
        "person__last_contact_at",
        "delete",
        BASIS,
        or_from="person__created_at",
    ),
    Rule(
        Contact, PURPOSE, FOLLOW_UP, "person__last_contact_at", "delete", BASIS, or_from="person__created_at"
    ),
    # The ledger proves that she agreed; its lines name only who wrote them, and the database keeps them
    # unchanged.
    Rule(
        Consent,
        PURPOSE,
        None,
        "person__last_contact_at",
        "delete",
        "RGPD art. 7.1",
        or_from="person__created_at",
    ),
    # Hashes only; after three years somebody may be asked again.
    Rule(Suppression, "suppression", 3 * YEAR, "noted_at", "delete", "CNIL, opposition 3 ans"),
    # Where a file is kept apart, and who was let in: as long as the file, for whoever asks who could read it.
    Rule(
        Confined, PURPOSE, FOLLOW_UP, "person__last_contact_at", "delete", BASIS, or_from="person__created_at"
    ),
    Rule(CompartmentGrant, "access_control", FOLLOW_UP, "ends_at", "delete", "RGPD art. 32"),
    *(
        Rule(
            model,
            PURPOSE,
            FOLLOW_UP,
            "person__last_contact_at",
            "delete",
            BASIS,
            or_from="person__created_at",
        )
        for model in (Presence, Away, Protection, HomeSecret, Note)
    ),
    # As the ledger of consents: it proves what she no longer wanted.
    Rule(
        Objection,
        PURPOSE,
        None,
        "person__last_contact_at",
        "delete",
        "RGPD art. 21",
        or_from="person__created_at",
    ),
    # Pairs of files and joins: as long as the files they are about.
    Rule(Double, PURPOSE, FOLLOW_UP, "first__last_contact_at", "delete", BASIS, or_from="found_at"),
    Rule(JoinedFile, PURPOSE, FOLLOW_UP, "kept__last_contact_at", "delete", BASIS, or_from="at"),
]
