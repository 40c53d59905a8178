"""What the journal says about calls; a ringing telephone is not written, nothing has changed yet."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from palier.journal.events import declare


def _logged(d: Mapping[str, Any]) -> str:
    name, who = d.get("name"), d.get("who")
    if d.get("direction") == "outbound":
        return _("Appel de %(by)s") % {"by": d["by"]} if d.get("by") else _("Appel de l’accueil")
    if who == "self":
        if "is_woman" not in d:
            return _("La personne a appelé")
        return _("Elle a appelé") if d["is_woman"] else _("Il a appelé")
    if who == "volunteer":
        return _("%(name)s a appelé, entraide") % {"name": name} if name else _("Un voisin a appelé")
    if name:
        return _("%(name)s a appelé") % {"name": name}
    sentences = {
        "contact": _("Un proche a appelé"),
        "relative": _("Un proche a appelé"),
        "professional": _("Un professionnel a appelé"),
        "anonymous": _("Quelqu’un a appelé sans dire son nom"),
    }
    return sentences.get(str(who), _("Quelqu’un d’autre a appelé"))


def _planned(d: Mapping[str, Any]) -> str:
    sentences = {
        "promised": _("Rappel promis"),
        "missed": _("À rappeler après un appel manqué"),
        "feedback": _("Appel prévu pour demander comment ça s’est passé"),
    }
    return sentences.get(str(d.get("why")), _("Appel prévu"))


def _kept(d: Mapping[str, Any]) -> str:
    if d.get("outcome") == "reached":
        if d.get("why") == "feedback":
            return _("Appelée après la visite") if d.get("is_woman", True) else _("Appelé après la visite")
        return _("Rappelée, comme promis") if d.get("is_woman", True) else _("Rappelé, comme promis")
    sentences = {
        "replaced": _("Le rappel prévu est remplacé par un autre appel"),
        "dropped": _("Le rappel prévu n’est plus nécessaire"),
        "no_answer": _("Trois rappels sans réponse : l’appel est clos"),
    }
    return sentences.get(str(d.get("outcome")), _("Rappel fait"))


CALL_LOGGED = declare(
    "calls.logged",
    _logged,
    public=("who", "is_woman", "direction", "mood", "next", "reasons", "by", "need", "concern"),
    personal=("name", "words"),
    icon="phone",
    strand="calls",
)
CALL_COMPLETED = declare(
    "calls.completed",
    lambda d: _("Noté aussi par %(by)s") % d if d.get("by") else _("Noté aussi par quelqu’un d’autre"),
    public=("by",),
    personal=("words",),
    icon="phone",
    strand="calls",
)
CALL_MISSED = declare(
    "calls.missed",
    lambda d: _("Appel manqué"),
    public=("is_withheld",),
    icon="phone",
    tone="late",
    strand="calls",
)
DANGER_DECLARED = declare(
    "calls.danger_declared",
    lambda d: _("Danger immédiat"),
    public=("concern",),
    icon="alert",
    tone="late",
    strand="calls",
)
DANGER_SERVICE_CALLED = declare(
    "calls.danger_service_called",
    lambda d: _("Secours appelés : le %(service)s") % d if d.get("service") else _("Secours appelés"),
    public=("service",),
    icon="alert",
    tone="late",
    strand="calls",
)
CALL_SET_ASIDE = declare(
    "calls.set_aside", lambda d: _("Appel sans suite"), personal=("words",), icon="phone", strand="calls"
)
LOG_UNDONE = declare(
    "calls.log_undone",
    lambda d: _("Enregistrement de l’appel annulé"),
    public=("need", "concern"),
    strand="calls",
)
CALL_PLANNED = declare(
    "calls.planned",
    _planned,
    public=("why", "due_at", "need", "planned_call"),
    personal=("words",),
    icon="clock",
    strand="calls",
)
CALL_KEPT = declare(
    "calls.kept",
    _kept,
    public=("why", "outcome", "feedback", "need", "call", "is_woman"),
    icon="phone",
    strand="calls",
)
NO_ANSWER = declare(
    "calls.no_answer",
    lambda d: (
        ngettext(
            "Rappel sans réponse, %(count)s essai",
            "Rappel sans réponse, %(count)s essais",
            int(d.get("count", 1)),
        )
        % {"count": d.get("count", 1)}
    ),
    public=("why", "count", "due_at", "need"),
    icon="phone",
    strand="calls",
)
CALL_WAITS = declare(
    "calls.waits",
    lambda d: _("Appel reporté : elle n’est pas chez elle"),
    public=("why", "due_at"),
    icon="phone",
    strand="calls",
)
