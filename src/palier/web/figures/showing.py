"""Figures in words: the sentences first, numbers as the French write them, a link on each."""

from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode

from palier.calls.models import CallReason
from palier.kernel import text
from palier.reporting import conditions as on
from palier.reporting.figures import Figure, Figures
from palier.territories.models import HelpKind
from palier.web.jinja import gettext as _
from palier.web.jinja import ngettext

NBSP = "\u00a0"
# On the page: calls, needs and times on the left; who, how many, what is open on the right.
MAIN = ("calls.result", "calls.reason", "needs.outcome", "needs.time")


def hidden_words(figure: Figure) -> str:
    return _("moins de 5") if figure.hidden == "few" else _("non communiqué")


def words(figure: Figure) -> str:
    """« 236 », « 33,3 h », « 2 j 4 h », « – » where nothing was counted."""
    if figure.hidden:
        return hidden_words(figure)
    if figure.number is None:
        return "–"
    if figure.unit == "hours":
        return in_hours(figure.number)
    return number(figure.number)


def number(value: float) -> str:
    """Thousands by a space, a comma before tenths."""
    whole = f"{value:,.1f}" if isinstance(value, float) and value % 1 else f"{value:,.0f}"
    return whole.replace(",", NBSP).replace(".", ",")


def in_hours(hours: float) -> str:
    if hours < 1:
        return _("%(n)s min") % {"n": max(1, round(hours * 60))}
    if hours < 48:
        return _("%(n)s h") % {"n": number(round(hours, 1) if hours < 10 else round(hours))}
    return _("%(n)s jours") % {"n": number(round(hours / 24, 1))}


def span_in_words(start: date, end: date) -> str:
    last = end - timedelta(days=1)
    if start == last:
        return _("le %(day)s") % {"day": text.day(start)}
    return _("du %(first)s au %(last)s") % {"first": f"{start:%d/%m/%Y}", "last": f"{last:%d/%m/%Y}"}


def quick_spans(today: date, start: date, end: date) -> list[dict[str, Any]]:
    """This month, last month, this year, last year."""
    month = today.replace(day=1)
    before = (month - timedelta(days=1)).replace(day=1)
    spans = (
        (_("Ce mois-ci"), month, today),
        (_("Le mois dernier"), before, month - timedelta(days=1)),
        (_("Cette année"), date(today.year, 1, 1), today),
        (_("L’année dernière"), date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)),
    )
    shown = [
        {
            "url": f"{reverse('figures')}?{urlencode({'du': first.isoformat(), 'au': last.isoformat()})}",
            "label": label,
            "current": (first, last + timedelta(days=1)) == (start, end),
        }
        for label, first, last in spans
    ]
    # On the first of January two of them are the same span.
    for item in [one for one in shown if one["current"]][1:]:
        item["current"] = False
    return shown


def sentences(figures: Figures) -> list[str]:
    """What somebody would say first."""
    calls, nothing = figures.of("calls:"), figures.of("calls:result=nothing")
    met, total = figures.of("needs:outcome=met_by_neighbour"), figures.of("needs:")
    said = []
    if calls.number:
        said.append(
            ngettext("%(n)s appel reçu.", "%(n)s appels reçus.", int(calls.number)) % {"n": words(calls)}
            if nothing.hidden or not nothing.number
            else ngettext(
                "%(n)s appel reçu, dont %(m)s sans rien demander d’autre qu’une écoute ou un renseignement.",
                "%(n)s appels reçus, dont %(m)s sans rien demander d’autre qu’une écoute ou un renseignement.",
                int(calls.number),
            )
            % {"n": words(calls), "m": words(nothing)}
        )
    else:
        said.append(_("Aucun appel reçu pendant cette période."))
    if met.number and not met.hidden:
        said.append(
            ngettext(
                "%(n)s besoin pourvu par un voisin, sur %(m)s notés.",
                "%(n)s besoins pourvus par des voisins, sur %(m)s notés.",
                int(met.number),
            )
            % {"n": words(met), "m": words(total)}
        )
    return said


def tables(figures: Figures, *, link: str | None) -> dict[str, list[dict[str, Any]]]:
    """The tables for `ui.bars`, in two columns. What is open at this moment is no figure of a period: not published."""
    shown: dict[str, list[dict[str, Any]]] = {"main": [], "side": []}
    for table in figures.tables:
        if link is None and table.key == "open":
            continue
        rows = [(_linked(one, link), _value(one), one.share) for one in table.figures]
        if table.total is not None and table.total.key:
            total = (
                format_html('<a href="{}">{}</a>', _href(link, table.total.key), words(table.total))
                if link
                else words(table.total)
            )
        else:
            total = words(table.total) if table.total is not None else ""
        shown["main" if table.key in MAIN else "side"].append(
            {
                "key": table.key.replace(".", "-"),
                "title": table.title,
                "total_label": table.total.label if table.total is not None else "",
                "total": total,
                "rows": rows,
            }
        )
    return shown


def grid(figures: Figures, *, link: str | None) -> dict[str, Any]:
    return {
        "title": figures.grid.title,
        "columns": figures.grid.columns,
        "rows": [
            (
                name,
                [
                    format_html(
                        '<a href="{}">{}<span class="vh"> {}</span></a>',
                        _href(link, cell.key),
                        words(cell),
                        cell.label,
                    )
                    if link and cell.number and not cell.hidden
                    else words(cell)
                    for cell in cells
                ],
            )
            for name, cells in figures.grid.rows
        ],
    }


def _value(figure: Figure) -> str:
    if figure.share is None or figure.hidden:
        return words(figure)
    return f"{words(figure)}{NBSP}({number(round(figure.share, 1))}{NBSP}%)"


def _linked(figure: Figure, link: str | None) -> str:
    if not link or not figure.key or not figure.number:
        return figure.label
    return format_html('<a href="{}">{}</a>', _href(link, figure.key), figure.label)


def _href(link: str | None, key: str) -> str:
    return f"{link}&{urlencode({'chiffre': key})}"


def title_of(territory_id: int, key: str) -> str:
    """What a list is a list of."""
    area, _colon, rest = key.partition(":")
    parts = dict(part.split("=", 1) for part in rest.split(":") if "=" in part)
    said = []
    if area == "calls":
        said.append(_("Appels reçus"))
        if result := on.RESULTS.get(parts.get("result", "")):
            said.append(_(result[0]))
        if "reason" in parts:
            said += CallReason.objects.filter(territory_id=territory_id, code=parts["reason"]).values_list(
                "name", flat=True
            )
    elif area == "needs":
        said.append(_("Besoins notés"))
        if "kind" in parts:
            said += HelpKind.objects.filter(territory_id=territory_id, code=parts["kind"]).values_list(
                "name", flat=True
            )
        if outcome := on.OUTCOMES.get(parts.get("outcome", "")):
            said.append(_(outcome[0]))
        steps = {
            "agreed": _("Un voisin a dit oui"),
            "done": _("Coup de main fait"),
            "nobody": _("Aucun voisin n’a pu"),
        }
        if parts.get("step") in steps:
            said.append(steps[parts["step"]])
    elif area == "volunteers":
        names = {
            "applied": _("Ont proposé leur aide"), "welcomed": _("Accueillis après les vérifications"),
            "active": _("Sont allés chez quelqu’un au moins une fois"), "ended": _("Ont arrêté"),
        }  # fmt: skip
        said += [_("Les voisins"), names[parts["what"]]]
    elif area == "people":
        said += [
            _("Les personnes suivies"),
            _("Au début de la période") if parts["at"] == "start" else _("À la fin de la période"),
        ]
    else:
        said += [_("Ce qui est ouvert en ce moment"), str(on.OPEN_THINGS[parts["what"]])]
    return " : ".join(said[:2]) + ("" if len(said) < 3 else f", {said[2]}")
