"""What the preview and the result say of each line, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

from palier.exchange import wording
from palier.exchange.models import Import, Line, Outcome, Progress
from palier.kernel import clock, phones
from palier.web.jinja import gettext as _
from palier.web.jinja import ngettext

PAGE = 50
TONES = {
    Outcome.NEW: "ok", Outcome.COMPLETES: "brand", Outcome.MAYBE: "due", Outcome.THERE: None, Outcome.TWICE: None,
    Outcome.ERROR: "late", Outcome.LEFT_OUT: None,
}  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """One line of the table."""

    id: int
    number: int
    name: str
    outcome: str
    outcome_label: str
    tone: str | None
    # What is known of her, why it cannot be taken, what is only said.
    about: str
    reasons: list[str]
    remarks: list[str]
    match_url: str | None
    match_name: str
    decision: str
    can_complete: bool
    done: str
    done_label: str
    person_url: str | None


def outcomes(made: Import, chosen: str) -> list[dict[str, Any]]:
    """The filters of the preview, with their counts first."""
    address = reverse("import_file", args=[made.pk])
    total = made.count(*Outcome.values)
    items = [{"url": address, "label": _("Toutes"), "count": total, "current": chosen == ""}]
    for value, label in Outcome.choices:
        if count := made.count(value):
            items.append(
                {
                    "url": f"{address}?{urlencode({'quoi': value})}",
                    "label": str(label),
                    "count": count,
                    "current": chosen == value,
                }
            )
    return items


def lines_of(made: Import, outcome: str, page: int) -> tuple[list[Shown], bool]:
    lines = made.lines.order_by("number", "place")
    if outcome == "kept":
        lines = lines.filter(done=Line.Done.KEPT)
    elif outcome:
        lines = lines.filter(outcome=outcome)
    found = list(lines[(page - 1) * PAGE : page * PAGE + 1])
    return [_shown(line) for line in found[:PAGE]], len(found) > PAGE


def _shown(line: Line) -> Shown:
    reasons = [wording.reason(problem) for problem in line.problems]
    match line.outcome:
        case Outcome.LEFT_OUT:
            reasons.append(wording.left_out(str(line.match.get("why", ""))))
        case Outcome.TWICE:
            reasons.append(_("déjà à la ligne %(line)s de ce fichier") % {"line": line.match.get("line", "")})
        case Outcome.MAYBE if line.match_id:
            why = ", ".join(wording.match_reason(code) for code in line.match.get("reasons", ()))
            reasons.append(
                _("probablement la même personne que %(name)s : %(why)s")
                % {"name": line.match.get("name", ""), "why": why}
            )
        case Outcome.COMPLETES:
            reasons.append(_("ajoute : %(what)s") % {"what": ", ".join(_added(line.adds))})
    return Shown(
        line.pk,
        line.number,
        line.name or "—",
        line.outcome,
        str(Outcome(line.outcome).label),
        TONES[Outcome(line.outcome)],
        _about(line.told),
        reasons,
        [wording.reason(remark) for remark in line.remarks],
        reverse("person", args=[line.match_id]) if line.match_id else None,
        str(line.match.get("name", "")),
        line.decision,
        line.match_id is not None,
        line.done,
        str(Line.Done(line.done).label) if line.done else "",
        reverse("person", args=[line.person_id])
        if line.person_id and line.done in ("created", "completed", "kept", "meanwhile", "restored")
        else None,
    )


def _about(told: dict[str, Any]) -> str:
    birth = told.get("birth_on")
    said = [
        date.fromisoformat(birth).strftime("%d/%m/%Y") if birth else str(told.get("birth_year") or ""),
        told.get("street", ""),
        " ".join(part for part in (told.get("postcode", ""), told.get("city", "")) if part),
        " / ".join(phones.pretty(e164) for e164, _raw in told.get("phones", [])),
    ]
    return " · ".join(part for part in said if part)


def _added(adds: dict[str, Any]) -> list[str]:
    labels = [wording.field_label(key) for key in adds if key not in ("contacts", "telecare_operator_id")]
    return labels + [str(one["name"]) for one in adds.get("contacts", [])]


def progress_of(made: Import) -> dict[str, Any]:
    """How far it is, and how long it will take in words."""
    found = Progress.objects.filter(source=made).first()
    if found is None or not found.total:
        return {"done": 0, "total": 1, "left": _("on commence"), "words": _("On commence…")}
    done = min(found.done, found.total)
    seconds = (clock.now() - found.started_at).total_seconds()
    left = ""
    if done and done < found.total and seconds > 2:
        rest = int(seconds / done * (found.total - done))
        left = (
            ngettext(
                "encore %(num)s minute environ", "encore %(num)s minutes environ", max(1, round(rest / 60))
            )
            % {"num": max(1, round(rest / 60))}
            if rest >= 50
            else _("encore moins d’une minute")
        )
    elif done >= found.total:
        left = _("on termine")
    return {
        "done": done,
        "total": found.total,
        "left": left,
        "words": _("%(done)s lignes sur %(total)s") % {"done": done, "total": found.total},
    }


def steps(state: str) -> list[dict[str, Any]]:
    """Where a file is on its way."""
    order: Sequence[tuple[tuple[str, ...], str, str]] = (
        (("uploaded",), _("Les colonnes"), _("Dire ce que chacune contient.")),
        (("checking", "ready"), _("La vérification"), _("Voir ligne par ligne ce qui va se passer.")),
        (("applying",), _("L’import"), _("Tout, ou rien.")),
        (
            ("applied", "taking_back", "taken_back"),
            _("Les fiches sont là"),
            _("Un clic reprend tout pendant 30 jours."),
        ),
    )
    at = next((place for place, (states, _t, _x) in enumerate(order) if state in states), None)
    return [
        {
            "title": title,
            "text": text,
            "state": None if at is None or place > at else ("now" if place == at else "done"),
        }
        for place, (_states, title, text) in enumerate(order)
    ]
