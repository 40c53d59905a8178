"""The parts of the copy of a neighbour who helps."""

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as L_

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

WHY_HELPING = L_("Pour vous proposer d’aider. Gardé un an après la fin de votre engagement.")
WEEKDAYS = (
    L_("lundi"),
    L_("mardi"),
    L_("mercredi"),
    L_("jeudi"),
    L_("vendredi"),
    L_("samedi"),
    L_("dimanche"),
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
        L_("Qui vous êtes"),
        WHY_HELPING,
        {
            "first_name": L_("Prénom"),
            "last_name": L_("Nom"),
            "gender": L_("Genre"),
            "birth_on": L_("Date de naissance"),
            "phone": (L_("Téléphone"), number("phone")),
            "email": L_("Courriel"),
            "street": L_("Adresse"),
            "postcode": L_("Code postal"),
            "city": L_("Commune"),
            "about": L_("En un mot"),
            "languages": L_("Langues"),
            "state": L_("Engagement"),
            "identity_seen_on": L_("Identité vue le"),
            "interview_on": L_("Entretien le"),
            "charter_signed_on": L_("Charte signée le"),
            "reach_minutes": L_("À pied, minutes"),
            "max_per_month": L_("Au plus, par mois"),
            "avoids": L_("Préfère éviter"),
            "has_car": L_("En voiture"),
            "resting_until": L_("En pause jusqu’au"),
            "last_asked_at": L_("Dernière demande"),
            "created_at": L_("Fiche ouverte le"),
            "ended_at": L_("Fin de l’engagement"),
        },
        {
            "kinds": ABOVE, "x": OURS, "y": OURS, "search_text": OURS, "identity_seen_by": STAFF, "interview_by": STAFF,
        },
    ),
    Part(AcceptedKind, "volunteer", L_("Ce que vous voulez bien faire"), WHY_HELPING, {"kind": (L_("Aide"), named("kind.name"))}, fetch=("kind",)),
    Part(
        FreeTime,
        "volunteer",
        L_("Quand vous êtes libre"),
        WHY_HELPING,
        {
            "weekday": (L_("Jour"), lambda row: str(WEEKDAYS[row.weekday])),
            "starts_at": L_("De"),
            "ends_at": L_("À"),
        },
    ),
    Part(AwayTime, "volunteer", L_("Quand vous n’êtes pas là"), WHY_HELPING, {"starts_at": L_("Du"), "ends_at": L_("Au")}),
    Part(
        Application,
        "volunteer",
        L_("Votre candidature"),
        L_("Gardée six mois."),
        {"outcome": L_("Suite"), "closed_at": L_("Le")},
        {"received_at": ABOVE},
        when="received_at",
    ),
    Part(
        Offer,
        "volunteer",
        L_("Ce que nous vous avons demandé"),
        WHY_HELPING,
        {
            "need": (L_("Aide"), named("need.kind.name")),
            "rank": L_("Rang"),
            "reasons": (L_("Raisons du choix"), _reasons),
            "state": L_("Réponse"),
            "answered_at": L_("Répondu le"),
            "answered_how": L_("Par"),
        },
        {"wave": OURS, "asked_at": ABOVE, "noted_by": STAFF},
        when="asked_at",
        fetch=("need__kind",),
    ),
    Part(
        Visit,
        "volunteer",
        L_("Vos visites"),
        WHY_HELPING,
        {
            "need": (L_("Pour"), named("need.kind.name")),
            "state": L_("Visite"),
            "proof": L_("Venue confirmée"),
            "came_at": L_("Arrivée"),
            "neighbour_says": L_("Vous avez dit"),
            "neighbour_note": L_("Vous avez noté"),
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
        L_("Vos appels"),
        WHY_HELPING,
        {
            "direction": (L_("Sens"), lambda call: _("vous avez appelé") if call.direction == "inbound" else _("nous avons appelé")),
            "number": (L_("Depuis"), lambda call: phones.pretty(call.number) if call.who == Call.Who.VOLUNTEER and call.number else ""),
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
        L_("Ce que nous vous avons écrit"),
        L_("Le texte est gardé un an, l’adresse deux."),
        {"channel": L_("Par"), "to": L_("À"), "subject": L_("Objet"), "body": L_("Texte"), "state": L_("Envoi")},
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
