"""Finding a neighbour by number or by name."""

from palier.accounts.actor import Actor
from palier.kernel.text import fold
from palier.volunteers.models import Volunteer


def by_number(e164: str) -> list[Volunteer]:
    """The neighbours who may be calling from this number; those who ended are not ours any more."""
    if not e164:
        return []
    return list(
        Volunteer.objects.filter(phone=e164)
        .exclude(state=Volunteer.State.ENDED)
        .order_by("search_text", "pk")[:20]
    )


def search(text: str, *, actor: Actor, limit: int = 20) -> list[Volunteer]:
    """Neighbours one of whose names begins with each word of `text`; a few hundred rows, read as they are."""
    tokens = fold(text[:200]).split()[:8]
    if not tokens:
        return []
    found = (
        Volunteer.objects.visible_to(actor).exclude(state=Volunteer.State.ENDED).order_by("search_text", "pk")
    )
    fit = [
        one
        for one in found
        if all(any(word.startswith(t) for word in one.search_text.split()) for t in tokens)
    ]
    return fit[:limit]


def missing_checks(volunteer: Volunteer) -> list[str]:
    """The checks a neighbour still lacks to be vetted, in the order they are made."""
    checks = {
        "interview": volunteer.interview_on,
        "identity": volunteer.identity_seen_on,
        "charter": volunteer.charter_signed_on,
    }
    return [name for name, on in checks.items() if on is None]
