"""Handing a need to an association or a service of the town, with her consent, until it is done."""

import pytest

from palier.accounts.actor import Actor
from palier.duties.models import Duty
from palier.kernel import clock
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.messaging.drain import drain
from palier.messaging.models import Message
from palier.needs.operations import close_need
from palier.partners.operations import add_service, set_open
from palier.people.operations import note_consent
from palier.referrals import operations
from palier.referrals.models import Referral
from palier.territories.models import Organisation
from tests import factories, flow

pytestmark = pytest.mark.django_db


@pytest.fixture
def odette(belrive):
    return factories.person(belrive)


@pytest.fixture
def need(odette, bruno):
    return flow.need_for(odette, bruno)


def service_of(
    territory, name: str, nature: str = "association", kind: str = "association", kinds=("shopping",)
):
    organisation = Organisation.objects.create(territory=territory, kind=kind, name=name, short_name=name)
    return add_service(
        organisation_id=organisation.pk,
        name=f"{name}, courses",
        nature=nature,
        kinds=list(kinds),
        actor=Actor.job("tests", territory.pk),
    )


@pytest.fixture
def tilleuls(belrive):
    return service_of(belrive, "Les Tilleuls")


@pytest.fixture
def partner(belrive, tilleuls):
    return factories.actor(factories.member(belrive, "Paula", "Asso", "partner", tilleuls.organisation))


def duties(thing) -> set[str]:
    return set(Duty.objects.open().of(thing._meta.label_lower, thing.pk).values_list("kind", flat=True))


def test_a_hand_over_moves_the_need_and_is_followed(need, tilleuls, bruno):
    referral = operations.propose_referral(need.pk, tilleuls.pk, note="Le samedi si possible", actor=bruno)
    need.refresh_from_db()
    assert (referral.state, need.state) == ("proposed", "referred")
    assert duties(referral) == {"follow_referral"} and duties(need) == {"close_need"}
    assert operations.propose_referral(need.pk, tilleuls.pk, actor=bruno).pk == referral.pk


def test_without_her_consent_the_agent_is_told_what_to_ask(belrive, tilleuls, bruno):
    lucette = factories.person(belrive, "Lucette", "Roy", phone="+33261914721", agrees=False)
    need = flow.need_for(lucette, bruno)
    with pytest.raises(NotPossibleNow, match="Demandez-lui d’abord"):
        operations.propose_referral(need.pk, tilleuls.pk, actor=bruno)
    note_consent(lucette.pk, purpose="partners", is_given=False, actor=bruno)
    with pytest.raises(NotPossibleNow, match="pas d’accord"):
        operations.propose_referral(need.pk, tilleuls.pk, actor=bruno)
    note_consent(lucette.pk, purpose="partners", is_given=True, actor=bruno)
    assert operations.propose_referral(need.pk, tilleuls.pk, actor=bruno).pk


def test_a_partner_who_does_not_do_this_or_takes_nobody_now_is_refused(belrive, need, tilleuls, bruno):
    other = service_of(belrive, "Bricoleurs", kinds=("repairs",))
    with pytest.raises(BadInput):
        operations.propose_referral(need.pk, other.pk, actor=bruno)
    set_open(tilleuls.pk, is_open=False, status_note="Fermé en août", actor=Actor.job("tests", belrive.pk))
    with pytest.raises(NotPossibleNow, match="Fermé en août"):
        operations.propose_referral(need.pk, tilleuls.pk, actor=bruno)


def test_one_partner_at_a_time_and_none_once_a_neighbour_goes(belrive, need, odette, tilleuls, bruno):
    operations.propose_referral(need.pk, tilleuls.pk, actor=bruno)
    with pytest.raises(NotPossibleNow, match="déjà confié"):
        operations.propose_referral(need.pk, service_of(belrive, "Croix").pk, actor=bruno)
    visit = flow.agreed_visit(odette, factories.volunteer(belrive), bruno, kind="visit")
    other = service_of(belrive, "Visiteurs", kinds=("visit",))
    with pytest.raises(NotPossibleNow, match="déjà dit oui"):
        operations.propose_referral(visit.need_id, other.pk, actor=bruno)


@pytest.mark.parametrize(
    ("nature", "kind", "outcome"),
    [
        ("association", "association", "met_by_association"),
        ("town", "town_service", "met_by_service"),
        ("other", "department", "met_by_service"),
    ],
)
def test_what_a_partner_did_closes_the_need_by_its_nature(belrive, need, bruno, nature, kind, outcome):
    service = service_of(belrive, "Partenaire", nature, kind)
    referral = operations.propose_referral(need.pk, service.pk, actor=bruno)
    operations.answer_referral(referral.pk, accepted=True, actor=bruno)
    operations.referral_done(referral.pk, answer="Fait samedi", actor=bruno)
    need.refresh_from_db()
    referral.refresh_from_db()
    assert (need.outcome, referral.state, need.done_at) == (outcome, "done", clock.now())
    assert not Duty.objects.open().exists()


def test_the_partner_answers_for_itself_and_sees_its_own_only(belrive, need, tilleuls, partner, bruno):
    referral = operations.propose_referral(need.pk, tilleuls.pk, actor=bruno)
    stranger = factories.actor(
        factories.member(belrive, "Igor", "Autre", "partner", service_of(belrive, "Autre").organisation)
    )
    assert list(Referral.objects.visible_to(partner)) == [referral]
    assert not Referral.objects.visible_to(stranger).exists()
    with pytest.raises(NotAllowed):
        operations.answer_referral(referral.pk, accepted=True, actor=stranger)
    with pytest.raises(NotAllowed):
        operations.withdraw_referral(referral.pk, actor=partner)
    with pytest.raises(NotAllowed):
        operations.propose_referral(need.pk, tilleuls.pk, actor=partner)
    operations.answer_referral(referral.pk, accepted=True, actor=partner)
    operations.referral_done(referral.pk, actor=partner)
    need.refresh_from_db()
    assert need.outcome == "met_by_association"


def test_a_refusal_brings_the_need_back_now(need, tilleuls, bruno):
    referral = operations.propose_referral(need.pk, tilleuls.pk, actor=bruno)
    operations.answer_referral(referral.pk, accepted=False, answer="Plus de place", actor=bruno)
    need.refresh_from_db()
    assert need.state == "to_propose" and duties(need) == {"find_somebody"} and duties(referral) == set()
    assert Duty.objects.open().get().due_at == clock.now()
    # The same answer twice is one; another one comes too late.
    operations.answer_referral(referral.pk, accepted=False, actor=bruno)
    with pytest.raises(NotPossibleNow, match="déjà réglé"):
        operations.answer_referral(referral.pk, accepted=True, actor=bruno)


def test_after_nobody_a_refusal_brings_it_back_as_nobody(belrive, need, tilleuls, bruno):
    from palier.matching.operations import widen_due

    wave = flow.ask(need, [factories.volunteer(belrive)], bruno)
    with clock.at(wave.answers_by):
        widen_due(actor=Actor.job("matching.widen", belrive.pk))
        referral = operations.propose_referral(need.pk, tilleuls.pk, actor=bruno)
        operations.withdraw_referral(referral.pk, actor=bruno)
    need.refresh_from_db()
    assert need.state == "nobody"


def test_a_closed_need_takes_its_hand_over_back(need, tilleuls, bruno):
    referral = operations.propose_referral(need.pk, tilleuls.pk, actor=bruno)
    close_need(need.pk, outcome="no_longer_needed", actor=bruno)
    referral.refresh_from_db()
    assert referral.state == "withdrawn" and duties(referral) == set()


def mails_of(referral) -> list[Message]:
    return list(Message.objects.filter(about_kind="referrals.referral", about_id=referral.pk).order_by("pk"))


def test_the_partner_gets_a_mail_that_names_nobody(need, odette, tilleuls, bruno):
    tilleuls.email = "courses@tilleuls.example"
    tilleuls.save(update_fields=["email"])
    referral = operations.propose_referral(need.pk, tilleuls.pk, note="Elle sort de l’hôpital", actor=bruno)
    operations.propose_referral(need.pk, tilleuls.pk, actor=bruno)
    (mail,) = mails_of(referral)
    assert (mail.to, mail.channel, mail.template) == ("courses@tilleuls.example", "email", "partner_mail")
    assert "Courses" in mail.body and "02\u00a061\u00a091\u00a000\u00a012" in mail.body
    for secret in (odette.first_name, odette.last_name, odette.street, "hôpital", "47 20"):
        assert secret not in mail.body + mail.subject


def test_what_is_taken_back_before_the_mail_left_is_never_told(need, tilleuls, bruno):
    tilleuls.email = "courses@tilleuls.example"
    tilleuls.save(update_fields=["email"])
    referral = operations.propose_referral(need.pk, tilleuls.pk, actor=bruno)
    operations.withdraw_referral(referral.pk, actor=bruno)
    assert [mail.state for mail in mails_of(referral)] == ["cancelled"]


def test_what_is_taken_back_after_the_mail_left_is_told_once(need, tilleuls, bruno):
    tilleuls.email = "courses@tilleuls.example"
    tilleuls.save(update_fields=["email"])
    referral = operations.propose_referral(need.pk, tilleuls.pk, actor=bruno)
    drain()
    operations.withdraw_referral(referral.pk, actor=bruno)
    operations.withdraw_referral(referral.pk, actor=bruno)
    first, second = mails_of(referral)
    assert first.state != "cancelled" and "n’est plus à faire" in second.subject


def test_a_partner_without_an_address_is_telephoned(need, tilleuls, bruno):
    referral = operations.propose_referral(need.pk, tilleuls.pk, actor=bruno)
    assert mails_of(referral) == []
