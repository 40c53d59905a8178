"""A neighbour's file: a year after the engagement, half a year for an application that led nowhere."""

from datetime import timedelta

from palier.journal.retention import YEAR, Rule
from palier.volunteers.models import AcceptedKind, Application, AwayTime, FreeTime, Volunteer

PURPOSE = "volunteers"
BASIS = "GDP-14"

_FILE = (
    "first_name",
    "gender",
    "birth_on",
    "phone",
    "email",
    "street",
    "postcode",
    "city",
    "x",
    "y",
    "about",
    "languages",
    "identity_seen_by",
    "interview_by",
    "search_text",
)
_NAME = (("last_name", "—"),)

RULES = [
    # Six months for an application that led nowhere; before the rule that takes the application itself.
    Rule(
        Volunteer,
        PURPOSE,
        keep=timedelta(days=183),
        counted_from="application__closed_at",
        how="blank",
        fields=_FILE,
        leaves=_NAME,
        basis=BASIS,
        only=(("application__outcome__in", ("withdrawn", "declined")), ("state", "ended")),
    ),
    # The hours given stay, without a name.
    Rule(
        Volunteer,
        PURPOSE,
        keep=YEAR,
        counted_from="ended_at",
        how="blank",
        fields=_FILE,
        leaves=_NAME,
        basis=BASIS,
    ),
    Rule(AcceptedKind, PURPOSE, YEAR, "volunteer__ended_at", "delete", BASIS),
    Rule(FreeTime, PURPOSE, YEAR, "volunteer__ended_at", "delete", BASIS),
    Rule(AwayTime, PURPOSE, YEAR, "volunteer__ended_at", "delete", BASIS),
    Rule(
        Application,
        PURPOSE,
        timedelta(days=183),
        "closed_at",
        "delete",
        BASIS,
    ),
]
