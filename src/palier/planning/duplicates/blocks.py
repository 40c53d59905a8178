"""Which pairs are worth comparing: those that share one of many keys.

No key holds everything: a name misspelt twice is found by the birth date, a birth date wrong by the street. A
key shared by too many (Martin, a residence's telephone) is made longer by a second one, and given up when it
is still too long: the number of pairs grows with the number of people and not with its square.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from palier.planning.duplicates.table import Ints, Table

_LETTERS = 12
_MIX = np.uint64(0x9E3779B97F4A7C15)

Codes = NDArray[np.uint64]


def candidates(table: Table) -> tuple[Ints, Ints]:
    """Pairs of lines (a < b), each once, in order."""
    found = [first * table.size + second for first, second in _all(table)]
    if not found:
        nothing = np.zeros(0, dtype=np.int64)
        return nothing, nothing
    pairs = _unique(np.concatenate(found))
    return pairs // table.size, pairs % table.size


def _unique(values: Ints) -> Ints:
    values.sort()
    return values[np.concatenate(([True], values[1:] != values[:-1]))] if len(values) else values


def _mix(*parts: Ints) -> Codes:
    """One code of several columns; the order counts."""
    code = np.zeros(len(parts[0]), dtype=np.uint64)
    for part in parts:
        code = (code ^ part.astype(np.uint64)) * _MIX
        code ^= code >> np.uint64(29)
    return code


def _both(left: Ints, right: Ints) -> Codes:
    """One code of two names, whichever stands first."""
    return _mix(left) + _mix(right)


class _Lines:
    """Lines with a code each; a line may come several times, with several codes."""

    def __init__(self, line: Ints, code: Codes) -> None:
        self.line, self.code = line, code

    def pairs(self, most: int, refine: Ints | None = None, then: int = 0) -> Iterator[tuple[Ints, Ints]]:
        """Pairs of lines with one code, from groups of `most` at most.

        Larger groups are parted by `refine` (a value for each line of the table, -1: unknown), into groups
        of `then` at most.
        """
        line, code = self.line, self.code
        if len(line) < 2:
            return
        order = np.argsort(code)
        line, code = line[order], code[order]
        start = np.flatnonzero(np.concatenate(([True], code[1:] != code[:-1])))
        count = np.diff(np.append(start, len(code)))
        for size in np.unique(count[(count > 1) & (count <= most)]).tolist():
            rows = line[start[count == size][:, None] + np.arange(size)]
            i, j = np.triu_indices(size, 1)
            a, b = rows[:, i].ravel(), rows[:, j].ravel()
            keep = a != b
            a, b = a[keep], b[keep]
            yield np.minimum(a, b), np.maximum(a, b)
        if refine is None or not (large := count > most).any():
            return
        chosen = np.repeat(large, count)
        line, code = line[chosen], code[chosen]
        known = refine[line] >= 0
        line, code = line[known], code[known]
        yield from _Lines(line, code ^ _mix(refine[line])).pairs(then or most)


def _lines(known: NDArray[np.bool_], code: Codes) -> _Lines:
    line = np.flatnonzero(known)
    return _Lines(line, code[line])


def _stack(parts: list[tuple[NDArray[np.bool_], Codes]]) -> _Lines:
    lines = [np.flatnonzero(known) for known, _ in parts]
    return _Lines(
        np.concatenate(lines),
        np.concatenate([code[line] for (_, code), line in zip(parts, lines, strict=True)]),
    )


def near_codes(words: list[str]) -> tuple[Codes, NDArray[np.bool_]]:
    """For each word its own code and those of the word without each one of its letters.

    Two words that differ by one letter, more, less, other, or two swapped, share a code. The first
    `_LETTERS` letters count. Shapes (words, 1 + _LETTERS).
    """
    width = _LETTERS
    letters = np.zeros((len(words), width), dtype=np.uint64)
    if words:
        padded = "".join([word[:width].ljust(width, "\0") for word in words])
        letters = (
            np.frombuffer(padded.encode("utf-32-le"), dtype=np.uint32).reshape(-1, width).astype(np.uint64)
        )
    length = (letters != 0).sum(axis=1)
    base = np.uint64(1_000_003)
    # after[:, i]: code of the letters from i on, the length of the rest counted by powers of the base.
    before = np.zeros((len(words), width + 1), dtype=np.uint64)
    for i in range(width):
        before[:, i + 1] = np.where(i < length, before[:, i] * base + letters[:, i], before[:, i])
    power = np.ones(width + 1, dtype=np.uint64)
    for i in range(width):
        power[i + 1 : i + 2] = power[i : i + 1] * base
    whole = before[:, width]
    codes = np.empty((len(words), width + 1), dtype=np.uint64)
    valid = np.zeros((len(words), width + 1), dtype=bool)
    codes[:, 0], valid[:, 0] = whole, length > 0
    for i in range(width):
        rest = np.maximum(length - i - 1, 0)
        tail = whole - before[:, i + 1] * power[rest]
        codes[:, i + 1] = before[:, i] * power[rest] + tail
        valid[:, i + 1] = (i < length) & (length > 3)
    # The same letter twice: taking either away gives one word, and one code is enough.
    for i in range(1, width):
        valid[:, i + 1] &= letters[:, i] != letters[:, i - 1]
    return codes, valid


def _all(table: Table) -> Iterator[tuple[Ints, Ints]]:
    for _name, lines, most, refine, then in blocks(table):
        yield from lines.pairs(most, refine, then)


Block = tuple[str, _Lines, int, Ints | None, int]


def blocks(table: Table) -> Iterator[Block]:
    """Each key with the longest group it may make, what parts longer ones, and how long these may be."""
    names = table.names
    has_first, has_last, has_birth_name = table.first >= 0, table.last >= 0, table.birth_name >= 0
    sound_last = np.where(has_last, names.sound[table.last], -1) if names.words else table.last
    sound_birth = np.where(has_birth_name, names.sound[table.birth_name], -1) if names.words else table.last
    sound_first = np.where(has_first, names.head_sound[table.first], -1) if names.words else table.first
    initial = np.where(has_first, names.initial[table.first], -1) if names.words else table.first
    last_initial = np.where(has_last, names.initial[table.last], -1) if names.words else table.last
    compound = has_last & (names.parts[table.last] > 1) if names.words else has_last
    head_last = np.where(compound, names.head_sound[table.last], -1) if names.words else table.last
    tail_last = np.where(compound, names.tail_sound[table.last], -1) if names.words else table.last
    # A woman is found by either name, and a double name by its parts.
    surnames = [
        (has_last, sound_last),
        (has_birth_name, sound_birth),
        (compound, head_last),
        (compound, tail_last),
    ]
    year, postcode = table.year, table.postcode.of
    has_year, has_postcode = year >= 0, postcode >= 0
    dated = has_year & (table.month >= 0) & (table.day >= 0)
    # Day and month may be the wrong way round.
    low, high = np.minimum(table.month, table.day), np.maximum(table.month, table.day)
    date = np.where(dated, (year * 32 + low) * 32 + high, -1)
    anniversary = np.where(dated, table.month * 32 + table.day, -1)
    month = np.where(dated, year * 13 + table.month, -1)
    street, number = table.street.of, table.number.of
    has_street, has_house = street >= 0, (street >= 0) & (number >= 0)

    # --- Telephone
    phones = [(table.phone >= 0, _mix(table.phone)), (table.other_phone >= 0, _mix(table.other_phone))]
    yield "phone", _stack(phones), 12, sound_first, 40
    yield "phone+year", _stack([(known & has_year, code ^ _mix(year)) for known, code in phones]), 30, None, 0
    has_phone = table.phone >= 0
    digits = _digits(table.phone)
    same_digits = _mix(*(np.sort(digits, axis=1).T))
    for name, with_name in (("first", sound_first), ("last", sound_last), ("year", year)):
        known = has_phone & (with_name >= 0)
        yield f"digits+{name}", _lines(known, same_digits ^ _mix(with_name)), 8, postcode, 8
    known = has_phone & has_first
    yield "end of number+first", _lines(known, _mix(table.phone % 100_000, sound_first)), 12, initial, 8
    yield "start of number+first", _lines(known, _mix(table.phone // 10_000, sound_first)), 12, postcode, 8

    if (table.identifier >= 0).any():
        known = table.identifier >= 0
        yield "identifier", _lines(known, _mix(table.identifier)), 8, sound_first, 14
        digits_of_it = _mix(*(np.sort(_digits(table.identifier), axis=1).T))
        yield "digits of identifier", _lines(known & has_year, digits_of_it ^ _mix(year)), 8, postcode, 8

    # --- Birth date
    yield "date+initial", _lines(dated & has_first, _mix(date, initial)), 40, sound_first, 40
    known = dated & has_last
    yield "date+last initial", _lines(known, _mix(date, last_initial)), 40, sound_first, 40
    coded = [(has & dated, _mix(date, sound)) for has, sound in surnames[1:]]
    yield "date+surname", _stack(coded), 40, None, 0
    coded = [(has & dated, _mix(anniversary, sound)) for has, sound in surnames]
    yield "anniversary+surname", _stack(coded), 20, sound_first, 20
    known = dated & has_first & has_postcode
    yield "anniversary+first+postcode", _lines(known, _mix(anniversary, sound_first, postcode)), 8, initial, 8
    yield "month+first", _lines(dated & has_first, _mix(month, sound_first)), 10, last_initial, 12

    # --- Names
    coded = [(has & has_year, _mix(year, sound)) for has, sound in surnames]
    yield "surname+year", _stack(coded), 25, initial, 40
    coded = [(has & has_first, _both(sound, sound_first)) for has, sound in surnames]
    yield "surname+first", _stack(coded), 14, postcode, 25
    yield "surname+first, year", _Parted(_stack(coded), year), 40, None, 0
    coded = [(has & has_postcode, _mix(postcode, sound)) for has, sound in surnames]
    yield "surname+postcode", _stack(coded), 10, initial, 14
    if names.words:
        near, valid = near_codes(names.joined)
        near_first, valid_first = near_codes([word.partition(" ")[0] for word in names.words])
        for what, column in (("last", table.last), ("birth", table.birth_name)):
            lines = _spread(column, has_first, near, valid, sound_first)
            yield f"near {what}+first", lines, 10, year, 14
            yield f"near {what}+first, postcode", _Parted(lines, postcode), 14, None, 0
            yield f"near {what}+date", _spread(column, dated, near, valid, date), 14, None, 0
        yield (
            "near first+surname",
            _spread(table.first, has_last, near_first, valid_first, sound_last),
            8,
            year,
            14,
        )
        lines = _spread(table.last, has_year & has_postcode, near, valid, year * 100_000 + postcode)
        yield "near last+year+postcode", lines, 8, initial, 14

    # --- Address
    house = _mix(street, number)
    for name, with_name, most in (("first", sound_first, 30), ("last", sound_last, 20), ("year", year, 20)):
        yield f"house+{name}", _lines(has_house & (with_name >= 0), house ^ _mix(with_name)), most, None, 0
    known = has_street & has_first
    yield "street+first", _lines(known, _mix(table.street_sound, sound_first)), 8, year, 14
    known = has_street & has_last
    yield "street+last", _lines(known, _mix(table.street_sound, sound_last)), 10, initial, 14
    known = has_postcode & (number >= 0) & has_first
    yield "number+postcode+first", _lines(known, _mix(number, postcode, sound_first)), 8, year, 14


class _Parted(_Lines):
    """Lines whose key is made longer by a second one from the start."""

    def __init__(self, lines: _Lines, by: Ints) -> None:
        known = by[lines.line] >= 0
        line = lines.line[known]
        super().__init__(line, lines.code[known] ^ _mix(by[line]))


def _spread(
    column: Ints, known: NDArray[np.bool_], near: Codes, valid: NDArray[np.bool_], by: Ints
) -> _Lines:
    """Every line once for each near code of its word."""
    line = np.flatnonzero((column >= 0) & known)
    word = column[line]
    keep = valid[word]
    codes = (near[word] ^ _mix(by[line])[:, None])[keep]
    return _Lines(np.repeat(line, keep.sum(axis=1)), codes)


def _digits(numbers: Ints) -> Ints:
    left = np.maximum(numbers, 0)
    return np.stack([left // 10**place % 10 for place in range(10)], axis=1)
