"""What happens to a hand-over when its need ends: in the same transaction."""

from palier.accounts.actor import Actor
from palier.journal.events import reacts_to
from palier.journal.models import Entry
from palier.needs.events import NEED_CLOSED
from palier.people import departures
from palier.referrals.operations import withdraw_referral
from palier.referrals.queries import open_referral


@reacts_to(NEED_CLOSED)
def the_partner_is_told_to_stop(entry: Entry) -> None:
    referral = open_referral(entry.subject_id)
    if referral is not None:
        withdraw_referral(referral.pk, actor=Actor.job("referrals.need_closed", entry.territory_id))
        departures.stopped("referral", str(referral.service))
