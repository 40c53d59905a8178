"""The personal link of an offer: one secret for the question, the visit and the report afterwards.

The secret is derived from the installation's key and the offer's number, so that the reminder of the day before
can carry the same link although only a hash is stored. A link works because its hash is in the table: it ends at
its time, when it is revoked, and cannot be made up without the key.
"""

import hashlib
import hmac
from datetime import datetime, timedelta

from django.conf import settings

from palier.accounts.models import ActionLink
from palier.kernel import clock, links, statements
from palier.matching.models import Offer
from palier.territories.models import Territory

PURPOSE = ActionLink.Purpose.OFFER
# How long the page still says « quelqu’un a dit oui avant vous » after the last moment to answer.
KIND_WORDS = timedelta(days=2)


def token_of(offer: Offer) -> str:
    """Sixteen signs that only this installation can compute."""
    digest = hmac.new(
        settings.SECRET_KEY.encode(), f"palier.offer:{offer.territory_id}:{offer.pk}".encode(), hashlib.sha256
    ).digest()
    number = int.from_bytes(digest, "big")
    signs = []
    for _place in range(links.LENGTH):
        number, sign = divmod(number, len(links.ALPHABET))
        signs.append(links.ALPHABET[sign])
    return "".join(signs)


_LINK = """
insert into accounts_actionlink as l (token_hash, territory_id, purpose, subject_id, expires_at, created_at)
values (%s, %s, %s, %s, %s, %s)
on conflict (token_hash) do update set expires_at = greatest(l.expires_at, excluded.expires_at)
returning token_hash
"""


def link_for(offer: Offer, *, expires_at: datetime | None = None) -> str:
    """The secret part of the offer's address (`/r/<token>`), alive at least until `expires_at`.

    Makes the link when there is none yet, or when the installation's key changed since; never brings back a
    revoked one.
    """
    token = token_of(offer)
    until = expires_at or max(offer.wave.answers_by, offer.need.ends_at) + KIND_WORDS
    statements.rows(
        _LINK, [links.hash_token(token), offer.territory_id, PURPOSE, offer.pk, until, clock.now()]
    )
    return token


def address_of(offer: Offer, host: str) -> str:
    """What a text message says: the town's own domain, no scheme, no shortener."""
    return f"{host}/r/{link_for(offer)}"


def public_host(territory_id: int) -> str:
    return Territory.objects.values_list("public_host", flat=True).get(pk=territory_id)


def find_link(token: str) -> ActionLink | None:
    """The link of a secret, typed or followed, in any territory; expired and revoked ones too, for the caller to say so."""
    plain = links.normalise(token)
    if plain is None:
        return None
    return ActionLink.objects.filter(token_hash=links.hash_token(plain), purpose=PURPOSE).first()


def set_expiry(offer: Offer, expires_at: datetime) -> int:
    """Move the end of an offer's link: after a yes it lives until a day after the visit."""
    return ActionLink.objects.filter(
        territory_id=offer.territory_id, purpose=PURPOSE, subject_id=offer.pk
    ).update(expires_at=expires_at)
