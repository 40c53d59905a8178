"""Which column is what: by its name in the words that French lists use, and by what stands in it."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from palier.exchange.reading import cells, names
from palier.exchange.reading.apart import Cell
from palier.exchange.reading.cells import Bad, text_of
from palier.kernel.text import fold

SAMPLE = 200
# Not to be taken, and said so: what Palier has no place for on purpose (GDP-05, REG-20).
FORBIDDEN = "forbidden"
IGNORED = ""
_ENOUGH = 0.45


@dataclass(frozen=True)
class Field:
    """Something a file can tell of a person. `called`: how its column is named; `fits`: what stands in it."""

    key: str
    called: str
    fits: Callable[[Cell], bool] | None = None
    # What the content alone is worth when the name says nothing.
    alone: float = 0.0
    # Several columns may tell it: they are put one after the other.
    many: bool = False


def _fits(read: Callable[[Cell], Any]) -> Callable[[Cell], bool]:
    def fits(cell: Cell) -> bool:
        try:
            found = read(cell)
        except Bad:
            return False
        return found not in (None, [], "")

    return fits


def _birth(cell: Cell) -> bool:
    if (
        isinstance(cell, int | float)
        and not isinstance(cell, bool)
        and cell < 7_000
        and not 1900 <= cell <= 1975
    ):
        # A small number is a day of 1900 for the spreadsheet only.
        return False
    try:
        day = cells.day(cell, date(2026, 1, 1))
    except Bad:
        return False
    return day is not None and 1900 <= day.year <= 1975


def _recent(cell: Cell) -> bool:
    try:
        day = cells.day(cell, date(2100, 1, 1), past=False)
    except Bad:
        return False
    return day is not None and day.on is not None and day.year >= 1995


def _phone(cell: Cell) -> bool:
    digits = re.sub(r"\D", "", text_of(cell))
    return 9 <= len(digits) <= 26 and _fits(cells.numbers)(cell)


def _word(cell: Cell) -> bool:
    text = text_of(cell)
    return isinstance(cell, str) and 1 < len(text) < 40 and not any(sign.isdigit() for sign in text)


def _first_name(cell: Cell) -> bool:
    words = fold(text_of(cell)).split()
    return bool(words) and words[0] in names.FIRST_NAMES


def _street(cell: Cell) -> bool:
    return bool(
        re.search(
            r"\b(rue|r|avenue|av|bd|boulevard|place|pl|chemin|ch|impasse|imp|allee|route|rte|quai|square|cours|lieu dit|hameau|residence)\b",
            fold(text_of(cell)),
        )
    )


def _whole_address(cell: Cell) -> bool:
    return _street(cell) and re.search(r"\b\d{5}\b", text_of(cell)) is not None


def _postcode(cell: Cell) -> bool:
    return _fits(cells.postcode)(cell) and not isinstance(cell, float)


def _postcode_city(cell: Cell) -> bool:
    return re.match(r"^\d{5}\s+\D{2,}", text_of(cell)) is not None


def _house_number(cell: Cell) -> bool:
    return re.match(r"^\d{1,4}\s?(?:bis|ter|[a-d])?$", text_of(cell), re.IGNORECASE) is not None


def _nir(cell: Cell) -> bool:
    digits = re.sub(r"\s", "", text_of(cell))
    return re.match(r"^[12]\d{2}(?:0[1-9]|1[0-2]|[2-9]\d)(?:\d{2}|2[AB])\d{6}(?:\d{2})?$", digits) is not None


def _digits(cell: Cell) -> bool:
    return re.match(r"^\d{3,16}$", text_of(cell)) is not None


_CONTACT = (
    r"(?:personne|pers|proche|contact|a prevenir|prevenir|urgence|famille|entourage|referent|aidant|enfant)"
)
_SECOND = r"(?:2|deux|second|autre)"
_DOCTOR = r"(?:medecin|docteur|doc trait|med trait)"
_HELP = (
    r"(?:aide a domicile|aide a dom|saad|auxiliaire|intervenant|service d aide|service a domicile|organisme)"
)
_ASKER = r"(?:tiers|demandeur|demande par|inscrit par|requerant|signale par)"
_PHONE = r"(?:tel|telephone|phone|portable|mobile|fixe|numero|num|gsm)"

# In the order they are tried: the narrow before the wide.
FIELDS: tuple[Field, ...] = (
    Field(FORBIDDEN, r"\bgir\b|iso ressources|pathologi|maladie|diagnostic|traitement|medica(?:ment|l)|sante|handicap|invalid|"
          r"religion|confession|nationalit|ethni|origine|securite sociale|n ss\b|\bnir\b|\bnss\b|insee personne|revenu|ressource|"
          r"\bapa\b|allergi|dependance|alzheimer|iban|\brib\b|banc", _nir, 0.9, True),
    Field("contact2_phone", rf"{_PHONE}.*{_CONTACT}.*\b{_SECOND}|{_CONTACT}.*\b{_SECOND}\b.*{_PHONE}|{_PHONE}.*\b{_SECOND}.*{_CONTACT}", _phone, many=True),
    Field("contact2_relation", rf"(?:lien|parente|qualite|relation).*{_SECOND}|{_CONTACT}.*\b{_SECOND}\b.*(?:lien|parente|qualite)"),
    Field("contact2_name", rf"{_CONTACT}.*\b{_SECOND}\b", _word),
    Field("doctor_phone", rf"{_PHONE}.*{_DOCTOR}|{_DOCTOR}.*{_PHONE}", _phone, many=True),
    Field("doctor_name", _DOCTOR, _word),
    Field("home_help_phone", rf"{_PHONE}.*{_HELP}|{_HELP}.*{_PHONE}", _phone, many=True),
    Field("home_help_name", _HELP, _word),
    Field("requester_capacity", rf"(?:qualite|lien|titre).*{_ASKER}|{_ASKER}.*(?:qualite|lien)"),
    Field("requester", _ASKER, _word),
    Field("contact_phone", rf"{_PHONE}.*{_CONTACT}|{_CONTACT}.*{_PHONE}", _phone, many=True),
    Field("contact_relation", rf"lien (?:de )?parente|\blien\b|parente|qualite du (?:proche|contact)|{_CONTACT}.*(?:lien|qualite)"),
    Field("contact_name", rf"{_CONTACT}", _word),
    Field("capacity", r"^(?:motif|critere|qualite|titre) d inscription|inscrite? (?:comme|au titre|en qualite)|au titre de|^qualite$|^motif$|categorie", None),
    Field("requested_on", r"date (?:de )?(?:la )?(?:demande|inscription|d inscription|enregistrement|entree)|inscrite? le|demande le", _recent),
    Field("telecare_number", r"(?:abonne|teleassistance|telealarme|transmetteur|medaillon).*|num.*abonne", _digits),
    Field("birth_on", r"naissance|\bne le\b|nee? le|date naiss|ddn|date nais|\bnaiss\b|annee naiss|\bne e?\b|birth", _birth, 0.75),
    Field("birth_name", r"nom (?:de )?(?:jeune fille|naissance|jf)|nom patronymique|\bnjf\b|nee?$|patronyme", _word),
    Field("full_name", r"nom (?:et )?prenoms?|prenoms? (?:et )?nom|nom complet|identite|beneficiaire|usager|personne|habitant|"
          r"abonne|adherent|intitule|nom usager|senior|foyer", lambda cell: names.looks_like_full_name(text_of(cell)), 0.6),
    Field("first_name", r"prenom|first ?name|given|petit nom", _first_name, 0.7, False),
    Field("last_name", r"^noms?$|nom (?:d )?usage|nom marital|nom (?:de )?famille|nom usuel|nom d epouse|last ?name|surname|^nom\b", _word),
    Field("title", r"civilite|^civ$|^titre$|^sexe$|genre|^m mme$|^mme m|politesse|appellation", lambda cell: names.is_title(text_of(cell)), 0.9),
    Field("phones", rf"{_PHONE}|joindre", _phone, 0.85, True),
    Field("postcode_city", r"(?:cp|code postal).*(?:ville|commune)|(?:ville|commune).*(?:cp|code postal)", _postcode_city, 0.8),
    Field("postcode", r"code postal|^cp$|^c p$|postal", _postcode, 0.5),
    Field("insee", r"insee|code commune", lambda cell: re.match(r"^(?:\d{4,5}|2[AB]\d{3})$", text_of(cell)) is not None),
    Field("street_number", r"^(?:n|no|num|numero)(?: (?:de )?(?:rue|voie))?$|^n (?:de )?(?:la )?(?:rue|voie)", _house_number),
    Field("street_name", r"^(?:rue|voie|nom (?:de )?(?:la )?(?:rue|voie)|libelle (?:de )?(?:la )?voie|lieu dit|type (?:de )?voie)$", _word, many=True),
    Field("access", r"complement|batiment|\bbat\b|etage|appartement|\bappt\b|residence|escalier|porte|acces|digicode", None, many=True),
    Field("full_address", r"adresse complete|adresse postale", _whole_address, 0.85),
    Field("street", r"adresse|domicile|rue|voie|habitation", _street, 0.7, True),
    Field("city", r"ville|commune|localite|city", _word),
    Field("lives_alone", r"vit seule?|isole|seule?\b|isolement|vivant seul", _fits(cells.yes)),
    Field("has_pets", r"animal|animaux|chien|chat", _fits(cells.yes)),
    Field("has_stairs", r"escaliers|sans ascenseur|etages a monter", _fits(cells.yes)),
    Field("talk_note", r"pour (?:lui )?parler|audition|entend|consigne|appel(?:er)? (?:plutot|de pref)", None, many=True),
    Field("home_note", r"logement|chez elle|particularites? (?:du )?logement", None, many=True),
)  # fmt: skip
BY_KEY = {field.key: field for field in FIELDS}
_CALLED = [(field, re.compile(field.called)) for field in FIELDS]

# Those of which one column is enough, or a file tells no person.
NAMES = ("full_name", "last_name", "first_name")
REGISTER_ONLY = frozenset({"capacity", "requested_on", "requester", "requester_capacity"})


@dataclass(frozen=True)
class Guess:
    """What a column seems to be, how surely (0 to 1), and what stands in it."""

    field: str
    score: float
    samples: tuple[str, ...]


def is_known_name(name: str) -> bool:
    folded = fold(name)
    return 0 < len(folded) < 60 and any(called.search(folded) for _field, called in _CALLED)


def fingerprint(column_names: Sequence[str]) -> str:
    """The same for every file with these columns: what was corrected once is known the next time."""
    return hashlib.sha256("\x1f".join(fold(name) for name in column_names).encode()).hexdigest()


def guess(
    column_names: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    *,
    hidden: frozenset[int] = frozenset(),
    empty: frozenset[int] = frozenset(),
) -> list[Guess]:
    """One guess a column. A field that one column may tell is given to the best of those that could."""
    columns = [
        [row[place] for row in rows if place < len(row) and not cells.is_empty(row[place])][:SAMPLE]
        for place in range(len(column_names))
    ]
    scored: list[tuple[float, int, Field]] = []
    for place, name in enumerate(column_names):
        if place in hidden or place in empty:
            continue
        for order, (field, score) in enumerate(_scores(name, columns[place])):
            scored.append((score - order * 1e-6, place, field))
    scored.sort(key=lambda one: (-one[0], one[1]))
    taken: dict[int, tuple[Field, float]] = {}
    used: set[str] = set()
    for score, place, field in scored:
        if place in taken or score < _ENOUGH or (field.key in used and not field.many):
            continue
        taken[place] = (field, score)
        used.add(field.key)
    _settle(taken, columns)
    return [
        Guess(
            taken[place][0].key if place in taken else IGNORED,
            round(min(taken[place][1], 1.0), 2) if place in taken else 0.0,
            samples(columns[place]),
        )
        for place in range(len(column_names))
    ]


def samples(column: Sequence[Cell], count: int = 3) -> tuple[str, ...]:
    """A few different cells, as somebody reads them."""
    told: dict[str, None] = {}
    for cell in column:
        told.setdefault(text_of(cell)[:60])
        if len(told) == count:
            break
    return tuple(told)


def _scores(name: str, column: Sequence[Cell]) -> list[tuple[Field, float]]:
    folded = fold(name)
    found = []
    for field, called in _CALLED:
        match = called.search(folded)
        named = 0.0
        if match:
            # All of the name, or a word of it.
            named = 0.55 + 0.25 * (match.end() - match.start()) / max(len(folded), 1)
        fit = sum(field.fits(cell) for cell in column) / len(column) if field.fits and column else None
        if match:
            # A name is believed, unless what stands in the column is plainly something else.
            if field.key == FORBIDDEN:
                fit = None
            score = named if fit is None else named * (0.35 + 0.65 * fit) + 0.2 * fit
        elif fit is not None and field.alone and fit >= 0.6:
            score = field.alone * fit * 0.85
        else:
            continue
        found.append((field, score))
    return found


def _settle(taken: dict[int, tuple[Field, float]], columns: Sequence[Sequence[Cell]]) -> None:
    """What only the columns together can tell."""
    keys = {field.key: place for place, (field, _score) in taken.items()}

    def becomes(place: int, key: str) -> None:
        taken[place] = (BY_KEY[key], taken[place][1])

    # « Nom » and nothing else: whole names. « Nom » beside « Prénom »: the last name.
    if "last_name" in keys and "first_name" not in keys and "full_name" not in keys:
        column = columns[keys["last_name"]]
        whole = sum(names.looks_like_full_name(text_of(cell)) for cell in column)
        if column and whole > len(column) * 0.4:
            becomes(keys["last_name"], "full_name")
    elif "full_name" in keys and "first_name" in keys and "last_name" not in keys:
        becomes(keys["full_name"], "last_name")
    if "full_name" in keys and "last_name" in keys and "first_name" in keys:
        # Told twice: the columns apart are the surer.
        del taken[keys["full_name"]]
    # « Adresse » that holds the town as well.
    if "street" in keys and "full_address" not in keys and "city" not in keys:
        column = columns[keys["street"]]
        if column and sum(_whole_address(cell) for cell in column) > len(column) * 0.4:
            becomes(keys["street"], "full_address")
    # « Commune » and « Code postal » in one.
    if "city" in keys and "postcode" not in keys and "postcode_city" not in keys:
        column = columns[keys["city"]]
        if column and sum(_postcode_city(cell) for cell in column) > len(column) * 0.5:
            becomes(keys["city"], "postcode_city")


def problems(mapping: Mapping[int, str]) -> list[tuple[str, dict[str, Any]]]:
    """Why these columns cannot be read as people: (code, values)."""
    told = list(mapping.values())
    found: list[tuple[str, dict[str, Any]]] = []
    if not any(key in told for key in NAMES):
        found.append(("no_name_column", {}))
    for key in sorted(set(told)):
        if key and key != FORBIDDEN and told.count(key) > 1 and not BY_KEY[key].many:
            found.append(("twice", {"field": key}))
    return found
