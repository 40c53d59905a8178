"""The parts of the copy of somebody the territory looks after."""

from babel import Locale
from django.db import models
from django.db.models import Count, Q
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

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
from palier.people.queries import files_of
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
    return gettext("%(who)s, pour %(plan)s, référence %(reference)s, le %(day)s") % {
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
    return Access.objects.filter(
        object_kind="people.person", object_id__in=files_of([person.pk]).values("pk")
    )


def _her_number(call: Call) -> str:
    return phones.pretty(call.number) if call.who == Call.Who.SELF and call.number else ""


def _reasons(call: Call) -> str:
    return ", ".join(reason.name for reason in call.reasons.all())


def _how_said(consent: Consent) -> str:
    ways = {"phone": gettext("au téléphone"), "desk": gettext("à l’accueil"), "letter": gettext("par écrit")}
    return ways.get(consent.channel, consent.channel)


def _language(row: Person | Need) -> str:
    if not row.language:
        return ""
    names = Locale.parse((get_language() or "fr").partition("-")[0]).languages
    return str(names.get(row.language, row.language))


def _typed(draft: CallDraft) -> str:
    return in_words(draft.typed.get("words", ""))


def _written_to(message: Message) -> str:
    return gettext("à un voisin, à votre sujet") if message.volunteer_id else message.to


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
        return gettext("notre équipe")
    return gettext("un voisin") if entry.actor_kind == "neighbour" else gettext("le logiciel")


def _opened(access: Access) -> str:
    return {
        "read": gettext("fiche ouverte"),
        "export": gettext("données sorties"),
        "reveal": gettext("code ou numéro affiché"),
    }.get(access.operation, access.operation)


def _days(presence: Presence) -> str:
    names = (
        gettext("lundi"),
        gettext("mardi"),
        gettext("mercredi"),
        gettext("jeudi"),
        gettext("vendredi"),
        gettext("samedi"),
        gettext("dimanche"),
    )
    return ", ".join(names[number] for number in presence.days)


def _secret(secret: HomeSecret) -> str:
    """That we hold one. The code itself is not written on a paper that lies about; she knows it, and may ask."""
    return gettext("noté, à demander à l’accueil")


PERSON_PARTS: list[Part] = [
    Part(
        Person,
        "pk",
        _("Qui vous êtes"),
        _("Pour vous reconnaître, vous joindre et venir chez vous. Gardé deux ans après notre dernier contact."),
        {
            "title": _("Civilité"),
            "first_name": _("Prénom"),
            "last_name": _("Nom"),
            "birth_name": _("Nom de naissance"),
            "birth_on": _("Date de naissance"),
            "state": _("Suivi"),
            "street": _("Adresse"),
            "access": _("Accès"),
            "postcode": _("Code postal"),
            "city": _("Commune"),
            "lives_alone": _("Vit seule ou seul"),
            "language": (_("Langue"), _language),
            "needs_interpreter": _("Il faut un interprète"),
            "left_on": _("Départ le"),
            "talk_note": _("Pour vous parler"),
            "home_note": _("Chez vous"),
            "has_stairs": _("Des étages à monter"),
            "has_pets": _("Un animal"),
            "telecare_operator": (_("Téléassistance"), named("telecare_operator")),
            "telecare_number": _("Numéro d’abonné"),
            "created_at": _("Fiche ouverte le"),
            "last_contact_at": _("Dernier contact"),
        },
        {"is_followed": ABOVE, "household": OTHERS, "merged_into": OURS, "insee": OURS, "x": OURS, "y": OURS, "search_text": OURS},
        fetch=("telecare_operator",),
    ),
    Part(
        PhoneNumber,
        "person",
        _("Vos téléphones"),
        WHY_FOLLOW_UP,
        {"e164": (_("Numéro"), number("e164")), "raw": _("Tel que donné")},
        {"order": OURS},
    ),
    Part(
        Contact,
        "person",
        _("Autour de vous"),
        _("Les personnes que vous nous avez nommées ; ce qui n’est qu’à elles n’est pas copié."),
        {
            "name": _("Nom"),
            "relation": _("Lien"),
            "note": _("Précision"),
            "has_key": _("A une clé de chez vous"),
            "is_professional": _("Professionnel"),
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
        _("Qui vous appelle ou passe dans une semaine"),
        _("Pour savoir quels jours vous voyez quelqu’un."),
        {
            "who": _("Qui"),
            "kind": _("Comment"),
            "days": (_("Jours"), _days),
            "at": _("Heure"),
            "part": _("Moment"),
        },
        {"is_ours": OURS, "order": OURS},
    ),
    Part(
        Away,
        "person",
        _("Vos absences"),
        _("Pour ne pas vous chercher quand vous n’êtes pas chez vous."),
        {"reason": _("Où"), "starts_on": _("Du"), "ends_on": _("Au")},
        {"ask_on": OURS, "told_by": OTHERS, "noted_by": STAFF, "opened_at": OURS, "closed_at": OURS},
        when="starts_on",
    ),
    Part(
        Protection,
        "person",
        _("Votre protection juridique"),
        _("Pour demander à qui de droit."),
        {
            "measure": _("Mesure"),
            "representative": (_("Représentant"), named("representative")),
            "through_them": _("Ce qui passe par lui"),
            "since": _("Depuis"),
            "until": _("Jusqu’au"),
        },
        {"ended_at": OURS},
        fetch=("representative",),
    ),
    Part(
        HomeSecret,
        "person",
        _("Ce qui ouvre votre porte"),
        _("Gardé fermé, affiché un à la fois, et noté chaque fois."),
        {"kind": _("Quoi"), "sealed": (_("Noté"), _secret)},
        {"noted_by": STAFF, "noted_at": ABOVE},
        when="noted_at",
    ),
    Part(
        Note,
        "person",
        _("Les notes sur vous"),
        WHY_FOLLOW_UP,
        {"text": _("Ce qui a été noté"), "words_reason": _("Pourquoi ces mots")},
        {"is_confidential": OURS, "author": STAFF, "author_name": STAFF, "at": ABOVE, "withdrawn_at": OURS},
        when="at",
        # Read by a person first: they may name somebody else, or what protects her.
        withheld=Q(is_confidential=True),
    ),
    Part(
        Objection,
        "person",
        _("Ce que vous ne voulez plus"),
        WHY_PROOF,
        {"to": _("Vous vous opposez à"), "holds": _("Toujours vrai"), "channel": (_("Dit"), _how_said)},
        {"at": ABOVE, "noted_by": STAFF},
        when="at",
    ),
    Part(
        Confined,
        "person",
        _("Où votre fiche est gardée à part"),
        _("Pour que peu de gens la voient."),
        {"compartment": (_("Volet"), named("compartment.name"))},
        {"at": ABOVE},
        when="at",
        fetch=("compartment",),
    ),
    Part(
        Consent,
        "person",
        _("Vos accords et vos refus"),
        WHY_PROOF,
        {"purpose": _("Pour"), "is_given": _("D’accord"), "channel": (_("Dit"), _how_said)},
        {"at": ABOVE, "noted_by": STAFF},
        when="at",
    ),
    Part(
        Call,
        "person",
        _("Vos appels"),
        WHY_FOLLOW_UP,
        {
            "direction": (_("Sens"), lambda call: gettext("vous avez appelé") if call.direction == "inbound" else gettext("nous avons appelé")),
            "who": _("Au téléphone"),
            "number": (_("Depuis"), _her_number),
            "reasons": (_("Pour"), _reasons),
            "mood": _("Comment vous alliez"),
            "words": _("Ce qui a été noté"),
            "next": _("Suite"),
            "danger_at": _("Danger noté le"),
            "danger_service": _("Secours"),
            "danger_called_at": _("Secours appelés le"),
            "closing_note": _("Note de fin"),
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
        _("Notes d’appel pas encore enregistrées"),
        _("Gardé sept jours."),
        {"typed": (_("Ce qui a été noté"), _typed)},
        {"call": ABOVE, "membership": STAFF, "saved_at": ABOVE},
        when="saved_at",
        withheld=Q(call__concern__isnull=False),
    ),
    Part(
        PlannedCall,
        "person",
        _("Les appels promis"),
        WHY_FOLLOW_UP,
        {
            "why": _("Raison"),
            "about": _("À propos de"),
            "attempts": _("Essais"),
            "feedback": _("Votre réponse"),
            "outcome": _("Résultat"),
        },
        {"number": OTHERS, "due_at": ABOVE, "need": ABOVE, "asked_in": ABOVE, "done_in": ABOVE, "opened_at": OURS, "closed_at": OURS},
        when="due_at",
    ),
    Part(
        Need,
        "person",
        _("Vos demandes d’aide"),
        WHY_FOLLOW_UP,
        {
            "kind": (_("Aide"), named("kind.name")),
            "state": _("Où elle en est"),
            "outcome": _("Résultat"),
            "source": _("Venue"),
            "starts_at": _("À partir de"),
            "ends_at": _("Jusqu’à"),
            "minutes": _("Minutes"),
            "what": _("Quoi"),
            "details": _("Détails"),
            "words_reason": _("Vos mots"),
            "gender_wanted": _("Plutôt"),
            "language": (_("Langue"), _language),
            "conditions": _("Conditions"),
            "wish": _("Souhait"),
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
        _("Quand nous avons cherché un voisin"),
        _("Les voisins ont reçu votre prénom et votre rue, rien d’autre, avant que l’un dise oui."),
        {"number": _("Tour"), "answers_by": _("Réponses attendues jusqu’à"), "outcome": _("Résultat")},
        {"need": ABOVE, "confirmed_by": STAFF, "sent_at": ABOVE, "starts_at": OURS, "ends_at": OURS, "closed_at": OURS},
        when="sent_at",
    ),
    Part(
        KeepApart,
        "person",
        _("Un voisin que vous ne voulez plus voir"),
        WHY_FOLLOW_UP,
        {"volunteer": (_("Noté"), lambda row: gettext("nous ne vous l’envoyons plus"))},
        {"noted_by": STAFF, "at": ABOVE},
        when="at",
    ),
    Part(
        Visit,
        "person",
        _("Vos visites"),
        WHY_FOLLOW_UP,
        {
            "need": (_("Pour"), named("need.kind.name")),
            "state": _("Visite"),
            "minutes": _("Minutes"),
            "proof": _("Venue confirmée"),
            "came_at": _("Arrivée"),
            "neighbour_says": _("Selon le voisin"),
            "neighbour_note": _("Ce qu’il a noté"),
            "person_says": _("Selon vous"),
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
        _("À qui nous vous avons confiée ou confié"),
        _("Avec votre accord. Ces organismes ont reçu ce qui est écrit ici."),
        {
            "service": (_("À"), lambda row: f"{row.service.organisation.name}, {row.service.name}"),
            "need": (_("Pour"), named("need.kind.name")),
            "state": _("Où cela en est"),
            "note": _("Ce que nous avons transmis"),
            "answer": _("Sa réponse"),
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
        _("Votre téléassistance"),
        _("Ce que votre appareil nous a dit, pour confirmer une visite. Gardé un an."),
        {"unit": _("Appareil"), "status_code": _("Code"), "state": _("Compris comme")},
        {
            "organisation": ABOVE, "reference": OURS, "message_type": OURS, "marked_as_visit": OURS, "at": ABOVE, "received_at": OURS,
            "visit": ABOVE, "closed_at": OURS, "closed_by": STAFF,
        },
        when="at",
    ),
    Part(
        Message,
        "person_id",
        _("Ce que nous avons écrit"),
        _("Le texte est gardé un an, l’adresse deux."),
        {
            "channel": _("Par"),
            "to": (_("À"), _written_to),
            "subject": (_("Objet"), lambda row: "" if row.volunteer_id else row.subject),
            "body": (_("Texte"), _body),
            "state": _("Envoi"),
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
        _("Ce que vous nous avez écrit"),
        _("Le texte est gardé un an, le numéro deux."),
        {"sender": (_("De"), number("sender")), "body": _("Texte"), "understood_as": _("Compris comme")},
        {"provider": OURS, "provider_id": OURS, "received_at": ABOVE, "closed_at": OURS},
        when="received_at",
        rows=_inbound,
    ),
    Part(
        Stopped,
        "",
        _("Vous avez demandé à ne plus recevoir de messages"),
        WHY_PROOF,
        {"channel": _("Par"), "address": _("Adresse"), "ended_at": _("Jusqu’au")},
        {"since": ABOVE},
        when="since",
        rows=_stopped,
    ),
    Part(
        Duty,
        "person_id",
        _("Ce que nous avions à faire pour vous"),
        WHY_FOLLOW_UP,
        {"kind": _("Quoi"), "due_at": _("Pour le"), "settled_at": _("Fait le")},
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
        _("Ce qui s’est passé"),
        _("L’histoire de votre fiche, ligne par ligne, gardée aussi longtemps qu’elle."),
        {"code": (_("Quoi"), _happened), "personal": (_("Noté"), _noted), "actor_kind": (_("Par"), _by)},
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
        _("Quand votre fiche a été ouverte"),
        WHY_SECURITY,
        {"operation": (_("Quoi"), _opened)},
        {
            "at": ABOVE, "user_id": STAFF, "membership_id": STAFF, "object_kind": OURS, "object_id": OURS, "reason": STAFF,
        },
        when="at",
        rows=_accesses,
    ),
    Part(
        Enrolment,
        "person",
        _("Votre inscription à un registre"),
        _("Pour vous appeler en cas d’alerte. Gardé jusqu’à votre retrait ou votre décès (code de l’action sociale, R121-11)."),
        {
            "register": (_("Registre"), named("register.name")),
            "capacity": _("Qualité"),
            "requested_on": _("Demandée le"),
            "third_party_name": _("Par"),
            "third_party_capacity": _("En qualité de"),
            "home_service_name": _("Service d’aide à domicile"),
            "home_service_phone": (_("Son téléphone"), number("home_service_phone")),
            "to_warn_name": _("Personne à prévenir"),
            "state": _("Situation"),
            "agreed_how": _("Accord donné"),
            "agreed_at": _("Le"),
            "isolation_prevention": _("Vous appeler aussi hors alerte"),
            "last_confirmed_on": _("Informations confirmées le"),
            "removed_at": _("Retirée le"),
            "removal_reason": _("Motif"),
        },
        {"to_warn_phone": OTHERS, "enrolled_at": ABOVE},
        when="enrolled_at",
        fetch=("register",),
    ),
    Part(
        EnrolmentRequest,
        "enrolment__person",
        _("La demande d’inscription et notre lettre"),
        _("Pour prouver que vous avez été informée. Effacé avec votre inscription."),
        {
            "channel": _("Reçue par"),
            "requester": _("Demandée par"),
            "requested_on": _("Le"),
            "ack_sent_at": _("Accusé de réception envoyé le"),
            "outcome": _("Suite"),
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
        _("À qui votre inscription a été communiquée"),
        _("Le préfet peut demander le registre quand un plan d’alerte est déclenché (R121-8)."),
        {"communication": (_("À"), _handed_to)},
        {"enrolment": ABOVE},
        fetch=("communication",),
    ),
    Part(
        Confirmation,
        "enrolment__person",
        _("Quand nous vous avons demandé si tout est juste"),
        _("Effacé avec votre inscription."),
        {"card_sent_at": _("Carte envoyée le"), "result": _("Réponse"), "noted_at": _("Notée le")},
        {"round": OURS, "noted_by": STAFF},
    ),
    Part(
        RightsRequest,
        "person",
        _("Vos demandes sur vos informations"),
        WHY_PROOF,
        {
            "kind": _("Demande"),
            "asked_by": _("Faite par"),
            "channel": _("Reçue"),
            "words": _("Vos mots"),
            "received_on": _("Reçue le"),
            "due_on": _("Réponse due le"),
            "extension_reason": _("Reportée parce que"),
            "identity": _("Identité"),
            "outcome": _("Réponse"),
            "answer": _("Ce que nous avons répondu"),
        },
        {
            "volunteer": OTHERS, "name": ABOVE, "asker_name": OTHERS, "identity_seen_on": OURS, "identity_seen_by": STAFF, "owner": STAFF,
            "needs_review": OURS, "reviewed_at": OURS, "reviewed_by": STAFF, "copied_at": OURS, "visa_asked_at": OURS, "visa_on": OURS,
            "visa_reference": OURS, "erased_at": OURS, "recipients_told_at": OURS, "opened_at": ABOVE, "closed_at": OURS, "closed_by": STAFF,
        },
        when="opened_at",
    ),
]  # fmt: skip
