"""What happens to the asking when its need ends or goes to a partner: in the same transaction."""

from django.utils.translation import ngettext

from palier.accounts.actor import Actor
from palier.journal.events import reacts_to
from palier.journal.models import Entry
from palier.matching.operations import stop_asking, stop_asking_neighbour
from palier.matching.queries import need_to_match
from palier.needs.events import NEED_CLOSED, NEED_MOVED
from palier.needs.models import Need
from palier.people import departures
from palier.volunteers.events import VOLUNTEER_ENDED


@reacts_to(NEED_CLOSED)
def nobody_is_asked_any_more(entry: Entry) -> None:
    need = need_to_match(entry.subject_id)
    asked = stop_asking(need, actor=Actor.job("matching.need_closed", entry.territory_id))
    if asked:
        departures.stopped(
            "asking",
            ngettext("%(kind)s : %(n)s voisin attendu", "%(kind)s : %(n)s voisins attendus", asked)
            % {"kind": need.kind.name, "n": asked},
        )


@reacts_to(NEED_MOVED)
def nobody_is_asked_while_a_partner_has_it(entry: Entry) -> None:
    if entry.data.get("state") == Need.State.REFERRED:
        stop_asking(
            need_to_match(entry.subject_id), actor=Actor.job("matching.need_referred", entry.territory_id)
        )


@reacts_to(VOLUNTEER_ENDED)
def a_neighbour_who_left_is_asked_nothing(entry: Entry) -> None:
    stop_asking_neighbour(entry.subject_id, actor=Actor.job("matching.volunteer_ended", entry.territory_id))
