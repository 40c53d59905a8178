"""The parts of the copy of somebody the territory looks after."""

from django.db import models
from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as L_

from palier.calls.models import Call, CallDraft, PlannedCall
from palier.concerns.models import Concern
from palier.duties.models import Duty
from palier.journal.events import registry
from palier.journal.models import Access, Entry
from palier.kernel import phones
from palier.matching.models import KeepApart, Wave
from palier.messaging.models import Inbound, Message
from palier.messaging.models import Suppression as Stopped
from palier.needs.models import Need
from palier.people.models import (
    Away,
    Confined,
    Consent,
    Contact,
    HomeSecret,
    Note,
    Objection,
    Person,
    PhoneNumber,
    Presence,
    Protection,
)
from palier.privacy.models import RightsRequest
from palier.privacy.parts import (
    ABOVE,
    OTHERS,
    OURS,
    STAFF,
    WHY_FOLLOW_UP,
    WHY_PROOF,
    WHY_SECURITY,
    Part,
    in_words,
    named,
    number,
)
from palier.referrals.models import Referral
from palier.register.models import CommunicatedEntry, Confirmation, Enrolment, EnrolmentRequest
from palier.telecare.models import Event
from palier.visits.models import Visit

# What an entry's personal data says of herself. Everything else in it is somebody else's: a neighbour, a relative, the staff.
HER_OWN = frozenset({"former", "words", "note", "answer", "reason"})
# That we must not call somebody says a suspicion, as a concern does.
CONCERNS = (
    Q(subject_kind="concerns.concern")
    | Q(code__startswith="concerns.")
    | Q(code__in=["people.contact_set_apart", "people.contact_allowed", "people.contact_revealed"])
)


def _handed_to(row: CommunicatedEntry) -> str:
    """The recipients by name and service, and in answer to which request."""
    made = row.communication
    who = ", ".join(f"{one['name']} ({one['service']})" for one in made.recipients)
    return _("%(who)s, pour %(plan)s, référence %(reference)s, le %(day)s") % {
        "who": who,
        "plan": made.plan,
        "reference": made.reference,
        "day": in_words(made.closed_at),
    }


def own_numbers(person: Person) -> list[str]:
    """Numbers that are hers alone: what came from a shared telephone may be her husband's."""
    hers = list(PhoneNumber.objects.filter(person=person).values_list("e164", flat=True))
    shared = set(
        PhoneNumber.objects.filter(e164__in=hers)
        .values("e164")
        .annotate(people=Count("person", distinct=True))
        .filter(people__gt=1)
        .values_list("e164", flat=True)
    )
    return [one for one in hers if one not in shared]


def _inbound(person: Person) -> "models.QuerySet[Inbound]":
    return Inbound.objects.filter(sender__in=own_numbers(person))


def _stopped(person: Person) -> "models.QuerySet[Stopped]":
    return Stopped.objects.filter(address__in=own_numbers(person))


def _accesses(person: Person) -> "models.QuerySet[Access]":
    return Access.objects.filter(object_kind="people.person", object_id=person.pk)


def _her_number(call: Call) -> str:
    return phones.pretty(call.number) if call.who == Call.Who.SELF and call.number else ""


def _reasons(call: Call) -> str:
    return ", ".join(reason.name for reason in call.reasons.all())


def _typed(draft: CallDraft) -> str:
    return in_words(draft.typed.get("words", ""))


def _written_to(message: Message) -> str:
    return _("à un voisin, à votre sujet") if message.volunteer_id else message.to


def _body(message: Message) -> str:
    return "" if message.volunteer_id else message.body


def _happened(entry: Entry) -> str:
    """The sentence of the journal, said without what is somebody else's."""
    event = registry.events.get(entry.code)
    if event is None:
        return ""
    hers = {key: value for key, value in entry.personal.items() if key in HER_OWN}
    try:
        return event.title({**entry.data, **hers})
    except KeyError:
        return ""


def _noted(entry: Entry) -> str:
    return "\n".join(text for key in sorted(HER_OWN) if (text := in_words(entry.personal.get(key))))


def _by(entry: Entry) -> str:
    if entry.actor_kind == "member":
        return _("notre équipe")
    return _("un voisin") if entry.actor_kind == "neighbour" else _("le logiciel")


def _opened(access: Access) -> str:
    return {
        "read": _("fiche ouverte"),
        "export": _("données sorties"),
        "reveal": _("code ou numéro affiché"),
    }.get(access.operation, access.operation)


def _days(presence: Presence) -> str:
    names = (_("lundi"), _("mardi"), _("mercredi"), _("jeudi"), _("vendredi"), _("samedi"), _("dimanche"))
    return ", ".join(names[number] for number in presence.days)


def _secret(secret: HomeSecret) -> str:
    """That we hold one. The code itself is not written on a paper that lies about; she knows it, and may ask."""
    return _("noté, à demander à l’accueil")


PERSON_PARTS: list[Part] = [
    Part(
        Person,
        "pk",
        L_("Qui vous êtes"),
        L_("Pour vous reconnaître, vous joindre et venir chez vous. Gardé deux ans après notre dernier contact."),
        {
            "title": L_("Civilité"),
            "first_name": L_("Prénom"),
            "last_name": L_("Nom"),
            "birth_name": L_("Nom de naissance"),
            "birth_on": L_("Date de naissance"),
            "state": L_("Suivi"),
            "street": L_("Adresse"),
            "access": L_("Accès"),
            "postcode": L_("Code postal"),
            "city": L_("Commune"),
            "lives_alone": L_("Vit seule ou seul"),
            "language": L_("Langue"),
            "needs_interpreter": L_("Il faut un interprète"),
            "left_on": L_("Départ le"),
            "talk_note": L_("Pour vous parler"),
            "home_note": L_("Chez vous"),
            "has_stairs": L_("Des étages à monter"),
            "has_pets": L_("Un animal"),
            "telecare_operator": (L_("Téléassistance"), named("telecare_operator")),
            "telecare_number": L_("Numéro d’abonné"),
            "created_at": L_("Fiche ouverte le"),
            "last_contact_at": L_("Dernier contact"),
        },
        {"is_followed": ABOVE, "household": OTHERS, "insee": OURS, "x": OURS, "y": OURS, "search_text": OURS},
        fetch=("telecare_operator",),
    ),
    Part(
        PhoneNumber,
        "person",
        L_("Vos téléphones"),
        WHY_FOLLOW_UP,
        {"e164": (L_("Numéro"), number("e164")), "raw": L_("Tel que donné")},
        {"order": OURS},
    ),
    Part(
        Contact,
        "person",
        L_("Autour de vous"),
        L_("Les personnes que vous nous avez nommées ; ce qui n’est qu’à elles n’est pas copié."),
        {
            "name": L_("Nom"),
            "relation": L_("Lien"),
            "note": L_("Précision"),
            "has_key": L_("A une clé de chez vous"),
            "is_professional": L_("Professionnel"),
        },
        {
            "phone": OTHERS, "do_not_contact": OTHERS, "order": OURS, "sealed_phone": OTHERS, "sealed_mark": OURS,
            "apart_reason": OTHERS, "apart_by": STAFF, "apart_at": OURS, "ended_at": OURS,
        },
        # That we must not call somebody says a suspicion.
        withheld=Q(do_not_contact=True),
    ),
    Part(
        Presence,
        "person",
        L_("Qui vous appelle ou passe dans une semaine"),
        L_("Pour savoir quels jours vous voyez quelqu’un."),
        {
            "who": L_("Qui"),
            "kind": L_("Comment"),
            "days": (L_("Jours"), _days),
            "at": L_("Heure"),
            "part": L_("Moment"),
        },
        {"is_ours": OURS, "order": OURS},
    ),
    Part(
        Away,
        "person",
        L_("Vos absences"),
        L_("Pour ne pas vous chercher quand vous n’êtes pas chez vous."),
        {"reason": L_("Où"), "starts_on": L_("Du"), "ends_on": L_("Au")},
        {"ask_on": OURS, "told_by": OTHERS, "noted_by": STAFF, "opened_at": OURS, "closed_at": OURS},
        when="starts_on",
    ),
    Part(
        Protection,
        "person",
        L_("Votre protection juridique"),
        L_("Pour demander à qui de droit."),
        {
            "measure": L_("Mesure"),
            "representative": (L_("Représentant"), named("representative")),
            "through_them": L_("Ce qui passe par lui"),
            "since": L_("Depuis"),
            "until": L_("Jusqu’au"),
        },
        {"ended_at": OURS},
        fetch=("representative",),
    ),
    Part(
        HomeSecret,
        "person",
        L_("Ce qui ouvre votre porte"),
        L_("Gardé fermé, affiché un à la fois, et noté chaque fois."),
        {"kind": L_("Quoi"), "sealed": (L_("Noté"), _secret)},
        {"noted_by": STAFF, "noted_at": ABOVE},
        when="noted_at",
    ),
    Part(
        Note,
        "person",
        L_("Les notes sur vous"),
        WHY_FOLLOW_UP,
        {"text": L_("Ce qui a été noté"), "words_reason": L_("Pourquoi ces mots")},
        {"is_confidential": OURS, "author": STAFF, "author_name": STAFF, "at": ABOVE, "withdrawn_at": OURS},
        when="at",
        # Read by a person first: they may name somebody else, or what protects her.
        withheld=Q(is_confidential=True),
    ),
    Part(
        Objection,
        "person",
        L_("Ce que vous ne voulez plus"),
        WHY_PROOF,
        {"to": L_("Vous vous opposez à"), "holds": L_("Toujours vrai"), "channel": L_("Dit")},
        {"at": ABOVE, "noted_by": STAFF},
        when="at",
    ),
    Part(
        Confined,
        "person",
        L_("Où votre fiche est gardée à part"),
        L_("Pour que peu de gens la voient."),
        {"compartment": (L_("Volet"), named("compartment.name"))},
        {"at": ABOVE},
        when="at",
        fetch=("compartment",),
    ),
    Part(
        Consent,
        "person",
        L_("Vos accords et vos refus"),
        WHY_PROOF,
        {"purpose": L_("Pour"), "is_given": L_("D’accord"), "channel": L_("Dit")},
        {"at": ABOVE, "noted_by": STAFF},
        when="at",
    ),
    Part(
        Call,
        "person",
        L_("Vos appels"),
        WHY_FOLLOW_UP,
        {
            "direction": (L_("Sens"), lambda call: _("vous avez appelé") if call.direction == "inbound" else _("nous avons appelé")),
            "who": L_("Au téléphone"),
            "number": (L_("Depuis"), _her_number),
            "reasons": (L_("Pour"), _reasons),
            "mood": L_("Comment vous alliez"),
            "words": L_("Ce qui a été noté"),
            "next": L_("Suite"),
            "danger_at": L_("Danger noté le"),
            "danger_service": L_("Secours"),
            "danger_called_at": L_("Secours appelés le"),
            "closing_note": L_("Note de fin"),
        },
        {
            "provider": OURS, "call_key": OURS, "number_raw": ABOVE, "is_withheld": OURS, "state": OURS, "rang_at": ABOVE,
            "answered_at": OURS, "ended_at": OURS, "answered_by": STAFF, "contact": OTHERS, "volunteer": OTHERS, "who_name": OTHERS,
            "need": ABOVE, "concern": OURS, "logged_at": OURS, "logged_by": STAFF, "logging_seconds": OURS, "closed_at": OURS,
        },
        when="rang_at",
        # Words that became a concern would reveal it.
        withheld=Q(concern__isnull=False),
        prefetch=("reasons",),
    ),
    Part(
        CallDraft,
        "call__person",
        L_("Notes d’appel pas encore enregistrées"),
        L_("Gardé sept jours."),
        {"typed": (L_("Ce qui a été noté"), _typed)},
        {"call": ABOVE, "membership": STAFF, "saved_at": ABOVE},
        when="saved_at",
        withheld=Q(call__concern__isnull=False),
    ),
    Part(
        PlannedCall,
        "person",
        L_("Les appels promis"),
        WHY_FOLLOW_UP,
        {
            "why": L_("Raison"),
            "about": L_("À propos de"),
            "attempts": L_("Essais"),
            "feedback": L_("Votre réponse"),
            "outcome": L_("Résultat"),
        },
        {"number": OTHERS, "due_at": ABOVE, "need": ABOVE, "asked_in": ABOVE, "done_in": ABOVE, "opened_at": OURS, "closed_at": OURS},
        when="due_at",
    ),
    Part(
        Need,
        "person",
        L_("Vos demandes d’aide"),
        WHY_FOLLOW_UP,
        {
            "kind": (L_("Aide"), named("kind.name")),
            "state": L_("Où elle en est"),
            "outcome": L_("Résultat"),
            "source": L_("Venue"),
            "starts_at": L_("À partir de"),
            "ends_at": L_("Jusqu’à"),
            "minutes": L_("Minutes"),
            "what": L_("Quoi"),
            "details": L_("Détails"),
            "words_reason": L_("Vos mots"),
            "gender_wanted": L_("Plutôt"),
            "language": L_("Langue"),
            "conditions": L_("Conditions"),
            "wish": L_("Souhait"),
        },
        {
            "is_flexible": OURS, "owner": STAFF, "opened_at": ABOVE, "opened_by": STAFF, "agreed_at": OURS, "done_at": OURS,
            "closed_at": OURS, "closed_by": STAFF, "nobody_at": OURS, "reopens": OURS,
        },
        when="opened_at",
        fetch=("kind",),
    ),
    Part(
        Wave,
        "need__person",
        L_("Quand nous avons cherché un voisin"),
        L_("Les voisins ont reçu votre prénom et votre rue, rien d’autre, avant que l’un dise oui."),
        {"number": L_("Tour"), "answers_by": L_("Réponses attendues jusqu’à"), "outcome": L_("Résultat")},
        {"need": ABOVE, "confirmed_by": STAFF, "sent_at": ABOVE, "starts_at": OURS, "ends_at": OURS, "closed_at": OURS},
        when="sent_at",
    ),
    Part(
        KeepApart,
        "person",
        L_("Un voisin que vous ne voulez plus voir"),
        WHY_FOLLOW_UP,
        {"volunteer": (L_("Noté"), lambda row: _("nous ne vous l’envoyons plus"))},
        {"noted_by": STAFF, "at": ABOVE},
        when="at",
    ),
    Part(
        Visit,
        "person",
        L_("Vos visites"),
        WHY_FOLLOW_UP,
        {
            "need": (L_("Pour"), named("need.kind.name")),
            "state": L_("Visite"),
            "minutes": L_("Minutes"),
            "proof": L_("Venue confirmée"),
            "came_at": L_("Arrivée"),
            "neighbour_says": L_("Selon le voisin"),
            "neighbour_note": L_("Ce qu’il a noté"),
            "person_says": L_("Selon vous"),
        },
        {
            "volunteer": OTHERS, "offer": OTHERS, "starts_at": ABOVE, "ends_at": OURS, "is_flexible": OURS, "agreed_at": OURS,
            "reminded_at": OURS, "asked_after_at": OURS, "proved_at": OURS, "sequence": OURS, "closed_at": OURS,
        },
        when="starts_at",
        withheld=Q(neighbour_says="worried"),
        fetch=("need__kind",),
    ),
    Part(
        Referral,
        "need__person",
        L_("À qui nous vous avons confiée ou confié"),
        L_("Avec votre accord. Ces organismes ont reçu ce qui est écrit ici."),
        {
            "service": (L_("À"), lambda row: f"{row.service.organisation.name}, {row.service.name}"),
            "need": (L_("Pour"), named("need.kind.name")),
            "state": L_("Où cela en est"),
            "note": L_("Ce que nous avons transmis"),
            "answer": L_("Sa réponse"),
        },
        {"proposed_at": ABOVE, "proposed_by": STAFF, "answer_by": OURS, "answered_at": OURS, "closed_at": OURS},
        when="proposed_at",
        fetch=("service__organisation", "need__kind"),
    ),
    # Never by itself: whether there is one, and what of it may be told, is for a person to decide (SAF-05).
    Part(Concern, "person", "", "", {}, withheld=Q(pk__isnull=False), left_out=dict.fromkeys(
        ("facts", "urgency", "source", "reported_by", "opened_at", "owner", "outcome", "what_was_done", "closed_at", "closed_by"), OTHERS
    )),
    Part(
        Event,
        "person",
        L_("Votre téléassistance"),
        L_("Ce que votre appareil nous a dit, pour confirmer une visite. Gardé un an."),
        {"unit": L_("Appareil"), "status_code": L_("Code"), "state": L_("Compris comme")},
        {
            "organisation": ABOVE, "reference": OURS, "message_type": OURS, "marked_as_visit": OURS, "at": ABOVE, "received_at": OURS,
            "visit": ABOVE, "closed_at": OURS, "closed_by": STAFF,
        },
        when="at",
    ),
    Part(
        Message,
        "person_id",
        L_("Ce que nous avons écrit"),
        L_("Le texte est gardé un an, l’adresse deux."),
        {
            "channel": L_("Par"),
            "to": (L_("À"), _written_to),
            "subject": (L_("Objet"), lambda row: "" if row.volunteer_id else row.subject),
            "body": (L_("Texte"), _body),
            "state": L_("Envoi"),
        },
        {
            "key": OURS, "sender": OURS, "segments": OURS, "template": OURS, "priority": OURS, "due_at": OURS, "holds_at": OURS,
            "expires_at": OURS, "lease_until": OURS, "handed_at": OURS, "tries": OURS, "provider": OURS, "provider_id": OURS, "error": OURS,
            "about_kind": OURS, "about_id": OURS, "volunteer_id": OTHERS, "created_at": ABOVE, "sent_at": OURS, "receipt_at": OURS,
            "needs_care": OURS, "closed_at": OURS,
        },
        when="created_at",
        withheld=Q(about_kind="concerns.concern"),
    ),
    Part(
        Inbound,
        "",
        L_("Ce que vous nous avez écrit"),
        L_("Le texte est gardé un an, le numéro deux."),
        {"sender": (L_("De"), number("sender")), "body": L_("Texte"), "understood_as": L_("Compris comme")},
        {"provider": OURS, "provider_id": OURS, "received_at": ABOVE, "closed_at": OURS},
        when="received_at",
        rows=_inbound,
    ),
    Part(
        Stopped,
        "",
        L_("Vous avez demandé à ne plus recevoir de messages"),
        WHY_PROOF,
        {"channel": L_("Par"), "address": L_("Adresse"), "ended_at": L_("Jusqu’au")},
        {"since": ABOVE},
        when="since",
        rows=_stopped,
    ),
    Part(
        Duty,
        "person_id",
        L_("Ce que nous avions à faire pour vous"),
        WHY_FOLLOW_UP,
        {"kind": L_("Quoi"), "due_at": L_("Pour le"), "settled_at": L_("Fait le")},
        {
            "subject_kind": OURS, "subject_id": OURS, "label": ABOVE, "organisation": OURS, "owner": STAFF, "team": STAFF, "opened_at": ABOVE,
            "settled_by": STAFF, "level": OURS, "climbs_at": OURS, "raised_to": STAFF, "acknowledged_by": STAFF,
        },
        when="opened_at",
        withheld=Q(subject_kind="concerns.concern"),
    ),
    Part(
        Entry,
        "person_id",
        L_("Ce qui s’est passé"),
        L_("L’histoire de votre fiche, ligne par ligne, gardée aussi longtemps qu’elle."),
        {"code": (L_("Quoi"), _happened), "personal": (L_("Noté"), _noted), "actor_kind": (L_("Par"), _by)},
        {
            "at": ABOVE, "actor_name": STAFF, "membership": STAFF, "subject_kind": OURS, "subject_id": OURS, "volunteer_id": OTHERS,
            "data": ABOVE,
        },
        when="at",
        withheld=CONCERNS,
    ),
    Part(
        Access,
        "",
        L_("Quand votre fiche a été ouverte"),
        WHY_SECURITY,
        {"operation": (L_("Quoi"), _opened)},
        {
            "at": ABOVE, "user_id": STAFF, "membership_id": STAFF, "object_kind": OURS, "object_id": OURS, "reason": STAFF,
        },
        when="at",
        rows=_accesses,
    ),
    Part(
        Enrolment,
        "person",
        L_("Votre inscription à un registre"),
        L_("Pour vous appeler en cas d’alerte. Gardé jusqu’à votre retrait ou votre décès (code de l’action sociale, R121-11)."),
        {
            "register": (L_("Registre"), named("register.name")),
            "capacity": L_("Qualité"),
            "requested_on": L_("Demandée le"),
            "third_party_name": L_("Par"),
            "third_party_capacity": L_("En qualité de"),
            "home_service_name": L_("Service d’aide à domicile"),
            "home_service_phone": (L_("Son téléphone"), number("home_service_phone")),
            "to_warn_name": L_("Personne à prévenir"),
            "state": L_("Situation"),
            "agreed_how": L_("Accord donné"),
            "agreed_at": L_("Le"),
            "isolation_prevention": L_("Vous appeler aussi hors alerte"),
            "last_confirmed_on": L_("Informations confirmées le"),
            "removed_at": L_("Retirée le"),
            "removal_reason": L_("Motif"),
        },
        {"to_warn_phone": OTHERS, "enrolled_at": ABOVE},
        when="enrolled_at",
        fetch=("register",),
    ),
    Part(
        EnrolmentRequest,
        "enrolment__person",
        L_("La demande d’inscription et notre lettre"),
        L_("Pour prouver que vous avez été informée. Effacé avec votre inscription."),
        {
            "channel": L_("Reçue par"),
            "requester": L_("Demandée par"),
            "requested_on": L_("Le"),
            "ack_sent_at": L_("Accusé de réception envoyé le"),
            "outcome": L_("Suite"),
        },
        {
            "register": ABOVE, "notice": OURS, "requester_name": ABOVE, "requester_capacity": ABOVE, "written_proof": OURS,
            "received_at": ABOVE, "typed": OURS, "form_key": OURS, "ack_printed_at": OURS, "ack_sent_by": STAFF, "closed_at": OURS,
        },
        when="received_at",
    ),
    Part(
        CommunicatedEntry,
        "enrolment__person",
        L_("À qui votre inscription a été communiquée"),
        L_("Le préfet peut demander le registre quand un plan d’alerte est déclenché (R121-8)."),
        {"communication": (L_("À"), _handed_to)},
        {"enrolment": ABOVE},
        fetch=("communication",),
    ),
    Part(
        Confirmation,
        "enrolment__person",
        L_("Quand nous vous avons demandé si tout est juste"),
        L_("Effacé avec votre inscription."),
        {"card_sent_at": L_("Carte envoyée le"), "result": L_("Réponse"), "noted_at": L_("Notée le")},
        {"round": OURS, "noted_by": STAFF},
    ),
    Part(
        RightsRequest,
        "person",
        L_("Vos demandes sur vos informations"),
        WHY_PROOF,
        {
            "kind": L_("Demande"),
            "asked_by": L_("Faite par"),
            "channel": L_("Reçue"),
            "words": L_("Vos mots"),
            "received_on": L_("Reçue le"),
            "due_on": L_("Réponse due le"),
            "extension_reason": L_("Reportée parce que"),
            "identity": L_("Identité"),
            "outcome": L_("Réponse"),
            "answer": L_("Ce que nous avons répondu"),
        },
        {
            "volunteer": OTHERS, "name": ABOVE, "asker_name": OTHERS, "identity_seen_on": OURS, "identity_seen_by": STAFF, "owner": STAFF,
            "needs_review": OURS, "reviewed_at": OURS, "reviewed_by": STAFF, "copied_at": OURS, "visa_asked_at": OURS, "visa_on": OURS,
            "visa_reference": OURS, "erased_at": OURS, "recipients_told_at": OURS, "opened_at": ABOVE, "closed_at": OURS, "closed_by": STAFF,
        },
        when="opened_at",
    ),
]  # fmt: skip
