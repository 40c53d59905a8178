"""`palier duplicates FILE.csv`: pairs of lines of a list that may be one person. Needs no database."""

import argparse
import json
import sys
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from palier.planning.duplicates import Pairs
    from palier.planning.duplicates.files import Listed

_WORDS = {
    "same_identifier": "même numéro personnel",
    "close_identifier": "numéro personnel à un chiffre près",
    "other_identifier": "autre numéro personnel",
    "same_phone": "même téléphone",
    "close_phone": "téléphone à un chiffre près",
    "shared_phone": "téléphone partagé",
    "same_birth": "même date de naissance",
    "turned_birth": "jour et mois inversés",
    "close_birth": "date de naissance proche",
    "same_birth_year": "même année de naissance",
    "same_name": "même nom",
    "name_sounds": "nom qui sonne pareil",
    "birth_name": "nom de naissance",
    "names_turned": "nom et prénom inversés",
    "name_part": "une partie du nom",
    "same_first": "même prénom",
    "first_sounds": "prénom qui sonne pareil",
    "first_short": "prénom abrégé",
    "same_address": "même adresse",
    "same_street": "même rue",
    "same_town": "même commune",
    "other_name": "autre nom",
    "other_first": "autre prénom",
    "other_birth": "autre date de naissance",
    "other_phone": "autre téléphone",
    "other_address": "autre adresse",
    "other_sex": "autre sexe",
}


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="palier duplicates",
        description="Find lines of a list that may be the same person. A person decides; this only proposes.",
        epilog='--json prints {"pairs": [[id, id, probability], …], "reasons": [[…], …], …}, likeliest first: '
        "docs/use/duplicates.md.",
    )
    parser.add_argument("file", type=Path, help="a CSV file, in any encoding, with any separator")
    parser.add_argument("--json", action="store_true", help="print JSON, and nothing else")
    parser.add_argument(
        "--threshold", type=_share, default=None, help="from which probability on (default: 0.5)"
    )
    parser.add_argument("--most", type=int, default=40, help="lines of the readable table (default: 40)")
    options = parser.parse_args(arguments)

    # Only now: numpy takes a moment, and --help does not need it.
    from palier.planning import duplicates
    from palier.planning.duplicates import files

    threshold = duplicates.THRESHOLD if options.threshold is None else options.threshold
    try:
        listed = files.read(options.file)
    except files.Unreadable as refusal:
        print(refusal, file=sys.stderr)
        return 1
    found = duplicates.pairs(listed.table, threshold=threshold)
    ids = listed.ids
    try:
        if options.json:
            answer = {
                "format": "palier-duplicates-1",
                "lines": len(ids),
                "compared": found.compared,
                "threshold": threshold,
                "columns": listed.columns,
                "pairs": [
                    [ids[a], ids[b], round(p, 4)]
                    for a, b, p in zip(
                        found.a.tolist(), found.b.tolist(), found.probability.tolist(), strict=True
                    )
                ],
                "reasons": _reasons(found),
            }
            json.dump(answer, sys.stdout, ensure_ascii=False)
            print()
            return 0
        _table(listed, found, options.most)
    except BrokenPipeError:
        # `| head` has seen enough.
        sys.stderr.close()
    return 0


def _share(text: str) -> float:
    value = float(text.replace(",", "."))
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError("between 0 and 1")
    return value


def _reasons(found: "Pairs") -> list[list[str]]:
    """Words for each pair; few combinations come again and again."""
    from palier.planning.duplicates import reasons_of

    known: dict[bytes, list[str]] = {}
    out = []
    for levels in found.levels.T:
        key = levels.tobytes()
        if key not in known:
            known[key] = [str(reason) for reason in reasons_of(levels)]
        out.append(known[key])
    return out


def _table(listed: "Listed", found: "Pairs", most: int) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    words = ", ".join(f"{name} ← {heading}" for name, heading in listed.columns.items())
    console.print(f"{len(listed.ids)} lignes ; {words}", highlight=False, markup=False)
    if not len(found):
        console.print("Aucun doublon probable.")
        return
    table = Table(box=None, pad_edge=False)
    table.add_column("", justify="right")
    for heading in ("fiche", "fiche", "pourquoi"):
        table.add_column(heading)
    for a, b, p, reasons in islice(
        zip(found.a.tolist(), found.b.tolist(), found.probability.tolist(), _reasons(found), strict=True),
        most,
    ):
        said = ", ".join(_WORDS[reason] for reason in reasons)
        table.add_row(f"{100 * p:.0f} %", _plain(listed.ids[a]), _plain(listed.ids[b]), said)
    console.print(table, markup=False)
    more = len(found) - most
    console.print(f"{len(found)} paires" + (f", dont {most} montrées (--most)" if more > 0 else ""))


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)
