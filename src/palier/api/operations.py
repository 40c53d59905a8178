"""Opening a connection for somebody else's machine, renewing its secret, closing it, taking its calls once."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.api import events, policies, secrets
from palier.api.models import Endpoint, Received
from palier.journal.operations import record
from palier.kernel import clock
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.territories.models import Organisation

# Both secrets are taken meanwhile: the other side changes its own when it can.
ROTATION = timedelta(days=2)
_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")

Answer = dict[str, Any]


@transaction.atomic
def create_endpoint(*, kind: str, code: str, organisation_id: int, actor: Actor) -> tuple[Endpoint, str]:
    """Let one machine call our web-hooks; gives its secret, which is shown this once.

    `code` is the second half of its name (`belrive.standard`), and the name of the provider for SMS and telephony.
    """
    if not policies.may_keep_endpoints(actor):
        raise NotAllowed
    if kind not in Endpoint.Kind.values:
        raise BadInput("kind", _("Choisissez ce que cette machine envoie."), "choice")
    if not _CODE.fullmatch(code):
        raise BadInput("code", _("Des petites lettres, des chiffres et des tirets, 40 au plus."), "bad_code")
    organisation = Organisation.objects.filter(pk=organisation_id, territory_id=actor.territory_id).first()
    if organisation is None:
        raise BadInput("organisation", _("Choisissez un organisme dans la liste."), "choice")
    secret = secrets.new_secret()
    endpoint, created = Endpoint.objects.get_or_create(
        territory_id=actor.territory_id,
        code=code,
        defaults={"kind": kind, "organisation": organisation, "secret": secrets.closed(secret)},
    )
    if not created:
        raise NotPossibleNow(_("Une connexion de ce nom existe déjà."))
    record(
        events.ENDPOINT_CREATED,
        actor=actor,
        about=[endpoint],
        code=code,
        kind=kind,
        organisation=organisation.pk,
    )
    return endpoint, secret


@transaction.atomic
def rotate_secret(
    endpoint_id: int, *, actor: Actor, keep_former_for: timedelta = ROTATION
) -> tuple[Endpoint, str]:
    """Give a new secret, shown this once; the former one still works for a while. Zero ends it at once."""
    if not policies.may_keep_endpoints(actor):
        raise NotAllowed
    endpoint = _locked(endpoint_id)
    secret = secrets.new_secret()
    endpoint.former_secret = endpoint.secret if keep_former_for else ""
    endpoint.former_until = clock.now() + keep_former_for if keep_former_for else None
    endpoint.secret = secrets.closed(secret)
    endpoint.save(update_fields=["secret", "former_secret", "former_until"])
    record(
        events.SECRET_ROTATED,
        actor=actor,
        about=[endpoint],
        code=endpoint.code,
        former_until=endpoint.former_until.isoformat() if endpoint.former_until else None,
    )
    return endpoint, secret


@transaction.atomic
def close_endpoint(endpoint_id: int, *, actor: Actor) -> Endpoint:
    """Take nothing from this machine any more, from now on."""
    if not policies.may_keep_endpoints(actor):
        raise NotAllowed
    endpoint = _locked(endpoint_id)
    if endpoint.is_active:
        endpoint.is_active = False
        endpoint.save(update_fields=["is_active"])
        record(events.ENDPOINT_CLOSED, actor=actor, about=[endpoint], code=endpoint.code)
    return endpoint


@transaction.atomic
def once(endpoint_id: int, webhook_id: str, take: Callable[[], Answer]) -> Answer:
    """Do `take` for this web-hook, or give the answer that it got the first time.

    The row and the effect commit together: a refusal or a failure leaves nothing, and the sender may try again. The
    same one twice at once: the second waits for the first, and then finds its answer.
    """
    territory_id = Endpoint.objects.values_list("territory_id", flat=True).get(pk=endpoint_id)
    now = clock.now()
    try:
        with transaction.atomic():
            received = Received.objects.create(
                territory_id=territory_id, endpoint_id=endpoint_id, webhook_id=webhook_id, at=now
            )
    except IntegrityError:
        first: Answer = Received.objects.get(endpoint_id=endpoint_id, webhook_id=webhook_id).answer
        return first
    answer = take()
    received.answer = answer
    received.save(update_fields=["answer"])
    Endpoint.objects.filter(pk=endpoint_id).update(last_used_at=now)
    return answer


def _locked(endpoint_id: int) -> Endpoint:
    return Endpoint.objects.select_for_update(of=("self",), no_key=True).get(pk=endpoint_id)
