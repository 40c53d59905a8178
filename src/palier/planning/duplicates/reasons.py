"""Why two lines may be one person, and what speaks against it: words for a screen, from the levels compared."""

from enum import StrEnum

import numpy as np

from palier.planning.duplicates.comparisons import (
    Address,
    Birth,
    First,
    Identifier,
    Levels,
    Phone,
    Place,
    Sex,
    Surname,
)


class Reason(StrEnum):
    """What agrees, then what does not; the screen has the words."""

    SAME_IDENTIFIER = "same_identifier"
    CLOSE_IDENTIFIER = "close_identifier"
    SAME_PHONE = "same_phone"
    CLOSE_PHONE = "close_phone"
    SHARED_PHONE = "shared_phone"
    SAME_BIRTH = "same_birth"
    TURNED_BIRTH = "turned_birth"
    CLOSE_BIRTH = "close_birth"
    SAME_BIRTH_YEAR = "same_birth_year"
    SAME_NAME = "same_name"
    NAME_SOUNDS = "name_sounds"
    BIRTH_NAME = "birth_name"
    NAMES_TURNED = "names_turned"
    NAME_PART = "name_part"
    SAME_FIRST = "same_first"
    FIRST_SOUNDS = "first_sounds"
    FIRST_SHORT = "first_short"
    SAME_ADDRESS = "same_address"
    SAME_STREET = "same_street"
    SAME_TOWN = "same_town"
    OTHER_IDENTIFIER = "other_identifier"
    OTHER_NAME = "other_name"
    OTHER_FIRST = "other_first"
    OTHER_BIRTH = "other_birth"
    OTHER_PHONE = "other_phone"
    OTHER_ADDRESS = "other_address"
    OTHER_SEX = "other_sex"


AGAINST = frozenset(
    {
        Reason.OTHER_IDENTIFIER,
        Reason.OTHER_NAME,
        Reason.OTHER_FIRST,
        Reason.OTHER_BIRTH,
        Reason.OTHER_PHONE,
        Reason.OTHER_ADDRESS,
        Reason.OTHER_SEX,
    }
)

_SAID: tuple[tuple[int, dict[int, Reason]], ...] = (
    (
        3,
        {
            Phone.SAME: Reason.SAME_PHONE,
            Phone.SAME_SHARED: Reason.SHARED_PHONE,
            Phone.SAME_CROWD: Reason.SHARED_PHONE,
            Phone.CLOSE: Reason.CLOSE_PHONE,
            Phone.OTHER: Reason.OTHER_PHONE,
        },
    ),
    (
        2,
        {
            Birth.SAME: Reason.SAME_BIRTH,
            Birth.TURNED: Reason.TURNED_BIRTH,
            Birth.SAME_YEAR_ONLY: Reason.SAME_BIRTH_YEAR,
            Birth.SAME_YEAR_CLOSE: Reason.CLOSE_BIRTH,
            Birth.SAME_YEAR: Reason.SAME_BIRTH_YEAR,
            Birth.YEAR_SLIP: Reason.CLOSE_BIRTH,
            Birth.ANNIVERSARY: Reason.OTHER_BIRTH,
            Birth.CLOSE: Reason.CLOSE_BIRTH,
            Birth.OTHER: Reason.OTHER_BIRTH,
            Birth.GENERATION: Reason.OTHER_BIRTH,
        },
    ),
    (
        0,
        {
            Surname.SAME: Reason.SAME_NAME,
            Surname.SOUND: Reason.NAME_SOUNDS,
            Surname.CLOSE: Reason.NAME_SOUNDS,
            Surname.LIKE: Reason.NAME_SOUNDS,
            Surname.PART: Reason.NAME_PART,
            Surname.FAR: Reason.OTHER_NAME,
            Surname.OTHER: Reason.OTHER_NAME,
            Surname.BIRTH_SAME: Reason.BIRTH_NAME,
            Surname.BIRTH_CLOSE: Reason.BIRTH_NAME,
            Surname.TURNED_SAME: Reason.NAMES_TURNED,
            Surname.TURNED_CLOSE: Reason.NAMES_TURNED,
        },
    ),
    (
        1,
        {
            First.SAME: Reason.SAME_FIRST,
            First.SOUND: Reason.FIRST_SOUNDS,
            First.CLOSE: Reason.FIRST_SOUNDS,
            First.INITIAL: Reason.FIRST_SHORT,
            First.PART: Reason.FIRST_SHORT,
            First.LIKE: Reason.FIRST_SOUNDS,
            First.SHARED: Reason.OTHER_FIRST,
            First.OTHER: Reason.OTHER_FIRST,
        },
    ),
    (
        4,
        {
            Address.SAME: Reason.SAME_ADDRESS,
            Address.SAME_CROWD: Reason.SAME_ADDRESS,
            Address.STREET: Reason.SAME_STREET,
            Address.OTHER_HOUSE: Reason.SAME_STREET,
            Address.LIKE_STREET: Reason.OTHER_ADDRESS,
            Address.OTHER_STREET: Reason.OTHER_ADDRESS,
        },
    ),
    (6, {Sex.OTHER: Reason.OTHER_SEX}),
    (
        8,
        {
            Identifier.SAME: Reason.SAME_IDENTIFIER,
            Identifier.CLOSE: Reason.CLOSE_IDENTIFIER,
            Identifier.OTHER: Reason.OTHER_IDENTIFIER,
        },
    ),
)


def reasons_of(levels: Levels | tuple[int, ...]) -> tuple[Reason, ...]:
    """For one pair: what agrees first, in the order of `Reason`, then what does not."""
    level = np.asarray(levels)
    said = [words[int(level[i])] for i, words in _SAID if int(level[i]) in words]
    if Reason.OTHER_ADDRESS in said and level[5] == Place.SAME:
        said.append(Reason.SAME_TOWN)
    # Turned names were compared across: « same first name » would be misread.
    if Reason.NAMES_TURNED in said:
        said = [reason for reason in said if reason not in (Reason.SAME_FIRST, Reason.FIRST_SOUNDS)]
    order = list(Reason)
    return tuple(sorted(said, key=order.index))
