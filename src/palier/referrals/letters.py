"""What a partner reads by mail: that something waits in Palier, or no longer does. Never who it is about."""

from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.kernel import clock, phones, text
from palier.messaging import operations as messages
from palier.referrals.models import Referral
from palier.territories.models import Territory


def tell_handed_over(referral: Referral, *, actor: Actor) -> None:
    """The partner is asked; what the mail says is the kind of help, and until when an answer is hoped for."""
    territory = Territory.objects.get(pk=referral.territory_id)
    answer_by = referral.answer_by.astimezone(territory.zone)
    _post(
        referral,
        "asked",
        _("Une demande pour %(service)s") % {"service": referral.service.name},
        _(
            "Bonjour,\n\nUne personne que nous accompagnons a besoin d’un coup de main : %(kind)s."
            " Pouvez-vous vous en charger ? Répondez dans Palier avant %(day)s à %(hour)s :\n%(link)s"
        )
        % {
            "kind": referral.need.kind.name,
            "day": text.day(answer_by.date(), clock.today(territory.zone), tz=territory.zone),
            "hour": text.hour(answer_by, tz=territory.zone),
            "link": f"https://{territory.public_host}/",
        },
        territory,
        actor,
    )


def tell_taken_back(referral: Referral, *, actor: Actor) -> None:
    """What was handed over is not needed any more."""
    territory = Territory.objects.get(pk=referral.territory_id)
    _post(
        referral,
        "back",
        _("Une demande n’est plus à faire pour %(service)s") % {"service": referral.service.name},
        _(
            "Bonjour,\n\nLa demande que nous vous avions confiée (%(kind)s) n’est plus à faire. Merci de votre aide."
        )
        % {"kind": referral.need.kind.name},
        territory,
        actor,
    )


def _post(referral: Referral, what: str, subject: str, body: str, territory: Territory, actor: Actor) -> None:
    address = referral.service.email or referral.service.organisation.email
    if not address:
        # They see it in their list; the desk telephones.
        return
    signed = _("Pour ne pas exposer la personne, ce courriel ne dit pas qui elle est.") + "\n\n"
    messages.post(
        f"referral.{what}:{referral.pk}",
        to=address,
        channel="email",
        template="partner_mail",
        context={
            "subject": subject,
            "body": f"{body}\n\n{signed}{territory.name}, {phones.pretty(territory.public_phone)}",
        },
        about=referral,
        person_id=referral.need.person_id,
        actor=actor,
    )
