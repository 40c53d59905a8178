"""The parts of the copy of a neighbour who helps."""

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from palier.calls.models import Call
from palier.journal.models import Access, Entry
from palier.kernel import phones
from palier.matching.models import KeepApart, Offer
from palier.messaging.models import Inbound, Message
from palier.messaging.models import Suppression as Stopped
from palier.privacy.models import RightsRequest
from palier.privacy.parts import ABOVE, OTHERS, OURS, STAFF, WHY_PROOF, WHY_SECURITY, Part, named, number
from palier.privacy.parts_person import PERSON_PARTS
from palier.visits.models import Visit
from palier.volunteers.models import AcceptedKind, Application, AwayTime, FreeTime, Volunteer

WHY_HELPING = _("Pour vous proposer d’aider. Gardé un an après la fin de votre engagement.")
WEEKDAYS = (
    _("lundi"),
    _("mardi"),
    _("mercredi"),
    _("jeudi"),
    _("vendredi"),
    _("samedi"),
    _("dimanche"),
)


def _inbound(volunteer: Volunteer) -> "models.QuerySet[Inbound]":
    return Inbound.objects.filter(sender__in=[volunteer.phone] if volunteer.phone else [])


def _stopped(volunteer: Volunteer) -> "models.QuerySet[Stopped]":
    return Stopped.objects.filter(address__in=[one for one in (volunteer.phone, volunteer.email) if one])


def _accesses(volunteer: Volunteer) -> "models.QuerySet[Access]":
    return Access.objects.filter(object_kind="volunteers.volunteer", object_id=volunteer.pk)


def _reasons(offer: Offer) -> str:
    """How many reasons: each sentence speaks of her as well."""
    return str(len(offer.reasons))


def _part_like(model: type[models.Model], path: str, **changes: object) -> Part:
    """The same words as in the copy of a person, reached otherwise."""
    from dataclasses import replace

    like = next(part for part in PERSON_PARTS if part.model is model)
    return replace(like, path=path, **changes)  # type: ignore[arg-type]


VOLUNTEER_PARTS: list[Part] = [
    Part(
        Volunteer,
        "pk",
        _("Qui vous êtes"),
        WHY_HELPING,
        {
            "first_name": _("Prénom"),
            "last_name": _("Nom"),
            "gender": _("Genre"),
            "birth_on": _("Date de naissance"),
            "phone": (_("Téléphone"), number("phone")),
            "email": _("Courriel"),
            "street": _("Adresse"),
            "postcode": _("Code postal"),
            "city": _("Commune"),
            "about": _("En un mot"),
            "languages": _("Langues"),
            "state": _("Engagement"),
            "identity_seen_on": _("Identité vue le"),
            "interview_on": _("Entretien le"),
            "charter_signed_on": _("Charte signée le"),
            "reach_minutes": _("À pied, minutes"),
            "max_per_month": _("Au plus, par mois"),
            "avoids": _("Préfère éviter"),
            "has_car": _("En voiture"),
            "resting_until": _("En pause jusqu’au"),
            "last_asked_at": _("Dernière demande"),
            "created_at": _("Fiche ouverte le"),
            "ended_at": _("Fin de l’engagement"),
        },
        {
            "kinds": ABOVE, "x": OURS, "y": OURS, "search_text": OURS, "identity_seen_by": STAFF, "interview_by": STAFF,
        },
    ),
    Part(AcceptedKind, "volunteer", _("Ce que vous voulez bien faire"), WHY_HELPING, {"kind": (_("Aide"), named("kind.name"))}, fetch=("kind",)),
    Part(
        FreeTime,
        "volunteer",
        _("Quand vous êtes libre"),
        WHY_HELPING,
        {
            "weekday": (_("Jour"), lambda row: str(WEEKDAYS[row.weekday])),
            "starts_at": _("De"),
            "ends_at": _("À"),
        },
    ),
    Part(AwayTime, "volunteer", _("Quand vous n’êtes pas là"), WHY_HELPING, {"starts_at": _("Du"), "ends_at": _("Au")}),
    Part(
        Application,
        "volunteer",
        _("Votre candidature"),
        _("Gardée six mois."),
        {"outcome": _("Suite"), "closed_at": _("Le")},
        {"received_at": ABOVE},
        when="received_at",
    ),
    Part(
        Offer,
        "volunteer",
        _("Ce que nous vous avons demandé"),
        WHY_HELPING,
        {
            "need": (_("Aide"), named("need.kind.name")),
            "rank": _("Rang"),
            "reasons": (_("Raisons du choix"), _reasons),
            "state": _("Réponse"),
            "answered_at": _("Répondu le"),
            "answered_how": _("Par"),
        },
        {"wave": OURS, "asked_at": ABOVE, "noted_by": STAFF},
        when="asked_at",
        fetch=("need__kind",),
    ),
    Part(
        Visit,
        "volunteer",
        _("Vos visites"),
        WHY_HELPING,
        {
            "need": (_("Pour"), named("need.kind.name")),
            "state": _("Visite"),
            "proof": _("Venue confirmée"),
            "came_at": _("Arrivée"),
            "neighbour_says": _("Vous avez dit"),
            "neighbour_note": _("Vous avez noté"),
        },
        {
            "person": OTHERS, "offer": OURS, "starts_at": ABOVE, "ends_at": OURS, "is_flexible": OURS, "minutes": OURS, "agreed_at": OURS,
            "reminded_at": OURS, "asked_after_at": OURS, "proved_at": OURS, "person_says": OTHERS, "sequence": OURS, "closed_at": OURS,
        },
        when="starts_at",
        fetch=("need__kind",),
    ),
    Part(
        Call,
        "volunteer",
        _("Vos appels"),
        WHY_HELPING,
        {
            "direction": (_("Sens"), lambda call: gettext("vous avez appelé") if call.direction == "inbound" else gettext("nous avons appelé")),
            "number": (_("Depuis"), lambda call: phones.pretty(call.number) if call.who == Call.Who.VOLUNTEER and call.number else ""),
        },
        # What was noted speaks of the person they called about.
        {
            **dict.fromkeys(("person", "words", "mood", "who", "who_name", "contact", "closing_note", "reasons"), OTHERS),
            **dict.fromkeys(("danger_at", "danger_service", "danger_called_at", "next", "need", "concern"), OTHERS),
            **dict.fromkeys(("provider", "call_key", "number_raw", "is_withheld", "state", "answered_at", "ended_at"), OURS),
            **dict.fromkeys(("logged_at", "logging_seconds", "closed_at"), OURS),
            "rang_at": ABOVE, "answered_by": STAFF, "logged_by": STAFF,
        },
        when="rang_at",
        withheld=None,
    ),
    # What a person asked about them is hers to say.
    Part(KeepApart, "volunteer", "", "", {}, {"person": OTHERS, "noted_by": STAFF, "at": OTHERS}),
    Part(
        Message,
        "volunteer_id",
        _("Ce que nous vous avons écrit"),
        _("Le texte est gardé un an, l’adresse deux."),
        {"channel": _("Par"), "to": _("À"), "subject": _("Objet"), "body": _("Texte"), "state": _("Envoi")},
        {name: why for name, why in next(part for part in PERSON_PARTS if part.model is Message).left_out.items() if name != "volunteer_id"}
        | {"person_id": OTHERS},
        when="created_at",
    ),
    _part_like(Inbound, "", rows=_inbound),
    _part_like(Stopped, "", rows=_stopped),
    _part_like(
        Entry,
        "volunteer_id",
        shown={"code": next(part for part in PERSON_PARTS if part.model is Entry).shown["code"]},
        left_out={
            "at": ABOVE, "actor_name": STAFF, "actor_kind": STAFF, "membership": STAFF, "subject_kind": OURS, "subject_id": OURS,
            "person_id": OTHERS, "data": ABOVE, "personal": OTHERS,
        },
        why=WHY_HELPING,
    ),
    _part_like(Access, "", rows=_accesses, why=WHY_SECURITY),
    _part_like(
        RightsRequest,
        "volunteer",
        left_out={
            **{name: why for name, why in next(part for part in PERSON_PARTS if part.model is RightsRequest).left_out.items() if name != "volunteer"},
            "person": OTHERS,
        },
        why=WHY_PROOF,
    ),
]  # fmt: skip
