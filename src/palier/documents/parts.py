"""Who writes, to whom, and what is said of a register: the parts that papers share."""

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class Sender:
    """The organisation at the head of a paper. `phone` as people read it: « 02 61 91 00 12 »."""

    name: str
    address: tuple[str, ...] = ()
    phone: str = ""
    email: str = ""
    # « du lundi au vendredi, de 9 h à 17 h »
    hours: str = ""


@dataclass(frozen=True)
class Addressee:
    """Whose name is in the window: « Madame Odette Marchand », then the lines of her address."""

    name: str
    address: tuple[str, ...] = ()
    # How the letter begins: « Madame Marchand ». Empty: « Madame, Monsieur ».
    greeting: str = ""


@dataclass(frozen=True)
class Signature:
    """Who signs; room is left for the hand. `authority`: « Pour le maire et par délégation »."""

    name: str
    role: str = ""
    authority: str = ""


@dataclass(frozen=True)
class Notice:
    """What R121-2 has people told, in its five blocks (REG-01), and which wording this is."""

    purpose: str
    optional: str
    how: str
    recipients: str
    rights: str
    version: str = ""


@dataclass(frozen=True)
class Identity:
    """What is already known of a person on a form; what is empty stays to fill in by hand."""

    last_name: str = ""
    first_names: str = ""
    birth_on: date | None = None
    street: str = ""
    access: str = ""
    postcode: str = ""
    city: str = ""
    phone: str = ""
    other_phone: str = ""
    # 1: 65 and over; 2: over 60 and unfit for work; 3: disabled adult (R121-3).
    category: int | None = None
    home_service: str = ""
    home_service_phone: str = ""
    to_warn: str = ""
    to_warn_phone: str = ""


@dataclass(frozen=True)
class Named:
    """One person named by the mayor (REG-13)."""

    name: str
    role: str
    service: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Week:
    """One line of the presence week: who, what, and what stands in each of the seven days."""

    who: str
    what: str
    days: tuple[str, ...]


@dataclass(frozen=True)
class Happened:
    """One line of a journal on paper."""

    when: str
    hour: str
    title: str
    words: str = ""
    by: str = ""


@dataclass(frozen=True)
class Record:
    """One thing that is kept about somebody: each line a label and its value, word for word."""

    lines: tuple[tuple[str, str], ...]
    # When, where the records of a section follow each other in time.
    when: str = ""


@dataclass(frozen=True)
class Section:
    """A part of somebody's own copy: what it is, why it is kept and how long, then the records."""

    title: str
    why: str = ""
    records: tuple[Record, ...] = field(default=())


@dataclass(frozen=True)
class Eliminated:
    """One line of an elimination list: a kind of document, how many, from when to when, and why it goes."""

    title: str
    count: int
    first: date | None = None
    last: date | None = None
    why: str = ""
