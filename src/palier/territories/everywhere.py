"""Running a job's step in every territory: one that fails does not keep the others waiting."""

import logging
from collections.abc import Callable

from palier.territories.models import Territory

logger = logging.getLogger("palier.jobs")


def run_everywhere(step: Callable[[int], int]) -> int:
    """Call `step` with each territory's number, each behind its own wall; gives the sum of what they did.

    Raises RuntimeError at the end when one failed, so that the run is seen as failed.
    """
    done = failed = 0
    for territory_id in Territory.objects.order_by("pk").values_list("pk", flat=True):
        try:
            done += step(territory_id)
        except Exception:
            logger.exception("%s failed in territory %s", step.__qualname__, territory_id)
            failed += 1
    if failed:
        raise RuntimeError(f"{step.__qualname__} failed in {failed} territories")
    return done
