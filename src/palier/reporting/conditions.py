"""What each figure counts, as one condition in SQL: the number and the list behind it cannot differ.

A key is written `area:what=value:what=value`. Values are names of the lists below, or codes of the territory's own
lists, which travel as parameters.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop as N_

from palier.duties.guard import OPENABLE

CALLS = "c.territory_id = %(territory)s and c.direction = 'inbound' and c.rang_at >= %(start)s and c.rang_at < %(end)s"
NEEDS = "n.territory_id = %(territory)s and n.opened_at >= %(start)s and n.opened_at < %(end)s"

# What became of a call: each is in exactly one.
RESULTS = {
    "nothing": (N_("N’ont rien demandé d’autre qu’une écoute ou un renseignement"), "c.state = 'logged' and c.danger_at is null and c.next = 'nothing'"),
    "call_back": (N_("Rappel promis"), "c.state = 'logged' and c.danger_at is null and c.next = 'call_back'"),
    "need": (N_("Besoin noté"), "c.state = 'logged' and c.danger_at is null and c.next = 'need'"),
    "concern": (N_("Signalement"), "c.state = 'logged' and c.danger_at is null and c.next = 'concern'"),
    "danger": (N_("Danger immédiat"), "c.danger_at is not null"),
    "missed": (N_("Appels manqués"), "c.danger_at is null and c.state = 'set_aside' and c.answered_at is null"),
    "set_aside": (N_("Sans suite (erreur, démarchage)"), "c.danger_at is null and c.state = 'set_aside' and c.answered_at is not null"),
    "to_write": (N_("Encore à noter"), "c.danger_at is null and c.state not in ('logged', 'set_aside')"),
}  # fmt: skip
LOGGED = "c.state = 'logged'"
# How a need ended: each is in exactly one.
OUTCOMES = {
    "met_by_neighbour": (N_("Par un voisin"), "n.outcome = 'met_by_neighbour'"),
    "met_by_association": (N_("Par une association"), "n.outcome = 'met_by_association'"),
    "met_by_service": (N_("Par un service de la ville"), "n.outcome = 'met_by_service'"),
    "unmet": (N_("Personne n’a pu"), "n.outcome = 'unmet'"),
    "no_longer_needed": (N_("Plus nécessaire"), "n.outcome = 'no_longer_needed'"),
    "open": (N_("En cours"), "n.closed_at is null"),
}
MET = ("met_by_neighbour", "met_by_association", "met_by_service")
ANSWERED = (*MET, "unmet")
STEPS = {
    "agreed": "n.agreed_at is not null",
    "done": "n.done_at is not null",
    "nobody": "n.nobody_at is not null",
}
HOURS = {
    "agreed": "extract(epoch from n.agreed_at - n.opened_at) / 3600.0",
    "done": "extract(epoch from n.done_at - n.opened_at) / 3600.0",
}
# Enrolled: vetted and welcomed. The journal knows the day; the file of an ended neighbour may be gone.
VOLUNTEERS = {
    "applied": "volunteers.applied",
    "welcomed": "volunteers.welcomed",
    "ended": "volunteers.ended",
}
ON_FILE = (
    "p.territory_id = %(territory)s and p.created_at < %(moment)s and coalesce((select e.code from journal_entry e"
    " where e.territory_id = p.territory_id and e.code in ('people.left', 'people.back') and e.person_id = p.id"
    " and e.at < %(moment)s order by e.at desc, e.id desc limit 1), 'people.back') = 'people.back'"
)
OPEN_THINGS = {
    "needs.need": _("Besoins"),
    "concerns.concern": _("Signalements"),
    "people.away": _("Absences"),
    "people.doublesreview": _("Doublons à regarder"),
    "calls.call": _("Appels à noter"),
    "calls.plannedcall": _("Rappels à faire"),
    "matching.wave": _("Demandes à des voisins"),
    "referrals.referral": _("Besoins confiés"),
    "visits.visit": _("Visites prévues"),
    "telecare.event": _("Téléassistance à regarder"),
    "volunteers.application": _("Candidatures"),
    "privacy.rightsrequest": _("Demandes sur ses informations"),
    "register.enrolmentrequest": _("Demandes d’inscription au registre"),
    "register.communication": _("Communications à approuver"),
    "register.rectification": _("Rectifications à transmettre"),
    "register.confirmationround": _("Tours de confirmation"),
    "messaging.inbound": _("Messages à lire"),
    "messaging.message": _("Messages à vérifier"),
}


@dataclass(frozen=True)
class Condition:
    """Which rows a key means: `area` names the table, `where` its SQL on the aliases above."""

    area: str
    where: str
    values: dict[str, Any]


class UnknownKey(ValueError):
    """No figure has this key."""


def condition_of(key: str) -> Condition:
    """The rows behind a key; raises UnknownKey for one that no figure has."""
    area, _colon, rest = key.partition(":")
    parts = dict(part.split("=", 1) for part in rest.split(":") if "=" in part)
    match area:
        case "calls":
            return _calls(parts)
        case "needs":
            return _needs(parts)
        case "volunteers" if parts.get("what") in VOLUNTEERS:
            where = "e.territory_id = %(territory)s and e.code = %(code)s and e.at >= %(start)s and e.at < %(end)s"
            return Condition("volunteers", where, {"code": VOLUNTEERS[parts["what"]]})
        case "volunteers" if parts.get("what") == "active":
            return Condition("active", "", {})
        case "people" if parts.get("at") in ("start", "end"):
            return Condition("people", ON_FILE.replace("moment", parts["at"]), {})
        case "open" if parts.get("what") in OPEN_THINGS:
            return Condition("open", "", {"kind": parts["what"]})
    raise UnknownKey(key)


def _calls(parts: dict[str, str]) -> Condition:
    where, values = [CALLS], {}
    for name, value in parts.items():
        if name == "result" and value in RESULTS:
            where.append(RESULTS[value][1])
        elif name == "logged":
            where.append(LOGGED)
        elif name == "reason":
            where.append(
                LOGGED
                + " and exists (select 1 from calls_callforreason f join calls_callreason r on r.id = f.reason_id"
                " where f.call_id = c.id and r.code = %(reason)s)"
            )
            values["reason"] = value
        else:
            raise UnknownKey(name)
    return Condition("calls", " and ".join(where), values)


def _needs(parts: dict[str, str]) -> Condition:
    where, values = [NEEDS], {}
    for name, value in parts.items():
        if name == "outcome" and value in OUTCOMES:
            where.append(OUTCOMES[value][1])
        elif name == "step" and value in STEPS:
            where.append(STEPS[value])
        elif name == "answered":
            where.append(f"n.outcome in ({', '.join(repr(one) for one in ANSWERED)})")
        elif name == "kind":
            where.append(
                "n.kind_id = (select id from territories_helpkind where territory_id = %(territory)s and code = %(kind)s)"
            )
            values["kind"] = value
        else:
            raise UnknownKey(name)
    return Condition("needs", " and ".join(where), values)


assert set(OPEN_THINGS) == {thing.kind for thing in OPENABLE}
