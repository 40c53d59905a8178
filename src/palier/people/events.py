"""What the journal says about a person's file. Names and former values are personal data."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from palier.journal.events import declare
from palier.people.departures import Stopped, counted


def _consent(d: Mapping[str, Any]) -> str:
    given = {
        "neighbour_help": _("D’accord pour donner son prénom et sa rue à un voisin"),
        "welfare_calls": _("D’accord pour des appels réguliers"),
        "partners": _("D’accord pour transmettre à une association ou un service"),
        "telecare": _("D’accord pour échanger avec sa téléassistance"),
        "parcels": _("D’accord pour recevoir un colis ou une invitation"),
        "outings": _("D’accord pour les sorties de groupe"),
        "photos": _("D’accord pour être prise en photo"),
        "sms": _("D’accord pour recevoir des SMS"),
        "news": _("D’accord pour recevoir les nouvelles des aînés"),
    }
    return given.get(str(d.get("purpose")), _("Un accord est noté"))


def _refusal(d: Mapping[str, Any]) -> str:
    refused = {
        "neighbour_help": _("Pas d’accord pour donner son prénom et sa rue à un voisin"),
        "welfare_calls": _("Pas d’accord pour des appels réguliers"),
        "partners": _("Pas d’accord pour transmettre à une association ou un service"),
        "telecare": _("Pas d’accord pour échanger avec sa téléassistance"),
        "parcels": _("Pas d’accord pour recevoir un colis ou une invitation"),
        "outings": _("Pas d’accord pour les sorties de groupe"),
        "photos": _("Pas d’accord pour être prise en photo"),
        "sms": _("Pas d’accord pour recevoir des SMS"),
        "news": _("Pas d’accord pour recevoir les nouvelles des aînés"),
    }
    return refused.get(str(d.get("purpose")), _("Un refus est noté"))


def _objection(d: Mapping[str, Any]) -> str:
    refused = {
        "calls": _("S’oppose aux appels du service"),
        "visits": _("S’oppose aux visites"),
        "letters": _("S’oppose aux courriers"),
        "sms": _("S’oppose aux SMS"),
        "parcels": _("S’oppose aux colis et invitations"),
        "file": _("S’oppose à l’usage de sa fiche"),
    }
    return refused.get(str(d.get("to")), _("Une opposition est notée"))


def _away(d: Mapping[str, Any]) -> str:
    woman = d.get("is_woman", True)
    return {
        "hospital": _("À l’hôpital"),
        "family": _("Dans sa famille"),
        "holidays": _("En vacances"),
        "stay": _("En séjour temporaire"),
    }.get(str(d.get("reason")), _("Absente de chez elle") if woman else _("Absent de chez lui"))


_SECRETS = {
    "door_code": lambda: _("digicode"),
    "key_place": lambda: _("emplacement de la clé"),
    "key_safe": lambda: _("code de la boîte à clés"),
    "alarm": lambda: _("code de l’alarme"),
}


def _secret(sentence: str, d: Mapping[str, Any]) -> str:
    named = _SECRETS.get(str(d.get("kind")))
    return sentence % {"what": named() if named else _("un accès au logement")}


def _about_contact(d: Mapping[str, Any], named: str, unnamed: str) -> str:
    return named % d if d.get("name") else unnamed


def _left(d: Mapping[str, Any]) -> str:
    state, is_woman = d.get("state"), d.get("is_woman", True)
    if state == "deceased":
        return (
            _("Elle est décédée : ses appels s’arrêtent")
            if is_woman
            else _("Il est décédé : ses appels s’arrêtent")
        )
    if state == "in_care_home":
        return (
            _("Elle vit maintenant en établissement") if is_woman else _("Il vit maintenant en établissement")
        )
    return (
        _("Elle est partie : ses appels s’arrêtent")
        if is_woman
        else _("Il est parti : ses appels s’arrêtent")
    )


PERSON_CREATED = declare(
    "people.created",
    lambda d: _("Fiche ouverte"),
    public=("source",),
    personal=("words_reason",),
    icon="user",
)
PERSON_CHANGED = declare(
    "people.changed",
    lambda d: _("Fiche modifiée"),
    public=("fields",),
    personal=("former", "words_reason"),
    icon="user",
)
PERSON_LEFT = declare("people.left", _left, public=("state", "is_woman"), icon="user", tone="late")
PERSON_BACK = declare(
    "people.back",
    lambda d: _("Elle est de nouveau suivie") if d.get("is_woman", True) else _("Il est de nouveau suivi"),
    public=("is_woman",),
    icon="user",
)
CONTACT_ADDED = declare(
    "people.contact_added",
    lambda d: (
        _("Ajouté autour de la personne : %(name)s") % d
        if d.get("name")
        else _("Quelqu’un a été ajouté autour de la personne")
    ),
    public=("relation", "contact"),
    personal=("name",),
    icon="user",
)
CONSENT_GIVEN = declare("people.consent_given", _consent, public=("purpose", "channel"), icon="check")
CONSENT_REFUSED = declare("people.consent_refused", _refusal, public=("purpose", "channel"), icon="note")
COMPARTMENT_OPENED = declare(
    "people.compartment_opened",
    lambda d: _("Volet ouvert : %(name)s") % d if d.get("name") else _("Un volet est ouvert"),
    public=("name",),
    icon="user",
)
COMPARTMENT_GRANTED = declare(
    "people.compartment_granted",
    lambda d: _("Accès donné à %(name)s") % d if d.get("name") else _("Un accès est donné"),
    public=("membership", "until"),
    personal=("name",),
    icon="user",
)
COMPARTMENT_REVOKED = declare(
    "people.compartment_revoked",
    lambda d: _("Accès retiré à %(name)s") % d if d.get("name") else _("Un accès est retiré"),
    public=("membership",),
    personal=("name",),
    icon="user",
)
PERSON_CONFINED = declare(
    "people.confined",
    lambda d: (
        _("Fiche gardée à part : seules les personnes désignées la voient")
        if d.get("hides", True)
        else _("Fiche inscrite dans un volet")
    ),
    public=("compartment", "hides"),
    icon="user",
)
PERSON_FOLLOWED = declare("people.followed", lambda d: _("Fiche ouverte à toute l’équipe"), icon="user")
PERSON_RELEASED = declare(
    "people.released", lambda d: _("Fiche retirée d’un volet"), public=("compartment",), icon="user"
)
PERSON_STOPPED = declare(
    "people.stopped",
    lambda d: (
        _("Arrêté du même coup : %(what)s") % {"what": counted([Stopped(*line) for line in d["lines"]])}
        if isinstance(d.get("lines"), list)
        else _("Tout ce qui était prévu est arrêté")
    ),
    public=("counts",),
    personal=("lines",),
    icon="cross",
)
CONDOLENCES_SAID = declare(
    "people.condolences_said", lambda d: _("Un mot a été dit à ses proches"), icon="note"
)
CONTACT_CHANGED = declare(
    "people.contact_changed",
    lambda d: _about_contact(d, _("Entourage modifié : %(name)s"), _("Entourage modifié")),
    public=("contact", "fields"),
    personal=("name",),
    icon="user",
)
CONTACTS_ORDERED = declare(
    "people.contacts_ordered", lambda d: _("Ordre d’appel de l’entourage modifié"), icon="user"
)
CONTACT_REMOVED = declare(
    "people.contact_removed",
    lambda d: _about_contact(
        d, _("Retiré de l’entourage : %(name)s"), _("Quelqu’un est retiré de l’entourage")
    ),
    public=("contact",),
    personal=("name",),
    icon="user",
)
CONTACT_SET_APART = declare(
    "people.contact_set_apart",
    lambda d: _about_contact(
        d, _("À ne plus contacter : %(name)s"), _("Quelqu’un ne doit plus être contacté")
    ),
    public=("contact",),
    personal=("name",),
    icon="alert",
    tone="late",
)
CONTACT_ALLOWED = declare(
    "people.contact_allowed",
    lambda d: _about_contact(
        d, _("De nouveau dans l’entourage à appeler : %(name)s"), _("Quelqu’un peut de nouveau être contacté")
    ),
    public=("contact",),
    personal=("name", "why"),
    icon="user",
)
CONTACT_REVEALED = declare(
    "people.contact_revealed",
    lambda d: _("Numéro gardé fermé, affiché"),
    public=("contact",),
    personal=("why",),
    icon="key",
)
WEEK_CHANGED = declare(
    "people.week_changed",
    lambda d: (
        _("Semaine habituelle modifiée : %(who)s") % d if d.get("who") else _("Semaine habituelle modifiée")
    ),
    personal=("who",),
    icon="home",
)
AWAY_SAID = declare(
    "people.away",
    _away,
    public=("away", "reason", "starts_on", "ends_on", "back_at", "is_woman"),
    personal=("words",),
    icon="home",
)
AWAY_ENDED = declare(
    "people.back_home",
    lambda d: _("De retour chez elle") if d.get("is_woman", True) else _("De retour chez lui"),
    public=("is_woman",),
    icon="home",
)
HOME_SHARED = declare(
    "people.home_shared",
    lambda d: _("Vit avec quelqu’un qui a aussi une fiche"),
    public=("others",),
    icon="home",
)
HOME_LEFT = declare("people.home_left", lambda d: _("Ne vit plus dans le même foyer"), icon="home")
PROTECTION_NOTED = declare(
    "people.protection_noted", lambda d: _("Protection juridique notée"), public=("measure",), icon="shield"
)
PROTECTION_ENDED = declare(
    "people.protection_ended", lambda d: _("La protection juridique est terminée"), icon="shield"
)
SECRET_KEPT = declare(
    "people.secret_kept",
    lambda d: _secret(_("Noté et gardé fermé : %(what)s"), d),
    public=("kind",),
    icon="key",
)
SECRET_SHOWN = declare(
    "people.secret_shown",
    lambda d: _secret(_("Affiché : %(what)s"), d),
    public=("kind",),
    personal=("why",),
    icon="key",
)
SECRET_FORGOTTEN = declare(
    "people.secret_forgotten", lambda d: _secret(_("Effacé : %(what)s"), d), public=("kind",), icon="key"
)
NOTE_WRITTEN = declare(
    "people.note_written",
    lambda d: _("Note confidentielle écrite") if d.get("confidential") is True else _("Note écrite"),
    public=("note", "confidential", "watched"),
    icon="note",
)
NOTE_WITHDRAWN = declare("people.note_withdrawn", lambda d: _("Note retirée"), public=("note",), icon="note")
OBJECTION_NOTED = declare("people.objection_noted", _objection, public=("to", "channel"), icon="cross")
OBJECTION_LIFTED = declare(
    "people.objection_lifted", lambda d: _("Une opposition est levée"), public=("to", "channel"), icon="check"
)


def _withdrawn(d: Mapping[str, Any]) -> str:
    if d.get("why") == "meanwhile":
        return _("Fiche de l’import retirée : elle était ouverte entre-temps")
    return _("Fiche retirée : l’import est repris")


PERSON_WITHDRAWN = declare("people.withdrawn", _withdrawn, public=("why",), icon="undo")
FILES_JOINED = declare(
    "people.joined",
    lambda d: (
        _("Fiche réunie avec celle de %(name)s") % d if d.get("name") else _("Deux fiches sont réunies")
    ),
    public=("join", "absorbed"),
    personal=("name",),
    icon="user",
)
FILES_PARTED = declare(
    "people.parted",
    lambda d: (
        _("Fiche séparée de celle de %(name)s") % d if d.get("name") else _("Deux fiches sont séparées")
    ),
    public=("join", "absorbed"),
    personal=("name",),
    icon="undo",
)
NOT_THE_SAME = declare(
    "people.not_the_same",
    lambda d: _("Comparée à une autre fiche : ce sont deux personnes"),
    public=("other",),
    icon="user",
)
DECISIONS_FORGOTTEN = declare(
    "people.decisions_forgotten",
    lambda d: _("Les décisions sur les doublons ne comptent plus : on repart des réglages d’origine"),
    icon="undo",
)
