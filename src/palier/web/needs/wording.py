"""What the rules, the states and the steps are called on the screen: whole sentences that stand without their sign."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from babel import Locale, UnknownLocaleError
from django.utils import translation
from markupsafe import Markup

from palier.accounts.actor import Actor
from palier.kernel import clock, text
from palier.needs.models import Need
from palier.planning.candidates import Rule
from palier.territories.models import Territory
from palier.volunteers.models import Volunteer
from palier.web.jinja import gettext as _
from palier.web.jinja import ngettext

if TYPE_CHECKING:
    from palier.web.needs.queries import Line


def reason(code: str, values: Mapping[str, Any], *, first_name: str, is_woman: bool = True) -> str | Markup:
    """One thing to know about a neighbour for the person called `first_name`."""
    worded = _REASONS.get(code)
    if worded is None:
        # A reason kept years ago under a code that is gone still says something.
        return _("À vérifier avec cette personne")
    said: str | Markup = worded(dict(values), first_name, is_woman)
    return said


def _visits(v: dict[str, Any], name: str, _w: bool) -> Markup:
    said = ngettext(
        "<strong>Connaît %(name)s</strong>, %(count)s visite",
        "<strong>Connaît %(name)s</strong>, %(count)s visites",
        v["visits"],
    )
    return Markup(said) % {"name": name, "count": v["visits"]}


def _calls(v: dict[str, Any], name: str, _w: bool) -> str:
    return ngettext(
        "A déjà téléphoné à %(name)s, %(count)s fois",
        "A déjà téléphoné à %(name)s, %(count)s fois",
        v["calls"],
    ) % {"name": name, "count": v["calls"]}


def _walk(v: dict[str, Any], _name: str, _w: bool) -> Markup:
    if v["minutes"] <= 1:
        return Markup(_("Tout près, <strong>1 min à pied</strong>"))
    return Markup(_("À <strong>%(minutes)s min à pied</strong>")) % {"minutes": v["minutes"]}


def _free(v: dict[str, Any], _name: str, _w: bool) -> str:
    start, end = _moment(v["start"]), _moment(v["end"])
    if start.date() == end.date() or end - start <= timedelta(hours=24):
        return _("Libre %(when)s") % {"when": text.window(start, end, today=clock.today())}
    return _("Libre à ce moment")


def _free_unsaid(_v: dict[str, Any], _name: str, _w: bool) -> str:
    return _("N’a pas dit ses heures libres : à demander")


def _helped(v: dict[str, Any], _name: str, _w: bool) -> str:
    count = v["count"]
    if not count:
        return _("Aucun coup de main ce mois-ci")
    if count >= 3:
        return _("%(count)s coups de main ce mois-ci : à ménager") % {"count": count}
    return ngettext("%(count)s coup de main ce mois-ci", "%(count)s coups de main ce mois-ci", count) % {
        "count": count
    }


def _too_far(v: dict[str, Any], _name: str, _w: bool) -> str:
    return _("Habite à %(minutes)s min à pied : au-delà de %(limit)s min") % v


def _gender(v: dict[str, Any], name: str, is_woman: bool) -> str:
    wanted = v.get("wanted")
    if wanted == "woman":
        said = _("%(name)s préfère une femme, et ce n’en est pas une")
    else:
        said = _("%(name)s préfère un homme, et ce n’en est pas un")
    return said % {"name": name}


def _month_full(v: dict[str, Any], _name: str, _w: bool) -> str:
    return ngettext(
        "Déjà %(count)s coup de main ce mois-ci : le maximum souhaité",
        "Déjà %(count)s coups de main ce mois-ci : le maximum souhaité",
        v["count"],
    ) % {"count": v["count"]}


def _speaks(v: dict[str, Any], _name: str, _w: bool) -> str:
    return _("Parle %(language)s") % {"language": language_name(v["language"])}


def _asked_lately(v: dict[str, Any], _name: str, _w: bool) -> str:
    return _("A déjà reçu une demande %(day)s") % {"day": text.day_short(_moment(v["at"]), clock.today())}


_REASONS: dict[str, Any] = {
    "knows_by_visits": _visits,
    "knows_by_calls": _calls,
    "does_not_know": lambda v, name, w: _("Ne connaît pas encore %(name)s") % {"name": name},
    "walk": _walk,
    "distance_unknown": lambda v, name, w: _("Distance inconnue : adresse non située"),
    "by_telephone": lambda v, name, w: _("Par téléphone : la distance ne compte pas"),
    "free": _free,
    "free_unsaid": _free_unsaid,
    "speaks": _speaks,
    "helped": _helped,
    "asked_lately": _asked_lately,
    "voice_only": lambda v, name, w: _("Ne reçoit pas de SMS : à appeler"),
    Rule.NOT_FREE: lambda v, name, w: _("N’est pas libre à ce moment, d’après ses heures habituelles"),
    Rule.TOO_FAR: _too_far,
    Rule.GENDER: _gender,
    Rule.MONTH_FULL: _month_full,
}


def set_aside(rule: Rule, count: int, *, need: Need, walk_limit: int) -> str:
    """« 21 ne sont pas libres samedi matin »: how many, and which rule."""
    if rule is Rule.EXCLUDED:
        return ngettext(
            "%(count)s : %(name)s a demandé que ce ne soit pas cette personne",
            "%(count)s : %(name)s a demandé que ce ne soit pas ces personnes",
            count,
        ) % {"count": count, "name": need.person.first_name or need.person.last_name}
    return SET_ASIDE[rule](count) % {
        "count": count,
        "limit": walk_limit,
        "kind": need.kind.name,
        "when": text.window(need.starts_at, need.ends_at, need.territory.zone, clock.today()),
        "language": language_name(need.language),
    }


SET_ASIDE = {
    Rule.NOT_VETTED: lambda n: ngettext(
        "%(count)s n’a pas encore passé toutes les vérifications",
        "%(count)s n’ont pas encore passé toutes les vérifications",
        n,
    ),
    Rule.RESTING: lambda n: ngettext(
        "%(count)s fait une pause",
        "%(count)s font une pause",
        n,
    ),
    Rule.AWAY: lambda n: ngettext(
        "%(count)s est en déplacement ou attendu ailleurs à ce moment",
        "%(count)s sont en déplacement ou attendus ailleurs à ce moment",
        n,
    ),
    Rule.MINOR: lambda n: ngettext(
        "%(count)s n’a pas 18 ans",
        "%(count)s n’ont pas 18 ans",
        n,
    ),
    Rule.ASKED_ALREADY: lambda n: ngettext(
        "%(count)s a déjà reçu cette demande",
        "%(count)s ont déjà reçu cette demande",
        n,
    ),
    Rule.KIND: lambda n: ngettext(
        "%(count)s n’a pas choisi « %(kind)s »",
        "%(count)s n’ont pas choisi « %(kind)s »",
        n,
    ),
    Rule.UNREACHABLE: lambda n: ngettext(
        "%(count)s n’a pas de téléphone",
        "%(count)s n’ont pas de téléphone",
        n,
    ),
    Rule.NOT_FREE: lambda n: ngettext(
        "%(count)s n’est pas libre %(when)s",
        "%(count)s ne sont pas libres %(when)s",
        n,
    ),
    Rule.TOO_FAR: lambda n: ngettext(
        "%(count)s habite à plus de %(limit)s min, ou va moins loin",
        "%(count)s habitent à plus de %(limit)s min, ou vont moins loin",
        n,
    ),
    Rule.LANGUAGE: lambda n: ngettext(
        "%(count)s ne parle pas %(language)s",
        "%(count)s ne parlent pas %(language)s",
        n,
    ),
    Rule.GENDER: lambda n: ngettext(
        "%(count)s n’est pas du genre demandé",
        "%(count)s ne sont pas du genre demandé",
        n,
    ),
    Rule.CONSTRAINT: lambda n: ngettext(
        "%(count)s préfère éviter les escaliers, les charges ou les animaux",
        "%(count)s préfèrent éviter les escaliers, les charges ou les animaux",
        n,
    ),
    Rule.MONTH_FULL: lambda n: ngettext(
        "%(count)s a atteint son maximum du mois",
        "%(count)s ont atteint leur maximum du mois",
        n,
    ),
}


def failed_rule(rule: Rule) -> str:
    """The short name of the one rule that an « almost » candidate misses."""
    return {
        Rule.NOT_FREE: _("pas libre"),
        Rule.TOO_FAR: _("plus loin"),
        Rule.GENDER: _("genre demandé"),
        Rule.MONTH_FULL: _("déjà beaucoup aidé"),
    }[rule]


def language_name(code: str) -> str:
    """« portugais », in the language of the page."""
    if not code:
        return ""
    try:
        here = Locale.parse((translation.get_language() or "fr").partition("-")[0])
    except (UnknownLocaleError, ValueError):
        here = Locale.parse("fr")
    return str(here.languages.get(code, code))


STATES = {
    Need.State.TO_PROPOSE: (None, "user"),
    Need.State.ASKING: ("vois", "send"),
    Need.State.NOBODY: ("due", "clock"),
    Need.State.AGREED: ("ok", "check"),
    Need.State.REFERRED: ("brand", "turn"),
    Need.State.TO_CONCLUDE: ("due", "check"),
    Need.State.CLOSED: (None, "check-c"),
}


def margin(starts_at: datetime, ends_at: datetime, zone: Any = clock.PARIS) -> tuple[str, str]:
    """The time left of the rule, in two short lines: « sam. 14 nov. », « 9 h – 12 h »."""
    first, last = starts_at.astimezone(zone), ends_at.astimezone(zone)
    today = clock.today(zone)
    if (last - timedelta(seconds=1)).date() == first.date():
        hours = (
            _("%(start)s – %(end)s") % {"start": text.hour(first), "end": text.hour(last)}
            if first.time() != last.time()
            else _("dans la journée")
        )
        return text.day_short(first, today), hours
    final = last - timedelta(seconds=1)
    if first.date() <= today:
        return text.day_short(final, today), _("au plus tard")
    return text.day_short(first, today), _("au %(day)s") % {"day": text.day_short(final, today)}


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.astimezone(clock.PARIS)


def at(when: datetime, zone: Any = clock.PARIS) -> str:
    """« à 16 h » today, « vendredi 13 novembre à 16 h » later."""
    day, today = when.astimezone(zone).date(), clock.today(zone)
    if day == today:
        return _("à %(hour)s") % {"hour": text.hour(when)}
    return _("%(day)s à %(hour)s") % {"day": text.day(day, today), "hour": text.hour(when)}


def until(when: datetime, zone: Any = clock.PARIS) -> str:
    """After « jusqu’ »: « à 16 h » today, « au vendredi 13 novembre à 16 h » later."""
    day, today = when.astimezone(zone).date(), clock.today(zone)
    if day == today:
        return _("à %(hour)s") % {"hour": text.hour(when)}
    return _("au %(day)s à %(hour)s") % {"day": text.day(day, today), "hour": text.hour(when)}


def about(volunteer: Volunteer) -> str:
    """« 67 ans, retraité »."""
    age = text.age(volunteer.birth_on, clock.today()) if volunteer.birth_on else ""
    return ", ".join(part for part in (age, volunteer.about) if part)


def constraints_of(need: Need) -> list[str]:
    """What somebody who goes must know, from the need and from her home."""
    codes = set(need.conditions)
    if need.person.has_stairs:
        codes.add("stairs")
    if need.person.has_pets:
        codes.add("pets")
    words = {"stairs": _("des escaliers"), "heavy": _("une charge lourde"), "pets": _("des animaux")}
    said = [words[code] for code in ("stairs", "heavy", "pets") if code in codes]
    if need.gender_wanted:
        said.append(
            _("une femme de préférence") if need.gender_wanted == "woman" else _("un homme de préférence")
        )
    if need.language:
        said.append(_("parler %(language)s") % {"language": language_name(need.language)})
    return said


# --- The list -----------------------------------------------------------------------------------------------------


def line(row: "Line", territory: Territory, now: datetime, actor: Actor, *, late: bool) -> dict[str, Any]:
    """One row of the list: when, for whom, where it stands, who owns it, one thing to do."""
    zone = territory.zone
    when, note = margin(row.starts_at, row.ends_at, zone)
    kind, icon = STATES[Need.State(row.state)]
    label, address, anchor = _do(row)
    return {
        "id": f"besoin-{row.id}",
        "when": when,
        "note": text.since(row.due_at, now, tz=zone) if late and row.due_at else note,
        "iso": row.starts_at.astimezone(zone).isoformat(timespec="minutes"),
        "title": _("%(kind)s pour %(name)s") % {"kind": row.kind, "name": row.person},
        "pk": row.id,
        "tag": (
            str(Need.State(row.state).label) if not row.outcome else str(Need.Outcome(row.outcome).label),
            kind,
            icon,
        ),
        "said": _awaited(row, zone),
        "owner": row.owner,
        "owner_initials": text.initials(row.owner),
        "is_mine": row.owner_id is not None and row.owner_id == actor.membership_id,
        "is_open": row.closed_at is None,
        "do": label,
        "do_name": address,
        "do_anchor": anchor,
        "state": "late" if late else None,
    }


def _do(row: "Line") -> tuple[str, str, str]:
    if row.state in (Need.State.TO_PROPOSE, Need.State.NOBODY):
        return _("Proposer"), "need_match", ""
    if row.state == Need.State.ASKING:
        return _("Voir les réponses"), "need", "#reponses"
    if row.state == Need.State.AGREED:
        return _("Voir la visite"), "need", "#visite"
    if row.state == Need.State.TO_CONCLUDE:
        return _("Conclure"), "need", "#conclure"
    return _("Ouvrir"), "need", ""


def _awaited(row: "Line", zone: Any) -> str:
    """What is waited for, in one sentence."""
    S = Need.State
    if row.state == S.ASKING and row.answers_by is not None:
        said = ngettext(
            "%(count)s réponse attendue, jusqu’%(until)s.",
            "%(count)s réponses attendues, jusqu’%(until)s.",
            row.waiting,
        )
        return said % {"count": row.waiting, "until": until(row.answers_by, zone)}
    if row.state == S.AGREED and row.volunteer and row.visit_starts_at and row.visit_ends_at:
        when = text.window(row.visit_starts_at, row.visit_ends_at, zone, clock.today(zone))
        return _("%(name)s y va %(when)s.") % {"name": row.volunteer, "when": when}
    if row.state == S.REFERRED and row.service:
        if row.referral_state == "accepted":
            return _("%(service)s s’en occupe.") % {"service": row.service}
        return _("Réponse attendue de %(service)s.") % {"service": row.service}
    if row.state == S.NOBODY:
        return _("Aucun voisin n’a pu : à confier, ou à faire autrement.")
    if row.state == S.TO_CONCLUDE:
        return _("C’est fait : demander comment cela s’est passé, puis terminer.")
    if row.state == S.CLOSED and row.closed_at is not None:
        return _("Terminé %(at)s par %(name)s.") % {"at": _le(row.closed_at, zone), "name": row.closed_by}
    return _("Personne n’est encore contacté.")


def _le(when: datetime, zone: Any) -> str:
    local = when.astimezone(zone)
    if local.date() == clock.today(zone):
        return _("aujourd’hui")
    return _("le %(day)s") % {"day": text.day_short(local.date(), clock.today(zone))}
