"""Reads about hand-overs: which partners may be chosen, and what stands in the way."""

from django.utils.translation import gettext as _

from palier.needs.models import Need
from palier.partners.models import PartnerService
from palier.partners.queries import services_for
from palier.people.models import Consent, Person
from palier.people.queries import consents_of
from palier.referrals.models import Referral


def services_to_choose(need: Need) -> list[PartnerService]:
    """Who takes this kind of help now."""
    return services_for(need.kind_id)


def refusal_for_partners(need: Need) -> str | None:
    """Why this need cannot be handed over, as a sentence that says what to ask; None when it can."""
    if need.person.state != Person.State.ACTIVE:
        return _("Cette personne n’est plus suivie : on ne peut rien transmettre pour elle.")
    agreed = consents_of([need.person_id]).get(need.person_id, {}).get(Consent.Purpose.PARTNERS)
    if agreed is None:
        return _(
            "Demandez-lui d’abord : « Êtes-vous d’accord pour que nous transmettions votre demande à une association"
            " ou à un service ? », puis notez sa réponse."
        )
    if not agreed:
        return _(
            "Elle n’est pas d’accord pour que sa demande soit transmise à une association ou à un service."
        )
    return None


def referral_with_all(referral_id: int) -> Referral:
    return Referral.objects.select_related(
        "need__kind", "need__person", "service__organisation", "territory"
    ).get(pk=referral_id)


def open_referral(need_id: int) -> Referral | None:
    """The hand-over now under way for a need."""
    return (
        Referral.objects.filter(need_id=need_id, closed_at__isnull=True)
        .select_related("service__organisation")
        .first()
    )
