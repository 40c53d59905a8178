"""What was handed to one organisation, and no more of it than its state allows."""

from typing import Any

from palier.accounts.actor import Actor
from palier.kernel import clock, text
from palier.referrals.models import Referral
from palier.territories.models import Territory

PAGE = 30


def page_of(actor: Actor, *, closed: bool, page: int) -> list[Referral]:
    """What waits for an answer first; one more than a page when there are more."""
    start = (page - 1) * PAGE
    rows = Referral.objects.visible_to(actor).select_related("need__kind", "need__person", "service")
    rows = rows.filter(closed_at__isnull=not closed)
    order = ("-closed_at", "-pk") if closed else ("-state", "answer_by", "pk")
    return list(rows.prefetch_related("need__person__phones").order_by(*order)[start : start + PAGE + 1])


def counts(actor: Actor) -> tuple[int, int]:
    """How many wait for an answer, and how many were accepted and are to be done."""
    states = list(
        Referral.objects.visible_to(actor)
        .filter(closed_at__isnull=True)
        .order_by()
        .values_list("state", flat=True)
    )
    return states.count(Referral.State.PROPOSED), states.count(Referral.State.ACCEPTED)


def line(referral: Referral, territory: Territory) -> dict[str, Any]:
    """One row. Who she is, where and how to reach her: only while the organisation has accepted (GDP-06)."""
    need, zone = referral.need, territory.zone
    today = clock.today(zone)
    known = referral.state == Referral.State.ACCEPTED
    person = need.person
    return {
        "pk": referral.pk,
        "person_id": person.pk if known else None,
        "kind": need.kind.name,
        "service": referral.service.name,
        "when": text.window(need.starts_at, need.ends_at, zone, today),
        "day": text.day_short(need.starts_at.astimezone(zone).date(), today),
        "iso": need.starts_at.astimezone(zone).date().isoformat(),
        "minutes": need.minutes,
        "district": f"{person.postcode} {person.city}".strip() or territory.name,
        "answer_by": text.day(referral.answer_by, today),
        "is_late": referral.state == Referral.State.PROPOSED and referral.answer_by < clock.now(),
        "state": referral.state,
        "label": str(referral.get_state_display()),
        "answer": referral.answer,
        "known": {
            "name": person.full_name,
            "street": person.street,
            "access": person.access,
            "phones": [phone.e164 for phone in person.phones.all()],
            "what": need.what,
            "details": need.details,
            "note": referral.note,
        }
        if known
        else None,
    }
