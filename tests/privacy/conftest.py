"""Odette, about whom a great deal is kept, and the people around her whose data is not hers."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from palier.accounts.actor import Actor
from palier.calls.models import Call, CallDraft, CallReason, PlannedCall
from palier.concerns.models import Concern
from palier.duties.models import Duty
from palier.journal.models import Access, Entry
from palier.kernel import clock
from palier.matching.models import KeepApart, Offer, Wave
from palier.messaging.models import Inbound, Message
from palier.messaging.models import Suppression as Stopped
from palier.needs.models import Need
from palier.partners.models import PartnerService
from palier.people.models import (
    Away,
    Compartment,
    Confined,
    Contact,
    HomeSecret,
    Note,
    Objection,
    Person,
    Presence,
    Protection,
)
from palier.referrals.models import Referral
from palier.register.models import (
    CommunicatedEntry,
    Communication,
    Confirmation,
    ConfirmationRound,
    Enrolment,
    EnrolmentRequest,
)
from palier.register.seeds import plant_register
from palier.telecare.models import Event
from palier.territories.models import HelpKind, Organisation, Territory
from palier.visits.models import Visit
from palier.volunteers.models import Volunteer
from tests import factories


@dataclass
class Lives:
    """Two people with everything about them, and the neighbours between."""

    odette: Person
    other: Person
    neighbours: list[Volunteer]
    # No string of these may stand in Odette's copy.
    strangers: list[str]
    # Each of these must.
    hers: list[str]


@pytest.fixture
def claire(belrive: Territory) -> Actor:
    return factories.actor(factories.member(belrive, "Claire", "Duval", "head"))


def everything_about(person: Person, neighbour: Volunteer, mark: str, at_work: str, staff: object) -> None:
    """One row in each table that speaks of a person; texts bear the mark, so that a leak shows."""
    here, now = {"territory_id": person.territory_id}, clock.now()
    territory = person.territory_id
    contact = Contact.objects.create(
        **here, person=person, name=f"Proche {mark}", relation="child", note=f"sa fille {mark}", phone=at_work
    )
    kind = HelpKind.objects.filter(territory=territory).order_by("order").first()
    need = Need.objects.create(
        **here, person=person, kind=kind, state="closed", outcome="done", starts_at=now, ends_at=now + timedelta(hours=2),
        what=f"quoi {mark}", details=f"détails {mark}", words_reason=f"raison {mark}", wish=f"souhait {mark}",
        opened_by="Nadia Agent", closed_at=now, closed_by="Nadia Agent",
    )  # fmt: skip
    wave = Wave.objects.create(
        **here, need=need, number=1, confirmed_by=staff, answers_by=now + timedelta(hours=1), starts_at=now, ends_at=now + timedelta(hours=2), outcome="accepted", closed_at=now
    )  # fmt: skip
    offer = Offer.objects.create(
        **here,
        need=need,
        wave=wave,
        volunteer=neighbour,
        rank=1,
        reasons=[f"près de chez {mark}"],
        state="accepted",
        answered_at=now,
    )
    Visit.objects.create(
        **here, need=need, person=person, volunteer=neighbour, offer=offer, starts_at=now, ends_at=now + timedelta(hours=2), state="done", proof="page",
        proved_at=now, neighbour_says="well", neighbour_note=f"note du voisin {mark}", person_says="well", closed_at=now,
    )  # fmt: skip
    call = Call.objects.create(
        **here, provider="test", call_key=f"appel-{person.pk}", number=at_work, state="logged", person=person, who="contact", contact=contact,
        who_name=f"Proche {mark}", words=f"mots de l’appel {mark}", mood="well", next="nothing", logged_at=now, closed_at=now,
    )  # fmt: skip
    CallDraft.objects.create(**here, call=call, membership=staff, typed={"words": f"brouillon {mark}"})
    call.for_reasons.create(
        **here, reason=CallReason.objects.filter(territory=territory).order_by("order").first()
    )
    PlannedCall.objects.create(
        **here,
        why="promised",
        person=person,
        about=f"rappel {mark}",
        due_at=now,
        outcome="reached",
        closed_at=now,
    )
    Presence.objects.create(**here, person=person, who=f"qui {mark}", kind="call", days=[1])
    Away.objects.create(
        **here, person=person, reason="family", starts_on=now.date(), ask_on=now.date(), told_by=f"dit par {mark}", noted_by="Nadia Agent",
        closed_at=now,
    )  # fmt: skip
    Protection.objects.create(
        **here, person=person, measure="guardianship", through_them=f"dépenses {mark}", representative=contact
    )
    HomeSecret.objects.create(
        **here, person=person, kind="door_code", sealed=f"fermé {mark}", noted_by="Nadia Agent"
    )
    for confidential in (False, True):
        Note.objects.create(
            **here,
            person=person,
            text=f"note {mark}",
            is_confidential=confidential,
            author=staff,
            author_name="Nadia Agent",
        )
    Objection.objects.create(**here, person=person, to="sms", holds=True, noted_by="Nadia Agent")
    strand = Compartment.objects.create(**here, code=f"v-{person.pk}", name=f"volet {mark}")
    Confined.objects.create(**here, person=person, compartment=strand)
    KeepApart.objects.create(**here, person=person, volunteer=neighbour, noted_by="Nadia Agent")
    house, _made = Organisation.objects.get_or_create(
        **here, kind="association", name=f"Maison {mark}", defaults={"short_name": mark[:40]}
    )
    service = PartnerService.objects.create(
        **here, organisation=house, name=f"service {mark}", nature="association"
    )
    Referral.objects.create(
        **here, need=need, service=service, state="done", note=f"transmis {mark}", answer=f"réponse {mark}", proposed_by="Nadia Agent",
        answer_by=now + timedelta(hours=1), answered_at=now, closed_at=now,
    )  # fmt: skip
    Concern.objects.create(
        **here, person=person, facts=f"faits inquiétants {mark}", reported_by=f"Rapporteur {mark}", outcome="followed",
        what_was_done=f"suites {mark}", closed_at=now, closed_by="Nadia Agent",
    )  # fmt: skip
    Message.objects.create(
        **here, key=f"m-{person.pk}", channel="sms", to=person.phones.first().e164, body=f"texte reçu {mark}", template="x", sent_at=now, state="sent",
        about_kind="needs.need", about_id=need.pk, person_id=person.pk,
    )  # fmt: skip
    Message.objects.create(
        **here, key=f"v-{person.pk}", channel="sms", to=neighbour.phone, body=f"Bonjour {neighbour.first_name}, quelqu’un…", template="x", sent_at=now,
        state="sent", about_kind="needs.need", about_id=need.pk, person_id=person.pk, volunteer_id=neighbour.pk,
    )  # fmt: skip
    Inbound.objects.create(
        **here, provider="test", provider_id=f"in-{person.pk}", sender=person.phones.first().e164, body=f"réponse par texto {mark}", closed_at=now
    )  # fmt: skip
    Stopped.objects.create(**here, channel="sms", address=person.phones.first().e164)
    operator, _made = Organisation.objects.get_or_create(
        **here, kind="telecare_operator", name=f"Opérateur {mark}", defaults={"short_name": mark[:40]}
    )
    Event.objects.create(
        **here, organisation=operator, reference="1", unit=f"{person.pk}", status_code=100, at=now, person=person, state="noted", closed_at=now
    )  # fmt: skip
    Duty.objects.create(
        **here, kind="call_back", subject_kind="calls.plannedcall", subject_id=1, person_id=person.pk, label=f"étiquette {mark}",
        organisation=factories.lead(person.territory), owner=staff, due_at=now, opened_at=now, settled_at=now, settled_by="Nadia Agent",
    )  # fmt: skip
    Entry.objects.create(
        **here, code="calls.logged", actor_kind="member", actor_name="Nadia Agent", subject_kind="calls.call", subject_id=call.pk,
        person_id=person.pk, personal={"words": f"journal {mark}", "name": f"Proche {mark}"},
    )  # fmt: skip
    Entry.objects.create(
        **here, code="visits.planned", actor_kind="member", actor_name="Nadia Agent", subject_kind="visits.visit", subject_id=1,
        person_id=person.pk, volunteer_id=neighbour.pk, personal={"volunteer": neighbour.full_name},
    )  # fmt: skip
    Entry.objects.create(
        **here, code="concerns.opened", actor_kind="member", actor_name="Nadia Agent", subject_kind="concerns.concern", subject_id=1,
        person_id=person.pk, personal={"words": f"signalement {mark}", "reported_by": f"Rapporteur {mark}"},
    )  # fmt: skip
    Access.objects.create(
        **here,
        user_id=1,
        operation="read",
        object_kind="people.person",
        object_id=person.pk,
        reason=f"motif {mark}",
    )


def enrolled(person: Person, mark: str, staff: Any) -> None:
    """In the register, by a son's letter, and passed on to the prefect once."""
    here, now = {"territory": person.territory}, clock.now()
    register = plant_register(person.territory)
    enrolment = Enrolment.objects.create(
        **here, register=register, person=person, capacity="senior", requested_on=now.date(), third_party_name=f"tiers {mark}",
        third_party_capacity=f"qualité {mark}", home_service_name=f"service à domicile {mark}", to_warn_name=f"à prévenir {mark}",
        to_warn_phone="+33639983333", state="active", agreed_how="silence", agreed_at=now, last_confirmed_on=now.date(),
    )  # fmt: skip
    EnrolmentRequest.objects.create(
        **here, register=register, enrolment=enrolment, notice=register.notices.get(), channel="letter", requester="third_party",
        requester_name=f"tiers {mark}", requester_capacity=f"qualité {mark}", requested_on=now.date(), ack_sent_at=now,
        ack_sent_by="Nadia Agent", closed_at=now, outcome="acknowledged",
    )  # fmt: skip
    second = factories.member(person.territory, "Julien", "Second")
    made = Communication.objects.create(
        **here, register=register, authority="prefect", plan="ORSEC", reference=f"demande {mark}", profile="full",
        recipients=[{"name": f"destinataire {mark}", "service": "SIDPC"}], expires_at=now + timedelta(days=9), asked_by=staff,
        decided_by=second, closed_at=now, outcome="approved", sha256="0" * 64, rows=1,
    )  # fmt: skip
    CommunicatedEntry.objects.create(**here, communication=made, enrolment=enrolment)
    asked = ConfirmationRound.objects.create(
        **here, register=register, name="Confirmation", opened_by="Nadia Agent", due_at=now, closed_at=now
    )
    Confirmation.objects.create(
        **here, round=asked, enrolment=enrolment, result="confirmed", noted_at=now, noted_by="Nadia Agent"
    )


@pytest.fixture
def lives(belrive: Territory, alba: Actor) -> Lives:
    from palier.accounts.models import Membership

    staff = Membership.objects.get(pk=alba.membership_id)
    odette = factories.person(
        belrive, "Odette", "Marchand", talk_note="parler doucement OOO", home_note="chien OOO"
    )
    other = factories.person(
        belrive,
        "Bérengère",
        "Zwertvaegher",
        phone="+33261915555",
        street="99 impasse des Zébulons",
        talk_note="note ZZZ",
    )
    neighbours = [
        factories.volunteer(belrive, "Théophraste", "Lanturluz"), factories.volunteer(belrive, "Ildefonse", "Vermandoix")
    ]  # fmt: skip
    everything_about(odette, neighbours[0], "OOO", "+33639981111", staff)
    everything_about(other, neighbours[1], "ZZZ", "+33639982222", staff)
    enrolled(odette, "OOO", staff)
    enrolled(other, "ZZZ", staff)
    hers = [
        f"{start} OOO"
        for start in (
            "parler doucement", "chien", "sa fille", "quoi", "détails", "raison", "souhait", "note du voisin", "mots de l’appel", "brouillon",
            "rappel", "transmis", "réponse", "texte reçu", "réponse par texto", "journal", "Maison", "service", "Proche", "volet",
            "tiers", "qualité", "service à domicile", "à prévenir", "demande", "destinataire",
        )
    ]  # fmt: skip
    strangers = [
        "ZZZ", "Zwertvaegher", "Bérengère", "Zébulons", "02 61 91 55 55", "+33261915555",
        "Théophraste", "Lanturluz", "Ildefonse", "Vermandoix", neighbours[0].phone,
        "Nadia", "Agent", "Alba",
        "+33639983333", "06 39 98 33 33", "+33639981111", "06 39 98 11 11",
        "faits inquiétants", "signalement OOO", "Rapporteur", "suites OOO", "motif OOO", "près de chez",
    ]  # fmt: skip
    return Lives(odette, other, neighbours, strangers, hers)
