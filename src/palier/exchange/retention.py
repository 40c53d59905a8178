"""How long a file that came in is kept: as long as it can be taken back, and not a day more."""

from datetime import timedelta

from palier.exchange.models import ColumnMemory, Import, Line, Progress
from palier.journal.retention import YEAR, Rule

# One click takes an import back for so long.
TAKE_BACK = timedelta(days=30)
# A file that nobody applied.
FORGOTTEN = timedelta(days=7)
PURPOSE = "social_follow_up"
BASIS = "GDP-03"

RULES = [
    Rule(
        Line,
        PURPOSE,
        TAKE_BACK,
        "source__applied_at",
        "delete",
        BASIS,
        only=(("source__applied_at__isnull", False),),
    ),
    Rule(
        Line,
        PURPOSE,
        FORGOTTEN,
        "source__created_at",
        "delete",
        BASIS,
        only=(("source__applied_at__isnull", True),),
    ),
    # What is left says that there was an import, by whom, and how many lines: no word of the file.
    Rule(
        Import,
        PURPOSE,
        TAKE_BACK,
        "applied_at",
        "blank",
        BASIS,
        fields=("content", "columns", "trouble"),
        or_from="created_at",
        leaves=(("name", "—"),),
        only=(("applied_at__isnull", False),),
    ),
    Rule(Import, PURPOSE, FORGOTTEN, "created_at", "delete", BASIS, only=(("applied_at__isnull", True),)),
    Rule(Progress, PURPOSE, None, "updated_at", "delete", BASIS),
    Rule(ColumnMemory, PURPOSE, 3 * YEAR, "used_at", "delete", BASIS),
]
